/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet list's Protocol and Info columns. */
#include "columns.h"

#include "summary.h"

void columns_set(packet_info *pinfo, const struct sighting *sighting)
{
    if (sighting->forged) {
        col_append_str(pinfo->cinfo, COL_INFO, " [traceflow: forged?]");
        return;
    }
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "Traceflow");
    if (!col_get_writable(pinfo->cinfo, COL_INFO))
        return;
    /* TCP calls our probes' ports reused, and has that stand before whatever follows. */
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_add_str(pinfo->cinfo, COL_INFO, summary_info(pinfo->pool, sighting));
}
