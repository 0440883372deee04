# SPDX-License-Identifier: GPL-2.0-or-later
"""Origins of responders: asked of a DNS server or a database, shown safely, and of nobody where they would tell."""

import json
import sys

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

# Routers with addresses that anybody may ask about, in a network that nothing leaves.
PUBLIC = """[network]
[router near]
address = 10.0.0.1
next = far
[router far]
address = 8.8.4.4
next = dst
[host dst]
address = 8.8.8.8
name = dst.example
"""

# A DNS server on port 5353 that answers TXT questions from a table (name: record), then a command is run. What
# has no row gets no answer where SILENT, else does not exist.
SERVER = """
import json, socket, struct, subprocess, sys, threading
rows, silent, command = json.loads(sys.argv[1]), sys.argv[2] == "silent", sys.argv[3:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5353))

def serve():
    while True:
        query, client = s.recvfrom(4096)
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        question, text = query[12 : at + 5], rows.get(".".join(labels))
        if text is None and silent:
            continue
        header = query[:2] + struct.pack("!HHHHH", 0x8180 if text else 0x8183, 1, 1 if text else 0, 0, 0)
        data = (text or "").encode()
        record = struct.pack("!HHHIHB", 0xC00C, 16, 1, 60, len(data) + 1, len(data)) + data
        s.sendto(header + question + (record if text else b""), client)

threading.Thread(target=serve, daemon=True).start()
sys.exit(subprocess.run(command, timeout=60).returncode)
"""

# The questions that a command puts to the lab's own resolver: names of the DNS in lower case, one a line.
SNIFFER = """
import socket, subprocess, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.bind(("lo", 3))
subprocess.run(sys.argv[1:], timeout=60, stdout=subprocess.DEVNULL, check=True)
s.settimeout(0.2)
try:
    while True:
        packet, address = s.recvfrom(4096)
        udp = packet[(packet[0] & 15) * 4 :]
        if packet[9] != 17 or udp[2:4] != b"\\0\\x35" or address[2] != 4:
            continue
        name, labels = udp[20:], []
        while name[0]:
            labels.append(name[1 : 1 + name[0]].decode().lower())
            name = name[1 + name[0] :]
        print(".".join(labels))
except TimeoutError:
    pass
"""

ROWS = {
    "1.0.0.10.origin.asn.example": "64500 | 10.0.0.0/8 | SE | ripencc | 2001-01-01",
    "AS64500.asn.example": "64500 | SE | ripencc | 2001-01-01 | EXAMPLE-AS - Example, SE",
    "1.3.0.10.origin.asn.example": "64501 | 10.0.3.0/24 | SE | ripencc | 2001-01-01",
    "AS64501.asn.example": "64501 | | | | \x1b]0;owned\x07\u202e\x9b2J",
    "1.100.51.198.origin.asn.example": "4294967296 | 198.51.100.0/24 | | |",
}
OWN_SERVER = ["--asn", "--asn-server", "127.0.0.1:5353", "--asn-zone", "asn.example", "-n", "--paths", "2"]


@pytest.fixture(scope="module")
def traced(traceflow_lab, traceflow_path):
    """traced(rows, *args): standard output of traceflow in the diamond, beside a server with these rows."""
    binary = traceflow_lab.readable(traceflow_path)

    def run(rows, *args, manner="honest"):
        server = [sys.executable, "-c", SERVER, json.dumps(rows), manner]
        return traceflow_lab.output("diamond", *server, binary, *args, "dst.example")

    return run


def asns(document):
    """The origin of each responder, by its address."""
    nodes = json.loads(document)["traces"][0]["nodes"]
    return {node["address"]: node["asn"] for node in nodes}


def test_the_table_shows_numbers(traced):
    table = traced(ROWS, "-4", *OWN_SERVER)
    assert "10.0.0.1 [AS64500]" in table and "10.0.3.1 [AS64501]" in table
    assert "198.51.100.1 [" not in table  # a number beyond 32 bits is none


def test_json_has_number_prefix_and_name(traced):
    found = asns(traced(ROWS, "-4", *OWN_SERVER, "--format", "json"))
    assert found["10.0.0.1"] == {"number": 64500, "prefix": "10.0.0.0/8", "name": "EXAMPLE-AS - Example, SE"}
    assert found["198.51.100.1"] is None and found["10.0.1.1"] is None


def test_hostile_names_are_harmless(traced):
    document = traced(ROWS, "-4", *OWN_SERVER, "--format", "json")
    assert asns(document)["10.0.3.1"]["name"] == "?]0;owned???2J"
    assert all(character == "\n" or 32 <= ord(character) < 127 for character in document)


def test_ipv6_is_asked_by_nibbles(traced):
    rows = {"1" + ".0" * 15 + ".1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6.asn.example": "64502 | 2001:db8:0:1::/64 | |"}
    found = asns(traced(rows, "-6", *OWN_SERVER, "--format", "json"))
    assert found["2001:db8:0:1::1"] == {"number": 64502, "prefix": "2001:db8:0:1::/64", "name": None}


def test_a_silent_server_costs_no_hop(traced):
    table = traced({}, "-4", *OWN_SERVER, manner="silent")
    assert "10.0.0.1" in table and "198.51.100.1" in table and "[AS" not in table


def test_private_addresses_are_not_asked_for(traceflow_lab, traceflow_path):
    """The lab's resolver is the system's there; the public addresses prove that the sniffer sees what is asked."""
    binary = traceflow_lab.readable(traceflow_path)
    command = [sys.executable, "-c", SNIFFER, binary, "--asn", "-n", "--paths", "1", "8.8.8.8"]
    names = traceflow_lab.output(PUBLIC, *command).split()
    assert {"4.4.8.8.origin.asn.cymru.com", "8.8.8.8.origin.asn.cymru.com"} <= set(names)
    assert not [name for name in names if name.startswith("1.0.0.10.")]


@pytest.mark.parametrize("name", ["/nonexistent.mmdb", "/dev/null", "/etc/passwd"])
def test_no_database(traceflow_lab, traceflow_path, name):
    binary = traceflow_lab.readable(traceflow_path)
    done = traceflow_lab.run("diamond", binary, "--asn-db", name, "-n", "dst.example")
    assert done.returncode == 4 and done.stdout == ""
    assert name in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [["--asn-server", "ns.example"], ["--asn-zone", "a..b"], ["--asn-db", "/dev/null", "--asn-server", "127.0.0.1"]],
)
def test_wrong_usage(traceflow_lab, traceflow_path, options):
    binary = traceflow_lab.readable(traceflow_path)
    done = traceflow_lab.run("diamond", binary, *options, "-n", "dst.example")
    assert done.returncode == 2 and done.stdout == ""
    assert options[1] in done.stderr and done.stderr.count("\n") == 1
