/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z traceflow,tree[,FILTER], and Statistics > Traceflow replies: run > path > TTL > responder. */
/*
 * Replies are counted as they come, so that rates and bursts are theirs: a look at the packets, not
 * at what follows from them. A probe adds its path and TTL, with no reply, so that silence shows.
 *
 * Wireshark sorts nodes as texts: numbers are padded. It walks along all children of a node to add
 * one, so that a forged capture could keep it busy for hours: what is more than a node should have
 * shares a child.
 */
#include "tap-tree.h"

#include "compat.h"

#include <limits.h>

#include <epan/packet.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>
#include <wsutil/utf8_entities.h>

#include "traceflow/observation.h"

#define TITLE "Traceflow replies (RTT in " UTF8_MICRO_SIGN "s)"

#define OTHERS "(others)"

enum { ROOT, NS_PER_US = 1000, NAME_LEN = 2 * TF_ADDR_TEXT_LEN };

/* The most runs, the most paths of each, and the most responders of a TTL. */
enum { BRANCHES_MAX = 1000, RESPONDERS_MAX = 64 };

/* The children of each tree's nodes. Wireshark tells of neither. */
struct family {
    GHashTable *children; /* "parent's number/name", a set */
    GHashTable *counts;   /* parent's number -> how many */
};

static GHashTable *families; /* stats_tree -> struct family */

static void family_free(gpointer data)
{
    struct family *family = data;

    g_hash_table_destroy(family->children);
    g_hash_table_destroy(family->counts);
    g_free(family);
}

/* Also when a window begins anew, with a tree that has no nodes. */
static void begin(stats_tree *tree)
{
    struct family *family = g_new(struct family, 1);

    family->children = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    family->counts = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(families, tree, family);
}

static void end(stats_tree *tree)
{
    g_hash_table_remove(families, tree);
}

/* Whether a node is there already, or there is room for it. */
static bool admit(struct family *family, int parent, const char *name, int max)
{
    gpointer number = GINT_TO_POINTER(parent);
    const int count = GPOINTER_TO_INT(g_hash_table_lookup(family->counts, number));
    g_autofree char *child = g_strdup_printf("%d/%s", parent, name);
    if (g_hash_table_contains(family->children, child))
        return true;
    if (count == max)
        return false;

    g_hash_table_insert(family->counts, number, GINT_TO_POINTER(count + 1));
    g_hash_table_add(family->children, g_steal_pointer(&child));
    return true;
}

static const char *admitted(stats_tree *tree, int parent, const char *name, int max)
{
    return admit(g_hash_table_lookup(families, tree), parent, name, max) ? name : OTHERS;
}

/* The node below parent of that name, which is made if need be. */
static int node_below(stats_tree *tree, int parent, const char *name, int replies)
{
    const char *node = admitted(tree, parent, name, BRANCHES_MAX);

    return stats_tree_manip_node_int(MN_INCREASE, tree, node, parent, TRUE, replies);
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

/* What a node of a tree can hold; time stamps that lie make more. */
static bool has_rtt_us(const struct tf_observation *obs)
{
    return obs->has_probe && obs->rtt_ns >= 0 && obs->rtt_ns / NS_PER_US <= INT_MAX;
}

static const char *note_on_time(const struct tf_observation *obs)
{
    if (!obs->has_probe)
        return " (no probe)";
    if (obs->rtt_ns < 0)
        return " (negative RTT)";
    return has_rtt_us(obs) ? "" : " (RTT out of range)";
}

/* Apart if the time is not known: an average is taken over all that a node counts. */
static void count_responder(stats_tree *tree, int parent, const struct tf_observation *obs)
{
    char responder[TF_ADDR_TEXT_LEN];
    char name[NAME_LEN];

    snprintf(name, sizeof name, "%s%s", tf_addr_text(&obs->responder, responder),
             note_on_time(obs));
    const char *node = admitted(tree, parent, name, RESPONDERS_MAX);
    if (has_rtt_us(obs) && node == name)
        avg_stat_node_add_value_int(tree, node, parent, FALSE, (int)(obs->rtt_ns / NS_PER_US));
    else
        tick_stat_node(tree, node, parent, FALSE);
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

void tap_tree_register(void)
{
    families = g_hash_table_new_full(NULL, NULL, NULL, family_free);
    stats_tree_register_plugin("traceflow", "traceflow", TITLE,
                               ST_SORT_COL_NAME << ST_FLG_SRTCOL_SHIFT, add_observation, begin,
                               end);
}
