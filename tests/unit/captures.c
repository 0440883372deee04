/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture files for the tests of record and reader: six frames, written and compared. */
#include "captures.h"

#include <string.h>
#include <unistd.h>

#include "support.h"
#include "traceflow/time.h"

static const size_t lens[N_FRAMES] = { 44, 0, 1, 2, 3, 1024 };

/* libpcap reads the seconds of a pcap file as signed 32 bits: 2038 is as far as both formats go. */
static const int64_t last_ns = INT32_MAX * TF_NS_PER_S + TF_NS_PER_S - 1;

struct captured captured_frame(size_t index)
{
    static uint8_t bytes[1024];
    const int64_t times_ns[N_FRAMES] = {
        INT64_C(1700000000123456789), 0, 1, TF_NS_PER_S - 1, last_ns, INT64_C(1700000001000000000),
    };

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i + index);
    return (struct captured){
        .frame = { .time_ns = times_ns[index], .bytes = bytes, .len = lens[index] },
        .original_len = (uint32_t)(lens[index] == 1024 ? 1500 : lens[index]),
    };
}

struct capture_info capture_info_of(int linktype)
{
    return (
        struct capture_info){ .interface = "eth0", .filter = "udp or icmp", .linktype = linktype };
}

char *temporary_name(const char *suffix)
{
    static unsigned count;

    return g_strdup_printf("%s/traceflow-unit-%d-%u%s", g_get_tmp_dir(), (int)getpid(), count++,
                           suffix);
}

void write_capture(const char *name, int linktype)
{
    const struct capture_info info = capture_info_of(linktype);
    const struct capture_stats stats = { .received = N_FRAMES, .dropped = 1 };
    g_autoptr(GError) error = NULL;
    struct record *record = record_open(name, &error);

    check(record != NULL, "%s: %s", name, error == NULL ? "" : error->message);
    check(record_begin(record, &info, "traceflow www.example.com", &error), "%s: begin", name);
    for (size_t i = 0; i < N_FRAMES; i++) {
        const struct captured captured = captured_frame(i);
        check(record_write(record, &captured, &error), "%s: frame %zu", name, i);
    }
    check(record_close(record, &stats, &error), "%s: close", name);
}

static void check_frame(const char *row, const struct tf_frame *frame, size_t index)
{
    const struct captured want = captured_frame(index);

    check(index < N_FRAMES && frame->number == index + 1, "%s: frame %zu: number", row, index);
    check(frame->time_ns == want.frame.time_ns, "%s: frame %zu: time %lld", row, index,
          (long long)frame->time_ns);
    check(frame->len == want.frame.len, "%s: frame %zu: %zu bytes", row, index, frame->len);
    check(frame->len == 0 || memcmp(frame->bytes, want.frame.bytes, frame->len) == 0,
          "%s: frame %zu: bytes", row, index);
}

enum tf_status count_frames(struct reader *reader, const char *row, size_t *n_read, GError **error)
{
    struct tf_frame frame;
    enum tf_status status = TF_OK;

    for (*n_read = 0; (status = reader_next(reader, &frame, error)) == TF_OK; (*n_read)++)
        check_frame(row, &frame, *n_read);
    return status;
}

enum tf_status read_frames(struct reader *reader, const char *row, int linktype)
{
    g_autoptr(GError) error = NULL;
    struct tf_frame frame;

    for (size_t i = 0; i < N_FRAMES; i++) {
        check(reader_next(reader, &frame, &error) == TF_OK, "%s: frame %zu: %s", row, i,
              error == NULL ? "" : error->message);
        check_frame(row, &frame, i);
        check(frame.linktype == linktype, "%s: link type %d", row, frame.linktype);
    }
    return reader_next(reader, &frame, &error);
}
