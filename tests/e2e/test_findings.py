# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings in networks that differ from a topology's file in one place, that change under way, or that are slow."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from phenomena import found_in, traces_of
from phenomena import lab_runs as _lab_runs
from simulated import traceflow_lab as _traceflow_lab
from topologies import PROTOCOLS, File

traceflow_lab, lab_runs = _traceflow_lab, _lab_runs

# ---- a file that says something else in one place


VARIANTS = [
    ("a translation of the destination that leaves quotes alone", "destination-nat",
     ("198.51.100.80 10.9.0.80\n", "198.51.100.80 10.9.0.80\nnat-quotes = leave\n"), "-4",
     [("destination_nat", 1, "10.0.0.1")]),
    ("… that changes the port, too", "destination-nat",
     ("198.51.100.80 10.9.0.80\n", "198.51.100.80 10.9.0.80:8080\n"), "-4 --protocol tcp",
     [("destination_nat", 3, "198.51.100.80")]),
    ("a host is unreachable", "firewall", ("deny-answer = prohibited", "deny-answer = host"), "-4",
     [("unreachable", 2, "10.0.1.1")]),
    ("… by IPv6", "firewall", ("deny-answer = prohibited", "deny-answer = host"), "-6",
     [("unreachable", 2, "2001:db8:0:2::1")]),
    ("a network is unreachable", "firewall", ("deny-answer = prohibited", "deny-answer = net"), "-4",
     [("unreachable", 2, "10.0.1.1")]),
    ("… by IPv6", "firewall", ("deny-answer = prohibited", "deny-answer = net"), "-6",
     [("unreachable", 2, "2001:db8:0:2::1")]),
    ("pings are refused", "firewall", ("deny = udp", "deny = icmp"), "-4 --protocol icmp",
     [("unreachable", 2, "10.0.1.1")]),
    ("connections are refused by a filter", "firewall", ("tcp:25", "tcp:443"), "-6 --protocol tcp",
     [("unreachable", 2, "2001:db8:0:2::1")]),
    ("nothing of it is refused", "firewall", ("deny = udp", "deny = icmp"), "-4", []),
    ("ECN that was not asked for", "ecn-bleaching", ("ecn = clear", "ecn = clear"), "-4", []),
    ("both: ECN cleared, and another DSCP", "ecn-bleaching", ("ecn = clear", "ecn = clear\ndscp = 8"), "-4 --tos 2",
     [("dscp_remarked", 2, "10.0.1.1"), ("ecn_bleached", 2, "10.0.1.1")]),
    ("a DSCP that is the router's own", "dscp-remarking", ("dscp = 8", "dscp = 8"), "-4 --tos cs1", []),
]


@pytest.fixture(scope="session")
def variants(lab_runs):
    def trace(variant):
        _, name, (old, new), options, _ = variant
        text = File(name).text
        assert text.count(old) == 1
        to = File(name).destination()
        [one] = traces_of(lab_runs, text.replace(old, new), f"traceflow -q -n {options} --format ndjson {to}")
        return one

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(trace, VARIANTS))


@pytest.mark.parametrize("number", range(len(VARIANTS)), ids=[variant[0] for variant in VARIANTS])
def test_variants(variants, number):
    assert found_in(variants[number]) == sorted(VARIANTS[number][-1], key=str)


# Hashes that know nothing of ports: what is constant along a path, and differs from path to path, all the same.
HASHES = [("src dst flow-label", 6, protocol) for protocol in PROTOCOLS]
HASHES += [("five-tuple icmp-checksum", version, "icmp") for version in (4, 6)]


@pytest.mark.parametrize("fields, version, protocol", HASHES)
def test_paths_by_other_fields(lab_runs, fields, version, protocol):
    """Each flow goes one way, and both are found. The checksum is another in every run: 32 flows of it have but one way
    once in two thousand million runs, the eight that are enough for a confidence of 99 once in a hundred and thirty."""
    file = File("echo-identifier")
    text = file.text.replace("five-tuple icmp-id", fields)
    options = f"-{version} --protocol {protocol} --paths 32 --format ndjson"
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n {options} dst.example")
    edge = file.addresses("edge", version)[0]
    assert trace["stable"] and trace["distinct_paths"] == 2
    assert found_in(trace) == [("by_flow", 1, edge), ("diamond", 1, edge)]
    seen = {hop["replies"][0]["address"] for path in trace["paths"] for hop in path["hops"] if hop["ttl"] == 2}
    assert seen == {file.addresses(node, version)[0] for node in ("left", "right")}


def test_late_answers_are_called_late(lab_runs):
    """Core takes three seconds for an answer, and is asked again after two."""
    text = File("tcp-only").text.replace("name = core.isp.example\n", "name = core.isp.example\nicmp-delay = 3s\n")
    options = "-4 --paths 4 --timeout 2 --protocol tcp --format ndjson"
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n {options} www.example")
    assert ("late", 2, "10.0.1.1") in {(one["kind"], one["ttl"], one["address"]) for one in trace["findings"]}
    assert all(path["reached"] for path in trace["paths"]) and found_in(trace) == []


# ---- chance, time, and changes while packets are under way


def links_of(trace):
    return {(link["from"], link["to"]) for link in trace["links"]}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_balancing_by_packet(lab_runs, version, protocol):
    """A coin may fall on one side each time: one trace in twenty may not notice, but hardly ten of them."""
    file = File("per-packet")
    edge, left, right, merge, dst = (file.addresses(node, version)[0] for node in file.nodes)
    command = f"traceflow -q -n -{version} --protocol {protocol} --confidence 99 --format ndjson dst.example"
    traces = traces_of(lab_runs, file.name, *[command] * 10)
    found = [found_in(trace) for trace in traces]
    assert [("by_packet", 1, edge)] in found
    for trace in traces:
        seen = {(hop["ttl"], reply["address"]) for path in trace["paths"] for hop in path["hops"]
                for reply in hop["replies"]}
        assert seen <= {(1, edge), (2, left), (2, right), (3, merge), (4, dst)}
        assert links_of(trace) <= {(edge, left), (edge, right), (left, merge), (right, merge), (merge, dst)}
        assert trace["stable"] or (trace["distinct_paths"], trace["diamonds"]) == (0, [])


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("after", [10, 12, 16, 20])
def test_a_route_that_moves_is_no_balancer(lab_runs, after, protocol, version):
    """Whenever it moves: no link that never was, no balancing; and its name where some probes went either way."""
    file = File("route-change")
    text = file.text.replace("after = 16", f"after = {after}")
    options = f"-{version} --protocol {protocol} --format ndjson"
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n {options} dst.example")
    edge, core, old, new1, new2, dst = (file.addresses(node, version)[0] for node in file.nodes)
    ways = [[edge, core, old, dst], [edge, core, new1, new2, dst]]
    assert links_of(trace) <= {pair for way in ways for pair in zip(way, way[1:])}
    seen = {reply["address"] for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]}
    named = [[(kind, 2, core)] for kind in ("path_changed", "unsettled")]
    assert found_in(trace) in (named if {old, new1} <= seen else [[]])
    assert trace["diamonds"] == []


@pytest.mark.parametrize("options, dead, noticed", [("--paths 8 --rate 12", 12, 36), ("--rate 40", 40, 50)])
def test_a_branch_that_dies_is_no_balancer_of_packets(lab_runs, options, dead, noticed):
    """Packets are lost at it for two seconds or so, counted by what is sent until then; then all go by the other."""
    text = File("link-failure").text.replace("at = 1s", f"after = {dead}").replace("at = 3s", f"after = {noticed}")
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n -4 {options} --format ndjson dst.example")
    ways = [["10.0.0.1", f"10.0.{branch}.1", "10.0.3.1", "198.51.100.1"] for branch in (1, 2)]
    assert links_of(trace) == {pair for way in ways for pair in zip(way, way[1:])}
    kinds = {one["kind"] for one in trace["findings"]}
    assert trace["stable"] and "diamond" in kinds
    assert kinds & {"loss", "asked_again", "path_changed"} and not kinds & {"by_packet", "unsettled", "rate_limited"}


# ---- Linux's own limits on every router


def test_limits_everywhere_are_limits(lab_runs):
    """All routers are found; whoever is asked oftener than it answers is called rate-limited, and nothing lost."""
    file = File("limited-everywhere")
    [trace] = traces_of(lab_runs, file.name, "traceflow -q -n -4 --attempts 10 --format ndjson dst.example")
    found = found_in(trace)
    limited = {address for kind, _, address in found if kind == "rate_limited"}
    assert {kind for kind, *_ in found} - {"by_flow"} == {"diamond", "rate_limited"}
    assert {("diamond", 1, "10.0.0.1"), ("diamond", 3, "10.0.2.1")} <= set(found)
    assert {"10.0.2.1", "10.0.4.1"} <= limited <= {file.addresses(node, 4)[0] for node in file.nodes}
    assert {node["address"] for node in trace["nodes"]} >= {file.addresses(node, 4)[0] for node in file.nodes}
    assert all(path["reached"] or path["reach_inferred"] for path in trace["paths"])
