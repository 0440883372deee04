/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Internet checksum: running sums, pseudo headers, folding and ones' complement differences. */
#include "traceflow/checksum.h"

#include "traceflow/bytes.h"

uint32_t tf_sum_add(uint32_t sum, const uint8_t *buf, size_t len)
{
    size_t i = 0;

    for (; i + 1 < len; i += 2)
        sum += tf_get_u16(buf + i);
    if (i < len)
        sum += (uint32_t)buf[i] << 8;
    return sum;
}

uint32_t tf_sum_add_pseudo(uint32_t sum, const struct tf_addr *src, const struct tf_addr *dst,
                           uint8_t protocol, uint16_t length)
{
    sum = tf_sum_add(sum, src->bytes, tf_addr_len(src));
    sum = tf_sum_add(sum, dst->bytes, tf_addr_len(dst));
    return sum + protocol + length;
}

uint16_t tf_sum_fold(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

uint16_t tf_checksum(const uint8_t *buf, size_t len)
{
    return (uint16_t)~tf_sum_fold(tf_sum_add(0, buf, len));
}

uint16_t tf_sum_sub(uint16_t a, uint16_t b)
{
    return (uint16_t)(((uint32_t)a + (uint16_t)~b) % 0xffff);
}
