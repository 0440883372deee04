/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of text, put together piece by piece: printf costs more than all else that a frame does.
 */
#ifndef TRACEFLOW_DISSECTOR_TEXT_H
#define TRACEFLOW_DISSECTOR_TEXT_H

#include <stdint.h>
#include <string.h>

#include "traceflow/addr.h"

/** Words and numbers that do not fit are left away. */
enum { TEXT_MAX = 512 };

struct text {
    char *end; /* in bytes, at the terminating zero */
    char bytes[TEXT_MAX];
};

/** An empty line. */
void text_begin(struct text *text);

static inline void text_add(struct text *text, const char *words)
{
    const size_t len = strlen(words);

    if (len >= (size_t)(text->bytes + sizeof text->bytes - text->end))
        return;
    memcpy(text->end, words, len + 1);
    text->end += len;
}

/** A number, in decimal. */
void text_add_number(struct text *text, uint32_t number);

/** The same with a space before it if it is of one digit. */
void text_add_aligned(struct text *text, uint32_t number);

/** An address, as tf_addr_text has it. */
void text_add_addr(struct text *text, const struct tf_addr *addr);

/** A time in milliseconds, with three decimals below 1 ms, two below 10 ms, and else one; negative
 * ones have three. */
void text_add_ms(struct text *text, int64_t time_ns);

#endif
