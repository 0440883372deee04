/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Label stacks and MAC addresses from text: what is understood, and what is refused, how. */
#include "support.h"

#include <string.h>

#include "label.h"
#include "traceflow/error.h"

struct stack_case {
    const char *const texts[TF_MPLS_MAX + 2];
    struct label_stack want;
};

static const struct stack_case good[] = {
    { { NULL }, { .entries.depth = 0 } },
    { { "0" }, { { 1, { { 0, 0, 0, true } } }, { false } } },
    { { "1048575:7:255" }, { { 1, { { 1048575, 7, 255, true } } }, { true } } },
    { { "16:3" }, { { 1, { { 16, 3, 0, true } } }, { false } } },
    { { "100:0:1", "200", "300:5:64" },
      { { 3, { { 100, 0, 1, false }, { 200, 0, 0, false }, { 300, 5, 64, true } } },
        { true, false, true } } },
    { { "1", "2", "3", "4", "5", "6", "7", "8" },
      { { 8,
          { { 1, 0, 0, false },
            { 2, 0, 0, false },
            { 3, 0, 0, false },
            { 4, 0, 0, false },
            { 5, 0, 0, false },
            { 6, 0, 0, false },
            { 7, 0, 0, false },
            { 8, 0, 0, true } } },
        { false } } },
};

static void check_stack(size_t row, const struct label_stack *got, const struct label_stack *want)
{
    check(got->entries.depth == want->entries.depth, "row %zu: depth", row);
    for (size_t i = 0; i < tf_mpls_kept(&want->entries); i++) {
        const struct tf_mpls *a = &got->entries.entry[i];
        const struct tf_mpls *b = &want->entries.entry[i];
        check(a->label == b->label && a->tc == b->tc && a->bottom == b->bottom,
              "row %zu, entry %zu", row, i);
        check(got->ttl_given[i] == want->ttl_given[i] && (!want->ttl_given[i] || a->ttl == b->ttl),
              "row %zu, entry %zu: TTL", row, i);
    }
}

static void test_stacks(void **state)
{
    struct label_stack stack;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        check(label_stack_parse(&stack, good[i].texts, NULL), "row %zu", i);
        check_stack(i, &stack, &good[i].want);
    }
    check(label_stack_parse(&stack, NULL, NULL) && stack.entries.depth == 0, "no labels");
}

static const char *const bad_labels[] = {
    "",
    ":",
    "1:",
    "1:2:",
    "1:2:3:4",
    "1048576",
    "-1",
    "+1",
    " 1",
    "1 ",
    "0x10",
    "1:8",
    "1:-1",
    "1:0:0",
    "1:0:256",
    "x",
    "1:x",
    "1::3",
    "99999999999999999999",
};

static void test_refused_labels(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_labels); i++) {
        const char *const texts[] = { "16", bad_labels[i], NULL };
        struct label_stack stack;
        g_autoptr(GError) error = NULL;
        g_autofree char *want = g_strconcat(
            "--mpls ", bad_labels[i],
            ": expected LABEL[:TC[:TTL]], of 0 to 1048575, 0 to 7 and 1 to 255", NULL);

        check(!label_stack_parse(&stack, texts, &error), "%s", bad_labels[i]);
        check(g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: exit status", bad_labels[i]);
        check(strcmp(error->message, want) == 0, "%s: got %s", bad_labels[i], error->message);
    }
}

static void test_too_many_labels(void **state)
{
    const char *const texts[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9", NULL };
    struct label_stack stack;
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_false(label_stack_parse(&stack, texts, &error));
    assert_string_equal(error->message, "--mpls 9: expected 8 labels at most");
}

static void test_macs(void **state)
{
    static const uint8_t want[TF_MAC_LEN] = { 0x02, 0x00, 0xab, 0xCD, 0xef, 0xff };
    static const char *const bad[] = {
        "",
        "02:00:ab:cd:ef",
        "02:00:ab:cd:ef:ff:00",
        "02-00-ab-cd-ef-ff",
        "2:0:ab:cd:ef:ff",
        "02:00:ab:cd:ef:fg",
        "02:00:ab:cd:ef:fff",
        "02:00:ab:cd:ef: f",
        "ff:ff:ff:ff:ff:ff",
        "01:00:5e:00:00:01",
    };
    uint8_t mac[TF_MAC_LEN];

    (void)state;
    assert_true(mac_parse(mac, "02:00:ab:CD:ef:ff", NULL));
    assert_memory_equal(mac, want, TF_MAC_LEN);
    for (size_t i = 0; i < COUNT(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *message = g_strconcat("--gateway-mac ", bad[i],
                                               ": expected the MAC address of one neighbour", NULL);

        check(!mac_parse(mac, bad[i], &error), "%s", bad[i]);
        check(strcmp(error->message, message) == 0, "%s: got %s", bad[i], error->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stacks),
        cmocka_unit_test(test_refused_labels),
        cmocka_unit_test(test_too_many_labels),
        cmocka_unit_test(test_macs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
