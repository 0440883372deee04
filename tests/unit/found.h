/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The findings of a trace in a few letters. */
#ifndef TRACEFLOW_TESTS_FOUND_H
#define TRACEFLOW_TESTS_FOUND_H

#include "scene.h"

/** "kind@TTL:letter " for each finding of the first trace, without TTL or letter where there is
 * none. The caller frees it. */
char *found_text(const struct tf_trace_set *set);

#endif
