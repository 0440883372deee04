/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an ICMP error says, in words. */
#include "traceflow/icmp_words.h"

#include <glib.h>

#include "traceflow/wire.h"

struct words {
    uint8_t type;
    uint8_t code;
    const char *text;
};

static const struct words ICMP[] = {
    { TF_ICMP_DEST_UNREACH, 0, "network unreachable" },
    { TF_ICMP_DEST_UNREACH, 1, "host unreachable" },
    { TF_ICMP_DEST_UNREACH, 2, "protocol unreachable" },
    { TF_ICMP_DEST_UNREACH, 3, "port unreachable" },
    { TF_ICMP_DEST_UNREACH, 4, "fragmentation needed and DF set" },
    { TF_ICMP_DEST_UNREACH, 5, "source route failed" },
    { TF_ICMP_DEST_UNREACH, 6, "destination network unknown" },
    { TF_ICMP_DEST_UNREACH, 7, "destination host unknown" },
    { TF_ICMP_DEST_UNREACH, 8, "source host isolated" },
    { TF_ICMP_DEST_UNREACH, 9,
      "communication with destination network administratively prohibited" },
    { TF_ICMP_DEST_UNREACH, 10, "communication with destination host administratively prohibited" },
    { TF_ICMP_DEST_UNREACH, 11, "network unreachable for type of service" },
    { TF_ICMP_DEST_UNREACH, 12, "host unreachable for type of service" },
    { TF_ICMP_DEST_UNREACH, 13, "communication administratively prohibited by filtering" },
    { TF_ICMP_DEST_UNREACH, 14, "host precedence violation" },
    { TF_ICMP_DEST_UNREACH, 15, "precedence cutoff in effect" },
    { TF_ICMP_SOURCE_QUENCH, 0, "source quench" },
    { TF_ICMP_REDIRECT, 0, "redirect for the network" },
    { TF_ICMP_REDIRECT, 1, "redirect for the host" },
    { TF_ICMP_REDIRECT, 2, "redirect for the type of service and network" },
    { TF_ICMP_REDIRECT, 3, "redirect for the type of service and host" },
    { TF_ICMP_TIME_EXCEEDED, 1, "fragment reassembly time exceeded" },
    { TF_ICMP_PARAM_PROBLEM, 0, "parameter problem" },
    { TF_ICMP_PARAM_PROBLEM, 1, "required option missing" },
};

static const struct words ICMPV6[] = {
    { TF_ICMPV6_DEST_UNREACH, 0, "no route to destination" },
    { TF_ICMPV6_DEST_UNREACH, 1, "communication with destination administratively prohibited" },
    { TF_ICMPV6_DEST_UNREACH, 2, "beyond scope of source address" },
    { TF_ICMPV6_DEST_UNREACH, 3, "address unreachable" },
    { TF_ICMPV6_DEST_UNREACH, 4, "port unreachable" },
    { TF_ICMPV6_DEST_UNREACH, 5, "source address failed ingress/egress policy" },
    { TF_ICMPV6_DEST_UNREACH, 6, "reject route to destination" },
    { TF_ICMPV6_PACKET_TOO_BIG, 0, "packet too big" },
    { TF_ICMPV6_TIME_EXCEEDED, 1, "fragment reassembly time exceeded" },
    { TF_ICMPV6_PARAM_PROBLEM, 0, "erroneous header field" },
    { TF_ICMPV6_PARAM_PROBLEM, 1, "unrecognized next header type" },
    { TF_ICMPV6_PARAM_PROBLEM, 2, "unrecognized IPv6 option" },
};

static const char *look_up(const struct words *words, size_t n, uint8_t type, uint8_t code)
{
    for (size_t i = 0; i < n; i++)
        if (words[i].type == type && words[i].code == code)
            return words[i].text;
    return NULL;
}

const char *tf_icmp_words(const struct tf_observation *reply)
{
    if (reply->flow.dst.version == 6)
        return look_up(ICMPV6, G_N_ELEMENTS(ICMPV6), reply->icmp_type, reply->icmp_code);
    return look_up(ICMP, G_N_ELEMENTS(ICMP), reply->icmp_type, reply->icmp_code);
}
