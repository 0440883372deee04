/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of pcapng as blocks. */
#include "pcapng_block.h"

#include <errno.h>
#include <inttypes.h>

#include "pcapng_format.h"
#include "traceflow/error.h"

enum {
    STEP_LEN = 64 << 10,
    FIXED_LEN = PCAPNG_BLOCK_HEAD_LEN + PCAPNG_BLOCK_TAIL_LEN,
    BLOCK_MAX = (128 << 20) + (128 << 10) + 32, /* the longest frame, and many options */
};

struct pcapng_blocks {
    FILE *stream;
    GByteArray *bytes; /* of the block, from the end of its head */
    uint64_t offset;
    bool big_endian; /* the section */
};

struct block_type {
    uint32_t type;
    bool is_kept;
    size_t fixed_len; /* of the body */
};

/* Those with a fixed part. Of all others, nothing is known but that they are to be passed over. */
static const struct block_type block_types[] = {
    { PCAPNG_SECTION, true, PCAPNG_SECTION_OPTIONS },
    { PCAPNG_INTERFACE, true, PCAPNG_INTERFACE_OPTIONS },
    { PCAPNG_OLD_PACKET, true, PCAPNG_PACKET_BYTES },
    { PCAPNG_SIMPLE_PACKET, true, PCAPNG_SIMPLE_BYTES },
    { PCAPNG_NAMES, false, 4 },
    { PCAPNG_STATISTICS, false, 12 },
    { PCAPNG_PACKET, true, PCAPNG_PACKET_BYTES },
    { PCAPNG_JOURNAL, false, 23 },
    { PCAPNG_SECRETS, false, 8 },
    { PCAPNG_CUSTOM, false, 4 },
    { PCAPNG_CUSTOM_UNCOPIED, false, 4 },
};

static struct block_type find_type(uint32_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(block_types); i++)
        if (block_types[i].type == type)
            return block_types[i];
    return (struct block_type){ type, false, 0 };
}

struct pcapng_blocks *pcapng_blocks_new(FILE *stream)
{
    struct pcapng_blocks *blocks = g_new0(struct pcapng_blocks, 1);

    blocks->stream = stream;
    blocks->bytes = g_byte_array_new();
    return blocks;
}

void pcapng_blocks_free(struct pcapng_blocks *blocks)
{
    if (blocks == NULL)
        return;
    fclose(blocks->stream);
    g_byte_array_unref(blocks->bytes);
    g_free(blocks);
}

enum tf_status pcapng_block_damaged(const struct pcapng_block *block, GError **error,
                                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);

    g_set_error(error, TF_ERROR, TF_EXIT_IO, "damaged at byte %" PRIu64 ": %s", block->offset,
                what);
    return TF_BAD;
}

static enum tf_status fail_to_read(const struct pcapng_blocks *blocks, GError **error)
{
    if (ferror(blocks->stream))
        g_set_error_literal(error, TF_ERROR, TF_EXIT_IO, g_strerror(errno));
    else
        g_set_error_literal(error, TF_ERROR, TF_EXIT_IO, "truncated: it ends inside a block");
    return TF_BAD;
}

/* Behind the bytes that there are, or in their place. */
static bool read_bytes(struct pcapng_blocks *blocks, size_t len, bool is_kept)
{
    GByteArray *bytes = blocks->bytes;

    while (len > 0) {
        const size_t step = MIN(len, STEP_LEN);
        const guint at = is_kept ? bytes->len : 0;
        g_byte_array_set_size(bytes, at + (guint)step);
        if (fread(bytes->data + at, 1, step, blocks->stream) != step)
            return false;
        blocks->offset += step;
        len -= step;
    }
    return true;
}

/* A section's own byte order says how long its header is. */
static enum tf_status begin_section(struct pcapng_blocks *blocks, const struct pcapng_block *block,
                                    GError **error)
{
    if (!read_bytes(blocks, sizeof(uint32_t), true))
        return fail_to_read(blocks, error);
    blocks->big_endian = pcapng_u32(true, blocks->bytes->data) == PCAPNG_ORDER;
    if (!blocks->big_endian && pcapng_u32(false, blocks->bytes->data) != PCAPNG_ORDER)
        return pcapng_block_damaged(block, error, "a section of no byte order");
    return TF_OK;
}

static enum tf_status read_head(struct pcapng_blocks *blocks, uint8_t *head, GError **error)
{
    const size_t n = fread(head, 1, PCAPNG_BLOCK_HEAD_LEN, blocks->stream);

    blocks->offset += n;
    if (n == PCAPNG_BLOCK_HEAD_LEN)
        return TF_OK;
    return n == 0 && !ferror(blocks->stream) ? TF_END : fail_to_read(blocks, error);
}

/* Some programs leave the padding out of their lengths, which Wireshark lets pass. */
static enum tf_status check_len(const struct pcapng_block *block, uint64_t len, GError **error)
{
    const uint64_t len_min = FIXED_LEN + find_type(block->type).fixed_len;

    if (pcapng_padded(len) < len_min)
        return pcapng_block_damaged(block, error, "a block of type 0x%08x has %" PRIu64 " bytes",
                                    block->type, len);
    if (pcapng_padded(len) > BLOCK_MAX)
        return pcapng_block_damaged(block, error, "a block of %" PRIu64 " bytes", len);
    return TF_OK;
}

static enum tf_status read_rest(struct pcapng_blocks *blocks, struct pcapng_block *block,
                                uint64_t len, GError **error)
{
    const bool is_kept = find_type(block->type).is_kept;
    uint8_t tail[PCAPNG_BLOCK_TAIL_LEN];

    block->len = (size_t)(pcapng_padded(len) - FIXED_LEN);
    if (!read_bytes(blocks, block->len - blocks->bytes->len, is_kept) ||
        fread(tail, 1, sizeof tail, blocks->stream) != sizeof tail)
        return fail_to_read(blocks, error);
    blocks->offset += sizeof tail;

    const uint32_t len_again = pcapng_u32(block->big_endian, tail);
    if (pcapng_padded(len_again) != pcapng_padded(len))
        return pcapng_block_damaged(block, error, "a block of %" PRIu64 " or %" PRIu32 " bytes",
                                    len, len_again);
    block->body = is_kept ? blocks->bytes->data : NULL;
    return TF_OK;
}

enum tf_status pcapng_blocks_next(struct pcapng_blocks *blocks, struct pcapng_block *block,
                                  GError **error)
{
    uint8_t head[PCAPNG_BLOCK_HEAD_LEN];

    *block = (struct pcapng_block){ .offset = blocks->offset };
    g_byte_array_set_size(blocks->bytes, 0);
    enum tf_status status = read_head(blocks, head, error);
    if (status != TF_OK)
        return status;
    if (pcapng_u32(true, head + PCAPNG_BLOCK_TYPE) == PCAPNG_SECTION)
        status = begin_section(blocks, block, error);
    else if (block->offset == 0)
        status = pcapng_block_damaged(block, error, "no capture begins like this");
    if (status != TF_OK)
        return status;

    const uint64_t len = pcapng_u32(blocks->big_endian, head + PCAPNG_BLOCK_LENGTH);
    block->type = pcapng_u32(blocks->big_endian, head + PCAPNG_BLOCK_TYPE);
    block->big_endian = blocks->big_endian;
    status = check_len(block, len, error);
    return status == TF_OK ? read_rest(blocks, block, len, error) : status;
}
