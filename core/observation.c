/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of evidence and of changed fields, and which replies end a path. */
#include "traceflow/observation.h"

#include <stddef.h>

#include "traceflow/wire.h"

const char *tf_evidence_name(enum tf_evidence evidence)
{
    switch (evidence) {
    case TF_EVIDENCE_TAG: return "tag";
    case TF_EVIDENCE_MATCHED: return "matched";
    case TF_EVIDENCE_ORIGINAL: return "original";
    case TF_EVIDENCE_ARITHMETIC: return "arithmetic";
    }
    return "none";
}

const char *tf_changed_name(unsigned bit)
{
    static const char *const names[TF_CHANGED_COUNT] = {
        "tos", "length",   "ident",    "df",       "src",
        "dst", "src_port", "dst_port", "checksum", "flow_label",
    };

    return bit < TF_CHANGED_COUNT ? names[bit] : NULL;
}

bool tf_observation_ends_path(const struct tf_observation *obs)
{
    if (obs->kind == TF_KIND_DESTINATION_REPLY)
        return true;
    if (obs->kind != TF_KIND_HOP_REPLY || !obs->has_icmp)
        return false;
    if (obs->flow.dst.version == 6)
        return obs->icmp_type == TF_ICMPV6_DEST_UNREACH;
    return obs->icmp_type == TF_ICMP_DEST_UNREACH &&
           obs->icmp_code != TF_ICMP_CODE_FRAGMENTATION_NEEDED;
}
