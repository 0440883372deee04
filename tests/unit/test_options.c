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
    assert_string_equal(options->destination, "www.example.com");
    assert_string_equal(options->command_line, "traceflow www.example.com");
    assert_null(options->read_file);
    assert_null(options->write_file);
    assert_null(options->output_file);
    assert_null(options->interface);
    assert_null(options->source);
    assert_int_equal(options->format, FORMAT_VERT);
    assert_int_equal(options->paths, 8);
    assert_int_equal(options->first_ttl, 1);
    assert_int_equal(options->max_ttl, 64);
    assert_int_equal(options->attempts, 3);
    assert_int_equal(options->gap_limit, 8);
    assert_int_equal(options->src_base, 33480);
    assert_int_equal(options->dst_base, 33480);
    assert_false(options->has_bases);
    assert_int_equal(options->interval_ns, 0);
    assert_int_equal(options->timeout_ns, TF_NS_PER_S);
    assert_false(options->dont_fragment || options->numeric || options->dedup || options->rtt ||
                 options->debug);
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
        "--rtt --debug 198.51.100.9",
        &error);

    (void)state;
    assert_null(error);
    assert_string_equal(options->destination, "198.51.100.9");
    assert_string_equal(options->interface, "eth0");
    assert_string_equal(options->source, "192.0.2.1");
    assert_string_equal(options->output_file, "out");
    assert_string_equal(options->write_file, "keep.pcapng");
    assert_int_equal(options->format, FORMAT_JSON);
    assert_int_equal(options->paths, 255);
    assert_int_equal(options->first_ttl, 3);
    assert_int_equal(options->max_ttl, 255);
    assert_int_equal(options->attempts, 10);
    assert_int_equal(options->gap_limit, 255);
    assert_int_equal(options->src_base, 0);
    assert_int_equal(options->dst_base, 65535);
    assert_true(options->has_bases);
    assert_int_equal(options->interval_ns, 250 * TF_NS_PER_MS);
    assert_int_equal(options->timeout_ns, 2500 * TF_NS_PER_MS);
    assert_true(options->dont_fragment && options->numeric && options->dedup && options->rtt &&
                options->debug);
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
    { "--paths 1 --srcport 65534 x", 0 },
    { "--format horiz x", 0 },
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        g_autoptr(GError) error = NULL;
        struct options *options = parse(good[i].line, &error);

        check(options != NULL, "%s: %s", good[i].line, error == NULL ? "" : error->message);
        check(options->interval_ns == good[i].interval_ns, "%s: interval", good[i].line);
        check((options->read_file != NULL) != (options->destination != NULL), "%s: one of the two",
              good[i].line);
        options_free(options);
    }
}

struct bad_case {
    const char *line;
    const char *message;
};

static const struct bad_case bad[] = {
    { "", "no destination (try traceflow --help)" },
    { "a b", "destination b: expected one destination" },
    { "-r f x", "-r f: expected no destination beside it" },
    { "-r f -w g", "-w g: expected no -r beside it" },
    { "-w - x", "-w -: expected -o FILE beside it: the report needs a place" },
    { "--paths 0 x", "--paths 0: expected 1 to 255" },
    { "--paths 256 x", "--paths 256: expected 1 to 255" },
    { "--paths many x", "--paths many: expected 1 to 255" },
    { "--paths 8x x", "--paths 8x: expected 1 to 255" },
    { "--paths -1 x", "--paths -1: expected 1 to 255" },
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
    { "--srcport 65528 x", "--srcport 65528: expected 0 to 65527" },
    { "--srcport -2 x", "--srcport -2: expected 0 to 65527" },
    { "--format xml x", "--format xml: expected vert, horiz or json" },
    { "--format  x", "--format : expected vert, horiz or json" },
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
    { "--srcport -1 x", "--srcport -1: expected 0 to 65527" },
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
        cmocka_unit_test(test_defaults),      cmocka_unit_test(test_everything_set),
        cmocka_unit_test(test_good),          cmocka_unit_test(test_bad),
        cmocka_unit_test(test_extreme_paces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
