/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As many paths as the stop rule wants.
 *
 * What the answers say (plan_view.c) tells which cells are wanted (plan_want.c), which answered
 * ones are to be asked again (plan_repeat.c), and how many flows are to begin (plan_lack.c). That
 * is decided for all at once, whenever everything wanted is under way and enough has been answered.
 */
#include "plan_auto.h"

#include "plan_lack.h"
#include "plan_rate.h"
#include "plan_repeat.h"
#include "plan_want.h"
#include "traceflow/encoding.h"

enum {
    NEWS_SHARE = 2,  /* news, to what is in flight, that are worth deciding upon */
    EQUALS_KEPT = 4, /* of so many pairs of probes to one TTL, one */
};

static const double SILENCE_MIN = 0.0001; /* a chance that is worth reckoning with */

struct plan_auto {
    struct wants wants;
    guint taken;   /* so many at the beginning are */
    unsigned news; /* since they were worked out */
};

struct plan_auto *plan_auto_new(void)
{
    struct plan_auto *chosen = g_new0(struct plan_auto, 1);

    wants_begin(&chosen->wants);
    chosen->news = 1;
    return chosen;
}

void plan_auto_free(struct plan_auto *chosen)
{
    if (chosen == NULL)
        return;
    wants_end(&chosen->wants);
    g_free(chosen);
}

void plan_auto_wake(struct plan_auto *chosen)
{
    if (chosen != NULL)
        chosen->news++;
}

static void cut_behind_ends(struct plan *plan)
{
    for (unsigned i = 0; i < plan->open; i++) {
        struct way *way = &plan->ways[i];
        for (unsigned ttl = plan->options.first_ttl; ttl <= plan->options.max_ttl; ttl++) {
            struct cell *cell = &way->cells[ttl];
            const bool is_over = ttl > plan->view.last || way->places[ttl].node == PLACE_OVER;
            if (!plan_is_asked(cell) || !is_over)
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

static void choose_wants(struct plan *plan)
{
    view_update(plan);
    wants_decide(plan, &plan->chosen->wants);
}

static void decide(struct plan *plan)
{
    unsigned more;

    choose_wants(plan);
    cut_behind_ends(plan);
    ask_before_ends(plan);
    if ((more = plan_lacking(plan)) > 0) {
        while (more-- > 0)
            plan_open_way(plan);
        choose_wants(plan);
    }
    order_wants(plan->chosen->wants.list);
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
    GArray *wants = plan->chosen->wants.list;

    for (guint i = plan->chosen->taken; i < wants->len; i++) {
        struct want *wanted = &g_array_index(wants, struct want, i);
        const struct way *way = &plan->ways[wanted->path];
        if (wanted->is_taken || !may_ask(plan, wanted))
            continue;
        wanted->is_taken = true;
        if (i == plan->chosen->taken)
            plan->chosen->taken++;
        if (want_is_behind_end(plan, way, wanted->ttl))
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

    return now_ns >= chosen->wants.wake_ns ||
           (chosen->news > 0 && chosen->news * NEWS_SHARE >= plan->in_flight);
}

bool plan_auto_choose(struct plan *plan, int64_t now_ns, struct sent *sent)
{
    if (take_want(plan, now_ns, sent))
        return true;
    if (!is_due(plan, now_ns))
        return false;
    decide(plan);
    return take_want(plan, now_ns, sent);
}

bool plan_auto_wants(const struct plan *plan)
{
    return plan->chosen != NULL && plan->chosen->taken < plan->chosen->wants.list->len;
}

int64_t plan_auto_wake_ns(const struct plan *plan)
{
    const struct sent *oldest = g_queue_peek_head((GQueue *)&plan->flight);

    if (plan->chosen->news == 0 || oldest == NULL)
        return plan->chosen->wants.wake_ns;
    return MIN(plan->chosen->wants.wake_ns, oldest->sent_ns + plan_quiet_ns(plan));
}
