/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a plan: cells by path and TTL, the queues of probes, and what expires. */
#ifndef TRACEFLOW_PROBER_PLAN_STATE_H
#define TRACEFLOW_PROBER_PLAN_STATE_H

#include <glib.h>

#include "plan.h"
#include "plan_view.h"
#include "retry.h"

enum { NO_END = UINT8_MAX + 1 };

enum cell_state {
    CELL_UNSENT,
    CELL_WAITING,
    CELL_DUE, /* timed out, to be asked again */
    CELL_ANSWERED,
    CELL_SILENT, /* given up */
    CELL_CUT,    /* sent, but behind the path's end */
};

/* What a disagreement between two answers of one cell has led to so far. */
enum contest {
    CONTEST_NONE,
    CONTEST_OPEN, /* it is asked again, to tell a change from balancing by packet */
    CONTEST_OVER,
};

struct cell {
    enum cell_state state;
    uint16_t node;    /* CELL_ANSWERED: the responder that counts, as plan_view.h numbers them */
    uint16_t latest;  /* … the last other one */
    uint8_t attempts; /* sent */
    uint8_t repeats;  /* of them, sent after an answer */
    uint8_t tries;    /* … up to the first answer */
    uint8_t contests; /* answers since the disagreement */
    enum contest contest;
    bool in_flight;
    bool in_wave;      /* the last attempt is one that retry.h counts */
    bool is_apart;     /* … apart */
    uint8_t repeating; /* repetitions of what was answered that may be answered */
    int64_t sent_ns;   /* of the last attempt */
};

struct way {
    uint16_t next_ttl;    /* the lowest that was never sent, where all are sent in order */
    uint16_t end;         /* TTL of the reply that ends it, or NO_END */
    uint8_t top;          /* highest TTL answered */
    uint8_t top_hop;      /* highest TTL at which the way was seen to go on */
    unsigned waiting;     /* cells in that state, and repetitions */
    bool one_by_one;      /* its replies do not say their TTL */
    bool spoiled;         /* probes have met the state of others at the destination */
    struct cell *cells;   /* by TTL */
    struct place *places; /* by TTL */
};

/* A probe in one of the queues: valid as long as the cell still waits for this attempt. */
struct sent {
    uint16_t path;
    uint8_t ttl;
    uint8_t attempt;
    int64_t sent_ns;
};

struct plan {
    struct plan_options options;
    struct way *ways; /* by path ID - 1; those up to open have cells */
    uint16_t open;    /* paths begun */
    struct retry retry;
    GArray *answerers; /* plan_rate.c */
    GArray *late;      /* plan_last.c */
    int64_t now_ns;
    GQueue flight;   /* struct sent, oldest first: what fills the window */
    GQueue awaiting; /* … what will be asked again */
    GQueue last;     /* … what will not */
    GQueue due;      /* … what timed out */
    GQueue repeated; /* … what had been answered before */
    unsigned in_flight;
    unsigned window;
    uint16_t cursor;
    uint8_t top;           /* highest TTL answered on any path */
    uint8_t reach;         /* highest TTL at which the way was seen to go on */
    uint16_t shortest_end; /* of the paths that reached the destination */
    bool is_anonymous;     /* the destination's answers do not say which probe they mean */
    int64_t rtt_max_ns;    /* 0: none measured */
    int64_t least_wait_ns; /* for an answer, whatever the timeout */
    int64_t next_send_ns;
    unsigned sent;
    unsigned answered;
    struct view view; /* what the answers say about the network */
    GRand *rand;
    GArray *repeats;    /* plan_repeat.c: struct repeat, what is to be asked once more */
    uint8_t repeat_ttl; /* … of a fixed number of paths; 0 before a balancer was seen */
    uint8_t repeat_cells;
    struct plan_auto *chosen; /* what plan_auto.c wants next; NULL for a fixed number of paths */
};

/** Whether an answer to a cell is still hoped for. */
static inline bool plan_is_asked(const struct cell *cell)
{
    return cell->state == CELL_WAITING || cell->state == CELL_DUE;
}

/** Begin the next path. */
void plan_open_way(struct plan *plan);

/** The cell that a queue entry is about. */
struct cell *plan_cell(const struct plan *plan, const struct sent *sent);

/** Whether an entry still counts: its cell is in that state, and was not asked again since. */
bool plan_is_current(const struct plan *plan, const struct sent *sent, enum cell_state state);

/** Append a copy of an entry to a queue. */
void plan_push(GQueue *queue, const struct sent *sent);

/** The oldest entry that still counts; those before it are dropped. NULL if there is none. */
const struct sent *plan_oldest(const struct plan *plan, GQueue *queue, enum cell_state state);

/** … of the repetitions. */
const struct sent *plan_oldest_repeated(struct plan *plan);

void plan_set_state(struct way *way, struct cell *cell, enum cell_state state);

/** So many of a cell's repetitions are answered, or no longer waited for. */
void plan_end_repeats(struct way *way, struct cell *cell, unsigned count);

/** The cell's probe no longer fills the window. */
void plan_land(struct plan *plan, struct cell *cell);

/**
 * How long an answer normally takes at the most: what is out for longer does not fill the window,
 * and silence for so long lets a path look one TTL further.
 */
int64_t plan_quiet_ns(const struct plan *plan);

/** How long the last attempt is waited for. */
int64_t plan_last_wait_ns(const struct plan *plan);

/**
 * From now on, wait for every answer until its probe is no longer open, however short the timeout:
 * a reply of unknown TTL is given to the probe that is open, if there is just one.
 */
void plan_wait_until_closed(struct plan *plan);

/** Let time pass: probes leave the window, cells become due or silent, waves end. */
void plan_expire(struct plan *plan, int64_t now_ns);

/**
 * Whether a path may be asked at a TTL now, as far as its other probes are concerned: not while
 * replies of unknown TTL, or state at the destination, want one at a time.
 */
bool plan_is_free(const struct plan *plan, unsigned path, unsigned ttl);

/** When that may change without an observation. */
int64_t plan_alone_wake_ns(const struct plan *plan);

#endif
