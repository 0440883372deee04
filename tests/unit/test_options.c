/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: defaults, what each option sets, and the exact refusal of what is wrong. */
#include "support.h"

#include <string.h>

#include "options.h"
#include "traceflow/error.h"
#include "traceflow/time.h"

/* A command line without the program's name, words separated by spaces. */
static struct options *parse(const char *line, GError **error)
{
    g_autofree char *whole = g_strconcat("traceflow ", line, NULL);
    g_auto(GStrv) words = g_strsplit(g_strchomp(whole), " ", -1);
    const guint n_words = g_strv_length(words);
    g_autofree char **argv = g_memdup2(words, (n_words + 1) *
                                                  sizeof words[0]); /* GOption removes from it */

    return options_parse((int)n_words, argv, error);
}

static void test_defaults(void **state)
{
    g_autoptr(GError) error = NULL;
    struct options *options = parse("www.example.com", &error);

    (void)state;
    assert_null(error);
    assert_string_equal(options->destinations[0], "www.example.com");
    assert_null(options->destinations[1]);
    assert_false(options_several(options));
    assert_string_equal(options->command_line, "traceflow www.example.com");
    assert_null(options->read_file);
    assert_null(options->write_file);
    assert_null(options->output_file);
    assert_null(options->interface);
    assert_null(options->targets_file);
    assert_null(options->asn_db);
    assert_null(options->asn_server);
    assert_null(options->asn_zone);
    assert_int_equal(options->format, FORMAT_VERT);
    assert_true(options->automatic);
    assert_int_equal(options->paths, 255);
    assert_int_equal(options->confidence, 95);
    assert_int_equal(options->version, 0);
    assert_int_equal(options->protocol, TF_IP_PROTO_UDP);
    assert_int_equal(options->tos, 0);
    assert_int_equal(options->labels.entries.depth, 0);
    assert_false(options->has_gateway_mac || options->has_source);
    assert_int_equal(options->first_ttl, 1);
    assert_int_equal(options->max_ttl, 64);
    assert_int_equal(options->attempts, 3);
    assert_int_equal(options->gap_limit, 8);
    assert_int_equal(options->src_base, 33480);
    assert_int_equal(options->dst_base, 33480);
    assert_false(options->has_bases);
    assert_int_equal(options->interval_ns, 0);
    assert_int_equal(options->timeout_ns, TF_NS_PER_S);
    assert_false(options->dont_fragment || options->numeric || options->rtt || options->debug ||
                 options->asn || options->quiet);
    options_free(options);
    options_free(NULL);
}

static void test_everything_set(void **state)
{
    g_autoptr(GError) error = NULL;
    struct options *options = parse(
        "--paths 255 --first-ttl 3 --ttl 255 --attempts 10 --gap-limit 255 "
        "--srcport 0 --dstport 65535 --wait 0.25 --timeout 2.5 -i eth0 "
        "--source 192.0.2.1 --format json -o out -w keep.pcapng --df -n --dedup "
        "--rtt --debug -q -4 --protocol tcp --tos 0xb8 --asn --asn-server 192.0.2.53:5353 "
        "--asn-zone asn.example 198.51.100.9",
        &error);
    struct tf_addr source = addr("192.0.2.1");

    (void)state;
    assert_null(error);
    assert_string_equal(options->destinations[0], "198.51.100.9");
    assert_string_equal(options->asn_server, "192.0.2.53:5353");
    assert_string_equal(options->asn_zone, "asn.example");
    assert_string_equal(options->interface, "eth0");
    assert_true(options->has_source && tf_addr_equal(&options->source, &source));
    assert_string_equal(options->output_file, "out");
    assert_string_equal(options->write_file, "keep.pcapng");
    assert_int_equal(options->format, FORMAT_JSON);
    assert_int_equal(options->rows, TF_ROWS_DISTINCT);
    assert_false(options->automatic);
    assert_int_equal(options->paths, 255);
    assert_int_equal(options->version, 4);
    assert_int_equal(options->protocol, TF_IP_PROTO_TCP);
    assert_int_equal(options->tos, 0xb8);
    assert_int_equal(options->first_ttl, 3);
    assert_int_equal(options->max_ttl, 255);
    assert_int_equal(options->attempts, 10);
    assert_int_equal(options->gap_limit, 255);
    assert_int_equal(options->src_base, 0);
    assert_int_equal(options->dst_base, 65535);
    assert_true(options->has_bases);
    assert_int_equal(options->interval_ns, 250 * TF_NS_PER_MS);
    assert_int_equal(options->timeout_ns, 2500 * TF_NS_PER_MS);
    assert_true(options->dont_fragment && options->numeric && options->rtt && options->debug &&
                options->asn && options->quiet);
    options_free(options);
}

/* How many paths, and under which ports. */
struct paths_case {
    const char *line;
    bool automatic;
    uint16_t paths;
    uint8_t confidence;
    uint16_t dst_base;
};

static const struct paths_case paths_cases[] = {
    { "--paths auto x", true, 255, 95, 33480 },
    { "--max-paths 7 --confidence 99 x", true, 7, 99, 33480 },
    { "--max-paths 32055 --confidence 90 x", true, 32055, 90, 33480 },
    { "--srcport 65500 x", true, 35, 95, 33480 }, /* as many as source ports allow */
    { "--srcport 65534 x", true, 1, 95, 33480 },
    { "--paths 1 --srcport 65534 x", false, 1, 95, 33480 },
    { "--paths 300 x", false, 300, 95, 33480 }, /* high bits in the source port alone */
    { "--paths 65535 --srcport 0 x", false, 65535, 95, 33480 },
    { "--protocol tcp x", true, 255, 95, 443 },
    { "--protocol tcp --dstport 80 x", true, 255, 95, 80 },
    { "--protocol icmp x", true, 255, 95, 33480 },
};

static void test_paths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(paths_cases); i++) {
        const struct paths_case *c = &paths_cases[i];
        g_autoptr(GError) error = NULL;
        struct options *options = parse(c->line, &error);

        check(options != NULL, "%s: %s", c->line, error == NULL ? "" : error->message);
        check(options->automatic == c->automatic, "%s: automatic", c->line);
        check(options->paths == c->paths, "%s: got %u paths", c->line, options->paths);
        check(options->confidence == c->confidence, "%s: confidence", c->line);
        check(options->dst_base == c->dst_base, "%s: port %u", c->line, options->dst_base);
        options_free(options);
    }
}

/* Words and numbers of --tos: RFC 2474, RFC 2597, RFC 3246, RFC 1349. */
struct tos_case {
    const char *text;
    uint8_t tos;
};

static const struct tos_case tos_cases[] = {
    { "0", 0 },          { "255", 255 },       { "0x2e", 0x2e }, { "cs0", 0 },   { "cs7", 0xe0 },
    { "CS1", 0x20 },     { "af11", 0x28 },     { "af43", 0x98 }, { "ef", 0xb8 }, { "lowdelay", 16 },
    { "throughput", 8 }, { "reliability", 4 }, { "mincost", 2 },
};

static void test_tos(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tos_cases); i++) {
        g_autofree char *line = g_strdup_printf("--tos %s x", tos_cases[i].text);
        struct options *options = parse(line, NULL);

        check(options != NULL, "%s: taken", line);
        check(options->tos == tos_cases[i].tos, "%s: got 0x%02x", line, options->tos);
        options_free(options);
    }
}

static void test_several_destinations(void **state)
{
    struct options *options = parse("a b c", NULL);

    (void)state;
    assert_true(options_several(options));
    assert_string_equal(options->destinations[2], "c");
    assert_null(options->destinations[3]);
    options_free(options);
    options = parse("--targets list.txt", NULL);
    assert_true(options_several(options));
    assert_string_equal(options->targets_file, "list.txt");
    assert_null(options->destinations[0]);
    options_free(options);
}

static void test_labels(void **state)
{
    static const uint8_t mac[] = { 2, 0, 0, 0, 0, 0xaf };
    struct options *options = parse("--mpls 16001 --mpls 17:5:9 --gateway-mac 02:00:00:00:00:af x",
                                    NULL);
    const struct tf_mpls_stack *stack = &options->labels.entries;

    (void)state;
    assert_int_equal(stack->depth, 2);
    assert_int_equal(stack->entry[0].label, 16001);
    assert_false(stack->entry[0].bottom);
    assert_int_equal(stack->entry[1].label, 17);
    assert_int_equal(stack->entry[1].tc, 5);
    assert_int_equal(stack->entry[1].ttl, 9);
    assert_true(stack->entry[1].bottom && options->has_gateway_mac);
    assert_memory_equal(options->gateway_mac, mac, sizeof mac);
    options_free(options);
}

/* A source address says which IP version it is. */
static void test_source_decides_the_version(void **state)
{
    struct options *options = parse("--source 2001:db8::1 x", NULL);

    (void)state;
    assert_int_equal(options->version, 6);
    options_free(options);
    options = parse("--asn-db origins.mmdb x", NULL);
    assert_true(options->asn);
    options_free(options);
}

struct good_case {
    const char *line;
    int64_t interval_ns;
};

static const struct good_case good[] = {
    { "--rate 1000 x", 1000000 },
    { "--rate 0.5 x", 2000000000 },
    { "--wait 0 x", 0 },
    { "--wait 3600 x", 3600000000000 },
    { "-r capture.pcapng", 0 },
    { "-r -", 0 },
    { "-w - -o out x", 0 },
    { "--first-ttl 64 x", 0 },
    { "--format horiz x", 0 },
    { "--format ndjson x", 0 },
    { "-6 --source 2001:db8::1 x", 0 },
    { "--mpls 16 -i eth0 --gateway-mac 02:00:00:00:00:01 a b", 0 },
    { "-r - --format ndjson --asn", 0 },
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        g_autoptr(GError) error = NULL;
        struct options *options = parse(good[i].line, &error);

        check(options != NULL, "%s: %s", good[i].line, error == NULL ? "" : error->message);
        check(options->interval_ns == good[i].interval_ns, "%s: interval", good[i].line);
        check((options->read_file != NULL) != (options->destinations[0] != NULL),
              "%s: one of the two", good[i].line);
        options_free(options);
    }
}

static void test_rows(void **state)
{
    static const struct {
        const char *line;
        enum tf_report_rows rows;
    } rows[] = {
        { "--paths auto x", TF_ROWS_BY_CAPTURE },    { "--paths 5 x", TF_ROWS_BY_CAPTURE },
        { "--paths 5 --dedup x", TF_ROWS_DISTINCT }, { "--all-paths x", TF_ROWS_ALL },
        { "-r f --all-paths", TF_ROWS_ALL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        g_autoptr(GError) error = NULL;
        struct options *options = parse(rows[i].line, &error);

        check(options != NULL && options->rows == rows[i].rows, "%s: rows", rows[i].line);
        options_free(options);
    }
}

struct bad_case {
    const char *line;
    const char *message;
};

static const struct bad_case bad[] = {
    { "", "no destination (try traceflow --help)" },
    { "--dedup --all-paths x", "--dedup --all-paths: expected one of the two" },
    { "-r f x", "-r f: expected no destination beside it" },
    { "-r f -w g", "-w g: expected no -r beside it" },
    { "-w - x", "-w -: expected -o FILE beside it: the report needs a place" },
    { "-r f --targets t", "-r f: expected no --targets beside it" },
    { "--targets t x", "--targets t: expected no destination beside it" },
    { "--targets t -w t", "-w t: expected another file than the targets" },
    { "--targets t -o t", "-o t: expected another file than the targets" },
    { "--paths 0 x", "--paths 0: expected 1 to 32055, or auto" },
    { "--paths 32056 x", "--paths 32056: expected 1 to 32055, or auto" },
    { "--paths many x", "--paths many: expected 1 to 32055, or auto" },
    { "--paths 8x x", "--paths 8x: expected 1 to 32055, or auto" },
    { "--paths -1 x", "--paths -1: expected 1 to 32055, or auto" },
    { "--paths 8 --srcport 65528 x", "--paths 8: expected 1 to 7, or auto" },
    { "--max-paths 0 x", "--max-paths 0: expected 1 to 32055" },
    { "--max-paths 9 --srcport 65530 x", "--max-paths 9: expected 1 to 5" },
    { "--paths 8 --max-paths 9 x", "--max-paths 9: expected --paths auto beside it" },
    { "--paths 8 --confidence 99 x", "--confidence 99: expected --paths auto beside it" },
    { "--confidence 98 x", "--confidence 98: expected 90, 95 or 99" },
    { "--protocol sctp x", "--protocol sctp: expected udp, icmp or tcp" },
    { "--protocol icmp --dstport 7 x", "--dstport 7: expected no --protocol icmp beside it" },
    { "--tos 256 x", "--tos 256: expected 0 to 255, cs0 to cs7, af11 to af43, or ef" },
    { "--tos cs8 x", "--tos cs8: expected 0 to 255, cs0 to cs7, af11 to af43, or ef" },
    { "--tos af14 x", "--tos af14: expected 0 to 255, cs0 to cs7, af11 to af43, or ef" },
    { "--tos 0x x", "--tos 0x: expected 0 to 255, cs0 to cs7, af11 to af43, or ef" },
    { "-4 -6 x", "-4 -6: expected one of the two" },
    { "-6 --df x", "--df -6: expected IPv4, as IPv6 has no such bit" },
    { "--source here x", "--source here: expected an IPv4 or IPv6 address" },
    { "-4 --source ::1 x", "--source ::1: expected an IPv4 address" },
    { "-6 --source 192.0.2.1 x", "--source 192.0.2.1: expected an IPv6 address" },
    { "--gateway-mac 02:00:00:00:00:01 x",
      "--gateway-mac 02:00:00:00:00:01: expected --mpls beside it" },
    { "--mpls 16 -i any x", "--mpls 16: expected one interface, not -i any" },
    { "--mpls 16 a b", "--mpls 16: expected -i and --gateway-mac beside several destinations" },
    { "--mpls 16 -i eth0 --targets t",
      "--mpls 16: expected -i and --gateway-mac beside several destinations" },
    { "--ttl 0 x", "--ttl 0: expected 1 to 255" },
    { "--ttl 256 x", "--ttl 256: expected 1 to 255" },
    { "--ttl -1 x", "--ttl -1: expected 1 to 255" },
    { "--first-ttl 0 x", "--first-ttl 0: expected 1 to 64" },
    { "--first-ttl 65 x", "--first-ttl 65: expected 1 to 64" },
    { "--first-ttl 9 --ttl 8 x", "--first-ttl 9: expected 1 to 8" },
    { "--attempts 0 x", "--attempts 0: expected 1 to 10" },
    { "--attempts 11 x", "--attempts 11: expected 1 to 10" },
    { "--gap-limit 0 x", "--gap-limit 0: expected 1 to 255" },
    { "--gap-limit 256 x", "--gap-limit 256: expected 1 to 255" },
    { "--dstport 0 x", "--dstport 0: expected 1 to 65535" },
    { "--dstport 65536 x", "--dstport 65536: expected 1 to 65535" },
    { "--srcport 65535 x", "--srcport 65535: expected 0 to 65534" },
    { "--srcport -2 x", "--srcport -2: expected 0 to 65534" },
    { "--format xml x", "--format xml: expected vert, horiz, json or ndjson" },
    { "--format  x", "--format : expected vert, horiz, json or ndjson" },
    { "--wait 1 --rate 1 x", "--wait and --rate 1: expected one of the two" },
    { "--wait -1 x", "--wait -1: expected 1e-06 to 3600" },
    { "--wait 3601 x", "--wait 3601: expected 1e-06 to 3600" },
    { "--wait nan x", "--wait nan: expected 1e-06 to 3600" },
    { "--wait inf x", "--wait inf: expected 1e-06 to 3600" },
    { "--wait 1s x", "--wait 1s: expected 1e-06 to 3600" },
    { "--wait 0,5 x", "--wait 0,5: expected 1e-06 to 3600" },
    { "--rate 0 x", "--rate 0: expected 0.000277778 to 1e+06" },
    { "--rate 1000001 x", "--rate 1000001: expected 0.000277778 to 1e+06" },
    { "--timeout 0 x", "--timeout 0: expected 0.001 to 3600" },
    { "--timeout soon x", "--timeout soon: expected 0.001 to 3600" },
    { "--no-such-option x", "Unknown option --no-such-option" },
    /* absent is a flag, never -1 in the value: a value of -1 is as wrong as -2 */
    { "--srcport -1 x", "--srcport -1: expected 0 to 65534" },
    { "--dstport -1 x", "--dstport -1: expected 1 to 65535" },
};

static void test_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        g_autoptr(GError) error = NULL;
        struct options *options = parse(bad[i].line, &error);

        options_free(options);
        check(options == NULL, "%s: refused", bad[i].line);
        check(strcmp(error->message, bad[i].message) == 0, "%s: got %s", bad[i].line,
              error->message);
        check(g_error_matches(error, TF_ERROR, TF_EXIT_USAGE), "%s: exit status", bad[i].line);
    }
}

/*
 * Numbers that are positive, but too small for nanoseconds, or too large once inverted: refused, or
 * kept to. An interval of 0 means the adaptive pace, so it is the opposite of a probe in ages.
 */
static void test_extreme_paces(void **state)
{
    static const char *const lines[] = { "--timeout 1e-10 x", "--wait 1e-10 x", "--rate 1e-12 x",
                                         "--rate 1e-300 x" };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        g_autoptr(GError) error = NULL;
        struct options *options = parse(lines[i], &error);
        const bool paced = strstr(lines[i], "--timeout") == NULL;
        const int64_t interval_ns = options == NULL ? 0 : options->interval_ns;
        const bool ok = options == NULL || (options->timeout_ns > 0 && (!paced || interval_ns > 0));

        options_free(options);
        check(ok, "%s: neither refused nor kept to: interval %lld ns", lines[i],
              (long long)interval_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_set),
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_extreme_paces),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_tos),
        cmocka_unit_test(test_several_destinations),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_source_decides_the_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
