/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Preferences: ports by which packets without a tag are recognised, patience, and cost. */
#include "preferences.h"

#include <epan/packet.h>
#include <epan/prefs.h>
#include <epan/range.h>
#include <wsutil/report_message.h>

#include "traceflow/time.h"

static range_t *base_ports;
static guint timeout_ms = 1000;
static tf_bool every_frame = TRUE;

/* Port 0 is none, and the highest leaves no source port for a path. */
static bool is_base(guint32 port)
{
    return port > 0 && port < UINT16_MAX;
}

struct tf_match_options preferences_match_options(void)
{
    struct tf_match_options options = { .n_bases = 0 };

    for (guint i = 0; i < base_ports->nranges; i++)
        for (guint32 port = base_ports->ranges[i].low; port <= base_ports->ranges[i].high; port++)
            if (is_base(port) && options.n_bases < TF_BASE_PORTS_MAX)
                options.bases[options.n_bases++] = (struct tf_base_ports){
                    .src = (uint16_t)port,
                    .dst = (uint16_t)port,
                };
    return options;
}

int64_t preferences_timeout_ns(void)
{
    return timeout_ms * TF_NS_PER_MS;
}

bool preferences_every_frame(void)
{
    return every_frame;
}

static guint count_ports(const range_t *ports)
{
    guint n = 0;

    for (guint i = 0; i < ports->nranges; i++)
        n += ports->ranges[i].high - ports->ranges[i].low + 1;
    return n;
}

/* Whoever sets more than can be used is told so, and what is used. */
static void apply(void)
{
    const struct tf_match_options options = preferences_match_options();
    g_autoptr(GString) used = g_string_new(NULL);

    if (options.n_bases == count_ports(base_ports))
        return;
    for (size_t i = 0; i < options.n_bases; i++)
        g_string_append_printf(used, "%s%u", i == 0 ? "" : ", ", options.bases[i].dst);
    report_warning("Traceflow: of the base ports, at most %d between 1 and %d are used: %s",
                   TF_BASE_PORTS_MAX, UINT16_MAX - 1, used->len == 0 ? "none" : used->str);
}

static void set_default_ports(void)
{
    const struct tf_match_options options = tf_match_defaults();
    g_autoptr(GString) ports = g_string_new(NULL);

    for (size_t i = 0; i < options.n_bases; i++)
        g_string_append_printf(ports, "%s%u", i == 0 ? "" : ",", options.bases[i].dst);
    range_convert_str(wmem_epan_scope(), &base_ports, ports->str, UINT16_MAX);
}

void preferences_register(int proto)
{
    module_t *module = prefs_register_protocol(proto, apply);

    set_default_ports();
    prefs_register_range_preference(
        module, "base_ports", "Base ports",
        "Packets without a tag (the original Python tool's, and the shortest quotes of probes that "
        "were not captured) are recognised by their ports: the destination port is a base port, "
        "and the source port is that number plus the path ID. At most 16; of more, the first are "
        "used.",
        &base_ports, UINT16_MAX);
    prefs_register_uint_preference(
        module, "timeout", "Timeout (ms)",
        "A probe that got no reply for so long is marked as unanswered, if the capture goes on so "
        "long, and a reply that took longer as late. 0: never.",
        10, &timeout_ms);
    prefs_register_bool_preference(
        module, "every_frame", "Look at every frame",
        "Find all probes and replies. If switched off, only frames are looked at in which UDP or "
        "ICMP echo carries or quotes the payload of a probe; other traffic then costs nothing, but "
        "TCP probes, answers without that payload and most routers' short quotes are not found.",
        &every_frame);
}
