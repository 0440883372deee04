# SPDX-License-Identifier: GPL-2.0-or-later
"""What --paths auto reports of each topology, by each family and protocol: the truth, all of it, by name."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest

from phenomena import CASES, ELSEWHERE, found_in, traces_of
from phenomena import lab_runs as _lab_runs
from simulated import traceflow_lab as _traceflow_lab
from topologies import BASE_PORT, NAMES, PROTOCOLS, SEEN, File, cells_of, truth

traceflow_lab, lab_runs = _traceflow_lab, _lab_runs

TRACES = [(name, version, protocol) for name in CASES for version in (4, 6) if File(name).has(version)
          for protocol in PROTOCOLS]
every_trace = pytest.mark.parametrize("name, version, protocol", TRACES, ids=["-".join(map(str, it)) for it in TRACES])


def command(name, version, protocol):
    case, to = CASES[name], File(name).destination()
    return f"traceflow -q -n -{version} --protocol {protocol} --format ndjson {case.options} {to}"


@pytest.fixture(scope="session")
def reports(lab_runs):
    """{(topology, version, protocol): trace}: one lab for all traces of a topology, where they leave it as it was."""

    def trace(keys):
        return traces_of(lab_runs, keys[0][0], *(command(*key) for key in keys))

    together = [[key for key in TRACES if key[0] == name] for name in CASES if not CASES[name].apart]
    groups = together + [[key] for key in TRACES if CASES[key[0]].apart]
    with ThreadPoolExecutor(4) as pool:  # they wait for answers that do not come
        answers = list(pool.map(trace, groups))
    return {key: one for group, ones in zip(groups, answers, strict=True)
            for key, one in zip(group, ones, strict=True)}



def ways_of(traceflow_lab, name, version, protocol, ports):
    """{port: [way, …]}: what is seen, TTL by TTL, along the true paths of ports; several where packets choose."""
    file = File(name)
    options = ["--to", file.destination(), "--protocol", protocol, "--ports", f"{min(ports)}-{max(ports)}"]
    paths = truth(traceflow_lab, name, *options, version=version)
    return {port: [cells_of(file, path, version, protocol) for path in several] for port, several in paths.items()}


ALL = range(BASE_PORT + 1, BASE_PORT + 513)


def at(way, ttl):
    """Who may answer at a TTL: behind the end of a path, its end."""
    return set(way[min(ttl, len(way)) - 1].split(" or "))


def may_be(way, known):
    """Whether {ttl: address} is what is seen along a way."""
    return all(address in at(way, ttl) for ttl, address in known.items())


def known_of(path):
    """{ttl: address} of a path: what answered, or must be there."""
    known = {hop["ttl"]: hop["inferred"] for hop in path["hops"] if hop["inferred"]}
    known.update({hop["ttl"]: reply["address"] for hop in path["hops"] for reply in hop["replies"]})
    return known


@pytest.fixture(scope="session")
def true_ways(traceflow_lab, reports):
    """{(topology, version, protocol): ways} of the flows that the trace used."""
    return {key: ways_of(traceflow_lab, *key, [path["src_port"] for path in trace["paths"]])
            for key, trace in reports.items()}


@every_trace
def test_every_hop_path_and_link_is_true(reports, true_ways, name, version, protocol):
    trace, ways = reports[name, version, protocol], true_ways[name, version, protocol]
    for path in trace["paths"]:
        of_flow = ways[path["src_port"]]
        for hop in path["hops"]:
            shown = {reply["address"] for reply in hop["replies"]} | ({hop["inferred"]} - {None})
            assert shown <= set().union(*(at(way, hop["ttl"]) for way in of_flow)), (path["path_id"], hop)
        if path["stable"]:
            assert any(may_be(way, known_of(path)) for way in of_flow), path
    flows = {path["path_id"]: ways[path["src_port"]] for path in trace["paths"]}
    for link in trace["links"]:
        for path_id in link["path_ids"]:
            assert any(may_be(way, {ttl: link["from"], ttl + 1: link["to"]})
                       for way in flows[path_id] for ttl in range(1, len(way))), link


@every_trace
def test_nothing_is_missed(traceflow_lab, reports, name, version, protocol):
    """Every (TTL, responder) of 512 flows; each path ends where it truly does."""
    trace, case = reports[name, version, protocol], CASES[name]
    ways = [way for ways in ways_of(traceflow_lab, name, version, protocol, ALL).values() for way in ways]
    there = {(ttl, address) for way in ways for ttl, cell in enumerate(way, 1) for address in cell.split(" or ")
             if address != "*"}
    shown = {(hop["ttl"], reply["address"]) for path in trace["paths"] for hop in path["hops"]
             for reply in hop["replies"]}
    assert there <= shown
    reached = {path["reached"] or path["reach_inferred"] for path in trace["paths"]}
    assert reached == {protocol not in case.unreached}


@every_trace
def test_paths_are_counted(reports, true_ways, name, version, protocol):
    trace, ways = reports[name, version, protocol], true_ways[name, version, protocol]
    assert trace["stable"]
    different = {tuple(way[0]) for way in ways.values()}
    assert trace["distinct_paths"] == (CASES[name].distinct.get(protocol) or len(different))
    assert trace["estimated_paths"] >= trace["distinct_paths"]


def seen_as(file, node, version):
    return SEEN[file.name].instead.get((node, version)) or file.addresses(node, version)[0]


@every_trace
def test_findings_are_true_and_complete(reports, true_ways, name, version, protocol):
    file, case = File(name), CASES[name]
    trace = reports[name, version, protocol]
    if case.findings is None:
        expected = balancers_of(trace, true_ways[name, version, protocol])
        assert {(kind, ttl, address) for kind, ttl, address in found_in(trace) if kind == "by_flow"} == expected
        assert {kind for kind, *_ in found_in(trace)} <= {"by_flow", "diamond", "uneven"}
        return
    expected = {(of.kind, of.ttl, of.node and seen_as(file, of.node, version)) for of in case.findings
                if protocol in of.protocols and version in of.versions}
    assert found_in(trace) == sorted(expected, key=str), trace["findings"]


def balancers_of(trace, ways):
    """What is to be said of those that several follow on the ways that the trace took."""
    after, lowest = defaultdict(set), {}
    for path in trace["paths"]:
        way = ways[path["src_port"]][0]
        for ttl, (here, there) in enumerate(zip(way, way[1:]), 1):
            after[here].add(there)
            lowest[here] = min(ttl, lowest.get(here, ttl))
    return {("by_flow", lowest[here], here) for here in after if len(after[here]) > 1}


def test_each_topology_has_a_case():
    assert set(CASES) | ELSEWHERE == set(NAMES)
