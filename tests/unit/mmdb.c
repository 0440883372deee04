/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MMDB files: a binary tree of 24-bit records, the values, the metadata. */
#include "mmdb.h"

#include <string.h>

#include "support.h"

/* Types of values; those above 7 have a byte of their own. */
enum { TEXT = 2, UINT16 = 5, UINT32 = 6, MAP = 7, UINT64 = 9, ARRAY = 11, TYPES_SHORT = 7 };
enum { SIZE_MAX_SHORT = 28, SEPARATOR_LEN = 16, IPV4_DEPTH = 96, NODES_MAX = 1024 };

/* A record of a node: empty, another node, or the values of record number value. */
struct branch {
    enum { EMPTY, NODE, VALUE } kind;
    unsigned value;
};

struct tree {
    struct branch nodes[NODES_MAX][2];
    unsigned n;
};

static void put(GByteArray *data, uint64_t value, unsigned len)
{
    for (unsigned i = len; i-- > 0;) {
        const uint8_t byte = (uint8_t)(value >> 8 * i);
        g_byte_array_append(data, &byte, 1);
    }
}

static void put_control(GByteArray *data, unsigned type, size_t size)
{
    const size_t short_size = size > SIZE_MAX_SHORT ? SIZE_MAX_SHORT + 1 : size;

    put(data, (type > TYPES_SHORT ? 0 : type) << 5 | short_size, 1);
    if (type > TYPES_SHORT)
        put(data, type - TYPES_SHORT, 1);
    if (size > SIZE_MAX_SHORT)
        put(data, size - SIZE_MAX_SHORT - 1, 1);
}

void mmdb_map(GByteArray *data, unsigned n_pairs)
{
    put_control(data, MAP, n_pairs);
}

void mmdb_text(GByteArray *data, const char *text)
{
    put_control(data, TEXT, strlen(text));
    g_byte_array_append(data, (const uint8_t *)text, (guint)strlen(text));
}

static void put_u16(GByteArray *data, uint16_t value)
{
    put_control(data, UINT16, 2);
    put(data, value, 2);
}

void mmdb_u32(GByteArray *data, uint32_t value)
{
    put_control(data, UINT32, 4);
    put(data, value, 4);
}

void mmdb_u64(GByteArray *data, uint64_t value)
{
    put_control(data, UINT64, 8);
    put(data, value, 8);
}

static unsigned bit_of(const struct mmdb_record *record, unsigned above, unsigned depth)
{
    if (depth < above)
        return 0;
    return record->network.bytes[(depth - above) / 8] >> (7 - (depth - above) % 8) & 1;
}

static void insert(struct tree *tree, unsigned ip_version, const struct mmdb_record *record,
                   unsigned value)
{
    const unsigned above = ip_version == 6 && record->network.version == 4 ? IPV4_DEPTH : 0;
    const unsigned len = record->prefix_len + above;
    unsigned node = 0;

    for (unsigned depth = 0; depth + 1 < len; depth++) {
        struct branch *branch = &tree->nodes[node][bit_of(record, above, depth)];
        if (branch->kind == EMPTY)
            *branch = (struct branch){ NODE, tree->n++ };
        assert_int_equal(branch->kind, NODE);
        node = branch->value;
    }
    tree->nodes[node][bit_of(record, above, len - 1)] = (struct branch){ VALUE, value };
}

static void put_tree(GByteArray *file, const struct tree *tree, const size_t *value_at)
{
    for (unsigned i = 0; i < tree->n * 2; i++) {
        const struct branch *branch = &tree->nodes[i / 2][i % 2];
        switch (branch->kind) {
        case EMPTY: put(file, tree->n, 3); break;
        case NODE: put(file, branch->value, 3); break;
        case VALUE: put(file, tree->n + SEPARATOR_LEN + value_at[branch->value], 3); break;
        }
    }
}

static void put_metadata(GByteArray *file, const struct tree *tree, unsigned ip_version)
{
    static const char marker[] = "\xab\xcd\xefMaxMind.com";

    g_byte_array_append(file, (const uint8_t *)marker, sizeof marker - 1);
    mmdb_map(file, 9);
    mmdb_text(file, "binary_format_major_version");
    put_u16(file, 2);
    mmdb_text(file, "binary_format_minor_version");
    put_u16(file, 0);
    mmdb_text(file, "build_epoch");
    mmdb_u64(file, 1767225600);
    mmdb_text(file, "database_type");
    mmdb_text(file, "Example-ASN");
    mmdb_text(file, "description");
    mmdb_map(file, 0);
    mmdb_text(file, "ip_version");
    put_u16(file, (uint16_t)ip_version);
    mmdb_text(file, "languages");
    put_control(file, ARRAY, 0);
    mmdb_text(file, "node_count");
    mmdb_u32(file, tree->n);
    mmdb_text(file, "record_size");
    put_u16(file, 24);
}

GByteArray *mmdb_file(unsigned ip_version, const struct mmdb_record *records, size_t n)
{
    static const uint8_t separator[SEPARATOR_LEN];
    g_autofree struct tree *tree = g_new0(struct tree, 1);
    g_autofree size_t *value_at = g_new0(size_t, n);
    g_autoptr(GByteArray) values = g_byte_array_new();
    GByteArray *file = g_byte_array_new();

    tree->n = 1;
    for (size_t i = 0; i < n; i++) {
        insert(tree, ip_version, &records[i], (unsigned)i);
        value_at[i] = values->len;
        g_byte_array_append(values, records[i].data->data, records[i].data->len);
    }
    put_tree(file, tree, value_at);
    g_byte_array_append(file, separator, sizeof separator);
    g_byte_array_append(file, values->data, values->len);
    put_metadata(file, tree, ip_version);
    return file;
}
