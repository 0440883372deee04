/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translations there and back. */
#include "nat.h"

#include "chance.h"
#include "traceflow/datagram.h"
#include "traceflow/wire.h"

enum { FIRST_RANDOM_PORT = 1024, RANDOM_PORTS = 65536 - FIRST_RANDOM_PORT, PORT_SEED = 0x4e4154 };

bool nat_destination(const struct nat *nat, uint8_t *packet, size_t len, struct flow *flow,
                     struct translation *done)
{
    const struct destination_nat *rule = &nat->destination;
    if (rule->from.version == 0 || !tf_addr_equal(&flow->dst, &rule->from))
        return false;

    done->end = EDIT_DST;
    done->leaves_quotes = nat->leave_quotes;
    done->before = (struct endpoint){ flow->dst, false, flow->dst_port };
    done->after = (struct endpoint){ rule->to, false, rule->port };
    if (rule->port != 0 && flow->dst_port != 0)
        done->before.has_port = done->after.has_port = true;
    edit_endpoint(packet, len, EDIT_DST, &done->after);
    flow->dst = rule->to;
    if (done->after.has_port)
        flow->dst_port = rule->port;
    return true;
}

/* The source port, or what stands for it. */
static uint16_t *port_of(struct flow *flow)
{
    return flow->src_port != 0 ? &flow->src_port : &flow->icmp_id;
}

bool nat_source(const struct nat *nat, uint8_t *packet, size_t len, struct flow *flow,
                struct translation *done)
{
    const struct tf_addr *to = flow->src.version == 4 ? &nat->source.to4 : &nat->source.to6;
    uint16_t *port = port_of(flow);
    if (to->version == 0)
        return false;

    done->end = EDIT_SRC;
    done->leaves_quotes = nat->leave_quotes;
    done->before = (struct endpoint){ flow->src, false, *port };
    done->after = (struct endpoint){ *to, false, *port };
    if (nat->source.random_ports && *port != 0) {
        const uint32_t bits = flow_hash(flow, HASH_FIVE_TUPLE | HASH_ICMP_ID, PORT_SEED);
        done->after.port = (uint16_t)(FIRST_RANDOM_PORT + chance_scale(bits, RANDOM_PORTS));
        done->before.has_port = done->after.has_port = true;
    }
    edit_endpoint(packet, len, EDIT_SRC, &done->after);
    flow->src = *to;
    *port = done->after.port;
    return true;
}

static bool is_error(const struct tf_datagram *datagram)
{
    if (datagram->transport != TF_TRANSPORT_ICMP)
        return false;
    if (datagram->ip.version == 6)
        return datagram->icmp.type < TF_ICMPV6_ECHO;
    return datagram->icmp.type == TF_ICMP_DEST_UNREACH ||
           datagram->icmp.type == TF_ICMP_TIME_EXCEEDED ||
           datagram->icmp.type == TF_ICMP_PARAM_PROBLEM;
}

static void unquote(const struct translation *done, const struct tf_icmp *icmp, uint8_t *packet,
                    size_t len)
{
    edit_endpoint(packet + (icmp->body - packet), icmp->body_len, done->end, &done->before);
    edit_seal_icmp(packet, len);
}

void nat_return(const struct translation *done, bool is_own, uint8_t *packet, size_t len)
{
    const enum edit_end outer = done->end == EDIT_SRC ? EDIT_DST : EDIT_SRC;
    struct tf_datagram datagram;
    if (tf_datagram_decode(&datagram, packet, len) != TF_OK)
        return;

    const struct tf_addr *ours = outer == EDIT_DST ? &datagram.ip.dst : &datagram.ip.src;
    const bool repairs = is_error(&datagram) && !done->leaves_quotes;
    if (tf_addr_equal(ours, &done->after.addr) || (repairs && outer == EDIT_SRC && !is_own))
        edit_endpoint(packet, len, outer, &done->before);
    if (repairs)
        unquote(done, &datagram.icmp, packet, len);
}
