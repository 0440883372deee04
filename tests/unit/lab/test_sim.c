/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulator as a whole: a probe in, its reply in words; who answers what from which address,
 * and what is quoted. Every reply's checksums are computed anew (lab_receive). */
#include "lab_scene.h"

#include <string.h>

#include "traceflow/wire.h"

static const struct lab_case cases[] = {
    { "UDP, TTL 1",
      "",
      "",
      { .dst = LAB_HOST4, .ttl = 1 },
      "10.0.0.1/255 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "UDP, TTL 2",
      "",
      "",
      { .dst = LAB_HOST4, .ttl = 2 },
      "10.0.0.2/254 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "UDP, TTL 3",
      "",
      "",
      { .dst = LAB_HOST4, .ttl = 3 },
      "10.0.0.3/253 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "UDP, TTL 4",
      "",
      "",
      { .dst = LAB_HOST4, .ttl = 4 },
      "198.51.100.1/61 icmp 3/3" LAB_QUOTE4("udp", "1", "0") },
    { "UDP, TTL 64",
      "",
      "",
      { .dst = LAB_HOST4 },
      "198.51.100.1/61 icmp 3/3" LAB_QUOTE4("udp", "61", "0") },
    { "UDP, TTL 1, IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .ttl = 1 },
      "2001:db8::1/255 icmp 3/0" LAB_QUOTE6("udp", "1", "0") },
    { "UDP, TTL 3, IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .ttl = 3 },
      "2001:db8::3/253 icmp 3/0" LAB_QUOTE6("udp", "1", "0") },
    { "UDP, IPv6",
      "",
      "",
      { .dst = LAB_HOST6 },
      "2001:db8:d::1/61 icmp 1/4" LAB_QUOTE6("udp", "61", "0") },
    { "echo, TTL 2",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 1, .ttl = 2 },
      "10.0.0.2/254 icmp 11/0" LAB_QUOTE4("echo", "1", "0") },
    { "echo", "", "", { .dst = LAB_HOST4, .protocol = 1 }, "198.51.100.1/61 echo reply 33481" },
    { "echo, IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .protocol = 1 },
      "2001:db8:d::1/61 echo reply 33481" },
    { "echo to a router",
      "",
      "",
      { .dst = "10.0.0.2", .protocol = 1 },
      "10.0.0.2/254 echo reply 33481" },
    { "TCP, TTL 1",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 6, .ttl = 1 },
      "10.0.0.1/255 icmp 11/0" LAB_QUOTE4("tcp", "1", "0") },
    { "TCP, closed",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 6 },
      "198.51.100.1/61 tcp 33480 > 33481 RA" },
    { "TCP, open",
      "",
      "tcp-open=33480\n",
      { .dst = LAB_HOST4, .protocol = 6 },
      "198.51.100.1/61 tcp 33480 > 33481 SA" },
    { "TCP, open, IPv6",
      "",
      "tcp-open=33480\n",
      { .dst = LAB_HOST6, .protocol = 6 },
      "2001:db8:d::1/61 tcp 33480 > 33481 SA" },
    { "UDP, open",
      "",
      "udp-open=33480\n",
      { .dst = LAB_HOST4 },
      "198.51.100.1/61 udp 33480 > 33481" },
    { "UDP, dropped", "", "udp-drop=33480\n", { .dst = LAB_HOST4 }, "nothing" },
    { "a silent host", "", "silent=yes\n", { .dst = LAB_HOST4 }, "nothing" },
    { "no echo", "", "echo=no\n", { .dst = LAB_HOST4, .protocol = 1 }, "nothing" },
    { "a host that is down", "", "down=yes\n", { .dst = LAB_HOST4 }, "nothing" },

    { "another protocol",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 47 },
      "198.51.100.1/61 icmp 3/2" LAB_QUOTE4("other", "61", "0") },
    { "another protocol, IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .protocol = 47 },
      "2001:db8:d::1/61 icmp 4/1" LAB_QUOTE6("other", "61", "0") },

    { "a silent router", "silent=yes\n", "", { .dst = LAB_HOST4, .ttl = 2 }, "nothing" },
    { "behind it",
      "silent=yes\n",
      "",
      { .dst = LAB_HOST4, .ttl = 3 },
      "10.0.0.3/253 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "a router's TTL",
      "reply-ttl=64\n",
      "",
      { .dst = LAB_HOST4, .ttl = 2 },
      "10.0.0.2/63 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "a TTL that just lasts",
      "reply-ttl=2\n",
      "",
      { .dst = LAB_HOST4, .ttl = 2 },
      "10.0.0.2/1 icmp 11/0" LAB_QUOTE4("udp", "1", "0") },
    { "a TTL that does not", "reply-ttl=1\n", "", { .dst = LAB_HOST4, .ttl = 2 }, "nothing" },
    { "nobody",
      "",
      "",
      { .dst = "198.51.100.99" },
      "10.0.0.3/253 icmp 3/1 {192.0.2.1:33481 > 198.51.100.99:33480 udp ttl 62 tos 0}" },
    { "nobody, IPv6",
      "",
      "",
      { .dst = "2001:db8:d::99" },
      "2001:db8::3/253 icmp 1/3 {2001:db8:a::1:33481 > 2001:db8:d::99:33480 udp ttl 62 tos 0}" },
    { "no way on",
      "route 203.0.113.0/24=r4\n[router r4]\naddress=10.0.0.4\n",
      "",
      { .dst = "203.0.113.5" },
      "10.0.0.4/253 icmp 3/0 {192.0.2.1:33481 > 203.0.113.5:33480 udp ttl 62 tos 0}" },

};

static void test_replies(void **state)
{
    (void)state;
    lab_check_cases(cases, COUNT(cases));
}

/* Bytes that are no packet at all, and replies to them that need no wrong memory. */
static void test_noise(void **state)
{
    g_autofree char *text = lab_row("nat-source=203.0.113.7, 2001:db8:f::7\nmpls=16001:0:1\n",
                                    "udp-open=1-65535\ntcp-open=1-32000\n");
    struct lab *lab = lab_open(text, 1);
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        struct packet packet = lab_packet(
            &(struct lab_probe){ .dst = i % 2 == 0 ? LAB_HOST4 : LAB_HOST6,
                                 .ttl = (uint8_t)(1 + i % 8),
                                 .protocol = i % 3 == 0 ? 6 : 17,
                                 .payload = i % 100 });
        const size_t n = next_random(&seed) % 8;
        for (size_t j = 0; j < n; j++)
            packet.bytes[next_random(&seed) % packet.len] = (uint8_t)next_random(&seed);
        if (packet.bytes[0] >> 4 == 4 && (packet.bytes[0] & 0x0f) >= 5)
            seal_ipv4(packet.bytes);
        const size_t len = packet.len - (n == 7 ? next_random(&seed) % packet.len : 0);
        sim_send(lab->sim, lab->now_ns, guarded(packet.bytes, len), len);
        while (lab_receive(lab))
            ;
    }
    sim_send(lab->sim, lab->now_ns, NULL, 0);
    check(!lab_receive(lab), "nothing for nothing");
    lab_close(lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_noise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
