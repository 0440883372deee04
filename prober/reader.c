/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading captures back: pcapng by ourselves, pcap by libpcap, which gives a file one link type. */
#include "reader.h"

#include <errno.h>
#include <pcap/pcap.h>

#include "pcap_stream.h"
#include "pcapng_format.h"
#include "pcapng_reader.h"
#include "traceflow/error.h"
#include "traceflow/link.h"
#include "traceflow/time.h"

/* One of the two reads. */
struct reader {
    pcap_t *pcap;
    struct pcapng_reader *pcapng;
    char *name;
    uint64_t frames; /* of pcap */
    bool any_known;  /* of pcapng: whether any frame's link type was, */
    bool any_unknown;
    int unknown; /* and the first that was not */
};

static void set_error(GError **error, const char *name, const char *reason)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", name, reason);
}

static void set_unknown_error(GError **error, const char *name, int linktype)
{
    const char *linktype_name = pcap_datalink_val_to_name(linktype);

    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: link type %d (%s) is not supported", name,
                linktype, linktype_name != NULL ? linktype_name : "unknown");
}

/* A pcap's magic number begins with another byte, in whatever order, and one byte can be put back
 * into any stream. */
static bool is_pcapng(FILE *stream)
{
    const int first = getc(stream);

    if (first != EOF)
        ungetc(first, stream);
    return first == PCAPNG_SECTION >> 24;
}

static bool open_pcap(struct reader *reader, FILE *file, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    FILE *stream = pcap_stream_new(file);
    if (stream == NULL) {
        set_error(error, reader->name, g_strerror(errno));
        fclose(file);
        return false;
    }

    reader->pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO,
                                                            reason);
    if (reader->pcap == NULL) {
        set_error(error, reader->name, reason);
        fclose(stream);
        return false;
    }
    if (tf_link_known(pcap_datalink(reader->pcap)))
        return true;
    set_unknown_error(error, reader->name, pcap_datalink(reader->pcap));
    return false;
}

struct reader *reader_from_stream(FILE *stream, const char *name, GError **error)
{
    struct reader *reader = g_new0(struct reader, 1);

    reader->name = g_strdup(name);
    if (is_pcapng(stream))
        reader->pcapng = pcapng_reader_new(stream);
    else if (!open_pcap(reader, stream, error)) {
        reader_free(reader);
        return NULL;
    }
    return reader;
}

struct reader *reader_open(const char *name, GError **error)
{
    const bool is_stdin = g_strcmp0(name, "-") == 0;
    FILE *stream = is_stdin ? stdin : fopen(name, "rb");
    if (stream == NULL) {
        set_error(error, name, g_strerror(errno));
        return NULL;
    }
    return reader_from_stream(stream, is_stdin ? "standard input" : name, error);
}

void reader_free(struct reader *reader)
{
    if (reader == NULL)
        return;
    if (reader->pcap != NULL)
        pcap_close(reader->pcap);
    pcapng_reader_free(reader->pcapng);
    g_free(reader->name);
    g_free(reader);
}

/* Only the end tells that no interface's frames can be read. */
static enum tf_status next_of_pcapng(struct reader *reader, struct tf_frame *frame, GError **error)
{
    const enum tf_status status = pcapng_reader_next(reader->pcapng, frame, error);

    if (status == TF_BAD)
        g_prefix_error(error, "%s: ", reader->name);
    if (status == TF_OK && tf_link_known(frame->linktype))
        reader->any_known = true;
    else if (status == TF_OK && !reader->any_unknown) {
        reader->any_unknown = true;
        reader->unknown = frame->linktype;
    }
    if (status != TF_END || reader->any_known || !reader->any_unknown)
        return status;
    set_unknown_error(error, reader->name, reader->unknown);
    return TF_BAD;
}

static enum tf_status next_of_pcap(struct reader *reader, struct tf_frame *frame, GError **error)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;

    switch (pcap_next_ex(reader->pcap, &header, &bytes)) {
    case 1: break;
    case PCAP_ERROR_BREAK: return TF_END;
    default: set_error(error, reader->name, pcap_geterr(reader->pcap)); return TF_BAD;
    }
    /* Of the numbers that libpcap takes for negative, seconds are those from 2038 on. */
    *frame = (struct tf_frame){
        .number = ++reader->frames,
        .time_ns = tf_time_ns((uint32_t)header->ts.tv_sec, (int32_t)header->ts.tv_usec),
        .linktype = pcap_datalink(reader->pcap),
        .bytes = bytes,
        .len = header->caplen,
    };
    return TF_OK;
}

enum tf_status reader_next(struct reader *reader, struct tf_frame *frame, GError **error)
{
    return reader->pcapng != NULL ? next_of_pcapng(reader, frame, error)
                                  : next_of_pcap(reader, frame, error);
}
