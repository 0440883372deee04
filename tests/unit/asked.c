/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Single probes of the scene's run at given times, for tests of what repetition and time tell. */
#include "asked.h"

#include "traceflow/time.h"

uint64_t asked_frame(const struct asked *asked)
{
    const uint64_t cell = (uint64_t)asked->path_id * 256 + asked->ttl;

    return ((uint64_t)asked->sent_ms * 1000 * 256 + cell) * 2 + 1;
}

struct tf_observation asked_reply(const struct asked *asked, char responder)
{
    struct tf_observation reply = scene_reply(asked->path_id, asked->ttl, responder);

    reply.attempt = asked->attempt;
    reply.probe_frame = asked_frame(asked);
    reply.frame = reply.probe_frame + 1;
    reply.rtt_ns = TF_NS_PER_MS;
    reply.time_ns = asked->sent_ms * TF_NS_PER_MS + reply.rtt_ns;
    return reply;
}

void asked_add(struct tf_trace_set *set, const struct asked *asked, char responder)
{
    struct tf_observation probe = scene_probe(asked->path_id, asked->ttl);

    probe.attempt = asked->attempt;
    probe.frame = asked_frame(asked);
    probe.time_ns = asked->sent_ms * TF_NS_PER_MS;
    tf_trace_set_add(set, &probe);
    if (responder == '*')
        return;
    const struct tf_observation reply = asked_reply(asked, responder);
    tf_trace_set_add(set, &reply);
}

void asked_repeat(struct tf_trace_set *set, const struct asked *first, int64_t step_ms,
                  const char *responders)
{
    struct asked asked = *first;

    for (; *responders != '\0'; responders++) {
        asked_add(set, &asked, *responders);
        asked.attempt++;
        asked.sent_ms += step_ms;
    }
}
