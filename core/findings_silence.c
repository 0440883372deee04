/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Missing answers: rate limits and loss.
 *
 * Who answers when asked again was there all the time. Loss on the way hits all that lies beyond it
 * alike, and by chance. So a responder is rate-limited if it leaves out significantly more than
 * what lies beyond it, other limiters aside, or if what it leaves out comes in bursts; where all
 * responders together show bursts, each is; but not if it comes as no limiter would have it: then
 * it was an outage. What is left is loss, if it shows at several TTLs and comes as no limiter would
 * have it; otherwise nothing is claimed.
 */
#include <math.h>

#include "answers.h"
#include "bursts.h"
#include "findings_parts.h"
#include "path.h"
#include "tally.h"

/* Of leaving out so much by chance; the first, if it also comes as a limiter would have it. */
static const double LIKELY_CHANCE_MAX = 0.02;
static const double CHANCE_MAX = 0.001;
static const double DEVIATIONS_MIN = 3.3;

/* Fewer losses than this prove nothing, nor does a single responder that may have been reached in
 * another order. */
enum { LOST_MIN = 3, DEFYING_MIN = 2 };

/* What lies beyond a responder, and limits nothing: by_ttl counts them by their first TTLs. */
static struct losses beyond_of(const struct losses *by_ttl, const struct asked_of *asked)
{
    struct losses beyond = { 0 };

    for (unsigned ttl = asked->last_ttl + 1U; ttl <= UINT8_MAX; ttl++) {
        beyond.asked += by_ttl[ttl].asked;
        beyond.lost += by_ttl[ttl].lost;
    }
    return beyond;
}

static bool leaves_out_more(const struct asked_of *asked, const struct losses *beyond)
{
    const struct losses own = { asked->answered + asked->lost, asked->lost };
    const double chance = bursts_uneven(own, *beyond);

    return chance < CHANCE_MAX ||
           (chance < LIKELY_CHANCE_MAX && !bursts_defy_limits(asked->outcomes));
}

/*
 * Whether all responders together show bursts (Stouffer: normal deviations add up), and none shows
 * that they are those of an outage. An outage takes the probes of many TTLs at once, as if each
 * proved something: so it takes many losses.
 */
static bool all_in_bursts(const struct answers *answers)
{
    enum { ALL_LOST_MIN = 20 };
    double runs = 0;
    double gaps = 0;
    unsigned n_runs = 0;
    unsigned n_gaps = 0;
    unsigned lost = 0;

    for (guint i = 0; i < answers->responders->len; i++) {
        const struct asked_of *asked = answers->responders->pdata[i];
        const struct bursts bursts = bursts_of(asked->outcomes);
        if (bursts_defy_limits(asked->outcomes))
            return false;
        lost += asked->lost;
        runs += bursts.runs;
        gaps += bursts.gaps;
        n_runs += bursts.runs != 0;
        n_gaps += bursts.gaps != 0;
    }
    return lost >= ALL_LOST_MIN && ((n_runs > 0 && runs / sqrt(n_runs) > DEVIATIONS_MIN) ||
                                    (n_gaps > 0 && gaps / sqrt(n_gaps) > DEVIATIONS_MIN));
}

static bool in_bursts(const struct asked_of *asked)
{
    const struct bursts bursts = bursts_of(asked->outcomes);

    return (bursts.runs > DEVIATIONS_MIN || bursts.gaps > DEVIATIONS_MIN) &&
           !bursts_defy_limits(asked->outcomes);
}

static bool is_limited(const struct asked_of *asked, const struct losses *beyond, bool all)
{
    return asked->later > 0 && (all || leaves_out_more(asked, beyond) || in_bursts(asked));
}

static void add_lost_frames(struct tf_finding *finding, const struct asked_of *asked)
{
    for (guint i = 0; i < asked->outcomes->len && !finding->more_frames; i++) {
        const struct outcome *outcome = &g_array_index(asked->outcomes, struct outcome, i);
        if (!outcome->answered)
            finding_add_frame(finding, outcome->frame);
    }
}

static void report_limit(GPtrArray *findings, const struct asked_of *asked,
                         const struct losses *beyond)
{
    const unsigned all = asked->answered + asked->lost;
    g_autofree char *rest = beyond->asked == 0
                                ? g_strdup("")
                                : g_strdup_printf("; others beyond it answered %u of %u",
                                                  beyond->asked - beyond->lost, beyond->asked);
    struct tf_finding *finding = finding_add(
        findings, TF_FINDING_RATE_LIMITED,
        g_strdup_printf("rate-limited: answered %u of %u probes, %u of them asked again%s",
                        asked->answered, all, asked->later, rest));

    finding->ttl = asked->first_ttl;
    finding->addr = asked->addr;
    add_lost_frames(finding, asked);
}

/* What is not explained by limits. */
struct remainder {
    GPtrArray *losers; /* struct asked_of */
    uint8_t first_ttl; /* of the first loss */
    unsigned ttls;     /* with losses */
    unsigned defying;  /* losers that no limit explains */
    unsigned lost;
    unsigned regained; /* of those lost, where an answer came later */
    unsigned asked;    /* from the first loss on */
    unsigned asked_before;
};

static struct remainder sum_up(const struct answers *answers, GPtrArray *losers)
{
    struct remainder remainder = { .losers = losers, .first_ttl = UINT8_MAX };
    unsigned last_ttl = 0;

    for (guint i = 0; i < losers->len; i++) { /* by TTL */
        const struct asked_of *asked = losers->pdata[i];
        remainder.first_ttl = MIN(remainder.first_ttl, asked->first_ttl);
        remainder.ttls += asked->first_ttl != last_ttl;
        remainder.lost += asked->lost;
        remainder.regained += asked->regained;
        remainder.defying += bursts_defy_limits(asked->outcomes);
        last_ttl = asked->first_ttl;
    }
    for (unsigned ttl = 1; ttl <= UINT8_MAX; ttl++) {
        if (ttl < remainder.first_ttl)
            remainder.asked_before += answers->asked[ttl];
        else
            remainder.asked += answers->asked[ttl];
    }
    return remainder;
}

static char *loss_text(const struct remainder *remainder)
{
    char share[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(share, sizeof share, "%.0f", 100.0 * remainder->lost / remainder->asked);
    g_autofree char *before = remainder->asked_before == 0
                                  ? g_strdup("")
                                  : g_strdup_printf(", 0 of %u before", remainder->asked_before);
    return g_strdup_printf("loss, seen from here on: %u of %u probes (%s %%) had no answer%s",
                           remainder->lost, remainder->asked, share, before);
}

static char *asked_again_text(const struct remainder *remainder)
{
    const unsigned never = remainder->lost - remainder->regained;
    g_autofree char *until = never == 0 ? g_strdup(" until asked again")
                                        : g_strdup_printf(
                                              ", %u of them not when asked again either", never);

    return g_strdup_printf("%u of %u probes had no answer%s: loss or a rate limit, too few to tell",
                           remainder->lost, remainder->asked, until);
}

static void report_remainder(GPtrArray *findings, const struct remainder *remainder)
{
    const bool is_loss = remainder->lost >= LOST_MIN && remainder->ttls > 1 &&
                         remainder->defying >= DEFYING_MIN;

    /* Who never answers may be silent, or another: that something was lost is not known. */
    if (!is_loss && remainder->regained == 0)
        return;

    struct tf_finding *finding = finding_add(
        findings, is_loss ? TF_FINDING_LOSS : TF_FINDING_ASKED_AGAIN,
        is_loss ? loss_text(remainder) : asked_again_text(remainder));
    finding->ttl = remainder->first_ttl;
    for (guint i = 0; i < remainder->losers->len; i++)
        add_lost_frames(finding, remainder->losers->pdata[i]);
}

/* From the farthest on, so that what is beyond a responder has been judged. */
static void judge_responders(GPtrArray *findings, const struct answers *answers)
{
    g_autoptr(GPtrArray) losers = g_ptr_array_new();
    g_autofree struct losses *by_ttl = g_new0(struct losses, UINT8_MAX + 1);
    const bool all = all_in_bursts(answers);

    for (guint i = answers->responders->len; i-- > 0;) {
        const struct asked_of *asked = answers->responders->pdata[i];
        const struct losses beyond = beyond_of(by_ttl, asked);
        if (is_limited(asked, &beyond, all)) {
            report_limit(findings, asked, &beyond);
            continue;
        }
        by_ttl[asked->first_ttl].asked += asked->answered + asked->lost;
        by_ttl[asked->first_ttl].lost += asked->lost;
        if (asked->lost > 0 && asked->answered > 0)
            g_ptr_array_insert(losers, 0, (gpointer)asked);
    }
    if (losers->len > 0) {
        const struct remainder remainder = sum_up(answers, losers);
        report_remainder(findings, &remainder);
    }
}

static bool is_asked(const struct tf_path *path, int ttl)
{
    return ttl <= tf_path_last_ttl(path) && path_cell(path, ttl)->sent > 0;
}

/* The last that answers on a path that ends nowhere, two more TTLs having been asked in vain. */
static const struct tf_addr *silent_behind(const struct tf_path *path, uint8_t *ttl)
{
    *ttl = tf_path_length(path);
    return !path->unstable && tf_path_end(path) == 0 && *ttl > 0 && is_asked(path, *ttl + 1) &&
                   is_asked(path, *ttl + 2)
               ? path_seen_at(path, *ttl)
               : NULL;
}

/* Whether any path passes a responder and is answered behind it. */
static bool others_go_on(const struct tf_trace *trace, const struct tf_addr *addr, uint8_t ttl)
{
    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_addr *seen = path_seen_at(trace->paths[i], ttl);
        if (seen != NULL && tf_addr_equal(seen, addr) && tf_path_reaches(trace->paths[i]) &&
            tf_path_end(trace->paths[i]) > ttl)
            return true;
    }
    return false;
}

static char *dropped_text(const struct counted *counted)
{
    return g_strdup_printf("%u flow%s lost behind here, others go on and reach the destination",
                           counted->flows, counted->flows == 1 ? " is" : "s are");
}

/* One flow in a hundred networks goes on being silent; a capture with more kinds is a forgery. */
enum { DROPPERS_MAX = 256 };

static void find_dropped_flows(GPtrArray *findings, const struct tf_trace *trace)
{
    struct tally *tally = tally_new();
    unsigned looked = 0;

    for (size_t i = 0; i < trace->n_paths && looked < DROPPERS_MAX; i++) {
        uint8_t ttl;
        const struct tf_addr *addr = silent_behind(trace->paths[i], &ttl);
        if (addr == NULL)
            continue;
        looked++;
        if (!others_go_on(trace, addr, ttl))
            continue;
        const struct sign sign = { .kind = TF_FINDING_LOSS, .addr = *addr };
        const struct place_seen place = { trace->paths[i]->path_id, ttl,
                                          path_cell(trace->paths[i], ttl + 1U)->probes[0].frame };
        tally_add(tally, &sign, &place);
    }
    tally_report(tally, findings, dropped_text);
    tally_free(tally);
}

void find_in_silence(GPtrArray *findings, const struct tf_trace *trace)
{
    struct answers *answers = answers_new(trace);

    judge_responders(findings, answers);
    find_dropped_flows(findings, trace);
    answers_free(answers);
}
