/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the answers so far say about the network: nodes, links, and where each flow is at each TTL.
 */
#ifndef TRACEFLOW_PROBER_PLAN_VIEW_H
#define TRACEFLOW_PROBER_PLAN_VIEW_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan_stop.h"
#include "traceflow/addr.h"

struct plan;

/** The nodes of a TTL: silence is one, all silent routers in one, then responders as they came. */
enum { NODE_SILENCE = 0, NODE_FIRST = 1 };

/** Where a flow is at a TTL, if not at a node. */
enum {
    PLACE_OVER = UINT16_MAX - 2, /* behind the path's end */
    PLACE_LOST,                  /* its packets were lost, there or before: it will not be known */
    PLACE_UNKNOWN,
};

struct place {
    uint16_t node;    /* of that TTL, or PLACE_… */
    bool is_inferred; /* there was one way on, and no probe */
    bool is_wanted;   /* plan_auto.c: the cell is to be asked */
};

struct responder {
    struct tf_addr addr;
    bool is_end;      /* it ends paths; one that does both is two */
    unsigned samples; /* probes that it answered, repetitions included */
};

struct node {
    unsigned arrived;    /* flows that are here, the inferred ones included */
    unsigned flows;      /* … whose next hop is known */
    unsigned pending;    /* … whose next hop is being asked for */
    unsigned hops;       /* next hops seen; silence is one */
    unsigned named;      /* … without it */
    unsigned needs;      /* flows that rule out more */
    unsigned silent;     /* flows whose next hop stays silent */
    unsigned repeats;    /* repetitions of answered probes at the next TTL */
    unsigned confirming; /* cells before it that are asked whether a link to it is true */
    unsigned latest;     /* … flow of the TTL that is here: so many had come when it came */
    uint16_t hop;        /* a next hop, silence only if there is no other */
    bool has_silent_hop;
    bool is_lossy; /* as much is silent behind it as loss explains */
    bool is_end;
};

/** A link's marks. */
enum { LINK_SEEN = 1, LINK_OBSERVED = 2 /* by a flow that was observed at both ends */ };

/** One TTL; level first_ttl - 1 is the source. */
struct level {
    GArray *responders; /* struct responder, from NODE_FIRST on */
    GArray *nodes;      /* struct node */
    GArray *links;      /* marks: for each of its nodes, each of the next level's */
    unsigned samples;   /* answered probes, repetitions included */
    unsigned answered;  /* cells, of paths that are not over */
    unsigned silent;
    unsigned tries;   /* until those that are answered were */
    double silence;   /* the chance that a cell is silent by loss alone */
    unsigned arrived; /* flows */
    bool is_mute;     /* silent on all paths, as far as flows were spent on that */
    bool parts;       /* packets of one flow were seen to come to different nodes here */
    bool is_unstable; /* … or to come from such: flows mean nothing */
};

struct view {
    struct level *levels;                /* by TTL */
    unsigned last;                       /* highest TTL that was looked at */
    unsigned balancers[STOP_WIDTHS + 1]; /* by next hops, as of the rule */
    struct stop_rule rule;
    struct stop_rule alone; /* … as it is while there are no balancers */
};

void view_init(struct plan *plan);
void view_clear(struct plan *plan);

/** The number of a responder at a TTL, a new one if need be. */
uint16_t view_responder(struct view *view, unsigned ttl, const struct responder *responder);

/** A responder has answered a probe. */
void view_sample(struct view *view, unsigned ttl, uint16_t node);

/** Empty a level, and the links to the next, but for the responders. */
void view_clear_level(struct view *view, unsigned ttl);
void view_clear_links(struct view *view, unsigned ttl);

/** Look anew: nodes, links and places from the cells. */
void view_update(struct plan *plan);

static inline struct node *view_node(const struct view *view, unsigned ttl, unsigned node)
{
    return &g_array_index(view->levels[ttl].nodes, struct node, node);
}

/** The marks of the link from a node of a TTL to one of the next. */
static inline uint8_t *view_link(const struct view *view, unsigned ttl, unsigned from, unsigned to)
{
    const unsigned width = view->levels[ttl + 1].nodes->len;

    return &g_array_index(view->levels[ttl].links, uint8_t, from * width + to);
}

/** Whether a node asks for one more flow, so many beside those that are known to be here. */
static inline bool view_has_room(const struct node *node, unsigned besides)
{
    return node->flows + node->pending + besides < node->needs;
}

/**
 * Whether the way on from a node is to be asked of every flow: there is a choice, or nobody knows
 * who was there. Not where the next TTL is unstable.
 */
bool view_is_choice(const struct view *view, unsigned ttl, unsigned node);

#endif
