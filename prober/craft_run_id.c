/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run IDs, drawn such that a path's attempts can be told apart by their keys. */
#include <sys/random.h>

#include "craft.h"
#include "traceflow/encoding.h"

/* Enough for a run ID that suits where there is a fair chance of one, over in milliseconds where
 * there is none. */
enum { DRAWS_MAX = 64 };

static bool keys_differ(uint32_t run_id, uint16_t path_id, uint8_t attempts)
{
    uint16_t keys[UINT8_MAX];

    for (uint8_t a = 0; a < attempts; a++) {
        keys[a] = tf_key(run_id, path_id, a);
        for (uint8_t b = 0; b < a; b++)
            if (keys[a] == keys[b])
                return false;
    }
    return true;
}

/* How many paths, counted from path ID 1, suit before the first that does not. */
static uint16_t paths_that_suit(uint32_t run_id, uint16_t paths, uint8_t attempts)
{
    uint16_t suit = 0;

    while (suit < paths && keys_differ(run_id, (uint16_t)(suit + 1), attempts))
        suit++;
    return suit;
}

bool craft_run_id_suits(uint32_t run_id, uint16_t paths, uint8_t attempts)
{
    return paths_that_suit(run_id, paths, attempts) == paths;
}

static uint32_t draw(void)
{
    uint32_t run_id = 0;

    while (getrandom(&run_id, sizeof run_id, 0) != sizeof run_id)
        ;
    return run_id;
}

uint32_t craft_draw_run_id(uint16_t paths, uint8_t attempts)
{
    uint32_t best = draw();
    uint16_t most = paths_that_suit(best, paths, attempts);

    for (int i = 1; i < DRAWS_MAX && most < paths; i++) {
        const uint32_t run_id = draw();
        const uint16_t suit = paths_that_suit(run_id, paths, attempts);
        if (suit <= most)
            continue;
        best = run_id;
        most = suit;
    }
    return best;
}
