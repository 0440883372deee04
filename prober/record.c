/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture files, written block by block.
 *
 * libpcap writes no pcapng, hence the four block types here (draft-ietf-opsawg-pcapng): section
 * header, interface description, enhanced packet, interface statistics; and pcap with nanoseconds
 * (draft-ietf-opsawg-pcap). Both in this machine's byte order, as their readers expect. Each block
 * or packet is one write, without a buffer: a trace is small, and what a crash leaves is whole.
 */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcapng_format.h"
#include "traceflow/error.h"
#include "traceflow/link.h"
#include "traceflow/time.h"

/* What other capture programs write by default, and not what the filter cuts at: libpcap reads
 * interfaces of different snap lengths no more than it reads different link types, and files get
 * merged. */
enum { SNAPLEN = 262144 };

static const uint32_t pcap_nanosecond_magic = 0xa1b23c4d;

struct record {
    char *name;
    int fd;
    bool is_pcap;
    bool is_ours; /* a file that we created, and may cut */
    bool failed;
    int64_t last_ns; /* time stamp of the last frame */
    off_t whole;     /* file length up to the last whole block */
};

struct record *record_open(const char *name, GError **error)
{
    const bool is_stdout = g_strcmp0(name, "-") == 0;
    const int fd = is_stdout ? dup(STDOUT_FILENO)
                             : open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", name, g_strerror(errno));
        return NULL;
    }

    struct record *record = g_new0(struct record, 1);
    record->name = g_strdup(is_stdout ? "standard output" : name);
    record->fd = fd;
    record->is_pcap = g_str_has_suffix(name, ".pcap");
    record->is_ours = !is_stdout;
    return record;
}

static bool fail(struct record *record, int reason, GError **error)
{
    record->failed = true;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", record->name, g_strerror(reason));
    return false;
}

/* Standard output may hold more than what we wrote; pipes and devices cannot be cut, and need not
 * be. */
static void cut_back(const struct record *record)
{
    if (record->is_ours && ftruncate(record->fd, record->whole) != 0)
        g_debug("%s cannot be cut", record->name);
}

static bool write_whole(struct record *record, const GByteArray *bytes, GError **error)
{
    size_t done = 0;

    while (done < bytes->len) {
        const ssize_t n = write(record->fd, bytes->data + done, bytes->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            const int reason = errno;
            cut_back(record);
            return fail(record, reason, error);
        }
        done += (size_t)n;
    }
    record->whole += (off_t)bytes->len;
    return true;
}

static void put(GByteArray *bytes, const void *data, size_t len)
{
    g_byte_array_append(bytes, data, (guint)len);
}

static void put_u16(GByteArray *bytes, uint16_t value)
{
    put(bytes, &value, sizeof value);
}

static void put_u32(GByteArray *bytes, uint32_t value)
{
    put(bytes, &value, sizeof value);
}

static void put_padded(GByteArray *bytes, const void *data, size_t len)
{
    static const uint8_t zeros[4];

    put(bytes, data, len);
    put(bytes, zeros, (4 - len % 4) % 4);
}

static void put_option(GByteArray *bytes, uint16_t code, const void *value, size_t len)
{
    put_u16(bytes, code);
    put_u16(bytes, (uint16_t)len);
    put_padded(bytes, value, len);
}

/* Options are optional, and their length is a 16-bit number: what is longer is cut. */
static void put_text_option(GByteArray *bytes, uint16_t code, const char *text)
{
    put_option(bytes, code, text, MIN(strlen(text), UINT16_MAX));
}

static GByteArray *begin_block(uint32_t type)
{
    GByteArray *block = g_byte_array_new();

    put_u32(block, type);
    put_u32(block, 0); /* the length, by write_block */
    return block;
}

static bool write_block(struct record *record, GByteArray *block, GError **error)
{
    const uint32_t length = block->len + (uint32_t)sizeof length;

    memcpy(block->data + sizeof length, &length, sizeof length);
    put_u32(block, length);
    const bool ok = write_whole(record, block, error);
    g_byte_array_unref(block);
    return ok;
}

static bool write_section(struct record *record, const char *comment, GError **error)
{
    GByteArray *block = begin_block(PCAPNG_SECTION);

    put_u32(block, PCAPNG_ORDER);
    put_u16(block, 1); /* version 1.0 */
    put_u16(block, 0);
    put_u32(block, UINT32_MAX); /* section length: not given */
    put_u32(block, UINT32_MAX);
    put_text_option(block, PCAPNG_OPTION_COMMENT, comment);
    put_text_option(block, PCAPNG_SECTION_USER_APPLICATION, "traceflow " TRACEFLOW_VERSION);
    put_option(block, PCAPNG_OPTION_END, "", 0);
    return write_block(record, block, error);
}

/* libpcap's number for raw IP is this system's own; files have one for all. */
static uint16_t file_linktype(int linktype)
{
    return (uint16_t)(linktype == TF_LINKTYPE_DLT_RAW ? TF_LINKTYPE_RAW : linktype);
}

static bool write_interface(struct record *record, const struct capture_info *info, GError **error)
{
    static const uint8_t nanoseconds = 9; /* negative power of ten */
    g_autofree char *filter = g_strconcat(" ", info->filter, NULL);
    GByteArray *block = begin_block(PCAPNG_INTERFACE);

    filter[0] = 0; /* the filter is a string in libpcap's syntax */
    put_u16(block, file_linktype(info->linktype));
    put_u16(block, 0);
    put_u32(block, SNAPLEN);
    put_text_option(block, PCAPNG_INTERFACE_NAME, info->interface);
    put_option(block, PCAPNG_INTERFACE_TIME_RESOLUTION, &nanoseconds, 1);
    put_option(block, PCAPNG_INTERFACE_FILTER, filter, 1 + strlen(info->filter));
    put_option(block, PCAPNG_OPTION_END, "", 0);
    return write_block(record, block, error);
}

static bool write_pcap_head(struct record *record, const struct capture_info *info, GError **error)
{
    g_autoptr(GByteArray) head = g_byte_array_new();

    put_u32(head, pcap_nanosecond_magic);
    put_u16(head, 2); /* version 2.4 */
    put_u16(head, 4);
    put_u32(head, 0);
    put_u32(head, 0);
    put_u32(head, SNAPLEN);
    put_u32(head, file_linktype(info->linktype));
    return write_whole(record, head, error);
}

bool record_begin(struct record *record, const struct capture_info *info, const char *comment,
                  GError **error)
{
    if (record->is_pcap)
        return write_pcap_head(record, info, error);
    return write_section(record, comment, error) && write_interface(record, info, error);
}

static bool write_pcap_packet(struct record *record, const struct captured *captured,
                              GError **error)
{
    const struct tf_frame *frame = &captured->frame;
    g_autoptr(GByteArray) packet = g_byte_array_new();

    put_u32(packet, (uint32_t)(frame->time_ns / TF_NS_PER_S));
    put_u32(packet, (uint32_t)(frame->time_ns % TF_NS_PER_S));
    put_u32(packet, (uint32_t)frame->len);
    put_u32(packet, captured->original_len);
    put(packet, frame->bytes, frame->len);
    return write_whole(record, packet, error);
}

static void put_time(GByteArray *block, int64_t time_ns)
{
    put_u32(block, (uint32_t)((uint64_t)time_ns >> 32));
    put_u32(block, (uint32_t)time_ns);
}

static bool write_packet(struct record *record, const struct captured *captured, GError **error)
{
    const struct tf_frame *frame = &captured->frame;
    GByteArray *block = begin_block(PCAPNG_PACKET);

    put_u32(block, 0); /* interface */
    put_time(block, frame->time_ns);
    put_u32(block, (uint32_t)frame->len);
    put_u32(block, captured->original_len);
    put_padded(block, frame->bytes, frame->len);
    return write_block(record, block, error);
}

bool record_write(struct record *record, const struct captured *captured, GError **error)
{
    if (record->failed)
        return fail(record, EIO, error);
    record->last_ns = captured->frame.time_ns;
    return record->is_pcap ? write_pcap_packet(record, captured, error)
                           : write_packet(record, captured, error);
}

static bool write_statistics(struct record *record, const struct capture_stats *stats,
                             GError **error)
{
    GByteArray *block = begin_block(PCAPNG_STATISTICS);

    put_u32(block, 0); /* interface */
    put_time(block, record->last_ns);
    put_option(block, PCAPNG_STATISTICS_RECEIVED, &stats->received, sizeof stats->received);
    put_option(block, PCAPNG_STATISTICS_DROPPED, &stats->dropped, sizeof stats->dropped);
    put_option(block, PCAPNG_OPTION_END, "", 0);
    return write_block(record, block, error);
}

bool record_close(struct record *record, const struct capture_stats *stats, GError **error)
{
    bool ok = true;

    if (record == NULL)
        return true;
    if (!record->failed && !record->is_pcap)
        ok = write_statistics(record, stats, error);
    if (close(record->fd) != 0 && ok)
        ok = fail(record, errno, error);
    g_free(record->name);
    g_free(record);
    return ok;
}
