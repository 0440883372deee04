/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live capture.
 *
 * Immediate mode: a trace goes on when answers come, so what counts is how soon a frame is seen,
 * not what it costs. Buffered mode would be 30 times cheaper per frame, but holds each answer back
 * for up to its timeout; a trace is a few hundred frames long and a dozen answers deep.
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <sys/socket.h>

#include "traceflow/error.h"
#include "traceflow/time.h"

enum {
    SNAPLEN = 1024, /* more than any ICMP error that quotes a probe */
    BUFFER_BYTES = 2 << 20,
    BUFFER_BYTES_MANY = 16 << 20,
    FRAMES_AT_ONCE = 1024, /* a flood must not keep the loop from sending, or from an interrupt */
};

struct capture {
    pcap_t *pcap;
    char *interface;
    char *filter;
    int nanoseconds_per_fraction;
    uint64_t frames;
};

static void set_error(struct capture *capture, int status, GError **error)
{
    const bool forbidden = status == PCAP_ERROR_PERM_DENIED ||
                           status == PCAP_ERROR_PROMISC_PERM_DENIED;
    const char *detail = pcap_geterr(capture->pcap);

    g_set_error(error, TF_ERROR, forbidden ? TF_EXIT_PRIVILEGE : TF_EXIT_IO, "%s: %s",
                capture->interface, detail[0] != '\0' ? detail : pcap_statustostr(status));
}

static int configure(pcap_t *pcap, bool many)
{
    int status = pcap_set_snaplen(pcap, SNAPLEN);

    if (status == 0)
        status = pcap_set_promisc(pcap, 0);
    if (status == 0)
        status = pcap_set_immediate_mode(pcap, 1);
    if (status == 0)
        status = pcap_set_buffer_size(pcap, many ? BUFFER_BYTES_MANY : BUFFER_BYTES);
    if (status == 0 && pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO) != 0)
        status = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_MICRO);
    return status;
}

static bool activate(struct capture *capture, bool many, GError **error)
{
    int status = configure(capture->pcap, many);

    if (status == 0)
        status = pcap_activate(capture->pcap);
    if (status < 0) {
        set_error(capture, status, error);
        return false;
    }
    return true;
}

static bool install_filter(struct capture *capture, GError **error)
{
    struct bpf_program program;

    if (pcap_compile(capture->pcap, &program, capture->filter, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        set_error(capture, PCAP_ERROR, error);
        return false;
    }
    const int status = pcap_setfilter(capture->pcap, &program);
    pcap_freecode(&program);
    if (status != 0)
        set_error(capture, status, error);
    return status == 0;
}

static bool start(struct capture *capture, bool many, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE] = "";

    if (!activate(capture, many, error) || !install_filter(capture, error))
        return false;
    const bool nano = pcap_get_tstamp_precision(capture->pcap) == PCAP_TSTAMP_PRECISION_NANO;
    capture->nanoseconds_per_fraction = nano ? 1 : 1000;
    if (pcap_setnonblock(capture->pcap, 1, reason) != 0 || capture_fd(capture) < 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", capture->interface, reason);
        return false;
    }
    return true;
}

struct capture *capture_open(const struct capture_options *options, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_create(options->interface, reason);
    if (pcap == NULL) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", options->interface, reason);
        return NULL;
    }

    struct capture *capture = g_new0(struct capture, 1);
    capture->pcap = pcap;
    capture->interface = g_strdup(options->interface);
    capture->filter = g_strdup(options->filter);
    if (start(capture, options->many, error))
        return capture;
    capture_free(capture);
    return NULL;
}

void capture_free(struct capture *capture)
{
    if (capture == NULL)
        return;
    pcap_close(capture->pcap);
    g_free(capture->interface);
    g_free(capture->filter);
    g_free(capture);
}

int capture_fd(const struct capture *capture)
{
    return pcap_get_selectable_fd(capture->pcap);
}

struct capture_info capture_info(const struct capture *capture)
{
    return (struct capture_info){
        .interface = capture->interface,
        .filter = capture->filter,
        .linktype = pcap_datalink(capture->pcap),
    };
}

struct reading {
    struct capture *capture;
    capture_take take;
    void *data;
};

static void take_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    const struct reading *reading = (const struct reading *)(const void *)user;
    struct capture *capture = reading->capture;
    const int64_t fraction = header->ts.tv_usec;
    const struct captured captured = {
        .frame = {
            .number = ++capture->frames,
            .time_ns = tf_time_ns(header->ts.tv_sec,
                                  (int32_t)(fraction * capture->nanoseconds_per_fraction)),
            .linktype = pcap_datalink(capture->pcap),
            .bytes = bytes,
            .len = header->caplen,
        },
        .original_len = header->len,
    };

    reading->take(&captured, reading->data);
}

int capture_read(struct capture *capture, capture_take take, void *data, GError **error)
{
    struct reading reading = { capture, take, data };
    const int n = pcap_dispatch(capture->pcap, FRAMES_AT_ONCE, take_packet, (u_char *)&reading);

    if (n < 0)
        set_error(capture, n, error);
    return n < 0 ? -1 : n;
}

bool capture_check(const struct capture *capture, GError **error)
{
    int reason = 0;
    socklen_t len = sizeof reason;

    if (getsockopt(capture_fd(capture), SOL_SOCKET, SO_ERROR, &reason, &len) != 0 || reason == 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", capture->interface, g_strerror(reason));
    return false;
}

struct capture_stats capture_stats(const struct capture *capture)
{
    struct pcap_stat stat = { 0 };

    if (pcap_stats(capture->pcap, &stat) != 0)
        return (struct capture_stats){ 0 };
    return (struct capture_stats){ .received = stat.ps_recv,
                                   .dropped = (uint64_t)stat.ps_drop + stat.ps_ifdrop };
}
