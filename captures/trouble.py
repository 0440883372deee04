# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of what goes wrong: lies and leftovers, a way that changes, a tap in the middle of the path."""

import dataclasses

from scapy.layers.inet import UDP

import stockholm
from capfile import MS, S, US, ethernet, raw_ip
from network import DESTINATION, GATEWAY, SOURCE, START_NS, TARGET, Node, Run
from sample import ask_all, pcap, pcapng

LIAR = "203.0.113.66"


# --- forged --------------------------------------------------------------------------------------

def with_checksum(packet, checksum):
    packet = packet.copy()
    packet[UDP].chksum = checksum
    return stockholm.settled(packet)


def lies(run):
    """(comment, packet) of what names a probed flow and does not hold its key."""
    asked = run.craft(0, 2, 3, 0)
    whole = stockholm.probe(SOURCE, DESTINATION, 2, 3, 0, 0x12345678, wrong_key=0x0100)
    at_end = {"to": SOURCE, "quote_len": 28, "quoted_ttl": 2}
    yield "28-byte quote, its checksum guessed", \
        stockholm.time_exceeded(with_checksum(asked, 0x1234), LIAR, to=SOURCE, quote_len=28, reply_id=0x6601)
    yield "whole quote, its run ID and checksum guessed", \
        stockholm.time_exceeded(whole, LIAR, to=SOURCE, reply_id=0x6602)
    yield "port unreachable in the destination's name, checksum guessed", \
        stockholm.port_unreachable(with_checksum(asked, 0x4321), DESTINATION, reply_id=0x6603, **at_end)
    yield "quoted checksum 0: neither forged nor ours", \
        stockholm.port_unreachable(with_checksum(asked, 0), DESTINATION, reply_id=0x6604, **at_end)


def leftovers(run):
    """(comment, packet) of true replies to probes that are not in the capture."""
    before = run.craft(0, 3, 1, 0)
    other = stockholm.probe(SOURCE, DESTINATION, 1, 2, 0, run.run_id ^ 0x00ff00ff)
    yield "answers a probe that left before the capture began", \
        stockholm.time_exceeded(before, GATEWAY.address, to=SOURCE, reply_ttl=64, reply_id=0x6605)
    yield "answers the probe of another run, on the same ports", \
        stockholm.time_exceeded(other, "203.0.113.1", to=SOURCE, reply_ttl=254, reply_id=0x6606)


def forged():
    """Three paths, and behind their replies what is forged, and what answers nothing here."""
    route = [GATEWAY, Node("203.0.113.1"), Node("203.0.113.2", quote_len=28), TARGET]
    run = Run({path: route for path in (1, 2, 3)}, 0x41c64e6d, START_NS + 12 * 3600 * S)
    ask_all(run, range(1, 5), 10 * MS)
    first = min(i for i, frame in enumerate(run.frames) if frame.time_ns == run.start_ns + 20 * MS)
    del run.frames[first:first + 2]         # path 3, TTL 1: on its way before the capture began
    run.ask(120 * MS, 3, 1, 1)
    for i, (what, packet) in enumerate([*lies(run), *leftovers(run)]):
        run.add((82 + i * 3) * MS, packet, False, what)
    outgoing = stockholm.probe(SOURCE, DESTINATION, 1, 9, 0, run.run_id, wrong_key=0x0080)
    run.add(104 * MS, outgoing, True, "probe with the right tag, and a checksum that is not its key")
    return pcapng("forged", ethernet, run, "traceflow --paths 3 --ttl 4 198.51.100.7")


# --- a way that changes --------------------------------------------------------------------------

class ChangingRun(Run):
    """Paths that go one way before a time, and another after it."""

    stable = False
    unstable_words = "{} paths, all changed during the run"

    def __init__(self, routes, later, change_ns, **more):
        super().__init__(routes, **more)
        self.later, self.change_ns = later, change_ns

    def route(self, at_ns, path, attempt):
        return (self.later if at_ns >= self.change_ns else self.routes)[path]


def path_change():
    """All is asked four times; after two the way over .2 fails, and a longer one takes over."""
    last = Node("203.0.113.9")
    before = [GATEWAY, Node("203.0.113.1"), Node("203.0.113.2"), last, TARGET]
    after = [GATEWAY, Node("203.0.113.1"), Node("203.0.113.3"), Node("203.0.113.4"), last, TARGET]
    paths = (1, 2)
    run = ChangingRun({path: before for path in paths}, {path: after for path in paths}, S,
                      run_id=0x2545f491, start_ns=START_NS + 13 * 3600 * S)
    for attempt in range(4):
        for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 7) for path in paths):
            run.ask(attempt * 500 * MS + i * 500 * US, path, ttl, attempt)
    return pcapng("path-change", ethernet, run, "all asked again after a link failed")


class TurnsRun(Run):
    """A balancer of packets: each that it forwards takes the next of its ways."""

    stable = False

    def __init__(self, ways, paths, **more):
        super().__init__({path: ways[0] for path in paths}, **more)
        self.ways, self.turn = ways, 0

    def route(self, at_ns, path, attempt):
        self.turn += 1
        return self.ways[self.turn % len(self.ways)]


def per_packet():
    """Each hop of each path asked four times."""
    def way(branch):
        return [GATEWAY, Node("203.0.113.1"), Node(branch), Node("203.0.113.9"), TARGET]

    run = TurnsRun([way("203.0.113.2"), way("203.0.113.3")], (1, 2, 3), run_id=0x5deece66,
                   start_ns=START_NS + 14 * 3600 * S)
    for attempt in range(4):
        for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 6) for path in run.routes):
            run.ask(attempt * S + i * 500 * US, path, ttl, attempt)
    return pcap("per-packet", raw_ip, run)


# --- a tap in the middle of the path -------------------------------------------------------------

TAPPED = 2      # routers before the tap


def mid_path():
    """What a tap between the second and the third router sees."""
    left, right = Node("203.0.113.3"), Node("203.0.113.4", quote_len=28)
    tail = [Node("203.0.113.5", quote_len=28), TARGET]
    routes = {path: [GATEWAY, Node("203.0.113.1"), branch, *tail]
              for path, branch in enumerate([left, right, left], 1)}
    run = Run(routes, 0x1f123bb5, START_NS + 15 * 3600 * S)
    ask_all(run, range(TAPPED + 1, 6), 400 * US)
    way_ns = sum(node.delay_ns for node in routes[1][:TAPPED])
    run.frames = [tapped(frame, way_ns) for frame in run.frames]
    return pcap("mid-path", ethernet, run)


def tapped(frame, way_ns):
    """A frame as it passes there: probes later and with a lower TTL, replies earlier."""
    packet = stockholm.IP(frame.packet)
    if frame.outgoing:
        packet = stockholm.received(packet, packet.ttl - TAPPED)
    else:
        packet = stockholm.received(packet, packet.ttl + TAPPED)
    shift_ns = way_ns if frame.outgoing else -way_ns
    return dataclasses.replace(frame, packet=bytes(packet), time_ns=frame.time_ns + shift_ns)
