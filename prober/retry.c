/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waves of repetitions, and what their answers tell about rate limits. */
#include "retry.h"

#include "traceflow/time.h"

/* Routers commonly allow one ICMP error a second to one peer once a burst is used up (Linux:
 * icmp_ratelimit). */
static const int64_t limited_wave_ns = TF_NS_PER_S + 20 * TF_NS_PER_MS;

enum {
    GIVE_UP_AFTER = 3, /* limited waves without any answer: what is left is silent, not limited */
    JUDGE_AFTER = 20,  /* spaced probes: fewer than half answered is loss, not a limit */
    TTL_DISTANCE = 2,  /* closer TTLs may be the same router, on branches of unequal length */
};

struct retry retry_begin(int64_t wave_ns)
{
    return (struct retry){ .wave_ns = wave_ns };
}

int64_t retry_limited_ns(const struct retry *retry)
{
    return retry->wave_ns < limited_wave_ns ? limited_wave_ns : retry->wave_ns;
}

int64_t retry_wave_end(const struct retry *retry)
{
    return retry->started_ns + (retry->limited ? retry_limited_ns(retry) : retry->wave_ns);
}

static void conclude_limited(struct retry *retry)
{
    const unsigned answered = retry->answered - retry->apart_answered;

    retry->spaced += retry->sent;
    retry->spaced_answered += retry->answered;
    retry->silent_waves = retry->answered == 0 ? retry->silent_waves + 1 : 0;
    if (answered < retry->sent - retry->apart)
        retry->budget = answered > 0 ? answered : 1;
    retry->lossy = retry->spaced >= JUDGE_AFTER && retry->spaced_answered * 2 < retry->spaced;
    retry->limited = !retry->lossy && retry->silent_waves < GIVE_UP_AFTER;
}

static void conclude(struct retry *retry)
{
    const bool few = retry->answered > 0 && retry->answered * 5 <= retry->sent * 2;

    if (retry->limited) {
        conclude_limited(retry);
    } else if (!retry->lossy) {
        retry->limited = few;
        retry->budget = retry->answered;
    }
}

void retry_advance(struct retry *retry, int64_t now_ns)
{
    if (retry->sent == 0 || now_ns < retry_wave_end(retry))
        return;
    conclude(retry);
    retry->sent = 0;
    retry->answered = 0;
    retry->apart = 0;
    retry->apart_answered = 0;
    for (unsigned i = 0; i < sizeof retry->used_ttls / sizeof retry->used_ttls[0]; i++)
        retry->used_ttls[i] = 0;
}

static bool ttl_used(const struct retry *retry, int ttl)
{
    return ttl >= 0 && ttl <= UINT8_MAX && (retry->used_ttls[ttl / 64] >> (ttl % 64) & 1) != 0;
}

bool retry_allows(const struct retry *retry, uint8_t ttl)
{
    if (!retry->limited)
        return true;
    if (retry->sent - retry->apart >= retry->budget)
        return false;
    for (int near = ttl - TTL_DISTANCE; near <= ttl + TTL_DISTANCE; near++)
        if (ttl_used(retry, near))
            return false;
    return true;
}

static void count_sent(struct retry *retry, int64_t now_ns)
{
    if (retry->sent == 0)
        retry->started_ns = now_ns;
    retry->sent++;
}

void retry_sent_apart(struct retry *retry, int64_t now_ns)
{
    count_sent(retry, now_ns);
    retry->apart++;
}

void retry_sent(struct retry *retry, uint8_t ttl, int64_t now_ns)
{
    count_sent(retry, now_ns);
    retry->used_ttls[ttl / 64] |= UINT64_C(1) << (ttl % 64);
}

void retry_answered(struct retry *retry, int64_t sent_ns, bool is_apart)
{
    if (retry->sent == 0 || sent_ns < retry->started_ns)
        return;
    retry->answered++;
    retry->apart_answered += is_apart;
}
