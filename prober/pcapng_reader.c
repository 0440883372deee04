/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The frames of a pcapng stream. */
#include "pcapng_reader.h"

#include <inttypes.h>

#include "pcapng_format.h"
#include "pcapng_interface.h"
#include "pcapng_option.h"

struct pcapng_reader {
    struct pcapng_blocks *blocks;
    GArray *interfaces; /* of the section: struct pcapng_interface */
    uint64_t records;
};

/* What a packet block of any kind says of its frame. */
struct packet {
    uint32_t interface;
    bool has_time;
    uint64_t stamp;
    uint32_t len;
    size_t bytes_at; /* in the body */
};

struct pcapng_reader *pcapng_reader_new(FILE *stream)
{
    struct pcapng_reader *reader = g_new0(struct pcapng_reader, 1);

    reader->blocks = pcapng_blocks_new(stream);
    reader->interfaces = g_array_new(FALSE, FALSE, sizeof(struct pcapng_interface));
    return reader;
}

void pcapng_reader_free(struct pcapng_reader *reader)
{
    if (reader == NULL)
        return;
    pcapng_blocks_free(reader->blocks);
    g_array_unref(reader->interfaces);
    g_free(reader);
}

static enum tf_status check_options(const struct pcapng_block *block, size_t at, GError **error)
{
    const struct pcapng_options options = { block->body + at, block->len - at, block->big_endian };

    if (!pcapng_options_whole(options))
        return pcapng_block_damaged(block, error, "an option longer than its block");
    return TF_OK;
}

/* 1.2 is 1.0, by programs that used new block types and thought it worth a number. */
static enum tf_status begin_section(struct pcapng_reader *reader, const struct pcapng_block *block,
                                    GError **error)
{
    const uint16_t major = pcapng_u16(block->big_endian, block->body + PCAPNG_SECTION_MAJOR);
    const uint16_t minor = pcapng_u16(block->big_endian, block->body + PCAPNG_SECTION_MINOR);

    if (major != 1 || (minor != 0 && minor != 2))
        return pcapng_block_damaged(block, error, "pcapng version %u.%u is not supported", major,
                                    minor);
    g_array_set_size(reader->interfaces, 0);
    return check_options(block, PCAPNG_SECTION_OPTIONS, error);
}

static enum tf_status add_interface(struct pcapng_reader *reader, const struct pcapng_block *block,
                                    GError **error)
{
    struct pcapng_interface interface;

    if (!pcapng_interface_decode(&interface, block))
        return pcapng_block_damaged(block, error, "an option longer than its block");
    g_array_append_val(reader->interfaces, interface);
    return TF_OK;
}

static struct packet decode_packet(const struct pcapng_block *block)
{
    const bool big = block->big_endian;
    const uint8_t *interface = block->body + PCAPNG_PACKET_INTERFACE;
    const uint64_t high = pcapng_u32(big, block->body + PCAPNG_PACKET_TIME_HIGH);

    return (struct packet){
        .interface = block->type == PCAPNG_OLD_PACKET ? pcapng_u16(big, interface)
                                                      : pcapng_u32(big, interface),
        .has_time = true,
        .stamp = high << 32 | pcapng_u32(big, block->body + PCAPNG_PACKET_TIME_LOW),
        .len = pcapng_u32(big, block->body + PCAPNG_PACKET_CAPTURED),
        .bytes_at = PCAPNG_PACKET_BYTES,
    };
}

/* The section's first interface captured it; what that cut off, only its snap length tells. */
static struct packet decode_simple_packet(const struct pcapng_block *block,
                                          const GArray *interfaces)
{
    struct packet packet = {
        .len = pcapng_u32(block->big_endian, block->body + PCAPNG_SIMPLE_ORIGINAL),
        .bytes_at = PCAPNG_SIMPLE_BYTES,
    };

    if (interfaces->len > 0) {
        const uint32_t snaplen = g_array_index(interfaces, struct pcapng_interface, 0).snaplen;
        packet.len = snaplen > 0 ? MIN(packet.len, snaplen) : packet.len;
    }
    return packet;
}

/* Options may be behind a frame, but for a simple packet block, which its frame fills up. */
static bool fits(const struct packet *packet, const struct pcapng_block *block)
{
    const size_t room = block->len - packet->bytes_at;

    return block->type == PCAPNG_SIMPLE_PACKET ? pcapng_padded(packet->len) == room
                                               : pcapng_padded(packet->len) <= room;
}

static enum tf_status check_packet(const struct pcapng_reader *reader, const struct packet *packet,
                                   const struct pcapng_block *block, GError **error)
{
    if (packet->interface >= reader->interfaces->len)
        return pcapng_block_damaged(block, error,
                                    "a frame of interface %" PRIu32 ", of which there are %u",
                                    packet->interface, reader->interfaces->len);
    if (!fits(packet, block))
        return pcapng_block_damaged(block, error, "a frame of %" PRIu32 " bytes in a block of %zu",
                                    packet->len, block->len);

    const uint32_t len_max = pcapng_frame_max(
        &g_array_index(reader->interfaces, struct pcapng_interface, packet->interface));
    if (packet->len > len_max)
        return pcapng_block_damaged(block, error,
                                    "a frame of %" PRIu32 " bytes, of at most %" PRIu32,
                                    packet->len, len_max);
    if (block->type == PCAPNG_SIMPLE_PACKET)
        return TF_OK;
    return check_options(block, packet->bytes_at + pcapng_padded(packet->len), error);
}

static enum tf_status read_frame(const struct pcapng_reader *reader, struct tf_frame *frame,
                                 const struct pcapng_block *block, GError **error)
{
    const struct packet packet = block->type == PCAPNG_SIMPLE_PACKET
                                     ? decode_simple_packet(block, reader->interfaces)
                                     : decode_packet(block);
    const enum tf_status status = check_packet(reader, &packet, block, error);
    if (status != TF_OK)
        return status;

    const struct pcapng_interface *interface = &g_array_index(
        reader->interfaces, struct pcapng_interface, packet.interface);
    *frame = (struct tf_frame){
        .number = reader->records,
        .time_ns = packet.has_time ? pcapng_time_ns(interface, packet.stamp) : 0,
        .linktype = interface->linktype,
        .bytes = block->body + packet.bytes_at,
        .len = packet.len,
    };
    return TF_OK;
}

/* Wireshark has a row, and a number, for more than packets. */
static bool is_record(uint32_t type)
{
    switch (type) {
    case PCAPNG_PACKET:
    case PCAPNG_OLD_PACKET:
    case PCAPNG_SIMPLE_PACKET:
    case PCAPNG_JOURNAL:
    case PCAPNG_SYSCALL:
    case PCAPNG_SYSCALL_2:
    case PCAPNG_SYSCALL_2_LARGE:
    case PCAPNG_CUSTOM:
    case PCAPNG_CUSTOM_UNCOPIED: return true;
    default: return false;
    }
}

enum tf_status pcapng_reader_next(struct pcapng_reader *reader, struct tf_frame *frame,
                                  GError **error)
{
    struct pcapng_block block;
    enum tf_status status = TF_OK;

    while (status == TF_OK) {
        status = pcapng_blocks_next(reader->blocks, &block, error);
        if (status != TF_OK)
            return status;
        reader->records += is_record(block.type);
        switch (block.type) {
        case PCAPNG_SECTION: status = begin_section(reader, &block, error); break;
        case PCAPNG_INTERFACE: status = add_interface(reader, &block, error); break;
        case PCAPNG_OLD_PACKET:
        case PCAPNG_SIMPLE_PACKET:
        case PCAPNG_PACKET: return read_frame(reader, frame, &block, error);
        default: break;
        }
    }
    return status;
}
