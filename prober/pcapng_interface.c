/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces of a pcapng section. */
#include "pcapng_interface.h"

#include "pcapng_format.h"
#include "pcapng_option.h"
#include "traceflow/time.h"

enum {
    MICROSECONDS = 6,         /* the resolution of who names none */
    RESOLUTION_BINARY = 0x80, /* a power of two, not of ten */
    DECIMAL_DIGITS_MAX = 19,  /* of a power of ten in 64 bits */
    BINARY_DIGITS_MAX = 63,
};

/* Link types with frames that no network has: messages of D-Bus, transfers of USB, frames of
 * EBHSCR. */
enum {
    LINKTYPE_USB_FREEBSD = 186,
    LINKTYPE_USB_LINUX = 189,
    LINKTYPE_USB_LINUX_MMAPPED = 220,
    LINKTYPE_DBUS = 231,
    LINKTYPE_USBPCAP = 249,
    LINKTYPE_USB_DARWIN = 266,
    LINKTYPE_EBHSCR = 279,

    FRAME_MAX = 256 << 10,
    FRAME_MAX_EBHSCR = 8 << 20,
    FRAME_MAX_BUS = 128 << 20,
};

/* Beyond 64 bits it is the finest there is. */
static uint64_t units_of(uint8_t resolution)
{
    const bool is_binary = (resolution & RESOLUTION_BINARY) != 0;
    const unsigned digits = resolution & ~(unsigned)RESOLUTION_BINARY;
    uint64_t units = 1;

    if (digits > (is_binary ? BINARY_DIGITS_MAX : DECIMAL_DIGITS_MAX))
        return UINT64_MAX;
    for (unsigned i = 0; i < digits; i++)
        units *= is_binary ? 2 : 10;
    return units;
}

/* What stands twice counts once, and what has another length than it must have does not count: both
 * as Wireshark has it. */
static void decode_option(struct pcapng_interface *interface, const struct pcapng_option *option,
                          bool big_endian)
{
    if (option->code == PCAPNG_INTERFACE_TIME_RESOLUTION && option->len == 1 &&
        interface->units_per_second == 0)
        interface->units_per_second = units_of(option->value[0]);
    if (option->code == PCAPNG_INTERFACE_TIME_OFFSET && option->len == 8 &&
        !interface->has_offset) {
        interface->offset_s = (int64_t)pcapng_u64(big_endian, option->value);
        interface->has_offset = true;
    }
}

bool pcapng_interface_decode(struct pcapng_interface *interface, const struct pcapng_block *block)
{
    struct pcapng_interface decoded = {
        .linktype = pcapng_u16(block->big_endian, block->body + PCAPNG_INTERFACE_LINKTYPE),
        .snaplen = pcapng_u32(block->big_endian, block->body + PCAPNG_INTERFACE_SNAPLEN),
    };
    struct pcapng_options options = { block->body + PCAPNG_INTERFACE_OPTIONS,
                                      block->len - PCAPNG_INTERFACE_OPTIONS, block->big_endian };
    struct pcapng_option option;
    enum tf_status status = TF_OK;

    while ((status = pcapng_option_next(&options, &option)) == TF_OK)
        decode_option(&decoded, &option, block->big_endian);
    if (status != TF_END)
        return false;
    if (decoded.units_per_second == 0)
        decoded.units_per_second = units_of(MICROSECONDS);
    *interface = decoded;
    return true;
}

uint32_t pcapng_frame_max(const struct pcapng_interface *interface)
{
    switch (interface->linktype) {
    case LINKTYPE_USB_FREEBSD:
    case LINKTYPE_USB_LINUX:
    case LINKTYPE_USB_LINUX_MMAPPED:
    case LINKTYPE_USB_DARWIN:
    case LINKTYPE_USBPCAP:
    case LINKTYPE_DBUS: return FRAME_MAX_BUS;
    case LINKTYPE_EBHSCR: return FRAME_MAX_EBHSCR;
    default: return FRAME_MAX;
    }
}

/* In 64 bits, whatever they overflow to for units below 2^-34 s: Wireshark's numbers, which are to
 * be the same, are made so. */
int64_t pcapng_time_ns(const struct pcapng_interface *interface, uint64_t stamp)
{
    const uint64_t units = interface->units_per_second;
    const uint64_t seconds = stamp / units + (uint64_t)interface->offset_s;
    const uint64_t nanoseconds = stamp % units * (uint64_t)TF_NS_PER_S / units;

    return tf_time_ns((int64_t)seconds, (int32_t)nanoseconds);
}
