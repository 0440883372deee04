/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single flows showed, collected and sorted, so that it can be counted. */
#include "sighting.h"

GArray *sightings_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(struct sighting));
}

void sightings_add(GArray *sightings, uint16_t path_id, const struct tf_addr *from,
                   const struct tf_addr *to)
{
    const struct sighting sighting = { .from = *from, .to = *to, .path_id = path_id };

    g_array_append_val(sightings, sighting);
}

static gint compare_links(gconstpointer a, gconstpointer b)
{
    const struct sighting *x = a;
    const struct sighting *y = b;
    const int from = tf_addr_compare(&x->from, &y->from);
    if (from != 0)
        return from;
    const int to = tf_addr_compare(&x->to, &y->to);
    return to != 0 ? to : x->path_id - y->path_id;
}

static gint compare_paths(gconstpointer a, gconstpointer b)
{
    const struct sighting *x = a;
    const struct sighting *y = b;
    const int from = tf_addr_compare(&x->from, &y->from);

    return from != 0 ? from : x->path_id - y->path_id;
}

void sightings_sort_by_link(GArray *sightings)
{
    g_array_sort(sightings, compare_links);
}

void sightings_sort_by_path(GArray *sightings)
{
    g_array_sort(sightings, compare_paths);
}
