/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Placing a quote: its group by the header, behind a NAT by what that conserves; its TTL. */
#include "place.h"

#include <string.h>

#include "open_probe.h"
#include "traceflow/checksum.h"

static enum tf_ident_fault ident_fault_against(uint16_t ident, uint16_t sent)
{
    if (ident == sent)
        return TF_IDENT_INTACT;
    if (ident == 0)
        return TF_IDENT_ZEROED;
    if (ident == (uint16_t)(sent + 1))
        return TF_IDENT_PLUS_ONE;
    return ident == (uint16_t)(sent << 8 | sent >> 8) ? TF_IDENT_SWAPPED : TF_IDENT_OTHER;
}

enum tf_ident_fault ident_fault(const struct tf_ip *quoted, uint16_t sent)
{
    return quoted->has_ident ? ident_fault_against(quoted->ident, sent) : TF_IDENT_INTACT;
}

uint16_t ident_by_checksum(const struct tf_ip *quoted)
{
    const uint8_t *header = quoted->payload - quoted->header_len;
    const uint16_t sum = tf_sum_fold(tf_sum_add(0, header, quoted->header_len));

    return tf_sum_sub(0, tf_sum_sub(sum, quoted->ident));
}

/* The TTL is known; its probe may have been sent before the capture began, or not been captured. */
static void place_at(struct placement *place, uint8_t ttl)
{
    place->ttl = ttl;
    place->probe = probe_group_find(place->group, ttl);
}

static bool is_of_path(const struct probe_group *group, uint16_t ident)
{
    return tf_ident_path(ident) == (uint8_t)group->claim.path_id;
}

/* Whether ident, a probe's of the group, explains the quoted one by a known fault. */
static bool place_if_explained(struct placement *place, uint16_t quoted, uint16_t ident)
{
    const enum tf_ident_fault fault = ident_fault_against(quoted, ident);
    if (fault == TF_IDENT_OTHER || !is_of_path(place->group, ident) ||
        probe_group_find(place->group, tf_ident_ttl(ident)) == NULL)
        return false;
    place_at(place, tf_ident_ttl(ident));
    place->ident_fault = fault;
    return true;
}

/* Whether ident is of the path, and of a TTL that can have been sent. */
static bool is_possible(const struct placement *place, const struct tf_ip *quoted, uint16_t ident)
{
    return is_of_path(place->group, ident) && recognise_bare_ttl(tf_ident_ttl(ident), quoted->ttl);
}

/* The same as place_if_explained, but no probe is asked for. */
static bool place_if_possible(struct placement *place, const struct tf_ip *quoted, uint16_t ident)
{
    const enum tf_ident_fault fault = ident_fault_against(quoted->ident, ident);
    if (fault == TF_IDENT_OTHER || !is_possible(place, quoted, ident))
        return false;
    place_at(place, tf_ident_ttl(ident));
    place->ident_fault = fault;
    return true;
}

/*
 * Probes in the capture come first, of them the one that the checksum speaks for. Where none fits,
 * the checksum is believed if it explains how the Identification was spoilt, and the Identification
 * itself, unless the checksum speaks for another TTL of the path. The checksum alone tells that one
 * is another plus one: the probe that it names may follow in the capture, where the clocks of two
 * interfaces put them out of order.
 */
static bool explain_ident(struct placement *place, const struct tf_ip *quoted)
{
    const uint16_t ident = quoted->ident;
    const uint16_t swapped = (uint16_t)(ident << 8 | ident >> 8);
    const uint16_t spoken = ident_by_checksum(quoted);

    const bool is_denied = spoken != ident && is_possible(place, quoted, spoken);

    return place_if_explained(place, ident, spoken) || place_if_explained(place, ident, ident) ||
           (is_denied && place_if_possible(place, quoted, spoken)) ||
           place_if_explained(place, ident, swapped) ||
           (!is_denied && place_if_possible(place, quoted, ident));
}

/* What is open is as good as one probe if it is one TTL's, and no probe is known to be missing that
 * may be meant instead. */
static void place_open(struct placement *place, const struct open_probes *open)
{
    if (open->n == 0 || open->differ || !attempts_are_gapless(open->group))
        return;
    place->by_elimination = true;
    place->group = open->group;
    place->probe = open->newest;
    place->ttl = open->newest->ttl;
    place->attempt_unsure = open->n > 1;
}

void place_by_flow(struct placement *place, struct probe_group *newest, int64_t now_ns,
                   const struct probe *except)
{
    const struct open_probes open = open_in_flow(newest, now_ns, except);

    place_open(place, &open);
}

/* The TTL by the quoted Identification, or else by there being just one open probe. */
static void place_by_ident(struct placement *place, const struct tf_ip *quoted, int64_t now_ns)
{
    if (quoted->has_ident && explain_ident(place, quoted))
        return;
    if (quoted->has_ident)
        place->ident_fault = quoted->ident == 0 ? TF_IDENT_ZEROED : TF_IDENT_OTHER;
    const struct open_probes open = open_in_group(place->group, now_ns, NULL);
    if (open.n > 0 && open.newest->ttl >= quoted->ttl)
        place_open(place, &open);
}

void place_forget_guess(struct placement *place)
{
    if (!place->by_elimination)
        return;
    place->probe = NULL;
    place->ttl = 0;
}

/* The key is half of the proof, the path ID's byte a quarter; a TTL of which there is no probe must
 * at least be one that can have been sent. */
static bool place_by_number(struct placement *place, uint16_t probe_id, uint8_t arrived_ttl)
{
    if (!is_of_path(place->group, probe_id))
        return false;
    place_at(place, tf_ident_ttl(probe_id));
    return place->probe != NULL || recognise_bare_ttl(place->ttl, arrived_ttl);
}

bool place_by_ack(struct placement *place, uint32_t ack)
{
    return place_by_number(place, tf_seq_probe_id(ack - 1), 0);
}

bool place_echo(struct placement *place, uint16_t probe_id, uint8_t arrived_ttl, int64_t now_ns)
{
    if (!place_by_number(place, probe_id, arrived_ttl))
        return false;
    const struct open_probes attempts = open_attempts(place->group, place->ttl, now_ns);
    place->attempt_unsure = attempts.n != 1;
    if (attempts.n == 0)
        return true;
    place->group = attempts.group;
    place->probe = attempts.newest;
    return true;
}

bool place_by_tag(struct placement *place, const struct tf_datagram *datagram)
{
    const struct claim *claim = &place->group->claim;
    struct tf_tag tag;

    if (!recognise_tag(&tag, datagram) || !claim->has_run_id || tag.run_id != claim->run_id ||
        tag.path_id != claim->path_id || tag.attempt != claim->attempt)
        return false;
    place_at(place, tf_ident_ttl(tag.probe_id));
    place->ident_fault = ident_fault(&datagram->ip, tag.probe_id);
    return true;
}

static uint16_t sent_ident(const struct placement *place)
{
    return place->probe != NULL ? place->probe->header.ident
                                : tf_ident(place->group->claim.path_id, place->ttl);
}

/* The TTL by what the quoted transport says of it: UDP nothing, hence the Identification. */
static bool place_by_transport(struct placement *place, const struct tf_datagram *quote,
                               int64_t now_ns)
{
    switch (quote->transport) {
    case TF_TRANSPORT_UDP: place_by_ident(place, &quote->ip, now_ns); return true;
    case TF_TRANSPORT_TCP:
        if (!place_by_number(place, tf_seq_probe_id(quote->tcp.seq), quote->ip.ttl))
            return false;
        break;
    default:
        if (!place_echo(place, quote->icmp.sequence, quote->ip.ttl, now_ns))
            return false;
    }
    place->ident_fault = ident_fault(&quote->ip, sent_ident(place));
    return true;
}

/* Keys of two runs can collide; then the whole tag, where it came back, tells whose the header is.
 */
static bool place_in_group(struct placement *place, const struct tf_datagram *quote, int64_t now_ns)
{
    struct tf_tag tag;

    return recognise_tag(&tag, quote) ? place_by_tag(place, quote)
                                      : place_by_transport(place, quote, now_ns);
}

struct translation {
    const struct tf_datagram *quote;
    int64_t now_ns;
    struct placement place;
};

/* Of UDP, the Identification tells whose the quote is in one of the known forms; only as it was
 * sent where there is no key: all of the original's paths have one invariant for a second. */
static bool ident_agrees(const struct placement *place)
{
    return place->ident_fault == TF_IDENT_INTACT ||
           (place->ident_fault != TF_IDENT_OTHER && place->group->claim.has_run_id);
}

/* Header and NAT invariant agree, which are 16 bits, and alone a chance hit. The protocols but UDP
 * have their sequence numbers, too. */
static bool accept_translation(struct probe_group *group, void *data)
{
    struct translation *translation = data;
    const struct tf_datagram *quote = translation->quote;
    struct placement *place = &translation->place;

    *place = (struct placement){ .group = group };
    return place_in_group(place, quote, translation->now_ns) && place->probe != NULL &&
           (quote->transport != TF_TRANSPORT_UDP || ident_agrees(place));
}

bool place_by_tag_alone(const struct probe_table *table, const struct tf_datagram *datagram,
                        struct placement *place)
{
    struct tf_tag tag;

    if (!recognise_tag(&tag, datagram) || !recognise_key(&tag, datagram))
        return false;
    place->group = probe_table_find_tag(table, &tag, datagram->ip.protocol);
    return place->group != NULL && place_by_tag(place, datagram);
}

/* A host that clears the checksum as it checks it quotes none; the tag that came back names the
 * probe. */
static bool place_by_tag_in_flow(const struct probe_table *table, const struct tf_datagram *quote,
                                 const struct tf_flow *flow, struct placement *place)
{
    struct tf_tag tag;

    if (tf_datagram_checksum(quote) != 0 || !recognise_tag(&tag, quote))
        return false;
    place->group = probe_table_find_tag(table, &tag, quote->ip.protocol);
    return place->group != NULL && memcmp(&place->group->header.flow, flow, sizeof *flow) == 0 &&
           place_by_tag(place, quote);
}

bool place_quote(const struct probe_table *table, const struct tf_datagram *quote, int64_t now_ns,
                 struct placement *place)
{
    const struct header_key key = header_key_of(quote);

    *place = (struct placement){ .group = probe_table_find_header(table, &key) };
    if (place->group != NULL && place_in_group(place, quote, now_ns))
        return true;
    if (place_by_tag_alone(table, quote, place))
        return true;
    if (probe_table_find_flow(table, &key.flow) != NULL)
        return place_by_tag_in_flow(table, quote, &key.flow, place);

    struct translation translation = { .quote = quote, .now_ns = now_ns };
    if (probe_table_find_translated(table, &key, accept_translation, &translation) == NULL)
        return false;
    *place = translation.place;
    return true;
}
