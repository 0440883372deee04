# SPDX-License-Identifier: GPL-2.0-or-later
"""What the prober puts on the wire, as the next hop gets it: every byte of it made a second time by Scapy."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from scapy.all import ICMP, IP, TCP, UDP, Ether, ICMPv6EchoRequest, IPv6, PcapReader, Raw
from scapy.contrib.mpls import MPLS    # noqa: F401  (decodes labelled frames)

import stockholm
from lab import why_not
from wire import BEYOND, DEVICE, FAR, FAR_LINK_LOCAL, FAR_MAC, NEAR, Wire

REASON = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

LABEL_ROUTER = Path(__file__).with_name("label_router.py")
BASE = 33480
TTLS = {1, 2, 3}
VERSIONS = (4, 6)
PROTOCOLS = ("udp", "icmp", "tcp")
QUICK = ("-n", "--paths", 2, "--ttl", max(TTLS), "--attempts", 1, "--timeout", 0.2)

# From one TTL of a path to the next, these bytes may differ and no others (docs/WIRE.md).
IP_VARIES = {4: {4, 5, 8, 10, 11}, 6: {7}}
SEGMENT_VARIES = {"udp": {20, 21, 22, 23}, "icmp": {6, 7, 20, 21, 22, 23}, "tcp": {4, 5, 16, 17}}


@pytest.fixture(scope="module")
def wire():
    with Wire() as made:
        yield made


def is_probe(packet):
    """Not the kernel's own: neighbour discovery, pings, and what provokes them."""
    return (UDP in packet and packet[UDP].sport in range(BASE + 1, BASE + 256)
            or ICMP in packet and packet[ICMP].type == 8 and len(packet[ICMP].payload) == stockholm.TAG_LEN
            or ICMPv6EchoRequest in packet and len(packet[ICMPv6EchoRequest].data) == stockholm.TAG_LEN
            or TCP in packet and packet[TCP].flags == "S")


def probes_in(path):
    """Frames that hold probes; not those of the far end, which quote them."""
    return [frame for frame in PcapReader(str(path)) if frame[Ether].src != FAR_MAC and is_probe(frame)]


def send(wire, tmp_path, traceflow_path, *args):
    done, capture = wire.captured(tmp_path, traceflow_path, *QUICK, *args)
    assert done.returncode in (0, 1), done.stderr
    return capture


def ip_of(frame):
    """The IP packet of a frame, labels or not, without padding."""
    ip = frame[IPv6] if IPv6 in frame else frame[IP]
    return bytes(ip)[: ip.plen + 40 if IPv6 in frame else ip.len]


def path_and_ttl(packet, protocol):
    ttl = packet[IPv6].hlim if IPv6 in packet else packet[IP].ttl
    if protocol == "icmp":
        echo = packet[ICMPv6EchoRequest] if IPv6 in packet else packet[ICMP]
        return echo.id - BASE, ttl
    return packet[UDP if protocol == "udp" else TCP].sport - BASE, ttl


def run_id_of(packet, protocol):
    if protocol == "tcp":
        return dict(packet[TCP].options)["Timestamp"][0]
    return struct.unpack("!I", ip_of(packet)[-8:-4])[0]


def balanced(build, key):
    """A packet whose checksum, which is right, is the key: build(the payload's last two bytes)."""
    _, checksum = build(b"\0\0")
    whole, checksum = build(struct.pack("!H", stockholm.ones_sum(struct.pack("!HH", checksum, key ^ 0xffff))))
    assert checksum == key
    return whole


def segment(version, protocol, path, ttl, run_id):
    """What stands behind the IP header, but for a payload."""
    ident = stockholm.identification(path, ttl)
    if protocol == "udp":
        return UDP(sport=BASE + path, dport=BASE)
    if protocol == "icmp":
        return ICMP(id=BASE + path, seq=ident) if version == 4 else ICMPv6EchoRequest(id=BASE + path, seq=ident)
    return TCP(sport=BASE + path, dport=443, flags="S", window=65535, seq=ident << 16 | stockholm.key(run_id, path),
               options=[("NOP", None), ("NOP", None), ("Timestamp", (run_id, 0))])


def expected(version, protocol, path, ttl, run_id, src, dst):
    """A probe of attempt 0, made by Scapy."""
    if version == 4:
        ip = IP(src=src, dst=dst, ttl=ttl, id=stockholm.identification(path, ttl))
    else:
        ip = IPv6(src=src, dst=dst, hlim=ttl, fl=path)
    head = ip / segment(version, protocol, path, ttl, run_id)
    if protocol == "tcp":
        return bytes(head)

    def build(balance):
        tag = stockholm.tag(path, ttl, 0, run_id)[:-2] + balance
        packet = bytes(head / Raw(tag))
        at = len(ip) + (6 if protocol == "udp" else 2)
        return packet, struct.unpack_from("!H", packet, at)[0]

    return balanced(build, stockholm.key(run_id, path))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("version", VERSIONS)
def test_probes_byte_for_byte(wire, tmp_path, traceflow_path, version, protocol):
    probes = probes_in(send(wire, tmp_path, traceflow_path, "--protocol", protocol, BEYOND[version]))
    run_id = run_id_of(probes[0], protocol)
    seen = {path_and_ttl(probe, protocol): probe for probe in probes}
    assert {ttl for path, ttl in seen if path == 1} == TTLS
    for (path, ttl), probe in seen.items():
        want = expected(version, protocol, path, ttl, run_id, NEAR[version], BEYOND[version])
        assert ip_of(probe) == want, f"path {path} TTL {ttl}"
        assert probe[Ether].dst == FAR_MAC


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_differs_along_a_path(wire, tmp_path, traceflow_path, version, protocol):
    probes = probes_in(send(wire, tmp_path, traceflow_path, "--protocol", protocol, BEYOND[version]))
    header_len = 20 if version == 4 else 40
    may_vary = IP_VARIES[version] | {header_len + at for at in SEGMENT_VARIES[protocol]}
    first, *others = [ip_of(probe) for probe in probes if path_and_ttl(probe, protocol)[0] == 1]
    assert len(others) == len(TTLS) - 1
    for other in others:
        assert {at for at, (a, b) in enumerate(zip(first, other, strict=True)) if a != b} <= may_vary


def test_link_local_destination(wire, tmp_path, traceflow_path):
    probes = probes_in(send(wire, tmp_path, traceflow_path, f"{FAR_LINK_LOCAL}%{DEVICE}"))
    assert probes and all(probe[IPv6].dst == FAR_LINK_LOCAL for probe in probes)


# ---- labels


def labels_of(tshark, capture):
    """A row for each labelled frame; of a stack's entries, a list with commas."""
    rows = tshark("-r", capture, "-Y", "mpls", "-T", "fields", *(word for field in (
        "mpls.label", "mpls.exp", "mpls.bottom", "mpls.ttl", "ip.ttl", "ipv6.hlim", "eth.dst") for word in ("-e", field)))
    return [row.split("\t") for row in rows.splitlines()]


@pytest.mark.parametrize("version", VERSIONS)
def test_labels_as_given(wire, tmp_path, traceflow_path, tshark, version):
    capture = send(wire, tmp_path, traceflow_path, "--mpls", "100:3:7", "--mpls", "1048575:7:255", BEYOND[version])
    rows = labels_of(tshark, capture)
    assert len(rows) >= len(TTLS)
    for label, tc, bottom, ttl, *_, mac in rows:
        assert (label, tc, bottom, ttl, mac) == ("100,1048575", "3,7", "0,1", "7,255", FAR_MAC)
    probes = probes_in(capture)
    run_id = run_id_of(probes[0], "udp")
    for probe in probes:
        path, ttl = path_and_ttl(probe, "udp")
        assert ip_of(probe) == expected(version, "udp", path, ttl, run_id, NEAR[version], BEYOND[version])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_label_without_ttl_takes_the_packets(wire, tmp_path, traceflow_path, tshark, version):
    rows = labels_of(tshark, send(wire, tmp_path, traceflow_path, "--mpls", "16", BEYOND[version]))
    assert {row[3] for row in rows} == {str(ttl) for ttl in TTLS}
    assert all(row[3] == (row[4] if version == 4 else row[5]) for row in rows)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_neighbour_is_asked_for(wire, tmp_path, traceflow_path, tshark, version):
    wire.near.do(f"ip -{version} neigh flush dev {DEVICE}")
    rows = labels_of(tshark, send(wire, tmp_path, traceflow_path, "--mpls", "16", BEYOND[version]))
    assert {row[-1] for row in rows} == {FAR_MAC}


def test_a_gateway_of_the_other_version(wire, tmp_path, traceflow_path, tshark):
    wire.near.do(f"ip route replace 198.51.100.8 via inet6 {FAR[6]}")
    rows = labels_of(tshark, send(wire, tmp_path, traceflow_path, "--mpls", "16", "198.51.100.8"))
    assert {row[-1] for row in rows} == {FAR_MAC}


def test_gateway_mac_goes_before_the_table(wire, tmp_path, traceflow_path, tshark):
    rows = labels_of(tshark, send(wire, tmp_path, traceflow_path, "--mpls", "16", "--gateway-mac",
                                  "02:00:00:00:00:99", BEYOND[4]))
    assert {row[-1] for row in rows} == {"02:00:00:00:00:99"}


def test_answers_to_labelled_probes_are_matched(wire, traceflow_path):
    router = subprocess.Popen(wire.far.argv(sys.executable, LABEL_ROUTER, DEVICE, FAR[4]), stdout=subprocess.PIPE,
                              text=True)
    try:
        assert router.stdout.readline() == "ready\n"
        done = wire.near.run(traceflow_path, *QUICK, "--timeout", 20, "--format", "json", "--mpls", "100:3:7", "--mpls", "200",
                             BEYOND[4])
    finally:
        router.kill()
        router.wait()
        router.stdout.close()
    assert done.returncode == 0, done.stderr
    for hop in json.loads(done.stdout)["traces"][0]["paths"][0]["hops"]:
        reply = hop["replies"][0]
        assert (hop["sent"] > 0, reply["address"]) == (True, FAR[4])
        assert reply["probe_frame"] is not None    # the labelled probe was seen, too
        assert reply["mpls"] == [{"label": 100, "tc": 3, "bottom": False, "ttl": 7},
                                 {"label": 200, "tc": 0, "bottom": True, "ttl": hop["ttl"]}]


# ---- what cannot be sent


@pytest.mark.parametrize(("args", "status", "message"), [
    (("--mpls", "16", "10.9.0.77"), 4,
     f"10.9.0.77: no MAC address of this next hop on {DEVICE} (--gateway-mac can name it)"),
    (("--mpls", "16", "127.0.0.1"), 4, "lo: no Ethernet, so it carries no labels"),
    (("--mpls", "1048576", BEYOND[4]), 2,
     "--mpls 1048576: expected LABEL[:TC[:TTL]], of 0 to 1048575, 0 to 7 and 1 to 255"),
    (("--gateway-mac", "ff:ff:ff:ff:ff:ff", "--mpls", "16", BEYOND[4]), 2,
     "--gateway-mac ff:ff:ff:ff:ff:ff: expected the MAC address of one neighbour"),
    (("fe80::1",), 2, "fe80::1: link-local: the interface must be given (-i, or %IFACE behind)"),
    (("fe80::1%nosuch0",), 2, "fe80::1%nosuch0: no such interface"),
    (("2001:db8:60::1",), 4, "2001:db8:60::1: no route"),
    (("-4", BEYOND[6]), 2, f"{BEYOND[6]}: not an IPv4 address"),
    (("-6", BEYOND[4]), 2, f"{BEYOND[4]}: not an IPv6 address"),
    (("--source", "2001:db8:9::9", BEYOND[6]), 4, "2001:db8:9::9: not an address of this host"),
])
def test_refusals(wire, traceflow_path, args, status, message):
    done = wire.near.run(traceflow_path, *QUICK, *args)
    assert (done.stderr.splitlines(), done.returncode) == ([f"traceflow: {message}"], status)


def test_routes_that_lead_nowhere(wire, traceflow_path):
    for kind, destination in (("unreachable", "2001:db8:61::1"), ("blackhole", "2001:db8:62::1"),
                              ("prohibit", "2001:db8:63::1"), ("blackhole", "203.0.113.1")):
        wire.near.do(f"ip route replace {kind} {destination}")
        done = wire.near.run(traceflow_path, *QUICK, destination)
        assert (done.stderr.splitlines(), done.returncode) == ([f"traceflow: {destination}: no route"], 4), kind


@pytest.mark.parametrize("version", VERSIONS)
def test_own_addresses(wire, traceflow_path, version):
    for destination in (NEAR[version], {4: "127.0.0.1", 6: "::1"}[version]):
        done = wire.near.run(traceflow_path, *QUICK, destination)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("args", [(BEYOND[4],), (BEYOND[6],), ("--mpls", "16", BEYOND[4])])
def test_a_full_queue_costs_time_not_probes(wire, tmp_path, traceflow_path, args):
    """The queue holds ten frames or so, and passes on a hundred in a second."""
    wire.near.do(f"tc qdisc replace dev {DEVICE} root tbf rate 64kbit burst 1540 limit 800")
    try:
        done, capture = wire.captured(tmp_path, traceflow_path, "-n", "--paths", 32, "--ttl", 3, "--attempts", 1,
                                      "--timeout", 0.5, "--format", "json", *args)
    finally:
        wire.near.do(f"tc qdisc del dev {DEVICE} root")
    assert done.returncode in (0, 1), done.stderr
    hops = [hop for path in json.loads(done.stdout)["traces"][0]["paths"] for hop in path["hops"]]
    assert len(probes_in(capture)) == sum(hop["sent"] for hop in hops) > 32
