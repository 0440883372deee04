/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher of the open capture file, and what it said of each of our frames, by its number. */
/*
 * Wireshark dissects a file once from front to back, and then any frame again, at any time and in
 * any order: for a row of the packet list, for a click, for a filter. Matching needs the first pass
 * and its order; all later passes are answered from the records alone, whose times are those of the
 * first pass: a user may shift time stamps later.
 *
 * The first pass is in ascending order of frame numbers. So the records are a sorted array, which
 * finds a frame without an index. It grows by blocks, for records point at each other.
 */
#include "records.h"

#include "frame.h"
#include "links.h"
#include "preferences.h"
#include "runs.h"
#include "traceflow/time.h"

enum { BLOCK_RECORDS = 1024 };

/* How far from where the last one was a record is looked for before all are searched. */
enum { NEAR = 4 };

static struct {
    struct tf_match *match;
    wmem_array_t *blocks; /* struct record *, to BLOCK_RECORDS of them */
    struct record **block;
    uint32_t n_records;
    uint32_t n_before;        /* records of frames up to the one that was looked for last */
    uint32_t n_probes_before; /* the same of a probe that was looked for */
    uint32_t last_frame;      /* the last that the matcher was given, and where in the file it is */
    gint64 last_offset;
    int64_t newest_ns; /* of all frames */
} file;

static struct record *record_at(uint32_t number)
{
    return &file.block[number / BLOCK_RECORDS][number % BLOCK_RECORDS];
}

static struct record *append(void)
{
    if (file.n_records % BLOCK_RECORDS == 0) {
        struct record *block = wmem_alloc_array(wmem_file_scope(), struct record, BLOCK_RECORDS);
        wmem_array_append_one(file.blocks, block);
        file.block = wmem_array_get_raw(file.blocks);
    }
    return record_at(file.n_records++);
}

/* How many records are of frames up to this one. */
static uint32_t count_to(uint32_t frame)
{
    uint32_t first = 0;
    uint32_t end = file.n_records;

    while (first < end) {
        const uint32_t middle = first + (end - first) / 2;
        if (record_at(middle)->frame <= frame)
            first = middle + 1;
        else
            end = middle;
    }
    return end;
}

/* The same, where the answer is likely to be a little more than it was before. */
static uint32_t count_on(uint32_t before, uint32_t frame)
{
    uint32_t n = before;

    if (n > 0 && record_at(n - 1)->frame > frame)
        return count_to(frame);
    while (n < file.n_records && record_at(n)->frame <= frame)
        if (++n > before + NEAR)
            return count_to(frame);
    return n;
}

/* The last record of a frame number; a read filter may have taken the frame out of the file. */
static struct record *find_on(uint32_t *n_before, uint32_t frame)
{
    *n_before = count_on(*n_before, frame);
    struct record *record = *n_before == 0 ? NULL : record_at(*n_before - 1);

    return record == NULL || record->frame != frame || record_has(record, RECORD_GONE) ? NULL
                                                                                       : record;
}

static struct record *find(uint32_t frame)
{
    return find_on(&file.n_before, frame);
}

/* The number comes again with other bytes: a read filter refused the frame that had it. */
static void forget_last_frame(void)
{
    struct record *record = find(file.last_frame);

    if (record != NULL)
        record->flags |= RECORD_GONE;
}

/* Whether the frame is the next of the first pass. A read filter has frames dissected twice before
 * they count as visited, and gives the number of one that it refuses to the next. */
static bool is_next(const packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo) || pinfo->num < file.last_frame)
        return false;
    if (pinfo->num == file.last_frame) {
        if (pinfo->fd->file_off == file.last_offset)
            return false;
        forget_last_frame();
    }
    return true;
}

/* Of frames that a read filter refused, others have the numbers: it must be the probe's time, too.
 */
static struct record *find_probe(const struct tf_observation *reply)
{
    if (reply->kind == TF_KIND_PROBE || !reply->has_probe)
        return NULL;

    struct record *record = find_on(&file.n_probes_before, (uint32_t)reply->probe_frame);
    const bool same = record != NULL && record_is_probe(record) &&
                      record->path_id == reply->path_id &&
                      record->time_ns == reply->time_ns - reply->rtt_ns;
    return same ? record : NULL;
}

static void add_record(const struct tf_observation *obs, bool forged)
{
    struct record *probe = find_probe(obs);
    struct record *record = append();

    record_write(record, obs);
    if (forged) {
        record->flags |= RECORD_FORGED;
        return;
    }
    runs_add(record, obs->run_id);
    links_add(record, probe);
}

void records_read(const packet_info *pinfo)
{
    struct tf_frame frame;
    struct tf_observation obs;

    if (!is_next(pinfo))
        return;
    file.last_frame = pinfo->num;
    file.last_offset = pinfo->fd->file_off;
    if (!frame_read(&frame, pinfo))
        return;
    const enum tf_status status = tf_match_frame(file.match, &frame, &obs);
    if (status == TF_OK || status == TF_FORGED)
        add_record(&obs, status == TF_FORGED);
}

void records_pass(const packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo))
        return;
    const int64_t time_ns = tf_time_ns(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
    file.newest_ns = MAX(file.newest_ns, time_ns);
    if (preferences_every_frame())
        records_read(pinfo);
}

const struct record *records_at(const packet_info *pinfo)
{
    return find(pinfo->num);
}

int64_t records_newest_ns(void)
{
    return file.newest_ns;
}

uint32_t records_last(void)
{
    return file.n_records == 0 ? 0 : record_at(file.n_records - 1)->frame;
}

/* Preferences are read here, too: where a change of them has the file dissected anew, and where a
 * program that sets them before it opens a file tells nobody. */
static void open_file(void)
{
    const struct tf_match_options options = preferences_match_options();

    file.match = tf_match_new(&options);
    file.blocks = wmem_array_new(wmem_file_scope(), sizeof(struct record *));
    file.block = NULL;
    file.n_records = 0;
    file.n_before = 0;
    file.n_probes_before = 0;
    file.last_frame = 0;
    file.last_offset = 0;
    file.newest_ns = 0;
    record_open();
    runs_open();
}

static void close_file(void)
{
    tf_match_free(file.match);
    file.match = NULL;
}

void records_register(void)
{
    record_register();
    runs_register();
    register_init_routine(open_file);
    register_cleanup_routine(close_file);
}
