/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the capture filter lets in, asked of libpcap's own compiler and interpreter. */
#include "support.h"

#include <glib.h>
#include <pcap/pcap.h>
#include <string.h>

#include "filter.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static const struct bytes nothing = BYTES(0, 0, 0, 0);

enum { RUN = 0x0ddba11, OTHER_RUN = 0x5eed, SRC_BASE = 33480, DST_BASE = 33480, PATHS = 8 };

static const char *const names[] = { "UDP", "ICMP", "TCP" };
static const uint8_t protocols[] = { TF_IP_PROTO_UDP, TF_IP_PROTO_ICMP, TF_IP_PROTO_TCP };

/* The two ends, by IP version. */
static struct tf_addr here(uint8_t version)
{
    return addr(version == 4 ? "192.0.2.1" : "2001:db8:a::1");
}

static struct tf_addr there(uint8_t version)
{
    return addr(version == 4 ? "198.51.100.1" : "2001:db8:d::1");
}

static struct tf_addr elsewhere(uint8_t version)
{
    return addr(version == 4 ? "203.0.113.9" : "2001:db8:e::9");
}

static uint8_t icmp_of(uint8_t version)
{
    return version == 4 ? TF_IP_PROTO_ICMP : TF_IP_PROTO_ICMPV6;
}

static struct packet probe_of(uint8_t protocol, uint8_t version, uint32_t run_id)
{
    const struct probe_fields fields = {
        .protocol = protocol == TF_IP_PROTO_ICMP ? icmp_of(version) : protocol,
        .src = here(version),
        .dst = there(version),
        .src_base = SRC_BASE,
        .dst_base = DST_BASE,
        .run_id = run_id,
        .path_id = PATHS,
        .ttl = 3,
    };

    return build_probe(&fields);
}

static struct packet from_to(struct tf_addr src, struct tf_addr dst, uint8_t protocol,
                             const struct packet *payload)
{
    const struct ip_fields fields = { .src = src, .dst = dst, .protocol = protocol, .ttl = 60 };

    return build_ip(&fields, payload);
}

/* A time exceeded of a router, to us or to somebody else. */
static struct packet error_to(uint8_t version, struct tf_addr dst)
{
    const uint8_t type = version == 4 ? TF_ICMP_TIME_EXCEEDED : TF_ICMPV6_TIME_EXCEEDED;
    const struct packet quote = probe_of(TF_IP_PROTO_UDP, version, RUN);
    const struct packet icmp = build_icmp(type, 0, (struct bytes){ quote.bytes, quote.len });

    return from_to(elsewhere(version), dst, icmp_of(version), &icmp);
}

/* What the destination answers to a path. */
static struct packet answer_of(uint8_t protocol, uint8_t version, uint16_t path_id)
{
    const uint16_t port = (uint16_t)(SRC_BASE + path_id);
    const struct tcp_fields reset = { .src_port = DST_BASE,
                                      .dst_port = port,
                                      .flags = TF_TCP_FLAG_RST | TF_TCP_FLAG_ACK };
    struct packet payload = build_tcp(&reset);

    if (protocol == TF_IP_PROTO_UDP)
        payload = build_udp(DST_BASE, port, 0, nothing);
    if (protocol == TF_IP_PROTO_ICMP) {
        payload = build_icmp(version == 4 ? TF_ICMP_ECHO_REPLY : TF_ICMPV6_ECHO_REPLY, 0, nothing);
        tf_put_u16(payload.bytes + TF_ICMP_IDENT, port);
        protocol = icmp_of(version);
    }
    return from_to(there(version), here(version), protocol, &payload);
}

/* Somebody's DNS question, from a port of ours. */
static struct packet dns_of(uint8_t version)
{
    const struct packet udp = build_udp(SRC_BASE + 1, 53, 0, nothing);

    return from_to(here(version), elsewhere(version), TF_IP_PROTO_UDP, &udp);
}

static struct packet ping_of(uint8_t version)
{
    const struct packet icmp = build_icmp(
        version == 4 ? TF_ICMP_ECHO : TF_ICMPV6_ECHO, 0,
        (struct bytes){ (const uint8_t *)"abcdefghijklmnop", 16 });

    return from_to(here(version), there(version), icmp_of(version), &icmp);
}

/* Part of a connection that has nothing to do with us, on the port that we probe. */
static struct packet segment_of(uint8_t version)
{
    const struct tcp_fields fields = { .src_port = 50000,
                                       .dst_port = DST_BASE,
                                       .flags = TF_TCP_FLAG_ACK };
    const struct packet tcp = build_tcp(&fields);

    return from_to(here(version), there(version), TF_IP_PROTO_TCP, &tcp);
}

/* Ethernet, labels with no bottom bit but the last, the packet. */
static struct packet labelled(const struct packet *ip, unsigned depth)
{
    struct packet frame = build_ethernet(ip);
    struct packet whole = { .len = TF_ETHERNET_LEN };

    memcpy(whole.bytes, frame.bytes, TF_ETHERNET_LEN);
    tf_put_u16(whole.bytes + TF_ETHERNET_TYPE, 0x8847); /* RFC 3032 section 5 */
    for (unsigned i = 0; i < depth; i++) {
        uint8_t entry[TF_MPLS_ENTRY_LEN];
        tf_put_u32(entry, (16001 + i) << 12 | (i + 1 == depth ? 1U << 8 : 0) | 64);
        append(&whole, entry, sizeof entry);
    }
    append(&whole, ip->bytes, ip->len);
    return whole;
}

static struct filter_scope scope_of(uint8_t protocol, uint8_t version, bool one_run)
{
    return (struct filter_scope){
        .ipv4 = version == 4 || !one_run,
        .ipv6 = version == 6 || !one_run,
        .protocol = protocol,
        .src_base = SRC_BASE,
        .dst_base = DST_BASE,
        .paths = PATHS,
        .one_run = one_run,
        .run_id = RUN,
        .src = here(version),
        .dst = there(version),
    };
}

static bool lets_in(const struct filter_scope *scope, const struct packet *frame)
{
    g_autofree char *text = filter_text(scope);
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 1024);
    struct bpf_program program;
    const struct pcap_pkthdr header = { .caplen = (bpf_u_int32)frame->len,
                                        .len = (bpf_u_int32)frame->len };

    check(pcap_compile(pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) == 0, "%s: %s", text,
          pcap_geterr(pcap));
    const bool in = pcap_offline_filter(&program, &header, frame->bytes) != 0;
    pcap_freecode(&program);
    pcap_close(pcap);
    return in;
}

static void expect(const struct filter_scope *scope, struct packet ip, bool want, const char *name)
{
    const struct packet frame = build_ethernet(&ip);

    check(lets_in(scope, &frame) == want, "%s, IP protocol %u, %s: %s", name, scope->protocol,
          scope->one_run ? "one run" : "many", want ? "let in" : "kept out");
}

static void check_scope(uint8_t protocol, uint8_t version, bool one_run)
{
    const struct filter_scope scope = scope_of(protocol, version, one_run);

    expect(&scope, probe_of(protocol, version, RUN), true, "a probe of ours");
    expect(&scope, probe_of(protocol, version, OTHER_RUN), !one_run, "a probe of another run");
    expect(&scope, error_to(version, here(version)), true, "an ICMP error");
    expect(&scope, error_to(version, elsewhere(version)), !one_run, "an error to somebody else");
    expect(&scope, answer_of(protocol, version, 1), true, "an answer to the first path");
    expect(&scope, answer_of(protocol, version, PATHS), true, "an answer to the last path");
    expect(&scope, answer_of(protocol, version, PATHS + 1), false, "an answer behind the last");
    expect(&scope, answer_of(protocol, version, 0), false, "an answer before the first");
    expect(&scope, dns_of(version), false, "a DNS question");
    expect(&scope, ping_of(version), false, "a ping");
    expect(&scope, segment_of(version), false, "a segment");
}

static void test_every_protocol(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(protocols); i++)
        for (uint8_t version = 4; version <= 6; version += 2) {
            check_scope(protocols[i], version, true);
            check_scope(protocols[i], version, false);
        }
}

static void test_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(protocols); i++)
        for (uint8_t version = 4; version <= 6; version += 2)
            for (unsigned depth = 1; depth <= 3; depth++) {
                struct filter_scope scope = scope_of(protocols[i], version, true);
                const struct packet ours = probe_of(protocols[i], version, RUN);
                const struct packet foreign = probe_of(protocols[i], version, OTHER_RUN);
                const struct packet frame = labelled(&ours, depth);
                const struct packet other = labelled(&foreign, depth);
                check(!lets_in(&scope, &frame), "%s: no labels are expected", names[i]);
                scope.labels = depth;
                check(lets_in(&scope, &frame), "%s over IPv%u: %u labels", names[i], version,
                      depth);
                check(!lets_in(&scope, &other), "%s: another run's", names[i]);
                expect(&scope, error_to(version, here(version)), true, "an error beside labels");
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_protocol),
        cmocka_unit_test(test_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
