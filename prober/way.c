/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way to destinations, before anything is opened: which interface will do for them. */
#include "way.h"

#include <string.h>

#include "resolve.h"
#include "route.h"

const char *way_interface(const struct options *options, char common[IF_NAMESIZE])
{
    const struct tf_addr *src = options->has_source ? &options->source : NULL;

    common[0] = '\0';
    for (char **text = options->destinations; *text != NULL; text++) {
        struct destination destination;
        struct route route;
        if (!g_hostname_is_ip_address(*text) ||
            !resolve_destination(*text, options->version, &destination, NULL) ||
            !route_find(&route, &destination.addr, NULL, src, NULL))
            return ROUTE_ANY_INTERFACE;
        if (common[0] != '\0' && strcmp(common, route.interface) != 0)
            return ROUTE_ANY_INTERFACE;
        g_strlcpy(common, route.interface, IF_NAMESIZE);
    }
    return common[0] != '\0' ? common : ROUTE_ANY_INTERFACE;
}

struct run *way_of_one(const struct options *options, GError **error)
{
    const char *text = options->destinations[0];
    struct destination destination;
    struct route route;

    if (!resolve_destination(text, options->version, &destination, error))
        return NULL;
    const char *interface = destination.zone[0] != '\0' ? destination.zone : options->interface;
    if (!route_find(&route, &destination.addr, interface,
                    options->has_source ? &options->source : NULL, error))
        return NULL;
    return run_new(options, text, &destination, &route);
}
