# SPDX-License-Identifier: GPL-2.0-or-later
"""lab/kernel: it builds what it says, its truth is where packets go, and nothing is left behind."""

import json
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from lab import DST, KERNEL, SRC, Lab, why_not

REASON = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

PORTS = range(33481, 33545)
TTLS = range(1, 10)
DST6 = "2001:db8:d::1"
R0, M1, M2 = "10.0.0.1", "10.1.0.1", "10.2.0.1"
SMALL = "1,1"
SEEDLESS = {"TRACEFLOW_LAB_SEEDLESS": "1"}


@pytest.fixture
def lab():
    with Lab() as one:
        yield one


def traces_of(lab):
    """Everything on this machine that carries the lab's name."""
    names = lab.name + "-"
    found = [entry for folder in ("/run/netns", "/etc/netns") if os.path.isdir(folder)
             for entry in os.listdir(folder) if entry.startswith(names)]
    return found + [str(state) for state in Path("/run").glob(f"*{lab.name}")]


def lines_of(done):
    return done.stderr.splitlines()


# ---- up and down


def test_down_leaves_nothing(lab):
    lab.up(SMALL)
    assert len(traces_of(lab)) == 2 * 6 + 1      # src r0 s1b1p1 s1b2p1 m1 dst, and the state
    lab.down()
    assert traces_of(lab) == []


def test_down_when_nothing_is_up(lab):
    done = lab.run("down")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_down_ends_what_exec_started_and_nothing_else(lab):
    lab.up(SMALL)
    inside = subprocess.Popen(lab.argv("exec", "s1b1p1", "sleep", "100"))
    stranger = subprocess.Popen(["nsenter", f"--net=/run/netns/{lab.name}-src", "sleep", "100"])
    try:
        wait_until(lambda: lab.run("exec", "s1b1p1", "true").returncode == 0 and in_namespace(inside, stranger))
        lab.down()
        assert inside.wait(timeout=60) == -signal.SIGTERM
        assert stranger.poll() is None
    finally:
        for process in (inside, stranger):
            process.kill()
            process.wait()


def in_namespace(*processes):
    ours = os.stat("/proc/self/ns/net").st_ino
    return all(os.stat(f"/proc/{process.pid}/ns/net").st_ino != ours
               and Path(f"/proc/{process.pid}/comm").read_text().strip() == "sleep" for process in processes)


def wait_until(condition, timeout_s=30):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("delay_s", [0.02, 0.05, 0.1, 0.2, 0.5])
def test_up_sweeps_what_a_crash_left(lab, delay_s):
    crash = subprocess.Popen(lab.argv("up", "2,2,2"), start_new_session=True, stderr=subprocess.DEVNULL)
    time.sleep(delay_s)
    os.killpg(crash.pid, signal.SIGKILL)
    crash.wait()
    lab.up(SMALL)
    assert len(traces_of(lab)) == 2 * 6 + 1
    assert len(lab.truth()) == 2


def test_a_failed_up_leaves_nothing(lab, tmp_path):
    ethtool = tmp_path / "ethtool"
    ethtool.write_text("#!/bin/sh\nexit 1\n")
    ethtool.chmod(0o755)
    lab.env["PATH"] = f"{tmp_path}:{lab.env['PATH']}"
    done = lab.run("up", SMALL)
    assert done.returncode == 1
    assert "cannot set up" in lines_of(done)[-1]
    assert traces_of(lab) == []


def test_an_interrupted_up_leaves_nothing(lab):
    process = subprocess.Popen(lab.argv("up", "2,2,2"), start_new_session=True, stderr=subprocess.DEVNULL)
    wait_until(lambda: traces_of(lab))
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(timeout=60) != 0
    assert traces_of(lab) == []


def test_a_lab_spares_another_whose_name_begins_alike(lab):
    with Lab(lab.name + "-r0") as other:
        other.up("1")
        lab.up("1")
        lab.down()
        assert other.exec("src", "true").returncode == 0
        assert len(other.truth()) == 1


def test_labs_side_by_side():
    labs = [Lab() for _ in range(4)]
    try:
        ups = [subprocess.Popen(one.argv("up", "1,2"), stderr=subprocess.PIPE, text=True) for one in labs]
        assert [(up.communicate(timeout=60)[1], up.returncode) for up in ups] == [("", 0)] * 4
        assert [len(one.truth()) for one in labs] == [2] * 4
    finally:
        for one in labs:
            one.down()


# ---- the command line


@pytest.mark.parametrize("args", [
    (), ("sideways",), ("-n",), ("up", "--what"), ("up", "1,,2"), ("up", "0"), ("up", "1/"),
    ("up", "255"), ("up", ",".join(["1"] * 255)), ("up", "1", "2"), ("up", ""), ("up", "--silent"),
    ("up", "--silent", "s9b9p9"), ("up", "--silent", "src"), ("up", "--reject", "m1:no-such-code"),
    ("up", "--reject", "m1"), ("up", "--reject", "dst:admin-prohibited"), ("up", "--loss", "m1:101"),
    ("up", "--loss", "m1"), ("up", "--hidden", "dst"), ("up", "--per-packet", "s1b1p1"),
    ("up", "--per-packet", "m2"), ("down", "now"), ("exec",), ("exec", "src"), ("hosts", "-7"),
    ("truth", "--ports", "9-1"), ("truth", "--ports", "1-65536"), ("truth", "--ports", "1-2-3"),
    ("truth", "--dport", "0"), ("truth", "-6"),
], ids=" ".join)
def test_bad_usage(lab, args):
    done = lab.run(*args)
    assert (done.returncode, done.stdout, len(lines_of(done))) == (2, "", 1), done.stderr[:300]


@pytest.mark.parametrize("name", ["a/b", "", "-x", ".."])
def test_bad_name(name):
    done = subprocess.run([KERNEL, "-n", name, "hosts"], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, len(lines_of(done))) == (2, "", 1)


@pytest.mark.parametrize("args", [("up",), ("down",), ("exec", "src", "true"), ("truth",)], ids=" ".join)
def test_no_privilege(args, public_dir):
    for part in ("kernel", "kernel.d"):
        subprocess.run(["cp", "-r", KERNEL.with_name(part), public_dir], check=True)
    done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", public_dir / "kernel", *args],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, len(lines_of(done))) == (3, 1), done.stderr


def test_what_needs_a_lab_says_so(lab):
    for args in [("exec", "src", "true"), ("truth",), ("hosts",)]:
        done = lab.run(*args)
        assert (done.returncode, len(lines_of(done))) == (1, 1)


def test_exec(lab):
    lab.up("1")
    for command, status in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", -9)]:
        assert lab.exec("m1", "sh", "-c", command).returncode == status
    assert lab.exec("m1", "no-such-program").returncode == 127
    assert lab.exec("m9", "true").returncode == 2


def test_names_resolve_by_file_alone(lab):
    lab.up("1")
    if not lab.has_names():
        pytest.skip("nothing can be mounted over /etc here (a plain chroot, or no /etc/hosts)")
    assert lab.exec("dst", "getent", "hosts", "s1b1p1").stdout.split()[1] == "s1b1p1.example"
    assert lab.exec("src", "getent", "hosts", DST).stdout.split() == [DST, "dst.example", "dst"]
    begun = time.monotonic()
    assert lab.exec("src", "getent", "hosts", "www.example.com").returncode == 2
    assert time.monotonic() - begun < 5                     # a server that is asked has that long


def test_hosts(lab):
    lab.up("1,2")
    assert lab.hosts() == {"src": SRC, "r0": R0, "s1b1p1": "10.1.1.1", "s1b2p1": "10.1.2.1", "s1b2p2": "10.1.2.2",
                           "m1": M1, "dst": DST}
    assert lab.hosts("-6")["s1b2p2"] == "2001:db8:1:2::2"


# ---- truth


def test_truth_of_the_default_shape(lab):
    paths = lab.up().truth()
    assert Counter(map(len, paths)) == {6: 4, 7: 6, 8: 2}
    assert all((path[0], path[-2], path[-1]) == (R0, M2, DST) and M1 in path for path in paths)
    assert len(set().union(*paths)) == 14


def test_flows_take_the_same_paths_in_every_lab(lab):
    if lab.up().exec("r0", "test", "-e", "/proc/sys/net/ipv4/fib_multipath_hash_seed").returncode:
        pytest.skip("this kernel has no fib_multipath_hash_seed")
    before = lab.truth_by_port(33481, 33500)
    lab.up()
    assert lab.truth_by_port(33481, 33500) == before
    assert before[33481] == (R0, "10.1.2.1", M1, "10.2.1.1", M2, DST)


@pytest.mark.parametrize("shape", ["1", "3", "1/1/1", "1,1/2,1/1,1", ",".join(["1"] * 16), "2,3/1,1,1"])
def test_shapes(lab, shape):
    lab.up(shape)
    stages = [[int(length) for length in stage.split(",")] for stage in shape.split("/")]
    lengths = [0]
    for stage in stages:
        lengths = [before + length for before in lengths for length in stage]
    assert sorted(map(len, lab.truth())) == sorted(length + len(stages) + 2 for length in lengths)


@pytest.mark.parametrize("env, option", [({}, []), (SEEDLESS, []), ({}, ["--same-seed"])],
                         ids=["seeds", "seedless", "same seed"])
def test_truth_is_where_probes_go(env, option):
    with Lab(env=env) as lab:
        truth = lab.up(*option).truth_by_port(PORTS[0], PORTS[-1])
        assert lab.probe_paths(PORTS, TTLS) == truth
        assert set(truth.values()) <= lab.truth()


def test_truth_of_another_destination_port(lab):
    lab.up()
    assert lab.truth_by_port(PORTS[0], PORTS[-1], "--dport", 53) == lab.probe_paths(PORTS, TTLS, dport=53)


@pytest.mark.parametrize("env", [{}, SEEDLESS], ids=["seeds", "seedless"])
def test_ipv6_has_the_same_paths(env):
    with Lab(env=env) as lab:
        in_ipv6 = dict(zip(lab.up().hosts().values(), lab.hosts("-6").values()))
        paths = {tuple(in_ipv6[address] for address in path) for path in lab.truth()}
        ports = range(33481, 33736)
        probed = lab.probe_paths(ports, TTLS, destination=DST6)
        assert set(probed.values()) == paths
        assert lab.probe_paths(ports, TTLS, destination=DST6) == probed


def test_without_seeds_the_stages_are_independent():
    with Lab(env=SEEDLESS) as lab:
        assert len(lab.up().truth()) == 12
        seed = lab.exec("m1", "cat", "/proc/sys/net/ipv4/fib_multipath_hash_seed").stdout.strip()
        assert seed in ("0", "")


def test_one_seed_for_all_polarises(lab):
    assert len(lab.up("--same-seed", "1,1/1,1").truth()) == 2


# ---- what hosts do


def test_silent(lab):
    lab.up("--silent", "s1b1p1", "--silent", "dst", "1,1")
    paths = lab.probe_paths(PORTS, range(1, 6))
    assert set(paths.values()) == {(R0, None, M1, None, None), (R0, "10.1.2.1", M1, None, None)}
    assert set(lab.probe_paths(PORTS, range(1, 6), destination=DST6).values()) == {
        ("2001:db8::1", None, "2001:db8:1::1", None, None),
        ("2001:db8::1", "2001:db8:1:2::1", "2001:db8:1::1", None, None)}


def test_rate_limit(lab):
    """icmp_ratelimit: one answer a second to each peer, after a burst of six."""
    lab.up("--rate-limit", "1")
    begun = time.monotonic()
    answered = len(lab.probe(range(40000, 40050), [1], wait=0.5))
    assert 6 <= answered <= 6 + time.monotonic() - begun


def test_no_rate_limit(lab):
    lab.up("1")
    many = range(40000, 42000)
    assert len(lab.probe(many, [1])) == len(many)
    assert len(lab.probe(many, [4])) == len(many)
    assert len(lab.probe(many, [2], destination=DST6)) == len(many)


@pytest.mark.parametrize("code, number, number6", [
    ("net-unreachable", 0, 0), ("host-unreachable", 1, 3), ("prot-unreachable", 2, 4), ("port-unreachable", 3, 4),
    ("net-prohibited", 9, 1), ("host-prohibited", 10, 1), ("admin-prohibited", 13, 1)])
def test_reject(lab, code, number, number6):
    lab.up("--reject", f"s1b1p1:{code}", "1")
    replies = lab.probe([33481], range(1, 4))[33481]
    assert replies == {1: (R0, 11, 0), 2: ("10.1.1.1", 3, number), 3: ("10.1.1.1", 3, number)}
    assert lab.probe([33481], [2], destination=DST6)[33481] == {2: ("2001:db8:1:1::1", 1, number6)}
    assert lab.truth() == {(R0, "10.1.1.1")}


def test_loss(lab):
    lab.up("--loss", "s1b1p1:30", "1")
    assert len(lab.probe(range(40000, 41000), [1])) == 1000
    answered = len(lab.probe(range(40000, 41000), [2]))     # answers come from the lossy router itself
    assert 600 < answered < 800


def test_hidden(lab):
    lab.up("--hidden", "s1b1p1", "1")
    assert lab.probe_paths([33481], range(1, 6)) == {33481: (R0, M1, DST)}
    assert lab.probe_paths([33481], range(1, 6), destination=DST6) == {33481: ("2001:db8::1", "2001:db8:1::1", DST6)}
    assert lab.truth() == {(R0, "10.1.1.1", M1, DST)}


@pytest.mark.parametrize("destination", [DST, DST6], ids=["IPv4", "IPv6"])
def test_per_packet(lab, destination):
    """Every flow takes every branch, and each branch gets its share."""
    lab.up("--per-packet", "r0", "1,1,1,1")
    assert len(lab.truth()) == 4
    assert len(lab.output("truth", "--ports", "33481-33481").splitlines()) == 4
    replies = [lab.probe([33481], [2], destination=destination)[33481] for _ in range(8)]
    assert sorted(Counter(reply[2][0] for reply in replies).values()) == [2, 2, 2, 2]


def test_transmit_checksum_offload_is_off(lab):
    """With it veth sends half-made UDP checksums, and quotes show them."""
    lab.up("1")
    for host in lab.hosts():
        links = json.loads(lab.exec(host, "ip", "-j", "link", "show", "type", "veth").stdout)
        assert links
        for link in links:
            assert "tx-checksumming: off" in lab.exec(host, "ethtool", "-k", link["ifname"]).stdout
