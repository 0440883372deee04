/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Name resolution, by GResolver. */
#include "resolve.h"

#include <gio/gio.h>

#include "traceflow/error.h"

static struct tf_addr to_addr(GInetAddress *inet)
{
    const uint8_t version = g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV4 ? 4 : 6;

    return tf_addr_from(version, g_inet_address_to_bytes(inet));
}

static bool check_unicast(GInetAddress *inet, const char *text, GError **error)
{
    g_autofree char *plain = g_inet_address_to_string(inet);

    if (!g_inet_address_get_is_any(inet) && !g_inet_address_get_is_multicast(inet) &&
        g_strcmp0(plain, "255.255.255.255") != 0)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s: not the address of one host", text);
    return false;
}

static bool refuse_ipv6(const char *text, GError **error)
{
    g_set_error(error, TF_ERROR, TF_EXIT_NO_ANSWER,
                "%s: has no IPv4 address, and IPv6 is not supported yet", text);
    return false;
}

static bool has_ipv6(const char *name)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    GList *found = g_resolver_lookup_by_name_with_flags(
        resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY, NULL, NULL);
    const bool any = found != NULL;

    g_resolver_free_addresses(found);
    return any;
}

static GInetAddress *look_up(const char *name, GError **error)
{
    g_autoptr(GResolver) resolver = g_resolver_get_default();
    GList *found = g_resolver_lookup_by_name_with_flags(
        resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY, NULL, NULL);

    if (found == NULL) {
        if (has_ipv6(name))
            refuse_ipv6(name, error);
        else
            g_set_error(error, TF_ERROR, TF_EXIT_NO_ANSWER, "%s: the name does not resolve", name);
        return NULL;
    }
    GInetAddress *inet = g_object_ref(found->data);
    g_resolver_free_addresses(found);
    return inet;
}

bool resolve_destination(const char *text, struct tf_addr *addr, bool *is_name, GError **error)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(text);

    *is_name = inet == NULL;
    if (inet == NULL)
        inet = look_up(text, error);
    if (inet == NULL)
        return false;
    if (g_inet_address_get_family(inet) != G_SOCKET_FAMILY_IPV4)
        return refuse_ipv6(text, error);
    if (!check_unicast(inet, text, error))
        return false;
    *addr = to_addr(inet);
    return true;
}

bool parse_literal(const char *option, const char *text, struct tf_addr *addr, GError **error)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(text);

    if (inet == NULL || g_inet_address_get_family(inet) != G_SOCKET_FAMILY_IPV4) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected an IPv4 address", option,
                    text);
        return false;
    }
    *addr = to_addr(inet);
    return true;
}
