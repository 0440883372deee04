/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol's part of the packet details: all fields that an observation gives. */
#include "tree.h"

#include "experts.h"
#include "frame.h"
#include "summary.h"
#include "tag.h"
#include "traceflow/packet.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

static int proto_traceflow = -1;

static int hf_traceflow_kind = -1;
static int hf_traceflow_path_id = -1;
static int hf_traceflow_ttl = -1;
static int hf_traceflow_id = -1;
static int hf_traceflow_id_path = -1;
static int hf_traceflow_id_ttl = -1;
static int hf_traceflow_evidence = -1;
static int hf_traceflow_run_id = -1;
static int hf_traceflow_attempt = -1;
static int hf_traceflow_responder = -1;
static int hf_traceflow_responder6 = -1;
static int hf_traceflow_reply_in = -1;
static int hf_traceflow_probe_in = -1;
static int hf_traceflow_rtt = -1;
static int hf_traceflow_quoted_ttl = -1;
static int hf_traceflow_quoted_len = -1;
static int hf_traceflow_changed = -1;
static int hf_traceflow_mpls_label = -1;

static int ett_traceflow = -1;
static int ett_traceflow_id = -1;

static const value_string kind_names[] = {
    { TF_KIND_PROBE, "Probe" },
    { TF_KIND_HOP_REPLY, "Hop reply" },
    { TF_KIND_DESTINATION_REPLY, "Destination reply" },
    { 0, NULL },
};

static const value_string evidence_names[] = {
    { TF_EVIDENCE_TAG, "tag" },
    { TF_EVIDENCE_MATCHED, "matched" },
    { TF_EVIDENCE_ORIGINAL, "original" },
    { TF_EVIDENCE_ARITHMETIC, "arithmetic" },
    { 0, NULL },
};

/* What is concluded, rather than read at one place, is shown in brackets. */
static void add_uint(proto_tree *tree, int hf, uint32_t value)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf, NULL, 0, 0, value));
}

/* Where the Identification is in the frame that observation was made of; false if nowhere. */
static bool find_ident(int *offset, const packet_info *pinfo)
{
    struct tf_frame frame;
    struct tf_packet packet;

    if (!frame_read(&frame, pinfo) ||
        tf_packet_decode(&packet, frame.linktype, frame.bytes, frame.len) != TF_OK)
        return false;

    const struct tf_ip *ip = packet.has_quote ? &packet.quote.ip : &packet.datagram.ip;
    *offset = (int)(ip->payload - frame.bytes) - ip->header_len + TF_IPV4_IDENT;
    return true;
}

static void add_ident(proto_tree *tree, const packet_info *pinfo)
{
    static int *const bytes[] = { &hf_traceflow_id_path, &hf_traceflow_id_ttl, NULL };
    int offset = 0;

    if (find_ident(&offset, pinfo))
        proto_tree_add_bitmask(tree, frame_tvb(pinfo), offset, hf_traceflow_id, ett_traceflow_id,
                               bytes, ENC_BIG_ENDIAN);
}

static void add_common(proto_tree *tree, const packet_info *pinfo, const struct tf_observation *obs)
{
    add_uint(tree, hf_traceflow_kind, obs->kind);
    add_uint(tree, hf_traceflow_path_id, obs->path_id);
    if (obs->has_ttl)
        add_uint(tree, hf_traceflow_ttl, obs->ttl);
    if (obs->has_ident)
        add_ident(tree, pinfo);
    add_uint(tree, hf_traceflow_evidence, obs->evidence);
    if (obs->has_run_id)
        add_uint(tree, hf_traceflow_run_id, obs->run_id);
    if (obs->has_attempt)
        add_uint(tree, hf_traceflow_attempt, obs->attempt);
}

static void add_responder(proto_tree *tree, const struct tf_addr *responder)
{
    proto_item *item;
    ws_in4_addr ipv4;

    if (responder->version == 6) {
        item = proto_tree_add_ipv6(tree, hf_traceflow_responder6, NULL, 0, 0,
                                   (const ws_in6_addr *)responder->bytes);
    } else {
        memcpy(&ipv4, responder->bytes, sizeof ipv4);
        item = proto_tree_add_ipv4(tree, hf_traceflow_responder, NULL, 0, 0, ipv4);
    }
    proto_item_set_generated(item);
}

static void add_rtt(proto_tree *tree, int64_t rtt_ns)
{
    const nstime_t rtt = {
        .secs = (time_t)(rtt_ns / TF_NS_PER_S),
        .nsecs = (int)(rtt_ns % TF_NS_PER_S),
    };

    proto_item_set_generated(proto_tree_add_time(tree, hf_traceflow_rtt, NULL, 0, 0, &rtt));
}

static void add_changed(proto_tree *tree, uint16_t changed)
{
    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (changed & 1U << bit)
            proto_item_set_generated(proto_tree_add_string(tree, hf_traceflow_changed, NULL, 0, 0,
                                                           tf_changed_name(bit)));
}

static void add_reply(proto_tree *tree, const struct tf_observation *obs)
{
    add_responder(tree, &obs->responder);
    if (obs->has_probe) {
        add_uint(tree, hf_traceflow_probe_in, (uint32_t)obs->probe_frame);
        add_rtt(tree, obs->rtt_ns);
    }
    if (obs->has_quote) {
        add_uint(tree, hf_traceflow_quoted_ttl, obs->quoted_ttl);
        add_uint(tree, hf_traceflow_quoted_len, obs->quoted_len);
    }
    add_changed(tree, obs->changed);
    for (size_t i = 0; i < tf_mpls_kept(&obs->mpls); i++)
        add_uint(tree, hf_traceflow_mpls_label, obs->mpls.entry[i].label);
}

static proto_item *add_item(proto_tree *tree)
{
    proto_item *item = proto_tree_add_item(tree, proto_traceflow, NULL, 0, 0, ENC_NA);

    proto_item_set_generated(item);
    return item;
}

proto_item *tree_add_payload(proto_tree *tree, tvbuff_t *tvb)
{
    return proto_tree_add_item(tree, proto_traceflow, tvb, 0, -1, ENC_NA);
}

void tree_add(proto_tree *tree, const struct payload *payload, packet_info *pinfo,
              const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    if (tree == NULL) {
        experts_add(pinfo, NULL, sighting);
        return;
    }

    proto_item *item = payload != NULL ? payload->item : add_item(tree);
    proto_tree *subtree = proto_item_add_subtree(item, ett_traceflow);
    proto_item_append_text(item, ", %s", summary_text(pinfo->pool, sighting));
    add_common(subtree, pinfo, obs);
    if (obs->kind != TF_KIND_PROBE)
        add_reply(subtree, obs);
    else if (sighting->has_reply)
        add_uint(subtree, hf_traceflow_reply_in, sighting->reply_frame);
    if (payload != NULL)
        tag_add(subtree, payload->tvb);
    experts_add(pinfo, item, sighting);
}

void tree_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_kind,
          { "Kind", "traceflow.kind", FT_UINT8, BASE_DEC, VALS(kind_names), 0x0, NULL, HFILL } },
        { &hf_traceflow_path_id,
          { "Path ID", "traceflow.path_id", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Which flow of the run: the source port less the base port", HFILL } },
        { &hf_traceflow_ttl,
          { "TTL", "traceflow.ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The TTL that the probe was sent with", HFILL } },
        { &hf_traceflow_id,
          { "Identification", "traceflow.id", FT_UINT16, BASE_HEX, NULL, 0x0,
            "The IPv4 Identification of the probe, as captured or as quoted", HFILL } },
        { &hf_traceflow_id_path,
          { "Path ID", "traceflow.id.path", FT_UINT16, BASE_DEC, NULL, 0xff00,
            "High byte of the Identification: the path ID's low byte", HFILL } },
        { &hf_traceflow_id_ttl,
          { "TTL", "traceflow.id.ttl", FT_UINT16, BASE_DEC, NULL, 0x00ff,
            "Low byte of the Identification", HFILL } },
        { &hf_traceflow_evidence,
          { "Evidence", "traceflow.evidence", FT_UINT8, BASE_DEC, VALS(evidence_names), 0x0,
            "The rule by which the packet was recognised", HFILL } },
        { &hf_traceflow_run_id,
          { "Run ID", "traceflow.run_id", FT_UINT32, BASE_HEX, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_attempt,
          { "Attempt", "traceflow.attempt", FT_UINT8, BASE_DEC, NULL, 0x0,
            "0 for the first probe of a path ID and TTL", HFILL } },
        { &hf_traceflow_responder,
          { "Responder", "traceflow.responder", FT_IPv4, BASE_NONE, NULL, 0x0,
            "The router or host that sent the reply", HFILL } },
        { &hf_traceflow_responder6,
          { "Responder", "traceflow.responder6", FT_IPv6, BASE_NONE, NULL, 0x0,
            "The router or host that sent the reply", HFILL } },
        { &hf_traceflow_reply_in,
          { "Reply in", "traceflow.reply_in", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0, "The first reply to this probe", HFILL } },
        { &hf_traceflow_probe_in,
          { "Probe in", "traceflow.probe_in", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0, "The probe that this is a reply to", HFILL } },
        { &hf_traceflow_rtt,
          { "Round-trip time", "traceflow.rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "Time from the probe to this reply, in seconds", HFILL } },
        { &hf_traceflow_quoted_ttl,
          { "Quoted TTL", "traceflow.quoted_ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The TTL that the probe arrived with", HFILL } },
        { &hf_traceflow_quoted_len,
          { "Quoted length", "traceflow.quoted_len", FT_UINT16, BASE_DEC, NULL, 0x0,
            "How much of the probe came back, in bytes", HFILL } },
        { &hf_traceflow_changed,
          { "Changed", "traceflow.changed", FT_STRING, BASE_NONE, NULL, 0x0,
            "A quoted field that differs from the probe as captured", HFILL } },
        { &hf_traceflow_mpls_label,
          { "MPLS label", "traceflow.mpls.label", FT_UINT32, BASE_DEC, NULL, 0x0,
            "A label that the probe carried when it expired (RFC 4950), top first", HFILL } },
    };
    static int *ett[] = { &ett_traceflow, &ett_traceflow_id };

    proto_traceflow = proto;
    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
