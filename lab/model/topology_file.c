/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a file to a topology: groups first, for next hops may be defined later, then their keys. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "addresses.h"
#include "check.h"
#include "generate.h"
#include "hash.h"
#include "keyfile.h"
#include "keys.h"
#include "topology.h"
#include "traceflow/error.h"
#include "traits.h"

enum { CHANGES_MAX = 1000, PPM_PER_PERCENT = 10000, SOURCE_MTU = 1500 };

/* What follows the kind in a group's name: "r0" of "router r0"; NULL if it is of another kind. */
static const char *name_in(const char *group, const char *kind)
{
    const size_t len = strlen(kind);

    return strncmp(group, kind, len) == 0 && group[len] == ' ' ? group + len + 1 : NULL;
}

static bool check_id(const struct reading *reading, const char *id)
{
    if (!value_is_id(id))
        return refuse(reading, NULL, "expected a name of 1 to 63 letters, digits, - _ and .");
    return (strcmp(id, "generate") != 0 && strcmp(id, "none") != 0) ||
           refuse(reading, NULL, "the name '%s' has a meaning of its own", id);
}

static bool declare_node(struct reading *reading, enum node_kind kind, const char *id)
{
    struct topology *topology = reading->topology;
    const uint32_t same = find_id(reading, id);
    struct node *node = &topology->nodes[topology->n_nodes];

    if (!check_id(reading, id))
        return false;
    if (same != NODE_NONE)
        return refuse(reading, NULL, "[%s] has this name as well", reading->node_group[same]);
    if (kind == NODE_ROUTER && topology->first == NODE_NONE)
        topology->first = (uint32_t)topology->n_nodes;
    node->kind = kind;
    node->id = keep(reading, g_strdup(id));
    node->traits = traits_default(kind, id);
    index_node(reading->ids, node->id, topology->n_nodes);
    reading->node_group[topology->n_nodes++] = reading->group;
    return true;
}

/* Number the routers and hosts, count the changes, refuse groups of other kinds. */
static bool declare_groups(struct reading *reading, char **groups)
{
    for (char **group = groups; *group != NULL; group++) {
        const char *router = name_in(*group, "router");
        const char *host = name_in(*group, "host");
        const char *change = name_in(*group, "change");
        const char *id = router != NULL ? router : host;

        reading->group = *group;
        if (id != NULL && !declare_node(reading, router != NULL ? NODE_ROUTER : NODE_HOST, id))
            return false;
        if (change != NULL && !check_id(reading, change))
            return false;
        reading->topology->n_changes += change != NULL;
        reading->group = NULL;
        if (id == NULL && change == NULL && strcmp(*group, "network") != 0 &&
            strcmp(*group, "generate") != 0)
            return refuse(reading, NULL, "unknown group [%s]", *group);
    }
    if (reading->topology->n_changes > CHANGES_MAX)
        return refuse(reading, NULL, "expected at most %d [change] groups", CHANGES_MAX);
    return reading->topology->first != NODE_NONE || refuse(reading, NULL, "no [router] group");
}

/* Go to a group; its keys are checked by what it may have. */
static bool enter(struct reading *reading, const char *group, unsigned kinds, unsigned parts)
{
    reading->group = group;
    reading->kinds = kinds;
    reading->parts = parts;
    return keys_check(reading);
}

static unsigned kinds_of(const struct node *node)
{
    return node->kind == NODE_ROUTER ? KIND_ROUTER : KIND_HOST;
}

static bool enter_node(struct reading *reading, size_t node)
{
    return enter(reading, reading->node_group[node], kinds_of(&reading->topology->nodes[node]),
                 PART_NODE | PART_TRAITS);
}

/* Addresses of all nodes come before any traits: routes to hosts need them. */
static bool read_nodes(struct reading *reading)
{
    struct topology *topology = reading->topology;

    for (size_t i = 0; i < topology->n_nodes; i++) {
        if (!enter_node(reading, i) || !keys_read(reading, PART_NODE, &topology->nodes[i]))
            return false;
        if (topology->nodes[i].kind == NODE_HOST && topology->nodes[i].address == NULL)
            return refuse(reading, "address", "missing");
    }
    for (size_t i = 0; i < topology->n_nodes; i++)
        if (!enter_node(reading, i) || !traits_read(reading, &topology->nodes[i].traits))
            return false;
    return true;
}

static bool read_change(struct reading *reading, const char *group, const struct traits **latest)
{
    struct topology *topology = reading->topology;
    struct change *change = &topology->changes[topology->n_changes];

    if (!enter(reading, group, KIND_ANY, PART_CHANGE | PART_TRAITS) ||
        !keys_read(reading, PART_CHANGE, change))
        return false;
    change->id = keep(reading, g_strdup(name_in(group, "change")));
    change->by_count = has_key(reading, "after");
    if (!has_key(reading, "node"))
        return refuse(reading, "node", "missing");
    if (has_key(reading, "at") == change->by_count)
        return refuse(reading, NULL, "expected one of the keys 'at' and 'after'");
    if (!keys_any(reading, PART_TRAITS))
        return refuse(reading, NULL, "changes nothing");
    if (!enter(reading, group, kinds_of(&topology->nodes[change->node]), reading->parts))
        return false;
    change->traits = *latest[change->node];
    latest[change->node] = &change->traits;
    topology->n_changes++;
    return traits_read(reading, &change->traits);
}

static bool read_changes(struct reading *reading, char **groups)
{
    struct topology *topology = reading->topology;
    g_autofree const struct traits **latest = g_new(const struct traits *, topology->n_nodes);

    for (size_t i = 0; i < topology->n_nodes; i++)
        latest[i] = &topology->nodes[i].traits;
    topology->changes = keep(reading, g_new0(struct change, topology->n_changes));
    topology->n_changes = 0;
    for (char **group = groups; *group != NULL; group++)
        if (name_in(*group, "change") != NULL && !read_change(reading, *group, latest))
            return false;
    return true;
}

static struct prefix prefix_of(const char *text)
{
    struct prefix prefix = { 0 };

    value_prefix(text, &prefix);
    return prefix;
}

static bool read_generate(struct reading *reading)
{
    struct generate *generate = &reading->topology->generate;

    if (!g_key_file_has_group(reading->keys, "generate"))
        return true;
    *generate = (struct generate){ .present = true,
                                   .hosts4 = prefix_of("198.18.0.0/15"),
                                   .hosts6 = prefix_of("2001:db8:fffe::/96"),
                                   .routers4 = prefix_of("100.64.0.0/10"),
                                   .routers6 = prefix_of("2001:db8:ffff::/96"),
                                   .depth_min = 6,
                                   .depth_max = 14,
                                   .width_max = 4,
                                   .length_max = 2,
                                   .balancers_ppm = 30 * PPM_PER_PERCENT,
                                   .seed = 1,
                                   .domain = keep(reading, g_strdup("generated.example")),
                                   .router = traits_default(NODE_ROUTER, "generate"),
                                   .lossy_router.loss_ppm = 10 * PPM_PER_PERCENT,
                                   .host = traits_default(NODE_HOST, "generate") };
    if (!enter(reading, "generate", KIND_ANY, PART_GENERATE) ||
        !keys_read(reading, PART_GENERATE, generate))
        return false;
    if (!has_key(reading, "destinations"))
        return refuse(reading, "destinations", "missing");
    if (has_key(reading, "loss") && !has_key(reading, "lossy"))
        return refuse(reading, "loss", "needs lossy");

    const uint32_t loss_ppm = generate->lossy_router.loss_ppm;
    generate->lossy_router = generate->router;
    generate->lossy_router.loss_ppm = loss_ppm;
    generate_complete(generate);
    return true;
}

static bool read_network(struct reading *reading)
{
    struct topology *topology = reading->topology;

    topology->mtu = SOURCE_MTU;
    topology->seed = 1;
    topology->source4 = prefix_of("192.0.2.1").addr;
    topology->source6 = prefix_of("2001:db8:a::1").addr;
    return enter(reading, "network", KIND_ANY, PART_NETWORK) &&
           keys_read(reading, PART_NETWORK, topology);
}

/* Where two nodes claim one address or name the first has it; check_topology refuses the second. */
static void fill_indexes(const struct reading *reading)
{
    struct topology *topology = reading->topology;

    for (size_t i = topology->n_nodes; i-- > 0;) {
        const struct node *node = &topology->nodes[i];
        for (size_t j = 0; j < node->n_address4 + node->n_address6; j++)
            index_node(topology->by_address, &node->address[j], i);
        if (node->name != NULL)
            index_node(topology->by_name, keep(reading, g_ascii_strdown(node->name, -1)), i);
    }
}

static bool read_topology(struct reading *reading)
{
    g_auto(GStrv) groups = g_key_file_get_groups(reading->keys, NULL);
    const guint n_groups = g_strv_length(groups);
    g_autofree const char **node_group = g_new(const char *, n_groups);

    reading->node_group = node_group;
    reading->topology->first = NODE_NONE;
    reading->topology->nodes = keep(reading, g_new0(struct node, n_groups));
    if (!declare_groups(reading, groups) || !read_nodes(reading) || !read_network(reading) ||
        !read_generate(reading) || !read_changes(reading, groups))
        return false;
    fill_indexes(reading);
    return check_topology(reading);
}

static struct topology *topology_new(void)
{
    struct topology *topology = g_new0(struct topology, 1);

    topology->by_address = g_hash_table_new(hash_addr, equal_addr);
    topology->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    topology->memory = g_ptr_array_new_with_free_func(g_free);
    return topology;
}

struct topology *topology_parse(const char *name, const char *text, size_t len, GError **error)
{
    g_autoptr(GKeyFile) keys = g_key_file_new();
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    struct reading reading = {
        .file = name, .keys = keys, .topology = topology_new(), .ids = ids, .error = error
    };

    if (keyfile_read(&reading, text, len) && read_topology(&reading))
        return reading.topology;
    topology_free(reading.topology);
    return NULL;
}

/* At most one byte more than a topology may have is read, so endless files end. */
struct topology *topology_load(const char *path, GError **error)
{
    g_autofree char *text = g_malloc(KEYFILE_MAX + 1);
    FILE *file = fopen(path, "re");
    const size_t len = file == NULL ? 0 : fread(text, 1, KEYFILE_MAX + 1, file);
    const bool failed = file == NULL || ferror(file);
    const int cause = errno;

    if (file != NULL)
        fclose(file);
    if (!failed)
        return topology_parse(path, text, len, error);
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: %s", path, g_strerror(cause));
    return NULL;
}

void topology_free(struct topology *topology)
{
    if (topology == NULL)
        return;
    g_hash_table_destroy(topology->by_address);
    g_hash_table_destroy(topology->by_name);
    g_ptr_array_free(topology->memory, TRUE);
    g_free(topology);
}
