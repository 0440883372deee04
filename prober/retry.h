/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many silent probes may be asked again at once: telling routers that limit their rate from
 * silent ones. */
#ifndef TRACEFLOW_PROBER_RETRY_H
#define TRACEFLOW_PROBER_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Repetitions go out in waves. All that is due goes in the first. If then a few answer and most do
 * not, routers are limiting their ICMP rate (a silent router answers none, a lossy one a fair
 * share), so the next waves are only as large as what was answered, spread over TTLs that are
 * unlikely to be one router's.
 */
struct retry {
    int64_t wave_ns; /* a wave lasts this long */
    int64_t started_ns;
    unsigned sent;
    unsigned answered;
    unsigned apart; /* of them, sent apart */
    unsigned apart_answered;
    bool limited;
    unsigned budget;       /* other probes in a wave, while limited */
    unsigned silent_waves; /* in a row, while limited */
    unsigned spaced;       /* probes in all limited waves so far */
    unsigned spaced_answered;
    bool lossy;            /* small waves were not answered either: spacing does not help */
    uint64_t used_ttls[4]; /* set of TTLs asked in this wave */
};

/** wave_ns is the time between two attempts. */
struct retry retry_begin(int64_t wave_ns);

/** End the wave if its time is over, and draw the conclusion. */
void retry_advance(struct retry *retry, int64_t now_ns);

/** Whether one more probe of this TTL may be asked again in the present wave. */
bool retry_allows(const struct retry *retry, uint8_t ttl);

void retry_sent(struct retry *retry, uint8_t ttl, int64_t now_ns);

/** … that is sent whatever retry_allows says: it is known which router will answer, and that it was
 * left alone for long enough. */
void retry_sent_apart(struct retry *retry, int64_t now_ns);

/** A probe that was asked again at sent_ns has been answered; is_apart as it was sent. */
void retry_answered(struct retry *retry, int64_t sent_ns, bool is_apart);

/** How long to leave a router alone whose rate is limited. */
int64_t retry_limited_ns(const struct retry *retry);

/** When the present wave ends. */
int64_t retry_wave_end(const struct retry *retry);

#endif
