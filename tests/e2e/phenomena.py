# SPDX-License-Identifier: GPL-2.0-or-later
"""What is to be said of each topology that comes with the lab, and how traces are made in it."""

import json
from dataclasses import dataclass, field

import pytest

from topologies import PROTOCOLS

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

    findings: list | None = field(default_factory=list)  # None: too many to list by hand
    options: str = ""                             # of each trace
    apart: bool = False                           # a lab of its own for each trace: what it shows, it shows once
    unreached: tuple = ()                         # protocols by which the destination does not answer
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
    "internet": Case(None, "--confidence 99"),
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
    "polarised": Case([*diamond(1, "edge", protocols=PORTS), *diamond(3, "core", protocols=PORTS)]),
    "quote-faults": Case(FAULTS),
    "rate-limit": Case([Of("rate_limited", 1, "edge"), Of("rate_limited", 2, "core")], "--paths 10 --attempts 10",
                       apart=True),
    "several-addresses": Case(diamond(1, "edge", protocols=PORTS)),
    "short-quotes": Case(),
    "silent-destination": Case([], QUICK, unreached=("udp",)),
    "silent-router": Case(diamond(1, "edge", protocols=PORTS), "--timeout 0.3", distinct={"udp": 2, "tcp": 2}),
    "tcp-only": Case([], QUICK, unreached=("udp", "icmp")),
    "uneven-branches": Case([*diamond(1, "r0", "uneven", protocols=PORTS),
                             *diamond(3, "m1", "uneven", protocols=PORTS)]),
    "weighted": Case(diamond(1, "edge", protocols=PORTS), "--paths 16"),
    "wide-balancer": Case(diamond(1, "edge", protocols=PORTS)),
}
ELSEWHERE = {"limited-everywhere", "link-failure", "per-packet", "route-change"}  # tests of their own


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


def found_in(trace):
    """(kind, TTL, address) of each finding; what is late is so where the machine is slow."""
    return sorted(((one["kind"], one["ttl"], one["address"]) for one in trace["findings"] if one["kind"] != "late"),
                  key=str)
