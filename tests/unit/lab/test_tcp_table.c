/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The connections of simulated hosts: kept apart, bounded, and robust against any segment. */
#include "tcp_client.h"

#include "tcp_table.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* The host's ISN for a SYN of a client, or what it answers to anything else. */
static struct heard syn_from(struct connections *connections, const struct client *client)
{
    const struct step syn = { .flags = SYN };
    const struct packet packet = segment_of(client, &syn, 0);

    return say(connections, 0, &packet);
}

static void test_isn_comes_from_the_seed(void **state)
{
    const struct client client = { 4, false, 33483, 80 };
    const struct client other = { 4, false, 33484, 80 };
    struct connections *a = connections_new(1);
    struct connections *b = connections_new(1);
    struct connections *c = connections_new(2);
    const uint32_t isn = syn_from(a, &client).tcp.seq;

    (void)state;
    check(syn_from(b, &client).tcp.seq == isn, "one seed, one ISN");
    check(syn_from(c, &client).tcp.seq != isn, "another seed");
    check(syn_from(a, &other).tcp.seq != isn, "another connection");
    connections_free(a);
    connections_free(b);
    connections_free(c);
    connections_free(NULL);
}

/* Connections that differ in one number do not meet. */
static void test_keys(void **state)
{
    static const struct client clients[] = { { 4, false, 33483, 80 },
                                             { 4, false, 33484, 80 },
                                             { 6, false, 33483, 80 } };
    const struct step other_syn = { .flags = SYN, .seq = -65536 };
    struct connections *connections = connections_new(1);

    (void)state;
    for (size_t i = 0; i < COUNT(clients); i++)
        check(syn_from(connections, &clients[i]).tcp.flags == (SYN | ACK), "client %zu: new", i);
    for (size_t i = 0; i < COUNT(clients); i++) {
        const struct packet packet = segment_of(&clients[i], &other_syn, 0);
        check(say(connections, 0, &packet).tcp.flags == ACK, "client %zu: known", i);
    }
    struct packet elsewhere = segment_of(&clients[0], &other_syn, 0);
    elsewhere.bytes[TF_IPV4_DST + 3] ^= 1;
    seal(&elsewhere);
    check(say(connections, 0, &elsewhere).tcp.flags == (SYN | ACK), "another host");
    connections_free(connections);
}

static struct client numbered(unsigned n)
{
    return (struct client){ n < 65536 ? 4 : 6, false, (uint16_t)n, 80 };
}

/* The table is full after 65,536: one more, and the oldest is gone, but not the second. */
static void test_bound(void **state)
{
    const struct step other_syn = { .flags = SYN, .seq = -65536 };
    struct connections *connections = connections_new(1);

    (void)state;
    for (unsigned n = 0; n <= CONNECTIONS_MAX; n++) {
        const struct client client = numbered(n);
        check(syn_from(connections, &client).tcp.flags == (SYN | ACK), "connection %u", n);
    }
    const struct client second = numbered(1);
    const struct packet to_second = segment_of(&second, &other_syn, 0);
    check(say(connections, 0, &to_second).tcp.flags == ACK, "the second is there");
    const struct client first = numbered(0);
    const struct packet to_first = segment_of(&first, &other_syn, 0);
    check(say(connections, 0, &to_first).tcp.flags == (SYN | ACK), "the oldest is not");
    connections_free(connections);
}

/* A SYN that is cut, or whose checksum is wrong, or whose header is longer than it. */
static void test_damaged_syns(void **state)
{
    const struct step syn = { .flags = SYN, .data_len = 3 };
    const struct client client = { 4, true, 33483, 80 };
    const struct packet whole = segment_of(&client, &syn, 0);
    struct connections *connections = connections_new(1);
    struct packet broken = whole;

    (void)state;
    for (size_t n = 0; n < whole.len; n++) {
        struct packet cut = whole;
        cut.len = n;
        check(say(connections, 0, &cut).len == 0, "cut to %zu", n);
    }
    broken.bytes[20 + TF_TCP_CHECKSUM] ^= 1;
    check(say(connections, 0, &broken).len == 0, "wrong checksum");
    broken.bytes[20 + TF_TCP_DATA_OFFSET] = 0xf0;
    seal(&broken);
    check(say(connections, 0, &broken).len == 0, "header of 60 bytes");
    broken.bytes[20 + TF_TCP_DATA_OFFSET] = 0x40;
    seal(&broken);
    check(say(connections, 0, &broken).len == 0, "header of 16 bytes");
    check(say(connections, 0, &whole).len > 0, "whole");
    connections_free(connections);
}

/* Any bytes behind the ports, with a right checksum: every answer is whole (see say). */
static void test_random_segments(void **state)
{
    const struct step syn = { .flags = SYN, .data_len = 20 };
    struct connections *connections = connections_new(1);
    uint32_t seed = 3;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        const struct client client = { round % 2 == 0 ? 4 : 6, true, 33483, 80 };
        struct packet packet = segment_of(&client, &syn, 0);
        const size_t at = ip_header_len(&packet) + TF_TCP_SEQ;
        for (uint32_t n = next_random(&seed) % 8; n > 0; n--)
            packet.bytes[at + next_random(&seed) % 40] = (uint8_t)next_random(&seed);
        seal(&packet);
        say(connections, round * TF_NS_PER_MS, &packet);
    }
    connections_free(connections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_isn_comes_from_the_seed),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_damaged_syns),
        cmocka_unit_test(test_random_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
