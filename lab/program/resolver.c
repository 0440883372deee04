/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP client is in one of two states: its query comes in, or its answer goes out. No more is read
 * than the query that is due, so that what else it has sent stays in the kernel, where poll sees
 * it.
 */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns.h"

#include "traceflow/bytes.h"
#include "traceflow/error.h"
#include "traceflow/time.h"

enum {
    PORT = 53,
    BATCH = 64, /* datagrams, or steps of a client, before others have their turn */
    UDP_ANSWER_MAX = 4096,
    PREFIX_LEN = 2, /* RFC 1035 section 4.2.2 */
    WATCH_UDP = 0,
    WATCH_LISTENER = 1,
    WATCH_CLIENTS = 2,
};

/* For a query and its answer: RFC 7766 section 6.2.3 has "a few seconds". */
static const int64_t patience_ns = 3 * TF_NS_PER_S;

/* After a connection could not be taken, for want of descriptors: poll would report it for ever. */
static const int64_t pause_ns = TF_NS_PER_S;

struct client {
    int fd; /* -1: none */
    int64_t drop_at_ns;
    size_t received;
    uint8_t query[PREFIX_LEN + DNS_QUERY_MAX];
    size_t sent;
    size_t answer_len; /* with the prefix; 0: the query is not whole yet */
    uint8_t answer[PREFIX_LEN + UINT16_MAX];
};

struct resolver {
    const struct topology *topology;
    int udp;
    int listener;
    bool has_paused; /* … listening, until listen_at_ns */
    int64_t listen_at_ns;
    struct client clients[RESOLVER_CLIENTS_MAX];
};

static int bind_socket(int type)
{
    const struct sockaddr_in here = { .sin_family = AF_INET,
                                      .sin_port = htons(PORT),
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&here, sizeof here) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

struct resolver *resolver_open(const struct topology *topology, GError **error)
{
    struct resolver *resolver = g_new0(struct resolver, 1);

    resolver->topology = topology;
    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++)
        resolver->clients[i].fd = -1;
    resolver->listener = -1;
    resolver->udp = bind_socket(SOCK_DGRAM);
    if (resolver->udp >= 0)
        resolver->listener = bind_socket(SOCK_STREAM);
    if (resolver->listener >= 0 && listen(resolver->listener, RESOLVER_CLIENTS_MAX) == 0)
        return resolver;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "127.0.0.1 port %d: %s", PORT, g_strerror(errno));
    resolver_close(resolver);
    return NULL;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

void resolver_close(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++)
        close_if_open(resolver->clients[i].fd);
    close_if_open(resolver->listener);
    close_if_open(resolver->udp);
    g_free(resolver);
}

static struct client *free_client(struct resolver *resolver)
{
    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++)
        if (resolver->clients[i].fd < 0)
            return &resolver->clients[i];
    return NULL;
}

void resolver_watch(const struct resolver *resolver, struct pollfd watched[RESOLVER_WATCHED])
{
    bool is_full = true;

    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++) {
        const struct client *client = &resolver->clients[i];
        is_full = is_full && client->fd >= 0;
        watched[WATCH_CLIENTS + i] = (struct pollfd){ .fd = client->fd,
                                                      .events = client->answer_len > 0 ? POLLOUT
                                                                                       : POLLIN };
    }
    watched[WATCH_UDP] = (struct pollfd){ .fd = resolver->udp, .events = POLLIN };
    watched[WATCH_LISTENER] = (struct pollfd){
        .fd = is_full || resolver->has_paused ? -1 : resolver->listener, .events = POLLIN
    };
}

int64_t resolver_due_ns(const struct resolver *resolver)
{
    int64_t due_ns = resolver->has_paused ? resolver->listen_at_ns : INT64_MAX;

    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++)
        if (resolver->clients[i].fd >= 0)
            due_ns = MIN(due_ns, resolver->clients[i].drop_at_ns);
    return due_ns;
}

static void answer_datagrams(const struct resolver *resolver)
{
    uint8_t bytes[DNS_QUERY_MAX];
    uint8_t answer[UDP_ANSWER_MAX];

    for (size_t i = 0; i < BATCH; i++) {
        struct sockaddr_in asker;
        socklen_t asker_len = sizeof asker;
        const ssize_t len = recvfrom(resolver->udp, bytes, sizeof bytes, 0,
                                     (struct sockaddr *)&asker, &asker_len);
        if (len < 0)
            return;
        const struct dns_query query = { .bytes = bytes, .len = (size_t)len };
        const size_t answer_len = dns_answer(resolver->topology, &query, answer, sizeof answer);
        if (answer_len > 0)
            sendto(resolver->udp, answer, answer_len, 0, (struct sockaddr *)&asker, asker_len);
    }
}

/* Begin with the next query. */
static void expect_query(struct client *client, int64_t now_ns)
{
    client->received = 0;
    client->sent = 0;
    client->answer_len = 0;
    client->drop_at_ns = now_ns + patience_ns;
}

static void drop(struct client *client)
{
    close(client->fd);
    client->fd = -1;
    client->answer_len = 0;
}

static void accept_clients(struct resolver *resolver, int64_t now_ns)
{
    struct client *client;

    while ((client = free_client(resolver)) != NULL) {
        client->fd = accept4(resolver->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client->fd < 0) {
            resolver->has_paused = errno != EAGAIN && errno != EINTR && errno != ECONNABORTED;
            resolver->listen_at_ns = now_ns + pause_ns;
            return;
        }
        expect_query(client, now_ns);
    }
}

/* What a step of a client came to. */
enum step { STEP_ON, STEP_WAIT, STEP_DROP };

static bool is_whole(const struct client *client)
{
    return client->received >= PREFIX_LEN &&
           client->received == PREFIX_LEN + (size_t)tf_get_u16(client->query);
}

static enum step answer(struct client *client, const struct topology *topology)
{
    const struct dns_query query = { .bytes = client->query + PREFIX_LEN,
                                     .len = client->received - PREFIX_LEN,
                                     .over_tcp = true };
    const size_t len = dns_answer(topology, &query, client->answer + PREFIX_LEN, UINT16_MAX);
    if (len == 0)
        return STEP_DROP;

    tf_put_u16(client->answer, (uint16_t)len);
    client->answer_len = PREFIX_LEN + len;
    return STEP_ON;
}

/* The prefix first, then as much as it says. */
static enum step receive(struct client *client, const struct topology *topology)
{
    const size_t wanted = client->received < PREFIX_LEN
                              ? PREFIX_LEN
                              : PREFIX_LEN + (size_t)tf_get_u16(client->query);
    if (wanted > sizeof client->query)
        return STEP_DROP;

    const ssize_t len = recv(client->fd, client->query + client->received,
                             wanted - client->received, 0);
    if (len < 0)
        return errno == EAGAIN || errno == EINTR ? STEP_WAIT : STEP_DROP;
    if (len == 0)
        return STEP_DROP;
    client->received += (size_t)len;
    return is_whole(client) ? answer(client, topology) : STEP_ON;
}

static enum step transmit(struct client *client, int64_t now_ns)
{
    const ssize_t len = send(client->fd, client->answer + client->sent,
                             client->answer_len - client->sent, MSG_NOSIGNAL);
    if (len < 0)
        return errno == EAGAIN || errno == EINTR ? STEP_WAIT : STEP_DROP;
    client->sent += (size_t)len;
    if (client->sent == client->answer_len)
        expect_query(client, now_ns);
    return STEP_ON;
}

static void serve_client(struct client *client, const struct topology *topology, int64_t now_ns)
{
    enum step step = STEP_ON;

    for (size_t i = 0; i < BATCH && step == STEP_ON; i++)
        step = client->answer_len > 0 ? transmit(client, now_ns) : receive(client, topology);
    if (step == STEP_DROP)
        drop(client);
}

void resolver_work(struct resolver *resolver, const struct pollfd watched[RESOLVER_WATCHED],
                   int64_t now_ns)
{
    if (watched[WATCH_UDP].revents != 0)
        answer_datagrams(resolver);
    for (size_t i = 0; i < RESOLVER_CLIENTS_MAX; i++) {
        struct client *client = &resolver->clients[i];
        if (client->fd >= 0 && watched[WATCH_CLIENTS + i].revents != 0)
            serve_client(client, resolver->topology, now_ns);
        if (client->fd >= 0 && now_ns >= client->drop_at_ns)
            drop(client);
    }
    resolver->has_paused = resolver->has_paused && now_ns < resolver->listen_at_ns;
    if (watched[WATCH_LISTENER].revents != 0)
        accept_clients(resolver, now_ns);
}
