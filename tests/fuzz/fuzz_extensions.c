/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: the claimed quote length (two bytes), then the body of an ICMP error. The walk over
 * objects ends. */
#include "fuzz.h"
#include "traceflow/icmp_ext.h"
#include "traceflow/wire.h"

static void check_found(enum tf_ext_found found, size_t quote_len, size_t offset)
{
    if (found == TF_EXT_BY_LENGTH)
        must(quote_len > 0 && offset == quote_len);
    else
        must(offset == TF_EXT_COMPAT_OFFSET && (found == TF_EXT_COMPAT) == (quote_len == 0));
}

static void append(struct tf_mpls_stack *stack, const struct tf_ext_obj *obj)
{
    const struct tf_mpls_stack before = *stack;
    const enum tf_status status = tf_mpls_append(stack, obj);

    must(status == TF_OK || status == TF_NOT_OURS || status == TF_BAD);
    must(stack->depth == before.depth + (status == TF_OK ? obj->payload_len / 4 : 0));
    must(tf_mpls_kept(stack) <= TF_MPLS_MAX);
    for (size_t i = 0; i < tf_mpls_kept(stack); i++)
        must(stack->entry[i].label <= 0xfffff && stack->entry[i].tc <= 7);
}

/* Every object takes at least its own header, so there are no more than the bytes allow. */
static void walk(struct tf_ext_iter it, struct tf_mpls_stack *stack)
{
    const uint8_t *start = it.next;
    const size_t len = (size_t)(it.end - it.next);
    const size_t steps_max = len / TF_EXT_OBJ_HDR_LEN;
    struct tf_ext_obj obj = { 0 };
    size_t steps = 0;
    enum tf_status status;

    while ((status = tf_ext_next(&it, &obj)) == TF_OK) {
        must(++steps <= steps_max);
        must(lies_within(obj.payload, obj.payload_len, start, len));
        must(it.next == obj.payload + obj.payload_len);
        touch(obj.payload, obj.payload_len);
        append(stack, &obj);
    }
    must(status == TF_END || status == TF_SHORT || status == TF_BAD);
    must((status == TF_END) == (it.next == it.end));
    must(tf_ext_next(&it, &obj) == status); /* it does not advance */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct supply supply = { data, size };
    const size_t quote_len = take_u16(&supply);
    const uint8_t *body = supply.next;
    const size_t body_len = supply.left;
    struct tf_mpls_stack stack = { 0 };
    struct tf_ext_iter it = { 0 };
    size_t offset = SIZE_MAX;

    const enum tf_ext_found found = tf_ext_find(&it, &offset, body, body_len, quote_len);
    if (found == TF_EXT_NONE) {
        must(it.next == NULL && offset == SIZE_MAX);
    } else {
        check_found(found, quote_len, offset);
        must(it.next == body + offset + TF_EXT_HDR_LEN && it.end == body + body_len);
        walk(it, &stack);
    }

    /* Without the outer checks: any bytes as objects. */
    stack = (struct tf_mpls_stack){ 0 };
    if (body_len <= UINT16_MAX)
        walk((struct tf_ext_iter){ .next = body, .end = body + body_len }, &stack);
    return 0;
}
