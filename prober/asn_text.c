/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Team Cymru's form: questions built, answers taken apart, numbers and prefixes doubted. */
#include "asn_text.h"

#include <gio/gio.h>
#include <string.h>

/* Fields of the answer for an address, and of that for an AS. */
enum { ORIGIN_NUMBERS, ORIGIN_PREFIX };
enum { HOLDER_NUMBER, HOLDER_NAME = 4 };

static GString *reversed_octets(const struct tf_addr *addr)
{
    GString *text = g_string_new(NULL);

    for (size_t i = tf_addr_len(addr); i-- > 0;)
        g_string_append_printf(text, "%u.", addr->bytes[i]);
    return text;
}

static GString *reversed_nibbles(const struct tf_addr *addr)
{
    GString *text = g_string_new(NULL);

    for (size_t i = tf_addr_len(addr); i-- > 0;)
        g_string_append_printf(text, "%x.%x.", addr->bytes[i] & 0xfU, addr->bytes[i] >> 4);
    return text;
}

void asn_origin_question(const struct tf_addr *addr, const char *zone,
                         char question[ASN_QUESTION_LEN])
{
    const bool is_ipv4 = addr->version == 4;
    g_autoptr(GString) reversed = is_ipv4 ? reversed_octets(addr) : reversed_nibbles(addr);

    g_snprintf(question, ASN_QUESTION_LEN, "%sorigin%s.%s", reversed->str, is_ipv4 ? "" : "6",
               zone);
}

void asn_name_question(uint32_t number, const char *zone, char question[ASN_QUESTION_LEN])
{
    g_snprintf(question, ASN_QUESTION_LEN, "AS%" G_GUINT32_FORMAT ".%s", number, zone);
}

/* The fields of an answer, at most n of them: the last one keeps its bars. */
static char **fields_of(const char *text, int n)
{
    char **fields = g_strsplit(text, "|", n);

    for (char **field = fields; *field != NULL; field++)
        g_strstrip(*field);
    return fields;
}

/* The number that a field begins with; a blank or the field's end must follow. */
static bool read_number(const char *field, uint32_t *number)
{
    const size_t digits = strspn(field, "0123456789");
    g_autofree char *text = g_strndup(field, digits);
    guint64 value = 0;

    if (field[digits] != '\0' && field[digits] != ' ')
        return false;
    if (!g_ascii_string_to_unsigned(text, 10, 1, UINT32_MAX, &value, NULL))
        return false;
    *number = (uint32_t)value;
    return true;
}

/* The first len bits of an address. */
static struct tf_addr masked(const struct tf_addr *addr, unsigned len)
{
    struct tf_addr network = *addr;

    for (unsigned i = 0; i < tf_addr_len(addr); i++) {
        const unsigned kept = len > i * 8 ? MIN(len - i * 8, 8) : 0;
        network.bytes[i] &= (uint8_t)(0xff00U >> kept);
    }
    return network;
}

/* Not by GInetAddressMask, which warns on standard error of lengths beyond 128. */
static bool read_prefix(const char *field, const struct tf_addr *addr, uint8_t *len)
{
    g_auto(GStrv) parts = g_strsplit(field, "/", 0);
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(parts[0]);
    guint64 said = 0;

    if (inet == NULL || g_inet_address_get_native_size(inet) != tf_addr_len(addr) ||
        g_strv_length(parts) != 2 ||
        !g_ascii_string_to_unsigned(parts[1], 10, 0, tf_addr_len(addr) * 8, &said, NULL))
        return false;
    const struct tf_addr network = tf_addr_from(addr->version, g_inet_address_to_bytes(inet));
    const struct tf_addr of_addr = masked(addr, (unsigned)said);
    *len = (uint8_t)said;
    return tf_addr_equal(&network, &of_addr);
}

bool asn_origin_parse(const char *text, const struct tf_addr *addr, struct asn_origin *origin)
{
    g_auto(GStrv) fields = fields_of(text, 0);
    const guint n = g_strv_length(fields);
    struct asn_origin found = { .has_prefix = n > ORIGIN_PREFIX && fields[ORIGIN_PREFIX][0] };

    if (n == 0 || !read_number(fields[ORIGIN_NUMBERS], &found.number))
        return false;
    if (found.has_prefix && !read_prefix(fields[ORIGIN_PREFIX], addr, &found.prefix_len))
        return false;
    *origin = found;
    return true;
}

bool asn_origin_precedes(const struct asn_origin *candidate, const struct asn_origin *best)
{
    if (candidate->has_prefix != best->has_prefix)
        return candidate->has_prefix;
    if (candidate->prefix_len != best->prefix_len)
        return candidate->prefix_len > best->prefix_len;
    return candidate->number < best->number;
}

char *asn_name_parse(const char *text, uint32_t number)
{
    g_auto(GStrv) fields = fields_of(text, HOLDER_NAME + 1);
    uint32_t said = 0;

    if (g_strv_length(fields) <= HOLDER_NAME || !read_number(fields[HOLDER_NUMBER], &said) ||
        said != number)
        return NULL;
    return asn_name_clean(fields[HOLDER_NAME], strlen(fields[HOLDER_NAME]));
}

static bool continues_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

char *asn_name_clean(const char *bytes, size_t len)
{
    g_autoptr(GString) name = g_string_sized_new(ASN_NAME_MAX);

    for (size_t i = 0; i < len; i++) {
        if (g_ascii_isprint(bytes[i]))
            g_string_append_c(name, bytes[i]);
        else if (!continues_character(bytes[i]))
            g_string_append_c(name, '?');
    }
    g_strchug(name->str);
    name->str[MIN(strlen(name->str), ASN_NAME_MAX)] = '\0';
    g_strchomp(name->str);
    return name->str[0] != '\0' ? g_strdup(name->str) : NULL;
}

char *asn_prefix_text(const struct tf_addr *addr, unsigned prefix_len)
{
    const struct tf_addr network = masked(addr, prefix_len);
    char text[TF_ADDR_TEXT_LEN];

    return g_strdup_printf("%s/%u", tf_addr_text(&network, text), prefix_len);
}

struct tf_asn *asn_new(uint32_t number, char *prefix, char *name)
{
    struct tf_asn *asn = g_new(struct tf_asn, 1);

    *asn = (struct tf_asn){ number, prefix, name };
    return asn;
}

struct tf_asn *asn_copy(const struct tf_asn *asn)
{
    return asn_new(asn->number, g_strdup(asn->prefix), g_strdup(asn->name));
}

void asn_free(struct tf_asn *asn)
{
    if (asn == NULL)
        return;
    g_free(asn->prefix);
    g_free(asn->name);
    g_free(asn);
}
