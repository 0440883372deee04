# SPDX-License-Identifier: GPL-2.0-or-later
"""A prober and the plugin never disagree: live, from the capture, and in tshark, the document is the same."""

import json
import struct
from pathlib import Path

import pytest

from recorded import other_command, own_command, record
from simulated import traceflow_lab as _traceflow_lab
from topologies import NAMES, File

traceflow_lab = _traceflow_lab
TOP = Path(__file__).resolve().parents[2]
CAPTURES = sorted(TOP.glob("captures/*.pcap*"))
COMMANDS = {"own command": own_command, "another kind": other_command}


@pytest.fixture(params=[(name, which) for name in NAMES for which in COMMANDS], ids=lambda pair: " ".join(pair))
def recordings(request, traceflow_lab, traceflow_path):
    name, which = request.param
    return record(traceflow_lab, traceflow_path, name, COMMANDS[which](name))


def read_by_prober(traceflow, capture):
    return traceflow("-n", "-r", capture, "--format", "json").stdout.decode()


def read_by_tshark(tshark, capture, *passes):
    return tshark(*passes, "-q", "-r", capture, "-z", "traceflow,json")


def test_live_and_both_readers_agree(recordings, traceflow, tshark):
    for recording in recordings:
        trace, = json.loads(recording.live)["traces"]
        assert trace["paths"], "nothing was traced"
        assert read_by_prober(traceflow, recording.capture) == recording.live
        assert read_by_tshark(tshark, recording.capture) == recording.live


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_both_readers_agree_on_samples(traceflow, tshark, capture):
    document = read_by_prober(traceflow, capture)
    assert len(json.loads(document)["traces"]) == (0 if capture.stem == "strangers" else 1)
    assert read_by_tshark(tshark, capture) == read_by_tshark(tshark, capture, "-2") == document


@pytest.mark.parametrize("snaplen", [1, 68, 0xffffffff])
def test_a_snap_length_that_is_a_lie(traceflow, tshark, captures, tmp_path, snaplen):
    """The header says that frames are shorter than they are: they are read whole."""
    file, lie = bytearray((captures / "unreachable.pcap").read_bytes()), tmp_path / "lie.pcap"
    struct.pack_into("=I", file, 16, snaplen)
    lie.write_bytes(file)
    document = read_by_prober(traceflow, lie)
    assert document == read_by_prober(traceflow, captures / "unreachable.pcap") == read_by_tshark(tshark, lie)


OPTIONS = {
    "other ports": ("diamond", ["--srcport", "40000", "--dstport", "50000"]),
    "TCP to another port": ("diamond", ["--protocol", "tcp", "--srcport", "40000", "--dstport", "80"]),
    "every interface": ("diamond", ["-i", "any"]),
    "type of service, and no fragments": ("nat", ["--tos", "ef", "--df"]),
    "part of the way": ("uneven-branches", ["--first-ttl", "3", "--ttl", "6"]),
    "three destinations": ("internet", [f"d{n}.internet.example" for n in (1, 2)]),
}


@pytest.mark.parametrize("name, options", OPTIONS.values(), ids=OPTIONS.keys())
def test_options_do_not_part_them(traceflow_lab, traceflow_path, traceflow, tshark, name, options):
    command = ["traceflow", "-n", "--paths", "5", *options, File(name).destination()]
    recording, = record(traceflow_lab, traceflow_path, name, command)
    assert len(json.loads(recording.live)["traces"]) == (3 if name == "internet" else 1)
    assert read_by_prober(traceflow, recording.capture) == recording.live
    assert read_by_tshark(tshark, recording.capture) == recording.live
