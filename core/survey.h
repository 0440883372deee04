/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who answers at each TTL, over all paths of a trace. */
#ifndef TRACEFLOW_CORE_SURVEY_H
#define TRACEFLOW_CORE_SURVEY_H

#include "traceflow/trace.h"

/** The responders of a TTL. */
struct level {
    struct tf_addr first; /* version 0: none yet */
    bool several;
    bool silence; /* of a path that was asked there */
    bool strays;  /* one of them answers at another TTL, too */
    unsigned answers;
    unsigned begun; /* responders that answer no lower TTL */
};

/** Fill the levels of TTLs 0 to 255; paths count up to their extent (path.h). */
void survey(struct level levels[UINT8_MAX + 1], const struct tf_trace *trace);

#endif
