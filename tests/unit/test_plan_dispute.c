/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan where a probe is answered twice: once by its router, once by a liar. */
#include "network.h"
#include "support.h"

#include "traceflow/time.h"

/* Deeper than a path looks ahead. */
enum { LENGTH = 14, LIE_TTL = 2, LIAR_PATH = 1, ROUNDS_MAX = 1000 };

struct dispute_case {
    const char *name;
    bool automatic;
    uint16_t paths;
    uint8_t attempts;
    bool lie_comes_last;
};

static const struct dispute_case cases[] = {
    { "a lie first", false, 3, 3, false },
    { "a lie last", false, 3, 3, true },
    { "a lie first, and no repetitions", false, 3, 1, false },
    { "a lie first, on the scout alone", false, 1, 3, false },
    { "a lie first, number of paths by statistics", true, 255, 3, false },
    { "a lie last, number of paths by statistics", true, 255, 3, true },
};

/* Probes that are out, and what was sent. */
struct scene {
    struct plan *plan;
    struct probe_spec out[512];
    unsigned n_out;
    unsigned asked[256][LENGTH + 16];
};

static struct tf_observation answer_of(const struct probe_spec *spec, uint8_t from, bool is_end)
{
    return (struct tf_observation){
        .kind = is_end ? TF_KIND_DESTINATION_REPLY : TF_KIND_HOP_REPLY,
        .responder = tf_addr_from(4, (const uint8_t[]){ 10, 0, 0, from }),
        .path_id = spec->path_id,
        .has_ttl = true,
        .ttl = spec->ttl,
        .attempt = spec->attempt,
        .has_probe = true,
        .rtt_ns = TF_NS_PER_MS,
    };
}

static bool is_lied_about(const struct probe_spec *spec)
{
    return spec->path_id == LIAR_PATH && spec->ttl == LIE_TTL;
}

static void lie(struct scene *scene, bool comes_last)
{
    for (unsigned i = 0; i < scene->n_out; i++) {
        struct tf_observation obs = answer_of(&scene->out[i], LENGTH, true);
        obs.duplicate = comes_last;
        if (is_lied_about(&scene->out[i]))
            plan_observe(scene->plan, &obs);
    }
}

static void tell_the_truth(struct scene *scene, bool comes_last)
{
    for (unsigned i = 0; i < scene->n_out; i++) {
        const struct probe_spec *spec = &scene->out[i];
        const bool is_end = spec->ttl >= LENGTH;
        struct tf_observation obs = answer_of(spec, is_end ? LENGTH : spec->ttl, is_end);
        obs.duplicate = comes_last && is_lied_about(spec);
        plan_observe(scene->plan, &obs);
    }
}

/* Returns whether the plan is done. */
static bool send(struct scene *scene, int64_t now_ns)
{
    struct probe_spec spec;
    int64_t until_ns = 0;
    enum plan_step step;

    while ((step = plan_next(scene->plan, now_ns, &spec, &until_ns)) == PLAN_SEND) {
        assert_true(scene->n_out < COUNT(scene->out));
        scene->out[scene->n_out++] = spec;
        scene->asked[spec.path_id][spec.ttl]++;
    }
    return step == PLAN_DONE;
}

/* What is sent between the first answer and the second is answered with the next round. */
static bool play(struct scene *scene, const struct dispute_case *c)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        const int64_t now_ns = round * TF_NS_PER_MS;
        if (send(scene, now_ns) && scene->n_out == 0)
            return true;
        if (c->lie_comes_last)
            tell_the_truth(scene, false);
        lie(scene, c->lie_comes_last);
        if (!c->lie_comes_last)
            tell_the_truth(scene, true);
        scene->n_out = 0;
    }
    return false;
}

static void test_the_path_is_followed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct dispute_case *c = &cases[i];
        struct plan_options options = default_plan();
        options.automatic = c->automatic;
        options.confidence = 95;
        options.paths = c->paths;
        options.attempts = c->attempts;
        struct scene scene = { .plan = plan_new(&options) };

        check(play(&scene, c), "%s: does not end", c->name);
        for (unsigned ttl = 1; ttl <= LENGTH; ttl++)
            check(scene.asked[LIAR_PATH][ttl] > 0, "%s: TTL %u not asked", c->name, ttl);
        plan_free(scene.plan);
    }
}

/* Without a second answer, an end is an end: nothing is asked behind it but what was under way. */
static void test_an_undisputed_end(void **state)
{
    struct plan_options options = default_plan();
    struct scene scene = { 0 };
    const struct probe_spec first = { .path_id = LIAR_PATH, .ttl = LIE_TTL };
    struct tf_observation obs = answer_of(&first, LENGTH, true);

    (void)state;
    options.paths = 1;
    scene.plan = plan_new(&options);
    send(&scene, 0);
    const unsigned sent = scene.n_out;
    plan_observe(scene.plan, &obs);
    obs.duplicate = true; /* the network doubles packets, too */
    plan_observe(scene.plan, &obs);
    const struct probe_spec hop = { .path_id = LIAR_PATH, .ttl = 1 };
    obs = answer_of(&hop, 1, false);
    plan_observe(scene.plan, &obs);
    check(send(&scene, TF_NS_PER_MS) && scene.n_out == sent, "asked behind the end");
    plan_free(scene.plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_path_is_followed),
        cmocka_unit_test(test_an_undisputed_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
