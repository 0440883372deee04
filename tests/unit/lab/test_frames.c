/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames: what of them reaches the simulated internet, and how its packets come back. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "frames.h"
#include "traceflow/bytes.h"
#include "traceflow/wire.h"

/* Stands for the internet: keeps the last packet, and has what the test puts into it. */
struct sim {
    unsigned sent;
    int64_t sent_ns;
    struct packet last;
    int64_t due_ns;
    struct packet waiting; /* len 0: none */
};

static struct sim internet;

struct sim *sim_new(const struct topology *topology, uint64_t seed)
{
    (void)topology;
    (void)seed;
    internet = (struct sim){ .due_ns = INT64_MAX };
    return &internet;
}

void sim_free(struct sim *sim)
{
    (void)sim;
}

void sim_send(struct sim *sim, int64_t now_ns, const uint8_t *packet, size_t len)
{
    sim->sent++;
    sim->sent_ns = now_ns;
    sim->last.len = 0;
    append(&sim->last, packet, len);
}

size_t sim_receive(struct sim *sim, int64_t now_ns, uint8_t *packet)
{
    const size_t len = now_ns >= sim->due_ns ? sim->waiting.len : 0;

    memcpy(packet, sim->waiting.bytes, len);
    if (len > 0)
        sim->due_ns = INT64_MAX;
    return len;
}

int64_t sim_due_ns(const struct sim *sim)
{
    return sim->due_ns;
}

static struct topology topology(void)
{
    return (struct topology){ .source4 = addr("192.0.2.1"), .source6 = addr("2001:db8:a::1") };
}

#define SOURCE_MAC  2, 0, 0, 0, 0, 1
#define OTHER_MAC   0xaa, 0xbb, 0xcc, 0, 0, 7
#define GATEWAY_MAC 2, 0, 0, 0, 0, 2
#define ALL         255, 255, 255, 255, 255, 255
#define ALL_NODES   0x33, 0x33, 0, 0, 0, 1
#define ALL_HOSTS   1, 0, 0x5e, 0, 0, 1

#define IPV4 8, 0
#define IPV6 0x86, 0xdd
#define ARP  8, 6
/* version 4, 24 bytes, Identification 7, TTL 5, UDP, from 192.0.2.1 to 198.51.100.9 */
#define IPV4_HEAD 0x45, 0, 0, 24, 0, 7, 0, 0, 5, 17, 0, 0, 192, 0, 2, 1
#define PACKET4   IPV4_HEAD, 198, 51, 100, 9, 1, 2, 3, 4
/* version 6, 4 bytes, no next header, hop limit 5, from 2001:db8:a::1 */
#define IPV6_HEAD                                                                                  \
    0x60, 0, 0, 0, 0, 4, 59, 5, 0x20, 1, 0x0d, 0xb8, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define PACKET6 IPV6_HEAD, 0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4

struct input_case {
    const char *name;
    struct bytes frame;
    size_t want; /* bytes that reach the internet, from byte 14 on; 0: none */
};

static const struct input_case input_cases[] = {
    { "IPv4", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, PACKET4), 24 },
    { "IPv4, padded", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, PACKET4, 0, 0, 0, 0, 0, 0), 24 },
    { "IPv6", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV6, PACKET6), 44 },
    { "IPv6, padded", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV6, PACKET6, 0, 0, 0), 44 },
    { "IPv4 from a group", BYTES(GATEWAY_MAC, ALL, IPV4, PACKET4), 24 },
    { "IPv4 for one host, in a broadcast frame", BYTES(ALL, SOURCE_MAC, IPV4, PACKET4), 0 },
    { "IPv6 for one host, in a broadcast frame", BYTES(ALL, SOURCE_MAC, IPV6, PACKET6), 0 },
    { "IPv4 in a multicast frame", BYTES(ALL_HOSTS, SOURCE_MAC, IPV4, PACKET4), 0 },
    { "IPv6 in a multicast frame", BYTES(ALL_NODES, SOURCE_MAC, IPV6, PACKET6), 0 },
    { "IPv4 for another station", BYTES(OTHER_MAC, SOURCE_MAC, IPV4, PACKET4), 0 },
    { "IPv4 for a group", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, IPV4_HEAD, 224, 0, 0, 1, 1, 2, 3, 4),
      0 },
    { "IPv4 for all",
      BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, IPV4_HEAD, 255, 255, 255, 255, 1, 2, 3, 4), 0 },
    { "IPv6 for a group",
      BYTES(GATEWAY_MAC, SOURCE_MAC, IPV6, IPV6_HEAD, 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 1, 1, 2, 3, 4),
      0 },
    { "IPv6 that says it is IPv4", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, PACKET6), 0 },
    { "IPv4 that says it is IPv6", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV6, PACKET4), 0 },
    { "neither, for its version is 5", BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, 0x55, 0, 0, 24), 0 },
    { "IPv4 with a header of 16 bytes",
      BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, 0x44, 0, 0, 24, 0, 7, 0, 0, 5, 17, 0, 0, 192, 0, 2, 1,
            198, 51, 100, 9, 1, 2, 3, 4),
      0 },
    { "IPv4 with a total length under its header's",
      BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, 0x45, 0, 0, 19, 0, 7, 0, 0, 5, 17, 0, 0, 192, 0, 2, 1,
            198, 51, 100, 9, 1, 2, 3, 4),
      0 },
    { "IPv4 with a total length of 65535",
      BYTES(GATEWAY_MAC, SOURCE_MAC, IPV4, 0x45, 0, 255, 255, 0, 7, 0, 0, 5, 17, 0, 0, 192, 0, 2, 1,
            198, 51, 100, 9, 1, 2, 3, 4),
      0 },
    { "a VLAN's IPv4", BYTES(GATEWAY_MAC, SOURCE_MAC, 0x81, 0, 0, 5, IPV4, PACKET4), 0 },
    { "a length in place of the type", BYTES(GATEWAY_MAC, SOURCE_MAC, 0, 24, PACKET4), 0 },
    { "ARP", BYTES(GATEWAY_MAC, SOURCE_MAC, ARP, PACKET4), 0 },
};

static void input(struct frames *frames, int64_t now_ns, const uint8_t *frame, size_t len)
{
    frames_input(frames, now_ns, guarded(frame, len), len);
}

static void check_input(struct frames *frames, const struct input_case *c)
{
    const unsigned before = internet.sent;

    input(frames, 5, c->frame.at, c->frame.len);
    check(internet.sent - before == (c->want > 0 ? 1 : 0), "%s: %u sent", c->name,
          internet.sent - before);
    if (c->want == 0)
        return;
    check(internet.sent_ns == 5, "%s: when", c->name);
    check(internet.last.len == c->want, "%s: %zu bytes", c->name, internet.last.len);
    check(memcmp(internet.last.bytes, c->frame.at + 14, c->want) == 0, "%s: bytes", c->name);
}

static void test_input(void **state)
{
    const struct topology there = topology();
    struct frames *frames = frames_new(&there, 1);

    (void)state;
    for (size_t i = 0; i < COUNT(input_cases); i++) {
        const struct input_case *c = &input_cases[i];

        check_input(frames, c);
        for (size_t n = 0; n < c->frame.len; n++) {
            const struct input_case cut = { c->name,
                                            { c->frame.at, n },
                                            c->want > 0 && n >= 14 + c->want ? c->want : 0 };
            check_input(frames, &cut);
        }
    }
    uint8_t none[FRAME_MAX];
    check(frames_output(frames, 5, none) == 0, "nothing of it is answered");
    frames_free(frames);
}

static const uint8_t arp_request[] = { ALL, SOURCE_MAC, ARP,        0,   1,  8, 0, 6, 4,
                                       0,   1,          SOURCE_MAC, 192, 0,  2, 1, 0, 0,
                                       0,   0,          0,          0,   10, 0, 0, 1 };

/* The checksum is that of 2001:db8:a::1 asking ff02::1:ff00:9 for 2001:db8:1::9. */
static const uint8_t solicitation[] = {
    0x33, 0x33, 0xff, 0,    0,    9,    SOURCE_MAC, IPV6, 0x60, 0, 0, 0,    0, 32,   58,
    255,  0x20, 1,    0x0d, 0xb8, 0,    0x0a,       0,    0,    0, 0, 0,    0, 0,    0,
    0,    1,    0xff, 2,    0,    0,    0,          0,    0,    0, 0, 0,    0, 1,    0xff,
    0,    0,    9,    135,  0,    0x1c, 0x0e,       0,    0,    0, 0, 0x20, 1, 0x0d, 0xb8,
    0,    1,    0,    0,    0,    0,    0,          0,    0,    0, 0, 9,    1, 1,    SOURCE_MAC,
};

struct neighbour_case {
    const char *name;
    const uint8_t *frame;
    size_t len;
    uint8_t to[6]; /* in place of the frame's own */
    bool answered;
};

static const struct neighbour_case neighbour_cases[] = {
    { "ARP for all", arp_request, sizeof arp_request, { ALL }, true },
    { "ARP for the gateway", arp_request, sizeof arp_request, { GATEWAY_MAC }, true },
    { "ARP for another", arp_request, sizeof arp_request, { OTHER_MAC }, false },
    { "ARP for a group", arp_request, sizeof arp_request, { ALL_NODES }, false },
    { "a solicitation for a group", solicitation, sizeof solicitation, { ALL_NODES }, true },
    { "a solicitation for the gateway", solicitation, sizeof solicitation, { GATEWAY_MAC }, true },
    { "a solicitation for all", solicitation, sizeof solicitation, { ALL }, false },
    { "a solicitation for another", solicitation, sizeof solicitation, { OTHER_MAC }, false },
};

static void check_neighbour(struct frames *frames, const struct neighbour_case *c, size_t len)
{
    const bool answered = c->answered && len == c->len;
    uint8_t frame[sizeof solicitation];
    uint8_t answer[FRAME_MAX];

    memcpy(frame, c->frame, c->len);
    memcpy(frame, c->to, sizeof c->to);
    input(frames, 7, frame, len);
    check(frames_due_ns(frames) == (answered ? 7 : INT64_MAX), "%s, %zu bytes: due", c->name, len);
    const size_t answer_len = frames_output(frames, 7, answer);
    check((answer_len > 0) == answered, "%s, %zu bytes: %zu of answer", c->name, len, answer_len);
    if (!answered)
        return;
    check(memcmp(answer, (const uint8_t[]){ SOURCE_MAC, GATEWAY_MAC }, 12) == 0, "%s: between whom",
          c->name);
    check(memcmp(answer + 12, c->frame + 12, 2) == 0, "%s: type", c->name);
    check(answer_len == c->len, "%s: %zu bytes of answer", c->name, answer_len);
}

static void test_neighbours(void **state)
{
    const struct topology there = topology();
    struct frames *frames = frames_new(&there, 1);

    (void)state;
    for (size_t i = 0; i < COUNT(neighbour_cases); i++)
        for (size_t n = 0; n <= neighbour_cases[i].len; n++)
            check_neighbour(frames, &neighbour_cases[i], n);
    check(internet.sent == 0, "neighbour discovery stays on the link");
    frames_free(frames);
}

static void put_waiting(const struct bytes *packet, int64_t due_ns)
{
    internet.waiting.len = 0;
    append(&internet.waiting, packet->at, packet->len);
    internet.due_ns = due_ns;
}

static const struct bytes packet4 = BYTES(PACKET4);
static const struct bytes packet6 = BYTES(PACKET6);

static void check_output(struct frames *frames, const struct bytes *packet, uint16_t type,
                         const uint8_t *to)
{
    uint8_t frame[FRAME_MAX];

    put_waiting(packet, 100);
    check(frames_due_ns(frames) == 100, "type %04x: due", type);
    check(frames_output(frames, 99, frame) == 0, "type %04x: too early", type);
    check(frames_output(frames, 100, frame) == 14 + packet->len, "type %04x: length", type);
    check(memcmp(frame, to, 6) == 0, "type %04x: to", type);
    check(memcmp(frame + 6, (const uint8_t[]){ GATEWAY_MAC }, 6) == 0, "type %04x: from", type);
    check(tf_get_u16(frame + 12) == type, "type %04x", type);
    check(memcmp(frame + 14, packet->at, packet->len) == 0, "type %04x: packet", type);
    check(frames_output(frames, 100, frame) == 0, "type %04x: once", type);
}

static void test_output(void **state)
{
    static const uint8_t at_first[] = { SOURCE_MAC };
    static const uint8_t learnt[] = { OTHER_MAC };
    static const uint8_t from_other[] = { ALL, OTHER_MAC, 0, 0 };
    static const uint8_t from_all[] = { ALL, ALL, 0, 0 };
    static const uint8_t from_none[14] = { ALL };
    const struct topology there = topology();
    struct frames *frames = frames_new(&there, 1);

    (void)state;
    check_output(frames, &packet4, 0x0800, at_first);
    check_output(frames, &packet6, 0x86dd, at_first);
    input(frames, 1, from_other, sizeof from_other);
    check_output(frames, &packet4, 0x0800, learnt);
    input(frames, 1, from_all, sizeof from_all);
    input(frames, 1, from_none, sizeof from_none);
    check_output(frames, &packet6, 0x86dd, learnt);
    frames_free(frames);
}

enum { FLOOD = 100 };

/* Ask for 10.0.0.1 to 10.0.0.100 at once; returns how many were answered, from the first on. */
static unsigned flood(struct frames *frames, uint8_t *frame)
{
    uint8_t request[sizeof arp_request];
    unsigned answers = 0;

    memcpy(request, arp_request, sizeof request);
    for (uint8_t i = 1; i <= FLOOD; i++) {
        request[sizeof request - 1] = i;
        input(frames, 1, request, sizeof request);
    }
    while (frames_output(frames, 1, frame) > 0 && tf_get_u16(frame + 12) == 0x0806) {
        answers++;
        check(frame[14 + TF_ARP_SENDER + 3] == answers, "answer %u", answers);
    }
    return answers;
}

/* Neighbours first, in the order of their questions; of too many the last are lost. */
static void test_queue(void **state)
{
    const struct topology there = topology();
    struct frames *frames = frames_new(&there, 1);
    uint8_t frame[FRAME_MAX];

    (void)state;
    put_waiting(&packet4, 1);
    unsigned answers = flood(frames, frame);
    check(answers >= 4 && answers < FLOOD, "%u answers", answers);
    check(tf_get_u16(frame + 12) == 0x0800, "then the packet");
    input(frames, 1, arp_request, sizeof arp_request); /* the ring does not begin where it did */
    check(frames_output(frames, 1, frame) > 0, "one more");
    check(flood(frames, frame) == answers, "as many again");
    frames_free(frames);
}

/* A frame of any bytes, most of them addressed well enough to be looked into. */
static void test_random(void **state)
{
    const struct topology there = topology();
    struct frames *frames = frames_new(&there, 1);
    static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806, 0x8100 };
    uint8_t answer[FRAME_MAX];
    uint32_t random = 5;

    (void)state;
    for (unsigned round = 0; round < 100000; round++) {
        uint8_t frame[128] = { GATEWAY_MAC, SOURCE_MAC };
        const size_t len = next_random(&random) % sizeof frame;

        for (size_t i = 12; i < sizeof frame; i++)
            frame[i] = (uint8_t)next_random(&random);
        tf_put_u16(frame + 12, types[next_random(&random) % COUNT(types)]);
        frame[14] = next_random(&random) % 2 == 0 ? 0x45 : 0x60;
        input(frames, round, frame, len);
        check(frames_output(frames, round, answer) <= sizeof answer, "round %u", round);
    }
    check(internet.sent > 0, "some were packets");
    frames_free(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_input),  cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_output), cmocka_unit_test(test_queue),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
