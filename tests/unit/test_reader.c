/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading captures: cut at every length, and made to harm. */
#include "support.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "captures.h"
#include "pcapng_bytes.h"
#include "traceflow/error.h"
#include "traceflow/link.h"

/* A stream over bytes that stay the caller's. */
static struct reader *open_bytes(const void *bytes, size_t len, GError **error)
{
    FILE *stream = tmpfile();

    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, len, stream), len);
    rewind(stream);
    return reader_from_stream(stream, "a file", error);
}

static void check_error(const GError *error, const char *row, size_t cut)
{
    check(error != NULL && g_error_matches(error, TF_ERROR, TF_EXIT_IO),
          "%s, cut to %zu: exit status", row, cut);
    check(g_str_has_prefix(error->message, "a file: "), "%s, cut to %zu: %s", row, cut,
          error->message);
}

/*
 * All frames that are whole come, then an error; none where the cut is between two blocks. Returns
 * their number.
 */
static size_t read_cut(const char *row, const char *bytes, size_t cut)
{
    g_autoptr(GError) error = NULL;
    struct reader *reader = open_bytes(bytes, cut, &error);
    size_t n_read = 0;

    if (reader == NULL) {
        check_error(error, row, cut);
        return 0;
    }
    const enum tf_status status = count_frames(reader, row, &n_read, &error);
    check(status == TF_END || status == TF_BAD, "%s, cut to %zu: status", row, cut);
    if (status == TF_BAD)
        check_error(error, row, cut);
    else
        check(error == NULL, "%s, cut to %zu: end", row, cut);
    reader_free(reader);
    return n_read;
}

static void test_every_truncation(void **state)
{
    static const char *const suffixes[] = { ".pcapng", ".pcap" };

    (void)state;
    for (size_t i = 0; i < COUNT(suffixes); i++) {
        g_autofree char *name = temporary_name(suffixes[i]);
        g_autofree char *bytes = NULL;
        gsize len = 0;
        size_t before = 0;

        write_capture(name, TF_LINKTYPE_ETHERNET);
        assert_true(g_file_get_contents(name, &bytes, &len, NULL));
        unlink(name);
        for (size_t cut = 0; cut <= len; cut++) {
            const size_t n_read = read_cut(suffixes[i], bytes, cut);
            check(n_read == before || n_read == before + 1, "%s, cut to %zu: %zu frames",
                  suffixes[i], cut, n_read);
            before = n_read;
        }
        check(before == N_FRAMES, "%s: whole", suffixes[i]);
    }
}

#define PCAP_HEAD(linktype)                                                                        \
    U32(0xa1b2c3d4U), U16(2), U16(4), U32(0U), U32(0U), U32(1024U), U32(linktype)

struct hostile_case {
    const char *name;
    struct bytes in;
    bool opens;
    enum tf_status next; /* if it opens */
};

static const struct hostile_case hostile_cases[] = {
    { "nothing", BYTES(0), false, TF_BAD },
    { "text", BYTES('h', 'e', 'l', 'l', 'o', ' ', 'w', 'o', 'r', 'l', 'd', '!', '\n'), false,
      TF_BAD },
    { "pcapng without frames", BYTES(SECTION, INTERFACE(1)), true, TF_END },
    { "pcapng without an interface", BYTES(SECTION), true, TF_END },
    { "pcapng, unknown link type", BYTES(SECTION, INTERFACE(147)), true, TF_END },
    { "pcapng, a frame of an unknown link type",
      BYTES(SECTION, INTERFACE(1), INTERFACE(147), PACKET(1U, 1U)), true, TF_OK },
    { "pcapng, a block of 4 GiB", BYTES(SECTION, INTERFACE(1), U32(6U), U32(0xfffffffcU), U32(0U)),
      true, TF_BAD },
    { "pcapng, a block of 16 MiB that is not there",
      BYTES(SECTION, INTERFACE(1), U32(6U), U32(0x1000000U), U32(0U)), true, TF_BAD },
    { "pcap without frames", BYTES(PCAP_HEAD(1U)), true, TF_END },
    { "pcap, unknown link type", BYTES(PCAP_HEAD(147U)), false, TF_BAD },
    { "pcap, a frame of 4 GiB",
      BYTES(PCAP_HEAD(1U), U32(0U), U32(0U), U32(0xffffffffU), U32(0xffffffffU)), true, TF_BAD },
};

static void test_hostile_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(hostile_cases); i++) {
        const struct hostile_case *c = &hostile_cases[i];
        g_autoptr(GError) error = NULL;
        struct reader *reader = open_bytes(c->in.at, c->in.len, &error);
        struct tf_frame frame;

        check((reader != NULL) == c->opens, "%s: opens: %s", c->name,
              error == NULL ? "" : error->message);
        if (c->opens)
            check(reader_next(reader, &frame, &error) == c->next, "%s: next: %s", c->name,
                  error == NULL ? "" : error->message);
        if (!c->opens || c->next == TF_BAD)
            check_error(error, c->name, c->in.len);
        reader_free(reader);
    }
}

/* Frames of unknown link types come with the others; if there are no others, the end is an error.
 */
static const struct {
    const char *name;
    struct bytes in;
    size_t n_frames;
    const char *error;
} mixtures[] = {
    { "one known", BYTES(SECTION, INTERFACE(147), INTERFACE(1), PACKET(0U, 1U), PACKET(1U, 1U)), 2,
      NULL },
    { "none known",
      BYTES(SECTION, INTERFACE(1), INTERFACE(105), INTERFACE(147), PACKET(1U, 1U), PACKET(2U, 1U)),
      2, "a file: link type 105 (IEEE802_11) is not supported" },
    { "none at all", BYTES(SECTION, INTERFACE(147)), 0, NULL },
};

static void test_unknown_link_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mixtures); i++) {
        g_autoptr(GError) error = NULL;
        struct reader *reader = open_bytes(mixtures[i].in.at, mixtures[i].in.len, &error);
        enum tf_status status = TF_OK;
        struct tf_frame frame;
        size_t n = 0;

        check(reader != NULL, "%s: opens", mixtures[i].name);
        while ((status = reader_next(reader, &frame, &error)) == TF_OK)
            check(frame.number == ++n, "%s: number", mixtures[i].name);
        check(n == mixtures[i].n_frames, "%s: %zu frames", mixtures[i].name, n);
        check(status == (mixtures[i].error == NULL ? TF_END : TF_BAD), "%s: end", mixtures[i].name);
        if (mixtures[i].error != NULL)
            assert_string_equal(error->message, mixtures[i].error);
        reader_free(reader);
    }
}

/* A frame of 60 bytes in a file that says that none is longer than 8. */
static const uint8_t long_frame[] = {
    U32(0xa1b2c3d4U), U16(2),  U16(4),  U32(0U),  U32(0U),  U32(8U),
    U32(1U),          U32(0U), U32(0U), U32(60U), U32(60U), [24 + 16 + 60 - 1] = 7
};

static void test_frames_beyond_the_snap_length(void **state)
{
    g_autoptr(GError) error = NULL;
    struct reader *reader = open_bytes(long_frame, sizeof long_frame, &error);
    struct tf_frame frame;

    (void)state;
    assert_non_null(reader);
    assert_int_equal(reader_next(reader, &frame, &error), TF_OK);
    check(frame.len == 60 && frame.bytes[59] == 7, "%zu bytes", frame.len);
    reader_free(reader);
}

#define PCAP_FRAME(seconds, microseconds)                                                          \
    PCAP_HEAD(1U), U32(seconds), U32(microseconds), U32(1U), U32(1U), 0x45

/* As Wireshark has them, wherever that is a time. */
static const struct {
    const char *name;
    struct bytes in;
    int64_t time_ns;
} times[] = {
    { "2038", BYTES(PCAP_FRAME(0x80000000U, 5U)), INT64_C(2147483648000005000) },
    { "2106", BYTES(PCAP_FRAME(0xffffffffU, 0U)), INT64_C(4294967295000000000) },
    { "a million microseconds", BYTES(PCAP_FRAME(1U, 1000000U)), INT64_C(2000000000) },
    { "one less than none", BYTES(PCAP_FRAME(1U, 0xffffffffU)), INT64_C(999999000) },
    { "before 1970", BYTES(PCAP_FRAME(0U, 0xffffffffU)), 0 },
};

static void test_time_stamps(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(times); i++) {
        g_autoptr(GError) error = NULL;
        struct reader *reader = open_bytes(times[i].in.at, times[i].in.len, &error);
        struct tf_frame frame;

        check(reader != NULL, "%s: opens", times[i].name);
        check(reader_next(reader, &frame, &error) == TF_OK, "%s: a frame", times[i].name);
        check(frame.time_ns == times[i].time_ns, "%s: %lld", times[i].name,
              (long long)frame.time_ns);
        reader_free(reader);
    }
}

static void test_names_that_cannot_be_opened(void **state)
{
    g_autoptr(GError) error = NULL;

    (void)state;
    assert_null(reader_open("/nonexistent/x.pcap", &error));
    assert_true(g_error_matches(error, TF_ERROR, TF_EXIT_IO));
    assert_string_equal(error->message, "/nonexistent/x.pcap: No such file or directory");
    reader_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_hostile_files),
        cmocka_unit_test(test_unknown_link_types),
        cmocka_unit_test(test_frames_beyond_the_snap_length),
        cmocka_unit_test(test_time_stamps),
        cmocka_unit_test(test_names_that_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
