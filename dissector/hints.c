/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to think of notes that other dissectors make of our packets. */
/*
 * They judge by what is usual, and a probe is not: it runs out of hops, asks without wanting the
 * usual answer, and is like the one before it in all that can be alike. Of low TTLs, which are
 * noted as well, the field tells (tree.c).
 */
#include "hints.h"

#include <epan/expert.h>

#include "onlookers.h"
#include "traceflow/wire.h"

enum { HINTED_FIRST = 33435, HINTED_LAST = 33464 };

static expert_field ei_traceflow_port_hint = EI_INIT;
static expert_field ei_traceflow_echo_hint = EI_INIT;
static expert_field ei_traceflow_syn_hint = EI_INIT;

/*
 * Classic traceroute counts its destination port up from 33434, one port a probe, three probes a
 * hop. So Wireshark's UDP dissector notes a hop and an attempt wherever a port is one of the next
 * thirty, in quotes as well. The original Python tool's ports are: they name a path, and no hop.
 */
static bool is_hinted(uint16_t port)
{
    return port >= HINTED_FIRST && port <= HINTED_LAST;
}

/* A NAT that changed the source port of the quoted probe took its hint away. */
static bool looks_classic(const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;
    const bool keeps_src = (obs->changed & TF_CHANGED_SRC_PORT) == 0;
    const bool keeps_dst = (obs->changed & TF_CHANGED_DST_PORT) == 0;

    return obs->flow.protocol == TF_IP_PROTO_UDP && ((keeps_src && is_hinted(obs->flow.src_port)) ||
                                                     (keeps_dst && is_hinted(obs->flow.dst_port)));
}

/* Wireshark pairs requests with echo replies, and a router's error is none. */
static bool is_echo_answered_by_router(const struct sighting *sighting)
{
    const uint16_t protocol = sighting->obs.flow.protocol;

    return sighting->obs.kind == TF_KIND_PROBE && sighting->has_reply &&
           sighting->reply_kind == TF_KIND_HOP_REPLY &&
           (protocol == TF_IP_PROTO_ICMP || protocol == TF_IP_PROTO_ICMPV6);
}

static bool is_syn(const struct sighting *sighting)
{
    return sighting->obs.kind == TF_KIND_PROBE && sighting->obs.flow.protocol == TF_IP_PROTO_TCP;
}

/* To make one that nobody sees takes longer than to find out whose the frame is. But the window
 * shows how grave the gravest of the file is. */
static bool are_wanted(const packet_info *pinfo, const proto_item *item)
{
    return onlookers_of_experts(pinfo, item) || expert_get_highest_severity() < PI_CHAT;
}

void hints_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting)
{
    static const struct {
        expert_field *info;
        bool (*applies)(const struct sighting *sighting);
    } hints[] = {
        { &ei_traceflow_port_hint, looks_classic },
        { &ei_traceflow_echo_hint, is_echo_answered_by_router },
        { &ei_traceflow_syn_hint, is_syn },
    };

    if (!are_wanted(pinfo, item))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(hints); i++)
        if (hints[i].applies(sighting))
            expert_add_info(pinfo, item, hints[i].info);
}

void hints_register(int proto)
{
    static ei_register_info ei[] = {
        { &ei_traceflow_port_hint,
          { "traceflow.port_hint", PI_SEQUENCE, PI_CHAT,
            "\"Possible traceroute\" is wrong here, a guess from ports alone: they name a path, "
            "and "
            "no hop",
            EXPFILL } },
        { &ei_traceflow_echo_hint,
          { "traceflow.echo_hint", PI_SEQUENCE, PI_CHAT,
            "\"No response seen\" is said of echo replies alone: a router on the way answered",
            EXPFILL } },
        { &ei_traceflow_syn_hint,
          { "traceflow.syn_hint", PI_SEQUENCE, PI_CHAT,
            "On purpose: the same ports for all probes of a path, as routers choose ways by them, "
            "and no MSS, as no connection is wanted",
            EXPFILL } },
    };

    expert_register_field_array(expert_register_protocol(proto), ei, G_N_ELEMENTS(ei));
}
