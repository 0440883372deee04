/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beginning runs: texts are read, names looked up and routes found while others are traced. */
#include "admission.h"

#include "route.h"
#include "traceflow/error.h"

enum {
    RUNS_MAX = 128, /* under way, or about to be */
    NAMES_MAX = 64, /* looked up at once */
};

bool admission_begin(struct admission *admission, char *const *words, GError **error)
{
    const struct options *options = admission->options;

    g_queue_init(&admission->held);
    if (options->targets_file != NULL)
        admission->list = target_list_open(options->targets_file, error);
    else
        admission->list = target_list_from_words(words);
    if (admission->list == NULL)
        return false;
    admission->finder = finder_new(options->version, error);
    return admission->finder != NULL;
}

static void free_target(gpointer target)
{
    target_free(target);
}

void admission_end(struct admission *admission)
{
    g_queue_clear_full(&admission->held, free_target);
    finder_free(admission->finder);
    target_list_free(admission->list);
}

static bool has_room(const struct admission *admission)
{
    const unsigned open = finder_open(admission->finder);

    return open < NAMES_MAX &&
           admission->runs->list->len + admission->held.length + open < RUNS_MAX;
}

static void refuse(struct admission *admission, struct target *target, GError *reason)
{
    delivery_refuse(admission->delivery, reason);
    target_free(target);
}

/* By a run under way, or one whose report is still to be written. */
static bool is_taken(const struct admission *admission, uint32_t run_id)
{
    return runs_find(admission->runs, run_id) != NULL ||
           tf_trace_set_find(admission->delivery->analysis->traces, run_id) != NULL;
}

/* Whose probes are whose, and which name belongs to which report, goes by run IDs. */
static struct run *new_run(const struct admission *admission, const struct target *target,
                           const struct route *route)
{
    struct run *run = run_new(admission->options, target->text, &target->destination, route);

    while (is_taken(admission, run->run_id)) {
        run_free(run);
        run = run_new(admission->options, target->text, &target->destination, route);
    }
    return run;
}

static void begin_run(struct admission *admission, struct target *target)
{
    const struct options *options = admission->options;
    const struct destination *destination = &target->destination;
    const char *interface = destination->zone[0] != '\0' ? destination->zone : options->interface;
    GError *error = NULL;
    struct route route;

    struct sender *sender = handles_sender(admission->handles, &destination->addr, &error);
    if (sender == NULL || !route_find(&route, &destination->addr, interface,
                                      options->has_source ? &options->source : NULL, &error)) {
        refuse(admission, target, error);
        return;
    }
    struct run *run = new_run(admission, target, &route);
    run->sender = sender;
    runs_add(admission->runs, run);
    target_free(target);
}

/* Two runs to one address would share their flows, and with TCP spoil each other's. */
static bool must_wait(const struct admission *admission, const struct target *target)
{
    return runs_find_destination(admission->runs, &target->destination.addr) != NULL;
}

static void admit(struct admission *admission, struct target *target)
{
    if (target->error != NULL)
        refuse(admission, target, g_steal_pointer(&target->error));
    else if (must_wait(admission, target))
        g_queue_push_tail(&admission->held, target);
    else
        begin_run(admission, target);
}

static void admit_held(struct admission *admission)
{
    for (unsigned i = admission->held.length; i > 0; i--)
        admit(admission, g_queue_pop_head(&admission->held));
}

void admission_step(struct admission *admission)
{
    struct target *target = NULL;
    char *text = NULL;

    admit_held(admission);
    while (has_room(admission) && (text = target_list_next(admission->list)) != NULL)
        finder_ask(admission->finder, text);
    while ((target = finder_take(admission->finder)) != NULL)
        admit(admission, target);
}

int admission_list_fd(const struct admission *admission)
{
    return has_room(admission) ? target_list_fd(admission->list) : -1;
}

void admission_read(struct admission *admission)
{
    GError *error = NULL;

    if (!target_list_read(admission->list, &error))
        delivery_refuse(admission->delivery, error);
}

bool admission_is_over(const struct admission *admission)
{
    return target_list_is_over(admission->list) && finder_open(admission->finder) == 0 &&
           admission->held.length == 0;
}
