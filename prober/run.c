/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run's next probe: planned, crafted, sent, or held until there is room to send it. */
#include "run.h"

#include "traceflow/encoding.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

static const int64_t busy_ns = TF_NS_PER_MS; /* until a full send buffer is tried again */

static struct plan *make_plan(const struct options *options, uint32_t run_id)
{
    const struct plan_options plan = {
        .paths = options->paths,
        .automatic = options->automatic,
        .confidence = options->confidence,
        .first_ttl = options->first_ttl,
        .max_ttl = options->max_ttl,
        .attempts = options->attempts,
        .gap_limit = options->gap_limit,
        .has_state = options->protocol == TF_IP_PROTO_TCP,
        .timeout_ns = options->timeout_ns,
        .interval_ns = options->interval_ns,
        .seed = run_id,
    };

    return plan_new(&plan);
}

static struct craft *make_craft(const struct options *options, const struct run *run)
{
    const bool is_icmpv6 = options->protocol == TF_IP_PROTO_ICMP && run->dst.version == 6;
    const struct craft_options craft = {
        .src = run->route.src,
        .dst = run->dst,
        .protocol = is_icmpv6 ? TF_IP_PROTO_ICMPV6 : options->protocol,
        .src_base = options->src_base,
        .dst_base = options->dst_base,
        .run_id = run->run_id,
        .tos = options->tos,
        .dont_fragment = options->dont_fragment,
    };

    return craft_new(&craft);
}

struct run *run_new(const struct options *options, const char *text,
                    const struct destination *destination, const struct route *route)
{
    struct run *run = g_new0(struct run, 1);

    run->text = g_strdup(text);
    run->is_name = destination->is_name;
    run->dst = destination->addr;
    run->route = *route;
    run->run_id = craft_draw_run_id(options->paths, TF_ATTEMPTS_MAX);
    run->craft = make_craft(options, run);
    run->plan = make_plan(options, run->run_id);
    return run;
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    plan_free(run->plan);
    craft_free(run->craft);
    g_clear_error(&run->error);
    g_free(run->text);
    g_free(run);
}

/* The next probe as bytes; false if there is none now. */
static bool hold_next(struct run *run, int64_t now_ns)
{
    switch (plan_next(run->plan, now_ns, &run->spec, &run->wake_ns)) {
    case PLAN_WAIT: return false;
    case PLAN_DONE: run->is_over = true; return false;
    case PLAN_SEND: break;
    }
    run->wake_ns = now_ns;
    run->len = craft_probe(run->craft, &run->spec, run->bytes, &run->error);
    run->is_held = run->len > 0;
    run->is_over = !run->is_held;
    return run->is_held;
}

enum run_step run_next(struct run *run, int64_t now_ns)
{
    if (run->is_over || now_ns < run->wake_ns)
        return RUN_IDLE;
    if (!run->is_held && !hold_next(run, now_ns))
        return RUN_IDLE;
    switch (sender_send(run->sender, run->bytes, run->len, &run->error)) {
    case SENDER_SENT: run->is_held = false; return RUN_SENT;
    case SENDER_BUSY: run->wake_ns = now_ns + busy_ns; return RUN_BUSY;
    case SENDER_FAILED: run->is_over = true; return RUN_IDLE;
    }
    return RUN_IDLE;
}

void run_observe(struct run *run, const struct tf_observation *obs)
{
    plan_observe(run->plan, obs);
    if (obs->kind != TF_KIND_PROBE && !run->is_held)
        run->wake_ns = 0;
}
