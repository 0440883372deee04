/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Showing progress: drawn over itself with carriage returns, never longer than the terminal. */
#include "progress.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "traceflow/time.h"

enum { COLUMNS_UNKNOWN = 80, LINE_LEN = 512 };

static const int64_t interval_ns = 200 * TF_NS_PER_MS;

struct progress {
    bool wanted;
    bool shown;
    int64_t next_ns;
};

struct progress *progress_new(bool wanted)
{
    struct progress *progress = g_new0(struct progress, 1);

    progress->wanted = wanted && isatty(STDERR_FILENO) && g_strcmp0(g_getenv("TERM"), "dumb") != 0;
    return progress;
}

void progress_free(struct progress *progress)
{
    if (progress == NULL)
        return;
    progress_hide(progress);
    g_free(progress);
}

bool progress_due(const struct progress *progress, int64_t now_ns)
{
    return progress->wanted && now_ns >= progress->next_ns;
}

int64_t progress_next_ns(const struct progress *progress)
{
    return progress->wanted ? progress->next_ns : INT64_MAX;
}

/* As the user wrote it, but for what is no printable ASCII: a character is one column then. */
static void append_clean(GString *text, const char *destination)
{
    for (const char *c = destination; *c != '\0'; c++)
        if (((unsigned char)*c & 0xc0) != 0x80) /* UTF-8's continuation bytes */
            g_string_append_c(text, g_ascii_isprint(*c) ? *c : '?');
}

static void append_runs(GString *text, const struct progress_state *state)
{
    if (state->destination != NULL)
        append_clean(text, state->destination);
    else
        g_string_append_printf(text, "%u done, %u under way", state->done, state->under_way);
}

static void append_waits(GString *text, const struct progress_state *state)
{
    if (state->under_way == 0 && state->naming > 0)
        g_string_append(text, "; waits for names");
    else if (state->waiting > 0)
        g_string_append_printf(text, "; waits for %u answer%s", state->waiting,
                               state->waiting == 1 ? "" : "s");
    if (state->silent > 0)
        g_string_append_printf(text, "; %u silent, to be asked again", state->silent);
}

void progress_line(const struct progress_state *state, unsigned columns, char *text, unsigned size)
{
    GString *line = g_string_new(NULL);

    append_runs(line, state);
    g_string_append_printf(line, ": %u sent, %u answered, %u path%s", state->sent, state->answered,
                           state->paths, state->paths == 1 ? "" : "s");
    if (state->top > 0)
        g_string_append_printf(line, ", TTL %u", state->top);
    append_waits(line, state);
    g_string_truncate(line, MIN(line->len, columns));
    g_strlcpy(text, line->str, size);
    g_string_free(line, TRUE);
}

/* One less than the terminal has: in its last column some wrap at once. */
static unsigned columns_of_terminal(void)
{
    struct winsize size = { 0 };

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_UNKNOWN - 1;
    return size.ws_col - 1U;
}

/* In the background the terminal is somebody else's. */
static bool is_in_foreground(void)
{
    const pid_t group = tcgetpgrp(STDERR_FILENO);

    return group < 0 || group == getpgrp();
}

void progress_show(struct progress *progress, const struct progress_state *state, int64_t now_ns)
{
    char line[LINE_LEN];
    const bool is_first = progress->next_ns == 0;

    progress->next_ns = now_ns + interval_ns;
    if (is_first || !is_in_foreground()) /* a short run is over before one could read it */
        return;
    progress_line(state, columns_of_terminal(), line, sizeof line);
    fprintf(stderr, "\r%s\033[K", line);
    progress->shown = true;
}

void progress_hide(struct progress *progress)
{
    if (!progress->shown)
        return;
    fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
