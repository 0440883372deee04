/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is to happen when: a priority queue on the simulated clock. */
#ifndef TRACEFLOW_LAB_AGENDA_H
#define TRACEFLOW_LAB_AGENDA_H

#include <glib.h>
#include <stdint.h>

struct agenda;

/** Items still in it are freed with free_item. Never NULL. */
struct agenda *agenda_new(GDestroyNotify free_item);
void agenda_free(struct agenda *agenda);

/** Add an item; the agenda owns it until it is taken. Items of one time are taken in the order in
 * which they came. */
void agenda_add(struct agenda *agenda, int64_t at_ns, void *item);

/** When the first item is due, or INT64_MAX. */
int64_t agenda_due_ns(const struct agenda *agenda);

/** Take the first item; *at_ns is its time. NULL if there is none. */
void *agenda_take(struct agenda *agenda, int64_t *at_ns);

#endif
