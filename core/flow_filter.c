/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows remembered in constant memory, at the price of some that are taken for remembered. */
#include "flow_filter.h"

#include <glib.h>

#include "hash.h"

enum { INDEX_BITS = 23, BITS = 1 << INDEX_BITS, WORD_BITS = 64 };

struct flow_filter {
    uint64_t words[BITS / WORD_BITS];
};

/* The two bits of a flow: both ends of one hash, which are independent enough of each other. */
static void find_bits(uint32_t bits[2], const struct tf_flow *flow)
{
    const uint64_t hash = hash_bytes_wide(flow, sizeof *flow);

    bits[0] = (uint32_t)hash & (BITS - 1);
    bits[1] = (uint32_t)(hash >> (64 - INDEX_BITS));
}

static uint64_t mask_of(uint32_t bit)
{
    return UINT64_C(1) << bit % WORD_BITS;
}

struct flow_filter *flow_filter_new(void)
{
    return g_new0(struct flow_filter, 1);
}

void flow_filter_free(struct flow_filter *filter)
{
    g_free(filter);
}

void flow_filter_add(struct flow_filter *filter, const struct tf_flow *flow)
{
    uint32_t bits[2];

    find_bits(bits, flow);
    for (int i = 0; i < 2; i++)
        filter->words[bits[i] / WORD_BITS] |= mask_of(bits[i]);
}

bool flow_filter_has(const struct flow_filter *filter, const struct tf_flow *flow)
{
    uint32_t bits[2];

    find_bits(bits, flow);
    return (filter->words[bits[0] / WORD_BITS] & mask_of(bits[0])) != 0 &&
           (filter->words[bits[1] / WORD_BITS] & mask_of(bits[1])) != 0;
}
