# SPDX-License-Identifier: GPL-2.0-or-later
"""A network as a route per path: walks probes along it, collects frames and the table due."""

import dataclasses

from scapy.layers.inet import IP

import stockholm
from capfile import MS, S, US, Frame

START_NS = 1_735_732_800 * S                           # 2025-01-01 12:00:00 UTC
SOURCE = "192.0.2.1"
DESTINATION = "198.51.100.7"


# --- the network ---------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Node:
    """A router, or the destination as the last node of a route."""
    address: str
    quote_len: object = "full"      # or bytes, from the IP header on
    mpls: tuple = ()                # (label, traffic class, bottom, ttl), …
    length_field: str = "right"     # RFC 4884's
    mangle: str = None              # what becomes of the Identification in its quotes
    silent: bool = False
    refuses: int = None             # ICMP code about packets that it will not forward …
    refuses_first: bool = False     # … asked before the TTL is looked at
    nat: dict = None                # path ID -> (address, port) of what it forwards
    rewrite: object = None          # packet -> packet: what else becomes of what it forwards
    reply_options: bool = False     # its IPv6 replies bear an extension header
    tcp_flags: str = "SA"           # a destination's answer to a SYN
    reply_ttl: int = 255            # TTL that its own packets start with
    delay_ns: int = 400 * US        # one way, from the node before it


GATEWAY = Node("192.0.2.254", reply_ttl=64, delay_ns=150 * US)
TARGET = Node(DESTINATION, reply_ttl=64, delay_ns=1 * MS)


@dataclasses.dataclass(frozen=True)
class Answer:
    """Who answers a probe, with what, and the probe as it arrived there.

    Type and code are those of ICMP for UDP over IPv4; other kinds of runs have answers of their own that mean the same:
    port unreachable is the destination's.
    """
    node: Node
    distance: int
    icmp_type: int
    code: int
    packet: object                  # IP or IPv6
    quoted_ttl: int
    rtt_ns: int


def verdict(node, quoted_ttl, last):
    """(ICMP type, code) that node says to a packet arriving with quoted_ttl; None: it forwards."""
    if node.refuses is not None and node.refuses_first:
        return stockholm.UNREACHABLE, node.refuses
    if last:
        return stockholm.UNREACHABLE, stockholm.PORT
    if quoted_ttl == 1:
        return stockholm.TIME_EXCEEDED, 0
    if node.refuses is not None:
        return stockholm.UNREACHABLE, node.refuses
    return None


def ttl_of(packet):
    return packet.ttl if isinstance(packet, IP) else packet.hlim


def answer_of(packet, path, route):
    """Walk a probe along its route, to the node that answers it."""
    delay_ns = 0
    for distance, node in enumerate(route, 1):
        delay_ns += node.delay_ns
        quoted_ttl = ttl_of(packet) - distance + 1
        said = verdict(node, quoted_ttl, node is route[-1])
        if said:
            return Answer(node, distance, *said, packet, quoted_ttl, 2 * delay_ns)
        if node.nat:
            packet = stockholm.source_nat(packet, *node.nat[path])
        if node.rewrite:
            packet = node.rewrite(packet)
    raise AssertionError("a route ends at a node that answers")


# --- a run, and the table it must give -----------------------------------------------------------

MARKS = {stockholm.NET: " !N", stockholm.HOST: " !H", stockholm.PROTOCOL: " !P",
         stockholm.ADMIN_PROHIBITED: " !X", stockholm.PORT: ""}


def cell_text(answer):
    text = answer.node.address
    if answer.icmp_type == stockholm.UNREACHABLE:
        text += MARKS[answer.code]
    if answer.node.mpls:
        text += " [MPLS " + "/".join(str(label) for label, *_ in answer.node.mpls) + "]"
    return text


@dataclasses.dataclass(frozen=True)
class Fate:
    """What happens to one probe and its reply."""
    lost: bool = False
    late_ns: int = 0                # more than the way takes
    again_ns: int = None            # the reply's duplicate comes that much after it
    unplaced: bool = False          # the reply does not say which TTL it answers
    note: str = None                # comments on the two frames
    reply_note: str = None


class Run:
    """One run towards one destination: sends probes into a network, collects frames and cells."""

    stable = True                   # a flow has one way; else:
    unstable_words = "{} flows, no stable path"
    kind = "UDP, source port{s} {ports}, destination port {base}"
    between = (SOURCE, DESTINATION)

    def __init__(self, routes, run_id, start_ns):
        self.routes = routes
        self.run_id = run_id
        self.start_ns = start_ns
        self.base = stockholm.BASE_PORT
        self.frames = []
        self.asked = {}         # (path, ttl): [the cell's texts], empty while unanswered
        self.ends = {}          # path: (ttl, reached)
        self.duplicates = 0
        self.unplaced = 0

    def craft(self, at_ns, path, ttl, attempt):
        return stockholm.probe(SOURCE, DESTINATION, path, ttl, attempt, self.run_id)

    def route(self, at_ns, path, attempt):
        return self.routes[path]

    def ask(self, at_ns, path, ttl, attempt=0, fate=Fate()):
        """Send a probe, and add what comes back."""
        packet = self.craft(at_ns, path, ttl, attempt)
        self.add(at_ns, packet, True, fate.note)
        self.asked.setdefault((path, ttl), [])
        answer = answer_of(packet, path, self.route(at_ns, path, attempt))
        if fate.lost or answer.node.silent:
            return
        jitter_ns = (path * 7 + ttl * 3 + attempt * 5) % 11 * 9_137
        reply_ns = at_ns + answer.rtt_ns + jitter_ns + fate.late_ns
        reply = self.reply(answer)
        self.add(reply_ns, reply, False, fate.reply_note)
        if fate.again_ns is not None:
            self.add(reply_ns + fate.again_ns, reply, False, "the same reply, once more")
            self.duplicates += 1
        if fate.unplaced:
            self.unplaced += 1
        else:
            self.note_answer(path, ttl, answer)

    def reply(self, answer):
        node = answer.node
        return stockholm.error(
            answer.icmp_type, answer.code, answer.packet, node.address, to=SOURCE,
            mpls=node.mpls, length_field=node.length_field, mangle=node.mangle,
            reply_ttl=node.reply_ttl - answer.distance + 1, reply_id=self.reply_id(node),
            quoted_ttl=answer.quoted_ttl, quote_len=node.quote_len)

    def reply_id(self, node):
        return stockholm.fmix32(len(self.frames) + sum(node.address.encode())) & 0xffff

    def note_answer(self, path, ttl, answer):
        text = cell_text(answer)
        if text not in self.asked[path, ttl]:
            self.asked[path, ttl].append(text)
        if answer.icmp_type == stockholm.UNREACHABLE:
            reached = answer.code == stockholm.PORT
            self.ends[path] = min(self.ends.get(path, (ttl, reached)), (ttl, reached))

    def add(self, at_ns, packet, outgoing, note=None):
        self.frames.append(Frame(self.start_ns + at_ns, bytes(packet), outgoing, note))

    def row(self, path):
        """The cells of one path up to its end: an address with its marks, or * for no answer."""
        first = min(ttl for _, ttl in self.asked)
        ttls = sorted(ttl for p, ttl in self.asked if p == path)
        last = self.ends.get(path, (ttls[-1], False))[0]
        return [", ".join(self.asked.get((path, ttl), [])) or "*" for ttl in range(first, last + 1)]

    def any_row(self):
        """The cells of all paths together, where no flow keeps to one way."""
        ttls = range(1, max(ttl for _, ttl in self.asked) + 1)
        texts = [{text for (_, t), cells in self.asked.items() if t == ttl for text in cells}
                 for ttl in ttls]
        return [", ".join(sorted(cells)) for cells in texts]


class OriginalRun(Run):
    """A run of the Python tool, which has no run ID."""

    def __init__(self, routes, start_ns):
        super().__init__(routes, None, start_ns)
        self.base = stockholm.ORIGINAL_BASE_PORT

    def craft(self, at_ns, path, ttl, attempt):
        seconds = (self.start_ns + at_ns) // S
        return stockholm.original_probe(SOURCE, DESTINATION, path, ttl, seconds)


def agree(a, b):
    """Two rows agree if they do wherever both answered; labels are no part of a path."""
    def responder(cell):
        return cell.split(" [")[0]
    same = ("*" in (x, y) or responder(x) == responder(y) for x, y in zip(a, b))
    return len(a) == len(b) and all(same)


def count_distinct(rows):
    kept = []
    for row in rows:
        if not any(agree(row, other) for other in kept):
            kept.append(row)
    return len(kept)


def span(numbers, to="-"):
    numbers = list(numbers)
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}{to}{high}"


def reach_text(paths, reached):
    if reached == paths:
        return "all reach the destination"
    if reached == 0:
        return "the destination did not answer"
    return f"{reached} of {paths} reach{'es' if reached == 1 else ''} the destination"


def headline(run):
    ports = span([run.base + path for path in run.routes])
    kind = run.kind.format(s="s" if len(run.routes) > 1 else "", ports=ports, base=run.base)
    known = "" if run.run_id is None else f", run {run.run_id:08x}"
    source, destination = run.between
    return f"traceflow to {destination} from {source}: {kind}{known}"


def counted(number, singular, plural):
    return f", {number} {singular if number == 1 else plural}" if number else ""


def summary(run, rows):
    n_paths, reached = len(run.routes), sum(end[1] for end in run.ends.values())
    first = min(ttl for _, ttl in run.asked)
    hops = span((first - 1 + len(row) for row in rows.values()), " to ")
    paths = f"{n_paths} paths, {count_distinct(rows.values())} distinct"
    if not run.stable:
        paths = run.unstable_words.format(n_paths)
    return (f"{paths}, {hops} hops, {reach_text(n_paths, reached)}"
            + counted(run.duplicates, "duplicate reply", "duplicate replies")
            + counted(run.unplaced, "reply of unknown TTL", "replies of unknown TTL"))


def table(run):
    """The path table, as `traceflow -r` and `tshark -z traceflow,paths` must print it."""
    rows = {f"Path ID {path}": run.row(path) for path in sorted(run.routes)}
    if not run.stable:
        rows = {"Any path": run.any_row()}
    first, longest = min(ttl for _, ttl in run.asked), max(map(len, rows.values()))
    grid = [["TTL:"] + [str(ttl) for ttl in range(first, first + longest)]]
    grid += [[name] + row + [""] * (longest - len(row)) for name, row in rows.items()]
    widths = [max(map(len, column)) for column in zip(*grid)]
    lines = [headline(run)]
    lines += [" ".join(f"{cell:<{width}} |" for cell, width in zip(row, widths)) for row in grid]
    return "\n".join([*lines, summary(run, rows)]) + "\n"
