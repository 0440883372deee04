# SPDX-License-Identifier: GPL-2.0-or-later
"""What a person sees of a packet: its details, for every protocol over both families, as sent, quoted, and answered.

The window's own way is asked (sharkd's `frame`): labels, and the bytes that a click on each would highlight.
"""

import base64
import json
import re
import struct

import pytest
from scapy.layers.inet import UDP, fragment
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import wrpcap

import probes
import stockholm
from test_protocols import ROUTERS, SHORT, every_kind, exchange, write
from window import list_requests, rows_of_sharkd

ETHERNET, IPV4_HEADER, IPV6_HEADER = 14, 20, 40
PROBE, QUOTE, ANSWER = 3, 4, 6              # frames of exchange(): path 1 TTL 2, its quote, and the answer to TTL 3
CAPTURES = ["uneven-ecmp.pcapng", "short-quotes.pcap", "mpls.pcapng", "original.pcap", "replies-only.pcap", "nat.pcapng"]


def details(sharkd, capture, *frames):
    """[(nodes of the tree, bytes)] of the frames."""
    asked = [{"method": "frame", "params": {"frame": frame, "proto": True, "bytes": True}} for frame in frames]
    found = sharkd([{"method": "load", "params": {"file": capture}}, *asked])[1:]
    return [(list(nodes_of(reply["result"]["tree"])), base64.b64decode(reply["result"]["bytes"])) for reply in found]


def nodes_of(tree):
    for node in tree:
        yield node
        yield from nodes_of(node.get("n", []))


def named(nodes, field):
    """The nodes of a field."""
    return [node for node in nodes if re.match(rf"{re.escape(field)}( |$)", node.get("f", ""))]


def the(nodes, field):
    node, = named(nodes, field)
    return node


def at(node, data):
    start, length = node["h"]
    assert start + length <= len(data)
    return data[start:start + length]


def two(protocol, version, whole, tmp_path):
    return write(tmp_path / "two.pcap", exchange(protocol, version, None if whole else SHORT[version]))


# --- the tree ------------------------------------------------------------------------------------

def expected_bytes(protocol, version, frame, whole):
    """Which fields a frame must show, and the bytes that each must highlight."""
    ttl = 3 if frame == ANSWER else 2
    ident, key = stockholm.identification(1, ttl), stockholm.key(probes.RUN_ID, 1)
    quoted = frame == QUOTE or (frame == ANSWER and protocol == "udp")
    short = frame == QUOTE and not whole
    fields = {}
    if version == 4 and (frame == PROBE or quoted):
        fields |= {"traceflow.id": struct.pack("!H", ident), "traceflow.ipid.path": b"\1",
                   "traceflow.ipid.ttl": bytes([ttl])}
    if version == 6 and (frame == PROBE or quoted):
        fields["traceflow.flow_label"] = b"\0\0\1"
    if protocol != "udp":
        fields |= {"traceflow.seq.probe_id": struct.pack("!H", ident), "traceflow.seq.path": b"\1",
                   "traceflow.seq.ttl": bytes([ttl])}
    if protocol == "tcp":
        acknowledged = frame == ANSWER
        fields["traceflow.key"] = struct.pack("!H", key + acknowledged)
        fields["traceflow.seq"] = struct.pack("!HH", ident, key + acknowledged)
        if not short and not acknowledged:
            fields["traceflow.tsval"] = struct.pack("!I", probes.RUN_ID)
    elif frame != ANSWER or quoted:
        fields["traceflow.key"] = struct.pack("!H", key)
    elif protocol == "icmp":                            # the type differs, and with it the checksum
        types = (b"\x08\0", b"\0\0") if version == 4 else (b"\x80\0", b"\x81\0")
        fields["traceflow.key"] = struct.pack("!H", stockholm.checksum_updated(key, *types))
    if protocol != "tcp" and not short:
        fields |= {"traceflow.tag.magic": b"TFLW", "traceflow.tag.version": b"\1", "traceflow.tag.attempt": b"\0",
                   "traceflow.tag.path_id": b"\0\1", "traceflow.tag.run_id": struct.pack("!I", probes.RUN_ID),
                   "traceflow.tag.probe_id": struct.pack("!H", ident)}
    return fields


BYTE_FIELDS = ["traceflow.id", "traceflow.ipid.path", "traceflow.ipid.ttl", "traceflow.flow_label", "traceflow.seq",
               "traceflow.seq.probe_id", "traceflow.seq.path", "traceflow.seq.ttl", "traceflow.key", "traceflow.tsval",
               "traceflow.tag.magic", "traceflow.tag.version", "traceflow.tag.attempt", "traceflow.tag.path_id",
               "traceflow.tag.run_id", "traceflow.tag.probe_id"]


@every_kind
@pytest.mark.parametrize("whole", [True, False], ids=["whole quotes", "8 bytes"])
def test_a_click_highlights_the_bytes(sharkd, tmp_path, protocol, version, whole):
    frames = [PROBE, QUOTE] + [ANSWER] * whole
    for frame, (nodes, data) in zip(frames, details(sharkd, two(protocol, version, whole, tmp_path), *frames)):
        shown = {field: [at(node, data) for node in named(nodes, field)] for field in BYTE_FIELDS}
        wanted = expected_bytes(protocol, version, frame, whole)
        assert shown == {field: [wanted[field]] if field in wanted else [] for field in BYTE_FIELDS}, frame


@every_kind
def test_key_is_verified(sharkd, tmp_path, protocol, version):
    """In answers, too: that of a UDP port is an error, which quotes."""
    attempt = "any attempt" if protocol == "icmp" else "attempt 0"
    for nodes, _ in details(sharkd, two(protocol, version, True, tmp_path), PROBE, QUOTE, ANSWER):
        key = f"0x{stockholm.key(probes.RUN_ID, 1):04x}"
        assert the(nodes, "traceflow.key")["l"].startswith(f"Key: {key}")
        assert the(nodes, "traceflow.key.status")["l"] == "Key status: Verified"
        assert the(nodes, "traceflow.key.expected")["l"] == f"Key as sent: {key} (run 0x1a2b3c4d, path 1, {attempt})"


@pytest.mark.parametrize("name,frame,status", [
    ("short-quotes.pcap", 26, "Key status: Verified"),
    ("nat.pcapng", 25, "Key status: Rewritten with addresses or ports"),
    ("replies-only.pcap", 5, "Key status: Unverified"),
    ("original.pcap", 7, None),                         # its probes have none
    ("original.pcap", 2, None),
])
def test_key_status(sharkd, captures, name, frame, status):
    (nodes, _), = details(sharkd, captures / name, frame)
    assert [node["l"] for node in named(nodes, "traceflow.key.status")] == [status] * (status is not None)


@every_kind
def test_the_item_reads_like_a_sentence(sharkd, tmp_path, protocol, version):
    router, destination = ROUTERS[version][1], probes.ADDRESSES[version][1]
    found = details(sharkd, two(protocol, version, True, tmp_path), PROBE, QUOTE, ANSWER)
    how = " with SYN/ACK" if protocol == "tcp" else ""
    assert [the(nodes, "traceflow")["l"] for nodes, _ in found] == [
        "Stockholm Traceroute, path 1, TTL 2: probe, answered in frame 4",
        f"Stockholm Traceroute, path 1, TTL 2: answered by {router} in 1.00 ms",
        f"Stockholm Traceroute, path 1, TTL 3: answered{how} by the destination, {destination}, in 1.00 ms"]


@pytest.mark.parametrize("name,frame,sentence", [
    ("silent-duplicate.pcapng", 15, "path 2, TTL 2: answered again by 203.0.113.1 in 2.38 ms"),
    ("silent-duplicate.pcapng", 30, "path 1, TTL 4, attempt 1: probe, answered in frame 32"),
    ("unreachable.pcap", 17, "path 3, TTL 2: answered by 203.0.113.2 in 1.15 ms: network unreachable (!N)"),
    ("unreachable.pcap", 33, "path 1, TTL 4: answered by 203.0.113.11 in 1.97 ms: "
                             "communication administratively prohibited by filtering (!X)"),
    ("mpls.pcapng", 23, "path 1, TTL 5: answered by 203.0.113.4 in 3.50 ms, MPLS 16031/24005"),
    ("tcp-syn.pcapng", 17, "path 1, TTL 4: answered with ACK by the destination, 198.51.100.7, in 3.17 ms"),
    ("tcp-syn.pcapng", 24, "path 3, TTL 4: answered with RST by the destination, 198.51.100.7, in 3.90 ms"),
    ("replies-only.pcap", 5, "path 2, TTL 2: answered by 203.0.113.2, to a probe that is not in the capture before it"),
])
def test_sentences(sharkd, captures, name, frame, sentence):
    (nodes, _), = details(sharkd, captures / name, frame)
    assert the(nodes, "traceflow")["l"].startswith(f"Stockholm Traceroute, {sentence}")


def test_of_a_probe_that_comes_later_nothing_is_denied(sharkd, tmp_path):
    """Captures are written in any order by several processors, and by whoever joins two of them."""
    packets = list(exchange("udp", 4, None))
    (nodes, _), = details(sharkd, write(tmp_path / "swapped.pcap", [packets[QUOTE - 1], packets[PROBE - 1]]), 1)
    assert the(nodes, "traceflow")["l"].endswith(", to a probe that is not in the capture before it")


def test_a_bare_acknowledgement_is_not_taken_for_more(sharkd, tmp_path):
    opening, lower, higher = (probes.syn_probe(4, 1, ttl) for ttl in (3, 2, 4))
    capture = write(tmp_path / "challenge.pcap", [opening, lower, higher, probes.tcp_answer(opening),
                                                  probes.tcp_answer(opening, probes.ACK)])
    (nodes, _), = details(sharkd, capture, 5)
    assert "TTL unknown" in the(nodes, "traceflow")["l"] and not named(nodes, "traceflow.ttl")
    assert "earlier probe" in the(nodes, "traceflow.seq")["l"]


def udp_answer(packet, payload):
    request = packet[UDP]
    return probes.settled(probes.back(packet) / UDP(sport=request.dport, dport=request.sport) / Raw(payload))


@pytest.mark.parametrize("version", [4, 6])
def test_answers_of_udp_services(sharkd, tmp_path, version):
    """One echoes the tag, hence names its probe; another's words do not say which of two open probes they mean."""
    probe, other = probes.udp_probe(version, 1, 3), probes.udp_probe(version, 1, 4)
    packets = [probe, other, udp_answer(other, b"go away!!!"), udp_answer(probe, bytes(probe[UDP].payload))]
    words, echoed = (nodes for nodes, _ in details(sharkd, write(tmp_path / "udp.pcap", packets), 3, 4))
    assert "TTL 3: answered by the destination" in the(echoed, "traceflow")["l"]
    assert the(echoed, "traceflow.tag.probe_id")["l"] == "Probe ID: 0x0103"
    assert the(words, "traceflow")["l"].endswith(", to which probe is not known")
    for nodes in (echoed, words):
        assert not named(nodes, "traceflow.key") and not named(nodes, "traceflow.id")
        assert "flow of a probe" in the(nodes, "traceflow.evidence")["l"]
    assert not named(words, "traceflow.tag") and not named(words, "traceflow.ttl")


@pytest.mark.parametrize("version", [4, 6])
def test_a_reset_names_its_probe(sharkd, tmp_path, version):
    probe = probes.syn_probe(version, 1, 3)
    capture = write(tmp_path / "reset.pcap", [probe, probes.tcp_answer(probe, probes.RST_ACK, None)])
    (nodes, _), = details(sharkd, capture, 2)
    assert the(nodes, "traceflow.seq.ttl")["l"] == "TTL: 3"
    assert the(nodes, "traceflow.seq")["f"] == f"traceflow.seq == 0x0103{stockholm.key(probes.RUN_ID, 1):04x}"
    assert the(nodes, "traceflow.key")["g"]                 # one less than the bytes: concluded, hence in brackets


# --- by what it was recognised -------------------------------------------------------------------

QUOTED_BY = {
    "udp": "quoted ports, length and key are those of a probe in this capture",
    "icmp": "quoted identifier, sequence number and key are those of a probe in this capture",
    "tcp": "quoted ports and sequence number are those of a probe in this capture",
}
ANSWERED_BY = {
    "udp": "what it quotes says so, and the key is right",
    "icmp": "it returns the tag of a probe in this capture",
    "tcp": "it acknowledges the sequence number of a probe in this capture",
}


@every_kind
@pytest.mark.parametrize("whole", [True, False], ids=["whole quotes", "8 bytes"])
def test_evidence_is_what_the_frame_holds(sharkd, tmp_path, protocol, version, whole):
    """A bare quote has no tag, TCP has none at all, and only UDP quotes a length."""
    probe, quote, answer = (the(nodes, "traceflow.evidence")["l"] for nodes, _ in
                            details(sharkd, two(protocol, version, whole, tmp_path), PROBE, QUOTE, ANSWER))
    tcp = protocol == "tcp"
    assert probe.endswith("time stamp and sequence number fit: run ID and its key" if tcp
                          else "it says so itself, and its key is right")
    assert quote.endswith(QUOTED_BY[protocol] if not whole else "the quoted time stamp is the run ID" if tcp
                          else "what it quotes says so, and the key is right")
    assert answer.endswith(ANSWERED_BY[protocol])


@pytest.mark.parametrize("name,frame,words", [
    ("original.pcap", 7, "ports, Identification and ten digits as the original Python tool sends them"),
    ("original.pcap", 2, "quoted ports, length and checksum are those of a probe in this capture"),
    ("replies-only.pcap", 5, "nothing but quoted ports, length and Identification that fit together"),
    ("nat.pcapng", 25, "the quoted checksum, set right for changed addresses or ports, is that of a probe in this capture"),
])
def test_evidence_in_words(sharkd, captures, name, frame, words):
    (nodes, _), = details(sharkd, captures / name, frame)
    assert the(nodes, "traceflow.evidence")["l"].endswith(f": {words}")


# --- where it stands -----------------------------------------------------------------------------

def layers_of(tshark, capture, frame, *options):
    document = json.loads(tshark("-2", "-r", capture, "-Y", f"frame.number == {frame}", *options))
    return document[0]["_source"]["layers"]


@every_kind
@pytest.mark.parametrize("whole", [True, False], ids=["whole quotes", "8 bytes"])
def test_one_item_at_one_place(tshark, sharkd, tmp_path, protocol, version, whole):
    """At the end, in every version of Wireshark, whether or not the payload came back; each field once."""
    capture = two(protocol, version, whole, tmp_path)
    asked = [{"method": "frame", "params": {"frame": frame, "proto": True}} for frame in (PROBE, QUOTE, ANSWER)]
    for reply in sharkd([{"method": "load", "params": {"file": capture}}, *asked])[1:]:
        tree = reply["result"]["tree"]
        assert tree[-1]["f"] == "traceflow"
        assert len(named(list(nodes_of(tree)), "traceflow")) == 1
    forms = [tshark("-2", "-r", capture, "-Y", f"frame.number in {{{PROBE},{QUOTE},{ANSWER}}}", "-T", *form)
             for form in (("json", "-J", "traceflow"), ("pdml",), ("ek",))]
    documents, packets, lines = json.loads(forms[0]), forms[1].split("<packet>")[1:], forms[2].splitlines()[1::2]
    for document, packet, line in zip(documents, packets, lines, strict=True):
        assert "traceflow.kind" in document["_source"]["layers"]["traceflow"]
        assert packet.count('name="traceflow.kind"') == packet.count('<proto name="traceflow"') == 1
        assert json.loads(line)["layers"]["traceflow"]["traceflow_traceflow_kind"] in ("1", "2", "3")
    assert len(packets) == 3


@every_kind
def test_what_came_back_of_the_payload_is_shown_where_it_stands(sharkd, tmp_path, protocol, version):
    found = details(sharkd, two(protocol, version, True, tmp_path), PROBE, QUOTE, ANSWER)
    shown = [[node for node in nodes if "Payload of the probe" in node["l"]] for nodes, _ in found]
    if protocol == "tcp":
        assert shown == [[], [], []]
        return
    assert shown[0] == []
    for (nodes, data), (node,), words in zip(found[1:], shown[1:], ("quoted", "quoted" if protocol == "udp" else "returned")):
        assert node["l"] == f"Payload of the probe, as {words}: see Stockholm Traceroute"
        assert at(node, data).startswith(b"TFLW") and len(at(node, data)) == stockholm.TAG_LEN


@every_kind
def test_the_quote_encloses_its_payload(tshark, tmp_path, protocol, version):
    """Wireshark 4.0 would have it beside the error that quotes it."""
    layers = layers_of(tshark, two(protocol, version, True, tmp_path), QUOTE, "-T", "json")
    assert "traceflow.returned_payload" not in layers
    error = layers["icmp" if version == 4 else "icmpv6"]
    assert ("traceflow.returned_payload" in json.dumps(error)) == (protocol != "tcp")


# --- the Identification, where the IP dissector shows it -----------------------------------------

@pytest.mark.parametrize("protocol", probes.PROBES)
def test_identification_under_ip_id(tshark, tmp_path, protocol):
    capture = two(protocol, 4, False, tmp_path)

    def lines(frame):
        text = tshark("-2", "-V", "-r", capture, "-Y", f"frame.number == {frame}")
        return re.findall(r"^( *)(Identification: 0x\w+ \(\d+\).*)\n((?:\1    .*\n)*)", text, re.M)

    (indent, label, bytes_), = lines(PROBE)
    assert label == "Identification: 0x0102 (258) [path 1, TTL 2]"
    assert [line.strip() for line in bytes_.splitlines()] == ["Path ID: 1", "TTL: 2"]

    (_, outer, below), (_, quoted, bytes_) = lines(QUOTE)
    assert outer == "Identification: 0x0001 (1)" and below == ""
    assert quoted == label and [line.strip() for line in bytes_.splitlines()] == ["Path ID: 1", "TTL: 2"]

    if protocol != "udp":                               # an answer's Identification is the answerer's own
        (_, own, below), = lines(ANSWER)
        assert own == "Identification: 0x7777 (30583)" and below == ""


@pytest.mark.parametrize("frame", [PROBE, QUOTE])
def test_identification_in_json(tshark, tmp_path, frame):
    document = json.loads(tshark("-r", two("udp", 4, False, tmp_path), "-Y", f"frame.number == {frame}", "-T", "json"))
    layers = document[0]["_source"]["layers"]
    ip = layers["icmp"]["ip"] if frame == QUOTE else layers["ip"]
    assert ip["ip.id"] == "0x0102"
    assert ip["ip.id_tree"] == {"traceflow.ipid.path": "1", "traceflow.ipid.ttl": "2"}
    assert "traceflow.ipid.path" not in layers["traceflow"]["traceflow.id_tree"]


def test_a_spoilt_identification_is_not_explained_away(tshark, captures):
    text = tshark("-V", "-r", captures / "nat.pcapng", "-Y", "frame.number == 46")
    assert "Identification: 0x0502 (1282) [not as it was sent]" in text
    assert "[path 5, TTL 2]" not in text


def test_a_quote_in_a_fragment(tshark, tmp_path):
    """The IP dissector shows the quoted header with the last fragment; the frame that it came in still tells."""
    probe = probes.udp_probe(4, 3, 2)
    reply = stockholm.time_exceeded(probe, "203.0.113.1", mpls=[(16001, 0, 1, 1)], reply_id=77)
    first, last = fragment(reply, fragsize=96)
    capture = write(tmp_path / "fragments.pcap", [probe, first, last])
    wanted = ["-e", "traceflow.ipid.path", "-e", "traceflow.ipid.ttl", "-e", "traceflow.id"]
    assert tshark("-r", capture, "-T", "fields", *wanted).splitlines() == ["3\t2\t0x0302"] * 2 + ["\t\t"]


def test_a_forged_reply_is_shown_as_that_and_no_more(tshark, sharkd, tmp_path):
    """It names the flow, but not the key."""
    probe = stockholm.probe("192.0.2.1", "198.51.100.9", 1, 2)
    wrong = stockholm.probe("192.0.2.1", "198.51.100.9", 1, 2, wrong_key=0x1234)
    capture = write(tmp_path / "forged.pcap", [probe, stockholm.time_exceeded(wrong, "203.0.113.9", quote_len=28)])
    (nodes, _), = details(sharkd, capture, 2)
    assert the(nodes, "traceflow")["l"] == "Stockholm Traceroute, forged? It names path 1, but does not know its key"
    assert [node["f"] for node in nodes if node.get("f", "").startswith("traceflow.")] == ["traceflow.forged"]
    rows = tshark("-2", "-r", capture, "-o", 'gui.column.format:"Protocol","%p","Info","%i"').splitlines()
    assert [row.split(maxsplit=1) for row in rows] == [
        ["Traceflow", "path  1 TTL  2 probe"],
        ["ICMP", "Time-to-live exceeded (Time to live exceeded in transit) [traceflow: forged?]"]]


# --- seen or not seen, the values are the same ---------------------------------------------------

@pytest.fixture(scope="module")
def all_fields(tshark):
    rows = [line.split("\t") for line in tshark("-G", "fields").splitlines()]
    return [row[2] for row in rows if row[0] == "F" and row[2].startswith("traceflow.") and row[3] != "FT_NONE"]


@pytest.fixture(scope="module")
def value_names(tshark):
    rows = [line.split("\t") for line in tshark("-G", "values").splitlines() if "\ttraceflow." in line]
    return {(row[1], row[2]): row[3] for row in rows}


def visible_values(tshark, capture, fields, names):
    """What the details of each frame show; numbers that have names by them, as columns do."""
    wanted = [word for field in fields for word in ("-e", field)]
    lines = tshark("-2", "-r", capture, "-T", "fields", *wanted).splitlines()
    return [[names.get((field, value), value) for field, value in zip(fields, line.split("\t"), strict=True)]
            for line in lines]


def hidden_values(sharkd, capture, fields):
    """What the rows of the packet list show in columns: no tree is to be seen."""
    rows = rows_of_sharkd(sharkd([{"method": "load", "params": {"file": capture}}, *list_requests(fields)])[1:])
    return list(rows.values())


def same_values(tshark, sharkd, capture, fields, names):
    shown = visible_values(tshark, capture, fields, names)
    hidden = hidden_values(sharkd, capture, fields)
    for frame, (one, other) in enumerate(zip(hidden, shown, strict=True), 1):
        assert dict(zip(fields, one, strict=True)) == dict(zip(fields, other, strict=True)), frame
    assert any(any(values) for values in shown)


@every_kind
def test_values_are_the_same_unseen(tshark, sharkd, tmp_path, all_fields, value_names, protocol, version):
    same_values(tshark, sharkd, two(protocol, version, True, tmp_path), all_fields, value_names)


@pytest.mark.parametrize("name", CAPTURES)
def test_values_are_the_same_unseen_in_samples(tshark, sharkd, captures, all_fields, value_names, name):
    same_values(tshark, sharkd, captures / name, all_fields, value_names)


@every_kind
def test_every_item_works_as_a_filter(tshark, sharkd, tmp_path, protocol, version):
    """Apply as Filter, on each line of the details: the frame must remain."""
    capture, rows = two(protocol, version, True, tmp_path), ["-o", 'gui.column.format:"No.","%m"']
    for frame, (nodes, _) in zip((PROBE, QUOTE, ANSWER), details(sharkd, capture, PROBE, QUOTE, ANSWER)):
        filters = [node["f"] for node in nodes if node.get("f", "").startswith("traceflow")]
        assert len(filters) > 10
        found = tshark("-2", "-r", capture, *rows, "-Y", " && ".join(f"({one})" for one in filters))
        assert str(frame) in found.split()


@every_kind
def test_filters_look_into_the_payload(tshark, tmp_path, protocol, version):
    """As they do into any protocol's bytes: of a reply those that came back, and not the frame's first."""
    capture, rows = two(protocol, version, True, tmp_path), ["-T", "fields", "-e", "frame.number"]

    def frames(expression):
        asked = f"frame.number in {{{PROBE},{QUOTE},{ANSWER}}} && {expression}"
        return [int(line) for line in tshark("-2", "-r", capture, *rows, "-Y", asked).split()]

    payload = "54:46:4c:57:01:00:00:01"
    bearing = [] if protocol == "tcp" else [PROBE, QUOTE, ANSWER]
    assert frames(f"traceflow[0:8] == {payload}") == frames(f"traceflow contains {payload}") == bearing
    assert frames("traceflow[0:6] == eth.dst") == frames("traceflow contains 02:00:00:00:00") == []


# --- what Wireshark says beside us ---------------------------------------------------------------

def frames_of(tshark, capture, expression, *options):
    return tshark("-r", capture, *options, "-Y", expression, "-T", "fields", "-e", "frame.number").split()


@pytest.mark.parametrize("base", [33400, 33430, 33452, 33464])
def test_port_hint_is_explained_wherever_it_is_given(tshark, tmp_path, base):
    packets = []
    for path in (1, 2, 4, 5, 12, 13, 33, 34, 35, 64, 65):
        probe = stockholm.original_probe("192.0.2.1", "198.51.100.9", path, 2, 1_735_747_200, base)
        packets += [probe, stockholm.time_exceeded(probe, "203.0.113.1", quote_len=28)]
    capture, bases = write(tmp_path / "hints.pcap", packets), ["-o", f"traceflow.base_ports:{base}"]
    hinted = frames_of(tshark, capture, "udp.possible_traceroute", *bases)
    assert len(frames_of(tshark, capture, "traceflow", *bases)) == len(packets)
    assert hinted and frames_of(tshark, capture, "traceflow.port_hint", *bases) == hinted


def test_port_hint_says_what_it_is_instead(tshark, captures):
    text = tshark("-V", "-r", captures / "original.pcap", "-Y", "frame.number == 7")
    assert "a guess from the port numbers, and wrong: here they name a path, not a hop" in text
    assert frames_of(tshark, captures / "uneven-ecmp.pcapng", "traceflow.port_hint") == []


@pytest.mark.parametrize("version", [4, 6])
def test_what_an_echo_request_got_instead_of_a_reply(tshark, tmp_path, version):
    """Wireshark warns wherever an echo reply is missing; where a router answered, that is no reason to worry."""
    silent = probes.echo_probe(version, 3, 2)
    capture = write(tmp_path / "echo.pcap", [*exchange("icmp", version), silent])
    warned = frames_of(tshark, capture, f"icmp{'v6' if version == 6 else ''}.resp_not_found", "-2")
    assert frames_of(tshark, capture, "traceflow.echo_hint", "-2") == warned[:-1] == ["1", "3", "7", "9"]
    text = tshark("-2", "-V", "-r", capture, "-Y", "frame.number == 3")
    assert '"No response seen" means no echo reply: a router on the way did answer]' in text


@pytest.mark.parametrize("version", [4, 6])
def test_why_the_ports_of_a_syn_are_reused(tshark, tmp_path, version):
    capture = write(tmp_path / "syn.pcap", exchange("tcp", version))
    probes_ = ["1", "3", "5", "7", "9", "11"]
    reused = frames_of(tshark, capture, "tcp.analysis.reused_ports")
    assert reused and set(reused) < set(probes_)
    assert frames_of(tshark, capture, "traceflow.syn_hint") == probes_
    text = tshark("-V", "-r", capture, "-Y", "frame.number == 9")
    assert "On purpose: the same ports for all probes of a path" in text


@every_kind
def test_why_a_quoted_ttl_is_1(sharkd, tmp_path, protocol, version):
    """Which is worth a warning elsewhere. The destination quotes 1 as well, but did not drop the probe for that."""
    found = details(sharkd, two(protocol, version, True, tmp_path), QUOTE, ANSWER)
    quote, answer = ([node["l"] for node in named(nodes, "traceflow.quoted_ttl")] for nodes, _ in found)
    assert quote == ["Quoted TTL: 1 (run out, as it was meant to)"]
    assert answer == (["Quoted TTL: 1"] if protocol == "udp" else [])


# --- cut off -------------------------------------------------------------------------------------

@every_kind
def test_every_truncation(tshark, tmp_path, protocol, version):
    """A capture cut anywhere shows what is there, and nothing else; the tag up to where it ends."""
    _, _, probe, quote, last, answer = list(exchange(protocol, version))[:6]
    frames = [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet for packet in (probe, last)]
    for frame in frames:
        frame.time = 1_700_000_000
    for packet in (probe, quote, answer):
        whole = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet)
        for length in range(ETHERNET, len(whole)):
            cut = Ether(whole[:length])
            cut.wirelen, cut.time = len(whole), 1_700_000_000
            frames.append(cut)
    path = tmp_path / "cut.pcap"
    wrpcap(str(path), frames)
    text = tshark("-2", "-V", "-r", path)
    assert "Dissector bug" not in text and "STATUS_" not in text
    assert not re.search(r"\[.*(Malformed|limited|exception).*(Traceflow|Stockholm)", text)
    tags = {int(many): [line.split(":")[0].strip() for line in below.splitlines()]
            for many, below in re.findall(r"\(the first (\d+) of 16 bytes\)\n((?:        .*\n)*)", text)}
    wanted = {4: "Magic", 5: "Version", 6: "Attempt", 8: "Path ID", 12: "Run ID", 14: "Probe ID"}
    assert tags == {} if protocol == "tcp" else {
        many: [name for end, name in wanted.items() if end <= many] for many in range(5, stockholm.TAG_LEN)}
