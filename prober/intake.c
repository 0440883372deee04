/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose a frame is.
 *
 * The kernel's filter cannot tell several runs of ours from those of others. Here a frame is looked
 * at twice. Before it is matched, its own bytes are: a tag or time stamp of a foreign run, or a
 * packet that has to do with none of our destinations, is dropped, so that strangers' probes fill
 * no table. After, what was matched must be a run that is under way. What is left, and is no
 * observation, may be an answer that somebody spoilt: that is kept.
 */
#include "intake.h"

#include "debug.h"
#include "traceflow/encoding.h"
#include "traceflow/packet.h"

/* The run that a probe, or a quote of one, names by itself. */
static bool named_run(const struct tf_datagram *probe, uint32_t *run_id)
{
    struct tf_tag tag = { 0 };
    enum tf_status status = TF_NOT_OURS;

    if (probe->transport == TF_TRANSPORT_TCP) {
        *run_id = probe->tcp.tsval;
        return probe->tcp.has_timestamp;
    }
    if (probe->transport == TF_TRANSPORT_UDP)
        status = tf_tag_decode(&tag, probe->udp.payload, probe->udp.payload_len);
    else if (probe->transport == TF_TRANSPORT_ICMP)
        status = tf_tag_decode(&tag, probe->icmp.body, probe->icmp.body_len);
    if (status == TF_OK)
        *run_id = tag.run_id;
    return status == TF_OK;
}

static bool is_syn(const struct tf_datagram *datagram)
{
    return datagram->transport == TF_TRANSPORT_TCP &&
           (datagram->tcp.flags & (TF_TCP_FLAG_SYN | TF_TCP_FLAG_ACK)) == TF_TCP_FLAG_SYN;
}

/* Whether a frame has to do with a destination of ours: sent there, come from there, or about what
 * was sent there. An answer by TCP names its run as the echo of a time stamp only, if at all. */
static const char *why_foreign(const struct runs *runs, const struct tf_packet *packet)
{
    const struct tf_datagram *outer = &packet->datagram;
    const struct tf_datagram *probe = packet->has_quote ? &packet->quote : outer;
    const bool names_run = packet->has_quote || outer->transport != TF_TRANSPORT_TCP ||
                           is_syn(outer);
    uint32_t run_id = 0;

    if (names_run && named_run(probe, &run_id))
        return runs_find(runs, run_id) != NULL ? NULL : "another run's";
    if (runs_find_destination(runs, &probe->ip.dst) != NULL)
        return NULL;
    if (!packet->has_quote && runs_find_destination(runs, &outer->ip.src) != NULL)
        return NULL;
    return "about none of the destinations";
}

static const char *why_dropped(const struct runs *runs, const struct tf_frame *frame)
{
    struct tf_packet packet;
    const enum tf_status status = tf_packet_decode(&packet, frame->linktype, frame->bytes,
                                                   frame->len);

    return status == TF_OK ? why_foreign(runs, &packet) : NULL;
}

static void keep(struct intake *intake, const struct captured *captured)
{
    if (intake->record != NULL && intake->record_error == NULL)
        record_write(intake->record, captured, &intake->record_error);
}

static void observe(struct intake *intake, struct run *run, const struct tf_observation *obs)
{
    run_observe(run, obs);
    if (intake->lookups != NULL && obs->kind != TF_KIND_PROBE)
        lookups_want(intake->lookups, &obs->responder);
}

void intake_take(const struct captured *captured, void *data)
{
    struct intake *intake = data;
    struct analysis *analysis = intake->analysis;
    struct captured kept = *captured;
    struct run *run = NULL;
    struct tf_observation obs;
    const char *why = why_dropped(intake->runs, &kept.frame);

    kept.frame.number = analysis->frames + 1;
    if (why == NULL) {
        const enum tf_status status = analysis_match(analysis, &kept.frame, &obs);
        if (status == TF_OK && obs.has_run_id)
            run = runs_find(intake->runs, obs.run_id);
        if (status != TF_OK || run != NULL) {
            keep(intake, &kept);
            analysis_add(analysis, status, &obs);
        } else {
            why = "of a run that is not under way";
        }
    }
    if (why != NULL && analysis->debug)
        debug_dropped(&kept.frame, why);
    if (run != NULL)
        observe(intake, run, &obs);
}
