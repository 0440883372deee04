/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What routers and hosts cannot do, and the line that says so; loops without TTL. */
#include "support.h"

#include <glib.h>
#include <string.h>

#include "refusals.h"
#include "topology.h"

#define R "[router r]\naddress=10.0.0.1\n"
#define S "[router s]\naddress=10.0.0.2\n"
#define D "[host d]\naddress=10.9.9.9\n"
#define C "[change c]\nnode=r\nat=1s\n"
#define G "[generate]\ndestinations=100\nrouters=11.0.0.0/8\n"

#define DURATION "expected a duration up to an hour such as 1.5s, 20ms, 200us or 0, not "
#define PERCENT  "expected 0% to 100%, in steps of 0.0001%, not "
#define RATE     "expected a rate such as 100/s, 0.5/s or 6/min, at most 1000000/s, or none, not "
#define LABELS   "expected LABEL:TC:TTL such as 16001:0:1, or none, not "
#define FAULTS                                                                                     \
    "expected none, id-zero, id-swap, id-plus-one, ttl-zero, src-port, dst-port, src, dst, "       \
    "checksum-zero or length-swap, not "
#define HASHES                                                                                     \
    "expected five-tuple, src, dst, protocol, src-port, dst-port, tos, flow-label, icmp-id or "    \
    "icmp-checksum, not "
#define INTERFACE "expected index=N, name=TEXT (63 bytes), mtu=N and address, or none, not "
#define NAT       "expected two addresses of a family, such as 192.0.2.9 10.0.0.9:80, not "
#define DENY      "expected all, none, or protocols such as udp icmp tcp:80 udp:33434-33534, not "
#define PORTS     "expected all, none, or ports from 1 to 65535 such as 80 443 8000-8010, not "
#define NAME_64   "name=abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz01"

static const struct refusal of_next_hops[] = {
    { R "next=x9\n", "[router r] next: no such router or host 'x9'" },
    { R "next=R\n", "[router r] next: no such router or host 'R'" },
    { R "next=\n", "[router r] next: expected routers or hosts, not ''" },
    { R "next=,\n", "[router r] next: expected routers or hosts, not ','" },
    { R "next=none r\n", "[router r] next: no such router or host 'none'" },
    { R "next=generate\n", "[router r] next: there is no [generate] group" },
    { R "next=r*0\n", "[router r] next: expected a weight from 1 to 65535, not 'r*0'" },
    { R "next=r*65536\n", "[router r] next: expected a weight from 1 to 65535, not 'r*65536'" },
    { R "next=r*\n", "[router r] next: expected a weight from 1 to 65535, not 'r*'" },
    { R "next=r*2*2\n", "[router r] next: expected a weight from 1 to 65535, not 'r*2*2'" },
    { R "next=*2\n", "[router r] next: no such router or host ''" },
    { R C "next=x9\n", "[change c] next: no such router or host 'x9'" },
    { R "route 10.0.0.0/8=x9\n", "[router r] route 10.0.0.0/8: no such router or host 'x9'" },
    { R "route 10.0.0.1/8=r\n",
      "[router r] route 10.0.0.1/8: expected a prefix or a host, not '10.0.0.1/8'" },
    { R "route r=r\n", "[router r] route r: expected a prefix or a host, not 'r'" },
    { R "route x9=r\n", "[router r] route x9: expected a prefix or a host, not 'x9'" },
    { R "route 9.0.0.1=r\nroute 9.0.0.1/32=r\n", "[router r]: two routes to 9.0.0.1/32" },
    { R D "\n" S "route d=r\nroute 10.9.9.9=s\n", "[router s]: two routes to 10.9.9.9/32" },
};

static const struct refusal of_values[] = {
    { R "balance=fair\n", "[router r] balance: expected flow, packet or destination, not 'fair'" },
    { R "balance=destination\nhash=src\n", "[router r] hash: not with balance=destination" },
    { R "hash=ports\n", "[router r] hash: " HASHES "'ports'" },
    { R "hash=\n", "[router r] hash: " HASHES "''" },
    { R "hash-seed=-1\n", "[router r] hash-seed: expected 0 to 4294967295, not '-1'" },
    { R "delay=5\n", "[router r] delay: " DURATION "'5'" },
    { R "jitter=3601s\n", "[router r] jitter: " DURATION "'3601s'" },
    { R "icmp-delay=\n", "[router r] icmp-delay: " DURATION "''" },
    { R "loss=101%\n", "[router r] loss: " PERCENT "'101%'" },
    { R "loss-back=10\n", "[router r] loss-back: " PERCENT "'10'" },
    { R "down=true\n", "[router r] down: expected yes or no, not 'true'" },
    { R "silent=Yes\n", "[router r] silent: expected yes or no, not 'Yes'" },
    { R "echo=\n", "[router r] echo: expected yes or no, not ''" },
    { R "icmp-rate=5\n", "[router r] icmp-rate: " RATE "'5'" },
    { R "icmp-rate-per-peer=0/s\n", "[router r] icmp-rate-per-peer: " RATE "'0/s'" },
    { R "icmp-rate=1/s\nicmp-burst=0\n", "[router r] icmp-burst: expected 1 to 1000000, not '0'" },
    { R "icmp-burst=5\n", "[router r] icmp-burst: needs icmp-rate" },
    { R "icmp-burst-per-peer=5\n", "[router r] icmp-burst-per-peer: needs icmp-rate-per-peer" },
    { R "reply-ttl=0\n", "[router r] reply-ttl: expected 1 to 255, not '0'" },
    { R "reply-ttl=256\n", "[router r] reply-ttl: expected 1 to 255, not '256'" },
    { R "answer-from=last\n",
      "[router r] answer-from: expected first, incoming, flow or random, not 'last'" },
    { R "quote=8\n", "[router r] quote: expected 28, 128, 576 or all, not '8'" },
    { R "quote-faults=id\n", "[router r] quote-faults: " FAULTS "'id'" },
    { R "quote-faults=src none\n",
      "[router r] quote-faults: expected 'none' alone, not 'src none'" },
    { R "mpls=1048576\n", "[router r] mpls: " LABELS "'1048576'" },
    { R "mpls=\n", "[router r] mpls: " LABELS "''" },
    { R "interface=eth0\n", "[router r] interface: " INTERFACE "'eth0'" },
    { R "interface=index=0\n", "[router r] interface: " INTERFACE "'index=0'" },
    { R "interface=speed=10\n", "[router r] interface: " INTERFACE "'speed=10'" },
    { R "interface=name=\n", "[router r] interface: " INTERFACE "'name='" },
    { R "interface=" NAME_64 "\n", "[router r] interface: " INTERFACE "'" NAME_64 "'" },
    { R "extension-length=no\n", "[router r] extension-length: needs mpls or interface" },
    { R "ttl=drop\n", "[router r] ttl: expected decrement, keep or label, not 'drop'" },
    { R "ttl-copy=maybe\n", "[router r] ttl-copy: expected yes or no, not 'maybe'" },
    { R "dscp=64\n", "[router r] dscp: expected 0 to 63, not '64'" },
    { R "ecn=set\n", "[router r] ecn: expected keep or clear, not 'set'" },
    { R "mtu=67\n", "[router r] mtu: expected 68 to 65535, not '67'" },
    { R "mtu=65536\n", "[router r] mtu: expected 68 to 65535, not '65536'" },
};

static const struct refusal of_filters[] = {
    { R "nat-source=here\n",
      "[router r] nat-source: expected a unicast IPv4 or IPv6 address, not 'here'" },
    { R "nat-source=10.0.0.8 10.0.0.9\n",
      "[router r] nat-source: expected one address of each family, not '10.0.0.8 10.0.0.9'" },
    { R "nat-source=192.0.2.1\n", "[router r] nat-source: 192.0.2.1 is also the source's" },
    { R S "nat-source=10.0.0.1\n", "[router s] nat-source: 10.0.0.1 is also [router r]'s" },
    { R G C "nat-source=11.0.0.1\n",
      "[change c] nat-source: 11.0.0.1 is in 11.0.0.0/8 of [generate]" },
    { R "nat-ports=random\n", "[router r] nat-ports: needs nat-source" },
    { R "nat-source=10.0.0.1\nnat-ports=none\n",
      "[router r] nat-ports: expected keep or random, not 'none'" },
    { R "nat-quotes=leave\n", "[router r] nat-quotes: needs nat-source or nat-destination" },
    { R "nat-source=10.0.0.1\nnat-quotes=no\n",
      "[router r] nat-quotes: expected repair or leave, not 'no'" },
    { R "nat-destination=9.9.9.9\n", "[router r] nat-destination: " NAT "'9.9.9.9'" },
    { R "nat-destination=9.9.9.9 2001:db8::1\n",
      "[router r] nat-destination: " NAT "'9.9.9.9 2001:db8::1'" },
    { R "nat-destination=9.9.9.9:80 10.0.0.1\n",
      "[router r] nat-destination: " NAT "'9.9.9.9:80 10.0.0.1'" },
    { R "nat-destination=9.9.9.9 9.9.9.9\n", "[router r] nat-destination: 9.9.9.9 becomes itself" },
    { R "nat-destination=9.9.9.9 10.7.7.7\n", "[router r] nat-destination: 10.7.7.7 is nobody's" },
    { R "deny=80\n", "[router r] deny: " DENY "'80'" },
    { R "deny=\n", "[router r] deny: " DENY "''" },
    { R "deny=udp none\n", "[router r] deny: " DENY "'none'" },
    { R "deny-answer=net\n", "[router r] deny-answer: needs deny" },
    { R "deny=all\ndeny-answer=yes\n",
      "[router r] deny-answer: expected drop, prohibited, host, net or port, not 'yes'" },
    { R D "udp-open=0\n", "[host d] udp-open: " PORTS "'0'" },
    { R D "udp-drop=9-7\n", "[host d] udp-drop: " PORTS "'9-7'" },
    { R D "tcp-open=http\n", "[host d] tcp-open: " PORTS "'http'" },
    { R D "tcp-drop=\n", "[host d] tcp-drop: " PORTS "''" },
};

static const struct refusal of_loops[] = {
    { "[router a]\nttl=keep\nnext=a\n", "[router a] next: loop without TTL: a -> a" },
    { "[router a]\nttl=keep\nnext=b\n[router b]\nttl=keep\nnext=a\n",
      "[router a] next: loop without TTL: a -> b -> a" },
    { R "next=a\n[router a]\nttl=keep\nnext=r b\n[router b]\nttl=keep\nnext=r c\n"
        "[router c]\nttl=keep\nnext=b\n",
      "[router b] next: loop without TTL: b -> c -> b" },
    { "[router a]\nttl=keep\nnext=b\nroute 9.0.0.0/8=a\n" R "[router b]\nttl=keep\nnext=r\n",
      "[router a] route 9.0.0.0/8: loop without TTL: a -> a" },
    { R "next=b\n[router b]\nttl=keep\nnext=r\n[change c]\nnode=r\nat=0\nttl=keep\n",
      "[change c] next: loop without TTL: r -> b -> r" },
    { R "ttl=keep\nnext=b\n[router b]\nttl=keep\n" D "[change c]\nnode=b\nat=0\nnext=d b\n",
      "[change c] next: loop without TTL: b -> b" },
};

static void test_next_hops(void **state)
{
    (void)state;
    check_refusals(of_next_hops, COUNT(of_next_hops));
}

static void test_values(void **state)
{
    (void)state;
    check_refusals(of_values, COUNT(of_values));
}

static void test_filters(void **state)
{
    (void)state;
    check_refusals(of_filters, COUNT(of_filters));
}

static void test_loops(void **state)
{
    (void)state;
    check_refusals(of_loops, COUNT(of_loops));
}

/* Allowed: loops in which some router counts, tunnels that leave them, what comes back to itself
 * by the generated network. */
static void test_no_loops(void **state)
{
    static const char *const texts[] = {
        R "next=r\n",
        R "next=b\n[router b]\nttl=keep\nnext=r\n",
        R "next=b\n[router b]\naddress=10.0.0.3\nttl=label\nnext=b r\n",
        R "ttl=keep\nnext=b b\n[router b]\nttl=keep\nnext=d\nroute 9.0.0.0/8=d\n" D,
        R "ttl=keep\nnext=generate\n" G,
        R "ttl=keep\nnext=s\n" S "next=r\n[change c]\nnode=s\nat=0\nloss=1%\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        g_autoptr(GError) error = NULL;
        struct topology *topology = topology_parse("file", texts[i], strlen(texts[i]), &error);

        check(topology != NULL, "%s: %s", texts[i], error == NULL ? "" : error->message);
        topology_free(topology);
    }
}

/* A tunnel of thousands of routers that bites its tail: no stack overflows, the line is cut. */
static void test_long_loop(void **state)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    enum { ROUTERS = 10000 };

    (void)state;
    for (int i = 0; i < ROUTERS; i++)
        g_string_append_printf(text, "[router r%d]\nttl=keep\nnext=r%d\n", i, (i + 1) % ROUTERS);
    assert_null(topology_parse("file", text->str, text->len, &error));
    assert_true(
        g_str_has_prefix(error->message, "file: [router r0] next: loop without TTL: r0 -> "));
    assert_in_range(strlen(error->message), 300, 420);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_hops), cmocka_unit_test(test_values),
        cmocka_unit_test(test_filters),   cmocka_unit_test(test_loops),
        cmocka_unit_test(test_no_loops),  cmocka_unit_test(test_long_loop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
