/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: trace live, or analyse a capture. */
#include <locale.h>
#include <signal.h>

#include "live.h"
#include "options.h"
#include "privileges.h"
#include "replay.h"

#include "traceflow/error.h"

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_set_prgname("traceflow");
    tf_reserve_standard_streams();
    setlocale(LC_CTYPE, "");  /* for GLib's messages; numbers look the same everywhere */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe and a file at its limit are errors of the write */
    signal(SIGXFSZ, SIG_IGN);
    struct options *options = privileges_refuse_setid(&error) ? options_parse(argc, argv, &error)
                                                              : NULL;
    if (options == NULL)
        return tf_error_print(error);

    const int status = options->read_file != NULL ? replay_run(options) : live_run(options);
    options_free(options);
    return status;
}
