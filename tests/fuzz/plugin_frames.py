# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames of captures as Python lists, and what chance, routers and liars make of them."""

import dataclasses
import struct
import subprocess

S = 1_000_000_000                                       # nanoseconds
ETHERNET, RAW, IPV4, IPV6, SLL, SLL2 = 1, 101, 228, 229, 113, 276
NSEC_MAGIC = 0xA1B23C4D
ICMP, ICMPV6 = 1, 58
ICMP_ERRORS = (3, 4, 5, 11, 12)

# What decoders compare with: lengths, limits, base ports, the key that replaces 0.
TELLING_BYTES = (0, 1, 4, 5, 6, 8, 17, 28, 0x45, 0x46, 0x4F, 0x60, 0x7F, 0x80, 0xFF)
TELLING_WORDS = (0, 1, 18, 24, 28, 44, 128, 0x0101, 0x2000, 0x5354, 0x7FFF, 0x8000, 0xFFFF,
                 443, 33452, 33453, 33480, 33481, 33482)


@dataclasses.dataclass(frozen=True)
class Frame:
    time_ns: int
    linktype: int
    data: bytes


def read(path, scratch):
    """The frames of a capture file; none of one that has several link layers."""
    plain = scratch / "plain.pcap"
    done = subprocess.run(["editcap", "-F", "nsecpcap", path, plain], capture_output=True, timeout=60)
    if done.returncode != 0:
        return []
    data = plain.read_bytes()
    order = "<" if struct.unpack_from("<I", data)[0] == NSEC_MAGIC else ">"
    linktype = struct.unpack_from(order + "I", data, 20)[0]
    frames, at = [], 24
    while at < len(data):
        seconds, rest_ns, length, _ = struct.unpack_from(order + "IIII", data, at)
        frames.append(Frame(seconds * S + rest_ns, linktype, data[at + 16:at + 16 + length]))
        at += 16 + length
    return frames


def write(path, frames):
    """All frames in one file: they have one link layer."""
    out = [struct.pack("<IHHiIII", NSEC_MAGIC, 2, 4, 0, 0, 262144, frames[0].linktype if frames else ETHERNET)]
    for frame in frames:
        seconds, rest_ns = divmod(max(frame.time_ns, 0), S)
        out += [struct.pack("<IIII", seconds & 0xFFFFFFFF, rest_ns, len(frame.data), len(frame.data)), frame.data]
    path.write_bytes(b"".join(out))


def ip_at(frame):
    """Where the IP header begins, or None."""
    data = frame.data
    if frame.linktype in (RAW, IPV4, IPV6):
        return 0
    at, type_at = {ETHERNET: (14, 12), SLL: (16, 14), SLL2: (20, 0)}.get(frame.linktype, (None, None))
    if at is None or len(data) < at:
        return None
    if data[type_at:type_at + 2] == b"\x81\x00":
        at += 4
    return at if len(data) > at + 20 and data[at] >> 4 in (4, 6) else None


def quote_at(frame):
    """Where the quote of an ICMP error begins, or None."""
    at = ip_at(frame)
    if at is None:
        return None
    data = frame.data
    if data[at] >> 4 == 4:
        icmp, protocol, errors = at + (data[at] & 15) * 4, data[at + 9], ICMP_ERRORS
    else:
        icmp, protocol, errors = at + 40, data[at + 6], range(1, 128)
    if len(data) < icmp + 28 or protocol != (ICMP if data[at] >> 4 == 4 else ICMPV6) or data[icmp] not in errors:
        return None
    return icmp + 8


# --- one frame -------------------------------------------------------------------------------------

def flip_bit(rng, data, start):
    data[rng.randrange(start, len(data))] ^= 1 << rng.randrange(8)


def set_byte(rng, data, start):
    data[rng.randrange(start, len(data))] = rng.choice(TELLING_BYTES)


def set_word(rng, data, start):
    at = start + (rng.randrange(len(data) - start) & ~1)
    data[at:at + 2] = struct.pack("!H", rng.choice(TELLING_WORDS))[:len(data) - at]


def swap_words(rng, data, start):
    a, b = (start + (rng.randrange(len(data) - start) & ~1) for _ in range(2))
    data[a:a + 2], data[b:b + 2] = data[b:b + 2], data[a:a + 2]


def cut(rng, data, start):
    del data[rng.randrange(start + 1, len(data) + 1):]


def remove(rng, data, start):
    at = rng.randrange(start, len(data))
    del data[at:at + rng.choice((1, 2, 4, 8, 16))]


def insert(rng, data, start):
    at = rng.randrange(start, len(data))
    data[at:at] = rng.randbytes(rng.choice((1, 2, 4, 8, 40)))


def append(rng, data, _):
    """Among others what may be an extension: a header, objects of any length (RFC 4884)."""
    objects = b"".join(struct.pack("!HBB", rng.choice((0, 3, 4, 5, 8, 12, 0xFFFF)), rng.choice((1, 2, 3, 5)),
                                   rng.randrange(4)) + rng.randbytes(rng.choice((0, 4, 8))) for _ in range(4))
    data += bytes(rng.choice((0, 84, 100))) + b"\x20\0\0\0" + objects


OF_A_FRAME = (flip_bit, set_byte, set_word, set_word, swap_words, cut, remove, insert, append)


def mutant(rng, frame):
    """The frame spoilt in one to four places, for the most part within the quote if it has one."""
    data = bytearray(frame.data)
    start = quote_at(frame) if rng.random() < 0.8 else ip_at(frame)
    start = start or 0
    for _ in range(rng.randint(1, 4)):
        if len(data) > start + 1:
            rng.choice(OF_A_FRAME)(rng, data, start)
    return dataclasses.replace(frame, data=bytes(data))


def envelopes(rng, version):
    """(EtherType or None, bytes) of what may stand between a link layer and IP."""
    inner = 0x0800 if version == 4 else 0x86DD
    tail = struct.pack("!H", inner)
    protocol = 4 if version == 4 else 41
    address = rng.randbytes(4)
    ip4 = struct.pack("!BBHHHBBH4s4s", 0x45, 0, rng.randrange(1 << 16), 7, 0, 9, protocol, 0, address, address)
    gre = ip4[:9] + b"\x2f" + ip4[10:] + struct.pack("!H", rng.choice((0, 0x2000, 0x8000, 0xB000, 1)))
    extension = bytes([6 << 4]) + bytes(3) + struct.pack("!HBB", 2000, 0, 9) + bytes(32)
    yield 0x8100, b"\x00\x64" + tail
    yield 0x88A8, b"\x00\x64\x81\x00" + bytes(2) + tail
    yield 0x8847, struct.pack("!II", 16 << 12 | 9, 17 << 12 | 0x1FF)
    yield 0x8864, struct.pack("!BBHHH", 0x11, 0, 1, rng.randrange(1500), 0x21 if version == 4 else 0x57)
    yield 0x0800, ip4
    yield 0x0800, gre + tail + rng.randbytes(rng.choice((0, 4, 8, 12)))
    yield 0x86DD, extension + bytes([protocol, rng.randrange(4)]) + rng.randbytes(6)


def wrapped(rng, frame):
    """An Ethernet frame with one to three more headers before IP, which may lie about their lengths."""
    at = ip_at(frame)
    if frame.linktype != ETHERNET or at is None:
        return mutant(rng, frame)
    inside = frame.data[at:]
    ether_type = 0x0800 if inside[0] >> 4 == 4 else 0x86DD
    for _ in range(rng.randint(1, 3)):
        version = 6 if ether_type == 0x86DD else 4
        ether_type, envelope = rng.choice(list(envelopes(rng, version)))
        inside = envelope + inside
    return dataclasses.replace(frame, data=frame.data[:12] + struct.pack("!H", ether_type) + inside)
