# SPDX-License-Identifier: GPL-2.0-or-later
"""The topologies that come with the lab: what their files say, and what is to be seen of each, worked out by hand."""

import configparser
import json
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "lab/topologies"
NAMES = sorted(path.stem for path in FOLDER.glob("*.topo"))
BASE_PORT = 33480
PROTOCOLS = ("udp", "icmp", "tcp")


class File:
    """A topology file, read by a parser of another make."""

    def __init__(self, name):
        self.name = name
        self.text = (FOLDER / f"{name}.topo").read_text()
        self.groups = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        self.groups.read_string(self.text)
        self.nodes = {group.split()[1]: dict(self.groups[group]) for group in self.groups
                      if group.split()[0] in ("router", "host")}

    def command(self):
        """The command line whose table is shown."""
        return shlex.split(re.search(rf"^#   traceflow-lab {self.name} -- (.*)", self.text, re.M)[1])

    def table(self):
        return (FOLDER / f"{self.name}.table").read_text()

    def addresses(self, node, version):
        words = re.split(r"[\s,]+", self.nodes[node].get("address", ""))
        return [word for word in words if word and (":" in word) == (version == 6)]

    def next_of(self, node):
        return {word.split("*")[0] for word in re.split(r"[\s,]+", self.nodes[node].get("next", "")) if word}

    def destination(self):
        return re.search(r"[\w.]+\.example", self.command()[-1])[0]

    def has(self, version):
        """Whether the source and the destination have addresses of a family."""
        source = self.groups["network"].get("source", "192.0.2.1, 2001:db8:a::1")
        if version == 6 and ":" not in source:
            return False
        hosts = [node for node in self.nodes.values() if node.get("name") == self.destination()]
        return all("." in host["address"] if version == 4 else ":" in host.get("public-address", host["address"])
                   for host in hosts)


@dataclass
class Seen:
    """What differs between the routers that packets pass and the responders that are seen, by node."""

    paths: int | None                                  # how many there are; None: too many to count by hand
    silent: dict = field(default_factory=dict)         # node: protocols that it says nothing to
    unseen: set = field(default_factory=set)           # take no TTL of their own
    instead: dict = field(default_factory=dict)        # (node, version): the address seen in place of its own
    after: dict = field(default_factory=dict)          # (node before, node, version): the address seen in that case
    marks: dict = field(default_factory=dict)          # node: what stands behind its address
    width: int = 0                                     # TTLs of a path that does not end, silent at its end
    cut: int | None = None                             # the last TTL that is asked for
    branches: set = field(default_factory=set)         # stand for each other by chance: "A or B"
    later: list = field(default_factory=list)          # of the tables behind the first: row of nodes -> row of nodes


def detour(row):
    """core's packets go by new-1 and new-2."""
    return row[:2] + ["new-1", "new-2"] + row[-1:]


def dead_left(row):
    return row[:1] + [None] * 5 if "left" in row else row


def all_right(row):
    return ["right" if node == "left" else node for node in row]


SEEN = {
    "anycast": Seen(2, instead={("server-a", 4): "198.51.100.53", ("server-b", 4): "198.51.100.53"}),
    "destination-nat": Seen(1, instead={("inside", 4): "198.51.100.80", ("www", 4): "198.51.100.80"}),
    "diamond": Seen(2),
    "dscp-remarking": Seen(1),
    "ecn-bleaching": Seen(1),
    "echo-identifier": Seen(2),
    "firewall": Seen(1, marks={"firewall": " !X"}),
    "firewall-drop": Seen(1, silent={"firewall": ("udp",)}, width=5),
    "forwarding-loop": Seen(1, cut=12),
    "hidden-hops": Seen(1, unseen={"p1", "p2"}),
    "interface-info": Seen(1, marks={"core": " [MPLS 16017]"}),
    "internet": Seen(None),
    "limited-everywhere": Seen(16),
    "link-failure": Seen(2, later=[dead_left, all_right]),
    "long-delay": Seen(1),
    "long-path": Seen(1),
    "loss": Seen(1),
    "meshed": Seen(4),
    "mpls-compat": Seen(1, marks={"p1": " [MPLS 30001]", "p2": " [MPLS 30002]"}),
    "mpls-no-copy": Seen(1, unseen={"pe2", "r1"}),
    "mpls-tunnel": Seen(1, marks={"p1": " [MPLS 16001]", "p2": " [MPLS 16002/24005]", "p3": " [MPLS 16003]"}),
    "nat": Seen(2),
    "nat-random-ports": Seen(2),
    "nat-stateless": Seen(2),
    "no-ipv6": Seen(2),
    "path-mtu": Seen(1),
    "per-destination": Seen(1),
    "per-packet": Seen(2, branches={"left", "right"}),
    "polarised": Seen(2),
    "quote-faults": Seen(1),
    "rate-limit": Seen(1),
    "route-change": Seen(1, later=[detour]),
    "several-addresses": Seen(2, after={("right", "merge", 4): "10.0.3.5", ("right", "merge", 6): "2001:db8:0:2::5"}),
    "short-quotes": Seen(1),
    "silent-destination": Seen(1, silent={"dst": ("udp",)}, width=5),
    "silent-router": Seen(3, silent={"middle": PROTOCOLS, "merge": PROTOCOLS}),
    "tcp-only": Seen(1, silent={"www": ("udp", "icmp")}, width=5),
    "uneven-branches": Seen(12),
    "weighted": Seen(2),
    "wide-balancer": Seen(16),
}


def truth(traceflow_lab, name, *options, version=4):
    """The paths that the program tells, as lists of (node, address); {port: [path, …]} with --ports."""
    options = ["--truth", "--json", *(["-6"] if version == 6 else []), *map(str, options)]
    document = json.loads(traceflow_lab.output(name, options=options, user=False))
    paths = defaultdict(list)
    for path in document["paths"]:
        paths[path.get("src_port")].append([(hop["node"], hop["address"]) for hop in path["hops"]])
    return paths if None not in paths else paths[None]


def cell(file, before, hop, version, protocol):
    """What is seen of a router, without its mark."""
    node, address = hop
    seen = SEEN[file.name]
    if node is None:  # of the generated network, where the file names no routers
        return address or "*"
    if protocol in seen.silent.get(node, ()):
        return "*"
    if node in seen.branches:
        return " or ".join(file.addresses(branch, version)[0] for branch in sorted(seen.branches))
    own = seen.instead.get((node, version)) or seen.after.get((before, node, version))
    return own or file.addresses(node, version)[0]


def visible(file, path):
    """A true path [(node, address), …] without those that take no TTL, as far as is asked."""
    seen = SEEN[file.name]
    return [hop for hop in path if hop[0] not in seen.unseen][: seen.cut]


def cells_of(file, path, version=4, protocol="udp"):
    """What is seen of each router of a path [(node, address), …], without marks."""
    path = visible(file, path)
    before = [None] + [node for node, _ in path]
    return [cell(file, before[i], hop, version, protocol) for i, hop in enumerate(path)]


def row(file, path, version=4):
    """The cells that a perfect prober shows of a path [(node, address), …] that it follows by UDP."""
    seen = SEEN[file.name]
    marks = [seen.marks.get(node, "") for node, _ in visible(file, path)]
    cells = [cell + mark for cell, mark in zip(cells_of(file, path, version), marks, strict=True)]
    return cells + ["*"] * (seen.width - len(cells))


def rows(file, paths, version=4):
    """{port: cells} of each table of the command: one, or one for each state of the network."""
    seen = SEEN[file.name]
    tables = [paths]
    for change in seen.later:
        tables.append({port: [(node, None) for node in change([node for node, _ in path])]
                       for port, path in paths.items()})
    return [{port: row(file, path, version) for port, path in table.items()} for table in tables]


def split_tables(text):
    """Heading, table and summary of each trace of a report: what a table file holds."""
    parts = [part.split("\n\n")[0] for part in text.split("traceflow to ")[1:]]
    return [f"traceflow to {part.removesuffix(chr(10))}\n" for part in parts]


def without_run(text):
    """A report without what differs in every run: its ID."""
    return re.sub(r", run [0-9a-f]{8}$", ", run ********", text, flags=re.M)


def parse_table(text):
    """(heading, {path ID: cells}, summary); the row of all unstable paths has ID 0."""
    lines = text.splitlines()
    cells = {}
    for line in lines[2:-1]:
        first, *others = [part.strip() for part in line.split("|")[:-1]]
        while others and not others[-1]:
            others.pop()
        if first == "Any path":
            cells[0] = [other.replace(", ", " or ") for other in others]
        else:
            cells[int(re.match(r"Path ID (\d+)", first)[1])] = others
    return lines[0], cells, lines[-1]
