/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where in a frame the bytes are that say which probe it is, or answers. */
#include "bearer.h"

#include "frame.h"

struct payload_bytes {
    const uint8_t *start;
    size_t len;
};

static struct payload_bytes payload_of(const struct tf_datagram *datagram)
{
    switch (datagram->transport) {
    case TF_TRANSPORT_UDP:
        return (struct payload_bytes){ datagram->udp.payload, datagram->udp.payload_len };
    case TF_TRANSPORT_ICMP:
        return (struct payload_bytes){ datagram->icmp.body, datagram->icmp.body_len };
    case TF_TRANSPORT_TCP:
    case TF_TRANSPORT_OTHER: break;
    }
    return (struct payload_bytes){ NULL, 0 };
}

bool bearer_find(struct bearer *bearer, const packet_info *pinfo, const struct tf_observation *obs)
{
    struct tf_packet packet;
    tvbuff_t *tvb = frame_tvb(pinfo);

    if (!frame_decode(&packet, pinfo))
        return false;

    const uint8_t *bytes = tvb_get_ptr(tvb, 0, (int)tvb_captured_length(tvb));
    *bearer = (struct bearer){
        .tvb = tvb,
        .datagram = packet.has_quote ? packet.quote : packet.datagram,
        .is_answer = obs->kind != TF_KIND_PROBE && !packet.has_quote,
    };
    bearer->transport = (int)(bearer->datagram.ip.payload - bytes);
    bearer->ip = bearer->transport - bearer->datagram.ip.header_len;

    const struct payload_bytes payload = payload_of(&bearer->datagram);
    if (payload.len > 0) {
        bearer->payload = (int)(payload.start - bytes);
        bearer->payload_len = (int)payload.len;
    }
    return true;
}
