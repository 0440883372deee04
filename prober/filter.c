/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture filter, one clause after the other.
 *
 * libpcap's udp[] and tcp[] read IPv4 only, so IPv6 is read from its fixed header on: our own
 * probes have no extension headers, and of answers to them nobody has ever seen any.
 */
#include "filter.h"

#include <glib.h>

#include "traceflow/encoding.h"
#include "traceflow/wire.h"

static const uint32_t magic = 0x54464c57;

/* Where a packet's transport header is, as libpcap writes it: udp[8:4], or ip6[40 + 8:4]. */
struct place {
    const char *header;
    unsigned base;
};

static struct place place_of(const struct filter_scope *scope, uint8_t version)
{
    if (version == 6)
        return (struct place){ "ip6", TF_IPV6_LEN };
    switch (scope->protocol) {
    case TF_IP_PROTO_TCP: return (struct place){ "tcp", 0 };
    case TF_IP_PROTO_ICMP: return (struct place){ "icmp", 0 };
    default: return (struct place){ "udp", 0 };
    }
}

static void add_field(GString *text, const struct place *place, unsigned at, unsigned len)
{
    g_string_append_printf(text, "%s[%u:%u]", place->header, place->base + at, len);
}

static void add_equal(GString *text, const struct place *place, unsigned at, uint32_t value)
{
    g_string_append(text, " and ");
    add_field(text, place, at, sizeof value);
    g_string_append_printf(text, " = 0x%08x", value);
}

static unsigned ip_protocol(const struct filter_scope *scope, uint8_t version)
{
    return version == 6 && scope->protocol == TF_IP_PROTO_ICMP ? TF_IP_PROTO_ICMPV6
                                                               : scope->protocol;
}

/* "ip proto 17": IPv6's next header is compared itself, which makes reading behind it safe. */
static void add_protocol(GString *text, const struct filter_scope *scope, uint8_t version)
{
    const unsigned protocol = ip_protocol(scope, version);

    if (version == 6)
        g_string_append_printf(text, "ip6[%d] = %u", TF_IPV6_NEXT_HEADER, protocol);
    else
        g_string_append_printf(text, "ip proto %u", protocol);
}

static void add_hosts(GString *text, const struct tf_addr *src, const struct tf_addr *dst)
{
    char from[TF_ADDR_TEXT_LEN];
    char to[TF_ADDR_TEXT_LEN];

    if (src != NULL)
        g_string_append_printf(text, " and src host %s", tf_addr_text(src, from));
    if (dst != NULL)
        g_string_append_printf(text, " and dst host %s", tf_addr_text(dst, to));
}

/* TCP has no payload: a SYN to our port from one of ours, by its time stamp. */
static void add_syn(GString *text, const struct filter_scope *scope, const struct place *place)
{
    g_string_append(text, " and ");
    add_field(text, place, TF_TCP_FLAGS, 1);
    g_string_append_printf(text, " = %d and ", TF_TCP_FLAG_SYN);
    add_field(text, place, TF_TCP_DST_PORT, 2);
    g_string_append_printf(text, " = %u", scope->dst_base);
    if (scope->one_run)
        add_equal(text, place, TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_VALUE, scope->run_id);
}

static void add_tagged(GString *text, const struct filter_scope *scope, const struct place *place)
{
    const unsigned tag = TF_UDP_LEN; /* which an ICMP header's length equals */

    if (scope->protocol == TF_IP_PROTO_UDP) {
        g_string_append(text, " and ");
        add_field(text, place, TF_UDP_DST_PORT, 2);
        g_string_append_printf(text, " = %u", scope->dst_base);
    }
    add_equal(text, place, tag + TF_TAG_MAGIC, magic);
    if (scope->one_run)
        add_equal(text, place, tag + TF_TAG_RUN_ID, scope->run_id);
}

static void add_probes(GString *text, const struct filter_scope *scope, uint8_t version)
{
    const struct place place = place_of(scope, version);

    g_string_append_c(text, '(');
    add_protocol(text, scope, version);
    if (scope->one_run)
        add_hosts(text, &scope->src, &scope->dst);
    if (scope->protocol == TF_IP_PROTO_TCP)
        add_syn(text, scope, &place);
    else
        add_tagged(text, scope, &place);
    g_string_append_c(text, ')');
}

static void add_errors(GString *text, const struct filter_scope *scope, uint8_t version)
{
    g_string_append(text, " or (");
    if (version == 6)
        g_string_append_printf(text, "ip6[%d] = %d and ip6[%d] >= %d and ip6[%d] <= %d",
                               TF_IPV6_NEXT_HEADER, TF_IP_PROTO_ICMPV6, TF_IPV6_LEN,
                               TF_ICMPV6_DEST_UNREACH, TF_IPV6_LEN, TF_ICMPV6_PARAM_PROBLEM);
    else
        g_string_append_printf(text,
                               "(icmp[0] = %d or icmp[0] = %d or icmp[0] = %d or icmp[0] = %d)",
                               TF_ICMP_DEST_UNREACH, TF_ICMP_SOURCE_QUENCH, TF_ICMP_TIME_EXCEEDED,
                               TF_ICMP_PARAM_PROBLEM);
    if (scope->one_run)
        add_hosts(text, NULL, &scope->src);
    g_string_append_c(text, ')');
}

/* A number between those of the first and the last path. */
static void add_path_range(GString *text, const struct filter_scope *scope,
                           const struct place *place, unsigned at)
{
    g_string_append(text, " and ");
    add_field(text, place, at, 2);
    g_string_append_printf(text, " > %u and ", scope->src_base);
    add_field(text, place, at, 2);
    g_string_append_printf(text, " <= %u", (unsigned)scope->src_base + scope->paths);
}

/* An echo reply may come from any of the destination's addresses (RFC 1122 section 3.2.2.6 asks
 * for the one that was probed, but not all obey). */
static void add_answers(GString *text, const struct filter_scope *scope, uint8_t version)
{
    const struct place place = place_of(scope, version);

    g_string_append(text, " or (");
    add_protocol(text, scope, version);
    if (scope->one_run)
        add_hosts(text, scope->protocol == TF_IP_PROTO_ICMP ? NULL : &scope->dst, &scope->src);
    if (scope->protocol == TF_IP_PROTO_ICMP) {
        g_string_append(text, " and ");
        add_field(text, &place, TF_ICMP_TYPE, 1);
        g_string_append_printf(text, " = %d",
                               version == 6 ? TF_ICMPV6_ECHO_REPLY : TF_ICMP_ECHO_REPLY);
        add_path_range(text, scope, &place, TF_ICMP_IDENT);
    } else {
        g_string_append(text, " and ");
        add_field(text, &place, TF_UDP_SRC_PORT, 2); /* TCP's ports are where UDP's are */
        g_string_append_printf(text, " = %u", scope->dst_base);
        add_path_range(text, scope, &place, TF_UDP_DST_PORT);
    }
    g_string_append_c(text, ')');
}

static void add_version(GString *text, const struct filter_scope *scope, uint8_t version)
{
    if (text->len > 0)
        g_string_append(text, " or ");
    add_probes(text, scope, version);
    add_errors(text, scope, version);
    add_answers(text, scope, version);
}

/* Last, as the word shifts all offsets of what follows it. */
static void add_labelled(GString *text, const struct filter_scope *scope)
{
    g_string_append(text, " or (mpls");
    for (unsigned i = 1; i < scope->labels; i++)
        g_string_append(text, " and mpls");
    g_string_append(text, " and (");
    if (scope->ipv4)
        add_probes(text, scope, 4);
    if (scope->ipv4 && scope->ipv6)
        g_string_append(text, " or ");
    if (scope->ipv6)
        add_probes(text, scope, 6);
    g_string_append(text, "))");
}

char *filter_text(const struct filter_scope *scope)
{
    GString *text = g_string_new(NULL);

    if (scope->ipv4)
        add_version(text, scope, 4);
    if (scope->ipv6)
        add_version(text, scope, 6);
    if (scope->labels > 0)
        add_labelled(text, scope);
    return g_string_free(text, FALSE);
}
