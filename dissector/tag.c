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

static int ett_traceflow_tag = -1;

static bool is_tag(tvbuff_t *tvb)
{
    const guint len = tvb_captured_length(tvb);
    struct tf_tag tag;

    return len >= TF_TAG_LEN &&
           tf_tag_decode(&tag, tvb_get_ptr(tvb, 0, TF_TAG_LEN), TF_TAG_LEN) == TF_OK;
}

static bool is_original(tvbuff_t *tvb)
{
    if (tvb_captured_length(tvb) != ORIGINAL_LEN)
        return false;

    const guint8 *digits = tvb_get_ptr(tvb, 0, ORIGINAL_LEN);
    for (size_t i = 0; i < ORIGINAL_LEN; i++)
        if (!g_ascii_isdigit(digits[i]))
            return false;
    return true;
}

bool tag_present(tvbuff_t *tvb)
{
    return is_tag(tvb) || is_original(tvb);
}

void tag_add(proto_tree *tree, tvbuff_t *tvb)
{
    if (is_original(tvb)) {
        proto_tree_add_item(tree, hf_traceflow_original_time, tvb, 0, ORIGINAL_LEN, ENC_ASCII);
        return;
    }

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
    proto_item *item = proto_tree_add_item(tree, hf_traceflow_tag, tvb, 0, TF_TAG_LEN, ENC_NA);
    proto_tree *tag = proto_item_add_subtree(item, ett_traceflow_tag);

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
        proto_tree_add_item(tag, *fields[i].hf, tvb, fields[i].offset, fields[i].len,
                            ENC_BIG_ENDIAN);
}

void tag_register(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_tag,
          { "Tag", "traceflow.tag", FT_BYTES, BASE_NONE, NULL, 0x0,
            "The first 16 bytes of a probe's payload", HFILL } },
        { &hf_traceflow_tag_magic,
          { "Magic", "traceflow.tag.magic", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_tag_version,
          { "Version", "traceflow.tag.version", FT_UINT8, BASE_DEC, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_tag_attempt,
          { "Attempt", "traceflow.tag.attempt", FT_UINT8, BASE_DEC, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_tag_path_id,
          { "Path ID", "traceflow.tag.path_id", FT_UINT16, BASE_DEC, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_tag_run_id,
          { "Run ID", "traceflow.tag.run_id", FT_UINT32, BASE_HEX, NULL, 0x0, NULL, HFILL } },
        { &hf_traceflow_tag_probe_id,
          { "Probe ID", "traceflow.tag.probe_id", FT_UINT16, BASE_HEX, NULL, 0x0,
            "The same 16 bits as the Identification of the IPv4 header", HFILL } },
        { &hf_traceflow_tag_balance,
          { "Balance", "traceflow.tag.balance", FT_UINT16, BASE_HEX, NULL, 0x0,
            "Makes the UDP checksum the same for every TTL of a path", HFILL } },
        { &hf_traceflow_original_time,
          { "Time of day", "traceflow.original_time", FT_STRING, BASE_NONE, NULL, 0x0,
            "What the original Python tool sends: seconds since 1970 in ten digits", HFILL } },
    };
    static int *ett[] = { &ett_traceflow_tag };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}
