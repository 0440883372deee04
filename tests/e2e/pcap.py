# SPDX-License-Identifier: GPL-2.0-or-later
"""Classic pcap files read by hand, without the project's own reader."""

import struct


def ip_packets(pcap):
    """Every IP packet of a classic pcap file of Ethernet frames."""
    data = pcap.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at < len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16 + 14 : at + 16 + length]
        at += 16 + length
