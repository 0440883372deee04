/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher of the open capture file, and what it said of each of our frames. */
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

static void add_record(const struct tf_observation *obs, bool forged)
{
    struct record *probe = obs->kind != TF_KIND_PROBE && obs->has_probe
                               ? find_on(&file.n_probes_before, (uint32_t)obs->probe_frame)
                               : NULL;
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

static bool takes_too_long(int64_t duration_ns)
{
    const int64_t timeout_ns = preferences_timeout_ns();

    return timeout_ns > 0 && duration_ns > timeout_ns;
}

static uint32_t frame_of(const struct record *record)
{
    return record == NULL || record_has(record, RECORD_GONE) ? 0 : record->frame;
}

/* A packet that was captured at two places is the same packet, some hops on. */
static void fill_repetition(struct sighting *sighting, const struct record *probe)
{
    const struct record *before = links_same_probe(probe);

    sighting->repeat_of = frame_of(before);
    if (before != NULL && before->captured_ttl > probe->captured_ttl)
        sighting->repeat_hops = (uint8_t)(before->captured_ttl - probe->captured_ttl);
}

/* Only what has been read to its end can be missed; of a repeated probe, the last one is. */
static void fill_probe(struct sighting *sighting, const struct record *probe, bool visited)
{
    sighting->reply_frame = frame_of(probe->counterpart);
    sighting->has_reply = sighting->reply_frame != 0;
    if (sighting->has_reply)
        sighting->reply_kind = (enum tf_kind)probe->counterpart->kind;
    sighting->no_reply = visited && !sighting->has_reply && !record_has(probe, RECORD_REPEATED) &&
                         takes_too_long(file.newest_ns - probe->time_ns);
    fill_repetition(sighting, probe);
    sighting->has_distance = probe->captured_ttl <= probe->ttl;
    sighting->distance = (uint8_t)(probe->ttl - probe->captured_ttl);
}

static void fill_reply(struct sighting *sighting, const struct record *reply)
{
    const struct tf_observation *obs = &sighting->obs;
    const struct record *probe = reply->counterpart;

    sighting->asked_again = record_has(reply, RECORD_ASKED_AGAIN);
    sighting->late = sighting->asked_again ||
                     (obs->has_probe && !obs->duplicate && takes_too_long(obs->rtt_ns));
    sighting->other_responder_frame = frame_of(reply->earlier);
    if (obs->has_probe && obs->duplicate && probe->counterpart != reply)
        sighting->first_reply_frame = frame_of(probe->counterpart);
}

const struct record *records_at(const packet_info *pinfo)
{
    return find(pinfo->num);
}

bool records_find(struct sighting *sighting, const packet_info *pinfo)
{
    const struct record *record = records_at(pinfo);
    if (record == NULL)
        return false;

    *sighting = (struct sighting){
        .forged = record_has(record, RECORD_FORGED),
        .run = record->run,
    };
    record_read(&sighting->obs, record);
    if (sighting->forged)
        return true;
    if (record_is_probe(record))
        fill_probe(sighting, record, PINFO_FD_VISITED(pinfo));
    else
        fill_reply(sighting, record);
    return true;
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
    links_register();
    register_init_routine(open_file);
    register_cleanup_routine(close_file);
}
