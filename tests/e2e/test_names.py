# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of responders in the prober's reports: looked up live, never from a capture, never with -n."""

import json
import subprocess
import sys

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

NAMES = ["edge.isp.example", "merge.core.example", "dst.example"]
HOPS = {
    "-4": list(zip(NAMES, ["10.0.0.1", "10.0.3.1", "198.51.100.1"])),
    "-6": list(zip(NAMES, ["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:d::1"])),
}

# On a host of its own, whose name server never answers: a question would take the system's resolver 100 seconds.
SILENT = """
import socket, subprocess, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
done = subprocess.run(sys.argv[1:])
s.settimeout(0)
assert s.recv(4096), "the server was not asked"
sys.exit(done.returncode)
"""
ALONE = ["unshare", "--user", "--map-root-user", "--net", "--mount", "sh", "-c"]
ON_A_HOST_OF_ITS_OWN = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'


@pytest.fixture(scope="module")
def traced(traceflow_lab, traceflow_path):
    """traced(*args): standard output of traceflow in the diamond."""
    binary = traceflow_lab.readable(traceflow_path)

    def run(*args):
        return traceflow_lab.output("diamond", str(binary), "--paths", "2", *args, timeout=60)

    return run


@pytest.mark.parametrize("version", HOPS)
def test_the_table_names_every_responder(traced, version):
    table = traced(version, "dst.example")
    for name, address in HOPS[version]:
        assert f"{name} ({address})" in table


def test_a_name_of_both_families_is_its_ipv4_address(traced):
    trace = json.loads(traced("-n", "--format", "json", "dst.example"))["traces"][0]
    assert trace["destination"]["address"] == HOPS["-4"][-1][1]


@pytest.mark.parametrize("version", HOPS)
def test_json_names_replies_and_nodes(traced, version):
    trace = json.loads(traced(version, "--format", "json", "dst.example"))["traces"][0]
    replies = [reply for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]]
    for items in replies, trace["nodes"]:
        assert set(HOPS[version]) <= {(item["name"], item["address"]) for item in items}
    assert trace["destination"]["name"] == "dst.example"


def test_no_names_with_n(traced):
    assert "example" not in traced("-n", "dst.example")
    trace = json.loads(traced("-n", "--format", "json", "dst.example"))["traces"][0]
    assert all(node["name"] is None for node in trace["nodes"])


def test_a_capture_has_no_names(traceflow_lab, traceflow_path):
    """Names are of the time and place of a trace; whoever reads the file may be elsewhere."""
    binary = traceflow_lab.readable(traceflow_path)
    script = f"{binary} -4 -n -w /dev/stdout --paths 2 dst.example 2>/dev/null -o /dev/null | {binary} -r -"
    table = traceflow_lab.output("diamond", "sh", "-c", script, timeout=60)
    assert "10.0.3.1" in table and "example" not in table


def test_a_silent_name_server_costs_seconds_only(traceflow_path, tmp_path):
    config = tmp_path / "resolv.conf"
    config.write_text("nameserver 127.0.0.1\noptions timeout:20 attempts:5\n")
    command = [sys.executable, "-c", SILENT, str(traceflow_path), "--paths", "1", "127.0.0.2"]
    argv = [*ALONE, ON_A_HOST_OF_ITS_OWN, "sh", str(config), *command]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "127.0.0.2" in done.stdout
