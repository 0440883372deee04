/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The simulated internet behind an Ethernet link: frames in, frames out. */
#include "frames.h"

#include <glib.h>
#include <string.h>

#include "ip_build.h"
#include "neighbour.h"
#include "traceflow/bytes.h"
#include "traceflow/ip.h"
#include "traceflow/wire.h"

/* Questions about neighbours come singly; a flood of them may be lost, as on any link. */
enum { QUEUE_MAX = 16 };

struct queued {
    int64_t ready_ns;
    struct neighbour_reply reply;
};

struct frames {
    const struct topology *topology;
    struct sim *sim;
    uint8_t source_mac[TF_MAC_LEN];
    struct queued queue[QUEUE_MAX]; /* a ring */
    size_t first;
    size_t count;
};

/* Whom a frame is for. */
enum addressee { TO_GATEWAY, TO_ALL, TO_IPV6_GROUP, TO_OTHERS };

static const uint8_t gateway_mac[TF_MAC_LEN] = NEIGHBOUR_GATEWAY_MAC;
static const uint8_t broadcast_mac[TF_MAC_LEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t no_mac[TF_MAC_LEN];

struct frames *frames_new(const struct topology *topology, uint64_t seed)
{
    struct frames *frames = g_new0(struct frames, 1);

    frames->topology = topology;
    frames->sim = sim_new(topology, seed);
    memcpy(frames->source_mac, (const uint8_t[TF_MAC_LEN])NEIGHBOUR_SOURCE_MAC, TF_MAC_LEN);
    return frames;
}

void frames_free(struct frames *frames)
{
    if (frames == NULL)
        return;
    sim_free(frames->sim);
    g_free(frames);
}

static enum addressee addressee_of(const uint8_t *mac)
{
    if (memcmp(mac, gateway_mac, TF_MAC_LEN) == 0)
        return TO_GATEWAY;
    if (memcmp(mac, broadcast_mac, TF_MAC_LEN) == 0)
        return TO_ALL;
    /* RFC 2464 section 7 */
    return mac[0] == 0x33 && mac[1] == 0x33 ? TO_IPV6_GROUP : TO_OTHERS;
}

/* Whoever sends is the source; but a group cannot send. */
static void learn(struct frames *frames, const uint8_t *mac)
{
    if ((mac[0] & 1) == 0 && memcmp(mac, no_mac, TF_MAC_LEN) != 0)
        memcpy(frames->source_mac, mac, TF_MAC_LEN);
}

static void enqueue(struct frames *frames, int64_t now_ns, const struct neighbour_reply *reply)
{
    if (frames->count == QUEUE_MAX)
        return;
    const size_t last = (frames->first + frames->count) % QUEUE_MAX;
    frames->queue[last] = (struct queued){ .ready_ns = now_ns, .reply = *reply };
    frames->count++;
}

/* Without the padding of short frames. A packet that was cut is dropped, and one for a group ends
 * on its link. */
static void forward(struct frames *frames, int64_t now_ns, const uint8_t *packet, size_t len)
{
    struct tf_ip ip;

    if (tf_ip_decode(&ip, packet, len) != TF_OK)
        return;
    if (ip.total_len < ip.header_len || ip.total_len > len || !ip_is_single_host(&ip.dst))
        return;
    sim_send(frames->sim, now_ns, packet, ip.total_len);
}

struct incoming {
    enum addressee to;
    uint16_t ethertype;
    const uint8_t *packet;
    size_t len;
};

static enum neighbour_result ask_neighbour(struct neighbour_reply *reply,
                                           const struct topology *topology,
                                           const struct incoming *in)
{
    const bool to_gateway = in->to == TO_GATEWAY;

    if (in->ethertype == TF_ETHERTYPE_ARP && (to_gateway || in->to == TO_ALL))
        return neighbour_arp(reply, topology, in->packet, in->len);
    if (in->ethertype == TF_ETHERTYPE_IPV6 && (to_gateway || in->to == TO_IPV6_GROUP))
        return neighbour_discovery(reply, topology, in->packet, in->len);
    return NEIGHBOUR_OTHER;
}

/* A router takes what is sent to its own address alone; VLANs are none of its links. */
static bool is_for_internet(const struct incoming *in)
{
    if (in->to != TO_GATEWAY || in->len == 0)
        return false;
    const uint8_t version = in->packet[TF_IPV4_VERSION_IHL] >> 4;
    return (in->ethertype == TF_ETHERTYPE_IPV4 && version == 4) ||
           (in->ethertype == TF_ETHERTYPE_IPV6 && version == 6);
}

void frames_input(struct frames *frames, int64_t now_ns, const uint8_t *frame, size_t len)
{
    if (len < TF_ETHERNET_LEN)
        return;

    const struct incoming in = { .to = addressee_of(frame + TF_ETHERNET_DST),
                                 .ethertype = tf_get_u16(frame + TF_ETHERNET_TYPE),
                                 .packet = frame + TF_ETHERNET_LEN,
                                 .len = len - TF_ETHERNET_LEN };
    struct neighbour_reply reply;

    learn(frames, frame + TF_ETHERNET_SRC);
    const enum neighbour_result result = ask_neighbour(&reply, frames->topology, &in);
    if (result == NEIGHBOUR_ANSWER)
        enqueue(frames, now_ns, &reply);
    else if (result == NEIGHBOUR_OTHER && is_for_internet(&in))
        forward(frames, now_ns, in.packet, in.len);
}

static void dequeue(struct frames *frames, struct neighbour_reply *reply)
{
    *reply = frames->queue[frames->first].reply;
    frames->first = (frames->first + 1) % QUEUE_MAX;
    frames->count--;
}

static void write_header(const struct frames *frames, uint8_t *frame, uint16_t ethertype)
{
    memcpy(frame + TF_ETHERNET_DST, frames->source_mac, TF_MAC_LEN);
    memcpy(frame + TF_ETHERNET_SRC, gateway_mac, TF_MAC_LEN);
    tf_put_u16(frame + TF_ETHERNET_TYPE, ethertype);
}

size_t frames_output(struct frames *frames, int64_t now_ns, uint8_t *frame)
{
    uint8_t *packet = frame + TF_ETHERNET_LEN;

    if (frames->count > 0) {
        struct neighbour_reply reply;
        dequeue(frames, &reply);
        write_header(frames, frame, reply.ethertype);
        memcpy(packet, reply.bytes, reply.len);
        return TF_ETHERNET_LEN + reply.len;
    }

    const size_t len = sim_receive(frames->sim, now_ns, packet);
    if (len == 0)
        return 0;
    const uint8_t version = packet[TF_IPV4_VERSION_IHL] >> 4;
    write_header(frames, frame, version == 6 ? TF_ETHERTYPE_IPV6 : TF_ETHERTYPE_IPV4);
    return TF_ETHERNET_LEN + len;
}

int64_t frames_due_ns(const struct frames *frames)
{
    return frames->count > 0 ? frames->queue[frames->first].ready_ns : sim_due_ns(frames->sim);
}
