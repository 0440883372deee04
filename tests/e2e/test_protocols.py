# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of every protocol over both families, made by another hand than the program's, read by it."""

import json

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

import probes

ROUTERS = {4: ("10.0.0.1", "10.0.1.2", "10.0.2.2"), 6: ("2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1")}
SHORT = {4: 28, 6: 48}
every_kind = pytest.mark.parametrize("protocol,version", [(p, v) for v in (4, 6) for p in probes.PROBES],
                                     ids=lambda value: str(value))


def write(path, packets):
    """A capture with a packet each millisecond."""
    frames = [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet for packet in packets]
    for number, frame in enumerate(frames):
        frame.time = 1_700_000_000 + number / 1000
    wrpcap(str(path), frames)
    return path


def read(traceflow, path):
    done = traceflow("-n", "-r", path, "--format", "json")
    assert done.returncode == 0, done.stderr
    traces = json.loads(done.stdout)["traces"]
    assert len(traces) == 1
    return traces[0]


def exchange(protocol, version, quote_len=None):
    """Two paths over one router, then one each, to the destination at TTL 3."""
    first, *second = ROUTERS[version]
    make = probes.PROBES[protocol]
    for path in (1, 2):
        for ttl, responder in ((1, first), (2, second[path - 1])):
            probe = probes.wire_check(make(version, path, ttl))
            yield from (probe, probes.time_exceeded(probe, responder, quote_len))
        probe = probes.wire_check(make(version, path, 3))
        yield from (probe, probes.ANSWERS[protocol](probe))


def hops(trace):
    return [[[(reply["address"], reply["attempt"]) for reply in hop["replies"]] for hop in path["hops"]]
            for path in trace["paths"]]


@every_kind
@pytest.mark.parametrize("whole", [True, False], ids=["whole quotes", "8 bytes"])
def test_two_paths(traceflow, tmp_path, protocol, version, whole):
    trace = read(traceflow, write(tmp_path / "two.pcap", exchange(protocol, version, None if whole else SHORT[version])))
    first, *second = ROUTERS[version]
    destination = probes.ADDRESSES[version][1]

    assert trace["run_id"] == f"{probes.RUN_ID:08x}"
    assert [path["path_id"] for path in trace["paths"]] == [1, 2]
    assert all(path["reached"] and path["length"] == 3 for path in trace["paths"])
    assert hops(trace) == [[[(first, 0)], [(router, 0)], [(destination, 0)]] for router in second]
    assert all(reply["changed"] == [] for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"])


@pytest.mark.parametrize("version", [4, 6])
def test_a_closed_port_resets(traceflow, tmp_path, version):
    probe = probes.syn_probe(version, 1, 1)
    trace = read(traceflow, write(tmp_path / "reset.pcap", [probe, probes.tcp_answer(probe, probes.RST_ACK, None)]))
    assert trace["paths"][0]["reached"]


@pytest.mark.parametrize("version", [4, 6])
def test_a_bare_acknowledgement_does_not_say_the_ttl(traceflow, tmp_path, version):
    opening, lower, higher = (probes.syn_probe(version, 1, ttl) for ttl in (3, 2, 4))
    packets = [opening, lower, higher, probes.tcp_answer(opening), probes.tcp_answer(opening, probes.ACK)]
    path = read(traceflow, write(tmp_path / "challenge.pcap", packets))["paths"][0]
    assert path["unplaced_replies"] == 1
    assert {hop["ttl"]: len(hop["replies"]) for hop in path["hops"]}[3] == 1


@every_kind
def test_another_run_takes_none_of_its_replies(traceflow, tmp_path, monkeypatch, protocol, version):
    mine = probes.PROBES[protocol](version, 1, 1)
    monkeypatch.setattr(probes, "RUN_ID", 0x0badc0de)
    theirs = probes.PROBES[protocol](version, 1, 1)
    strangers = [probes.time_exceeded(theirs, ROUTERS[version][0], length) for length in (None, SHORT[version])]
    if protocol == "icmp":
        strangers.append(probes.echo_reply(theirs))
    if protocol == "tcp":
        strangers += [probes.tcp_answer(theirs, flags, 0x0badc0de) for flags in (probes.SYN_ACK, probes.ACK)]
    capture = write(tmp_path / "other.pcap", [mine, *strangers])

    done = traceflow("-n", "-r", capture, "--format", "json")
    path, = json.loads(done.stdout)["traces"][0]["paths"]
    assert not any(hop["replies"] for hop in path["hops"]) and path["unplaced_replies"] == 0
