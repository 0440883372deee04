# SPDX-License-Identifier: GPL-2.0-or-later
"""A label switching router with a loop in it: label_router.py DEVICE ADDRESS. Every labelled packet's TTL expires
there, and the error goes back with the labels as they came (RFC 4950)."""

import struct
import sys

from scapy.all import ETH_P_ALL, ICMP, IP, Ether, conf

import stockholm

MPLS, TIME_EXCEEDED = 0x8847, 11
QUOTE_LEN = stockholm.RFC4884_MIN_QUOTE

device, address = sys.argv[1:]
link = conf.L2socket(iface=device, type=ETH_P_ALL)
print("ready", flush=True)
while True:
    _, frame, _ = link.recv_raw()
    if frame is None or struct.unpack_from("!H", frame, 12)[0] != MPLS:
        continue
    end = 14
    while not frame[end + 2] & 1:
        end += 4
    stack, packet = frame[14:end + 4], IP(frame[end + 4:])
    labels = struct.pack("!HBB", 4 + len(stack), 1, 1) + stack
    structure = struct.pack("!BBH", 0x20, 0, 0) + labels
    structure = structure[:2] + struct.pack("!H", stockholm.checksum(structure)) + structure[4:]
    quote = bytes(packet).ljust(QUOTE_LEN, b"\0")
    error = ICMP(type=TIME_EXCEEDED, code=0, length=QUOTE_LEN // 4)
    link.send(Ether(src=frame[:6], dst=frame[6:12]) / IP(src=address, dst=packet.src) / error / (quote + structure))
