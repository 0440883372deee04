/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of TTLs, replies, and diamonds: what the packets prove, and silence where they do not.
 */
#include "asked.h"
#include "support.h"

#include <glib.h>
#include <string.h>

#include "found.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

struct scene_case {
    const char *name;
    const char *texts[4];
    const char *want; /* kind@TTL:responder, each once; see found.h */
};

static const struct scene_case scene_cases[] = {
    { "nothing to be found", { "a b C", "a b C" }, "" },
    { "no answer", { "* *" }, "" },
    { "a diamond", { "a b D", "a c D" }, "diamond@1:a " },
    { "branches of unequal length", { "a b D", "a c e D" }, "uneven@1:a " },
    { "a firewall", { "a b!13" }, "unreachable@2:b " },
    { "a firewall that answers for itself first", { "a b b!13" }, "unreachable@3:b " },
    { "two TTLs in a row", { "a b b C" }, "same_responder@2:b " },
    { "the destination at several TTLs", { "a b C C C" }, "" },
    { "a loop", { "a b c b c b c" }, "loop@2:b " },
    { "a loop with a silent router", { "a b * c b * c b" }, "loop@2:b " },
    { "once more is no loop yet", { "a b c b" }, "" },
    { "a loop that leads to the destination is none", { "a b c b c D" }, "" },
    { "contradicted", { "a b,c D" }, "contradicted@2 " },
    { "flows that are dropped, where others go on", { "a b d E", "a c * *", "a b d E" }, "" },
    { "dropped behind the balancer", { "a b E", "a * * *" }, "loss@1:a " },
    { "silent for all", { "a b * * *", "a b * * *" }, "" },
};

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scene_cases); i++) {
        const struct scene_case *c = &scene_cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        g_autofree char *got = found_text(set);

        check(strcmp(got, c->want) == 0, "%s: %s", c->name, got);
        tf_trace_set_free(set);
    }
}

/* One path whose replies say more: hops a, b, c and the destination D. */
struct reply_case {
    const char *name;
    uint8_t ttl; /* of the reply that is changed */
    void (*change)(struct tf_observation *reply);
    const char *want;
};

static void quote_ttl_0(struct tf_observation *reply)
{
    reply->quoted_ttl = 0;
}

static void quote_ttl_3(struct tf_observation *reply)
{
    reply->quoted_ttl = 3;
}

static void answer_as_c(struct tf_observation *reply)
{
    quote_ttl_0(reply);
    reply->responder = addr("10.0.0.3");
}

static void answer_as_destination(struct tf_observation *reply)
{
    reply->responder = reply->flow.dst;
}

static void label(struct tf_observation *reply)
{
    reply->mpls.depth = 1;
}

static void come_late(struct tf_observation *reply)
{
    reply->rtt_ns = TF_NS_PER_S + 1;
}

static void come_in_time(struct tf_observation *reply)
{
    reply->rtt_ns = TF_NS_PER_S;
}

static void refuse_with_ttl_left(struct tf_observation *reply)
{
    quote_ttl_3(reply);
    reply->icmp_type = TF_ICMP_DEST_UNREACH;
    reply->icmp_code = 10;
}

static const struct reply_case reply_cases[] = {
    { "a quoted TTL of 0", 2, quote_ttl_0, "quote@2:b " },
    { "a quoted TTL of 3", 2, quote_ttl_3, "hidden_hops@2:b " },
    { "… of the destination", 4, quote_ttl_3, "hidden_hops@4:d " },
    { "TTL 0, and the same router at the next", 2, answer_as_c, "spent_ttl@2:c " },
    { "a hop by the destination's address", 2, answer_as_destination, "destination_nat@2:i " },
    { "a label", 2, label, "mpls@2:b " },
    { "late", 2, come_late, "late@2:b " },
    { "just in time", 2, come_in_time, "" },
    { "refused before the TTL was looked at", 2, refuse_with_ttl_left, "unreachable@2:b " },
};

static void test_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(reply_cases); i++) {
        const struct reply_case *c = &reply_cases[i];
        struct tf_trace_set *set = tf_trace_set_new();

        for (uint8_t ttl = 1; ttl <= 4; ttl++) {
            const struct tf_observation probe = scene_probe(1, ttl);
            struct tf_observation reply = scene_reply(1, ttl, "abcD"[ttl - 1]);
            if (ttl == c->ttl)
                c->change(&reply);
            tf_trace_set_add(set, &probe);
            tf_trace_set_add(set, &reply);
        }
        g_autofree char *got = found_text(set);
        check(strcmp(got, c->want) == 0, "%s: %s", c->name, got);
        tf_trace_set_free(set);
    }
}

/* Two flows by the same last hop: what is hidden behind it would show on both. */
static void test_shorter_ways(void **state)
{
    static const struct {
        const char *name;
        uint8_t quoted[2];
        const char *want;
    } cases[] = {
        { "as due", { 1, 1 }, "" },
        { "both higher", { 2, 2 }, "hidden_hops@3:c " },
        { "the first by a shorter way", { 2, 1 }, "" },
        { "the second by a shorter way", { 1, 2 }, "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        for (uint16_t path = 1; path <= 2; path++)
            for (uint8_t ttl = 1; ttl <= 3; ttl++) {
                const struct tf_observation probe = scene_probe(path, ttl);
                struct tf_observation reply = scene_reply(path, ttl, "abC"[ttl - 1]);
                if (ttl == 3)
                    reply.quoted_ttl = cases[i].quoted[path - 1];
                tf_trace_set_add(set, &probe);
                tf_trace_set_add(set, &reply);
            }
        g_autofree char *got = found_text(set);
        check(strcmp(got, cases[i].want) == 0, "%s: %s", cases[i].name, got);
        tf_trace_set_free(set);
    }
}

/* A letter a hop: 1 and 2 quote that TTL under a label, x quotes 2 under none, - quotes 1. */
static void test_tunnels(void **state)
{
    static const struct {
        const char *name;
        const char *hops;
        const char *want;
    } cases[] = {
        { "labels whose TTL falls", "-12-", "mpls@2:b " },
        { "the tunnel begins unseen", "-2--", "hidden_hops@2:b mpls@2:b " },
        { "no labels", "-1x-", "mpls@2:b hidden_hops@3:c " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        for (uint8_t ttl = 1; ttl <= 4; ttl++) {
            const char hop = cases[i].hops[ttl - 1];
            const struct tf_observation probe = scene_probe(1, ttl);
            struct tf_observation reply = scene_reply(1, ttl, "abcD"[ttl - 1]);
            reply.quoted_ttl = hop == '2' || hop == 'x' ? 2 : 1;
            reply.mpls.depth = hop == '1' || hop == '2';
            tf_trace_set_add(set, &probe);
            tf_trace_set_add(set, &reply);
        }
        g_autofree char *got = found_text(set);
        check(strcmp(got, cases[i].want) == 0, "%s: %s", cases[i].name, got);
        tf_trace_set_free(set);
    }
}

static void test_duplicates(void **state)
{
    static const char *const text = "a B";
    struct tf_trace_set *set = scene(&text, 1);
    struct tf_observation reply = scene_reply(1, 1, 'a');

    (void)state;
    reply.duplicate = true;
    tf_trace_set_add(set, &reply);
    g_autofree char *got = found_text(set);
    check(strcmp(got, "duplicates@1:a ") == 0, "%s", got);
    tf_trace_set_free(set);
}

/* Repeats of a flow behind a balancer; of one that is none, they say nothing. */
static void test_balancing(void **state)
{
    static const struct {
        const char *name;
        const char *first;  /* of path 1, TTL 2 */
        const char *second; /* of path 2 */
        const char *want;
    } cases[] = {
        { "by flow", "bbbb", "cccc", "by_flow@1:a diamond@1:a " },
        { "too few repeats", "bb", "ccc", "diamond@1:a " },
        { "nothing to balance", "bbbb", "bbbb", "" },
        { "by packet", "bcbb", "cccb", "by_packet@1:a " },
        { "a change", "bbbbbccccc", "b", "path_changed@1:a " },
        { "cannot be told", "bc", "c", "unsettled@1:a " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        for (uint16_t path = 1; path <= 2; path++) {
            asked_repeat(set, &(struct asked){ path, 1, 0, 0 }, 1, "a");
            asked_repeat(set, &(struct asked){ path, 2, 0, 10 }, 10,
                         path == 1 ? cases[i].first : cases[i].second);
            asked_repeat(set, &(struct asked){ path, 3, 0, 200 }, 1, "D");
        }
        g_autofree char *got = found_text(set);
        check(strcmp(got, cases[i].want) == 0, "%s: %s", cases[i].name, got);
        tf_trace_set_free(set);
    }
}

/* The more branches, the fewer repeats tell that flows keep to theirs. */
static void test_wide_balancing(void **state)
{
    static const char *const texts[] = { "a b E", "a c E", "a d E", "a f E" };

    (void)state;
    for (uint8_t repeats = 2; repeats <= 3; repeats++) {
        struct tf_trace_set *set = scene(texts, COUNT(texts));
        for (uint8_t i = 1; i <= repeats; i++)
            asked_add(set, &(struct asked){ i, 2, 1, 1000 + i }, "bcd"[i - 1]);
        g_autofree char *got = found_text(set);
        check(strcmp(got, repeats < 3 ? "diamond@1:a " : "by_flow@1:a diamond@1:a ") == 0,
              "%u repeats: %s", repeats, got);
        tf_trace_set_free(set);
    }
}

/* A balancer is placed where it is first met, wherever its flows were asked again. */
static void test_balancer_at_two_ttls(void **state)
{
    static const char *const texts[] = { "m b D", "m c D", "a m b D" };
    struct tf_trace_set *set = scene(texts, COUNT(texts));

    (void)state;
    asked_repeat(set, &(struct asked){ 3, 3, 1, 1000 }, 1, "bbbbb");
    g_autofree char *got = found_text(set);
    check(strcmp(got, "uneven by_flow@1:m diamond@1:m ") == 0, "%s", got);
    tf_trace_set_free(set);
}

/* Ways of before a change and of after it are no branches. */
static void test_no_diamond_in_a_change(void **state)
{
    static const char *const second[] = { "bbbbbccccc", "bb", "cc" };
    struct tf_trace_set *set = tf_trace_set_new();

    (void)state;
    for (uint16_t path = 1; path <= 3; path++) {
        const int64_t begin_ms = path < 3 ? 100 - 30 * path : 5000;
        asked_repeat(set, &(struct asked){ path, 1, 0, begin_ms }, 1, "a");
        asked_repeat(set, &(struct asked){ path, 2, 0, begin_ms + 10 }, 10, second[path - 1]);
        asked_repeat(set, &(struct asked){ path, 3, 0, begin_ms + 1 }, 1, "D");
    }
    g_autofree char *got = found_text(set);
    check(strcmp(got, "path_changed@1:a ") == 0, "%s", got);
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_shorter_ways),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_tunnels),
        cmocka_unit_test(test_balancing),
        cmocka_unit_test(test_no_diamond_in_a_change),
        cmocka_unit_test(test_wide_balancing),
        cmocka_unit_test(test_balancer_at_two_ttls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
