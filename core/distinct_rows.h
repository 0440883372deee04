/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a trace's table, ready to be compared again and again. */
#ifndef TRACEFLOW_CORE_DISTINCT_ROWS_H
#define TRACEFLOW_CORE_DISTINCT_ROWS_H

#include <glib.h>

#include "traceflow/trace.h"

/** A path and what is asked of it. */
struct row {
    size_t index; /* of the path */
    guint *cells; /* by TTL, up to last; see rows_members */
    bool unstable;
    unsigned known;    /* hops */
    unsigned answered; /* of them, by an answer */
    uint8_t end;
    uint8_t last;
    uint8_t length;
};

/** Rows, the most complete first, unstable ones last. */
struct rows {
    struct row *row;
    size_t count;
    uint8_t last; /* the highest of all */
    GArray *sets; /* guint: of each cell with several responders their number, then who they are */
};

/** The responders of a cell, by numbers that ascend; of a TTL of which nothing is known, none. */
struct members {
    guint count;
    const guint *numbers;
    guint single; /* what numbers points at, if it is but one */
};

struct rows *distinct_rows_new(const struct tf_trace *trace);
void distinct_rows_free(struct rows *rows);

/** The responders of a row at a TTL; *members must not be moved. */
void rows_members(struct members *members, const struct rows *rows, const struct row *row,
                  uint8_t ttl);

/**
 * Whether two rows may be those of one way: they agree in their end, and wherever both answered. Of
 * several responders, one in common is enough.
 */
bool rows_agree(const struct rows *rows, const struct row *a, const struct row *b);

#endif
