/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is seen on many paths, counted once for each thing that it says. */
#ifndef TRACEFLOW_CORE_TALLY_H
#define TRACEFLOW_CORE_TALLY_H

#include <glib.h>

#include "traceflow/findings.h"

/** What is said, and of whom. Two signs are one if all of this is the same. */
struct sign {
    enum tf_finding_kind kind;
    struct tf_addr addr;  /* version 0: of nobody */
    struct tf_addr other; /* whoever else belongs to it; version 0: nobody */
    uint32_t value;       /* whatever else it says */
};

/** A sign, and where it was seen. */
struct counted {
    struct sign sign;
    uint8_t ttl; /* the lowest */
    unsigned times;
    unsigned flows;
    uint16_t last_path;
    GArray *frames; /* guint64, at most TF_FINDING_FRAMES_MAX + 1 */
};

struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *tally);

/** Where a sign was seen. */
struct place_seen {
    uint16_t path_id;
    uint8_t ttl;
    uint64_t frame; /* 0: none to name */
};

/** Count a sign once more. Paths are given one after the other. */
void tally_add(struct tally *tally, const struct sign *sign, const struct place_seen *place);

/** Make a finding of each; text_of gives its text, or NULL for none. */
void tally_report(const struct tally *tally, GPtrArray *findings,
                  char *(*text_of)(const struct counted *counted));

#endif
