/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extension structures, object by object. */
#include "extensions.h"

#include <string.h>

#include "traceflow/bytes.h"
#include "traceflow/checksum.h"
#include "traceflow/wire.h"

enum { STRUCTURE_VERSION = 2 }; /* RFC 4884 section 7 */
enum { AFI_IPV4 = 1, AFI_IPV6 = 2 };
enum { NAME_LEN_MAX = 63 }; /* RFC 5837 section 4.3 */

/* What grows; whoever appends knows that EXTENSIONS_MAX bytes are enough for all. */
struct structure {
    uint8_t *bytes;
    size_t len;
};

static void append_u32(struct structure *structure, uint32_t value)
{
    tf_put_u32(structure->bytes + structure->len, value);
    structure->len += 4;
}

static size_t begin_object(struct structure *structure, uint8_t class_num, uint8_t c_type)
{
    const size_t at = structure->len;

    append_u32(structure, (uint32_t)class_num << 8 | c_type);
    return at;
}

static void end_object(struct structure *structure, size_t at)
{
    tf_put_u16(structure->bytes + at + TF_EXT_OBJ_LENGTH, (uint16_t)(structure->len - at));
}

static void append_labels(struct structure *structure, const struct tf_mpls_stack *mpls)
{
    const size_t at = begin_object(structure, TF_EXT_CLASS_MPLS, TF_EXT_CTYPE_MPLS_INCOMING);

    for (size_t i = 0; i < tf_mpls_kept(mpls); i++) {
        const struct tf_mpls *entry = &mpls->entry[i];
        append_u32(structure, entry->label << 12 | (uint32_t)(entry->tc & 7) << 9 |
                                  (uint32_t)entry->bottom << 8 | entry->ttl);
    }
    end_object(structure, at);
}

/* RFC 5837 section 4.2 */
static void append_address(struct structure *structure, const struct tf_addr *addr)
{
    const uint32_t afi = addr->version == 6 ? AFI_IPV6 : AFI_IPV4;

    append_u32(structure, afi << 16);
    memcpy(structure->bytes + structure->len, addr->bytes, tf_addr_len(addr));
    structure->len += tf_addr_len(addr);
}

/* RFC 5837 section 4.3: the length byte counts itself and the padding to whole words. */
static void append_name(struct structure *structure, const char *name)
{
    const size_t name_len = strnlen(name, NAME_LEN_MAX);
    const size_t padded_len = (1 + name_len + 3) / 4 * 4;
    uint8_t *at = structure->bytes + structure->len;

    memset(at, 0, padded_len);
    at[0] = (uint8_t)padded_len;
    memcpy(at + 1, name, name_len);
    structure->len += padded_len;
}

static uint8_t interface_c_type(const struct interface_info *interface)
{
    unsigned c_type = 0;

    if (interface->has_index)
        c_type |= TF_INTERFACE_INDEX;
    if (interface->has_address)
        c_type |= TF_INTERFACE_ADDRESS;
    if (interface->name[0] != '\0')
        c_type |= TF_INTERFACE_NAME;
    if (interface->mtu != 0)
        c_type |= TF_INTERFACE_MTU;
    return (uint8_t)c_type;
}

static void append_interface(struct structure *structure, const struct interface_info *interface,
                             const struct tf_addr *own)
{
    const uint8_t c_type = interface_c_type(interface);
    const size_t at = begin_object(structure, TF_EXT_CLASS_INTERFACE, c_type);

    if (c_type & TF_INTERFACE_INDEX)
        append_u32(structure, interface->index);
    if (c_type & TF_INTERFACE_ADDRESS)
        append_address(structure, own);
    if (c_type & TF_INTERFACE_NAME)
        append_name(structure, interface->name);
    if (c_type & TF_INTERFACE_MTU)
        append_u32(structure, interface->mtu);
    end_object(structure, at);
}

size_t extensions_build(uint8_t *buf, const struct quoting *quoting, const struct tf_addr *own)
{
    struct structure structure = { .bytes = buf, .len = 0 };
    if (quoting->mpls.depth == 0 && !quoting->interface.present)
        return 0;

    append_u32(&structure, (uint32_t)STRUCTURE_VERSION << 28);
    if (quoting->mpls.depth > 0)
        append_labels(&structure, &quoting->mpls);
    if (quoting->interface.present)
        append_interface(&structure, &quoting->interface, own);
    tf_put_u16(buf + TF_EXT_CHECKSUM, tf_checksum(buf, structure.len));
    return structure.len;
}
