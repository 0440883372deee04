/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where each header field lives: one enum of byte offsets per header, for readers and writers alike. */
#ifndef TRACEFLOW_WIRE_H
#define TRACEFLOW_WIRE_H

/* RFC 791 section 3.1 */
enum {
    IPV4_VERSION_IHL = 0,
    IPV4_TOS = 1,
    IPV4_TOTAL_LENGTH = 2,
    IPV4_IDENT = 4,
    IPV4_FLAGS_FRAGMENT = 6,
    IPV4_TTL = 8,
    IPV4_PROTOCOL = 9,
    IPV4_CHECKSUM = 10,
    IPV4_SRC = 12,
    IPV4_DST = 16,
    IPV4_MIN_LEN = 20,
};

enum {
    IPV4_DF = 0x4000,
    IPV4_MF = 0x2000,
    IPV4_FRAGMENT_MASK = 0x1fff, /* units of 8 bytes */
};

/* RFC 8200 section 3 */
enum {
    IPV6_VERSION_CLASS_LABEL = 0,
    IPV6_PAYLOAD_LENGTH = 4,
    IPV6_NEXT_HEADER = 6,
    IPV6_HOP_LIMIT = 7,
    IPV6_SRC = 8,
    IPV6_DST = 24,
    IPV6_LEN = 40,
};

/* RFC 8200 section 4: the first two bytes of most extension headers; section 4.5: the fragment header */
enum {
    IPV6_EXT_NEXT_HEADER = 0,
    IPV6_EXT_LENGTH = 1,
    IPV6_EXT_MIN_LEN = 8,
    IPV6_FRAGMENT_OFFSET = 2,
};

/* IANA "Assigned Internet Protocol Numbers" */
enum {
    IP_PROTO_HOPOPTS = 0,
    IP_PROTO_ICMP = 1,
    IP_PROTO_TCP = 6,
    IP_PROTO_UDP = 17,
    IP_PROTO_ROUTING = 43,
    IP_PROTO_FRAGMENT = 44,
    IP_PROTO_AH = 51,
    IP_PROTO_ICMPV6 = 58,
    IP_PROTO_DSTOPTS = 60,
};

/* RFC 768 */
enum {
    UDP_SRC_PORT = 0,
    UDP_DST_PORT = 2,
    UDP_LENGTH = 4,
    UDP_CHECKSUM = 6,
    UDP_LEN = 8,
};

/* RFC 9293 section 3.1 */
enum {
    TCP_SRC_PORT = 0,
    TCP_DST_PORT = 2,
    TCP_SEQ = 4,
    TCP_ACK = 8,
    TCP_DATA_OFFSET = 12,
    TCP_FLAGS = 13,
    TCP_CHECKSUM = 16,
    TCP_MIN_LEN = 20,
    TCP_PORTS_SEQ_LEN = 8, /* all that RFC 792 promises of a quoted segment */
};

/* RFC 792, RFC 4443 section 2.1; the length byte of RFC 4884 section 4: words in ICMP, section 4.5: 64-bit
 * units in ICMPv6 */
enum {
    ICMP_TYPE = 0,
    ICMP_CODE = 1,
    ICMP_CHECKSUM = 2,
    ICMP_IDENT = 4,
    ICMP_SEQUENCE = 6,
    ICMP_EXT_LENGTH = 5,
    ICMPV6_EXT_LENGTH = 4,
    ICMP_LEN = 8,
};

enum {
    ICMP_ECHO_REPLY = 0,
    ICMP_DEST_UNREACH = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_ECHO = 8,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAM_PROBLEM = 12,

    ICMPV6_DEST_UNREACH = 1,
    ICMPV6_PACKET_TOO_BIG = 2,
    ICMPV6_TIME_EXCEEDED = 3,
    ICMPV6_PARAM_PROBLEM = 4,
    ICMPV6_ECHO = 128,
    ICMPV6_ECHO_REPLY = 129,
};

/* RFC 792, RFC 1812 section 5.2.7.1: codes of Destination Unreachable; RFC 4443 section 3.1: of ICMPv6 */
enum {
    ICMP_CODE_PORT_UNREACH = 3,
    ICMPV6_CODE_PORT_UNREACH = 4,
    ICMP_CODE_TTL_IN_TRANSIT = 0,
};

/* RFC 4884 section 8: extension structure and object header */
enum {
    EXT_VERSION = 0, /* high four bits */
    EXT_CHECKSUM = 2,
    EXT_HDR_LEN = 4,

    EXT_OBJ_LENGTH = 0,
    EXT_OBJ_CLASS = 2,
    EXT_OBJ_CTYPE = 3,
    EXT_OBJ_HDR_LEN = 4,
};

/* The tag at the start of a UDP payload (docs/WIRE.md) */
enum {
    TAG_MAGIC = 0,
    TAG_VERSION = 4,
    TAG_ATTEMPT = 5,
    TAG_PATH_ID = 6,
    TAG_RUN_ID = 8,
    TAG_PROBE_ID = 12,
    TAG_BALANCE = 14,
    TF_TAG_LEN = 16,
};

#endif
