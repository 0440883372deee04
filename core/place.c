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

/*
 * The Identification that the quoted header's own checksum speaks for. A router that spoils the
 * Identification as it quotes leaves the checksum of the header that it received.
 */
static uint16_t ident_by_checksum(const struct tf_ip *quoted)
{
    const uint8_t *header = quoted->payload - quoted->header_len;
    const uint16_t sum = tf_sum_fold(tf_sum_add(0, header, quoted->header_len));

    return tf_sum_sub(0, tf_sum_sub(sum, quoted->ident));
}

static struct probe *find_by_ident(const struct probe_group *group, uint16_t ident)
{
    return tf_ident_path(ident) == (uint8_t)group->claim.path_id
               ? probe_group_find(group, tf_ident_ttl(ident), group->claim.attempt)
               : NULL;
}

/* Whether ident, one of the group's, explains the quoted one by a known fault. */
static bool place_if_explained(struct placement *place, uint16_t quoted, uint16_t ident)
{
    const enum tf_ident_fault fault = ident_fault_against(quoted, ident);
    struct probe *probe = find_by_ident(place->group, ident);
    if (probe == NULL || fault == TF_IDENT_OTHER)
        return false;
    place->probe = probe;
    place->ident_fault = fault;
    return true;
}

static bool explain_ident(struct placement *place, const struct tf_ip *quoted)
{
    const uint16_t ident = quoted->ident;
    const uint16_t swapped = (uint16_t)(ident << 8 | ident >> 8);

    return place_if_explained(place, ident, ident_by_checksum(quoted)) ||
           place_if_explained(place, ident, ident) ||
           place_if_explained(place, ident, (uint16_t)(ident - 1)) ||
           place_if_explained(place, ident, swapped);
}

/* What is open is as good as one probe if it is one TTL's. */
static void place_open(struct placement *place, const struct open_probes *open)
{
    if (open->n == 0 || open->differ)
        return;
    place->group = open->group;
    place->probe = open->newest;
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
    place_open(place, &open);
}

/* The group's key is half of the proof; TTL and path ID are the other. */
static bool place_by_sequence(struct placement *place, const struct tf_datagram *quote)
{
    place->probe = find_by_ident(place->group, tf_seq_probe_id(quote->tcp.seq));
    if (place->probe == NULL)
        return false;
    place->ident_fault = ident_fault(&quote->ip, place->probe->header.ident);
    return true;
}

static struct probe *newest_of(const struct probe_group *group)
{
    struct probe *newest = group->probes;

    for (unsigned i = 1; i < group->n_probes; i++)
        if (group->probes[i].time_ns >= newest->time_ns)
            newest = &group->probes[i];
    return newest;
}

void place_echo(struct placement *place, int64_t now_ns)
{
    const struct open_probes open = open_in_group(place->group, now_ns, NULL);

    place_open(place, &open);
    if (place->probe != NULL)
        return;
    place->probe = newest_of(place->group);
    place->attempt_unsure = place->group->n_probes > 1;
}

bool place_by_tag(struct placement *place, const struct tf_datagram *datagram)
{
    const struct probe_group *group = place->group;
    const struct claim *claim = &group->claim;
    struct tf_tag tag;

    if (!recognise_tag(&tag, datagram) || !claim->has_run_id || tag.run_id != claim->run_id ||
        tag.path_id != claim->path_id)
        return false;
    place->probe = probe_group_find(group, tf_ident_ttl(tag.probe_id), tag.attempt);
    place->ident_fault = ident_fault(&datagram->ip, tag.probe_id);
    return place->probe != NULL;
}

/* Keys of two runs can collide; then the whole tag tells whose the header is. */
static bool names_another(const struct placement *place, const struct tf_datagram *quote)
{
    const struct claim *claim = &place->group->claim;
    struct tf_tag tag;

    return claim->has_run_id && recognise_tag(&tag, quote) &&
           (tag.run_id != claim->run_id || tag.path_id != claim->path_id);
}

/* A tag of the group that names none of its probes: that one was not captured. */
static bool names_missing(const struct placement *place, const struct tf_datagram *quote)
{
    struct tf_tag tag;

    return place->group->claim.has_run_id && recognise_tag(&tag, quote);
}

static bool place_in_group(struct placement *place, const struct tf_datagram *quote, int64_t now_ns)
{
    if (quote->transport == TF_TRANSPORT_TCP)
        return place_by_sequence(place, quote);
    if (names_another(place, quote))
        return false;
    if (place_by_tag(place, quote))
        return true;
    if (quote->transport == TF_TRANSPORT_UDP) {
        if (!names_missing(place, quote))
            place_by_ident(place, &quote->ip, now_ns);
        return true;
    }
    place_echo(place, now_ns);
    place->ident_fault = ident_fault(&quote->ip, place->probe->header.ident);
    return true;
}

struct translation {
    const struct tf_datagram *quote;
    int64_t now_ns;
    struct placement place;
};

/* Header and NAT invariant agree. Of UDP, a known form of the Identification must, too: 16 bits
 * alone are a chance hit, and the other protocols have their sequence numbers. */
static bool accept_translation(struct probe_group *group, void *data)
{
    struct translation *translation = data;
    const struct tf_datagram *quote = translation->quote;
    struct placement *place = &translation->place;

    *place = (struct placement){ .group = group };
    return place_in_group(place, quote, translation->now_ns) && place->probe != NULL &&
           (quote->transport != TF_TRANSPORT_UDP || place->ident_fault != TF_IDENT_OTHER);
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

    *place = (struct placement){ .group = probe_table_find(table, &key) };
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
