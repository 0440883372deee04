/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Destinations as their user wrote them: from the command line, or a file read as needed. */
#ifndef TRACEFLOW_PROBER_TARGET_LIST_H
#define TRACEFLOW_PROBER_TARGET_LIST_H

#include <glib.h>
#include <stdbool.h>

struct target_list;

/** The words of a NULL-terminated array, which outlives the list. */
struct target_list *target_list_from_words(char *const *words);

/**
 * The lines of a file or pipe; "-" is standard input. Blanks around a line, empty lines, and what
 * follows a # are left out. Fails with TF_EXIT_IO.
 */
struct target_list *target_list_open(const char *file, GError **error);

/** target_list_free(NULL) is fine. */
void target_list_free(struct target_list *list);

/** The next text, to be freed with g_free; NULL if there is none now. */
char *target_list_next(struct target_list *list);

/** Whether there is none now, and none to come. */
bool target_list_is_over(const struct target_list *list);

/** The descriptor to wait for where there is none now, and that may have more; -1: the end. */
int target_list_fd(const struct target_list *list);

/** Read what waits in the descriptor; blocks where it is not readable. Fails with TF_EXIT_IO, and
 * then the list has ended. */
bool target_list_read(struct target_list *list, GError **error);

#endif
