# SPDX-License-Identifier: GPL-2.0-or-later
"""Every frame of every topology's capture shows what a decoder of another make says of it."""

from collections import Counter

import pytest

import golden
import oracle
from recorded import other_command, own_command, record
from simulated import traceflow_lab as _traceflow_lab
from topologies import NAMES

traceflow_lab = _traceflow_lab
COMMANDS = {"own command": own_command, "another kind": other_command}
NAMES_TOLD = ["kind", "path_id", "ttl", "run_id", "attempt", "id", "responder", "responder6", "probe_in", "rtt",
              "quoted_ttl", "quoted_len", "changed", "mpls.label"]


def shown_by(tshark, capture):
    shown = golden.frame_fields(tshark, capture, [f"traceflow.{name}" for name in NAMES_TOLD])
    return {number: {golden.short(name): value for name, value in fields.items()} for number, fields in shown.items()}


@pytest.mark.parametrize("name, which", [(name, which) for name in NAMES for which in COMMANDS])
def test_every_frame(traceflow_lab, traceflow_path, tshark, name, which):
    for recording in record(traceflow_lab, traceflow_path, name, COMMANDS[which](name)):
        told = oracle.read(recording.capture)
        assert shown_by(tshark, recording.capture) == told
        kinds = Counter(fields.get("kind") for fields in told.values())
        assert kinds[oracle.PROBE] and kinds[oracle.HOP]
