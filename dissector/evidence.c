/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In words: by what a frame was recognised. */
#include "evidence.h"

#include "traceflow/encoding.h"

/* What a NAT rewrites, and makes up for in the checksum (RFC 1624). */
enum {
    NAT_CHANGES = TF_CHANGED_SRC | TF_CHANGED_DST | TF_CHANGED_SRC_PORT | TF_CHANGED_DST_PORT,
};

static bool is_tcp(const struct tf_observation *obs)
{
    return obs->flow.protocol == TF_IP_PROTO_TCP;
}

static bool is_udp(const struct tf_observation *obs)
{
    return obs->flow.protocol == TF_IP_PROTO_UDP;
}

static const char *tag_words(const struct tf_observation *obs)
{
    if (is_tcp(obs))
        return obs->kind == TF_KIND_PROBE ? "time stamp and sequence number fit: run ID and its key"
                                          : "the quoted time stamp is the run ID";
    if (obs->kind == TF_KIND_PROBE)
        return "it says so itself, and its key is right";
    return obs->has_quote ? "what it quotes says so, and the key is right"
                          : "what it returns says so, and the key is right";
}

/* Once addresses or ports have changed, so has the checksum. */
static const char *quote_words(const struct tf_observation *obs, bool holds_tag)
{
    if (is_tcp(obs) && !obs->has_probe)
        return "quoted ports and key are those of probes in this capture";
    if (is_tcp(obs))
        return (obs->changed & NAT_CHANGES) != 0
                   ? "the quoted sequence number is that of a probe in this capture"
                   : "quoted ports and sequence number are those of a probe in this capture";
    if (holds_tag && obs->has_run_id)
        return "the quoted tag is that of a probe in this capture";
    if ((obs->changed & NAT_CHANGES) != 0)
        return "the quoted checksum, set right for changed addresses or ports, is that of a probe "
               "in this capture";
    if (!is_udp(obs))
        return "quoted identifier, sequence number and key are those of a probe in this capture";
    return obs->has_run_id
               ? "quoted ports, length and key are those of a probe in this capture"
               : "quoted ports, length and checksum are those of a probe in this capture";
}

static const char *answer_words(const struct tf_observation *obs, bool holds_tag)
{
    if (is_tcp(obs))
        return obs->has_ttl && !obs->has_probe
                   ? "it acknowledges a number that holds the key of probes in this capture"
                   : "it acknowledges the sequence number of a probe in this capture";
    if (!is_udp(obs))
        return holds_tag ? "it returns the tag of a probe in this capture"
                         : "identifier, sequence number and key are those of a probe in this "
                           "capture";
    return holds_tag ? "it answers the flow of a probe in this capture, and returns its tag"
                     : "it answers the flow of a probe in this capture";
}

static const char *original_words(const struct tf_observation *obs)
{
    return obs->kind == TF_KIND_PROBE
               ? "ports, Identification and ten digits as the original Python tool sends them"
               : "quoted ports, length and Identification as the original Python tool sends them";
}

static const char *arithmetic_words(const struct tf_observation *obs)
{
    if (is_udp(obs))
        return "nothing but quoted ports, length and Identification that fit together";
    return is_tcp(obs)
               ? "nothing but quoted source port, sequence number and Identification that fit "
                 "together"
               : "nothing but quoted identifier, sequence number and Identification that fit "
                 "together";
}

const char *evidence_words(const struct tf_observation *obs, bool holds_tag)
{
    switch (obs->evidence) {
    case TF_EVIDENCE_TAG: return tag_words(obs);
    case TF_EVIDENCE_MATCHED:
        return obs->has_quote ? quote_words(obs, holds_tag) : answer_words(obs, holds_tag);
    case TF_EVIDENCE_ORIGINAL: return original_words(obs);
    case TF_EVIDENCE_ARITHMETIC: return arithmetic_words(obs);
    }
    return "";
}
