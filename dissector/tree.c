/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol's part of the packet details: all fields that an observation gives. */
#include "tree.h"

#include "bearer.h"
#include "evidence.h"
#include "experts.h"
#include "generated.h"
#include "hints.h"
#include "ident.h"
#include "key.h"
#include "numbers.h"
#include "reply-tree.h"
#include "summary.h"
#include "tag.h"

static int proto_traceflow = -1;

static int hf_traceflow_kind = -1;
static int hf_traceflow_path_id = -1;
static int hf_traceflow_ttl = -1;
static int hf_traceflow_attempt = -1;
static int hf_traceflow_run_id = -1;
static int hf_traceflow_evidence = -1;
static int hf_traceflow_reply_in = -1;
static int hf_traceflow_repeat_of = -1;
static int hf_traceflow_distance = -1;

static int ett_traceflow = -1;

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

/* Wireshark warns of low TTLs, and paints them red. */
static void add_ttl(proto_tree *tree, const struct tf_observation *obs)
{
    if (!obs->has_ttl)
        return;

    proto_item *item = generated_uint(tree, hf_traceflow_ttl, obs->ttl);
    if (obs->kind == TF_KIND_PROBE)
        proto_item_append_text(item, " (low on purpose: asks who is %u hop%s away)", obs->ttl,
                               obs->ttl == 1 ? "" : "s");
}

/* bearer may be NULL. */
static void add_evidence(proto_tree *tree, const struct bearer *bearer,
                         const struct tf_observation *obs)
{
    const bool holds_tag = bearer != NULL && tag_is_whole(bearer, obs);

    proto_item_append_text(generated_uint(tree, hf_traceflow_evidence, obs->evidence), ": %s",
                           evidence_words(obs, holds_tag));
}

static void add_probe(proto_tree *tree, const struct sighting *sighting)
{
    if (sighting->has_reply)
        generated_frame(tree, hf_traceflow_reply_in, sighting->reply_frame);
    generated_frame(tree, hf_traceflow_repeat_of, sighting->repeat_of);
    if (sighting->has_distance)
        proto_item_append_text(generated_uint(tree, hf_traceflow_distance, sighting->distance),
                               " hop%s", sighting->distance == 1 ? "" : "s");
}

static void add_conclusions(proto_tree *tree, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    generated_uint(tree, hf_traceflow_kind, obs->kind);
    generated_uint(tree, hf_traceflow_path_id, obs->path_id);
    add_ttl(tree, obs);
    if (obs->has_attempt)
        generated_uint(tree, hf_traceflow_attempt, obs->attempt);
    if (obs->has_run_id)
        generated_uint(tree, hf_traceflow_run_id, obs->run_id);
    if (obs->kind == TF_KIND_PROBE)
        add_probe(tree, sighting);
    else
        reply_tree_add(tree, sighting);
}

/* Where in the frame it is written. */
static void add_bytes(proto_tree *root, proto_tree *tree, const struct bearer *bearer,
                      const struct tf_observation *obs)
{
    if (obs->has_ident)
        ident_add(root, tree, bearer, obs);
    numbers_add(tree, bearer, obs);
    tag_add(tree, bearer);
}

/* Of the payload, if it is one of ours; else of nothing that could be pointed at. Filters that look
 * into a protocol's bytes find those that its tvbuff begins with. */
static proto_item *add_item(proto_tree *tree, const struct bearer *bearer)
{
    const int len = bearer != NULL ? tag_len(bearer) : 0;

    if (len > 0)
        return proto_tree_add_item(tree, proto_traceflow,
                                   tvb_new_subset_length(bearer->tvb, bearer->payload, len), 0, len,
                                   ENC_NA);

    proto_item *item = proto_tree_add_item(tree, proto_traceflow, NULL, 0, 0, ENC_NA);
    proto_item_set_generated(item);
    return item;
}

proto_item *tree_add_payload(proto_tree *tree, tvbuff_t *tvb, const struct record *record)
{
    if (record_is_probe(record))
        return proto_tree_add_item(tree, proto_traceflow, tvb, 0, -1, ENC_NA);
    tag_add_returned(tree, tvb, record_has(record, RECORD_HAS_QUOTE));
    return NULL;
}

static void add_sentence(proto_item *item, const struct sighting *sighting)
{
    struct text sentence;

    summary_sentence(&sentence, sighting);
    proto_item_append_text(item, ", %s", sentence.bytes);
}

/* Expert infos need an item in any tree, fields only where somebody looks. */
static proto_item *add_all(proto_tree *tree, proto_item *item, packet_info *pinfo,
                           const struct sighting *sighting)
{
    struct bearer bearer;
    const bool is_wanted = proto_field_is_referenced(tree, proto_traceflow);
    const bool has_bearer = is_wanted && !sighting->forged &&
                            bearer_find(&bearer, pinfo, &sighting->obs);

    if (item == NULL)
        item = add_item(tree, has_bearer ? &bearer : NULL);
    if (!is_wanted)
        return item;
    add_sentence(item, sighting);
    if (sighting->forged)
        return item;

    proto_tree *subtree = proto_item_add_subtree(item, ett_traceflow);
    add_conclusions(subtree, sighting);
    add_evidence(subtree, has_bearer ? &bearer : NULL, &sighting->obs);
    if (has_bearer)
        add_bytes(tree, subtree, &bearer, &sighting->obs);
    return item;
}

void tree_add(proto_tree *tree, proto_item *item, packet_info *pinfo,
              const struct sighting *sighting)
{
    if (tree != NULL)
        item = add_all(tree, item, pinfo, sighting);
    experts_add(pinfo, item, sighting);
    if (!sighting->forged)
        hints_add(pinfo, item, sighting);
}

static void register_own(int proto)
{
    static hf_register_info hf[] = {
        { &hf_traceflow_kind,
          { "Kind", "traceflow.kind", FT_UINT8, BASE_DEC, VALS(kind_names), 0x0,
            "Whether it is a probe, or who answered one", HFILL } },
        { &hf_traceflow_path_id,
          { "Path ID", "traceflow.path_id", FT_UINT16, BASE_DEC, NULL, 0x0,
            "Which flow of the run: the source port, or echo's identifier, less the base port",
            HFILL } },
        { &hf_traceflow_ttl,
          { "TTL", "traceflow.ttl", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The TTL, or hop limit, that the probe was sent with", HFILL } },
        { &hf_traceflow_attempt,
          { "Attempt", "traceflow.attempt", FT_UINT8, BASE_DEC, NULL, 0x0,
            "0 for the first probe of a path ID and TTL, then 1, 2 and so on", HFILL } },
        { &hf_traceflow_run_id,
          { "Run ID", "traceflow.run_id", FT_UINT32, BASE_HEX, NULL, 0x0,
            "A random number that all probes of one run of the prober share", HFILL } },
        { &hf_traceflow_evidence,
          { "Evidence", "traceflow.evidence", FT_UINT8, BASE_DEC, VALS(evidence_names), 0x0,
            "The rule by which the packet was recognised", HFILL } },
        { &hf_traceflow_reply_in,
          { "Reply in", "traceflow.reply_in", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0, "The first reply to this probe", HFILL } },
        { &hf_traceflow_repeat_of,
          { "Sent before in", "traceflow.repeat_of", FT_FRAMENUM, BASE_NONE,
            FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0x0, "The same probe, earlier in this capture",
            HFILL } },
        { &hf_traceflow_distance,
          { "Distance from the sender", "traceflow.distance", FT_UINT8, BASE_DEC, NULL, 0x0,
            "The TTL that the probe was sent with, less the one that it was captured with",
            HFILL } },
    };
    static int *ett[] = { &ett_traceflow };

    proto_register_field_array(proto, hf, G_N_ELEMENTS(hf));
    proto_register_subtree_array(ett, G_N_ELEMENTS(ett));
}

void tree_register(int proto)
{
    proto_traceflow = proto;
    register_own(proto);
    reply_tree_register(proto);
    ident_register(proto);
    numbers_register(proto);
    key_register(proto);
    tag_register(proto);
    hints_register(proto);
}

void tree_handoff(void)
{
    ident_handoff();
}
