/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The programs' errors: a GError domain whose codes are the exit statuses. */
#ifndef TRACEFLOW_ERROR_H
#define TRACEFLOW_ERROR_H

#include <glib.h>

/** Exit statuses, and codes of TF_ERROR. */
enum tf_exit {
    TF_EXIT_DONE = 0,
    TF_EXIT_NO_ANSWER = 1, /* nothing answered, or the name does not resolve */
    TF_EXIT_USAGE = 2,
    TF_EXIT_PRIVILEGE = 3,
    TF_EXIT_IO = 4, /* files, interfaces, routes, sockets */
};

#define TF_ERROR (tf_error_quark())
GQuark tf_error_quark(void);

/**
 * Print one line on standard error, whatever the message holds, and return its exit status. It
 * begins with the program's name (g_set_prgname).
 */
int tf_error_print(const GError *error);

/**
 * Open those of descriptors 0 to 2 that are closed, for reading /dev/null: a socket or file opened
 * later would get what is printed. Writing to them still fails.
 */
void tf_reserve_standard_streams(void);

/** Print one line on standard error, control characters made harmless. */
void tf_note(const char *format, ...) G_GNUC_PRINTF(1, 2);

#endif
