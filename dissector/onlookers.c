/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who sees what is said of a frame. */
#include "onlookers.h"

#include <epan/tap.h>

bool onlookers_of_experts(const packet_info *pinfo, const proto_item *item)
{
    static int expert_tap = 0;

    if (expert_tap == 0)
        expert_tap = find_tap_id("expert");
    return item != NULL || have_tap_listener(expert_tap) ||
           col_get_writable(pinfo->cinfo, COL_EXPERT);
}
