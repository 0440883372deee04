/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of a probed flow without its key that are nobody's forgeries, one by one. */
#include "exchange.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"

enum { WRONG = 0x0810, OTHER_RUN = 0x2bad0001, MINIMUM = 8, WHOLE = 0 };

static struct packet quote_of(const struct packet *probe, size_t transport_len)
{
    return time_exceeded(probe, transport_len == WHOLE ? probe->len
                                                       : ip_header_len(probe) + transport_len);
}

static void guess_run(const struct shape *shape, struct packet *probe)
{
    const size_t run_id = shape->protocol == TF_IP_PROTO_TCP ? TF_SYN_TIMESTAMP + 2
                                                             : TF_UDP_LEN + TF_TAG_RUN_ID;

    tf_put_u32(transport_of(probe) + run_id, OTHER_RUN);
}

static struct packet no_checksum(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(checksum_field(&probe), 0);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_identification(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(probe.bytes + TF_IPV4_IDENT, 0x1234);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_flow_label(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[TF_IPV6_VERSION_CLASS_LABEL + 3] ^= 1;
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet a_ttl_never_probed(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 9, 0);

    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_length(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);
    uint8_t *length = probe.bytes + (shape->ipv6 ? TF_IPV6_PAYLOAD_LENGTH : TF_IPV4_TOTAL_LENGTH);

    tf_put_u16(length, (uint16_t)(tf_get_u16(length) + 16));
    if (shape->protocol == TF_IP_PROTO_UDP)
        tf_put_u16(transport_of(&probe) + TF_UDP_LENGTH, 40);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet another_payload(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    memcpy(transport_of(&probe) + TF_UDP_LEN, "@ABCDEFGHIJKLMNO", TF_TAG_LEN);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet another_syn(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    tf_put_u16(transport_of(&probe) + TF_TCP_WINDOW, 64240);
    add_to_key(&probe, WRONG);
    return quote_of(&probe, WHOLE);
}

static struct packet another_host(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[shape->ipv6 ? TF_IPV6_SRC + 15 : TF_IPV4_SRC + 3] ^= 0x40;
    add_to_key(&probe, WRONG);
    return quote_of(&probe, MINIMUM);
}

static struct packet attempt_not_captured(const struct shape *shape)
{
    const struct packet probe = shape_probe(shape, 3, 5, 7);

    return quote_of(&probe, MINIMUM);
}

/* What the kernel answers a SYN/ACK with: the sequence number behind the probe's. */
static struct packet quoted_reset(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, 1);
    return quote_of(&probe, MINIMUM);
}

static struct packet reset(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, 1);
    transport_of(&probe)[TF_TCP_FLAGS] = TF_TCP_FLAG_RST;
    return probe;
}

static struct packet wrong_acknowledgement(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    add_to_key(&probe, WRONG);
    return tcp_answer(shape, &probe, TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK, NO_TIMESTAMP);
}

static struct packet probe_without_checksum(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 6, 0);

    tf_put_u16(checksum_field(&probe), 0);
    return probe;
}

/* A destination, or a loop behind it, that sends the probe once more: the key holds. */
static struct packet probe_with_more_ttl(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);

    probe.bytes[shape->ipv6 ? TF_IPV6_HOP_LIMIT : TF_IPV4_TTL] = 200;
    if (!shape->ipv6)
        seal_ipv4(probe.bytes);
    return probe;
}

static struct packet another_run_with_more_ttl(const struct shape *shape)
{
    struct packet probe = probe_with_more_ttl(shape);

    guess_run(shape, &probe);
    tf_put_u16(key_field(&probe), tf_key(OTHER_RUN, 3, 0));
    return probe;
}

static struct packet echoed_with_wrong_key(const struct shape *shape)
{
    struct packet probe = shape_probe(shape, 3, 5, 0);
    struct packet datagram = { .len = 0 };

    append(&datagram, transport_of(&probe), probe.len - ip_header_len(&probe));
    tf_put_u16(datagram.bytes + TF_UDP_SRC_PORT, 33480);
    tf_put_u16(datagram.bytes + TF_UDP_DST_PORT, 33483);
    tf_put_u32(datagram.bytes + TF_UDP_LEN + TF_TAG_RUN_ID, OTHER_RUN);
    return from_destination(shape, &datagram);
}

struct innocent {
    const char *name;
    struct packet (*build)(const struct shape *shape);
    unsigned shapes;
};

static const struct innocent innocents[] = {
    { "a checksum of 0", no_checksum, UDP_SHAPES | ECHO_SHAPES },
    { "another Identification", another_identification, IPV4_SHAPES },
    { "another flow label", another_flow_label, IPV6_SHAPES },
    { "a TTL that was never probed", a_ttl_never_probed, IPV4_SHAPES | TCP_SHAPES | ECHO_SHAPES },
    { "another length", another_length, ALL_SHAPES },
    { "another payload", another_payload, UDP_SHAPES | ECHO_SHAPES },
    { "another program's SYN", another_syn, TCP_SHAPES },
    { "another host's flow", another_host, IPV6_SHAPES },
    { "an attempt that was not captured", attempt_not_captured, UDP_SHAPES | TCP_SHAPES },
    { "the kernel's reset, quoted", quoted_reset, TCP_SHAPES },
    { "the kernel's reset", reset, TCP_SHAPES },
    { "a SYN/ACK of something else", wrong_acknowledgement, TCP_SHAPES },
    { "a probe without checksum", probe_without_checksum, UDP_SHAPES },
    { "a probe with a TTL above its own", probe_with_more_ttl, UDP_SHAPES | TCP_SHAPES },
    { "another run's, too", another_run_with_more_ttl, UDP_SHAPES | TCP_SHAPES },
    { "an echo of another run's tag", echoed_with_wrong_key, UDP_SHAPES },
};

static void test_innocents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(innocents) * SHAPES; i++) {
        const struct innocent *c = &innocents[i / SHAPES];
        const struct shape *shape = &shapes[i % SHAPES];
        if ((c->shapes & 1U << i % SHAPES) == 0)
            continue;
        struct exchange exchange = exchange_begin();
        const struct packet probe = shape_probe(shape, 3, 5, 0);
        const struct packet innocent = c->build(shape);
        struct tf_observation obs;

        give_probe(&exchange, &probe);
        check(give(&exchange, &innocent, &obs) == TF_NOT_OURS, "%s, %s", c->name, shape->name);
        check(obs.kind == 0, "%s, %s: nothing is written", c->name, shape->name);
        exchange_end(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_innocents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
