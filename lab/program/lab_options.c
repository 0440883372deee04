/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's command line: GOption reads what stands before `--`, this file checks it. */
#include "lab_options.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

#include "traceflow/encoding.h"
#include "traceflow/error.h"

/* What GOption writes: texts, NULL where an option was not given. */
struct raw_options {
    char **rest;
    char *seed;
    char *to;
    char *ports;
    char *dport;
    char *protocol;
    gboolean check;
    gboolean truth;
    gboolean dot;
    gboolean json;
    gboolean ipv6;
    gboolean help;
    gboolean version;
};

static GOptionGroup *truth_group(struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "to", 0, 0, G_OPTION_ARG_STRING, &raw->to, "Destination [the first host]",
          "HOST|ADDRESS" },
        { "ipv6", '6', 0, G_OPTION_ARG_NONE, &raw->ipv6, "Paths of IPv6", NULL },
        { "ports", 0, 0, G_OPTION_ARG_STRING, &raw->ports,
          "One line for each source port [all paths]", "FIRST-LAST" },
        { "dport", 0, 0, G_OPTION_ARG_STRING, &raw->dport, "Destination port [33480; tcp: 443]",
          "N" },
        { "protocol", 0, 0, G_OPTION_ARG_STRING, &raw->protocol, "udp, tcp or icmp [udp]", "P" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &raw->json, "As a JSON document", NULL },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new("truth", "Truth:", "Show options of --truth", NULL,
                                             NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

static GOptionContext *make_context(struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "check", 0, 0, G_OPTION_ARG_NONE, &raw->check, "Only check the topology", NULL },
        { "truth", 0, 0, G_OPTION_ARG_NONE, &raw->truth, "Print the paths that it has", NULL },
        { "dot", 0, 0, G_OPTION_ARG_NONE, &raw->dot, "Print it as a drawing for dot(1)", NULL },
        { "seed", 0, 0, G_OPTION_ARG_STRING, &raw->seed, "Seed of all chance [the topology's]",
          "N" },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Show this help", NULL },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &raw->version, "Show the version", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->rest, NULL, NULL },
        { 0 },
    };
    GOptionContext *context = g_option_context_new("TOPOLOGY [-- COMMAND…]");

    g_option_context_set_summary(
        context, "Run a command (your shell) in a simulated internet, cut off from the real one.\n"
                 "TOPOLOGY is a file, or the name of one that comes with the program.");
    g_option_context_set_description(
        context, "Exit status: COMMAND's; 126 or 127 if it cannot be run or found, 128 + n if\n"
                 "signal n ended it; of the lab: 2 usage or topology, 3 no privilege, 4 an I/O\n"
                 "error. See traceflow-lab(1).");
    g_option_context_set_help_enabled(context, FALSE); /* its own --help would hide the group */
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, truth_group(raw));
    return context;
}

static bool refuse(GError **error, const char *option, const char *value, const char *expected)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %s", option, value, expected);
    return false;
}

static bool parse_port(const char *text, uint16_t *port)
{
    guint64 number = 0;

    if (!g_ascii_string_to_unsigned(text, 10, 0, UINT16_MAX, &number, NULL))
        return false;
    *port = (uint16_t)number;
    return true;
}

static bool parse_ports(const char *text, struct truth_query *truth, GError **error)
{
    if (text == NULL)
        return true;
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    truth->has_ports = true;
    if (ends[0] != NULL && ends[1] != NULL && parse_port(ends[0], &truth->first_port) &&
        parse_port(ends[1], &truth->last_port) && truth->first_port <= truth->last_port)
        return true;
    return refuse(error, "--ports", text, "FIRST-LAST, 0 to 65535");
}

static bool parse_protocol(const char *text, struct truth_query *truth, GError **error)
{
    static const struct {
        const char *name;
        uint8_t number;
        uint16_t dport;
    } protocols[] = { { "udp", IPPROTO_UDP, TF_BASE_PORT },
                      { "tcp", IPPROTO_TCP, 443 },
                      { "icmp", IPPROTO_ICMP, 0 } };

    for (size_t i = 0; i < G_N_ELEMENTS(protocols); i++)
        if (text == NULL || g_str_equal(text, protocols[i].name)) {
            truth->protocol = protocols[i].number;
            truth->dport = protocols[i].dport;
            return true;
        }
    return refuse(error, "--protocol", text, "udp, tcp or icmp");
}

static bool parse_truth(const struct raw_options *raw, struct lab_options *options, GError **error)
{
    struct truth_query *truth = &options->truth;

    options->to = g_strdup(raw->to);
    truth->to = options->to;
    truth->json = raw->json;
    truth->ipv6 = raw->ipv6;
    if (!parse_protocol(raw->protocol, truth, error) || !parse_ports(raw->ports, truth, error))
        return false;
    return raw->dport == NULL || parse_port(raw->dport, &truth->dport) ||
           refuse(error, "--dport", raw->dport, "0 to 65535");
}

static bool parse_seed(const char *text, struct lab_options *options, GError **error)
{
    guint64 seed = 0;

    options->has_seed = text != NULL;
    if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT64, &seed, NULL))
        return refuse(error, "--seed", text, "a number from 0 to 18446744073709551615");
    options->seed = seed;
    return true;
}

static bool has_truth_options(const struct raw_options *raw)
{
    return raw->to != NULL || raw->ports != NULL || raw->dport != NULL || raw->protocol != NULL ||
           raw->ipv6 || raw->json;
}

static bool choose_action(const struct raw_options *raw, bool has_command,
                          struct lab_options *options, GError **error)
{
    const int n_actions = (raw->check ? 1 : 0) + (raw->truth ? 1 : 0) + (raw->dot ? 1 : 0);
    const char *wrong = NULL;

    if (n_actions > 1)
        wrong = "--check, --truth and --dot: expected one of them";
    else if (n_actions > 0 && has_command)
        wrong = "--check, --truth and --dot run no command";
    else if (has_truth_options(raw) && !raw->truth)
        wrong = "--to, --ports, --dport, --protocol, --json and -6 are for --truth";
    if (wrong != NULL) {
        g_set_error_literal(error, TF_ERROR, TF_EXIT_USAGE, wrong);
        return false;
    }
    options->action = raw->check   ? LAB_CHECK
                      : raw->truth ? LAB_TRUTH
                      : raw->dot   ? LAB_DOT
                                   : LAB_RUN;
    return true;
}

static bool take_topology(const struct raw_options *raw, struct lab_options *options,
                          GError **error)
{
    if (raw->rest == NULL || raw->rest[0] == NULL) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "no topology (try traceflow-lab --help)");
        return false;
    }
    if (raw->rest[1] != NULL)
        return refuse(error, "topology", raw->rest[1], "one topology, and -- before a command");
    options->topology = g_strdup(raw->rest[0]);
    return true;
}

/* POSIX, Shell Command Language: SHELL is the user's preferred command interpreter. */
static char **default_command(void)
{
    const char *shell = g_getenv("SHELL");
    const char *command[] = { shell == NULL || *shell == '\0' ? "/bin/sh" : shell, NULL };

    return g_strdupv((char **)command);
}

static bool take_command(char **given, struct lab_options *options, GError **error)
{
    options->command = given == NULL ? default_command() : g_strdupv(given);
    if (options->command[0] != NULL)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "no command after --");
    return false;
}

static void free_raw(struct raw_options *raw)
{
    g_strfreev(raw->rest);
    g_free(raw->seed);
    g_free(raw->to);
    g_free(raw->ports);
    g_free(raw->dport);
    g_free(raw->protocol);
}

static void show(const struct raw_options *raw, GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, FALSE, NULL);

    if (raw->help)
        printf("%s", help);
    else
        printf("traceflow-lab %s\n", TRACEFLOW_VERSION);
}

/* Everything before the first `--`; *command is what stands behind it, or NULL. */
static int split_off_command(int argc, char **argv, char ***command)
{
    *command = NULL;
    for (int i = 1; i < argc; i++)
        if (g_str_equal(argv[i], "--")) {
            *command = argv + i + 1;
            return i;
        }
    return argc;
}

static bool parse(GOptionContext *context, int argc, char **argv, GError **error)
{
    GError *parse_error = NULL;

    if (g_option_context_parse(context, &argc, &argv, &parse_error))
        return true;
    g_set_error_literal(error, TF_ERROR, TF_EXIT_USAGE, parse_error->message);
    g_error_free(parse_error);
    return false;
}

struct lab_options *lab_options_parse(int argc, char **argv, GError **error)
{
    struct lab_options *options = g_new0(struct lab_options, 1);
    struct raw_options raw = { 0 };
    char **command;
    g_autoptr(GOptionContext) context = make_context(&raw);
    bool ok = parse(context, split_off_command(argc, argv, &command), argv, error);

    if (ok && (raw.help || raw.version)) {
        show(&raw, context);
        exit(fflush(stdout) == 0 ? TF_EXIT_DONE : TF_EXIT_IO);
    }
    ok = ok && choose_action(&raw, command != NULL, options, error) &&
         take_topology(&raw, options, error) && parse_seed(raw.seed, options, error) &&
         parse_truth(&raw, options, error) && take_command(command, options, error);
    free_raw(&raw);
    if (ok)
        return options;
    lab_options_free(options);
    return NULL;
}

void lab_options_free(struct lab_options *options)
{
    if (options == NULL)
        return;
    g_free(options->topology);
    g_free(options->to);
    g_strfreev(options->command);
    g_free(options);
}
