/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, times, shares, words and names of a topology file, into their fields. */
#include "fields.h"

#include <inttypes.h>
#include <string.h>

bool refuse_value(const struct reading *reading, const struct key *key, const char *expected,
                  const char *text)
{
    return refuse(reading, key->name, "expected %s, not '%s'", expected, text);
}

static bool parse_number(const struct reading *reading, const struct key *key, const char *text,
                         uint64_t *number)
{
    return value_number(text, key->low, key->high, number) ||
           refuse(reading, key->name, "expected %" PRIu64 " to %" PRIu64 ", not '%s'", key->low,
                  key->high, text);
}

bool read_u8(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    uint64_t number = 0;

    if (!parse_number(reading, key, text, &number))
        return false;
    *(uint8_t *)field = (uint8_t)number;
    return true;
}

bool read_u16(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    uint64_t number = 0;

    if (!parse_number(reading, key, text, &number))
        return false;
    *(uint16_t *)field = (uint16_t)number;
    return true;
}

bool read_u16_or_none(const struct reading *reading, const struct key *key, const char *text,
                      void *field)
{
    if (strcmp(text, "none") == 0) {
        *(uint16_t *)field = 0;
        return true;
    }
    return read_u16(reading, key, text, field);
}

bool read_u32(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    uint64_t number = 0;

    if (!parse_number(reading, key, text, &number))
        return false;
    *(uint32_t *)field = (uint32_t)number;
    return true;
}

bool read_u64(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    return parse_number(reading, key, text, field);
}

bool read_duration(const struct reading *reading, const struct key *key, const char *text,
                   void *field)
{
    return value_duration(text, field) || refuse_value(reading, key, VALUE_DURATION, text);
}

bool read_percent(const struct reading *reading, const struct key *key, const char *text,
                  void *field)
{
    return value_percent(text, field) || refuse_value(reading, key, VALUE_PERCENT, text);
}

bool read_rate(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    if (strcmp(text, "none") == 0) {
        *(int64_t *)field = 0;
        return true;
    }
    return value_rate(text, field) || refuse_value(reading, key, VALUE_RATE ", or none", text);
}

static bool refuse_word(const struct reading *reading, const struct key *key, const char *text)
{
    g_autofree char *words = value_words_text(key->words);

    return refuse_value(reading, key, words, text);
}

bool read_flag(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    unsigned value = 0;

    if (!value_word(text, key->words, &value))
        return refuse_word(reading, key, text);
    *(bool *)field = value != 0;
    return true;
}

/* An enum without negative values is an unsigned int, in GCC and Clang. */
bool read_choice(const struct reading *reading, const struct key *key, const char *text,
                 void *field)
{
    return value_word(text, key->words, field) || refuse_word(reading, key, text);
}

bool read_choices(const struct reading *reading, const struct key *key, const char *text,
                  void *field)
{
    g_auto(GStrv) list = value_list(text);
    unsigned sum = 0;

    if (*list == NULL)
        return refuse_word(reading, key, text);
    for (char **word = list; *word != NULL; word++) {
        unsigned value = 0;
        if (!value_word(*word, key->words, &value))
            return refuse_word(reading, key, *word);
        if (value == 0 && list[1] != NULL)
            return refuse(reading, key->name, "expected '%s' alone, not '%s'", *word, text);
        sum |= value;
    }
    *(unsigned *)field = sum;
    return true;
}

bool read_text(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    (void)key;
    *(char **)field = keep(reading, g_strdup(text));
    return true;
}

bool read_name(const struct reading *reading, const struct key *key, const char *text, void *field)
{
    if (!value_is_dns_name(text))
        return refuse_value(reading, key, "a DNS name without a last dot", text);
    return read_text(reading, key, text, field);
}
