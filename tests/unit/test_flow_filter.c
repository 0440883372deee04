/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows remembered in constant memory: none is lost, and few others are taken for one. */
#include "flow_filter.h"

#include "support.h"
#include "traceflow/bytes.h"

enum { ADDED = 1000000, ASKED = 100000 };

static struct tf_flow flow_of(uint32_t number)
{
    uint8_t bytes[4];

    tf_put_u32(bytes, number);
    return (struct tf_flow){ .src = tf_addr_from(4, bytes),
                             .dst = tf_addr_from(4, (const uint8_t[]){ 198, 51, 100, 9 }),
                             .src_port = (uint16_t)(33480 + number % 255),
                             .dst_port = 33480,
                             .protocol = 17 };
}

static void test_none_is_lost(void **state)
{
    struct flow_filter *filter = flow_filter_new();
    unsigned taken = 0;

    (void)state;
    for (uint32_t n = 0; n < ASKED; n++) {
        const struct tf_flow flow = flow_of(n);
        taken += flow_filter_has(filter, &flow);
    }
    check(taken == 0, "an empty filter knows %u flows", taken);
    for (uint32_t n = 0; n < ADDED; n++) {
        const struct tf_flow flow = flow_of(n);
        flow_filter_add(filter, &flow);
    }
    for (uint32_t n = 0; n < ADDED; n++) {
        const struct tf_flow flow = flow_of(n);
        check(flow_filter_has(filter, &flow), "flow %u", n);
    }
    flow_filter_free(filter);
}

/* Two million bits of eight are set, less those that were set before: a fifth, hence a twentieth of
 * all pairs. Thrice that is not met by chance in a hundred thousand. */
static void test_few_others(void **state)
{
    struct flow_filter *filter = flow_filter_new();
    unsigned taken = 0;

    (void)state;
    for (uint32_t n = 0; n < ADDED; n++) {
        const struct tf_flow flow = flow_of(n);
        flow_filter_add(filter, &flow);
    }
    for (uint32_t n = ADDED; n < ADDED + ASKED; n++) {
        const struct tf_flow flow = flow_of(n);
        taken += flow_filter_has(filter, &flow);
    }
    check(taken > 0 && taken < 3 * ASKED / 20, "%u of %u", taken, ASKED);
    flow_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none_is_lost),
        cmocka_unit_test(test_few_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
