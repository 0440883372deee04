# SPDX-License-Identifier: GPL-2.0-or-later
"""What --paths auto reports of each topology, by each family and protocol: the truth, all of it, by name."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from simulated import traceflow_lab as _traceflow_lab
from topologies import BASE_PORT, NAMES, PROTOCOLS, SEEN, File, cells_of, truth

traceflow_lab = _traceflow_lab
PORTS = ("udp", "tcp")  # balancers hash ports; pings have none


@dataclass
class Of:
    """A finding that there must be: its kind, TTL, and the node whose address it names (None: it names none)."""

    kind: str
    ttl: int
    node: str | None
    protocols: tuple = PROTOCOLS
    versions: tuple = (4, 6)


def diamond(ttl, node, kind="diamond", **where):
    """A balancer: where its flows part, and that it is flows that it balances."""
    return [Of("by_flow", ttl, node, **where), Of(kind, ttl, node, **where)]


@dataclass
class Case:
    """What is to be said of a topology."""

    findings: list = field(default_factory=list)
    options: str = ""                             # of each trace
    apart: bool = False                           # a lab of its own for each trace: what it shows, it shows once
    unreached: tuple = ()                         # protocols by which the destination does not answer
    unstable: bool = False
    distinct: dict = field(default_factory=dict)  # protocol: paths that silence does not hide


QUICK = "--timeout 0.3 --gap-limit 3"
FAULTS = [Of("ident", 1, "id-zero", versions=(4,)), Of("quote", 2, "src-port", PORTS),
          Of("ident", 3, "id-plus-one", versions=(4,)), Of("quote", 4, "ttl-zero"),
          Of("ident", 5, "id-swap", versions=(4,)), Of("quote", 6, "dst-port", PORTS), Of("quote", 7, "src"),
          Of("quote", 8, "dst"), Of("length", 10, "length-swap")]

CASES = {
    "anycast": Case(diamond(1, "edge", "uneven", protocols=PORTS)),
    "destination-nat": Case([Of("destination_nat", 3, "inside")]),
    "diamond": Case(diamond(1, "edge", protocols=PORTS)),
    "dscp-remarking": Case([Of("dscp_remarked", 2, "remark")]),
    "echo-identifier": Case(diamond(1, "edge")),
    "ecn-bleaching": Case([Of("ecn_bleached", 2, "bleach")], "--tos 1"),
    "firewall": Case([Of("unreachable", 2, "firewall", ("udp",))], unreached=("udp",)),
    "firewall-drop": Case([], QUICK, unreached=("udp",)),
    "forwarding-loop": Case([Of("loop", 2, "core")], "--ttl 12", unreached=PROTOCOLS),
    "hidden-hops": Case(),
    "interface-info": Case([Of("mpls", 2, "core")]),
    "link-failure": Case(diamond(1, "edge", protocols=PORTS)),
    "long-delay": Case(),
    "long-path": Case(),
    "loss": Case([Of("loss", 2, None)], "--paths 24 --attempts 10 --timeout 0.2"),
    "meshed": Case([*diamond(1, "edge", protocols=PORTS),
                    Of("by_flow", 2, "l1", PORTS), Of("by_flow", 2, "r1", PORTS)]),
    "mpls-compat": Case([Of("mpls", 2, "p1")]),
    "mpls-no-copy": Case([Of("hidden_hops", 3, "p2")]),
    "mpls-tunnel": Case([Of("mpls", 2, "p1")]),
    "nat": Case(diamond(2, "carrier", protocols=PORTS)),
    "nat-random-ports": Case(diamond(2, "carrier", protocols=PORTS)),
    "nat-stateless": Case([Of("nat", 1, "home"), *diamond(2, "carrier", protocols=PORTS)]),
    "no-ipv6": Case(diamond(1, "edge", protocols=PORTS)),
    "path-mtu": Case(),
    "per-destination": Case(),
    "per-packet": Case([Of("by_packet", 1, "edge")], "--confidence 99", unstable=True),
    "polarised": Case([*diamond(1, "edge", protocols=PORTS), *diamond(3, "core", protocols=PORTS)]),
    "quote-faults": Case(FAULTS),
    "rate-limit": Case([Of("rate_limited", 1, "edge"), Of("rate_limited", 2, "core")], "--paths 10 --attempts 10",
                       apart=True),
    "route-change": Case([Of("path_changed", 2, "core")], apart=True),
    "several-addresses": Case(diamond(1, "edge", protocols=PORTS)),
    "short-quotes": Case(),
    "silent-destination": Case([], QUICK, unreached=("udp",)),
    "silent-router": Case(diamond(1, "edge", protocols=PORTS), "--timeout 0.3", distinct={"udp": 2, "tcp": 2}),
    "tcp-only": Case([], QUICK, unreached=("udp", "icmp")),
    "uneven-branches": Case([*diamond(1, "r0", "uneven", protocols=PORTS),
                             *diamond(3, "m1", "uneven", protocols=PORTS)]),
    "weighted": Case([Of("diamond", 1, "edge", PORTS)], "--paths 16"),
    "wide-balancer": Case(diamond(1, "edge", protocols=PORTS)),
}
ELSEWHERE = {"internet", "limited-everywhere"}  # the one is large, the other slow: tests of their own

TRACES = [(name, version, protocol) for name in CASES for version in (4, 6) if File(name).has(version)
          for protocol in PROTOCOLS]
every_trace = pytest.mark.parametrize("name, version, protocol", TRACES, ids=["-".join(map(str, it)) for it in TRACES])


@pytest.fixture(scope="session")
def lab_runs(traceflow_lab, traceflow_path):
    """lab_runs(topology, command, …) is standard output; `traceflow` in a command is the built one."""
    program = traceflow_lab.readable(traceflow_path)

    def run(topology, *commands, **kwargs):
        lines = [command.replace("traceflow ", f"{program} ", 1) for command in commands]
        return traceflow_lab.output(topology, "sh", "-c", "; ".join(lines), timeout=60, **kwargs)

    return run


def traces_of(run, topology, *commands, **kwargs):
    return [json.loads(line) for line in run(topology, *commands, **kwargs).splitlines()]


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
    states = SEEN[name].later if CASES[name].apart else []
    ways = {}
    for port, several in paths.items():
        for path in several:
            changed = [[(node, None) for node in change([node for node, _ in path])] for change in states]
            ways.setdefault(port, []).extend(cells_of(file, one, version, protocol) for one in [path, *changed])
    return ways


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
        if trace["stable"] and path["stable"]:
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
    if case.apart:  # some of it is gone before all is asked
        there = {(ttl, address) for ttl, address in there if ttl <= 3}
    assert there <= shown
    reached = {path["reached"] or path["reach_inferred"] for path in trace["paths"]}
    assert (protocol not in case.unreached) in reached and (len(reached) == 1 or case.apart)


@every_trace
def test_paths_are_counted(reports, true_ways, name, version, protocol):
    trace, ways = reports[name, version, protocol], true_ways[name, version, protocol]
    assert trace["stable"] == (not CASES[name].unstable)
    if trace["stable"] and not SEEN[name].later:
        different = {tuple(way[0]) for way in ways.values()}
        assert trace["distinct_paths"] == (CASES[name].distinct.get(protocol) or len(different))
        assert trace["estimated_paths"] >= trace["distinct_paths"]


def seen_as(file, node, version):
    return SEEN[file.name].instead.get((node, version)) or file.addresses(node, version)[0]


def found_in(trace):
    """(kind, TTL, address) of each finding; what is late is so where the machine is slow."""
    return sorted(((one["kind"], one["ttl"], one["address"]) for one in trace["findings"] if one["kind"] != "late"),
                  key=str)


@every_trace
def test_findings_are_true_and_complete(reports, name, version, protocol):
    file, case = File(name), CASES[name]
    expected = {(of.kind, of.ttl, of.node and seen_as(file, of.node, version)) for of in case.findings
                if protocol in of.protocols and version in of.versions}
    trace = reports[name, version, protocol]
    assert found_in(trace) == sorted(expected, key=str), trace["findings"]


def test_each_topology_has_a_case():
    assert set(CASES) | ELSEWHERE == set(NAMES)


# ---- variants, each of a topology whose file says something else in one place


VARIANTS = [
    ("a translation of the destination that leaves quotes alone", "destination-nat",
     ("198.51.100.80 10.9.0.80\n", "198.51.100.80 10.9.0.80\nnat-quotes = leave\n"), "-4",
     [("destination_nat", 1, "10.0.0.1")]),
    ("… that changes the port, too", "destination-nat",
     ("198.51.100.80 10.9.0.80\n", "198.51.100.80 10.9.0.80:8080\n"), "-4 --protocol tcp", [("destination_nat", 3, "198.51.100.80")]),
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
    """Each flow goes one way, and both are found."""
    file = File("echo-identifier")
    text = file.text.replace("five-tuple icmp-id", fields)
    options = f"-{version} --protocol {protocol} --confidence 99 --format ndjson"
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n {options} dst.example")
    edge = file.addresses("edge", version)[0]
    assert trace["stable"] and trace["distinct_paths"] == 2
    assert found_in(trace) == [("by_flow", 1, edge), ("diamond", 1, edge)]
    seen = {hop["replies"][0]["address"] for path in trace["paths"] for hop in path["hops"] if hop["ttl"] == 2}
    assert seen == {file.addresses(node, version)[0] for node in ("left", "right")}


def test_late_answers_are_called_late(lab_runs):
    """Core takes 0.7 s for an answer, and is asked again after 0.4 s."""
    text = File("tcp-only").text.replace("name = core.isp.example\n", "name = core.isp.example\nicmp-delay = 700ms\n")
    options = "-4 --paths 4 --timeout 0.4 --protocol tcp --format ndjson"
    [trace] = traces_of(lab_runs, text, f"traceflow -q -n {options} www.example")
    assert ("late", 2, "10.0.1.1") in {(one["kind"], one["ttl"], one["address"]) for one in trace["findings"]}
    assert all(path["reached"] for path in trace["paths"]) and found_in(trace) == []


# ---- changes while packets are under way


def links_of(trace):
    return {(link["from"], link["to"]) for link in trace["links"]}


@pytest.mark.parametrize("after", [10, 12, 14, 18, 20, 22])
def test_a_route_that_moves_is_no_balancer(lab_runs, after):
    """Whenever it moves: no link that never was, no balancing; and its name where some probes went either way."""
    text = File("route-change").text.replace("after = 16", f"after = {after}")
    [trace] = traces_of(lab_runs, text, "traceflow -q -n -4 --format ndjson dst.example")
    old, new = ([f"10.0.{i}" for i in ("0.1", "1.1", "2.1")], [f"10.0.{i}" for i in ("0.1", "1.1", "3.1", "3.2")])
    ways = [[*way, "198.51.100.1"] for way in (old, new)]
    assert links_of(trace) <= {pair for way in ways for pair in zip(way, way[1:])}
    seen = {reply["address"] for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]}
    both = {"10.0.2.1", "10.0.3.1"} <= seen
    assert trace["stable"] and trace["diamonds"] == []
    assert found_in(trace) == ([("path_changed", 2, "10.0.1.1")] if both else [])


@pytest.mark.parametrize("options", ["--paths 8 --rate 12", "--rate 40"])
def test_a_branch_that_dies_is_no_balancer_of_packets(lab_runs, options):
    """Packets are lost at it for two seconds of the run; then all go by the other."""
    [trace] = traces_of(lab_runs, "link-failure", f"traceflow -q -n -4 {options} --format ndjson dst.example")
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
