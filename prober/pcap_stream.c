/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcap file without its snap length, passed on as it is read. */
#include "pcap_stream.h"

#include <glib.h>
#include <stdint.h>

/* In the file's header; 0 is the same in either byte order. */
enum { SNAP_LENGTH = 16, SNAP_LENGTH_END = 20 };

struct pcap_stream {
    FILE *file;
    uint64_t at; /* how much of it has been read */
};

static ssize_t read_bytes(void *cookie, char *buf, size_t size)
{
    struct pcap_stream *stream = cookie;
    const size_t n = fread(buf, 1, size, stream->file);
    if (n == 0 && ferror(stream->file))
        return -1;

    for (size_t i = 0; i < n && stream->at + i < SNAP_LENGTH_END; i++)
        if (stream->at + i >= SNAP_LENGTH)
            buf[i] = 0;
    stream->at += n;
    return (ssize_t)n;
}

static int close_file(void *cookie)
{
    struct pcap_stream *stream = cookie;
    const int status = fclose(stream->file);

    g_free(stream);
    return status;
}

FILE *pcap_stream_new(FILE *file)
{
    const cookie_io_functions_t functions = { .read = read_bytes, .close = close_file };
    struct pcap_stream *stream = g_new(struct pcap_stream, 1);

    *stream = (struct pcap_stream){ .file = file };
    FILE *opened = fopencookie(stream, "rb", functions);
    if (opened == NULL)
        g_free(stream);
    return opened;
}
