# SPDX-License-Identifier: GPL-2.0-or-later
"""A UDP service on the probes' port: answerer.py echo|hello. Answers each datagram, until it is ended."""

import socket
import sys

service = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
service.bind(("", 33480))
print("ready", flush=True)
while True:
    data, sender = service.recvfrom(2048)
    service.sendto(data if sys.argv[1] == "echo" else b"hello", sender)
