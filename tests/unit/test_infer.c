/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inferred cells: what was not probed, where one way on is left; and nothing else. */
#include "scene.h"
#include "support.h"

#include <glib.h>
#include <string.h>

#include "path.h"

enum { PATHS_MAX = 5 };

struct infer_case {
    const char *name;
    const char *texts[PATHS_MAX];
    const char *rows; /* '*' silence, '?' not probed, (x) inferred, '.' at its end; a path a word */
};

static const struct infer_case cases[] = {
    { "all probed", { "a b C" }, "abC." },
    { "one way on, to the end", { "a b C", "a" }, "abC. a(b)(c)." },
    { "the first hop, where all flows showed the same", { "a b C", "- b" }, "abC. (a)b(c)." },
    { "two first hops", { "a b D", "c b D", "- b" }, "abD. cbD. ?b(d)." },
    { "two next hops: the way is open", { "a b D", "a c D", "a - -" }, "abD. acD. a" },
    { "behind an open hop it is known again",
      { "a b d E", "a c d E", "a b" },
      "abdE. acdE. ab(d)(e)." },
    { "the branch that it took is known, the other is none of it",
      { "a b d F", "a c e F", "a c" },
      "abdF. aceF. ac(e)(f)." },
    { "between two answers", { "a b c D", "a - c D" }, "abcD. a(b)cD." },
    { "silence is another way on", { "a b C", "a * C", "a -" }, "abC. a*C. a" },
    { "so is silence at the end", { "a b C", "a * *", "a -" }, "abC. a** a" },
    { "an answer by several", { "a b C", "a b,d C", "a" }, "abC. a!C. a" },
    { "a link that no flow showed", { "a * C", "* b C", "a -" }, "a*C. *bC. a" },
    { "nobody went on from here", { "a b", "c" }, "ab c" },
    { "at another TTL it may go elsewhere", { "a b C", "d a b C", "d a" }, "abC. dabC. da(b)(c)." },
    { "the same router, nearer by one", { "a b C", "d a", "d" }, "abC. da d(a)" },
    { "an end without the destination", { "a b!13", "a" }, "ab. a(b)." },
    { "an end for some, a way for others", { "a b!13", "a b C", "a" }, "ab. abC. a(b)" },
    { "what is behind is nowhere else seen: it may well follow",
      { "a b C", "a - d" },
      "abC. a(b)d" },
    { "what is behind follows only another: taken back",
      { "a b d F", "c e g F", "a - g F" },
      "abdF. cegF. a?gF." },
    { "all that led there by inference, too",
      { "a b d h F", "a b d h F", "c e g i F", "- - - i F" },
      "abdhF. abdhF. cegiF. ???iF." },
    { "what followed an inferred one alone is no ground to infer more",
      { "a b", "a - d F" },
      "ab a(b)dF." },
    { "what is behind follows it on another path, too: kept",
      { "a b d F", "c e d F", "a - d F" },
      "abdF. cedF. a(b)dF." },
    { "behind the end nothing", { "a b C d", "a b C" }, "abC. abC." },
};

static char letter(const struct tf_addr *address)
{
    return (char)('a' + address->bytes[3] - 1);
}

static void append_hop(GString *row, const struct tf_path *path, uint8_t ttl)
{
    const struct tf_addr *inferred = path_inferred_at(path, ttl);
    const struct tf_addr *seen = path_seen_at(path, ttl);
    const struct tf_hop *hop = tf_path_hop(path, ttl);

    if (inferred != NULL)
        g_string_append_printf(row, "(%c)", letter(inferred));
    else if (seen != NULL && hop->replies[0].kind == TF_KIND_DESTINATION_REPLY)
        g_string_append_c(row, (char)(letter(seen) - 'a' + 'A'));
    else if (seen != NULL)
        g_string_append_c(row, letter(seen));
    else if (hop != NULL && hop->n_replies > 0)
        g_string_append_c(row, '!');
    else
        g_string_append_c(row, hop == NULL ? '?' : '*');
}

static char *rows_text(const struct tf_trace *trace)
{
    GString *rows = g_string_new(NULL);

    for (size_t i = 0; i < trace->n_paths; i++) {
        const struct tf_path *path = trace->paths[i];
        if (i > 0)
            g_string_append_c(rows, ' ');
        for (uint8_t ttl = 1; ttl <= tf_path_last_ttl(path); ttl++)
            append_hop(rows, path, ttl);
        if (tf_path_end(path) != 0)
            g_string_append_c(rows, '.');
    }
    return g_string_free(rows, FALSE);
}

static void test_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct infer_case *c = &cases[i];
        struct tf_trace_set *set = scene(c->texts, COUNT(c->texts));
        g_autofree char *rows = rows_text(tf_trace_set_get(set, 0));

        check(strcmp(rows, c->rows) == 0, "%s: %s", c->name, rows);
        tf_trace_set_free(set);
    }
}

/* What was inferred is worked out anew when there is more to see. */
static void test_more_observations_undo_it(void **state)
{
    static const char *const texts[] = { "a b C", "a" };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autofree char *before = rows_text(tf_trace_set_get(set, 0));

    (void)state;
    assert_string_equal(before, "abC. a(b)(c).");
    scene_add(set, 3, "a d C");
    g_autofree char *after = rows_text(tf_trace_set_get(set, 0));
    assert_string_equal(after, "abC. a adC.");
    tf_trace_set_free(set);
}

/* Replies alone do not say what was probed. */
static void test_replies_alone(void **state)
{
    struct tf_trace_set *set = tf_trace_set_new();
    static const char letters[] = "abC";

    (void)state;
    for (uint8_t ttl = 1; ttl <= 3; ttl++) {
        const struct tf_observation reply = scene_reply(1, ttl, letters[ttl - 1]);
        tf_trace_set_add(set, &reply);
    }
    const struct tf_observation first = scene_reply(2, 1, 'a');
    tf_trace_set_add(set, &first);
    g_autofree char *rows = rows_text(tf_trace_set_get(set, 0));
    assert_string_equal(rows, "abC. a");
    tf_trace_set_free(set);
}

/* Cells with one inferred responder are one hop; what is seen at one of them concerns no other. */
static void test_one_of_several_is_seen(void **state)
{
    static const char *const texts[] = { "a b C", "a - C", "a - C" };
    struct tf_trace_set *set = scene(texts, COUNT(texts));
    g_autofree char *before = rows_text(tf_trace_set_get(set, 0));
    const struct tf_observation probe = scene_probe(2, 2);
    const struct tf_observation reply = scene_reply(2, 2, 'd');

    (void)state;
    assert_string_equal(before, "abC. a(b)C. a(b)C.");
    tf_trace_set_add(set, &probe);
    tf_trace_set_add(set, &reply);
    g_autofree char *after = rows_text(tf_trace_set_get(set, 0));
    assert_string_equal(after, "abC. adC. a?C.");
    tf_trace_set_free(set);
}

static void test_reaching(void **state)
{
    static const char *const texts[] = { "a b C", "a", "a b!1" };
    struct tf_trace_set *set = scene(texts, 2);
    const struct tf_trace *trace = tf_trace_set_get(set, 0);

    (void)state;
    check(tf_path_reached(trace->paths[0]) && tf_path_reaches(trace->paths[0]), "observed");
    check(!tf_path_reached(trace->paths[1]) && tf_path_reaches(trace->paths[1]), "inferred");
    check(tf_path_length(trace->paths[1]) == 3, "length %u", tf_path_length(trace->paths[1]));
    tf_trace_set_free(set);

    set = scene(texts + 1, 2);
    trace = tf_trace_set_get(set, 0);
    check(tf_path_end(trace->paths[0]) == 2 && !tf_path_reaches(trace->paths[0]), "a dead end");
    tf_trace_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_more_observations_undo_it),
        cmocka_unit_test(test_one_of_several_is_seen),
        cmocka_unit_test(test_replies_alone),
        cmocka_unit_test(test_reaching),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
