/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of observations and of the trace table, whatever the network sends. */
#ifndef TRACEFLOW_FUZZ_ORACLE_H
#define TRACEFLOW_FUZZ_ORACLE_H

#include <stdbool.h>
#include <stddef.h>

#include "traceflow/match.h"
#include "traceflow/trace.h"

enum { FRAMES_MAX = 256 };

/** What is known of a frame that was given; by its number. */
struct given_frame {
    bool observed;
    bool answered; /* a reply has been linked to it */
    struct tf_observation obs;
    bool forgotten;
    uint16_t number;    /* UDP: the length; echo: the sequence number */
    uint16_t checksum;  /* the transport's */
    uint16_t conserved; /* UDP and echo: what no NAT changes of checksum, ports and addresses */
    uint32_t seq;       /* TCP */
};

struct oracle {
    struct given_frame frames[FRAMES_MAX + 1];
    size_t n_frames;
};

/** Check what a frame gave. */
void oracle_observation(struct oracle *oracle, const struct tf_frame *frame, enum tf_status status,
                        const struct tf_observation *obs);

/** The matcher was told to forget a run. */
void oracle_forget(struct oracle *oracle, uint32_t run_id);

/** Check the table: nothing in it that was not probed, nothing lost, nothing invented. */
void oracle_traces(const struct oracle *oracle, const struct tf_trace_set *traces);

#endif
