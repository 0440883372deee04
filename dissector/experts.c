/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expert infos: what deserves attention in a frame of ours. */
#include "experts.h"

#include <epan/expert.h>

#include "changes.h"
#include "experts_run.h"
#include "frame.h"
#include "onlookers.h"
#include "traceflow/encoding.h"
#include "traceflow/packet.h"
#include "traceflow/wire.h"

static expert_field ei_traceflow_forged = EI_INIT;
static expert_field ei_traceflow_no_reply = EI_INIT;
static expert_field ei_traceflow_repeated_probe = EI_INIT;
static expert_field ei_traceflow_duplicate_reply = EI_INIT;
static expert_field ei_traceflow_late_reply = EI_INIT;
static expert_field ei_traceflow_negative_rtt = EI_INIT;
static expert_field ei_traceflow_no_probe = EI_INIT;
static expert_field ei_traceflow_unknown_ttl = EI_INIT;
static expert_field ei_traceflow_several_ways = EI_INIT;
static expert_field ei_traceflow_quote_changed = EI_INIT;
static expert_field ei_traceflow_ident_fault = EI_INIT;
static expert_field ei_traceflow_unusual_quoted_ttl = EI_INIT;
static expert_field ei_traceflow_hidden_hops = EI_INIT;

/* Where an expert info is added. */
struct place {
    packet_info *pinfo;
    proto_item *item;
};

static const char *ident_fault_text(enum tf_ident_fault fault)
{
    switch (fault) {
    case TF_IDENT_ZEROED: return "zeroed";
    case TF_IDENT_PLUS_ONE: return "plus one";
    case TF_IDENT_SWAPPED: return "with its bytes swapped";
    default: return "altered";
    }
}

static void add_ident_fault(const struct place *place, const struct tf_observation *obs)
{
    const char *fault = ident_fault_text(obs->ident_fault);

    if (obs->has_ttl)
        expert_add_info_format(
            place->pinfo, place->item, &ei_traceflow_ident_fault,
            "The Identification is 0x%04x, %s: 0x%04x was sent (path %u, TTL %u)", obs->ident,
            fault, tf_ident(obs->path_id, obs->ttl), obs->path_id, obs->ttl);
    else if (obs->ident_fault == TF_IDENT_ZEROED)
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_ident_fault,
                               "The Identification is 0x%04x, %s", obs->ident, fault);
    else /* altered, or its probe was not captured: nobody can say */
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_ident_fault,
                               "The Identification is 0x%04x, as of no probe of this flow in the "
                               "capture",
                               obs->ident);
}

static void add_repeated(const struct place *place, const struct sighting *sighting)
{
    if (sighting->repeat_hops > 0)
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_repeated_probe,
                               "Repeated probe: already captured %u hop%s back",
                               sighting->repeat_hops, sighting->repeat_hops == 1 ? "" : "s");
    else
        expert_add_info(place->pinfo, place->item, &ei_traceflow_repeated_probe);
}

static void add_probe_experts(const struct place *place, const struct sighting *sighting)
{
    if (sighting->obs.duplicate)
        add_repeated(place, sighting);
    if (sighting->no_reply)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_no_reply);
}

static void add_late(const struct place *place, const struct sighting *sighting)
{
    if (sighting->asked_again)
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_late_reply,
                               "Late reply: the next attempt had been made");
    else
        expert_add_info(place->pinfo, place->item, &ei_traceflow_late_reply);
}

static void add_link_experts(const struct place *place, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    if (obs->duplicate)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_duplicate_reply);
    if (sighting->late)
        add_late(place, sighting);
    if (obs->has_probe && obs->rtt_ns < 0)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_negative_rtt);
    if (!obs->has_ttl)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_unknown_ttl);
    else if (!obs->has_probe)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_no_probe);
    if (sighting->other_responder_frame != 0)
        expert_add_info(place->pinfo, place->item, &ei_traceflow_several_ways);
}

static void add_change(const char *text, void *data)
{
    const struct place *place = data;

    expert_add_info_format(place->pinfo, place->item, &ei_traceflow_quote_changed,
                           "Quote changed: %s", text);
}

static void add_changes(struct place *place, const struct tf_observation *obs)
{
    struct tf_packet packet;

    if (obs->changed != 0 && frame_decode(&packet, place->pinfo) && packet.has_quote)
        changes_visit(place->pinfo->pool, obs, &packet.quote, add_change, place);
}

/* Inside an MPLS tunnel it is the label's TTL that falls: whoever shows labels hides no hops. */
static void add_high_ttl(const struct place *place, const struct tf_observation *obs)
{
    if (obs->mpls.depth > 0)
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_unusual_quoted_ttl,
                               "Quoted TTL is %u, not 1: in an MPLS tunnel, labels count hops",
                               obs->quoted_ttl);
    else
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_hidden_hops,
                               "Hidden hops: the probe arrived with TTL %u where 1 is due, so hops "
                               "before do not lower it",
                               obs->quoted_ttl);
}

static bool is_time_exceeded(const struct tf_observation *obs)
{
    return obs->has_icmp && obs->has_quote &&
           obs->icmp_type ==
               (obs->flow.dst.version == 6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED);
}

/* Whoever refuses a packet does so at any TTL; only where it has run out is one due. */
static void add_ttl_experts(const struct place *place, const struct tf_observation *obs)
{
    if (!is_time_exceeded(obs))
        return;
    if (obs->quoted_ttl == 0)
        expert_add_info_format(place->pinfo, place->item, &ei_traceflow_unusual_quoted_ttl,
                               "Quoted TTL is 0, not 1: lowered before it was quoted, or the hop "
                               "before passes on packets whose TTL is spent");
    else if (obs->quoted_ttl > 1)
        add_high_ttl(place, obs);
}

static void add_reply_experts(struct place *place, const struct sighting *sighting)
{
    add_link_experts(place, sighting);
    add_changes(place, &sighting->obs);
    add_ttl_experts(place, &sighting->obs);
}

void experts_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting)
{
    struct place place = { pinfo, item };

    if (sighting->forged) {
        expert_add_info(pinfo, item, &ei_traceflow_forged);
        return;
    }
    if (sighting->obs.kind == TF_KIND_PROBE)
        add_probe_experts(&place, sighting);
    else
        add_reply_experts(&place, sighting);
    if (sighting->obs.ident_fault != TF_IDENT_INTACT)
        add_ident_fault(&place, &sighting->obs);
    if (PINFO_FD_VISITED(pinfo) && onlookers_of_experts(pinfo, item))
        experts_run_add(pinfo, item, sighting);
}

/* Texts name no frame and no time, which fields do: lists count equal texts, and tshark's compares
 * each with all that differ. No reply is less than upstream's warning about pings: many routers
 * never answer. */
void experts_register(int proto)
{
    static ei_register_info ei[] = {
        { &ei_traceflow_forged,
          { "traceflow.forged", PI_SECURITY, PI_WARN,
            "Forged? It names the flow of a probe in this capture, but does not hold its key",
            EXPFILL } },
        { &ei_traceflow_no_reply,
          { "traceflow.no_reply", PI_SEQUENCE, PI_NOTE,
            "No reply to this probe, though the capture goes on for longer than the timeout",
            EXPFILL } },
        { &ei_traceflow_repeated_probe,
          { "traceflow.repeated_probe", PI_SEQUENCE, PI_NOTE,
            "Repeated probe: this path ID, TTL and attempt were already sent, or captured",
            EXPFILL } },
        { &ei_traceflow_duplicate_reply,
          { "traceflow.duplicate_reply", PI_SEQUENCE, PI_NOTE,
            "Duplicate reply: the probe was already answered", EXPFILL } },
        { &ei_traceflow_late_reply,
          { "traceflow.late_reply", PI_SEQUENCE, PI_NOTE, "Late reply: after the timeout",
            EXPFILL } },
        { &ei_traceflow_negative_rtt,
          { "traceflow.negative_rtt", PI_SEQUENCE, PI_WARN,
            "Negative round-trip time: two clocks stamped probe and reply, or one that was set "
            "back",
            EXPFILL } },
        { &ei_traceflow_no_probe,
          { "traceflow.no_probe", PI_SEQUENCE, PI_NOTE,
            "The probe for this reply is not in the capture before it", EXPFILL } },
        { &ei_traceflow_unknown_ttl,
          { "traceflow.unknown_ttl", PI_SEQUENCE, PI_NOTE,
            "The reply is one of this path's; which TTL it answers is not known", EXPFILL } },
        { &ei_traceflow_several_ways,
          { "traceflow.several_ways", PI_SEQUENCE, PI_NOTE,
            "Packets of this flow take several ways: another responder answered this TTL before "
            "(balancing by packet, or the path changed)",
            EXPFILL } },
        { &ei_traceflow_quote_changed,
          { "traceflow.quote_changed", PI_PROTOCOL, PI_NOTE,
            "The quote differs from the probe as captured", EXPFILL } },
        { &ei_traceflow_ident_fault,
          { "traceflow.ident_fault", PI_PROTOCOL, PI_WARN,
            "The Identification is not the one that was sent", EXPFILL } },
        { &ei_traceflow_unusual_quoted_ttl,
          { "traceflow.unusual_quoted_ttl", PI_PROTOCOL, PI_NOTE, "Quoted TTL is not 1",
            EXPFILL } },
        { &ei_traceflow_hidden_hops,
          { "traceflow.hidden_hops", PI_PROTOCOL, PI_NOTE, "Hidden hops", EXPFILL } },
    };
    expert_module_t *module = expert_register_protocol(proto);

    expert_register_field_array(module, ei, G_N_ELEMENTS(ei));
    experts_run_register(module);
}
