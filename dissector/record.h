/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An observation in little memory: a capture may hold millions of probes. */
#ifndef TRACEFLOW_DISSECTOR_RECORD_H
#define TRACEFLOW_DISSECTOR_RECORD_H

#include "compat.h"

#include <epan/packet.h>

#include "traceflow/observation.h"

struct record;
struct run;

/** A flow that records share, and its newest record of each TTL (links.c), from the lowest on. */
struct flow {
    struct tf_flow tuple;
    struct record **newest; /* NULL where there is none of that TTL */
    uint16_t n_ttls;
    uint8_t first_ttl;
};

enum record_flag {
    RECORD_HAS_RUN_ID = 1 << 0,
    RECORD_HAS_TTL = 1 << 1,
    RECORD_HAS_ATTEMPT = 1 << 2,
    RECORD_HAS_IDENT = 1 << 3,
    RECORD_HAS_ICMP = 1 << 4,
    RECORD_HAS_QUOTE = 1 << 5,
    RECORD_DUPLICATE = 1 << 6,
    RECORD_FORGED = 1 << 7,
    RECORD_ASKED_AGAIN = 1 << 8, /* a reply: the next attempt was made before it came */
    RECORD_REPEATED = 1 << 9,    /* a probe: the same comes once more */
    RECORD_GONE = 1 << 10,       /* a read filter took the frame out of the file */
};

/**
 * One of our frames. What many frames share is kept once; what a reply shares with its probe is the
 * probe's.
 */
struct record {
    int64_t time_ns;
    struct flow *flow;
    struct run *run;            /* NULL if forged */
    struct record *next_of_run; /* in the order of the file */
    struct record *counterpart; /* a probe: its first reply; a reply: its probe; or NULL */
    struct record *earlier;     /* links.h */
    union {
        struct tf_header sent; /* a probe's own */
        struct {
            const struct tf_addr *addr;
            const struct tf_mpls_stack *mpls; /* cut behind what is kept; NULL: no labels */
        } responder;                          /* of a reply */
    };
    uint32_t frame;
    uint16_t flags; /* enum record_flag */
    uint16_t path_id;
    uint16_t ident;
    uint16_t quoted_len;
    uint16_t changed;
    uint8_t kind;
    uint8_t evidence;
    uint8_t ident_fault;
    uint8_t ttl;
    uint8_t attempt;
    uint8_t captured_ttl;
    uint8_t answer_type; /* of ICMP; of other replies, TCP's flags */
    uint8_t icmp_code;
    uint8_t quoted_ttl;
    uint8_t quoted_tos;
};

/** What records share. Call once, at registration. */
void record_register(void);

/** A file is opened, or dissected anew. */
void record_open(void);

/** Write an observation to a record, all but what it has of others: run, neighbours, counterpart.
 */
void record_write(struct record *record, const struct tf_observation *obs);

/** The observation that was written, to a cleared one; a reply's probe is its counterpart. */
void record_read(struct tf_observation *obs, const struct record *record);

static inline bool record_has(const struct record *record, enum record_flag flag)
{
    return (record->flags & flag) != 0;
}

static inline bool record_is_probe(const struct record *record)
{
    return record->kind == TF_KIND_PROBE;
}

#endif
