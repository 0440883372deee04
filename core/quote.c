/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP errors: whose probe they quote, and how it differs from what was sent. */
#include "observe.h"
#include "traceflow/wire.h"

static unsigned changed_header(const struct tf_header *quoted, const struct tf_header *sent)
{
    unsigned changed = 0;

    if (quoted->tos != sent->tos)
        changed |= TF_CHANGED_TOS;
    if (quoted->total_len != sent->total_len)
        changed |= TF_CHANGED_LENGTH;
    if (quoted->ident != sent->ident)
        changed |= TF_CHANGED_IDENT;
    if (quoted->df != sent->df)
        changed |= TF_CHANGED_DF;
    if (quoted->checksum != sent->checksum)
        changed |= TF_CHANGED_CHECKSUM;
    if (quoted->flow_label != sent->flow_label)
        changed |= TF_CHANGED_FLOW_LABEL;
    return changed;
}

static unsigned changed_flow(const struct tf_flow *quoted, const struct tf_flow *sent)
{
    unsigned changed = 0;

    if (!tf_addr_equal(&quoted->src, &sent->src))
        changed |= TF_CHANGED_SRC;
    if (!tf_addr_equal(&quoted->dst, &sent->dst))
        changed |= TF_CHANGED_DST;
    if (quoted->src_port != sent->src_port)
        changed |= TF_CHANGED_SRC_PORT;
    if (quoted->dst_port != sent->dst_port)
        changed |= TF_CHANGED_DST_PORT;
    return changed;
}

/* TCP's checksum is beyond the 8 bytes that every quote holds. */
static bool checksum_is_quoted(const struct tf_datagram *quote)
{
    return quote->transport != TF_TRANSPORT_TCP || quote->tcp.whole;
}

static uint16_t changed_fields(const struct tf_datagram *quote, const struct placement *place)
{
    const struct header_key key = header_key_of(quote);
    const struct tf_header header = tf_header_of(quote);
    unsigned changed = changed_header(&header, &place->probe->header) |
                       changed_flow(&key.flow, &place->group->header.flow);

    if (!checksum_is_quoted(quote))
        changed &= ~(unsigned)TF_CHANGED_CHECKSUM;
    return (uint16_t)changed;
}

/* Whether the quote proves all by itself whose it is: tag and key, or a probe's whole TCP header.
 */
static bool proves_itself(struct claim *claim, const struct tf_datagram *quote,
                          const struct tf_match_options *options)
{
    struct tf_tag tag;

    if (quote->transport == TF_TRANSPORT_TCP)
        return recognise_syn(claim, quote, options);
    if (!recognise_tag(&tag, quote) || !recognise_key(&tag, quote))
        return false;
    *claim = recognise_tag_claim(&tag);
    return true;
}

/* The time stamp tells the run, whatever became of the ports. */
static bool quotes_run(const struct tf_datagram *quote, uint32_t run_id)
{
    return quote->transport == TF_TRANSPORT_TCP && quote->tcp.has_timestamp &&
           quote->tcp.tsval == run_id;
}

static void match_quote(const struct tf_match *match, const struct tf_datagram *quote,
                        struct placement *place, struct tf_observation *obs)
{
    struct claim claim;

    observe_match(match, obs, place);
    if (place->probe != NULL)
        obs->changed = changed_fields(quote, place);
    if (quotes_run(quote, place->group->claim.run_id) ||
        proves_itself(&claim, quote, &match->options))
        obs->evidence = TF_EVIDENCE_TAG;
}

/*
 * Flags in the wrong byte order look like those of a later fragment, which begins with anything. A
 * probe that was sent with Don't Fragment is none.
 */
static bool allows_flags(const struct tf_match *match, const struct tf_datagram *quote,
                         const struct placement *place)
{
    struct claim claim;
    if (!quote->ip.flags_swapped)
        return true;
    if (place == NULL)
        return proves_itself(&claim, quote, &match->options);

    const struct probe_group *group = place->group;
    const struct probe *probe = place->probe != NULL ? place->probe : group->probes;
    return group->n_probes > 0 && probe->header.df;
}

/* Of strangers, so many more than claims are put up with: routers spoil Identifications. */
enum { STRANGERS_MAX = 2 };

/*
 * A quote that cannot prove itself. Where most that go to the base ports with the lengths of a
 * probe are none, those that seem to be are so by chance. Path IDs above 255 agree in 8 bits with
 * any source port: they are believed where something surer of ours was seen.
 */
static bool claim_bare(struct tf_match *match, const struct tf_datagram *quote, struct claim *claim)
{
    if (!recognise_bare_quote(claim, quote, &match->options)) {
        match->bare.strangers += recognise_bare_shape(quote, &match->options);
        return false;
    }
    match->bare.ours_seen |= claim->path_id <= TF_PATH_ID_MAX_IN_IDENT;
    if (!match->bare.ours_seen)
        return false;
    match->bare.claimed++;
    return match->bare.strangers <= match->bare.claimed + STRANGERS_MAX;
}

/* A router that adds one to the Identification as it quotes names the next TTL; the checksum still
 * tells. The other faults leave no shape to claim a quote by. */
static bool is_plus_one(const struct tf_datagram *quote)
{
    const uint16_t ident = (uint16_t)(quote->ip.ident - 1);

    return quote->transport == TF_TRANSPORT_UDP && ident_by_checksum(&quote->ip) == ident &&
           recognise_bare_ttl(tf_ident_ttl(ident), quote->ip.ttl);
}

/* A quote without its probe. */
static bool claim_orphan(struct tf_match *match, const struct tf_datagram *quote,
                         struct tf_observation *obs)
{
    const struct header_key key = header_key_of(quote);
    struct claim claim;
    const bool proved = proves_itself(&claim, quote, &match->options);

    if (proved && quote->transport == TF_TRANSPORT_UDP && quote->ip.ttl > claim.ttl)
        return false; /* of an echo, which comes with a TTL of its own */
    match->bare.ours_seen |= proved;
    if (proved)
        obs->ident_fault = ident_fault(&quote->ip, tf_ident(claim.path_id, claim.ttl));
    else if (probe_table_knows_flow(match->table, &key.flow) || !claim_bare(match, quote, &claim))
        return false;
    else if (is_plus_one(quote)) {
        obs->ident_fault = TF_IDENT_PLUS_ONE;
        claim.ttl--;
    }
    observe_claim(obs, &claim);
    obs->flow = key.flow;
    return true;
}

/* Of UDP it is what destinations say, by any of their addresses. Echo knows no ports, and with TCP
 * a destination says otherwise: there it is a firewall's, which may be the destination's own. */
static bool is_destinations_error(const struct tf_packet *packet)
{
    const struct tf_icmp *icmp = &packet->datagram.icmp;

    if (packet->quote.transport != TF_TRANSPORT_UDP &&
        !tf_addr_equal(&packet->datagram.ip.src, &packet->quote.ip.dst))
        return false;

    if (packet->datagram.ip.version == 6)
        return icmp->type == TF_ICMPV6_DEST_UNREACH && icmp->code == TF_ICMPV6_CODE_PORT_UNREACH;
    return icmp->type == TF_ICMP_DEST_UNREACH && icmp->code == TF_ICMP_CODE_PORT_UNREACH;
}

enum tf_kind observe_kind(const struct tf_packet *packet)
{
    return !packet->has_quote || is_destinations_error(packet) ? TF_KIND_DESTINATION_REPLY
                                                               : TF_KIND_HOP_REPLY;
}

enum tf_status observe_quote(struct tf_match *match, const struct tf_packet *packet,
                             struct tf_observation *obs)
{
    const struct tf_datagram *quote = &packet->quote;
    struct placement place;

    if (quote->transport == TF_TRANSPORT_ICMP && !recognise_echo(quote))
        return TF_NOT_OURS;
    if (observe_goes_backwards(match, quote))
        return TF_NOT_OURS; /* our own host refuses an echo */
    const bool is_placed = place_quote(match->table, quote, obs->time_ns, &place);
    if (!allows_flags(match, quote, is_placed ? &place : NULL))
        return TF_NOT_OURS;
    if (is_placed)
        match_quote(match, quote, &place, obs);
    else if (!claim_orphan(match, quote, obs))
        return TF_NOT_OURS;

    observe_lack(match, obs);
    obs->kind = observe_kind(packet);
    obs->has_icmp = true;
    obs->icmp_type = packet->datagram.icmp.type;
    obs->icmp_code = packet->datagram.icmp.code;
    obs->has_quote = true;
    obs->quoted_ttl = quote->ip.ttl;
    obs->quoted_tos = quote->ip.tos;
    obs->quoted_len = packet->quoted_len;
    obs->mpls = packet->mpls;
    observe_ident(obs, &quote->ip);
    return TF_OK;
}
