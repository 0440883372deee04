/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams under way, oldest first. Fragments never overlap, so a datagram is whole when its end
 * is known and their lengths add up to it.
 */
#include "reassembly.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

static const int64_t life4_ns = 30 * TF_NS_PER_S; /* as Linux; RFC 1122 section 3.3.2: 60 to 120 */
static const int64_t life6_ns = 60 * TF_NS_PER_S; /* RFC 8200 section 4.5 */

struct range {
    size_t start;
    size_t end;
};

struct datagram {
    struct fragment_key key;
    int64_t until_ns;
    bool is_spoilt;
    bool has_last;
    size_t end;      /* of the last fragment, or, before it has come, of those that have */
    size_t received; /* bytes */
    GArray *ranges;  /* struct range, one for each fragment */
    gpointer note;   /* of the first fragment */
    size_t header_len;
    uint8_t header[SIM_PACKET_MAX];
    uint8_t data[SIM_PACKET_MAX];
};

struct reassembly {
    GQueue datagrams; /* struct datagram, oldest first */
    GDestroyNotify free_note;
};

static void datagram_free(struct reassembly *reassembly, struct datagram *datagram)
{
    if (datagram->note != NULL)
        reassembly->free_note(datagram->note);
    g_array_free(datagram->ranges, TRUE);
    g_free(datagram);
}

struct reassembly *reassembly_new(GDestroyNotify free_note)
{
    struct reassembly *reassembly = g_new0(struct reassembly, 1);

    g_queue_init(&reassembly->datagrams);
    reassembly->free_note = free_note;
    return reassembly;
}

void reassembly_free(struct reassembly *reassembly)
{
    if (reassembly == NULL)
        return;
    while (!g_queue_is_empty(&reassembly->datagrams))
        datagram_free(reassembly, g_queue_pop_head(&reassembly->datagrams));
    g_free(reassembly);
}

static bool is_acceptable(const struct fragment *fragment)
{
    const size_t len = fragment->end - fragment->start;

    return len > 0 && (fragment->is_last || len % 8 == 0) &&
           fragment->header_len + fragment->end <= SIM_PACKET_MAX;
}

static bool equal_key(const struct fragment_key *a, const struct fragment_key *b)
{
    return a->ident == b->ident && a->protocol == b->protocol && tf_addr_equal(&a->src, &b->src) &&
           tf_addr_equal(&a->dst, &b->dst);
}

static void forget(struct reassembly *reassembly, struct datagram *datagram)
{
    g_queue_remove(&reassembly->datagrams, datagram);
    datagram_free(reassembly, datagram);
}

/* NULL: none of its fragments has come, or too long ago. */
static struct datagram *find(struct reassembly *reassembly, const struct fragment_key *key,
                             int64_t now_ns)
{
    for (GList *link = reassembly->datagrams.head; link != NULL; link = link->next) {
        struct datagram *datagram = link->data;
        if (!equal_key(&datagram->key, key))
            continue;
        if (now_ns < datagram->until_ns)
            return datagram;
        forget(reassembly, datagram);
        return NULL;
    }
    return NULL;
}

static struct datagram *begin(struct reassembly *reassembly, const struct fragment_key *key,
                              int64_t now_ns)
{
    struct datagram *datagram = g_new0(struct datagram, 1);

    if (reassembly->datagrams.length == REASSEMBLY_MAX)
        forget(reassembly, reassembly->datagrams.head->data);
    datagram->key = *key;
    datagram->until_ns = now_ns + (key->src.version == 6 ? life6_ns : life4_ns);
    datagram->ranges = g_array_new(FALSE, FALSE, sizeof(struct range));
    g_queue_push_tail(&reassembly->datagrams, datagram);
    return datagram;
}

enum fit { FIT_NEW, FIT_DUPLICATE, FIT_CONFLICT };

static bool disagrees_about_end(const struct datagram *datagram, const struct fragment *fragment)
{
    if (!datagram->has_last)
        return fragment->is_last && fragment->end <= datagram->end;
    return fragment->is_last ? fragment->end != datagram->end : fragment->end >= datagram->end;
}

static enum fit fit_range(const struct datagram *datagram, const struct range *range,
                          const struct fragment *fragment)
{
    if (fragment->end <= range->start || range->end <= fragment->start)
        return FIT_NEW;
    if (fragment->start != range->start || fragment->end != range->end)
        return FIT_CONFLICT;
    return memcmp(datagram->data + range->start, fragment->data, range->end - range->start) == 0
               ? FIT_DUPLICATE
               : FIT_CONFLICT;
}

static enum fit fit(const struct datagram *datagram, const struct fragment *fragment)
{
    if (disagrees_about_end(datagram, fragment))
        return FIT_CONFLICT;
    for (size_t i = 0; i < datagram->ranges->len; i++) {
        const struct range *range = &g_array_index(datagram->ranges, struct range, i);
        const enum fit how = fit_range(datagram, range, fragment);
        if (how != FIT_NEW)
            return how;
    }
    return FIT_NEW;
}

/* What all fragments have in common comes from the first one, as if it had never been divided. */
static void keep_header(struct datagram *datagram, const struct fragment *fragment)
{
    datagram->header_len = fragment->header_len;
    memcpy(datagram->header, fragment->packet, fragment->header_len);
    if (fragment->key.src.version == 6)
        datagram->header[fragment->next_header_at] = fragment->next_header;
}

static void keep(struct datagram *datagram, const struct fragment *fragment)
{
    const struct range range = { fragment->start, fragment->end };

    g_array_append_val(datagram->ranges, range);
    memcpy(datagram->data + range.start, fragment->data, range.end - range.start);
    datagram->received += range.end - range.start;
    datagram->end = MAX(datagram->end, range.end);
    datagram->has_last |= fragment->is_last;
    if (range.start == 0)
        keep_header(datagram, fragment);
}

static bool is_whole(const struct datagram *datagram)
{
    return datagram->has_last && datagram->received == datagram->end &&
           datagram->header_len + datagram->end <= SIM_PACKET_MAX;
}

static void seal(uint8_t *packet, size_t header_len, size_t len)
{
    if (packet[TF_IPV4_VERSION_IHL] >> 4 == 6) {
        tf_put_u16(packet + TF_IPV6_PAYLOAD_LENGTH, (uint16_t)(len - TF_IPV6_LEN));
        return;
    }
    tf_put_u16(packet + TF_IPV4_TOTAL_LENGTH, (uint16_t)len);
    tf_put_u16(packet + TF_IPV4_FLAGS_FRAGMENT, 0);
    tf_put_u16(packet + TF_IPV4_CHECKSUM, 0);
    tf_put_u16(packet + TF_IPV4_CHECKSUM, tf_checksum(packet, header_len));
}

static void put_together(struct reassembled *whole, struct datagram *datagram)
{
    whole->note = datagram->note;
    datagram->note = NULL;
    whole->len = datagram->header_len + datagram->end;
    memcpy(whole->packet, datagram->header, datagram->header_len);
    memcpy(whole->packet + datagram->header_len, datagram->data, datagram->end);
    seal(whole->packet, datagram->header_len, whole->len);
}

/* NULL: the fragment is of no use. */
static struct datagram *take(struct reassembly *reassembly, int64_t now_ns,
                             const struct fragment *fragment)
{
    struct datagram *datagram;
    if (!is_acceptable(fragment))
        return NULL;

    datagram = find(reassembly, &fragment->key, now_ns);
    if (datagram == NULL)
        datagram = begin(reassembly, &fragment->key, now_ns);
    const enum fit how = fit(datagram, fragment);
    datagram->is_spoilt |= how == FIT_CONFLICT;
    if (datagram->is_spoilt || how != FIT_NEW)
        return NULL;
    keep(datagram, fragment);
    return datagram;
}

bool reassembly_add(struct reassembly *reassembly, int64_t now_ns, const struct fragment *fragment,
                    gpointer note, struct reassembled *whole)
{
    struct datagram *datagram = take(reassembly, now_ns, fragment);

    if (datagram != NULL && fragment->start == 0)
        datagram->note = note;
    else
        reassembly->free_note(note);
    if (datagram == NULL || !is_whole(datagram))
        return false;
    put_together(whole, datagram);
    forget(reassembly, datagram);
    return true;
}
