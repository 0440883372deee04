/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces made by hand: look-ups read responders alone. */
#include "lookups_scene.h"

#include "support.h"

void add_responder(struct responders *responders, const struct tf_addr *addr)
{
    const size_t ttl = responders->path.n_hops == 0 ? 1 : responders->path.n_hops;

    assert_true(ttl < COUNT(responders->hops));
    responders->replies[ttl].responder = *addr;
    responders->hops[ttl].n_replies = 1;
    responders->hops[ttl].replies = &responders->replies[ttl];
    responders->path.n_hops = ttl + 1;
    responders->cells[ttl] = &responders->hops[ttl];
    responders->path.hops = responders->cells;
    responders->paths[0] = &responders->path;
    responders->trace.paths = responders->paths;
    responders->trace.n_paths = 1;
}

struct lookups *open_lookups(const char *server, unsigned timeout_ms)
{
    const struct lookups_settings settings = {
        .asns = true, .asn_server = server, .asn_zone = ZONE, .timeout_ms = timeout_ms
    };
    g_autoptr(GError) error = NULL;
    struct lookups *lookups = lookups_new(&settings, &error);

    check(lookups != NULL, "%s", error != NULL ? error->message : "");
    return lookups;
}

void wait_until_ready(struct lookups *lookups, const struct responders *responders)
{
    while (!lookups_ready(lookups, &responders->trace))
        g_usleep(1000);
}
