# SPDX-License-Identifier: GPL-2.0-or-later
"""Send one UDP probe for each (source port, TTL) and print who answered; run inside src of a lab.

Knows nothing of traceflow or of the lab. The sockets are unconnected, so that the kernel's balancer
sees the packet's own 5-tuple; the source port and the UDP length (8 + TTL) come back in the quote.
"""

import json
import select
import socket
import struct
import sys
import time


def send4(destination, port, dport, ttl):
    udp = struct.pack("!HHHH", port, dport, 8 + ttl, 0) + bytes(ttl)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), ttl, 0, ttl, socket.IPPROTO_UDP, 0,
                         bytes(4), socket.inet_aton(destination))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        sender.sendto(header + udp, (destination, 0))


def send6(destination, port, dport, ttl):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.bind(("::", port))
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
        sender.sendto(bytes(ttl), (destination, dport))


def quoted_udp(packet, is_v6):
    """(ICMP type, code, source port, UDP length) of an error that quotes a probe, else None."""
    icmp = packet if is_v6 else packet[(packet[0] & 15) * 4:]
    if icmp[0] not in ((1, 3) if is_v6 else (3, 11)):
        return None
    quote = icmp[8:]
    udp = quote[40:] if is_v6 else quote[(quote[0] & 15) * 4:]
    port, _, length, _ = struct.unpack("!HHHH", udp[:8])
    return icmp[0], icmp[1], port, length


def receive(receiver, wait_s, is_v6, replies, wanted):
    """Gather until all are answered, or nothing came for wait_s."""
    end = time.monotonic() + wait_s
    while sum(map(len, replies.values())) < wanted and (left := end - time.monotonic()) > 0:
        if not select.select([receiver], [], [], left)[0]:
            return
        packet, source = receiver.recvfrom(2048)
        if quoted := quoted_udp(packet, is_v6):
            icmp_type, code, port, length = quoted
            replies.setdefault(port, {})[length - 8] = (source[0], icmp_type, code)
            end = time.monotonic() + wait_s


def main():
    request = json.loads(sys.argv[1])
    destination = request["destination"]
    is_v6 = ":" in destination
    family, protocol = ((socket.AF_INET6, socket.IPPROTO_ICMPV6) if is_v6
                        else (socket.AF_INET, socket.IPPROTO_ICMP))
    receiver = socket.socket(family, socket.SOCK_RAW, protocol)
    receiver.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)     # SO_RCVBUFFORCE
    send = send6 if is_v6 else send4

    for port in request["ports"]:
        for ttl in request["ttls"]:
            send(destination, port, request["dport"], ttl)
    replies = {}
    receive(receiver, request["wait"], is_v6, replies, len(request["ports"]) * len(request["ttls"]))
    print(json.dumps(replies))


if __name__ == "__main__":
    main()
