/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -z traceflow,paths[,FILTER] and -z traceflow,json[,FILTER]: the prober's own reports of a
 * capture, on standard output. */
#include "tap-report.h"

#include "compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <epan/packet.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include "traceflow/report.h"

/* One of core's reports, as a statistic. */
struct report {
    const char *cli_name;
    const char *title;
    void (*append)(GString *out, const struct tf_trace_set *set,
                   const struct tf_report_options *options);
};

static const struct report reports[] = {
    { "traceflow,paths", "Traceflow paths", tf_report_vert },
    { "traceflow,json", "Traceflow paths as JSON", tf_report_json },
};

/* One use of it on the command line. */
struct report_tap {
    const struct report *report;
    struct tf_trace_set *set;
};

static void reset(void *data)
{
    struct report_tap *tap = data;

    tf_trace_set_free(tap->set);
    tap->set = tf_trace_set_new();
}

static tap_packet_status add_observation(void *data, packet_info *pinfo _U_,
                                         epan_dissect_t *edt _U_, const void *obs,
                                         tap_flags_t flags _U_)
{
    struct report_tap *tap = data;

    tf_trace_set_add(tap->set, obs);
    return TAP_PACKET_REDRAW;
}

static void draw(void *data)
{
    const struct report_tap *tap = data;
    const struct tf_report_options options = { .destination_name = NULL };
    GString *text = g_string_new(NULL);

    tap->report->append(text, tap->set, &options);
    fputs(text->str, stdout);
    g_string_free(text, TRUE);
}

static void finish(void *data)
{
    struct report_tap *tap = data;

    tf_trace_set_free(tap->set);
    g_free(tap);
}

static bool listen_to(const struct report *report, const char *argument, const char *filter)
{
    struct report_tap *tap = g_new(struct report_tap, 1);

    *tap = (struct report_tap){ .report = report, .set = tf_trace_set_new() };
    GString *error = register_tap_listener("traceflow", tap, filter, TL_REQUIRES_NOTHING, reset,
                                           add_observation, draw, finish);
    if (error == NULL)
        return true;
    report_failure("-z %s: %s", argument, error->str);
    g_string_free(error, TRUE);
    finish(tap);
    return false;
}

/* tshark goes by the start of the argument: "traceflow,pathsuit" comes here, too. */
static bool begin(const struct report *report, const char *argument)
{
    const char *rest = argument + strlen(report->cli_name);
    const bool has_filter = rest[0] == ',' && rest[1] != '\0';

    if (rest[0] != '\0' && rest[0] != ',') {
        report_failure("-z %s: there is no such statistic", argument);
        return false;
    }
    return listen_to(report, argument, has_filter ? rest + 1 : NULL);
}

static TF_STAT_INIT_RESULT init(const char *argument, void *report)
{
    TF_STAT_INIT_RETURN(begin(report, argument));
}

static void register_statistics(void)
{
    static tap_param parameters[] = { { PARAM_FILTER, "filter", "Filter", NULL, TRUE } };

    for (size_t i = 0; i < G_N_ELEMENTS(reports); i++) {
        stat_tap_ui statistic = {
            .group = REGISTER_STAT_GROUP_GENERIC,
            .title = reports[i].title,
            .cli_string = reports[i].cli_name,
            .tap_init_cb = init,
            .nparams = G_N_ELEMENTS(parameters),
            .params = parameters,
        };
        register_stat_tap_ui(&statistic, (void *)&reports[i]);
    }
}

void tap_report_register_plugin(void)
{
    static const tap_plugin plugin = { .register_tap_listener = register_statistics };

    tap_register_plugin(&plugin);
}
