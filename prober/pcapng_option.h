/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options at the end of a pcapng block (draft-ietf-opsawg-pcapng section 3.5). */
#ifndef TRACEFLOW_PROBER_PCAPNG_OPTION_H
#define TRACEFLOW_PROBER_PCAPNG_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/status.h"

/** What is left of a block's options; to begin with, all of them. */
struct pcapng_options {
    const uint8_t *at;
    size_t left;
    bool big_endian;
};

struct pcapng_option {
    uint16_t code;
    const uint8_t *value;
    uint16_t len; /* of the value, padding left out */
};

/**
 * The next option, written on TF_OK only.
 *
 * Returns TF_OK, TF_END (at the option that says so, or where the bytes end between two), or
 * TF_SHORT (an option reaches beyond the block).
 */
TF_MUST_CHECK enum tf_status pcapng_option_next(struct pcapng_options *options,
                                                struct pcapng_option *option);

/** Whether all options lie within their block. */
bool pcapng_options_whole(struct pcapng_options options);

#endif
