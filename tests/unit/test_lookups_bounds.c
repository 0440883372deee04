/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups beyond what is usual: many addresses, a silent server, an early end, wrong settings. */
#include "dns_server.h"
#include "lookups_scene.h"
#include "support.h"
#include "traceflow/error.h"

static const struct dns_row silence = { .manner = DNS_SILENT };

/* The last of n addresses is the only responder. */
static void want_many(struct lookups *lookups, unsigned n, struct responders *responders)
{
    struct tf_addr at = { .version = 4 };

    for (unsigned i = 0; i < n; i++) {
        const uint8_t bytes[] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
        at = tf_addr_from(4, bytes);
        lookups_want(lookups, &at);
    }
    add_responder(responders, &at);
}

/* More than are asked at a time: none is forgotten, and each is answered (no such name). */
static void test_many(void **state)
{
    struct dns_server *server = dns_server_start(NULL, 0);
    struct lookups *lookups = open_lookups(dns_server_text(server), LONG_MS);
    struct responders responders = { 0 };

    (void)state;
    want_many(lookups, 1000, &responders);
    wait_until_ready(lookups, &responders);
    check(dns_server_questions(server) == 1000, "%u questions", dns_server_questions(server));
    lookups_free(lookups);
    dns_server_stop(server);
}

/* All are given up together when their time is over, the unasked ones with the asked ones. */
static void test_time_over(void **state)
{
    struct dns_server *server = dns_server_start(&silence, 1);
    struct lookups *lookups = open_lookups(dns_server_text(server), SHORT_MS);
    struct responders responders = { 0 };

    (void)state;
    want_many(lookups, 4000, &responders);
    wait_until_ready(lookups, &responders);
    check(dns_server_questions(server) < 4000, "not all were asked");
    lookups_free(lookups);
    dns_server_stop(server);
}

static void test_given_up(void **state)
{
    struct dns_server *server = dns_server_start(&silence, 1);
    struct lookups *lookups = open_lookups(dns_server_text(server), LONG_MS);
    struct responders responders = { 0 };

    (void)state;
    want_many(lookups, 100, &responders);
    check(!lookups_ready(lookups, &responders.trace), "nobody answers");
    lookups_free(lookups);
    dns_server_stop(server);
}

static void test_no_traces(void **state)
{
    const struct lookups_settings settings = { .names = true, .timeout_ms = LONG_MS };
    struct lookups *lookups = lookups_new(&settings, NULL);
    struct tf_trace_set *traces = tf_trace_set_new();
    struct lookups_found found = { 0 };

    (void)state;
    lookups_wait(lookups, traces, &found);
    check(found.names == NULL && found.asns == NULL, "nobody is asked for");
    tf_trace_set_free(traces);
    lookups_free(lookups);
}

static const struct {
    const char *name;
    struct lookups_settings settings;
    int code;
} refused[] = {
    { "no address", { .asns = true, .asn_server = "ns.example" }, TF_EXIT_USAGE },
    { "no zone", { .asns = true, .asn_zone = "a..b" }, TF_EXIT_USAGE },
    { "no database", { .asns = true, .asn_db = "/nonexistent" }, TF_EXIT_IO },
    { "a database and a server",
      { .asns = true, .asn_db = "/nonexistent", .asn_server = "127.0.0.1" },
      TF_EXIT_USAGE },
    { "a database and a zone",
      { .asns = true, .asn_db = "/nonexistent", .asn_zone = ZONE },
      TF_EXIT_USAGE },
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        g_autoptr(GError) error = NULL;
        check(lookups_new(&refused[i].settings, &error) == NULL, "%s", refused[i].name);
        check(g_error_matches(error, TF_ERROR, refused[i].code), "%s: code", refused[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),     cmocka_unit_test(test_time_over),
        cmocka_unit_test(test_given_up), cmocka_unit_test(test_no_traces),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
