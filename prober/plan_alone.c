/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paths that can bear one probe at a time only.
 *
 * A router whose replies do not say their TTL is asked one TTL at a time: then it is clear what
 * they answer.
 *
 * A destination that keeps state (TCP) answers only the first of a flow's probes in full until its
 * state is gone. So from the lowest TTL on that may reach it, as the shortest path known tells, a
 * path has one probe out at a time; below, all go together. Where the path is shorter than that,
 * probes spoil each other: the lowest TTL in full answered may then not be the shortest that
 * reaches. But the TTL before it has no answer in this case, and is asked again, alone by now.
 *
 * A destination that answers with datagrams of its own does not say which probe it means. Such an
 * answer is given to a probe only while no other of the path is open (traceflow/match.h), answered
 * or not expected any more. So there, too, one probe is out at a time, the lowest TTL first, and
 * not before all others of the path have grown old.
 */
#include "plan_state.h"

#include "traceflow/match.h"
#include "traceflow/time.h"

static const int64_t open_ns = TF_OPEN_NS +
                               20 * TF_NS_PER_MS; /* sent a little later than planned */

/*
 * The lowest TTL of a path that may reach the destination, as far as the shortest path known tells;
 * once probes have spoiled each other, as far as its own hops tell.
 */
static unsigned edge_of(const struct plan *plan, const struct way *way)
{
    const unsigned behind_hops = way->top_hop + 1U;
    const bool is_known = !plan->is_anonymous || plan->shortest_end != NO_END;

    return way->spoiled || !is_known ? behind_hops
                                     : MAX(behind_hops, MIN(plan->shortest_end, way->end));
}

static bool is_out(const struct cell *cell)
{
    return cell->state == CELL_WAITING || cell->repeating > 0;
}

/* Until when an answer without TTL may be one to a probe of this cell. */
static int64_t open_until(const struct cell *cell)
{
    const bool is_closed = cell->attempts == 0 ||
                           (cell->state == CELL_ANSWERED && cell->attempts == 1);

    return is_closed ? INT64_MIN : cell->sent_ns + open_ns;
}

/* Whether a cell keeps a probe of another TTL from being sent where answers do not say theirs. */
static bool disturbs(const struct plan *plan, const struct cell *cell)
{
    return is_out(cell) || plan->now_ns < open_until(cell);
}

static bool is_free_of_others(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const unsigned edge = edge_of(plan, way);
    const unsigned from = ttl < edge ? edge : plan->options.first_ttl;

    for (unsigned other = from; other <= plan->options.max_ttl; other++) {
        const struct cell *cell = &way->cells[other];
        const bool is_before = other >= edge && other < ttl && cell->state == CELL_DUE;
        if (other != ttl && (disturbs(plan, cell) || is_before))
            return false;
    }
    return true;
}

static bool is_edge_free(const struct plan *plan, const struct way *way, unsigned ttl)
{
    const unsigned edge = edge_of(plan, way);
    if (ttl < edge)
        return true;

    for (unsigned other = edge; other <= plan->options.max_ttl; other++)
        if (is_out(&way->cells[other]))
            return false;
    return true;
}

bool plan_is_free(const struct plan *plan, unsigned path, unsigned ttl)
{
    const struct way *way = &plan->ways[path];
    if (plan->is_anonymous && !is_free_of_others(plan, way, ttl))
        return false;
    if (way->waiting == 0)
        return true;
    return !way->one_by_one && (!plan->options.has_state || is_edge_free(plan, way, ttl));
}

int64_t plan_alone_wake_ns(const struct plan *plan)
{
    int64_t wake_ns = INT64_MAX;

    for (unsigned i = 0; plan->is_anonymous && i < plan->open; i++)
        for (unsigned ttl = plan->options.first_ttl; ttl <= plan->options.max_ttl; ttl++) {
            const int64_t until_ns = open_until(&plan->ways[i].cells[ttl]);
            if (until_ns > plan->now_ns)
                wake_ns = MIN(wake_ns, until_ns);
        }
    return wake_ns;
}
