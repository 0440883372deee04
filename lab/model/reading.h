/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A topology file while it is being read: what has been read, where we are, what is wrong. */
#ifndef TRACEFLOW_LAB_READING_H
#define TRACEFLOW_LAB_READING_H

#include "topology.h"

struct reading {
    const char *file;
    GKeyFile *keys;
    struct topology *topology;
    GHashTable *ids;         /* ID -> node number + 1 */
    const char **node_group; /* of each node: "router r0" */
    GError **error;

    /* The group being read; NULL: none. */
    const char *group;
    unsigned kinds; /* enum key_kind: what its node is */
    unsigned parts; /* enum key_part: whose keys it may have */
};

/**
 * Set the error, "FILE: [GROUP] KEY: what is wrong", without key or group where they are NULL, cut
 * to a line that can be read. Returns false.
 */
bool refuse(const struct reading *reading, const char *key, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/** Let the topology own memory; returns it. */
void *keep(const struct reading *reading, void *memory);

/** Remember a node's number, plus one, under a key that the topology owns. */
void index_node(GHashTable *index, void *key, size_t node);

/** The node of an ID, or NODE_NONE. */
uint32_t find_id(const struct reading *reading, const char *id);

/** Whether the group being read has a key. */
bool has_key(const struct reading *reading, const char *key);

/** The value of a key of the group being read, without spaces around it; the caller frees it. NULL:
 * there is none. */
char *get_value(const struct reading *reading, const char *key);

#endif
