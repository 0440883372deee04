/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversation Filter > Traceflow path: the display filter for all probes and replies of a frame's
 * path. */
#include "path-filter.h"

#include "compat.h"

#include <epan/packet.h>
/* names a type of packet.h, and does not include it */
#include <epan/conversation_filter.h>

#include "sighting.h"

/* A frame without run ID: its replies quote the destination, or are sent by it. */
static char *filter_by_address(const struct tf_observation *obs)
{
    char destination[TF_ADDR_TEXT_LEN];

    return g_strdup_printf("traceflow.path_id == %u && !traceflow.run_id && %s.addr == %s",
                           obs->path_id, obs->flow.dst.version == 6 ? "ipv6" : "ip",
                           tf_addr_text(&obs->flow.dst, destination));
}

static char *filter_of(const struct tf_observation *obs)
{
    if (!obs->has_run_id)
        return filter_by_address(obs);
    return g_strdup_printf("traceflow.run_id == 0x%08x && traceflow.path_id == %u", obs->run_id,
                           obs->path_id);
}

static tf_bool is_ours(TF_CONVERSATION_ARGUMENTS)
{
    struct sighting sighting;

    return sighting_find(&sighting, pinfo);
}

static char *build(TF_CONVERSATION_ARGUMENTS)
{
    struct sighting sighting;

    return sighting_find(&sighting, pinfo) ? filter_of(&sighting.obs) : NULL;
}

void path_filter_register(void)
{
    TF_REGISTER_CONVERSATION_FILTER("traceflow", "Traceflow path", is_ours, build);
}
