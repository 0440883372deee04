# SPDX-License-Identifier: GPL-2.0-or-later
"""IP packets, written as a classic pcap file, a millisecond after each other."""

import struct

LINKTYPE_RAW = 101
START = 1735689600


def write_packets(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKTYPE_RAW))
        for number, packet in enumerate(packets):
            head = struct.pack("<IIII", START + number // 1000, number % 1000 * 1000, len(packet), len(packet))
            out.write(head + packet)
