/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command line parsing: GOption reads, this file checks each value. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options_raw.h"
#include "traceflow/encoding.h"
#include "traceflow/error.h"
#include "traceflow/time.h"
#include "values.h"

enum { PATHS_AUTO_MAX = 255, ATTEMPTS_MAX = 10 };

static const double interval_min = 1e-6; /* seconds between probes: a million a second */
static const double timeout_min = 1e-3;
static const double seconds_max = 3600;

static struct options *new_options(void)
{
    struct options *options = g_new0(struct options, 1);

    options->automatic = true;
    options->paths = PATHS_AUTO_MAX;
    options->confidence = 95;
    options->protocol = TF_IP_PROTO_UDP;
    options->first_ttl = 1;
    options->max_ttl = 64;
    options->attempts = 3;
    options->gap_limit = 8;
    options->src_base = TF_BASE_PORT;
    options->dst_base = TF_BASE_PORT;
    return options;
}

static bool parse_protocol(const struct raw_options *raw, struct options *options, GError **error)
{
    static const char *const names[] = { "udp", "icmp", "tcp" };
    static const uint8_t protocols[] = { TF_IP_PROTO_UDP, TF_IP_PROTO_ICMP, TF_IP_PROTO_TCP };
    const struct choice_of choice = { names, G_N_ELEMENTS(names), "udp, icmp or tcp" };
    size_t index = 0;

    if (!value_choice(&(struct given){ "--protocol", raw->protocol }, &choice, &index, error))
        return false;
    options->protocol = protocols[index];
    if (options->protocol == TF_IP_PROTO_TCP)
        options->dst_base = TF_BASE_PORT_TCP;
    if (options->protocol == TF_IP_PROTO_ICMP && raw->dstport != NULL)
        return value_refuse(&(struct given){ "--dstport", raw->dstport },
                            "no --protocol icmp beside it", error);
    return true;
}

static bool parse_format(const struct raw_options *raw, struct options *options, GError **error)
{
    static const char *const names[] = { "vert", "horiz", "json", "ndjson" };
    const struct choice_of choice = { names, G_N_ELEMENTS(names), "vert, horiz, json or ndjson" };
    size_t index = FORMAT_VERT;

    if (!value_choice(&(struct given){ "--format", raw->format }, &choice, &index, error))
        return false;
    options->format = (enum report_format)index;
    return true;
}

static bool parse_confidence(const struct raw_options *raw, struct options *options, GError **error)
{
    static const char *const names[] = { "90", "95", "99" };
    static const uint8_t percents[] = { 90, 95, 99 };
    const struct choice_of choice = { names, G_N_ELEMENTS(names), "90, 95 or 99" };
    size_t index = 1;

    if (!value_choice(&(struct given){ "--confidence", raw->confidence }, &choice, &index, error))
        return false;
    options->confidence = percents[index];
    return true;
}

/* What asks statistics for something makes no sense beside a number that was fixed. */
static bool refuse_beside_fixed(const struct raw_options *raw, GError **error)
{
    if (raw->confidence != NULL)
        return value_refuse(&(struct given){ "--confidence", raw->confidence },
                            "--paths auto beside it", error);
    if (raw->max_paths != NULL)
        return value_refuse(&(struct given){ "--max-paths", raw->max_paths },
                            "--paths auto beside it", error);
    return true;
}

/* The last path's source port, or echo identifier, must exist. */
static bool parse_paths(const struct raw_options *raw, struct options *options, GError **error)
{
    const struct given paths = { "--paths", raw->paths };
    const struct given srcport = { "--srcport", raw->srcport };

    options->automatic = raw->paths == NULL || strcmp(raw->paths, "auto") == 0;
    if (!parse_confidence(raw, options, error) ||
        !value_number(&srcport, 0, UINT16_MAX - 1, &options->src_base, error))
        return false;
    const uint16_t most = (uint16_t)(UINT16_MAX - options->src_base);
    options->paths = MIN(options->paths, most);
    if (options->automatic)
        return value_number(&(struct given){ "--max-paths", raw->max_paths }, 1, most,
                            &options->paths, error);
    if (value_number(&paths, 1, most, &options->paths, NULL))
        return refuse_beside_fixed(raw, error);
    g_autofree char *expected = g_strdup_printf("1 to %u, or auto", most);
    return value_refuse(&paths, expected, error);
}

static bool parse_rows(const struct raw_options *raw, struct options *options, GError **error)
{
    if (raw->dedup && raw->all_paths)
        return value_refuse(&(struct given){ "--dedup", "--all-paths" }, "one of the two", error);
    if (raw->dedup)
        options->rows = TF_ROWS_DISTINCT;
    else if (raw->all_paths)
        options->rows = TF_ROWS_ALL;
    return true;
}

static bool parse_numbers(const struct raw_options *raw, struct options *options, GError **error)
{
    const struct given dstport = { "--dstport", raw->dstport };
    const struct given ttl = { "--ttl", raw->ttl };
    const struct given first_ttl = { "--first-ttl", raw->first_ttl };
    const struct given attempts = { "--attempts", raw->attempts };
    const struct given gap_limit = { "--gap-limit", raw->gap_limit };

    options->has_bases = raw->srcport != NULL || raw->dstport != NULL || raw->protocol != NULL;
    return value_number(&dstport, 1, UINT16_MAX, &options->dst_base, error) &&
           value_byte(&ttl, 1, UINT8_MAX, &options->max_ttl, error) &&
           value_byte(&first_ttl, 1, options->max_ttl, &options->first_ttl, error) &&
           value_byte(&attempts, 1, ATTEMPTS_MAX, &options->attempts, error) &&
           value_byte(&gap_limit, 1, UINT8_MAX, &options->gap_limit, error) &&
           value_tos(&(struct given){ "--tos", raw->tos }, &options->tos, error);
}

static bool parse_interval(const struct raw_options *raw, double *seconds, GError **error)
{
    const struct given wait = { "--wait", raw->wait };
    const struct given rate = { "--rate", raw->rate };

    if (raw->wait != NULL && raw->rate != NULL)
        return value_refuse(&(struct given){ "--wait and --rate", raw->rate }, "one of the two",
                            error);
    if (raw->wait != NULL)
        return value_is_zero(raw->wait) ||
               value_real(&wait, interval_min, seconds_max, seconds, error);
    if (raw->rate == NULL)
        return true;
    if (!value_real(&rate, 1 / seconds_max, 1 / interval_min, seconds, error))
        return false;
    *seconds = 1 / *seconds;
    return true;
}

static bool parse_pace(const struct raw_options *raw, struct options *options, GError **error)
{
    const struct given given = { "--timeout", raw->timeout };
    double timeout = 1;
    double interval = 0;

    if (!parse_interval(raw, &interval, error) ||
        !value_real(&given, timeout_min, seconds_max, &timeout, error))
        return false;
    options->interval_ns = (int64_t)(interval * (double)TF_NS_PER_S);
    options->timeout_ns = (int64_t)(timeout * (double)TF_NS_PER_S);
    return true;
}

static bool check(struct raw_options *raw, struct options *options, GError **error)
{
    options->destinations = raw->rest != NULL ? g_steal_pointer(&raw->rest) : g_new0(char *, 1);
    options->dont_fragment = raw->dont_fragment;
    options->numeric = raw->numeric;
    options->asn = raw->asn || options->asn_db != NULL || options->asn_server != NULL ||
                   options->asn_zone != NULL;
    options->quiet = raw->quiet;
    options->rtt = raw->rtt;
    options->debug = raw->debug;
    return parse_format(raw, options, error) && parse_protocol(raw, options, error) &&
           parse_paths(raw, options, error) && parse_rows(raw, options, error) &&
           parse_numbers(raw, options, error) && parse_pace(raw, options, error) &&
           options_check_way(raw, options, error) && options_check_input(options, error);
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
    g_autoptr(GOptionContext) context = options_context(options, &raw);
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
    raw_options_free(&raw);
    if (ok)
        return options;
    options_free(options);
    return NULL;
}

void options_free(struct options *options)
{
    if (options == NULL)
        return;
    g_strfreev(options->destinations);
    g_free(options->targets_file);
    g_free(options->read_file);
    g_free(options->write_file);
    g_free(options->output_file);
    g_free(options->interface);
    g_free(options->command_line);
    g_free(options->asn_db);
    g_free(options->asn_server);
    g_free(options->asn_zone);
    g_free(options);
}

bool options_several(const struct options *options)
{
    return options->targets_file != NULL ||
           (options->destinations[0] != NULL && options->destinations[1] != NULL);
}
