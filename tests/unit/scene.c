/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces in a few letters, for tests of what is made of observations. */
#include "scene.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "traceflow/encoding.h"
#include "traceflow/time.h"

static uint64_t frame_of(uint16_t path_id, uint8_t ttl)
{
    return (uint64_t)path_id * 1000 + ttl;
}

static struct tf_observation observation(uint16_t path_id, uint8_t ttl)
{
    struct tf_observation obs;

    memset(&obs, 0, sizeof obs);
    obs.evidence = TF_EVIDENCE_TAG;
    obs.flow.src = addr("192.0.2.1");
    obs.flow.dst = addr("198.51.100.9");
    obs.flow.src_port = (uint16_t)(TF_BASE_PORT + path_id);
    obs.flow.dst_port = TF_BASE_PORT;
    obs.flow.protocol = TF_IP_PROTO_UDP;
    obs.has_run_id = true;
    obs.run_id = SCENE_RUN_ID;
    obs.path_id = path_id;
    obs.has_ttl = true;
    obs.ttl = ttl;
    obs.has_attempt = true;
    obs.has_ident = true;
    obs.ident = tf_ident(path_id, ttl);
    obs.frame = frame_of(path_id, ttl);
    obs.time_ns = (int64_t)obs.frame * TF_NS_PER_MS;
    return obs;
}

struct tf_observation scene_probe(uint16_t path_id, uint8_t ttl)
{
    struct tf_observation obs = observation(path_id, ttl);

    obs.kind = TF_KIND_PROBE;
    return obs;
}

struct tf_observation scene_reply(uint16_t path_id, uint8_t ttl, char responder)
{
    struct tf_observation obs = observation(path_id, ttl);
    const uint8_t bytes[4] = { 10, 0, 0, (uint8_t)(tolower(responder) - 'a' + 1) };

    obs.kind = TF_KIND_HOP_REPLY;
    obs.has_probe = true;
    obs.probe_frame = obs.frame;
    obs.frame += 500;
    obs.rtt_ns = ttl * TF_NS_PER_MS;
    obs.time_ns += obs.rtt_ns;
    obs.has_icmp = true;
    obs.icmp_type = TF_ICMP_TIME_EXCEEDED;
    obs.has_quote = true;
    obs.quoted_ttl = 1;
    obs.quoted_len = 28;
    obs.captured_ttl = (uint8_t)(255 - ttl);
    obs.responder = tf_addr_from(4, bytes);
    if (isupper(responder)) {
        obs.kind = TF_KIND_DESTINATION_REPLY;
        obs.icmp_type = TF_ICMP_DEST_UNREACH;
        obs.icmp_code = TF_ICMP_CODE_PORT_UNREACH;
    }
    return obs;
}

static void add_replies(struct tf_trace_set *set, uint16_t path_id, uint8_t ttl, char *word)
{
    char *rest = NULL;

    for (char *one = strtok_r(word, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest)) {
        struct tf_observation reply = scene_reply(path_id, ttl, one[0]);

        if (one[1] == '!') {
            reply.icmp_type = TF_ICMP_DEST_UNREACH;
            reply.icmp_code = (uint8_t)atoi(one + 2);
        }
        tf_trace_set_add(set, &reply);
    }
}

void scene_add(struct tf_trace_set *set, uint16_t path_id, const char *text)
{
    char *words = strdup(text);
    char *rest = NULL;
    uint8_t ttl = 0;

    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        const struct tf_observation probe = scene_probe(path_id, ++ttl);

        if (word[0] == '-')
            continue;
        tf_trace_set_add(set, &probe);
        if (word[0] != '*')
            add_replies(set, path_id, ttl, word);
    }
    free(words);
}

struct tf_trace_set *scene(const char *const *texts, size_t n_texts)
{
    struct tf_trace_set *set = tf_trace_set_new();

    for (size_t i = 0; i < n_texts && texts[i] != NULL; i++)
        scene_add(set, (uint16_t)(i + 1), texts[i]);
    return set;
}
