/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preferences: the base ports by which packets without a tag are recognised. */
#include "preferences.h"

#include "compat.h"

#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/range.h>

static range_t *base_ports;
static struct tf_match_options options;

static void add_base(guint32 port)
{
    if (port == 0 || options.n_bases == TF_BASE_PORTS_MAX)
        return;
    options.bases[options.n_bases++] = (struct tf_base_ports){
        .src = (uint16_t)port,
        .dst = (uint16_t)port,
    };
}

/* Wireshark dissects the file anew after a change, and records.c then reads the options. */
static void apply(void)
{
    options.n_bases = 0;
    for (guint i = 0; i < base_ports->nranges; i++)
        for (guint32 port = base_ports->ranges[i].low; port <= base_ports->ranges[i].high; port++)
            add_base(port);
}

static void set_defaults(void)
{
    g_autoptr(GString) ports = g_string_new(NULL);

    options = tf_match_defaults();
    for (size_t i = 0; i < options.n_bases; i++)
        g_string_append_printf(ports, "%s%u", i == 0 ? "" : ",", options.bases[i].dst);
    range_convert_str(wmem_epan_scope(), &base_ports, ports->str, UINT16_MAX);
}

const struct tf_match_options *preferences_register(int proto)
{
    module_t *module = prefs_register_protocol(proto, apply);

    set_defaults();
    prefs_register_range_preference(module, "base_ports", "Base ports",
                                    "Where packets carry no tag (the original Python tool's, and "
                                    "quotes of 28 bytes whose probe was not"
                                    " captured), they are recognised by their ports: the "
                                    "destination port is a base port, and the source"
                                    " port is that number plus the path ID. At most 16.",
                                    &base_ports, UINT16_MAX);
    return &options;
}
