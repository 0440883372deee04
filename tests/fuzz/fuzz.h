/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all fuzz targets share: the input as a supply of small numbers, and assertions that
 * libFuzzer reports. */
#ifndef TRACEFLOW_FUZZ_H
#define TRACEFLOW_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "traceflow/link.h"

/** Like assert, whatever NDEBUG says: a finding. */
#define must(condition)                                                                            \
    ((condition)                                                                                   \
         ? (void)0                                                                                 \
         : (fprintf(stderr, "%s:%d: must(%s)\n", __FILE__, __LINE__, #condition), abort()))

/** Bytes of the input that have not been used. */
struct supply {
    const uint8_t *next;
    size_t left;
};

/** The next byte, 0 at the end. */
static inline uint8_t take_u8(struct supply *supply)
{
    if (supply->left == 0)
        return 0;
    supply->left--;
    return *supply->next++;
}

static inline uint16_t take_u16(struct supply *supply)
{
    const uint8_t high = take_u8(supply);

    return (uint16_t)(high << 8 | take_u8(supply));
}

/** Up to len bytes of the input itself; *len becomes what there was. */
static inline const uint8_t *take_bytes(struct supply *supply, size_t *len)
{
    const uint8_t *bytes = supply->next;

    if (*len > supply->left)
        *len = supply->left;
    if (*len > 0)
        supply->next += *len;
    supply->left -= *len;
    return bytes;
}

/** All that link.h knows, and one that it does not. */
static const int fuzz_linktypes[] = {
    TF_LINKTYPE_RAW,
    TF_LINKTYPE_ETHERNET,
    TF_LINKTYPE_LINUX_SLL,
    TF_LINKTYPE_LINUX_SLL2,
    TF_LINKTYPE_NULL,
    TF_LINKTYPE_LOOP,
    TF_LINKTYPE_DLT_RAW,
    TF_LINKTYPE_DLT_RAW_OPENBSD,
    TF_LINKTYPE_IPV4,
    TF_LINKTYPE_IPV6,
    147,
    TF_LINKTYPE_PPP,
    TF_LINKTYPE_PPP_HDLC,
    TF_LINKTYPE_PPP_ETHER,
    TF_LINKTYPE_PPP_PPPD,
    TF_LINKTYPE_PPP_WITH_DIR,
    TF_LINKTYPE_C_HDLC,
    TF_LINKTYPE_C_HDLC_WITH_DIR,
    TF_LINKTYPE_FRELAY,
    TF_LINKTYPE_DLT_ATM_RFC1483,
    TF_LINKTYPE_ATM_RFC1483,
    TF_LINKTYPE_MPLS,
    TF_LINKTYPE_IPOIB,
    TF_LINKTYPE_ENC,
    TF_LINKTYPE_PFLOG,
    TF_LINKTYPE_NFLOG,
    TF_LINKTYPE_PPI,
    TF_LINKTYPE_PKTAP,
};

static inline int take_linktype(struct supply *supply)
{
    return fuzz_linktypes[take_u8(supply) % (sizeof fuzz_linktypes / sizeof fuzz_linktypes[0])];
}

/** Read every byte of a result, so that AddressSanitizer sees them all. */
static inline void touch(const uint8_t *bytes, size_t len)
{
    static volatile uint8_t sink;

    for (size_t i = 0; i < len; i++)
        sink = (uint8_t)(sink ^ bytes[i]);
}

/** Whether part_len bytes at part lie within whole. */
static inline bool lies_within(const uint8_t *part, size_t part_len, const uint8_t *whole,
                               size_t whole_len)
{
    return part >= whole && (size_t)(part - whole) <= whole_len &&
           part_len <= whole_len - (size_t)(part - whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
