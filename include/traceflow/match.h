/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From captured frames to observations: recognition of probes and replies, and their matching. */
#ifndef TRACEFLOW_MATCH_H
#define TRACEFLOW_MATCH_H

#include <stddef.h>
#include <stdint.h>

#include "traceflow/observation.h"
#include "traceflow/packet.h"
#include "traceflow/status.h"

/** A frame as a capture holds it. */
struct tf_frame {
    uint64_t number; /* in the capture, from 1 */
    int64_t time_ns; /* capture time stamp, since 1970 */
    int linktype;    /* link.h */
    const uint8_t *bytes;
    size_t len; /* captured bytes */
};

/** The ports of one prober configuration: source is src + path ID, destination is dst. */
struct tf_base_ports {
    uint16_t src;
    uint16_t dst;
};

/** The most configurations that can be recognised from ports alone. */
#define TF_BASE_PORTS_MAX 16

/**
 * What may be concluded from port numbers (rules original and arithmetic; of TCP probes, the path
 * ID). Of UDP both ports count, of TCP and echo (identifiers) the source's alone.
 */
struct tf_match_options {
    struct tf_base_ports bases[TF_BASE_PORTS_MAX];
    size_t n_bases;
};

/** The default bases: 33480 and the original's 33452, source and destination alike. */
struct tf_match_options tf_match_defaults(void);

/**
 * A probe is open for this long: a reply that does not say which TTL it answers is given to the one
 * open probe that it can mean, if there is exactly one; or to the newest, where all are attempts of
 * one TTL. Not where the capture is known to lack probes that may be open (docs/WIRE.md).
 */
#define TF_OPEN_NS INT64_C(1000000000)

/** The probes seen so far in one capture. */
struct tf_match;

/** A matcher for one capture; never NULL. */
struct tf_match *tf_match_new(const struct tf_match_options *options);
void tf_match_free(struct tf_match *match);

/**
 * Read the next frame of the capture.
 *
 * Frames are given in capture order. Probes are remembered: memory grows with them, never with
 * other frames (what has to be known of those takes 1 MiB, once there are any to the base ports). A
 * reply is matched with the probe it answers. No reply, whatever it claims, makes a probe.
 *
 * Returns TF_OK and writes *obs, or what tf_packet_decode returned, or TF_NOT_OURS for a
 * well-formed frame that no rule claims, or TF_FORGED for one that names a probe's flow but does
 * not hold its key:
 *
 * - an ICMP error that quotes exactly the flow of a probe seen before, its lengths, and its
 *   Identification (TCP: its sequence number's upper half, too; IPv6: its flow label), with a
 *   checksum (TCP: the lower half) that is the key of no attempt of the runs that used this flow;
 * - an echo reply along such a flow, with a coherent tag that is not of these runs, and whose key
 *   its checksum is not;
 * - what looks like a probe of such a flow: a coherent tag whose key is not the checksum, or a SYN
 *   of a probe's shape whose sequence number holds no key.
 *
 * It is TF_NOT_OURS where there may be another reason: the checksum is 0; the sequence number is
 * that of the reset by which the prober's kernel ends a connection; packets of the flow are in the
 * capture that are none of ours; a run was forgotten. Two things cannot be told from a forgery: a
 * late answer to a run that ended before the capture began, and a quote in which a NAT put the
 * addresses right, but not the checksum. Nothing should be concluded but that there is no key.
 *
 * On TF_FORGED, *obs has frame, time_ns, captured_ttl, kind, flow (as the packet names it), path_id
 * (of the flow's newest probes) and, of replies, responder, has_icmp, icmp_type and icmp_code; all
 * else is zero, evidence included. It is no part of any trace.
 */
TF_MUST_CHECK enum tf_status tf_match_frame(struct tf_match *match, const struct tf_frame *frame,
                                            struct tf_observation *obs);

/**
 * Forget the probes of a run: what comes for it later is no longer matched with them. Frees their
 * memory, so that it follows the runs that are under way, not those that are done.
 */
void tf_match_forget_run(struct tf_match *match, uint32_t run_id);

#endif
