# SPDX-License-Identifier: GPL-2.0-or-later
"""traceflow-lab: its options, and where it cannot be had."""

import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulated import AS_USER, ECHO, TOP, USER, lab, traceflow_lab  # noqa: F401 (fixtures)

EDGE = "10.0.0.1"
DST, DST6 = "198.51.100.1", "2001:db8:d::1"
WRONG = """[network]
[router r]
address = 10.0.0.1
next = dst
[host dst]
address = 198.51.100.1
color = green
"""


# ---- where it cannot be had


def complaint_of(argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert done.stderr.startswith("traceflow-lab: ") and done.stderr.count("\n") == 1
    return done.stderr


def as_root_with(script, *argv):
    """argv of a mount namespace that a script has changed before."""
    if os.geteuid() != 0:
        pytest.skip("not root")
    return ["unshare", "--mount", "sh", "-c", f'set -e; {script}; exec "$@"', "sh", *map(str, argv)]


def test_no_tap_device(traceflow_lab):
    lab = [traceflow_lab.program, "diamond", "--", "true"]
    none = "mount -t tmpfs none /dev/net"
    assert "/dev/net/tun: No such file" in complaint_of(as_root_with(none, *lab))
    private = "mount -t tmpfs -o mode=755 none /dev/net; mknod -m 600 /dev/net/tun c 10 200"
    assert "/dev/net/tun: Permission denied" in complaint_of(as_root_with(private, *AS_USER, *lab))


def test_no_user_namespace(traceflow_lab, tmp_path):
    """In a chroot the kernel gives none."""
    argv = ["chroot", f"--userspec={USER}:{USER}", tmp_path, traceflow_lab.program, "diamond", "--", "true"]
    assert "no user namespace" in complaint_of(as_root_with(f"mount --rbind / {tmp_path}", *argv))


def test_root_in_a_plain_chroot(traceflow_lab, tmp_path):
    """No user namespaces, and a / that is no mount point: names resolve all the same, the machine's files stay."""
    script = f"""mount -t tmpfs none {tmp_path}; mkdir {tmp_path}/inside
        for path in /*; do
            name=${{path#/}}
            if [ -L "$path" ]; then cp -P "$path" {tmp_path}/inside/
            elif [ -d "$path" ]; then mkdir {tmp_path}/inside/$name; mount --rbind "$path" {tmp_path}/inside/$name; fi
        done"""
    command = f"getent ahostsv4 dst.example | head -n 1; \"$1\" -c \"$2\" {DST} 1 30; pwd; id -u"
    argv = ["chroot", f"{tmp_path}/inside", "sh", "-c", 'cd /tmp; exec "$@"', "sh", traceflow_lab.program, "diamond",
            "--", "sh", "-c", command, "sh", sys.executable, ECHO]
    before = Path("/etc/hosts").read_bytes()
    done = subprocess.run(as_root_with(script, *argv), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert DST in lines[0] and "null" not in lines[1] and lines[2:] == ["/tmp", "0"] and done.stderr == ""
    assert Path("/etc/hosts").read_bytes() == before


def test_too_few_descriptors(lab):
    """Whatever the lab cannot open, it names the cause."""
    runs = [lab("diamond", "true", preexec_fn=lambda most=most: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
            for most in range(5, 16)]
    assert runs[0].returncode != 0 and runs[-1].returncode == 0
    for done in runs:
        assert done.returncode == 0 or "Too many open files" in done.stderr and done.stderr.count("\n") == 1


# ---- options


REFUSED = [
    ([], "no topology"),
    (["diamond", "diamond"], "topology diamond: "),
    (["diamond", "--"], "no command"),
    (["--bogus", "diamond"], "--bogus"),
    (["--seed", "-1", "diamond"], "--seed -1: "),
    (["--seed", "18446744073709551616", "diamond"], "--seed 18446744073709551616: "),
    (["--check", "--dot", "diamond"], "--check"),
    (["--check", "diamond", "--", "true"], "command"),
    (["--json", "diamond"], "--json"),
    (["--truth", "--ports", "9-5", "diamond"], "--ports 9-5: "),
    (["--truth", "--ports", "1-65536", "diamond"], "--ports 1-65536: "),
    (["--truth", "--ports", "80", "diamond"], "--ports 80: "),
    (["--truth", "--dport", "x", "diamond"], "--dport x: "),
    (["--truth", "--protocol", "sctp", "diamond"], "--protocol sctp: "),
    (["--truth", "--to", "nobody.example", "diamond"], "nobody.example: no such host"),
    (["--truth", "-6", "--to", "10.0.0.1", "diamond"], "--to 10.0.0.1: no IPv6 address"),
    (["--truth", "-6", "--to", "dst", "no-ipv6"], "--to dst: no IPv6 address"),
]


def tell(traceflow_lab, *args):
    return subprocess.run([traceflow_lab.program, *args], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("args, words", REFUSED, ids=[" ".join(args) for args, _ in REFUSED])
def test_wrong_usage_is_one_line(traceflow_lab, args, words):
    done = tell(traceflow_lab, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("traceflow-lab: ") and done.stderr.count("\n") == 1
    assert words in done.stderr


def test_check(traceflow_lab):
    for topology in sorted((TOP / "lab/topologies").glob("*.topo")):
        done = tell(traceflow_lab, "--check", topology.stem)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), topology.name
    wrong = traceflow_lab.file(WRONG)
    done = tell(traceflow_lab, "--check", wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert wrong in done.stderr and "color" in done.stderr and done.stderr.count("\n") == 1


def test_a_topology_that_is_not_there(traceflow_lab):
    done = tell(traceflow_lab, "no-such-topology")
    assert done.returncode == 4 and "no-such-topology" in done.stderr and done.stderr.count("\n") == 1


def test_truth_and_dot_go_to_standard_output(traceflow_lab):
    done = tell(traceflow_lab, "--truth", "diamond")
    assert done.stdout.splitlines() == [f"{EDGE} 10.0.{branch}.1 10.0.3.1 {DST}" for branch in (1, 2)]
    done = tell(traceflow_lab, "--truth", "--to", DST6, "--ports", "33481-33482", "diamond")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["33481", "33482"]
    assert "2001:db8" in done.stdout
    assert "graph" in tell(traceflow_lab, "--dot", "diamond").stdout
    with open("/dev/full", "w") as full:
        done = subprocess.run([traceflow_lab.program, "--truth", "diamond"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4


ONLY_IPV6 = """[network]
[router r]
address = 10.0.0.1 2001:db8:1::1
next = dst
[host dst]
address = 2001:db8:2::1
name = dst.example
"""


@pytest.mark.parametrize("to", [[], ["--to", "dst"], ["--to", "dst.example"], ["--to", "2001:db8:2::1"]])
def test_a_host_that_has_only_ipv6_implies_it(traceflow_lab, to):
    done = tell(traceflow_lab, "--truth", *to, traceflow_lab.file(ONLY_IPV6))
    assert (done.returncode, done.stdout, done.stderr) == (0, "2001:db8:1::1 2001:db8:2::1\n", "")


def test_a_reader_that_has_seen_enough_is_no_error(traceflow_lab):
    """As of any filter: SIGPIPE ends it, unless whoever started it ignores that; then the write fails."""
    read, write = os.pipe()
    os.close(read)
    argv = [traceflow_lab.program, "--truth", "diamond"]
    done = subprocess.run(argv, stdout=write, stderr=subprocess.PIPE, text=True)
    ignored = subprocess.run(argv, stdout=write, stderr=subprocess.PIPE, text=True, restore_signals=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")
    assert ignored.returncode == 4 and "Broken pipe" in ignored.stderr


def test_help_and_manual_name_the_same_options(traceflow_lab):
    help_text = tell(traceflow_lab, "--help").stdout
    manual = (TOP / "docs/traceflow-lab.1").read_text().replace("\\-", "-")
    in_help = set(re.findall(r"--[a-z][a-z0-9-]+", help_text))
    assert in_help and in_help == set(re.findall(r"--[a-z][a-z0-9-]+", manual))
    assert max(map(len, help_text.splitlines())) <= 110
    version = tell(traceflow_lab, "--version").stdout.split()
    assert version[0] == "traceflow-lab" and " ".join(version) in manual.replace("traceflow ", "traceflow-lab ")
