/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading destinations, a few at a time: a pipe may be slow, or have no end. */
#include "target_list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "traceflow/error.h"

enum {
    READ_AT_ONCE = 4096,
    LINE_MAX_LEN = 1024, /* no name is longer (RFC 1035 section 2.3.4); what is, is cut */
};

struct target_list {
    char *const *words; /* NULL: lines */
    char *name;
    int fd; /* -1: at its end */
    GString *unread;
    bool skipping; /* the rest of a line that was cut */
};

struct target_list *target_list_from_words(char *const *words)
{
    struct target_list *list = g_new0(struct target_list, 1);

    list->words = words;
    list->fd = -1;
    return list;
}

struct target_list *target_list_open(const char *file, GError **error)
{
    const bool is_stdin = strcmp(file, "-") == 0;
    const int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", file, g_strerror(errno));
        return NULL;
    }

    struct target_list *list = g_new0(struct target_list, 1);
    list->name = g_strdup(is_stdin ? "standard input" : file);
    list->fd = fd;
    list->unread = g_string_new(NULL);
    return list;
}

static void end(struct target_list *list)
{
    if (list->fd > STDIN_FILENO)
        close(list->fd);
    list->fd = -1;
}

void target_list_free(struct target_list *list)
{
    if (list == NULL)
        return;
    end(list);
    if (list->unread != NULL)
        g_string_free(list->unread, TRUE);
    g_free(list->name);
    g_free(list);
}

/* A line, or what stands for one: the last, without its end, or the start of an endless one. */
static char *take_line(struct target_list *list)
{
    GString *unread = list->unread;
    const char *newline = memchr(unread->str, '\n', unread->len);
    const size_t len = newline != NULL ? (size_t)(newline - unread->str) : unread->len;
    const bool is_cut = newline == NULL && len > LINE_MAX_LEN;
    if (unread->len == 0 || (newline == NULL && !is_cut && list->fd >= 0))
        return NULL;

    char *line = list->skipping ? g_strdup("") : g_strndup(unread->str, MIN(len, LINE_MAX_LEN));
    list->skipping = is_cut;
    g_string_erase(unread, 0, (gssize)(newline != NULL ? len + 1 : len));
    return line;
}

static char *next_line(struct target_list *list)
{
    char *line = NULL;

    while ((line = take_line(list)) != NULL) {
        char *comment = strchr(line, '#');
        if (comment != NULL)
            *comment = '\0';
        if (g_strstrip(line)[0] != '\0')
            return line;
        g_free(line);
    }
    return NULL;
}

char *target_list_next(struct target_list *list)
{
    if (list->words == NULL)
        return next_line(list);
    return *list->words != NULL ? g_strdup(*list->words++) : NULL;
}

bool target_list_is_over(const struct target_list *list)
{
    if (list->words != NULL)
        return *list->words == NULL;
    return list->fd < 0 && list->unread->len == 0;
}

int target_list_fd(const struct target_list *list)
{
    return list->fd;
}

bool target_list_read(struct target_list *list, GError **error)
{
    char buf[READ_AT_ONCE];
    const ssize_t n = read(list->fd, buf, sizeof buf);

    if (n > 0)
        g_string_append_len(list->unread, buf, n);
    if (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)))
        return true;
    if (n < 0)
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", list->name, g_strerror(errno));
    end(list);
    return n == 0;
}
