/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The invariants of the assembled traces. */
#include "fuzz.h"
#include "oracle.h"

static bool is_probe(const struct given_frame *given)
{
    return given->observed && given->obs.kind == TF_KIND_PROBE;
}

static bool was_probed(const struct oracle *oracle, const struct tf_trace *trace,
                       const struct tf_path *path)
{
    for (size_t i = 1; i <= oracle->n_frames; i++) {
        const struct given_frame *given = &oracle->frames[i];
        if (is_probe(given) && given->obs.path_id == path->path_id &&
            given->obs.has_run_id == trace->has_run_id && given->obs.run_id == trace->run_id)
            return true;
    }
    return false;
}

struct tally {
    size_t sent;
    size_t replies;
};

static void check_hop(const struct tf_path *path, size_t ttl, struct tally *tally)
{
    const struct tf_hop *hop = path->hops[ttl];
    if (hop == NULL)
        return;

    must(ttl != 0);
    must(hop->n_replies <= TF_HOP_REPLIES_MAX);
    for (size_t i = 0; i < hop->n_replies; i++)
        must(hop->replies[i].has_ttl && hop->replies[i].ttl == ttl &&
             hop->replies[i].path_id == path->path_id);
    tally->sent += hop->sent;
    tally->replies += hop->n_replies + hop->omitted;
}

static void check_path(const struct oracle *oracle, const struct tf_trace *trace, size_t index,
                       struct tally *tally)
{
    const struct tf_path *path = trace->paths[index];

    must(was_probed(oracle, trace, path));
    must(index == 0 || trace->paths[index - 1]->path_id < path->path_id);
    must(path->n_hops <= 256);
    must(tf_path_length(path) <= tf_path_last_ttl(path));
    for (size_t ttl = 0; ttl < path->n_hops; ttl++)
        check_hop(path, ttl, tally);
    tally->replies += path->unplaced;
}

static void check_groups(const struct tf_trace *trace)
{
    size_t representative[FRAMES_MAX];
    size_t shown_by[FRAMES_MAX]; /* a row of the table; a distinct path by its own */
    size_t groups = 0;
    must(trace->n_paths <= FRAMES_MAX);

    tf_trace_rows(trace, shown_by);
    const size_t distinct = tf_trace_distinct(trace, representative);
    for (size_t i = 0; i < trace->n_paths; i++) {
        must(representative[i] < trace->n_paths);
        must(representative[representative[i]] == representative[i]);
        must(shown_by[i] < trace->n_paths);
        must(shown_by[shown_by[i]] == shown_by[i]);
        must(representative[i] != i || shown_by[i] == i);
        groups += representative[i] == i;
    }
    must(groups == distinct);
}

void oracle_traces(const struct oracle *oracle, const struct tf_trace_set *traces)
{
    struct tally expected = { 0 };
    struct tally found = { .replies = tf_trace_set_unmatched(traces) };

    for (size_t i = 1; i <= oracle->n_frames; i++) {
        const struct given_frame *given = &oracle->frames[i];
        expected.sent += is_probe(given) && !given->obs.duplicate;
        expected.replies += given->observed && !is_probe(given);
    }
    for (size_t i = 0; i < tf_trace_set_count(traces); i++) {
        const struct tf_trace *trace = tf_trace_set_get(traces, i);
        must(trace->n_paths > 0);
        for (size_t j = 0; j < trace->n_paths; j++)
            check_path(oracle, trace, j, &found);
        check_groups(trace);
    }
    must(found.sent == expected.sent);
    must(found.replies == expected.replies);
}
