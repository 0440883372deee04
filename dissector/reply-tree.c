/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part of the packet details that only replies have. */
#include "reply-tree.h"

#include "generated.h"
#include "traceflow/report.h"
#include "traceflow/time.h"

static int hf_traceflow_responder = -1;
static int hf_traceflow_responder6 = -1;
static int hf_traceflow_probe_in = -1;
static int hf_traceflow_rtt = -1;
static int hf_traceflow_first_reply_in = -1;
static int hf_traceflow_other_responder_in = -1;
static int hf_traceflow_quoted_ttl = -1;
static int hf_traceflow_quoted_len = -1;
static int hf_traceflow_changed = -1;
static int hf_traceflow_mpls_label = -1;

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

/* Wireshark warns of low TTLs, in quotes as well. */
static void add_quote(proto_tree *tree, const struct tf_observation *obs)
{
    char mark[TF_MARK_LEN];
    proto_item *item = generated_uint(tree, hf_traceflow_quoted_ttl, obs->quoted_ttl);
    if (obs->kind == TF_KIND_HOP_REPLY && obs->quoted_ttl == 1 &&
        tf_reply_mark(obs, mark)[0] == '\0')
        proto_item_append_text(item, " (run out, as it was meant to)");
    proto_item_append_text(generated_uint(tree, hf_traceflow_quoted_len, obs->quoted_len),
                           " bytes of the probe");
}

static void add_changed(proto_tree *tree, uint16_t changed)
{
    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (changed & 1U << bit)
            proto_item_set_generated(proto_tree_add_string(tree, hf_traceflow_changed, NULL, 0, 0,
                                                           tf_changed_name(bit)));
}

static void add_labels(proto_tree *tree, const struct tf_mpls_stack *stack)
{
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        generated_uint(tree, hf_traceflow_mpls_label, stack->entry[i].label);
}

void reply_tree_add(proto_tree *tree, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    add_responder(tree, &obs->responder);
    if (obs->has_probe) {
        generated_uint(tree, hf_traceflow_probe_in, (uint32_t)obs->probe_frame);
        add_rtt(tree, obs->rtt_ns);
    }
    generated_frame(tree, hf_traceflow_first_reply_in, sighting->first_reply_frame);
    generated_frame(tree, hf_traceflow_other_responder_in, sighting->other_responder_frame);
    if (obs->has_quote)
        add_quote(tree, obs);
    add_changed(tree, obs->changed);
    add_labels(tree, &obs->mpls);
}

void reply_tree_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_responder,
          { "Responder", "traceflow.responder", FT_IPv4, BASE_NONE, NULL, 0x0,
            "The router or host that sent the reply", HFILL } },
        { &hf_traceflow_responder6,
          { "Responder", "traceflow.responder6", FT_IPv6, BASE_NONE, NULL, 0x0,
            "The router or host that sent the reply", HFILL } },
        { &hf_traceflow_probe_in,
          { "Probe in", "traceflow.probe_in", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0, "The probe that this is a reply to", HFILL } },
        { &hf_traceflow_rtt,
          { "Round-trip time", "traceflow.rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0,
            "Time from the probe to this reply, as captured", HFILL } },
        { &hf_traceflow_first_reply_in,
          { "First reply in", "traceflow.first_reply_in", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0x0,
            "The reply that the same probe got before this one", HFILL } },
        { &hf_traceflow_other_responder_in,
          { "Other responder in", "traceflow.other_responder_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
            "The first reply of somebody else to the same flow and TTL", HFILL } },
        { &hf_traceflow_quoted_ttl,
          { "Quoted TTL", "traceflow.quoted_ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The TTL that the probe arrived with: 1 where it expired", HFILL } },
        { &hf_traceflow_quoted_len,
          { "Quoted length", "traceflow.quoted_len", FT_UINT16, BASE_DEC, NULL, 0x0,
            "How many bytes of the probe came back, IP header included", HFILL } },
        { &hf_traceflow_changed,
          { "Changed", "traceflow.changed", FT_STRING, BASE_NONE, NULL, 0x0,
            "A quoted field that differs from the probe as captured", HFILL } },
        { &hf_traceflow_mpls_label,
          { "MPLS label", "traceflow.mpls.label", FT_UINT32, BASE_DEC, NULL, 0x0,
            "A label that the probe carried when it expired (RFC 4950), top first", HFILL } },
    };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
}
