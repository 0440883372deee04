/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of all keys, and the walk over a group by it. */
#include "keys.h"

#include <string.h>

#include "fields.h"
#include "fields_node.h"
#include "fields_traits.h"
#include "traceflow/wire.h"

static const struct word yes_no[] = { { "yes", true }, { "no", false }, { NULL, 0 } };
static const struct word no_yes[] = { { "yes", false }, { "no", true }, { NULL, 0 } };
static const struct word answers_from[] = { { "first", ANSWER_FIRST },
                                            { "incoming", ANSWER_INCOMING },
                                            { "flow", ANSWER_FLOW },
                                            { "random", ANSWER_RANDOM },
                                            { NULL, 0 } };
static const struct word hash_fields[] = { { "five-tuple", HASH_FIVE_TUPLE },
                                           { "src", HASH_SRC },
                                           { "dst", HASH_DST },
                                           { "protocol", HASH_PROTOCOL },
                                           { "src-port", HASH_SRC_PORT },
                                           { "dst-port", HASH_DST_PORT },
                                           { "tos", HASH_TOS },
                                           { "flow-label", HASH_FLOW_LABEL },
                                           { "icmp-id", HASH_ICMP_ID },
                                           { "icmp-checksum", HASH_ICMP_CHECKSUM },
                                           { NULL, 0 } };
static const struct word quotes[] = {
    { "28", QUOTE_8 }, { "128", QUOTE_128 }, { "576", QUOTE_576 }, { "all", QUOTE_ALL }, { NULL, 0 }
};
static const struct word faults[] = { { "none", 0 },
                                      { "id-zero", FAULT_ID_ZERO },
                                      { "id-swap", FAULT_ID_SWAP },
                                      { "id-plus-one", FAULT_ID_PLUS_ONE },
                                      { "ttl-zero", FAULT_TTL_ZERO },
                                      { "src-port", FAULT_SRC_PORT },
                                      { "dst-port", FAULT_DST_PORT },
                                      { "src", FAULT_SRC },
                                      { "dst", FAULT_DST },
                                      { "checksum-zero", FAULT_CHECKSUM_ZERO },
                                      { "length-swap", FAULT_LENGTH_SWAP },
                                      { NULL, 0 } };
static const struct word nat_ports[] = { { "keep", false }, { "random", true }, { NULL, 0 } };
static const struct word nat_quotes[] = { { "repair", false }, { "leave", true }, { NULL, 0 } };
static const struct word ttl_rules[] = {
    { "decrement", TTL_DECREMENT }, { "keep", TTL_KEEP }, { "label", TTL_LABEL }, { NULL, 0 }
};
static const struct word deny_answers[] = {
    { "drop", DENY_DROP }, { "prohibited", DENY_PROHIBITED },
    { "host", DENY_HOST }, { "net", DENY_NET },
    { "port", DENY_PORT }, { NULL, 0 }
};
static const struct word keep_clear[] = { { "keep", false }, { "clear", true }, { NULL, 0 } };

#define NETWORK(member)  KIND_ANY, PART_NETWORK, offsetof(struct topology, member)
#define ROUTER(member)   KIND_ROUTER, PART_TRAITS, offsetof(struct traits, member)
#define HOST(member)     KIND_HOST, PART_TRAITS, offsetof(struct traits, member)
#define BOTH(member)     KIND_ANY, PART_TRAITS, offsetof(struct traits, member)
#define CHANGE(member)   KIND_ANY, PART_CHANGE, offsetof(struct change, member)
#define GENERATE(member) KIND_ANY, PART_GENERATE, offsetof(struct generate, member)

static const struct key keys[] = {
    { "description", NETWORK(description), read_text, 0, 0, NULL },
    { "source", KIND_ANY, PART_NETWORK, 0, read_source, 0, 0, NULL },
    { "source-name", NETWORK(source_name), read_name, 0, 0, NULL },
    { "first", NETWORK(first), read_first, 0, 0, NULL },
    { "mtu", NETWORK(mtu), read_u16, 576, 9000, NULL },
    { "seed", NETWORK(seed), read_u32, 0, UINT32_MAX, NULL },

    { "address", KIND_ANY, PART_NODE, 0, read_addresses, 0, 0, NULL },
    { "name", KIND_ANY, PART_NODE, offsetof(struct node, name), read_name, 0, 0, NULL },
    { "public-address", KIND_HOST, PART_NODE, 0, read_public, 0, 0, NULL },

    { "next", ROUTER(next), read_next, 0, 0, NULL },
    { ROUTE_KEY, KIND_ROUTER, PART_TRAITS, 0, NULL, 0, 0, NULL }, /* by read_routes */
    { "balance", KIND_ROUTER, PART_TRAITS, 0, read_balance, 0, 0, NULL },
    { "hash", ROUTER(hash_fields), read_choices, 0, 0, hash_fields },
    { "hash-seed", ROUTER(hash_seed), read_u32, 0, UINT32_MAX, NULL },
    { "delay", BOTH(delay_ns), read_duration, 0, 0, NULL },
    { "jitter", BOTH(jitter_ns), read_duration, 0, 0, NULL },
    { "icmp-delay", BOTH(icmp_delay_ns), read_duration, 0, 0, NULL },
    { "loss", BOTH(loss_ppm), read_percent, 0, 0, NULL },
    { "loss-back", BOTH(loss_back_ppm), read_percent, 0, 0, NULL },
    { "down", BOTH(down), read_flag, 0, 0, yes_no },
    { "silent", BOTH(silent), read_flag, 0, 0, yes_no },
    { "echo", BOTH(no_echo), read_flag, 0, 0, no_yes },
    { "icmp-rate", BOTH(icmp_rate.token_ns), read_rate, 0, 0, NULL },
    { "icmp-burst", BOTH(icmp_rate.burst), read_u32, 1, 1000000, NULL },
    { "icmp-rate-per-peer", BOTH(icmp_rate_per_peer.token_ns), read_rate, 0, 0, NULL },
    { "icmp-burst-per-peer", BOTH(icmp_rate_per_peer.burst), read_u32, 1, 1000000, NULL },
    { "reply-ttl", BOTH(reply_ttl), read_u8, 1, UINT8_MAX, NULL },
    { "answer-from", ROUTER(answer_from), read_choice, 0, 0, answers_from },
    { "quote", BOTH(quoting.len), read_choice, 0, 0, quotes },
    { "quote-faults", BOTH(quoting.faults), read_choices, 0, 0, faults },
    { "mpls", BOTH(quoting.mpls), read_labels, 0, 0, NULL },
    { "interface", BOTH(quoting.interface), read_interface, 0, 0, NULL },
    { "extension-length", BOTH(quoting.no_length), read_flag, 0, 0, no_yes },
    { "nat-source", ROUTER(nat.source), read_nat_source, 0, 0, NULL },
    { "nat-ports", ROUTER(nat.source.random_ports), read_flag, 0, 0, nat_ports },
    { "nat-destination", ROUTER(nat.destination), read_nat_destination, 0, 0, NULL },
    { "nat-quotes", ROUTER(nat.leave_quotes), read_flag, 0, 0, nat_quotes },
    { "ttl", ROUTER(ttl), read_choice, 0, 0, ttl_rules },
    { "ttl-copy", ROUTER(no_ttl_copy), read_flag, 0, 0, no_yes },
    { "deny", ROUTER(deny), read_ranges, 0, 0, NULL },
    { "deny-answer", ROUTER(deny_answer), read_choice, 0, 0, deny_answers },
    { "dscp", KIND_ROUTER, PART_TRAITS, 0, read_dscp, 0, 63, NULL },
    { "ecn", ROUTER(clears_ecn), read_flag, 0, 0, keep_clear },
    { "mtu", BOTH(mtu), read_u16_or_none, 68, UINT16_MAX, NULL },
    { "udp-open", HOST(udp_open), read_ranges, TF_IP_PROTO_UDP, 0, NULL },
    { "udp-drop", HOST(udp_drop), read_ranges, TF_IP_PROTO_UDP, 0, NULL },
    { "tcp-open", HOST(tcp_open), read_ranges, TF_IP_PROTO_TCP, 0, NULL },
    { "tcp-drop", HOST(tcp_drop), read_ranges, TF_IP_PROTO_TCP, 0, NULL },

    { "node", CHANGE(node), read_node, 0, 0, NULL },
    { "at", CHANGE(at_ns), read_duration, 0, 0, NULL },
    { "after", CHANGE(after), read_u64, 0, UINT64_C(1000000000000), NULL },

    { "destinations", GENERATE(destinations), read_u32, 1, 100000, NULL },
    { "hosts", KIND_ANY, PART_GENERATE, 0, read_host_prefixes, 0, 0, NULL },
    { "routers", KIND_ANY, PART_GENERATE, 0, read_router_prefixes, 0, 0, NULL },
    { "depth", KIND_ANY, PART_GENERATE, 0, read_depth, 1, 24, NULL },
    { "width", GENERATE(width_max), read_u8, 2, 16, NULL },
    { "length", GENERATE(length_max), read_u8, 1, 4, NULL },
    { "balancers", GENERATE(balancers_ppm), read_percent, 0, 0, NULL },
    { "silent", GENERATE(silent_ppm), read_percent, 0, 0, NULL },
    { "lossy", GENERATE(lossy_ppm), read_percent, 0, 0, NULL },
    { "loss", GENERATE(lossy_router.loss_ppm), read_percent, 0, 0, NULL },
    { "delay", GENERATE(router.delay_ns), read_duration, 0, 0, NULL },
    { "jitter", GENERATE(router.jitter_ns), read_duration, 0, 0, NULL },
    { "domain", GENERATE(domain), read_name, 0, 0, NULL },
    { "seed", GENERATE(seed), read_u32, 0, UINT32_MAX, NULL },
};

static bool has_name(const struct key *key, const char *name)
{
    return strcmp(name, key->name) == 0 ||
           (strcmp(key->name, ROUTE_KEY) == 0 && g_str_has_prefix(name, ROUTE_KEY));
}

static const struct key *find_key(const struct reading *reading, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if ((keys[i].part & reading->parts) != 0 && (keys[i].kinds & reading->kinds) != 0 &&
            has_name(&keys[i], name))
            return &keys[i];
    return NULL;
}

bool keys_check(const struct reading *reading)
{
    g_auto(GStrv) names = g_key_file_get_keys(reading->keys, reading->group, NULL, NULL);

    for (char **name = names; name != NULL && *name != NULL; name++)
        if (find_key(reading, *name) == NULL)
            return refuse(reading, NULL, "unknown key '%s'", *name);
    return true;
}

bool keys_read(const struct reading *reading, enum key_part part, void *into)
{
    g_auto(GStrv) names = g_key_file_get_keys(reading->keys, reading->group, NULL, NULL);

    for (char **name = names; name != NULL && *name != NULL; name++) {
        const struct key *key = find_key(reading, *name);
        if (key == NULL || key->part != part || key->read == NULL)
            continue;
        g_autofree char *text = get_value(reading, *name);
        if (!key->read(reading, key, text, (char *)into + key->offset))
            return false;
    }
    return true;
}

bool keys_any(const struct reading *reading, enum key_part part)
{
    g_auto(GStrv) names = g_key_file_get_keys(reading->keys, reading->group, NULL, NULL);

    for (char **name = names; name != NULL && *name != NULL; name++) {
        const struct key *key = find_key(reading, *name);
        if (key != NULL && key->part == part)
            return true;
    }
    return false;
}
