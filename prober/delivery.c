/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reporting runs as they end, in the order in which their names are known. */
#include "delivery.h"

#include "traceflow/error.h"

enum { NAMES_POLL_MS = 5 };

/* A run that is over; its trace is still in the set. */
struct finished {
    char *text;
    uint32_t run_id;
    GError *error; /* why it ended early, or NULL */
};

void delivery_begin(struct delivery *delivery)
{
    g_queue_init(&delivery->waiting);
    delivery->destination_names = g_hash_table_new_full(g_int_hash, g_int_equal, g_free, g_free);
}

static void free_finished(gpointer data)
{
    struct finished *finished = data;

    g_clear_error(&finished->error);
    g_free(finished->text);
    g_free(finished);
}

void delivery_end(struct delivery *delivery)
{
    g_queue_clear_full(&delivery->waiting, free_finished);
    g_clear_pointer(&delivery->destination_names, g_hash_table_destroy);
    lookups_found_clear(&delivery->found);
}

static const struct tf_trace *trace_of(const struct delivery *delivery,
                                       const struct finished *finished)
{
    return tf_trace_set_find(delivery->analysis->traces, finished->run_id);
}

void delivery_add(struct delivery *delivery, struct run *run)
{
    struct finished *finished = g_new0(struct finished, 1);

    finished->text = g_steal_pointer(&run->text);
    finished->run_id = run->run_id;
    finished->error = g_steal_pointer(&run->error);
    if (run->is_name)
        g_hash_table_insert(delivery->destination_names,
                            g_memdup2(&run->run_id, sizeof run->run_id), g_strdup(finished->text));
    tf_match_forget_run(delivery->analysis->match, run->run_id);
    run_free(run);
    const struct tf_trace *trace = trace_of(delivery, finished);
    if (delivery->handles->lookups != NULL && trace != NULL)
        lookups_want_trace(delivery->handles->lookups, trace);
    g_queue_push_tail(&delivery->waiting, finished);
}

static void complain(struct delivery *delivery, const GError *error)
{
    progress_hide(delivery->progress);
    const int status = tf_error_print(error);
    delivery->status = MAX(delivery->status, status);
}

void delivery_refuse(struct delivery *delivery, GError *reason)
{
    complain(delivery, reason);
    g_error_free(reason);
    delivery->done++;
}

static void conclude(struct delivery *delivery, const struct finished *finished, bool answered)
{
    g_autofree char *account = analysis_account(delivery->analysis);

    if (finished->error != NULL)
        complain(delivery, finished->error);
    if (finished->error != NULL || answered)
        return;
    delivery->status = MAX(delivery->status, TF_EXIT_NO_ANSWER);
    progress_hide(delivery->progress);
    if (options_several(delivery->options)) /* the account is of all runs */
        tf_note("%s: nothing answered", finished->text);
    else
        tf_note("%s: nothing answered (%s)", finished->text, account);
}

static bool write_trace(struct delivery *delivery, const struct tf_trace *trace, GError **error)
{
    const struct output_names names = { delivery->destination_names, delivery->found.names,
                                        delivery->found.asns };

    progress_hide(delivery->progress);
    return output_trace(delivery->handles->output, trace, &names, error);
}

/* A document needs all traces, and their names; else each is forgotten once it is written. */
static bool report(struct delivery *delivery, const struct finished *finished, GError **error)
{
    const struct tf_trace *trace = trace_of(delivery, finished);
    const bool is_stream = output_is_stream(delivery->handles->output);
    bool ok = true;

    if (trace != NULL && delivery->handles->lookups != NULL)
        lookups_collect(delivery->handles->lookups, trace, &delivery->found);
    if (trace != NULL && is_stream)
        ok = write_trace(delivery, trace, error);
    conclude(delivery, finished, analysis_is_answered(trace));
    delivery->done++;
    if (!is_stream)
        return ok;
    lookups_found_clear(&delivery->found);
    g_hash_table_remove(delivery->destination_names, &finished->run_id);
    if (trace != NULL)
        tf_trace_set_remove(delivery->analysis->traces, trace);
    return ok;
}

static bool is_ready(const struct delivery *delivery, const struct finished *finished)
{
    struct lookups *lookups = delivery->handles->lookups;
    const struct tf_trace *trace = trace_of(delivery, finished);

    return lookups == NULL || trace == NULL || lookups_ready(lookups, trace);
}

bool delivery_step(struct delivery *delivery, GError **error)
{
    for (GList *link = delivery->waiting.head, *next = NULL; link != NULL; link = next) {
        struct finished *finished = link->data;
        next = link->next;
        if (!is_ready(delivery, finished))
            continue;
        delivery->is_broken = !report(delivery, finished, error);
        g_queue_delete_link(&delivery->waiting, link);
        free_finished(finished);
        if (delivery->is_broken)
            return false;
    }
    return true;
}

bool delivery_finish(struct delivery *delivery, GError **error)
{
    const struct handles *handles = delivery->handles;
    const struct tf_trace_set *traces = delivery->analysis->traces;

    if (delivery->is_broken)
        return true; /* that has been told */
    for (;;) {
        if (!delivery_step(delivery, error))
            return false;
        if (delivery->waiting.length == 0)
            break;
        g_usleep(NAMES_POLL_MS * 1000);
    }
    if (output_is_stream(handles->output))
        return true;
    if (tf_trace_set_count(traces) == 0 && !options_several(delivery->options))
        return true; /* there is an error to be read instead */
    const struct output_names names = { delivery->destination_names, delivery->found.names,
                                        delivery->found.asns };
    progress_hide(delivery->progress);
    return output_traces(handles->output, traces, &names, error);
}
