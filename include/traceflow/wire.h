/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where each header field lives: one enum of byte offsets per header, for readers and writers
 * alike. */
#ifndef TRACEFLOW_WIRE_H
#define TRACEFLOW_WIRE_H

/* IEEE 802.3 section 3.2, with a type (RFC 894, RFC 2464) */
enum {
    TF_ETHERNET_DST = 0,
    TF_ETHERNET_SRC = 6,
    TF_ETHERNET_TYPE = 12,
    TF_ETHERNET_LEN = 14,
    TF_MAC_LEN = 6,
};

enum {
    TF_ETHERTYPE_IPV4 = 0x0800,
    TF_ETHERTYPE_ARP = 0x0806,
    TF_ETHERTYPE_BRIDGED = 0x6558, /* RFC 1701: an Ethernet frame; never on Ethernet itself */
    TF_ETHERTYPE_VLAN = 0x8100,    /* IEEE 802.1Q */
    TF_ETHERTYPE_IPV6 = 0x86dd,
    TF_ETHERTYPE_MPLS = 0x8847,          /* RFC 3032 section 5 */
    TF_ETHERTYPE_MPLS_UPSTREAM = 0x8848, /* RFC 5332 section 3; once "multicast" */
    TF_ETHERTYPE_PPPOE_SESSION = 0x8864, /* RFC 2516 section 4 */
    TF_ETHERTYPE_QINQ = 0x88a8,          /* IEEE 802.1ad */
    TF_ETHERTYPE_ERSPAN = 0x88be,        /* in GRE: a mirrored Ethernet frame */
    TF_ETHERTYPE_ERSPAN_III = 0x22eb,
    TF_ETHERTYPE_QINQ_OLD = 0x9100,
    TF_IEEE_LENGTH_MAX =
        1500, /* IEEE 802.3 section 3.2.6: up to here it is no type, but a length */
};

/* IEEE 802.2, RFC 1042: what follows a length */
enum {
    TF_LLC_DSAP = 0,
    TF_LLC_SSAP = 1,
    TF_LLC_CONTROL = 2,
    TF_LLC_LEN = 3,
    TF_SNAP_OUI = 3,
    TF_SNAP_TYPE = 6,
    TF_SNAP_LEN = 8,

    TF_LLC_SAP_SNAP = 0xaa,
    TF_LLC_SAP_IP = 0x06,
    TF_LLC_UI = 3,
};

/* RFC 2516 section 4 */
enum {
    TF_PPPOE_VERSION_TYPE = 0,
    TF_PPPOE_CODE = 1,
    TF_PPPOE_LENGTH = 4,
    TF_PPPOE_LEN = 6,
};

/* RFC 1661 section 2; RFC 1332, RFC 5072, RFC 3032 section 4.3 */
enum {
    TF_PPP_IPV4 = 0x0021,
    TF_PPP_IPV6 = 0x0057,
    TF_PPP_MPLS = 0x0281,
    TF_PPP_MPLS_UPSTREAM = 0x0283,

    TF_PPP_ADDRESS = 0xff, /* RFC 1662 section 3.1 */
    TF_PPP_CONTROL = 0x03,
};

/* RFC 1547 section 4.3.1: Cisco's HDLC */
enum {
    TF_CHDLC_TYPE = 2,
    TF_CHDLC_LEN = 4,

    TF_CHDLC_UNICAST = 0x0f,
    TF_CHDLC_MULTICAST = 0x8f,
};

/* ITU-T Q.922 section 3.3, RFC 2427 section 3: Frame Relay */
enum {
    TF_FRELAY_ADDRESS_END = 1, /* lowest bit of the last byte of an address of 2 to 4 */
    TF_FRELAY_ADDRESS_MIN = 2,
    TF_FRELAY_ADDRESS_MAX = 4,

    TF_NLPID_PADDING = 0x00,
    TF_NLPID_SNAP = 0x80,
    TF_NLPID_IPV6 = 0x8e,
    TF_NLPID_IPV4 = 0xcc,
};

/* RFC 826, for IPv4 on Ethernet */
enum {
    TF_ARP_HARDWARE = 0,
    TF_ARP_PROTOCOL = 2,
    TF_ARP_HARDWARE_LEN = 4,
    TF_ARP_PROTOCOL_LEN = 5,
    TF_ARP_OPERATION = 6,
    TF_ARP_SENDER_MAC = 8,
    TF_ARP_SENDER = 14,
    TF_ARP_TARGET_MAC = 18,
    TF_ARP_TARGET = 24,
    TF_ARP_LEN = 28,
};

/* RFC 791 section 3.1 */
enum {
    TF_IPV4_VERSION_IHL = 0,
    TF_IPV4_TOS = 1,
    TF_IPV4_TOTAL_LENGTH = 2,
    TF_IPV4_IDENT = 4, /* path ID in its high byte, TTL in its low one (docs/WIRE.md) */
    TF_IPV4_IDENT_PATH = 4,
    TF_IPV4_IDENT_TTL = 5,
    TF_IPV4_FLAGS_FRAGMENT = 6,
    TF_IPV4_TTL = 8,
    TF_IPV4_PROTOCOL = 9,
    TF_IPV4_CHECKSUM = 10,
    TF_IPV4_SRC = 12,
    TF_IPV4_DST = 16,
    TF_IPV4_MIN_LEN = 20,
};

enum {
    TF_IPV4_DF = 0x4000,
    TF_IPV4_MF = 0x2000,
    TF_IPV4_FRAGMENT_MASK = 0x1fff, /* units of 8 bytes */
};

/* RFC 8200 section 3 */
enum {
    TF_IPV6_VERSION_CLASS_LABEL = 0,
    TF_IPV6_FLOW_LABEL = 1, /* low 20 bits of three bytes */
    TF_IPV6_FLOW_LABEL_LEN = 3,
    TF_IPV6_PAYLOAD_LENGTH = 4,
    TF_IPV6_NEXT_HEADER = 6,
    TF_IPV6_HOP_LIMIT = 7,
    TF_IPV6_SRC = 8,
    TF_IPV6_DST = 24,
    TF_IPV6_LEN = 40,
};

/* RFC 8200 section 4: the first two bytes of most extension headers; section 4.5: the fragment
 * header */
enum {
    TF_IPV6_EXT_NEXT_HEADER = 0,
    TF_IPV6_EXT_LENGTH = 1,
    TF_IPV6_EXT_MIN_LEN = 8,
    TF_IPV6_FRAGMENT_OFFSET = 2,
    TF_IPV6_FRAGMENT_IDENT = 4,
};

enum {
    TF_IPV6_FRAGMENT_MASK = 0xfff8, /* of the offset field: bytes, as they are units of 8 */
    TF_IPV6_MORE_FRAGMENTS = 1,
    TF_IPV6_MTU_MIN = 1280, /* RFC 8200 section 5 */
};

/* IANA "Assigned Internet Protocol Numbers" */
enum {
    TF_IP_PROTO_HOPOPTS = 0,
    TF_IP_PROTO_ICMP = 1,
    TF_IP_PROTO_IPV4 = 4, /* RFC 2003 */
    TF_IP_PROTO_TCP = 6,
    TF_IP_PROTO_UDP = 17,
    TF_IP_PROTO_IPV6 = 41, /* RFC 2473, RFC 4213 */
    TF_IP_PROTO_ROUTING = 43,
    TF_IP_PROTO_FRAGMENT = 44,
    TF_IP_PROTO_GRE = 47,
    TF_IP_PROTO_AH = 51,
    TF_IP_PROTO_ICMPV6 = 58,
    TF_IP_PROTO_NONE = 59, /* RFC 8200 section 4.7: nothing follows */
    TF_IP_PROTO_DSTOPTS = 60,
    TF_IP_PROTO_ETHERIP = 97, /* RFC 3378 */
    TF_IP_PROTO_MPLS = 137,   /* RFC 4023 */
};

/* RFC 2784 section 2, RFC 2890 section 2: checksum, key and sequence number, where their bits are
 * set, are 4 bytes each */
enum {
    TF_GRE_FLAGS = 0,
    TF_GRE_TYPE = 2,
    TF_GRE_MIN_LEN = 4,
    TF_GRE_OPTION_LEN = 4,

    TF_GRE_CHECKSUM = 0x8000,
    TF_GRE_KEY = 0x2000,
    TF_GRE_SEQUENCE = 0x1000,
    TF_GRE_REFUSED = 0x4c07, /* bits 1, 4 and 5: source routes (RFC 1701); the version, if not 0 */
};

/* ERSPAN (draft-foschiano-erspan section 4): version in the first four bits */
enum {
    TF_ERSPAN_II_VERSION = 1,
    TF_ERSPAN_II_LEN = 8,
    TF_ERSPAN_III_VERSION = 2,
    TF_ERSPAN_III_OPTION = 11, /* lowest bit: a platform's own header follows */
    TF_ERSPAN_III_LEN = 12,
    TF_ERSPAN_III_OPTION_LEN = 8,
};

/* RFC 3378 section 3: version 3, the rest zero */
enum {
    TF_ETHERIP_VERSION = 0x3000,
    TF_ETHERIP_LEN = 2,
};

/* RFC 768 */
enum {
    TF_UDP_SRC_PORT = 0,
    TF_UDP_DST_PORT = 2,
    TF_UDP_LENGTH = 4,
    TF_UDP_CHECKSUM = 6,
    TF_UDP_LEN = 8,
};

/* IANA "Service Name and Transport Protocol Port Number Registry": UDP ports that tunnels end at */
enum {
    TF_PORT_L2TP = 1701,
    TF_PORT_GTP_U = 2152,
    TF_PORT_VXLAN = 4789,
    TF_PORT_VXLAN_GPE = 4790,
    TF_PORT_GENEVE = 6081,
    TF_PORT_MPLS = 6635, /* RFC 7510 */
    TF_PORT_VXLAN_LINUX =
        8472, /* what Linux took before there was a number, and still defaults to */
};

/* RFC 7348 section 5; draft-ietf-nvo3-vxlan-gpe section 3 */
enum {
    TF_VXLAN_FLAGS = 0,
    TF_VXLAN_GPE_NEXT = 3,
    TF_VXLAN_LAST = 7, /* reserved: 0 */
    TF_VXLAN_LEN = 8,

    TF_VXLAN_HAS_VNI = 0x08,
    TF_VXLAN_RESERVED = 0x37, /* the two highest bits are extensions' */
    TF_VXLAN_GPE_HAS_NEXT = 0x04,
    TF_VXLAN_GPE_REFUSED = 0xf1, /* another version, reserved bits, operation and maintenance */
    TF_VXLAN_GPE_IPV4 = 1,
    TF_VXLAN_GPE_IPV6 = 2,
    TF_VXLAN_GPE_ETHERNET = 3,
    TF_VXLAN_GPE_MPLS = 5,
};

/* RFC 8926 section 3.4 */
enum {
    TF_GENEVE_VERSION_OPTIONS = 0, /* two bits; six: length of the options in words */
    TF_GENEVE_FLAGS = 1,
    TF_GENEVE_TYPE = 2,
    TF_GENEVE_LEN = 8,

    TF_GENEVE_CONTROL = 0x80,
};

/* 3GPP TS 29.281 section 5.1; section 5.2: extension headers, their length in words first, the type
 * of the next one last */
enum {
    TF_GTP_FLAGS = 0,
    TF_GTP_TYPE = 1,
    TF_GTP_LENGTH = 2, /* of what follows the first 8 bytes */
    TF_GTP_LEN = 8,
    TF_GTP_OPTIONS_LEN = 4, /* there if one of the three flags is */
    TF_GTP_NEXT_EXTENSION = 11,

    TF_GTP_VERSION_MASK = 0xf0,
    TF_GTP_VERSION_1 = 0x30, /* and protocol type 1: GTP, not GTP' */
    TF_GTP_HAS_OPTIONS = 0x07,
    TF_GTP_HAS_EXTENSION = 0x04,
    TF_GTP_G_PDU = 255,
};

/* RFC 2661 section 3.1: what the flags say is there, in this order; tunnel and session always are
 */
enum {
    TF_L2TP_FLAGS = 0,
    TF_L2TP_FLAGS_LEN = 2,
    TF_L2TP_LENGTH_LEN = 2,
    TF_L2TP_IDS_LEN = 4,
    TF_L2TP_SEQUENCE_LEN = 4,
    TF_L2TP_OFFSET_LEN = 2,

    TF_L2TP_HAS_LENGTH = 0x4000,
    TF_L2TP_HAS_SEQUENCE = 0x0800,
    TF_L2TP_HAS_OFFSET = 0x0200,
    TF_L2TP_FIXED = 0xb4ff, /* no control message, reserved bits 0, version 2 */
    TF_L2TP_VERSION = 2,
};

/* RFC 9293 section 3.1 */
enum {
    TF_TCP_SRC_PORT = 0,
    TF_TCP_DST_PORT = 2,
    TF_TCP_SEQ = 4, /* probe ID (path ID, TTL) and key, two bytes each (docs/WIRE.md) */
    TF_TCP_SEQ_KEY = 6,
    TF_TCP_ACK = 8, /* an answer's: the sequence number and one */
    TF_TCP_ACK_KEY = 10,
    TF_TCP_DATA_OFFSET = 12,
    TF_TCP_FLAGS = 13,
    TF_TCP_WINDOW = 14,
    TF_TCP_CHECKSUM = 16,
    TF_TCP_URGENT = 18,
    TF_TCP_MIN_LEN = 20,
    TF_TCP_PORTS_SEQ_LEN = 8, /* all that RFC 792 promises of a quoted segment */
};

enum {
    TF_TCP_FLAG_FIN = 0x01,
    TF_TCP_FLAG_SYN = 0x02,
    TF_TCP_FLAG_RST = 0x04,
    TF_TCP_FLAG_ACK = 0x10,
};

/* RFC 9293 section 3.2, RFC 7323 section 3.2: options, kind and length first */
enum {
    TF_TCP_OPT_END = 0,
    TF_TCP_OPT_NOP = 1,
    TF_TCP_OPT_MSS = 2,
    TF_TCP_OPT_MSS_LEN = 4,
    TF_TCP_OPT_TIMESTAMP = 8,
    TF_TCP_OPT_TIMESTAMP_VALUE = 2,
    TF_TCP_OPT_TIMESTAMP_ECHO = 6,
    TF_TCP_OPT_TIMESTAMP_LEN = 10,
};

/* RFC 792, RFC 4443 section 2.1; the length byte of RFC 4884 section 4: words in ICMP, section 4.5:
 * 64-bit units in ICMPv6 */
enum {
    TF_ICMP_TYPE = 0,
    TF_ICMP_CODE = 1,
    TF_ICMP_CHECKSUM = 2,
    TF_ICMP_IDENT = 4,
    TF_ICMP_SEQUENCE = 6,
    TF_ICMP_EXT_LENGTH = 5,
    TF_ICMPV6_EXT_LENGTH = 4,
    TF_ICMP_MTU = 6,       /* RFC 1191 section 4 */
    TF_ICMPV6_MTU = 4,     /* RFC 4443 section 3.2 */
    TF_ICMPV6_POINTER = 4, /* RFC 4443 section 3.4 */
    TF_ICMP_LEN = 8,
};

enum {
    TF_ICMP_ECHO_REPLY = 0,
    TF_ICMP_DEST_UNREACH = 3,
    TF_ICMP_SOURCE_QUENCH = 4,
    TF_ICMP_REDIRECT = 5,
    TF_ICMP_ECHO = 8,
    TF_ICMP_TIME_EXCEEDED = 11,
    TF_ICMP_PARAM_PROBLEM = 12,

    TF_ICMPV6_DEST_UNREACH = 1,
    TF_ICMPV6_PACKET_TOO_BIG = 2,
    TF_ICMPV6_TIME_EXCEEDED = 3,
    TF_ICMPV6_PARAM_PROBLEM = 4,
    TF_ICMPV6_ECHO = 128,
    TF_ICMPV6_ECHO_REPLY = 129,
};

/* RFC 792, RFC 1812 section 5.2.7.1: codes of Destination Unreachable; RFC 4443 section 3.1: of
 * ICMPv6; section 3.4: of its Parameter Problem */
enum {
    TF_ICMP_CODE_PROTOCOL_UNREACH = 2,
    TF_ICMP_CODE_PORT_UNREACH = 3,
    TF_ICMP_CODE_FRAGMENTATION_NEEDED = 4,
    TF_ICMPV6_CODE_NEXT_HEADER = 1,
    TF_ICMPV6_CODE_PORT_UNREACH = 4,
    TF_ICMP_CODE_TTL_IN_TRANSIT = 0,
};

/* RFC 4861 section 4.3 and 4.4: solicitations and advertisements, from the ICMPv6 header on;
 * section 4.6: options, their length in units of 8 bytes */
enum {
    TF_ND_FLAGS = 4,
    TF_ND_TARGET = 8,
    TF_ND_LEN = 24,

    TF_ND_OPTION_TYPE = 0,
    TF_ND_OPTION_LENGTH = 1,
    TF_ND_OPTION_ADDRESS = 2,
    TF_ND_OPTION_UNIT = 8,
};

enum {
    TF_ND_ROUTER_SOLICITATION = 133,
    TF_ND_NEIGHBOUR_SOLICITATION = 135,
    TF_ND_NEIGHBOUR_ADVERTISEMENT = 136,
    TF_ND_REDIRECT = 137,
};

/* RFC 4884 section 8: extension structure and object header */
enum {
    TF_EXT_VERSION = 0, /* high four bits */
    TF_EXT_CHECKSUM = 2,
    TF_EXT_HDR_LEN = 4,

    TF_EXT_OBJ_LENGTH = 0,
    TF_EXT_OBJ_CLASS = 2,
    TF_EXT_OBJ_CTYPE = 3,
    TF_EXT_OBJ_HDR_LEN = 4,
};

/* RFC 4950 section 3: class and C-Type of a label stack; RFC 3032 section 2.1: its entries */
enum {
    TF_EXT_CLASS_MPLS = 1,
    TF_EXT_CTYPE_MPLS_INCOMING = 1,
    TF_MPLS_BOTTOM = 2, /* lowest bit */
    TF_MPLS_ENTRY_LEN = 4,
};

/* RFC 5837 section 4.1: the C-Type of an interface object of the role "incoming" (0) says which
 * sub-objects follow, in this order */
enum {
    TF_EXT_CLASS_INTERFACE = 2,
    TF_INTERFACE_INDEX = 0x08,
    TF_INTERFACE_ADDRESS = 0x04,
    TF_INTERFACE_NAME = 0x02,
    TF_INTERFACE_MTU = 0x01,
};

/* The tag at the start of a UDP or echo payload (docs/WIRE.md) */
enum {
    TF_TAG_MAGIC = 0,
    TF_TAG_VERSION = 4,
    TF_TAG_ATTEMPT = 5,
    TF_TAG_PATH_ID = 6,
    TF_TAG_RUN_ID = 8,
    TF_TAG_PROBE_ID = 12,
    TF_TAG_BALANCE = 14,
    TF_TAG_LEN = 16,
};

/* The TCP header of a probe (docs/WIRE.md): two NOPs align its only option, a timestamp */
enum {
    TF_SYN_TIMESTAMP = TF_TCP_MIN_LEN + 2,
    TF_SYN_OPTIONS_LEN = 12,
    TF_SYN_LEN = TF_TCP_MIN_LEN + TF_SYN_OPTIONS_LEN,
    TF_SYN_WINDOW = 0xffff,
};

#endif
