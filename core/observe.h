/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of matching share: the matcher's state, and writing of observations. */
#ifndef TRACEFLOW_CORE_OBSERVE_H
#define TRACEFLOW_CORE_OBSERVE_H

#include "place.h"
#include "traceflow/match.h"

struct tf_match {
    struct tf_match_options options;
    struct probe_table *table;
    struct {
        bool any;
        int64_t time_ns;
    } lack; /* the last reply that proved that the capture lacks its probe, though not the run's */
    struct {
        uint64_t claimed;
        uint64_t strangers; /* quotes of the shape that claims are made by, but no claims */
        bool ours_seen;     /* probes, what proves itself, or claims of path IDs up to 255 */
    } bare;
};

/** The claim, its TTL included. */
void observe_claim(struct tf_observation *obs, const struct claim *claim);

/** The Identification, if the header has one. */
void observe_ident(struct tf_observation *obs, const struct tf_ip *ip);

/**
 * The reply is place's: its group's claim and flow, and its probe, which it answers. While probes
 * that may be open are known to be missing, there is no telling one by elimination: then *place has
 * none.
 */
void observe_match(const struct tf_match *match, struct tf_observation *obs,
                   struct placement *place);

/** Remember a reply that proves that its probe is missing, if other probes of its run are not. */
void observe_lack(struct tf_match *match, const struct tf_observation *obs);

/**
 * Whether it is an echo of a probe, which UDP's destinations send: tag and checksum are the
 * probe's, as the sum does not care which end is which.
 */
bool observe_goes_backwards(const struct tf_match *match, const struct tf_datagram *datagram);

/** The kind of a reply: an ICMP error, or an answer of the probed protocol. */
enum tf_kind observe_kind(const struct tf_packet *packet);

/** An ICMP error. Returns TF_OK or TF_NOT_OURS. */
enum tf_status observe_quote(struct tf_match *match, const struct tf_packet *packet,
                             struct tf_observation *obs);

/**
 * What the destination answers by the probed protocol: anything by UDP, an echo reply, a SYN/ACK, a
 * reset or a bare acknowledgement by TCP. Returns TF_OK or TF_NOT_OURS.
 */
enum tf_status observe_answer(struct tf_match *match, const struct tf_datagram *datagram,
                              struct tf_observation *obs);

/**
 * What is neither probe nor reply. Returns TF_FORGED, and writes *obs as tf_match_frame has it, or
 * TF_NOT_OURS: then a datagram that shares a flow with probes is remembered.
 */
enum tf_status observe_unproved(struct tf_match *match, const struct tf_packet *packet,
                                struct tf_observation *obs);

#endif
