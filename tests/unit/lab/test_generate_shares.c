/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Generated networks as a whole: as many diamonds, silent and lossy routers as were asked for, and
 * branches that are used evenly and independently. */
#include "lab_network.h"

#include <math.h>

#include "chance.h"

/* Whether a share lies within five standard deviations. */
static void check_share(unsigned got, unsigned of, double share, const char *what)
{
    const double deviation = sqrt(of * share * (1 - share));

    check(fabs(got - of * share) <= 5 * deviation + 1, "%s: %u of %u, not %.0f", what, got, of,
          of * share);
}

static void test_shares(void **state)
{
    const struct lab_network network = { "shares", 100000, 14, 14, 4, 2, 300000, 1 };
    const struct generate generate = lab_generate(&network);
    unsigned routers = 0;
    unsigned silent = 0;
    unsigned lossy = 0;
    unsigned diamonds = 0;

    (void)state;
    for (uint32_t i = 0; i < lab_router_numbers(&generate); i++) {
        const uint32_t node = generate_node(&generate, false, i);
        if (node == NODE_NONE)
            continue;
        const struct traits *traits = generate_traits(&generate, node);
        routers++;
        silent += traits->silent;
        lossy += traits->loss_ppm > 0;
        diamonds += i % LAB_GROUP == 1; /* the first router of the first branch */
    }
    check_share(silent, routers, 0.1, "silent routers");
    check_share(lossy, routers, 0.9 * 0.2, "lossy routers that are not silent");
    check_share(diamonds, generate.first_group[13], 0.3, "diamonds"); /* the last stage has none */
}

struct everywhere_case {
    const char *name;
    uint32_t silent_ppm;
    uint32_t lossy_ppm;
};

static const struct everywhere_case everywhere_cases[] = {
    { "none", 0, 0 },
    { "all silent", 1000000, 0 },
    { "all lossy", 0, 1000000 },
};

static void test_all_or_none(void **state)
{
    const struct lab_network network = { "all or none", 5000, 6, 14, 4, 2, 300000, 1 };

    (void)state;
    for (size_t i = 0; i < COUNT(everywhere_cases); i++) {
        const struct everywhere_case *c = &everywhere_cases[i];
        struct generate generate = lab_generate(&network);

        generate.silent_ppm = c->silent_ppm;
        generate.lossy_ppm = c->lossy_ppm;
        for (uint32_t j = 0; j < lab_router_numbers(&generate); j += LAB_GROUP) {
            const struct traits *traits = generate_traits(&generate, NODE_GENERATED | j);
            check(traits->silent == (c->silent_ppm > 0), "%s: silent", c->name);
            check((traits->loss_ppm > 0) == (c->lossy_ppm > 0), "%s: lossy", c->name);
        }
        const struct traits *host = generate_traits(&generate, generate_node(&generate, true, 0));
        check(host == &generate.host, "%s: a host", c->name);
    }
}

enum { FLOWS = 16000, STAGES = 8, BRANCHES_MAX = 16 };

/* How many flows took a branch of a stage, and of the next one as well. */
struct census {
    unsigned one[STAGES][BRANCHES_MAX];
    unsigned both[STAGES][BRANCHES_MAX][BRANCHES_MAX];
};

static void count_flow(struct census *census, const struct generate *generate, uint32_t hash)
{
    const struct lab_way way = lab_way(generate, generate_node(generate, true, 0), hash, "row");
    unsigned branch[STAGES] = { 0 };

    for (size_t i = 0; i < way.len; i++) {
        const uint32_t number = generate_number(way.node[i]);
        if (!generate_is_host(generate, way.node[i]) && number % LAB_GROUP != 0)
            branch[number / LAB_GROUP] = (number % LAB_GROUP - 1) / 4;
    }
    for (size_t i = 0; i < STAGES; i++) {
        census->one[i][branch[i]]++;
        if (i + 1 < STAGES)
            census->both[i][branch[i]][branch[i + 1]]++;
    }
}

/* The branches of a stage: those that exist, and no others, are taken. */
static unsigned width_of(const struct census *census, const struct generate *generate,
                         uint32_t stage)
{
    unsigned width = 0;

    for (uint32_t i = 0; i < BRANCHES_MAX; i++) {
        const bool is_there = generate_node(generate, false, stage * LAB_GROUP + 1 + i * 4) !=
                              NODE_NONE;
        check(is_there == (census->one[stage][i] > 0), "branch %u of stage %u", i, stage);
        width += is_there;
    }
    return width;
}

/* One destination behind a row of diamonds: each one's branches get about equally many flows, and
 * what one balancer chooses says nothing about the next. */
static void test_even_branches(void **state)
{
    static struct census census;
    const struct lab_network network = { "row", 1, STAGES, STAGES, BRANCHES_MAX, 1, 1000000, 10 };
    const struct generate generate = lab_generate(&network);

    (void)state;
    for (uint32_t i = 0; i < FLOWS; i++)
        count_flow(&census, &generate, (uint32_t)chance_mix(i));
    for (uint32_t i = 0; i + 2 < STAGES; i++) {
        const unsigned width = width_of(&census, &generate, i);
        const unsigned next = width_of(&census, &generate, i + 1);
        check(width >= 2, "stage %u has %u branches", i, width);
        for (unsigned j = 0; j < width; j++) {
            check_share(census.one[i][j], FLOWS, 1.0 / width, "flows of a branch");
            for (unsigned k = 0; k < next; k++)
                check_share(census.both[i][j][k], FLOWS, 1.0 / (width * next), "of two branches");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_even_branches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
