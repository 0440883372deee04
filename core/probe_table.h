/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The probes of a capture, found again by what a quote or an answer tells of them. */
#ifndef TRACEFLOW_CORE_PROBE_TABLE_H
#define TRACEFLOW_CORE_PROBE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "probe_key.h"
#include "recognise.h"
#include "traceflow/observation.h"

/** One probe as it was captured. */
struct probe {
    uint64_t frame;
    int64_t time_ns;
    struct tf_header header;
    uint8_t ttl; /* as meant: the Identification's, not the captured one */
    bool answered;
};

/** One attempt of one path, its probes told apart by TTL: so there are at most 256. */
struct probe_group {
    struct header_key header;
    struct claim claim; /* of the first of them; its ttl means nothing here */
    struct probe *probes;
    uint16_t n_probes;
    uint16_t capacity;
    uint8_t chain_number[CHAINS]; /* each its own index: probe_chain.c */
    struct probe_group *older[CHAINS];
    struct probe_group *newer[CHAINS];
};

/** Of a flow, so many groups are looked at, newest first: no capture can make it quadratic. */
enum { OF_FLOW_MAX = 2 * TF_ATTEMPTS_MAX };

struct probe_table;

struct probe_table *probe_table_new(void);
void probe_table_free(struct probe_table *table);

/**
 * Remember a probe under its header and attempt; *duplicate tells whether this group had a probe of
 * that TTL before, which the new one then replaces. The group and its probe stay valid until the
 * next call.
 */
struct probe_group *probe_table_add(struct probe_table *table, const struct header_key *key,
                                    const struct claim *claim, const struct probe *probe,
                                    bool *duplicate);

/** Forget the groups of a run. */
void probe_table_forget_run(struct probe_table *table, uint32_t run_id);

/** Whether there are probes of a run. */
bool probe_table_knows_run(const struct probe_table *table, uint32_t run_id);

/** Whether any run was ever forgotten. */
bool probe_table_has_forgotten(const struct probe_table *table);

/** Remember that packets of a flow are in the capture that are not to be judged by our probes. */
void probe_table_add_stranger(struct probe_table *table, const struct tf_flow *flow);

bool probe_table_knows_stranger(const struct probe_table *table, const struct tf_flow *flow);

/** Whether no probe is known: then nothing can be found. */
bool probe_table_is_empty(const struct probe_table *table);

/** Whether packets of a flow are in the capture, probes or not: a quote of it is no longer a bare
 * one. */
bool probe_table_knows_flow(const struct probe_table *table, const struct tf_flow *flow);

/** The group with exactly this header (echo: its attempt is the number), or NULL. */
struct probe_group *probe_table_find(const struct probe_table *table, const struct header_key *key);

/**
 * The newest group with the header of a packet that was captured or quoted; of echo, the number
 * does not count. NULL if there is none, of echo among the flow's newest groups.
 */
struct probe_group *probe_table_find_header(const struct probe_table *table,
                                            const struct header_key *key);

/** The newest group of a tag's run, path and attempt; or NULL. */
struct probe_group *probe_table_find_tag(const struct probe_table *table, const struct tf_tag *tag,
                                         uint16_t protocol);

/** The newest group of a flow, whatever its key, or NULL. */
struct probe_group *probe_table_find_flow(const struct probe_table *table,
                                          const struct tf_flow *flow);

/**
 * The groups that a NAT may have turned into this header, newest first, up to a fixed number: one
 * end of the flow is the same, the other differs, and the key differs by just what addresses and
 * ports do (RFC 1624). visit returns true to stop; so does the walk, returning that group, or NULL.
 */
typedef bool (*probe_group_visit)(struct probe_group *group, void *data);
struct probe_group *probe_table_find_translated(const struct probe_table *table,
                                                const struct header_key *key,
                                                probe_group_visit visit, void *data);

/** The group's probe of a TTL, or NULL. */
struct probe *probe_group_find(const struct probe_group *group, uint8_t ttl);

#endif
