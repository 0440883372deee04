# SPDX-License-Identifier: GPL-2.0-or-later
"""Others on the same wire: a second prober, foreign traceroutes, and forgers of every answer there is."""

import json
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

import probes
import spoofer
from lab import Capture
from pcap import ip_packets
from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

DST = spoofer.DST
SPOOFER = Path(spoofer.__file__)
PROTOCOLS, VERSIONS = ("udp", "icmp", "tcp"), (4, 6)
BASE = spoofer.BASE_PORT
EVERY_CELL = ("--format", "json", "-n", "--paths")
SHAPE = "1,1"                                   # r0, one of two, m1, the destination


# ---- What is true ------------------------------------------------------------------------------------


def addresses_of(hop):
    return {reply["address"] for reply in hop["replies"]}


def ways(trace):
    """{path ID: what answered at each TTL}"""
    return {path["path_id"]: [addresses_of(hop) for hop in path["hops"]] for path in trace["paths"]}


def possible_ways(lab, version):
    """Every real path of SHAPE; which of them a flow takes, lab/kernel tells of IPv4 and UDP only."""
    hosts = lab.hosts("-6") if version == 6 else lab.hosts()
    return [[{hosts[name]} for name in ("r0", branch, "m1", "dst")] for branch in ("s1b1p1", "s1b2p1")]


def assert_true(lab, trace, version, protocol):
    """Complete, possible, and the kernel's own word where it has one."""
    possible = possible_ways(lab, version)
    found = ways(trace)
    assert found and all(way in possible for way in found.values()), found
    assert all(path["reached"] and path["length"] == 4 and path["unplaced_replies"] == 0 for path in trace["paths"])
    assert not any(reply["contradicted"] for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"])
    if (version, protocol) == (4, "udp"):
        truth = lab.truth_by_port(BASE + 1, BASE + max(found))
        assert all(way == [{address} for address in truth[BASE + path]] for path, way in found.items())


def assert_links_exist(lab, trace, version):
    real = {(a, b) for way in possible_ways(lab, version) for (a,), (b,) in zip(way, way[1:])}
    assert {(link["from"], link["to"]) for link in trace["links"]} <= real


def only_trace(text):
    trace, = json.loads(text)["traces"]
    return trace


# ---- Two probers at once -----------------------------------------------------------------------------


AT_A_WORD = ("sh", "-c", 'echo ready; read word; exec "$@"', "sh")


def start(lab, traceflow_path, tmp_path, name, protocol, version, wait):
    """A prober that begins when it is let go."""
    argv = lab.argv("exec", "src", *AT_A_WORD, traceflow_path, *EVERY_CELL, 24, "--wait", wait, "--protocol", protocol,
                    "-w", tmp_path / f"{name}.pcapng", "-o", tmp_path / f"{name}.json", DST[version])
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def let_go(*processes):
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def finish(process, tmp_path, name):
    """The one trace, and its JSON as it was printed."""
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    text = (tmp_path / f"{name}.json").read_text()
    return only_trace(text), text


RUN_ID = re.compile(rb"TFLW\x01...(?P<tag>....)|\x01\x01\x08\x0a(?P<stamp>....)\0{4}", re.DOTALL)


def run_ids(path):
    """Of the tags and time stamps in a capture, in their order; probes and quotes alike."""
    return [(found["tag"] or found["stamp"]).hex() for found in RUN_ID.finditer(path.read_bytes())]


RIVALS = [(protocol, protocol, version) for version in VERSIONS for protocol in PROTOCOLS]
RIVALS += [("udp", "tcp", 4), ("icmp", "udp", 6)]


@pytest.mark.parametrize("first,second,version", RIVALS)
def test_two_probers_at_once(lab, traceflow, traceflow_path, tmp_path, first, second, version):
    """The same destination, ports and pace; the second begins while the first is under way."""
    lab.up(SHAPE)
    with Capture(lab, tmp_path / "both.pcap"):
        one = start(lab, traceflow_path, tmp_path, "one", first, version, 0.01)
        two = start(lab, traceflow_path, tmp_path, "two", second, version, 0.01)
        let_go(one, two)
        traces = [finish(process, tmp_path, name)[0] for process, name in ((one, "one"), (two, "two"))]
    ids = [trace["run_id"] for trace in traces]
    assert ids[0] != ids[1]

    both = json.loads(traceflow("-n", "--format", "json", "-r", tmp_path / "both.pcap").stdout)["traces"]
    assert sorted(trace["run_id"] for trace in both) == sorted(ids)
    for trace, protocol in zip(traces, (first, second)):
        again, = (other for other in both if other["run_id"] == trace["run_id"])
        for table in (trace, again):
            assert_true(lab, table, version, protocol)
        assert ways(trace) == ways(again)
    for name, run_id in zip(("one", "two"), ids):
        assert set(run_ids(tmp_path / f"{name}.pcapng")) == {run_id}
    order = [run_id for run_id in run_ids(tmp_path / "both.pcap") if run_id in ids]
    assert order.index(ids[1]) < len(order) - order[::-1].index(ids[0]), "they were not at once"


# ---- A foreign traceroute ----------------------------------------------------------------------------

TRACEROUTE = ("traceroute", "-n", "-q", 1)
FOREIGN = {
    "traceroute -U": ("udp", 4, *TRACEROUTE, "-U", "-p", BASE, f"--sport={BASE + 1}"),
    "traceroute -I": ("icmp", 4, *TRACEROUTE, "-I"),
    "traceroute -T": ("tcp", 4, *TRACEROUTE, "-T", "-p", 443, f"--sport={BASE + 1}"),
    "traceroute -6 -U": ("udp", 6, *TRACEROUTE, "-U", "-p", BASE, f"--sport={BASE + 1}"),
    "mtr": ("udp", 4, "mtr", "-n", "-r", "-c", 1, "-Z", 1, "-u", "-P", BASE, "-L", BASE + 1),
    "scamper": ("udp", 4, "scamper", "-c", f"trace -P udp-paris -s {BASE + 1} -d {BASE} -q 1", "-i"),
}
PROTOCOL_NUMBERS = {(4, "udp"): 17, (4, "tcp"): 6, (4, "icmp"): 1, (6, "udp"): 17}


def senders(pcap, version, protocol, run_id):
    """Of the probes that left src, in their order, whether each is that run's."""
    at, ends = (6, slice(8, 24)) if version == 6 else (9, slice(12, 16))
    src = spoofer.packed(version, spoofer.SRC[version])
    return [bytes.fromhex(run_id) in packet for packet in ip_packets(pcap)
            if packet[ends] == src and packet[at] == PROTOCOL_NUMBERS[version, protocol]]


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_traceroute_beside_it(lab, traceflow, traceflow_path, tmp_path, name):
    """On the very flow of path 1, again and again for as long as the trace takes. What it makes of our replies is its
    own affair: traceroute -T does take them."""
    protocol, version, *command = FOREIGN[name]
    if subprocess.run(["which", command[0]], capture_output=True).returncode != 0:
        pytest.skip(f"{command[0]} is not installed")
    lab.up(SHAPE)
    with Capture(lab, tmp_path / "both.pcap"):
        ours = start(lab, traceflow_path, tmp_path, "ours", protocol, version, 0.03)
        let_go(ours)
        while ours.poll() is None:
            lab.exec("src", *command, DST[version])
        trace, text = finish(ours, tmp_path, "ours")

    sent = senders(tmp_path / "both.pcap", version, protocol, trace["run_id"])
    assert sent[sent.index(True) : len(sent) - sent[::-1].index(True)].count(False) >= 4, "they were not at once"
    assert_true(lab, trace, version, protocol)
    assert all(hop["sent"] == len(hop["replies"]) for path in trace["paths"] for hop in path["hops"])
    assert set(run_ids(tmp_path / "ours.pcapng")) == {trace["run_id"]}
    assert traceflow("-n", "--format", "json", "-r", tmp_path / "ours.pcapng").stdout.decode() == text


# ---- Forgers who guess -------------------------------------------------------------------------------

FORGED_PATHS, FORGED_TTLS = 8, 4


def path_ttl_key(packet, version, protocol):
    """Of a probe, or of what is quoted of one. IPv6 over UDP has no TTL in its first bytes."""
    segment = packet[(40 if version == 6 else 20) :]
    port, _, third, fourth = struct.unpack("!HHHH", segment[:8])
    if protocol == "udp":
        return port - BASE, None if version == 6 else packet[5], fourth
    if protocol == "tcp":
        return port - BASE, third & 0xFF, fourth
    checksum, ident, sequence = struct.unpack("!HHH", segment[2:8])
    return ident - BASE, sequence & 0xFF, checksum


def lucky_guesses(pcap, version, protocol):
    """(how many errors were forged, {(path, TTL)} whose quote held a key that the run used)."""
    head = 40 if version == 6 else 20
    ends = slice(8, 24) if version == 6 else slice(12, 16)
    src, liar = (spoofer.packed(version, name[version]) for name in (spoofer.SRC, spoofer.LIAR))
    keys, forged = set(), []
    for packet in ip_packets(pcap):
        if packet[ends] == src:
            path, _, key = path_ttl_key(packet, version, protocol)
            keys.add((path, key))
        elif packet[ends] == liar:
            forged.append(path_ttl_key(packet[head + 8 :], version, protocol))
    return len(forged), [(path, ttl) for path, ttl, key in forged if (path, key) in keys]


def assert_truth_beside_lies(lab, trace, version):
    """The true responder is at every TTL, and what else is there is called contradicted, and makes no link. Other probes
    of that TTL, which nobody lied about, are in order."""
    liars = {spoofer.LIAR[version], DST[version]}
    possible = possible_ways(lab, version)
    for path in trace["paths"]:
        told = [addresses_of(hop) for hop in path["hops"]]
        fitting = [way for way in possible if all(real <= there <= real | liars for real, there in zip(way, told))]
        assert fitting and len(told) >= 4, told
        assert len(told) == 4 or told[3] > told[4] == {DST[version]} == told[-1], "too long, and no lie denied the end"
        for real, hop in zip(fitting[0], path["hops"]):
            assert all(reply["contradicted"] for reply in hop["replies"] if reply["address"] not in real), hop
    assert_links_exist(lab, trace, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_forger_passes_by_chance_only(lab, traceflow_path, tmp_path, protocol, version):
    lab.up(SHAPE)
    capture = tmp_path / "forged.pcap"
    argv = lab.argv("exec", "r0", sys.executable, SPOOFER, version, protocol, FORGED_PATHS, FORGED_TTLS)
    forger = subprocess.Popen(argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert forger.stdout.readline() == "ready\n", forger.stderr.read()
        done = lab.exec("src", traceflow_path, *EVERY_CELL, FORGED_PATHS, "--wait", "0.05", "--protocol", protocol,
                        "-w", capture, DST[version])
    finally:
        sent, complaints = forger.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    trace = only_trace(done.stdout)

    forgeries, lucky = lucky_guesses(capture, version, protocol)
    assert 500 < forgeries <= int(sent), complaints
    claimed = [(path["path_id"], hop["ttl"]) for path in trace["paths"] for hop in path["hops"]
               for reply in hop["replies"] if reply["address"] == spoofer.LIAR[version]]
    assert len(claimed) <= len(lucky)
    assert all((path, ttl) in lucky or (path, None) in lucky for path, ttl in claimed), "claimed without the key"
    assert_truth_beside_lies(lab, trace, version)


# ---- Forgers who know the key ------------------------------------------------------------------------

ROUTERS = {4: ("10.0.0.1", "10.0.1.1"), 6: ("2001:db8:0:1::1", "2001:db8:0:2::1")}
QUOTED = {4: 28, 6: None}                       # bytes; of IPv6 all, or else it says no TTL
LIES = {
    "a router": lambda probe, protocol, version: probes.time_exceeded(probe, spoofer.LIAR[version], QUOTED[version]),
    "the destination": lambda probe, protocol, version: probes.ANSWERS[protocol](probe),
}
every_lie = pytest.mark.parametrize("lie,protocol,version", [(lie, protocol, version) for lie in LIES
                                                             for protocol in PROTOCOLS for version in VERSIONS])


def write(path, packets):
    frames = [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet for packet in packets]
    for number, frame in enumerate(frames):
        frame.time = 1_700_000_000 + number / 1000
    wrpcap(str(path), frames)
    return path


def exchange(protocol, version, lie, lie_is_first):
    """Two routers and the destination; TTL 2 is answered twice."""
    for ttl, router in enumerate((*ROUTERS[version], None), 1):
        probe = probes.PROBES[protocol](version, 1, ttl)
        answers = [probes.time_exceeded(probe, router) if router else probes.ANSWERS[protocol](probe)]
        if ttl == 2:
            answers.insert(0 if lie_is_first else 1, LIES[lie](probe, protocol, version))
        yield from (probe, *answers)


def assert_contradicted(path, told, length):
    """At TTL 2 alone, both sides of it; the path goes on as it really does."""
    assert path["reached"] and path["length"] == length
    for hop in path["hops"]:
        assert addresses_of(hop) == told[hop["ttl"] - 1]
        assert all(reply["contradicted"] == (hop["ttl"] == 2) for reply in hop["replies"])


@every_lie
@pytest.mark.parametrize("lie_is_first", [True, False], ids=["first", "last"])
def test_a_lie_with_the_right_key_is_contradicted(traceflow, tmp_path, lie, protocol, version, lie_is_first):
    capture = write(tmp_path / "lie.pcap", exchange(protocol, version, lie, lie_is_first))
    trace = only_trace(traceflow("-n", "--format", "json", "-r", capture).stdout)
    edge, core = ROUTERS[version]
    dst = probes.ADDRESSES[version][1]
    liar = dst if lie == "the destination" else spoofer.LIAR[version]

    path, = trace["paths"]
    assert_contradicted(path, [{edge}, {core, liar}, {dst}], 3)
    assert not any(core in link.values() or liar in link.values() for link in trace["links"])
    row, = (line for line in traceflow("-n", "-r", capture).stdout.decode().splitlines() if line.startswith("Path ID 1"))
    assert [cell.strip().endswith("!!") for cell in row.split("|")[1:4]] == [False, True, False]


RACER = Path(__file__).with_name("racer.py")
SLOW = """
[network]
[router edge]
address = 10.0.0.1, 2001:db8:0:1::1
next = core
[router core]
address = 10.0.1.1, 2001:db8:0:2::1
next = dst
delay = 100ms
[host dst]
address = 198.51.100.1, 2001:db8:d::1
"""


@pytest.fixture(scope="module")
def racer(traceflow_lab, traceflow_path):
    """The argv prefix of traceflow beside a liar, in a place that anyone may read."""
    folder = traceflow_lab.folder / "racer"
    folder.mkdir()
    for path in (RACER, SPOOFER, traceflow_path):
        shutil.copy(path, folder)
    return lambda *how: [sys.executable, folder / RACER.name, *how, folder / traceflow_path.name]


@every_lie
def test_a_lie_that_comes_first_does_not_end_the_search(traceflow_lab, racer, lie, protocol, version):
    """Live: path 1's probe of TTL 2 is answered at once by a liar on this very host, and 0.2 s later by its router."""
    command = [*racer(version, protocol, lie), "-i", "any", *EVERY_CELL, 3, "--protocol", protocol, DST[version]]
    trace = only_trace(traceflow_lab.output(SLOW, *command, timeout=60))
    edge, core = ROUTERS[version]
    liar = DST[version] if lie == "the destination" else spoofer.LIAR[version]
    first, *others = trace["paths"]
    assert_contradicted(first, [{edge}, {core, liar}, {DST[version]}], 3)
    assert [ways(trace)[path["path_id"]] for path in others] == [[{edge}, {core}, {DST[version]}]] * 2
    assert {(link["from"], link["to"]) for link in trace["links"]} <= {(edge, core), (core, DST[version])}
