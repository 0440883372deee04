/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lab's resolver: whole answers to whole queries, and what it makes of broken ones. */
#include "support.h"

#include <arpa/nameser.h>
#include <string.h>

#include "dns.h"
#include "named.h"
#include "traceflow/bytes.h"

#define ID 0x12, 0x34
/* recursion desired; in answers authoritative, recursion available */
#define ASK        ID, 1, 0
#define SAY(rcode) ID, 0x85, 0x80 | (rcode)
/* questions, answers, authorities, additionals */
#define COUNTS(qd, an, ar) 0, qd, 0, an, 0, 0, 0, ar

#define EXAMPLE          7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0
#define R0               2, 'r', '0', EXAMPLE
#define WWW              3, 'w', 'w', 'w', EXAMPLE
#define NAT              3, 'n', 'a', 't', EXAMPLE
#define NOBODY           6, 'n', 'o', 'b', 'o', 'd', 'y', EXAMPLE
#define IN_ADDR          7, 'i', 'n', '-', 'a', 'd', 'd', 'r', 4, 'a', 'r', 'p', 'a', 0
#define IN_ADDR_CAPITALS 7, 'I', 'N', '-', 'A', 'D', 'D', 'R', 4, 'A', 'R', 'P', 'A', 0
#define IP6              3, 'i', 'p', '6', 4, 'a', 'r', 'p', 'a', 0
#define NIBBLES          1, '0', 1, '0', 1, '0', 1, '0'
/* 2001:db8::2, but for its last digit */
#define DIGITS6                                                                                    \
    1, '0', 1, '0', 1, '0', NIBBLES, NIBBLES, NIBBLES, NIBBLES, NIBBLES, 1, '8', 1, 'b', 1, 'D',   \
        1, '0', 1, '1', 1, '0', 1, '0', 1, '2'
#define REST6    DIGITS6, IP6
#define REVERSE4 1, '1', 1, '0', 1, '0', 2, '1', '0', IN_ADDR

/* QTYPE, QCLASS */
#define A     0, 1, 0, 1
#define PTR   0, 12, 0, 1
#define TXT   0, 16, 0, 1
#define AAAA  0, 28, 0, 1
#define AXFR  0, 252, 0, 1
#define ANY   0, 255, 0, 1
#define CHAOS 0, 16, 0, 3
/* an answer's record of the question's name: pointer, type and class, 60 s, length of data */
#define RECORD(type_class, len) 0xc0, 12, type_class, 0, 0, 0, 60, 0, len
#define RECORDS_A                                                                                  \
    RECORD(A, 4)                                                                                   \
    , 10, 0, 0, 1, RECORD(A, 4), 10, 0, 0, 2
#define RECORDS_AAAA                                                                               \
    RECORD(AAAA, 16)                                                                               \
    , 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, RECORD(AAAA, 16), 0x20, 1, 0x0d,    \
        0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define NAME_R0 2, 'R', '0', EXAMPLE
/* root, OPT, UDP size, code's high bits, version, flags, no data */
#define OPT(size, rcode, version) 0, 0, 41, (size) >> 8, (size)&0xff, rcode, version, 0, 0, 0, 0
#define OUR_OPT                   OPT(1232, 0, 0)

struct dns_case {
    const char *name;
    struct bytes query;
    struct bytes answer; /* empty: none */
};

static const struct dns_case cases[] = {
    { "A: both addresses", BYTES(ASK, COUNTS(1, 0, 0), R0, A),
      BYTES(SAY(0), COUNTS(1, 2, 0), R0, A, RECORDS_A) },
    { "AAAA: both addresses", BYTES(ASK, COUNTS(1, 0, 0), R0, AAAA),
      BYTES(SAY(0), COUNTS(1, 2, 0), R0, AAAA, RECORDS_AAAA) },
    { "capitals come back",
      BYTES(ASK, COUNTS(1, 0, 0), 2, 'R', '0', 7, 'e', 'X', 'a', 'm', 'P', 'l', 'e', 0, A),
      BYTES(SAY(0), COUNTS(1, 2, 0), 2, 'R', '0', 7, 'e', 'X', 'a', 'm', 'P', 'l', 'e', 0, A,
            RECORDS_A) },
    { "no recursion desired", BYTES(ID, 0, 0, COUNTS(1, 0, 0), R0, A),
      BYTES(ID, 0x84, 0x80, COUNTS(1, 2, 0), R0, A, RECORDS_A) },
    { "checking disabled comes back, authentic data does not",
      BYTES(ID, 1, 0x30, COUNTS(1, 0, 0), R0, A),
      BYTES(ID, 0x85, 0x90, COUNTS(1, 2, 0), R0, A, RECORDS_A) },
    { "a known name without IPv6", BYTES(ASK, COUNTS(1, 0, 0), NAT, AAAA),
      BYTES(SAY(0), COUNTS(1, 0, 0), NAT, AAAA) },
    { "behind a NAT", BYTES(ASK, COUNTS(1, 0, 0), WWW, A),
      BYTES(SAY(0), COUNTS(1, 1, 0), WWW, A, RECORD(A, 4), 198, 51, 100, 80) },
    { "TXT of a known name", BYTES(ASK, COUNTS(1, 0, 0), R0, TXT),
      BYTES(SAY(0), COUNTS(1, 0, 0), R0, TXT) },
    { "ANY of a known name", BYTES(ASK, COUNTS(1, 0, 0), R0, ANY),
      BYTES(SAY(0), COUNTS(1, 0, 0), R0, ANY) },
    { "PTR of a forward name", BYTES(ASK, COUNTS(1, 0, 0), R0, PTR),
      BYTES(SAY(0), COUNTS(1, 0, 0), R0, PTR) },
    { "localhost",
      BYTES(ASK, COUNTS(1, 0, 0), 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, A),
      BYTES(SAY(0), COUNTS(1, 1, 0), 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0, A,
            RECORD(A, 4), 127, 0, 0, 1) },
    { "an unknown name", BYTES(ASK, COUNTS(1, 0, 0), NOBODY, A),
      BYTES(SAY(3), COUNTS(1, 0, 0), NOBODY, A) },
    { "the root", BYTES(ASK, COUNTS(1, 0, 0), 0, A), BYTES(SAY(3), COUNTS(1, 0, 0), 0, A) },
    { "a name with dots, backslash, zero and 255 in a label",
      BYTES(ASK, COUNTS(1, 0, 0), 6, 'r', '.', '\\', 0, 255, '"', EXAMPLE, A),
      BYTES(SAY(3), COUNTS(1, 0, 0), 6, 'r', '.', '\\', 0, 255, '"', EXAMPLE, A) },
    { "a dot in a label is no dot between labels",
      BYTES(ASK, COUNTS(1, 0, 0), 10, 'r', '0', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, A),
      BYTES(SAY(3), COUNTS(1, 0, 0), 10, 'r', '0', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, A) },

    { "PTR of IPv4", BYTES(ASK, COUNTS(1, 0, 0), REVERSE4, PTR),
      BYTES(SAY(0), COUNTS(1, 1, 0), REVERSE4, PTR, RECORD(PTR, 12), NAME_R0) },
    { "PTR in capitals",
      BYTES(ASK, COUNTS(1, 0, 0), 1, '1', 1, '0', 1, '0', 2, '1', '0', IN_ADDR_CAPITALS, PTR),
      BYTES(SAY(0), COUNTS(1, 1, 0), 1, '1', 1, '0', 1, '0', 2, '1', '0', IN_ADDR_CAPITALS, PTR,
            RECORD(PTR, 12), NAME_R0) },
    { "PTR of IPv6", BYTES(ASK, COUNTS(1, 0, 0), 1, '2', REST6, PTR),
      BYTES(SAY(0), COUNTS(1, 1, 0), 1, '2', REST6, PTR, RECORD(PTR, 12), NAME_R0) },
    { "A of a reverse name", BYTES(ASK, COUNTS(1, 0, 0), REVERSE4, A),
      BYTES(SAY(0), COUNTS(1, 0, 0), REVERSE4, A) },
    { "PTR of an IPv4 address without a name",
      BYTES(ASK, COUNTS(1, 0, 0), 1, '9', 1, '9', 1, '9', 2, '1', '0', IN_ADDR, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), 1, '9', 1, '9', 1, '9', 2, '1', '0', IN_ADDR, PTR) },
    { "PTR of an unknown IPv6 address", BYTES(ASK, COUNTS(1, 0, 0), 1, 'f', REST6, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), 1, 'f', REST6, PTR) },
    { "PTR of three bytes of IPv4",
      BYTES(ASK, COUNTS(1, 0, 0), 1, '0', 1, '0', 2, '1', '0', IN_ADDR, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), 1, '0', 1, '0', 2, '1', '0', IN_ADDR, PTR) },
    { "PTR of 31 digits of IPv6", BYTES(ASK, COUNTS(1, 0, 0), REST6, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), REST6, PTR) },
    { "PTR of 33 digits of IPv6", BYTES(ASK, COUNTS(1, 0, 0), 1, '2', DIGITS6, 1, '0', IP6, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), 1, '2', DIGITS6, 1, '0', IP6, PTR) },
    { "PTR of a digit that is none", BYTES(ASK, COUNTS(1, 0, 0), 1, 'g', REST6, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), 1, 'g', REST6, PTR) },
    { "PTR of in-addr.arpa", BYTES(ASK, COUNTS(1, 0, 0), IN_ADDR, PTR),
      BYTES(SAY(3), COUNTS(1, 0, 0), IN_ADDR, PTR) },

    { "EDNS", BYTES(ASK, COUNTS(1, 0, 1), WWW, A, OPT(4096, 0, 0)),
      BYTES(SAY(0), COUNTS(1, 1, 1), WWW, A, RECORD(A, 4), 198, 51, 100, 80, OUR_OPT) },
    { "EDNS with a client's size of 0 and a cookie",
      BYTES(ASK, COUNTS(1, 0, 1), R0, A, 0, 0, 41, 0, 0, 0, 0, 0x80, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3,
            4, 5, 6, 7, 8),
      BYTES(SAY(0), COUNTS(1, 2, 1), R0, A, RECORDS_A, OUR_OPT) },
    { "EDNS about an unknown name", BYTES(ASK, COUNTS(1, 0, 1), NOBODY, A, OPT(1232, 0, 0)),
      BYTES(SAY(3), COUNTS(1, 0, 1), NOBODY, A, OUR_OPT) },
    { "EDNS version 1", BYTES(ASK, COUNTS(1, 0, 1), R0, A, OPT(1232, 0, 1)),
      BYTES(SAY(0), COUNTS(1, 0, 1), R0, A, OPT(1232, 1, 0)) },
    { "EDNS twice", BYTES(ASK, COUNTS(1, 0, 2), R0, A, OPT(1232, 0, 0), OPT(1232, 0, 0)),
      BYTES(SAY(1), COUNTS(1, 0, 1), R0, A, OUR_OPT) },
    { "EDNS of a name", BYTES(ASK, COUNTS(1, 0, 1), R0, A, 1, 'x', OPT(1232, 0, 0)),
      BYTES(SAY(1), COUNTS(1, 0, 0), R0, A) },
    { "another additional record", BYTES(ASK, COUNTS(1, 0, 1), R0, A, RECORD(A, 4), 1, 2, 3, 4),
      BYTES(SAY(0), COUNTS(1, 2, 0), R0, A, RECORDS_A) },

    { "another class", BYTES(ASK, COUNTS(1, 0, 0), R0, CHAOS),
      BYTES(SAY(4), COUNTS(1, 0, 0), R0, CHAOS) },
    { "a zone transfer", BYTES(ASK, COUNTS(1, 0, 0), R0, AXFR),
      BYTES(SAY(4), COUNTS(1, 0, 0), R0, AXFR) },
    { "NOTIFY", BYTES(ID, 0x21, 0, COUNTS(1, 0, 0), R0, A),
      BYTES(ID, 0xa5, 0x84, COUNTS(0, 0, 0)) },
    { "UPDATE, cut", BYTES(ID, 0x28, 0, COUNTS(1, 0, 0)), BYTES(ID, 0xac, 0x84, COUNTS(0, 0, 0)) },
    { "no question", BYTES(ASK, COUNTS(0, 0, 0)), BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "two questions", BYTES(ASK, COUNTS(2, 0, 0), R0, A, R0, AAAA),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "something behind the question", BYTES(ASK, COUNTS(1, 0, 0), R0, A, 0),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "a name that points to itself", BYTES(ASK, COUNTS(1, 0, 0), 0xc0, 12, A),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "a name that points beyond the end", BYTES(ASK, COUNTS(1, 0, 0), 0xc0, 200, A),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "a name that points into the header: what it says goes back",
      BYTES(ASK, COUNTS(1, 0, 0), 0xc0, 11, A), BYTES(SAY(3), COUNTS(1, 0, 0), 0, A) },
    { "a label of a kind that is not used", BYTES(ASK, COUNTS(1, 0, 0), 0x80, 12, A),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "a label beyond the end", BYTES(ASK, COUNTS(1, 0, 0), 63, 'r', '0', 0, A),
      BYTES(SAY(1), COUNTS(0, 0, 0)) },
    { "an answer", BYTES(ID, 0x81, 0, COUNTS(1, 0, 0), R0, A), { NULL, 0 } },
    { "an answer, cut in its header", BYTES(ID, 0x81, 0, 0, 1), { NULL, 0 } },
};

struct message {
    uint8_t bytes[4096];
    size_t len;
};

static struct message ask(const struct topology *topology, const uint8_t *query, size_t len)
{
    const struct dns_query asked = { .bytes = guarded(query, len), .len = len };
    struct message answer;

    memset(answer.bytes, 0xee, sizeof answer.bytes); /* nothing is zero by chance */
    answer.len = dns_answer(topology, &asked, answer.bytes, sizeof answer.bytes);
    return answer;
}

/* Cut anywhere, a query is broken; what is shorter than a header, or an answer, is left alone. */
static void check_cut(const struct topology *topology, const struct dns_case *c, size_t len)
{
    const struct message answer = ask(topology, c->query.at, len);
    const bool was_whole = c->answer.len > NS_HFIXEDSZ; /* its question went back */

    if (len < NS_HFIXEDSZ || c->answer.len == 0)
        check(answer.len == 0, "%s: cut to %zu bytes", c->name, len);
    if (len < NS_HFIXEDSZ || !was_whole)
        return;
    check(answer.len == NS_HFIXEDSZ, "%s: cut to %zu bytes: %zu", c->name, len, answer.len);
    check((answer.bytes[3] & 0x0f) == ns_r_formerr, "%s: cut to %zu bytes: code", c->name, len);
}

static void test_answers(void **state)
{
    struct topology *topology = named_new();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct dns_case *c = &cases[i];
        const struct message answer = ask(topology, c->query.at, c->query.len);

        check(answer.len == c->answer.len, "%s: %zu bytes, not %zu", c->name, answer.len,
              c->answer.len);
        for (size_t at = 0; at < answer.len; at++)
            check(answer.bytes[at] == c->answer.at[at], "%s: byte %zu is %02x, not %02x", c->name,
                  at, answer.bytes[at], c->answer.at[at]);
        for (size_t n = 0; n < c->query.len; n++)
            check_cut(topology, c, n);
    }
    named_free(topology);
}

/* The longest name there may be, 255 bytes. */
static void test_longest_name(void **state)
{
    struct topology *topology = named_new();
    struct packet query = { .len = 0 };
    static const uint8_t header[] = { ASK, COUNTS(1, 0, 0) };
    static const uint8_t end[] = { 0, A };

    (void)state;
    append(&query, header, sizeof header);
    for (size_t left = 254; left > 0;) {
        const uint8_t label[64] = { (uint8_t)(MIN(left, 64) - 1), [1 ... 63] = 255 };
        append(&query, label, label[0] + (size_t)1);
        left -= label[0] + (size_t)1;
    }
    append(&query, end, sizeof end);
    const struct message answer = ask(topology, query.bytes, query.len);
    check(answer.len == query.len, "%zu bytes, not %zu", answer.len, query.len);
    check((answer.bytes[3] & 0x0f) == ns_r_nxdomain, "unknown");
    check(memcmp(answer.bytes + 12, query.bytes + 12, query.len - 12) == 0, "the question");
    named_free(topology);
}

#define MANY 4, 'm', 'a', 'n', 'y', EXAMPLE

struct size_case {
    const char *name;
    struct bytes query;
    size_t room; /* of the caller */
    bool truncated;
    size_t len;
    unsigned records;
};

/* The question ends at 30; a record has 16 bytes, an OPT 11. There are 100 records. */
static const struct size_case size_cases[] = {
    { "512 bytes", BYTES(ASK, COUNTS(1, 0, 0), MANY, A), 4096, true, 510, 30 },
    { "EDNS with 100", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(100, 0, 0)), 4096, true, 505, 29 },
    { "EDNS with 521", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(521, 0, 0)), 4096, true, 521, 30 },
    { "EDNS with 520", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(520, 0, 0)), 4096, true, 505, 29 },
    { "EDNS with 1640", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(1640, 0, 0)), 4096, true, 1625,
      99 },
    { "EDNS with 1641", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(1641, 0, 0)), 4096, false, 1641,
      100 },
    { "EDNS with 65535", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(65535, 0, 0)), 4096, false, 1641,
      100 },
    { "no room for it", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(4096, 0, 0)), 1232, true, 1225,
      74 },
    { "the smallest room", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(4096, 0, 0)), 512, true, 505,
      29 },
    { "too little room", BYTES(ASK, COUNTS(1, 0, 0), MANY, A), 511, false, 0, 0 },
};

/* What a client says of its datagrams does not count. */
static const struct size_case tcp_size_cases[] = {
    { "no EDNS", BYTES(ASK, COUNTS(1, 0, 0), MANY, A), 4096, false, 1630, 100 },
    { "EDNS with 512", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(512, 0, 0)), 4096, false, 1641,
      100 },
    { "no room for it", BYTES(ASK, COUNTS(1, 0, 1), MANY, A, OPT(512, 0, 0)), 1232, true, 1225,
      74 },
    { "too little room", BYTES(ASK, COUNTS(1, 0, 0), MANY, A), 511, false, 0, 0 },
};

static void check_size(const struct topology *topology, const struct size_case *c, bool over_tcp)
{
    const struct dns_query query = { c->query.at, c->query.len, over_tcp };
    uint8_t answer[4096];
    const size_t len = dns_answer(topology, &query, answer, c->room);

    check(len == c->len, "%s: %zu bytes", c->name, len);
    if (len == 0)
        return;
    check((answer[2] & 2) == (c->truncated ? 2 : 0), "%s: truncated", c->name);
    check(tf_get_u16(answer + 6) == c->records, "%s: %u records", c->name, tf_get_u16(answer + 6));
}

static void test_sizes(void **state)
{
    struct topology *topology = named_new();

    (void)state;
    for (size_t i = 0; i < COUNT(size_cases); i++)
        check_size(topology, &size_cases[i], false);
    for (size_t i = 0; i < COUNT(tcp_size_cases); i++)
        check_size(topology, &tcp_size_cases[i], true);
    named_free(topology);
}

/* A good query with a few bytes changed never gets more than there is room for. */
static void test_random(void **state)
{
    struct topology *topology = named_new();
    uint32_t random = 3;

    (void)state;
    for (unsigned round = 0; round < 50000; round++) {
        const struct bytes *good = &cases[next_random(&random) % COUNT(cases)].query;
        uint8_t query[256];
        ns_msg parsed;

        memcpy(query, good->at, good->len);
        for (unsigned i = next_random(&random) % 4; i < 4; i++)
            query[next_random(&random) % good->len] = (uint8_t)next_random(&random);
        const struct message answer = ask(topology, query, good->len);
        check(answer.len == 0 || ns_initparse(answer.bytes, (int)answer.len, &parsed) == 0,
              "round %u: an answer of %zu bytes that does not parse", round, answer.len);
    }
    named_free(topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_longest_name),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
