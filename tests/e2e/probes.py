# SPDX-License-Identifier: GPL-2.0-or-later
"""Probes and replies of every protocol over IPv4 and IPv6, from docs/WIRE.md's text alone, for tests only.

What stockholm.py is for UDP over IPv4, which see. Packets are Scapy packets with every field set; bytes(packet) is
what is on the wire.
"""

import struct

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (ICMPv6DestUnreach, ICMPv6EchoReply, ICMPv6EchoRequest, ICMPv6TimeExceeded, IPv6)
from scapy.packet import Raw

from stockholm import BASE_PORT, checksum, identification, key, tag

RUN_ID = 0x1a2b3c4d
TCP_PORT = 443
SYN_ACK, RST_ACK, ACK = "SA", "RA", "A"

ADDRESSES = {4: ("192.0.2.1", "198.51.100.9"), 6: ("2001:db8::1", "2001:db8:9::9")}


def settled(packet):
    """The same packet with what Scapy left open filled in."""
    return type(packet)(bytes(packet))


def family(packet):
    return 6 if isinstance(packet, IPv6) else 4


def header(version, path, ttl, ends=None):
    source, destination = ends or ADDRESSES[version]
    if version == 6:
        return IPv6(src=source, dst=destination, hlim=ttl, fl=path)
    return IP(src=source, dst=destination, ttl=ttl, id=identification(path, ttl), flags=0)


def balanced(build, checksum_of, wanted):
    """The packet whose checksum is the key: the balance is what its sum lacks, in one's complement."""
    missing = (checksum_of(build(0)) - wanted) % 0xffff
    packet = build(missing)
    assert checksum_of(packet) == wanted, "balance does not balance"
    return packet


def udp_probe(version, path, ttl, attempt=0, ends=None, run_id=None):
    run_id = RUN_ID if run_id is None else run_id

    def build(balance):
        payload = tag(path, ttl, attempt, run_id, balance)
        return settled(header(version, path, ttl, ends) / UDP(sport=BASE_PORT + path, dport=BASE_PORT) / Raw(payload))

    return balanced(build, lambda packet: packet[UDP].chksum, key(run_id, path, attempt))


def echo_probe(version, path, ttl, attempt=0, ends=None, run_id=None):
    run_id = RUN_ID if run_id is None else run_id
    echo = ICMPv6EchoRequest if version == 6 else ICMP
    field = "cksum" if version == 6 else "chksum"

    def build(balance):
        payload = tag(path, ttl, attempt, run_id, balance)
        message = echo(id=BASE_PORT + path, seq=identification(path, ttl))
        if version == 6:
            message.data = payload
            return settled(header(version, path, ttl, ends) / message)
        return settled(header(version, path, ttl, ends) / message / Raw(payload))

    return balanced(build, lambda packet: getattr(packet[echo], field), key(run_id, path, 0))


def syn_probe(version, path, ttl, attempt=0, ends=None, run_id=None):
    run_id = RUN_ID if run_id is None else run_id
    sequence = identification(path, ttl) << 16 | key(run_id, path, attempt)
    segment = TCP(sport=BASE_PORT + path, dport=TCP_PORT, seq=sequence, flags="S", window=0xffff,
                  options=[("NOP", None), ("NOP", None), ("Timestamp", (run_id, 0))])
    return settled(header(version, path, ttl, ends) / segment)


PROBES = {"udp": udp_probe, "icmp": echo_probe, "tcp": syn_probe}


def expired(packet):
    """As the last router received it."""
    packet = packet.copy()
    if family(packet) == 6:
        packet.hlim = 1
    else:
        packet.ttl, packet.chksum = 1, None
    return bytes(settled(packet))


def error(packet, responder, type4, type6, quote_len=None):
    quote = expired(packet)[:quote_len]
    if family(packet) == 6:
        message, code = type6
        return settled(IPv6(src=responder, dst=packet.src, hlim=250) / message(code=code) / Raw(quote))
    kind, code = type4
    return settled(IP(src=responder, dst=packet.src, ttl=250) / ICMP(type=kind, code=code) / Raw(quote))


def time_exceeded(packet, responder, quote_len=None):
    return error(packet, responder, (11, 0), (ICMPv6TimeExceeded, 0), quote_len)


def port_unreachable(packet):
    return error(packet, packet.dst, (3, 3), (ICMPv6DestUnreach, 4))


def back(packet):
    """The IP header of an answer to the packet."""
    if family(packet) == 6:
        return IPv6(src=packet.dst, dst=packet.src, hlim=60)
    return IP(src=packet.dst, dst=packet.src, ttl=60, id=0x7777)


def echo_reply(packet):
    if family(packet) == 6:
        request = packet[ICMPv6EchoRequest]
        return settled(back(packet) / ICMPv6EchoReply(id=request.id, seq=request.seq, data=request.data))
    request = packet[ICMP]
    return settled(back(packet) / ICMP(type=0, id=request.id, seq=request.seq) / Raw(request.payload.load))


def tcp_answer(packet, flags=SYN_ACK, echo=RUN_ID):
    syn = packet[TCP]
    options = [] if echo is None else [("Timestamp", (0x55667788, echo)), ("NOP", None), ("NOP", None)]
    segment = TCP(sport=syn.dport, dport=syn.sport, seq=7, ack=(syn.seq + 1) & 0xffffffff, flags=flags, options=options)
    return settled(back(packet) / segment)


ANSWERS = {"udp": port_unreachable, "icmp": echo_reply, "tcp": tcp_answer}


def wire_check(packet):
    """The packet, if its length and transport checksum are those of docs/WIRE.md, by arithmetic of its own."""
    data = bytes(packet)
    head, protocol, addresses = (40, data[6], data[8:40]) if family(packet) == 6 else (20, data[9], data[12:20])
    length = 32 if protocol == 6 else 24
    pseudo = b"" if protocol == 1 else addresses + struct.pack("!HH", protocol, length)
    assert len(data) == head + length and checksum(pseudo + data[head:]) == 0
    return packet
