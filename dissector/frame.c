/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From Wireshark's packet_info to core's struct tf_frame. */
#include "frame.h"

#include <wiretap/wtap.h>

#include "traceflow/link.h"
#include "traceflow/time.h"

/* Wiretap numbers link layers in its own way. */
static const struct {
    int wtap_encap;
    int linktype;
} link_layers[] = {
    { WTAP_ENCAP_ETHERNET, TF_LINKTYPE_ETHERNET }, { WTAP_ENCAP_SLL, TF_LINKTYPE_LINUX_SLL },
    { WTAP_ENCAP_SLL2, TF_LINKTYPE_LINUX_SLL2 },   { WTAP_ENCAP_RAW_IP, TF_LINKTYPE_RAW },
    { WTAP_ENCAP_RAW_IP4, TF_LINKTYPE_IPV4 },      { WTAP_ENCAP_RAW_IP6, TF_LINKTYPE_IPV6 },
    { WTAP_ENCAP_NULL, TF_LINKTYPE_NULL },         { WTAP_ENCAP_LOOP, TF_LINKTYPE_LOOP },
};

static bool find_linktype(int *linktype, int wtap_encap)
{
    for (size_t i = 0; i < G_N_ELEMENTS(link_layers); i++)
        if (link_layers[i].wtap_encap == wtap_encap) {
            *linktype = link_layers[i].linktype;
            return true;
        }
    return false;
}

tvbuff_t *frame_tvb(const packet_info *pinfo)
{
    /* The frame is a packet's first data source; reassembled or decrypted data come after it. */
    return get_data_source_tvb((const struct data_source *)pinfo->data_src->data);
}

bool frame_read(struct tf_frame *frame, const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;
    tvbuff_t *tvb = frame_tvb(pinfo);

    if (rec->rec_type != REC_TYPE_PACKET ||
        !find_linktype(&frame->linktype, rec->rec_header.packet_header.pkt_encap))
        return false;
    frame->number = pinfo->num;
    frame->time_ns = tf_time_ns(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    frame->len = tvb_captured_length(tvb);
    frame->bytes = tvb_get_ptr(tvb, 0, (int)frame->len);
    return true;
}

bool frame_decode(struct tf_packet *packet, const packet_info *pinfo)
{
    struct tf_frame frame;

    return frame_read(&frame, pinfo) &&
           tf_packet_decode(packet, frame.linktype, frame.bytes, frame.len) == TF_OK;
}
