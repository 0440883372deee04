/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and help of all options, in GOption groups. */
#include "options_raw.h"

static GOptionGroup *make_group(const char *name, const char *title, const char *help,
                                const GOptionEntry *entries)
{
    GOptionGroup *group = g_option_group_new(name, title, help, NULL, NULL);

    g_option_group_add_entries(group, entries);
    return group;
}

static GOptionGroup *output_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "format", 0, 0, G_OPTION_ARG_STRING, &raw->format,
          "vert (a path is a row), horiz (a column), json or ndjson [vert]", "F" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output_file,
          "Write the report to FILE", "FILE" },
        { "write", 'w', 0, G_OPTION_ARG_FILENAME, &options->write_file,
          "Keep the capture (pcapng; a name in .pcap gives pcap; - is standard output)", "FILE" },
        { "read", 'r', 0, G_OPTION_ARG_FILENAME, &options->read_file,
          "Analyse a capture instead (pcap or pcapng; - is standard input)", "FILE" },
        { "rtt", 0, 0, G_OPTION_ARG_NONE, &raw->rtt, "Show round-trip times in the tables", NULL },
        { "dedup", 0, 0, G_OPTION_ARG_NONE, &raw->dedup,
          "Tables: each distinct path once [after --paths auto]", NULL },
        { "all-paths", 0, 0, G_OPTION_ARG_NONE, &raw->all_paths,
          "Tables: a row for each path [after --paths N]", NULL },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &raw->quiet, "Show no progress", NULL },
        { "debug", 0, 0, G_OPTION_ARG_NONE, &raw->debug,
          "Tell every probe and packet on standard error", NULL },
        { 0 },
    };

    return make_group("output", "Output and captures:", "Show output options", entries);
}

static GOptionGroup *names_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "numeric", 'n', 0, G_OPTION_ARG_NONE, &raw->numeric, "Print no names", NULL },
        { "asn", 0, 0, G_OPTION_ARG_NONE, &raw->asn, "Show the origin AS of each responder", NULL },
        { "asn-db", 0, 0, G_OPTION_ARG_FILENAME, &options->asn_db,
          "Take origins from an MMDB file instead of the DNS", "FILE" },
        { "asn-server", 0, 0, G_OPTION_ARG_STRING, &options->asn_server,
          "Ask this DNS server for origins [the system's]", "ADDR[:PORT]" },
        { "asn-zone", 0, 0, G_OPTION_ARG_STRING, &options->asn_zone,
          "Zone of the origins [asn.cymru.com]", "NAME" },
        { 0 },
    };

    return make_group("names", "Names and numbers:", "Show name options", entries);
}

static GOptionGroup *probe_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "protocol", 0, 0, G_OPTION_ARG_STRING, &raw->protocol,
          "udp, icmp (echo) or tcp (SYN) [udp]", "P" },
        { "first-ttl", 0, 0, G_OPTION_ARG_STRING, &raw->first_ttl, "Lowest TTL [1]", "N" },
        { "ttl", 0, 0, G_OPTION_ARG_STRING, &raw->ttl, "Highest TTL [64]", "N" },
        { "srcport", 0, 0, G_OPTION_ARG_STRING, &raw->srcport,
          "Base source port; path N uses this + N [33480]", "PORT" },
        { "dstport", 0, 0, G_OPTION_ARG_STRING, &raw->dstport, "Destination port [33480; tcp: 443]",
          "PORT" },
        { "tos", 0, 0, G_OPTION_ARG_STRING, &raw->tos,
          "Type of service or traffic class, a number or a name such as ef [0]", "N" },
        { "df", 0, 0, G_OPTION_ARG_NONE, &raw->dont_fragment, "Set the Don't Fragment bit", NULL },
        { "interface", 'i', 0, G_OPTION_ARG_FILENAME, &options->interface,
          "Send and capture here; any captures everywhere [by route]", "IFACE" },
        { "source", 0, 0, G_OPTION_ARG_STRING, &raw->source, "Source address [by route]", "ADDR" },
        { "mpls", 0, 0, G_OPTION_ARG_STRING_ARRAY, &raw->mpls,
          "Put a label before the probes; again for the next one below", "LABEL[:TC[:TTL]]" },
        { "gateway-mac", 0, 0, G_OPTION_ARG_STRING, &raw->gateway_mac,
          "Send labelled probes to this router [by route]", "MAC" },
        { 0 },
    };

    return make_group("probe", "Probes:", "Show probe options", entries);
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
          "Probes per path and TTL at most, while it is silent [3]", "N" },
        { "gap-limit", 0, 0, G_OPTION_ARG_STRING, &raw->gap_limit,
          "Silent TTLs in a row that end the search [8]", "N" },
        { 0 },
    };

    return make_group("pace", "Pace:", "Show pace options", entries);
}

static GOptionGroup *paths_group(struct options *options, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "paths", 0, 0, G_OPTION_ARG_STRING, &raw->paths,
          "Number of paths; auto: until no next hop is likely to be missed [auto]", "N|auto" },
        { "confidence", 0, 0, G_OPTION_ARG_STRING, &raw->confidence,
          "How sure --paths auto is to be, in percent: 90, 95 or 99 [95]", "P" },
        { "max-paths", 0, 0, G_OPTION_ARG_STRING, &raw->max_paths,
          "The most paths that --paths auto tries [255]", "N" },
        { "targets", 0, 0, G_OPTION_ARG_FILENAME, &options->targets_file,
          "Read destinations, one a line (- is standard input)", "FILE" },
        { "ipv4", '4', 0, G_OPTION_ARG_NONE, &raw->only_ipv4, "IPv4 only", NULL },
        { "ipv6", '6', 0, G_OPTION_ARG_NONE, &raw->only_ipv6,
          "IPv6 only [of a name with both, IPv4 if there is a route]", NULL },
        { 0 },
    };

    return make_group("paths", "Paths and destinations:", "Show path options", entries);
}

static void add_main(GOptionContext *context, struct raw_options *raw)
{
    const GOptionEntry entries[] = {
        { "help", 'h', 0, G_OPTION_ARG_NONE, &raw->help, "Show this help", NULL },
        { "version", 'V', 0, G_OPTION_ARG_NONE, &raw->version, "Show the version", NULL },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw->rest, NULL, NULL },
        { 0 },
    };

    g_option_context_add_main_entries(context, entries, NULL);
}

GOptionContext *options_context(struct options *options, struct raw_options *raw)
{
    GOptionContext *context = g_option_context_new("DESTINATION… | --targets FILE | -r FILE");

    g_option_context_set_summary(
        context, "Find the equal-cost paths to a destination, each exactly as routers hash it.\n"
                 "Every path is one flow; path ID and TTL travel in the IPv4 Identification.");
    g_option_context_set_description(
        context,
        "With --protocol tcp the kernel, which knows nothing of these SYNs, answers each SYN/ACK\n"
        "with RST, as it does for any raw prober: no connection stays half-open.\n\n"
        "Exit status: 0 done, 1 nothing answered or the name does not resolve, 2 usage,\n"
        "3 no privilege, 4 an I/O error; of several destinations the highest. See traceflow(1).");
    g_option_context_set_help_enabled(context, FALSE); /* its own --help would hide the groups */
    add_main(context, raw);
    g_option_context_add_group(context, paths_group(options, raw));
    g_option_context_add_group(context, probe_group(options, raw));
    g_option_context_add_group(context, pace_group(raw));
    g_option_context_add_group(context, names_group(options, raw));
    g_option_context_add_group(context, output_group(options, raw));
    return context;
}

void raw_options_free(struct raw_options *raw)
{
    char *const texts[] = {
        raw->format,    raw->paths,       raw->confidence, raw->max_paths, raw->protocol,
        raw->first_ttl, raw->ttl,         raw->attempts,   raw->gap_limit, raw->srcport,
        raw->dstport,   raw->tos,         raw->source,     raw->wait,      raw->rate,
        raw->timeout,   raw->gateway_mac,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(texts[i]);
    g_strfreev(raw->mpls);
    g_strfreev(raw->rest);
}
