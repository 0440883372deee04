# SPDX-License-Identifier: GPL-2.0-or-later
"""A forger who knows everything but the run ID: how often it passes, and how that is shown."""

import json
import socket
import struct
import subprocess
import sys
from math import exp, lgamma, log
from pathlib import Path

import pytest

import stockholm
from blind_forger import LIAR, forged
from pcap import ip_packets

SRC, DST = "192.0.2.1", "198.51.100.1"
FORGER = Path(__file__).with_name("blind_forger.py")
PATHS, TTLS = 8, 10
GUESSES = 65_535                # DESIGN: of so many guesses one passes
ETHERNET = bytes(12) + b"\x08\x00"


# ---- A second reading of the capture: what can pass at all ------------------------------------------


def lucky_guesses(pcap):
    """(forged packets, [(path, ttl)] of those whose key is one that this path was probed with, keys of one path)

    The key is the same at every TTL. That of a TTL which this attempt did not probe could be of a probe that the capture
    lost, so it passes as well.
    """
    keys, forgeries, lucky = {}, 0, []
    for packet in ip_packets(pcap):
        if packet[9] == 17 and packet[12:16] == socket.inet_aton(SRC):
            ident, key = cell_and_key(packet)
            keys.setdefault(ident >> 8, set()).add(key)
        elif packet[9] == 1 and packet[12:16] == socket.inet_aton(LIAR):
            forgeries += 1
            ident, key = cell_and_key(packet[28:])
            if key in keys.get(ident >> 8, ()):
                lucky.append((ident >> 8, ident & 0xFF))
    return forgeries, lucky, max(map(len, keys.values()))


def cell_and_key(packet):
    """Of a probe, or a quote of one without IP options."""
    return struct.unpack_from("!H", packet, 4)[0], struct.unpack_from("!H", packet, 26)[0]


def chance_of_more(count, n, p):
    """That of n guesses, each right with p, so many or more are right."""
    fewer = sum(exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p))
                for i in range(count))
    return 1 - fewer


def claimed(trace):
    """[(path, ttl)] of the forger's packets that were taken for replies."""
    return [(path["path_id"], hop["ttl"]) for path in trace["paths"] for hop in path["hops"]
            for reply in hop["replies"] if reply["address"] == LIAR]


def contradicted(trace):
    return {finding["ttl"] for finding in trace.get("findings", []) if finding["kind"] == "contradicted"}


# ---- Live -------------------------------------------------------------------------------------------


def test_guesses_pass_no_oftener_than_chance_has_it(lab, traceflow_path, tmp_path):
    lab.up("--silent", "dst")
    capture = tmp_path / "forged.pcap"
    forger = subprocess.Popen(lab.argv("exec", "r0", sys.executable, FORGER, PATHS, TTLS), text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert forger.stdout.readline() == "ready\n", forger.stderr.read()
        args = ["-n", "--paths", PATHS, "--format", "json", "-w", capture]
        done = lab.exec("src", traceflow_path, *args, DST)
    finally:
        sent, complaints = forger.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    trace, = json.loads(done.stdout)["traces"]

    forgeries, lucky, keys = lucky_guesses(capture)
    assert 1_000 < forgeries <= int(sent), complaints
    assert chance_of_more(len(lucky), forgeries, keys / GUESSES) > 1e-9
    assert not set(claimed(trace)) - set(lucky), "claimed without the key"
    assert len(claimed(trace)) <= len(lucky)

    truth = lab.truth_by_port(33481, 33480 + PATHS)
    for path in trace["paths"]:
        real = truth[path["src_port"]][:-1]  # the destination is silent
        for hop, address in zip(path["hops"], real):
            told = {reply["address"] for reply in hop["replies"]}
            assert address in told and told <= {address, LIAR}
            assert LIAR not in told or hop["ttl"] in contradicted(trace)


# ---- Every key once: exactly one passes -------------------------------------------------------------


def write_pcap(path, packets):
    records = [struct.pack("<IIII", 1, number, len(ETHERNET) + len(packet), len(ETHERNET) + len(packet)) + ETHERNET + packet
               for number, packet in enumerate(packets)]
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records))


@pytest.mark.parametrize("when", ["before", "after"])
def test_of_all_keys_one_passes_and_is_contradicted(traceflow, tmp_path, when):
    probes = [stockholm.probe(SRC, DST, 1, ttl, run_id=0x5EED0001) for ttl in (1, 2)]
    truths = [bytes(stockholm.time_exceeded(probe, f"10.0.0.{ttl}")) for ttl, probe in enumerate(probes, 1)]
    lies = [forged(1, 2, key) for key in range(1, 0xFFFF)]
    replies = [truths[0], *lies, truths[1]] if when == "before" else [*truths, *lies]
    capture = tmp_path / "sweep.pcap"
    write_pcap(capture, [*map(bytes, probes), *replies])

    done = traceflow("-n", "--format", "json", "-r", capture)
    assert done.returncode == 0, done.stderr
    trace, = json.loads(done.stdout)["traces"]
    assert claimed(trace) == [(1, 2)]
    hop = trace["paths"][0]["hops"][1]
    assert {reply["address"] for reply in hop["replies"]} == {"10.0.0.2", LIAR}
    assert contradicted(trace) == {2}


def test_a_repeated_true_reply_is_no_contradiction(traceflow, tmp_path):
    probe = stockholm.probe(SRC, DST, 1, 1, run_id=0x5EED0001)
    truth = bytes(stockholm.time_exceeded(probe, "10.0.0.1"))
    capture = tmp_path / "twice.pcap"
    write_pcap(capture, [bytes(probe), truth, truth])
    trace, = json.loads(traceflow("-n", "--format", "json", "-r", capture).stdout)["traces"]
    assert contradicted(trace) == set()
