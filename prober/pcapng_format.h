/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pcapng format (draft-ietf-opsawg-pcapng): numbers and offsets, for who writes and who reads.
 */
#ifndef TRACEFLOW_PROBER_PCAPNG_FORMAT_H
#define TRACEFLOW_PROBER_PCAPNG_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "traceflow/bytes.h"

/** Block types (section 11.1 of the draft). */
enum {
    PCAPNG_SECTION = 0x0a0d0d0a, /* the same in either byte order */
    PCAPNG_INTERFACE = 1,
    PCAPNG_OLD_PACKET = 2,
    PCAPNG_SIMPLE_PACKET = 3,
    PCAPNG_NAMES = 4,
    PCAPNG_STATISTICS = 5,
    PCAPNG_PACKET = 6,
    PCAPNG_JOURNAL = 9, /* an entry of systemd's */
    PCAPNG_SECRETS = 10,
    PCAPNG_SYSCALL = 0x204, /* an event of sysdig's, and two later forms */
    PCAPNG_SYSCALL_2 = 0x216,
    PCAPNG_SYSCALL_2_LARGE = 0x221,
    PCAPNG_CUSTOM = 0xbad,
    PCAPNG_CUSTOM_UNCOPIED = 0x40000bad, /* not to be copied into other files */
};

/** Every block: type and length, the body, the length again. Lengths count all of it. */
enum {
    PCAPNG_BLOCK_TYPE = 0,
    PCAPNG_BLOCK_LENGTH = 4,
    PCAPNG_BLOCK_HEAD_LEN = 8,
    PCAPNG_BLOCK_TAIL_LEN = 4,
};

/** Section header block: its body. */
enum {
    PCAPNG_SECTION_ORDER = 0,
    PCAPNG_SECTION_MAJOR = 4,
    PCAPNG_SECTION_MINOR = 6,
    PCAPNG_SECTION_LENGTH = 8,
    PCAPNG_SECTION_OPTIONS = 16,
    PCAPNG_ORDER = 0x1a2b3c4d, /* as the writer's byte order has it */
};

/** Interface description block: its body. */
enum {
    PCAPNG_INTERFACE_LINKTYPE = 0,
    PCAPNG_INTERFACE_SNAPLEN = 4, /* 0: none */
    PCAPNG_INTERFACE_OPTIONS = 8,
};

/** Enhanced packet block: its body. The obsolete one has the interface in two bytes, then drops. */
enum {
    PCAPNG_PACKET_INTERFACE = 0,
    PCAPNG_PACKET_TIME_HIGH = 4,
    PCAPNG_PACKET_TIME_LOW = 8,
    PCAPNG_PACKET_CAPTURED = 12,
    PCAPNG_PACKET_ORIGINAL = 16,
    PCAPNG_PACKET_BYTES = 20,
};

/** Simple packet block: its body. */
enum {
    PCAPNG_SIMPLE_ORIGINAL = 0,
    PCAPNG_SIMPLE_BYTES = 4,
};

/** Options: of every block, then by block. */
enum {
    PCAPNG_OPTION_CODE = 0,
    PCAPNG_OPTION_LENGTH = 2,
    PCAPNG_OPTION_VALUE = 4,

    PCAPNG_OPTION_END = 0,
    PCAPNG_OPTION_COMMENT = 1,
    PCAPNG_SECTION_USER_APPLICATION = 4,
    PCAPNG_INTERFACE_NAME = 2,
    PCAPNG_INTERFACE_TIME_RESOLUTION = 9,
    PCAPNG_INTERFACE_FILTER = 11,
    PCAPNG_INTERFACE_TIME_OFFSET = 14,
    PCAPNG_STATISTICS_RECEIVED = 4,
    PCAPNG_STATISTICS_DROPPED = 5,
};

/** Whatever is of any length is padded to 4 bytes. */
static inline uint64_t pcapng_padded(uint64_t len)
{
    return (len + 3) / 4 * 4;
}

static inline uint16_t pcapng_u16(bool big_endian, const uint8_t *p)
{
    return big_endian ? tf_get_u16(p) : (uint16_t)(p[1] << 8 | p[0]);
}

static inline uint32_t pcapng_u32(bool big_endian, const uint8_t *p)
{
    return big_endian ? tf_get_u32(p)
                      : (uint32_t)pcapng_u16(false, p + 2) << 16 | pcapng_u16(false, p);
}

/** Eight bytes of one number; time stamps are two of four, the high one first. */
static inline uint64_t pcapng_u64(bool big_endian, const uint8_t *p)
{
    const uint64_t first = pcapng_u32(big_endian, p);
    const uint64_t second = pcapng_u32(big_endian, p + 4);

    return big_endian ? first << 32 | second : second << 32 | first;
}

#endif
