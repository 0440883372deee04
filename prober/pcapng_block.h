/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stream of pcapng as blocks (draft-ietf-opsawg-pcapng section 3.1), in either byte order. */
#ifndef TRACEFLOW_PROBER_PCAPNG_BLOCK_H
#define TRACEFLOW_PROBER_PCAPNG_BLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "traceflow/status.h"

struct pcapng_blocks;

/** A block, its two lengths found equal and its body at least as long as its type's fixed part. */
struct pcapng_block {
    uint32_t type;
    bool big_endian;
    const uint8_t *body; /* valid until the next call; NULL where it is of no use here */
    size_t len;          /* of the body, options included */
    uint64_t offset;     /* of the block in the stream */
};

/** The stream is to be at its begin, and is closed with the blocks. */
struct pcapng_blocks *pcapng_blocks_new(FILE *stream);
void pcapng_blocks_free(struct pcapng_blocks *blocks);

/**
 * The next block. The first one is a section header, or refused. Memory is taken for the bytes that
 * are there, not for those that a length promises.
 *
 * Returns TF_OK, TF_END (between two blocks), or TF_BAD and an error (TF_EXIT_IO), without the
 * file's name.
 */
TF_MUST_CHECK enum tf_status pcapng_blocks_next(struct pcapng_blocks *blocks,
                                                struct pcapng_block *block, GError **error);

/** Refuse a block: TF_BAD, and an error that says where it is and what is wrong with it. */
enum tf_status pcapng_block_damaged(const struct pcapng_block *block, GError **error,
                                    const char *format, ...) G_GNUC_PRINTF(3, 4);

#endif
