# SPDX-License-Identifier: GPL-2.0-or-later
"""traceflow-lab: what a command finds in it."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulated import AS_USER, ECHO, USER, lab, prefix, ready, traceflow_lab, why_not  # noqa: F401 (fixtures)

SRC, SRC6 = "192.0.2.1", "2001:db8:a::1"
EDGE, EDGE6 = "10.0.0.1", "2001:db8:0:1::1"
DST, DST6 = "198.51.100.1", "2001:db8:d::1"

SLOW = """[network]
[router r]
address = 10.0.0.1
delay = 5ms
next = dst
[host dst]
address = 198.51.100.1
"""
LOSSY = SLOW.replace("delay = 5ms", "loss = 50%")


def test_the_command_keeps_its_user(lab):
    ids = lab("diamond", "sh", "-c", "id -u; id -g").stdout.split()
    uid = (USER if lab.is_user else 0) if os.geteuid() == 0 else os.getuid()
    assert ids[0] == str(uid)


def test_an_ordinary_user_may_use_the_network_and_nothing_else(traceflow_lab):
    status = traceflow_lab.output("diamond", "cat", "/proc/self/status")
    held = {int(value, 16) for value in re.findall(r"Cap(?:Prm|Eff|Amb):\s*(\w+)", status)}
    assert held == {1 << 10 | 1 << 12 | 1 << 13}  # CAP_NET_BIND_SERVICE, CAP_NET_ADMIN, CAP_NET_RAW


def test_root_may_become_anyone(traceflow_lab):
    reason = why_not(user=False)
    if reason:
        pytest.skip(reason)
    done = traceflow_lab.run("diamond", *AS_USER, "sh", "-c", "id -u; cat /etc/resolv.conf", user=False)
    assert done.stdout.startswith(f"{USER}\nnameserver 127.0.0.1\n"), done.stderr


def test_addresses_and_routes(lab):
    script = "ip -j address; ip -j route; ip -6 -j route show default"
    links, routes, routes6 = map(json.loads, lab("diamond", "sh", "-c", script).stdout.splitlines())
    assert [link["ifname"] for link in links] == ["lo", "tf0"]
    addresses = {(a["local"], a["prefixlen"]) for a in links[1]["addr_info"]}
    assert addresses == {(SRC, 32), (SRC6, 128)}
    assert links[1]["mtu"] == 1500 and links[1]["address"] == "02:00:00:00:00:01"
    assert [(r["dst"], r["gateway"], r["prefsrc"]) for r in routes] == [("default", EDGE, SRC)]
    assert [(r["dst"], r["gateway"], r["prefsrc"]) for r in routes6] == [("default", EDGE6, SRC6)]


def test_a_family_without_source_address_has_no_route(lab):
    only6 = "[network]\nsource = 2001:db8:a::1\n[router r]\naddress = 2001:db8::1\nnext = dst\n" \
            "[host dst]\naddress = 2001:db8:d::1\n"
    done = lab(only6, "sh", "-c", "ip route; ip -6 route show default | wc -l")
    assert done.stdout == "1\n", done.stderr


LOOKUPS = [
    ("ahostsv4 dst.example", DST),
    ("ahostsv6 dst.example", DST6),
    (f"hosts {DST}", "dst.example"),
    (f"hosts {DST6}", "dst.example"),
    (f"hosts {SRC}", "laptop.example"),
    ("ahostsv4 localhost", "127.0.0.1"),
    ("passwd root", "root:"),
    ("services domain", "53/"),
]


def test_names(lab):
    script = "\n".join(f"getent {query} | head -n 1" for query, _ in LOOKUPS)
    answers = lab("diamond", "sh", "-c", script).stdout.splitlines()
    assert len(answers) == len(LOOKUPS)
    for (query, wanted), answer in zip(LOOKUPS, answers):
        assert wanted in answer, query


def test_only_hosts_have_other_sources(lab):
    def others(text):
        return [line.strip() for line in text.splitlines() if not line.strip().startswith("hosts:")]

    inside = lab("diamond", "cat", "/etc/nsswitch.conf").stdout
    assert re.findall(r"hosts:.*", inside) == ["hosts: files dns"]
    assert others(inside)[:-1] == others(Path("/etc/nsswitch.conf").read_text())


def test_an_unknown_name_is_refused_at_once(lab):
    begin = time.monotonic()
    assert lab("diamond", "getent", "hosts", "www.example.org").returncode == 2
    assert time.monotonic() - begin < 5  # what is not answered is waited for so long


def mounts_of_the_lab():
    """What is mounted here where a lab mounts something; elsewhere others may mount what they like meanwhile."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [fields for fields in mounts if re.match(r"/(etc|proc|run/nscd|sys|tmp$)", fields[4])]


def test_the_machines_own_files_stay(lab):
    paths = ["/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/hosts"]

    def contents():
        return mounts_of_the_lab(), [Path(path).read_bytes() for path in paths if Path(path).exists()]

    before = contents()
    running = lab.start("diamond", "sh", "-c", "echo ready; exec sleep 60")
    ready(running)
    during = contents()
    running.terminate()
    running.communicate(timeout=60)
    assert before == during == contents()


def test_proc_and_sys_show_the_lab_alone(lab):
    done = lab("diamond", "sh", "-c", "ls /sys/class/net; ls -d /proc/[0-9]*")
    lines = done.stdout.split()
    assert lines[:2] == ["lo", "tf0"]
    assert "/proc/1" in lines and len(lines) < 8


def test_no_descriptor_leaks(lab):
    assert lab("diamond", "ls", "/proc/self/fd").stdout.split() == ["0", "1", "2", "3"]  # 3: of ls itself


def test_signals_are_as_usual(lab):
    done = lab("diamond", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status")
    assert done.stdout.split() == ["SigBlk:", "0" * 16, "SigIgn:", "0" * 16]


@pytest.mark.parametrize("given", ["name", "path", "relative"])
def test_the_command_can_tell_where_it_is(traceflow_lab, given):
    path = traceflow_lab.folder / "lab/topologies/diamond.topo"
    topology = {"name": "diamond", "path": path, "relative": "../lab/topologies/diamond.topo"}[given]
    argv = [traceflow_lab.program, topology, "--", "printenv", "TRACEFLOW_TOPOLOGY"]
    done = subprocess.run([*prefix(), *argv], cwd=traceflow_lab.home, capture_output=True, text=True, timeout=60)
    assert done.stdout == f"{path}\n", done.stderr


def test_standard_streams_pass_through(lab):
    text = "x" * 99 + "\n"
    done = lab("diamond", "sh", "-c", "cat; echo complaint >&2", input=text * 10000)
    assert done.stdout == text * 10000 and done.stderr == "complaint\n"


# ---- the network


@pytest.mark.parametrize("address", [EDGE, DST, EDGE6, DST6])
def test_ping_without_privilege(lab, address):
    done = lab("diamond", sys.executable, "-c", ECHO, address, 3, 30)
    assert None not in json.loads(done.stdout), done.stderr


def test_delays_are_kept_to_a_fraction_of_a_millisecond(traceflow_lab):
    """The shortest of many, as the others tell of the machine: a timer of whole milliseconds is late each time."""
    times = [11]
    for _ in range(20):
        times += json.loads(traceflow_lab.output(SLOW, sys.executable, "-c", ECHO, DST, 50, 30))
        if min(times) < 10.8:
            break
    assert 10 <= min(times) < 10.8


# Echo requests, one behind the other, and which of them are answered. The first is sent alone: until the neighbour is
# known, the kernel keeps packets back, and not in their order.
ECHOES = """
import json, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
s.settimeout(2)
s.connect((sys.argv[1], 0))
answered = []

def receive(count):
    try:
        for _ in range(count):
            answered.append(s.recv(100)[7])
    except TimeoutError:
        pass

count = int(sys.argv[2])
for burst in range(1), range(1, count):
    for i in burst:
        s.send(bytes([8, 0, 0, 0, 0, 0, 0, i]))
    receive(len(burst))
print(json.dumps(answered))
"""


def test_a_seed_decides_all_chance(traceflow_lab):
    def answered(seed):
        return json.loads(traceflow_lab.output(LOSSY, sys.executable, "-c", ECHOES, DST, 60, options=["--seed", seed]))

    first = answered(1)
    assert answered(1) == first and 0 < len(first) < 60
    assert answered(2**64 - 1) != first


def test_a_device_that_is_down_or_gone_does_not_end_the_lab(traceflow_lab):
    script = f"""ip link set tf0 down; sleep 0.1; ip link set tf0 up
        ip route add default via {EDGE} dev tf0 onlink
        "$1" -c "$2" {DST} 1 30
        ip link delete tf0; sleep 1; getent hosts dst.example"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = traceflow_lab.output("diamond", "sh", "-c", script, "sh", sys.executable, ECHO)
    assert "null" not in out and DST6 in out
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.8  # it does not spin


TOOLS = [
    "timeout 50 tcpdump -n -c 2 -i tf0 icmp",
    "timeout 50 tshark -n -c 2 -i tf0 -f icmp",
    "timeout 50 dumpcap -q -c 2 -i tf0 -f icmp -w /dev/null",
]


@pytest.mark.parametrize("tool", TOOLS, ids=["tcpdump", "tshark", "dumpcap"])
def test_captures(lab, tool):
    script = f"""{tool} & capture=$!
        while sleep 0.3; kill -0 $capture 2>/dev/null; do "$1" -c "$2" {DST} 1 1 >/dev/null; done
        wait $capture"""
    done = lab("diamond", "sh", "-c", script, "sh", sys.executable, ECHO)
    assert done.returncode == 0, done.stderr
    if "dumpcap" not in tool:
        assert len(done.stdout.splitlines()) == 2 and DST in done.stdout
