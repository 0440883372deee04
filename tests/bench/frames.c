/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frames ours|udp|echo|tcp|foreign|mixed COUNT: a capture of so many Ethernet frames, on standard
 * output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frames_made.h"

enum { SNAPLEN = 65535, LINKTYPE_ETHERNET = 1, INTERVAL_NS = 50000, NS_PER_S = 1000000000 };

typedef void maker(struct made_frame *frame, uint64_t number);

/* As libpcap writes it, in the machine's byte order: a magic that says nanoseconds, version 2.4. */
static void write_file_header(void)
{
    const uint32_t magic = 0xa1b23c4d;
    const uint16_t version[] = { 2, 4 };
    const uint32_t rest[] = { 0, 0, SNAPLEN, LINKTYPE_ETHERNET };

    fwrite(&magic, sizeof magic, 1, stdout);
    fwrite(version, sizeof version, 1, stdout);
    fwrite(rest, sizeof rest, 1, stdout);
}

static void write_frame(uint64_t number, const struct made_frame *frame)
{
    const uint64_t time_ns = number * INTERVAL_NS;
    const uint32_t header[] = { (uint32_t)(1700000000 + time_ns / NS_PER_S),
                                (uint32_t)(time_ns % NS_PER_S), (uint32_t)frame->len,
                                (uint32_t)frame->len };

    fwrite(header, sizeof header, 1, stdout);
    fwrite(frame->bytes, frame->len, 1, stdout);
}

/* One frame of ours among fifty. */
static void make_mixed(struct made_frame *frame, uint64_t number)
{
    if (number % 50 == 0)
        frames_make_ours(frame, number / 50);
    else
        frames_make_foreign(frame, number);
}

static maker *maker_of(const char *kind)
{
    static const struct {
        const char *kind;
        maker *make;
    } makers[] = {
        { "ours", frames_make_ours },       { "udp", frames_make_udp },
        { "echo", frames_make_echo },       { "tcp", frames_make_tcp },
        { "foreign", frames_make_foreign }, { "mixed", make_mixed },
    };

    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(kind, makers[i].kind) == 0)
            return makers[i].make;
    return NULL;
}

int main(int argc, char **argv)
{
    static struct made_frame frame;
    maker *const make = argc == 3 ? maker_of(argv[1]) : NULL;
    const uint64_t count = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

    if (make == NULL || count == 0) {
        fputs("usage: frames ours|udp|echo|tcp|foreign|mixed COUNT\n", stderr);
        return 2;
    }

    write_file_header();
    for (uint64_t number = 0; number < count; number++) {
        make(&frame, number);
        write_frame(number, &frame);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
