#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""peer.py dns|ntp|http PORT… serves, until it is killed; peer.py ask-ntp ADDRESS SPORT DPORT asks once."""

import functools
import http.server
import selectors
import socket
import struct
import sys


def dns_answer(question):
    """The same name, at 198.51.100.7."""
    record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 300, 4) + bytes([198, 51, 100, 7])
    end = question.index(b"\0", 12) + 5
    return question[:2] + b"\x85\x80" + struct.pack("!HHHH", 1, 1, 0, 0) + question[12:end] + record


def ntp_answer(question):
    return bytes([0x24, 2, 6, 0xE9]) + bytes(8) + b"GPS\0" + question[40:48] * 4


def serve(answer, ports):
    waiting = selectors.DefaultSelector()
    for port in ports:
        served = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        served.bind(("", port))
        waiting.register(served, selectors.EVENT_READ)
    print("listening", flush=True)
    while True:
        for key, _ in waiting.select():
            data, address = key.fileobj.recvfrom(2048)
            key.fileobj.sendto(answer(data), address)


def serve_http(ports):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.path[0])
    server = http.server.ThreadingHTTPServer(("", ports[0]), handler)
    print("listening", flush=True)
    server.serve_forever()


def ask_ntp(address, sport, dport):
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(1)
    asking.bind(("", sport))
    asking.sendto(b"\x23" + bytes(39) + struct.pack("!Q", 0xEC000000 << 32), (address, dport))
    return len(asking.recv(2048))


def main(what, *words):
    if what == "ask-ntp":
        ask_ntp(words[0], *map(int, words[1:]))
    elif what == "http":
        serve_http(list(map(int, words)))
    else:
        serve({"dns": dns_answer, "ntp": ntp_answer}[what], list(map(int, words)))


main(*sys.argv[1:])
