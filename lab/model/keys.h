/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a topology file: one table says which groups have them and what reads them. */
#ifndef TRACEFLOW_LAB_KEYS_H
#define TRACEFLOW_LAB_KEYS_H

#include "reading.h"
#include "values.h"

/* The part of a topology that a key describes. */
enum key_part {
    PART_NETWORK = 1 << 0,  /* struct topology */
    PART_NODE = 1 << 1,     /* struct node */
    PART_TRAITS = 1 << 2,   /* struct traits, of a node or a change */
    PART_CHANGE = 1 << 3,   /* struct change */
    PART_GENERATE = 1 << 4, /* struct generate */
};

/* Whose key it is, where routers and hosts differ. */
enum key_kind {
    KIND_ROUTER = 1 << 0,
    KIND_HOST = 1 << 1,
    KIND_ANY = KIND_ROUTER | KIND_HOST,
};

struct key {
    const char *name;
    unsigned kinds;     /* enum key_kind */
    enum key_part part; /* and the struct that field is in */
    size_t offset;      /* of field */

    /* Read a value into the field, or refuse it. */
    bool (*read)(const struct reading *reading, const struct key *key, const char *text,
                 void *field);
    uint64_t low; /* of a number */
    uint64_t high;
    const struct word *words; /* of a choice */
};

/** What stands before the target of a route in the name of its key. */
#define ROUTE_KEY "route "

/** Refuse a key of the group that is none of its parts and kinds. */
bool keys_check(const struct reading *reading);

/** Read the group's keys of one part into its struct (see enum key_part). */
bool keys_read(const struct reading *reading, enum key_part part, void *into);

/** Whether the group has a key of a part. */
bool keys_any(const struct reading *reading, enum key_part part);

#endif
