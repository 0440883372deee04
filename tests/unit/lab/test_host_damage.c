/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What simulated hosts do about packets that are damaged, cut, in pieces, or of another protocol.
 */
#include "asked.h"

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

static const struct bytes payload = BYTES(1, 2, 3, 4, 5, 6, 7);

/* A change of one byte of a request that would be answered. Header checksums are the routers'
 * business. */
struct damage_case {
    const char *name;
    struct packet (*request)(void);
    uint8_t at;
    uint8_t to;
    enum host_answer want;
};

static struct packet udp4(void)
{
    return udp_to(4, 33480, payload);
}

static struct packet udp6(void)
{
    return udp_to(6, 33480, payload);
}

static struct packet udp4_unchecked(void)
{
    struct packet ip = udp4();

    tf_put_u16(ip.bytes + 20 + TF_UDP_CHECKSUM, 0);
    return ip;
}

static struct packet udp6_unchecked(void)
{
    struct packet ip = udp6();

    tf_put_u16(ip.bytes + 40 + TF_UDP_CHECKSUM, 0);
    return ip;
}

static struct packet echo4(void)
{
    return echo_of(4, payload);
}

static struct packet echo6(void)
{
    return echo_of(6, payload);
}

static const struct damage_case damage_cases[] = {
    { "UDP as it is", udp4, TF_IPV4_TOS, 0, HOST_PORT_UNREACHABLE },
    { "IPv6 UDP as it is", udp6, TF_IPV6_HOP_LIMIT, 9, HOST_PORT_UNREACHABLE },
    { "UDP without checksum", udp4_unchecked, TF_IPV4_TOS, 0, HOST_PORT_UNREACHABLE },
    { "IPv6 UDP without checksum", udp6_unchecked, TF_IPV6_HOP_LIMIT, 9, HOST_SILENT },
    { "UDP, another payload", udp4, 30, 0x77, HOST_SILENT },
    { "IPv6 UDP, another payload", udp6, 50, 0x77, HOST_SILENT },
    { "UDP from another", udp4, TF_IPV4_SRC + 3, 99, HOST_SILENT },
    { "UDP longer than its packet", udp4_unchecked, 20 + TF_UDP_LENGTH + 1, 16, HOST_SILENT },
    { "UDP shorter than its packet", udp4_unchecked, 20 + TF_UDP_LENGTH + 1, 14,
      HOST_PORT_UNREACHABLE },
    { "UDP under 8 bytes", udp4_unchecked, 20 + TF_UDP_LENGTH + 1, 7, HOST_SILENT },
    { "echo, another payload", echo4, 30, 0x77, HOST_SILENT },
    { "IPv6 echo, another payload", echo6, 50, 0x77, HOST_SILENT },
    { "a timestamp request", echo4, 20, 13, HOST_SILENT },
    { "a first fragment", udp4, TF_IPV4_FLAGS_FRAGMENT, 0x20, HOST_SILENT },
    { "a later fragment", udp4, TF_IPV4_FLAGS_FRAGMENT + 1, 1, HOST_SILENT },
    { "don't fragment", udp4, TF_IPV4_FLAGS_FRAGMENT, 0x40, HOST_PORT_UNREACHABLE },
    { "longer than it is", udp4, TF_IPV4_TOTAL_LENGTH + 1, 255, HOST_SILENT },
    { "shorter than its header", udp4, TF_IPV4_TOTAL_LENGTH + 1, 19, HOST_SILENT },
    { "IPv6, longer than it is", udp6, TF_IPV6_PAYLOAD_LENGTH + 1, 255, HOST_SILENT },
    { "from a group", udp4_unchecked, TF_IPV4_SRC, 224, HOST_SILENT },
    { "another protocol", udp4, TF_IPV4_PROTOCOL, 47, HOST_PROTOCOL_UNREACHABLE },
    { "ICMPv6 in IPv4", udp4, TF_IPV4_PROTOCOL, 58, HOST_PROTOCOL_UNREACHABLE },
    { "another next header", udp6, TF_IPV6_NEXT_HEADER, 47, HOST_PROTOCOL_UNREACHABLE },
    { "no next header", udp6, TF_IPV6_NEXT_HEADER, 59, HOST_SILENT },
    { "neither IPv4 nor IPv6", udp4, 0, 0x55, HOST_SILENT },
};

static void test_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(damage_cases); i++) {
        const struct damage_case *c = &damage_cases[i];
        struct packet request = c->request();

        request.bytes[c->at] = c->to;
        check(ask(request.bytes, request.len).answer == c->want, "%s", c->name);
    }
}

static void test_truncations(void **state)
{
    struct packet (*const requests[])(void) = { udp4, udp6, echo4, echo6, udp4_unchecked };

    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        const struct packet request = requests[i]();
        for (size_t n = 0; n < request.len; n++)
            check(ask(request.bytes, n).answer == HOST_SILENT, "request %zu cut to %zu", i, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_truncations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
