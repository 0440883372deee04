/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of a topology file, checked before GKeyFile takes it. */
#include "keyfile.h"

#include <string.h>

static unsigned line_number(const char *text, const char *at)
{
    unsigned number = 1;

    for (const char *c = text; c < at; c++)
        number += *c == '\n';
    return number;
}

static bool is_line_end(const char *at, const char *end)
{
    return *at == '\n' || (*at == '\r' && end - at > 1 && at[1] == '\n');
}

/* Errors quote the file, names end up in terminals: neither shall carry escape sequences. */
static bool check_characters(const struct reading *reading, const char *text, size_t len)
{
    const char *const text_end = text + len;
    const char *at = NULL;

    if (!g_utf8_validate_len(text, len, &at))
        return refuse(reading, NULL, "line %u: expected UTF-8", line_number(text, at));
    for (at = text; at < text_end; at = g_utf8_next_char(at)) {
        const gunichar character = g_utf8_get_char(at);

        if (g_unichar_iscntrl(character) && character != '\t' && !is_line_end(at, text_end))
            return refuse(reading, NULL, "line %u: control character U+%04X", line_number(text, at),
                          character);
    }
    return true;
}

/* Remember a group, or a key of it; seen holds "[group]" and "[group] key". */
static bool is_new(GHashTable *seen, const char *group, const char *key)
{
    return g_hash_table_add(
        seen, g_strdup_printf("[%s]%s%s", group, key == NULL ? "" : " ", key == NULL ? "" : key));
}

/* One line, as GKeyFile would read it: what is malformed is left to it. */
static bool scan_line(struct reading *at, GHashTable *seen, char *line, char **group)
{
    char *equals = NULL;

    g_strstrip(line);
    if (*line == '#')
        return true;
    if (*line == '[') {
        g_free(*group);
        *group = g_strndup(line + 1, strcspn(line + 1, "]"));
        at->group = *group;
        return is_new(seen, *group, NULL) ||
               refuse(at, NULL, "there is another group of this name");
    }
    equals = strchr(line, '=');
    if (equals == NULL || *group == NULL)
        return true;
    *equals = '\0';
    g_strchomp(line);
    return is_new(seen, *group, line) || refuse(at, line, "given twice");
}

static bool check_duplicates(const struct reading *reading, const char *text, size_t len)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *copy = g_strndup(text, len);
    g_autofree char *group = NULL;
    struct reading at = *reading;
    char *rest = copy;
    bool ok = true;

    while (ok && rest != NULL)
        ok = scan_line(&at, seen, strsep(&rest, "\n"), &group);
    return ok;
}

bool keyfile_read(const struct reading *reading, const char *text, size_t len)
{
    g_autoptr(GError) error = NULL;

    if (len > KEYFILE_MAX)
        return refuse(reading, NULL, "expected at most %d MiB", KEYFILE_MAX >> 20);
    if (!check_characters(reading, text, len) || !check_duplicates(reading, text, len))
        return false;
    /* GKeyFile would drop "key[de]" otherwise, and the mistake with it */
    if (g_key_file_load_from_data(reading->keys, text, len, G_KEY_FILE_KEEP_TRANSLATIONS, &error))
        return true;
    return refuse(reading, NULL, "%s", error->message);
}
