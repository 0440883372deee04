/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections, by key in a hash table and by age in a queue. */
#include "tcp_table.h"

#include "chance.h"
#include "flow.h"
#include "traceflow/time.h"
#include "traceflow/wire.h"

#define UNACKNOWLEDGED_NS (63 * TF_NS_PER_S)

struct connections {
    GHashTable *by_key; /* struct connection_key, inside of it -> struct connection, owned */
    GQueue by_age;      /* oldest first */
    uint32_t salt;      /* so that nobody can choose ports whose keys collide */
    struct chance chance;
};

static guint hash_key(gconstpointer data)
{
    const struct connection_key *key = data;
    const struct flow flow = {
        .src = key->remote,
        .dst = key->local,
        .protocol = TF_IP_PROTO_TCP,
        .src_port = key->remote_port,
        .dst_port = key->local_port,
    };

    return flow_hash(&flow, HASH_FIVE_TUPLE, key->salt);
}

static gboolean equal_key(gconstpointer a, gconstpointer b)
{
    const struct connection_key *first = a;
    const struct connection_key *second = b;

    return first->remote_port == second->remote_port && first->local_port == second->local_port &&
           tf_addr_equal(&first->remote, &second->remote) &&
           tf_addr_equal(&first->local, &second->local);
}

struct connections *connections_new(uint64_t seed)
{
    struct connections *connections = g_new0(struct connections, 1);

    connections->by_key = g_hash_table_new_full(hash_key, equal_key, NULL, g_free);
    g_queue_init(&connections->by_age);
    connections->chance.state = seed;
    connections->salt = (uint32_t)chance_next(&connections->chance);
    return connections;
}

void connections_free(struct connections *connections)
{
    if (connections == NULL)
        return;
    g_hash_table_destroy(connections->by_key); /* the queue's links are inside the connections */
    g_free(connections);
}

static bool has_expired(const struct connection *connection, int64_t now_ns)
{
    return connection->state != TCP_STATE_ESTABLISHED &&
           now_ns - connection->since_ns >= UNACKNOWLEDGED_NS;
}

struct connection *connections_find(struct connections *connections,
                                    const struct connection_key *key, int64_t now_ns)
{
    struct connection_key salted = *key;
    struct connection *connection;

    salted.salt = connections->salt;
    connection = g_hash_table_lookup(connections->by_key, &salted);
    if (connection == NULL || !has_expired(connection, now_ns))
        return connection;
    connections_remove(connections, connection);
    return NULL;
}

struct connection *connections_add(struct connections *connections,
                                   const struct connection_key *key, int64_t now_ns)
{
    struct connection *connection = g_new0(struct connection, 1);

    if (connections->by_age.length == CONNECTIONS_MAX)
        connections_remove(connections, connections->by_age.head->data);
    connection->key = *key;
    connection->key.salt = connections->salt;
    connection->state = TCP_STATE_SYN_RECEIVED;
    connection->since_ns = now_ns;
    connection->snd_nxt = (uint32_t)chance_next(&connections->chance) + 1;
    connection->by_age.data = connection;
    g_queue_push_tail_link(&connections->by_age, &connection->by_age);
    g_hash_table_insert(connections->by_key, &connection->key, connection);
    return connection;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    g_queue_unlink(&connections->by_age, &connection->by_age);
    g_hash_table_remove(connections->by_key, &connection->key);
}
