/* SPDX-License-Identifier: GPL-2.0-or-later */
/* match FRAMES MODE: what matching costs a frame, in time and memory, for runs that follow each
 * other, or for packets that were made to cost much. */
#include <glib.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traceflow/bytes.h"
#include "traceflow/encoding.h"
#include "traceflow/link.h"
#include "traceflow/match.h"
#include "traceflow/wire.h"

enum { PATHS = 16, TTLS = 20, ICMP_AT = TF_IPV4_MIN_LEN, QUOTE_AT = TF_IPV4_MIN_LEN + TF_ICMP_LEN };

struct capture {
    struct tf_match *match;
    uint64_t frames;
    uint64_t statuses[TF_FORGED + 1];
};

struct flow {
    uint32_t dst;
    uint32_t run_id;
    uint16_t path_id;
};

static enum tf_status give(struct capture *capture, const uint8_t *bytes, size_t len)
{
    const struct tf_frame frame = { .number = ++capture->frames,
                                    .time_ns = (int64_t)capture->frames * 100000,
                                    .linktype = TF_LINKTYPE_RAW,
                                    .bytes = bytes,
                                    .len = len };
    struct tf_observation obs;
    const enum tf_status status = tf_match_frame(capture->match, &frame, &obs);

    capture->statuses[status]++;
    return status;
}

static void write_ip(uint8_t *ip, uint8_t protocol, uint16_t len, uint32_t src, uint32_t dst)
{
    memset(ip, 0, len);
    ip[TF_IPV4_VERSION_IHL] = 0x45;
    tf_put_u16(ip + TF_IPV4_TOTAL_LENGTH, len);
    ip[TF_IPV4_TTL] = 60;
    ip[TF_IPV4_PROTOCOL] = protocol;
    tf_put_u32(ip + TF_IPV4_SRC, src);
    tf_put_u32(ip + TF_IPV4_DST, dst);
}

enum { PROBE_LEN = TF_IPV4_MIN_LEN + TF_PROBE_UDP_LENGTH };

static void write_probe(uint8_t *ip, const struct flow *flow, uint8_t ttl)
{
    uint8_t *udp = ip + TF_IPV4_MIN_LEN;
    const struct tf_tag tag = { .run_id = flow->run_id,
                                .path_id = flow->path_id,
                                .probe_id = tf_ident(flow->path_id, ttl) };

    write_ip(ip, TF_IP_PROTO_UDP, PROBE_LEN, 0xc0000201, flow->dst);
    tf_put_u16(ip + TF_IPV4_IDENT, tag.probe_id);
    ip[TF_IPV4_TTL] = ttl;
    tf_put_u16(udp + TF_UDP_SRC_PORT, (uint16_t)(TF_BASE_PORT + flow->path_id));
    tf_put_u16(udp + TF_UDP_DST_PORT, TF_BASE_PORT);
    tf_put_u16(udp + TF_UDP_LENGTH, TF_PROBE_UDP_LENGTH);
    tf_put_u16(udp + TF_UDP_CHECKSUM, tf_key(flow->run_id, flow->path_id, 0));
    tf_tag_encode(udp + TF_UDP_LEN, &tag);
}

/* A Time Exceeded that quotes 28 bytes of what is at probe. */
static enum tf_status give_reply(struct capture *capture, const uint8_t *probe, uint8_t ttl)
{
    uint8_t reply[QUOTE_AT + TF_IPV4_MIN_LEN + TF_UDP_LEN];

    write_ip(reply, TF_IP_PROTO_ICMP, sizeof reply, 0x0a000000U + ttl, 0xc0000201);
    reply[ICMP_AT] = TF_ICMP_TIME_EXCEEDED;
    memcpy(reply + QUOTE_AT, probe, sizeof reply - QUOTE_AT);
    reply[QUOTE_AT + TF_IPV4_TTL] = 1;
    return give(capture, reply, sizeof reply);
}

/* Runs one after the other, each of PATHS flows, all to one destination or to one each. */
static void give_runs(struct capture *capture, uint64_t frames, bool one_destination)
{
    uint8_t probe[PROBE_LEN];

    for (uint32_t run = 0; capture->frames < frames; run++)
        for (uint16_t path_id = 1; path_id <= PATHS; path_id++) {
            const struct flow flow = { one_destination ? 0xc6336401 : 0x0b000000 + run,
                                       run * 0x9e3779b1U, path_id };
            for (uint8_t ttl = 1; ttl <= TTLS; ttl++) {
                write_probe(probe, &flow, ttl);
                give(capture, probe, sizeof probe);
                give_reply(capture, probe, ttl);
            }
        }
}

/* Echo requests: each TTL of a path has a sequence number, hence a header, of its own. */
static void give_echo(struct capture *capture, uint64_t frames)
{
    uint8_t probe[PROBE_LEN];

    for (uint32_t n = 0; capture->frames < frames; n++) {
        const struct flow flow = { 0x0b000000 + n / (PATHS * TTLS),
                                   n / (PATHS * TTLS) * 0x9e3779b1U,
                                   (uint16_t)(n / TTLS % PATHS + 1) };
        const uint8_t ttl = (uint8_t)(n % TTLS + 1);
        uint8_t *icmp = probe + TF_IPV4_MIN_LEN;

        write_probe(probe, &flow, ttl);
        probe[TF_IPV4_PROTOCOL] = TF_IP_PROTO_ICMP;
        memset(icmp, 0, TF_ICMP_LEN);
        icmp[TF_ICMP_TYPE] = TF_ICMP_ECHO;
        tf_put_u16(icmp + TF_ICMP_CHECKSUM, tf_echo_key(flow.run_id, flow.path_id));
        tf_put_u16(icmp + TF_ICMP_IDENT, (uint16_t)(TF_BASE_PORT + flow.path_id));
        tf_put_u16(icmp + TF_ICMP_SEQUENCE, tf_ident(flow.path_id, ttl));
        give(capture, probe, sizeof probe);
        give_reply(capture, probe, ttl);
    }
}

/* Every packet a run of its own, all on one flow: the chains grow as long as can be. */
static void give_one_flow(struct capture *capture, uint64_t frames, bool forged)
{
    uint8_t probe[PROBE_LEN];

    for (uint32_t run = 0; capture->frames < frames; run++) {
        const struct flow flow = { 0xc6336401, run * 0x9e3779b1U, 1 };
        write_probe(probe, &flow, 1 + run % TTLS);
        give(capture, probe, sizeof probe);
        if (forged)
            tf_put_u16(probe + TF_IPV4_MIN_LEN + TF_UDP_CHECKSUM, (uint16_t)(run * 77 | 1));
        give_reply(capture, probe, 1);
    }
}

/* Strangers' datagrams to our base port, no two of one flow, and quotes of them. */
static void give_strangers(struct capture *capture, uint64_t frames)
{
    uint8_t probe[PROBE_LEN];

    for (uint32_t n = 0; capture->frames < frames; n++) {
        const struct flow flow = { n * 0x9e3779b1U, n, (uint16_t)(n % 255 + 1) };
        write_probe(probe, &flow, 1 + n % TTLS);
        memset(probe + TF_IPV4_MIN_LEN + TF_UDP_LEN, 'x', TF_TAG_LEN);
        give(capture, probe, sizeof probe);
        give_reply(capture, probe, 1);
    }
}

/* Quotes that a NAT may have changed, of one near end: all with the invariant of one probe. */
static void give_translated(struct capture *capture, uint64_t frames)
{
    uint8_t probe[PROBE_LEN];

    for (uint32_t n = 0; capture->frames < frames; n++) {
        const struct flow flow = { 0xc6336401, n * 0x9e3779b1U, (uint16_t)(n % 255 + 1) };
        write_probe(probe, &flow, 1 + n % TTLS);
        give(capture, probe, sizeof probe);
        tf_put_u32(probe + TF_IPV4_SRC, 0xcb007100 + n % 256);
        tf_put_u16(probe + TF_IPV4_IDENT, 0x7777);
        give_reply(capture, probe, 1);
    }
}

static void give_all(struct capture *capture, uint64_t frames, const char *mode)
{
    if (strcmp(mode, "runs") == 0 || strcmp(mode, "one-destination") == 0)
        give_runs(capture, frames, strcmp(mode, "runs") != 0);
    else if (strcmp(mode, "echo") == 0)
        give_echo(capture, frames);
    else if (strcmp(mode, "one-flow") == 0 || strcmp(mode, "forged") == 0)
        give_one_flow(capture, frames, strcmp(mode, "forged") == 0);
    else if (strcmp(mode, "strangers") == 0)
        give_strangers(capture, frames);
    else
        give_translated(capture, frames);
}

int main(int argc, char **argv)
{
    const uint64_t frames = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
    const struct tf_match_options options = tf_match_defaults();
    struct capture capture = { .match = tf_match_new(&options) };
    if (frames == 0) {
        fprintf(stderr, "usage: match FRAMES runs|one-destination|echo|one-flow|forged|strangers|"
                        "translated\n");
        return 2;
    }

    const struct mallinfo2 before = mallinfo2();
    const clock_t begin = clock();
    give_all(&capture, frames, argv[2]);
    const double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    const struct mallinfo2 after = mallinfo2();
    printf("%-16s %9" G_GUINT64_FORMAT
           " frames, %6.0f ns and %6.1f bytes a frame; ours %" G_GUINT64_FORMAT
           ", forged %" G_GUINT64_FORMAT "\n",
           argv[2], capture.frames, seconds * 1e9 / (double)capture.frames,
           (double)(after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) /
               (double)capture.frames,
           capture.statuses[TF_OK], capture.statuses[TF_FORGED]);
    tf_match_free(capture.match);
    return 0;
}
