/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread with a main context of its own, on which GResolver and the DNS channel work. */
#include "lookup_worker.h"

#include <signal.h>

#include "asn_db.h"
#include "asn_server.h"
#include "special.h"
#include "traceflow/error.h"

static const char default_zone[] = "asn.cymru.com";

/* So many names may be under way: more than a network shows, less than a forger could make. */
enum { NAMES_OPEN_MAX = 4096 };

struct lookup_worker {
    bool names;
    bool asns;
    bool asks_special; /* a server of one's own may know private addresses */
    char *zone;
    struct asn_db *db;
    struct asn_dns *dns;
    struct lookup_sink sink;
    GThread *thread;
    bool has_no_thread;
    GMainContext *context;
    GCancellable *cancellable;

    /* The thread's own. */
    bool is_over;
    unsigned names_open;
};

static void take_name(const struct tf_addr *addr, char *name, void *data)
{
    struct lookup_worker *worker = data;

    worker->names_open--;
    worker->sink.name(addr, name, worker->sink.data);
}

static void ask_name(struct lookup_worker *worker, const struct tf_addr *addr)
{
    worker->names_open++;
    if (worker->names_open <= NAMES_OPEN_MAX)
        reverse_ask(addr, worker->cancellable, take_name, worker);
    else
        take_name(addr, NULL, worker);
}

static void ask_asn(struct lookup_worker *worker, const struct tf_addr *addr)
{
    if (worker->db != NULL)
        worker->sink.asn(addr, asn_db_find(worker->db, addr), false, worker->sink.data);
    else if (worker->asks_special || !addr_is_special(addr))
        asn_dns_ask(worker->dns, addr);
    else
        worker->sink.asn(addr, NULL, false, worker->sink.data);
}

/* An address on its way to the thread. */
struct errand {
    struct lookup_worker *worker;
    struct tf_addr addr;
};

static gboolean run_errand(gpointer data)
{
    const struct errand *errand = data;

    if (errand->worker->names)
        ask_name(errand->worker, &errand->addr);
    if (errand->worker->asns)
        ask_asn(errand->worker, &errand->addr);
    return G_SOURCE_REMOVE;
}

static gboolean end(gpointer data)
{
    ((struct lookup_worker *)data)->is_over = true;
    return G_SOURCE_REMOVE;
}

/* A look-up that is cancelled ends at once, here; what its thread still does, nobody waits for. */
static gpointer work(gpointer data)
{
    struct lookup_worker *worker = data;

    g_main_context_push_thread_default(worker->context);
    if (worker->dns != NULL)
        asn_dns_attach(worker->dns, worker->context);
    while (!worker->is_over)
        g_main_context_iteration(worker->context, TRUE);
    g_cancellable_cancel(worker->cancellable);
    while (worker->names_open > 0)
        g_main_context_iteration(worker->context, TRUE);
    g_main_context_pop_thread_default(worker->context);
    return NULL;
}

/* Not g_main_context_invoke: before the thread owns its context, that would run here. */
static void post(struct lookup_worker *worker, GSourceFunc function, gpointer data,
                 GDestroyNotify free_data)
{
    GSource *source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, function, data, free_data);
    g_source_attach(source, worker->context);
    g_source_unref(source);
}

/* Signals are for the thread that waits for them. */
static void start_thread(struct lookup_worker *worker)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    worker->thread = g_thread_try_new("lookups", work, worker, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    worker->has_no_thread = worker->thread == NULL;
}

bool lookup_worker_ask(struct lookup_worker *worker, const struct tf_addr *addr)
{
    if (worker->thread == NULL && !worker->has_no_thread)
        start_thread(worker);
    if (worker->has_no_thread)
        return false;

    struct errand *errand = g_new(struct errand, 1);
    *errand = (struct errand){ worker, *addr };
    post(worker, run_errand, errand, g_free);
    return true;
}

static bool refuse_both(const struct lookups_settings *settings, GError **error)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "--asn-db %s asks no server: no use for %s",
                settings->asn_db, settings->asn_server != NULL ? "--asn-server" : "--asn-zone");
    return false;
}

static bool open_dns(struct lookup_worker *worker, const struct lookups_settings *settings,
                     GError **error)
{
    struct asn_server server;

    worker->asks_special = settings->asn_server != NULL;
    worker->zone = g_strdup(settings->asn_zone != NULL ? settings->asn_zone : default_zone);
    if (!asn_zone_check(worker->zone, error) ||
        (settings->asn_server != NULL && !asn_server_parse(settings->asn_server, &server, error)))
        return false;
    const struct asn_dns_settings dns = {
        .server = settings->asn_server != NULL ? &server : NULL,
        .zone = worker->zone,
        .timeout_ms = settings->timeout_ms,
        .done = worker->sink.asn,
        .data = worker->sink.data,
    };
    worker->dns = asn_dns_new(&dns, error);
    return worker->dns != NULL;
}

static bool open_asns(struct lookup_worker *worker, const struct lookups_settings *settings,
                      GError **error)
{
    if (settings->asn_db == NULL)
        return open_dns(worker, settings, error);
    if (settings->asn_server != NULL || settings->asn_zone != NULL)
        return refuse_both(settings, error);
    worker->db = asn_db_open(settings->asn_db, error);
    return worker->db != NULL;
}

struct lookup_worker *lookup_worker_new(const struct lookups_settings *settings,
                                        const struct lookup_sink *sink, GError **error)
{
    struct lookup_worker *worker = g_new0(struct lookup_worker, 1);

    worker->names = settings->names;
    worker->asns = settings->asns;
    worker->sink = *sink;
    worker->context = g_main_context_new();
    worker->cancellable = g_cancellable_new();
    if (!settings->asns || open_asns(worker, settings, error))
        return worker;
    lookup_worker_free(worker);
    return NULL;
}

void lookup_worker_free(struct lookup_worker *worker)
{
    if (worker == NULL)
        return;
    if (worker->thread != NULL) {
        post(worker, end, worker, NULL);
        g_thread_join(worker->thread);
    }
    asn_dns_free(worker->dns);
    asn_db_close(worker->db);
    g_object_unref(worker->cancellable);
    g_main_context_unref(worker->context);
    g_free(worker->zone);
    g_free(worker);
}
