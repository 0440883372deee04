# SPDX-License-Identifier: GPL-2.0-or-later
"""The scoreboard's own judgement: what is false, missed or too long, and exact statistics. No network is needed."""

import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
import exact  # noqa: E402
import judge  # noqa: E402
import networks  # noqa: E402

LEFT, RIGHT = ("a", "b", "d", "z"), ("a", "c", "z")
SILENT = ("a", "b", "s", "z")


def hop(ttl, *addresses, sent=1, inferred=None):
    return {"ttl": ttl, "sent": sent, "inferred": inferred, "replies": [{"address": address} for address in addresses]}


def row(hops, reached=True, length=None):
    return {"path_id": 1, "src_port": 33481, "reached": reached, "length": length or len(hops), "hops": hops}


def observed(*addresses):
    return row([hop(ttl, address) if address else hop(ttl) for ttl, address in enumerate(addresses, 1)])


def trace(path, *links, **more):
    return {"paths": [path], "distinct_paths": 1, "findings": [],
            "links": [{"from": a, "to": b, "path_ids": [1]} for a, b in links], **more}


def verdict_of(document, real=LEFT, silent=()):
    return judge.judge(document, judge.make_truth({33481: [real]}, [real, RIGHT], silent))


ROWS = [
    ("its own way", observed(*LEFT), False, False),
    ("a hole", observed("a", None, "d", "z"), False, False),
    ("another flow's way", observed(*RIGHT), True, False),
    ("one address wrong", observed("a", "b", "c", "z"), True, False),
    ("two answers at one TTL", row([hop(1, "a"), hop(2, "b", "c"), hop(3, "d"), hop(4, "z")]), True, False),
    ("a hop that is inferred", row([hop(1, "a"), hop(2, "b"), hop(3, sent=0, inferred="d"), hop(4, "z")]), False, False),
    ("a hop that is inferred wrongly", row([hop(1, "a"), hop(2, "b"), hop(3, sent=0, inferred="c"), hop(4, "z")]), True, False),
    ("an end that is inferred", {**row([hop(1, "a"), hop(2, "b"), hop(3, "d"), hop(4, sent=0, inferred="z")], reached=False),
                                 "reach_inferred": True}, False, False),
    ("an end that is inferred too early", {**row([hop(1, "a"), hop(2, "b")], reached=False), "reach_inferred": True},
     True, False),
    ("an end too early", observed("a", "b", "z"), True, False),
    ("a reached end without the address", row([hop(1, "a"), hop(2, "b")]), True, False),
    ("the end lost, met again behind it", observed("a", "b", "d", None, "z"), False, True),
    ("not reached", row([hop(1, "a"), hop(2, "b")], reached=False), False, False),
]


@pytest.mark.parametrize("name, path, is_false, is_too_long", ROWS, ids=[row[0] for row in ROWS])
def test_rows(name, path, is_false, is_too_long):
    verdict = verdict_of(trace(path))
    assert bool(verdict.false_paths or verdict.false_inferences) == is_false
    assert bool(verdict.false_inferences) == (is_false and "inferred" in name)
    assert bool(verdict.too_long) == is_too_long


def test_links_are_of_the_flow_that_they_are_told_of():
    document = trace(observed(*LEFT), ("a", "b"), ("b", "d"), ("a", "c"), ("a", "d"))
    assert verdict_of(document).false_links == [("a", "c", 1), ("a", "d", 1)]


def test_what_is_missed():
    verdict = verdict_of(trace(observed("a", "b", None, "z")))
    assert verdict.missed == {(3, "d"), (2, "c"), (3, "z")}


def test_holes_are_where_somebody_could_answer():
    assert verdict_of(trace(observed("a", None, "d", "z"))).holes == 1
    assert verdict_of(trace(observed("a", "b", None, "z")), SILENT, {"s"}).holes == 0
    unasked = row([hop(1, "a"), hop(2, "b"), hop(3, sent=0, inferred="d"), hop(4, "z")])
    assert verdict_of(trace(unasked)).holes == 0


def test_inferred_is_not_observed():
    path = row([hop(1, "a"), hop(2, "b"), hop(3, sent=0, inferred="d"), hop(4, "z")])
    assert (3, "d") in verdict_of(trace(path)).missed


def test_the_silent_are_not_missed_but_false_if_they_speak():
    assert (3, "s") not in verdict_of(trace(observed("a", "b", None, "z")), SILENT, {"s"}).missed
    assert verdict_of(trace(observed(*SILENT)), SILENT, {"s"}).false_paths == [1]


def test_without_stable_paths_none_may_be_counted():
    document = trace(observed(*RIGHT), stable=False)
    assert verdict_of(document).false_paths
    document["distinct_paths"] = 0
    assert not verdict_of(document).false_paths


def test_hidden_hosts_have_no_ttl():
    truth = judge.make_truth({}, [LEFT], hidden={"b"})
    assert truth.pairs == {(1, "a"), (2, "d"), (3, "z")}


def test_exact_statistics():
    assert exact.at_most(0, 20, 0.05) == pytest.approx(0.95**20)
    assert exact.allowed(20, 0.05) == 4             # more: 0.26 %; already 4 or more: 1.6 %
    low, high = exact.interval(5, 100)
    assert (low, high) == (pytest.approx(0.01643, abs=1e-4), pytest.approx(0.11284, abs=1e-4))
    assert exact.interval(0, 100)[0] == 0 and exact.interval(100, 100)[1] == 1


@pytest.mark.parametrize("case", networks.CASES, ids=[case.name for case in networks.CASES])
def test_every_case_is_a_topology(case, traceflow_path, tmp_path):
    file = tmp_path / "case.topo"
    file.write_text(networks.topology(case))
    program = traceflow_path.with_name("traceflow-lab")
    done = subprocess.run([program, "--truth", file], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    paths = {tuple(line.split()) for line in done.stdout.splitlines()}
    branches = [len(stage.split(",")) for stage in case.shape.split("/")]
    assert len(paths) <= branches[0] * (branches[1] if len(branches) > 1 else 1)
    assert case.name == "polarised" or len(paths) == branches[0] * (branches[1] if len(branches) > 1 else 1)
