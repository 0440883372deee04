/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command line parsing: GOption reads, this file checks ranges and combinations. */
#include "options.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "traceflow/encoding.h"
#include "traceflow/error.h"
#include "traceflow/time.h"

enum { PATHS_MAX = TF_PATH_ID_MAX_IN_IDENT, ATTEMPTS_MAX = 10 };

static const double interval_min = 1e-6; /* seconds between probes: a million a second */
static const double timeout_min = 1e-3;
static const double seconds_max = 3600;

/* What GOption writes: texts, NULL where an option was not given; numbers are parsed here. */
struct raw_options {
    char **rest;
    char *format;
    char *paths;
    char *first_ttl;
    char *ttl;
    char *attempts;
    char *gap_limit;
    char *srcport;
    char *dstport;
    char *wait;
    char *rate;
    char *timeout;
    gboolean dont_fragment;
    gboolean numeric;
    gboolean dedup;
    gboolean rtt;
    gboolean debug;
    gboolean help;
    gboolean version;
};

static struct options *new_options(void)
{
    struct options *options = g_new0(struct options, 1);

    options->paths = 8;
    options->first_ttl = 1;
    options->max_ttl = 64;
    options->attempts = 3;
    options->gap_limit = 8;
    options->src_base = TF_BASE_PORT;
    options->dst_base = TF_BASE_PORT;
    return options;
}

static GOptionGroup *output_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "format", 0, 0, G_OPTION_ARG_STRING, &raw->format, "vert, horiz or json [vert]", "F" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output_file,
          "Write the report to FILE", "FILE" },
        { "write", 'w', 0, G_OPTION_ARG_FILENAME, &options->write_file,
          "Keep the capture (pcapng; a name in .pcap gives pcap; - is standard output)", "FILE" },
        { "read", 'r', 0, G_OPTION_ARG_FILENAME, &options->read_file,
          "Analyse a capture instead (pcap or pcapng; - is standard input)", "FILE" },
        { "rtt", 0, 0, G_OPTION_ARG_NONE, &raw->rtt, "Show round-trip times in the tables", NULL },
        { "dedup", 0, 0, G_OPTION_ARG_NONE, &raw->dedup, "Show each distinct path once", NULL },
        { "numeric", 'n', 0, G_OPTION_ARG_NONE, &raw->numeric, "Print no names", NULL },
        { "debug", 0, 0, G_OPTION_ARG_NONE, &raw->debug,
          "Tell every probe and packet on standard error", NULL },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new(
        "output", "Output and captures:", "Show output options", NULL, NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

static GOptionGroup *probe_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "first-ttl", 0, 0, G_OPTION_ARG_STRING, &raw->first_ttl, "Lowest TTL [1]", "N" },
        { "ttl", 0, 0, G_OPTION_ARG_STRING, &raw->ttl, "Highest TTL [64]", "N" },
        { "srcport", 0, 0, G_OPTION_ARG_STRING, &raw->srcport,
          "Base source port; path N uses this + N [33480]", "PORT" },
        { "dstport", 0, 0, G_OPTION_ARG_STRING, &raw->dstport, "Destination port [33480]", "PORT" },
        { "interface", 'i', 0, G_OPTION_ARG_FILENAME, &options->interface,
          "Send and capture here; any captures everywhere [by route]", "IFACE" },
        { "source", 0, 0, G_OPTION_ARG_FILENAME, &options->source, "Source address [by route]",
          "ADDR" },
        { "df", 0, 0, G_OPTION_ARG_NONE, &raw->dont_fragment, "Set the Don't Fragment bit", NULL },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new("probe", "Probes:", "Show probe options", NULL, NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

static GOptionGroup *pace_group(struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "wait", 0, 0, G_OPTION_ARG_STRING, &raw->wait, "Seconds between two probes [adaptive]",
          "S" },
        { "rate", 0, 0, G_OPTION_ARG_STRING, &raw->rate, "Probes per second [adaptive]", "PPS" },
        { "timeout", 0, 0, G_OPTION_ARG_STRING, &raw->timeout, "Seconds that a probe may take [1]",
          "S" },
        { "attempts", 0, 0, G_OPTION_ARG_STRING, &raw->attempts,
          "Probes per path and TTL at most [3]", "N" },
        { "gap-limit", 0, 0, G_OPTION_ARG_STRING, &raw->gap_limit,
          "Silent TTLs in a row that end the search [8]", "N" },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new("pace", "Pace:", "Show pace options", NULL, NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

static GOptionContext *make_context(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "paths", 0, 0, G_OPTION_ARG_STRING, &raw->paths, "Number of paths to probe [8]", "N" },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Show this help", NULL },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &raw->version, "Show the version", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->rest, NULL, NULL },
        { 0 },
    };
    GOptionContext *context = g_option_context_new("DESTINATION | -r FILE");

    g_option_context_set_summary(
        context, "Find the equal-cost paths to a destination, each exactly as routers hash it.\n"
                 "Every path is one UDP flow; path ID and TTL travel in the IPv4 Identification.");
    g_option_context_set_description(
        context, "Exit status: 0 done, 1 nothing answered or the name does not resolve, 2 usage,\n"
                 "3 no privilege, 4 an I/O error. See traceflow(1).");
    g_option_context_set_help_enabled(context, FALSE); /* its own --help would hide the groups */
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_group(context, probe_group(options, raw));
    g_option_context_add_group(context, pace_group(raw));
    g_option_context_add_group(context, output_group(options, raw));
    return context;
}

static bool refuse(GError **error, const char *option, const char *value, const char *expected)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %s", option, value, expected);
    return false;
}

/* A number as it was given, or *value as it stands where it was not. */
static bool parse_number(const char *option, const char *text, int low, int high, uint16_t *value,
                         GError **error)
{
    gint64 number = *value;

    if (text != NULL && !g_ascii_string_to_signed(text, 10, low, high, &number, NULL)) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %d to %d", option, text, low,
                    high);
        return false;
    }
    *value = (uint16_t)number;
    return true;
}

static bool parse_byte(const char *option, const char *text, int low, int high, uint8_t *value,
                       GError **error)
{
    uint16_t number = *value;

    if (!parse_number(option, text, low, high, &number, error))
        return false;
    *value = (uint8_t)number;
    return true;
}

static bool parse_numbers(const struct raw_options *raw, struct options *options, GError **error)
{
    options->has_bases = raw->srcport != NULL || raw->dstport != NULL;
    return parse_number("--paths", raw->paths, 1, PATHS_MAX, &options->paths, error) &&
           parse_number("--srcport", raw->srcport, 0, UINT16_MAX - options->paths,
                        &options->src_base, error) &&
           parse_number("--dstport", raw->dstport, 1, UINT16_MAX, &options->dst_base, error) &&
           parse_byte("--ttl", raw->ttl, 1, UINT8_MAX, &options->max_ttl, error) &&
           parse_byte("--first-ttl", raw->first_ttl, 1, options->max_ttl, &options->first_ttl,
                      error) &&
           parse_byte("--attempts", raw->attempts, 1, ATTEMPTS_MAX, &options->attempts, error) &&
           parse_byte("--gap-limit", raw->gap_limit, 1, UINT8_MAX, &options->gap_limit, error);
}

/* A number from low to high; nan fails both comparisons. */
static bool parse_real(const char *option, const char *text, double low, double high, double *value,
                       GError **error)
{
    char *end = NULL;

    *value = g_ascii_strtod(text, &end);
    if (end != text && *end == '\0' && *value >= low && *value <= high)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %g to %g", option, text, low,
                high);
    return false;
}

static bool is_zero(const char *text)
{
    char *end = NULL;

    return g_ascii_strtod(text, &end) == 0 && end != text && *end == '\0';
}

static bool parse_interval(const struct raw_options *raw, double *seconds, GError **error)
{
    if (raw->wait != NULL && raw->rate != NULL)
        return refuse(error, "--wait and --rate", raw->rate, "one of the two");
    if (raw->wait != NULL && !is_zero(raw->wait))
        return parse_real("--wait", raw->wait, interval_min, seconds_max, seconds, error);
    if (raw->rate == NULL)
        return true;
    if (!parse_real("--rate", raw->rate, 1 / seconds_max, 1 / interval_min, seconds, error))
        return false;
    *seconds = 1 / *seconds;
    return true;
}

static bool parse_pace(const struct raw_options *raw, struct options *options, GError **error)
{
    double timeout = 1;
    double interval = 0;

    if (!parse_interval(raw, &interval, error))
        return false;
    if (raw->timeout != NULL &&
        !parse_real("--timeout", raw->timeout, timeout_min, seconds_max, &timeout, error))
        return false;
    options->interval_ns = (int64_t)(interval * (double)TF_NS_PER_S);
    options->timeout_ns = (int64_t)(timeout * (double)TF_NS_PER_S);
    return true;
}

static bool parse_format(const char *text, enum report_format *format, GError **error)
{
    static const struct {
        const char *name;
        enum report_format format;
    } formats[] = { { "vert", FORMAT_VERT }, { "horiz", FORMAT_HORIZ }, { "json", FORMAT_JSON } };

    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
        if (text == NULL || g_strcmp0(text, formats[i].name) == 0) {
            *format = formats[i].format;
            return true;
        }
    return refuse(error, "--format", text, "vert, horiz or json");
}

/* One file cannot be both; -o is opened last, so it would destroy the other. */
static bool is_same_file(const char *a, const char *b)
{
    GStatBuf stat_a;
    GStatBuf stat_b;

    if (a == NULL || b == NULL || g_strcmp0(b, "-") == 0)
        return false;
    if (g_strcmp0(a, b) == 0)
        return true;
    return g_stat(a, &stat_a) == 0 && g_stat(b, &stat_b) == 0 && S_ISREG(stat_a.st_mode) &&
           stat_a.st_dev == stat_b.st_dev && stat_a.st_ino == stat_b.st_ino;
}

static bool check_input(const struct raw_options *raw, struct options *options, GError **error)
{
    const guint n_rest = raw->rest == NULL ? 0 : g_strv_length(raw->rest);

    if (is_same_file(options->output_file, options->read_file) ||
        is_same_file(options->output_file, options->write_file))
        return refuse(error, "-o", options->output_file, "another file than the capture");
    if (options->read_file != NULL && n_rest > 0)
        return refuse(error, "-r", options->read_file, "no destination beside it");
    if (options->read_file != NULL && options->write_file != NULL)
        return refuse(error, "-w", options->write_file, "no -r beside it");
    if (options->read_file != NULL)
        return true;
    if (n_rest == 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "no destination (try traceflow --help)");
        return false;
    }
    if (n_rest > 1)
        return refuse(error, "destination", raw->rest[1], "one destination");
    if (g_strcmp0(options->write_file, "-") == 0 &&
        (options->output_file == NULL || g_strcmp0(options->output_file, "-") == 0))
        return refuse(error, "-w", "-", "-o FILE beside it: the report needs a place");
    options->destination = g_strdup(raw->rest[0]);
    return true;
}

static bool check(struct raw_options *raw, struct options *options, GError **error)
{
    options->dont_fragment = raw->dont_fragment;
    options->numeric = raw->numeric;
    options->dedup = raw->dedup;
    options->rtt = raw->rtt;
    options->debug = raw->debug;
    return parse_format(raw->format, &options->format, error) &&
           parse_numbers(raw, options, error) && parse_pace(raw, options, error) &&
           check_input(raw, options, error);
}

static void free_raw(struct raw_options *raw)
{
    g_strfreev(raw->rest);
    g_free(raw->format);
    g_free(raw->paths);
    g_free(raw->first_ttl);
    g_free(raw->ttl);
    g_free(raw->attempts);
    g_free(raw->gap_limit);
    g_free(raw->srcport);
    g_free(raw->dstport);
    g_free(raw->wait);
    g_free(raw->rate);
    g_free(raw->timeout);
}

static void show(const struct raw_options *raw, GOptionContext *context)
{
    g_autofree char *help = g_option_context_get_help(context, FALSE, NULL);

    if (raw->help)
        printf("%s", help);
    else
        printf("traceflow %s\n", TRACEFLOW_VERSION);
}

struct options *options_parse(int argc, char **argv, GError **error)
{
    struct options *options = new_options();
    struct raw_options raw = { 0 };
    g_autoptr(GOptionContext) context = make_context(options, &raw);
    GError *parse_error = NULL;
    bool ok = true;

    options->command_line = g_strjoinv(" ", argv);
    if (!g_option_context_parse(context, &argc, &argv, &parse_error)) {
        g_set_error_literal(error, TF_ERROR, TF_EXIT_USAGE, parse_error->message);
        g_error_free(parse_error);
        ok = false;
    } else if (raw.help || raw.version) {
        show(&raw, context);
        exit(fflush(stdout) == 0 ? TF_EXIT_DONE : TF_EXIT_IO);
    } else {
        ok = check(&raw, options, error);
    }
    free_raw(&raw);
    if (ok)
        return options;
    options_free(options);
    return NULL;
}

void options_free(struct options *options)
{
    if (options == NULL)
        return;
    g_free(options->destination);
    g_free(options->read_file);
    g_free(options->write_file);
    g_free(options->output_file);
    g_free(options->interface);
    g_free(options->source);
    g_free(options->command_line);
    g_free(options);
}
