/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small internet in which nodes have names, for the tests of names and DNS. */
#include "named.h"

#include <string.h>

#include "generate.h"
#include "support.h"

static const struct {
    const char *name;
    const char *address[4]; /* IPv4 ones first */
    const char *public_address;
} nodes[] = {
    { "R0.example", { "10.0.0.1", "10.0.0.2", "2001:db8::1", "2001:db8::2" }, NULL },
    { "many.example", { NULL }, NULL },
    { "nat.example", { "203.0.113.1", "203.0.113.2" }, NULL },
    { "www.example", { "192.168.1.80", "fd00::80" }, "198.51.100.80" },
    { NULL, { "10.9.9.9" }, NULL },
};

static guint hash(gconstpointer of)
{
    const struct tf_addr *address = of;

    return address->bytes[3] + 256U * address->bytes[15];
}

static gboolean equal(gconstpointer a, gconstpointer b)
{
    return tf_addr_equal(a, b);
}

static void add_address(struct topology *topology, struct node *node, struct tf_addr address)
{
    node->address[node->n_address4 + node->n_address6] = address;
    *(address.version == 6 ? &node->n_address6 : &node->n_address4) += 1;
    g_hash_table_insert(topology->by_address, g_memdup2(&address, sizeof address),
                        GUINT_TO_POINTER(node - topology->nodes + 1));
}

static void add_node(struct topology *topology, size_t i)
{
    struct node *node = &topology->nodes[i];

    node->address = g_new0(struct tf_addr, NAMED_MANY);
    node->name = g_strdup(nodes[i].name);
    for (size_t j = 0; j < COUNT(nodes[i].address) && nodes[i].address[j] != NULL; j++)
        add_address(topology, node, addr(nodes[i].address[j]));
    if (nodes[i].public_address != NULL)
        node->public_address[0] = addr(nodes[i].public_address);
    if (node->name != NULL)
        g_hash_table_insert(topology->by_name, g_ascii_strdown(node->name, -1),
                            GUINT_TO_POINTER(i + 1));
}

static void add_many(struct topology *topology)
{
    for (unsigned i = 1; i <= NAMED_MANY; i++)
        add_address(topology, &topology->nodes[1],
                    tf_addr_from(4, (const uint8_t[]){ 10, 1, 0, (uint8_t)i }));
}

static struct generate generated(void)
{
    struct generate generate = { .present = true,
                                 .destinations = NAMED_DESTINATIONS,
                                 .hosts4 = { addr("100.64.0.0"), 16 },
                                 .hosts6 = { addr("2001:db8:6400::"), 96 },
                                 .routers4 = { addr("44.0.0.0"), 8 },
                                 .routers6 = { addr("2001:db8:4400::"), 96 },
                                 .depth_min = 3,
                                 .depth_max = 5,
                                 .width_max = 2,
                                 .length_max = 1,
                                 .domain = g_strdup("Gen.example") };

    generate_complete(&generate);
    return generate;
}

struct topology *named_new(void)
{
    struct topology *topology = g_new0(struct topology, 1);

    topology->source4 = addr("192.0.2.1");
    topology->source6 = addr("2001:db8:a::1");
    topology->source_name = g_strdup("laptop.example");
    topology->nodes = g_new0(struct node, COUNT(nodes));
    topology->n_nodes = COUNT(nodes);
    topology->by_address = g_hash_table_new_full(hash, equal, g_free, NULL);
    topology->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    topology->generate = generated();
    for (size_t i = 0; i < COUNT(nodes); i++)
        add_node(topology, i);
    add_many(topology);
    return topology;
}

void named_free(struct topology *topology)
{
    for (size_t i = 0; i < topology->n_nodes; i++) {
        g_free(topology->nodes[i].name);
        g_free(topology->nodes[i].address);
    }
    g_hash_table_unref(topology->by_address);
    g_hash_table_unref(topology->by_name);
    g_free(topology->nodes);
    g_free(topology->source_name);
    g_free(topology->generate.domain);
    g_free(topology);
}
