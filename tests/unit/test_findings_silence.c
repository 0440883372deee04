/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rate limits and loss, told apart on modelled networks: seeded, so the same in every run. */
#include "asked.h"
#include "support.h"

#include <glib.h>
#include <string.h>

#include "found.h"
#include "scene.h"
#include "traceflow/findings.h"

enum { TTLS = 5, PATHS_MAX = 16, ATTEMPTS_MAX = 10 };

/* What a hop does with a probe; -1 for what has no limit. */
struct model {
    const char *name;
    unsigned loss_percent[TTLS + 1]; /* on the link before a TTL */
    int burst[TTLS + 1];             /* answers at once, then one a second; 0: no limit */
    uint16_t paths;
    const char *want; /* kinds and TTLs that must be found, and no others of them */
};

struct bucket {
    double tokens;
    int64_t last_ms;
};

static bool passes_limit(struct bucket *bucket, int burst, int64_t now_ms)
{
    if (burst == 0)
        return true;
    bucket->tokens = MIN(burst, bucket->tokens + (double)(now_ms - bucket->last_ms) / 1000);
    bucket->last_ms = now_ms;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}

static bool passes_links(const struct model *model, uint8_t ttl, uint32_t *random)
{
    for (uint8_t i = 1; i <= ttl; i++)
        if (next_random(random) % 100 < model->loss_percent[i])
            return false;
    return true;
}

/* All cells in waves, a second apart; what is answered is not asked again. */
static struct tf_trace_set *trace_through(const struct model *model, uint32_t seed)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct bucket buckets[TTLS + 1] = { 0 };
    bool answered[PATHS_MAX + 1][TTLS + 1] = { 0 };
    int64_t now_ms = 0;

    for (uint8_t ttl = 1; ttl <= TTLS; ttl++)
        buckets[ttl].tokens = model->burst[ttl];
    for (uint8_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        for (uint16_t path = 1; path <= model->paths; path++)
            for (uint8_t ttl = 1; ttl <= TTLS; ttl++) {
                const struct asked asked = { path, ttl, attempt, now_ms };
                if (answered[path][ttl])
                    continue;
                now_ms++;
                answered[path][ttl] = passes_links(model, ttl, &seed) &&
                                      passes_limit(&buckets[ttl], model->burst[ttl], now_ms);
                asked_add(set, &asked, answered[path][ttl] ? "abcdE"[ttl - 1] : '*');
            }
        now_ms += 1000;
    }
    return set;
}

static const struct model models[] = {
    { "all answer", { 0 }, { 0 }, 16, "" },
    { "one limits", { 0 }, { 0, 0, 0, 6 }, 16, "rate_limited@3:c " },
    { "one limits strictly", { 0 }, { 0, 0, 0, 1 }, 16, "rate_limited@3:c " },
    { "two limit, one far, one near",
      { 0 },
      { 0, 6, 0, 0, 4 },
      10,
      "rate_limited@1:a rate_limited@4:d " },
    { "all limit",
      { 0 },
      { 0, 6, 6, 6, 6, 6 },
      16,
      "rate_limited@1:a rate_limited@2:b rate_limited@3:c rate_limited@4:d rate_limited@5:e " },
    { "some limit, and are asked but a little too often",
      { 0 },
      { 0, 6, 0, 6, 6 },
      7,
      "asked_again@1 " },
    { "all limit, each too seldom asked to tell alone",
      { 0 },
      { 0, 2, 2, 2, 2, 2 },
      6,
      "rate_limited@1:a rate_limited@2:b rate_limited@3:c rate_limited@4:d rate_limited@5:e " },
    { "half is lost behind b", { 0, 0, 0, 50 }, { 0 }, 16, "loss@3 " },
    { "less than half is lost behind a", { 0, 0, 40 }, { 0 }, 16, "loss@2 " },
};

static void test_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(models); i++)
        for (uint32_t seed = 1; seed <= 20; seed++) {
            struct tf_trace_set *set = trace_through(&models[i], seed * 7919);
            g_autofree char *got = found_text(set);
            check(strcmp(got, models[i].want) == 0, "%s, seed %u: %s", models[i].name, seed, got);
            tf_trace_set_free(set);
        }
}

/* One probe that was lost is no finding of loss, nor of a limit. */
static void test_a_single_loss(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();

    (void)state;
    asked_repeat(set, &(struct asked){ 1, 1, 0, 0 }, 1000, "*a");
    asked_repeat(set, &(struct asked){ 1, 2, 0, 1 }, 1000, "B");
    g_autofree char *got = found_text(set);
    check(strcmp(got, "asked_again@1 ") == 0, "%s", got);
    tf_trace_set_free(set);
}

/* Path by path, what became of the probes of TTL 1; those of TTL 2 are all answered. */
static const struct repeated {
    const char *paths[3];
    const char *want; /* NULL: no such finding */
} repeated[] = {
    { { "*a", "a", "a" }, "1 of 7 probes had no answer until asked again: " },
    { { "**a", "a*a", "a" }, "3 of 10 probes had no answer until asked again: " },
    { { "**", "a", "a" }, NULL },
    { { "***", "*a", "a" },
      "3 of 8 probes had no answer, 2 of them not when asked again either: " },
};

/* The text of the first finding of a kind; empty if there is none. */
static char *text_of(const struct tf_trace_set *set, enum tf_finding_kind kind)
{
    g_autoptr(GPtrArray) findings = tf_findings_new(tf_trace_set_get(set, 0));

    for (guint i = 0; i < findings->len; i++) {
        const struct tf_finding *finding = findings->pdata[i];
        if (finding->kind == kind)
            return g_strdup(finding->text);
    }
    return g_strdup("");
}

/* The last probe of a path and TTL may still be answered: it counts only if it was. */
static void test_whether_it_was_answered_later(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(repeated); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        for (uint16_t path = 1; path <= 3; path++) {
            asked_repeat(set, &(struct asked){ path, 1, 0, 0 }, 1000, repeated[i].paths[path - 1]);
            asked_repeat(set, &(struct asked){ path, 2, 0, 1 }, 1000, "B");
        }
        g_autofree char *got = text_of(set, TF_FINDING_ASKED_AGAIN);
        const char *want = repeated[i].want;
        check(want == NULL ? got[0] == '\0' : g_str_has_prefix(got, want), "case %zu: %s", i, got);
        tf_trace_set_free(set);
    }
}

/* Where a reply says which path it is of, but not which TTL, some probe was answered. */
static void test_an_answer_without_a_place(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    struct tf_observation reply = asked_reply(&(struct asked){ 1, 1, 0, 0 }, 'a');

    (void)state;
    reply.has_ttl = false;
    asked_repeat(set, &(struct asked){ 1, 1, 0, 0 }, 1000, "*a");
    tf_trace_set_add(set, &reply);
    asked_repeat(set, &(struct asked){ 1, 2, 0, 1 }, 1000, "B");
    g_autofree char *got = found_text(set);
    check(strcmp(got, "") == 0, "%s", got);
    tf_trace_set_free(set);
}

/* Links that are down for a while: their losses come in one burst, as those of limits do. */
static const struct outage {
    const char *name;
    uint16_t paths;
    uint16_t first_lost; /* paths that meet it */
    uint16_t last_lost;
    int64_t step_ms;  /* from path to path */
    int64_t again_ms; /* from attempt to attempt */
    const char *want;
} outages[] = {
    { "at once answered when it is over", 6, 4, 6, 20, 1000, "loss@2 " },
    { "many at once", 40, 11, 20, 20, 1000, "loss@2 " },
    { "three events, each seen at three TTLs", 8, 7, 7, 100, 800, "asked_again@2 " },
};

/* Each path that meets it is answered the fourth time; the last of all is late enough. */
static struct tf_trace_set *trace_outage(const struct outage *outage)
{
    struct tf_trace_set *set = tf_trace_set_new();

    for (uint16_t path = 1; path <= outage->paths; path++)
        for (uint8_t ttl = 1; ttl <= 4; ttl++) {
            const int64_t pause_ms = path > outage->last_lost ? 4 * outage->again_ms : 0;
            const struct asked asked = { path, ttl, 0, path * outage->step_ms + pause_ms + ttl };
            const char answers[] = { '*', '*', '*', "abcD"[ttl - 1], '\0' };
            const bool meets = path >= outage->first_lost && path <= outage->last_lost && ttl > 1;
            asked_repeat(set, &asked, outage->again_ms, meets ? answers : answers + 3);
        }
    return set;
}

static void test_outages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(outages); i++) {
        struct tf_trace_set *set = trace_outage(&outages[i]);
        g_autofree char *got = found_text(set);
        check(strcmp(got, outages[i].want) == 0, "%s: %s", outages[i].name, got);
        tf_trace_set_free(set);
    }
}

/* What was never asked behind the last answer is no silence. */
static void test_a_hole_behind_the_last_answer(void **state)
{
    static const char *const texts[] = { "a b D", "a c D", "a - * *" };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autofree char *got = found_text(set);

    (void)state;
    check(strstr(got, "loss") == NULL, "%s", got);
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_a_single_loss),
        cmocka_unit_test(test_whether_it_was_answered_later),
        cmocka_unit_test(test_outages),
        cmocka_unit_test(test_an_answer_without_a_place),
        cmocka_unit_test(test_a_hole_behind_the_last_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
