# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin's expert infos and links: each on a capture that deserves it, and on one that does not.

What is told in one pass, in two (tshark -2), and in the window's own way (sharkd) is compared for each capture. What a
probe can only be told by later frames comes with the second pass.
"""

import ipaddress
import json
import re
import struct
import subprocess

import pytest
from scapy.layers.inet import IP, UDP
from scapy.packet import Raw
from scapy.utils import rdpcap

import probes
import stockholm
from conftest import readable
from phenomena import lab_runs as _lab_runs
from simulated import traceflow_lab as _traceflow_lab
from topologies import File

traceflow_lab, lab_runs = _traceflow_lab, _lab_runs

SENDER, DESTINATION = "192.0.2.1", "198.51.100.7"
R1, R2, R3 = "203.0.113.1", "203.0.113.2", "203.0.113.3"
START = 1_700_000_000
NS_PER_S = 1_000_000_000
NSEC_MAGIC, SNAPLEN, LINKTYPE_RAW = 0xa1b23c4d, 262144, 101

LATER = {"no_reply"}            # what the first pass cannot know; and all of finding.*
EXPERT = re.compile(r"^ +\[Expert Info \((?:Chat|Note|Warning|Error)/\w+\): (.*)\]$")


def probe(ttl, path=1, attempt=0, **how):
    return stockholm.probe(SENDER, DESTINATION, path, ttl, attempt, **how)


def remade(packet, **fields):
    """The packet with other fields of its IP header."""
    packet = packet.copy()
    for name, value in fields.items():
        setattr(packet, name, value)
    if isinstance(packet, IP):
        packet.chksum = None
    return probes.settled(packet)


def destination_nat(packet, address):
    """The packet behind a translation of its destination that mends both checksums."""
    old, new = (ipaddress.ip_address(one).packed for one in (packet.dst, address))
    packet = packet.copy()
    packet[UDP].chksum = stockholm.checksum_updated(packet[UDP].chksum, old, new)
    return remade(packet, dst=address)


def stranger(text="nothing"):
    return IP(bytes(IP(src="10.9.9.9", dst="10.9.9.8") / UDP(sport=5000, dport=5001) / Raw(text)))


def expired(packet, responder=R1, **how):
    return stockholm.time_exceeded(packet, responder, **how)


def recorded(seconds, packet):
    """A frame of such a capture as the file has it."""
    sec, nsec = divmod(START * NS_PER_S + round(seconds * NS_PER_S), NS_PER_S)
    return struct.pack("=IIII", sec, nsec, len(packet), len(packet)) + packet


def write(path, frames):
    """A capture of (seconds, packet)…; frames count from 1."""
    header = struct.pack("=IHHiIII", NSEC_MAGIC, 2, 4, 0, 0, SNAPLEN, LINKTYPE_RAW)
    path.write_bytes(header + b"".join(recorded(seconds, bytes(packet)) for seconds, packet in frames))
    return path


# --- what is told, by three ways -----------------------------------------------------------------

def by_tshark(tshark, capture, *options):
    """{frame: [text…]} of the infos in the protocol's own tree."""
    told, frame = {}, 0
    for line in tshark("-r", capture, "-O", "traceflow", *options).splitlines():
        if line.startswith("Frame "):
            frame = int(line.split(":")[0].split()[1])
        found = EXPERT.match(line)
        if found:
            told.setdefault(frame, []).append(found[1])
    return told


def by_sharkd(sharkd, capture, *before):
    """The same by the window's tap, which dissects again, without a tree."""
    replies = sharkd([*before, {"method": "load", "params": {"file": capture}},
                      {"method": "tap", "params": {"tap0": "expert"}}])
    told = {}
    for detail in reversed(replies[-1]["result"]["taps"][0]["details"]):
        if detail["p"] == "Traceflow":
            told.setdefault(detail["f"], []).append(detail["m"])
    return told


def names(tshark):
    lines = tshark("-G", "fields").splitlines()
    return [row[2].removeprefix("traceflow.") for row in (line.split("\t") for line in lines)
            if row[0] == "F" and row[3:5] == ["FT_NONE", "traceflow"] and row[2].startswith("traceflow.")
            and row[2] != "traceflow.returned_payload"]


# --- single frames -------------------------------------------------------------------------------

P1, P2, P3 = probe(1), probe(2), probe(3)
AGAIN = probe(1, attempt=1)
NATTED = stockholm.source_nat(P2, "203.0.113.9", 1025)
ECT = remade(P1, tos=2)
EF = remade(P1, tos=46 << 2)
DF1 = remade(P1, flags="DF")
PLAIN = [(0, P1), (0.01, expired(P1)), (0.02, P2), (0.03, expired(P2, R2)), (0.04, P3),
         (0.05, stockholm.port_unreachable(P3, DESTINATION, quoted_ttl=1))]
FORGED = probe(1, wrong_key=0x0ff0)
P6 = probes.udp_probe(6, 1, 1)
LABELS = [(16001, 0, 1, 1)]
UP_AND_DOWN = [7, 8, 3, 255, 1, 40]
NO_REPLY = "No reply, and the capture goes on for longer than the timeout"
NOT_THE_KEY = "Forged? It names the flow of a probe in this capture, but does not hold its key"
NO_PROBE = "The probe for this reply is not in the capture before it"
DUPLICATE = "Duplicate reply: the probe was already answered"
REPEATED = "Repeated probe: this path ID, TTL and attempt were already sent, or captured"
LATE = "Late reply: after the timeout"
NEGATIVE = "Negative round-trip time: two clocks stamped probe and reply, or one that was set back"
SEVERAL = ("Packets of this flow take several ways: another responder answered this TTL before "
           "(balancing by packet, or the path changed)")
CHANGED = "Quote changed: "

# name, frames, expert, {frame: text} that it shows, further options
CASES = [
    ("all is well", PLAIN, "no_reply", {}, []),
    ("a reply comes twice", [*PLAIN[:2], (0.02, expired(P1))], "duplicate_reply",
     {3: DUPLICATE}, []),
    ("and thrice", [*PLAIN[:2], (0.02, expired(P1)), (0.03, expired(P1))], "duplicate_reply",
     {3: DUPLICATE, 4: DUPLICATE}, []),
    ("each probe has its reply", [*PLAIN[:2], (0.1, AGAIN), (0.2, expired(AGAIN))], "duplicate_reply", {}, []),
    ("a reply takes too long", [(0, P1), (1.5, expired(P1))], "late_reply", {2: LATE}, []),
    ("a reply takes its time", [(0, P1), (0.9, expired(P1))], "late_reply", {}, []),
    ("… which is too long for the user", [(0, P1), (0.9, expired(P1))], "late_reply", {2: LATE},
     ["-o", "traceflow.timeout:500"]),
    ("… and a patient one who never asks", [(0, P1), (9, expired(P1))], "late_reply", {},
     ["-o", "traceflow.timeout:0"]),
    ("a reply comes after the second attempt", [(0, P1), (0.5, AGAIN), (0.6, expired(P1)), (0.7, expired(AGAIN))],
     "late_reply", {3: "Late reply: the next attempt had been made"}, []),
    ("both of a pair are answered", [(0, P1), (0.005, AGAIN), (0.1, expired(P1)), (0.2, expired(AGAIN))],
     "late_reply", {}, []),
    ("a reply is stamped before its probe", [(5, P1), (4.9, expired(P1))], "negative_rtt", {2: NEGATIVE}, []),
    ("… by as little as can be told", [(5, P1), (4.999999999, expired(P1))], "negative_rtt", {2: NEGATIVE}, []),
    ("… which is not late", [(5, P1), (1, expired(P1))], "late_reply", {}, []),
    ("a reply is stamped as its probe", [(5, P1), (5, expired(P1))], "negative_rtt", {}, []),
    ("a reply without its probe", [(0, expired(P1))], "no_probe", {1: NO_PROBE}, []),
    ("replies behind their probes", PLAIN, "no_probe", {}, []),
    ("a reply before its probe", [(0, expired(P1)), (0.1, P1), (0.2, expired(P1))], "no_probe", {1: NO_PROBE}, []),
    ("silence, and the capture goes on", [(0, P1), (0.1, P2), (0.2, expired(P2, R2)), (1.5, stranger())],
     "no_reply", {1: NO_REPLY}, []),
    ("silence, and the capture ends", [(0, P1), (0.1, P2), (0.2, expired(P2, R2)), (0.9, stranger())],
     "no_reply", {}, []),
    ("… later than the user waits", [(0, P1), (0.1, P2), (0.2, expired(P2, R2)), (0.9, stranger())],
     "no_reply", {1: NO_REPLY}, ["-o", "traceflow.timeout:800"]),
    ("time runs backwards", [(5, P1), (0.1, stranger()), (5.5, stranger())], "no_reply", {}, []),
    ("time runs backwards, and on", [(5, P1), (0.1, stranger()), (6.5, stranger())], "no_reply", {1: NO_REPLY}, []),
    ("a probe is seen twice", [(0, P1), (0.0001, P1), (0.1, expired(P1)), (2, stranger())], "repeated_probe",
     {2: REPEATED}, []),
    ("… at two places",
     [(0, P3), (0.0001, remade(P3, ttl=2)), (0.0002, remade(P3, ttl=1))], "repeated_probe",
     {2: "Repeated probe: already captured 1 hop back", 3: "Repeated probe: already captured 1 hop back"}, []),
    ("… with a hop between", [(0, P3), (0.0001, remade(P3, ttl=1))], "repeated_probe",
     {2: "Repeated probe: already captured 2 hops back"}, []),
    ("… and is answered: so nothing is missing", [(0, P1), (0.0001, P1), (0.1, expired(P1)), (2, stranger())],
     "no_reply", {}, []),
    ("… and is not: that is one silence", [(0, P1), (0.0001, P1), (2, stranger())], "no_reply", {2: NO_REPLY}, []),
    ("a repeated attempt, past another one", [(0, P1), (0.1, AGAIN), (0.2, P1)], "repeated_probe",
     {3: REPEATED}, []),
    ("a flow's TTLs in any order, twice", [(n / 10, probe(ttl)) for n, ttl in enumerate(UP_AND_DOWN * 2)],
     "repeated_probe", {n: REPEATED for n in range(7, 13)}, []),
    ("attempts are no repetitions", [(0, P1), (0.1, AGAIN)], "repeated_probe", {}, []),
    ("source NAT", [(0, P2), (0.1, expired(NATTED, R2, to=SENDER))], "quote_changed",
     {2: CHANGED + "NAT: source 192.0.2.1:33481 came back as 203.0.113.9:1025"}, []),
    ("DSCP", [(0, P1), (0.1, expired(EF))], "quote_changed", {2: CHANGED + "DSCP 0 -> 46"}, []),
    ("ECN", [(0, ECT), (0.1, expired(remade(P1, tos=0)))], "quote_changed",
     {2: CHANGED + "ECN ECT(0) -> Not-ECT"}, []),
    ("traffic class and flow label",
     [(0, P6), (0.1, probes.time_exceeded(remade(P6, tc=1, fl=7), "2001:db8::f"))], "quote_changed",
     {2: [CHANGED + "ECN Not-ECT -> ECT(1)", CHANGED + "Flow label 0x00001 came back as 0x00007"]}, []),
    ("destination NAT", [(0, P2), (0.1, expired(destination_nat(P2, "10.0.0.7"), R2, to=SENDER))], "quote_changed",
     {2: CHANGED + "NAT: destination 198.51.100.7:33480 came back as 10.0.0.7:33480"}, []),
    ("as sent", [(0, ECT), (0.1, expired(ECT))], "quote_changed", {}, []),
    ("Identification zeroed", [(0, P3), (0.1, expired(P3, mangle="zero"))], "quote_changed",
     {2: CHANGED + "Identification 0x0103 came back as 0x0000: zeroed"}, []),
    ("Identification plus one", [(0, P3), (0.1, expired(P3, mangle="plus1"))], "quote_changed",
     {2: CHANGED + "Identification 0x0103 came back as 0x0104: plus one"}, []),
    ("Identification byte-swapped", [(0, P3), (0.1, expired(P3, mangle="swap"))], "quote_changed",
     {2: CHANGED + "Identification 0x0103 came back as 0x0301: byte-swapped"}, []),
    ("… and what follows from it", [(0, P3), (0.1, expired(P3, mangle="swap"))], "ident_fault",
     {2: "The Identification is 0x0301, byte-swapped: 0x0103 was sent (path 1, TTL 3)"}, []),
    ("an Identification as sent", PLAIN, "ident_fault", {}, []),
    ("Don't Fragment", [(0, P1), (0.1, expired(remade(P1, flags="DF")))], "quote_changed",
     {2: CHANGED + "Don't Fragment was set on the way"}, []),
    ("Don't Fragment, where it was sent", [(0, DF1), (0.1, expired(P1))], "quote_changed",
     {2: CHANGED + "Don't Fragment was cleared on the way"}, []),
    ("flags byte-swapped", [(0, DF1), (0.1, expired(remade(DF1, flags=0, frag=0x40)))], "quote_changed",
     {2: CHANGED + "Flags 0x4000 came back as 0x0040: byte-swapped"}, []),
    ("length", [(0, P1), (0.1, expired(remade(P1, len=46)))], "quote_changed",
     {2: CHANGED + "Total length 44 -> 46"}, []),
    ("several fields", [(0, P3), (0.1, expired(remade(P3, tos=1), mangle="zero"))], "quote_changed",
     {2: [CHANGED + "ECN Not-ECT -> ECT(1)", CHANGED + "Identification 0x0103 came back as 0x0000: zeroed"]}, []),
    ("quoted TTL 0", [(0, P1), (0.1, expired(P1, quoted_ttl=0))], "unusual_quoted_ttl",
     {2: "Quoted TTL is 0, not 1: lowered before it was quoted, or the hop before passes on packets whose TTL is "
         "spent"}, []),
    ("quoted TTL 1", PLAIN, "unusual_quoted_ttl", {}, []),
    ("hidden hops", [(0, P3), (0.1, expired(P3, quoted_ttl=3))], "hidden_hops",
     {2: "Hidden hops: the probe arrived with TTL 3 where 1 is due, so hops before do not lower it"}, []),
    ("in a tunnel that shows its labels", [(0, P3), (0.1, expired(P3, quoted_ttl=3, mpls=LABELS))], "hidden_hops",
     {}, []),
    ("… no hop is hidden", [(0, P3), (0.1, expired(P3, quoted_ttl=3, mpls=LABELS))], "unusual_quoted_ttl",
     {2: "Quoted TTL is 3, not 1: in an MPLS tunnel, labels count hops"}, []),
    ("refused by a filter, at any TTL",
     [(0, P3), (0.1, stockholm.unreachable(stockholm.ADMIN_PROHIBITED, P3, R1, quoted_ttl=3))], "hidden_hops",
     {}, []),
    ("two responders, one flow and TTL", [(0, P1), (0.1, expired(P1)), (0.2, AGAIN), (0.3, expired(AGAIN, R2))],
     "several_ways", {4: SEVERAL}, []),
    ("… to one probe", [(0, P1), (0.1, expired(P1)), (0.2, expired(P1, R2))], "several_ways",
     {3: SEVERAL}, []),
    ("… whose probes were not captured", [(0, expired(P1)), (0.1, expired(P1, R2))], "several_ways",
     {2: SEVERAL}, []),
    ("one responder", [(0, P1), (0.1, expired(P1)), (0.2, AGAIN), (0.3, expired(AGAIN))], "several_ways", {}, []),
    ("two flows", [(0, P1), (0.1, expired(P1)), (0.2, probe(1, 2)), (0.3, expired(probe(1, 2), R2))],
     "several_ways", {}, []),
    ("two runs", [(0, P1), (0.1, expired(P1)), (0.2, probe(1, run_id=7)), (0.3, expired(probe(1, run_id=7), R2))],
     "several_ways", {}, []),
    ("a quote without the key", [(0, P1), (0.1, expired(FORGED, quote_len=28))], "forged", {2: NOT_THE_KEY}, []),
    ("… nor with the run's tag", [(0, P1), (0.1, expired(FORGED))], "forged", {2: NOT_THE_KEY}, []),
    ("a quote with the key", PLAIN, "forged", {}, []),
    ("a reply that may answer several TTLs",
     [(0, P1), (0.1, P2), (0.2, expired(remade(P1, id=0), quote_len=28))], "unknown_ttl",
     {3: "The reply is one of this path's; which TTL it answers is not known"}, []),
    ("… and one that tells", [(0, P1), (0.1, P2), (0.2, expired(P1, quote_len=28))], "unknown_ttl", {}, []),
]


@pytest.mark.parametrize("case,frames,expert,told,options", CASES, ids=[case[0] for case in CASES])
def test_expert(tshark, sharkd, tmp_path, case, frames, expert, told, options):
    capture = write(tmp_path / "case.pcap", frames)
    chosen = ["-Y", f"traceflow.{expert}", *options]
    two = by_tshark(tshark, capture, "-2", *chosen)
    assert sorted(two) == sorted(told)
    assert sorted(by_tshark(tshark, capture, *chosen)) == ([] if expert in LATER else sorted(told))
    for frame, text in told.items():
        assert set([text] if isinstance(text, str) else text) <= set(two[frame])
    if told and not options:
        window = by_sharkd(sharkd, capture)
        assert {frame: window[frame] for frame in told} == two


def test_every_expert_has_its_cases(tshark):
    """One that is told, and one that is not; finding.*, and what explains the notes of others, have tests of their own."""
    of_frames = {name for name in names(tshark) if not name.startswith("finding.")} - {"port_hint", "echo_hint", "syn_hint"}
    assert of_frames >= LATER
    assert {case[2] for case in CASES if case[3]} >= of_frames
    assert {case[2] for case in CASES if not case[3]} >= of_frames


# --- what a run proves ---------------------------------------------------------------------------

TOPOLOGIES = {
    "per-packet": ["traceflow -q -n -w $HOME/{0}.pcapng {1}"],
    "route-change": ["traceflow -q -n --paths 4 --attempts 3 -w $HOME/{0}.pcapng {1}"],
    "uneven-branches": ["traceflow -q -n -w $HOME/{0}.pcapng {1}"],
    "forwarding-loop": ["traceflow -q -n --ttl 12 --timeout 0.3 -w $HOME/{0}.pcapng {1}"],
    "rate-limit": ["traceflow -q -n --paths 10 --attempts 10 -w $HOME/{0}.pcapng {1}"],
    "mpls-no-copy": ["traceflow -q -n -w $HOME/{0}.pcapng {1}"],
    "quote-faults": ["traceflow -q -n -w $HOME/{0}.pcapng {1}"],
}
OF_CAPTURES = ["uneven-ecmp.pcapng", "nat.pcapng", "mpls.pcapng", "unreachable.pcap", "silent-duplicate.pcapng",
               "original.pcap"]
TOLD_BY_FRAMES = {"duplicates", "late", "hidden_hops", "quote"}


def frames_of(finding, trace):
    """Those that the report names; of paths that part, each path's first answer of the router where they do."""
    if finding["frames"]:
        return finding["frames"]
    hops = [hop for path in trace["paths"] for hop in path["hops"] if hop["ttl"] == max(finding["ttl"] or 0, 1)]
    answers = [[reply["reply_frame"] for reply in hop["replies"] if finding["address"] in (reply["address"], None)]
               for hop in hops]
    return [frames[0] for frames in answers if frames][:8]


def findings_of(traceflow, capture):
    """{kind: {(frame, text)…}} of the prober's own report."""
    found = {}
    document = json.loads(traceflow("-n", "-r", capture, "--format", "json").stdout)
    for trace in document["traces"]:
        for finding in trace["findings"]:
            text = f"{finding['address']}: {finding['text']}" if finding["address"] else finding["text"]
            frames = frames_of(finding, trace)
            assert frames
            found.setdefault(finding["kind"], set()).update((frame, text) for frame in frames)
    return found


def assert_same_findings(traceflow, tshark, capture):
    """Each on the frames that prove it, in the prober's words, and under its own name; no other."""
    found = findings_of(traceflow, capture)
    wanted = {pair for kind, pairs in found.items() if kind not in TOLD_BY_FRAMES for pair in pairs}
    maybe = {pair for kind in TOLD_BY_FRAMES for pair in found.get(kind, ())}
    one, two = by_tshark(tshark, capture), by_tshark(tshark, capture, "-2")
    told = {(frame, text) for frame, texts in two.items() for text in texts
            if text != NO_REPLY and text not in one.get(frame, [])}
    assert wanted <= told <= wanted | maybe
    for kind in set(found) - TOLD_BY_FRAMES:
        shown = by_tshark(tshark, capture, "-2", "-Y", f"traceflow.finding.{kind}")
        assert set(shown) == {frame for frame, _ in found[kind]}
    return found


@pytest.mark.parametrize("name", OF_CAPTURES)
def test_findings_of_captures(traceflow, tshark, captures, name):
    assert_same_findings(traceflow, tshark, captures / name)


@pytest.mark.parametrize("name,kind", [
    ("per-packet", "by_packet"), ("route-change", "path_changed"), ("uneven-branches", "uneven"),
    ("forwarding-loop", "loop"), ("rate-limit", "rate_limited"), ("mpls-no-copy", "hidden_hops"),
    ("quote-faults", "ident")])
def test_findings_of_topologies(traceflow, tshark, lab_runs, traceflow_lab, name, kind):
    file = File(name)
    lab_runs(file.text, *(command.format(name, file.destination()) for command in TOPOLOGIES[name]))
    assert kind in assert_same_findings(traceflow, tshark, traceflow_lab.home / f"{name}.pcapng")


# --- what is not believed ------------------------------------------------------------------------

FORGERY = [*PLAIN[:2], (0.015, expired(FORGED, R3, quote_len=28))]


def test_findings_of_a_long_run(tshark, tmp_path):
    """They are drawn from its first 2^18 frames, and that is told: where it begins, and beside each of them."""
    most = 1 << 18
    head = [(0, P1), (0.1, expired(P1)), (0.2, P2), (0.3, expired(P2)), (0.4, P3)]
    refusal = bytes(stockholm.unreachable(stockholm.ADMIN_PROHIBITED, P3, R3, quoted_ttl=1))
    told = ["-2", "-Y", " || ".join(f"traceflow.finding.{name}" for name in ("same_responder", "unreachable", "partial"))]

    def found(frames):
        capture = write(tmp_path / f"{frames}.pcap", head)
        with capture.open("ab") as file:
            file.write(recorded(1, bytes(P1)) * (frames - len(head) - 1) + recorded(2, refusal))
        return by_tshark(tshark, capture, *told)

    whole, cut = found(most), found(most + 1)
    assert [len(texts) for texts in whole.values()] == [1, 2] and list(whole) == [2, most]
    (answers_both,) = whole[2]
    (partial,) = cut[1]
    assert "its first 262144 frames" in partial
    assert cut == {1: [partial], 2: [answers_both, partial]}


def test_a_forgery_changes_nothing_but_its_info(tshark, tmp_path):
    """Not its protocol, not the tables, and not what is said of the packets that it meddles with."""
    forged = write(tmp_path / "forged.pcap", FORGERY)
    honest = write(tmp_path / "honest.pcap", FORGERY[:2])
    columns = ["-o", 'gui.column.format:"Protocol","%p","Info","%i"']
    lines = tshark("-2", "-r", forged, *columns).splitlines()
    without = tshark("-2", "-r", forged, *columns, "--disable-protocol", "traceflow").splitlines()
    assert lines[2:] == [line + " [traceflow: forged?]" for line in without[2:]]
    assert lines[:2] == tshark("-2", "-r", honest, *columns).splitlines()
    tables = ["-q", "-z", "traceflow,paths", "-z", "traceflow,hops", "-z", "traceflow,tree"]
    assert tshark("-r", forged, *tables) == tshark("-r", honest, *tables)


# --- links ---------------------------------------------------------------------------------------

def linked(tshark, capture, *options, fields=("probe_in", "reply_in")):
    wanted = [word for name in fields for word in ("-e", f"traceflow.{name}")]
    return [line.split("\t") for line in
            tshark("-r", capture, *options, "-T", "fields", *wanted).splitlines()]


BETWEEN = [frame for pair in zip(PLAIN, [(at + 0.001, stranger(str(at))) for at, _ in PLAIN]) for frame in pair]


def test_a_read_filter_leaves_links_right(tshark, tmp_path):
    """Frames that it refuses leave their numbers to the next, and are seen by dissectors all the same."""
    capture = write(tmp_path / "between.pcap", BETWEEN)
    plain = write(tmp_path / "plain.pcap", PLAIN)
    assert linked(tshark, capture, "-2", "-R", "traceflow") == linked(tshark, plain, "-2")
    replies = linked(tshark, plain, "-2", "-R", "icmp")
    assert replies == [["", ""]] * 3                    # their probes are not in that file


def test_a_reply_whose_probe_a_read_filter_took_out_has_none(tshark, captures):
    """The probe's number is another frame's by then, a reply's or even another probe's."""
    capture = captures / "mpls.pcapng"
    fields = ("probe_in", "rtt")
    assert linked(tshark, capture, "-2", "-R", "icmp", fields=fields) == [["", ""]] * 14
    odd = linked(tshark, capture, "-2", "-R", "icmp || traceflow.path_id == 2", fields=("path_id", "kind", "rtt"))
    assert [bool(rtt) for path, kind, rtt in odd] == [path == "2" and kind != "1" for path, kind, _ in odd]
    assert len(odd) == 21


def test_saved_replies_bring_their_probes(tshark, as_nobody, public_dir, tmp_path):
    """As dissectors of requests and responses have it, so that what is saved can be understood. The tshark of 4.4 takes
    frames for displayed that no filter has seen yet, and brings none."""
    capture = readable(write(tmp_path / "plain.pcap", PLAIN), public_dir)
    argv = [*as_nobody, "tshark", "-2", "-r", capture, "-Y", "frame.number == 4", "-w", "-", "-F", "pcap"]
    saved = tmp_path / "saved.pcap"
    saved.write_bytes(subprocess.run(argv, capture_output=True, timeout=60, check=True).stdout)
    brings_probes = " 4.0." in tshark("--version").splitlines()[0]
    wanted = [bytes(packet) for _, packet in PLAIN[2 if brings_probes else 3:4]]
    assert [bytes(packet) for packet in rdpcap(str(saved))] == wanted


# --- state ---------------------------------------------------------------------------------------

SILENCE = [(0, P1), (0.1, P2), (0.2, expired(P2, R2)), (0.9, stranger())]


def test_files_opened_one_after_another(tshark, sharkd, captures, tmp_path):
    """What one file held says nothing of the next, nor of itself when it is opened again."""
    first, second = captures / "silent-duplicate.pcapng", write(tmp_path / "second.pcap", SILENCE)
    alone = by_sharkd(sharkd, second)

    def opened(*files):
        for file in files:
            yield {"method": "load", "params": {"file": file}}
            yield {"method": "frames", "params": {"column0": "traceflow.rtt:1"}}

    assert by_sharkd(sharkd, second, *opened(first, second, first)) == alone
    assert by_sharkd(sharkd, first, *opened(first)) == by_tshark(tshark, first, "-2")


def test_preferences_hold_for_the_next_file(sharkd, tmp_path):
    capture = write(tmp_path / "silence.pcap", SILENCE)

    def after(name, value):
        return by_sharkd(sharkd, capture, {"method": "setconf", "params": {"name": name, "value": value}})

    assert by_sharkd(sharkd, capture) == after("traceflow.timeout", "1000") == {}
    assert after("traceflow.timeout", "800") == {1: [NO_REPLY]}
    replies = write(tmp_path / "replies.pcap", [(0, expired(P1, quote_len=28))])
    for ports, told in (("33480", {1: [NO_PROBE]}), ("33452", {})):
        setting = {"method": "setconf", "params": {"name": "traceflow.base_ports", "value": ports}}
        assert by_sharkd(sharkd, replies, setting) == told


# --- settings ------------------------------------------------------------------------------------

def seen_in(tshark, capture, *options):
    found = tshark("-r", capture, "-Y", "traceflow", "-T", "fields", "-e", "frame.number", *options)
    return [int(number) for number in found.split()]


def test_only_what_carries_a_payload(tshark, tmp_path):
    """Short quotes, TCP and answers without it are not looked for; what is found is found as ever."""
    ping = probes.echo_probe(4, 4, 1)
    syn = probes.syn_probe(4, 5, 1)
    frames = [P1, expired(P1), P2, expired(P2, quote_len=28), ping, probes.echo_reply(ping), syn,
              probes.tcp_answer(syn), probes.echo_probe(6, 4, 1), stranger()]
    capture = write(tmp_path / "mixed.pcap", [(number / 100, frame) for number, frame in enumerate(frames)])
    assert seen_in(tshark, capture) == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    for options in (["-o", "traceflow.every_frame:FALSE"], ["-2", "-o", "traceflow.every_frame:FALSE"]):
        assert seen_in(tshark, capture, *options) == [1, 2, 3, 5, 6, 9]
        assert linked(tshark, capture, *options)[1] == ["1", ""]


@pytest.mark.parametrize("version", [4, 6])
def test_payload_of_pings_is_claimed(tshark, tmp_path, version):
    ping = probes.echo_probe(version, 1, 1)
    capture = write(tmp_path / "ping.pcap", [(0, ping), (0.1, probes.echo_reply(ping))])
    protocols = tshark("-r", capture, "-T", "fields", "-e", "frame.protocols").split()
    assert protocols == [f"raw:ip:icmp:traceflow" if version == 4 else "raw:ipv6:icmpv6:traceflow"] * 2


@pytest.mark.parametrize("ports,warning", [
    ("33480,33452", None),
    ("1-16", None),
    ("1-17", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16"),
    ("0,33480", "33480"),
    ("65535", "none"),
])
def test_base_ports_that_cannot_be_used_are_named(as_nobody, public_dir, captures, ports, warning):
    capture = readable(captures / "replies-only.pcap", public_dir)
    argv = [*as_nobody, "tshark", "-r", capture, "-o", f"traceflow.base_ports:{ports}"]
    told = [line for line in subprocess.run(argv, capture_output=True, text=True, timeout=60).stderr.splitlines()
            if "raceflow" in line]
    text = f"Traceflow: of the base ports, at most 16 between 1 and 65534 are used: {warning}"
    assert [line[line.index("Traceflow"):] for line in told] == ([text] if warning else [])


def test_a_forced_port_claims_no_stranger(tshark, tmp_path):
    """Decode As names a port; what is no probe is handed on as if it had not been named."""
    tag = stockholm.tag(1, 1, 0, 7)
    texts = [b"", b"TFLW", tag, tag[:15], b"0123456789", b"x" * 1400]
    capture = write(tmp_path / "forced.pcap", [(0, stranger(text)) for text in texts])
    forced = ["-d", "udp.port==5001,traceflow"]
    assert tshark("-r", capture, "-V", *forced) == tshark("-r", capture, "-V")
