# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs of other kinds than UDP over IPv4: UDP over IPv6, ICMP echo, TCP SYN."""

import struct

from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt,
                                IPv6ExtHdrHopByHop, PadN)
from scapy.packet import Raw

import probes
import stockholm
from capfile import MS, S, US, ethernet
from network import DESTINATION, GATEWAY, SOURCE, START_NS, TARGET, Fate, Node, Run
from sample import pcap, pcapng

SOURCE6 = "2001:db8::1"
DESTINATION6 = "2001:db8:7::7"
PING_DATA = bytes(range(48))


def is_end(answer):
    return (answer.icmp_type, answer.code) == (stockholm.UNREACHABLE, stockholm.PORT)


# --- UDP over IPv6 -------------------------------------------------------------------------------

# What ICMP says, in the words of ICMPv6 (RFC 4443 sections 3.1 and 3.3).
ICMPV6 = {
    (stockholm.TIME_EXCEEDED, 0): (ICMPv6TimeExceeded, 0),
    (stockholm.UNREACHABLE, stockholm.NET): (ICMPv6DestUnreach, 0),
    (stockholm.UNREACHABLE, stockholm.ADMIN_PROHIBITED): (ICMPv6DestUnreach, 1),
    (stockholm.UNREACHABLE, stockholm.PORT): (ICMPv6DestUnreach, 4),
}


def add_hop_by_hop(packet):
    """The packet with a Hop-by-Hop Options header of 8 bytes, all padding (RFC 8200 section 4.3)."""
    data = bytes(packet)
    length, = struct.unpack("!H", data[4:6])
    options = bytes([data[6], 0, 1, 4, 0, 0, 0, 0])
    return IPv6(data[:4] + struct.pack("!H", length + 8) + b"\0" + data[7:40] + options + data[40:])


def quote6(answer):
    """As much as was captured of it, or the first quote_len bytes."""
    packet = answer.packet.copy()
    packet.hlim = answer.quoted_ttl
    data = bytes(packet)
    return data if answer.node.quote_len == "full" else data[:answer.node.quote_len]


def error6(answer, to):
    """An ICMPv6 error; with labels the quote is padded to 128 bytes (RFC 4884 section 4.5)."""
    node = answer.node
    message, code = ICMPV6[answer.icmp_type, answer.code]
    quoted, units = quote6(answer), 0
    if node.mpls:
        padded = quoted.ljust(stockholm.RFC4884_MIN_QUOTE, b"\0")
        quoted, units = padded + stockholm.mpls_extension(node.mpls), len(padded) // 8
    head = IPv6(src=node.address, dst=to, hlim=node.reply_ttl - answer.distance + 1)
    if node.reply_options:
        head /= IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)])
    return IPv6(bytes(head / message(code=code, length=units) / Raw(quoted)))


class Ipv6Run(Run):
    """UDP over IPv6: the flow label is the path ID, and no Identification."""

    between = (SOURCE6, DESTINATION6)

    def craft(self, at_ns, path, ttl, attempt):
        return probes.udp_probe(6, path, ttl, attempt, self.between, self.run_id)

    def reply(self, answer):
        return error6(answer, SOURCE6)


def ipv6_udp():
    """Routers that quote all or 48 bytes, add labels, or extension headers."""
    def router(number, **more):
        return Node(f"2001:db8:0:{number}::1", **more)

    gateway = router("f", reply_ttl=64, delay_ns=150 * US)
    target = Node(DESTINATION6, reply_ttl=64, delay_ns=1 * MS)
    optional = router("1", reply_options=True)
    labels = router("2", mpls=((16001, 0, 1, 1),))
    inserts = router("3", rewrite=add_hop_by_hop)
    short, behind = router("4", quote_len=48), router("5")
    wall = router("6", refuses=stockholm.ADMIN_PROHIBITED)
    routes = {1: [gateway, optional, labels, behind, target],
              2: [gateway, inserts, behind, target],
              3: [gateway, optional, short, behind, target],
              4: [gateway, optional, wall, target]}
    fates = {(3, 3): Fate(unplaced=True, reply_note="48 bytes: of path 3, which TTL it does not say"),
             (1, 2): Fate(reply_note="a Destination Options header before ICMPv6"),
             (2, 3): Fate(reply_note="quotes a Hop-by-Hop header that was added on the way")}
    run = Ipv6Run(routes, 0x6c078965, START_NS + 9 * 3600 * S)
    for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 6) for path in routes):
        if ttl <= len(routes[path]):
            run.ask(i * 300 * US, path, ttl, fate=fates.get((path, ttl), Fate()))
    run.ask(S, 3, 3, 1, Fate(reply_note="48 bytes again, and the only probe of its flow that is open"))
    return pcapng("ipv6-udp", ethernet, run, "traceflow -6 --paths 4 2001:db8:7::7")


# --- ICMP echo -----------------------------------------------------------------------------------

class EchoRun(Run):
    """Echo requests; the destination replies."""

    kind = "ICMP echo, identifier{s} {ports}"

    def craft(self, at_ns, path, ttl, attempt):
        return probes.echo_probe(4, path, ttl, attempt, self.between, self.run_id)

    def reply(self, answer):
        return self.from_end(answer, probes.echo_reply) if is_end(answer) else super().reply(answer)

    def from_end(self, answer, make):
        """An answer of the probed protocol itself, in an IP header as the destination's other ones."""
        packet = make(answer.packet)
        packet.ttl = answer.node.reply_ttl - answer.distance + 1
        packet.id, packet.chksum = self.reply_id(answer.node), None
        return stockholm.settled(packet)


def ping(run, at_ns):
    """Another program's echo request, with an identifier of ours, and its reply."""
    for outgoing, kind, ttl in ((True, 8, 64), (False, 0, 60)):
        src, dst = (SOURCE, DESTINATION) if outgoing else (DESTINATION, SOURCE)
        packet = IP(src=src, dst=dst, ttl=ttl, id=0x5a5a, flags=0) \
            / ICMP(type=kind, id=stockholm.BASE_PORT + 1, seq=1) / Raw(PING_DATA)
        run.add(at_ns, stockholm.settled(packet), outgoing, "ping: not ours")
        at_ns += 3 * MS


def icmp_echo():
    """Full and 28-byte quotes, a second attempt, and a stranger's ping in between."""
    left, right = Node("203.0.113.1"), Node("203.0.113.2", quote_len=28)
    quiet = Node("203.0.113.9", silent=True)
    routes = {1: [GATEWAY, left, Node("203.0.113.3"), TARGET],
              2: [GATEWAY, right, Node("203.0.113.4", quote_len=28), TARGET],
              3: [GATEWAY, left, quiet, TARGET]}
    run = EchoRun(routes, 0x7f4a7c15, START_NS + 10 * 3600 * S)
    for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 5) for path in routes):
        run.ask(i * 400 * US, path, ttl)
    ping(run, 100 * MS)
    run.ask(S, 3, 3, 1)
    run.ask(S + 400 * US, 2, 3, 1)
    return pcap("icmp-echo", ethernet, run, resolution_ns=1)


# --- TCP SYN -------------------------------------------------------------------------------------

class TcpRun(EchoRun):
    """SYNs; a server accepts or refuses, and the prober's kernel resets what a server accepted."""

    kind = "TCP, source port{s} {ports}, destination port 443"

    def __init__(self, *args):
        super().__init__(*args)
        self.half_open = {}             # path: the SYN that was accepted

    def craft(self, at_ns, path, ttl, attempt):
        return probes.syn_probe(4, path, ttl, attempt, self.between, self.run_id)

    def reply(self, answer):
        if not is_end(answer):
            return Run.reply(self, answer)
        flags = answer.node.tcp_flags
        syn = answer.packet[TCP]
        # RFC 9293 section 3.10.7.4: a half-open connection acknowledges what it is waiting for.
        first = self.half_open.setdefault(syn.sport, answer.packet)
        if flags == probes.SYN_ACK and first is not answer.packet:
            return self.from_end(answer, lambda _: probes.tcp_answer(first, probes.ACK, self.run_id))
        echo = self.run_id if flags == probes.SYN_ACK else None
        return self.from_end(answer, lambda packet: probes.tcp_answer(packet, flags, echo))

    def reset(self, at_ns, path):
        """What the prober's kernel, which knows of no connection, says to a SYN/ACK."""
        segment = TCP(sport=self.base + path, dport=probes.TCP_PORT, flags="R", window=0,
                      seq=(self.half_open[self.base + path][TCP].seq + 1) & 0xffffffff)
        packet = stockholm.settled(IP(src=SOURCE, dst=DESTINATION, ttl=64, id=0, flags="DF") / segment)
        self.add(at_ns, packet, True, "the kernel's reset: neither probe nor reply")


def tcp_syn():
    """Two servers behind one address: one accepts, the other refuses."""
    refusing = Node(DESTINATION, reply_ttl=128, delay_ns=1 * MS, tcp_flags=probes.RST_ACK)
    left, right = Node("203.0.113.1", quote_len=28), Node("203.0.113.2")
    routes = {1: [GATEWAY, left, TARGET], 2: [GATEWAY, right, TARGET],
              3: [GATEWAY, left, Node("203.0.113.3", quote_len=28), refusing]}
    run = TcpRun(routes, 0x5851f42d, START_NS + 11 * 3600 * S)
    for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 5) for path in routes):
        if ttl <= len(routes[path]):
            run.ask(i * 5 * MS, path, ttl)
    run.ask(31 * MS, 1, 4)
    for path, at_ms in ((1, 34), (2, 39)):
        run.reset(at_ms * MS, path)
    return pcapng("tcp-syn", ethernet, run, "traceflow --protocol tcp --paths 3 198.51.100.7")
