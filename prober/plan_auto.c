/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As many paths as the stop rule wants.
 *
 * A flow is asked at every TTL at which its way is open, and only there: behind a node with a
 * choice, behind silence, and behind a node that still needs flows. Elsewhere there is one way on,
 * and its place is inferred (plan_view.c). Where a flow was observed behind an inferred place, over
 * a link that no flow has shown at both ends, the inferred cell is asked after all.
 *
 * Where a flow is to be asked depends on where it was before, which takes a round trip for each
 * TTL. It is asked sooner where that cannot be wasted: wherever it may turn out to be, it will be
 * needed.
 *
 * When all that known flows can give is under way, new ones are begun: as many as the neediest TTL
 * lacks at least, so that too many are never begun, but several rounds may be needed.
 */
#include "plan_auto.h"

#include <string.h>

#include "plan_rate.h"
#include "plan_repeat.h"
#include "traceflow/encoding.h"

enum {
    SCOUT_AHEAD = 2,
    NEWS_SHARE = 2,  /* news, to what is in flight, that are worth deciding upon */
    EQUALS_KEPT = 4, /* of so many pairs of probes to one TTL, one */
    STALE_AFTER = 2, /* times the flows that would have shown a node of that TTL */
    PATIENCE = 4,    /* of the flows expected to be needed, so much less is begun */
};

static const double SILENCE_MIN = 0.0001; /* a chance that is worth reckoning with */

struct want {
    uint16_t path;
    uint8_t ttl;
    unsigned rank; /* among those of its TTL */
    guint32 lot;   /* … the order of equal ones */
    bool is_taken;
};

struct plan_auto {
    GArray *wants;
    unsigned ranks[UINT8_MAX + 1]; /* the next ones, by TTL */
    guint taken;                   /* so many at the beginning are */
    unsigned news;                 /* since they were worked out */
    int64_t wake_ns;
};

struct plan_auto *plan_auto_new(void)
{
    struct plan_auto *chosen = g_new0(struct plan_auto, 1);

    chosen->wants = g_array_new(FALSE, FALSE, sizeof(struct want));
    chosen->news = 1;
    chosen->wake_ns = INT64_MAX;
    return chosen;
}

void plan_auto_free(struct plan_auto *chosen)
{
    if (chosen == NULL)
        return;
    g_array_unref(chosen->wants);
    g_free(chosen);
}

void plan_auto_wake(struct plan_auto *chosen)
{
    if (chosen != NULL)
        chosen->news++;
}

static bool is_asked(const struct cell *cell)
{
    return cell->state == CELL_WAITING || cell->state == CELL_DUE;
}

static void want(struct plan *plan, unsigned path, unsigned ttl)
{
    struct plan_auto *chosen = plan->chosen;
    const struct want wanted = { .path = (uint16_t)path,
                                 .ttl = (uint8_t)ttl,
                                 .rank = chosen->ranks[ttl]++,
                                 .lot = g_rand_int(plan->rand) };

    plan->ways[path].places[ttl].is_wanted = true;
    g_array_append_val(chosen->wants, wanted);
}

/* Where packets of a flow part, its end is that of one packet. */
static bool is_behind_end(const struct plan *plan, const struct way *way, unsigned ttl)
{
    return ttl > way->end && !plan->view.levels[ttl].is_unstable;
}

/* Whether a cell can be asked for the first time, or again after it was thought to be behind the
 * end. */
static bool is_askable(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];
    const bool is_unsent = cell->state == CELL_UNSENT ||
                           (cell->state == CELL_CUT && cell->attempts < plan->options.attempts);

    return is_unsent && !way->places[ttl].is_wanted && !is_behind_end(plan, way, ttl);
}

static void cut_behind_ends(struct plan *plan)
{
    for (unsigned i = 0; i < plan->open; i++) {
        struct way *way = &plan->ways[i];
        for (unsigned ttl = plan->options.first_ttl; ttl <= plan->options.max_ttl; ttl++) {
            struct cell *cell = &way->cells[ttl];
            const bool is_over = ttl > plan->view.last || way->places[ttl].node == PLACE_OVER;
            if (!is_asked(cell) || !is_over)
                continue;
            plan_set_state(way, cell, CELL_CUT);
            plan_land(plan, cell);
        }
    }
}

/*
 * Where packets are lost, what is silent before a path's end may be the end itself: it is asked
 * again, as often as that is possible, lest the path seem longer than it is.
 */
static void ask_before_ends(struct plan *plan)
{
    for (unsigned i = 0; i < plan->open; i++) {
        struct way *way = &plan->ways[i];
        const unsigned ttl = way->end - 1U;
        if (way->end == NO_END || ttl < plan->options.first_ttl || ttl > plan->view.last)
            continue;
        struct cell *cell = &way->cells[ttl];
        if (cell->state != CELL_SILENT || cell->attempts >= TF_ATTEMPTS_MAX ||
            way->places[ttl].node == NODE_SILENCE || plan->view.levels[ttl].silence < SILENCE_MIN)
            continue;
        const struct sent again = { .path = (uint16_t)i,
                                    .ttl = (uint8_t)ttl,
                                    .attempt = (uint8_t)(cell->attempts - 1) };
        plan_set_state(way, cell, CELL_DUE);
        plan_push(&plan->due, &again);
    }
}

/* Whether a node asks for one more flow, so many beside those that are known to be here. */
static bool has_room(const struct node *node, unsigned besides)
{
    return node->flows + node->pending + besides < node->needs;
}

/* The flows whose place before is known: those that were observed there come first. */
static void want_placed(struct plan *plan, unsigned ttl, bool inferred)
{
    struct view *view = &plan->view;

    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *from = &plan->ways[i].places[ttl - 1];
        if (from->node >= PLACE_OVER || from->is_inferred != inferred ||
            !is_askable(plan, &plan->ways[i], ttl))
            continue;
        struct node *node = view_node(view, ttl - 1, from->node);
        if (node->is_end)
            continue;
        if (!view_is_choice(view, ttl - 1, from->node) && !has_room(node, 0))
            continue;
        want(plan, i, ttl);
        node->pending++;
    }
}

/* Whether a flow is needed at a TTL wherever it was before. */
static bool is_needed_anyway(const struct view *view, unsigned ttl, unsigned unplaced)
{
    const struct level *before = &view->levels[ttl - 1];
    bool any = false;

    for (unsigned i = 0; i < before->nodes->len; i++) {
        const struct node *node = view_node(view, ttl - 1, i);
        if (node->arrived == 0)
            continue;
        if (node->is_end)
            return false;
        if (!view_is_choice(view, ttl - 1, i) && !has_room(node, unplaced))
            return false;
        any = true;
    }
    return any;
}

/* Where nobody answers, it is not worth the timeout to know whether one will after all. */
static bool looks_silent(struct plan *plan, const struct way *way, unsigned ttl, int64_t now_ns)
{
    const struct cell *cell = &way->cells[ttl];
    const bool is_wanted = way->places[ttl].is_wanted; /* it is sent about now */
    const int64_t at_ns = (is_wanted ? now_ns : cell->sent_ns) + plan_quiet_ns(plan);
    if ((!is_asked(cell) && !is_wanted) || plan->view.levels[ttl].answered > 0)
        return false;

    if (!is_wanted && (cell->attempts > 1 || cell->state == CELL_DUE || now_ns >= at_ns))
        return true;
    plan->chosen->wake_ns = MIN(plan->chosen->wake_ns, at_ns);
    return false;
}

/* Whether a cell is about to be answered, if it is answered at once. */
static bool is_on_its_way(const struct way *way, unsigned ttl)
{
    const struct cell *cell = &way->cells[ttl];

    return way->places[ttl].is_wanted ? cell->attempts == 0
                                      : cell->state == CELL_WAITING && cell->attempts == 1;
}

static void want_unplaced(struct plan *plan, unsigned ttl, int64_t now_ns)
{
    const struct view *view = &plan->view;
    unsigned unplaced = 0;

    for (unsigned i = 0; i < plan->open; i++)
        unplaced += plan->ways[i].places[ttl - 1].node == PLACE_UNKNOWN &&
                    is_asked(&plan->ways[i].cells[ttl]);
    for (unsigned i = 0; i < plan->open; i++) {
        const struct way *way = &plan->ways[i];
        const bool is_scouting = i == 0 && ttl <= way->top + (unsigned)SCOUT_AHEAD;
        if (way->places[ttl - 1].node != PLACE_UNKNOWN || !is_askable(plan, way, ttl))
            continue;
        const bool is_next = is_on_its_way(way, ttl - 1);
        if (!is_scouting && !(is_next && is_needed_anyway(view, ttl, unplaced)) &&
            !(unplaced < view->alone.first && looks_silent(plan, way, ttl - 1, now_ns)))
            continue;
        want(plan, i, ttl);
        unplaced++;
    }
}

static void count_confirming(struct plan *plan, unsigned ttl)
{
    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *place = &plan->ways[i].places[ttl];
        const bool asked = plan->ways[i].places[ttl - 1].is_wanted ||
                           is_asked(&plan->ways[i].cells[ttl - 1]);
        if (place->node < PLACE_OVER && asked)
            view_node(&plan->view, ttl, place->node)->confirming++;
    }
}

/* Links from an inferred place that no flow has shown yet: one flow is asked about each. */
static void want_confirmed(struct plan *plan, unsigned ttl)
{
    struct view *view = &plan->view;
    if (view->levels[ttl].is_unstable || view->levels[ttl - 1].is_unstable)
        return;

    count_confirming(plan, ttl);
    for (unsigned i = 0; i < plan->open; i++) {
        const struct place *from = &plan->ways[i].places[ttl - 1];
        const struct place *to = &plan->ways[i].places[ttl];
        if (!from->is_inferred || from->node == NODE_SILENCE || to->node >= PLACE_OVER ||
            to->is_inferred || to->node == NODE_SILENCE)
            continue;
        struct node *node = view_node(view, ttl, to->node);
        if (*view_link(view, ttl - 1, from->node, to->node) & LINK_OBSERVED ||
            node->confirming > 0 || !is_askable(plan, &plan->ways[i], ttl - 1))
            continue;
        node->confirming++;
        want(plan, i, ttl - 1);
    }
}

/* Whether further flows can be expected to come to a node. */
static bool is_within_reach(const struct view *view, unsigned ttl, unsigned number)
{
    const struct level *level = &view->levels[ttl];
    const struct node *node = view_node(view, ttl, number);
    const unsigned width = level->nodes->len - NODE_FIRST + (level->silent > 0);
    if (node->arrived == 0 || node->is_end)
        return false;

    if (number == NODE_SILENCE && node->arrived * 2 * width < level->answered + level->silent)
        return false; /* a few lost packets are no router */
    return level->arrived - node->latest < STALE_AFTER * stop_flows(&view->rule, width);
}

/* The flows that a TTL's nodes lack, beyond those under way to them. */
static unsigned lacking(const struct plan *plan, unsigned ttl)
{
    const struct view *view = &plan->view;
    const unsigned arrived = view->levels[ttl].arrived;
    unsigned missing = 0;
    unsigned patient = 0;
    unsigned coming = 0;

    if (view->levels[ttl + 1].is_mute)
        return 0;
    for (unsigned i = 0; i < plan->open; i++)
        coming += plan->ways[i].places[ttl].node == PLACE_UNKNOWN;
    for (unsigned i = 0; i < view->levels[ttl].nodes->len; i++) {
        const struct node *node = view_node(view, ttl, i);
        if (!is_within_reach(view, ttl, i) || !has_room(node, 0))
            continue;
        const unsigned deficit = node->needs - node->flows - node->pending;
        missing += deficit;
        patient = MAX(patient, deficit * arrived / (node->arrived * PATIENCE));
        if (view->levels[ttl + 1].is_unstable)
            break; /* there all share their samples */
    }
    if (coming == 0)
        return MAX(missing, patient);
    return missing > coming ? missing - coming : 0;
}

static unsigned lacking_anywhere(const struct plan *plan)
{
    unsigned most = plan->open == 0 ? plan->view.rule.first : 0;

    for (unsigned ttl = plan->options.first_ttl - 1; plan->open > 0 && ttl < plan->view.last; ttl++)
        most = MAX(most, lacking(plan, ttl));
    return MIN(most, (unsigned)plan->options.paths - plan->open);
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
    const struct want *one = a;
    const struct want *other = b;

    if (one->rank != other->rank)
        return one->rank < other->rank ? -1 : 1;
    return (one->lot > other->lot) - (one->lot < other->lot);
}

/*
 * Consecutive probes go to different TTLs, hence to different routers; but not always in the same
 * order, lest they fall into step with a balancer that takes turns. Of two TTLs there is only one
 * such order, so now and then two probes of one TTL follow each other.
 */
static void order_wants(GArray *wants)
{
    unsigned equals = 0;

    g_array_sort(wants, by_rank);
    for (guint i = 1; i + 1 < wants->len; i++) {
        struct want *at = &g_array_index(wants, struct want, i);
        if (at->ttl != at[-1].ttl || equals++ % EQUALS_KEPT == 0 || at->ttl == at[1].ttl)
            continue;
        const struct want later = *at;
        *at = at[1];
        at[1] = later;
    }
}

static void choose_wants(struct plan *plan, int64_t now_ns)
{
    g_array_set_size(plan->chosen->wants, 0);
    memset(plan->chosen->ranks, 0, sizeof plan->chosen->ranks);
    plan->chosen->wake_ns = INT64_MAX;
    view_update(plan, now_ns);
    for (unsigned ttl = plan->options.first_ttl; ttl <= plan->view.last; ttl++) {
        if (!plan->view.levels[ttl].is_mute) {
            want_placed(plan, ttl, false);
            want_placed(plan, ttl, true);
            want_unplaced(plan, ttl, now_ns);
        }
        if (ttl > plan->options.first_ttl)
            want_confirmed(plan, ttl);
    }
}

static void decide(struct plan *plan, int64_t now_ns)
{
    unsigned more;

    choose_wants(plan, now_ns);
    cut_behind_ends(plan);
    ask_before_ends(plan);
    if ((more = lacking_anywhere(plan)) > 0) {
        while (more-- > 0)
            plan_open_way(plan);
        choose_wants(plan, now_ns);
    }
    order_wants(plan->chosen->wants);
    plan_repeat_decide(plan);
    plan->chosen->news = 0;
    plan->chosen->taken = 0;
}

static bool may_ask(const struct plan *plan, const struct want *wanted)
{
    return plan_is_free(plan, wanted->path, wanted->ttl) &&
           (!plan_rate_concerns(plan, wanted->path, wanted->ttl) ||
            plan_rate_allows(plan, wanted->path, wanted->ttl));
}

/* What was wanted before the last answers came still is, unless a path has ended since. */
static bool take_want(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    GArray *wants = plan->chosen->wants;

    for (guint i = plan->chosen->taken; i < wants->len; i++) {
        struct want *wanted = &g_array_index(wants, struct want, i);
        const struct way *way = &plan->ways[wanted->path];
        if (wanted->is_taken || !may_ask(plan, wanted))
            continue;
        wanted->is_taken = true;
        if (i == plan->chosen->taken)
            plan->chosen->taken++;
        if (is_behind_end(plan, way, wanted->ttl))
            continue;
        *sent = (struct sent){ .path = wanted->path,
                               .ttl = wanted->ttl,
                               .attempt = way->cells[wanted->ttl].attempts,
                               .sent_ns = now_ns };
        return true;
    }
    return false;
}

/* Much is decided at once: as long as much more is about to be answered, a little is not enough. */
static bool is_due(const struct plan *plan, int64_t now_ns)
{
    const struct plan_auto *chosen = plan->chosen;

    return now_ns >= chosen->wake_ns ||
           (chosen->news > 0 && chosen->news * NEWS_SHARE >= plan->in_flight);
}

bool plan_auto_choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (take_want(plan, now_ns, sent))
        return true;
    if (!is_due(plan, now_ns))
        return false;
    decide(plan, now_ns);
    return take_want(plan, now_ns, sent);
}

bool plan_auto_wants(const struct plan *plan)
{
    return plan->chosen != NULL && plan->chosen->taken < plan->chosen->wants->len;
}

int64_t plan_auto_wake_ns(const struct plan *plan)
{
    const struct sent *oldest = g_queue_peek_head((GQueue *)&plan->flight);

    if (plan->chosen->news == 0 || oldest == NULL)
        return plan->chosen->wake_ns;
    return MIN(plan->chosen->wake_ns, oldest->sent_ns + plan_quiet_ns(plan));
}
