/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP extensions: finding the structure, walking its objects, reading MPLS labels. */
#include "traceflow/icmp_ext.h"

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

enum { EXT_STRUCTURE_VERSION = 2 };

enum checksum_rule { CHECKSUM_OR_NONE, CHECKSUM_MUST_HOLD };

static bool is_structure(const uint8_t *body, size_t body_len, size_t at, enum checksum_rule rule)
{
    if (at > body_len || body_len - at < TF_EXT_HDR_LEN)
        return false;

    const uint8_t *ext = body + at;
    if (ext[TF_EXT_VERSION] >> 4 != EXT_STRUCTURE_VERSION)
        return false;
    if (tf_get_u16(ext + TF_EXT_CHECKSUM) == 0)
        return rule == CHECKSUM_OR_NONE;
    return tf_checksum(ext, body_len - at) == 0;
}

enum tf_ext_found tf_ext_find(struct tf_ext_iter *it, size_t *offset, const uint8_t *body,
                              size_t body_len, size_t quote_len)
{
    enum tf_ext_found found = TF_EXT_NONE;
    size_t at = 0;

    if (quote_len > 0 && is_structure(body, body_len, quote_len, CHECKSUM_OR_NONE)) {
        found = TF_EXT_BY_LENGTH;
        at = quote_len;
    } else if (is_structure(body, body_len, TF_EXT_COMPAT_OFFSET, CHECKSUM_MUST_HOLD)) {
        found = quote_len > 0 ? TF_EXT_WRONG_LENGTH : TF_EXT_COMPAT;
        at = TF_EXT_COMPAT_OFFSET;
    } else {
        return TF_EXT_NONE;
    }
    *it = (struct tf_ext_iter){ .next = body + at + TF_EXT_HDR_LEN, .end = body + body_len };
    *offset = at;
    return found;
}

/* RFC 4884 section 8: an object's length counts its own 4-byte header. */
enum tf_status tf_ext_next(struct tf_ext_iter *it, struct tf_ext_obj *obj)
{
    const size_t left = (size_t)(it->end - it->next);
    if (left == 0)
        return TF_END;
    if (left < TF_EXT_OBJ_HDR_LEN)
        return TF_SHORT;

    const size_t obj_len = tf_get_u16(it->next + TF_EXT_OBJ_LENGTH);
    if (obj_len < TF_EXT_OBJ_HDR_LEN)
        return TF_BAD; /* 0 would loop for ever */
    if (obj_len > left)
        return TF_SHORT; /* the router, or the snap length, cut it */

    *obj = (struct tf_ext_obj){
        .class_num = it->next[TF_EXT_OBJ_CLASS],
        .c_type = it->next[TF_EXT_OBJ_CTYPE],
        .payload = it->next + TF_EXT_OBJ_HDR_LEN,
        .payload_len = obj_len - TF_EXT_OBJ_HDR_LEN,
    };
    it->next += obj_len;
    return TF_OK;
}

static struct tf_mpls decode_entry(const uint8_t *entry)
{
    return (struct tf_mpls){
        .label = tf_get_u24(entry) >> 4,
        .tc = entry[2] >> 1 & 7,
        .bottom = (entry[2] & 1) != 0,
        .ttl = entry[3],
    };
}

enum tf_status tf_mpls_append(struct tf_mpls_stack *stack, const struct tf_ext_obj *obj)
{
    if (obj->class_num != TF_EXT_CLASS_MPLS || obj->c_type != TF_EXT_CTYPE_MPLS_INCOMING)
        return TF_NOT_OURS;
    if (obj->payload_len % TF_MPLS_ENTRY_LEN != 0)
        return TF_BAD;

    for (size_t at = 0; at < obj->payload_len; at += TF_MPLS_ENTRY_LEN) {
        if (stack->depth < TF_MPLS_MAX)
            stack->entry[stack->depth] = decode_entry(obj->payload + at);
        stack->depth++;
    }
    return TF_OK;
}
