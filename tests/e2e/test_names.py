# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of responders in the prober's reports: looked up live, never from a capture, never with -n."""

import json

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

HOPS = [("edge.isp.example", "10.0.0.1"), ("merge.core.example", "10.0.3.1"), ("dst.example", "198.51.100.1")]


@pytest.fixture(scope="module")
def traced(traceflow_lab, traceflow_path):
    """traced(*args): standard output of traceflow in the diamond."""
    binary = traceflow_lab.readable(traceflow_path)

    def run(*args):
        return traceflow_lab.output("diamond", str(binary), "--paths", "2", *args, timeout=30)

    return run


def test_the_table_names_every_responder(traced):
    table = traced("dst.example")
    for name, address in HOPS:
        assert f"{name} ({address})" in table


def test_json_names_replies_and_nodes(traced):
    trace = json.loads(traced("--format", "json", "dst.example"))["traces"][0]
    replies = [reply for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]]
    for items in replies, trace["nodes"]:
        assert set(HOPS) <= {(item["name"], item["address"]) for item in items}
    assert trace["destination"]["name"] == "dst.example"


def test_no_names_with_n(traced):
    assert "example" not in traced("-n", "dst.example")
    trace = json.loads(traced("-n", "--format", "json", "dst.example"))["traces"][0]
    assert all(node["name"] is None for node in trace["nodes"])


def test_a_capture_has_no_names(traceflow_lab, traceflow_path):
    """Names are of the time and place of a trace; whoever reads the file may be elsewhere."""
    binary = traceflow_lab.readable(traceflow_path)
    script = f"{binary} -n -w /dev/stdout --paths 2 dst.example 2>/dev/null -o /dev/null | {binary} -r -"
    table = traceflow_lab.output("diamond", "sh", "-c", script, timeout=30)
    assert "10.0.3.1" in table and "example" not in table
