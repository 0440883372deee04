/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes: crafted by libnet once per path and attempt, patched per TTL, sent through its raw
 * socket. */
#ifndef TRACEFLOW_PROBER_CRAFT_H
#define TRACEFLOW_PROBER_CRAFT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "plan.h"
#include "traceflow/addr.h"

/** What all probes of a run have in common. */
struct craft_options {
    struct tf_addr src;
    struct tf_addr dst;
    uint16_t src_base;
    uint16_t dst_base;
    uint32_t run_id;
    bool dont_fragment;
};

/** An IPv4 header without options, UDP header and tag. */
enum { CRAFT_PROBE_LEN = 44 };

struct craft;

/**
 * Open the raw socket, bound to an interface unless that is NULL.
 *
 * Fails with TF_EXIT_PRIVILEGE or TF_EXIT_IO. craft_free(NULL) is fine.
 */
struct craft *craft_open(const struct craft_options *options, const char *interface,
                         GError **error);
void craft_free(struct craft *craft);

enum craft_result {
    CRAFT_SENT,
    CRAFT_BUSY,  /* the send buffer is full: try again later */
    CRAFT_FAILED /* *error says why */
};

/** Send one probe. bytes receives it as it was handed to the kernel, which fills the IP checksum
 * in. */
enum craft_result craft_send(struct craft *craft, const struct probe_spec *spec,
                             uint8_t bytes[CRAFT_PROBE_LEN], GError **error);

/** Draw a random run ID under which the keys of each path's attempts differ. */
uint32_t craft_draw_run_id(uint16_t paths, uint8_t attempts);

#endif
