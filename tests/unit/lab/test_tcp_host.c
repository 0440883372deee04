/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP of the simulated hosts: conversations, segment by segment, in both families. */
#include "tcp_client.h"

#include "traceflow/bytes.h"
#include "traceflow/time.h"

enum { STEPS_MAX = 8 };

struct talk {
    const char *name;
    uint16_t port;
    struct step steps[STEPS_MAX]; /* up to the first without flags and time */
};

static const struct talk talks[] = {
    { "closed: SYN", 82, { { 0, SYN, 0, 0, 0, RST | ACK, 0, 1 } } },
    { "closed: SYN with data", 82, { { 0, SYN, 0, 0, 5, RST | ACK, 0, 6 } } },
    { "closed: FIN with data", 82, { { 0, FIN, 0, 0, 5, RST | ACK, 0, 6 } } },
    { "closed: ACK", 82, { { 0, ACK, 7, 99, 0, RST, 99, 0 } } },
    { "closed: SYN|ACK", 82, { { 0, SYN | ACK, 7, 99, 0, RST, 99, 0 } } },
    { "closed: RST", 82, { { 0, RST, 0, 0, 0, NOTHING, 0, 0 } } },
    { "closed: RST|ACK", 82, { { 0, RST | ACK, 0, 9, 0, NOTHING, 0, 0 } } },
    { "dropped", 81, { { 0, SYN, 0, 0, 0, NOTHING, 0, 0 }, { 1, ACK, 0, 9, 0, NOTHING, 0, 0 } } },
    { "open and dropped", 83, { { 0, SYN, 0, 0, 0, NOTHING, 0, 0 } } },
    { "listening: ACK", 80, { { 0, ACK, 7, 99, 0, RST, 99, 0 } } },
    { "listening: SYN|ACK", 80, { { 0, SYN | ACK, 7, 99, 0, RST, 99, 0 } } },
    { "listening: RST", 80, { { 0, RST, 7, 0, 0, NOTHING, 0, 0 } } },
    { "listening: SYN|RST", 80, { { 0, SYN | RST, 7, 0, 0, NOTHING, 0, 0 } } },
    { "listening: SYN|FIN", 80, { { 0, SYN | FIN, 7, 0, 0, NOTHING, 0, 0 } } },
    { "listening: data", 80, { { 0, PSH, 7, 0, 9, NOTHING, 0, 0 } } },
    { "SYN with data, which is not taken", 80, { { 0, SYN, 0, 0, 9, SYN | ACK, 0, 1 } } },
    { "the same SYN again, at once and later",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 9000, SYN, 0, 0, 0, SYN | ACK, 0, 1 } } },
    { "the same SYN again, after one that asked for ECN (RFC 3168 section 6.1.1)",
      80,
      { { 0, SYN | ECE | CWR, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, SYN | ECE | CWR, 0, 0, 0, SYN | ACK, 0, 1 },
        { 2, SYN, 0, 0, 0, SYN | ACK, 0, 1 } } },
    { "SYNs of other sequence numbers: a bare ACK, twice a second",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, SYN, -65536, 0, 0, ACK, 1, 1 },
        { 2, SYN, -131072, 0, 0, NOTHING, 0, 0 },
        { 500, SYN, 65536, 0, 0, NOTHING, 0, 0 },
        { 501, SYN, 65536, 0, 0, ACK, 1, 1 },
        { 502, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1001, SYN, 100, 0, 0, ACK, 1, 1 } } },
    { "SYN-RECEIVED: the sender's kernel resets",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, RST, 1, 0, 0, NOTHING, 0, 0 },
        { 2, ACK, 1, 1, 0, RST, 1, 0 } } },
    { "SYN-RECEIVED: RST of another sequence number",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, RST, 0, 0, 0, NOTHING, 0, 0 },
        { 2, RST, 64241, 0, 0, NOTHING, 0, 0 },
        { 3, RST, 64240, 0, 0, ACK, 1, 1 },
        { 4, SYN, 0, 0, 0, SYN | ACK, 0, 1 } } },
    { "SYN-RECEIVED: ACK of what was not sent",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 2, 0, RST, 2, 0 },
        { 2, ACK, 1, 0, 0, RST, 0, 0 },
        { 3, ACK, 1, 1, 0, NOTHING, 0, 0 } } },
    { "SYN-RECEIVED: no ACK",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 }, { 1, PSH, 1, 0, 3, NOTHING, 0, 0 } } },
    { "SYN-RECEIVED lives 63 s",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 62999, SYN, -65536, 0, 0, ACK, 1, 1 },
        { 63000, ACK, 1, 1, 0, RST, 1, 0 } } },
    { "ESTABLISHED lives on",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 999000, ACK, 1, 1, 3, ACK, 1, 4 } } },
    { "connect, write, close",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 2, PSH | ACK, 1, 1, 100, ACK, 1, 101 },
        { 3, FIN | ACK, 101, 1, 0, FIN | ACK, 1, 102 },
        { 4, ACK, 102, 2, 0, NOTHING, 0, 0 },
        { 5, ACK, 102, 2, 0, RST, 2, 0 } } },
    { "data and FIN with the handshake's ACK",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 }, { 1, FIN | ACK, 1, 1, 10, FIN | ACK, 1, 12 } } },
    { "data again: acknowledged each time, whatever the limit",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 50, ACK, 1, 51 },
        { 2, ACK, 1, 1, 50, ACK, 1, 51 },
        { 3, ACK, 1, 1, 50, ACK, 1, 51 },
        { 4, ACK, 41, 1, 50, ACK, 1, 91 } } },
    { "data after a gap are not kept",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 2, ACK, 11, 1, 10, ACK, 1, 1 },
        { 3, FIN | ACK, 21, 1, 0, ACK, 1, 1 },
        { 4, ACK, 1, 1, 20, ACK, 1, 21 } } },
    { "FIN again: FIN|ACK again",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, FIN | ACK, 1, 1, 0, FIN | ACK, 1, 2 },
        { 2, FIN | ACK, 1, 1, 0, FIN | ACK, 1, 2 },
        { 3, ACK, 2, 1, 0, NOTHING, 0, 0 },
        { 4, ACK, 2, 2, 0, NOTHING, 0, 0 },
        { 5, ACK, 2, 2, 0, RST, 2, 0 } } },
    { "LAST-ACK lives 63 s",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 9000, FIN | ACK, 1, 1, 0, FIN | ACK, 1, 2 },
        { 71999, FIN | ACK, 1, 1, 0, FIN | ACK, 1, 2 },
        { 72000, FIN | ACK, 1, 1, 0, RST, 1, 0 } } },
    { "ESTABLISHED: SYNs are challenged",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 2, SYN, 0, 0, 0, ACK, 1, 1 },
        { 3, SYN, 5, 0, 0, NOTHING, 0, 0 },
        { 600, SYN, 5, 0, 0, ACK, 1, 1 } } },
    { "ESTABLISHED: keep-alive, ACK of what was not sent, no ACK",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 2, ACK, 0, 1, 0, ACK, 1, 1 },
        { 1000, ACK, 1, 2, 0, ACK, 1, 1 },
        { 2000, PSH, 1, 0, 5, NOTHING, 0, 0 },
        { 3000, ACK, 1, 0, 5, ACK, 1, 6 } } },
    { "ESTABLISHED: RST",
      80,
      { { 0, SYN, 0, 0, 0, SYN | ACK, 0, 1 },
        { 1, ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 2, RST, 2, 0, 0, ACK, 1, 1 },
        { 3, RST | ACK, 1, 1, 0, NOTHING, 0, 0 },
        { 4, ACK, 1, 1, 0, RST, 1, 0 } } },
};

/* A SYN/ACK names the MSS; timestamps are in all but RSTs if the SYN had one. */
static void check_options(const char *name, const struct client *client, const struct heard *heard,
                          int64_t now_ns)
{
    const struct tf_tcp *tcp = &heard->tcp;
    const size_t tcp_at = client->version == 6 ? 40 : 20;
    const bool timestamp = client->has_timestamp && !(tcp->flags & RST);
    size_t options = timestamp ? 12 : 0;

    check(tcp->has_timestamp == timestamp, "%s: timestamp", name);
    check(!timestamp || tcp->tsecr == TSVAL, "%s: TSecr", name);
    check(!timestamp || tcp->tsval == now_ns / TF_NS_PER_MS, "%s: TSval", name);
    if (tcp->flags & SYN) {
        const uint32_t mss = client->version == 6 ? 1440 : 1460;
        check(tf_get_u32(heard->bytes + tcp_at + 20) == (0x02040000 | mss), "%s: MSS", name);
        options += 4;
    }
    check(heard->len == tcp_at + 20 + options, "%s: %zu bytes", name, heard->len);
    check(tf_get_u16(heard->bytes + tcp_at + 14) == (tcp->flags & RST ? 0 : 64240), "%s: window",
          name);
}

static void check_step(const struct talk *talk, size_t i, const struct client *client,
                       const struct heard *heard, uint32_t host_isn)
{
    const struct step *step = &talk->steps[i];
    const struct tf_tcp *tcp = &heard->tcp;
    const uint32_t want_ack = step->want & ACK ? CLIENT_ISN + (uint32_t)step->want_ack : 0;

    check((heard->len > 0) == (step->want != NOTHING), "%s: step %zu: whether it answers",
          talk->name, i);
    if (heard->len == 0)
        return;
    check(tcp->flags == step->want, "%s: step %zu: flags %02x", talk->name, i, tcp->flags);
    check(tcp->seq == host_isn + (uint32_t)step->want_seq, "%s: step %zu: SEQ", talk->name, i);
    check(tcp->ack == want_ack, "%s: step %zu: ACK", talk->name, i);
    check(tcp->src_port == client->dst_port && tcp->dst_port == client->src_port,
          "%s: step %zu: ports", talk->name, i);
    check_options(talk->name, client, heard, step->at_ms * TF_NS_PER_MS);
}

static bool is_step(const struct talk *talk, size_t i)
{
    return i < STEPS_MAX && (i == 0 || talk->steps[i].flags != 0);
}

static void hold(const struct talk *talk, uint8_t version, bool has_timestamp)
{
    const struct client client = { version, has_timestamp, 33483, talk->port };
    struct connections *connections = connections_new(5);
    uint32_t host_isn = 0;

    for (size_t i = 0; is_step(talk, i); i++) {
        const struct step *step = &talk->steps[i];
        const struct packet packet = segment_of(&client, step, host_isn);
        const struct heard heard = say(connections, step->at_ms * TF_NS_PER_MS, &packet);

        if (host_isn == 0 && heard.len > 0 && heard.tcp.flags == (SYN | ACK))
            host_isn = heard.tcp.seq;
        check_step(talk, i, &client, &heard, host_isn);
    }
    connections_free(connections);
}

static void test_talks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(talks); i++)
        for (uint8_t version = 4; version <= 6; version += 2) {
            hold(&talks[i], version, false);
            hold(&talks[i], version, true);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_talks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
