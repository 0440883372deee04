/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Observations: the names that reports and fields print, and which replies end a path. */
#include "scene.h"
#include "support.h"

#include <string.h>

#include "traceflow/wire.h"

static void test_evidence_names(void **state)
{
    static const char *const names[] = {
        "none", "tag", "matched", "original", "arithmetic", "none"
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        check(strcmp(tf_evidence_name((enum tf_evidence)i), names[i]) == 0, "%zu", i);
}

static void test_changed_names(void **state)
{
    static const char *const names[] = { "tos", "length",   "ident",    "df",       "src",
                                         "dst", "src_port", "dst_port", "checksum", "flow_label" };

    (void)state;
    assert_int_equal(COUNT(names), TF_CHANGED_COUNT);
    for (unsigned bit = 0; bit < COUNT(names); bit++)
        check(strcmp(tf_changed_name(bit), names[bit]) == 0, "bit %u", bit);
    assert_null(tf_changed_name(TF_CHANGED_COUNT));
    assert_null(tf_changed_name(1000));
}

struct end_case {
    const char *name;
    bool ipv6;
    enum tf_kind kind;
    bool has_icmp;
    uint8_t type;
    uint8_t code;
    bool want;
};

static const struct end_case cases[] = {
    { "a probe", false, TF_KIND_PROBE, false, 0, 0, false },
    { "the destination's UDP", false, TF_KIND_DESTINATION_REPLY, false, 0, 0, true },
    { "Port Unreachable", false, TF_KIND_DESTINATION_REPLY, true, 3, 3, true },
    { "Time Exceeded", false, TF_KIND_HOP_REPLY, true, 11, 0, false },
    { "Net Unreachable", false, TF_KIND_HOP_REPLY, true, 3, 0, true },
    { "Host Unreachable", false, TF_KIND_HOP_REPLY, true, 3, 1, true },
    { "fragmentation needed", false, TF_KIND_HOP_REPLY, true, 3, 4, false },
    { "prohibited", false, TF_KIND_HOP_REPLY, true, 3, 13, true },
    { "Source Quench", false, TF_KIND_HOP_REPLY, true, 4, 0, false },
    { "Parameter Problem", false, TF_KIND_HOP_REPLY, true, 12, 0, false },
    { "ICMPv6 Time Exceeded (type 3!)", true, TF_KIND_HOP_REPLY, true, 3, 0, false },
    { "ICMPv6 Destination Unreachable", true, TF_KIND_HOP_REPLY, true, 1, 0, true },
    { "ICMPv6 address unreachable", true, TF_KIND_HOP_REPLY, true, 1, 3, true },
    { "ICMPv6 Packet Too Big", true, TF_KIND_HOP_REPLY, true, 2, 0, false },
};

static void test_what_ends_a_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct end_case *c = &cases[i];
        struct tf_observation obs = scene_reply(1, 1, 'a');

        obs.kind = c->kind;
        obs.has_icmp = c->has_icmp;
        obs.icmp_type = c->type;
        obs.icmp_code = c->code;
        obs.flow.dst = addr(c->ipv6 ? "2001:db8::9" : "198.51.100.9");
        check(tf_observation_ends_path(&obs) == c->want, "%s", c->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evidence_names),
        cmocka_unit_test(test_changed_names),
        cmocka_unit_test(test_what_ends_a_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
