/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS messages of one question (RFC 1035 section 4), over UDP. */
#include "dns_server.h"

#include <arpa/inet.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support.h"
#include "traceflow/bytes.h"

enum { HEADER_LEN = 12, FLAGS = 2, ANSWERS = 6, TYPE_TXT = 16, MESSAGE_MAX = 4096 };
enum { ANSWER = 0x8180, NO_SUCH_NAME = 0x8183, POINTER_TO_QUESTION = 0xc00c };

struct dns_server {
    const struct dns_row *rows;
    size_t n;
    gint *asked; /* atomic, as the next */
    gint questions;
    int socket;
    int stop[2];
    char text[32];
    GThread *thread;
};

static void put(GByteArray *message, uint32_t value, unsigned len)
{
    for (unsigned i = len; i-- > 0;) {
        const uint8_t byte = (uint8_t)(value >> 8 * i);
        g_byte_array_append(message, &byte, 1);
    }
}

/* Returns the length of the question behind the header, or 0; a test's client does not compress. */
static size_t read_question(const uint8_t *message, size_t len, GString *name)
{
    size_t at = HEADER_LEN;

    while (at < len && message[at] != 0) {
        const size_t label = message[at];
        if (label > 63 || label >= len - at)
            return 0;
        g_string_append_printf(name, "%s%.*s", name->len > 0 ? "." : "", (int)label,
                               (const char *)&message[at + 1]);
        at += 1 + label;
    }
    return len - at >= 5 ? at + 5 - HEADER_LEN : 0;
}

static void put_record(GByteArray *message, const char *record)
{
    g_auto(GStrv) strings = g_strsplit(record, "\t", 0);

    put(message, POINTER_TO_QUESTION, 2);
    put(message, TYPE_TXT, 2);
    put(message, 1, 2);
    put(message, 60, 4);
    put(message, (uint32_t)(strlen(record) + 1), 2); /* a length byte for each string */
    for (char **string = strings; *string != NULL; string++) {
        put(message, (uint32_t)strlen(*string), 1);
        g_byte_array_append(message, (const uint8_t *)*string, (guint)strlen(*string));
    }
}

static GByteArray *answer_to(const uint8_t *question, size_t len, const char *records)
{
    GByteArray *message = g_byte_array_new();
    g_auto(GStrv) lines = g_strsplit(records != NULL ? records : "", "\n", 0);

    g_byte_array_append(message, question, HEADER_LEN);
    memset(message->data + ANSWERS, 0, HEADER_LEN - ANSWERS);
    tf_put_u16(message->data + FLAGS, records != NULL ? ANSWER : NO_SUCH_NAME);
    tf_put_u16(message->data + ANSWERS, (uint16_t)g_strv_length(lines));
    g_byte_array_append(message, question + HEADER_LEN, (guint)len);
    for (char **line = lines; *line != NULL; line++)
        put_record(message, *line);
    return message;
}

struct client {
    struct sockaddr_in at;
    socklen_t len;
};

static void reply(const struct dns_server *server, const struct client *client,
                  const GByteArray *message, size_t len)
{
    sendto(server->socket, message->data, len, 0, (const struct sockaddr *)&client->at,
           client->len);
}

static void forge(const struct dns_server *server, const struct client *client,
                  const uint8_t *question, size_t len)
{
    g_autoptr(GByteArray) message = answer_to(question, len, "666 | | | | FORGED");

    message->data[0] ^= 0xff;
    reply(server, client, message, message->len);
}

static bool is_for(const struct dns_row *row, const char *name)
{
    return row->name == NULL || g_ascii_strcasecmp(row->name, name) == 0;
}

static void answer(struct dns_server *server, const struct client *client, const uint8_t *question,
                   size_t len)
{
    g_autoptr(GString) name = g_string_new(NULL);
    const size_t question_len = read_question(question, len, name);
    size_t row = 0;
    if (question_len == 0)
        return;

    g_atomic_int_inc(&server->questions);
    while (row < server->n && !is_for(&server->rows[row], name->str))
        row++;
    const struct dns_row *found = row < server->n ? &server->rows[row] : NULL;
    g_autoptr(GByteArray)
        message = answer_to(question, question_len, found != NULL ? found->records : NULL);
    if (found != NULL)
        g_atomic_int_inc(&server->asked[row]);
    switch (found != NULL ? found->manner : DNS_GOOD) {
    case DNS_FORGED_ID: forge(server, client, question, question_len); /* fall through */
    case DNS_GOOD: reply(server, client, message, message->len); break;
    case DNS_CUT: reply(server, client, message, message->len / 2); break;
    case DNS_SILENT: break;
    }
}

static gpointer serve(gpointer data)
{
    struct dns_server *server = data;
    struct pollfd watched[] = { { .fd = server->socket, .events = POLLIN },
                                { .fd = server->stop[0], .events = POLLIN } };
    uint8_t message[MESSAGE_MAX];

    while (poll(watched, COUNT(watched), -1) >= 0 && watched[1].revents == 0) {
        struct client client = { .len = sizeof client.at };
        const ssize_t len = recvfrom(server->socket, message, sizeof message, 0,
                                     (struct sockaddr *)&client.at, &client.len);
        if (len > HEADER_LEN)
            answer(server, &client, message, (size_t)len);
    }
    return NULL;
}

struct dns_server *dns_server_start(const struct dns_row *rows, size_t n)
{
    struct dns_server *server = g_new0(struct dns_server, 1);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;

    server->rows = rows;
    server->n = n;
    server->asked = g_new0(gint, n + 1);
    server->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->socket, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(server->socket, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pipe(server->stop), 0);
    g_snprintf(server->text, sizeof server->text, "127.0.0.1:%u", ntohs(at.sin_port));
    server->thread = g_thread_new("dns", serve, server);
    return server;
}

void dns_server_stop(struct dns_server *server)
{
    close(server->stop[1]);
    g_thread_join(server->thread);
    close(server->stop[0]);
    close(server->socket);
    g_free(server->asked);
    g_free(server);
}

const char *dns_server_text(const struct dns_server *server)
{
    return server->text;
}

unsigned dns_server_asked(struct dns_server *server, size_t row)
{
    return (unsigned)g_atomic_int_get(&server->asked[row]);
}

unsigned dns_server_questions(struct dns_server *server)
{
    return (unsigned)g_atomic_int_get(&server->questions);
}
