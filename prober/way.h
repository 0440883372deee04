/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where destinations are, as far as it is known before anything is opened. */
#ifndef TRACEFLOW_PROBER_WAY_H
#define TRACEFLOW_PROBER_WAY_H

#include <glib.h>
#include <net/if.h>

#include "options.h"
#include "run.h"

/**
 * The interface on which literal destinations all leave, written to common, or "any" where they
 * differ, or one has yet to be looked up. Errors are left to be met again when a run begins.
 */
const char *way_interface(const struct options *options, char common[IF_NAMESIZE]);

/**
 * The run towards the first destination, without a sender. Fails as resolve_destination and
 * route_find do.
 */
struct run *way_of_one(const struct options *options, GError **error);

#endif
