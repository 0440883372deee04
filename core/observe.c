/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing of observations: what probes, quotes and answers have in common. */
#include "observe.h"

static void write_ttl(struct tf_observation *obs, uint8_t ttl)
{
    obs->has_ttl = true;
    obs->ttl = ttl;
}

static void write_common(struct tf_observation *obs, const struct claim *claim)
{
    obs->evidence = claim->evidence;
    obs->has_run_id = claim->has_run_id;
    obs->run_id = claim->run_id;
    obs->path_id = claim->path_id;
}

void observe_claim(struct tf_observation *obs, const struct claim *claim)
{
    write_common(obs, claim);
    write_ttl(obs, claim->ttl);
    obs->has_attempt = claim->has_attempt;
    obs->attempt = claim->attempt;
}

void observe_ident(struct tf_observation *obs, const struct tf_ip *ip)
{
    obs->has_ident = ip->has_ident;
    obs->ident = ip->ident;
}

static void write_probe(struct tf_observation *obs, struct probe *probe)
{
    obs->has_probe = true;
    obs->probe_frame = probe->frame;
    obs->rtt_ns = obs->time_ns - probe->time_ns;
    obs->sent = probe->header;
    obs->duplicate = probe->answered;
    probe->answered = true;
}

/* What made the capture lose one probe may have cost it others, as long as they may be open. */
static bool lacks_open_probes(const struct tf_match *match, int64_t now_ns)
{
    return match->lack.any && now_ns - match->lack.time_ns <= TF_OPEN_NS;
}

void observe_lack(struct tf_match *match, const struct tf_observation *obs)
{
    if (obs->evidence != TF_EVIDENCE_TAG || obs->has_probe ||
        !probe_table_knows_run(match->table, obs->run_id))
        return;
    match->lack.any = true;
    match->lack.time_ns = obs->time_ns;
}

void observe_match(const struct tf_match *match, struct tf_observation *obs,
                   struct placement *place)
{
    const struct claim *claim = &place->group->claim;

    if (lacks_open_probes(match, obs->time_ns))
        place_forget_guess(place);
    write_common(obs, claim);
    obs->evidence = TF_EVIDENCE_MATCHED;
    obs->flow = place->group->header.flow;
    obs->ident_fault = place->ident_fault;
    obs->has_attempt = claim->has_attempt && !place->attempt_unsure;
    obs->attempt = claim->attempt;
    if (place->ttl != 0)
        write_ttl(obs, place->ttl);
    if (place->probe != NULL)
        write_probe(obs, place->probe);
}

bool observe_goes_backwards(const struct tf_match *match, const struct tf_datagram *datagram)
{
    if (datagram->transport != TF_TRANSPORT_UDP)
        return false;
    const struct header_key key = header_key_of(datagram);
    const struct header_key forwards = header_key_reversed(&key);
    return probe_table_find_flow(match->table, &forwards.flow) != NULL;
}
