/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The payload of a probe, byte by byte: the tag of 16 bytes, or the original tool's ten digits. */
#include "tag.h"

#include "traceflow/encoding.h"

enum { ORIGINAL_LEN = TF_ORIGINAL_UDP_LENGTH - TF_UDP_LEN };

static int hf_traceflow_tag = -1;
static int hf_traceflow_tag_magic = -1;
static int hf_traceflow_tag_version = -1;
static int hf_traceflow_tag_attempt = -1;
static int hf_traceflow_tag_path_id = -1;
static int hf_traceflow_tag_run_id = -1;
static int hf_traceflow_tag_probe_id = -1;
static int hf_traceflow_tag_balance = -1;
static int hf_traceflow_original_time = -1;
static int hf_traceflow_returned_payload = -1;

static int ett_traceflow_tag = -1;

static bool is_original(const uint8_t *payload, int len)
{
    if (len != ORIGINAL_LEN)
        return false;
    for (size_t i = 0; i < ORIGINAL_LEN; i++)
        if (!g_ascii_isdigit(payload[i]))
            return false;
    return true;
}

bool tag_present(tvbuff_t *tvb)
{
    const int len = (int)tvb_captured_length(tvb);
    const uint8_t *payload = tvb_get_ptr(tvb, 0, len);
    struct tf_tag tag;

    return is_original(payload, len) || tf_tag_decode(&tag, payload, (size_t)len) == TF_OK;
}

/* What a router quoted of it may end anywhere behind the version. */
static void add_tag(proto_tree *tree, tvbuff_t *tvb, int offset, int len)
{
    static const struct {
        int *hf;
        int offset;
        int len;
    } fields[] = {
        { &hf_traceflow_tag_magic, TF_TAG_MAGIC, 4 },
        { &hf_traceflow_tag_version, TF_TAG_VERSION, 1 },
        { &hf_traceflow_tag_attempt, TF_TAG_ATTEMPT, 1 },
        { &hf_traceflow_tag_path_id, TF_TAG_PATH_ID, 2 },
        { &hf_traceflow_tag_run_id, TF_TAG_RUN_ID, 4 },
        { &hf_traceflow_tag_probe_id, TF_TAG_PROBE_ID, 2 },
        { &hf_traceflow_tag_balance, TF_TAG_BALANCE, 2 },
    };
    proto_item *item = proto_tree_add_item(tree, hf_traceflow_tag, tvb, offset, len, ENC_NA);
    proto_tree *tag = proto_item_add_subtree(item, ett_traceflow_tag);

    if (len < TF_TAG_LEN)
        proto_item_append_text(item, " (the first %d of %d bytes)", len, TF_TAG_LEN);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        if (fields[i].offset + fields[i].len <= len)
            proto_tree_add_item(tag, *fields[i].hf, tvb, offset + fields[i].offset, fields[i].len,
                                ENC_BIG_ENDIAN);
}

static const uint8_t *payload_of(const struct bearer *bearer)
{
    return tvb_get_ptr(bearer->tvb, bearer->payload, bearer->payload_len);
}

static bool bears_digits(const struct bearer *bearer)
{
    return bearer->datagram.transport == TF_TRANSPORT_UDP && !bearer->is_answer &&
           is_original(payload_of(bearer), bearer->payload_len);
}

int tag_len(const struct bearer *bearer)
{
    if (bearer->payload_len <= TF_TAG_VERSION)
        return 0;
    if (bears_digits(bearer))
        return ORIGINAL_LEN;
    if (!tf_tag_begins(payload_of(bearer), (size_t)bearer->payload_len))
        return 0;
    return MIN(bearer->payload_len, TF_TAG_LEN);
}

bool tag_is_whole(const struct bearer *bearer, const struct tf_observation *obs)
{
    struct tf_tag tag;

    return bearer->payload_len >= TF_TAG_LEN &&
           tf_tag_decode(&tag, payload_of(bearer), (size_t)bearer->payload_len) == TF_OK &&
           tag.run_id == obs->run_id && tag.path_id == obs->path_id;
}

/* Wireshark 4.0 hands on the packet's tree for a quoted UDP payload; the last item in there is the
 * protocol that quotes it. */
static proto_tree *innermost(proto_tree *tree)
{
    proto_node *last = proto_tree_get_root(tree)->last_child;

    if (tree != proto_tree_get_root(tree) || last == NULL)
        return tree;
    return PNODE_FINFO(last) != NULL && PNODE_FINFO(last)->tree_type >= 0 ? last : tree;
}

void tag_add_returned(proto_tree *tree, tvbuff_t *tvb, bool is_quoted)
{
    proto_item *item = proto_tree_add_item(innermost(tree), hf_traceflow_returned_payload, tvb, 0,
                                           -1, ENC_NA);

    proto_item_append_text(item, "%s: see Stockholm Traceroute",
                           is_quoted ? ", as quoted" : ", as returned");
}

void tag_add(proto_tree *tree, const struct bearer *bearer)
{
    const int len = tag_len(bearer);

    if (len == 0)
        return;
    if (bears_digits(bearer))
        proto_tree_add_item(tree, hf_traceflow_original_time, bearer->tvb, bearer->payload, len,
                            ENC_ASCII);
    else
        add_tag(tree, bearer->tvb, bearer->payload, len);
}

void tag_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_tag,
          { "Tag", "traceflow.tag", FT_BYTES, BASE_NONE, NULL, 0x0,
            "The first 16 bytes of a probe's payload, or what a router quoted of them", HFILL } },
        { &hf_traceflow_tag_magic,
          { "Magic", "traceflow.tag.magic", FT_STRING, BASE_NONE, NULL, 0x0,
            "Four letters that begin every tag", HFILL } },
        { &hf_traceflow_tag_version,
          { "Version", "traceflow.tag.version", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The version of the wire format", HFILL } },
        { &hf_traceflow_tag_attempt,
          { "Attempt", "traceflow.tag.attempt", FT_UINT8, BASE_DEC, NULL, 0x0,
            "0 for the first probe of a path ID and TTL, then 1, 2 and so on", HFILL } },
        { &hf_traceflow_tag_path_id,
          { "Path ID", "traceflow.tag.path_id", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Which flow of the run the probe belongs to", HFILL } },
        { &hf_traceflow_tag_run_id,
          { "Run ID", "traceflow.tag.run_id", FT_UINT32, BASE_HEX, NULL, 0x0,
            "A random number that all probes of one run of the prober share", HFILL } },
        { &hf_traceflow_tag_probe_id,
          { "Probe ID", "traceflow.tag.probe_id", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Path ID and TTL once more, as in the Identification, which IPv6 has not", HFILL } },
        { &hf_traceflow_tag_balance,
          { "Balance", "traceflow.tag.balance", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Chosen such that the checksum comes out as the key, the same for every TTL of a path",
            HFILL } },
        { &hf_traceflow_original_time,
          { "Time of day", "traceflow.original_time", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the original Python tool sends: seconds since 1970 in ten digits", HFILL } },
        { &hf_traceflow_returned_payload,
          { "Payload of the probe", "traceflow.returned_payload", FT_NONE, BASE_NONE, NULL, 0x0,
            "Where in a reply the probe's payload stands, or its beginning", HFILL } },
    };
    static int *ett[] = { &ett_traceflow_tag };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
