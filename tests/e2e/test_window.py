# SPDX-License-Identifier: GPL-2.0-or-later
"""The window shows what tshark shows, whatever the order and the number of passes in which frames are dissected."""

import pytest

import golden
from recorded import own_command, record
from simulated import traceflow_lab as _traceflow_lab
from topologies import NAMES
from window import (labels_of_sharkd, labels_of_tshark, list_requests, rows_of_sharkd, rows_of_tshark,
                    table_of_sharkd, table_of_tshark)

traceflow_lab = _traceflow_lab

# What a frame shows only once frames behind it were read: with -2, and in the window.
FUTURE = {"traceflow.reply_in", "traceflow.no_reply", "traceflow.echo_hint"}
FINDINGS = "traceflow.finding."         # what the whole file proves, so all of these do, too
MANY = 12       # frames whose details are compared


@pytest.fixture(scope="session")
def names(tshark):
    return golden.field_names(tshark)


def needs_future(name):
    return name in FUTURE or name.startswith(FINDINGS)


def spread(numbers):
    """A few of the frames, from first to last."""
    step = max(1, len(numbers) // MANY)
    return numbers[::step]


def ours(rows):
    return [number for number, cells in rows.items() if any(cells)]


def without_future(names, rows):
    kept = [i for i, name in enumerate(names) if not needs_future(name)]
    return {number: [cells[i] for i in kept] for number, cells in rows.items()}


def check_passes(tshark, capture, names):
    """The rows with -2; they are those of one pass, and those behind a filter."""
    both = rows_of_tshark(tshark, capture, names, "-2")
    assert without_future(names, rows_of_tshark(tshark, capture, names)) == without_future(names, both)

    path = names.index("traceflow.path_id")
    paths = [cells[path] for cells in both.values() if cells[path]]
    wanted = max(paths, default="1", key=int)
    of_path = {number: cells for number, cells in both.items() if cells[path] == wanted}
    behind_filter = ["-Y", f"traceflow.path_id == {wanted}"]
    shown = rows_of_tshark(tshark, capture, names, *behind_filter)
    assert without_future(names, shown) == without_future(names, of_path)
    return both


def check_window(tshark, sharkd, capture, names, rows):
    """The packet list, asked for twice, and between that details, from the last frame to the first."""
    numbers = spread(ours(rows) or list(rows))
    of_list = list(list_requests(names))
    details = [{"method": "frame", "params": {"frame": number, "proto": True}} for number in reversed(numbers)]
    replies = sharkd([{"method": "load", "params": {"file": capture}}, *of_list, *details, *of_list])
    assert len(replies) == 1 + len(details) + 2 * len(of_list)
    n = len(of_list)
    assert rows_of_sharkd(replies[1:1 + n]) == rows
    assert rows_of_sharkd(replies[-n:]) == rows
    labels = dict(zip(reversed(numbers), map(labels_of_sharkd, replies[1 + n:-n]), strict=True))
    assert labels == labels_of_tshark(tshark, capture, numbers)


@pytest.mark.parametrize("capture", golden.CAPTURES, ids=lambda path: path.stem)
def test_samples(tshark, sharkd, names, capture):
    rows = check_passes(tshark, capture, names)
    check_window(tshark, sharkd, capture, names, rows)
    assert bool(ours(rows)) == (capture.stem != "strangers")


@pytest.mark.parametrize("capture", golden.CAPTURES, ids=lambda path: path.stem)
def test_statistics(tshark, sharkd, capture):
    *_, taps = sharkd([{"method": "load", "params": {"file": capture}},
                       {"method": "tap", "params": {"tap0": "nstat:traceflow,hops"}}])
    table = table_of_tshark(tshark("-2", "-q", "-r", capture, "-z", "traceflow,hops"))
    assert table_of_sharkd(taps) == table
    assert bool(table) == (capture.stem != "strangers")
    assert table_of_tshark(tshark("-q", "-r", capture, "-z", "traceflow,hops")) == table


@pytest.mark.parametrize("name", NAMES)
def test_topologies(traceflow_lab, traceflow_path, tshark, sharkd, names, name):
    for recording in record(traceflow_lab, traceflow_path, name, own_command(name)):
        rows = check_passes(tshark, recording.capture, names)
        assert ours(rows)
        check_window(tshark, sharkd, recording.capture, names, rows)


def test_what_needs_the_future_is_listed(tshark, names, captures):
    """No field is excused that need not be."""
    differing = set()
    for capture in (captures / "silent-duplicate.pcapng", captures / "icmp-echo.pcap"):
        one, both = (rows_of_tshark(tshark, capture, names, *passes) for passes in ([], ["-2"]))
        differing |= {name for i, name in enumerate(names) if any(one[n][i] != both[n][i] for n in both)}
    assert {name for name in differing if not name.startswith(FINDINGS)} == FUTURE
    assert any(name.startswith(FINDINGS) for name in differing)
