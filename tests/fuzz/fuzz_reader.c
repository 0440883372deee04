/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Input: a capture file. It goes all the way that `traceflow -r` goes. */
#include <string.h>

#include "analysis.h"
#include "fuzz.h"
#include "reader.h"
#include "traceflow/report.h"
#include "traceflow/time.h"

/* libpcap's own appetite aside, a run is to take milliseconds. */
enum { FRAMES_MAX = 512 };

static void check_report(GString *text)
{
    must(g_utf8_validate(text->str, (gssize)text->len, NULL));
    must(text->len == 0 || text->str[text->len - 1] == '\n');
    must(strlen(text->str) == text->len);
    g_string_set_size(text, 0);
}

static void report_all(const struct tf_trace_set *traces)
{
    const struct tf_report_options plain = { .destination_name = NULL };
    const struct tf_report_options full = { "www.example.com", .rtt = true,
                                            .rows = TF_ROWS_DISTINCT };
    GString *text = g_string_new(NULL);

    tf_report_vert(text, traces, &full);
    check_report(text);
    tf_report_horiz(text, traces, &plain);
    check_report(text);
    tf_report_json(text, traces, &full);
    check_report(text);
    g_string_free(text, TRUE);
}

static void read_all(struct reader *reader, struct analysis *analysis)
{
    struct tf_frame frame;
    struct tf_observation obs;
    g_autoptr(GError) error = NULL;
    enum tf_status status = TF_OK;
    uint64_t number = 0;

    while (analysis->frames < FRAMES_MAX &&
           (status = reader_next(reader, &frame, &error)) == TF_OK) {
        must(frame.number > number); /* records that are no packets have a number too */
        must(frame.time_ns >= 0 && frame.time_ns / TF_NS_PER_S <= TF_SECONDS_MAX);
        touch(frame.bytes, frame.len);
        number = frame.number;
        if (tf_link_known(frame.linktype))
            analysis_add(analysis, analysis_match(analysis, &frame, &obs), &obs);
        else
            analysis_pass_over(analysis, &frame);
    }
    must((status == TF_BAD) == (error != NULL));
}

static struct reader *open_input(const uint8_t *data, size_t size)
{
    FILE *stream = fmemopen((void *)(uintptr_t)data, size, "rb");
    g_autoptr(GError) error = NULL;
    must(stream != NULL);

    struct reader *reader = reader_from_stream(stream, "input", &error);
    must((reader == NULL) == (error != NULL));
    return reader;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[] = "input";
    const struct options options = { .read_file = name };
    if (size == 0) /* which fmemopen refuses */
        return 0;
    struct reader *reader = open_input(data, size);
    if (reader == NULL)
        return 0;

    struct analysis *analysis = analysis_new(&options);
    read_all(reader, analysis);
    report_all(analysis->traces);
    analysis_free(analysis);
    reader_free(reader);
    return 0;
}
