/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agenda: order by time, then by age, whatever the order of adding; ownership. */
#include "support.h"

#include <stdlib.h>

#include "agenda.h"

enum { ITEMS = 2000 };

struct item {
    int64_t at_ns;
    size_t serial;
};

static size_t freed;

static void free_item(gpointer item)
{
    freed++;
    g_free(item);
}

static void add(struct agenda *agenda, int64_t at_ns, size_t serial)
{
    struct item *item = g_new(struct item, 1);

    *item = (struct item){ at_ns, serial };
    agenda_add(agenda, at_ns, item);
}

static int compare(const void *a, const void *b)
{
    const struct item *x = a;
    const struct item *y = b;

    if (x->at_ns != y->at_ns)
        return x->at_ns < y->at_ns ? -1 : 1;
    return x->serial < y->serial ? -1 : 1;
}

static void test_empty(void **state)
{
    struct agenda *agenda = agenda_new(free_item);
    int64_t at_ns = 42;

    (void)state;
    check(agenda_due_ns(agenda) == INT64_MAX, "nothing is due");
    check(agenda_take(agenda, &at_ns) == NULL, "nothing to take");
    check(at_ns == 42, "no time was written");
    agenda_free(agenda);
    agenda_free(NULL);
}

struct order_case {
    const char *name;
    uint32_t times; /* so many different times: few of them make many ties */
    bool falling;   /* times fall; otherwise they are random */
};

static const struct order_case order_cases[] = {
    { "all at one time", 1, false },
    { "two times", 2, false },
    { "a few times", 17, false },
    { "nearly no ties", UINT32_MAX, false },
    { "each before the last", ITEMS, true },
};

static int64_t time_of(const struct order_case *c, size_t i, uint32_t *seed)
{
    return c->falling ? -(int64_t)i : (int64_t)(next_random(seed) % c->times) - 5;
}

static void check_order(struct agenda *agenda, const struct order_case *c, const struct item *want)
{
    for (size_t i = 0; i < ITEMS; i++) {
        const int64_t due_ns = agenda_due_ns(agenda);
        int64_t at_ns = 0;
        g_autofree struct item *item = agenda_take(agenda, &at_ns);

        check(item != NULL && item->serial == want[i].serial, "%s: item %zu", c->name, i);
        check(at_ns == want[i].at_ns && due_ns == at_ns, "%s: time of item %zu", c->name, i);
    }
}

static void test_order(void **state)
{
    static struct item want[ITEMS];

    (void)state;
    for (size_t i = 0; i < COUNT(order_cases); i++) {
        struct agenda *agenda = agenda_new(free_item);
        uint32_t seed = 7;

        for (size_t j = 0; j < ITEMS; j++) {
            want[j] = (struct item){ time_of(&order_cases[i], j, &seed), j };
            add(agenda, want[j].at_ns, j);
        }
        qsort(want, ITEMS, sizeof want[0], compare);
        check_order(agenda, &order_cases[i], want);
        agenda_free(agenda);
    }
}

/* Adding and taking in turn, as a simulation does: what is taken never lies before what was. */
static void test_in_turn(void **state)
{
    struct agenda *agenda = agenda_new(free_item);
    uint32_t seed = 11;
    int64_t now_ns = 0;
    size_t left = 0;

    (void)state;
    for (size_t i = 0; i < ITEMS; i++, left++) {
        add(agenda, now_ns + next_random(&seed) % 100, i);
        if (next_random(&seed) % 3 == 0)
            continue;
        int64_t at_ns = 0;
        g_autofree struct item *item = agenda_take(agenda, &at_ns);
        check(item != NULL && at_ns == item->at_ns, "take %zu: its time", i);
        check(at_ns >= now_ns, "take %zu: not before the last", i);
        now_ns = at_ns;
        left--;
    }
    freed = 0;
    agenda_free(agenda);
    check(freed == left && left > 0, "%zu of %zu items were freed", freed, left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
