/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What to think of Wireshark's "Possible traceroute". */
/*
 * Classic traceroute counts its destination port up from 33434, one port a probe, three probes a
 * hop. So Wireshark's UDP dissector notes a hop and an attempt wherever a port is one of the next
 * thirty, in quotes as well. The original Python tool's ports are: they name a path, and no hop.
 */
#include "port-hint.h"

#include <epan/expert.h>

#include "traceflow/wire.h"

enum { HINTED_FIRST = 33435, HINTED_LAST = 33464 };

static expert_field ei_traceflow_port_hint = EI_INIT;

static bool is_hinted(uint16_t port)
{
    return port >= HINTED_FIRST && port <= HINTED_LAST;
}

/* A NAT that changed the source port of the quoted probe took its hint away. */
static bool has_hint(const struct tf_observation *obs)
{
    const bool keeps_src = (obs->changed & TF_CHANGED_SRC_PORT) == 0;
    const bool keeps_dst = (obs->changed & TF_CHANGED_DST_PORT) == 0;

    return obs->flow.protocol == TF_IP_PROTO_UDP && ((keeps_src && is_hinted(obs->flow.src_port)) ||
                                                     (keeps_dst && is_hinted(obs->flow.dst_port)));
}

void port_hint_add(packet_info *pinfo, proto_item *item, const struct tf_observation *obs)
{
    if (!has_hint(obs))
        return;
    if (obs->has_ttl)
        expert_add_info_format(pinfo, item, &ei_traceflow_port_hint,
                               "\"Possible traceroute\" is wrong here, a guess from ports alone: "
                               "this is path %u, TTL %u",
                               obs->path_id, obs->ttl);
    else
        expert_add_info(pinfo, item, &ei_traceflow_port_hint);
}

void port_hint_register(int proto)
{
    static ei_register_info ei[] = {
        { &ei_traceflow_port_hint,
          { "traceflow.port_hint", PI_SEQUENCE, PI_CHAT,
            "\"Possible traceroute\" is wrong here, a guess from ports alone", EXPFILL } },
    };

    expert_register_field_array(expert_register_protocol(proto), ei, G_N_ELEMENTS(ei));
}
