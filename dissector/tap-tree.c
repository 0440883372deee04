/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z traceflow,tree[,FILTER], and Statistics > Traceflow replies: run > path > TTL > responder. */
/*
 * Replies are counted as they come, so that rates and bursts are theirs: a look at the packets, not
 * at what follows from them. A probe adds its path and TTL, with no reply, so that silence shows.
 *
 * Wireshark sorts nodes as texts: numbers are padded.
 */
#include "tap-tree.h"

#include "compat.h"

#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/utf8_entities.h>

#include "traceflow/observation.h"

#define TITLE "Traceflow replies (RTT in " UTF8_MICRO_SIGN "s)"

enum { ROOT, NS_PER_US = 1000, NAME_LEN = 2 * TF_ADDR_TEXT_LEN };

/* The node below parent of that name, which is made if need be. */
static int node_below(stats_tree *tree, int parent, const char *name, int replies)
{
    return stats_tree_manip_node_int(MN_INCREASE, tree, name, parent, TRUE, replies);
}

static int run_node(stats_tree *tree, const struct tf_observation *obs, int replies)
{
    char destination[TF_ADDR_TEXT_LEN];
    char source[TF_ADDR_TEXT_LEN];
    char name[NAME_LEN];

    tf_addr_text(&obs->flow.dst, destination);
    if (obs->has_run_id)
        snprintf(name, sizeof name, "%s run %08x", destination, obs->run_id);
    else
        snprintf(name, sizeof name, "%s from %s", destination,
                 tf_addr_text(&obs->flow.src, source));
    return node_below(tree, ROOT, name, replies);
}

static int ttl_node(stats_tree *tree, const struct tf_observation *obs, int replies)
{
    char path_name[NAME_LEN];
    char ttl_name[NAME_LEN];

    snprintf(path_name, sizeof path_name, "Path %3u", obs->path_id);
    if (obs->has_ttl)
        snprintf(ttl_name, sizeof ttl_name, "TTL %3u", obs->ttl);
    else
        snprintf(ttl_name, sizeof ttl_name, "TTL unknown");
    const int path = node_below(tree, run_node(tree, obs, replies), path_name, replies);
    return node_below(tree, path, ttl_name, replies);
}

/* Apart if the time is not known: an average is taken over all that a node counts. */
static void count_responder(stats_tree *tree, int parent, const struct tf_observation *obs)
{
    char responder[TF_ADDR_TEXT_LEN];
    char name[NAME_LEN];

    tf_addr_text(&obs->responder, responder);
    if (obs->has_probe) {
        avg_stat_node_add_value_int(tree, responder, parent, FALSE, (int)(obs->rtt_ns / NS_PER_US));
        return;
    }
    snprintf(name, sizeof name, "%s (no probe)", responder);
    tick_stat_node(tree, name, parent, FALSE);
}

static tap_packet_status add_observation(stats_tree *tree, packet_info *pinfo _U_,
                                         epan_dissect_t *edt _U_, const void *data,
                                         tap_flags_t flags _U_)
{
    const struct tf_observation *obs = data;
    const bool is_reply = obs->kind != TF_KIND_PROBE;
    const int ttl = ttl_node(tree, obs, is_reply);

    if (is_reply)
        count_responder(tree, ttl, obs);
    return TAP_PACKET_REDRAW;
}

/* All nodes come with the packets; but the window calls this without asking. */
static void init(stats_tree *tree _U_)
{
}

void tap_tree_register(void)
{
    stats_tree_register_plugin("traceflow", "traceflow", TITLE,
                               ST_SORT_COL_NAME << ST_FLG_SRTCOL_SHIFT, add_observation, init,
                               NULL);
}
