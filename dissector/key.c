/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key: the number in a probe's headers that ties it to its run, path and attempt. */
#include "key.h"

#include "traceflow/encoding.h"

static int hf_traceflow_key = -1;
static int hf_traceflow_key_expected = -1;
static int hf_traceflow_key_status = -1;

static int ett_traceflow_key = -1;

enum key_status { KEY_UNVERIFIED, KEY_VERIFIED, KEY_REWRITTEN, KEY_WRONG };

/* A NAT that rewrites these makes up for it in the checksum (RFC 1624). */
enum {
    NAT_CHANGES = TF_CHANGED_SRC | TF_CHANGED_DST | TF_CHANGED_SRC_PORT | TF_CHANGED_DST_PORT,
};

static const value_string key_status_names[] = {
    { KEY_UNVERIFIED, "Unverified" },
    { KEY_VERIFIED, "Verified" },
    { KEY_REWRITTEN, "Rewritten with addresses or ports" },
    { KEY_WRONG, "Wrong" },
    { 0, NULL },
};

/* A key as the frame holds it. Of an answer, value is what the bytes tell: of an acknowledgement
 * one less, of an echo reply's checksum the request's. */
struct key {
    uint16_t value;
    int offset;
    const char *carrier;
};

/* The original tool's probes have no key: their checksum follows the time of day. A UDP service's
 * answer has a checksum of its own, an echo reply one that tells the request's. */
static bool has_key(const struct bearer *bearer, const struct tf_observation *obs)
{
    const struct tf_datagram *datagram = &bearer->datagram;

    if (bearer->is_answer && datagram->transport == TF_TRANSPORT_UDP)
        return false;
    return obs->has_run_id || datagram->transport != TF_TRANSPORT_UDP ||
           datagram->udp.length == TF_PROBE_UDP_LENGTH;
}

static struct key key_of(const struct bearer *bearer)
{
    const struct tf_datagram *datagram = &bearer->datagram;

    if (datagram->transport == TF_TRANSPORT_UDP)
        return (struct key){ datagram->udp.checksum, bearer->transport + TF_UDP_CHECKSUM,
                             "UDP checksum" };
    if (datagram->transport == TF_TRANSPORT_ICMP)
        return bearer->is_answer
                   ? (struct key){ tf_echo_request_checksum(datagram),
                                   bearer->transport + TF_ICMP_CHECKSUM,
                                   "ICMP checksum that the request had" }
                   : (struct key){ datagram->icmp.checksum, bearer->transport + TF_ICMP_CHECKSUM,
                                   "ICMP checksum" };
    if (bearer->is_answer)
        return (struct key){ tf_seq_key(datagram->tcp.ack - 1), bearer->transport + TF_TCP_ACK_KEY,
                             "lower half of the acknowledgement number, less one" };
    return (struct key){ tf_seq_key(datagram->tcp.seq), bearer->transport + TF_TCP_SEQ_KEY,
                         "lower half of the sequence number" };
}

static uint16_t expected_key(const struct bearer *bearer, const struct tf_observation *obs)
{
    if (bearer->datagram.transport == TF_TRANSPORT_ICMP)
        return tf_echo_key(obs->run_id, obs->path_id);
    return tf_key(obs->run_id, obs->path_id, obs->attempt);
}

static enum key_status judge(uint16_t value, uint16_t expected, const struct tf_observation *obs)
{
    if (!obs->has_run_id)
        return KEY_UNVERIFIED;
    if (value == expected)
        return KEY_VERIFIED;
    if (!obs->has_attempt)
        return KEY_UNVERIFIED;
    return (obs->changed & TF_CHANGED_CHECKSUM) != 0 && (obs->changed & NAT_CHANGES) != 0
               ? KEY_REWRITTEN
               : KEY_WRONG;
}

/* All attempts of an echo have one key. */
static void append_origin(proto_item *item, const struct bearer *bearer,
                          const struct tf_observation *obs)
{
    proto_item_append_text(item, " (run 0x%08x, path %u, ", obs->run_id, obs->path_id);
    if (bearer->datagram.transport == TF_TRANSPORT_ICMP)
        proto_item_append_text(item, "any attempt)");
    else
        proto_item_append_text(item, "attempt %u)", obs->attempt);
}

void key_add(proto_tree *tree, const struct bearer *bearer, const struct tf_observation *obs)
{
    if (!has_key(bearer, obs))
        return;

    const struct key key = key_of(bearer);
    const uint16_t expected = obs->has_run_id ? expected_key(bearer, obs) : 0;
    const enum key_status status = judge(key.value, expected, obs);
    proto_item *item = proto_tree_add_uint(tree, hf_traceflow_key, bearer->tvb, key.offset, 2,
                                           key.value);
    proto_tree *subtree = proto_item_add_subtree(item, ett_traceflow_key);

    proto_item_append_text(item, " (%s)", key.carrier);
    if (bearer->is_answer)
        proto_item_set_generated(item);
    if (obs->has_run_id) {
        item = proto_tree_add_uint(subtree, hf_traceflow_key_expected, NULL, 0, 0, expected);
        append_origin(item, bearer, obs);
        proto_item_set_generated(item);
    }
    item = proto_tree_add_uint(subtree, hf_traceflow_key_status, NULL, 0, 0, status);
    proto_item_set_generated(item);
}

void key_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_key,
          { "Key", "traceflow.key", FT_UINT16, BASE_HEX, NULL, 0x0,
            "A number made of run ID, path ID and attempt: who does not know them cannot forge it",
            HFILL } },
        { &hf_traceflow_key_expected,
          { "Key as sent", "traceflow.key.expected", FT_UINT16, BASE_HEX, NULL, 0x0,
            "The key that run ID, path ID and attempt give", HFILL } },
        { &hf_traceflow_key_status,
          { "Key status", "traceflow.key.status", FT_UINT8, BASE_NONE, VALS(key_status_names), 0x0,
            "Whether the key is the one that the probe was sent with", HFILL } },
    };
    static int *ett[] = { &ett_traceflow_key };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
