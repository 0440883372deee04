/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A topology: the routers and hosts of a simulated internet, and what each does to packets. */
#ifndef TRACEFLOW_LAB_TOPOLOGY_H
#define TRACEFLOW_LAB_TOPOLOGY_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traceflow/addr.h"
#include "traceflow/icmp_ext.h"

/*
 * A node's number: an index of topology.nodes, or, with the high bit set, one of the generated
 * network, of which nothing is stored (generate.h).
 */
#define NODE_NONE      UINT32_MAX
#define NODE_GENERATED UINT32_C(0x80000000)

/* As a next hop: the generated network, wherever the packet enters it. */
#define NODE_INTO_GENERATED (UINT32_MAX - 1)

struct prefix {
    struct tf_addr addr;
    uint8_t bits;
};

struct next_hop {
    uint32_t node;
    uint32_t weight; /* at least 1 */
};

struct next_hops {
    struct next_hop *at;
    size_t count;
    uint32_t weights; /* their sum */
};

/* Packets for a prefix go another way than the others. */
struct route {
    struct prefix to;
    struct next_hops via;
};

enum balance {
    BALANCE_FLOW,   /* by a hash of traits.hash_fields; per destination is a hash of HASH_DST */
    BALANCE_PACKET, /* each packet by itself */
};

enum hash_field {
    HASH_SRC = 1 << 0,
    HASH_DST = 1 << 1,
    HASH_PROTOCOL = 1 << 2,
    HASH_SRC_PORT = 1 << 3,
    HASH_DST_PORT = 1 << 4,
    HASH_TOS = 1 << 5,        /* IPv6: traffic class */
    HASH_FLOW_LABEL = 1 << 6, /* IPv6 */
    HASH_ICMP_ID = 1 << 7,
    HASH_ICMP_CHECKSUM = 1 << 8,
    HASH_FIVE_TUPLE = HASH_SRC | HASH_DST | HASH_PROTOCOL | HASH_SRC_PORT | HASH_DST_PORT,
};

/* A token bucket; token_ns 0: no limit. */
struct rate {
    int64_t token_ns; /* time in which one token comes */
    uint32_t burst;   /* tokens at most */
};

/* Which of several addresses of a router is the source of its ICMP. */
enum answer_from {
    ANSWER_FIRST,
    ANSWER_INCOMING, /* by the neighbour that the packet came from */
    ANSWER_FLOW,     /* by the packet's flow */
    ANSWER_RANDOM,
};

/* How much of a packet an ICMP error quotes. */
enum quote_len {
    QUOTE_8,   /* IP header and 8 bytes (RFC 792): 28 of IPv4 */
    QUOTE_128, /* 128 bytes */
    /* So that the error has 576 bytes at most (RFC 1812 section 4.3.2.3); ICMPv6: as all, but 128
     * bytes of the packet where extensions follow. */
    QUOTE_576,
    QUOTE_ALL, /* so that it has 1500, of ICMPv6 1280 (RFC 4443 section 2.4 (c)) */
};

/* What a router gets wrong in a quote. */
enum quote_fault {
    FAULT_ID_ZERO = 1 << 0,
    FAULT_ID_SWAP = 1 << 1,
    FAULT_ID_PLUS_ONE = 1 << 2,
    FAULT_TTL_ZERO = 1 << 3,
    FAULT_SRC_PORT = 1 << 4, /* other port, checksum left alone */
    FAULT_DST_PORT = 1 << 5,
    FAULT_SRC = 1 << 6, /* other address, checksums left alone */
    FAULT_DST = 1 << 7,
    FAULT_CHECKSUM_ZERO = 1 << 8, /* of the IPv4 header */
    FAULT_LENGTH_SWAP = 1 << 9,   /* total length byte-swapped */
};

/* RFC 5837: the interface that a packet came in by. */
struct interface_info {
    bool present;
    bool has_index;
    bool has_address; /* the router's own, of the packet's family */
    uint32_t index;
    uint32_t mtu;  /* 0: not told */
    char name[64]; /* "": not told; RFC 5837 section 4.3: up to 63 bytes */
};

struct quoting {
    enum quote_len len;
    unsigned faults;           /* enum quote_fault */
    struct tf_mpls_stack mpls; /* RFC 4950; depth 0: none */
    struct interface_info interface;
    bool no_length; /* extensions without RFC 4884's length field */
};

/* Source NAT of all that passes towards the hosts. An address of version 0: none. */
struct source_nat {
    struct tf_addr to4;
    struct tf_addr to6;
    bool random_ports; /* otherwise ports are kept */
};

/* Destination NAT of one address. */
struct destination_nat {
    struct tf_addr from; /* version 0: none */
    struct tf_addr to;
    uint16_t port; /* 0: kept */
};

struct nat {
    struct source_nat source;
    struct destination_nat destination;
    bool leave_quotes; /* a stateless rewrite: quotes come back as they are */
};

enum ttl_rule {
    TTL_DECREMENT,
    TTL_KEEP,  /* forwards without decrementing: cannot be seen */
    TTL_LABEL, /* decrements the TTL of the tunnel's label instead; IP's stays (RFC 3443) */
};

struct port_range {
    uint8_t protocol; /* 0: any, ports are then all */
    uint16_t first;
    uint16_t last;
};

struct port_ranges {
    struct port_range *at;
    size_t count;
};

/* What a firewall does with what it denies. */
enum deny_answer {
    DENY_DROP,
    DENY_PROHIBITED, /* administratively prohibited: ICMP 3/13, ICMPv6 1/1 */
    DENY_HOST,       /* host unreachable: 3/1, 1/3 */
    DENY_NET,        /* network unreachable: 3/0, 1/0 */
    DENY_PORT,       /* port unreachable: 3/3, 1/4 */
};

/* All that a change can change. */
struct traits {
    struct next_hops next;
    struct route *routes; /* longest prefix first */
    size_t n_routes;
    enum balance balance;
    unsigned hash_fields; /* enum hash_field */
    uint32_t hash_seed;

    int64_t delay_ns;       /* of the link to here, each way */
    int64_t jitter_ns;      /* more, evenly spread from 0 */
    int64_t icmp_delay_ns;  /* before it sends an ICMP error */
    uint32_t loss_ppm;      /* of what comes in, in parts per million */
    uint32_t loss_back_ppm; /* of what comes back */
    bool down;              /* swallows everything */

    bool silent;  /* sends no ICMP errors */
    bool no_echo; /* does not answer echo requests */
    struct rate icmp_rate;
    struct rate icmp_rate_per_peer;
    uint8_t reply_ttl; /* of what it sends itself */
    enum answer_from answer_from;
    struct quoting quoting;

    struct nat nat;
    enum ttl_rule ttl;
    bool no_ttl_copy; /* end of a tunnel: the label's TTL is not copied to IP's */
    struct port_ranges deny;
    enum deny_answer deny_answer;
    bool sets_dscp;
    uint8_t dscp; /* 0..63 */
    bool clears_ecn;
    uint16_t mtu; /* of the link to here, bytes of IP packet; 0: no limit */

    struct port_ranges udp_open; /* answers with a datagram of the same payload */
    struct port_ranges udp_drop;
    struct port_ranges tcp_open;
    struct port_ranges tcp_drop;
};

enum node_kind { NODE_ROUTER, NODE_HOST };

struct node {
    enum node_kind kind;
    char *id;                /* as in its group: "r0" */
    char *name;              /* DNS name, or NULL */
    struct tf_addr *address; /* IPv4 ones first; none: NULL */
    size_t n_address4;
    size_t n_address6;
    struct tf_addr public_address[2]; /* IPv4, IPv6: what its name stands for (behind a NAT);
                                         version 0: its own */
    struct traits traits;             /* at the beginning */
};

/* Replaces the traits of a node at a time, or after a number of packets. */
struct change {
    char *id;
    uint32_t node;
    bool by_count;
    uint64_t after; /* packets of the source that came in before, if by_count */
    int64_t at_ns;  /* otherwise: since the beginning */
    struct traits traits;
};

enum { GENERATE_STAGES_MAX = 24 };

/* A large network of which everything is computed: a tree of stages, each a router or a diamond. */
struct generate {
    bool present;
    uint32_t destinations; /* 1..100,000 */
    struct prefix hosts4;  /* destination i has address hosts4 + i */
    struct prefix hosts6;
    struct prefix routers4; /* at least 2^22 addresses */
    struct prefix routers6;
    uint8_t depth_min; /* stages on the way */
    uint8_t depth_max;
    uint8_t width_max;      /* branches of a diamond: 2..width_max */
    uint8_t length_max;     /* routers of a branch: 1..length_max */
    uint32_t balancers_ppm; /* share of stages that are diamonds */
    uint32_t silent_ppm;    /* share of routers that are silent */
    uint32_t lossy_ppm;     /* share of routers that lose routers.loss_ppm; 1,000,000: all */
    uint32_t seed;
    char *domain; /* names: d17.DOMAIN, r4711.DOMAIN; NULL: none */
    struct traits router;
    struct traits silent_router;
    struct traits lossy_router;
    struct traits host;

    /* Computed by generate_complete. */
    uint8_t shift[GENERATE_STAGES_MAX];            /* destination >> shift: its group in a stage */
    uint32_t first_group[GENERATE_STAGES_MAX + 1]; /* groups are numbered over all stages */
};

struct topology {
    char *description;      /* NULL: none */
    struct tf_addr source4; /* version 0: none */
    struct tf_addr source6;
    char *source_name; /* NULL: none */
    uint16_t mtu;      /* of the source's link */
    uint32_t seed;     /* of all chance, unless --seed says otherwise */
    uint32_t first;    /* the source's router */

    struct node *nodes;
    size_t n_nodes;
    struct change *changes; /* in the file's order */
    size_t n_changes;
    struct generate generate;

    GHashTable *by_address; /* struct tf_addr -> node number + 1 */
    GHashTable *by_name;    /* lower case name -> node number + 1 */
    GPtrArray *memory;      /* what pointers above point to */
};

/**
 * Read a topology file.
 *
 * Returns NULL with an error of one line that names file, group and key: TF_EXIT_USAGE for what the
 * file says wrongly, TF_EXIT_IO for a file that cannot be read.
 */
struct topology *topology_load(const char *path, GError **error);

/** The same from text; name stands for the file in errors. */
struct topology *topology_parse(const char *name, const char *text, size_t len, GError **error);

void topology_free(struct topology *topology);

/** The node of an address, generated ones included, or NODE_NONE. The source is none. */
uint32_t topology_find(const struct topology *topology, const struct tf_addr *addr);

/** A node's address number which of a family (version 4 or 6); false if it has not so many. */
bool topology_address(const struct topology *topology, uint32_t node, uint8_t version, size_t which,
                      struct tf_addr *addr);

/** How many addresses of a family a node has. */
size_t topology_addresses(const struct topology *topology, uint32_t node, uint8_t version);

/** Whether an address is in a prefix. */
bool prefix_contains(const struct prefix *prefix, const struct tf_addr *addr);

#endif
