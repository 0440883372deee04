# SPDX-License-Identifier: GPL-2.0-or-later
"""One network, twice: of Linux routers (lab/kernel) and simulated. The prober cannot tell them apart.

Only which branch a flow takes differs, so sets are compared. Linux routers here answer through the first branch of
each stage, the simulator through the branch that the probe took: TTLs of replies are the same where branches are as
long as the first.
"""

import json
import time

import pytest

from lab import DST, why_not
from simulated import traceflow_lab as _traceflow_lab
from topologies import File

traceflow_lab = _traceflow_lab
REASON = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

NETWORK = "uneven-branches"
ROUTERS = [node for node in File(NETWORK).nodes if node != "dst"]
LONG_BRANCHES = {"10.1.3.1", "10.1.4.1", "10.2.3.1", "10.1.3.2"}  # the last where the first is hidden


def with_keys(keys):
    """The topology with more keys: {node: {key: value}}. Linux begins with a TTL of 64."""
    text = File(NETWORK).text
    for node in File(NETWORK).nodes:
        kind = "host" if node == "dst" else "router"
        lines = {"reply-ttl": 64, **keys.get(node, {})}
        added = "".join(f"{key} = {value}\n" for key, value in lines.items())
        text = text.replace(f"[{kind} {node}]\n", f"[{kind} {node}]\n{added}")
    return text


def in_both(lab, traceflow_lab, traceflow_path, options, keys, *args):
    """The prober's one trace in the Linux lab, up with options, and in the simulator, with keys."""
    command = ["-n", "--timeout", "0.3", "--gap-limit", "2", "--format", "json", *args, DST]
    lab.up(*options)
    linux = lab.exec("src", traceflow_path, *command)
    simulated = traceflow_lab.run(with_keys(keys), traceflow_lab.readable(traceflow_path), *command, user=False)
    traces = []
    for done in (linux, simulated):
        assert done.returncode == 0, done.stderr
        traces += json.loads(done.stdout)["traces"]
    assert len(traces) == 2
    return traces


def responses(path, *keys):
    """For each hop what its replies say of keys."""
    return tuple(tuple(sorted({json.dumps([reply[key] for key in keys]) for reply in hop["replies"]}))  # some are asked again
                 for hop in path["hops"])


def seen(trace):
    """All that does not depend on the flow's hash."""
    whole = ("address", "icmp", "quoted_ttl", "quoted_len", "changed", "mpls", "destination", "evidence")
    return {
        "rows": {responses(path, *whole) for path in trace["paths"]},
        "ends": {(path["length"], path["reached"], len(path["hops"])) for path in trace["paths"]},
        "nodes": {node["address"] for node in trace["nodes"]},
        "links": {(link["from"], link["to"]) for link in trace["links"]},
        "distinct": trace["distinct_paths"],
        "TTLs of replies": {responses(path, "address", "reply_ttl") for path in trace["paths"]
                            if not LONG_BRANCHES & addresses(path)},
    }


def addresses(path):
    return {reply["address"] for hop in path["hops"] for reply in hop["replies"]}


@pytest.mark.parametrize("options, keys, rows", [
    ((), {}, 12),
    (("--same-seed",), {"r0": {"hash-seed": 1}, "m1": {"hash-seed": 1}}, 6),
    (("--silent", "s1b2p1", "--silent", "m2"), {"s1b2p1": {"silent": "yes"}, "m2": {"silent": "yes"}}, 12),
    (("--silent", "dst"), {"dst": {"silent": "yes"}}, 12),
    (("--hidden", "s1b3p1"), {"s1b3p1": {"ttl": "keep"}}, 12),
    (("--reject", "m1:admin-prohibited"), {"m1": {"deny": "udp", "deny-answer": "prohibited"}}, 4),
    (("--reject", "s1b3p2:host-unreachable"), {"s1b3p2": {"deny": "udp", "deny-answer": "host"}}, 10),
    (("--reject", "m2:net-unreachable"), {"m2": {"deny": "udp", "deny-answer": "net"}}, 12),
    (("--reject", "s2b1p1:port-unreachable"), {"s2b1p1": {"deny": "udp", "deny-answer": "port"}}, 12),
], ids=lambda value: (" ".join(value) or "plain") if isinstance(value, tuple) else "=")
def test_the_prober_sees_the_same(lab, traceflow_lab, traceflow_path, options, keys, rows):
    linux, simulated = in_both(lab, traceflow_lab, traceflow_path, options, keys, "--paths", "64")
    ours, theirs = seen(simulated), seen(linux)
    for what, value in theirs.items():
        assert ours[what] == value, what
    assert len(theirs["rows"]) == rows


def test_rate_limits_let_the_same_number_through(lab, traceflow_lab, traceflow_path):
    """Linux: one ICMP error a second to each peer, after a burst of six."""
    limit = {"icmp-rate-per-peer": "1/s", "icmp-burst-per-peer": 6}
    keys = {node: limit for node in [*ROUTERS, "dst"]}
    begun = time.monotonic()
    linux, simulated = in_both(lab, traceflow_lab, traceflow_path, ["--rate-limit"], keys, "--paths", "32",
                               "--attempts", "1", "--ttl", "1", "--timeout", "2")
    for trace in (linux, simulated):
        answered = sum(bool(path["hops"][0]["replies"]) for path in trace["paths"])
        assert 6 <= answered <= 6 + time.monotonic() - begun
