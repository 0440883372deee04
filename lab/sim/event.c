/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks that have ended, each copied into one block. */
#include "event.h"

#include <string.h>

/* What the arrival points to is behind it, most aligned first. */
struct event *event_new(const struct walk *walk, enum walk_outcome outcome)
{
    const size_t translations = walk->n_translations * sizeof(walk->translation[0]);
    const size_t nodes = walk->n_nodes * sizeof(walk->node[0]);
    struct event *event = g_malloc(sizeof(*event) + translations + nodes + walk->len);

    memcpy(event->bytes, walk->translation, translations);
    memcpy(event->bytes + translations, walk->node, nodes);
    memcpy(event->bytes + translations + nodes, walk->packet, walk->len);
    event->arrival = (struct arrival){
        .outcome = outcome,
        .link_mtu = walk->link_mtu,
        .n_nodes = walk->n_nodes,
        .n_translations = walk->n_translations,
        .len = walk->len,
        .translation = (const struct translation *)(const void *)event->bytes,
        .node = (const uint32_t *)(const void *)(event->bytes + translations),
        .packet = event->bytes + translations + nodes,
    };
    return event;
}

size_t event_size(const struct event *event)
{
    const struct arrival *arrival = &event->arrival;

    return arrival->n_translations * sizeof(arrival->translation[0]) +
           arrival->n_nodes * sizeof(arrival->node[0]) + arrival->len;
}
