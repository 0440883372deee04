/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parsers of addresses, prefixes and transport addresses. */
#include "addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "traceflow/bytes.h"
#include "values.h"

enum { ADDRESS_BYTES = 16 };

static bool parse(const char *text, struct tf_addr *addr)
{
    const uint8_t version = strchr(text, ':') == NULL ? 4 : 6;
    uint8_t bytes[ADDRESS_BYTES];

    if (inet_pton(version == 4 ? AF_INET : AF_INET6, text, bytes) != 1)
        return false;
    *addr = tf_addr_from(version, bytes);
    return true;
}

/* IPv4: 0/8, 127/8, and 224.0.0.0 to the end. */
static bool is_unicast4(const uint8_t *bytes)
{
    return bytes[0] != 0 && bytes[0] != 127 && bytes[0] < 224;
}

/* RFC 4291 section 2.4; ::/64 holds the unspecified, the loopback and the IPv4-mapped addresses. */
static bool is_unicast6(const uint8_t *bytes)
{
    static const uint8_t zeros[8] = { 0 };
    const bool is_link_local = (tf_get_u16(bytes) & 0xffc0) == 0xfe80;

    return bytes[0] != 0xff && !is_link_local && memcmp(bytes, zeros, sizeof zeros) != 0;
}

bool address_is_unicast(const struct tf_addr *addr)
{
    return addr->version == 6 ? is_unicast6(addr->bytes) : is_unicast4(addr->bytes);
}

bool value_address(const char *text, struct tf_addr *addr)
{
    struct tf_addr parsed;

    if (!parse(text, &parsed) || !address_is_unicast(&parsed))
        return false;
    *addr = parsed;
    return true;
}

uint8_t address_bits(const struct tf_addr *addr)
{
    return (uint8_t)(tf_addr_len(addr) * 8);
}

static bool has_bits_beyond(const struct prefix *prefix)
{
    for (unsigned bit = prefix->bits; bit < address_bits(&prefix->addr); bit++)
        if ((prefix->addr.bytes[bit / 8] & 0x80 >> bit % 8) != 0)
            return true;
    return false;
}

bool value_prefix(const char *text, struct prefix *prefix)
{
    const size_t addr_len = strcspn(text, "/");
    g_autofree char *addr_text = g_strndup(text, addr_len);
    struct prefix parsed = { 0 };
    uint64_t bits = 0;

    if (!parse(addr_text, &parsed.addr))
        return false;
    bits = address_bits(&parsed.addr);
    if (text[addr_len] == '/' && !value_number(text + addr_len + 1, 0, bits, &bits))
        return false;
    parsed.bits = (uint8_t)bits;
    if (has_bits_beyond(&parsed))
        return false;
    *prefix = parsed;
    return true;
}

/* Where an address in brackets, or one of IPv4, ends and its port begins. */
static size_t address_end(const char *text)
{
    const char *const colon = strchr(text, ':');

    if (*text == '[')
        return strcspn(text, "]");
    if (colon != NULL && strchr(colon + 1, ':') == NULL)
        return (size_t)(colon - text);
    return strlen(text);
}

bool value_endpoint(const char *text, struct tf_addr *addr, uint16_t *port)
{
    const bool bracketed = *text == '[';
    const size_t end = address_end(text);
    const char *rest = text + end;
    g_autofree char *addr_text = g_strndup(text + bracketed, end - bracketed);
    struct tf_addr parsed;
    uint64_t number = 0;

    if (bracketed && *rest++ != ']')
        return false;
    if (!value_address(addr_text, &parsed) || (bracketed && parsed.version != 6))
        return false;
    if (*rest == ':' && !value_number(rest + 1, 1, UINT16_MAX, &number))
        return false;
    if (*rest != ':' && *rest != '\0')
        return false;
    *addr = parsed;
    *port = (uint16_t)number;
    return true;
}

const char *prefix_text(const struct prefix *prefix, char buf[PREFIX_TEXT_LEN])
{
    char addr[TF_ADDR_TEXT_LEN];

    snprintf(buf, PREFIX_TEXT_LEN, "%s/%u", tf_addr_text(&prefix->addr, addr), prefix->bits);
    return buf;
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
    return a->bits < b->bits ? prefix_contains(a, &b->addr) : prefix_contains(b, &a->addr);
}
