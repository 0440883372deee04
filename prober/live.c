/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The live run: everything is opened, privileges are given up, then one loop.
 *
 * The loop is one thread and never sleeps between probes. It receives before it sends: an answer
 * that is already there may end a path or shorten the search, and a probe saved is a router spared;
 * and frames that wait in the ring are what gets lost if sending goes on. For the same reason it
 * sends a few probes at a time only.
 */
#include "live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "capture.h"
#include "craft.h"
#include "debug.h"
#include "plan.h"
#include "privileges.h"
#include "record.h"
#include "resolve.h"
#include "route.h"
#include "traceflow/error.h"
#include "traceflow/time.h"

enum { BURST = 16 };

static const int64_t busy_ns = TF_NS_PER_MS; /* until a full send buffer is tried again */

struct live {
    const struct options *options;
    struct analysis *analysis;
    struct tf_addr dst;
    struct route route;
    uint32_t run_id;
    struct craft *craft;
    struct capture *capture;
    struct record *record;
    struct plan *plan;
    bool has_held; /* a probe that the send buffer had no room for */
    struct probe_spec held;
    GError *record_error; /* the first failure to write the capture; tracing goes on */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP };

/* How signals were before the loop. */
struct signals {
    sigset_t mask;
    struct sigaction actions[G_N_ELEMENTS(ending_signals)];
};

/*
 * In the loop, signals are blocked but while polling, so none is missed between a look at the flag
 * and the wait. What the invoker ignores (nohup) stays ignored.
 */
static void catch_signals(struct signals *before)
{
    const struct sigaction action = { .sa_handler = on_signal };
    sigset_t blocked;

    sigemptyset(&blocked);
    for (size_t i = 0; i < G_N_ELEMENTS(ending_signals); i++) {
        sigaddset(&blocked, ending_signals[i]);
        sigaction(ending_signals[i], NULL, &before->actions[i]);
        if (before->actions[i].sa_handler != SIG_IGN)
            sigaction(ending_signals[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, &before->mask);
}

static void restore_signals(const struct signals *before)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ending_signals); i++)
        sigaction(ending_signals[i], &before->actions[i], NULL);
    sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return tf_time_ns(now.tv_sec, (int32_t)now.tv_nsec);
}

static bool find_way(struct live *live, const char **destination_name, GError **error)
{
    const struct options *options = live->options;
    struct tf_addr src;
    bool is_name = false;

    if (options->source != NULL && !parse_literal("--source", options->source, &src, error))
        return false;
    if (!resolve_destination(options->destination, &live->dst, &is_name, error))
        return false;
    *destination_name = is_name ? options->destination : NULL;
    return route_find(&live->route, &live->dst, options->interface,
                      options->source != NULL ? &src : NULL, error);
}

static bool open_handles(struct live *live, GError **error)
{
    const struct options *options = live->options;
    const bool anywhere = g_strcmp0(options->interface, ROUTE_ANY_INTERFACE) == 0;
    const struct craft_options craft = {
        .src = live->route.src,
        .dst = live->dst,
        .src_base = options->src_base,
        .dst_base = options->dst_base,
        .run_id = live->run_id,
        .dont_fragment = options->dont_fragment,
    };
    const struct capture_options capture = {
        .interface = anywhere ? ROUTE_ANY_INTERFACE : live->route.interface,
        .src = live->route.src,
        .dst = live->dst,
        .run_id = live->run_id,
    };

    live->craft = craft_open(&craft, anywhere ? NULL : live->route.interface, error);
    if (live->craft == NULL)
        return false;
    live->capture = capture_open(&capture, error);
    return live->capture != NULL;
}

static bool open_files(struct live *live, struct output **output, GError **error)
{
    const struct options *options = live->options;

    *output = output_open(options, error);
    if (*output == NULL)
        return false;
    if (options->write_file == NULL)
        return true;
    live->record = record_open(options->write_file, error);
    if (live->record == NULL)
        return false;
    const struct capture_info info = capture_info(live->capture);
    return record_begin(live->record, &info, options->command_line, error);
}

static bool prepare(struct live *live, struct output **output, const char **destination_name,
                    GError **error)
{
    const struct options *options = live->options;
    const struct plan_options plan = {
        .paths = options->paths,
        .first_ttl = options->first_ttl,
        .max_ttl = options->max_ttl,
        .attempts = options->attempts,
        .gap_limit = options->gap_limit,
        .timeout_ns = options->timeout_ns,
        .interval_ns = options->interval_ns,
    };

    live->run_id = craft_draw_run_id(options->paths, options->attempts);
    live->plan = plan_new(&plan);
    return find_way(live, destination_name, error) && privileges_check(error) &&
           open_handles(live, error) && open_files(live, output, error) && privileges_drop(error);
}

static void take_frame(const struct captured *captured, void *data)
{
    struct live *live = data;
    struct tf_observation obs;

    if (live->record != NULL && live->record_error == NULL)
        record_write(live->record, captured, &live->record_error);
    if (analysis_frame(live->analysis, &captured->frame, &obs) == TF_OK && obs.has_run_id &&
        obs.run_id == live->run_id)
        plan_observe(live->plan, &obs);
}

enum sending {
    SENDING_MORE,  /* there may be more to send at once */
    SENDING_WAITS, /* nothing before *until_ns */
    SENDING_DONE,
    SENDING_FAILED
};

static enum sending send_next(struct live *live, int64_t *until_ns, GError **error)
{
    uint8_t bytes[CRAFT_PROBE_LEN];
    const int64_t now = now_ns();

    if (!live->has_held) {
        switch (plan_next(live->plan, now, &live->held, until_ns)) {
        case PLAN_SEND: break;
        case PLAN_WAIT: return SENDING_WAITS;
        case PLAN_DONE: return SENDING_DONE;
        }
    }
    switch (craft_send(live->craft, &live->held, bytes, error)) {
    case CRAFT_SENT: break;
    case CRAFT_BUSY:
        live->has_held = true;
        *until_ns = now + busy_ns;
        return SENDING_WAITS;
    case CRAFT_FAILED: return SENDING_FAILED;
    }
    live->has_held = false;
    if (live->options->debug)
        debug_probe(&live->held, bytes, sizeof bytes);
    return SENDING_MORE;
}

static enum sending send_burst(struct live *live, int64_t *until_ns, GError **error)
{
    enum sending sending = SENDING_MORE;

    for (int i = 0; i < BURST && sending == SENDING_MORE; i++)
        sending = send_next(live, until_ns, error);
    return sending;
}

static void wait_for_frames(const struct live *live, int64_t wait_ns, const sigset_t *signals)
{
    struct pollfd pollfd = { .fd = capture_fd(live->capture), .events = POLLIN };
    const struct timespec timeout = { .tv_sec = (time_t)(wait_ns / TF_NS_PER_S),
                                      .tv_nsec = (long)(wait_ns % TF_NS_PER_S) };

    ppoll(&pollfd, 1, &timeout,
          signals); /* frames, time or a signal: the loop looks at all three */
}

static bool loop(struct live *live, const sigset_t *signals, GError **error)
{
    for (;;) {
        int64_t until_ns = 0;

        if (capture_read(live->capture, take_frame, live, error) < 0)
            return false;
        if (interrupted)
            return true;
        const enum sending sending = send_burst(live, &until_ns, error);
        if (sending == SENDING_FAILED || sending == SENDING_DONE)
            return sending == SENDING_DONE;
        const int64_t wait_ns = sending == SENDING_MORE ? 0 : MAX(until_ns - now_ns(), 0);
        wait_for_frames(live, wait_ns, signals);
    }
}

static bool run_loop(struct live *live, GError **error)
{
    struct signals before;

    catch_signals(&before);
    const bool ok = loop(live, &before.mask, error);
    restore_signals(&before);
    return ok;
}

static void report_drops(const struct capture_stats *stats)
{
    if (stats->dropped > 0)
        tf_note("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                " packets were lost in capturing; the trace may have holes",
                stats->dropped, stats->received);
}

/* The capture file is closed whole, whatever else happened; an error of the trace goes before one
 * of the file. */
static bool finish(struct live *live, bool ok, GError **error)
{
    if (live->capture != NULL) {
        capture_read(live->capture, take_frame, live, NULL); /* what came since the last look */
        const struct capture_stats stats = capture_stats(live->capture);
        report_drops(&stats);
        record_close(live->record, &stats, live->record_error == NULL ? &live->record_error : NULL);
    }
    if (!ok || live->record_error == NULL)
        return ok;
    g_propagate_error(error, g_steal_pointer(&live->record_error));
    return false;
}

bool live_run(const struct options *options, struct analysis *analysis, struct output **output,
              const char **destination_name, GError **error)
{
    struct live live = { .options = options, .analysis = analysis };

    bool ok = prepare(&live, output, destination_name, error) && run_loop(&live, error);
    ok = finish(&live, ok, error);
    plan_free(live.plan);
    craft_free(live.craft);
    capture_free(live.capture);
    g_clear_error(&live.record_error);
    return ok;
}
