/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Next hops, labels, translations and filters of a topology file, into their fields. */
#include "fields_traits.h"

#include <string.h>

#include "addresses.h"
#include "fields_node.h"

enum { NEXT_MAX = 1024, WEIGHT_MAX = 65535, RANGES_MAX = 256 };

static bool is_none(const char *text)
{
    return strcmp(text, "none") == 0;
}

/* One next hop: ID or ID*WEIGHT. */
static bool parse_next_hop(const struct reading *reading, const struct key *key, const char *word,
                           struct next_hop *hop)
{
    const size_t id_len = strcspn(word, "*");
    g_autofree char *id = g_strndup(word, id_len);
    uint64_t weight = 1;

    if (word[id_len] == '*' && !value_number(word + id_len + 1, 1, WEIGHT_MAX, &weight))
        return refuse_value(reading, key, "a weight from 1 to 65535", word);
    hop->weight = (uint32_t)weight;
    hop->node = find_id(reading, id);
    if (hop->node != NODE_NONE)
        return true;
    if (strcmp(id, "generate") != 0)
        return refuse(reading, key->name, "no such router or host '%s'", id);
    hop->node = NODE_INTO_GENERATED;
    return g_key_file_has_group(reading->keys, "generate") ||
           refuse(reading, key->name, "there is no [generate] group");
}

bool read_next(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    g_auto(GStrv) list = value_list(text);
    const size_t count = g_strv_length(list);
    struct next_hops *next = field;

    *next = (struct next_hops){ 0 };
    if (is_none(text))
        return true;
    if (count == 0)
        return refuse_value(reading, key, "routers or hosts", text);
    if (count > NEXT_MAX)
        return refuse(reading, key->name, "expected at most %d next hops", NEXT_MAX);
    next->at = keep(reading, g_new0(struct next_hop, count));
    for (; next->count < count; next->count++) {
        struct next_hop *hop = &next->at[next->count];
        if (!parse_next_hop(reading, key, list[next->count], hop))
            return false;
        next->weights += hop->weight;
    }
    return true;
}

/* Per destination is per flow, a flow being all that goes to one destination. */
bool read_balance(const struct reading *reading, const struct key *key, const char *text,
                  void *field)
{
    enum { PER_FLOW, PER_PACKET, PER_DESTINATION };
    static const struct word words[] = { { "flow", PER_FLOW },
                                         { "packet", PER_PACKET },
                                         { "destination", PER_DESTINATION },
                                         { NULL, 0 } };
    struct traits *traits = field;
    unsigned balance = PER_FLOW;

    if (!value_word(text, words, &balance))
        return refuse_value(reading, key, "flow, packet or destination", text);
    if (balance == PER_DESTINATION && has_key(reading, "hash"))
        return refuse(reading, "hash", "not with balance=destination");
    traits->balance = balance == PER_PACKET ? BALANCE_PACKET : BALANCE_FLOW;
    if (balance == PER_DESTINATION)
        traits->hash_fields = HASH_DST;
    /* a change ends balancing per destination; with a hash of its own, that key says of what */
    else if (balance == PER_FLOW && traits->hash_fields == HASH_DST && !has_key(reading, "hash"))
        traits->hash_fields = HASH_FIVE_TUPLE;
    return true;
}

bool read_labels(const struct reading *reading, const struct key *key, const char *text,
                 void *field)
{
    g_auto(GStrv) list = value_list(text);
    struct tf_mpls_stack stack = { 0 };
    const size_t depth = is_none(text) ? 0 : g_strv_length(list);

    if (depth > TF_MPLS_MAX)
        return refuse(reading, key->name, "expected at most %d labels", TF_MPLS_MAX);
    if (depth == 0 && !is_none(text))
        return refuse_value(reading, key, "LABEL:TC:TTL such as 16001:0:1, or none", text);
    for (; stack.depth < depth; stack.depth++) {
        if (!value_label(list[stack.depth], &stack.entry[stack.depth]))
            return refuse_value(reading, key, "LABEL:TC:TTL such as 16001:0:1, or none",
                                list[stack.depth]);
        stack.entry[stack.depth].bottom = stack.depth + 1u == depth;
    }
    *(struct tf_mpls_stack *)field = stack;
    return true;
}

/* One word of an interface: its index, name, MTU, or that its address is told. */
static bool parse_interface_word(const char *word, struct interface_info *interface)
{
    const char *value = strchr(word, '=');
    uint64_t number = 0;

    if (value == NULL) {
        interface->has_address = strcmp(word, "address") == 0;
        return interface->has_address;
    }
    value++;
    if (g_str_has_prefix(word, "name=")) {
        const size_t len = strlen(value);
        memcpy(interface->name, value, MIN(len, sizeof interface->name - 1));
        return len > 0 && len < sizeof interface->name;
    }
    if (!value_number(value, 1, UINT32_MAX, &number))
        return false;
    if (g_str_has_prefix(word, "index=")) {
        interface->has_index = true;
        interface->index = (uint32_t)number;
        return true;
    }
    interface->mtu = (uint32_t)number;
    return g_str_has_prefix(word, "mtu=");
}

bool read_interface(const struct reading *reading, const struct key *key, const char *text,
                    void *field)
{
    static const char *const expected = "index=N, name=TEXT (63 bytes), mtu=N and address, or none";
    g_auto(GStrv) list = value_list(text);
    struct interface_info interface = { .present = !is_none(text) };

    if (*list == NULL)
        return refuse_value(reading, key, expected, text);
    for (char **word = list; interface.present && *word != NULL; word++)
        if (!parse_interface_word(*word, &interface))
            return refuse_value(reading, key, expected, *word);
    *(struct interface_info *)field = interface;
    return true;
}

bool read_nat_source(const struct reading *reading, const struct key *key, const char *text,
                     void *field)
{
    struct source_nat *nat = field;
    struct tf_addr pair[2] = { 0 };

    if (!is_none(text) && !read_pair(reading, key, text, pair))
        return false;
    nat->to4 = pair[0];
    nat->to6 = pair[1];
    return true;
}

bool read_nat_destination(const struct reading *reading, const struct key *key, const char *text,
                          void *field)
{
    static const char *const expected = "two addresses of a family, such as 192.0.2.9 10.0.0.9:80";
    g_auto(GStrv) list = value_list(text);
    struct destination_nat nat = { 0 };

    if (!is_none(text)) {
        if (g_strv_length(list) != 2 || !value_address(list[0], &nat.from) ||
            !value_endpoint(list[1], &nat.to, &nat.port) || nat.from.version != nat.to.version)
            return refuse_value(reading, key, expected, text);
        if (tf_addr_equal(&nat.from, &nat.to) && nat.port == 0)
            return refuse(reading, key->name, "%s becomes itself", list[0]);
    }
    *(struct destination_nat *)field = nat;
    return true;
}

bool read_dscp(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    struct traits *traits = field;

    traits->sets_dscp = !is_none(text);
    return is_none(text) || read_u8(reading, key, text, &traits->dscp);
}

bool read_ranges(const struct reading *reading, const struct key *key, const char *text,
                 void *field)
{
    const char *const expected = key->low == 0 ? VALUE_DENIED : VALUE_PORTS;
    struct port_ranges *ranges = field;
    g_auto(GStrv) list = value_list(text);
    const size_t count = is_none(text) ? 0 : g_strv_length(list);

    *ranges = (struct port_ranges){ 0 };
    if (count > RANGES_MAX)
        return refuse(reading, key->name, "expected at most %d words", RANGES_MAX);
    if (*list == NULL)
        return refuse_value(reading, key, expected, text);
    ranges->at = keep(reading, g_new0(struct port_range, count));
    for (; ranges->count < count; ranges->count++) {
        const char *word = list[ranges->count];
        struct port_range *range = &ranges->at[ranges->count];
        if (!(key->low == 0 ? value_denied(word, range)
                            : value_ports(word, (uint8_t)key->low, range)))
            return refuse_value(reading, key, expected, word);
    }
    return true;
}
