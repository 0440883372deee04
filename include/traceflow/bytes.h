/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Big-endian numbers in packet bytes, read and written without alignment or casts. */
#ifndef TRACEFLOW_BYTES_H
#define TRACEFLOW_BYTES_H

#include <stdint.h>

static inline uint16_t tf_get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t tf_get_u24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

static inline uint32_t tf_get_u32(const uint8_t *p)
{
    return (uint32_t)tf_get_u16(p) << 16 | tf_get_u16(p + 2);
}

static inline void tf_put_u16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void tf_put_u32(uint8_t *p, uint32_t value)
{
    tf_put_u16(p, (uint16_t)(value >> 16));
    tf_put_u16(p + 2, (uint16_t)value);
}

#endif
