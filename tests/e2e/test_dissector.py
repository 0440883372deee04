# SPDX-License-Identifier: GPL-2.0-or-later
"""The Wireshark plugin on the sample captures: fields, links, columns, statistics, and what it leaves alone.

What a frame must show is taken from the captures' own pages (captures/*.md), not from the plugin.
"""

import json
import re

import pytest

import probes
from test_protocols import ROUTERS, SHORT, every_kind, exchange, write

CAPTURES = ["uneven-ecmp.pcapng", "short-quotes.pcap", "mpls.pcapng", "silent-duplicate.pcapng",
            "original.pcap", "unreachable.pcap", "replies-only.pcap", "nat.pcapng"]
PASSES = [pytest.param([], id="one-pass"), pytest.param(["-2"], id="two-pass")]

COMMON = ["kind", "path_id", "ttl", "id", "evidence", "run_id", "attempt"]
OF_REPLIES = ["responder", "probe_in", "rtt", "quoted_ttl", "quoted_len", "changed", "mpls.label"]
PROBE, HOP, DESTINATION = "1", "2", "3"             # traceflow.kind
TAG, MATCHED, ORIGINAL, ARITHMETIC = "1234"         # traceflow.evidence


def fields(tshark, capture, names, *options):
    """One list of values for each frame that has any; names without the protocol's."""
    wanted = [word for name in names for word in ("-e", f"traceflow.{name}")]
    lines = tshark("-r", capture, *options, "-T", "fields", *wanted).splitlines()
    return [line.split("\t") for line in lines]


def frame_fields(tshark, capture, number, names, *options):
    return fields(tshark, capture, names, "-Y", f"frame.number == {number}", *options)[0]


# --- fields --------------------------------------------------------------------------------------

# capture, frame, kind path TTL Identification evidence run attempt, then of replies:
# responder, probe's frame, RTT, quoted TTL, quoted bytes, changed, labels
GOLDEN = [
    ("uneven-ecmp.pcapng", 1, [PROBE, "1", "1", "0x0101", TAG, "0x1a2b3c4d", "0"], []),
    ("uneven-ecmp.pcapng", 3, [HOP, "1", "1", "0x0101", TAG, "0x1a2b3c4d", "0"],
     ["192.0.2.254", "1", "0.000391370", "1", "44", "", ""]),
    ("uneven-ecmp.pcapng", 123, [DESTINATION, "7", "7", "0x0707", TAG, "0x1a2b3c4d", "0"],
     ["198.51.100.7", "93", "0.008736548", "2", "44", "", ""]),
    ("short-quotes.pcap", 26, [HOP, "2", "3", "0x0203", MATCHED, "0x2b7e1516", "0"],
     ["203.0.113.6", "15", "0.002409000", "1", "28", "", ""]),
    ("short-quotes.pcap", 37, [DESTINATION, "1", "5", "0x0105", MATCHED, "0x2b7e1516", "0"],
     ["198.51.100.7", "27", "0.004000000", "1", "28", "", ""]),
    ("mpls.pcapng", 9, [HOP, "1", "2", "0x0102", TAG, "0x28aed2a6", "0"],
     ["203.0.113.1", "4", "0.001118274", "1", "44", "", "16001"]),
    ("mpls.pcapng", 21, [HOP, "1", "4", "0x0104", TAG, "0x28aed2a6", "0"],
     ["203.0.113.3", "10", "0.002773096", "1", "44", "", "16021"]),
    ("mpls.pcapng", 23, [HOP, "1", "5", "0x0105", TAG, "0x28aed2a6", "0"],
     ["203.0.113.4", "13", "0.003500000", "1", "44", "", "16031,24005"]),
    ("silent-duplicate.pcapng", 32, [HOP, "1", "4", "0x0104", TAG, "0xabf71588", "1"],
     ["203.0.113.3", "30", "0.002718274", "1", "44", "", ""]),
    ("silent-duplicate.pcapng", 33, [HOP, "3", "2", "0x0302", TAG, "0xabf71588", "0"],
     ["203.0.113.1", "9", "1.401145685", "1", "44", "", ""]),
    ("original.pcap", 7, [PROBE, "1", "4", "0x0104", ORIGINAL, "", ""], []),
    ("original.pcap", 2, [HOP, "1", "1", "0x0101", MATCHED, "", ""],
     ["192.0.2.254", "1", "0.000391000", "1", "28", "", ""]),
    ("original.pcap", 12, [DESTINATION, "1", "6", "0x0106", MATCHED, "", ""],
     ["198.51.100.7", "11", "0.004727000", "2", "38", "", ""]),
    ("unreachable.pcap", 35, [HOP, "2", "4", "0x0204", MATCHED, "0x09cf4f3c", "0"],
     ["203.0.113.12", "22", "0.001936548", "2", "28", "", ""]),
    ("replies-only.pcap", 5, [HOP, "2", "2", "0x0202", ARITHMETIC, "", ""],
     ["203.0.113.2", "", "", "1", "28", "", ""]),
    ("nat.pcapng", 25, [HOP, "2", "3", "0x0203", MATCHED, "0xf38b4da5", "0"],
     ["203.0.113.1", "22", "0.002409137", "1", "28", "src,src_port,checksum", ""]),
    ("nat.pcapng", 35, [HOP, "2", "4", "0x0000", MATCHED, "0xf38b4da5", "0"],
     ["203.0.113.2", "32", "0.003236548", "1", "28", "ident,src,src_port,checksum", ""]),
    ("nat.pcapng", 46, [HOP, "2", "5", "0x0502", MATCHED, "0xf38b4da5", "0"],
     ["203.0.113.3", "42", "0.004063959", "1", "28", "ident,src,src_port,checksum", ""]),
    ("nat.pcapng", 56, [HOP, "2", "6", "0x0207", MATCHED, "0xf38b4da5", "0"],
     ["203.0.113.4", "52", "0.004891370", "1", "28", "ident,src,src_port,checksum", ""]),
]


@pytest.mark.parametrize("passes", PASSES)
@pytest.mark.parametrize("name,frame,common,of_reply", GOLDEN,
                         ids=[f"{row[0]}-{row[1]}" for row in GOLDEN])
def test_fields(tshark, captures, name, frame, common, of_reply, passes):
    wanted = common + (of_reply or [""] * len(OF_REPLIES))
    assert frame_fields(tshark, captures / name, frame, COMMON + OF_REPLIES, *passes) == wanted


def expected_of(protocol, version, frame, whole):
    """All values of frames 3, 4 and 6 of exchange(): path 1 TTL 2, its quote, and the answer to TTL 3."""
    quoted = frame == 4 or (frame == 6 and protocol == "udp")
    ttl, router = (3, probes.ADDRESSES[version][1]) if frame == 6 else (2, ROUTERS[version][1])
    kind = {3: PROBE, 4: HOP, 6: DESTINATION}[frame]
    evidence = TAG if frame == 3 or (quoted and (whole or frame == 6)) else MATCHED
    length = {4: 20, 6: 40}[version] + (8 if frame == 4 and not whole else 32 if protocol == "tcp" else 24)
    ident = f"0x01{ttl:02x}" if version == 4 and (frame == 3 or quoted) else ""
    reply = [router, str(frame - 1), "0.001000000"] + (["1", str(length)] if quoted else ["", ""]) + ["", ""]
    return [kind, "1", str(ttl), ident, evidence, "0x1a2b3c4d", "0"] + ([""] * 7 if frame == 3 else reply)


@every_kind
@pytest.mark.parametrize("passes", PASSES)
@pytest.mark.parametrize("whole", [True, False], ids=["whole quotes", "8 bytes"])
def test_fields_of_every_protocol(tshark, tmp_path, protocol, version, whole, passes):
    capture = write(tmp_path / "two.pcap", exchange(protocol, version, None if whole else SHORT[version]))
    of_replies = ["responder6" if version == 6 else "responder", *OF_REPLIES[1:]]
    found = fields(tshark, capture, COMMON + of_replies, *passes)
    assert len(found) == 12
    for frame in (3, 4, 6):
        assert found[frame - 1] == expected_of(protocol, version, frame, whole), frame


@pytest.mark.parametrize("name", CAPTURES)
def test_every_frame_once_and_alike_in_both_passes(tshark, captures, name):
    one = fields(tshark, captures / name, COMMON + OF_REPLIES)
    assert one == fields(tshark, captures / name, COMMON + OF_REPLIES, "-2")
    for values in one:
        for value in values[:len(COMMON) - 2]:          # all but run and attempt are always there
            assert value and "," not in value, values


@pytest.mark.parametrize("name", CAPTURES)
def test_links_go_both_ways(tshark, captures, name):
    replies, answered = {}, {}
    for number, values in enumerate(fields(tshark, captures / name, ["probe_in", "reply_in"], "-2"), 1):
        if values[0]:
            replies.setdefault(int(values[0]), number)
        if values[1]:
            answered[number] = int(values[1])
    assert answered == replies
    assert bool(replies) == (name != "replies-only.pcap")


@pytest.mark.parametrize("passes", PASSES)
def test_filter_on_path(tshark, captures, passes):
    """One path's hops, on 28-byte quotes."""
    found = fields(tshark, captures / "short-quotes.pcap", ["ttl", "responder", "rtt"],
                   "-Y", "traceflow.path_id == 2", *passes)
    assert sorted(values for values in found if not values[1]) == [[str(t), "", ""] for t in range(1, 6)]
    assert [values for values in found if values[1]] == [
        ["1", "192.0.2.254", "0.000854000"], ["2", "203.0.113.2", "0.001682000"],
        ["3", "203.0.113.6", "0.002409000"], ["4", "203.0.113.9", "0.003236000"],
        ["5", "198.51.100.7", "0.004063000"]]


@pytest.mark.parametrize("name,frame,ident,path,ttl", [
    ("short-quotes.pcap", 26, "0x0203", "2", "3"),
    ("nat.pcapng", 46, "0x0502", "5", "2"),             # its bytes, not what is concluded from them
])
def test_identification_as_two_bytes(tshark, captures, name, frame, ident, path, ttl):
    document = json.loads(tshark("-r", captures / name, "-Y", f"frame.number == {frame}",
                                 "-T", "json", "-J", "traceflow"))
    ours = document[0]["_source"]["layers"]["traceflow"]
    assert ours["traceflow.id"] == ident
    assert ours["traceflow.id_tree"] == {"traceflow.id.path": path, "traceflow.id.ttl": ttl}


@pytest.mark.parametrize("frame,attempt,run", [(9, "0", "0xabf71588"), (32, "1", "0xabf71588")])
def test_tag_is_shown_as_sent_and_as_quoted(tshark, captures, frame, attempt, run):
    names = ["tag.magic", "tag.version", "tag.attempt", "tag.run_id"]
    assert frame_fields(tshark, captures / "silent-duplicate.pcapng", frame, names) == \
        ["TFLW", "1", attempt, run]


# --- columns and expert infos --------------------------------------------------------------------

INFO = [
    ("short-quotes.pcap", 1, [], "path  1 TTL  1 probe"),
    ("short-quotes.pcap", 1, ["-2"], "path  1 TTL  1 probe, reply in 4"),
    ("short-quotes.pcap", 26, [], "path  2 TTL  3 reply from 203.0.113.6, 2.41 ms"),
    ("uneven-ecmp.pcapng", 3, [], "path  1 TTL  1 reply from 192.0.2.254, 0.391 ms"),
    ("uneven-ecmp.pcapng", 123, [], "path  7 TTL  7 reply from 198.51.100.7, destination, 8.74 ms"),
    ("mpls.pcapng", 23, [], "path  1 TTL  5 reply from 203.0.113.4, 3.50 ms, MPLS 16031/24005"),
    ("unreachable.pcap", 17, [], "path  3 TTL  2 reply from 203.0.113.2 !N, 1.15 ms"),
    ("unreachable.pcap", 33, [], "path  1 TTL  4 reply from 203.0.113.11 !X, 1.97 ms"),
    ("silent-duplicate.pcapng", 30, ["-2"], "path  1 TTL  4 probe, attempt 1, reply in 32"),
    ("silent-duplicate.pcapng", 32, [], "path  1 TTL  4 reply from 203.0.113.3, attempt 1, 2.72 ms"),
    ("silent-duplicate.pcapng", 15, [], "path  2 TTL  2 reply from 203.0.113.1, 2.38 ms, duplicate"),
    ("silent-duplicate.pcapng", 33, [], "path  3 TTL  2 reply from 203.0.113.1, 1401.1 ms, late"),
    ("tcp-syn.pcapng", 15, [], "path  1 TTL  3 reply from 198.51.100.7, destination, SYN/ACK, 3.15 ms"),
    ("tcp-syn.pcapng", 24, [], "path  3 TTL  4 reply from 198.51.100.7, destination, RST, 3.90 ms"),
    ("replies-only.pcap", 5, [], "path  2 TTL  2 reply from 203.0.113.2"),
]


@pytest.mark.parametrize("name,frame,passes,info", INFO)
def test_columns(tshark, captures, name, frame, passes, info):
    columns = 'gui.column.format:"Protocol","%p","Info","%i"'
    line = tshark("-r", captures / name, *passes, "-Y", f"frame.number == {frame}", "-o", columns)
    assert line.split(maxsplit=1) == ["Traceflow", info + "\n"]


WAYS = {
    "list": ["-T", "tabs", "-o", 'gui.column.format:"Protocol","%p","Info","%i"'],
    "field": ["-T", "fields", "-e", "_ws.col.Protocol", "-e", "_ws.col.Info"],
}


@every_kind
@pytest.mark.parametrize("way", WAYS)
def test_columns_are_ours_alone(tshark, sharkd, tmp_path, protocol, version, way):
    """TCP fences off what its analysis found; since 4.4 columns are fields, written before a post-dissector is asked."""
    capture = write(tmp_path / "two.pcap", exchange(protocol, version))
    rows = [line.split("\t") for line in tshark("-2", "-r", capture, *WAYS[way]).splitlines()]
    assert len(rows) == 12
    assert all(name == "Traceflow" and re.match(r"path +[12] TTL +[123] (probe|reply)", info) for name, info in rows)
    listed = sharkd([{"method": "load", "params": {"file": capture}}, {"method": "frames"}])[1]["result"]
    assert [frame["c"][-1] for frame in listed] == [info for _, info in rows]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["tcp-syn.pcapng", "strangers.pcapng"])
def test_columns_of_others_stay(tshark, captures, name, way):
    def rows(*options):
        columns = ["-e", "frame.number", *WAYS[way][2:]] if way == "field" else ["-o", WAYS[way][-1].replace(":", ':"No.","%m",')]
        lines = tshark("-2", "-r", captures / name, "-T", WAYS[way][1], *columns, *options).splitlines()
        return {int(line.split("\t")[0]): line for line in lines}

    ours = {int(number) for number in tshark("-2", "-r", captures / name, "-Y", "traceflow", "-T", "fields",
                                             "-e", "frame.number").split()}
    theirs = {number: line for number, line in rows().items() if number not in ours}
    assert theirs
    assert theirs == {number: line for number, line in rows(*OFF).items() if number not in ours}


@pytest.mark.parametrize("name,expert,frames", [
    ("silent-duplicate.pcapng", "traceflow.duplicate_reply", ["15"]),
    ("silent-duplicate.pcapng", "traceflow.repeated_probe", []),
    ("replies-only.pcap", "traceflow.no_probe", [str(number) for number in range(1, 12)]),
    ("short-quotes.pcap", "traceflow.no_probe", []),
    ("nat.pcapng", "traceflow.ident_fault && traceflow.path_id == 2", ["35", "46", "56"]),
    ("nat.pcapng", "traceflow.quote_changed && traceflow.path_id == 2", ["25", "35", "46", "56", "66"]),
    ("mpls.pcapng", "traceflow.quote_changed || traceflow.ident_fault", []),
])
def test_expert_infos(tshark, captures, name, expert, frames):
    found = tshark("-r", captures / name, "-Y", expert, "-T", "fields", "-e", "frame.number")
    assert found.split() == frames


# --- the window's own way ------------------------------------------------------------------------

@pytest.mark.parametrize("name", CAPTURES)
def test_sharkd_shows_the_same(tshark, sharkd, captures, name):
    """Rows of the packet list are dissected again, later, and without a tree unless a column needs one."""
    names = ["path_id", "ttl", "id", "responder", "probe_in", "reply_in", "rtt", "quoted_ttl"]
    columns = {f"column{i}": f"traceflow.{field}:1" for i, field in enumerate(names)}
    replies = sharkd([
        {"method": "load", "params": {"file": captures / name}},
        {"method": "frames", "params": columns},
        {"method": "frames", "params": columns},
    ])
    wanted = fields(tshark, captures / name, names, "-2")
    for reply in replies[1:]:
        assert [frame["c"] for frame in reply["result"]] == wanted


def test_a_second_file_starts_afresh(tshark, sharkd, captures):
    """The same addresses and ports again: what was learnt of the first file must not answer the second's."""
    name, columns = "short-quotes.pcap", {"column0": "traceflow.probe_in:1", "column1": "traceflow.rtt:1"}
    replies = sharkd([{"method": "load", "params": {"file": captures / "silent-duplicate.pcapng"}},
                      {"method": "load", "params": {"file": captures / name}},
                      {"method": "frames", "params": columns}])
    assert [frame["c"] for frame in replies[2]["result"]] == \
        fields(tshark, captures / name, ["probe_in", "rtt"], "-2")


# --- statistics (unfiltered: test_captures.py) ----------------------------------------------------

@pytest.mark.parametrize("passes", PASSES)
def test_paths_table_with_filter(tshark, captures, passes):
    table = tshark("-q", "-r", captures / "nat.pcapng", *passes,
                   "-z", "traceflow,paths,traceflow.path_id == 2 && traceflow.ttl < 4")
    assert table.split("\n\n")[0].splitlines() == [
        "traceflow to 198.51.100.7 from 192.0.2.1: UDP, source port 33482, destination port 33480, "
        "run f38b4da5",
        "TTL:      | 1           | 2           | 3           |",
        "Path ID 2 | 192.0.2.254 | 192.0.2.253 | 203.0.113.1 |",
        "1 path, 1 distinct, 3 hops, the destination did not answer"]


# --- what is not ours ----------------------------------------------------------------------------

OFF = ["--disable-protocol", "traceflow", "--disable-heuristic", "traceflow_udp"]


def test_strangers_are_left_alone(tshark, captures):
    found = sorted(captures.glob("strangers*.pcap*"))
    assert found
    for capture in found:
        read = ["-r", capture]
        assert tshark(*read, "-Y", "traceflow") == ""
        assert tshark(*read) == tshark(*read, *OFF)
        assert tshark(*read, "-2", "-V") == tshark(*read, "-2", "-V", *OFF)


def test_protocol_can_be_disabled(tshark, captures):
    lines = tshark("-r", captures / "mpls.pcapng", "-T", "fields", "-e", "traceflow.path_id",
                   "-e", "_ws.col.Protocol", *OFF).splitlines()
    assert set(lines) == {"\tUDP", "\tICMP"}


# --- settings ------------------------------------------------------------------------------------

@pytest.mark.parametrize("ports,claimed", [
    ("33480,33452", 11),
    ("33480", 11),
    ("33470-33490", 11),                                # 33480 is among the first 16
    ("33460-33490", 0),                                 # and here it is not
    ("33452", 0),
])
def test_base_ports(tshark, captures, ports, claimed):
    found = tshark("-r", captures / "replies-only.pcap", "-Y", "traceflow",
                   "-o", f"traceflow.base_ports:{ports}")
    assert len(found.splitlines()) == claimed


@pytest.mark.parametrize("setting", [["-d", "udp.port==33480,traceflow"],
                                     ["-o", "traceflow.udp.port:33480"]])
def test_decode_as(tshark, captures, setting):
    protocols = tshark("-r", captures / "uneven-ecmp.pcapng", "-Y", "frame.number == 1",
                       "--disable-heuristic", "traceflow_udp", *setting,
                       "-T", "fields", "-e", "frame.protocols")
    assert protocols == "eth:ethertype:ip:udp:traceflow\n"
