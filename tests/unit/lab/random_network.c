/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layers of routers, drawn as the text of a topology file. */
#include "random_network.h"

#include <glib.h>
#include <string.h>

#include "chance.h"
#include "support.h"

enum {
    LAYERS_MIN = 2,
    LAYERS_MAX = 12,
    NARROW_MAX = 5,
    WIDE = 16,
    FULL_MESH_MAX = 16, /* links from one layer to the next */
    FEW = 3,            /* next hops of a router that leads to a few */
};

static const uint32_t one_router_ppm = 500000;
static const uint32_t wide_ppm = 60000;
static const uint32_t past_layer_ppm = 150000;

enum manner { MANNER_ALL, MANNER_ONE, MANNER_FEW, MANNERS };

struct draft {
    struct chance chance;
    GString *text;
    unsigned layers;
    unsigned width[LAYERS_MAX + 2]; /* the destination's layer, and one behind it, included */
};

static void draw_widths(struct draft *draft)
{
    bool has_wide = false;

    draft->layers = LAYERS_MIN + chance_below(&draft->chance, LAYERS_MAX - LAYERS_MIN + 1);
    for (unsigned i = 1; i < draft->layers; i++) {
        draft->width[i] = 1;
        if (chance_happens(&draft->chance, one_router_ppm))
            continue;
        draft->width[i] = 2 + chance_below(&draft->chance, NARROW_MAX - 1);
        if (has_wide || !chance_happens(&draft->chance, wide_ppm))
            continue;
        draft->width[i] = WIDE;
        has_wide = true;
    }
    draft->width[0] = 1;
    draft->width[draft->layers] = 1;
}

static void name_node(const struct draft *draft, unsigned layer, unsigned number)
{
    if (layer >= draft->layers)
        g_string_append(draft->text, " dst");
    else
        g_string_append_printf(draft->text, " r%u-%u", layer, number);
}

/* A router of a layer, or of the one behind it where that is no more than one hop further. */
static void name_next(struct draft *draft, unsigned layer, unsigned number)
{
    const bool past = layer < draft->layers && chance_happens(&draft->chance, past_layer_ppm);

    if (past && layer + 1 < draft->layers)
        name_node(draft, layer + 1, chance_below(&draft->chance, draft->width[layer + 1]));
    else
        name_node(draft, past ? layer + 1 : layer, number);
}

/* Different routers: some of all, beginning anywhere. */
static void name_some(struct draft *draft, unsigned layer, unsigned count)
{
    const unsigned width = draft->width[layer];
    const unsigned begin = chance_below(&draft->chance, width);

    name_next(draft, layer, begin);
    for (unsigned i = 1; i < count; i++)
        name_node(draft, layer, (begin + i) % width);
}

static enum manner draw_manner(struct draft *draft, unsigned layer)
{
    const enum manner manner = (enum manner)chance_below(&draft->chance, MANNERS);
    const unsigned links = draft->width[layer] * draft->width[layer + 1];
    if (draft->width[layer] == 1)
        return MANNER_ALL;

    return manner == MANNER_ALL && links > FULL_MESH_MAX ? MANNER_ONE : manner;
}

static void draw_router(struct draft *draft, unsigned layer, unsigned number, enum manner manner)
{
    const unsigned width = draft->width[layer + 1];
    unsigned count = 1;

    if (manner == MANNER_ALL)
        count = width;
    if (manner == MANNER_FEW)
        count = 1 + chance_below(&draft->chance, MIN(width, (unsigned)FEW));
    g_string_append_printf(draft->text,
                           "[router r%u-%u]\naddress = 10.%u.0.%u 2001:db8:%u::%u\n"
                           "hash-seed = %u\nnext =",
                           layer, number, layer, number + 1, layer, number + 1,
                           (unsigned)(chance_next(&draft->chance) >> 32));
    name_some(draft, layer + 1, count);
    g_string_append_c(draft->text, '\n');
}

struct topology *random_network(uint64_t seed)
{
    struct draft draft = { .chance = { chance_mix(seed) }, .text = g_string_new(NULL) };
    GError *error = NULL;

    draw_widths(&draft);
    for (unsigned layer = 0; layer < draft.layers; layer++) {
        const enum manner manner = draw_manner(&draft, layer);
        for (unsigned number = 0; number < draft.width[layer]; number++)
            draw_router(&draft, layer, number, manner);
    }
    g_string_append(draft.text, "[host dst]\naddress = 198.51.100.1 2001:db8:d::1\n");
    struct topology *topology = topology_parse("random", draft.text->str, draft.text->len, &error);
    check(topology != NULL, "seed %llu: %s\n%s", (unsigned long long)seed,
          error != NULL ? error->message : "", draft.text->str);
    g_string_free(draft.text, TRUE);
    return topology;
}
