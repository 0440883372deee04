/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs in quotes, in words. */
#include "quote_words.h"

static const char *ident_words(uint32_t fault)
{
    switch (fault) {
    case TF_IDENT_ZEROED: return "zeroed";
    case TF_IDENT_PLUS_ONE: return "plus one";
    case TF_IDENT_SWAPPED: return "byte-swapped";
    default: return "changed";
    }
}

static const char *end_words(uint32_t changed, uint32_t addr, uint32_t port)
{
    if ((changed & addr) != 0 && (changed & port) != 0)
        return "address and port";
    return (changed & addr) != 0 ? "address" : "port";
}

char *quote_change_words(const struct sign *sign)
{
    switch (sign->kind) {
    case TF_FINDING_NAT:
        return g_strdup_printf("source %s translated (NAT)",
                               end_words(sign->value, TF_CHANGED_SRC, TF_CHANGED_SRC_PORT));
    case TF_FINDING_DESTINATION_NAT:
        return g_strdup_printf("destination %s translated (NAT)",
                               end_words(sign->value, TF_CHANGED_DST, TF_CHANGED_DST_PORT));
    case TF_FINDING_REPAIRED_NAT:
        return g_strdup("addresses translated (NAT) and put right in quotes: the checksum differs");
    case TF_FINDING_ECN_BLEACHED: return g_strdup("ECN bits cleared");
    case TF_FINDING_DSCP_REMARKED:
        return g_strdup_printf("DSCP remarked from %u to %u", (sign->value - 1) >> 8,
                               (sign->value - 1) & UINT8_MAX);
    case TF_FINDING_IDENT: return g_strdup_printf("Identification %s", ident_words(sign->value));
    case TF_FINDING_LENGTH: return g_strdup("length changed");
    case TF_FINDING_DF: return g_strdup("Don't Fragment changed");
    default: return g_strdup("flow label changed");
    }
}

const char *quote_error_words(const struct sign *sign)
{
    switch (sign->value) {
    case TF_CHANGED_SRC: return "source address changed";
    case TF_CHANGED_DST: return "destination address changed";
    case TF_CHANGED_SRC_PORT: return "source port changed";
    case TF_CHANGED_DST_PORT: return "destination port changed";
    case TF_CHANGED_CHECKSUM: return "checksum changed";
    default: return "addresses and ports changed";
    }
}
