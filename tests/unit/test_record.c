/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeping a capture: what record writes, reader reads; a full disk leaves whole frames. */
#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "captures.h"
#include "traceflow/error.h"
#include "traceflow/link.h"
#include "traceflow/time.h"

struct format_case {
    const char *name;
    const char *suffix;
    int linktype;      /* as libpcap says it */
    int file_linktype; /* as it is read back */
};

static const struct format_case formats[] = {
    { "pcapng, Ethernet", ".pcapng", TF_LINKTYPE_ETHERNET, TF_LINKTYPE_ETHERNET },
    { "pcap, Ethernet", ".pcap", TF_LINKTYPE_ETHERNET, TF_LINKTYPE_ETHERNET },
    { "pcapng, raw", ".pcapng", TF_LINKTYPE_DLT_RAW, TF_LINKTYPE_RAW },
    { "pcap, raw", ".pcap", TF_LINKTYPE_DLT_RAW, TF_LINKTYPE_DLT_RAW },
    { "pcapng, Linux cooked 2", ".pcapng", TF_LINKTYPE_LINUX_SLL2, TF_LINKTYPE_LINUX_SLL2 },
    { "a name without suffix is pcapng", "", TF_LINKTYPE_ETHERNET, TF_LINKTYPE_ETHERNET },
};

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct format_case *c = &formats[i];
        g_autofree char *name = temporary_name(c->suffix);
        g_autoptr(GError) error = NULL;

        write_capture(name, c->linktype);
        struct reader *reader = reader_open(name, &error);
        check(reader != NULL, "%s: %s", c->name, error == NULL ? "" : error->message);
        check(read_frames(reader, c->name, c->file_linktype) == TF_END, "%s: end", c->name);
        reader_free(reader);
        unlink(name);
    }
}

static void test_magic_numbers(void **state)
{
    static const struct {
        const char *suffix;
        uint32_t magic;
    } cases[] = { { ".pcapng", 0x0a0d0d0a }, { ".pcap", 0xa1b23c4d } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        g_autofree char *name = temporary_name(cases[i].suffix);
        g_autofree char *bytes = NULL;
        gsize len = 0;
        uint32_t magic = 0;

        write_capture(name, TF_LINKTYPE_ETHERNET);
        assert_true(g_file_get_contents(name, &bytes, &len, NULL));
        memcpy(&magic, bytes, sizeof magic);
        check(magic == cases[i].magic, "%s: %08x", cases[i].suffix, magic);
        check(len % 4 == 0 || cases[i].magic == 0xa1b23c4d, "%s: blocks are padded",
              cases[i].suffix);
        unlink(name);
    }
}

/* The options of a section header fill it up to its closing length, and opt_endofopt is the last.
 */
static void check_section_options(const char *bytes, size_t comment_len)
{
    uint32_t block_len = 0;
    uint16_t option[2] = { 1, 0 }; /* code, length */
    size_t at = 24;

    memcpy(&block_len, bytes + 4, sizeof block_len);
    while (option[0] != 0 && at + 8 <= block_len) {
        memcpy(option, bytes + at, sizeof option);
        at += 4 + (size_t)(option[1] + 3) / 4 * 4;
    }
    check(option[0] == 0 && at + 4 == block_len, "comment of %zu: options end at %zu of %u",
          comment_len, at, block_len);
}

static void test_a_command_line_of_any_length(void **state)
{
    static const size_t lens[] = { 0, 1, 2, 3, 4, 65535, 65536, 100000 };

    (void)state;
    for (size_t i = 0; i < COUNT(lens); i++) {
        g_autofree char *name = temporary_name(".pcapng");
        g_autofree char *comment = g_strnfill(lens[i], 'x');
        g_autoptr(GError) error = NULL;
        const struct capture_info info = { .interface = "eth0", .filter = "udp", .linktype = 1 };
        const struct capture_stats stats = { .received = 0 };

        struct record *record = record_open(name, &error);
        check(record_begin(record, &info, comment, &error), "%zu: begin", lens[i]);
        check(record_close(record, &stats, &error), "%zu: close", lens[i]);
        g_autofree char *bytes = NULL;
        assert_true(g_file_get_contents(name, &bytes, NULL, NULL));
        check_section_options(bytes, lens[i]);
        struct reader *reader = reader_open(name, &error);
        struct tf_frame frame;
        check(reader != NULL && reader_next(reader, &frame, &error) == TF_END, "%zu: no frames",
              lens[i]);
        reader_free(reader);
        unlink(name);
    }
}

static void test_a_full_device(void **state)
{
    const struct capture_info info = capture_info_of(TF_LINKTYPE_ETHERNET);
    const struct capture_stats stats = { .received = 1 };
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) again = NULL;
    struct record *record = record_open("/dev/full", &error);

    (void)state;
    assert_non_null(record);
    check(!record_begin(record, &info, "traceflow x", &error), "nothing can be written");
    check(g_error_matches(error, TF_ERROR, TF_EXIT_IO), "exit status");
    assert_string_equal(error->message, "/dev/full: No space left on device");
    const struct captured captured = captured_frame(0);
    check(!record_write(record, &captured, &again) && g_error_matches(again, TF_ERROR, TF_EXIT_IO),
          "nor later");
    check(record_close(record, &stats, NULL), "closing is no second error");
}

static void test_names_that_cannot_be_opened(void **state)
{
    static const char *const names[] = { "/nonexistent/x.pcapng", "/" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        g_autoptr(GError) error = NULL;
        check(record_open(names[i], &error) == NULL, "%s", names[i]);
        check(g_error_matches(error, TF_ERROR, TF_EXIT_IO) &&
                  g_str_has_prefix(error->message, names[i]),
              "%s: %s", names[i], error->message);
    }
    check(record_close(NULL, NULL, NULL), "closing nothing");
}

/*
 * The file grows to a limit, as on a disk that fills up, and the kernel writes a part of the frame.
 */
static size_t write_until_full(const char *name, rlim_t limit)
{
    const struct capture_info info = capture_info_of(TF_LINKTYPE_ETHERNET);
    const struct capture_stats stats = { .received = 1 };
    struct rlimit before;
    size_t written = 0;

    struct record *record = record_open(name, NULL);
    assert_true(record_begin(record, &info, "traceflow x", NULL));
    getrlimit(RLIMIT_FSIZE, &before);
    const struct rlimit small = { .rlim_cur = limit, .rlim_max = before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    for (size_t i = 0; i < N_FRAMES; i++) {
        const struct captured captured = captured_frame(i);
        if (!record_write(record, &captured, NULL))
            break;
        written++;
    }
    record_close(record, &stats, NULL);
    setrlimit(RLIMIT_FSIZE, &before);
    return written;
}

static void test_a_disk_that_fills_up(void **state)
{
    static const char *const suffixes[] = { ".pcapng", ".pcap" };

    (void)state;
    for (size_t i = 0; i < COUNT(suffixes); i++)
        for (rlim_t limit = 400; limit < 700; limit += 13) {
            g_autofree char *name = temporary_name(suffixes[i]);
            const size_t written = write_until_full(name, limit);
            g_autoptr(GError) error = NULL;
            struct reader *reader = reader_open(name, &error);
            struct tf_frame frame;
            size_t n_read = 0;

            check(reader != NULL, "%s, %u bytes: opens", suffixes[i], (unsigned)limit);
            enum tf_status status = TF_OK;
            while ((status = reader_next(reader, &frame, &error)) == TF_OK)
                n_read++;
            check(status == TF_END, "%s, %u bytes: ends with a whole frame", suffixes[i],
                  (unsigned)limit);
            check(n_read == written, "%s, %u bytes: %zu of %zu frames", suffixes[i],
                  (unsigned)limit, n_read, written);
            reader_free(reader);
            unlink(name);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_magic_numbers),
        cmocka_unit_test(test_a_command_line_of_any_length),
        cmocka_unit_test(test_a_full_device),
        cmocka_unit_test(test_names_that_cannot_be_opened),
        cmocka_unit_test(test_a_disk_that_fills_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
