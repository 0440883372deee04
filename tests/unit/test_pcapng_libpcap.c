/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sample captures in pcapng: the frames that libpcap reads of them are those that we read. */
#include "support.h"

#include <pcap/pcap.h>
#include <string.h>

#include "reader.h"
#include "traceflow/time.h"

static void check_frame(const char *name, const struct tf_frame *frame, pcap_t *pcap)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;
    const unsigned number = (unsigned)frame->number;

    check(pcap_next_ex(pcap, &header, &bytes) == 1, "%s: frame %u", name, number);
    check(frame->len == header->caplen && memcmp(frame->bytes, bytes, frame->len) == 0,
          "%s: frame %u: bytes", name, number);
    check(frame->time_ns == tf_time_ns(header->ts.tv_sec, (int32_t)header->ts.tv_usec),
          "%s: frame %u: time", name, number);
}

/* libpcap has numbers of its own for a few link types, raw IP among them. */
static void check_linktype(const char *name, int linktype, pcap_t *pcap)
{
    check(linktype == pcap_datalink(pcap) || (linktype == 101 && pcap_datalink(pcap) == DLT_RAW),
          "%s: link type %d", name, linktype);
}

/* Whether libpcap reads it to its end. */
static bool compare(const char *name)
{
    g_autofree char *path = g_build_filename(TRACEFLOW_CAPTURES, name, NULL);
    char reason[PCAP_ERRBUF_SIZE] = "";
    g_autoptr(GError) error = NULL;
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO,
                                                           reason);
    struct reader *reader = reader_open(path, &error);
    struct tf_frame frame;
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;
    uint64_t n = 0;

    check(pcap != NULL && reader != NULL, "%s: %s", name, reason);
    const bool is_readable = strcmp(name, "interfaces.pcapng") != 0;
    while (is_readable && reader_next(reader, &frame, &error) == TF_OK) {
        check(frame.number == n + 1, "%s: frame %u: number", name, (unsigned)n);
        n++;
        check_linktype(name, frame.linktype, pcap);
        check_frame(name, &frame, pcap);
    }
    check(!is_readable || (n > 0 && error == NULL), "%s: end", name);
    check(pcap_next_ex(pcap, &header, &bytes) == (is_readable ? PCAP_ERROR_BREAK : PCAP_ERROR),
          "%s: end by libpcap", name);
    reader_free(reader);
    pcap_close(pcap);
    return is_readable;
}

static void test_the_same_frames(void **state)
{
    GDir *folder = g_dir_open(TRACEFLOW_CAPTURES, 0, NULL);
    unsigned n_compared = 0;
    const char *name = NULL;

    (void)state;
    assert_non_null(folder);
    while ((name = g_dir_read_name(folder)) != NULL)
        if (g_str_has_suffix(name, ".pcapng") && compare(name))
            n_compared++;
    g_dir_close(folder);
    check(n_compared >= 8, "%u captures were found", n_compared);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_the_same_frames) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
