/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a frame's record, and those that it is linked with, come to: silence, lateness, repetition.
 */
#include "sighting.h"

#include "links.h"
#include "preferences.h"
#include "records.h"

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
    if (sighting->repeat_of != 0 && before->captured_ttl > probe->captured_ttl)
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
                         takes_too_long(records_newest_ns() - probe->time_ns);
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

bool sighting_find(struct sighting *sighting, const packet_info *pinfo)
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
