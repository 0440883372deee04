/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of pcapng: their clocks, and the options that say what these are. */
#include "support.h"

#include "pcapng_bytes.h"
#include "pcapng_format.h"
#include "pcapng_interface.h"
#include "pcapng_option.h"
#include "traceflow/time.h"

#define MICROSECONDS UINT64_C(1000000)

struct clock_case {
    const char *name;
    uint64_t units_per_second;
    int64_t offset_s;
    uint64_t stamp;
    int64_t want_ns;
};

static const struct clock_case clocks[] = {
    { "seconds", 1, 0, 1700000000, INT64_C(1700000000000000000) },
    { "microseconds", MICROSECONDS, 0, UINT64_C(1700000000123456), INT64_C(1700000000123456000) },
    { "nanoseconds", 1000000000, 0, UINT64_C(1700000000123456789), INT64_C(1700000000123456789) },
    { "picoseconds are cut off", UINT64_C(1000000000000), 0, 1999, 1 },
    { "2^-10 s", 1024, 0, 1700000000 * UINT64_C(1024) + 1, INT64_C(1700000000000976562) },
    { "2^-30 s", 1 << 30, 0, (1 << 30) - 1, 999999999 },
    { "2^-32 s", UINT64_C(1) << 32, 0, UINT64_C(0x180000000), 1500000000 },
    /* 2^35 units of 2^-36 s are 0.5 s; times 10^9 they are 34,359,738,368,000,000,000, of which 64
     * bits hold 15,912,994,294,290,448,384 */
    { "2^-36 s overflows as Wireshark does", UINT64_C(1) << 36, 0, UINT64_C(1) << 35, 231564544 },
    { "the finest that there is", UINT64_MAX, 0, UINT64_MAX, 1000000000 },
    { "an offset", MICROSECONDS, 1700000000, 5, INT64_C(1700000000000005000) },
    { "a negative offset", MICROSECONDS, -5, UINT64_C(1700000005000007),
      INT64_C(1700000000000007000) },
    { "before 1970", MICROSECONDS, -10, 5000000, 0 },
    { "beyond 2106", MICROSECONDS, INT64_MAX, 7, TF_SECONDS_MAX *TF_NS_PER_S + 7000 },
    { "beyond 64 bits", 1, INT64_MAX, 7, 0 },
    { "seconds beyond 63 bits", 1, 0, UINT64_MAX, 0 },
};

static void test_clocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(clocks); i++) {
        const struct clock_case *c = &clocks[i];
        const struct pcapng_interface interface = { .units_per_second = c->units_per_second,
                                                    .offset_s = c->offset_s };
        const int64_t time_ns = pcapng_time_ns(&interface, c->stamp);

        check(time_ns == c->want_ns, "%s: %lld", c->name, (long long)time_ns);
    }
}

#define FIXED_PART    U16(101), U16(0), U32(1500U)
#define RESOLUTION(n) U16(9), U16(1), n, 0, 0, 0
#define OFFSET_OF_5   U16(14), U16(8), 5, 0, 0, 0, 0, 0, 0, 0
#define COMMENT       U16(1), U16(2), 'h', 'i', 0, 0
#define END           U16(0), U16(0)

struct interface_case {
    const char *name;
    struct bytes body;
    bool big_endian;
    bool ok;
    uint64_t units_per_second;
    int64_t offset_s;
};

static const struct interface_case interfaces[] = {
    { "no options", BYTES(FIXED_PART), false, true, MICROSECONDS, 0 },
    { "a resolution", BYTES(FIXED_PART, RESOLUTION(9)), false, true, 1000000000, 0 },
    { "10^0", BYTES(FIXED_PART, RESOLUTION(0)), false, true, 1, 0 },
    { "10^-19", BYTES(FIXED_PART, RESOLUTION(19)), false, true, UINT64_C(10000000000000000000), 0 },
    { "10^-20", BYTES(FIXED_PART, RESOLUTION(20)), false, true, UINT64_MAX, 0 },
    { "2^0", BYTES(FIXED_PART, RESOLUTION(0x80)), false, true, 1, 0 },
    { "2^-63", BYTES(FIXED_PART, RESOLUTION(0xbf)), false, true, UINT64_C(1) << 63, 0 },
    { "2^-64", BYTES(FIXED_PART, RESOLUTION(0xc0)), false, true, UINT64_MAX, 0 },
    { "all options", BYTES(FIXED_PART, COMMENT, RESOLUTION(9), OFFSET_OF_5, END), false, true,
      1000000000, 5 },
    { "the first of two", BYTES(FIXED_PART, RESOLUTION(3), RESOLUTION(9)), false, true, 1000, 0 },
    { "a resolution of two bytes", BYTES(FIXED_PART, U16(9), U16(2), 9, 9, 0, 0), false, true,
      MICROSECONDS, 0 },
    { "an offset of four bytes", BYTES(FIXED_PART, U16(14), U16(4), U32(5U)), false, true,
      MICROSECONDS, 0 },
    { "behind the end", BYTES(FIXED_PART, END, RESOLUTION(9)), false, true, MICROSECONDS, 0 },
    { "big-endian",
      BYTES(BIG16(101), BIG16(0), BIG32(1500U), BIG16(14), BIG16(8), 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xfb),
      true, true, MICROSECONDS, -5 },
    { "an option's head that is cut", BYTES(FIXED_PART, 9, 0), false, false, 0, 0 },
    { "a value that is cut", BYTES(FIXED_PART, U16(14), U16(8), 5, 0, 0, 0), false, false, 0, 0 },
    { "a value without its padding", BYTES(FIXED_PART, U16(9), U16(1), 9), false, false, 0, 0 },
    { "a length of 65535", BYTES(FIXED_PART, U16(1), U16(0xffff), 0, 0, 0, 0), false, false, 0, 0 },
};

static void test_interfaces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(interfaces); i++) {
        const struct interface_case *c = &interfaces[i];
        const struct pcapng_block block = { .type = PCAPNG_INTERFACE,
                                            .big_endian = c->big_endian,
                                            .body = guarded(c->body.at, c->body.len),
                                            .len = c->body.len };
        struct pcapng_interface interface = { 0 };

        check(pcapng_interface_decode(&interface, &block) == c->ok, "%s: decodes", c->name);
        check(interface.linktype == (c->ok ? 101 : 0), "%s: link type %d", c->name,
              interface.linktype);
        check(interface.snaplen == (c->ok ? 1500 : 0), "%s: snap length", c->name);
        check(interface.units_per_second == c->units_per_second, "%s: units", c->name);
        check(interface.offset_s == c->offset_s, "%s: offset", c->name);
    }
}

/* Whatever is cut, nothing behind is read, and the walk ends. */
static void test_every_truncation_of_options(void **state)
{
    static const uint8_t bytes[] = { COMMENT, RESOLUTION(9), OFFSET_OF_5, END };
    static const size_t ends[] = { 0, 8, 16, 28, 32 };

    (void)state;
    for (size_t len = 0; len <= sizeof bytes; len++) {
        const struct pcapng_options options = { guarded(bytes, len), len, false };
        bool is_end = false;

        for (size_t i = 0; i < COUNT(ends); i++)
            is_end = is_end || ends[i] == len;
        check(pcapng_options_whole(options) == is_end, "cut to %zu", len);
    }
}

static void test_the_longest_frames(void **state)
{
    static const struct {
        int linktype;
        uint32_t max;
    } rows[] = { { 1, 262144 }, { 101, 262144 }, { 231, 134217728 }, { 279, 8388608 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct pcapng_interface interface = { .linktype = rows[i].linktype };
        check(pcapng_frame_max(&interface) == rows[i].max, "link type %d", rows[i].linktype);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_interfaces),
        cmocka_unit_test(test_every_truncation_of_options),
        cmocka_unit_test(test_the_longest_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
