/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng, block by block: the frames that come, their numbers, times and link types, and the end.
 */
#include "support.h"

#include <stdio.h>
#include <string.h>

#include "pcapng_bytes.h"
#include "pcapng_reader.h"
#include "traceflow/error.h"

enum { FRAMES_MAX = 3 };

struct wanted {
    uint64_t number;
    int64_t time_ns;
    int linktype;
    size_t len;
};

struct pcapng_case {
    const char *name;
    struct bytes in;
    struct wanted frames[FRAMES_MAX]; /* up to number 0 */
    const char *error;                /* a part of it; NULL if the end is a good one */
};

static const struct pcapng_case cases[] = {
    { "a section without anything", BYTES(SECTION), { { 0 } }, NULL },
    { "one frame", BYTES(SECTION, INTERFACE(1), PACKET(0U, 7U)), { { 1, 7000, 1, 5 } }, NULL },
    { "big-endian",
      BYTES(BIG_SECTION, BIG_INTERFACE(101), BIG_PACKET(0U, 7U)),
      { { 1, 7000, 101, 5 } },
      NULL },
    { "three interfaces",
      BYTES(SECTION, INTERFACE(1), CLOCKED_INTERFACE(101, 9), CLOCKED_INTERFACE(147, 0x8a),
            PACKET(2U, 512U), PACKET(1U, 7U), PACKET(0U, 7U)),
      { { 1, 500000000, 147, 5 }, { 2, 7, 101, 5 }, { 3, 7000, 1, 5 } },
      NULL },
    { "an interface after a frame",
      BYTES(SECTION, INTERFACE(1), PACKET(0U, 1U), INTERFACE(101), PACKET(1U, 2U), PACKET(0U, 3U)),
      { { 1, 1000, 1, 5 }, { 2, 2000, 101, 5 }, { 3, 3000, 1, 5 } },
      NULL },
    { "sections of either byte order, with interfaces of their own",
      BYTES(SECTION, INTERFACE(1), PACKET(0U, 1U), BIG_SECTION, BIG_INTERFACE(101),
            BIG_PACKET(0U, 2U), SECTION, INTERFACE(113), PACKET(0U, 3U)),
      { { 1, 1000, 1, 5 }, { 2, 2000, 101, 5 }, { 3, 3000, 113, 5 } },
      NULL },
    { "obsolete packet blocks",
      BYTES(SECTION, INTERFACE(1), INTERFACE(101), OLD_PACKET(1, 7U), OLD_PACKET(0, 8U)),
      { { 1, 7000, 101, 5 }, { 2, 8000, 1, 5 } },
      NULL },
    { "simple packet blocks: no time, the first interface",
      BYTES(SECTION, INTERFACE(101), INTERFACE(1), SIMPLE_PACKET(5U)),
      { { 1, 0, 101, 5 } },
      NULL },
    { "a simple packet block, cut at the snap length",
      BYTES(SECTION, SNAPPED_INTERFACE(101, 6U), SIMPLE_PACKET(1500U)),
      { { 1, 0, 101, 6 } },
      NULL },
    { "blocks that are no records",
      BYTES(SECTION, INTERFACE(1), BLOCK_OF_4(4U), BLOCK_OF_24(5U), BLOCK_OF_24(10U),
            BLOCK_OF_4(0x1234U), BLOCK_OF_24(0x80000001U), PACKET(0U, 1U)),
      { { 1, 1000, 1, 5 } },
      NULL },
    { "records that are no packets",
      BYTES(SECTION, INTERFACE(1), BLOCK_OF_4(0xbadU), PACKET(0U, 1U), BLOCK_OF_4(0x40000badU),
            BLOCK_OF_24(9U), PACKET(0U, 2U), BLOCK_OF_24(0x204U), BLOCK_OF_24(0x216U),
            BLOCK_OF_24(0x221U), PACKET(0U, 3U)),
      { { 2, 1000, 1, 5 }, { 5, 2000, 1, 5 }, { 9, 3000, 1, 5 } },
      NULL },
    { "a length without the padding",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(37U), U32(0U), U32(0U), U32(7U), U32(5U), U32(5U),
            FIVE, U32(37U), PACKET(0U, 8U)),
      { { 1, 7000, 1, 5 }, { 2, 8000, 1, 5 } },
      NULL },
    { "options behind a frame",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(52U), U32(0U), U32(0U), U32(7U), U32(5U), U32(5U),
            FIVE, U16(1), U16(3), 'a', 'b', 'c', 0, U16(0), U16(0), U32(52U)),
      { { 1, 7000, 1, 5 } },
      NULL },

    { "no section", BYTES(INTERFACE(1), PACKET(0U, 1U)), { { 0 } }, "byte 0: no capture" },
    { "no byte order",
      BYTES(U32(0x0a0d0d0aU), U32(28U), U32(0x12345678U)),
      { { 0 } },
      "byte 0: a section of no byte order" },
    { "another version",
      BYTES(U32(0x0a0d0d0aU), U32(28U), U32(0x1a2b3c4dU), U16(2), U16(0), U32(0U), U32(0U),
            U32(28U)),
      { { 0 } },
      "version 2.0" },
    { "a section that is too short",
      BYTES(U32(0x0a0d0d0aU), U32(24U), U32(0x1a2b3c4dU), U16(1), U16(0), U32(0U), U32(24U)),
      { { 0 } },
      "has 24 bytes" },
    { "a frame before any interface", BYTES(SECTION, PACKET(0U, 1U)), { { 0 } }, "interface 0" },
    { "a simple frame before any interface",
      BYTES(SECTION, SIMPLE_PACKET(5U)),
      { { 0 } },
      "interface 0" },
    { "an interface of the section before",
      BYTES(SECTION, INTERFACE(1), PACKET(0U, 1U), SECTION, PACKET(0U, 1U)),
      { { 1, 1000, 1, 5 } },
      "byte 116: a frame of interface 0, of which there are 0" },
    { "an interface beyond the last",
      BYTES(SECTION, INTERFACE(1), PACKET(0xffffffffU, 1U)),
      { { 0 } },
      "interface 4294967295" },
    { "a frame longer than its block",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(32U), U32(0U), U32(0U), U32(0U), U32(1U), U32(1U),
            U32(32U)),
      { { 0 } },
      "a frame of 1 bytes" },
    { "a frame whose length overflows",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(40U), U32(0U), U32(0U), U32(0U), U32(0xffffffffU),
            U32(5U), FIVE, U32(40U)),
      { { 0 } },
      "a frame of 4294967295 bytes" },
    { "a simple frame shorter than its block",
      BYTES(SECTION, INTERFACE(1), SIMPLE_PACKET(4U)),
      { { 0 } },
      "a frame of 4 bytes in a block of 12" },
    { "an option out of a frame's block",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(44U), U32(0U), U32(0U), U32(0U), U32(5U), U32(5U),
            FIVE, U16(1), U16(1), U32(44U)),
      { { 0 } },
      "option" },
    { "an option out of an interface's block",
      BYTES(SECTION, U32(1U), U32(24U), U16(1), U16(0), U32(0U), U16(9), U16(1), U32(24U)),
      { { 0 } },
      "option" },
    { "an option out of a section's block",
      BYTES(U32(0x0a0d0d0aU), U32(32U), U32(0x1a2b3c4dU), U16(1), U16(0), U32(0U), U32(0U), U16(1),
            U16(1), U32(32U)),
      { { 0 } },
      "option" },
    { "a custom block of nobody",
      BYTES(SECTION, U32(0xbadU), U32(12U), U32(12U)),
      { { 0 } },
      "has 12 bytes" },
    { "lengths that contradict",
      BYTES(SECTION, U32(0x1234U), U32(12U), U32(16U)),
      { { 0 } },
      "byte 28: a block of 12 or 16 bytes" },
    { "a length that overflows when padded",
      BYTES(SECTION, U32(0x1234U), U32(0xfffffffdU)),
      { { 0 } },
      "a block of 4294967293 bytes" },
    { "a byte beyond the last block", BYTES(SECTION, INTERFACE(1), 6), { { 0 } }, "truncated" },
};

/* A reader of the first len bytes. */
static struct pcapng_reader *open_bytes(const uint8_t *bytes, size_t len)
{
    FILE *stream = tmpfile();

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, len, stream), len);
    rewind(stream);
    return pcapng_reader_new(stream);
}

static void check_frame(const struct tf_frame *frame, const struct wanted *wanted, const char *name)
{
    static const uint8_t five[] = { FIVE };

    check(frame->number == wanted->number, "%s: number %u", name, (unsigned)frame->number);
    check(frame->time_ns == wanted->time_ns, "%s: time %lld", name, (long long)frame->time_ns);
    check(frame->linktype == wanted->linktype, "%s: link type %d", name, frame->linktype);
    check(frame->len == wanted->len, "%s: %zu bytes", name, frame->len);
    check(memcmp(frame->bytes, five, frame->len) == 0, "%s: bytes", name);
}

static void test_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct pcapng_case *c = &cases[i];
        struct pcapng_reader *reader = open_bytes(c->in.at, c->in.len);
        g_autoptr(GError) error = NULL;
        struct tf_frame frame;

        for (size_t n = 0; n < FRAMES_MAX && c->frames[n].number > 0; n++) {
            check(pcapng_reader_next(reader, &frame, &error) == TF_OK, "%s: frame %zu: %s", c->name,
                  n, error == NULL ? "" : error->message);
            check_frame(&frame, &c->frames[n], c->name);
        }
        check(pcapng_reader_next(reader, &frame, &error) == (c->error == NULL ? TF_END : TF_BAD),
              "%s: end: %s", c->name, error == NULL ? "" : error->message);
        check((error == NULL) == (c->error == NULL), "%s: error", c->name);
        if (c->error != NULL)
            check(g_error_matches(error, TF_ERROR, TF_EXIT_IO) &&
                      strstr(error->message, c->error) != NULL,
                  "%s: %s", c->name, error->message);
        pcapng_reader_free(reader);
    }
}

/* How many frames the first len bytes hold, and how they end. */
static enum tf_status count(const struct bytes *in, size_t len, size_t *n)
{
    struct pcapng_reader *reader = open_bytes(in->at, len);
    g_autoptr(GError) error = NULL;
    struct tf_frame frame;
    enum tf_status status = TF_OK;

    for (*n = 0; (status = pcapng_reader_next(reader, &frame, &error)) == TF_OK; ++*n)
        continue;
    check((error != NULL) == (status == TF_BAD), "cut to %zu: error", len);
    pcapng_reader_free(reader);
    return status;
}

/* Of whatever good bytes are cut, all frames come that are whole, and none else. */
static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases) && cases[i].error == NULL; i++) {
        size_t before = 0;

        for (size_t len = 0; len <= cases[i].in.len; len++) {
            size_t n = 0;
            const enum tf_status status = count(&cases[i].in, len, &n);
            check(n == before || n == before + 1, "%s, cut to %zu: %zu frames", cases[i].name, len,
                  n);
            check(n == before || status == TF_END, "%s, cut to %zu: a block's end", cases[i].name,
                  len);
            check(status == TF_END || len < cases[i].in.len, "%s: whole", cases[i].name);
            before = n;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
