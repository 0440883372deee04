/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's program: read a topology; then tell of it, or run a command in it. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "device.h"
#include "dot.h"
#include "lab_options.h"
#include "resolver.h"
#include "sandbox.h"
#include "serve.h"
#include "terminal.h"
#include "topology.h"
#include "truth.h"

#include "traceflow/error.h"

#define TOPOLOGY_SUFFIX ".topo"

/* In the command's environment. */
#define TOPOLOGY_VARIABLE "TRACEFLOW_TOPOLOGY"

/* Of the source tree that this was built in. */
static char *beside_program(const char *file)
{
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    if (program == NULL)
        return NULL;
    g_autofree char *folder = g_path_get_dirname(program);
    return g_build_filename(folder, "..", "..", "lab", "topologies", file, NULL);
}

static bool is_file(const char *path)
{
    return path != NULL && g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* The file that is meant; what is found nowhere is returned as given, for the error. */
static char *find_topology(const char *given)
{
    const bool is_here = g_file_test(given, G_FILE_TEST_EXISTS) &&
                         !g_file_test(given, G_FILE_TEST_IS_DIR);
    if (strchr(given, '/') != NULL || is_here)
        return g_strdup(given);
    g_autofree char *file = g_strconcat(given, TOPOLOGY_SUFFIX, NULL);
    g_autofree char *near = beside_program(file);
    g_autofree char *installed = g_build_filename(TRACEFLOW_TOPOLOGY_DIR, file, NULL);
    if (is_file(near))
        return g_steal_pointer(&near);
    return is_file(installed) ? g_steal_pointer(&installed) : g_strdup(given);
}

static bool print(const GString *text, GError **error)
{
    if (fwrite(text->str, 1, text->len, stdout) == text->len && fflush(stdout) == 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "standard output: %s", g_strerror(errno));
    return false;
}

static bool tell(const struct lab_options *options, const struct topology *topology, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    if (options->action == LAB_DOT)
        dot_print(topology, text);
    if (options->action == LAB_TRUTH && !truth_print(topology, &options->truth, text, error))
        return false;
    return print(text, error);
}

/* The order matters: what the command may use at once stands before it starts, and nothing but
 * open descriptors is left to this process before it reads the first frame. */
static bool begin(struct serve_work *work, char **command, GError **error)
{
    return sandbox_enter(error) && (work->tap = device_open(work->topology, error)) >= 0 &&
           (work->resolver = resolver_open(work->topology, error)) != NULL &&
           command_start(&work->command, command, error) && sandbox_drop(error);
}

/* Without links, as long as it has a path: standard input may be a pipe. */
static void tell_command(const char *path)
{
    char *resolved = realpath(path, NULL);

    g_setenv(TOPOLOGY_VARIABLE, resolved != NULL ? resolved : path, TRUE);
    free(resolved);
}

static int run(const struct lab_options *options, const struct topology *topology)
{
    struct serve_work work = { .topology = topology,
                               .seed = options->has_seed ? options->seed : topology->seed,
                               .terminal = terminal_remember() };
    g_autoptr(GError) error = NULL;

    const bool begun = begin(&work, options->command, &error);
    const int status = begun ? serve(&work) : tf_error_print(error);
    if (begun)
        terminal_take_back(&work.terminal, status > COMMAND_SIGNAL_BASE);
    resolver_close(work.resolver);
    return status;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    struct topology *topology = NULL;
    int status = TF_EXIT_DONE;

    g_set_prgname("traceflow-lab");
    tf_reserve_standard_streams();
    setlocale(LC_CTYPE, "");
    signal(SIGCHLD, SIG_DFL); /* if it is ignored, the kernel forgets how a child ended */
    struct lab_options *options = lab_options_parse(argc, argv, &error);
    if (options != NULL) {
        g_autofree char *path = find_topology(options->topology);
        topology = topology_load(path, &error);
        tell_command(path);
    }
    if (topology != NULL && options->action == LAB_RUN)
        status = run(options, topology);
    else if (topology != NULL && options->action != LAB_CHECK)
        tell(options, topology, &error);
    if (error != NULL)
        status = tf_error_print(error);
    topology_free(topology);
    lab_options_free(options);
    return status;
}
