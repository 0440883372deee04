/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Stockholm encoding: key, tag, balance, and the header of TCP probes. */
#include "traceflow/encoding.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"

enum { VERSION = 1 };

/* Magic and version. */
static const uint8_t head[] = { 'T', 'F', 'L', 'W', VERSION };
enum { MAGIC_LEN = TF_TAG_VERSION };

/* MurmurHash3's 32-bit finalizer, in the public domain (Austin Appleby). */
static uint32_t fmix32(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6b;
    h ^= h >> 13;
    h *= 0xc2b2ae35;
    h ^= h >> 16;
    return h;
}

uint16_t tf_key(uint32_t run_id, uint16_t path_id, uint8_t attempt)
{
    const uint16_t key = (uint16_t)fmix32(run_id ^ ((uint32_t)path_id << 8 | attempt));

    return key == 0 || key == 0xffff ? 0x5354 : key;
}

void tf_tag_encode(uint8_t *buf, const struct tf_tag *tag)
{
    memcpy(buf + TF_TAG_MAGIC, head, sizeof head);
    buf[TF_TAG_ATTEMPT] = tag->attempt;
    tf_put_u16(buf + TF_TAG_PATH_ID, tag->path_id);
    tf_put_u32(buf + TF_TAG_RUN_ID, tag->run_id);
    tf_put_u16(buf + TF_TAG_PROBE_ID, tag->probe_id);
    tf_put_u16(buf + TF_TAG_BALANCE, tag->balance);
}

enum tf_status tf_tag_decode(struct tf_tag *tag, const uint8_t *buf, size_t len)
{
    if (len < TF_TAG_LEN)
        return TF_SHORT;
    if (memcmp(buf + TF_TAG_MAGIC, head, MAGIC_LEN) != 0)
        return TF_NOT_OURS;
    if (buf[TF_TAG_VERSION] != VERSION || tf_get_u16(buf + TF_TAG_PATH_ID) == 0)
        return TF_BAD;

    *tag = (struct tf_tag){
        .attempt = buf[TF_TAG_ATTEMPT],
        .path_id = tf_get_u16(buf + TF_TAG_PATH_ID),
        .run_id = tf_get_u32(buf + TF_TAG_RUN_ID),
        .probe_id = tf_get_u16(buf + TF_TAG_PROBE_ID),
        .balance = tf_get_u16(buf + TF_TAG_BALANCE),
    };
    return TF_OK;
}

bool tf_tag_begins(const uint8_t *buf, size_t len)
{
    return memcmp(buf, head, len < sizeof head ? len : sizeof head) == 0;
}

void tf_syn_options_encode(uint8_t *buf, uint32_t run_id)
{
    uint8_t *timestamp = buf + (TF_SYN_TIMESTAMP - TF_TCP_MIN_LEN);

    memset(buf, TF_TCP_OPT_NOP, TF_SYN_OPTIONS_LEN);
    timestamp[0] = TF_TCP_OPT_TIMESTAMP;
    timestamp[1] = TF_TCP_OPT_TIMESTAMP_LEN;
    tf_put_u32(timestamp + TF_TCP_OPT_TIMESTAMP_VALUE, run_id);
    tf_put_u32(timestamp + TF_TCP_OPT_TIMESTAMP_ECHO, 0);
}

enum tf_status tf_syn_decode(struct tf_syn *syn, const uint8_t *buf, size_t len)
{
    uint8_t options[TF_SYN_OPTIONS_LEN];
    if (len < TF_SYN_LEN)
        return TF_SHORT;

    const uint32_t seq = tf_get_u32(buf + TF_TCP_SEQ);
    const uint32_t run_id = tf_get_u32(buf + TF_SYN_TIMESTAMP + TF_TCP_OPT_TIMESTAMP_VALUE);
    tf_syn_options_encode(options, run_id);
    if (buf[TF_TCP_DATA_OFFSET] != TF_SYN_LEN / 4 << 4 || buf[TF_TCP_FLAGS] != TF_TCP_FLAG_SYN ||
        tf_get_u32(buf + TF_TCP_ACK) != 0 || tf_get_u16(buf + TF_TCP_WINDOW) != TF_SYN_WINDOW ||
        tf_get_u16(buf + TF_TCP_URGENT) != 0 ||
        memcmp(buf + TF_TCP_MIN_LEN, options, sizeof options) != 0)
        return TF_NOT_OURS;

    *syn = (struct tf_syn){ run_id, tf_seq_probe_id(seq), tf_seq_key(seq) };
    return TF_OK;
}

uint16_t tf_balance(uint32_t sum, uint16_t key)
{
    return tf_sum_sub((uint16_t)~key, tf_sum_fold(sum));
}
