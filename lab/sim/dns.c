/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The resolver of the simulated internet: a DNS query in, its answer out. */
#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <string.h>

#include "names.h"
#include "traceflow/bytes.h"

/* RFC 1035 section 4.1.1 */
enum { ID = 0, FLAGS = 2, QUESTIONS = 4, ANSWERS = 6, ADDITIONALS = 10 };

enum {
    QR = 0x8000,
    OPCODE = 0x7800,
    AA = 0x0400,
    TC = 0x0200,
    RD = 0x0100,
    RA = 0x0080,
    CD = 0x0010, /* RFC 4035 section 3.2.2: copied */
    RCODE = 0x000f,
};

enum {
    TTL_S = 60,
    QUESTION_NAME = NS_CMPRSFLGS << 8 | NS_HFIXEDSZ, /* RFC 1035 section 4.1.4: a pointer to it */
    OPT_LEN = 1 + NS_RRFIXEDSZ, /* of the root's name, without data: RFC 6891 section 6.1.2 */
};

/* What a query asks, as far as it could be read. */
struct query {
    bool has_question;
    char name[NS_MAXDNAME];
    uint16_t qtype;
    uint16_t qclass;
    bool has_edns;
    uint8_t edns_version;
    uint16_t udp_size; /* that the client takes */
};

/* What the name of a question is: one with addresses, or an address with a name. */
struct subject {
    struct named named;
    char *ptr; /* NULL: none */
};

struct answer {
    uint8_t *bytes;
    size_t len;
    size_t size;
    uint16_t records;
    bool truncated;
};

static ns_rcode read_question(struct query *query, ns_msg *message)
{
    ns_rr rr;

    if (ns_msg_count(*message, ns_s_qd) != 1 || ns_parserr(message, ns_s_qd, 0, &rr) != 0)
        return ns_r_formerr;
    query->has_question = true;
    g_strlcpy(query->name, ns_rr_name(rr), sizeof query->name);
    query->qtype = (uint16_t)ns_rr_type(rr);
    query->qclass = (uint16_t)ns_rr_class(rr);
    return ns_r_noerror;
}

/* RFC 6891 section 6.1.1: one OPT at most, owned by the root; section 6.2.3: a size under 512
 * means 512. */
static ns_rcode read_edns(struct query *query, ns_msg *message)
{
    ns_rr rr;

    for (int i = 0; i < ns_msg_count(*message, ns_s_ar); i++) {
        if (ns_parserr(message, ns_s_ar, i, &rr) != 0)
            return ns_r_formerr;
        if (ns_rr_type(rr) != ns_t_opt)
            continue;
        if (query->has_edns || strcmp(ns_rr_name(rr), ".") != 0)
            return ns_r_formerr;
        query->has_edns = true;
        query->edns_version = (uint8_t)(ns_rr_ttl(rr) >> 16);
        query->udp_size = (uint16_t)MAX(ns_rr_class(rr), NS_PACKETSZ);
    }
    return ns_r_noerror;
}

static ns_rcode read_query(struct query *query, const uint8_t *bytes, size_t len)
{
    ns_msg message;

    if ((tf_get_u16(bytes + FLAGS) & OPCODE) != 0)
        return ns_r_notimpl; /* what follows may be laid out otherwise */
    if (len > NS_MAXMSG || ns_initparse(bytes, (int)len, &message) != 0)
        return ns_r_formerr;

    const ns_rcode rcode = read_question(query, &message);
    if (rcode != ns_r_noerror)
        return rcode;
    return read_edns(query, &message);
}

/* Whether it is a question that can be answered here. */
static ns_rcode judge(const struct query *query)
{
    if (query->has_edns && query->edns_version > 0)
        return ns_r_badvers;
    if (query->qclass != ns_c_in || query->qtype == ns_t_axfr || query->qtype == ns_t_ixfr)
        return ns_r_notimpl;
    return ns_r_noerror;
}

/* RFC 1035 section 3.5: the address backwards, byte by byte. */
static bool read_reverse4(const char *digits, struct tf_addr *addr)
{
    uint8_t bytes[4];

    if (inet_pton(AF_INET, digits, bytes) != 1)
        return false;
    *addr = tf_addr_from(4, (const uint8_t[]){ bytes[3], bytes[2], bytes[1], bytes[0] });
    return true;
}

/* RFC 3596 section 2.5: 32 hexadecimal digits, the last first. */
static bool read_reverse6(const char *digits, struct tf_addr *addr)
{
    uint8_t bytes[16] = { 0 };

    if (strlen(digits) != 63)
        return false;
    for (unsigned i = 0; i < 32; i++) {
        const int value = g_ascii_xdigit_value(digits[2 * i]);
        const char after = digits[2 * i + 1];
        if (value < 0 || (after != '.' && after != '\0'))
            return false;
        bytes[15 - i / 2] |= (uint8_t)(i % 2 == 0 ? value : value << 4);
    }
    *addr = tf_addr_from(6, bytes);
    return true;
}

/* Cut a suffix off; false where it is not there. */
static bool cut(char *name, const char *suffix)
{
    if (!g_str_has_suffix(name, suffix))
        return false;
    name[strlen(name) - strlen(suffix)] = '\0';
    return true;
}

static bool read_reverse(const char *name, struct tf_addr *addr)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);

    if (cut(lower, ".in-addr.arpa"))
        return read_reverse4(lower, addr);
    return cut(lower, ".ip6.arpa") && read_reverse6(lower, addr);
}

static bool find(struct subject *subject, const struct topology *topology, const char *name)
{
    struct tf_addr addr;

    if (!read_reverse(name, &addr))
        return names_find(topology, name, &subject->named);
    subject->ptr = names_of(topology, &addr);
    return subject->ptr != NULL;
}

/* Room for len more bytes, or NULL: the answer is cut. */
static uint8_t *grow(struct answer *answer, size_t len)
{
    answer->truncated = answer->truncated || answer->size - answer->len < len;
    if (answer->truncated)
        return NULL;
    answer->len += len;
    return answer->bytes + answer->len - len;
}

/* The name goes back letter by letter, capitals too: clients compare. */
static void write_question(struct answer *answer, const struct query *query)
{
    uint8_t name[NS_MAXCDNAME];
    const int name_len = ns_name_compress(query->name, name, sizeof name, NULL, NULL);
    if (name_len < 0)
        return;

    uint8_t *out = grow(answer, (size_t)name_len + NS_QFIXEDSZ);
    if (out == NULL)
        return;
    memcpy(out, name, (size_t)name_len);
    tf_put_u16(out + name_len, query->qtype);
    tf_put_u16(out + name_len + NS_INT16SZ, query->qclass);
    tf_put_u16(answer->bytes + QUESTIONS, 1);
}

static void write_record(struct answer *answer, uint16_t type, const uint8_t *data, size_t len)
{
    uint8_t *out = grow(answer, NS_INT16SZ + NS_RRFIXEDSZ + len);
    if (out == NULL)
        return;

    tf_put_u16(out, QUESTION_NAME);
    tf_put_u16(out + 2, type);
    tf_put_u16(out + 4, ns_c_in);
    tf_put_u32(out + 6, TTL_S);
    tf_put_u16(out + 10, (uint16_t)len);
    memcpy(out + 12, data, len);
    answer->records++;
}

static void write_addresses(struct answer *answer, const struct topology *topology,
                            const struct named *named, uint16_t type)
{
    const uint8_t version = type == ns_t_aaaa ? 6 : 4;
    struct tf_addr addr;

    for (size_t i = 0; names_address(topology, named, version, i, &addr); i++)
        write_record(answer, type, addr.bytes, tf_addr_len(&addr));
}

static void write_name(struct answer *answer, const char *text)
{
    uint8_t name[NS_MAXCDNAME];
    const int len = ns_name_compress(text, name, sizeof name, NULL, NULL);

    if (len > 0)
        write_record(answer, ns_t_ptr, name, (size_t)len);
}

static ns_rcode write_records(struct answer *answer, const struct topology *topology,
                              const struct query *query)
{
    struct subject subject = { .ptr = NULL };

    if (!find(&subject, topology, query->name))
        return ns_r_nxdomain;
    if (subject.ptr != NULL && query->qtype == ns_t_ptr)
        write_name(answer, subject.ptr);
    if (subject.ptr == NULL && (query->qtype == ns_t_a || query->qtype == ns_t_aaaa))
        write_addresses(answer, topology, &subject.named, query->qtype);
    g_free(subject.ptr);
    return ns_r_noerror;
}

/* RFC 6891 section 6.1.3: the high bits of the code are where other records have their TTL. */
static void write_opt(struct answer *answer, ns_rcode rcode)
{
    const uint8_t opt[OPT_LEN] = { [2] = ns_t_opt,
                                   [3] = DNS_QUERY_MAX >> 8,
                                   [4] = DNS_QUERY_MAX & 0xff,
                                   [5] = (uint8_t)(rcode >> 4) };

    memcpy(answer->bytes + answer->len, opt, sizeof opt);
    answer->len += sizeof opt;
    tf_put_u16(answer->bytes + ADDITIONALS, 1);
}

static void write_header(const struct answer *answer, const uint8_t *query, ns_rcode rcode)
{
    const unsigned asked = tf_get_u16(query + FLAGS) & (OPCODE | RD | CD);
    const unsigned cut_off = answer->truncated ? TC : 0;

    memcpy(answer->bytes + ID, query + ID, NS_INT16SZ);
    tf_put_u16(answer->bytes + FLAGS,
               (uint16_t)(QR | AA | RA | asked | cut_off | ((unsigned)rcode & RCODE)));
    tf_put_u16(answer->bytes + ANSWERS, answer->records);
}

size_t dns_answer(const struct topology *topology, const struct dns_query *query, uint8_t *answer,
                  size_t size)
{
    if (query->len < NS_HFIXEDSZ || size < NS_PACKETSZ ||
        (tf_get_u16(query->bytes + FLAGS) & QR) != 0)
        return 0;

    struct query read = { .udp_size = NS_PACKETSZ };
    ns_rcode rcode = read_query(&read, query->bytes, query->len);
    const size_t most = query->over_tcp ? size : MIN(size, read.udp_size);
    struct answer out = { .bytes = answer,
                          .len = NS_HFIXEDSZ,
                          .size = most - (read.has_edns ? OPT_LEN : 0) };

    memset(answer, 0, NS_HFIXEDSZ);
    if (read.has_question)
        write_question(&out, &read);
    if (rcode == ns_r_noerror)
        rcode = judge(&read);
    if (rcode == ns_r_noerror)
        rcode = write_records(&out, topology, &read);
    if (read.has_edns)
        write_opt(&out, rcode);
    write_header(&out, query->bytes, rcode);
    return out.len;
}
