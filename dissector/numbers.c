/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The numbers that a probe's headers bear, besides the Identification. */
#include "numbers.h"

#include "key.h"
#include "traceflow/encoding.h"

static int hf_traceflow_flow_label = -1;
static int hf_traceflow_seq = -1;
static int hf_traceflow_seq_probe_id = -1;
static int hf_traceflow_seq_path = -1;
static int hf_traceflow_seq_ttl = -1;
static int hf_traceflow_tsval = -1;

static int ett_traceflow_seq = -1;
static int ett_traceflow_seq_probe_id = -1;

/* Without a quote there is only the answer's own label. */
static void add_flow_label(proto_tree *tree, const struct bearer *bearer,
                           const struct tf_observation *obs)
{
    if (bearer->datagram.ip.version != 6 || bearer->is_answer)
        return;

    proto_item *item = proto_tree_add_item(tree, hf_traceflow_flow_label, bearer->tvb,
                                           bearer->ip + TF_IPV6_FLOW_LABEL, TF_IPV6_FLOW_LABEL_LEN,
                                           ENC_BIG_ENDIAN);
    if (bearer->datagram.ip.flow_label == obs->path_id)
        proto_item_append_text(item, " [the path ID]");
    else
        proto_item_append_text(item, " [not the path ID]");
}

static proto_item *add_probe_id(proto_tree *tree, const struct bearer *bearer, int offset)
{
    proto_item *item = proto_tree_add_item(tree, hf_traceflow_seq_probe_id, bearer->tvb, offset, 2,
                                           ENC_BIG_ENDIAN);
    proto_tree *bytes = proto_item_add_subtree(item, ett_traceflow_seq_probe_id);

    proto_tree_add_item(bytes, hf_traceflow_seq_path, bearer->tvb, offset, 1, ENC_BIG_ENDIAN);
    proto_tree_add_item(bytes, hf_traceflow_seq_ttl, bearer->tvb, offset + 1, 1, ENC_BIG_ENDIAN);
    return item;
}

/* What a bare acknowledgement answers is a later SYN than the one whose number it names. */
static const char *seq_origin(const struct bearer *bearer)
{
    if (!bearer->is_answer)
        return "";
    if ((bearer->datagram.tcp.flags & (TF_TCP_FLAG_SYN | TF_TCP_FLAG_RST)) == 0)
        return " (acknowledges an earlier probe than the one that it answers)";
    return " (the acknowledgement number, less one)";
}

/* A key is never 0xffff, so that counting on by one leaves the upper half alone. */
static void add_seq(proto_tree *tree, const struct bearer *bearer, const struct tf_observation *obs)
{
    const struct tf_tcp *tcp = &bearer->datagram.tcp;
    const int offset = bearer->transport + (bearer->is_answer ? TF_TCP_ACK : TF_TCP_SEQ);
    const uint32_t seq = bearer->is_answer ? tcp->ack - 1 : tcp->seq;
    proto_item *item = proto_tree_add_uint(tree, hf_traceflow_seq, bearer->tvb, offset, 4, seq);
    proto_tree *halves = proto_item_add_subtree(item, ett_traceflow_seq);

    proto_item_append_text(item, "%s", seq_origin(bearer));
    if (bearer->is_answer)
        proto_item_set_generated(item);
    add_probe_id(halves, bearer, offset);
    key_add(halves, bearer, obs);
}

/* Where our SYNs have it; a middlebox may have moved the option, and an answer's echo is anywhere.
 */
static void add_tsval(proto_tree *tree, const struct bearer *bearer)
{
    const struct tf_tcp *tcp = &bearer->datagram.tcp;
    const int offset = bearer->transport + TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_VALUE;

    if (!bearer->is_answer && tcp->whole && tcp->has_timestamp &&
        tvb_bytes_exist(bearer->tvb, offset, 4) && tvb_get_ntohl(bearer->tvb, offset) == tcp->tsval)
        proto_item_append_text(
            proto_tree_add_item(tree, hf_traceflow_tsval, bearer->tvb, offset, 4, ENC_BIG_ENDIAN),
            " (the run ID)");
}

void numbers_add(proto_tree *tree, const struct bearer *bearer, const struct tf_observation *obs)
{
    add_flow_label(tree, bearer, obs);
    if (bearer->datagram.transport == TF_TRANSPORT_TCP) {
        add_seq(tree, bearer, obs);
        add_tsval(tree, bearer);
        return;
    }
    if (bearer->datagram.transport == TF_TRANSPORT_ICMP)
        proto_item_append_text(add_probe_id(tree, bearer, bearer->transport + TF_ICMP_SEQUENCE),
                               " (the sequence number)");
    key_add(tree, bearer, obs);
}

void numbers_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_flow_label,
          { "Flow label", "traceflow.flow_label", FT_UINT24, BASE_DEC, NULL, 0x0fffff,
            "Of IPv6, the path ID is the flow label, too", HFILL } },
        { &hf_traceflow_seq,
          { "Sequence number", "traceflow.seq", FT_UINT32, BASE_HEX, NULL, 0x0,
            "Of TCP, the probe ID (path ID and TTL) followed by the key", HFILL } },
        { &hf_traceflow_seq_probe_id,
          { "Probe ID", "traceflow.seq.probe_id", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Path ID and TTL in an echo's sequence number, or in the upper half of TCP's",
            HFILL } },
        { &hf_traceflow_seq_path,
          { "Path ID", "traceflow.seq.path", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The high byte of the probe ID is the low byte of the path ID", HFILL } },
        { &hf_traceflow_seq_ttl,
          { "TTL", "traceflow.seq.ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The low byte of the probe ID is the TTL that the probe was sent with", HFILL } },
        { &hf_traceflow_tsval,
          { "Time stamp", "traceflow.tsval", FT_UINT32, BASE_HEX, NULL, 0x0,
            "Of TCP, the run ID is the value of the time stamp option", HFILL } },
    };
    static int *ett[] = { &ett_traceflow_seq, &ett_traceflow_seq_probe_id };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
