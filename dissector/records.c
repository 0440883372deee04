/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matcher of the open capture file, and what it said of each of our frames. */
/*
 * Wireshark dissects a file once from front to back, and then any frame again, at any time and in
 * any order: for a row of the packet list, for a click, for a filter. Matching needs the first pass
 * and its order; all later passes are answered from the records alone.
 *
 * The first pass is in ascending order of frame numbers. So the records are a sorted array, which
 * finds a frame without an index that costs more than the record: a capture may hold millions of
 * probes.
 */
#include "records.h"

#include <stddef.h>

#include "frame.h"

/* An observation without the unused end of its label stack, which is the last and largest of its
 * members. */
struct record {
    uint32_t frame;
    uint32_t reply_frame; /* 0: none yet (frames count from 1) */
    uint16_t packed_len;
    uint8_t packed[];
};

_Static_assert(sizeof(struct tf_observation) - offsetof(struct tf_observation, mpls) -
                       sizeof(struct tf_mpls_stack) <
                   _Alignof(struct tf_observation),
               "packing cuts the end off: the label stack has to be the last member");

static struct {
    const struct tf_match_options *options;
    struct tf_match *match;
    GPtrArray *records;  /* struct record of file scope, ascending by frame */
    uint32_t last_frame; /* the last that the matcher was given */
} file;

static size_t packed_len(const struct tf_observation *obs)
{
    return offsetof(struct tf_observation, mpls) + offsetof(struct tf_mpls_stack, entry) +
           tf_mpls_kept(&obs->mpls) * sizeof obs->mpls.entry[0];
}

static struct record *pack(const struct tf_observation *obs)
{
    const size_t len = packed_len(obs);
    struct record *record = wmem_alloc(wmem_file_scope(), sizeof *record + len);

    record->frame = (uint32_t)obs->frame;
    record->reply_frame = 0;
    record->packed_len = (uint16_t)len;
    memcpy(record->packed, obs, len);
    return record;
}

static void unpack(struct sighting *sighting, const struct record *record)
{
    *sighting = (struct sighting){
        .has_reply = record->reply_frame != 0,
        .reply_frame = record->reply_frame,
    };
    memcpy(&sighting->obs, record->packed, record->packed_len);
}

static struct record *find(uint64_t frame)
{
    guint first = 0;
    guint end = file.records->len;

    while (first < end) {
        const guint middle = first + (end - first) / 2;
        struct record *record = g_ptr_array_index(file.records, middle);
        if (record->frame == frame)
            return record;
        if (record->frame < frame)
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

static void link_reply(const struct tf_observation *obs)
{
    struct record *probe = obs->has_probe ? find(obs->probe_frame) : NULL;

    if (probe != NULL && probe->reply_frame == 0)
        probe->reply_frame = (uint32_t)obs->frame;
}

/* Give a frame of the first pass to the matcher, the first time that a layer asks about it. */
static void read_frame(const packet_info *pinfo)
{
    struct tf_frame frame;
    struct tf_observation obs;

    if (pinfo->num <= file.last_frame)
        return;
    file.last_frame = pinfo->num;
    if (!frame_read(&frame, pinfo) || tf_match_frame(file.match, &frame, &obs) != TF_OK)
        return;
    g_ptr_array_add(file.records, pack(&obs));
    link_reply(&obs);
}

bool records_find(struct sighting *sighting, const packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo))
        read_frame(pinfo);

    const struct record *record = find(pinfo->num);
    if (record == NULL)
        return false;
    unpack(sighting, record);
    return true;
}

uint32_t records_last(void)
{
    const GPtrArray *records = file.records;

    if (records == NULL || records->len == 0)
        return 0;
    return ((const struct record *)g_ptr_array_index(records, records->len - 1))->frame;
}

static void open_file(void)
{
    file.match = tf_match_new(file.options);
    file.records = g_ptr_array_new();
    file.last_frame = 0;
}

static void close_file(void)
{
    tf_match_free(file.match);
    g_ptr_array_free(file.records, TRUE);
    file.match = NULL;
    file.records = NULL;
}

void records_register(const struct tf_match_options *options)
{
    file.options = options;
    register_init_routine(open_file);
    register_cleanup_routine(close_file);
}
