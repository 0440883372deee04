/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the last of our frames has been tapped. */
/*
 * A table's statistic is told each packet, and then its rows are read: nothing is called in
 * between. But a row of ours depends on later packets, so rows can only be written at the end. It
 * is found in two ways.
 *
 * tshark and sharkd draw all tap listeners at the end, the youngest first. A listener that begins
 * with the first packet is younger than the table's own, hence drawn before it.
 *
 * The window draws nobody, and reads the table right after the last packet. But there all frames
 * have been read once before, so it is known which of ours is the last; and whether or not a filter
 * lets it through, the memory of its dissection is freed after the taps, and says so.
 */
#include "tap-end.h"

#include <epan/tap.h>

#include "records.h"

static struct {
    void (*complete)(void); /* NULL: nobody waits */
    bool is_last;           /* the frame under dissection is known to be; its taps cannot tell */
} end;

static void draw(void *data _U_)
{
    if (end.complete != NULL)
        end.complete();
}

static tf_bool dissection_over(wmem_allocator_t *pool _U_, wmem_cb_event_t event _U_,
                               void *data _U_)
{
    draw(NULL);
    tap_end_cancel();
    return FALSE; /* not again */
}

static void complete_after(const packet_info *pinfo)
{
    if (end.complete != NULL && end.is_last)
        wmem_register_callback(pinfo->pool, dissection_over, NULL);
}

void tap_end_frame(const packet_info *pinfo)
{
    end.is_last = PINFO_FD_VISITED(pinfo) && pinfo->num == records_last();
    complete_after(pinfo);
}

void tap_end_await(void (*complete)(void), const packet_info *pinfo)
{
    tap_end_cancel();
    /* As a helper it makes nobody dissect what need not be. */
    GString *error = register_tap_listener("traceflow", &end, NULL, TL_IS_DISSECTOR_HELPER, NULL,
                                           NULL, draw, NULL);
    g_assert(error == NULL); /* there is this tap, and no filter */
    end.complete = complete;
    complete_after(pinfo);
}

void tap_end_cancel(void)
{
    if (end.complete != NULL)
        remove_tap_listener(&end);
    end.complete = NULL;
}
