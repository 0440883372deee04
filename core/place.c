/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Placing a quote: its group by the header, behind a NAT by what that conserves; its TTL. */
#include "place.h"

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
               ? probe_group_find(group, tf_ident_ttl(ident))
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

/* The TTL by the quoted Identification, or else by there being just one open probe. */
static void place_by_ident(struct placement *place, const struct tf_ip *quoted, int64_t now_ns)
{
    if (quoted->has_ident && explain_ident(place, quoted))
        return;
    if (quoted->has_ident)
        place->ident_fault = quoted->ident == 0 ? TF_IDENT_ZEROED : TF_IDENT_OTHER;
    place->probe = probe_group_only_open(place->group, now_ns);
}

bool place_by_tag(struct placement *place, const struct tf_datagram *quote)
{
    const struct claim *claim = &place->group->claim;
    struct tf_tag tag;

    if (!recognise_tag(&tag, quote) || !claim->has_run_id || tag.run_id != claim->run_id ||
        tag.path_id != claim->path_id || tag.attempt != claim->attempt)
        return false;
    place->probe = probe_group_find(place->group, tf_ident_ttl(tag.probe_id));
    place->ident_fault = ident_fault(&quote->ip, tag.probe_id);
    return place->probe != NULL;
}

static void place_in_group(struct placement *place, const struct tf_datagram *quote, int64_t now_ns)
{
    if (!place_by_tag(place, quote))
        place_by_ident(place, &quote->ip, now_ns);
}

struct translation {
    const struct tf_datagram *quote;
    int64_t now_ns;
    struct placement place;
};

/* Header and NAT invariant agree; a known form of the Identification must, too: 16 bits alone are a
 * chance hit. */
static bool accept_translation(struct probe_group *group, void *data)
{
    struct translation *translation = data;

    translation->place = (struct placement){ .group = group };
    place_in_group(&translation->place, translation->quote, translation->now_ns);
    return translation->place.probe != NULL && translation->place.ident_fault != TF_IDENT_OTHER;
}

/* Tag and key name the probe, whatever became of addresses and ports. */
static bool place_by_tag_alone(const struct probe_table *table, const struct tf_datagram *quote,
                               struct placement *place)
{
    struct tf_tag tag;

    if (!recognise_tag(&tag, quote) || !recognise_key(&tag, quote))
        return false;
    place->group = probe_table_find_tag(table, &tag);
    return place->group != NULL && place_by_tag(place, quote);
}

bool place_quote(const struct probe_table *table, const struct tf_datagram *quote, int64_t now_ns,
                 struct placement *place)
{
    const struct header_key key = header_key_of(quote);

    *place = (struct placement){ .group = probe_table_find(table, &key) };
    if (place->group != NULL) {
        place_in_group(place, quote, now_ns);
        return true;
    }
    if (place_by_tag_alone(table, quote, place))
        return true;
    if (probe_table_find_flow(table, &key.flow) != NULL)
        return false;

    struct translation translation = { .quote = quote, .now_ns = now_ns };
    if (probe_table_find_translated(table, &key, accept_translation, &translation) == NULL)
        return false;
    *place = translation.place;
    return true;
}
