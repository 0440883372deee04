/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expert infos: what deserves attention in a frame of ours. */
#include "experts.h"

#include <epan/expert.h>

#include "traceflow/encoding.h"

static expert_field ei_traceflow_repeated_probe = EI_INIT;
static expert_field ei_traceflow_duplicate_reply = EI_INIT;
static expert_field ei_traceflow_no_probe = EI_INIT;
static expert_field ei_traceflow_unknown_ttl = EI_INIT;
static expert_field ei_traceflow_quote_changed = EI_INIT;
static expert_field ei_traceflow_ident_fault = EI_INIT;

static const char *ident_fault_text(enum tf_ident_fault fault)
{
    switch (fault) {
    case TF_IDENT_ZEROED: return "zeroed";
    case TF_IDENT_PLUS_ONE: return "plus one";
    case TF_IDENT_SWAPPED: return "with its bytes swapped";
    default: return "altered";
    }
}

static const char *changed_names(wmem_allocator_t *pool, uint16_t changed)
{
    wmem_strbuf_t *names = wmem_strbuf_new(pool, NULL);

    for (unsigned bit = 0; bit < TF_CHANGED_COUNT; bit++)
        if (changed & 1U << bit)
            wmem_strbuf_append_printf(names, "%s%s", wmem_strbuf_get_len(names) == 0 ? "" : ", ",
                                      tf_changed_name(bit));
    return wmem_strbuf_finalize(names);
}

static void add_reply_experts(packet_info *pinfo, proto_item *item,
                              const struct tf_observation *obs)
{
    if (obs->duplicate)
        expert_add_info(pinfo, item, &ei_traceflow_duplicate_reply);
    if (!obs->has_ttl)
        expert_add_info(pinfo, item, &ei_traceflow_unknown_ttl);
    else if (!obs->has_probe)
        expert_add_info(pinfo, item, &ei_traceflow_no_probe);
    if (obs->changed != 0)
        expert_add_info_format(pinfo, item, &ei_traceflow_quote_changed,
                               "The quote differs from the probe as captured: %s",
                               changed_names(pinfo->pool, obs->changed));
}

static void add_ident_expert(packet_info *pinfo, proto_item *item, const struct tf_observation *obs)
{
    const char *fault = ident_fault_text(obs->ident_fault);

    if (obs->has_ttl)
        expert_add_info_format(pinfo, item, &ei_traceflow_ident_fault,
                               "The Identification is 0x%04x, %s: it was sent as 0x%04x",
                               obs->ident, fault, tf_ident(obs->path_id, obs->ttl));
    else
        expert_add_info_format(pinfo, item, &ei_traceflow_ident_fault,
                               "The Identification is 0x%04x, %s", obs->ident, fault);
}

void experts_add(packet_info *pinfo, proto_item *item, const struct sighting *sighting)
{
    const struct tf_observation *obs = &sighting->obs;

    if (obs->kind != TF_KIND_PROBE)
        add_reply_experts(pinfo, item, obs);
    else if (obs->duplicate)
        expert_add_info(pinfo, item, &ei_traceflow_repeated_probe);

    if (obs->ident_fault != TF_IDENT_INTACT)
        add_ident_expert(pinfo, item, obs);
}

void experts_register(int proto)
{
    static ei_register_info ei[] = {
        { &ei_traceflow_repeated_probe,
          { "traceflow.repeated_probe", PI_SEQUENCE, PI_NOTE,
            "Repeated probe: path ID, TTL and attempt were sent before", EXPFILL } },
        { &ei_traceflow_duplicate_reply,
          { "traceflow.duplicate_reply", PI_SEQUENCE, PI_NOTE,
            "Duplicate reply: this probe was answered before", EXPFILL } },
        { &ei_traceflow_no_probe,
          { "traceflow.no_probe", PI_SEQUENCE, PI_NOTE,
            "No probe for this reply in the capture before it", EXPFILL } },
        { &ei_traceflow_unknown_ttl,
          { "traceflow.unknown_ttl", PI_SEQUENCE, PI_NOTE,
            "The reply is one of this path's, but does not say which TTL it answers", EXPFILL } },
        { &ei_traceflow_quote_changed,
          { "traceflow.quote_changed", PI_PROTOCOL, PI_NOTE,
            "The quote differs from the probe as captured", EXPFILL } },
        { &ei_traceflow_ident_fault,
          { "traceflow.ident_fault", PI_PROTOCOL, PI_WARN,
            "The Identification is not the one that was sent", EXPFILL } },
    };

    expert_register_field_array(expert_register_protocol(proto), ei, G_N_ELEMENTS(ei));
}
