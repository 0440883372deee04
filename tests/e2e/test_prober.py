# SPDX-License-Identifier: GPL-2.0-or-later
"""The prober, live, in networks of Linux routers."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scapy.all import ICMP, IP, UDP, Ether, PcapNgReader, PcapReader, Raw

from lab import Capture, prober_pid

DST = "198.51.100.1"
SHAPE_SHORT = "1,1"


def live(lab, traceflow_path, *args, timeout=60):
    return lab.exec("src", traceflow_path, *args, timeout=timeout)


def trace_of(done):
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert len(document["traces"]) == 1
    return document["traces"][0]


def hops_of(path):
    """The addresses along a path, None for a silent hop."""
    return tuple(hop["replies"][0]["address"] if hop["replies"] else None for hop in path["hops"])


def assert_true(trace, lab):
    """Every path is, hop by hop, the one that its own port really takes."""
    ports = [path["src_port"] for path in trace["paths"]]
    truth = lab.truth_by_port(min(ports), max(ports))
    for path in trace["paths"]:
        assert path["reached"]
        assert hops_of(path) == truth[path["src_port"]]


def probes_in(path):
    reader = PcapReader(str(path)) if str(path).endswith(".pcap") else PcapNgReader(str(path))
    return [p for p in reader if UDP in p and p[UDP].dport == 33480 and ICMP not in p]


def test_uneven_paths_are_the_real_ones(lab, traceflow_path):
    lab.up()
    trace = trace_of(live(lab, traceflow_path, "-n", "--paths", 64, "--format", "json", DST))
    assert_true(trace, lab)
    assert {hops_of(path) for path in trace["paths"]} == lab.truth()
    assert trace["distinct_paths"] == 12
    sent = sum(hop["sent"] for path in trace["paths"] for hop in path["hops"])
    repeated = 6  # at the first balancer: flows, or packets?
    assert sent == sum(path["length"] for path in trace["paths"]) + repeated


def test_kernel_rate_limits_cost_time_not_hops(lab, traceflow_path):
    lab.up("--rate-limit")
    trace = trace_of(live(lab, traceflow_path, "-n", "--paths", 8, "--format", "json", DST))
    assert len(trace["paths"]) == 8
    assert_true(trace, lab)


def test_silent_routers_and_destination(lab, traceflow_path):
    lab.up("--silent", "s1b2p1", "--silent", "m1", "--silent", "dst")
    done = live(lab, traceflow_path, "-n", "--timeout", "0.3", "--format", "json", "--paths", 16, DST)
    trace = trace_of(done)
    truth = lab.truth_by_port(33481, 33496)
    silent = {address for name, address in lab.hosts().items() if name in ("s1b2p1", "m1", "dst")}
    for path in trace["paths"]:
        real = truth[path["src_port"]]
        assert not path["reached"]
        assert hops_of(path)[: len(real)] == tuple(None if hop in silent else hop for hop in real)
        deepest = max(path["length"] for path in trace["paths"])
        assert path["hops"][-1]["ttl"] == deepest + 8  # the gap limit
        assert all(hop["sent"] == 3 for hop in path["hops"] if not hop["replies"])


@pytest.mark.parametrize(
    "code, mark",
    [("admin-prohibited", "!X"), ("host-unreachable", "!H"), ("net-unreachable", "!N"), ("prot-unreachable", "!P")],
)
def test_unreachable_codes_end_a_path(lab, traceflow_path, code, mark):
    lab.up("--reject", f"m1:{code}", SHAPE_SHORT)
    done = live(lab, traceflow_path, "-n", "--paths", 2, DST)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("Path ID")]
    assert all(row.rstrip(" |").endswith(mark) for row in rows), done.stdout


@pytest.mark.parametrize("answer", ["echo", "hello"])
def test_a_destination_that_answers_by_udp(lab, traceflow, traceflow_path, tmp_path, answer):
    """An echo says which TTL it answers; anything else has to be asked one TTL at a time."""
    lab.up(SHAPE_SHORT)
    capture = tmp_path / "answer.pcapng"
    argv = lab.argv("exec", "dst", sys.executable, Path(__file__).with_name("answerer.py"), answer)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout.readline() == "ready\n"
            args = ["-n", "--paths", 4, "--timeout", "0.5", "--format", "json"]
            done = live(lab, traceflow_path, *args, "-w", capture, DST)
        finally:
            service.terminate()
    assert_true(trace_of(done), lab)
    assert traceflow("-n", "--format", "json", "-r", capture).stdout.decode() == done.stdout


def test_probes_of_a_path_differ_in_four_places(lab, traceflow_path, tmp_path):
    lab.up(SHAPE_SHORT)
    capture = tmp_path / "probes.pcapng"
    live(lab, traceflow_path, "-n", "--paths", 2, "-w", capture, DST)
    probes = [p for p in probes_in(capture) if p[UDP].sport == 33481]
    assert len(probes) >= 3

    def bytes_but_for_what_may_differ(packet):
        ip = bytearray(bytes(packet[IP])[:44])
        for at in [4, 5, 8, 10, 11, *range(40, 44)]:  # Identification, TTL, checksum, the tag's end
            ip[at] = 0
        return bytes(ip)

    assert len({bytes_but_for_what_may_differ(p) for p in probes}) == 1
    for probe in probes:
        assert probe[IP].id == 1 << 8 | probe[IP].ttl
        assert len(probe[IP]) == 44 and bytes(probe[Raw])[:5] == b"TFLW\x01"
        again = IP(bytes(probe[IP])[:44])
        del again[IP].chksum, again[UDP].chksum
        again = IP(bytes(again))
        assert (again[IP].chksum, again[UDP].chksum) == (probe[IP].chksum, probe[UDP].chksum)


@pytest.mark.parametrize("name", ["trace.pcapng", "trace.pcap"])
@pytest.mark.parametrize("report", ["vert", "horiz", "json"])
def test_reading_gives_what_the_live_run_gave(lab, traceflow, traceflow_path, tmp_path, name, report):
    lab.up(SHAPE_SHORT)
    capture = tmp_path / name
    done = live(lab, traceflow_path, "-n", "--rtt", "--format", report, "-w", capture, DST)
    assert done.returncode == 0, done.stderr
    assert traceflow("-n", "--rtt", "--format", report, "-r", capture).stdout.decode() == done.stdout
    with capture.open("rb") as stream:
        piped = traceflow("-n", "--rtt", "--format", report, "-r", "-", stdin=stream)
    assert piped.stdout.decode() == done.stdout


def test_tshark_prints_the_same_table(lab, traceflow_path, tshark, tmp_path):
    lab.up()
    capture = tmp_path / "demo.pcapng"
    done = live(lab, traceflow_path, "-n", "-w", capture, DST)
    assert tshark("-q", "-r", capture, "-z", "traceflow,paths") == done.stdout
    assert tshark("-2", "-q", "-r", capture, "-z", "traceflow,paths") == done.stdout


def test_pcapng_tells_what_it_is(lab, traceflow_path, tmp_path):
    lab.up(SHAPE_SHORT)
    capture = tmp_path / "about.pcapng"
    live(lab, traceflow_path, "-n", "--paths", 3, "-w", capture, DST)
    about = subprocess.run(["capinfos", capture], capture_output=True, text=True, check=True).stdout
    assert f"--paths 3 -w {capture} {DST}" in about
    assert "Name = to-r0" in about
    assert "nanoseconds (9)" in about
    assert "Number of stat entries = 1" in about


def test_two_probers_at_once_keep_apart(lab, traceflow_path):
    lab.up()
    argv = lab.argv("exec", "src", traceflow_path, "-n", "--format", "json", "--paths", 32, DST)
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    runs = [json.loads(process.communicate(timeout=60)[0])["traces"] for process in both]
    assert [len(traces) for traces in runs] == [1, 1]
    assert runs[0][0]["run_id"] != runs[1][0]["run_id"]
    for traces in runs:
        assert_true(traces[0], lab)
        assert all(hop["sent"] == len(hop["replies"]) for path in traces[0]["paths"] for hop in path["hops"])


def test_any_interface_and_first_ttl(lab, traceflow_path):
    lab.up(SHAPE_SHORT)
    done = live(lab, traceflow_path, "-n", "--paths", 8, "-i", "any", "--first-ttl", 2, "--format", "json", DST)
    trace = trace_of(done)
    assert all(path["hops"][0]["ttl"] == 2 and path["reached"] for path in trace["paths"])


def test_ttl_limit_is_the_last_probed(lab, traceflow_path):
    lab.up(SHAPE_SHORT)
    trace = trace_of(live(lab, traceflow_path, "-n", "--paths", 8, "--ttl", 2, "--format", "json", DST))
    assert all([hop["ttl"] for hop in path["hops"]] == [1, 2] for path in trace["paths"])


def test_interval_is_kept(lab, traceflow_path, tmp_path):
    lab.up(SHAPE_SHORT)
    capture = tmp_path / "paced.pcapng"
    live(lab, traceflow_path, "-n", "--paths", 2, "--wait", "0.05", "-w", capture, DST)
    times = [float(p.time) for p in probes_in(capture)]
    assert min(b - a for a, b in zip(times, times[2:])) > 0.05  # a time stamp may be a little late


def test_dedup_shows_each_distinct_path_once(lab, traceflow_path):
    lab.up(SHAPE_SHORT)
    done = live(lab, traceflow_path, "-n", "--dedup", "--paths", 32, DST)
    rows = [line for line in done.stdout.splitlines() if line.startswith("Path ID")]
    assert len(rows) == len(lab.truth())


def test_loopback(lab, traceflow_path):
    lab.up(SHAPE_SHORT)
    lab.exec("src", "ip", "link", "set", "lo", "up")
    trace = trace_of(live(lab, traceflow_path, "-n", "--paths", 2, "--format", "json", "127.0.0.1"))
    assert [path["length"] for path in trace["paths"]] == [1, 1]
    assert all(path["hops"][0]["sent"] == 1 for path in trace["paths"])


def wait_until(condition, seconds=30):
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("waited in vain")


def answers_in(capture):
    """{(router, source port)} of the answers that the capture holds."""
    return set(re.findall(rb"(\x0a...)\xc0\x00\x02\x01\x0b\x00.{26}(..)", capture.read_bytes(), re.S))


def start(lab, tmp_path, traceflow_path, *args):
    """A run of SHAPE_SHORT that waits long for a silent destination, when all that the routers answer is in its file:
    before, rows would be short, and together. (process, capture file)"""
    capture = tmp_path / "long.pcapng"
    argv = lab.argv("exec", "src", traceflow_path, "--paths", 8, "--timeout", 30, "-w", capture, *args, DST)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: capture.exists() and len(answers_in(capture)) == 8 * 3)
    return process, capture


def test_interrupt_prints_what_is_known_and_closes_the_file(lab, traceflow, traceflow_path, tmp_path):
    lab.up("--silent", "dst", SHAPE_SHORT)
    process, capture = start(lab, tmp_path, traceflow_path, "-n")
    subprocess.run(["kill", f"-{signal.SIGINT.value}", str(prober_pid(process))], check=True)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Path ID 8 | 10.0.0.1" in out
    assert traceflow("-n", "-r", capture).stdout.decode() == out
    about = subprocess.run(["capinfos", capture], capture_output=True, text=True)
    assert about.returncode == 0 and "Number of stat entries = 1" in about.stdout


def test_a_signal_that_the_invoker_ignores_stays_ignored(lab, traceflow_path):
    lab.up("--silent", "dst", SHAPE_SHORT)
    command = f"trap '' HUP; exec {traceflow_path} -n --timeout 1 {DST}"
    argv = lab.argv("exec", "src", "sh", "-c", command)
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: prober_pid(process) is not None)
    time.sleep(0.2)
    subprocess.run(["kill", "-HUP", str(prober_pid(process))], check=True)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert " | * | * | * | " in out  # it went on to the gap limit


def test_closed_standard_streams_are_no_sockets(lab, traceflow, traceflow_path, tmp_path):
    """A socket that becomes descriptor 1 or 2 would send the report, or debug text, as packets."""
    lab.up(SHAPE_SHORT)
    capture = tmp_path / "closed.pcapng"
    seen = tmp_path / "seen.pcap"
    with Capture(lab, seen, "r0", "to-src"):
        command = f"exec {traceflow_path} --debug -n --paths 1 -w {capture} {DST} <&- >&- 2>&-"
        assert lab.exec("src", "sh", "-c", command).returncode == 4  # nowhere to put the report
    assert b"Path ID 1 | 10.0.0.1" in traceflow("-n", "-r", capture).stdout
    types = {packet[Ether].type for packet in PcapReader(str(seen))}
    assert probes_in(seen) and types <= {0x0800, 0x0806, 0x86DD}  # text would have letters there


def test_what_was_captured_before_sending_failed_is_kept(lab, traceflow, traceflow_path, tmp_path):
    lab.up(SHAPE_SHORT)
    rules = "add table ip t; add chain ip t out { type filter hook output priority 0; }; add rule ip t out udp sport 33483 drop"
    assert lab.exec("src", "nft", rules).returncode == 0
    capture = tmp_path / "forbidden.pcapng"
    done = live(lab, traceflow_path, "-n", "-w", capture, DST)
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1 and f"cannot send to {DST}" in done.stderr
    assert re.search(r"^Path ID 1 .*\| 10\.0\.0\.1 ", done.stdout, re.M)
    assert traceflow("-n", "-r", capture).stdout.decode() == done.stdout


def test_privileges_are_gone_while_it_runs(lab, traceflow_path, tmp_path):
    """Of every thread: those that look names up are born after the drop."""
    lab.up("--silent", "dst", SHAPE_SHORT)
    process, _ = start(lab, tmp_path, traceflow_path)
    pid = prober_pid(process)
    wait_until(lambda: len(list(Path(f"/proc/{pid}/task").iterdir())) > 1)
    texts = [(task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    subprocess.run(["kill", f"-{signal.SIGINT.value}", str(pid)], check=True)
    process.communicate(timeout=60)
    for text in texts:
        status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
        assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("attempts", [1, 3])
def test_interface_that_goes_down_keeps_what_is_known(lab, traceflow_path, tmp_path, attempts):
    """With one attempt nothing is sent any more: the capture alone can notice."""
    lab.up("--silent", "dst", SHAPE_SHORT)
    process, capture = start(lab, tmp_path, traceflow_path, "-n", "--attempts", attempts)
    time.sleep(0.5)
    lab.exec("src", "ip", "link", "set", "to-r0", "down")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert len(err.splitlines()) == 1 and ("to-r0" in err or DST in err)  # whichever notices first
    assert "Path ID 8 | 10.0.0.1" in out
    assert subprocess.run(["capinfos", capture], capture_output=True).returncode == 0


FLOOD = """
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for _ in range(40000):
    sender.sendto(bytes([11, 0, 0, 0, 0, 0, 0, 0, 0x45]) + bytes(100), ("192.0.2.1", 0))
"""


def test_what_the_capture_loses_is_named(lab, traceflow_path, tmp_path):
    """The program is stopped for as long as it takes to fill the ring."""
    lab.up("--silent", "dst", SHAPE_SHORT)
    process, capture = start(lab, tmp_path, traceflow_path, "-n")
    pid = str(prober_pid(process))
    subprocess.run(["kill", "-STOP", pid], check=True)
    done = lab.exec("r0", sys.executable, "-c", FLOOD)
    subprocess.run(["kill", "-CONT", pid], check=True)
    assert done.returncode == 0, done.stderr
    time.sleep(0.2)
    subprocess.run(["kill", f"-{signal.SIGINT.value}", pid], check=True)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert re.fullmatch(r"traceflow: \d+ of \d+ packets were lost in capturing; the trace may have holes\n", err), err
    assert "Path ID 8 | 10.0.0.1" in out
