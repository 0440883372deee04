/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths, hops and replies of the JSON report. */
#include "json_path.h"

#include "json_members.h"
#include "path.h"
#include "traceflow/time.h"

static void add_icmp(JsonBuilder *json, const struct tf_observation *reply)
{
    if (!reply->has_icmp) {
        json_add_text(json, "icmp", NULL);
        return;
    }
    json_begin(json, "icmp");
    json_add_int(json, "type", reply->icmp_type);
    json_add_int(json, "code", reply->icmp_code);
    json_builder_end_object(json);
}

static void add_mpls(JsonBuilder *json, const struct tf_mpls_stack *stack)
{
    json_begin_array(json, "mpls");
    for (size_t i = 0; i < tf_mpls_kept(stack); i++) {
        const struct tf_mpls *entry = &stack->entry[i];
        json_builder_begin_object(json);
        json_add_int(json, "label", entry->label);
        json_add_int(json, "tc", entry->tc);
        json_add_bool(json, "bottom", entry->bottom);
        json_add_int(json, "ttl", entry->ttl);
        json_builder_end_object(json);
    }
    json_builder_end_array(json);
}

static void add_changed(JsonBuilder *json, uint16_t changed)
{
    json_begin_array(json, "changed");
    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (changed & 1U << bit)
            json_builder_add_string_value(json, tf_changed_name(bit));
    json_builder_end_array(json);
}

static void add_rtt(JsonBuilder *json, const struct tf_observation *reply)
{
    json_builder_set_member_name(json, "rtt_ms");
    if (reply->has_probe)
        json_builder_add_double_value(json, (double)reply->rtt_ns / (double)TF_NS_PER_MS);
    else
        json_builder_add_null_value(json);
}

static bool is_contradicted(const struct tf_hop *hop, const struct tf_observation *reply)
{
    for (size_t i = 0; hop->contradicted && i < hop->n_replies; i++)
        if (replies_contradict(&hop->replies[i], reply))
            return true;
    return false;
}

static void add_reply(JsonBuilder *json, const struct tf_hop *hop,
                      const struct tf_observation *reply, const struct tf_report_options *options)
{
    json_builder_begin_object(json);
    json_add_addr(json, "address", &reply->responder);
    json_add_text(json, "name", tf_report_name(options, &reply->responder));
    json_add_asn(json, tf_report_asn(options, &reply->responder));
    json_add_text(json, "evidence", tf_evidence_name(reply->evidence));
    json_add_bool(json, "destination", reply->kind == TF_KIND_DESTINATION_REPLY);
    json_add_bool(json, "duplicate", reply->duplicate);
    json_add_bool(json, "contradicted", is_contradicted(hop, reply));
    add_rtt(json, reply);
    json_add_int_or_null(json, "attempt", reply->has_attempt, reply->attempt);
    add_icmp(json, reply);
    json_add_int(json, "reply_ttl", reply->captured_ttl);
    json_add_int_or_null(json, "quoted_ttl", reply->has_quote, reply->quoted_ttl);
    json_add_int_or_null(json, "quoted_len", reply->has_quote, reply->quoted_len);
    add_mpls(json, &reply->mpls);
    add_changed(json, reply->changed);
    json_add_int_or_null(json, "probe_frame", reply->has_probe, (gint64)reply->probe_frame);
    json_add_int(json, "reply_frame", (gint64)reply->frame);
    json_builder_end_object(json);
}

static void add_hop(JsonBuilder *json, const struct tf_path *path, uint8_t ttl,
                    const struct tf_report_options *options)
{
    const struct tf_hop *hop = path_cell(path, ttl);
    const struct tf_addr *inferred = path_inferred_at(path, ttl);

    json_builder_begin_object(json);
    json_add_int(json, "ttl", ttl);
    json_add_int(json, "sent", hop->sent);
    if (inferred != NULL)
        json_add_addr(json, "inferred", inferred);
    else
        json_add_text(json, "inferred", NULL);
    json_begin_array(json, "replies");
    for (size_t i = 0; i < hop->n_replies; i++)
        add_reply(json, hop, &hop->replies[i], options);
    json_builder_end_array(json);
    json_builder_end_object(json);
}

void json_add_path(JsonBuilder *json, const struct tf_path *path,
                   const struct tf_report_options *options)
{
    const uint8_t last = tf_path_last_ttl(path);

    json_builder_begin_object(json);
    json_add_int(json, "path_id", path->path_id);
    json_add_int(json, "src_port", path->flow.src_port);
    json_add_int(json, "dst_port", path->flow.dst_port);
    json_add_bool(json, "stable", !path->unstable);
    json_add_bool(json, "reached", tf_path_reached(path));
    json_add_bool(json, "reach_inferred", tf_path_reaches(path) && !tf_path_reached(path));
    json_add_int(json, "length", tf_path_length(path));
    json_add_int(json, "unplaced_replies", path->unplaced);
    json_begin_array(json, "hops");
    for (size_t ttl = 1; ttl <= last; ttl++)
        if (tf_path_hop(path, (uint8_t)ttl) != NULL || path_inferred_at(path, (uint8_t)ttl) != NULL)
            add_hop(json, path, (uint8_t)ttl, options);
    json_builder_end_array(json);
    json_builder_end_object(json);
}
