/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What traceroute writes behind an address: !H and its kin. */
#include <glib.h>

#include "traceflow/report.h"
#include "traceflow/wire.h"

/* RFC 792; RFC 1812 section 5.2.7.1 for codes 13 to 15 */
static char ipv4_unreachable(uint8_t code)
{
    static const char letters[] = { 'N', 'H', 'P', 0, 'F', 'S', 0,   0,
                                    0,   'X', 'X', 0, 0,   'X', 'V', 'C' };

    if (code >= G_N_ELEMENTS(letters))
        return '\0';
    return letters[code];
}

/* RFC 4443 section 3.1 */
static char ipv6_unreachable(uint8_t code)
{
    static const char letters[] = { 'N', 'X', 'S', 'H', 0, 'X', 'X' };

    if (code >= G_N_ELEMENTS(letters))
        return '\0';
    return letters[code];
}

static char unreachable_letter(bool ipv6, uint8_t code)
{
    if (ipv6)
        return ipv6_unreachable(code);
    return ipv4_unreachable(code);
}

const char *tf_reply_mark(const struct tf_observation *obs, char buf[TF_MARK_LEN])
{
    const bool ipv6 = obs->flow.dst.version == 6;
    const uint8_t time_exceeded = ipv6 ? TF_ICMPV6_TIME_EXCEEDED : TF_ICMP_TIME_EXCEEDED;
    const uint8_t unreachable = ipv6 ? TF_ICMPV6_DEST_UNREACH : TF_ICMP_DEST_UNREACH;

    buf[0] = '\0';
    if (!obs->has_icmp || obs->kind == TF_KIND_DESTINATION_REPLY)
        return buf;
    if (obs->icmp_type == time_exceeded && obs->icmp_code == TF_ICMP_CODE_TTL_IN_TRANSIT)
        return buf;

    const char letter = unreachable_letter(ipv6, obs->icmp_code);
    if (obs->icmp_type != unreachable)
        g_snprintf(buf, TF_MARK_LEN, "!<%u-%u>", obs->icmp_type, obs->icmp_code);
    else if (letter != 0)
        g_snprintf(buf, TF_MARK_LEN, "!%c", letter);
    else
        g_snprintf(buf, TF_MARK_LEN, "!<%u>", obs->icmp_code);
    return buf;
}
