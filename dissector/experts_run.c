/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expert infos of what a whole run proves: one for each kind of finding. */
#include "experts_run.h"

#include "conclusions.h"

static expert_field ei_traceflow_finding_by_flow = EI_INIT;
static expert_field ei_traceflow_finding_by_packet = EI_INIT;
static expert_field ei_traceflow_finding_path_changed = EI_INIT;
static expert_field ei_traceflow_finding_unsettled = EI_INIT;
static expert_field ei_traceflow_finding_diamond = EI_INIT;
static expert_field ei_traceflow_finding_uneven = EI_INIT;
static expert_field ei_traceflow_finding_nat = EI_INIT;
static expert_field ei_traceflow_finding_destination_nat = EI_INIT;
static expert_field ei_traceflow_finding_repaired_nat = EI_INIT;
static expert_field ei_traceflow_finding_ecn_bleached = EI_INIT;
static expert_field ei_traceflow_finding_dscp_remarked = EI_INIT;
static expert_field ei_traceflow_finding_ident = EI_INIT;
static expert_field ei_traceflow_finding_length = EI_INIT;
static expert_field ei_traceflow_finding_df = EI_INIT;
static expert_field ei_traceflow_finding_flow_label = EI_INIT;
static expert_field ei_traceflow_finding_quote = EI_INIT;
static expert_field ei_traceflow_finding_spent_ttl = EI_INIT;
static expert_field ei_traceflow_finding_hidden_hops = EI_INIT;
static expert_field ei_traceflow_finding_same_responder = EI_INIT;
static expert_field ei_traceflow_finding_loop = EI_INIT;
static expert_field ei_traceflow_finding_mpls = EI_INIT;
static expert_field ei_traceflow_finding_unreachable = EI_INIT;
static expert_field ei_traceflow_finding_rate_limited = EI_INIT;
static expert_field ei_traceflow_finding_loss = EI_INIT;
static expert_field ei_traceflow_finding_asked_again = EI_INIT;
static expert_field ei_traceflow_finding_contradicted = EI_INIT;
static expert_field ei_traceflow_finding_partial = EI_INIT;

/* Duplicates and late replies have expert infos of their own, on every frame. */
static expert_field *const by_kind[TF_FINDING_KINDS] = {
    [TF_FINDING_BY_FLOW] = &ei_traceflow_finding_by_flow,
    [TF_FINDING_BY_PACKET] = &ei_traceflow_finding_by_packet,
    [TF_FINDING_PATH_CHANGED] = &ei_traceflow_finding_path_changed,
    [TF_FINDING_UNSETTLED] = &ei_traceflow_finding_unsettled,
    [TF_FINDING_DIAMOND] = &ei_traceflow_finding_diamond,
    [TF_FINDING_UNEVEN] = &ei_traceflow_finding_uneven,
    [TF_FINDING_NAT] = &ei_traceflow_finding_nat,
    [TF_FINDING_DESTINATION_NAT] = &ei_traceflow_finding_destination_nat,
    [TF_FINDING_REPAIRED_NAT] = &ei_traceflow_finding_repaired_nat,
    [TF_FINDING_ECN_BLEACHED] = &ei_traceflow_finding_ecn_bleached,
    [TF_FINDING_DSCP_REMARKED] = &ei_traceflow_finding_dscp_remarked,
    [TF_FINDING_IDENT] = &ei_traceflow_finding_ident,
    [TF_FINDING_LENGTH] = &ei_traceflow_finding_length,
    [TF_FINDING_DF] = &ei_traceflow_finding_df,
    [TF_FINDING_FLOW_LABEL] = &ei_traceflow_finding_flow_label,
    [TF_FINDING_QUOTE] = &ei_traceflow_finding_quote,
    [TF_FINDING_SPENT_TTL] = &ei_traceflow_finding_spent_ttl,
    [TF_FINDING_HIDDEN_HOPS] = &ei_traceflow_finding_hidden_hops,
    [TF_FINDING_SAME_RESPONDER] = &ei_traceflow_finding_same_responder,
    [TF_FINDING_LOOP] = &ei_traceflow_finding_loop,
    [TF_FINDING_MPLS] = &ei_traceflow_finding_mpls,
    [TF_FINDING_UNREACHABLE] = &ei_traceflow_finding_unreachable,
    [TF_FINDING_RATE_LIMITED] = &ei_traceflow_finding_rate_limited,
    [TF_FINDING_LOSS] = &ei_traceflow_finding_loss,
    [TF_FINDING_ASKED_AGAIN] = &ei_traceflow_finding_asked_again,
    [TF_FINDING_CONTRADICTED] = &ei_traceflow_finding_contradicted,
};

struct place {
    packet_info *pinfo;
    proto_item *item;
    const struct tf_observation *obs;
    bool any_finding;
};

/* Whether an expert info of the frame itself has said it. */
static bool is_told(const struct tf_finding *finding, const struct tf_observation *obs)
{
    if (obs->kind != TF_KIND_HOP_REPLY || !obs->has_quote)
        return false;
    switch (finding->kind) {
    case TF_FINDING_HIDDEN_HOPS: return obs->mpls.depth == 0;
    case TF_FINDING_QUOTE: return obs->quoted_ttl == 0 && obs->changed == 0;
    default: return false;
    }
}

static void add_finding(const struct tf_finding *finding, void *data)
{
    struct place *place = data;
    expert_field *field = by_kind[finding->kind];

    if (field == NULL || is_told(finding, place->obs))
        return;
    place->any_finding = true;
    if (finding->addr.version == 0) {
        expert_add_info_format(place->pinfo, place->item, field, "%s", finding->text);
    } else {
        char addr[TF_ADDR_TEXT_LEN];
        expert_add_info_format(place->pinfo, place->item, field, "%s: %s",
                               tf_addr_text(&finding->addr, addr), finding->text);
    }
}

void experts_run_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting)
{
    struct run *run = sighting->run;
    struct place place = { pinfo, item, &sighting->obs, false };

    conclusions_visit(run, pinfo->num, add_finding, &place);
    if (conclusions_are_partial(run) && (place.any_finding || run->first->frame == pinfo->num))
        expert_add_info_format(pinfo, item, &ei_traceflow_finding_partial,
                               "Of this run, findings are those of its first %u frames: all "
                               "would take too much memory (traceflow -r looks at all)",
                               CONCLUSIONS_FRAMES_MAX);
}

/* What changes a packet on its way, or on its way back, is a note; what breaks something a warning;
 * what is as it should be, or was seen in each frame already, chat. */
static ei_register_info ei[] = {
    { &ei_traceflow_finding_by_flow,
      { "traceflow.finding.by_flow", PI_SEQUENCE, PI_CHAT, "Balances by flow", EXPFILL } },
    { &ei_traceflow_finding_by_packet,
      { "traceflow.finding.by_packet", PI_SEQUENCE, PI_WARN, "Balancing by packet", EXPFILL } },
    { &ei_traceflow_finding_path_changed,
      { "traceflow.finding.path_changed", PI_SEQUENCE, PI_WARN, "The path changed", EXPFILL } },
    { &ei_traceflow_finding_unsettled,
      { "traceflow.finding.unsettled", PI_SEQUENCE, PI_NOTE, "One flow has several ways",
        EXPFILL } },
    { &ei_traceflow_finding_diamond,
      { "traceflow.finding.diamond", PI_SEQUENCE, PI_CHAT, "Paths part and meet again", EXPFILL } },
    { &ei_traceflow_finding_uneven,
      { "traceflow.finding.uneven", PI_SEQUENCE, PI_NOTE, "Branches of unequal length", EXPFILL } },
    { &ei_traceflow_finding_nat,
      { "traceflow.finding.nat", PI_PROTOCOL, PI_NOTE, "Source translated (NAT)", EXPFILL } },
    { &ei_traceflow_finding_destination_nat,
      { "traceflow.finding.destination_nat", PI_PROTOCOL, PI_NOTE, "Destination translated (NAT)",
        EXPFILL } },
    { &ei_traceflow_finding_repaired_nat,
      { "traceflow.finding.repaired_nat", PI_PROTOCOL, PI_NOTE,
        "Addresses translated (NAT) and put right in quotes", EXPFILL } },
    { &ei_traceflow_finding_ecn_bleached,
      { "traceflow.finding.ecn_bleached", PI_PROTOCOL, PI_NOTE, "ECN bits cleared", EXPFILL } },
    { &ei_traceflow_finding_dscp_remarked,
      { "traceflow.finding.dscp_remarked", PI_PROTOCOL, PI_NOTE, "DSCP remarked", EXPFILL } },
    { &ei_traceflow_finding_ident,
      { "traceflow.finding.ident", PI_PROTOCOL, PI_NOTE, "Identification changed", EXPFILL } },
    { &ei_traceflow_finding_length,
      { "traceflow.finding.length", PI_PROTOCOL, PI_NOTE, "Length changed", EXPFILL } },
    { &ei_traceflow_finding_df,
      { "traceflow.finding.df", PI_PROTOCOL, PI_NOTE, "Don't Fragment changed", EXPFILL } },
    { &ei_traceflow_finding_flow_label,
      { "traceflow.finding.flow_label", PI_PROTOCOL, PI_NOTE, "Flow label changed", EXPFILL } },
    { &ei_traceflow_finding_quote,
      { "traceflow.finding.quote", PI_PROTOCOL, PI_NOTE, "Quoted otherwise than it arrived",
        EXPFILL } },
    { &ei_traceflow_finding_spent_ttl,
      { "traceflow.finding.spent_ttl", PI_PROTOCOL, PI_WARN,
        "A router passes on packets whose TTL is spent", EXPFILL } },
    { &ei_traceflow_finding_hidden_hops,
      { "traceflow.finding.hidden_hops", PI_PROTOCOL, PI_NOTE, "Hidden hops", EXPFILL } },
    { &ei_traceflow_finding_same_responder,
      { "traceflow.finding.same_responder", PI_SEQUENCE, PI_NOTE, "Answers two TTLs in a row",
        EXPFILL } },
    { &ei_traceflow_finding_loop,
      { "traceflow.finding.loop", PI_SEQUENCE, PI_WARN, "Forwarding loop", EXPFILL } },
    { &ei_traceflow_finding_mpls,
      { "traceflow.finding.mpls", PI_PROTOCOL, PI_CHAT, "MPLS labels", EXPFILL } },
    { &ei_traceflow_finding_unreachable,
      { "traceflow.finding.unreachable", PI_RESPONSE_CODE, PI_NOTE, "Unreachable or refused",
        EXPFILL } },
    { &ei_traceflow_finding_rate_limited,
      { "traceflow.finding.rate_limited", PI_SEQUENCE, PI_NOTE, "Replies are rate-limited",
        EXPFILL } },
    { &ei_traceflow_finding_loss,
      { "traceflow.finding.loss", PI_SEQUENCE, PI_NOTE, "Packets are lost", EXPFILL } },
    { &ei_traceflow_finding_asked_again,
      { "traceflow.finding.asked_again", PI_SEQUENCE, PI_CHAT, "Answered only when asked again",
        EXPFILL } },
    { &ei_traceflow_finding_contradicted,
      { "traceflow.finding.contradicted", PI_SEQUENCE, PI_WARN,
        "Answers that contradict each other", EXPFILL } },
    { &ei_traceflow_finding_partial,
      { "traceflow.finding.partial", PI_UNDECODED, PI_NOTE,
        "Findings are those of the run's first frames", EXPFILL } },
};

void experts_run_register(expert_module_t *module)
{
    expert_register_field_array(module, ei, G_N_ELEMENTS(ei));
}
