/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether losses are those of chance, or of somebody who answers only so often.
 *
 * A limiter answers the first of many, then no more until some time has passed: its answers and
 * losses stand together, and after the first loss, each answer comes longer after the one before
 * than the losses do. Losses by chance know neither order nor time.
 */
#include "bursts.h"

#include <math.h>

#include "answers.h"
#include "traceflow/time.h"

static const struct outcome *outcome_at(const GArray *outcomes, guint index)
{
    return &g_array_index(outcomes, struct outcome, index);
}

/* Wald and Wolfowitz 1940: the number of runs of two kinds in random order. */
static double too_few_runs(const GArray *outcomes)
{
    double answered = 0;
    double runs = 1;

    for (guint i = 0; i < outcomes->len; i++) {
        answered += outcome_at(outcomes, i)->answered;
        runs += i > 0 && outcome_at(outcomes, i)->answered != outcome_at(outcomes, i - 1)->answered;
    }
    const double n = outcomes->len;
    const double pairs = 2 * answered * (n - answered);
    const double variance = n < 2 ? 0 : pairs * (pairs - n) / (n * n * (n - 1));
    if (answered < 2 || n - answered < 2 || variance <= 0)
        return 0;

    return (pairs / n + 1 - runs) / sqrt(variance);
}

/* How long after the last answered probe a probe was sent, and what became of it. */
struct gap {
    int64_t gap_ns;
    bool answered;
};

static GArray *gaps_of(const GArray *outcomes)
{
    GArray *gaps = g_array_new(FALSE, FALSE, sizeof(struct gap));
    bool begun = false; /* with the first loss behind an answer */
    bool any = false;
    int64_t last_ns = 0;

    for (guint i = 0; i < outcomes->len; i++) {
        const struct outcome *outcome = outcome_at(outcomes, i);
        const struct gap gap = { outcome->sent_ns - last_ns, outcome->answered };
        begun |= any && !outcome->answered;
        if (begun)
            g_array_append_val(gaps, gap);
        if (outcome->answered)
            last_ns = outcome->sent_ns;
        any |= outcome->answered;
    }
    return gaps;
}

static gint compare_gaps(gconstpointer a, gconstpointer b)
{
    const struct gap *x = a;
    const struct gap *y = b;

    return (x->gap_ns > y->gap_ns) - (x->gap_ns < y->gap_ns);
}

/* The sum of the ranks of answered ones, equal gaps sharing theirs. */
static double rank_sum(const GArray *gaps)
{
    double sum = 0;
    guint i = 0;

    while (i < gaps->len) {
        const int64_t gap_ns = g_array_index(gaps, struct gap, i).gap_ns;
        const guint begin = i;
        unsigned answered = 0;
        for (; i < gaps->len && g_array_index(gaps, struct gap, i).gap_ns == gap_ns; i++)
            answered += g_array_index(gaps, struct gap, i).answered;
        sum += answered * ((double)begin + 1 + i) / 2;
    }
    return sum;
}

static double longer_gaps(const GArray *outcomes)
{
    g_autoptr(GArray) gaps = gaps_of(outcomes);
    double answered = 0;

    for (guint i = 0; i < gaps->len; i++)
        answered += g_array_index(gaps, struct gap, i).answered;
    const double lost = gaps->len - answered;
    if (answered < 2 || lost < 2)
        return 0;

    g_array_sort(gaps, compare_gaps);
    const double statistic = rank_sum(gaps) - answered * (answered + 1) / 2;
    const double deviation = sqrt(answered * lost * (answered + lost + 1) / 12);
    return (statistic - answered * lost / 2) / deviation;
}

struct bursts bursts_of(const GArray *outcomes)
{
    return (struct bursts){ too_few_runs(outcomes), longer_gaps(outcomes) };
}

bool bursts_defy_limits(const GArray *outcomes)
{
    enum { MARGIN = 2, RATE_MAX = 1000 };
    double most = RATE_MAX / (double)TF_NS_PER_S; /* of rates that go with the losses */
    double least = 0;                             /* … with the answers */
    const struct outcome *loss = NULL;
    const struct outcome *answer = NULL;
    unsigned answers = 0; /* since the loss */

    for (guint i = 0; i < outcomes->len; i++) {
        const struct outcome *outcome = outcome_at(outcomes, i);
        if (!outcome->answered) {
            if (answer != NULL && outcome->sent_ns > answer->sent_ns)
                most = MIN(most, 1.0 / (double)(outcome->sent_ns - answer->sent_ns));
            loss = outcome;
            answers = 0;
            continue;
        }
        answer = outcome;
        if (loss != NULL && ++answers > 1 && outcome->sent_ns > loss->sent_ns)
            least = MAX(least, (answers - 1) / (double)(outcome->sent_ns - loss->sent_ns));
    }
    return least > MARGIN * most;
}

static double log_choose(unsigned n, unsigned k)
{
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

double bursts_uneven(struct losses first, struct losses second)
{
    const unsigned lost = first.lost + second.lost;
    const double all = log_choose(first.asked + second.asked, lost);
    double chance = 0;

    for (unsigned k = first.lost; k <= MIN(lost, first.asked); k++)
        chance += exp(log_choose(first.asked, k) + log_choose(second.asked, lost - k) - all);
    return MIN(chance, 1);
}
