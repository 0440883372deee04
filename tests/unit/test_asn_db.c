/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Origins from MMDB files: layouts, lies inside records, and files that are none. */
#include "asn_db.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "asn_text.h"
#include "mmdb.h"
#include "support.h"
#include "traceflow/error.h"

#define NUMBER "autonomous_system_number"
#define NAME   "autonomous_system_organization"
#define SAYS(key, text)                                                                            \
    {                                                                                              \
        key, TEXT, text, 0                                                                         \
    }
#define COUNTS(key, kind, number)                                                                  \
    {                                                                                              \
        key, kind, NULL, number                                                                    \
    }
#define EXAMPLE                                                                                    \
    {                                                                                              \
        COUNTS(NUMBER, U32, 64500), SAYS(NAME, "Example Networks, Inc.")                           \
    }

#define HOSTILE                                                                                    \
    "\033]0;owned\007 \xe2\x80\xae"                                                                \
    "evil"
#define BITS_33 (UINT64_C(1) << 32 | 7)

/* A pair of a record's map; after the last one, its key is NULL. */
struct pair {
    const char *key;
    enum { TEXT, U32, U64, MAP } kind;
    const char *text;
    uint64_t number;
};

static const struct pair example[] = EXAMPLE;

static const struct {
    const char *name;
    struct pair pairs[4];
    const char *prefix;
    const char *address;
    uint32_t number; /* 0: no origin */
    const char *holder;
} cases[] = {
    { "GeoLite2-ASN", EXAMPLE, "192.0.2.0/24", "192.0.2.77", 64500, "Example Networks, Inc." },
    { "IPv6", EXAMPLE, "2001:db8::/33", "2001:db8:1::7", 64500, "Example Networks, Inc." },
    { "ipinfo",
      { SAYS("asn", "AS4200000001"), SAYS("domain", "isp.example"), SAYS("name", "Example ISP") },
      "198.51.100.0/25",
      "198.51.100.1",
      4200000001,
      "Example ISP" },
    { "ipinfo lite",
      { SAYS("as_name", "Example Lite"), SAYS("asn", "64502") },
      "203.0.113.9/32",
      "203.0.113.9",
      64502,
      "Example Lite" },
    { "no name", { COUNTS(NUMBER, U32, 64503) }, "10.0.0.0/8", "10.1.2.3", 64503, NULL },
    { "a name that would act",
      { COUNTS(NUMBER, U32, 64504), SAYS(NAME, HOSTILE) },
      "172.16.0.0/12",
      "172.31.0.1",
      64504,
      "?]0;owned? ?evil" },
    { "a number as name",
      { COUNTS(NUMBER, U32, 64505), COUNTS(NAME, U32, 1) },
      "11.0.0.0/8",
      "11.0.0.1",
      64505,
      NULL },
    { "number 0", { COUNTS(NUMBER, U32, 0) }, "12.0.0.0/8", "12.0.0.1", 0, NULL },
    { "33 bits", { COUNTS(NUMBER, U64, BITS_33) }, "13.0.0.0/8", "13.0.0.1", 0, NULL },
    { "a map as number", { COUNTS(NUMBER, MAP, 0) }, "14.0.0.0/8", "14.0.0.1", 0, NULL },
    { "words as number", { SAYS("asn", "ASSORTED") }, "15.0.0.0/8", "15.0.0.1", 0, NULL },
    { "nothing in the record", { { 0 } }, "16.0.0.0/8", "16.0.0.1", 0, NULL },
};

/* The map of up to n pairs. */
static GByteArray *record_data(const struct pair *pairs, size_t n)
{
    GByteArray *data = g_byte_array_new();
    size_t used = 0;

    while (used < n && pairs[used].key != NULL)
        used++;
    mmdb_map(data, (unsigned)used);
    for (size_t i = 0; i < used; i++) {
        mmdb_text(data, pairs[i].key);
        switch (pairs[i].kind) {
        case TEXT: mmdb_text(data, pairs[i].text); break;
        case U32: mmdb_u32(data, (uint32_t)pairs[i].number); break;
        case U64: mmdb_u64(data, pairs[i].number); break;
        case MAP: mmdb_map(data, 0); break;
        }
    }
    return data;
}

/* A record of a prefix as text. */
static struct mmdb_record record_of(const char *prefix, const struct pair *pairs, size_t n)
{
    g_auto(GStrv) parts = g_strsplit(prefix, "/", 2);

    return (struct mmdb_record){ addr(parts[0]), (unsigned)atoi(parts[1]), record_data(pairs, n) };
}

static GByteArray *file_of_all(void)
{
    struct mmdb_record records[COUNT(cases)];

    for (size_t i = 0; i < COUNT(cases); i++)
        records[i] = record_of(cases[i].prefix, cases[i].pairs, COUNT(cases[i].pairs));
    GByteArray *file = mmdb_file(6, records, COUNT(cases));
    for (size_t i = 0; i < COUNT(cases); i++)
        g_byte_array_unref(records[i].data);
    return file;
}

static GByteArray *file_of_one(unsigned ip_version, const char *prefix)
{
    const struct mmdb_record record = record_of(prefix, example, COUNT(example));
    GByteArray *file = mmdb_file(ip_version, &record, 1);

    g_byte_array_unref(record.data);
    return file;
}

static char *temporary_file(const uint8_t *bytes, size_t len)
{
    g_autoptr(GError) error = NULL;
    char *name = NULL;
    const int fd = g_file_open_tmp("traceflow-XXXXXX.mmdb", &name, &error);

    assert_true(fd >= 0);
    g_close(fd, NULL);
    check(g_file_set_contents(name, (const char *)bytes, (gssize)len, &error), "%s", name);
    return name;
}

static struct asn_db *open_bytes(const uint8_t *bytes, size_t len, GError **error)
{
    g_autofree char *name = temporary_file(bytes, len);
    struct asn_db *db = asn_db_open(name, error);

    g_unlink(name);
    return db;
}

static void check_found(size_t row, const struct tf_asn *asn)
{
    check((asn != NULL) == (cases[row].number != 0), "%s: found", cases[row].name);
    if (asn == NULL)
        return;
    check(asn->number == cases[row].number, "%s: number %u", cases[row].name, asn->number);
    check(g_strcmp0(asn->prefix, cases[row].prefix) == 0, "%s: %s", cases[row].name, asn->prefix);
    check(g_strcmp0(asn->name, cases[row].holder) == 0, "%s: %s", cases[row].name, asn->name);
}

static void test_records(void **state)
{
    g_autoptr(GByteArray) file = file_of_all();
    g_autoptr(GError) error = NULL;
    struct asn_db *db = open_bytes(file->data, file->len, &error);

    (void)state;
    check(db != NULL, "opened: %s", error != NULL ? error->message : "");
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tf_addr at = addr(cases[i].address);
        struct tf_asn *asn = asn_db_find(db, &at);
        check_found(i, asn);
        asn_free(asn);
    }
    asn_db_close(db);
}

static const char *const strangers[] = { "198.51.100.200", "8.8.8.8", "2001:db8:8000::1",
                                         "fe80::1" };

static void test_not_listed(void **state)
{
    g_autoptr(GByteArray) file = file_of_all();
    struct asn_db *db = open_bytes(file->data, file->len, NULL);

    (void)state;
    for (size_t i = 0; i < COUNT(strangers); i++) {
        const struct tf_addr at = addr(strangers[i]);
        check(asn_db_find(db, &at) == NULL, "%s", strangers[i]);
    }
    asn_db_close(db);
}

static void test_ipv4_only(void **state)
{
    g_autoptr(GByteArray) file = file_of_one(4, "192.0.2.0/24");
    const struct tf_addr at = addr("192.0.2.1");
    const struct tf_addr at6 = addr("2001:db8::1");
    struct asn_db *db = open_bytes(file->data, file->len, NULL);
    struct tf_asn *asn = asn_db_find(db, &at);

    (void)state;
    check(asn != NULL && g_strcmp0(asn->prefix, "192.0.2.0/24") == 0, "the prefix");
    check(asn_db_find(db, &at6) == NULL, "IPv6 is not in it");
    asn_free(asn);
    asn_db_close(db);
}

/* What stands for every IPv6 address below which IPv4 lies is no prefix of IPv4. */
static void test_above_ipv4(void **state)
{
    g_autoptr(GByteArray) file = file_of_one(6, "::/64");
    const struct tf_addr at = addr("192.0.2.1");
    struct asn_db *db = open_bytes(file->data, file->len, NULL);
    struct tf_asn *asn = asn_db_find(db, &at);

    (void)state;
    check(asn == NULL || asn->prefix == NULL, "no prefix");
    asn_free(asn);
    asn_db_close(db);
}

static void look_at_all(const struct asn_db *db)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct tf_addr at = addr(cases[i].address);
        asn_free(asn_db_find(db, &at));
    }
}

/* Whatever a damaged file says, it is refused, or read without harm. */
static void check_harmless(const uint8_t *bytes, size_t len)
{
    struct asn_db *db = open_bytes(bytes, len, NULL);

    if (db != NULL)
        look_at_all(db);
    asn_db_close(db);
}

static void test_truncations(void **state)
{
    g_autoptr(GByteArray) file = file_of_all();

    (void)state;
    for (size_t len = 0; len < file->len; len += len < 64 ? 1 : 7)
        check_harmless(file->data, len);
}

static void test_damage(void **state)
{
    g_autoptr(GByteArray) file = file_of_all();
    uint32_t random = 4;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        const size_t at = next_random(&random) % file->len;
        const uint8_t was = file->data[at];
        file->data[at] = (uint8_t)next_random(&random);
        check_harmless(file->data, file->len);
        file->data[at] = was;
    }
}

static void check_refused(const char *file)
{
    g_autoptr(GError) error = NULL;

    check(asn_db_open(file, &error) == NULL, "%s", file);
    check(g_error_matches(error, TF_ERROR, TF_EXIT_IO), "%s: an I/O error", file);
    check(strstr(error->message, file) != NULL && strchr(error->message, '\n') == NULL,
          "one line with the name: %s", error->message);
}

static void test_no_database(void **state)
{
    static const uint8_t text[] = "64500 192.0.2.0/24\n";
    g_autofree char *text_file = temporary_file(text, sizeof text);
    g_autofree char *empty_file = temporary_file(text, 0);
    g_autofree char *pipe_name = g_strconcat(text_file, ".pipe", NULL);

    (void)state;
    assert_int_equal(mkfifo(pipe_name, 0600), 0);
    check_refused(text_file);
    check_refused(empty_file);
    check_refused(pipe_name);
    check_refused("/nonexistent/asn.mmdb");
    check_refused(g_get_tmp_dir());
    g_unlink(text_file);
    g_unlink(empty_file);
    g_unlink(pipe_name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),     cmocka_unit_test(test_not_listed),
        cmocka_unit_test(test_ipv4_only),   cmocka_unit_test(test_above_ipv4),
        cmocka_unit_test(test_truncations), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_no_database),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
