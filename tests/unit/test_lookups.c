/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Origins through the whole chain, from a server on this host: good, forged, broken, silent. */
#include "lookups_scene.h"

#include <glib/gstdio.h>
#include <string.h>

#include "dns_server.h"
#include "mmdb.h"
#include "support.h"
#include "traceflow/report.h"

static const struct dns_row rows[] = {
    { "1.2.0.192.origin." ZONE, "64500 | 192.0.2.0/24 | SE | ripencc | 2001-01-01", DNS_GOOD },
    { "2.2.0.192.origin." ZONE, "64500 | 192.0.2.0/24 | SE | ripencc | 2001-01-01", DNS_GOOD },
    { "AS64500." ZONE, "64500 | SE | ripencc | 2001-01-01 | EXAMPLE-AS - Example, SE", DNS_GOOD },
    { "1.100.51.198.origin." ZONE,
      "64501 | 198.51.0.0/16 | |\n64502 64503 | 198.51.100.0/24 | |\n64504 | 198.0.0.0/8 | |",
      DNS_GOOD },
    { "AS64502." ZONE, "64502 | SE | ripencc | 2001-01-01 \t| LONG\t-NAME", DNS_GOOD },
    { "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6." ZONE,
      "64505 | 2001:db8::/32 | |", DNS_GOOD },
    { "AS64505." ZONE, "64505 | | | | \033[31mred\n64505 | | | | second", DNS_GOOD },
    { "1.113.0.203.origin." ZONE, "0 | 203.0.113.0/24 | |\n64506 | 10.0.0.0/8 | |\nspam",
      DNS_GOOD },
    { "2.113.0.203.origin." ZONE, "64507 | 203.0.113.0/24 | |", DNS_CUT },
    { "3.113.0.203.origin." ZONE, "64508 | 203.0.113.0/24 | |", DNS_FORGED_ID },
    { "AS64508." ZONE, "64509 | | | | ANOTHER", DNS_GOOD },
    { "4.113.0.203.origin." ZONE, "64510 | 203.0.113.0/24 | |", DNS_GOOD },
    { "AS64510." ZONE, "64510 | | | | SILENT", DNS_SILENT },
    { "5.113.0.203.origin." ZONE, "64511 | 203.0.113.0/24 | |", DNS_SILENT },
};

enum { AS64500 = 2 }; /* the row */

struct want {
    const char *address;
    uint32_t number; /* 0: no origin */
    const char *prefix;
    const char *name;
};

static const struct want answered[] = {
    { "192.0.2.1", 64500, "192.0.2.0/24", "EXAMPLE-AS - Example, SE" },
    { "192.0.2.2", 64500, "192.0.2.0/24", "EXAMPLE-AS - Example, SE" },
    { "198.51.100.1", 64502, "198.51.100.0/24", "LONG-NAME" },
    { "2001:db8::1", 64505, "2001:db8::/32", "?[31mred" },
    { "203.0.113.1", 0, NULL, NULL },                 /* forged numbers and prefixes */
    { "203.0.113.3", 64508, "203.0.113.0/24", NULL }, /* the name of another number */
    { "203.0.113.99", 0, NULL, NULL },                /* no such name */
};

static const struct want unanswered[] = {
    { "203.0.113.2", 0, NULL, NULL }, /* cut answers */
    { "203.0.113.5", 0, NULL, NULL },
};

static const struct want half_answered = { "203.0.113.4", 64510, "203.0.113.0/24", NULL };

static void show(struct responders *responders, const struct want *wants, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct tf_addr at = addr(wants[i].address);
        add_responder(responders, &at);
    }
}

static void check_found(const struct lookups_found *found, const struct want *want)
{
    const struct tf_addr at = addr(want->address);
    const struct tf_asn *asn = g_hash_table_lookup(found->asns, &at);

    check((asn != NULL) == (want->number != 0), "%s: found", want->address);
    if (asn == NULL)
        return;
    check(asn->number == want->number, "%s: number %u", want->address, asn->number);
    check(g_strcmp0(asn->prefix, want->prefix) == 0, "%s: %s", want->address, asn->prefix);
    check(g_strcmp0(asn->name, want->name) == 0, "%s: %s", want->address, asn->name);
}

static void check_all(unsigned timeout_ms, const struct want *wants, size_t n)
{
    struct dns_server *server = dns_server_start(rows, COUNT(rows));
    struct lookups *lookups = open_lookups(dns_server_text(server), timeout_ms);
    struct lookups_found found = { 0 };
    struct responders responders = { 0 };

    show(&responders, wants, n);
    lookups_want_trace(lookups, &responders.trace);
    wait_until_ready(lookups, &responders);
    lookups_collect(lookups, &responders.trace, &found);
    check(found.names == NULL, "names were not wanted");
    for (size_t i = 0; i < n; i++)
        check_found(&found, &wants[i]);
    lookups_found_clear(&found);
    lookups_free(lookups);
    dns_server_stop(server);
}

static void test_answered(void **state)
{
    (void)state;
    check_all(LONG_MS, answered, COUNT(answered));
}

static void test_unanswered(void **state)
{
    (void)state;
    check_all(SHORT_MS, unanswered, COUNT(unanswered));
}

/* A number is known before its holder's name is, and does not wait for it. */
static void test_half_answered(void **state)
{
    struct dns_server *server = dns_server_start(rows, COUNT(rows));
    struct lookups *lookups = open_lookups(dns_server_text(server), LONG_MS);
    struct lookups_found found = { 0 };
    struct responders responders = { 0 };

    (void)state;
    show(&responders, &half_answered, 1);
    lookups_want_trace(lookups, &responders.trace);
    do {
        lookups_found_clear(&found);
        lookups_collect(lookups, &responders.trace, &found);
    } while (g_hash_table_size(found.asns) == 0 && !lookups_ready(lookups, &responders.trace));
    check_found(&found, &half_answered);
    check(!lookups_ready(lookups, &responders.trace), "the name is still waited for");
    lookups_found_clear(&found);
    lookups_free(lookups);
    dns_server_stop(server);
}

/* An address is asked for once, however often it is wanted, and the name of a holder, too. */
static void test_asked_once(void **state)
{
    struct dns_server *server = dns_server_start(rows, COUNT(rows));
    struct lookups *lookups = open_lookups(dns_server_text(server), LONG_MS);
    struct responders responders = { 0 };

    (void)state;
    show(&responders, answered, 2);
    for (int i = 0; i < 3; i++) {
        lookups_want_trace(lookups, &responders.trace);
        wait_until_ready(lookups, &responders);
    }
    check(dns_server_questions(server) == 3, "%u questions", dns_server_questions(server));
    check(dns_server_asked(server, AS64500) == 1, "the holder");
    lookups_free(lookups);
    dns_server_stop(server);
}

static void test_database(void **state)
{
    const struct want want = { "10.1.2.3", 64500, "10.0.0.0/8", NULL };
    g_autoptr(GByteArray) data = g_byte_array_new();
    const struct mmdb_record record = { addr("10.0.0.0"), 8, data };
    g_autofree char *name = NULL;
    struct lookups_found found = { 0 };
    struct responders responders = { 0 };

    (void)state;
    mmdb_map(data, 1);
    mmdb_text(data, "autonomous_system_number");
    mmdb_u32(data, 64500);
    g_autoptr(GByteArray) file = mmdb_file(4, &record, 1);
    g_close(g_file_open_tmp("traceflow-XXXXXX.mmdb", &name, NULL), NULL);
    assert_true(g_file_set_contents(name, (const char *)file->data, file->len, NULL));
    const struct lookups_settings settings = { .asns = true,
                                               .asn_db = name,
                                               .timeout_ms = LONG_MS };
    struct lookups *lookups = lookups_new(&settings, NULL);
    g_unlink(name);

    show(&responders, &want, 1);
    lookups_want_trace(lookups, &responders.trace);
    wait_until_ready(lookups, &responders);
    lookups_collect(lookups, &responders.trace, &found);
    check_found(&found, &want);
    lookups_found_clear(&found);
    lookups_free(lookups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered),      cmocka_unit_test(test_unanswered),
        cmocka_unit_test(test_half_answered), cmocka_unit_test(test_asked_once),
        cmocka_unit_test(test_database),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
