/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MMDB files through libmaxminddb, which checks every offset that a file holds. */
#include "asn_db.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>

#include "asn_text.h"
#include "traceflow/error.h"

/* An IPv4 address in a tree of IPv6 lies below ::/96. */
enum { IPV4_DEPTH = 96 };

struct asn_db {
    MMDB_s mmdb;
};

static const char *reason(int status)
{
    return status == MMDB_IO_ERROR ? g_strerror(errno) : MMDB_strerror(status);
}

struct asn_db *asn_db_open(const char *file, GError **error)
{
    struct asn_db *db = g_new0(struct asn_db, 1);
    int status = MMDB_FILE_OPEN_ERROR;

    errno = 0;
    /* Opening a pipe would wait for its writer. */
    if (g_file_test(file, G_FILE_TEST_IS_REGULAR))
        status = MMDB_open(file, MMDB_MODE_MMAP, &db->mmdb);
    else if (g_file_test(file, G_FILE_TEST_EXISTS))
        status = MMDB_INVALID_METADATA_ERROR;
    if (status == MMDB_SUCCESS)
        return db;
    g_set_error(error, TF_ERROR, TF_EXIT_IO, "%s: no usable database of AS numbers: %s", file,
                reason(status));
    g_free(db);
    return NULL;
}

void asn_db_close(struct asn_db *db)
{
    if (db == NULL)
        return;
    MMDB_close(&db->mmdb);
    g_free(db);
}

static MMDB_lookup_result_s look_up(const MMDB_s *mmdb, const struct tf_addr *addr)
{
    struct sockaddr_in at4 = { .sin_family = AF_INET };
    struct sockaddr_in6 at6 = { .sin6_family = AF_INET6 };
    const bool is_ipv4 = addr->version == 4;
    int status = MMDB_SUCCESS;

    memcpy(&at4.sin_addr, addr->bytes, sizeof at4.sin_addr);
    memcpy(&at6.sin6_addr, addr->bytes, sizeof at6.sin6_addr);
    MMDB_lookup_result_s result = MMDB_lookup_sockaddr(
        mmdb, is_ipv4 ? (const struct sockaddr *)&at4 : (const struct sockaddr *)&at6, &status);
    result.found_entry = result.found_entry && status == MMDB_SUCCESS;
    return result;
}

static bool get(MMDB_entry_s *entry, const char *key, MMDB_entry_data_s *data)
{
    const char *const path[] = { key, NULL };

    return MMDB_aget_value(entry, data, path) == MMDB_SUCCESS && data->has_data;
}

/* Layouts write numbers as "AS64500", as "64500", or as what they are. */
static uint64_t number_of(const MMDB_entry_data_s *data)
{
    switch (data->type) {
    case MMDB_DATA_TYPE_UINT16: return data->uint16;
    case MMDB_DATA_TYPE_UINT32: return data->uint32;
    case MMDB_DATA_TYPE_UINT64: return data->uint64;
    case MMDB_DATA_TYPE_UTF8_STRING: break;
    default: return 0;
    }
    g_autofree char *text = g_strndup(data->utf8_string, data->data_size);
    guint64 number = 0;
    return g_ascii_string_to_unsigned(g_str_has_prefix(text, "AS") ? text + 2 : text, 10, 1,
                                      UINT32_MAX, &number, NULL)
               ? number
               : 0;
}

static bool find_number(MMDB_entry_s *entry, uint32_t *number)
{
    MMDB_entry_data_s data;

    if (!get(entry, "autonomous_system_number", &data) && !get(entry, "asn", &data))
        return false;
    const uint64_t said = number_of(&data);
    *number = (uint32_t)said;
    return said > 0 && said <= UINT32_MAX;
}

static char *find_name(MMDB_entry_s *entry)
{
    static const char *const keys[] = { "autonomous_system_organization", "name", "as_name" };
    MMDB_entry_data_s data;

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        if (get(entry, keys[i], &data) && data.type == MMDB_DATA_TYPE_UTF8_STRING)
            return asn_name_clean(data.utf8_string, data.data_size);
    return NULL;
}

/* The depth at which an address was found; where that is above all of IPv4, it is no prefix. */
static char *prefix_of(const MMDB_s *mmdb, const struct tf_addr *addr, unsigned depth)
{
    const bool is_below = addr->version == 4 && mmdb->metadata.ip_version == 6;
    const unsigned above = is_below ? IPV4_DEPTH : 0;

    return depth > above ? asn_prefix_text(addr, depth - above) : NULL;
}

struct tf_asn *asn_db_find(const struct asn_db *db, const struct tf_addr *addr)
{
    MMDB_lookup_result_s result = look_up(&db->mmdb, addr);
    uint32_t number = 0;

    if (!result.found_entry || !find_number(&result.entry, &number))
        return NULL;
    return asn_new(number, prefix_of(&db->mmdb, addr, result.netmask), find_name(&result.entry));
}
