/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Refused topology files. */
#include "refusals.h"

#include "support.h"

#include <glib.h>
#include <string.h>

#include "topology.h"
#include "traceflow/error.h"

void check_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct refusal *c = &refusals[i];
        g_autoptr(GError) error = NULL;
        struct topology *topology = topology_parse("file", c->text, strlen(c->text), &error);

        topology_free(topology);
        check(topology == NULL, "%s: refused", c->text);
        check(g_str_has_prefix(error->message, "file: ") &&
                  strcmp(error->message + strlen("file: "), c->message) == 0,
              "%s: got %s", c->text, error->message);
        check(g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: exit status", c->text);
    }
}
