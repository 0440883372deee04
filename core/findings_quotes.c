/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Quotes that differ from what was sent.
 *
 * Along a path, each field that came back is compared with what was sent. Where a difference begins
 * and stays to the last quote, or turns into another, the packet was changed on its way: at the
 * last router that still quotes the field as sent, or right behind it. Where the field is right
 * again at the next hop, only the one who quoted it got it wrong; unless a translation that moved
 * the checksum as well went away, as packets take turns, or several tell the same of a field that
 * routers set, and set back (a DSCP of one network's own).
 */
#include "findings_parts.h"
#include "path.h"
#include "quote_words.h"
#include "tally.h"

/* What differs in a reply's quote: 0 for nothing. */
typedef uint32_t (*difference)(const struct tf_observation *reply);

static uint32_t source_differs(const struct tf_observation *reply)
{
    return reply->changed & (TF_CHANGED_SRC | TF_CHANGED_SRC_PORT);
}

static uint32_t destination_differs(const struct tf_observation *reply)
{
    return reply->changed & (TF_CHANGED_DST | TF_CHANGED_DST_PORT);
}

static uint32_t checksum_differs(const struct tf_observation *reply)
{
    return source_differs(reply) == 0 && destination_differs(reply) == 0
               ? reply->changed & TF_CHANGED_CHECKSUM
               : 0;
}

enum { ECN_MASK = 3, DSCP_SHIFT = 2 };

static uint32_t ecn_differs(const struct tf_observation *reply)
{
    return (reply->sent.tos & ECN_MASK) != 0 && (reply->quoted_tos & ECN_MASK) == 0;
}

/* Sent and quoted code point, plus 1 so that it is not 0. */
static uint32_t dscp_differs(const struct tf_observation *reply)
{
    const uint32_t sent = reply->sent.tos >> DSCP_SHIFT;
    const uint32_t quoted = reply->quoted_tos >> DSCP_SHIFT;

    return sent == quoted ? 0 : (sent << 8 | quoted) + 1;
}

static uint32_t ident_differs(const struct tf_observation *reply)
{
    return reply->has_ident ? (uint32_t)reply->ident_fault : 0;
}

static uint32_t length_differs(const struct tf_observation *reply)
{
    return reply->changed & TF_CHANGED_LENGTH;
}

static uint32_t df_differs(const struct tf_observation *reply)
{
    return reply->changed & TF_CHANGED_DF;
}

static uint32_t label_differs(const struct tf_observation *reply)
{
    return reply->changed & TF_CHANGED_FLOW_LABEL;
}

struct field {
    enum tf_finding_kind on_way;
    enum tf_finding_kind by_quoter;
    difference differs;
    bool often_misquoted; /* one quote at the end of the path is no evidence of a change on the way
                           */
};

static const struct field FIELDS[] = {
    { TF_FINDING_NAT, TF_FINDING_QUOTE, source_differs, true },
    { TF_FINDING_DESTINATION_NAT, TF_FINDING_QUOTE, destination_differs, true },
    { TF_FINDING_REPAIRED_NAT, TF_FINDING_QUOTE, checksum_differs, true },
    { TF_FINDING_ECN_BLEACHED, TF_FINDING_ECN_BLEACHED, ecn_differs, false },
    { TF_FINDING_DSCP_REMARKED, TF_FINDING_DSCP_REMARKED, dscp_differs, false },
    { TF_FINDING_IDENT, TF_FINDING_IDENT, ident_differs, true },
    { TF_FINDING_LENGTH, TF_FINDING_LENGTH, length_differs, true },
    { TF_FINDING_DF, TF_FINDING_DF, df_differs, true },
    { TF_FINDING_FLOW_LABEL, TF_FINDING_FLOW_LABEL, label_differs, false },
};

/* The quotes of a path, one a TTL. */
struct quotes {
    const struct tf_path *path;
    uint8_t first_ttl; /* of the trace */
    unsigned n;
    const struct tf_observation *at[UINT8_MAX];
};

static const struct tf_observation *first_quote(const struct tf_hop *hop)
{
    for (size_t i = 0; hop != NULL && !hop->contradicted && i < hop->n_replies; i++)
        if (hop->replies[i].has_quote && hop->replies[i].has_probe)
            return &hop->replies[i];
    return NULL;
}

static void collect(struct quotes *quotes, const struct tf_path *path)
{
    const uint8_t last = tf_path_last_ttl(path);

    quotes->path = path;
    quotes->n = 0;
    for (unsigned ttl = 1; ttl <= last; ttl++) {
        const struct tf_observation *quote = first_quote(tf_path_hop(path, (uint8_t)ttl));
        if (quote != NULL)
            quotes->at[quotes->n++] = quote;
    }
}

/* Consecutive quotes of a path in which a field differs in the same way. */
struct run {
    const struct field *field;
    unsigned begin;
    unsigned end; /* behind the last */
    uint32_t value;
};

static bool is_on_way(const struct quotes *quotes, const struct run *run)
{
    const struct field *field = run->field;
    const struct tf_observation *first = quotes->at[run->begin];
    const struct tf_observation *last = quotes->at[run->end - 1];
    const bool by_several = !tf_addr_equal(&first->responder, &last->responder);
    const bool is_nat = field->on_way == TF_FINDING_NAT ||
                        field->on_way == TF_FINDING_DESTINATION_NAT;

    /* A translation moves the checksum, too: one quote is witness enough. */
    if (is_nat && (first->changed & TF_CHANGED_CHECKSUM) != 0)
        return true;
    if (!field->often_misquoted && by_several)
        return true;
    if (run->end < quotes->n)
        return (is_nat || !field->often_misquoted) && field->differs(quotes->at[run->end]) != 0;
    return !field->often_misquoted || by_several;
}

/* other says, by having a version, that addr is the last who quotes rightly: else it is the first
 * who does not. */
static void tally_on_way(struct tally *tally, const struct quotes *quotes, const struct run *run)
{
    const struct tf_observation *first = quotes->at[run->begin];
    struct sign sign = { .kind = run->field->on_way, .value = run->value };
    struct place_seen place = { quotes->path->path_id, first->ttl, first->frame };

    if (run->begin > 0) {
        const struct tf_observation *before = quotes->at[run->begin - 1];
        sign.addr = before->responder;
        place.ttl = before->ttl;
        sign.other.version = sign.addr.version;
    } else {
        sign.addr = first->responder;
    }
    tally_add(tally, &sign, &place);
}

/* Whether the hop before the first difference was quoted, too, or there is none. */
static bool is_precise(const struct quotes *quotes, const struct run *run)
{
    const uint8_t ttl = quotes->at[run->begin]->ttl;

    return run->begin > 0 ? quotes->at[run->begin - 1]->ttl + 1 == ttl : ttl == quotes->first_ttl;
}

static void tally_by_quoter(struct tally *tally, const struct quotes *quotes, const struct run *run)
{
    for (unsigned i = run->begin; i < run->end; i++) {
        const struct tf_observation *quote = quotes->at[i];
        const struct sign sign = { .kind = run->field->by_quoter,
                                   .addr = quote->responder,
                                   .value = run->value };
        const struct place_seen place = { quotes->path->path_id, quote->ttl, quote->frame };
        tally_add(tally, &sign, &place);
    }
}

/* What is tallied apart: changes on the way, on paths that show exactly where, and on others, where
 * hops before were silent or not asked; and misquotations. */
struct tallies {
    struct tally *on_way;
    struct tally *somewhere;
    struct tally *by_quoter;
};

static void follow(const struct tallies *tallies, const struct quotes *quotes,
                   const struct field *field)
{
    unsigned i = 0;

    while (i < quotes->n) {
        struct run run = { .field = field, .begin = i, .value = field->differs(quotes->at[i]) };
        while (i < quotes->n && field->differs(quotes->at[i]) == run.value)
            i++;
        run.end = i;
        if (run.value == 0)
            continue;
        if (!is_on_way(quotes, &run))
            tally_by_quoter(tallies->by_quoter, quotes, &run);
        else
            tally_on_way(is_precise(quotes, &run) ? tallies->on_way : tallies->somewhere, quotes,
                         &run);
    }
}

static char *on_way_text(const struct counted *counted)
{
    g_autofree char *change = quote_change_words(&counted->sign);

    return g_strdup_printf("%s %s, %u flow%s", change,
                           counted->sign.other.version != 0 ? "here or right behind"
                                                            : "before this hop",
                           counted->flows, counted->flows == 1 ? "" : "s");
}

static char *somewhere_text(const struct counted *counted)
{
    g_autofree char *change = quote_change_words(&counted->sign);

    return g_strdup_printf("%s somewhere %s this hop, %u flow%s", change,
                           counted->sign.other.version != 0 ? "behind" : "before", counted->flows,
                           counted->flows == 1 ? "" : "s");
}

static char *by_quoter_text(const struct counted *counted)
{
    g_autofree char *change = counted->sign.kind == TF_FINDING_QUOTE
                                  ? g_strdup(quote_error_words(&counted->sign))
                                  : quote_change_words(&counted->sign);

    /* A DSCP may be set, and set back right behind. */
    return g_strdup_printf("%s%s in what it quotes alone, %u time%s", change,
                           counted->sign.kind == TF_FINDING_DSCP_REMARKED ? " for this hop, or"
                                                                          : "",
                           counted->times, counted->times == 1 ? "" : "s");
}

/* What is known exactly need not be said vaguely. */
static bool is_known(GPtrArray *findings, guint n_exact, enum tf_finding_kind kind)
{
    for (guint i = 0; i < n_exact; i++)
        if (((const struct tf_finding *)findings->pdata[i])->kind == kind)
            return true;
    return false;
}

static void report(GPtrArray *findings, const struct tallies *tallies)
{
    tally_report(tallies->on_way, findings, on_way_text);
    const guint n_exact = findings->len;

    tally_report(tallies->somewhere, findings, somewhere_text);
    for (guint i = findings->len; i > n_exact; i--)
        if (is_known(findings, n_exact, ((const struct tf_finding *)findings->pdata[i - 1])->kind))
            g_ptr_array_remove_index(findings, i - 1);
    tally_report(tallies->by_quoter, findings, by_quoter_text);
}

void find_in_quotes(GPtrArray *findings, const struct tf_trace *trace)
{
    const struct tallies tallies = { tally_new(), tally_new(), tally_new() };
    struct quotes quotes = { .first_ttl = tf_trace_ttls(trace).first };

    for (size_t i = 0; i < trace->n_paths; i++) {
        collect(&quotes, trace->paths[i]);
        for (size_t j = 0; j < G_N_ELEMENTS(FIELDS); j++)
            follow(&tallies, &quotes, &FIELDS[j]);
    }
    report(findings, &tallies);
    tally_free(tallies.on_way);
    tally_free(tallies.somewhere);
    tally_free(tallies.by_quoter);
}
