/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A simulated internet from a few lines of text. */
#include "lab_scene.h"

#include <string.h>

struct topology *lab_topology(const char *text)
{
    g_autoptr(GError) error = NULL;
    struct topology *topology = topology_parse("test", text, strlen(text), &error);

    check(topology != NULL, "%s", error != NULL ? error->message : "no error");
    return topology;
}

char *lab_row(const char *keys2, const char *keys_host)
{
    return g_strconcat("[router r1]\naddress=10.0.0.1, 2001:db8::1\nnext=r2\ndelay=1ms\n"
                       "[router r2]\naddress=10.0.0.2, 2001:db8::2\nnext=r3\n",
                       keys2,
                       "[router r3]\naddress=10.0.0.3, 2001:db8::3\nnext=h\n"
                       "[host h]\naddress=198.51.100.1, 2001:db8:d::1\n",
                       keys_host, NULL);
}

uint32_t lab_node(const struct topology *topology, const char *id)
{
    for (size_t i = 0; i < topology->n_nodes; i++)
        if (strcmp(topology->nodes[i].id, id) == 0)
            return (uint32_t)i;
    check(false, "no node %s", id);
    return NODE_NONE;
}

struct lab *lab_open(const char *text, uint64_t seed)
{
    struct lab *lab = g_new0(struct lab, 1);

    lab->topology = lab_topology(text);
    lab->sim = sim_new(lab->topology, seed);
    return lab;
}

void lab_close(struct lab *lab)
{
    sim_free(lab->sim);
    topology_free(lab->topology);
    g_free(lab);
}

void lab_send(struct lab *lab, const struct packet *packet)
{
    sim_send(lab->sim, lab->now_ns, packet->bytes, packet->len);
}

bool lab_receive(struct lab *lab)
{
    const int64_t began_ns = lab->now_ns;

    for (lab->len = 0; lab->len == 0;) {
        const int64_t due_ns = sim_due_ns(lab->sim);
        if (due_ns == INT64_MAX) {
            lab->now_ns = began_ns;
            return false;
        }
        lab->now_ns = MAX(lab->now_ns, due_ns);
        lab->len = sim_receive(lab->sim, lab->now_ns, lab->reply);
    }
    const char *wrong = lab_wrong_checksum(lab->reply, lab->len);
    check(wrong == NULL, "%s checksum of %s", wrong, lab_words(lab->reply, lab->len));
    return true;
}

const char *lab_ask(struct lab *lab, const struct lab_probe *probe)
{
    const struct packet packet = lab_packet(probe);
    const int64_t sent_ns = lab->now_ns;

    lab_send(lab, &packet);
    if (!lab_receive(lab))
        return "nothing";
    lab->took_ns = lab->now_ns - sent_ns;
    return lab_words(lab->reply, lab->len);
}

void lab_check_cases(const struct lab_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct lab_case *c = &cases[i];
        g_autofree char *text = lab_row(c->keys2, c->keys_host);
        struct lab *lab = lab_open(text, 1);
        const char *got = lab_ask(lab, &c->probe);
        check(strcmp(got, c->want) == 0, "%s: %s\n    not %s", c->name, got, c->want);
        check(!lab_receive(lab), "%s: one reply", c->name);
        lab_close(lab);
    }
}
