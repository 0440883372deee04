/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From Wireshark's packet_info to core's struct tf_frame. */
#include "frame.h"

#include <wiretap/wtap.h>

#include "traceflow/link.h"
#include "traceflow/time.h"

/* Wiretap numbers link layers in its own way. It strips the byte of direction that may stand before
 * PPP. */
static bool find_linktype(int *linktype, int wtap_encap)
{
    switch (wtap_encap) {
    case WTAP_ENCAP_ETHERNET: *linktype = TF_LINKTYPE_ETHERNET; return true;
    case WTAP_ENCAP_SLL: *linktype = TF_LINKTYPE_LINUX_SLL; return true;
    case WTAP_ENCAP_SLL2: *linktype = TF_LINKTYPE_LINUX_SLL2; return true;
    case WTAP_ENCAP_RAW_IP: *linktype = TF_LINKTYPE_RAW; return true;
    case WTAP_ENCAP_RAW_IP4: *linktype = TF_LINKTYPE_IPV4; return true;
    case WTAP_ENCAP_RAW_IP6: *linktype = TF_LINKTYPE_IPV6; return true;
    case WTAP_ENCAP_NULL: *linktype = TF_LINKTYPE_NULL; return true;
    case WTAP_ENCAP_LOOP: *linktype = TF_LINKTYPE_LOOP; return true;
    case WTAP_ENCAP_PPP:
    case WTAP_ENCAP_PPP_WITH_PHDR: *linktype = TF_LINKTYPE_PPP; return true;
    case WTAP_ENCAP_PPP_ETHER: *linktype = TF_LINKTYPE_PPP_ETHER; return true;
    case WTAP_ENCAP_CHDLC:
    case WTAP_ENCAP_CHDLC_WITH_PHDR: *linktype = TF_LINKTYPE_C_HDLC; return true;
    case WTAP_ENCAP_FRELAY:
    case WTAP_ENCAP_FRELAY_WITH_PHDR: *linktype = TF_LINKTYPE_FRELAY; return true;
    case WTAP_ENCAP_ATM_RFC1483: *linktype = TF_LINKTYPE_ATM_RFC1483; return true;
    case WTAP_ENCAP_IP_OVER_IB_PCAP: *linktype = TF_LINKTYPE_IPOIB; return true;
    case WTAP_ENCAP_ENC: *linktype = TF_LINKTYPE_ENC; return true;
    case WTAP_ENCAP_PFLOG: *linktype = TF_LINKTYPE_PFLOG; return true;
    case WTAP_ENCAP_NFLOG: *linktype = TF_LINKTYPE_NFLOG; return true;
    case WTAP_ENCAP_PPI: *linktype = TF_LINKTYPE_PPI; return true;
    case WTAP_ENCAP_PKTAP: *linktype = TF_LINKTYPE_PKTAP; return true;
    default: return false;
    }
}

tvbuff_t *frame_tvb(const packet_info *pinfo)
{
    /* The frame is a packet's first data source, and there before any dissector is called;
     * reassembled or decrypted data come after it. */
    return get_data_source_tvb((const struct data_source *)pinfo->data_src->data);
}

/*
 * What the frame begins with. The record's own word is lost where such a header names a link type:
 * "pcap_pktdata", which is called for what follows, writes that into the record. But the first
 * layer under the frame is still the header.
 */
static bool is_wrapped(int *linktype, const packet_info *pinfo)
{
    static int proto_ppi = -1;
    static int proto_pktap = -1;
    wmem_list_frame_t *layer = wmem_list_head(pinfo->layers);

    if (proto_ppi < 0) {
        proto_ppi = proto_get_id_by_filter_name("ppi");
        proto_pktap = proto_get_id_by_filter_name("pktap");
    }
    layer = layer != NULL ? wmem_list_frame_next(layer) : NULL;
    const int proto = layer != NULL ? GPOINTER_TO_INT(wmem_list_frame_data(layer)) : -1;
    *linktype = proto == proto_pktap ? TF_LINKTYPE_PKTAP : TF_LINKTYPE_PPI;
    return proto >= 0 && (proto == proto_ppi || proto == proto_pktap);
}

/* Whose link type is a file's or an interface's, is a packet's own here. */
bool frame_read(struct tf_frame *frame, const packet_info *pinfo)
{
    const wtap_rec *rec = pinfo->rec;

    if (rec->rec_type != REC_TYPE_PACKET)
        return false;
    if (!is_wrapped(&frame->linktype, pinfo) &&
        !find_linktype(&frame->linktype, rec->rec_header.packet_header.pkt_encap))
        return false;

    tvbuff_t *tvb = frame_tvb(pinfo);
    frame->len = tvb_captured_length(tvb);
    if (frame->len == 0)
        return false;
    frame->number = pinfo->num;
    frame->time_ns = tf_time_ns(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    frame->bytes = tvb_get_ptr(tvb, 0, (int)frame->len);
    return true;
}

bool frame_decode(struct tf_packet *packet, const packet_info *pinfo)
{
    struct tf_frame frame;

    return frame_read(&frame, pinfo) &&
           tf_packet_decode(packet, frame.linktype, frame.bytes, frame.len) == TF_OK;
}
