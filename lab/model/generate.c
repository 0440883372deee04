/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generated network. Its destinations are leaves of a tree of stages:
 *
 *     stage 0        stage 1                    stage 2
 *
 *                 ┌─ branch ──────────┐
 *     head ─ head ┼─ branch ─ branch ─┼─ head ─ destination
 *                 └─ branch ──────────┘
 *
 * Every stage has groups of neighbouring destinations, fewer and larger ones near the source; a
 * group has a head and, if it is a diamond, branches, which meet again in the head of the next
 * stage. Whatever a group is like follows from a hash of the seed and its number, so nothing is
 * stored. A router's number is that of its group and its place therein.
 */
#include "generate.h"

#include "chance.h"
#include "traceflow/bytes.h"

enum {
    HOST_FLAG = 0x40000000, /* of a node's number: a destination */
    PLACES = 128,           /* per group: the head, and 16 branches of up to 4 routers */
    LENGTH_MAX = 4,
    LAST_SHIFT = 4, /* so many destinations (2^4) share their last router */
    MILLION = 1000000,
};

/* What is asked of a group's, destination's or router's hash: every question has a hash of its own.
 */
enum question { IS_DIAMOND = 1, WIDTH, LENGTH, DEPTH, IS_SILENT, IS_LOSSY, CHOICE };

/* A router, taken apart. */
struct position {
    uint8_t stage;
    uint32_t group;  /* in its stage */
    uint8_t branch;  /* if place > 0 */
    uint8_t place;   /* 0: the head; 1..: along the branch */
    uint32_t serial; /* number of the group over all stages */
};

static uint32_t ask(const struct generate *generate, enum question question, uint32_t subject)
{
    const uint64_t seed = (uint64_t)generate->seed << 8 | (unsigned)question;

    /* An odd factor spreads the seed over all bits, those of the subject included. */
    return (uint32_t)(chance_mix(seed * UINT64_C(0x9e3779b97f4a7c15) + subject) >> 32);
}

static bool is_so(const struct generate *generate, enum question question, uint32_t subject,
                  uint32_t ppm)
{
    return ppm > 0 && chance_scale(ask(generate, question, subject), MILLION) < ppm;
}

static uint8_t bits_of(uint32_t destinations)
{
    uint8_t bits = 0;

    while ((destinations - 1) >> bits != 0)
        bits++;
    return bits;
}

static void divide(struct generate *generate)
{
    const uint8_t bits = bits_of(generate->destinations);
    const uint8_t last = bits < LAST_SHIFT ? bits : LAST_SHIFT;
    const uint8_t stages = generate->depth_max;

    generate->first_group[0] = 0;
    for (uint8_t i = 0; i < stages; i++) {
        const unsigned steps = stages > 1 ? stages - 1U : 1;
        generate->shift[i] = (uint8_t)(bits - (bits - last) * i / steps);
        generate->first_group[i + 1] = generate->first_group[i] +
                                       ((generate->destinations - 1) >> generate->shift[i]) + 1;
    }
}

void generate_complete(struct generate *generate)
{
    generate->silent_router = generate->router;
    generate->silent_router.silent = true;
    divide(generate);
}

static bool is_diamond(const struct generate *generate, const struct position *at)
{
    return at->stage + 1 < generate->depth_max &&
           is_so(generate, IS_DIAMOND, at->serial, generate->balancers_ppm);
}

static uint8_t width(const struct generate *generate, uint32_t serial)
{
    return (uint8_t)(2 + chance_scale(ask(generate, WIDTH, serial), generate->width_max - 1U));
}

static uint8_t length(const struct generate *generate, uint32_t serial, uint8_t branch)
{
    const uint32_t subject = serial * PLACES + branch;

    return (uint8_t)(1 + chance_scale(ask(generate, LENGTH, subject), generate->length_max));
}

static uint8_t depth(const struct generate *generate, uint32_t destination)
{
    const uint32_t span = (uint32_t)(generate->depth_max - generate->depth_min) + 1;

    return (uint8_t)(generate->depth_min + chance_scale(ask(generate, DEPTH, destination), span));
}

static uint32_t router_at(const struct position *at)
{
    const uint32_t place = at->place == 0 ? 0 : 1U + at->branch * LENGTH_MAX + (at->place - 1U);

    return NODE_GENERATED | (at->serial * PLACES + place);
}

static uint32_t host_node(uint32_t destination)
{
    return NODE_GENERATED | HOST_FLAG | destination;
}

bool generate_is_host(const struct generate *generate, uint32_t node)
{
    return generate->present && (node & NODE_GENERATED) && (node & HOST_FLAG) &&
           generate_number(node) < generate->destinations;
}

uint32_t generate_number(uint32_t node)
{
    return node & ~(NODE_GENERATED | HOST_FLAG);
}

/* False for what is no router of this network. */
static bool find_position(const struct generate *generate, uint32_t node, struct position *at)
{
    const uint32_t number = generate_number(node);
    const uint32_t place = number % PLACES;

    at->serial = number / PLACES;
    if (!generate->present || !(node & NODE_GENERATED) || (node & HOST_FLAG) ||
        at->serial >= generate->first_group[generate->depth_max])
        return false;
    for (at->stage = 0; generate->first_group[at->stage + 1] <= at->serial;)
        at->stage++;
    at->group = at->serial - generate->first_group[at->stage];
    at->branch = (uint8_t)(place == 0 ? 0 : (place - 1) / LENGTH_MAX);
    at->place = (uint8_t)(place == 0 ? 0 : 1 + (place - 1) % LENGTH_MAX);
    return place == 0 || (is_diamond(generate, at) && at->branch < width(generate, at->serial) &&
                          at->place <= length(generate, at->serial, at->branch));
}

static struct position head_of(const struct generate *generate, uint8_t stage, uint32_t destination)
{
    struct position head = { .stage = stage, .group = destination >> generate->shift[stage] };

    head.serial = generate->first_group[stage] + head.group;
    return head;
}

/* Where a packet is bound for: through which stages, and at the last of them to what. */
struct bound {
    uint32_t destination; /* of a router: one of those behind it */
    uint8_t last_stage;
    bool is_router;
    struct position router; /* if is_router */
};

static bool find_bound(const struct generate *generate, uint32_t to, struct bound *bound)
{
    if (generate_is_host(generate, to)) {
        bound->is_router = false;
        bound->destination = generate_number(to);
        bound->last_stage = depth(generate, bound->destination) - 1;
        return true;
    }
    if (!find_position(generate, to, &bound->router))
        return false;
    bound->is_router = true;
    bound->last_stage = bound->router.stage;
    bound->destination = bound->router.group << generate->shift[bound->last_stage];
    return true;
}

static uint32_t next_of_head(const struct generate *generate, const struct position *at,
                             const struct bound *bound, uint32_t hash)
{
    struct position next = *at;

    if (at->stage > bound->last_stage)
        return NODE_NONE;
    if (at->stage == bound->last_stage && !bound->is_router)
        return host_node(bound->destination);
    if (at->stage < bound->last_stage && !is_diamond(generate, at)) {
        next = head_of(generate, at->stage + 1, bound->destination);
        return router_at(&next);
    }
    next.place = 1;
    next.branch = at->stage == bound->last_stage
                      ? bound->router.branch
                      : (uint8_t)chance_scale(ask(generate, CHOICE, hash ^ at->serial),
                                              width(generate, at->serial));
    return router_at(&next);
}

static uint32_t next_in_branch(const struct generate *generate, const struct position *at,
                               const struct bound *bound)
{
    struct position next = *at;

    if (at->place < length(generate, at->serial, at->branch)) {
        next.place++;
        return router_at(&next);
    }
    if (at->stage >= bound->last_stage)
        return NODE_NONE;
    next = head_of(generate, at->stage + 1, bound->destination);
    return router_at(&next);
}

uint32_t generate_next(const struct generate *generate, uint32_t from, uint32_t to, uint32_t hash)
{
    struct position at;
    struct bound bound;

    if (!find_bound(generate, to, &bound))
        return NODE_NONE;
    if (from == NODE_NONE) {
        at = head_of(generate, 0, bound.destination);
        return router_at(&at);
    }
    if (!find_position(generate, from, &at) || from == to ||
        at.group != bound.destination >> generate->shift[at.stage])
        return NODE_NONE;
    return at.place == 0 ? next_of_head(generate, &at, &bound, hash)
                         : next_in_branch(generate, &at, &bound);
}

uint32_t generate_node(const struct generate *generate, bool is_host, uint32_t number)
{
    const uint32_t node = NODE_GENERATED | (is_host ? HOST_FLAG : 0) | number;
    struct position at;

    if (number >= HOST_FLAG)
        return NODE_NONE;
    return generate_is_host(generate, node) || find_position(generate, node, &at) ? node
                                                                                  : NODE_NONE;
}

/* The number of an address in a prefix: its distance from the first. */
static bool number_in(const struct prefix *prefix, const struct tf_addr *addr, uint32_t *number)
{
    const size_t tail = tf_addr_len(&prefix->addr) - 4;

    if (!prefix_contains(prefix, addr))
        return false;
    for (size_t i = 0; i < tail; i++)
        if (addr->bytes[i] != prefix->addr.bytes[i])
            return false;
    *number = tf_get_u32(addr->bytes + tail) - tf_get_u32(prefix->addr.bytes + tail);
    return true;
}

uint32_t generate_find(const struct generate *generate, const struct tf_addr *addr)
{
    uint32_t number;

    if (!generate->present)
        return NODE_NONE;
    if (number_in(addr->version == 4 ? &generate->hosts4 : &generate->hosts6, addr, &number))
        return generate_node(generate, true, number);
    if (number_in(addr->version == 4 ? &generate->routers4 : &generate->routers6, addr, &number))
        return generate_node(generate, false, number);
    return NODE_NONE;
}

bool generate_address(const struct generate *generate, uint32_t node, uint8_t version,
                      struct tf_addr *addr)
{
    struct position at;
    const bool is_host = generate_is_host(generate, node);
    if (!is_host && !find_position(generate, node, &at))
        return false;

    const struct prefix *hosts = version == 4 ? &generate->hosts4 : &generate->hosts6;
    const struct prefix *routers = version == 4 ? &generate->routers4 : &generate->routers6;
    *addr = is_host ? hosts->addr : routers->addr;
    uint8_t *tail = addr->bytes + tf_addr_len(addr) - 4;
    tf_put_u32(tail, tf_get_u32(tail) + generate_number(node));
    return true;
}

const struct traits *generate_traits(const struct generate *generate, uint32_t node)
{
    if (node & HOST_FLAG)
        return &generate->host;
    if (is_so(generate, IS_SILENT, node, generate->silent_ppm))
        return &generate->silent_router;
    return is_so(generate, IS_LOSSY, node, generate->lossy_ppm) ? &generate->lossy_router
                                                                : &generate->router;
}
