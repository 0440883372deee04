/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The marks of replies, as traceroute prints them, and what they stand for. */
#include "scene.h"
#include "support.h"

#include <string.h>

#include "traceflow/icmp_words.h"
#include "traceflow/report.h"

struct mark_case {
    const char *name;
    bool ipv6;
    uint8_t type, code;
    const char *want;
};

static const struct mark_case mark_cases[] = {
    { "Time Exceeded", false, 11, 0, "" },
    { "reassembly time", false, 11, 1, "!<11-1>" },
    { "net", false, 3, 0, "!N" },
    { "host", false, 3, 1, "!H" },
    { "protocol", false, 3, 2, "!P" },
    { "fragmentation needed", false, 3, 4, "!F" },
    { "source route", false, 3, 5, "!S" },
    { "host unknown", false, 3, 7, "!<7>" },
    { "net prohibited", false, 3, 9, "!X" },
    { "host prohibited", false, 3, 10, "!X" },
    { "prohibited", false, 3, 13, "!X" },
    { "precedence violation", false, 3, 14, "!V" },
    { "precedence cutoff", false, 3, 15, "!C" },
    { "code 16", false, 3, 16, "!<16>" },
    { "code 255", false, 3, 255, "!<255>" },
    { "Source Quench", false, 4, 0, "!<4-0>" },
    { "Parameter Problem", false, 12, 255, "!<12-255>" },
    { "ICMPv6 Time Exceeded", true, 3, 0, "" },
    { "ICMPv6 no route", true, 1, 0, "!N" },
    { "ICMPv6 prohibited", true, 1, 1, "!X" },
    { "ICMPv6 beyond scope", true, 1, 2, "!S" },
    { "ICMPv6 address", true, 1, 3, "!H" },
    { "ICMPv6 source failed policy", true, 1, 5, "!X" },
    { "ICMPv6 reject route", true, 1, 6, "!X" },
    { "ICMPv6 code 7", true, 1, 7, "!<7>" },
    { "ICMPv6 Packet Too Big", true, 2, 0, "!<2-0>" },
};

static void test_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mark_cases); i++) {
        const struct mark_case *c = &mark_cases[i];
        struct tf_observation reply = scene_reply(1, 1, 'a');
        char mark[TF_MARK_LEN];

        reply.icmp_type = c->type;
        reply.icmp_code = c->code;
        if (c->ipv6)
            reply.flow.dst = addr("2001:db8::9");
        check(strcmp(tf_reply_mark(&reply, mark), c->want) == 0, "%s: %s", c->name, mark);
        reply.kind = TF_KIND_DESTINATION_REPLY;
        check(strcmp(tf_reply_mark(&reply, mark), "") == 0, "%s, as the destination", c->name);
        reply.kind = TF_KIND_HOP_REPLY;
        reply.has_icmp = false;
        check(strcmp(tf_reply_mark(&reply, mark), "") == 0, "%s, without ICMP", c->name);
    }
}

struct words_case {
    bool ipv6;
    uint8_t type, code;
    const char *want; /* NULL: none */
};

/* RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1; RFC 4443 section 3. */
static const struct words_case words_cases[] = {
    { false, 3, 0, "network unreachable" },
    { false, 3, 4, "fragmentation needed and DF set" },
    { false, 3, 13, "communication administratively prohibited by filtering" },
    { false, 3, 15, "precedence cutoff in effect" },
    { false, 3, 16, NULL },
    { false, 11, 1, "fragment reassembly time exceeded" },
    { true, 1, 0, "no route to destination" },
    { true, 1, 6, "reject route to destination" },
    { true, 1, 7, NULL },
    { true, 2, 0, "packet too big" },
    { true, 4, 1, "unrecognized next header type" },
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(words_cases); i++) {
        const struct words_case *c = &words_cases[i];
        struct tf_observation reply = scene_reply(1, 1, 'a');

        reply.icmp_type = c->type;
        reply.icmp_code = c->code;
        if (c->ipv6)
            reply.flow.dst = addr("2001:db8::9");
        const char *words = tf_icmp_words(&reply);
        check((words == NULL) == (c->want == NULL), "%u-%u", c->type, c->code);
        check(words == NULL || strcmp(words, c->want) == 0, "%u-%u: %s", c->type, c->code, words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
