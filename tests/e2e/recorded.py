# SPDX-License-Identifier: GPL-2.0-or-later
"""Traces through the lab's topologies: what was reported while they ran, and the capture kept meanwhile.

Each is run once in a session, whichever tests ask for it.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from topologies import NAMES, File

# Takes the place of the program in a topology's command: JSON, and the capture beside it.
WRAPPER = """#!/bin/sh
n=$(ls "$RECORD" | grep -c pcapng)
exec "$(dirname "$0")/traceflow-itself" "$@" --format json -w "$RECORD/$n.pcapng" >"$RECORD/$n.json"
"""
HASTE = ["--timeout", "0.3", "--gap-limit", "3"]
KINDS = [("icmp", 4), ("tcp", 4), ("udp", 6), ("icmp", 6), ("tcp", 6)]

kept = {}


@dataclass(frozen=True)
class Recording:
    live: str           # the JSON document that the run printed
    capture: Path


def other_kind(name):
    """The (protocol, IP version) besides UDP over IPv4 for which a topology stands: each has its turn."""
    kinds = [kind for kind in KINDS if File(name).has(kind[1])]
    return kinds[NAMES.index(name) % len(kinds)]


def own_command(name):
    return File(name).command()


def other_command(name):
    protocol, version = other_kind(name)
    return ["traceflow", "-n", f"-{version}", "--protocol", protocol, "--paths", "6", *HASTE, File(name).destination()]


def tools_of(traceflow_lab, traceflow_path):
    """A folder for PATH in which `traceflow` records."""
    tools = traceflow_lab.folder / "recorders"
    if not tools.exists():
        tools.mkdir()
        traceflow_lab.readable(traceflow_path).rename(tools / "traceflow-itself")
        (tools / "traceflow").write_text(WRAPPER)
        (tools / "traceflow").chmod(0o755)
    return tools


def record(traceflow_lab, traceflow_path, name, command):
    """The Recordings of a command in a topology, one for each time that it runs traceflow."""
    key = (name, *command)
    if key not in kept:
        kept[key] = run(traceflow_lab, traceflow_path, name, command)
    return kept[key]


def run(traceflow_lab, traceflow_path, name, command):
    tools = tools_of(traceflow_lab, traceflow_path)
    written = traceflow_lab.home / f"recording-{len(kept)}"
    written.mkdir()
    if os.geteuid() == 0:
        shutil.chown(written, traceflow_lab.home.stat().st_uid)
    # Exit status 1 is that of a trace without an answer, which is as good as others here.
    done = traceflow_lab.run(name, "env", f"PATH={tools}:{os.environ['PATH']}", f"RECORD={written}", *command)
    assert done.returncode in (0, 1), f"{name}: {command}: {done.returncode}: {done.stderr}"
    captures = sorted(written.glob("*.pcapng"))
    assert captures, f"{name}: {command}: nothing recorded: {done.stderr}"
    return [Recording(capture.with_suffix(".json").read_text(), capture) for capture in captures]
