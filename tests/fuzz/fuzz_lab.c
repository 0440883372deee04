/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: what the lab's device is given, as records of a time step (one byte, units of 2 ms), a
 * length (two bytes) and a frame. Whatever comes in, what goes out are frames with right checksums,
 * in time, and the simulation goes on.
 */
#include "frames.h"
#include "fuzz.h"
#include "ip_build.h"
#include "topology.h"
#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/ip.h"
#include "traceflow/time.h"

enum { ETHERNET_LEN = 14, ETHERTYPE = 12, ARP = 0x0806, FRAMES_MAX = 256 };

static const int64_t step_ns = 2 * TF_NS_PER_MS;

static struct topology *topology;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    GError *error = NULL;

    (void)argc;
    (void)argv;
    topology = topology_load(TF_FUZZ_TOPOLOGY, &error);
    if (topology == NULL)
        fprintf(stderr, "%s\n", error->message);
    must(topology != NULL);
    return 0;
}

static void check_frame(const uint8_t *frame, size_t len)
{
    struct tf_ip ip;

    must(len > ETHERNET_LEN && len <= FRAME_MAX);
    if (tf_get_u16(frame + ETHERTYPE) == ARP)
        return;
    must(tf_ip_decode(&ip, frame + ETHERNET_LEN, len - ETHERNET_LEN) == TF_OK);
    must(ip.total_len == len - ETHERNET_LEN);
    must(ip.ttl > 0);
    must(ip.version == 6 || tf_checksum(frame + ETHERNET_LEN, ip.header_len) == 0);
    must(ip.fragment_start > 0 || ip.more_fragments || ip_checksum_holds(&ip));
}

static void take_output(struct frames *frames, int64_t now_ns)
{
    uint8_t frame[FRAME_MAX];

    for (size_t len; (len = frames_output(frames, now_ns, frame)) > 0;)
        check_frame(frame, len);
    must(frames_due_ns(frames) > now_ns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct supply supply = { data, size };
    struct frames *frames = frames_new(topology, 1);
    int64_t now_ns = 0;

    for (unsigned i = 0; i < FRAMES_MAX && supply.left > 3; i++) {
        now_ns += take_u8(&supply) * step_ns;
        size_t len = take_u16(&supply);
        const uint8_t *bytes = take_bytes(&supply, &len);
        uint8_t *exact = g_memdup2(bytes, len); /* so that an overrun is seen */
        frames_input(frames, now_ns, exact, len);
        g_free(exact);
        take_output(frames, now_ns);
    }
    take_output(frames, now_ns + 3600 * TF_NS_PER_S);
    frames_free(frames);
    return 0;
}
