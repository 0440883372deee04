/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Input: a byte of flags, then operations on a capture in which probes are under way already.
 *
 * A reply that answers nothing ends at the first comparison; all that is interesting in match.c
 * begins where there is a probe to be answered. So every run starts with real ones, and most
 * operations derive a quote from one of them. At the end, how often each kind of outcome was
 * reached is printed: tests/fuzz/run fails if one was never.
 */
#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "oracle.h"
#include "reply.h"
#include "traceflow/match.h"
#include "traceflow/report.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

enum { FLAG_RTT = 1, FLAG_DEDUP = 2, FLAG_NAME = 4, FLAG_LATE_PROBES = 8 };
enum {
    OP_ERROR = 0,
    OP_RESEND = 5,
    OP_ANSWER = 6,
    OP_RAW = 7,
    OP_FORGET = 8,
    OP_COUNT = 9
}; /* 0 to 4: an error */

#define START_NS INT64_C(1700000000000000000)

struct session {
    struct tf_match *match;
    struct tf_trace_set *traces;
    struct oracle oracle;
    struct sent_probe sent[IN_FLIGHT];
    int64_t now_ns;
    uint64_t frames;
};

enum outcome {
    BY_TAG,
    BY_IDENT,
    IDENT_ZEROED,
    IDENT_PLUS_ONE,
    IDENT_SWAPPED,
    IDENT_OTHER,
    TRANSLATED,
    ORPHAN,
    NOT_PLACED,
    DUPLICATE,
    LABELS,
    ANSWER,
    ORIGINAL,
    OVER_IPV6,
    ECHO_QUOTE,
    ECHO_REPLY,
    UNSURE_ATTEMPT,
    TCP_QUOTE,
    TCP_ANSWER,
    CHALLENGE,
    TRANSLATED_ECHO,
    TRANSLATED_TCP,
    FLAGS_SWAPPED,
    REFUSED,
    FORGED,
    OUTCOMES
};

static const char *const outcome_names[OUTCOMES] = {
    "tag",        "ident",     "ident-zeroed",    "ident-plus-one", "ident-swapped",  "ident-other",
    "translated", "orphan",    "not-placed",      "duplicate",      "labels",         "answer",
    "original",   "ipv6",      "echo-quote",      "echo-reply",     "unsure-attempt", "tcp-quote",
    "tcp-answer", "challenge", "translated-echo", "translated-tcp", "flags-swapped",  "refused",
    "forged",
};

static uint64_t reached[OUTCOMES];

static void print_reached(void)
{
    for (int i = 0; i < OUTCOMES; i++)
        fprintf(stderr, "reached: %s %" G_GUINT64_FORMAT "\n", outcome_names[i], reached[i]);
}

static bool is_echo(const struct tf_observation *obs)
{
    return obs->flow.protocol == TF_IP_PROTO_ICMP || obs->flow.protocol == TF_IP_PROTO_ICMPV6;
}

static void count_protocol(const struct tf_observation *obs)
{
    const bool echo = is_echo(obs);
    const bool tcp = obs->flow.protocol == TF_IP_PROTO_TCP;
    const bool translated = (obs->changed & (TF_CHANGED_SRC | TF_CHANGED_DST)) != 0;

    reached[ECHO_QUOTE] += echo && obs->has_probe && obs->has_quote;
    reached[ECHO_REPLY] += echo && obs->has_probe && !obs->has_quote;
    reached[UNSURE_ATTEMPT] += echo && obs->has_probe && !obs->has_attempt;
    reached[TCP_QUOTE] += tcp && obs->has_probe && obs->has_quote;
    reached[TCP_ANSWER] += tcp && obs->has_probe && !obs->has_quote;
    reached[CHALLENGE] += tcp && !obs->has_probe && !obs->has_quote;
    reached[TRANSLATED_ECHO] += echo && translated;
    reached[TRANSLATED_TCP] += tcp && translated;
}

static void count_outcome(enum tf_status status, const struct tf_observation *obs)
{
    const bool linked = status == TF_OK && obs->has_probe;
    const bool matched = linked && obs->has_quote && obs->evidence == TF_EVIDENCE_MATCHED;

    reached[REFUSED] += status != TF_OK;
    reached[FORGED] += status == TF_FORGED;
    if (status != TF_OK || obs->kind == TF_KIND_PROBE)
        return;
    count_protocol(obs);
    reached[BY_TAG] += linked && obs->evidence == TF_EVIDENCE_TAG;
    reached[BY_IDENT] += matched && obs->ident_fault == TF_IDENT_INTACT;
    reached[IDENT_ZEROED] += matched && obs->ident_fault == TF_IDENT_ZEROED;
    reached[IDENT_PLUS_ONE] += matched && obs->ident_fault == TF_IDENT_PLUS_ONE;
    reached[IDENT_SWAPPED] += matched && obs->ident_fault == TF_IDENT_SWAPPED;
    reached[IDENT_OTHER] += matched && obs->ident_fault == TF_IDENT_OTHER;
    reached[TRANSLATED] += linked && (obs->changed & (TF_CHANGED_SRC | TF_CHANGED_DST)) != 0;
    reached[ORPHAN] += !linked && obs->has_ttl;
    reached[NOT_PLACED] += !obs->has_ttl;
    reached[DUPLICATE] += obs->duplicate;
    reached[FLAGS_SWAPPED] += matched && (obs->changed & TF_CHANGED_DF) != 0;
    reached[LABELS] += linked && obs->mpls.depth > 0;
    reached[ANSWER] += linked && !obs->has_icmp;
    reached[ORIGINAL] += linked && !obs->has_run_id;
    reached[OVER_IPV6] += linked && obs->flow.src.version == 6;
}

/* A copy of just the right size, so that AddressSanitizer guards its end. Returns whether it was a
 * probe. */
static bool give(struct session *s, int linktype, const uint8_t *bytes, size_t len)
{
    g_autofree uint8_t *copy = g_malloc(len + (len == 0));
    const struct tf_frame frame = { ++s->frames, s->now_ns, linktype, copy, len };
    struct tf_observation obs;

    if (len > 0)
        memcpy(copy, bytes, len);
    memset(&obs, 0xa5, sizeof obs);
    const enum tf_status status = tf_match_frame(s->match, &frame, &obs);
    oracle_observation(&s->oracle, &frame, status, &obs);
    count_outcome(status, &obs);
    if (status == TF_OK)
        tf_trace_set_add(s->traces, &obs);
    return status == TF_OK && obs.kind == TF_KIND_PROBE;
}

static void send_probe(struct session *s, size_t index)
{
    must(give(s, TF_LINKTYPE_RAW, s->sent[index].bytes, s->sent[index].len));
}

static void forget(struct session *s, uint8_t choice)
{
    const uint32_t run_id = choice % 2 == 0 ? FUZZ_RUN_ID : FUZZ_RUN_ID_6;

    tf_match_forget_run(s->match, run_id);
    oracle_forget(&s->oracle, run_id);
}

static void do_operation(struct session *s, struct supply *supply)
{
    const unsigned op = take_u8(supply) % OP_COUNT;
    s->now_ns += (int8_t)take_u8(supply) * 10 * TF_NS_PER_MS;

    if (op == OP_RAW) {
        const int linktype = take_linktype(supply);
        size_t len = take_u16(supply) % 2048;
        const uint8_t *bytes = take_bytes(supply, &len);
        give(s, linktype, bytes, len);
        return;
    }

    const size_t index = take_u8(supply) % IN_FLIGHT;
    if (op == OP_FORGET) {
        forget(s, (uint8_t)index);
        return;
    }
    if (op == OP_RESEND) {
        send_probe(s, index);
        return;
    }
    uint8_t reply[REPLY_MAX];
    const size_t len = op == OP_ANSWER ? reply_make_answer(reply, &s->sent[index], supply)
                                       : reply_make_error(reply, &s->sent[index], supply);
    must(!give(s, TF_LINKTYPE_RAW, reply, len)); /* no reply makes a probe */
}

static void report_all(const struct session *s, uint8_t flags)
{
    const struct tf_report_options options = {
        .destination_name = (flags & FLAG_NAME) != 0 ? "www.example.com" : NULL,
        .rtt = (flags & FLAG_RTT) != 0,
        .rows = (flags & FLAG_DEDUP) != 0 ? TF_ROWS_DISTINCT : TF_ROWS_BY_CAPTURE,
    };
    GString *text = g_string_new(NULL);

    tf_report_vert(text, s->traces, &options);
    tf_report_horiz(text, s->traces, &options);
    tf_report_json(text, s->traces, &options);
    must(text->len > 0 && text->str[text->len - 1] == '\n' && strlen(text->str) == text->len);
    must(g_utf8_validate(text->str, (gssize)text->len, NULL));
    g_string_free(text, TRUE);
}

static void begin(struct session *s, uint8_t flags)
{
    const struct tf_match_options options = tf_match_defaults();
    const size_t first = (flags & FLAG_LATE_PROBES) != 0 ? 2 : IN_FLIGHT; /* of path 1 only */

    *s = (struct session){ .match = tf_match_new(&options),
                           .traces = tf_trace_set_new(),
                           .now_ns = START_NS };
    in_flight_make(s->sent);
    for (size_t i = 0; i < first; i++, s->now_ns += TF_NS_PER_MS)
        send_probe(s, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool registered;
    static struct session session; /* too large for a stack frame */
    struct supply supply = { data, size };
    const uint8_t flags = take_u8(&supply);

    if (!registered)
        registered = atexit(print_reached) == 0;
    begin(&session, flags);
    while (supply.left > 0 && session.frames < FRAMES_MAX)
        do_operation(&session, &supply);
    oracle_traces(&session.oracle, session.traces);
    report_all(&session, flags);
    tf_trace_set_free(session.traces);
    tf_match_free(session.match);
    return 0;
}
