/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Origins as texts: questions, answers good and forged, names made harmless; server and zone. */
#include "asn_server.h"
#include "asn_text.h"
#include "support.h"
#include "traceflow/error.h"

#define V6    "2001:db8:1::2f"
#define NINES "999999999999999999999999999999"

static const struct {
    const char *address;
    const char *question;
} questions[] = {
    { "192.0.2.130", "130.2.0.192.origin.asn.example" },
    { "2001:db8::a1",
      "1.a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6.asn.example" },
};

static void test_questions(void **state)
{
    char question[ASN_QUESTION_LEN];

    (void)state;
    for (size_t i = 0; i < COUNT(questions); i++) {
        const struct tf_addr at = addr(questions[i].address);
        asn_origin_question(&at, "asn.example", question);
        check(g_strcmp0(question, questions[i].question) == 0, "%s: %s", questions[i].address,
              question);
    }
    asn_name_question(4200000000, "asn.example", question);
    check(g_strcmp0(question, "AS4200000000.asn.example") == 0, "AS: %s", question);
}

static void test_longest_question(void **state)
{
    g_autofree char *zone = g_strnfill(ASN_ZONE_MAX, 'z');
    const struct tf_addr at = addr(V6);
    char question[ASN_QUESTION_LEN];

    (void)state;
    asn_origin_question(&at, zone, question);
    check(g_str_has_suffix(question, zone), "nothing is cut: %s", question);
}

static const struct {
    const char *name;
    const char *text;
    const char *address;
    bool want;
    struct asn_origin origin;
} origins[] = {
    { "as documented",
      "64500 | 192.0.2.0/24 | SE | ripencc | 2001-01-01",
      "192.0.2.1",
      true,
      { 64500, true, 24 } },
    { "IPv6", "64500 | 2001:db8::/32 | SE | ripencc | ", V6, true, { 64500, true, 32 } },
    { "several origins",
      "64501 64500 | 192.0.2.0/24 | | |",
      "192.0.2.1",
      true,
      { 64501, true, 24 } },
    { "no blanks", "64500|192.0.2.0/24|SE", "192.0.2.1", true, { 64500, true, 24 } },
    { "the number alone", "64500", "192.0.2.1", true, { .number = 64500 } },
    { "no prefix", "64500 | | SE", "192.0.2.1", true, { .number = 64500 } },
    { "one address", "1 | 192.0.2.1/32 |", "192.0.2.1", true, { 1, true, 32 } },
    { "the largest number",
      "4294967295 | 192.0.2.0/24",
      "192.0.2.1",
      true,
      { 4294967295, true, 24 } },
    { "nothing", "", "192.0.2.1", false, { 0 } },
    { "only bars", "||||", "192.0.2.1", false, { 0 } },
    { "not announced", "NA | 192.0.2.0/24 | SE", "192.0.2.1", false, { 0 } },
    { "number 0", "0 | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "33 bits", "4294967296 | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "many digits", NINES " | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "negative", "-1 | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "a sign", "+1 | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "hexadecimal", "0x10 | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "letters behind", "64500x | 192.0.2.0/24", "192.0.2.1", false, { 0 } },
    { "another network", "64500 | 198.51.100.0/24", "192.0.2.1", false, { 0 } },
    { "the other family", "64500 | 192.0.2.0/24", V6, false, { 0 } },
    { "bits beyond the prefix", "64500 | 192.0.2.1/24", "192.0.2.1", false, { 0 } },
    { "33 bits of IPv4", "64500 | 192.0.2.1/33", "192.0.2.1", false, { 0 } },
    { "129 bits of IPv6", "64500 | 2001:db8::/129", V6, false, { 0 } },
    { "a length of many digits", "64500 | 192.0.2.0/" NINES, "192.0.2.1", false, { 0 } },
    { "two lengths", "64500 | 192.0.2.0/24/24", "192.0.2.1", false, { 0 } },
    { "no length", "64500 | 192.0.2.1", "192.0.2.1", false, { 0 } },
    { "no such prefix", "64500 | \033[2J", "192.0.2.1", false, { 0 } },
};

static void test_origins(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(origins); i++) {
        const struct tf_addr at = addr(origins[i].address);
        struct asn_origin origin = { 0 };

        check(asn_origin_parse(origins[i].text, &at, &origin) == origins[i].want, "%s",
              origins[i].name);
        check(origin.number == origins[i].origin.number, "%s: number %u", origins[i].name,
              origin.number);
        check(origin.has_prefix == origins[i].origin.has_prefix &&
                  origin.prefix_len == origins[i].origin.prefix_len,
              "%s: prefix of %u bits", origins[i].name, origin.prefix_len);
    }
}

/* Best first. */
static const struct asn_origin by_rank[] = {
    { 64501, true, 24 }, { 64502, true, 24 }, { 64500, true, 16 },
    { 64499, false, 0 }, { 64500, false, 0 },
};

static void test_precedence(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(by_rank); i++)
        for (size_t j = 0; j < COUNT(by_rank); j++)
            check(asn_origin_precedes(&by_rank[i], &by_rank[j]) == (i < j), "%zu before %zu", i, j);
}

static const struct {
    const char *name;
    const char *text;
    const char *want;
} holders[] = {
    { "as documented", "64500 | SE | ripencc | 2001-01-01 | EXAMPLE-AS - Example, SE",
      "EXAMPLE-AS - Example, SE" },
    { "bars in the name", "64500 | SE | ripencc | | A | B", "A | B" },
    { "an escape sequence", "64500 | | | | \033]0;title\007", "?]0;title?" },
    { "another number", "64501 | SE | ripencc | 2001-01-01 | EXAMPLE", NULL },
    { "number 0", "0 | SE | ripencc | 2001-01-01 | EXAMPLE", NULL },
    { "no name", "64500 | SE | ripencc | 2001-01-01 | ", NULL },
    { "too few fields", "64500 | SE | ripencc | 2001-01-01", NULL },
    { "nothing", "", NULL },
};

static void test_holders(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(holders); i++) {
        g_autofree char *name = asn_name_parse(holders[i].text, 64500);
        check(g_strcmp0(name, holders[i].want) == 0, "%s: %s", holders[i].name, name);
    }
}

#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *name;
    const char *given;
    const char *want;
} names[] = {
    { "blanks and commas", "Example Networks, Inc. \"X\"", "Example Networks, Inc. \"X\"" },
    { "blanks around", "  a  ", "a" },
    { "a UTF-8 letter", "Universit\xc3\xa9", "Universit?" },
    { "writing from right to left",
      "a\xe2\x80\xae"
      "b",
      "a?b" },
    { "a broken UTF-8 sequence",
      "a\xe2"
      "b\x80",
      "a?b" },
    { "C1 control characters, as UTF-8 and alone",
      "a\xc2\x9b"
      "b\x9b"
      "c",
      "a?bc" },
    { "lines, tabs, delete", "a\r\nb\tc\x7f", "a??b?c?" },
    { "a name cut at its limit", X64 "yyy", X64 },
    { "a blank at the limit",
      "a" /* 63 blanks */
      "                                                               b",
      "a" },
    { "only blanks", "   ", NULL },
    { "nothing", "", NULL },
};

static void test_clean(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        g_autofree char *name = asn_name_clean(names[i].given, strlen(names[i].given));
        check(g_strcmp0(name, names[i].want) == 0, "%s: %s", names[i].name, name);
    }
}

static const struct {
    const char *address;
    unsigned len;
    const char *want;
} prefixes[] = {
    { "192.0.2.255", 24, "192.0.2.0/24" },     { "192.0.2.255", 25, "192.0.2.128/25" },
    { "192.0.2.255", 32, "192.0.2.255/32" },   { "192.0.2.255", 0, "0.0.0.0/0" },
    { "192.0.2.255", 1, "128.0.0.0/1" },       { "2001:db8:ffff::1", 33, "2001:db8:8000::/33" },
    { "2001:db8::1", 128, "2001:db8::1/128" },
};

static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        const struct tf_addr at = addr(prefixes[i].address);
        g_autofree char *text = asn_prefix_text(&at, prefixes[i].len);
        check(g_strcmp0(text, prefixes[i].want) == 0, "%s: %s", prefixes[i].want, text);
    }
}

static const struct {
    const char *text;
    const char *address; /* NULL: refused */
    uint16_t port;
} servers[] = {
    { "192.0.2.53", "192.0.2.53", 53 },
    { "192.0.2.53:5353", "192.0.2.53", 5353 },
    { "2001:db8::53", "2001:db8::53", 53 },
    { "[2001:db8::53]", "2001:db8::53", 53 },
    { "[2001:db8::53]:5353", "2001:db8::53", 5353 },
    { "", NULL, 0 },
    { "ns.example", NULL, 0 },
    { "192.0.2.53:0", NULL, 0 },
    { "192.0.2.53:65536", NULL, 0 },
    { "192.0.2.53:dns\033", NULL, 0 },
    { "192.0.2", NULL, 0 },
    { "[2001:db8::53", NULL, 0 },
};

static void test_servers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++) {
        g_autoptr(GError) error = NULL;
        struct asn_server server = { 0 };
        const bool ok = asn_server_parse(servers[i].text, &server, &error);

        check(ok == (servers[i].address != NULL), "%s", servers[i].text);
        if (!ok) {
            check(g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: usage", servers[i].text);
            continue;
        }
        const struct tf_addr want = addr(servers[i].address);
        check(tf_addr_equal(&server.addr, &want), "%s: address", servers[i].text);
        check(server.port == servers[i].port, "%s: port %u", servers[i].text, server.port);
    }
}

static const struct {
    const char *zone;
    bool want;
} zones[] = {
    { "asn.cymru.com", true },
    { "origins", true },
    { "a_b-c.example", true },
    { "", false },
    { ".", false },
    { "a..b", false },
    { ".example", false },
    { "example.", false },
    { "a b.example", false },
    { "a\n.example", false },
    { "caf\xc3\xa9", false },
    { X64 ".example", false },
};

static void test_zones(void **state)
{
    g_autofree char *long_zone = g_strdup("a");

    (void)state;
    for (size_t i = 0; i < COUNT(zones); i++) {
        g_autoptr(GError) error = NULL;
        check(asn_zone_check(zones[i].zone, &error) == zones[i].want, "%s", zones[i].zone);
        check(zones[i].want || g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: usage",
              zones[i].zone);
    }
    while (strlen(long_zone) <= ASN_ZONE_MAX) {
        check(asn_zone_check(long_zone, NULL), "%zu characters", strlen(long_zone));
        char *longer = g_strconcat(long_zone, ".a", NULL);
        g_free(long_zone);
        long_zone = longer;
    }
    check(!asn_zone_check(long_zone, NULL), "%zu characters", strlen(long_zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions), cmocka_unit_test(test_longest_question),
        cmocka_unit_test(test_origins),   cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_holders),   cmocka_unit_test(test_clean),
        cmocka_unit_test(test_prefixes),  cmocka_unit_test(test_servers),
        cmocka_unit_test(test_zones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
