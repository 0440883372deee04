# SPDX-License-Identifier: GPL-2.0-or-later
"""ICMP errors about a prober's probes, sent from where it is run until standard input ends: blind_forger.py PATHS TTLS.

Knows addresses, ports, and how probes are numbered; not the run ID, so that each key is a guess. Prints "ready", and at
its end how many it has sent.
"""

import random
import select
import socket
import struct
import sys
import time

SRC, DST = "192.0.2.1", "198.51.100.1"
LIAR = "203.0.113.66"
BASE_PORT = 33480
PER_SECOND = 10_000
BATCH = 100                     # sent together: the pace is that of batches


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ((total & 0xFFFF) + (total >> 16)) ^ 0xFFFF


def ip_header(src, dst, protocol, ident, ttl, length):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, ident, 0, ttl, protocol, 0,
                         socket.inet_aton(src), socket.inet_aton(dst))
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:]


def forged(path, ttl, key, liar=LIAR):
    """A whole IP packet: a Time Exceeded that quotes header and 8 bytes of a probe."""
    quote = (ip_header(SRC, DST, 17, path << 8 | ttl, 1, 44)
             + struct.pack("!HHHH", BASE_PORT + path, BASE_PORT, 24, key))
    icmp = struct.pack("!BBHI", 11, 0, 0, 0) + quote
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    return ip_header(liar, SRC, 1, 1, 64, 20 + len(icmp)) + icmp


def guess(rng, paths, ttls):
    return forged(rng.randint(1, paths), rng.randint(1, ttls), rng.randint(1, 0xFFFE))


def main(paths, ttls):
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    rng = random.Random(1)
    begin = time.monotonic()
    sent = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], max(0, begin + sent / PER_SECOND - time.monotonic()))[0]:
        for _ in range(BATCH):
            sender.sendto(guess(rng, paths, ttls), (SRC, 0))
        sent += BATCH
    print(sent)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
