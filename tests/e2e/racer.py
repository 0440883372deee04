# SPDX-License-Identifier: GPL-2.0-or-later
"""A liar who sees each probe leave, and answers first, while a command runs:

    racer.py VERSION PROTOCOL "a router"|"the destination" COMMAND…

Lies about path 1 at TTL 2, by way of the loopback.
"""

import socket
import struct
import subprocess
import sys
import threading

import spoofer

ETH_P_ALL = 3                   # the only one that sees what goes out


def cell_and_key(packet, version, protocol):
    """(path, TTL, key) of a probe, None of any other packet."""
    head = 40 if version == 6 else 20
    if len(packet) < head + 24 or packet[0] >> 4 != version:
        return None
    number = spoofer.PROTOCOL.get(protocol, spoofer.ICMP[version])
    if packet[6 if version == 6 else 9] != number:
        return None
    port, second, third, fourth = struct.unpack("!HHHH", packet[head : head + 8])
    ttl = packet[7 if version == 6 else 8]
    if protocol == "icmp":
        return (third - spoofer.BASE_PORT, ttl, second) if packet[head] == spoofer.ECHO[version] else None
    return port - spoofer.BASE_PORT, ttl, fourth


def lie(version, protocol, kind, packet):
    """The quote is as long as routers of that version make it at least."""
    cell = cell_and_key(packet, version, protocol)
    if cell is None or cell[:2] != (1, 2):
        return None
    quote = packet if version == 6 else packet[:28]
    if kind == "a router":
        return spoofer.error(version, spoofer.LIAR[version], spoofer.TIME_EXCEEDED, quote)
    if protocol == "udp":
        return spoofer.error(version, spoofer.DST[version], spoofer.PORT_UNREACHABLE, quote)
    if protocol == "icmp":
        return spoofer.echo_reply(version, packet[(40 if version == 6 else 20) :])
    return spoofer.answer(version, protocol, *cell)


def race(version, protocol, kind, sniffer):
    sender = socket.socket(spoofer.FAMILY[version], socket.SOCK_RAW, socket.IPPROTO_RAW)
    while True:
        packet, source = sniffer.recvfrom(2048)
        is_own = source[2] == socket.PACKET_OUTGOING and source[0] != "lo"
        if is_own and (forged := lie(version, protocol, kind, packet)):
            sender.sendto(forged, (spoofer.SRC[version], 0))


def main(version, protocol, kind, *command):
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    threading.Thread(target=race, args=(version, protocol, kind, sniffer), daemon=True).start()
    return subprocess.run(command).returncode


sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
