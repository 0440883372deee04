# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers that nobody gave, to a prober who is somebody else's: packets, and a program that sends them.

    spoofer.py VERSION PROTOCOL PATHS TTLS

Knows addresses, ports, and how probes are numbered; the run ID it does not know, so each key is a guess. Sends from
where it is run, until standard input ends: PER_SECOND Time Exceeded of a LIAR (about IP header and 8 bytes), and a
tenth of that from the destination's address (UDP datagrams, echo replies, SYN/ACKs and resets). Prints "ready", and at
its end how many errors it has sent.
"""

import random
import select
import socket
import struct
import sys
import time

SRC = {4: "192.0.2.1", 6: "2001:db8:a::1"}
DST = {4: "198.51.100.1", 6: "2001:db8:d::1"}
LIAR = {4: "203.0.113.66", 6: "2001:db8:66::66"}
BASE_PORT, TCP_PORT = 33480, 443
FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
ICMP = {4: 1, 6: 58}
PROTOCOL = {"udp": 17, "tcp": 6}
TIME_EXCEEDED, PORT_UNREACHABLE = {4: (11, 0), 6: (3, 0)}, {4: (3, 3), 6: (1, 4)}
ECHO, ECHO_REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}
SYN_ACK, RST_ACK = 0x12, 0x14
PER_SECOND = 10_000
BATCH = 100                     # sent together: the pace is that of batches


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def packed(version, address):
    return socket.inet_pton(FAMILY[version], address)


def ip(version, source, destination, protocol, ttl, payload, ident=1):
    """A whole packet; the payload's checksum is its own affair."""
    ends = packed(version, source) + packed(version, destination)
    if version == 6:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + ends + payload
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, 0, ttl, protocol, 0) + ends
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def with_checksum(version, source, destination, protocol, segment, at):
    pseudo = b""
    if protocol != ICMP[4]:
        pseudo = packed(version, source) + packed(version, destination) + struct.pack("!II", len(segment), protocol)
    return segment[:at] + struct.pack("!H", checksum(pseudo + segment)) + segment[at + 2 :]


def icmp(version, source, destination, type_and_code, body):
    message = with_checksum(version, source, destination, ICMP[version], bytes([*type_and_code, 0, 0]) + body, 2)
    return ip(version, source, destination, ICMP[version], 60, message)


def probe_head(version, protocol, path, ttl, key):
    """IP header and 8 bytes of a probe as a router quotes it."""
    port, probe_id = BASE_PORT + path, (path & 0xFF) << 8 | ttl
    if protocol == "udp":
        head, length = struct.pack("!HHHH", port, BASE_PORT, 24, key), 24
    elif protocol == "icmp":
        head, length = struct.pack("!BBHHH", ECHO[version], 0, key, port, probe_id), 24
    else:
        head, length = struct.pack("!HHHH", port, TCP_PORT, probe_id, key), 32
    whole = ip(version, SRC[version], DST[version], PROTOCOL.get(protocol, ICMP[version]), 1, head.ljust(length, b"\0"),
               probe_id)
    quoted = bytearray(whole[: (40 if version == 6 else 20) + 8])
    if version == 6:
        quoted[1:4] = path.to_bytes(3, "big")   # the flow label
    return bytes(quoted)


def error(version, source, what, quote):
    return icmp(version, source, SRC[version], what[version], bytes(4) + quote)


def echo_reply(version, request_segment):
    """To an echo request: all of it but for the type, and the checksum with it."""
    reply = bytes([ECHO_REPLY[version], 0]) + request_segment[2:]
    reply = with_checksum(version, DST[version], SRC[version], ICMP[version], reply[:2] + b"\0\0" + reply[4:], 2)
    return ip(version, DST[version], SRC[version], ICMP[version], 60, reply)


def datagram(version, path, payload):
    head = struct.pack("!HHHH", BASE_PORT, BASE_PORT + path, 8 + len(payload), 0)
    whole = with_checksum(version, DST[version], SRC[version], 17, head + payload, 6)
    return ip(version, DST[version], SRC[version], 17, 60, whole)


def segment(version, path, acknowledged, flags):
    head = struct.pack("!HHIIBBHHH", TCP_PORT, BASE_PORT + path, 7, (acknowledged + 1) & 0xFFFFFFFF, 0x50, flags, 1024, 0, 0)
    whole = with_checksum(version, DST[version], SRC[version], 6, head, 16)
    return ip(version, DST[version], SRC[version], 6, 60, whole)


def answer(version, protocol, path, ttl, key):
    """From the destination's own address, by one who guesses the key, and of the tag the run ID."""
    probe_id = (path & 0xFF) << 8 | ttl
    tag = struct.pack("!4sBBHIHH", b"TFLW", 1, 0, path, random.getrandbits(32), probe_id, 0)
    if protocol == "udp":
        return datagram(version, path, tag)
    if protocol == "tcp":
        return segment(version, path, probe_id << 16 | key, random.choice((SYN_ACK, RST_ACK)))
    return echo_reply(version, struct.pack("!BBHHH", ECHO[version], 0, 0, BASE_PORT + path, probe_id) + tag)


def guess(rng, version, protocol, paths, ttls, kind):
    cell = rng.randint(1, paths), rng.randint(1, ttls), rng.randint(1, 0xFFFE)
    if kind == "error":
        return error(version, LIAR[version], TIME_EXCEEDED, probe_head(version, protocol, *cell))
    return answer(version, protocol, *cell)


def main(version, protocol, paths, ttls):
    sender = socket.socket(FAMILY[version], socket.SOCK_RAW, socket.IPPROTO_RAW)
    rng = random.Random(1)
    begin = time.monotonic()
    sent = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], max(0, begin + sent / PER_SECOND - time.monotonic()))[0]:
        for kind in ["error"] * BATCH + ["answer"] * (BATCH // 10):
            sender.sendto(guess(rng, version, protocol, paths, ttls, kind), (SRC[version], 0))
        sent += BATCH
    print(sent)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
