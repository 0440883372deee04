/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Last attempts of a fixed number of paths: not beside others that the same router answers.
 *
 * Who answers what it had left unanswered may be limiting its rate. Then it is a matter of turn
 * which cell goes without an answer, and one that is asked together with others each time may do so
 * each time. So the last attempt waits until everybody of that kind who may answer it has been left
 * alone for a second. Where such attempts stay unanswered all the same, it was no matter of turn;
 * nor where two that were asked again together are both answered: there packets are lost.
 */
#include "plan_last.h"

#include "traceflow/time.h"

/* Last attempts that a router has left unanswered: it is waited for no more. */
enum { IN_VAIN = 2 };

static const int64_t moment_ns = TF_NS_PER_S / 2;

/* One who has answered what it had left unanswered. */
struct late {
    struct tf_addr addr;
    bool is_end;       /* it ends paths: all beyond the shortest may be its */
    bool has_answered; /* since time passed last */
    unsigned in_vain;
    int64_t asked_ns; /* when what it answered late was asked again, of the last such */
    int64_t free_ns;  /* when it has been left alone for long enough */
};

void plan_last_init(struct plan *plan)
{
    plan->late = g_array_new(FALSE, FALSE, sizeof(struct late));
}

void plan_last_clear(struct plan *plan)
{
    g_array_unref(plan->late);
}

static bool may_answer(const struct plan *plan, const struct late *late, unsigned ttl)
{
    const GArray *responders = plan->view.levels[ttl].responders;
    if (late->is_end && ttl >= plan->shortest_end)
        return true;

    for (guint i = 0; i < responders->len; i++)
        if (tf_addr_equal(&g_array_index(responders, struct responder, i).addr, &late->addr))
            return true;
    return false;
}

static bool is_busy(const struct plan *plan, const struct late *late)
{
    return late->in_vain < IN_VAIN && plan->now_ns < late->free_ns;
}

bool plan_last_allows(const struct plan *plan, unsigned path, unsigned ttl)
{
    if (plan->ways[path].cells[ttl].attempts + 1 < plan->options.attempts)
        return true;

    for (guint i = 0; i < plan->late->len; i++) {
        const struct late *late = &g_array_index(plan->late, struct late, i);
        if (is_busy(plan, late) && may_answer(plan, late, ttl))
            return false;
    }
    return true;
}

void plan_last_sent(struct plan *plan, const struct sent *sent)
{
    const int64_t free_ns = sent->sent_ns + retry_limited_ns(&plan->retry);

    for (guint i = 0; i < plan->late->len; i++) {
        struct late *late = &g_array_index(plan->late, struct late, i);
        if (may_answer(plan, late, sent->ttl))
            late->free_ns = MAX(late->free_ns, free_ns);
    }
}

static struct late *find(const struct plan *plan, const struct tf_addr *addr)
{
    for (guint i = 0; i < plan->late->len; i++) {
        struct late *late = &g_array_index(plan->late, struct late, i);
        if (tf_addr_equal(&late->addr, addr))
            return late;
    }
    return NULL;
}

static struct late *add(struct plan *plan, const struct tf_addr *addr, int64_t asked_ns)
{
    const struct late fresh = { .addr = *addr, .asked_ns = asked_ns, .free_ns = INT64_MIN };

    g_array_append_val(plan->late, fresh);
    return &g_array_index(plan->late, struct late, plan->late->len - 1);
}

/* Who answers two in a moment has no limit that leaving it alone would help against. */
static void compare(struct late *late, int64_t asked_ns)
{
    if (ABS(asked_ns - late->asked_ns) < moment_ns)
        late->in_vain = IN_VAIN;
    late->asked_ns = asked_ns;
}

void plan_last_answered(struct plan *plan, const struct cell *cell,
                        const struct tf_observation *obs)
{
    const bool is_late = cell->state != CELL_ANSWERED && cell->attempts > 1;
    struct late *late = find(plan, &obs->responder);

    if (late == NULL && is_late)
        late = add(plan, &obs->responder, cell->sent_ns);
    else if (late != NULL && is_late)
        compare(late, cell->sent_ns);
    if (late == NULL)
        return;
    late->is_end = late->is_end || tf_observation_ends_path(obs);
    late->has_answered = true;
}

void plan_last_unanswered(struct plan *plan, unsigned ttl)
{
    for (guint i = 0; i < plan->late->len; i++) {
        struct late *late = &g_array_index(plan->late, struct late, i);
        late->in_vain += may_answer(plan, late, ttl);
    }
}

/* From when its answer is known, which is later than when it answered: a probe may leave later than
 * planned, but not an answer come earlier. */
void plan_last_advance(struct plan *plan)
{
    for (guint i = 0; i < plan->late->len; i++) {
        struct late *late = &g_array_index(plan->late, struct late, i);
        if (late->has_answered)
            late->free_ns = plan->now_ns + retry_limited_ns(&plan->retry);
        late->has_answered = false;
    }
}

int64_t plan_last_wake_ns(const struct plan *plan)
{
    int64_t wake_ns = INT64_MAX;

    for (guint i = 0; plan->due.length > 0 && i < plan->late->len; i++) {
        const struct late *late = &g_array_index(plan->late, struct late, i);
        if (is_busy(plan, late))
            wake_ns = MIN(wake_ns, late->free_ns);
    }
    return wake_ns;
}
