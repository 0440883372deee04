/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading option values. */
#include "values.h"

#include <arpa/inet.h>
#include <string.h>

#include "traceflow/error.h"

bool value_refuse(const struct given *given, const char *expected, GError **error)
{
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %s", given->option, given->text,
                expected);
    return false;
}

bool value_number(const struct given *given, uint16_t low, uint16_t high, uint16_t *value,
                  GError **error)
{
    gint64 number = *value;

    if (given->text != NULL &&
        !g_ascii_string_to_signed(given->text, 10, low, high, &number, NULL)) {
        g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %u to %u", given->option,
                    given->text, low, high);
        return false;
    }
    *value = (uint16_t)number;
    return true;
}

bool value_byte(const struct given *given, uint8_t low, uint8_t high, uint8_t *value,
                GError **error)
{
    uint16_t number = *value;

    if (!value_number(given, low, high, &number, error))
        return false;
    *value = (uint8_t)number;
    return true;
}

bool value_real(const struct given *given, double low, double high, double *value, GError **error)
{
    char *end = NULL;
    if (given->text == NULL)
        return true;

    *value = g_ascii_strtod(given->text, &end);
    if (end != given->text && *end == '\0' && *value >= low && *value <= high)
        return true;
    g_set_error(error, TF_ERROR, TF_EXIT_USAGE, "%s %s: expected %g to %g", given->option,
                given->text, low, high);
    return false;
}

bool value_is_zero(const char *text)
{
    char *end = NULL;

    return g_ascii_strtod(text, &end) == 0 && end != text && *end == '\0';
}

bool value_choice(const struct given *given, const struct choice_of *choice, size_t *index,
                  GError **error)
{
    if (given->text == NULL)
        return true;
    for (size_t i = 0; i < choice->n_names; i++)
        if (strcmp(given->text, choice->names[i]) == 0) {
            *index = i;
            return true;
        }
    return value_refuse(given, choice->expected, error);
}

struct tos_name {
    const char *name;
    uint8_t tos;
};

static bool find_word(const char *text, uint8_t *tos)
{
    static const struct tos_name words[] = {
        { "ef", 46 << 2 }, /* RFC 3246 */
        { "lowdelay", 0x10 }, { "throughput", 0x08 }, { "reliability", 0x04 }, { "mincost", 0x02 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(text, words[i].name) == 0) {
            *tos = words[i].tos;
            return true;
        }
    return false;
}

/* Class selectors (RFC 2474 section 4.2.2) and assured forwarding (RFC 2597 section 6), computed:
 * "cs5" is 5 << 3, "af32" is 3 << 3 | 2 << 1. */
static bool find_class(const char *text, uint8_t *tos)
{
    const size_t len = strlen(text);

    if (len == 3 && g_ascii_strncasecmp(text, "cs", 2) == 0 && text[2] >= '0' && text[2] <= '7') {
        *tos = (uint8_t)((text[2] - '0') << 5);
        return true;
    }
    if (len == 4 && g_ascii_strncasecmp(text, "af", 2) == 0 && text[2] >= '1' && text[2] <= '4' &&
        text[3] >= '1' && text[3] <= '3') {
        *tos = (uint8_t)((text[2] - '0') << 5 | (text[3] - '0') << 3);
        return true;
    }
    return false;
}

bool value_tos(const struct given *given, uint8_t *tos, GError **error)
{
    const char *text = given->text;
    guint64 number = 0;
    if (text == NULL || find_word(text, tos) || find_class(text, tos))
        return true;

    const bool is_hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    if (!g_ascii_string_to_unsigned(is_hex ? text + 2 : text, is_hex ? 16 : 10, 0, UINT8_MAX,
                                    &number, NULL))
        return value_refuse(given, "0 to 255, cs0 to cs7, af11 to af43, or ef", error);
    *tos = (uint8_t)number;
    return true;
}

bool value_address(const struct given *given, struct tf_addr *addr, GError **error)
{
    uint8_t bytes[sizeof addr->bytes];

    if (inet_pton(AF_INET, given->text, bytes) == 1)
        *addr = tf_addr_from(4, bytes);
    else if (inet_pton(AF_INET6, given->text, bytes) == 1)
        *addr = tf_addr_from(6, bytes);
    else
        return value_refuse(given, "an IPv4 or IPv6 address", error);
    return true;
}
