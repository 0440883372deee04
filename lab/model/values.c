/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of numbers, durations, shares, rates and words; decimals are exact, never rounded. */
#include "values.h"

#include <string.h>

#include "traceflow/time.h"
#include "traceflow/wire.h"

#define HOUR_NS   (3600 * (uint64_t)TF_NS_PER_S)
#define MILLION   UINT64_C(1000000)
#define WHOLE_MAX UINT64_C(10000000000) /* before the point of a decimal: an hour in us fits */

enum { ID_LEN = 63, NAME_LEN = 253, NAME_LABEL_LEN = 63, LABEL_MAX = (1 << 20) - 1, TC_MAX = 7 };

/* Digits at *text, up to max (10^18 at most, so that one more digit cannot wrap). */
static bool take_digits(const char **text, uint64_t max, uint64_t *number)
{
    const char *c = *text;
    uint64_t sum = 0;

    for (; g_ascii_isdigit(*c); c++) {
        sum = sum * 10 + (uint64_t)(*c - '0');
        if (sum > max)
            return false;
    }
    if (c == *text)
        return false;
    *text = c;
    *number = sum;
    return true;
}

/* A decimal at *text, in millionths. */
static bool take_decimal(const char **text, uint64_t *millionths)
{
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t unit = MILLION;

    if (!take_digits(text, WHOLE_MAX, &whole))
        return false;
    if (**text == '.') {
        (*text)++;
        for (; g_ascii_isdigit(**text) && unit > 0; (*text)++) {
            unit /= 10;
            fraction += unit * (uint64_t)(**text - '0');
        }
        if (unit == MILLION || unit == 0) /* no digit, or a seventh */
            return false;
    }
    *millionths = whole * MILLION + fraction;
    return true;
}

bool value_number(const char *text, uint64_t low, uint64_t high, uint64_t *number)
{
    uint64_t value = 0;

    if (!take_digits(&text, high, &value) || *text != '\0' || value < low)
        return false;
    *number = value;
    return true;
}

bool value_range(const char *text, uint64_t low, uint64_t high, uint64_t range[2])
{
    uint64_t first = 0;
    uint64_t last = 0;

    if (!take_digits(&text, high, &first) || first < low)
        return false;
    last = first;
    if (*text == '-' && !value_number(text + 1, first, high, &last))
        return false;
    if (*text != '-' && *text != '\0')
        return false;
    range[0] = first;
    range[1] = last;
    return true;
}

bool value_duration(const char *text, int64_t *ns)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = { { "us", 1000 }, { "ms", TF_NS_PER_MS }, { "s", TF_NS_PER_S } };
    uint64_t millionths = 0;

    if (strcmp(text, "0") == 0) {
        *ns = 0;
        return true;
    }
    if (!take_decimal(&text, &millionths))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(text, units[i].name) != 0)
            continue;
        if (millionths > HOUR_NS / units[i].ns * MILLION || millionths * units[i].ns % MILLION != 0)
            return false;
        *ns = (int64_t)(millionths * units[i].ns / MILLION);
        return true;
    }
    return false;
}

bool value_percent(const char *text, uint32_t *ppm)
{
    uint64_t millionths = 0; /* of a percent: a hundred of them are one ppm */

    if (strcmp(text, "0") == 0) {
        *ppm = 0;
        return true;
    }
    if (!take_decimal(&text, &millionths) || strcmp(text, "%") != 0 || millionths > 100 * MILLION ||
        millionths % 100 != 0)
        return false;
    *ppm = (uint32_t)(millionths / 100);
    return true;
}

bool value_rate(const char *text, int64_t *token_ns)
{
    uint64_t millionths = 0;
    uint64_t period_ns = TF_NS_PER_S;

    if (!take_decimal(&text, &millionths) || millionths == 0)
        return false;
    if (strcmp(text, "/min") == 0)
        period_ns *= 60;
    else if (strcmp(text, "/s") != 0)
        return false;

    const uint64_t token = period_ns * MILLION / millionths;
    if (token < 1000 || token > HOUR_NS)
        return false;
    *token_ns = (int64_t)token;
    return true;
}

bool value_word(const char *text, const struct word *words, unsigned *value)
{
    for (; words->name != NULL; words++)
        if (strcmp(text, words->name) == 0) {
            *value = words->value;
            return true;
        }
    return false;
}

char *value_words_text(const struct word *words)
{
    GString *text = g_string_new(words->name);

    for (const struct word *word = words + 1; word->name != NULL; word++)
        g_string_append_printf(text, "%s%s", word[1].name == NULL ? " or " : ", ", word->name);
    return g_string_free(text, FALSE);
}

char **value_list(const char *text)
{
    static const char *const separators = " \t,";
    GPtrArray *words = g_ptr_array_new();

    for (text += strspn(text, separators); *text != '\0'; text += strspn(text, separators)) {
        const size_t len = strcspn(text, separators);
        g_ptr_array_add(words, g_strndup(text, len));
        text += len;
    }
    g_ptr_array_add(words, NULL);
    return (char **)g_ptr_array_free(words, FALSE);
}

static size_t word_len(const char *text, const char *marks)
{
    size_t len = 0;

    while (g_ascii_isalnum(text[len]) || (text[len] != '\0' && strchr(marks, text[len]) != NULL))
        len++;
    return len;
}

bool value_is_id(const char *text)
{
    const size_t len = word_len(text, "-_.");

    return len > 0 && len <= ID_LEN && text[len] == '\0';
}

bool value_is_dns_name(const char *text)
{
    if (strlen(text) > NAME_LEN)
        return false;
    for (;;) {
        const size_t len = word_len(text, "-_");
        if (len == 0 || len > NAME_LABEL_LEN || text[0] == '-' || text[len - 1] == '-')
            return false;
        if (text[len] != '.')
            return text[len] == '\0';
        text += len + 1;
    }
}

bool value_ports(const char *text, uint8_t protocol, struct port_range *range)
{
    uint64_t ports[2] = { 0, UINT16_MAX };

    if (strcmp(text, "all") != 0 && !value_range(text, 1, UINT16_MAX, ports))
        return false;
    *range = (struct port_range){ .protocol = protocol,
                                  .first = (uint16_t)ports[0],
                                  .last = (uint16_t)ports[1] };
    return true;
}

bool value_denied(const char *text, struct port_range *range)
{
    static const struct word protocols[] = { { "all", 0 },
                                             { "icmp", TF_IP_PROTO_ICMP },
                                             { "tcp", TF_IP_PROTO_TCP },
                                             { "udp", TF_IP_PROTO_UDP },
                                             { NULL, 0 } };
    const char *const colon = strchr(text, ':');
    g_autofree char *name = g_strndup(text, colon == NULL ? strlen(text) : (size_t)(colon - text));
    unsigned protocol = 0;

    if (!value_word(name, protocols, &protocol))
        return false;
    if (colon != NULL && protocol != TF_IP_PROTO_TCP && protocol != TF_IP_PROTO_UDP)
        return false;
    return value_ports(colon == NULL ? "all" : colon + 1, (uint8_t)protocol, range);
}

bool value_label(const char *text, struct tf_mpls *entry)
{
    uint64_t label = 0;
    uint64_t tc = 0;
    uint64_t ttl = 1;

    if (!take_digits(&text, LABEL_MAX, &label))
        return false;
    if (*text == ':' && (text++, !take_digits(&text, TC_MAX, &tc)))
        return false;
    if (*text == ':' && (text++, !take_digits(&text, UINT8_MAX, &ttl)))
        return false;
    if (*text != '\0')
        return false;
    *entry = (struct tf_mpls){ .label = (uint32_t)label, .tc = (uint8_t)tc, .ttl = (uint8_t)ttl };
    return true;
}
