# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin says of the sample captures, as texts that can be read and compared: tests/e2e/golden/.

Only what is ours is in them: our fields, our columns, our statistics. So they do not depend on the version of
Wireshark. Every function takes tshark(*args) -> standard output, so that they may ask any version.
"""

import functools
import json
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent / "golden"
CAPTURES = sorted([*TOP.glob("captures/*.pcap"), *TOP.glob("captures/*.pcapng")])
STATISTICS = ["traceflow,paths", "traceflow,hops", "traceflow,tree", "expert"]
SEVERITIES = ("Errors", "Warns", "Notes", "Chats", "Comments")

# Frames whose packet details are kept as JSON: what is special of each capture, and something plain.
DETAILS = {
    "forged": [1, 14, 17, 18, 19, 21, 23, 24, 27],
    "icmp-echo": [1, 4, 21, 24, 27, 28],
    "interfaces": [1, 4, 5],
    "ipv6-udp": [1, 13, 24, 26, 28, 34, 38],
    "mid-path": [1, 4, 6],
    "mpls": [9, 21, 23],
    "nat": [22, 25, 35, 46, 56],
    "original": [1, 2, 12],
    "path-change": [61, 69],
    "per-packet": [47],
    "replies-only": [1, 5],
    "short-quotes": [26, 37],
    "silent-duplicate": [12, 15, 16, 30, 33],
    "strangers": [1, 5, 29, 30, 43],
    "tcp-syn": [1, 8, 10, 15, 16, 17, 24],
    "tunnels": [1, 2, 3, 5, 8, 9],
    "uneven-ecmp": [1, 3, 123],
    "unreachable": [17, 33, 35],
}


# --- fields --------------------------------------------------------------------------------------

@functools.cache
def field_names(tshark):
    """Every field of ours, expert infos included, in the order of their registration."""
    rows = [line.split("\t") for line in tshark("-G", "fields").splitlines()]
    found = [row[2] for row in rows if row[0] == "F" and row[2].startswith("traceflow.")]
    return list(dict.fromkeys(found))


def frame_fields(tshark, capture, names, *options):
    """{frame number: {field: values}} of the frames shown; values as tshark joins them, absent ones left away."""
    columns = [word for name in ["frame.number", *names] for word in ("-e", name)]
    printed = tshark("-r", capture, *options, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=,", *columns)
    rows = [line.split("\t") for line in printed.splitlines()]
    return {int(row[0]): {name: value for name, value in zip(names, row[1:], strict=True) if value} for row in rows}


def columns_of(tshark, capture, *options):
    """{frame number: (Protocol, Info)} as the packet list has them."""
    layout = 'gui.column.format:"No.","%m","Protocol","%p","Info","%i"'
    rows = [line.split("\t") for line in tshark("-r", capture, *options, "-T", "tabs", "-o", layout).splitlines()]
    return {int(number): (protocol.strip(), info.strip()) for number, protocol, info in rows}


def short(name):
    return name.removeprefix("traceflow.")


def frames_text(tshark, capture):
    """A paragraph for each frame: the columns where they are ours, then all fields; a dash if there is none."""
    names = field_names(tshark)
    lines = []
    columns = columns_of(tshark, capture, "-2")
    for number, values in frame_fields(tshark, capture, names, "-2").items():
        protocol, info = columns[number]
        if "traceflow.tag.magic" in values:
            values.pop("traceflow.tag", None)       # its bytes are told one by one
        info = info if protocol == "Traceflow" else f"({protocol})"
        lines.append(f"{number:3} {info if values else '-'}")
        if values:
            lines.append("    " + " ".join(f"{short(name)}={value}" for name, value in values.items()))
    return "\n".join(lines) + "\n"


# --- packet details ------------------------------------------------------------------------------

def details_text(tshark, capture):
    """Our layer of a few frames, as JSON."""
    numbers = ",".join(map(str, DETAILS[capture.stem]))
    printed = tshark("-2", "-r", capture, "-Y", f"frame.number in {{{numbers}}}", "-T", "json", "-J", "traceflow",
                     "--no-duplicate-keys")
    layers = [packet["_source"]["layers"].get("traceflow") for packet in json.loads(printed)]
    frames = dict(zip(DETAILS[capture.stem], layers, strict=True))
    return json.dumps(frames, indent=1, ensure_ascii=False) + "\n"


# --- statistics ----------------------------------------------------------------------------------

def without_strangers(printed):
    """Of -z expert only the lines that are ours, each with its severity."""
    severity, lines = None, []
    for line in printed.splitlines():
        if found := re.match(rf"({'|'.join(SEVERITIES)}) \(\d+\)$", line):
            severity = found[1]
        elif severity is None or line == "":
            severity = None
            lines.append(line)
        elif found := re.match(r" *(\d+) +(\w+) +Traceflow  (.*)", line):
            lines.append(f"{severity}: {found[2]}: {found[1]} x {found[3]}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def statistics_text(tshark, capture):
    """All statistics, in the order in which tshark prints them."""
    wanted = [word for statistic in STATISTICS for word in ("-z", statistic)]
    return without_strangers(tshark("-2", "-q", "-r", capture, *wanted))


TEXTS = {"frames": frames_text, "details.json": details_text, "statistics": statistics_text}


def path_of(capture, kind):
    return FOLDER / f"{capture.stem}.{kind}"
