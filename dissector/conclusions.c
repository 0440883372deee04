/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the frames of a run prove together: core's findings, by the frames that show them. */
#include "conclusions.h"

/* Drawing takes one part of the time at most; and how much a run may grow before that matters. */
enum { TIME_SHARE = 20, GROWTH_SHARE = 4 };

/* That a frame shows a finding. */
struct evidence {
    uint32_t frame;
    const struct tf_finding *finding;
};

struct conclusions {
    GPtrArray *findings; /* of each trace: GPtrArray of struct tf_finding */
    GArray *evidence;    /* struct evidence, by frame and then as found */
    uint32_t n_frames;   /* of the run, that they were drawn from */
    int64_t drawn_us;
    int64_t took_us;
};

static void clear(struct conclusions *conclusions)
{
    g_clear_pointer(&conclusions->evidence, g_array_unref);
    g_clear_pointer(&conclusions->findings, g_ptr_array_unref);
}

static tf_bool clear_with_file(wmem_allocator_t *scope _U_, wmem_cb_event_t event _U_, void *data)
{
    clear(data);
    return FALSE;
}

static struct conclusions *new_conclusions(void)
{
    struct conclusions *conclusions = wmem_new0(wmem_file_scope(), struct conclusions);

    wmem_register_callback(wmem_file_scope(), clear_with_file, conclusions);
    return conclusions;
}

static uint32_t frames_to_judge(const struct run *run)
{
    return MIN(run->n_frames, CONCLUSIONS_FRAMES_MAX);
}

static bool is_stale(const struct conclusions *conclusions, const struct run *run)
{
    const uint32_t growth = frames_to_judge(run) - conclusions->n_frames;

    return growth > conclusions->n_frames / GROWTH_SHARE ||
           (growth > 0 &&
            g_get_monotonic_time() - conclusions->drawn_us > TIME_SHARE * conclusions->took_us);
}

static struct tf_trace_set *assemble(const struct run *run)
{
    struct tf_trace_set *set = tf_trace_set_new();
    const struct record *record = run->first;

    for (uint32_t left = frames_to_judge(run); left > 0; left--, record = record->next_of_run) {
        if (record_has(record, RECORD_GONE))
            continue;
        struct tf_observation obs = { 0 };
        record_read(&obs, record);
        tf_trace_set_add(set, &obs);
    }
    return set;
}

static void add_frame(GArray *evidence, const struct tf_finding *finding, uint64_t frame)
{
    const struct evidence piece = { .frame = (uint32_t)frame, .finding = finding };

    g_array_append_val(evidence, piece);
}

/* The first answer by addr; by anybody, if it is of no version. */
static const struct tf_observation *first_answer(const struct tf_hop *hop,
                                                 const struct tf_addr *addr)
{
    for (size_t i = 0; hop != NULL && i < hop->n_replies; i++)
        if (addr->version == 0 || tf_addr_equal(&hop->replies[i].responder, addr))
            return &hop->replies[i];
    return NULL;
}

/* No frame by itself shows that paths part and meet: it is said where the router at which they part
 * answers; of the source, where the first hop does. */
static void add_answers(GArray *evidence, const struct tf_trace *trace,
                        const struct tf_finding *finding)
{
    const uint8_t ttl = MAX(finding->ttl, 1);
    unsigned left = TF_FINDING_FRAMES_MAX;

    for (size_t i = 0; i < trace->n_paths && left > 0; i++) {
        const struct tf_hop *hop = tf_path_hop(trace->paths[i], ttl);
        const struct tf_observation *answer = first_answer(hop, &finding->addr);
        if (answer == NULL)
            continue;
        add_frame(evidence, finding, answer->frame);
        left--;
    }
}

static void add_evidence(GArray *evidence, const struct tf_trace *trace,
                         const struct tf_finding *finding)
{
    for (guint i = 0; i < finding->frames->len; i++)
        add_frame(evidence, finding, g_array_index(finding->frames, guint64, i));
    if (finding->frames->len == 0)
        add_answers(evidence, trace, finding);
}

/* GLib's sort is stable: of one frame, findings keep the order of the report. */
static gint compare_frames(gconstpointer a, gconstpointer b)
{
    const struct evidence *x = a;
    const struct evidence *y = b;

    return (x->frame > y->frame) - (x->frame < y->frame);
}

static void draw_from_trace(struct conclusions *conclusions, const struct tf_trace *trace)
{
    GPtrArray *findings = tf_findings_new(trace);

    g_ptr_array_add(conclusions->findings, findings);
    for (guint i = 0; i < findings->len; i++)
        add_evidence(conclusions->evidence, trace, findings->pdata[i]);
}

static void draw(struct conclusions *conclusions, const struct run *run)
{
    struct tf_trace_set *set = assemble(run);

    clear(conclusions);
    conclusions->findings = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    conclusions->evidence = g_array_new(FALSE, FALSE, sizeof(struct evidence));
    for (size_t i = 0; i < tf_trace_set_count(set); i++)
        draw_from_trace(conclusions, tf_trace_set_get(set, i));
    g_array_sort(conclusions->evidence, compare_frames);
    tf_trace_set_free(set);
}

/* Where the file holds probes, replies alone make no trace. */
static bool can_conclude(const struct run *run)
{
    return run->any_probe || !runs_any_probe();
}

static const struct conclusions *reach_conclusions(struct run *run)
{
    struct conclusions *conclusions = run->conclusions;
    if (conclusions != NULL && !is_stale(conclusions, run))
        return conclusions;

    const int64_t begun_us = g_get_monotonic_time();
    if (conclusions == NULL)
        run->conclusions = conclusions = new_conclusions();
    draw(conclusions, run);
    conclusions->n_frames = frames_to_judge(run);
    conclusions->drawn_us = g_get_monotonic_time();
    conclusions->took_us = conclusions->drawn_us - begun_us;
    return conclusions;
}

bool conclusions_are_partial(const struct run *run)
{
    return run->n_frames > CONCLUSIONS_FRAMES_MAX;
}

static guint first_of_frame(const GArray *evidence, uint32_t frame)
{
    guint first = 0;
    guint end = evidence->len;

    while (first < end) {
        const guint middle = first + (end - first) / 2;
        if (g_array_index(evidence, struct evidence, middle).frame < frame)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

void conclusions_visit(struct run *run, uint32_t frame, conclusion_visit visit, void *data)
{
    if (!can_conclude(run))
        return;

    const GArray *evidence = reach_conclusions(run)->evidence;
    for (guint i = first_of_frame(evidence, frame); i < evidence->len; i++) {
        const struct evidence *piece = &g_array_index(evidence, struct evidence, i);
        if (piece->frame != frame)
            break;
        visit(piece->finding, data);
    }
}
