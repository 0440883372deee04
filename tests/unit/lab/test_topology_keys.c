/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of routers and hosts whose values are numbers and words: each once, in both places. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "topology.h"
#include "traceflow/time.h"

/* A node that a row is about; the row's lines follow. */
#define ROUTER "[router r]\naddress=10.0.0.1\n"
#define HOST   "[host d]\naddress=198.51.100.1\n"

static struct topology *parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    struct topology *topology = topology_parse("file", text, strlen(text), &error);

    check(topology != NULL, "%s\n%s", text, error == NULL ? "" : error->message);
    return topology;
}

struct field_case {
    const char *line;
    size_t offset;
    size_t size;
    uint64_t want;
};

#define TRAIT(member) offsetof(struct traits, member), sizeof(((struct traits *)NULL)->member)

static const struct field_case of_both[] = {
    { "delay=5ms", TRAIT(delay_ns), 5 * TF_NS_PER_MS },
    { "jitter=1.5s", TRAIT(jitter_ns), 1500 * TF_NS_PER_MS },
    { "icmp-delay=200us", TRAIT(icmp_delay_ns), 200000 },
    { "loss=10%", TRAIT(loss_ppm), 100000 },
    { "loss-back=0.5%", TRAIT(loss_back_ppm), 5000 },
    { "down=yes", TRAIT(down), true },
    { "silent=yes", TRAIT(silent), true },
    { "echo=no", TRAIT(no_echo), true },
    { "icmp-rate=0.5/s", TRAIT(icmp_rate.token_ns), 2 * TF_NS_PER_S },
    { "icmp-rate=1/s\nicmp-burst=7", TRAIT(icmp_rate.burst), 7 },
    { "icmp-rate-per-peer=6/min", TRAIT(icmp_rate_per_peer.token_ns), 10 * TF_NS_PER_S },
    { "icmp-burst-per-peer=8\nicmp-rate-per-peer=1/s", TRAIT(icmp_rate_per_peer.burst), 8 },
    { "icmp-rate=none", TRAIT(icmp_rate.token_ns), 0 },
    { "reply-ttl=1", TRAIT(reply_ttl), 1 },
    { "quote=28", TRAIT(quoting.len), QUOTE_8 },
    { "quote=128", TRAIT(quoting.len), QUOTE_128 },
    { "quote=576", TRAIT(quoting.len), QUOTE_576 },
    { "quote=all", TRAIT(quoting.len), QUOTE_ALL },
    { "quote-faults=id-zero id-swap, id-plus-one ttl-zero", TRAIT(quoting.faults), 0x0f },
    { "quote-faults=src-port dst-port src dst", TRAIT(quoting.faults), 0xf0 },
    { "quote-faults=checksum-zero,length-swap", TRAIT(quoting.faults), 0x300 },
    { "quote-faults=none", TRAIT(quoting.faults), 0 },
    { "mpls=3\nextension-length=no", TRAIT(quoting.no_length), true },
    { "mtu=68", TRAIT(mtu), 68 },
    { "mtu=65535", TRAIT(mtu), 65535 },
    { "mtu=none", TRAIT(mtu), 0 },
    /* what they are if nothing is said */
    { "down=no", TRAIT(silent), false },
    { "silent=no", TRAIT(no_echo), false },
    { "echo=yes", TRAIT(icmp_rate.token_ns), 0 },
    { "down=no", TRAIT(icmp_rate.burst), 1 },
    { "down=no", TRAIT(icmp_rate_per_peer.burst), 1 },
    { "down=no", TRAIT(quoting.len), QUOTE_576 },
    { "down=no", TRAIT(mtu), 0 },
};

static const struct field_case of_routers[] = {
    { "balance=flow", TRAIT(balance), BALANCE_FLOW },
    { "balance=packet", TRAIT(balance), BALANCE_PACKET },
    { "balance=destination", TRAIT(balance), BALANCE_FLOW },
    { "balance=destination", TRAIT(hash_fields), HASH_DST },
    { "balance=flow\nhash=dst", TRAIT(hash_fields), HASH_DST },
    { "hash=five-tuple", TRAIT(hash_fields), HASH_FIVE_TUPLE },
    { "hash=src dst protocol src-port dst-port", TRAIT(hash_fields), HASH_FIVE_TUPLE },
    { "hash=tos flow-label", TRAIT(hash_fields), HASH_TOS | HASH_FLOW_LABEL },
    { "hash=icmp-id,icmp-checksum", TRAIT(hash_fields), HASH_ICMP_ID | HASH_ICMP_CHECKSUM },
    { "hash-seed=4294967295", TRAIT(hash_seed), UINT32_MAX },
    { "down=no", TRAIT(hash_seed), 0xf70c4715 }, /* FNV-1a of "r" */
    { "down=no", TRAIT(hash_fields), HASH_FIVE_TUPLE },
    { "down=no", TRAIT(reply_ttl), 255 },
    { "answer-from=first", TRAIT(answer_from), ANSWER_FIRST },
    { "answer-from=incoming", TRAIT(answer_from), ANSWER_INCOMING },
    { "answer-from=flow", TRAIT(answer_from), ANSWER_FLOW },
    { "answer-from=random", TRAIT(answer_from), ANSWER_RANDOM },
    { "nat-source=10.0.0.1\nnat-ports=random", TRAIT(nat.source.random_ports), true },
    { "nat-source=10.0.0.1\nnat-ports=keep", TRAIT(nat.source.random_ports), false },
    { "nat-source=10.0.0.1\nnat-quotes=leave", TRAIT(nat.leave_quotes), true },
    { "nat-source=10.0.0.1\nnat-quotes=repair", TRAIT(nat.leave_quotes), false },
    { "ttl=decrement", TRAIT(ttl), TTL_DECREMENT },
    { "ttl=keep", TRAIT(ttl), TTL_KEEP },
    { "ttl=label", TRAIT(ttl), TTL_LABEL },
    { "ttl-copy=no", TRAIT(no_ttl_copy), true },
    { "ttl-copy=yes", TRAIT(no_ttl_copy), false },
    { "deny=all", TRAIT(deny_answer), DENY_DROP },
    { "deny=all\ndeny-answer=prohibited", TRAIT(deny_answer), DENY_PROHIBITED },
    { "deny=all\ndeny-answer=host", TRAIT(deny_answer), DENY_HOST },
    { "deny=all\ndeny-answer=net", TRAIT(deny_answer), DENY_NET },
    { "deny=all\ndeny-answer=port", TRAIT(deny_answer), DENY_PORT },
    { "deny=none", TRAIT(deny.count), 0 },
    { "dscp=63", TRAIT(dscp), 63 },
    { "dscp=0", TRAIT(sets_dscp), true },
    { "dscp=none", TRAIT(sets_dscp), false },
    { "ecn=clear", TRAIT(clears_ecn), true },
    { "ecn=keep", TRAIT(clears_ecn), false },
};

static const struct field_case of_hosts[] = {
    { "down=no", TRAIT(reply_ttl), 64 },
    { "udp-open=7", TRAIT(udp_open.count), 1 },
    { "udp-drop=7 9", TRAIT(udp_drop.count), 2 },
    { "tcp-open=80,443,8000-8010", TRAIT(tcp_open.count), 3 },
    { "tcp-open=all\ntcp-drop=23", TRAIT(tcp_drop.count), 1 },
    { "tcp-open=none", TRAIT(tcp_open.count), 0 },
};

/* A field of 1, 2, 4 or 8 bytes, whatever its type. */
static uint64_t number_at(const void *at, size_t size)
{
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;

    switch (size) {
    case sizeof u8: memcpy(&u8, at, size); return u8;
    case sizeof u16: memcpy(&u16, at, size); return u16;
    case sizeof u32: memcpy(&u32, at, size); return u32;
    default:
        assert_int_equal(size, sizeof u64);
        memcpy(&u64, at, size);
        return u64;
    }
}

static void check_field(const struct field_case *c, const struct traits *traits, const char *where)
{
    const uint64_t got = number_at((const char *)traits + c->offset, c->size);

    check(got == c->want, "%s: %s: %llu", where, c->line, (unsigned long long)got);
}

/* Each line in the node's own group, then in a change of the node. */
static void check_fields(const struct field_case *cases, size_t count, enum node_kind kind)
{
    const char *const base = kind == NODE_HOST ? "[router r]\nsilent=yes\n" HOST : ROUTER;
    const uint32_t node = kind == NODE_HOST ? 1 : 0;

    for (size_t i = 0; i < count; i++) {
        const struct field_case *c = &cases[i];
        g_autofree char *own_text = g_strconcat(base, c->line, NULL);
        g_autofree char *change_text = g_strconcat(
            base, "[change c]\nafter=1\nnode=", kind == NODE_HOST ? "d\n" : "r\n", c->line, NULL);
        struct topology *own = parse(own_text);
        struct topology *changed = parse(change_text);

        check_field(c, &own->nodes[node].traits, "group");
        check_field(c, &changed->changes[0].traits, "change");
        topology_free(own);
        topology_free(changed);
    }
}

static void test_fields(void **state)
{
    (void)state;
    check_fields(of_both, COUNT(of_both), NODE_ROUTER);
    check_fields(of_both, COUNT(of_both), NODE_HOST);
    check_fields(of_routers, COUNT(of_routers), NODE_ROUTER);
    check_fields(of_hosts, COUNT(of_hosts), NODE_HOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_fields) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
