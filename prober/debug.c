/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug lines: one fact each, then the packet as hex. */
#include "debug.h"

#include <inttypes.h>
#include <stdio.h>

enum { BYTES_PER_LINE = 32, BYTES_MAX = 256 };

static void print_bytes(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len && i < BYTES_MAX; i++)
        fprintf(stderr, "%s%02x%s", i % BYTES_PER_LINE == 0 ? "    " : " ", bytes[i],
                (i + 1) % BYTES_PER_LINE == 0 || i + 1 == len || i + 1 == BYTES_MAX ? "\n" : "");
}

static const char *status_name(enum tf_status status)
{
    switch (status) {
    case TF_OK: return "ours";
    case TF_END: return "end";
    case TF_SHORT: return "cut short";
    case TF_BAD: return "malformed";
    case TF_NOT_OURS: return "not ours";
    case TF_FORGED: return "forged";
    }
    return "unknown";
}

void debug_probe(const struct run *run)
{
    fprintf(stderr, "sent to %s: path %u TTL %u attempt %u\n", run->text, run->spec.path_id,
            run->spec.ttl, run->spec.attempt);
    print_bytes(run->bytes, run->len);
}

static void print_reply(const struct tf_observation *obs)
{
    char responder[TF_ADDR_TEXT_LEN];

    fprintf(stderr, " from %s, %s", tf_addr_text(&obs->responder, responder),
            obs->kind == TF_KIND_DESTINATION_REPLY ? "destination" : "hop");
    if (obs->has_icmp)
        fprintf(stderr, ", ICMP %u/%u", obs->icmp_type, obs->icmp_code);
    if (obs->has_quote)
        fprintf(stderr, ", %u bytes quoted, Identification 0x%04x, TTL %u", obs->quoted_len,
                obs->ident, obs->quoted_ttl);
    if (obs->has_probe)
        fprintf(stderr, ", answers frame %" PRIu64 " after %.3f ms", obs->probe_frame,
                (double)obs->rtt_ns / 1e6);
    if (obs->duplicate)
        fprintf(stderr, ", duplicate");
    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (obs->changed & 1U << bit)
            fprintf(stderr, ", changed %s", tf_changed_name(bit));
}

static void print_observation(const struct tf_observation *obs)
{
    fprintf(stderr, "%s by %s: path %u", obs->kind == TF_KIND_PROBE ? "probe" : "reply",
            tf_evidence_name(obs->evidence), obs->path_id);
    if (obs->has_ttl)
        fprintf(stderr, " TTL %u", obs->ttl);
    else
        fprintf(stderr, " TTL unknown");
    if (obs->has_attempt)
        fprintf(stderr, " attempt %u", obs->attempt);
    if (obs->kind != TF_KIND_PROBE)
        print_reply(obs);
}

void debug_frame(const struct tf_frame *frame, enum tf_status status,
                 const struct tf_observation *obs)
{
    fprintf(stderr, "frame %" PRIu64 ": ", frame->number);
    if (status == TF_OK)
        print_observation(obs);
    else
        fprintf(stderr, "%s", status_name(status));
    fprintf(stderr, "\n");
    print_bytes(frame->bytes, frame->len);
}

void debug_dropped(const struct tf_frame *frame, const char *why)
{
    fprintf(stderr, "dropped: %s\n", why);
    print_bytes(frame->bytes, frame->len);
}
