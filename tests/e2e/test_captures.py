# SPDX-License-Identifier: GPL-2.0-or-later
"""The sample captures: each page's table is what the program prints, what tshark prints, and can be made again."""

import filecmp
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

TOP = Path(__file__).resolve().parents[2]
CAPTURES = sorted([*TOP.glob("captures/*.pcap"), *TOP.glob("captures/*.pcapng")])
by_capture = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)


def table_on_page(capture):
    page = capture.with_suffix(".md").read_text()
    return re.search(r"<!-- paths -->\n```\n(.*?)```\n<!-- /paths -->", page, re.S).group(1)


def table_of(report):
    """Heading, table and summary of a report's first trace: all before the first blank line."""
    return report.split("\n\n")[0].removesuffix("\n") + "\n" if report else ""


def test_every_capture_was_found():
    assert len(CAPTURES) >= 18


@by_capture
def test_the_program_prints_the_table(traceflow, capture):
    done = traceflow("-n", "-r", capture)
    assert table_of(done.stdout.decode()) == table_on_page(capture)
    assert done.returncode == (0 if done.stdout else 1)


@by_capture
def test_the_table_is_what_the_maker_expects(capture):
    """The maker knows the network that it draws packets from, and shares no code with the program."""
    made = subprocess.run([TOP / "captures/make", "--paths", capture.stem], capture_output=True, text=True, timeout=60)
    assert made.stdout == table_on_page(capture)


@by_capture
@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one pass", "two passes"])
def test_tshark_prints_the_report(traceflow, tshark, capture, passes):
    printed = tshark(*passes, "-q", "-r", capture, "-z", "traceflow,paths")
    assert table_of(printed) == table_on_page(capture)
    assert printed == traceflow("-n", "-r", capture).stdout.decode()


# Kinds of findings, and the TTLs at which they are; worked out from the pages.
FOUND = {
    "forged": [],
    "icmp-echo": ["diamond@1"],
    "interfaces": ["diamond@1", "mpls@3"],
    "ipv6-udp": ["length@2", "mpls@3", "unreachable@4"],
    "mid-path": ["diamond@None"],
    "mpls": ["diamond@2", "mpls@2"],
    "nat": ["nat@2", "ident@4", "ident@5", "ident@6"],
    "original": ["diamond@1"],
    "path-change": ["path_changed@2"],
    "per-packet": ["by_packet@2"],
    "replies-only": ["diamond@1"],
    "short-quotes": ["diamond@1"],
    "silent-duplicate": ["duplicates@2", "late@2", "asked_again@4"],
    "tcp-syn": ["uneven@1"],
    "tunnels": ["diamond@1", "mpls@3"],
    "uneven-ecmp": ["uneven@2", "uneven@4"],
    "unreachable": ["unreachable@2", "unreachable@4", "unreachable@4"],
}


@pytest.mark.parametrize("name", FOUND)
def test_findings(traceflow, name):
    capture = next(path for path in CAPTURES if path.stem == name)
    trace = json.loads(traceflow("-n", "--format", "json", "-r", capture).stdout)["traces"][0]
    assert [f"{finding['kind']}@{finding['ttl']}" for finding in trace["findings"]] == FOUND[name]
    text = traceflow("-n", "-r", capture).stdout.decode()
    assert all(finding["text"] in text for finding in trace["findings"])


def test_findings_name_their_frames(traceflow, captures):
    """The first quotes with the NAT's address, and the late and repeated replies, by the pages' own numbers."""
    def found(name, kind):
        trace = json.loads(traceflow("-n", "--format", "json", "-r", captures / name).stdout)["traces"][0]
        return next(finding for finding in trace["findings"] if finding["kind"] == kind)

    assert found("nat.pcapng", "nat")["address"] == "192.0.2.253"
    assert found("silent-duplicate.pcapng", "late")["frames"] == [33]


@by_capture
def test_the_json_document_fits_its_schema(traceflow, capture):
    schema = json.loads((TOP / "docs/trace.schema.json").read_text())
    document = json.loads(traceflow("-n", "--format", "json", "-r", capture).stdout)
    jsonschema.validate(document, schema)
    assert len(document["traces"]) == (0 if capture.stem == "strangers" else 1)


def test_horizontal_is_the_table_turned(traceflow, captures):
    def cells(report):
        printed = traceflow("-n", "--format", report, "-r", captures / "uneven-ecmp.pcapng").stdout.decode()
        rows = table_of(printed).splitlines()
        return [[cell.strip() for cell in row.split("|")[:-1]] for row in rows if "|" in row]

    assert cells("horiz") == [list(column) for column in zip(*cells("vert"))]


def test_ports_of_a_run_with_other_bases(traceflow, captures, tmp_path):
    """Bare quotes of unusual ports are recognised where the ports are named, and only there."""
    from scapy.all import IPerror, UDPerror, rdpcap, wrpcap

    packets = rdpcap(str(captures / "replies-only.pcap"))
    for packet in packets:
        packet[UDPerror].sport += 6520
        packet[UDPerror].dport += 6520
    moved = tmp_path / "moved.pcap"
    wrpcap(str(moved), packets)
    assert IPerror in packets[0]
    assert traceflow("-n", "-r", moved).returncode == 1
    done = traceflow("-n", "--srcport", "40000", "--dstport", "40000", "-r", moved)
    assert b"3 paths, 2 distinct, 4 hops" in done.stdout


def test_the_captures_can_be_made_again(tmp_path):
    subprocess.run([TOP / "captures/make", tmp_path], check=True, timeout=120)
    for capture in CAPTURES:
        assert filecmp.cmp(capture, tmp_path / capture.name, shallow=False), capture.name
