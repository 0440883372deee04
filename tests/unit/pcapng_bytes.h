/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng blocks as initialisers of byte arrays, little-endian unless they are called BIG. */
#ifndef TRACEFLOW_TESTS_PCAPNG_BYTES_H
#define TRACEFLOW_TESTS_PCAPNG_BYTES_H

#define U16(n) (n) & 0xff, (n) >> 8 & 0xff
#define U32(n) (n) & 0xff, (n) >> 8 & 0xff, (n) >> 16 & 0xff, (n) >> 24 & 0xff

#define BIG16(n) (n) >> 8 & 0xff, (n)&0xff
#define BIG32(n) (n) >> 24 & 0xff, (n) >> 16 & 0xff, (n) >> 8 & 0xff, (n)&0xff

/** Version 1.0, its length not given. */
#define SECTION                                                                                    \
    U32(0x0a0d0d0aU), U32(28U), U32(0x1a2b3c4dU), U16(1), U16(0), U32(0xffffffffU),                \
        U32(0xffffffffU), U32(28U)
#define BIG_SECTION                                                                                \
    BIG32(0x0a0d0d0aU), BIG32(28U), BIG32(0x1a2b3c4dU), BIG16(1), BIG16(0), BIG32(0xffffffffU),    \
        BIG32(0xffffffffU), BIG32(28U)

/** Microseconds, no snap length. */
#define INTERFACE(linktype) U32(1U), U32(20U), U16(linktype), U16(0), U32(0U), U32(20U)
#define BIG_INTERFACE(linktype)                                                                    \
    BIG32(1U), BIG32(20U), BIG16(linktype), BIG16(0), BIG32(0U), BIG32(20U)

#define SNAPPED_INTERFACE(linktype, snaplen)                                                       \
    U32(1U), U32(20U), U16(linktype), U16(0), U32(snaplen), U32(20U)

/** if_tsresol, and the end of options. */
#define CLOCKED_INTERFACE(linktype, resolution)                                                    \
    U32(1U), U32(32U), U16(linktype), U16(0), U32(0U), U16(9), U16(1), resolution, 0, 0, 0,        \
        U16(0), U16(0), U32(32U)

/** A frame of five bytes, whose time stamp is less than 2^32. */
#define FIVE 0x45, 1, 2, 3, 4, 0, 0, 0
#define PACKET(interface, stamp)                                                                   \
    U32(6U), U32(40U), U32(interface), U32(0U), U32(stamp), U32(5U), U32(5U), FIVE, U32(40U)
#define BIG_PACKET(interface, stamp)                                                               \
    BIG32(6U), BIG32(40U), BIG32(interface), BIG32(0U), BIG32(stamp), BIG32(5U), BIG32(5U), FIVE,  \
        BIG32(40U)
#define OLD_PACKET(interface, stamp)                                                               \
    U32(2U), U32(40U), U16(interface), U16(0xffff), U32(0U), U32(stamp), U32(5U), U32(5U), FIVE,   \
        U32(40U)
#define SIMPLE_PACKET(original) U32(3U), U32(24U), U32(original), FIVE, U32(24U)

/** Nothing in it but zeros. */
#define BLOCK_OF_4(type) U32(type), U32(16U), U32(0U), U32(16U)
#define BLOCK_OF_24(type)                                                                          \
    U32(type), U32(36U), U32(0U), U32(0U), U32(0U), U32(0U), U32(0U), U32(0U), U32(36U)

#endif
