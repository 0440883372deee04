/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of bytes from the network: the one result type of all decoders. */
#ifndef TRACEFLOW_STATUS_H
#define TRACEFLOW_STATUS_H

/**
 * Outcome of reading bytes that somebody else wrote.
 *
 * None of these is an error of this program: callers count them by reason (the prober) or show them
 * as expert infos (the dissector). Decoders never log, never assert on input and never allocate.
 */
enum tf_status {
    TF_OK,    /* decoded; the result is written */
    TF_END,   /* an iterator has nothing more */
    TF_SHORT, /* cut off by a router, a snap length or the sender: fewer bytes than the format needs
               */
    TF_BAD,   /* the bytes contradict their own format */
    TF_NOT_OURS, /* well formed, but nothing that this project sends or causes */
    TF_FORGED,   /* names the flow of a probe, but does not hold its key */
};

#define TF_MUST_CHECK __attribute__((warn_unused_result))

#endif
