/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbols by which Wireshark knows a plugin: all that this library exports. */
#include "compat.h"

#include <epan/proto.h>

#include "packet-traceflow.h"
#include "path-filter.h"
#include "tap-hops.h"
#include "tap-report.h"
#include "tap-tree.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT extern const char plugin_version[];
EXPORT extern const int plugin_want_major;
EXPORT extern const int plugin_want_minor;
EXPORT void plugin_register(void);

const char plugin_version[] = PLUGIN_VERSION;
const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

static void register_statistics(void)
{
    tap_hops_register();
    tap_tree_register();
    path_filter_register();
}

void plugin_register(void)
{
    static const proto_plugin protocol = {
        .register_protoinfo = proto_register_traceflow,
        .register_handoff = proto_reg_handoff_traceflow,
    };

    static const proto_plugin statistics = { .register_protoinfo = register_statistics };

    proto_register_plugin(&protocol);
    proto_register_plugin(&statistics);
    tap_report_register_plugin();
}

#ifdef WS_PLUGIN_DESC_DISSECTOR
EXPORT uint32_t plugin_describe(void);

uint32_t plugin_describe(void)
{
    return WS_PLUGIN_DESC_DISSECTOR;
}
#endif
