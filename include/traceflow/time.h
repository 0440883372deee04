/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture time stamps as nanoseconds since 1970. */
#ifndef TRACEFLOW_TIME_H
#define TRACEFLOW_TIME_H

#include <stdint.h>

#define TF_NS_PER_S  INT64_C(1000000000)
#define TF_NS_PER_MS INT64_C(1000000)

/** Seconds beyond this (the year 2106 and later) are a file's lie; differences of two times never
 * overflow. */
#define TF_SECONDS_MAX INT64_C(4294967295)

/** A time stamp in nanoseconds; seconds outside 0..TF_SECONDS_MAX are taken as the nearer bound,
 * and nanoseconds may be any: what they put before 1970 is 1970. */
static inline int64_t tf_time_ns(int64_t seconds, int32_t nanoseconds)
{
    if (seconds < 0)
        return 0;
    if (seconds > TF_SECONDS_MAX)
        seconds = TF_SECONDS_MAX;

    const int64_t time_ns = seconds * TF_NS_PER_S + nanoseconds;
    return time_ns < 0 ? 0 : time_ns;
}

#endif
