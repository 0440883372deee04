/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name resolution, by getaddrinfo() in the calling thread. GResolver would ask in a thread of a
 * pool, which outlives the question, and keeps the privileges that its maker gives up later.
 */
#include "resolve.h"

#include <gio/gio.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "route.h"
#include "traceflow/error.h"

static struct tf_addr to_addr(GInetAddress *inet)
{
    const uint8_t version = g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV4 ? 4 : 6;

    return tf_addr_from(version, g_inet_address_to_bytes(inet));
}

static bool parse_addr(struct tf_addr *addr, const char *text)
{
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(text);

    if (inet != NULL)
        *addr = to_addr(inet);
    return inet != NULL;
}

static bool refuse(GError **error, const char *text, const char *why)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s: %s", text, why);
    return false;
}

static bool begins(const struct tf_addr *addr, const uint8_t *bytes, size_t len)
{
    return memcmp(addr->bytes, bytes, len) == 0;
}

static bool is_one_host(const struct tf_addr *addr)
{
    static const uint8_t any[16];
    static const uint8_t broadcast[] = { 255, 255, 255, 255 };
    const bool unspecified = begins(addr, any, tf_addr_len(addr));

    if (addr->version == 6)
        return !unspecified && addr->bytes[0] != 0xff; /* RFC 4291 section 2.7: multicast */
    return !unspecified && (addr->bytes[0] & 0xf0) != 0xe0 &&
           !begins(addr, broadcast, sizeof broadcast);
}

/* RFC 4291 section 2.5.5.2: an IPv4 node's, which never stands in an IPv6 header. */
static bool is_mapped(const struct tf_addr *addr)
{
    static const uint8_t prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    return addr->version == 6 && begins(addr, prefix, sizeof prefix);
}

static bool check_host(const struct tf_addr *addr, const char *text, GError **error)
{
    if (!is_one_host(addr))
        return refuse(error, text, "not the address of one host");
    if (is_mapped(addr))
        return refuse(error, text, "stands for an IPv4 address: give that");
    return true;
}

/* RFC 4007 section 11.2: a zone is an interface's name or number. */
static bool find_zone(char zone[IF_NAMESIZE], const char *text)
{
    guint64 number = 0;

    if (if_nametoindex(text) != 0) {
        g_strlcpy(zone, text, IF_NAMESIZE);
        return true;
    }
    return g_ascii_string_to_unsigned(text, 10, 1, UINT32_MAX, &number, NULL) &&
           if_indextoname((unsigned)number, zone) != NULL;
}

/* Whether text is a literal address, a zone behind it or not; the zone is looked at later. */
static bool split_literal(struct tf_addr *addr, const char **zone, const char *text)
{
    const char *percent = strchr(text, '%');
    g_autofree char *plain = percent == NULL ? g_strdup(text)
                                             : g_strndup(text, (gsize)(percent - text));

    *zone = percent == NULL ? NULL : percent + 1;
    return parse_addr(addr, plain);
}

static bool check_literal(struct destination *destination, const char *text, uint8_t version,
                          const char *zone, GError **error)
{
    const struct tf_addr *addr = &destination->addr;

    if (version != 0 && addr->version != version)
        return refuse(error, text, version == 4 ? "not an IPv4 address" : "not an IPv6 address");
    if (zone != NULL && !route_is_link_local(addr))
        return refuse(error, text, "only a link-local address has a zone");
    if (zone != NULL && !find_zone(destination->zone, zone))
        return refuse(error, text, "no such interface");
    return check_host(addr, text, error);
}

static struct tf_addr of_sockaddr(const struct addrinfo *found)
{
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;

    if (found->ai_family == AF_INET) {
        memcpy(&ipv4, found->ai_addr, sizeof ipv4);
        return tf_addr_from(4, (const uint8_t *)&ipv4.sin_addr);
    }
    memcpy(&ipv6, found->ai_addr, sizeof ipv6);
    return tf_addr_from(6, ipv6.sin6_addr.s6_addr);
}

/* The first address to which there is a route, or else the first: localhost is ::1 first, even
 * where the host has no IPv6. */
static struct tf_addr choose(const struct addrinfo *found)
{
    const struct tf_addr first = of_sockaddr(found);

    for (; found != NULL; found = found->ai_next) {
        const struct tf_addr addr = of_sockaddr(found);
        struct route route;
        if (route_find(&route, &addr, NULL, NULL, NULL))
            return addr;
    }
    return first;
}

static bool look_up(struct tf_addr *addr, const char *name, uint8_t version)
{
    const struct addrinfo hints = {
        .ai_family = version == 4   ? AF_INET
                     : version == 6 ? AF_INET6
                                    : AF_UNSPEC,
        .ai_socktype = SOCK_DGRAM, /* one of each address, not one for each type */
    };
    g_autofree char *ascii = g_hostname_to_ascii(name); /* RFC 3490 */
    struct addrinfo *found = NULL;

    if (ascii == NULL || getaddrinfo(ascii, NULL, &hints, &found) != 0)
        return false;
    *addr = choose(found);
    freeaddrinfo(found);
    return true;
}

static bool resolve_name(struct tf_addr *addr, const char *name, uint8_t version, GError **error)
{
    if (look_up(addr, name, version))
        return check_host(addr, name, error);
    if (version != 0 && look_up(addr, name, 0))
        g_set_error(error, TF_ERROR, TF_EXIT_NO_ANSWER, "%s: has no IPv%u address", name, version);
    else
        g_set_error(error, TF_ERROR, TF_EXIT_NO_ANSWER, "%s: the name does not resolve", name);
    return false;
}

bool resolve_destination(const char *text, uint8_t version, struct destination *destination,
                         GError **error)
{
    const char *zone = NULL;

    *destination = (struct destination){ 0 };
    if (split_literal(&destination->addr, &zone, text))
        return check_literal(destination, text, version, zone, error);
    destination->is_name = true;
    return resolve_name(&destination->addr, text, version, error);
}

bool parse_literal(const char *option, const char *text, struct tf_addr *addr, GError **error)
{
    if (parse_addr(addr, text))
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected an IP address", option, text);
    return false;
}
