/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --asn-server and --asn-zone. */
#include "asn_server.h"

#include <gio/gio.h>
#include <string.h>

#include "asn_text.h"
#include "traceflow/error.h"

enum { DNS_PORT = 53, LABEL_MAX = 63 };

bool asn_server_parse(const char *text, struct asn_server *server, GError **error)
{
    g_autoptr(GSocketConnectable) parsed = g_network_address_parse(text, DNS_PORT, NULL);
    GNetworkAddress *at = (GNetworkAddress *)parsed;
    g_autoptr(GInetAddress)
        inet = at != NULL ? g_inet_address_new_from_string(g_network_address_get_hostname(at))
                          : NULL;

    if (inet == NULL || g_network_address_get_port(at) == 0) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE,
                    "--asn-server %s: expected ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT", text);
        return false;
    }
    const uint8_t version = g_inet_address_get_family(inet) == G_SOCKET_FAMILY_IPV4 ? 4 : 6;
    server->addr = tf_addr_from(version, g_inet_address_to_bytes(inet));
    server->port = g_network_address_get_port(at);
    return true;
}

static bool is_label(const char *label)
{
    const size_t len = strlen(label);

    return len > 0 && len <= LABEL_MAX &&
           strspn(label, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") == len;
}

bool asn_zone_check(const char *zone, GError **error)
{
    g_auto(GStrv) labels = g_strsplit(zone, ".", 0);
    bool is_name = zone[0] != '\0' && strlen(zone) <= ASN_ZONE_MAX;

    for (char **label = labels; is_name && *label != NULL; label++)
        is_name = is_label(*label);
    if (!is_name)
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE,
                    "--asn-zone %s: expected a name of the DNS of at most %d characters", zone,
                    ASN_ZONE_MAX);
    return is_name;
}
