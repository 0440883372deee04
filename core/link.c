/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link layers: Ethernet with VLAN tags and MPLS labels, Linux cooked, BSD loopback and raw IP. */
#include "traceflow/link.h"

#include "traceflow/bytes.h"
#include "traceflow/wire.h"

enum { ETHERTYPE_VLAN = 0x8100, ETHERTYPE_QINQ = 0x88a8, ETHERTYPE_QINQ_OLD = 0x9100 };

/* Header length, and where in it the EtherType stands. */
struct link_layout {
    int linktype;
    uint8_t header_len;
    int8_t ethertype_at; /* NO_ETHERTYPE: the IP version alone tells */
};

enum { NO_ETHERTYPE = -1 };

static const struct link_layout layouts[] = {
    { TF_LINKTYPE_ETHERNET, 14, 12 },         { TF_LINKTYPE_LINUX_SLL, 16, 14 },
    { TF_LINKTYPE_LINUX_SLL2, 20, 0 },        { TF_LINKTYPE_NULL, 4, NO_ETHERTYPE },
    { TF_LINKTYPE_LOOP, 4, NO_ETHERTYPE },    { TF_LINKTYPE_RAW, 0, NO_ETHERTYPE },
    { TF_LINKTYPE_DLT_RAW, 0, NO_ETHERTYPE }, { TF_LINKTYPE_DLT_RAW_OPENBSD, 0, NO_ETHERTYPE },
    { TF_LINKTYPE_IPV4, 0, NO_ETHERTYPE },    { TF_LINKTYPE_IPV6, 0, NO_ETHERTYPE },
};

static const struct link_layout *find_layout(int linktype)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (layouts[i].linktype == linktype)
            return &layouts[i];
    return NULL;
}

static bool is_vlan(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_VLAN || ethertype == ETHERTYPE_QINQ ||
           ethertype == ETHERTYPE_QINQ_OLD;
}

bool tf_link_known(int linktype)
{
    return find_layout(linktype) != NULL;
}

/* Two bytes of tag, then the inner type (IEEE 802.1Q). */
static enum tf_status skip_vlans(size_t *at, uint16_t *ethertype, const uint8_t *frame, size_t len)
{
    for (; is_vlan(*ethertype); *at += 4) {
        if (len - *at < 4)
            return TF_SHORT;
        *ethertype = tf_get_u16(frame + *at + 2);
    }
    return TF_OK;
}

/* What lies under the bottom of a stack has no type (RFC 3032 section 2.2); what is not IP keeps
 * the first four bits off its versions (RFC 4385 section 2). */
static enum tf_status skip_labels(size_t *at, const uint8_t *frame, size_t len)
{
    bool bottom = false;

    for (; !bottom; *at += TF_MPLS_ENTRY_LEN) {
        if (len - *at < TF_MPLS_ENTRY_LEN)
            return TF_SHORT;
        bottom = (frame[*at + TF_MPLS_BOTTOM] & 1) != 0;
    }
    const uint8_t version = *at < len ? frame[*at] >> 4 : 4;
    return version == 4 || version == 6 ? TF_OK : TF_NOT_OURS;
}

enum tf_status tf_link_decode(const uint8_t **ip, size_t *ip_len, int linktype,
                              const uint8_t *frame, size_t len)
{
    const struct link_layout *layout = find_layout(linktype);
    if (layout == NULL)
        return TF_NOT_OURS;
    if (len < layout->header_len)
        return TF_SHORT;

    size_t at = layout->header_len;
    if (layout->ethertype_at != NO_ETHERTYPE) {
        uint16_t ethertype = tf_get_u16(frame + layout->ethertype_at);

        enum tf_status status = skip_vlans(&at, &ethertype, frame, len);
        if (status == TF_OK && ethertype == TF_ETHERTYPE_MPLS)
            status = skip_labels(&at, frame, len);
        if (status != TF_OK)
            return status;
        if (ethertype != TF_ETHERTYPE_IPV4 && ethertype != TF_ETHERTYPE_IPV6 &&
            ethertype != TF_ETHERTYPE_MPLS)
            return TF_NOT_OURS;
    }
    *ip = frame + at;
    *ip_len = len - at;
    return TF_OK;
}
