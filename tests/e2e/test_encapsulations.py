# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever carries the packets of a trace, program and plugin say of them what they say of the packets alone."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw
from scapy.utils import PcapNgReader, PcapReader

from encapsulations import (ENCAPSULATIONS, ETHERNET, HEAD, OF_EITHER_VERSION, RAW, UNKNOWN_TO_WIRESHARK, carried,
                            pcap_bytes, pcapng_bytes)
from probes import ANSWERS, PROBES, time_exceeded

LINK_HEADER = {1: 14, 101: 0, 113: 16, 276: 20}
BARE_REPLY = 20 + 8 + 28                                # the least that a reply is

every_encapsulation = pytest.mark.parametrize("name", ENCAPSULATIONS)


def ip_packets(path):
    """(time_ns, bytes) of a sample capture, by scapy's own reading of the file."""
    reader = (PcapNgReader if path.suffix == ".pcapng" else PcapReader)(str(path))
    for packet in reader:
        time_ns = int(packet.time * 1_000_000_000)
        frame = packet.original
        link = 14 if packet.name == "Ethernet" else LINK_HEADER.get(getattr(packet, "linktype", 101), 0)
        yield time_ns, frame[link:]


@pytest.fixture(scope="module")
def packets(captures):
    return {name: list(ip_packets(captures / name)) for name in ("short-quotes.pcap", "uneven-ecmp.pcapng")}


@pytest.fixture(scope="module")
def fields(tshark):
    """tshark -e for every field of ours."""
    names = [line.split("\t")[2] for line in tshark("-G", "fields").splitlines()
             if line.split("\t")[0] == "F" and line.split("\t")[2].startswith("traceflow.")]
    assert "traceflow.path_id" in names
    return [arg for name in names for arg in ("-e", name)]


@pytest.fixture
def write(tmp_path):
    def to_file(linktype, frames, snaplen=262144):
        path = tmp_path / f"{linktype}.pcap"
        path.write_bytes(pcap_bytes(linktype, frames, snaplen))
        return path

    return to_file


def report(traceflow, path):
    done = traceflow("-n", "-r", path)
    assert not done.stderr, done.stderr
    assert done.returncode == 0
    return done.stdout.decode()


def table_of(text):
    return text.split("\n\n")[0]


@pytest.mark.parametrize("capture", ["short-quotes.pcap", "uneven-ecmp.pcapng"])
@pytest.mark.parametrize("name", {**ENCAPSULATIONS, **UNKNOWN_TO_WIRESHARK})
def test_the_program_reports_the_same(traceflow, packets, captures, write, name, capture):
    encapsulation = {**ENCAPSULATIONS, **UNKNOWN_TO_WIRESHARK}[name]
    told = report(traceflow, write(*carried(encapsulation, packets[capture])))
    assert told == report(traceflow, captures / capture)
    assert "198.51.100.7" in told


@pytest.fixture(scope="module")
def plain_fields(tshark, fields, packets, tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "plain.pcap"
    path.write_bytes(pcap_bytes(RAW, packets["short-quotes.pcap"]))
    return {passes: tshark(*passes, "-r", path, "-T", "fields", *fields) for passes in ((), ("-2",))}


@every_encapsulation
@pytest.mark.parametrize("passes", [(), ("-2",)], ids=["one pass", "two passes"])
def test_the_plugin_shows_the_same(tshark, fields, packets, write, plain_fields, name, passes):
    path = write(*carried(ENCAPSULATIONS[name], packets["short-quotes.pcap"]))
    shown = tshark(*passes, "-r", path, "-T", "fields", *fields)
    assert shown.strip()
    assert shown == plain_fields[passes]


@every_encapsulation
def test_cut_by_the_snap_length(traceflow, packets, captures, write, name):
    """What is left of each packet is the shortest reply, and then a byte less. Nothing but lengths is lost by it."""
    linktype, wrap = ENCAPSULATIONS[name]

    def cut(to):
        for time_ns, packet in packets["uneven-ecmp.pcapng"]:
            frame = bytes(wrap(packet))
            yield time_ns, frame[:frame.index(packet) + to]

    assert table_of(report(traceflow, write(linktype, list(cut(BARE_REPLY))))) == \
        table_of(report(traceflow, captures / "uneven-ecmp.pcapng"))
    done = traceflow("-n", "-r", write(linktype, list(cut(BARE_REPLY - 1))))
    assert done.returncode == 1 and b"nothing answered" in done.stderr


def exchange(protocol, version):
    """A path of three hops, by (time_ns, packet)."""
    routers = {4: "203.0.113.%d", 6: "2001:db8:f::%d"}[version]
    time_ns = 1_700_000_000_000_000_000
    for ttl in (1, 2, 3):
        probe = PROBES[protocol](version, 1, ttl)
        reply = time_exceeded(probe, routers % ttl) if ttl < 3 else ANSWERS[protocol](probe)
        yield time_ns, bytes(probe)
        yield time_ns + 5_000_000, bytes(reply)
        time_ns += 100_000_000


@pytest.mark.parametrize("version", [4, 6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("protocol", PROBES)
@pytest.mark.parametrize("name", OF_EITHER_VERSION)
def test_every_protocol_of_both_versions(traceflow, write, name, protocol, version):
    linktype, wrap = OF_EITHER_VERSION[name]
    sent = list(exchange(protocol, version))
    plain = report(traceflow, write(RAW, sent))
    assert {4: "203.0.113.2", 6: "2001:db8:f::2"}[version] in plain
    assert report(traceflow, write(linktype, [(t, bytes(wrap(packet, version))) for t, packet in sent])) == plain


def on_two_interfaces(packets, first, second):
    """Probes by the one, replies by the other: (link types, frames)."""
    (link1, wrap1), (link2, wrap2) = ENCAPSULATIONS[first], ENCAPSULATIONS[second]
    frames = [(t, 0, bytes(wrap1(p))) if p[9] == 17 else (t, 1, bytes(wrap2(p))) for t, p in packets]
    return (link1, link2), frames


def test_two_interfaces_of_one_link_type(traceflow, tshark, packets, captures, tmp_path):
    path = tmp_path / "two.pcapng"
    path.write_bytes(pcapng_bytes(*on_two_interfaces(packets["short-quotes.pcap"], "gre", "vlan")))
    told = report(traceflow, captures / "short-quotes.pcap")
    assert report(traceflow, path) == told
    assert tshark("-q", "-r", path, "-z", "traceflow,paths") == told


@pytest.mark.parametrize("second", ["cooked", "ppp", "nflog", "pktap"])
def test_two_interfaces_of_two_link_types(tshark, traceflow, packets, captures, tmp_path, second):
    path = tmp_path / "mixed.pcapng"
    path.write_bytes(pcapng_bytes(*on_two_interfaces(packets["short-quotes.pcap"], "vlan", second)))
    told = report(traceflow, captures / "short-quotes.pcap")
    assert report(traceflow, path) == told
    assert tshark("-q", "-r", path, "-z", "traceflow,paths") == told


def test_a_quote_of_the_tunnels_own_packet_is_not_ours(traceflow, tshark, packets, write):
    """What expires in a tunnel is told to the tunnel's head, whose packet it is: not to the prober."""
    linktype, wrap = ENCAPSULATIONS["gre"]
    time_ns, probe = packets["short-quotes.pcap"][0]
    outer = bytes(wrap(probe))[14:]
    reply = bytes(IP(src="10.1.0.77", dst=HEAD) / ICMP(type=11) / Raw(outer))
    path = write(RAW, [(time_ns, probe), (time_ns + 1000, reply)])
    done = traceflow("-n", "-r", path)
    assert done.returncode == 1 and b"1 not ours" in done.stderr
    assert tshark("-r", path, "-Y", "traceflow", "-T", "fields", "-e", "frame.number").split() == ["1"]


@pytest.mark.parametrize("capture", ["empty", "nothing", "huge"])
def test_frames_of_strange_sizes(tshark, traceflow, packets, write, capture):
    """Frames of no byte at all, and of more bytes than IP can count, among those of a trace."""
    strange = {"empty": b"", "nothing": bytes(14), "huge": bytes(12) + b"\x08\0" + b"\x45" + bytes(200_000)}[capture]
    wrap = ENCAPSULATIONS["ethernet"][1]
    frames = [frame for t, p in packets["short-quotes.pcap"] for frame in ((t, strange), (t, bytes(wrap(p))))]
    path = write(ETHERNET, frames)
    told = report(traceflow, path)
    assert "198.51.100.7" in told
    assert tshark("-q", "-r", path, "-z", "traceflow,paths") == told
