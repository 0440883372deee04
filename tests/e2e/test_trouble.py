# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong while a trace runs: what is known is printed, what was lost is named, and the status tells."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import prober_pid, why_not
from simulated import traceflow_lab as _traceflow_lab
from wire import BEYOND, DEVICE, FAR, NEAR, Wire, wait_until

traceflow_lab = _traceflow_lab
NEEDS_NAMESPACES = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")

DST, LIAR = "198.51.100.1", "203.0.113.66"
SHAPE = "1,1"
DONE, NO_ANSWER, USAGE, IO = 0, 1, 2, 4
SLOW = ("-n", "--paths", 4, "--timeout", 30)    # waits long for what is silent


@pytest.fixture(scope="module")
def wire():
    with Wire() as made:
        yield made


# ---- A run under way ---------------------------------------------------------------------------------


def popen(argv):
    return subprocess.Popen(list(map(str, argv)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


PROBE = re.compile(rb"\xc0\x00\x02\x01\xc6\x33\x64\x01(..)", re.DOTALL)                     # its source port
ANSWER = re.compile(rb"(\x0a...)\xc0\x00\x02\x01\x0b\x00.{26}(..)", re.DOTALL)              # whose, and that port


def start(lab, tmp_path, *command, wanted=(ANSWER, 12)):
    """A run of four paths towards a silent destination, when all that answers is in the capture."""
    capture = tmp_path / "run.pcapng"
    process = popen(lab.argv("exec", "src", *command, "-w", capture, DST))
    pattern, count = wanted
    wait_until(lambda: process.poll() is not None
               or (capture.exists() and len(set(pattern.findall(capture.read_bytes()))) >= count))
    return process, capture


def end(process, signal_number):
    os.kill(prober_pid(process), signal_number)
    return process.communicate(timeout=60)


def drops_told(capture):
    about = subprocess.run(["capinfos", "-T", "-m", "-Q", capture], capture_output=True, text=True)
    assert about.returncode == 0, about.stderr  # whole to its last block
    return about.stdout


FIRST_HOPS = [["10.0.0.1"], ["10.1.1.1", "10.1.2.1"], ["10.1.0.1"]]


def assert_first_hops_known(text):
    trace, = json.loads(text)["traces"]
    for path in trace["paths"]:
        assert all(hop["replies"][0]["address"] in known for hop, known in zip(path["hops"], FIRST_HOPS))
        assert sum(bool(hop["replies"]) for hop in path["hops"]) == 3


# ---- Signals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_with_its_report(lab, traceflow, traceflow_path, tmp_path, signal_number):
    lab.up("--silent", "dst", SHAPE)
    process, capture = start(lab, tmp_path, traceflow_path, *SLOW, "--format", "json")
    out, err = end(process, signal_number)
    assert (process.returncode, err) == (DONE, "")
    assert_first_hops_known(out)
    assert traceflow("-n", "--format", "json", "-r", capture).stdout.decode() == out
    drops_told(capture)


def test_a_signal_before_any_answer(lab, traceflow_path, tmp_path):
    lab.up("--silent", "dst", SHAPE)
    process, _ = start(lab, tmp_path, traceflow_path, *SLOW, "--first-ttl", 4, wanted=(PROBE, 4))
    out, err = end(process, signal.SIGINT)
    assert process.returncode == NO_ANSWER
    assert re.search(rf"^traceflow: {DST}: nothing answered ", err) and len(err.splitlines()) == 1
    assert "Path ID 4 | *" in out


# ---- Interfaces --------------------------------------------------------------------------------------


@pytest.mark.parametrize("interface", [(), ("-i", "any")], ids=["the route's", "any"])
@pytest.mark.parametrize("change", ["link set to-r0 down", "link del to-r0"])
def test_an_interface_that_goes_away(lab, traceflow, traceflow_path, tmp_path, change, interface):
    lab.up("--silent", "dst", SHAPE)
    process, capture = start(lab, tmp_path, traceflow_path, *SLOW, "--wait", "0.02", *interface, "--format", "json",
                             wanted=(ANSWER, 1))
    assert lab.exec("src", "ip", *change.split()).returncode == 0
    out, err = process.communicate(timeout=60)
    assert process.returncode == IO
    assert len(err.splitlines()) == 1 and ("to-r0" in err or DST in err)
    assert json.loads(out)["traces"][0]["paths"][0]["hops"][0]["replies"]
    assert traceflow("-n", "--format", "json", "-r", capture).stdout.decode() == out
    drops_told(capture)


# ---- Sending -----------------------------------------------------------------------------------------


@NEEDS_NAMESPACES
def test_a_queue_that_takes_no_more_is_left_by_a_signal(wire, traceflow_path, tmp_path):
    """It passes a byte a second: what is sent after the first burst stays."""
    wire.near.do(f"tc qdisc replace dev {DEVICE} root tbf rate 8bit burst 1540 limit 800")
    capture = tmp_path / "stuck.pcapng"
    try:
        process = popen(wire.near.argv(traceflow_path, "-n", "--paths", 64, "--ttl", 4, "-w", capture, BEYOND[4]))
        wait_until(lambda: "dropped" in (told := wire.near.run("tc", "-s", "qdisc", "show", "dev", DEVICE).stdout)
                   and int(re.search(r"dropped (\d+)", told)[1]) > 3)
        out, err = end(process, signal.SIGINT)
    finally:
        wire.near.do(f"tc qdisc del dev {DEVICE} root")
    assert process.returncode == NO_ANSWER and "nothing answered" in err
    assert "Path ID 1 " in out
    drops_told(capture)


def test_a_firewall_that_drops_now_and_then_ends_nothing(lab, traceflow_path):
    """Neither does an ICMP error that the kernel reports at the wrong write: both are errors of one packet."""
    lab.up(SHAPE)
    rules = "add table ip t; add chain ip t out { type filter hook output priority 0; }; "
    assert lab.exec("src", "nft", rules + "add rule ip t out udp dport 33480 numgen inc mod 3 == 1 drop").returncode == 0
    done = lab.exec("src", traceflow_path, "-n", "--paths", 8, "--format", "json", DST)
    assert (done.returncode, done.stderr) == (DONE, "")
    trace, = json.loads(done.stdout)["traces"]
    assert all(path["reached"] and path["length"] == 4 for path in trace["paths"])
    assert all(hop["sent"] == len(hop["replies"]) for path in trace["paths"] for hop in path["hops"])


@NEEDS_NAMESPACES
def test_a_broadcast_address_is_no_destination(wire, traceflow_path):
    done = wire.near.run(traceflow_path, "-n", "10.9.0.255")
    assert (done.returncode, done.stderr) == (USAGE, "traceflow: 10.9.0.255: not the address of one host\n")


# ---- Capturing ---------------------------------------------------------------------------------------

FLOOD = """
import socket, sys
sys.path.insert(0, sys.argv[1])
import spoofer
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for i in range(int(sys.argv[2])):
    sender.sendto(spoofer.error(4, spoofer.LIAR[4], spoofer.TIME_EXCEEDED, spoofer.probe_head(4, "udp", 1, 1, i)),
                  (spoofer.SRC[4], 0))
"""


def test_lost_frames_are_counted(lab, traceflow_path, tmp_path):
    """The prober stands still while far more arrives than the ring holds."""
    lab.up("--silent", "dst", SHAPE)
    process, capture = start(lab, tmp_path, traceflow_path, *SLOW, "--format", "json")
    pid = prober_pid(process)
    os.kill(pid, signal.SIGSTOP)
    try:
        flood = lab.exec("r0", sys.executable, "-c", FLOOD, Path(__file__).parent, 20_000)
        assert flood.returncode == 0, flood.stderr
    finally:
        os.kill(pid, signal.SIGCONT)
    out, err = end(process, signal.SIGINT)
    assert process.returncode == DONE
    told = re.fullmatch(r"traceflow: (\d+) of (\d+) packets were lost in capturing; the trace may have holes\n", err)
    assert told and 1_000 < int(told[1]) < int(told[2])
    assert_first_hops_known(out)
    assert b"\x05\x00\x08\x00" + int(told[1]).to_bytes(8, sys.byteorder) in capture.read_bytes()[-64:]


# ---- Reports that nobody takes -----------------------------------------------------------------------


@pytest.mark.parametrize("where", [">/dev/full", "| true"])
def test_a_report_that_cannot_be_written(lab, traceflow, traceflow_path, tmp_path, where):
    lab.up(SHAPE)
    capture, status = tmp_path / "kept.pcapng", tmp_path / "status"
    command = f"({traceflow_path} -n --paths 2 --wait 0.02 -w {capture} {DST}; echo $? >{status}) {where}"
    done = lab.exec("src", "sh", "-c", command)
    assert status.read_text() == f"{IO}\n"
    assert re.fullmatch(r"traceflow: standard output: .*\n", done.stderr)
    assert b"all reach the destination" in traceflow("-n", "-r", capture).stdout
    drops_told(capture)


# ---- Privilege ---------------------------------------------------------------------------------------


def test_a_file_capability_is_enough_and_is_dropped(lab, as_nobody, traceflow_path, public_dir):
    """By an ordinary user; of every thread, those that look names up too."""
    lab.up("--silent", "dst", SHAPE)
    program = public_dir / "traceflow-raw"
    shutil.copy(traceflow_path, program)
    granted = subprocess.run(["setcap", "cap_net_raw+ep", program], capture_output=True, text=True)
    if granted.returncode != 0:
        pytest.skip(f"file capabilities: {granted.stderr.strip()}")
    process = popen(lab.argv("exec", "src", *as_nobody, program, "--paths", 4, "--timeout", 30, "-i", "to-r0", DST))
    wait_until(lambda: process.poll() is not None or prober_pid(process) is not None)
    threads = Path(f"/proc/{prober_pid(process)}/task")
    wait_until(lambda: process.poll() is not None or len(list(threads.iterdir())) > 1)
    texts = [(thread / "status").read_text() for thread in threads.iterdir()]
    out, err = end(process, signal.SIGINT)
    assert process.returncode == DONE, err
    assert "10.0.0.1" in out
    for text in texts:
        status = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
        assert status["NoNewPrivs"] == "1" and status["Uid"].split() != ["0"] * 4


# ---- Chance ------------------------------------------------------------------------------------------

# Random numbers of four bytes come in threes.
LOADED_DICE = """
#include <string.h>
#include <sys/types.h>
ssize_t getrandom(void *buf, size_t len, unsigned flags)
{
    static unsigned calls;
    const unsigned number = 0x5eed0000 + calls++ / 3;
    (void)flags;
    memset(buf, 0, len);
    memcpy(buf, &number, len < sizeof number ? len : sizeof number);
    return (ssize_t)len;
}
"""


def test_no_two_runs_have_the_same_id(lab, traceflow_path, tmp_path):
    lab.up(SHAPE)
    library, source = tmp_path / "dice.so", tmp_path / "dice.c"
    source.write_text(LOADED_DICE)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    destinations = [DST, "10.0.0.1", "2001:db8:d::1", "2001:db8::1"]
    done = lab.exec("src", "env", f"LD_PRELOAD={library}", traceflow_path, "-n", "--paths", 1, "--format", "json", *destinations)
    assert (done.returncode, done.stderr) == (DONE, "")
    traces = json.loads(done.stdout)["traces"]
    assert {trace["destination"]["address"] for trace in traces} == set(destinations)
    assert len({trace["run_id"] for trace in traces}) == len(destinations)
    assert all(path["reached"] for trace in traces for path in trace["paths"])


# ---- Rate limits -------------------------------------------------------------------------------------

LIMIT = "icmp-rate-per-peer = 1/s\nicmp-burst-per-peer = 6\n"      # as Linux limits by default


def limited_topology():
    """edge, one of two, merge, destination: every one of them limits."""
    routers = [("edge", "10.0.0.1", "left right"), ("left", "10.1.1.1", "merge"), ("right", "10.1.2.1", "merge"),
               ("merge", "10.1.0.1", "dst")]
    text = "[network]\n" + "".join(f"[router {name}]\naddress = {address}\nnext = {following}\n{LIMIT}"
                                   for name, address, following in routers)
    return text + f"[host dst]\naddress = {DST}\n{LIMIT}"


def assert_complete_and_limited(text):
    """Nothing but what is there, and the hops that answered some and not others are called limited, not lossy."""
    trace, = json.loads(text)["traces"]
    assert len(trace["paths"]) == 16
    for path in trace["paths"]:
        told = [{reply["address"] for reply in hop["replies"]} for hop in path["hops"]]
        assert path["reached"] and told in [[{"10.0.0.1"}, {branch}, {"10.1.0.1"}, {DST}]
                                            for branch in ("10.1.1.1", "10.1.2.1")]
    findings = {(finding["kind"], finding["address"]) for finding in trace["findings"]}
    limited = {address for kind, address in findings if kind == "rate_limited"}
    assert {"10.0.0.1", "10.1.0.1"} <= limited
    assert not any(kind == "loss" for kind, _ in findings)


def test_sixteen_paths_through_kernels_that_limit(lab, traceflow_path):
    lab.up("--rate-limit", SHAPE)
    done = lab.exec("src", traceflow_path, "-n", "--paths", 16, "--format", "json", DST, timeout=60)
    assert (done.returncode, done.stderr) == (DONE, "")
    assert_complete_and_limited(done.stdout)


def test_sixteen_paths_through_simulated_routers_that_limit(traceflow_lab, traceflow_path):
    binary = traceflow_lab.readable(traceflow_path)
    command = [binary, "-n", "--paths", 16, "--format", "json", DST]
    assert_complete_and_limited(traceflow_lab.output(limited_topology(), *command, timeout=60))


# ---- Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"\x1b[31m", b"\xc2\x9b31m", b"\x9b31m", "\u202etxt".encode(), b"a\nb\rc\x7f"],
                         ids=["escape", "C1", "a bare byte", "right to left", "lines"])
def test_errors_are_one_harmless_line(nowhere, traceflow_path, name):
    done = subprocess.run([*nowhere, traceflow_path, b"x" + name], capture_output=True, timeout=60)
    assert done.returncode == NO_ANSWER
    assert done.stderr.endswith(b": the name does not resolve\n")
    assert not set("\x1b\x9b\r\x7f\u202e\n") & set(done.stderr[:-1].decode())
