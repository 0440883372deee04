# SPDX-License-Identifier: GPL-2.0-or-later
"""Which paths the tables show, and that everybody who reads a capture shows the same."""

import json
import re
import shutil

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

# A few words for each: topology, flows and destination.
CASES = {
    "uneven branches": ("uneven-branches", ["dst.example"]),
    "sixteen branches": ("wide-balancer", ["dst.example"]),
    "a silent branch": ("silent-router", ["dst.example"]),
    "IPv6": ("diamond", ["-6", "dst.example"]),
    "one way": ("long-path", ["dst.example"]),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES.keys())
def traced(request, traceflow_lab, traceflow_path, tmp_path_factory):
    """(the live report, the capture) of a trace with as many flows as it takes."""
    topology, command = request.param
    binary = traceflow_lab.readable(traceflow_path)
    kept = traceflow_lab.home / "rows.pcapng"
    kept.unlink(missing_ok=True)
    report = traceflow_lab.output(topology, binary, "-n", "-w", kept, *command, timeout=60)
    capture = tmp_path_factory.mktemp("rows") / "rows.pcapng"
    shutil.copy(kept, capture)
    return report, capture


def rows_of(report):
    """{path ID: (further flows, cells)}; inferred is as good as observed, and not asked as silent."""
    found = re.findall(r"^Path ID (\d+)(?: \(\+(\d+)\))? *\|(.*)\|$", report, re.M)
    return {int(path): (int(others or 0), tuple(cell.strip().lstrip("~").replace("?", "*") for cell in cells.split("|")))
            for path, others, cells in found}


def test_every_reader_shows_the_same(traced, traceflow, tshark):
    report, capture = traced
    assert traceflow("-n", "-r", capture).stdout.decode() == report
    assert tshark("-q", "-r", capture, "-z", "traceflow,paths") == report


def test_rows_are_distinct_and_stand_for_all(traced, traceflow):
    report, capture = traced
    rows = rows_of(report)
    trace = json.loads(traceflow("-n", "-r", capture, "--format", "json").stdout)["traces"][0]
    assert len({cells for _, cells in rows.values()}) == len(rows) < len(trace["paths"])
    assert sum(others + 1 for others, _ in rows.values()) == len(trace["paths"])


def test_all_paths_are_there_for_the_asking(traced, traceflow):
    report, capture = traced
    rows = rows_of(report)
    every = rows_of(traceflow("-n", "-r", capture, "--all-paths").stdout.decode())
    assert set(rows) < set(every) and not any(others for others, _ in every.values())
    assert {cells for _, cells in rows.values()} == {cells for _, cells in every.values()}


def test_nodes_tell_seen_and_inferred_flows(traced, traceflow):
    """Each node's two numbers are what the paths of the document add up to."""
    report, capture = traced
    trace = json.loads(traceflow("-n", "-r", capture, "--format", "json").stdout)["traces"][0]
    for node in trace["nodes"]:
        seen = {path["path_id"] for path in trace["paths"] for hop in path["hops"]
                if any(reply["address"] == node["address"] for reply in hop["replies"])}
        inferred = {path["path_id"] for path in trace["paths"] for hop in path["hops"]
                    if hop["inferred"] == node["address"]} - seen
        assert (node["flows"], node["inferred_flows"]) == (len(seen), len(inferred))
        flows = f"{len(seen)} (+{len(inferred)})" if inferred else str(len(seen))
        assert re.search(rf"^{re.escape(node['address'])}(?: \(destination\))? *\|[^|]*\| {re.escape(flows)} *\|", report, re.M)
