# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a case is traced: the kernel lab, or the simulator. Each can tell the truth and run a command."""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from lab import Lab, why_not  # noqa: E402, F401

from judge import make_truth  # noqa: E402
from networks import DST, addresses, topology  # noqa: E402


class Unable(Exception):
    """Nothing can be measured, and why."""


@dataclass
class Done:
    seconds: float
    status: int | None          # None: cut off
    stdout: str
    stderr: str


def unpacked(done):
    """What `timed` said of a command."""
    if done.returncode != 0:
        raise Unable(done.stderr.strip()[-400:])
    return Done(**json.loads(done.stdout))


def unseen(hosts, family):
    return {addresses(host)[family == 6] for host in hosts}


class KernelStage:
    """A lab of Linux routers, up as long as this is entered; worker tells several at a time apart."""

    family = 4
    name = "kernel"

    def __init__(self, case, worker=0):
        self.case = case
        self.lab = Lab(f"b{os.getpid()}-{worker}")

    def __enter__(self):
        self.must(self.lab.run("up", *self.case.kernel, self.case.shape))
        for host, script in self.case.scripts.items():
            self.must(self.lab.exec(host, "sh", "-ec", script))
        return self

    def __exit__(self, *_):
        self.lab.down()

    @staticmethod
    def must(done):
        if done.returncode != 0:
            raise Unable(done.stderr.strip())
        return done.stdout

    def truth(self, first, last):
        by_port = defaultdict(set)
        for line in self.must(self.lab.run("truth", "--ports", f"{first}-{last}")).splitlines():
            port, path = line.split(":")
            by_port[int(port)].add(tuple(path.split()))
        return make_truth(by_port, self.lab.truth(), unseen(self.case.silent, 4), unseen(self.case.hidden, 4))

    def run(self, limit_s, command, _seed=1):
        return unpacked(self.lab.exec("src", HERE / "timed", limit_s, *command, timeout=limit_s + 30))


class SimulatedStage:
    """The simulated internet; each command has one of its own, with a seed of its own."""

    name = "simulator"

    def __init__(self, case, program, family):
        self.case, self.program, self.family = case, program, family

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "case.topo"
        self.file.write_text(topology(self.case))
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def paths(self, *ports):
        family = ["-6"] if self.family == 6 else []
        argv = [str(self.program), "--truth", "--json", *family, *ports, str(self.file)]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Unable(done.stderr.strip())
        return [(path.get("src_port"), tuple(hop["address"] for hop in path["hops"]))
                for path in json.loads(done.stdout)["paths"]]

    def truth(self, first, last):
        by_port = defaultdict(set)
        for port, path in self.paths("--ports", f"{first}-{last}"):
            by_port[port].add(path)
        whole = {path for _, path in self.paths()}
        return make_truth(by_port, whole, *(unseen(hosts, self.family) for hosts in (self.case.silent, self.case.hidden)))

    def run(self, limit_s, command, seed=1):
        argv = [str(self.program), "--seed", str(seed), str(self.file), "--", str(HERE / "timed"), str(limit_s)]
        return unpacked(subprocess.run([*argv, *map(str, command)], capture_output=True, text=True, timeout=limit_s + 30))


def destination(stage):
    return DST[stage.family]
