# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures with a short snaplen: what is left of a frame tells the plugin as much as it tells the program.

Other dissectors fail where a frame ends, some of them inside a quote, and leave the packet as it is at that moment.
"""

import subprocess

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab
SNAPLENS = {4: (41, 42, 57, 69, 70, 77, 78, 85), 6: (61, 62, 69, 101, 102, 109, 110, 113, 117, 118, 125)}

# As the packet list has them: since 4.4, the fields _ws.col.* are made before post-dissectors are called.
COLUMNS = 'gui.column.format:"Protocol","%p","Kind","%Cus:traceflow.kind:0:R"'


@pytest.fixture(scope="module")
def traced(traceflow_lab, traceflow_path):
    """traced(version) -> a capture of a trace through a diamond."""
    program = traceflow_lab.readable(traceflow_path)

    def trace(version):
        path = traceflow_lab.home / f"traced-{version}.pcapng"
        traceflow_lab.output("diamond", program, f"-{version}", "-n", "--paths", 3, "--ttl", 6, "-w", path, "dst.example")
        return path

    return trace


@pytest.mark.parametrize("version", [4, 6])
def test_every_snaplen(tshark, traceflow, traced, tmp_path, version):
    """Tables and the Protocol column: both were empty for the replies when a dissector stopped inside a quote."""
    whole, cut = traced(version), tmp_path / "cut.pcapng"
    tables = set()
    for snaplen in SNAPLENS[version]:
        subprocess.run(["editcap", "-s", str(snaplen), whole, cut], check=True)
        table = traceflow("-n", "-r", cut).stdout.decode()
        assert tshark("-q", "-r", cut, "-z", "traceflow,paths") == table, snaplen
        rows = tshark("-r", cut, "-o", COLUMNS, "-T", "tabs").split("\n")
        assert all((row.split("\t")[0] == "Traceflow") == (row.split("\t")[1] != "") for row in rows if row), snaplen
        tables.add(table)
    assert len(tables) >= 2, "no snaplen made a difference"
