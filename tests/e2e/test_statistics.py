# SPDX-License-Identifier: GPL-2.0-or-later
"""Statistics of the plugin: the prober's reports, the table of hops, the tree of replies; in tshark and as the window
has them.

What a row must say is worked out from the captures' pages, or from the prober's JSON by arithmetic of this file's own.
"""

import json
import subprocess
from pathlib import Path

import pytest

import probes
from scapy.all import wrpcap

TOP = Path(__file__).resolve().parents[2]
CAPTURES = sorted([*TOP.glob("captures/*.pcap"), *TOP.glob("captures/*.pcapng")])
OURS = [path for path in CAPTURES if not path.stem.startswith("strangers")]
by_capture = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
by_our_capture = pytest.mark.parametrize("capture", OURS, ids=lambda path: path.stem)
by_passes = pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one pass", "two passes"])

DESTINATION, RUN, PATH, TTL, RESPONDERS, LABELS, SENT, ANSWERED, LOSS, MIN, AVERAGE, MAX = range(12)
A, B = "203.0.113.1", "203.0.113.2"
BRANCHES_MAX = 1000


# --- what is printed ------------------------------------------------------------------------------

def hop_rows(printed):
    """The rows of the table of hops; cells that are blank at the end of a line are None, as sharkd's."""
    lines = printed.split("\nHops\n")[1].split("\n=")[0].splitlines()
    rows = [[cell.strip() for cell in line.split("|")[:-1]] for line in lines if "|" in line]
    return [typed(row + [None] * (MAX + 1 - len(row))) for row in rows]


def typed(row):
    def number(kind, text):
        return None if text is None else kind(text)

    return row[:PATH] + [int(row[PATH]), int(row[TTL])] + row[RESPONDERS:SENT] + \
        [number(int, cell) for cell in row[SENT:MIN]] + [number(float, cell) for cell in row[MIN:]]


def rounded(rows):
    """To the microsecond that tshark prints."""
    return [row[:MIN] + [None if rtt is None else pytest.approx(rtt, abs=0.00051) for rtt in row[MIN:]] for row in rows]


def hops(tshark, capture, *options, only=""):
    return hop_rows(tshark(*options, "-q", "-r", capture, "-z", "traceflow,hops" + only))


def taps(sharkd, capture, *names):
    """What sharkd answers for each of several requests, one after the other."""
    requests = [{"method": "load", "params": {"file": capture}}]
    requests += [{"method": "tap", "params": {"tap0": name}} for name in names]
    return [reply["result"]["taps"][0] for reply in sharkd(requests)[1:]]


def refused(as_nobody, captures, *statistics):
    """What tshark says instead of a statistic: exit status and lines of standard error."""
    words = [word for statistic in statistics for word in ("-z", statistic)]
    done = subprocess.run([*as_nobody, "tshark", "-q", "-r", "/proc/self/fd/0", *words], capture_output=True, text=True,
                          stdin=(captures / "mpls.pcapng").open(), timeout=60)
    return done.returncode, done.stderr.splitlines()


# --- what is expected -----------------------------------------------------------------------------

def document(traceflow, capture):
    return json.loads(traceflow("-n", "--format", "json", "-r", capture).stdout)


def percent(part, whole):
    return min(99, max(1, (200 * part + whole) // (2 * whole))) if 0 < part < whole else 100 * part // whole


def by_frequency(words):
    return ", ".join(sorted(dict.fromkeys(words), key=lambda word: -words.count(word)))


LETTERS = {3: dict(enumerate("NHP.FS...XX..XVC")), 1: dict(enumerate("NXSH.XX"))}   # RFC 792, 1812; RFC 4443


def mark(reply):
    """As traceroute writes an unreachable's code."""
    if not reply["icmp"] or reply["destination"]:
        return ""
    kind, code = reply["icmp"]["type"], reply["icmp"]["code"]
    letters = LETTERS[1 if ":" in reply["address"] else 3]
    if (kind, code) == ((3, 0) if ":" in reply["address"] else (11, 0)):
        return ""
    if kind != (1 if ":" in reply["address"] else 3):
        return f" !<{kind}-{code}>"
    return f" !<{code}>" if letters.get(code, ".") == "." else f" !{letters[code]}"


def run_name(trace):
    return trace["run_id"] or f"from {trace['source']}"


def row_of(trace, path, hop):
    replies = hop["replies"]
    first = [reply for reply in replies if not reply["duplicate"]]
    rtts = [reply["rtt_ms"] for reply in first if reply["rtt_ms"] is not None]
    counted = [reply for reply in first if reply["probe_frame"]] if hop["sent"] else first
    answered = min(len(counted), hop["sent"]) if hop["sent"] else len(counted)  # a probe may not be in the capture
    return [
        trace["destination"]["address"], run_name(trace), path["path_id"], hop["ttl"],
        by_frequency([reply["address"] + mark(reply) for reply in replies]) +
        (" !!" if any(reply["contradicted"] for reply in replies) else ""),
        by_frequency(["/".join(str(entry["label"]) for entry in reply["mpls"]) for reply in replies if reply["mpls"]]),
        hop["sent"], answered, percent(hop["sent"] - answered, hop["sent"]) if hop["sent"] else None,
        *([min(rtts), sum(rtts) / len(rtts), max(rtts)] if rtts else [None] * 3),
    ]


def rows_of(report):
    """A row for each cell that was probed or answered; of inferred ones there is nothing to count."""
    return [row_of(trace, path, hop) for trace in report["traces"] for path in trace["paths"] for hop in path["hops"]
            if hop["sent"] or hop["replies"]]


def captured(tmp_path, packets, name="made.pcap"):
    path = tmp_path / name
    for number, packet in enumerate(packets):
        packet.time = 1_700_000_000 + number / 1000
    wrpcap(str(path), packets)
    return path


# --- the prober's reports -------------------------------------------------------------------------

@by_capture
@by_passes
def test_json_is_the_probers(traceflow, tshark, capture, passes):
    printed = tshark(*passes, "-q", "-r", capture, "-z", "traceflow,json")
    assert printed == traceflow("-n", "--format", "json", "-r", capture).stdout.decode()


def test_json_of_an_empty_capture(traceflow, tshark, tmp_path):
    empty = captured(tmp_path, [])
    assert tshark("-q", "-r", empty, "-z", "traceflow,json") == \
        traceflow("-n", "--format", "json", "-r", empty).stdout.decode()


@by_passes
def test_json_with_a_filter(traceflow, tshark, captures, passes):
    printed = tshark(*passes, "-q", "-r", captures / "nat.pcapng", "-z", "traceflow,json,traceflow.path_id == 2")
    whole = document(traceflow, captures / "nat.pcapng")["traces"][0]["paths"]
    assert json.loads(printed)["traces"][0]["paths"] == [path for path in whole if path["path_id"] == 2]


# --- the table of hops ----------------------------------------------------------------------------

# capture, path, TTL, then: responders, labels, sent, answered, loss, RTTs
FROM_PAGES = [
    ("mpls.pcapng", 1, 5, [A[:-1] + "4", "16031/24005", 1, 1, 0, 3.5, 3.5, 3.5]),
    ("silent-duplicate.pcapng", 1, 3, ["", "", 3, 0, 100, None, None, None]),
    ("silent-duplicate.pcapng", 2, 2, [A, "", 1, 1, 0, 1.182, 1.182, 1.182]),           # answered twice
    ("silent-duplicate.pcapng", 3, 2, [A, "", 2, 1, 50, 1401.146, 1401.146, 1401.146]),  # late
    ("unreachable.pcap", 3, 2, [B + " !N", "", 1, 1, 0, 1.146, 1.146, 1.146]),
    ("replies-only.pcap", 2, 2, [B, "", 0, 1, None, None, None, None]),
]


@pytest.mark.parametrize("name,path,ttl,cells", FROM_PAGES, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in FROM_PAGES])
def test_a_hop(tshark, captures, name, path, ttl, cells):
    row = next(row for row in hops(tshark, captures / name) if row[PATH:RESPONDERS] == [path, ttl])
    assert row == rounded([row[:RESPONDERS] + cells])[0]


@by_our_capture
@by_passes
def test_hops_are_those_of_the_json(traceflow, tshark, capture, passes):
    expected = rows_of(document(traceflow, capture))
    assert expected and hops(tshark, capture, *passes) == rounded(expected)


@by_our_capture
def test_hops_in_the_window(traceflow, sharkd, capture):
    """As often as it is opened: rows are neither lost nor added."""
    expected = rows_of(document(traceflow, capture))
    for tap in taps(sharkd, capture, "nstat:traceflow,hops", "nstat:traceflow,hops"):
        assert tap["tables"][0]["i"] == rounded(expected)


def test_hops_in_two_windows_at_once(traceflow, sharkd, captures):
    capture = captures / "silent-duplicate.pcapng"
    replies = sharkd([{"method": "load", "params": {"file": capture}},
                      {"method": "tap", "params": {"tap0": "nstat:traceflow,hops", "tap1": "nstat:traceflow,hops"}}])
    shown = [tap["tables"][0]["i"] for tap in replies[1]["result"]["taps"]]
    assert shown == [rounded(rows_of(document(traceflow, capture)))] * 2


def test_hops_of_a_second_file(traceflow, sharkd, captures):
    names = ["mpls.pcapng", "nat.pcapng"]
    requests = [request for name in names for request in (
        {"method": "load", "params": {"file": captures / name}},
        {"method": "tap", "params": {"tap0": "nstat:traceflow,hops"}})]
    for name, reply in zip(names, sharkd(requests)[1::2], strict=True):
        assert reply["result"]["taps"][0]["tables"][0]["i"] == rounded(rows_of(document(traceflow, captures / name)))


@by_passes
@pytest.mark.parametrize("condition,path_ids", [("traceflow.path_id == 2", {2}),
                                                ("traceflow.path_id != 1 && udp", {2, 3, 4, 5})])
def test_hops_with_a_filter(traceflow, tshark, captures, passes, condition, path_ids):
    """The frame that ends the capture is of path 5: rows are written even where a filter holds the last one back."""
    capture = captures / "nat.pcapng"
    expected = [row for row in rows_of(document(traceflow, capture)) if row[PATH] in path_ids]
    assert expected and hops(tshark, capture, *passes, only="," + condition) == rounded(expected)


@pytest.mark.parametrize("capture", ["strangers.pcapng", None])
def test_hops_of_nothing(tshark, sharkd, captures, tmp_path, capture):
    path = captures / capture if capture else captured(tmp_path, [])
    assert hops(tshark, path) == []
    assert taps(sharkd, path, "nstat:traceflow,hops")[0]["tables"][0]["i"] == []


def test_hops_where_frames_are_counted_anew(tshark, captures):
    """With -M, tshark forgets all after so many frames, and counts from 1 again: none is the one before it."""
    capture = captures / "silent-duplicate.pcapng"
    sent = [row[PATH:RESPONDERS] + [row[SENT]] for row in hops(tshark, capture)]
    assert [row[PATH:RESPONDERS] + [row[SENT]] for row in hops(tshark, capture, "-M", 1)] == sent


def test_several_runs_are_told_apart(traceflow, tshark, captures, tmp_path):
    names = ["mpls.pcapng", "nat.pcapng", "original.pcap"]
    merged = tmp_path / "runs.pcapng"
    subprocess.run(["mergecap", "-a", "-w", merged, *(captures / name for name in names)], check=True, timeout=60)
    rows = hops(tshark, merged)
    assert rows == rounded([row for name in names for row in rows_of(document(traceflow, captures / name))])
    assert {(row[DESTINATION], row[RUN]) for row in rows} == {
        ("198.51.100.7", "28aed2a6"), ("198.51.100.7", "f38b4da5"), ("198.51.100.7", "from 192.0.2.1")}


def test_responders_by_frequency_and_loss_in_percent(tshark, tmp_path):
    sent = attempts(6)
    answers = [probes.time_exceeded(probe, responder) for probe, responder in zip(sent, [A, B, B, B])]
    row, = hops(tshark, captured(tmp_path, [*sent, *answers]))
    assert row[RESPONDERS:MIN] == [f"{B}, {A}", "", 6, 4, 33]
    assert row[MIN:] == [6.0, 6.0, 6.0]


def attempts(count, run_id=None):
    return [probes.udp_probe(4, 1, 3, attempt, run_id=run_id) for attempt in range(count)]


@pytest.mark.parametrize("answered,loss", [(0, 100), (1, 99), (249, 1), (250, 0)])
def test_no_loss_and_all_loss_are_exact(tshark, tmp_path, answered, loss):
    sent = attempts(250, run_id=0x1a2b3ca0)    # under which their keys differ, as a prober sees to
    answers = [probes.time_exceeded(probe, A) for probe in sent[:answered]]
    row, = hops(tshark, captured(tmp_path, [*sent, *answers]))
    assert row[SENT:MIN] == [250, answered, loss]


def test_contradicting_answers_are_marked(tshark, tmp_path):
    probe = probes.udp_probe(4, 1, 3)
    row, = hops(tshark, captured(tmp_path, [probe, probes.time_exceeded(probe, A), probes.time_exceeded(probe, B)]))
    assert row[RESPONDERS:MIN] == [f"{A}, {B} !!", "", 1, 1, 0]


def test_an_answer_to_a_probe_that_was_not_captured_is_none_of_another(tshark, tmp_path):
    lost, silent, answered = attempts(3)
    answers = [probes.time_exceeded(probe, A) for probe in (lost, answered)]
    row, = hops(tshark, captured(tmp_path, [silent, answered, *answers]))
    assert row[RESPONDERS:MIN] == [A, "", 2, 1, 50] and row[MIN:] == [2.0, 2.0, 2.0]


def test_what_was_captured_twice_counts_once(tshark, tmp_path):
    silent, answered = attempts(2)
    frames = [silent, answered, probes.time_exceeded(answered, A)]
    row, = hops(tshark, captured(tmp_path, frames + [frame.copy() for frame in frames]))
    assert row[RESPONDERS:MIN] == [A, "", 2, 1, 50] and row[MIN:] == [1.0, 1.0, 1.0]


def test_a_flood_of_duplicates_answers_one_probe(tshark, tmp_path):
    sent = attempts(3)
    row, = hops(tshark, captured(tmp_path, [*sent, *(probes.time_exceeded(sent[0], A) for _ in range(100))]))
    assert row[SENT:MIN] == [3, 1, 67]


def test_hops_over_ipv6(tshark, tmp_path):
    probe = probes.udp_probe(6, 2, 3)
    row, = hops(tshark, captured(tmp_path, [probe, probes.time_exceeded(probe, "2001:db8:1::1")]))
    assert row[:MIN] == ["2001:db8:9::9", "1a2b3c4d", 2, 3, "2001:db8:1::1", "", 1, 1, 0]


# --- the tree of replies --------------------------------------------------------------------------

def leaves(node, names=()):
    names = (*names, node["name"])
    if not node.get("sub"):
        yield names, node
    for child in node.get("sub", []):
        yield from leaves(child, names)


def tree_of(sharkd, capture):
    return taps(sharkd, capture, "stat:traceflow")[0]["stats"]


def replies(tshark, capture, runs):
    """Where each reply's frame says that it belongs, and its round-trip time.

    One of a run that was not probed is no trace's, but is counted: 198.51.100.7 is what the forger calls its aim.
    """
    names = ["run_id", "path_id", "ttl", "responder", "responder6", "rtt"]
    wanted = [word for name in names for word in ("-e", f"traceflow.{name}")]
    only = "traceflow.kind > 1 && !traceflow.forged"
    for line in tshark("-r", capture, "-Y", only, "-T", "fields", *wanted).splitlines():
        run, path, ttl, responder, responder6, rtt = line.split("\t")
        yield (runs.get(run[2:] or None, f"198.51.100.7 run {run[2:]}"), f"Path {path:>3}", f"TTL {ttl:>3}" if ttl else "TTL unknown",
               responder + responder6 + ("" if rtt else " (no probe)")), rtt


@by_our_capture
def test_tree_counts_all_replies(traceflow, tshark, sharkd, capture):
    """Those behind a path's end, too. Times are in microseconds."""
    runs = {trace["run_id"]: f"{trace['destination']['address']} {'run ' if trace['run_id'] else ''}{run_name(trace)}"
            for trace in document(traceflow, capture)["traces"]}
    expected = {}
    for place, rtt in replies(tshark, capture, runs):
        expected.setdefault(place, []).append(1e6 * float(rtt) if rtt else None)
    found = {names[1:]: node for names, node in leaves({"name": "", "sub": tree_of(sharkd, capture)}) if node["count"]}
    assert {place: node["count"] for place, node in found.items()} == {place: len(r) for place, r in expected.items()}
    for place, times in expected.items():
        if None not in times:
            assert found[place]["avg"] == pytest.approx(sum(times) / len(times), abs=1)


def test_tree_shows_silence(sharkd, captures):
    tree, = tree_of(sharkd, captures / "silent-duplicate.pcapng")
    assert [node["count"] for node in tree["sub"][0]["sub"]] == [1, 1, 0, 1, 1]
    assert tree["count"] == 13 and tree["sub"][0]["sub"][2]["name"] == "TTL   3"


def test_tree_is_sorted_as_paths_are_numbered(tshark, tmp_path):
    sent = [probes.udp_probe(4, path, 1) for path in (10, 9, 100, 2, 1)]
    lines = tshark("-q", "-r", captured(tmp_path, sent), "-z", "traceflow,tree").splitlines()
    assert [int(line.split()[1]) for line in lines if line.startswith(" Path")] == [1, 2, 9, 10, 100]


def test_tree_with_a_filter(tshark, captures):
    printed = tshark("-q", "-r", captures / "nat.pcapng", "-z", "traceflow,tree,traceflow.path_id == 2")
    assert printed.count("Path") == 1 and "Path   2" in printed


def test_tree_of_more_paths_than_can_be_added(sharkd, tmp_path):
    sent = [probes.udp_probe(4, path, 1) for path in range(1, BRANCHES_MAX + 11)]
    answers = [probes.time_exceeded(probe, A) for probe in sent]
    tree, = tree_of(sharkd, captured(tmp_path, [*sent, *answers]))
    children = {node["name"]: node["count"] for node in tree["sub"]}
    assert tree["count"] == BRANCHES_MAX + 10 and len(children) == BRANCHES_MAX + 1
    assert children["(others)"] == 10 and children["Path 1000"] == 1


# --- time stamps that lie ---------------------------------------------------------------------------

def test_what_comes_before_its_probe_took_no_time(tshark, sharkd, tmp_path):
    """It is an answer all the same."""
    sent = [probes.udp_probe(4, 1, 3, attempt) for attempt in range(2)]
    packets = [*sent, *(probes.time_exceeded(probe, A) for probe in sent)]
    for packet, ms in zip(packets, (0, 10, 6, 4)):
        packet.time = 1_700_000_000 + ms / 1000
    capture = tmp_path / "clocks.pcap"
    wrpcap(str(capture), packets)
    row, = hops(tshark, capture)
    assert row[SENT:] == [2, 2, 0, 6.0, 6.0, 6.0]
    nodes = [(names[-1], node["count"], node.get("avg")) for names, node in leaves(tree_of(sharkd, capture)[0])]
    assert nodes == [(A, 1, 6000), (f"{A} (negative RTT)", 1, None)]


# --- together, and wrong --------------------------------------------------------------------------

@by_passes
def test_all_at_once(tshark, captures, passes):
    read = [*passes, "-q", "-r", captures / "mpls.pcapng"]
    names = ["traceflow,paths", "traceflow,hops", "traceflow,tree", "traceflow,json"]
    together = tshark(*read, *(word for name in names for word in ("-z", name)))
    alone = [tshark(*read, "-z", name) for name in names]
    assert all(printed and printed in together for printed in alone)
    assert len(together) == sum(len(printed) for printed in alone)


def test_after_the_packets(tshark, captures):
    read = ["-r", captures / "mpls.pcapng"]
    assert tshark(*read, "-z", "traceflow,hops") == tshark(*read) + tshark("-q", *read, "-z", "traceflow,hops")


@pytest.mark.parametrize("statistics,complaint", [
    (["traceflow,paths,ip.nonsense"], "ip.nonsense"),
    (["traceflow,json,ip.nonsense"], "ip.nonsense"),
    (["traceflow,hops,ip.nonsense"], "ip.nonsense"),
    (["traceflow,pathsuit"], "-z traceflow,pathsuit: there is no such statistic"),
    (["traceflow,jsonp"], "-z traceflow,jsonp: there is no such statistic"),
    (["traceflow,hopscotch"], "-z traceflow,hopscotch: there is no such statistic"),
    (["traceflow,hops", "traceflow,hops,ip"], "-z traceflow,hops,ip: traceflow,hops can be given once only"),
])
def test_refusals(as_nobody, captures, statistics, complaint):
    status, lines = refused(as_nobody, captures, *statistics)
    assert status == 1 and len(lines) == 1 and complaint in lines[0]
