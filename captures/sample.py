# SPDX-License-Identifier: GPL-2.0-or-later
"""A run, a link layer and a file format make a sample capture."""

import dataclasses

from capfile import in_time, pcap_file, pcapng_file
from network import table


@dataclasses.dataclass(frozen=True)
class Capture:
    name: str           # of the file, suffix included
    data: bytes
    table: str


def pcap(name, link, run, **form):
    return Capture(name + ".pcap", pcap_file(link, in_time(run.frames), **form), table(run))


def pcapng(name, link, run, comment):
    return Capture(name + ".pcapng", pcapng_file(link, in_time(run.frames), comment), table(run))


def ask_all(run, ttls, gap_ns):
    """All paths and TTLs in flight together, lowest TTL first, none behind the end of its route."""
    pairs = [(path, ttl) for ttl in ttls for path in run.routes]
    for i, (path, ttl) in enumerate(pairs):
        run.ask(i * gap_ns, path, ttl)
