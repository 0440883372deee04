# SPDX-License-Identifier: GPL-2.0-or-later
"""Random packets that come as near to ours as chance will have it: UDP, and ICMP errors that quote UDP, echo and TCP.

Ports lie around the bases, UDP lengths and total lengths are those of probes half of the time, the rest is random.
Bytes only, and no library that makes packets: a million are written in seconds. One seed is one file.
"""

import random
import struct

from foreign.rawfile import write_packets

BASES = (33480, 33452)
NEAR = 300                                              # how far from a base a port may lie
TIME_EXCEEDED, UNREACHABLE = {4: 11, 6: 3}, {4: 3, 6: 1}
UDP, TCP, ICMP, ICMPV6 = 17, 6, 1, 58
OURS = {UDP: 24, TCP: 32, ICMP: 24}                     # bytes of a probe behind its IP header
ADDRESSES = {4: [bytes([198, 51, 100, n]) for n in range(1, 9)],
             6: [bytes.fromhex("20010db8") + bytes(11) + bytes([n]) for n in range(1, 9)]}


def port(rng):
    base = BASES[rng.random() < 0.5]
    return base if rng.random() < 0.3 else base + rng.randint(-NEAR, NEAR)


def udp(rng):
    """Half of the time as long as a probe, and with the original's digits as often as not."""
    length = OURS[UDP] if rng.random() < 0.5 else rng.choice((8, 18, 20, 32, 60, rng.randrange(8, 80)))
    digits = length == 18 and rng.random() < 0.5
    payload = b"%010d" % rng.randrange(10**10) if digits else rng.randbytes(length - 8)
    return struct.pack("!HHH", port(rng), port(rng), length) + rng.randbytes(2) + payload


def tcp(rng):
    """A SYN of any length and options."""
    length = OURS[TCP] if rng.random() < 0.5 else 20 + 4 * rng.randrange(10)
    return (struct.pack("!HH", port(rng), rng.choice((port(rng), 443))) + rng.randbytes(4) + bytes(4)
            + bytes([length << 2, 2]) + rng.randbytes(6 + length - 20))


def echo(rng):
    length = OURS[ICMP] if rng.random() < 0.5 else rng.randrange(8, 80)
    return b"\x08\0" + rng.randbytes(2) + struct.pack("!H", port(rng)) + rng.randbytes(length - 6)


def ip(rng, version, protocol, payload, ttl):
    src, dst = rng.choice(ADDRESSES[version]), rng.choice(ADDRESSES[version])
    if version == 6:
        label = rng.randrange(1 << 20) if rng.random() < 0.5 else rng.randrange(1, NEAR)
        return struct.pack("!IHBB", 6 << 28 | label, len(payload), protocol, ttl) + src + dst + payload
    flags = 0x4000 if rng.random() < 0.5 else 0
    return (struct.pack("!BBH", 0x45, 0, 20 + len(payload)) + rng.randbytes(2) + struct.pack("!HBBH", flags, ttl, protocol, 0)
            + src + dst + payload)


def ttl(rng):
    """Of a quote: what remains is 1 more often than not."""
    return rng.choice((0, 1, 1, 1, 1, 1, rng.randrange(256), rng.randrange(64)))


def stranger(rng, version):
    """A packet of some protocol of ours, as it is quoted or as it goes by."""
    kind = rng.random()
    if kind < 0.8:
        return ip(rng, version, UDP, udp(rng), ttl(rng))
    if kind < 0.9:
        return ip(rng, version, TCP, tcp(rng), ttl(rng))
    return ip(rng, version, ICMP if version == 4 else ICMPV6, (b"\x08" if version == 4 else b"\x80") + echo(rng)[1:], ttl(rng))


def error(rng, version):
    """An ICMP error; of its quote comes back what RFC 792 promises, or all, or any part."""
    quote = stranger(rng, version)
    least = 28 if version == 4 else 48
    quote = quote[:rng.choice((least, least, len(quote), rng.randrange(least, len(quote) + 1)))]
    kind = bytes([TIME_EXCEEDED[version], 0]) if rng.random() < 0.7 else bytes([UNREACHABLE[version], rng.randrange(5)])
    body = kind + rng.randbytes(2) + bytes(4) + quote
    return ip(rng, version, ICMP if version == 4 else ICMPV6, body, rng.randrange(256))


def packets(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        version = 4 if rng.random() < 0.7 else 6
        yield error(rng, version) if rng.random() < 0.6 else stranger(rng, version)


def write(path, count, seed):
    write_packets(path, packets(count, seed))
