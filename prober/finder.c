/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Resolving in threads of a pool, which report through a queue and an event descriptor. */
#include "finder.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "traceflow/error.h"

enum { THREADS_MAX = 32 };

/* What threads share with the program; it lives until the last of them is through. */
struct shared {
    uint8_t version;
    int event_fd;
    gint given_up;
    GAsyncQueue *found;
};

struct finder {
    struct shared *shared; /* counted */
    GThreadPool *pool;     /* NULL: nothing asked yet */
    unsigned open;
};

/* One text under way. */
struct job {
    struct shared *shared; /* counted */
    char *text;
};

void target_free(struct target *target)
{
    if (target == NULL)
        return;
    g_clear_error(&target->error);
    g_free(target->text);
    g_free(target);
}

static void free_target(gpointer target)
{
    target_free(target);
}

static void clear_shared(gpointer data)
{
    struct shared *shared = data;

    g_async_queue_unref(shared->found);
    close(shared->event_fd);
}

static struct job *new_job(struct shared *shared, char *text)
{
    struct job *job = g_new0(struct job, 1);

    job->shared = g_atomic_rc_box_acquire(shared);
    job->text = text;
    return job;
}

static void free_job(gpointer data)
{
    struct job *job = data;

    g_atomic_rc_box_release_full(job->shared, clear_shared);
    g_free(job->text);
    g_free(job);
}

struct finder *finder_new(uint8_t version, GError **error)
{
    const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "cannot wait for names: %s", g_strerror(errno));
        return NULL;
    }

    struct finder *finder = g_new0(struct finder, 1);
    finder->shared = g_atomic_rc_box_new0(struct shared);
    finder->shared->version = version;
    finder->shared->event_fd = fd;
    finder->shared->found = g_async_queue_new_full(free_target);
    return finder;
}

void finder_free(struct finder *finder)
{
    if (finder == NULL)
        return;
    g_atomic_int_set(&finder->shared->given_up, 1);
    if (finder->pool != NULL)
        g_thread_pool_free(finder->pool, FALSE, FALSE); /* what still waits is soon through */
    g_atomic_rc_box_release_full(finder->shared, clear_shared);
    g_free(finder);
}

static void resolve(struct shared *shared, char *text)
{
    const uint64_t one = 1;
    struct target *target = g_new0(struct target, 1);

    target->text = text;
    resolve_destination(text, shared->version, &target->destination, &target->error);
    g_async_queue_push(shared->found, target);
    while (write(shared->event_fd, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

static void work(gpointer data, gpointer unused)
{
    struct job *job = data;

    (void)unused;
    if (!g_atomic_int_get(&job->shared->given_up))
        resolve(job->shared, g_steal_pointer(&job->text));
    free_job(job);
}

void finder_ask(struct finder *finder, char *text)
{
    finder->open++;
    if (g_hostname_is_ip_address(text)) { /* nothing to wait for */
        resolve(finder->shared, text);
        return;
    }

    if (finder->pool == NULL)
        finder->pool = g_thread_pool_new(work, NULL, THREADS_MAX, FALSE, NULL);
    /* without a thread it waits for one */
    g_thread_pool_push(finder->pool, new_job(finder->shared, text), NULL);
}

struct target *finder_take(struct finder *finder)
{
    uint64_t count = 0;
    const ssize_t n = read(finder->shared->event_fd, &count, sizeof count);
    struct target *target = g_async_queue_try_pop(finder->shared->found);

    (void)n; /* the queue tells; the descriptor only wakes */
    if (target != NULL)
        finder->open--;
    return target;
}

unsigned finder_open(const struct finder *finder)
{
    return finder->open;
}

int finder_fd(const struct finder *finder)
{
    return finder->shared->event_fd;
}
