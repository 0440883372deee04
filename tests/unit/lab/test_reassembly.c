/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reassembly: order, duplicates, overlaps, gaps, time and how many at once; whatever comes, a
 * datagram that is handed out is right. */
#include "pieces.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

/* A fragment that comes, and whether the datagram is whole then. */
struct step {
    size_t start;
    size_t len;
    bool more;
    bool is_whole;
    bool is_other;
    int64_t at_ns;
};

/* START, LEN, and what else is not 0. */
#define MORE(START, ...)                                                                           \
    {                                                                                              \
        .start = START, .more = true, .len = __VA_ARGS__                                           \
    }
#define LAST(START, ...)                                                                           \
    {                                                                                              \
        .start = START, .len = __VA_ARGS__                                                         \
    }
#define WHOLE .is_whole = true

struct order_case {
    const char *name;
    struct step steps[6]; /* to the first of no length */
};

#define SECONDS(N) ((N)*TF_NS_PER_S)

static const struct order_case order_cases[] = {
    { "in order", { MORE(0, 16), MORE(16, 8), LAST(24, 5, WHOLE) } },
    { "backwards", { LAST(24, 5), MORE(16, 8), MORE(0, 16, WHOLE) } },
    { "the middle at last", { LAST(24, 5), MORE(0, 16), MORE(16, 8, WHOLE) } },
    { "a duplicate of the first", { MORE(0, 8), MORE(0, 8), LAST(8, 8, WHOLE) } },
    { "a duplicate of the last", { LAST(8, 3), LAST(8, 3), MORE(0, 8, WHOLE) } },
    { "a duplicate of what is whole, which begins another",
      { MORE(0, 8), LAST(8, 8, WHOLE), LAST(8, 8), MORE(0, 8, WHOLE) } },
    { "a gap", { MORE(0, 8), LAST(16, 8) } },
    { "no beginning", { MORE(8, 8), LAST(16, 8) } },
    { "no end", { MORE(0, 8), MORE(8, 8) } },
    { "an overlap, then what would do", { MORE(0, 16), MORE(8, 16), LAST(16, 8), MORE(0, 16) } },
    { "one inside of another", { MORE(0, 24), MORE(8, 8), LAST(24, 8) } },
    { "one around another", { MORE(8, 8), MORE(0, 24), LAST(24, 8) } },
    { "the same beginning", { MORE(0, 8), MORE(0, 16), LAST(16, 8), LAST(8, 16) } },
    { "the same place, other bytes", { MORE(0, 8), MORE(0, 8, .is_other = true), LAST(8, 8) } },
    { "an end before what has come", { MORE(0, 8), MORE(16, 8), LAST(8, 8) } },
    { "more after the end", { LAST(8, 8), MORE(16, 8), MORE(0, 8) } },
    { "two ends", { LAST(8, 8), LAST(16, 8), MORE(0, 8) } },
    { "the end, and then not", { LAST(8, 8), MORE(8, 8), MORE(0, 8) } },
    { "not the end, and then it is", { MORE(8, 8), LAST(8, 8), MORE(0, 8) } },
    { "an odd length, then the right one", { MORE(0, 9), MORE(0, 16), LAST(16, 1, WHOLE) } },
    { "beyond the largest packet, then not",
      { MORE(0, 8), MORE(9208, 8), LAST(65528, 8), LAST(8, 8, WHOLE) } },
    { "just in time", { MORE(0, 8), LAST(8, 8, WHOLE, .at_ns = SECONDS(30) - 1) } },
    { "spoilt, and again after its time",
      { MORE(0, 8), MORE(0, 16), MORE(0, 8, .at_ns = SECONDS(60)),
        LAST(8, 8, WHOLE, .at_ns = SECONDS(60)) } },
};

static void check_order(const struct order_case *c, uint8_t version)
{
    struct reassembly *reassembly = reassembly_new(g_free);
    size_t data_len = 0; /* by the last one */

    for (const struct step *step = c->steps; step->len > 0; step++) {
        const struct piece piece = {
            version, step->start, step->len, step->more, step->is_other, 0
        };
        struct reassembled whole;
        const bool is_whole = add_piece(reassembly, step->at_ns, &piece, &whole);

        check(is_whole == step->is_whole, "%s: IPv%u, step %td", c->name, version, step - c->steps);
        if (!step->more)
            data_len = step->start + step->len;
        if (is_whole)
            check_reassembled(c->name, &whole, version, data_len);
    }
    reassembly_free(reassembly);
}

static void test_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(order_cases); i++) {
        check_order(&order_cases[i], 4);
        check_order(&order_cases[i], 6);
    }
    reassembly_free(NULL);
}

static void test_life(void **state)
{
    const struct {
        int64_t now_ns;
        uint8_t version;
        bool want;
    } cases[] = { { SECONDS(30) - 1, 4, true },
                  { SECONDS(30), 4, false },
                  { SECONDS(60) - 1, 6, true },
                  { SECONDS(60), 6, false } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reassembly *reassembly = reassembly_new(g_free);
        const struct piece first = { cases[i].version, .len = 8, .more = true };
        const struct piece last = { cases[i].version, .start = 8, .len = 8 };
        struct reassembled whole;

        check(!add_piece(reassembly, 0, &first, &whole), "case %zu: first", i);
        check(add_piece(reassembly, cases[i].now_ns, &last, &whole) == cases[i].want, "case %zu",
              i);
        reassembly_free(reassembly);
    }
}

/* One more than the table holds: the oldest is given up, the second is not. */
static void test_bound(void **state)
{
    struct reassembly *reassembly = reassembly_new(g_free);
    struct piece piece = { 4, .len = 8, .more = true };
    struct reassembled whole;

    (void)state;
    for (unsigned i = 0; i <= REASSEMBLY_MAX; i++) {
        piece.serial = (uint8_t)i;
        check(!add_piece(reassembly, i, &piece, &whole), "datagram %u", i);
    }
    piece = (struct piece){ 4, .start = 8, .len = 8, .serial = 1 };
    check(add_piece(reassembly, 99, &piece, &whole), "the second");
    piece.serial = 0;
    check(!add_piece(reassembly, 99, &piece, &whole), "the oldest");
    reassembly_free(reassembly);
}

/* Few places and many fragments, so that all that can go wrong does; what is handed out is right.
 */
static void test_random(void **state)
{
    struct reassembly *reassembly = reassembly_new(g_free);
    unsigned wholes = 0;
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        const struct piece piece = { .version = next_random(&seed) % 2 ? 4 : 6,
                                     .start = next_random(&seed) % 4 * 8,
                                     .len = 1 + next_random(&seed) % 16,
                                     .more = next_random(&seed) % 4 > 0,
                                     .serial = (uint8_t)(next_random(&seed) % 128) };
        struct reassembled whole;
        if ((piece.start == 0 && !piece.more) ||
            !add_piece(reassembly, round * TF_NS_PER_MS, &piece, &whole))
            continue;
        const size_t data_len = whole.len - (piece.version == 6 ? 40 : 20);
        struct whole want = whole_of(piece.version, data_len);
        if (piece.version == 4) {
            tf_put_u16(want.bytes + TF_IPV4_IDENT, (uint16_t)(WHOLE_IDENT + piece.serial));
            seal_ipv4(want.bytes);
        }
        check(memcmp(whole.packet, want.bytes, want.len) == 0, "round %d", round);
        wholes++;
    }
    check(wholes > 100, "%u datagrams", wholes);
    reassembly_free(reassembly);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
