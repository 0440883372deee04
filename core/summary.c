/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines around the table of a text report: whose trace it is, what it comes to, how sure. */
#include "summary.h"

#include <math.h>

#include "path.h"
#include "traceflow/wire.h"

struct summary {
    size_t reached;
    size_t inferred;  /* of them: by inference */
    uint8_t shortest; /* of the paths that were answered at all */
    uint8_t longest;
    unsigned unplaced;
    bool end_unplaced;
    unsigned duplicates;
    size_t changed; /* paths that are not one way, as the network changed */
};

const char *summary_protocol(const struct tf_trace *trace)
{
    switch (trace->flow.protocol) {
    case TF_IP_PROTO_UDP: return "udp";
    case TF_IP_PROTO_TCP: return "tcp";
    default: return "icmp";
    }
}

static const char *protocol_text(uint16_t protocol)
{
    switch (protocol) {
    case TF_IP_PROTO_UDP: return "UDP";
    case TF_IP_PROTO_TCP: return "TCP";
    case TF_IP_PROTO_ICMPV6: return "ICMPv6 echo";
    default: return "ICMP echo";
    }
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static bool has_ports(const struct tf_trace *trace)
{
    return trace->flow.protocol == TF_IP_PROTO_UDP || trace->flow.protocol == TF_IP_PROTO_TCP;
}

static void append_ports(GString *out, const struct tf_trace *trace)
{
    const uint16_t first = trace->paths[0]->flow.src_port;
    const uint16_t last = trace->paths[trace->n_paths - 1]->flow.src_port;

    g_string_append_printf(out, ", %s%s %u", has_ports(trace) ? "source port" : "identifier",
                           plural(trace->n_paths), first);
    if (last != first)
        g_string_append_printf(out, "-%u", last);
    if (has_ports(trace))
        g_string_append_printf(out, ", destination port %u", trace->flow.dst_port);
}

void summary_heading(GString *out, const struct tf_trace *trace,
                     const struct tf_report_options *options)
{
    char dst[TF_ADDR_TEXT_LEN];
    char src[TF_ADDR_TEXT_LEN];
    const char *name = tf_report_destination(options, trace);

    tf_addr_text(&trace->flow.dst, dst);
    g_string_append(out, "traceflow to ");
    if (name != NULL)
        g_string_append_printf(out, "%s (%s)", name, dst);
    else
        g_string_append(out, dst);
    g_string_append_printf(out, " from %s: %s", tf_addr_text(&trace->flow.src, src),
                           protocol_text(trace->flow.protocol));
    append_ports(out, trace);
    if (trace->has_run_id)
        g_string_append_printf(out, ", run %08x", trace->run_id);
    g_string_append_c(out, '\n');
}

static unsigned count_duplicates(const struct tf_path *path)
{
    unsigned count = 0;

    for (size_t ttl = 1; ttl < path->n_hops; ttl++) {
        for (size_t i = 0; i < path_cell(path, ttl)->n_replies; i++)
            count += path_cell(path, ttl)->replies[i].duplicate;
        count += path_cell(path, ttl)->omitted;
    }
    return count;
}

static struct summary sum_up(const struct tf_trace *trace)
{
    struct summary summary = { .shortest = UINT8_MAX };

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        const uint8_t length = tf_path_length(path);
        if (length > 0) {
            summary.shortest = MIN(summary.shortest, length);
            summary.longest = MAX(summary.longest, length);
        }
        summary.reached += tf_path_reaches(path);
        summary.inferred += tf_path_reaches(path) && !tf_path_reached(path);
        summary.changed += path->unstable;
        summary.unplaced += path->unplaced;
        summary.end_unplaced |= path->end_unplaced;
        summary.duplicates += count_duplicates(path);
    }
    return summary;
}

static void append_lengths(GString *out, const struct summary *summary)
{
    if (summary->longest == 0)
        g_string_append(out, summary->unplaced > 0 ? ", no known hop" : ", no answer");
    else if (summary->shortest == summary->longest)
        g_string_append_printf(out, ", %u hop%s", summary->longest, plural(summary->longest));
    else
        g_string_append_printf(out, ", %u to %u hops", summary->shortest, summary->longest);
}

static void append_reached(GString *out, const struct summary *summary, size_t n_paths)
{
    const size_t reached = summary->reached;

    if (reached == 0)
        g_string_append(out, summary->end_unplaced ? ", the destination answered at an unknown TTL"
                                                   : ", the destination did not answer");
    else if (reached < n_paths)
        g_string_append_printf(out, ", %zu of %zu reach%s the destination", reached, n_paths,
                               reached == 1 ? "es" : "");
    else
        g_string_append_printf(out, ", %s the destination", n_paths == 1 ? "reaches" : "all reach");
    if (summary->inferred > 0)
        g_string_append_printf(out, " (%zu inferred)", summary->inferred);
}

/* A path that changed meanwhile is two ways at least: it is none of the distinct ones. */
static void append_paths(GString *out, const struct summary *summary, size_t n_paths,
                         size_t distinct)
{
    g_string_append_printf(out, "%zu path%s", n_paths, plural(n_paths));
    if (summary->changed < n_paths)
        g_string_append_printf(out, ", %zu distinct", distinct);
    if (summary->changed > 0 && summary->changed < n_paths)
        g_string_append_printf(out, ", %zu changed during the run", summary->changed);
    else if (summary->changed > 0)
        g_string_append_printf(out, ", %s during the run",
                               n_paths == 1 ? "it changed" : "all changed");
}

void summary_line(GString *out, const struct digest *digest)
{
    const struct tf_trace *trace = digest->trace;
    const struct summary summary = sum_up(trace);

    if (trace->unstable)
        g_string_append_printf(out, "%zu flow%s, no stable path", trace->n_paths,
                               plural(trace->n_paths));
    else
        append_paths(out, &summary, trace->n_paths, digest->paths.seen);
    append_lengths(out, &summary);
    append_reached(out, &summary, trace->n_paths);
    if (summary.duplicates > 0)
        g_string_append_printf(out, ", %u duplicate repl%s", summary.duplicates,
                               summary.duplicates == 1 ? "y" : "ies");
    if (summary.unplaced > 0)
        g_string_append_printf(out, ", %u repl%s of unknown TTL", summary.unplaced,
                               summary.unplaced == 1 ? "y" : "ies");
    g_string_append_c(out, '\n');
}

void summary_append_percent(GString *out, double share)
{
    const unsigned tenths = (unsigned)MIN(floor(share * 1000), 999);

    g_string_append_printf(out, "%u.%u %%", tenths / 10, tenths % 10);
}

static void append_diamonds(GString *out, const struct diamonds *diamonds)
{
    const guint count = diamonds->list->len;

    if (count == 0)
        g_string_append(out, "No diamond");
    else
        g_string_append_printf(out, "%u diamond%s, up to %u wide and %u long", count, plural(count),
                               diamonds->width, diamonds->length);
}

static void append_confidence(GString *out, const struct digest *digest)
{
    const struct node *weakest = graph_weakest(digest->graph);
    const struct tf_addr *addr = &digest->trace->flow.src;
    char text[TF_ADDR_TEXT_LEN];
    if (weakest == NULL)
        return;

    if (weakest->addr.version != 0)
        addr = &weakest->addr;
    g_string_append(out, "; ");
    summary_append_percent(out, graph_confidence(digest->graph));
    g_string_append_printf(
        out, " sure that no next hop was missed (least sure is %s: ", tf_addr_text(addr, text));
    summary_append_percent(out, weakest->confidence);
    g_string_append_c(out, ')');
}

void summary_sure(GString *out, const struct digest *digest)
{
    const struct path_count *paths = &digest->paths;

    append_diamonds(out, digest->diamonds);
    append_confidence(out, digest);
    if (paths->estimated > paths->seen)
        g_string_append_printf(out, "; an estimated %zu paths in all", paths->estimated);
    g_string_append_c(out, '\n');
}
