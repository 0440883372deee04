/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z traceflow,paths[,FILTER]: the prober's own table of paths and TTLs, on standard output. */
#include "tap-paths.h"

#include "compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include "traceflow/report.h"

#define CLI_NAME "traceflow,paths"

struct paths_tap {
    struct tf_trace_set *set;
};

static void reset(void *data)
{
    struct paths_tap *tap = data;

    tf_trace_set_free(tap->set);
    tap->set = tf_trace_set_new();
}

static tap_packet_status add_observation(void *data, packet_info *pinfo _U_,
                                         epan_dissect_t *edt _U_, const void *obs,
                                         tap_flags_t flags _U_)
{
    struct paths_tap *tap = data;

    tf_trace_set_add(tap->set, obs);
    return TAP_PACKET_REDRAW;
}

static void draw(void *data)
{
    const struct paths_tap *tap = data;
    const struct tf_report_options options = { .destination_name = NULL };
    GString *text = g_string_new(NULL);

    tf_report_vert(text, tap->set, &options);
    fputs(text->str, stdout);
    g_string_free(text, TRUE);
}

static void finish(void *data)
{
    struct paths_tap *tap = data;

    tf_trace_set_free(tap->set);
    g_free(tap);
}

/* The display filter after "traceflow,paths,"; NULL if there is none. */
static const char *filter_of(const char *argument)
{
    const char *filter = argument + strlen(CLI_NAME);

    return *filter == ',' && filter[1] != '\0' ? filter + 1 : NULL;
}

static bool listen_to(const char *argument)
{
    struct paths_tap *tap = g_new0(struct paths_tap, 1);

    tap->set = tf_trace_set_new();
    GString *error = register_tap_listener("traceflow", tap, filter_of(argument),
                                           TL_REQUIRES_NOTHING, reset, add_observation, draw,
                                           finish);
    if (error == NULL)
        return true;
    report_failure("-z %s: %s", argument, error->str);
    g_string_free(error, TRUE);
    finish(tap);
    return false;
}

static TF_STAT_INIT_RESULT init(const char *argument, void *data _U_)
{
    TF_STAT_INIT_RETURN(listen_to(argument));
}

static void register_statistic(void)
{
    static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };
    static stat_tap_ui statistic = {
        .group = REGISTER_STAT_GROUP_GENERIC,
        .title = "Traceflow paths",
        .cli_string = CLI_NAME,
        .tap_init_cb = init,
        .nparams = G_N_ELEMENTS(parameters),
        .params = parameters,
    };

    register_stat_tap_ui(&statistic, NULL);
}

void tap_paths_register_plugin(void)
{
    static const tap_plugin plugin = { .register_tap_listener = register_statistic };

    tap_register_plugin(&plugin);
}
