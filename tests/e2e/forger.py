# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile ICMP, sent from where it is run until standard input ends. Each packet is wrong in a way of its own.

Knows addresses and ports of the prober, but neither its run ID nor what is in flight. Prints "ready".
"""

import random
import select
import socket
import struct
import sys
import time

import stockholm

SRC, DST = "192.0.2.1", "198.51.100.1"
LIAR = "203.0.113.66"
PER_SECOND = 2000


def ip_header():
    """From the liar to the prober; the kernel fills in length and checksum."""
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 1, 0, 64, 1, 0, socket.inet_aton(LIAR), socket.inet_aton(SRC))


def icmp_of(packet):
    return bytes(packet)[20:]


def lies(rng):
    """One ICMP message after another, without end."""
    while True:
        path, ttl, attempt = rng.randint(1, 20), rng.randint(1, 30), rng.randint(0, 2)
        probe = stockholm.probe(SRC, DST, path, ttl, attempt, run_id=rng.getrandbits(32))
        yield icmp_of(stockholm.time_exceeded(probe, LIAR))  # a run of the forger's own, whole
        yield icmp_of(stockholm.port_unreachable(probe, LIAR, quote_len=28))  # ports right, key a guess
        yield icmp_of(stockholm.time_exceeded(probe, LIAR, quote_len=28, mangle=rng.choice(["zero", "swap", "plus1"])))
        whole = bytearray(icmp_of(stockholm.time_exceeded(probe, LIAR, mpls=[(16, 0, 1, 1)] * rng.randint(1, 40))))
        yield bytes(whole[: rng.randint(0, len(whole))])  # cut anywhere
        for _ in range(rng.randint(1, 8)):
            whole[rng.randrange(len(whole))] = rng.getrandbits(8)
        yield bytes(whole)  # bytes flipped, extensions among them
        yield bytes([rng.choice([3, 11, 12, 4]), 0]) + rng.randbytes(rng.randint(0, 600))
        yield bytes([11, 0, 0, 0, 0, 255, 0, 0, 0x4F]) + rng.randbytes(30)  # header lengths that lie


def main():
    sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    messages = lies(random.Random(1))
    begin = time.monotonic()
    sent = 0
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], max(0, begin + sent / PER_SECOND - time.monotonic()))[0]:
        sender.sendto(ip_header() + next(messages), (SRC, 0))
        sent += 1


main()
