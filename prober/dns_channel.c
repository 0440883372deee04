/* SPDX-License-Identifier: GPL-2.0-or-later */
/* c-ares says which sockets it wants watched and until when: both go to one GSource. */
#include "dns_channel.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/time.h>

#include "traceflow/error.h"

/* The second try of c-ares takes twice the first one's time: together the whole. */
enum { TRIES = 2, TIME_SHARES = 3 };

struct dns_channel {
    ares_channel ares;
    GSource *source;
    GArray *watches; /* of struct watch */
};

struct watch {
    int fd;
    gpointer tag;
};

/* A GSource is extended by embedding it. */
struct channel_source {
    GSource source;
    struct dns_channel *channel;
};

static void drop_watch(struct dns_channel *channel, int fd)
{
    for (guint i = 0; i < channel->watches->len; i++) {
        const struct watch *watch = &g_array_index(channel->watches, struct watch, i);
        if (watch->fd != fd)
            continue;
        g_source_remove_unix_fd(channel->source, watch->tag);
        g_array_remove_index_fast(channel->watches, i);
        return;
    }
}

static void watch_socket(void *data, ares_socket_t fd, int readable, int writable)
{
    struct dns_channel *channel = data;
    const GIOCondition wanted = (readable ? G_IO_IN : 0) | (writable ? G_IO_OUT : 0);

    drop_watch(channel, fd);
    if (wanted == 0)
        return;
    const struct watch watch = { fd, g_source_add_unix_fd(channel->source, fd, wanted) };
    g_array_append_val(channel->watches, watch);
}

/* Rounded up, or a timeout that is not quite over would be looked at again and again. */
static void arm(struct dns_channel *channel)
{
    struct timeval left;
    int64_t when_us = -1;

    if (ares_timeout(channel->ares, NULL, &left) != NULL)
        when_us = g_get_monotonic_time() + (int64_t)left.tv_sec * G_USEC_PER_SEC + left.tv_usec +
                  1000;
    g_source_set_ready_time(channel->source, when_us);
}

/* What one socket has to say may close others: only what is still watched is looked at. */
static void work_on(struct dns_channel *channel, const struct watch *seen)
{
    for (guint i = 0; i < channel->watches->len; i++) {
        const struct watch *watch = &g_array_index(channel->watches, struct watch, i);
        if (watch->tag != seen->tag)
            continue;
        const GIOCondition is = g_source_query_unix_fd(channel->source, watch->tag);
        if (is != 0)
            ares_process_fd(channel->ares, is & ~G_IO_OUT ? watch->fd : ARES_SOCKET_BAD,
                            is & G_IO_OUT ? watch->fd : ARES_SOCKET_BAD);
        return;
    }
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    struct dns_channel *channel = ((struct channel_source *)source)->channel;
    g_autoptr(GArray) watches = g_array_copy(channel->watches);

    (void)callback;
    (void)data;
    for (guint i = 0; i < watches->len; i++)
        work_on(channel, &g_array_index(watches, struct watch, i));
    ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* timeouts */
    arm(channel);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = { .dispatch = dispatch };

static int set_server(ares_channel ares, const struct asn_server *server)
{
    struct ares_addr_port_node node = {
        .family = server->addr.version == 4 ? AF_INET : AF_INET6,
        .udp_port = server->port,
        .tcp_port = server->port,
    };

    memcpy(&node.addr, server->addr.bytes, tf_addr_len(&server->addr));
    return ares_set_servers_ports(ares, &node);
}

struct dns_channel *dns_channel_new(const struct asn_server *server, unsigned timeout_ms,
                                    GError **error)
{
    struct dns_channel *channel = g_new0(struct dns_channel, 1);
    struct ares_options options = {
        .timeout = (int)(timeout_ms / TIME_SHARES),
        .tries = TRIES,
        .sock_state_cb = watch_socket,
        .sock_state_cb_data = channel,
    };

    int status = ares_init_options(&channel->ares, &options,
                                   ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (status == ARES_SUCCESS && server != NULL)
        status = set_server(channel->ares, server);
    if (status != ARES_SUCCESS) {
        g_set_error(error, TF_ERROR, TF_EXIT_IO, "origins cannot be asked of the DNS: %s",
                    ares_strerror(status));
        ares_destroy(channel->ares);
        g_free(channel);
        return NULL;
    }
    channel->watches = g_array_new(FALSE, FALSE, sizeof(struct watch));
    channel->source = g_source_new(&source_functions, sizeof(struct channel_source));
    ((struct channel_source *)channel->source)->channel = channel;
    return channel;
}

void dns_channel_attach(struct dns_channel *channel, GMainContext *context)
{
    g_source_attach(channel->source, context);
}

void dns_channel_free(struct dns_channel *channel)
{
    if (channel == NULL)
        return;
    ares_destroy(channel->ares);
    g_source_destroy(channel->source);
    g_source_unref(channel->source);
    g_array_unref(channel->watches);
    g_free(channel);
}

/* One question under way. */
struct question {
    dns_texts done;
    void *data;
};

/* A record is the strings from one that begins it up to the next that does. */
static char **join_records(const struct ares_txt_ext *strings)
{
    GPtrArray *texts = g_ptr_array_new();
    GString *text = NULL;

    for (; strings != NULL; strings = strings->next) {
        if (text == NULL || strings->record_start) {
            if (text != NULL)
                g_ptr_array_add(texts, g_string_free(text, FALSE));
            text = g_string_new(NULL);
        }
        g_string_append_len(text, (const char *)strings->txt, (gssize)strings->length);
    }
    if (text != NULL)
        g_ptr_array_add(texts, g_string_free(text, FALSE));
    g_ptr_array_add(texts, NULL);
    return (char **)g_ptr_array_free(texts, FALSE);
}

static void take_answer(void *data, int status, int timeouts, unsigned char *bytes, int len)
{
    g_autofree struct question *question = data;
    struct ares_txt_ext *strings = NULL;
    g_auto(GStrv) texts = NULL;

    (void)timeouts;
    if (status == ARES_SUCCESS && ares_parse_txt_reply_ext(bytes, len, &strings) == ARES_SUCCESS)
        texts = join_records(strings);
    ares_free_data(strings);
    question->done(texts, question->data);
}

void dns_channel_ask(struct dns_channel *channel, const char *name, dns_texts done, void *data)
{
    struct question *question = g_new(struct question, 1);

    *question = (struct question){ done, data };
    ares_query(channel->ares, name, ns_c_in, ns_t_txt, take_answer, question);
    arm(channel);
}
