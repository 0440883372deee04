/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which options go together. */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "options_raw.h"
#include "values.h"

#include "traceflow/error.h"

static bool parse_version(const struct raw_options *raw, struct options *options, GError **error)
{
    const struct given source = { "--source", raw->source };

    if (raw->only_ipv4 && raw->only_ipv6)
        return value_refuse(&(struct given){ "-4", "-6" }, "one of the two", error);
    options->version = raw->only_ipv4 ? 4 : raw->only_ipv6 ? 6 : 0;
    if (raw->dont_fragment && raw->only_ipv6)
        return value_refuse(&(struct given){ "--df", "-6" }, "IPv4, as IPv6 has no such bit",
                            error);
    if (raw->source == NULL)
        return true;
    if (!value_address(&source, &options->source, error))
        return false;
    if (options->version != 0 && options->version != options->source.version)
        return value_refuse(&source, raw->only_ipv4 ? "an IPv4 address" : "an IPv6 address", error);
    options->has_source = true;
    options->version = options->source.version;
    return true;
}

/* Frames with labels go to a neighbour on a link: both must be known, and be the same for all. */
static bool parse_link(const struct raw_options *raw, struct options *options, GError **error)
{
    const struct given mac = { "--gateway-mac", raw->gateway_mac };
    if (!label_stack_parse(&options->labels, (const char *const *)raw->mpls, error))
        return false;

    if (raw->gateway_mac != NULL && !mac_parse(options->gateway_mac, raw->gateway_mac, error))
        return false;
    options->has_gateway_mac = raw->gateway_mac != NULL;
    if (options->labels.entries.depth == 0)
        return raw->gateway_mac == NULL || value_refuse(&mac, "--mpls beside it", error);
    const struct given label = { "--mpls", raw->mpls[0] };
    if (g_strcmp0(options->interface, "any") == 0)
        return value_refuse(&label, "one interface, not -i any", error);
    if (options_several(options) && (options->interface == NULL || !options->has_gateway_mac))
        return value_refuse(&label, "-i and --gateway-mac beside several destinations", error);
    return true;
}

bool options_check_way(const struct raw_options *raw, struct options *options, GError **error)
{
    return parse_version(raw, options, error) && parse_link(raw, options, error);
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

static bool check_files(const struct options *options, GError **error)
{
    const char *output = options->output_file;

    if (is_same_file(output, options->read_file) || is_same_file(output, options->write_file))
        return value_refuse(&(struct given){ "-o", output }, "another file than the capture",
                            error);
    if (is_same_file(output, options->targets_file))
        return value_refuse(&(struct given){ "-o", output }, "another file than the targets",
                            error);
    if (is_same_file(options->write_file, options->targets_file))
        return value_refuse(&(struct given){ "-w", options->write_file },
                            "another file than the targets", error);
    if (g_strcmp0(options->write_file, "-") == 0 && (output == NULL || g_strcmp0(output, "-") == 0))
        return value_refuse(&(struct given){ "-w", "-" },
                            "-o FILE beside it: the report needs a place", error);
    return true;
}

bool options_check_input(const struct options *options, GError **error)
{
    const bool has_destinations = options->destinations[0] != NULL;
    const struct given read = { "-r", options->read_file };
    const struct given targets = { "--targets", options->targets_file };

    if (read.text != NULL && has_destinations)
        return value_refuse(&read, "no destination beside it", error);
    if (read.text != NULL && targets.text != NULL)
        return value_refuse(&read, "no --targets beside it", error);
    if (read.text != NULL && options->write_file != NULL)
        return value_refuse(&(struct given){ "-w", options->write_file }, "no -r beside it", error);
    if (targets.text != NULL && has_destinations)
        return value_refuse(&targets, "no destination beside it", error);
    if (read.text == NULL && targets.text == NULL && !has_destinations) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "no destination (try traceflow --help)");
        return false;
    }
    return check_files(options, error);
}
