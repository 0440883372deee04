/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels and link addresses from text. */
#include "label.h"

#include <string.h>

#include "traceflow/error.h"

enum { LABEL_MAX = 0xfffff, TC_MAX = 7 };

static bool refuse(GError **error, const char *option, const char *text, const char *why)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: %s", option, text, why);
    return false;
}

/* Digits only: no sign, no space, no other base. */
static bool parse_number(const char *text, guint64 min, guint64 max, guint64 *value)
{
    return g_ascii_isdigit(text[0]) && g_ascii_string_to_unsigned(text, 10, min, max, value, NULL);
}

static bool parse_entry(struct tf_mpls *entry, bool *ttl_given, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);
    const guint n_parts = g_strv_length(parts);
    guint64 label = 0;
    guint64 tc = 0;
    guint64 ttl = 0;

    if (n_parts < 1 || n_parts > 3 || !parse_number(parts[0], 0, LABEL_MAX, &label) ||
        (n_parts > 1 && !parse_number(parts[1], 0, TC_MAX, &tc)) ||
        (n_parts > 2 && !parse_number(parts[2], 1, UINT8_MAX, &ttl)))
        return false;
    *ttl_given = n_parts > 2;
    *entry = (struct tf_mpls){ .label = (uint32_t)label, .tc = (uint8_t)tc, .ttl = (uint8_t)ttl };
    return true;
}

bool label_stack_parse(struct label_stack *stack, const char *const *texts, GError **error)
{
    const guint depth = texts == NULL ? 0 : g_strv_length((char **)texts);

    *stack = (struct label_stack){ .entries.depth = (uint16_t)depth };
    if (depth > TF_MPLS_MAX)
        return refuse(error, "--mpls", texts[TF_MPLS_MAX], "expected 8 labels at most");
    for (guint i = 0; i < depth; i++) {
        if (!parse_entry(&stack->entries.entry[i], &stack->ttl_given[i], texts[i]))
            return refuse(error, "--mpls", texts[i],
                          "expected LABEL[:TC[:TTL]], of 0 to 1048575, 0 to 7 and 1 to 255");
        stack->entries.entry[i].bottom = i + 1 == depth;
    }
    return true;
}

bool mac_parse(uint8_t mac[TF_MAC_LEN], const char *text, GError **error)
{
    static const char *const expected = "expected the MAC address of one neighbour";
    g_auto(GStrv) parts = g_strsplit(text, ":", -1);

    if (g_strv_length(parts) != TF_MAC_LEN)
        return refuse(error, "--gateway-mac", text, expected);
    for (int i = 0; i < TF_MAC_LEN; i++) {
        const int high = g_ascii_xdigit_value(parts[i][0]);
        const int low = high < 0 ? -1 : g_ascii_xdigit_value(parts[i][1]);
        if (low < 0 || parts[i][2] != '\0')
            return refuse(error, "--gateway-mac", text, expected);
        mac[i] = (uint8_t)(high << 4 | low);
    }
    /* IEEE 802 section 8.2: the first byte's lowest bit marks groups */
    return (mac[0] & 1) == 0 || refuse(error, "--gateway-mac", text, expected);
}
