/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of quotes: changes on the way, and the errors of those who quote. */
#include "scene.h"
#include "support.h"

#include <glib.h>
#include <string.h>

#include "found.h"

enum { TTLS = 5 };

/* What the quotes of TTL 1 to 5 differ in: hops a to d, and the destination E. */
struct quote_case {
    const char *name;
    uint16_t changed[TTLS];
    const char *want;
};

enum {
    SRC = TF_CHANGED_SRC,
    PORT = TF_CHANGED_SRC_PORT,
    DST = TF_CHANGED_DST,
    SUM = TF_CHANGED_CHECKSUM,
    LEN = TF_CHANGED_LENGTH,
    DF = TF_CHANGED_DF,
    LABEL = TF_CHANGED_FLOW_LABEL,
};

static const struct quote_case quote_cases[] = {
    { "nothing", { 0 }, "" },
    { "a NAT behind b", { 0, 0, SRC | SUM, SRC | SUM, SRC | SUM }, "nat@2:b " },
    { "a NAT in front of a",
      { SRC | SUM, SRC | SUM, SRC | SUM, SRC | SUM, SRC | SUM },
      "nat@1:a " },
    { "a NAT that only the destination sees", { 0, 0, 0, 0, SRC | PORT | SUM }, "nat@4:d " },
    { "the destination misquotes", { 0, 0, 0, 0, PORT }, "quote@5:e " },
    { "a hop misquotes", { 0, SRC, 0, 0, 0 }, "quote@2:b " },
    { "several hops misquote, each in its way",
      { 0, PORT, 0, SRC, DST },
      "quote@2:b quote@4:d quote@5:e " },
    { "two NATs",
      { 0, SRC | SUM, SRC | SUM, SRC | PORT | SUM, SRC | PORT | SUM },
      "nat@1:a nat@3:c " },
    { "a NAT on one of the ways that packets take",
      { 0, DST | SUM, 0, 0, 0 },
      "destination_nat@1:a " },
    { "destination NAT", { 0, 0, 0, DST | SUM, DST | SUM }, "destination_nat@3:c " },
    { "a NAT that repairs its quotes, but for the checksum",
      { 0, 0, SUM, SUM, SUM },
      "repaired_nat@2:b " },
    { "a checksum misquoted", { 0, 0, SUM, 0, 0 }, "quote@3:c " },
    { "length and DF, by who quotes", { LEN, 0, DF, 0, LEN }, "length@1:a df@3:c length@5:e " },
    { "length, from somewhere on", { 0, 0, LEN, LEN, LEN }, "length@2:b " },
    { "flow label", { 0, 0, LABEL, LABEL, LABEL }, "flow_label@2:b " },
};

static struct tf_trace_set *quotes(void (*edit)(struct tf_observation *, const void *, uint8_t),
                                   const void *data)
{
    struct tf_trace_set *set = tf_trace_set_new();

    for (uint8_t ttl = 1; ttl <= TTLS; ttl++) {
        const struct tf_observation probe = scene_probe(1, ttl);
        struct tf_observation reply = scene_reply(1, ttl, "abcdE"[ttl - 1]);
        edit(&reply, data, ttl);
        tf_trace_set_add(set, &probe);
        tf_trace_set_add(set, &reply);
    }
    return set;
}

static void set_changed(struct tf_observation *reply, const void *data, uint8_t ttl)
{
    reply->changed = ((const uint16_t *)data)[ttl - 1];
}

static void test_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(quote_cases); i++) {
        struct tf_trace_set *set = quotes(set_changed, quote_cases[i].changed);
        g_autofree char *got = found_text(set);

        check(strcmp(got, quote_cases[i].want) == 0, "%s: %s", quote_cases[i].name, got);
        tf_trace_set_free(set);
    }
}

/* Sent and quoted TOS, by TTL. */
struct tos_case {
    const char *name;
    uint8_t sent;
    uint8_t quoted[TTLS];
    const char *want;
};

static const struct tos_case tos_cases[] = {
    { "kept", 0xb9, { 0xb9, 0xb9, 0xb9, 0xb9, 0xb9 }, "" },
    { "ECN bleached", 0x01, { 1, 1, 0, 0, 0 }, "ecn_bleached@2:b " },
    { "marked as congested is none of it", 0x01, { 1, 1, 3, 3, 3 }, "" },
    { "DSCP remarked", 0x00, { 0, 0, 0x28, 0x28, 0x28 }, "dscp_remarked@2:b " },
    { "remarked twice",
      0x00,
      { 0, 0x28, 0x28, 0x48, 0x48 },
      "dscp_remarked@1:a dscp_remarked@3:c " },
    { "remarked, and set back", 0x00, { 0, 0x28, 0x28, 0, 0 }, "dscp_remarked@1:a " },
    { "remarked, and set back twice",
      0x00,
      { 0x28, 0x28, 0, 0x48, 0x48 },
      "dscp_remarked@1:a dscp_remarked@3:c " },
    { "both", 0xb9, { 0xb9, 0xb9, 0, 0, 0 }, "ecn_bleached@2:b dscp_remarked@2:b " },
    { "seen by the destination alone", 0x00, { 0, 0, 0, 0, 0x28 }, "dscp_remarked@4:d " },
    { "misquoted, or set back at once", 0xb8, { 0xb8, 0, 0xb8, 0xb8, 0xb8 }, "dscp_remarked@2:b " },
};

static void set_tos(struct tf_observation *reply, const void *data, uint8_t ttl)
{
    const struct tos_case *c = data;

    reply->sent.tos = c->sent;
    reply->quoted_tos = c->quoted[ttl - 1];
}

static void test_tos(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tos_cases); i++) {
        struct tf_trace_set *set = quotes(set_tos, &tos_cases[i]);
        g_autofree char *got = found_text(set);

        check(strcmp(got, tos_cases[i].want) == 0, "%s: %s", tos_cases[i].name, got);
        tf_trace_set_free(set);
    }
}

struct ident_case {
    const char *name;
    enum tf_ident_fault faults[TTLS];
    const char *want;
};

static const struct ident_case ident_cases[] = {
    { "each router its own way",
      { TF_IDENT_ZEROED, TF_IDENT_PLUS_ONE, TF_IDENT_SWAPPED, TF_IDENT_INTACT, TF_IDENT_OTHER },
      "ident@1:a ident@2:b ident@3:c ident@5:e " },
    { "rewritten on the way",
      { TF_IDENT_INTACT, TF_IDENT_INTACT, TF_IDENT_ZEROED, TF_IDENT_ZEROED, TF_IDENT_ZEROED },
      "ident@2:b " },
};

static void set_fault(struct tf_observation *reply, const void *data, uint8_t ttl)
{
    reply->ident_fault = ((const enum tf_ident_fault *)data)[ttl - 1];
}

static void test_idents(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ident_cases); i++) {
        struct tf_trace_set *set = quotes(set_fault, ident_cases[i].faults);
        g_autofree char *got = found_text(set);

        check(strcmp(got, ident_cases[i].want) == 0, "%s: %s", ident_cases[i].name, got);
        tf_trace_set_free(set);
    }
}

/* Flows that were not asked at all TTLs add nothing to what others show exactly. */
static void test_where_flows_skip_ttls(void **state)
{
    static const struct {
        const char *name;
        uint8_t skipped[2]; /* TTLs, of the two paths */
        const char *want;
    } cases[] = {
        { "asked everywhere", { 0, 0 }, "nat@2:b " },
        { "one was not asked before it", { 0, 2 }, "nat@2:b " },
        { "one was not asked at the first", { 0, 3 }, "nat@2:b " },
        { "neither was: somewhere behind a", { 2, 2 }, "nat@1:a " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tf_trace_set *set = tf_trace_set_new();
        for (uint16_t path = 1; path <= 2; path++)
            for (uint8_t ttl = 1; ttl <= TTLS; ttl++) {
                const struct tf_observation probe = scene_probe(path, ttl);
                struct tf_observation reply = scene_reply(path, ttl, "abcdE"[ttl - 1]);
                if (ttl == cases[i].skipped[path - 1])
                    continue;
                reply.changed = ttl > 2 ? SRC | SUM : 0;
                tf_trace_set_add(set, &probe);
                tf_trace_set_add(set, &reply);
            }
        g_autofree char *got = found_text(set);
        check(strcmp(got, cases[i].want) == 0, "%s: %s", cases[i].name, got);
        tf_trace_set_free(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_tos),
        cmocka_unit_test(test_idents),
        cmocka_unit_test(test_where_flows_skip_ttls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
