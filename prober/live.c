/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live runs: everything is opened, privileges are given up, then one loop.
 *
 * The loop is one thread and never sleeps between probes; only names are looked up by others. It
 * receives before it sends (runs.c says why), and a run that has nothing more to send is reported
 * only after what was captured meanwhile has been read.
 */
#include "live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#include "admission.h"
#include "delivery.h"
#include "intake.h"
#include "progress.h"
#include "runs.h"
#include "signals.h"
#include "traceflow/error.h"
#include "traceflow/time.h"
#include "way.h"

static const int64_t names_poll_ns = 10 * TF_NS_PER_MS;

struct live {
    const struct options *options;
    struct handles handles;
    struct runs runs;
    struct intake intake;
    struct admission admission;
    struct delivery delivery;
    struct analysis *analysis;
    struct progress *progress;
};

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return tf_time_ns(now.tv_sec, (int32_t)now.tv_nsec);
}

/* Runs that are over are reported in the order in which they are met. */
static void reap(struct live *live)
{
    guint i = 0;

    while (i < live->runs.list->len) {
        const struct run *run = g_ptr_array_index(live->runs.list, i);
        if (run->is_over)
            delivery_add(&live->delivery, runs_take(&live->runs, i));
        else
            i++;
    }
}

static void show_progress(struct live *live, int64_t now)
{
    const guint n_runs = live->runs.list->len;
    struct progress_state state = {
        .under_way = n_runs,
        .done = live->delivery.done,
        .naming = live->delivery.waiting.length,
    };

    if (!progress_due(live->progress, now))
        return;
    if (!options_several(live->options))
        state.destination = live->options->destinations[0];
    for (guint i = 0; i < n_runs; i++) {
        const struct run *run = g_ptr_array_index(live->runs.list, i);
        const struct plan_progress plan = plan_progress(run->plan);
        state.sent += plan.sent;
        state.answered += plan.answered;
        state.waiting += plan.waiting;
        state.silent += plan.silent;
        state.paths += plan.paths;
        state.top = MAX(state.top, plan.top);
    }
    progress_show(live->progress, &state, now);
}

/* Until a time, a frame, a name, more destinations, or a signal: the loop looks at all of them. */
static bool wait_until(struct live *live, int64_t until_ns, const sigset_t *signals, GError **error)
{
    const int64_t wait_ns = MAX(until_ns - now_ns(), 0);
    const struct timespec timeout = { .tv_sec = (time_t)(wait_ns / TF_NS_PER_S),
                                      .tv_nsec = (long)(wait_ns % TF_NS_PER_S) };
    struct pollfd fds[] = {
        { .fd = admission_list_fd(&live->admission), .events = POLLIN },
        { .fd = capture_fd(live->handles.capture), .events = POLLIN },
        { .fd = finder_fd(live->admission.finder), .events = POLLIN },
    };

    if (ppoll(fds, G_N_ELEMENTS(fds), until_ns == INT64_MAX ? NULL : &timeout, signals) <= 0)
        return true;
    if (fds[0].revents != 0)
        admission_read(&live->admission);
    return (fds[1].revents & POLLERR) == 0 || capture_check(live->handles.capture, error);
}

static int64_t earliest(const struct live *live, int64_t send_ns, int64_t now)
{
    int64_t until_ns = MIN(send_ns, progress_next_ns(live->progress));

    if (live->delivery.waiting.length > 0)
        until_ns = MIN(until_ns, now + names_poll_ns);
    return until_ns;
}

static bool is_finished(const struct live *live)
{
    return live->runs.list->len == 0 && live->delivery.waiting.length == 0 &&
           admission_is_over(&live->admission);
}

static bool loop(struct live *live, const sigset_t *signals, GError **error)
{
    for (;;) {
        if (capture_read(live->handles.capture, intake_take, &live->intake, error) < 0)
            return false;
        if (signals_came())
            return true;
        reap(live);
        if (!delivery_step(&live->delivery, error))
            return false;
        admission_step(&live->admission);
        if (is_finished(live))
            return true;
        const int64_t now = now_ns();
        const int64_t send_ns = runs_send(&live->runs, now, live->options->debug);
        show_progress(live, now);
        if (!wait_until(live, earliest(live, send_ns, now), signals, error))
            return false;
    }
}

static bool open_for_many(struct live *live, GError **error)
{
    const struct options *options = live->options;
    char common[IF_NAMESIZE];
    const char *interface =
        options->interface != NULL ? options->interface : way_interface(options, common);

    return admission_begin(&live->admission, options->destinations, error) &&
           handles_open(&live->handles, options, interface, NULL, error);
}

/* A single destination is known before anything is opened, so that just its run is let in. */
static bool open_for_one(struct live *live, GError **error)
{
    const struct options *options = live->options;
    const bool anywhere = g_strcmp0(options->interface, ROUTE_ANY_INTERFACE) == 0;
    struct run *run = way_of_one(options, error);

    if (run == NULL)
        return false;
    runs_add(&live->runs, run);
    const char *interface = anywhere ? ROUTE_ANY_INTERFACE : run->route.interface;
    if (!admission_begin(&live->admission, options->destinations + 1, error) ||
        !handles_open(&live->handles, options, interface, run, error))
        return false;
    run->sender = handles_sender(&live->handles, &run->dst, error);
    return run->sender != NULL;
}

static bool open_all(struct live *live, GError **error)
{
    return options_several(live->options) ? open_for_many(live, error) : open_for_one(live, error);
}

/* All parts look at each other through pointers into *live. */
static void begin(struct live *live, const struct options *options)
{
    live->options = options;
    live->analysis = analysis_new(options);
    live->progress = progress_new(!options->quiet && !options->debug);
    runs_begin(&live->runs, options->interval_ns);
    live->delivery = (struct delivery){
        .options = options,
        .handles = &live->handles,
        .analysis = live->analysis,
        .progress = live->progress,
    };
    delivery_begin(&live->delivery);
    live->admission = (struct admission){
        .options = options,
        .handles = &live->handles,
        .delivery = &live->delivery,
        .runs = &live->runs,
    };
}

static bool trace(struct live *live, GError **error)
{
    struct signals before;

    live->intake = (struct intake){
        .analysis = live->analysis,
        .runs = &live->runs,
        .record = live->handles.record,
        .lookups = live->handles.lookups,
    };
    signals_catch(&before);
    const bool ok = loop(live, &before.mask, error);
    signals_restore(&before);
    return ok;
}

static void report_drops(const struct capture_stats *stats)
{
    if (stats->dropped > 0)
        tf_note("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                " packets were lost in capturing; the trace may have holes",
                stats->dropped, stats->received);
}

/* What is known of the runs that were ended is reported, after a last look at what was captured. */
static bool report_rest(struct live *live, GError **error)
{
    capture_read(live->handles.capture, intake_take, &live->intake, NULL);
    while (live->runs.list->len > 0)
        delivery_add(&live->delivery, runs_take(&live->runs, 0));
    return delivery_finish(&live->delivery, error);
}

static void tell_account(const struct live *live)
{
    g_autofree char *account = analysis_account(live->analysis);

    if (live->options->debug)
        fprintf(stderr, "captured: %s\n", account);
}

/* The capture file is closed whole, whatever else happened. */
static bool close_record(struct live *live, GError **error)
{
    GError **record_error = &live->intake.record_error;
    const struct capture_stats stats = capture_stats(live->handles.capture);

    progress_hide(live->progress);
    report_drops(&stats);
    tell_account(live);
    record_close(g_steal_pointer(&live->handles.record), &stats,
                 *record_error == NULL ? record_error : NULL);
    if (*record_error == NULL)
        return true;
    g_propagate_error(error, g_steal_pointer(record_error));
    return false;
}

/* Print an error, if there is one, and free it; the higher of two statuses. */
static int add_error(int status, GError *error)
{
    const int own = error != NULL ? tf_error_print(error) : TF_EXIT_DONE;

    g_clear_error(&error);
    return MAX(status, own);
}

static void end(struct live *live)
{
    runs_end(&live->runs);
    admission_end(&live->admission);
    delivery_end(&live->delivery);
    handles_close(&live->handles);
    progress_free(live->progress);
    analysis_free(live->analysis);
}

int live_run(const struct options *options)
{
    struct live live = { 0 };
    GError *error = NULL;
    GError *report_error = NULL;
    GError *record_error = NULL;
    int status = TF_EXIT_DONE;

    begin(&live, options);
    if (open_all(&live, &error)) {
        trace(&live, &error);
        report_rest(&live, &report_error);
        close_record(&live, &record_error);
        status = add_error(live.delivery.status, report_error);
        status = add_error(status, record_error);
    }
    status = add_error(status, error);
    end(&live);
    return status;
}
