/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in a quote from the probe as captured, in words. */
#include "changes.h"

#include "traceflow/wire.h"

enum {
    CHANGED_SOURCE = TF_CHANGED_SRC | TF_CHANGED_SRC_PORT,
    CHANGED_DESTINATION = TF_CHANGED_DST | TF_CHANGED_DST_PORT,
};

enum { DSCP_SHIFT = 2, ECN_MASK = 3 };

/* What was sent, and what came back. */
struct change {
    wmem_allocator_t *pool;
    const struct tf_observation *obs;
    const struct tf_datagram *quote;
    struct tf_header quoted;
};

typedef const char *(*change_words)(const struct change *change);

/* One end of a flow. The port of echo is its identifier, of which only one end has one. */
struct end {
    const struct tf_addr *addr;
    uint16_t port;
    bool has_port;
};

static const char *end_words(wmem_allocator_t *pool, const struct end *end)
{
    char addr[TF_ADDR_TEXT_LEN];

    tf_addr_text(end->addr, addr);
    if (!end->has_port)
        return wmem_strdup(pool, addr);
    return wmem_strdup_printf(pool, end->addr->version == 6 ? "[%s]:%u" : "%s:%u", addr, end->port);
}

static uint16_t quoted_src_port(const struct tf_datagram *quote)
{
    switch (quote->transport) {
    case TF_TRANSPORT_UDP: return quote->udp.src_port;
    case TF_TRANSPORT_TCP: return quote->tcp.src_port;
    case TF_TRANSPORT_ICMP: return quote->icmp.ident;
    default: return 0;
    }
}

static uint16_t quoted_dst_port(const struct tf_datagram *quote)
{
    switch (quote->transport) {
    case TF_TRANSPORT_UDP: return quote->udp.dst_port;
    case TF_TRANSPORT_TCP: return quote->tcp.dst_port;
    default: return 0;
    }
}

static const char *source_words(const struct change *change)
{
    const struct tf_flow *flow = &change->obs->flow;
    const struct tf_datagram *quote = change->quote;
    const struct end sent = { &flow->src, flow->src_port, true };
    const struct end quoted = { &quote->ip.src, quoted_src_port(quote), true };

    return wmem_strdup_printf(change->pool, "NAT: source %s came back as %s",
                              end_words(change->pool, &sent), end_words(change->pool, &quoted));
}

static const char *destination_words(const struct change *change)
{
    const struct tf_flow *flow = &change->obs->flow;
    const struct tf_datagram *quote = change->quote;
    const bool has_port = quote->transport != TF_TRANSPORT_ICMP;
    const struct end sent = { &flow->dst, flow->dst_port, has_port };
    const struct end quoted = { &quote->ip.dst, quoted_dst_port(quote), has_port };

    return wmem_strdup_printf(change->pool, "NAT: destination %s came back as %s",
                              end_words(change->pool, &sent), end_words(change->pool, &quoted));
}

static const char *dscp_words(const struct change *change)
{
    const unsigned sent = change->obs->sent.tos >> DSCP_SHIFT;
    const unsigned quoted = change->quoted.tos >> DSCP_SHIFT;

    return sent == quoted ? NULL : wmem_strdup_printf(change->pool, "DSCP %u -> %u", sent, quoted);
}

/* RFC 3168 section 5. */
static const char *ecn_words(const struct change *change)
{
    static const char *const names[] = { "Not-ECT", "ECT(1)", "ECT(0)", "CE" };
    const unsigned sent = change->obs->sent.tos & ECN_MASK;
    const unsigned quoted = change->quoted.tos & ECN_MASK;

    return sent == quoted
               ? NULL
               : wmem_strdup_printf(change->pool, "ECN %s -> %s", names[sent], names[quoted]);
}

static const char *length_words(const struct change *change)
{
    const char *name = change->quote->ip.version == 6 ? "Length, header included," : "Total length";

    return wmem_strdup_printf(change->pool, "%s %u -> %u", name, change->obs->sent.total_len,
                              change->quoted.total_len);
}

static const char *fault_words(enum tf_ident_fault fault)
{
    switch (fault) {
    case TF_IDENT_ZEROED: return "zeroed";
    case TF_IDENT_PLUS_ONE: return "plus one";
    case TF_IDENT_SWAPPED: return "byte-swapped";
    default: return "another number";
    }
}

static const char *ident_words(const struct change *change)
{
    return wmem_strdup_printf(change->pool, "Identification 0x%04x came back as 0x%04x: %s",
                              change->obs->sent.ident, change->quoted.ident,
                              fault_words(change->obs->ident_fault));
}

static const char *df_words(const struct change *change)
{
    if (change->quote->ip.flags_swapped)
        return "Flags 0x4000 came back as 0x0040: byte-swapped";
    return change->quoted.df ? "Don't Fragment was set on the way"
                             : "Don't Fragment was cleared on the way";
}

/* A translation changes the checksum by just what it changes of addresses and ports. */
static const char *checksum_words(const struct change *change)
{
    if ((change->obs->changed & (CHANGED_SOURCE | CHANGED_DESTINATION)) != 0)
        return NULL;
    return wmem_strdup_printf(change->pool, "Checksum 0x%04x came back as 0x%04x",
                              change->obs->sent.checksum, change->quoted.checksum);
}

static const char *label_words(const struct change *change)
{
    return wmem_strdup_printf(change->pool, "Flow label 0x%05x came back as 0x%05x",
                              change->obs->sent.flow_label, change->quoted.flow_label);
}

void changes_visit(wmem_allocator_t *pool, const struct tf_observation *obs,
                   const struct tf_datagram *quote, change_visit visit, void *data)
{
    static const struct {
        unsigned bits;
        change_words words;
    } fields[] = {
        { CHANGED_SOURCE, source_words },
        { CHANGED_DESTINATION, destination_words },
        { TF_CHANGED_TOS, dscp_words },
        { TF_CHANGED_TOS, ecn_words },
        { TF_CHANGED_IDENT, ident_words },
        { TF_CHANGED_LENGTH, length_words },
        { TF_CHANGED_DF, df_words },
        { TF_CHANGED_CHECKSUM, checksum_words },
        { TF_CHANGED_FLOW_LABEL, label_words },
    };
    const struct change change = { pool, obs, quote, tf_header_of(quote) };

    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const char *text = (obs->changed & fields[i].bits) != 0 ? fields[i].words(&change) : NULL;
        if (text != NULL)
            visit(text, data);
    }
}
