/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows: what is read of a packet; hashes: which fields count, seeds that are independent, evenness
 * by chi-square. Seeds are fixed, so the statistics are the same in every run. */
#include "lab_packets.h"

#include <string.h>

#include "chance.h"
#include "flow.h"
#include "topology.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

struct flow_case {
    const char *name;
    struct lab_probe probe;
    uint16_t src_port;
    uint16_t dst_port;
    uint16_t icmp_id;
    bool has_icmp_checksum;
};

static const struct flow_case flow_cases[] = {
    { "UDP", { .dst = "198.51.100.1", .tos = 0x2e }, 33481, 33480, 0, false },
    { "TCP", { .dst = "198.51.100.1", .protocol = TF_IP_PROTO_TCP }, 33481, 33480, 0, false },
    { "echo", { .dst = "198.51.100.1", .protocol = TF_IP_PROTO_ICMP }, 0, 0, 33481, true },
    { "UDP, IPv6", { .dst = "2001:db8:d::1", .tos = 0xb8 }, 33481, 33480, 0, false },
    { "echo, IPv6", { .dst = "2001:db8:d::1", .protocol = TF_IP_PROTO_ICMP }, 0, 0, 33481, true },
};

static void test_flow_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(flow_cases); i++) {
        const struct flow_case *c = &flow_cases[i];
        const struct packet packet = lab_packet(&c->probe);
        const struct flow flow = lab_flow(&packet);
        const struct tf_addr dst = addr(c->probe.dst);

        check(tf_addr_equal(&flow.dst, &dst), "%s: destination", c->name);
        check(flow.tos == c->probe.tos, "%s: TOS", c->name);
        check(flow.src_port == c->src_port && flow.dst_port == c->dst_port, "%s: ports", c->name);
        check(flow.icmp_id == c->icmp_id, "%s: identifier", c->name);
        check((flow.icmp_checksum != 0) == c->has_icmp_checksum, "%s: ICMP checksum", c->name);
    }
}

/* The bytes that are an identifier in an echo are a pointer, a gateway or nothing in others. */
static void test_no_echo_has_no_identifier(void **state)
{
    struct packet packet = lab_packet(
        &(struct lab_probe){ .dst = "198.51.100.1", .protocol = TF_IP_PROTO_ICMP, .payload = 28 });

    (void)state;
    packet.bytes[TF_IPV4_MIN_LEN] = TF_ICMP_PARAM_PROBLEM;
    lab_seal(&packet);
    check(lab_flow(&packet).icmp_id == 0, "a Parameter Problem");
}

static void test_later_fragment_has_no_ports(void **state)
{
    struct packet packet = lab_packet(&(struct lab_probe){ .dst = "198.51.100.1" });

    (void)state;
    tf_put_u16(packet.bytes + TF_IPV4_FLAGS_FRAGMENT, 1);
    lab_seal(&packet);
    const struct flow flow = lab_flow(&packet);
    check(flow.src_port == 0 && flow.dst_port == 0, "ports");
    check(flow.protocol == TF_IP_PROTO_UDP, "protocol");
}

enum { N_FIELDS = 9, ALL_FIELDS = (1 << N_FIELDS) - 1 };

static const char *const field_names[N_FIELDS] = { "src",        "dst",      "protocol",
                                                   "src-port",   "dst-port", "tos",
                                                   "flow-label", "icmp-id",  "icmp-checksum" };

static struct flow random_flow(bool ipv6, uint32_t *seed)
{
    struct flow flow = { .src = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                         .dst = addr(ipv6 ? "2001:db8::2" : "192.0.2.2") };

    tf_put_u32(flow.src.bytes + (ipv6 ? 12 : 0), next_random(seed));
    tf_put_u32(flow.dst.bytes + (ipv6 ? 12 : 0), next_random(seed));
    flow.protocol = (uint8_t)next_random(seed);
    flow.tos = (uint8_t)next_random(seed);
    flow.src_port = (uint16_t)next_random(seed);
    flow.dst_port = (uint16_t)next_random(seed);
    flow.icmp_id = (uint16_t)next_random(seed);
    flow.icmp_checksum = (uint16_t)next_random(seed);
    flow.flow_label = next_random(seed) & 0xfffff;
    return flow;
}

/* Flip one bit of a field, of an address the bit as of a byte that is chosen. */
static void flip(struct flow *flow, unsigned field, unsigned bit)
{
    switch (field) {
    case HASH_SRC: flow->src.bytes[bit % tf_addr_len(&flow->src)] ^= (uint8_t)(1 << bit % 8); break;
    case HASH_DST: flow->dst.bytes[bit % tf_addr_len(&flow->dst)] ^= (uint8_t)(1 << bit % 8); break;
    case HASH_PROTOCOL: flow->protocol ^= (uint8_t)(1 << bit % 8); break;
    case HASH_SRC_PORT: flow->src_port ^= (uint16_t)(1 << bit % 16); break;
    case HASH_DST_PORT: flow->dst_port ^= (uint16_t)(1 << bit % 16); break;
    case HASH_TOS: flow->tos ^= (uint8_t)(1 << bit % 8); break;
    case HASH_FLOW_LABEL: flow->flow_label ^= 1U << bit % 20; break;
    case HASH_ICMP_ID: flow->icmp_id ^= (uint16_t)(1 << bit % 16); break;
    case HASH_ICMP_CHECKSUM: flow->icmp_checksum ^= (uint16_t)(1 << bit % 16); break;
    default: check(false, "field %u", field);
    }
}

static void check_field(unsigned fields, size_t field, uint32_t *seed)
{
    const bool counts = (fields & 1U << field) != 0;

    for (unsigned bit = 0; bit < 20; bit++) {
        const struct flow flow = random_flow(bit % 2 == 1, seed);
        struct flow other = flow;
        flip(&other, 1U << field, bit);
        const bool differs = flow_hash(&flow, fields, 5) != flow_hash(&other, fields, 5);
        check(differs == counts, "hash of fields %03x, bit %u of %s", fields, bit,
              field_names[field]);
    }
}

/* Every set of fields, every field in it and not in it. */
static void test_fields(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (unsigned fields = 0; fields <= ALL_FIELDS; fields++)
        for (size_t field = 0; field < N_FIELDS; field++)
            check_field(fields, field, &seed);
}

enum { BINS = 16, FLOWS = 16000 };

/* 15 degrees of freedom: 37.7 is exceeded by chance once in a thousand times. */
#define CHI_SQUARE_MAX 37.7

static double chi_square(const unsigned *count, size_t bins, unsigned total)
{
    const double expected = (double)total / (double)bins;
    double sum = 0;

    for (size_t i = 0; i < bins; i++)
        sum += (count[i] - expected) * (count[i] - expected) / expected;
    return sum;
}

struct even_case {
    const char *name;
    unsigned fields;
    bool ipv6;
};

static const struct even_case even_cases[] = {
    { "source ports in a row", HASH_SRC_PORT, false },
    { "source ports in a row, five-tuple", HASH_FIVE_TUPLE, false },
    { "source ports in a row, five-tuple, IPv6", HASH_FIVE_TUPLE, true },
    { "flow labels in a row", HASH_FLOW_LABEL, true },
    { "destinations in a row", HASH_DST, false },
    { "destinations in a row, IPv6", HASH_DST, true },
    { "identifiers in a row", HASH_FIVE_TUPLE | HASH_ICMP_ID, false },
    { "checksums in a row", HASH_FIVE_TUPLE | HASH_ICMP_CHECKSUM, false },
};

/* Probes of a trace: all fields go up by one from flow to flow. */
static struct flow flow_number(uint16_t i, bool ipv6)
{
    struct flow flow = { .src = addr(ipv6 ? "2001:db8::1" : "192.0.2.1"),
                         .dst = addr(ipv6 ? "2001:db8:d::" : "198.18.0.0"),
                         .protocol = TF_IP_PROTO_UDP,
                         .src_port = (uint16_t)(33481 + i),
                         .dst_port = 33480,
                         .icmp_id = i,
                         .icmp_checksum = (uint16_t)(0x1234 + i),
                         .flow_label = i };

    tf_put_u16(flow.dst.bytes + tf_addr_len(&flow.dst) - 2, i);
    return flow;
}

static void test_even(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(even_cases); i++) {
        const struct even_case *c = &even_cases[i];
        unsigned count[BINS] = { 0 };

        for (unsigned j = 0; j < FLOWS; j++) {
            const struct flow flow = flow_number((uint16_t)j, c->ipv6);
            count[chance_scale(flow_hash(&flow, c->fields, 1), BINS)]++;
        }
        const double found = chi_square(count, BINS, FLOWS);
        check(found < CHI_SQUARE_MAX, "%s: chi-square %.1f", c->name, found);
    }
}

static const uint32_t seed_pairs[][2] = {
    { 0, 1 }, { 1, 2 }, { 1, 0x80000001 }, { 7, 263 }, { 0, UINT32_MAX }, { 0x811c9dc5, 0x01000193 }
};

/* What one seed chooses of four says nothing about what another does. */
static void test_independent_seeds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(seed_pairs); i++) {
        unsigned count[BINS] = { 0 };

        for (unsigned j = 0; j < FLOWS; j++) {
            const struct flow flow = flow_number((uint16_t)j, false);
            const uint32_t one = flow_hash(&flow, HASH_FIVE_TUPLE, seed_pairs[i][0]);
            const uint32_t other = flow_hash(&flow, HASH_FIVE_TUPLE, seed_pairs[i][1]);
            count[chance_scale(one, 4) * 4 + chance_scale(other, 4)]++;
        }
        const double found = chi_square(count, BINS, FLOWS);
        check(found < CHI_SQUARE_MAX, "seeds %u and %u: chi-square %.1f", seed_pairs[i][0],
              seed_pairs[i][1], found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flow_of),
        cmocka_unit_test(test_no_echo_has_no_identifier),
        cmocka_unit_test(test_later_fragment_has_no_ports),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_even),
        cmocka_unit_test(test_independent_seeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
