# SPDX-License-Identifier: GPL-2.0-or-later
"""Lies from the network: while a trace runs, and in files."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import stockholm
from scapy.all import Ether, wrpcap

DST = "198.51.100.1"
FORGER = Path(__file__).with_name("forger.py")
FORGED = socket.inet_aton("203.0.113.66") + socket.inet_aton("192.0.2.1")     # an IP header's addresses


def hops_of(path):
    return [sorted({reply["address"] for reply in hop["replies"]}) for hop in path["hops"]]


def test_forged_replies_make_no_paths(lab, traceflow, traceflow_path, tmp_path):
    lab.up("--silent", "dst")
    capture = tmp_path / "hostile.pcapng"
    forger = subprocess.Popen(lab.argv("exec", "r0", sys.executable, FORGER), stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert forger.stdout.readline() == "ready\n", forger.stderr.read()
        args = ["-n", "--paths", 8, "--timeout", "0.8", "--format", "json"]
        done = lab.exec("src", traceflow_path, *args, "-w", capture, DST)
    finally:
        _, complaints = forger.communicate(timeout=60)
    assert done.returncode == 0, done.stderr
    assert capture.read_bytes().count(FORGED) > 50, complaints

    traces = json.loads(done.stdout)["traces"]
    assert len(traces) == 1
    truth = lab.truth_by_port(33481, 33488)
    assert [path["path_id"] for path in traces[0]["paths"]] == list(range(1, 9))
    for path in traces[0]["paths"]:
        real = truth[path["src_port"]][:-1]  # the destination is silent
        assert hops_of(path)[: len(real)] == [[address] for address in real]
    assert traceflow("-n", "--format", "json", "-r", capture).stdout.decode() == done.stdout


def probe(path=1, ttl=1, **how):
    return stockholm.probe("192.0.2.1", DST, path, ttl, run_id=0x5EED0001, **how)


def table_of(traceflow, tmp_path, packets):
    capture = tmp_path / "made.pcap"
    frames = {id(p): bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / p) for p in packets}
    wrpcap(str(capture), [frames[id(p)] for p in packets], linktype=1)
    return traceflow("-n", "-r", capture).stdout.decode()


def test_a_reply_to_a_path_that_was_not_probed_is_left_out(traceflow, tmp_path):
    stray = stockholm.time_exceeded(probe(path=2, ttl=3), "203.0.113.9")
    table = table_of(traceflow, tmp_path, [probe(), stockholm.time_exceeded(probe(), "10.0.0.1"), stray])
    assert "Path ID 1 | 10.0.0.1 |" in table
    assert "Path ID 2" not in table and "203.0.113.9" not in table


def test_a_reply_of_another_run_is_left_out(traceflow, tmp_path):
    other = stockholm.probe("192.0.2.1", DST, 1, 2, run_id=0x0BADC0DE)
    stray = stockholm.time_exceeded(other, "203.0.113.9")
    table = table_of(traceflow, tmp_path, [probe(), stockholm.time_exceeded(probe(), "10.0.0.1"), stray])
    assert table.count("traceflow to") == 1 and "203.0.113.9" not in table


def test_a_flood_of_duplicates_is_counted(traceflow, tmp_path):
    reply = stockholm.time_exceeded(probe(), "10.0.0.1")
    table = table_of(traceflow, tmp_path, [probe(), *[reply] * 5000])
    assert "Path ID 1 | 10.0.0.1 |" in table
    assert "4999 duplicate replies" in table
