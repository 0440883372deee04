# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever carries the packets of a trace, program and plugin say of them what they say of the packets alone."""

import struct

import pytest
from scapy.utils import PcapNgReader, PcapReader

from encapsulations import ENCAPSULATIONS, RAW, UNKNOWN_TO_WIRESHARK, carried, pcap_bytes

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
