/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Datagrams that the source sends in fragments, through the whole simulation, and replies that come
 * back in some. */
#include "fragment.h"
#include "lab_scene.h"
#include "reassembly.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

struct fragments_case {
    const char *name;
    const char *keys2;
    const char *keys_host;
    struct lab_probe probe;
    size_t mtu;     /* of the source; of IPv6 smaller than any, as the probes here are */
    bool backwards; /* the last fragment is sent first */
    size_t replies; /* packets that come back */
    size_t longest; /* of them, at most */
    const char *want;
};

static const struct fragments_case cases[] = {
    { "an echo",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 },
      1000,
      false,
      2,
      1500,
      "198.51.100.1/61 echo reply 33481" },
    { "backwards",
      "",
      "",
      { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 },
      1000,
      true,
      2,
      1500,
      "198.51.100.1/61 echo reply 33481" },
    { "IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .protocol = 1, .payload = 1900 },
      1280,
      false,
      2,
      1500,
      "2001:db8:d::1/61 echo reply 33481" },
    { "a narrow link on the way",
      "mtu=600\n",
      "",
      { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 },
      576,
      false,
      4,
      600,
      "198.51.100.1/61 echo reply 33481" },
    { "a link narrower than IPv6 allows",
      "mtu=600\n",
      "",
      { .dst = LAB_HOST6, .protocol = 1, .payload = 1900 },
      1280,
      false,
      2,
      1280,
      "2001:db8:d::1/61 echo reply 33481" },
    { "a datagram to an open port",
      "",
      "udp-open=33480\n",
      { .dst = LAB_HOST4, .payload = 1900 },
      1000,
      false,
      2,
      1500,
      "198.51.100.1/61 udp 33480 > 33481" },
    { "a router itself",
      "",
      "",
      { .dst = "10.0.0.2", .protocol = 1, .payload = 1900 },
      1000,
      false,
      2,
      1500,
      "10.0.0.2/254 echo reply 33481" },
    { "a closed port",
      "",
      "",
      { .dst = LAB_HOST4, .payload = 1900 },
      1000,
      false,
      1,
      1500,
      "198.51.100.1/61 icmp 3/3" LAB_QUOTE4("udp", "61", "0") },
    { "a closed port, IPv6",
      "",
      "",
      { .dst = LAB_HOST6, .payload = 1900 },
      1280,
      false,
      1,
      1280,
      "2001:db8:d::1/61 icmp 1/4" LAB_QUOTE6("udp", "61", "0") },
    { "behind a translator of ports",
      "nat-source=203.0.113.7\nnat-ports=random\n",
      "",
      { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 },
      1000,
      false,
      2,
      1500,
      "198.51.100.1/61 echo reply 33481" },
    { "… backwards, a closed port",
      "nat-source=203.0.113.7\nnat-ports=random\n",
      "",
      { .dst = LAB_HOST4, .payload = 1900 },
      1000,
      true,
      1,
      1500,
      "198.51.100.1/61 icmp 3/3" LAB_QUOTE4("udp", "61", "0") },
    { "lost at a host that is down",
      "",
      "down=yes\n",
      { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 },
      1000,
      false,
      0,
      0,
      "nothing" },
};

/* The probe goes out in fragments; returns how many. */
static size_t send_fragments(struct lab *lab, const struct fragments_case *c, int64_t gap_ns)
{
    const struct packet probe = lab_packet(&c->probe);
    struct fragmentation division = { probe.bytes, probe.len, c->mtu, 7, 0 };
    uint8_t bytes[SIM_PACKET_MAX];
    struct packet pieces[8];
    size_t n = 0;

    for (size_t len; (len = fragment_next(&division, bytes)) > 0; n++) {
        pieces[n].len = 0;
        append(&pieces[n], bytes, len);
    }
    for (size_t i = 0; i < n; i++) {
        lab_send(lab, &pieces[c->backwards ? n - 1 - i : i]);
        lab->now_ns += gap_ns;
    }
    return n;
}

/* What comes back, put together, in words. */
static const char *receive_all(struct lab *lab, const struct fragments_case *c)
{
    struct reassembly *reassembly = reassembly_new(g_free);
    const char *words = "nothing";
    size_t replies = 0;

    for (; lab_receive(lab); replies++) {
        struct reassembled whole;
        struct fragment fragment;
        check(lab->len <= c->longest, "%s: %zu bytes", c->name, lab->len);
        if (!fragment_read(&fragment, lab->reply, lab->len))
            words = lab_words(lab->reply, lab->len);
        else if (reassembly_add(reassembly, 0, &fragment, NULL, &whole)) {
            const char *wrong = lab_wrong_checksum(whole.packet, whole.len);
            check(wrong == NULL, "%s: wrong %s checksum", c->name, wrong);
            words = lab_words(whole.packet, whole.len);
        }
    }
    check(replies == c->replies, "%s: %zu packets", c->name, replies);
    reassembly_free(reassembly);
    return words;
}

static void test_fragments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fragments_case *c = &cases[i];
        g_autofree char *text = lab_row(c->keys2, c->keys_host);
        struct lab *lab = lab_open(text, 1);
        check(send_fragments(lab, c, LAB_MS) > 1, "%s: in fragments", c->name);
        const char *got = receive_all(lab, c);
        check(strcmp(got, c->want) == 0, "%s: %s\n    not %s", c->name, got, c->want);
        lab_close(lab);
    }
}

/* A fragment alone is answered by nothing; a router on its way tells its end, but of a later one
 * only in IPv6 (RFC 1122 section 3.2.2, RFC 4443 section 2.4). */
static void test_expiring(void **state)
{
    const struct {
        const char *name;
        struct lab_probe probe;
        size_t replies;
    } cases_of_ttl[] = {
        { "IPv4", { .dst = LAB_HOST4, .ttl = 2, .payload = 1900 }, 1 },
        { "IPv6", { .dst = LAB_HOST6, .ttl = 2, .payload = 1900 }, 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases_of_ttl); i++) {
        const struct fragments_case c = { .probe = cases_of_ttl[i].probe, .mtu = 1280 };
        g_autofree char *text = lab_row("", "");
        struct lab *lab = lab_open(text, 1);
        size_t replies = 0;
        check(send_fragments(lab, &c, LAB_MS) == 2, "%s: in two", cases_of_ttl[i].name);
        while (lab_receive(lab))
            replies++;
        check(replies == cases_of_ttl[i].replies, "%s: %zu", cases_of_ttl[i].name, replies);
        lab_close(lab);
    }
}

/* The first comes to the host after a millisecond, when it is down; the second when it is up again.
 */
static void test_host_is_down_in_between(void **state)
{
    static const struct fragments_case c = {
        .name = "down", .probe = { .dst = LAB_HOST4, .protocol = 1, .payload = 1900 }, .mtu = 1280
    };
    static const char *const changes[] = { "", "[change down]\nnode=h\nat=1ms\ndown=yes\n"
                                               "[change up]\nnode=h\nat=2ms\ndown=no\n" };

    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        g_autofree char *text = lab_row("", changes[i]);
        struct lab *lab = lab_open(text, 1);
        check(send_fragments(lab, &c, 5 * LAB_MS) == 2, "in two");
        check(lab_receive(lab) == (i == 0), "answered only if it was not down");
        lab_close(lab);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_expiring),
        cmocka_unit_test(test_host_is_down_in_between),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
