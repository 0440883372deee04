/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading captures back. */
#include "reader.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <string.h>

#include "traceflow/error.h"
#include "traceflow/link.h"
#include "traceflow/time.h"

struct reader {
    pcap_t *pcap;
    char *name;
    uint64_t frames;
};

/* libpcap reads a pcapng through one link type and snap length, and says so in its own terms. */
static const char *explain(const char *reason)
{
    if (strstr(reason, "different from the type of the first interface") != NULL)
        return "its interfaces have different link types, which cannot be read together "
               "(split it by interface, for example with tshark -Y frame.interface_id==0 -w)";
    if (strstr(reason, "different from the snapshot length of the first interface") != NULL)
        return "its interfaces have different snap lengths, which cannot be read together "
               "(convert it, for example with editcap -F pcap)";
    return reason;
}

static void set_error(GError **error, const char *name, const char *reason)
{
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", name, explain(reason));
}

static bool check_linktype(const struct reader *reader, GError **error)
{
    const int linktype = pcap_datalink(reader->pcap);
    if (tf_link_known(linktype))
        return true;
    const char *name = pcap_datalink_val_to_name(linktype);
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: link type %d (%s) is not supported", reader->name,
                linktype, name != NULL ? name : "unknown");
    return false;
}

struct reader *reader_from_stream(FILE *stream, const char *name, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO,
                                                            reason);
    if (pcap == NULL) {
        set_error(error, name, reason);
        fclose(stream);
        return NULL;
    }

    struct reader *reader = g_new0(struct reader, 1);
    reader->pcap = pcap;
    reader->name = g_strdup(name);
    if (check_linktype(reader, error))
        return reader;
    reader_free(reader);
    return NULL;
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
    pcap_close(reader->pcap);
    g_free(reader->name);
    g_free(reader);
}

enum tf_status reader_next(struct reader *reader, struct tf_frame *frame, GError **error)
{
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;

    switch (pcap_next_ex(reader->pcap, &header, &bytes)) {
    case 1: break;
    case PCAP_ERROR_BREAK: return TF_END;
    default: set_error(error, reader->name, pcap_geterr(reader->pcap)); return TF_BAD;
    }
    *frame = (struct tf_frame){
        .number = ++reader->frames,
        .time_ns = tf_time_ns(header->ts.tv_sec,
                              (int32_t)CLAMP(header->ts.tv_usec, 0, TF_NS_PER_S - 1)),
        .linktype = pcap_datalink(reader->pcap),
        .bytes = bytes,
        .len = header->caplen,
    };
    return TF_OK;
}
