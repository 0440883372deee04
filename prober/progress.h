/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line on the terminal that says how far it is, rewritten a few times a second. */
#ifndef TRACEFLOW_PROBER_PROGRESS_H
#define TRACEFLOW_PROBER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress;

/** What is shown. */
struct progress_state {
    const char *destination; /* if there is only one; else NULL */
    unsigned under_way;      /* runs */
    unsigned done;           /* runs */
    unsigned sent;           /* probes, of the runs under way */
    unsigned answered;
    unsigned waiting; /* probes that may still be answered */
    unsigned silent;  /* pairs of path and TTL that will be asked again */
    unsigned paths;
    unsigned top;    /* TTL */
    unsigned naming; /* runs that wait for names of responders */
};

/** A line on standard error, if that is a terminal and wanted; never NULL. */
struct progress *progress_new(bool wanted);

/** Erases the line. */
void progress_free(struct progress *progress);

/** Whether it is time for the next line. */
bool progress_due(const struct progress *progress, int64_t now_ns);

/** When that is; INT64_MAX: never. */
int64_t progress_next_ns(const struct progress *progress);

void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ns);

/** Erase the line: something else is about to be printed, perhaps on the same terminal. */
void progress_hide(struct progress *progress);

/** Write the line, of columns characters at most, to text[size]; control characters of the
 * destination are made harmless. */
void progress_line(const struct progress_state *state, unsigned columns, char *text, unsigned size);

#endif
