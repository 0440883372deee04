# SPDX-License-Identifier: GPL-2.0-or-later
"""traceflow-lab: packets that the kernel sends, or gets back, in fragments."""

import json
import sys

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab
DST = {4: "198.51.100.1", 6: "2001:db8:d::1"}
ECHO_PORT = 7

# Requests of SIZE bytes, one after the other: for each the milliseconds, or null if nothing came within three seconds,
# or "too big" if the kernel knows that (EMSGSIZE). A reply of other data ends it.
ASK = """
import errno, json, os, socket, sys, time
kind, address, size, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
six = ":" in address
protocol = {"udp": socket.IPPROTO_UDP, "echo": socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP}[kind]
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM, protocol)
if "df" in sys.argv:
    s.setsockopt(socket.IPPROTO_IP, 10, 2)   # IP_MTU_DISCOVER: IP_PMTUDISC_DO
s.connect((address, 7))
s.settimeout(3)
said = []
for i in range(count):
    data = os.urandom(size)
    header = bytes([128 if six else 8, 0, 0, 0, 0, 0, 0, i]) if kind == "echo" else b""
    begin = time.perf_counter()
    try:
        s.send(header + data)
        reply = s.recv(65536)
        assert reply[len(header):] == data, f"{len(reply)} bytes, and not the same"
        said.append((time.perf_counter() - begin) * 1000)
    except TimeoutError:
        said.append(None)
    except OSError as error:
        if error.errno != errno.EMSGSIZE:
            raise
        said.append("too big")
print(json.dumps(said))
"""

OPEN = """[network]
[router r]
address = 10.0.0.1, 2001:db8::1
next = dst
[host dst]
address = 198.51.100.1, 2001:db8:d::1
udp-open = 7
"""
NAT = OPEN.replace("next = dst\n", "next = dst\nnat-source = 203.0.113.7\nnat-ports = random\n")


def ask(traceflow_lab, topology, *args):
    """What ASK says."""
    return json.loads(traceflow_lab.output(topology, sys.executable, "-c", ASK, *args))


def answered(said):
    return [isinstance(one, float) for one in said]


@pytest.mark.parametrize("kind, size", [("echo", 4000), ("echo", 9000), ("udp", 3000)])
@pytest.mark.parametrize("version", [4, 6])
def test_what_is_larger_than_the_link_comes_back_whole(traceflow_lab, version, kind, size):
    said = ask(traceflow_lab, OPEN, kind, DST[version], size, 5)
    assert answered(said) == [True] * 5, said


@pytest.mark.parametrize("kind, size", [("echo", 4000), ("udp", 3000)])
def test_behind_a_translator_of_ports(traceflow_lab, kind, size):
    said = ask(traceflow_lab, NAT, kind, DST[4], size, 3)
    assert answered(said) == [True] * 3, said


@pytest.mark.parametrize("version", [4, 6])
def test_a_path_mtu_that_the_kernel_learns(traceflow_lab, version):
    """1500 bytes, then 1400, then 1280: a router tells it, twice, and then the kernel makes fragments that fit."""
    said = ask(traceflow_lab, "path-mtu", "echo", DST[version], 1430, 5)
    assert answered(said)[2:] == [True] * 3, said
    assert answered(said)[:1] == [False], said


def test_fragments_on_the_wire_fit_the_path(traceflow_lab):
    """What comes back through a link of 1280 bytes is no larger."""
    script = f"""
import json, socket, subprocess, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
s.settimeout(1)
subprocess.run([sys.executable, "-c", {ASK!r}, "echo", {DST[4]!r}, "4000", "1"], stdout=subprocess.DEVNULL, check=True)
lengths = []
try:
    while True:
        packet, where = s.recvfrom(65536)
        if where[2] == socket.PACKET_HOST and where[0] != "lo":
            lengths.append((int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[6:8], "big")))
except TimeoutError:
    print(json.dumps(lengths))
"""
    lengths = json.loads(traceflow_lab.output("path-mtu", sys.executable, "-c", script))
    # 4008 bytes of ICMP: 1256 + 1256 + 1256 + 240; more follow (0x2000) but for the last
    assert [length for length, _ in lengths] == [1276, 1276, 1276, 260], lengths
    assert [flags for _, flags in lengths] == [0x2000, 0x2000 + 157, 0x2000 + 314, 471]
