/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ends that are disputed. */
#include "plan_dispute.h"

#include "plan_auto.h"

/* What was sent behind the end counts again; an automatic plan finds its cells by itself. */
static void reopen(struct plan *plan, struct way *way, unsigned ttl)
{
    struct cell *cell = &way->cells[ttl];
    if (cell->state != CELL_CUT)
        return;

    const struct sent sent = { .path = (uint16_t)(way - plan->ways),
                               .ttl = (uint8_t)ttl,
                               .attempt = (uint8_t)(cell->attempts - 1),
                               .sent_ns = cell->sent_ns };
    const bool is_spent = cell->attempts >= plan->options.attempts;
    plan_set_state(way, cell, is_spent ? CELL_SILENT : CELL_DUE);
    if (!is_spent)
        plan_push(&plan->due, &sent);
}

void plan_dispute_end(struct plan *plan, struct way *way, const struct tf_observation *obs)
{
    const struct responder passing = { .addr = obs->responder };

    if (plan->shortest_end == way->end)
        plan->shortest_end = NO_END;
    way->end = NO_END;
    way->cells[obs->ttl].node = view_responder(&plan->view, obs->ttl, &passing);
    for (unsigned ttl = obs->ttl + 1U; ttl < way->next_ttl; ttl++)
        reopen(plan, way, ttl);
    plan_auto_wake(plan->chosen);
}
