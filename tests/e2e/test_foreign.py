# SPDX-License-Identifier: GPL-2.0-or-later
"""Everybody else's packets: the plugin claims not one frame, and changes nothing of what Wireshark shows.

Captures are made here and now: of real tools in the kernel lab (foreign/tools.py), and of what looks like ours without
being it (foreign/lookalikes.py).
"""

import json
import os
import re
import subprocess

import pytest

import lab as kernel_lab
from foreign import lookalikes, tools

FRAMES_MIN = 8                                          # fewer than these are no trial
COUNTS = re.compile(r"no probe or reply of traceflow \((\d+) frames, (\d+) not ours\)")
SUBTREE = re.compile(r'"e":\d+,')                       # sharkd: a number given out in the order of registration
NO_STREAM = re.compile(r'(?<="filter":null),"stream":\d+')
WAYS = {"summary": [], "details": ["-V"], "json": ["-T", "json"], "two-pass": ["-2", "-V"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("foreign")


@pytest.fixture(scope="module")
def tool_captures(folder):
    reason = kernel_lab.why_not()
    if reason:
        pytest.skip(reason)
    return tools.capture_all(folder)


@pytest.fixture(scope="module")
def lookalike_captures(folder):
    made = {name: folder / f"like-{name}.pcap" for name in lookalikes.TOOLS}
    for name, path in made.items():
        lookalikes.write(path, name)
    return made


@pytest.fixture(scope="module")
def merged(folder, tool_captures, lookalike_captures, captures):
    """All of it in one file, so that each may spoil what the plugin makes of another."""
    path = folder / "merged.pcapng"
    files = [*tool_captures.values(), *lookalike_captures.values(), captures / "strangers.pcapng"]
    subprocess.run(["mergecap", "-a", "-w", path, *files], check=True)
    return path


@pytest.fixture(scope="module")
def assert_strange(tshark, traceflow):
    """assert_strange(path): neither the plugin nor the program finds anything of ours in the capture."""

    def check(path):
        assert tshark("-r", path, "-Y", "traceflow") == ""
        done = traceflow("-n", "-r", path)
        assert done.stdout == b""
        frames, strange = COUNTS.search(done.stderr.decode()).groups()
        assert int(frames) == int(strange) >= FRAMES_MIN

    return check


@pytest.mark.parametrize("name", tools.TOOLS)
def test_a_tool_is_left_alone(assert_strange, tool_captures, name):
    reason = tools.why_not(tools.TOOLS[name])
    if reason:
        pytest.skip(reason)
    assert_strange(tool_captures[name])


@pytest.mark.parametrize("name", lookalikes.TOOLS)
def test_a_lookalike_is_left_alone(assert_strange, lookalike_captures, name):
    assert_strange(lookalike_captures[name])


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-pass"])
def test_all_of_them_together(tshark, merged, passes):
    assert tshark("-r", merged, "-Y", "traceflow", *passes) == ""


def test_one_after_the_other_in_the_window(sharkd, tool_captures, lookalike_captures):
    """Each file is opened, looked through twice, and closed for the next. No filter is used: sharkd 4.0 keeps its result
    from one file to the next, and reads on behind its end."""
    files = [*tool_captures.values(), *lookalike_captures.values()]
    rows = {"method": "frames", "params": {"column0": "traceflow.kind:1"}}
    requests = [request for path in files for request in ({"method": "load", "params": {"file": path}}, rows)]
    answers = [answer["result"] for answer in sharkd(requests, timeout=120)]
    assert answers[::2] == [{"status": "OK"}] * len(files)
    assert min(map(len, answers[1::2])) >= FRAMES_MIN
    assert {value for answer in answers[1::2] for row in answer for value in row["c"]} == {""}


# ---- With the plugin, and without it -----------------------------------------------------------------


@pytest.fixture(scope="module")
def without(as_nobody, public_dir):
    """The argv prefix of a Wireshark that has no plugin at all."""
    empty = public_dir / "no-plugins"
    empty.mkdir()
    prefix = [*as_nobody, f"WIRESHARK_PLUGIN_DIR={empty}"]
    fields = subprocess.run([*prefix, "tshark", "-G", "fields"], capture_output=True, text=True, timeout=60).stdout
    assert "udp.port" in fields and "traceflow" not in fields
    return prefix


@pytest.fixture(scope="module")
def output_of():
    """output_of(prefix, program, *args, stdin): standard output and error."""

    def run(prefix, *argv, stdin=None):
        done = subprocess.run([*prefix, *argv], input=stdin, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def public_capture(merged, public_dir):
    path = public_dir / merged.name
    path.write_bytes(merged.read_bytes())
    path.chmod(0o644)
    return path


def assert_same(one, other):
    """Told by the first difference alone: pytest would compare megabytes until its time is up."""
    at = len(os.path.commonprefix([one, other]))
    around = slice(max(0, at - 100), at + 100)
    if one != other:
        pytest.fail(f"with the plugin …{one[around]!r}…, without it …{other[around]!r}…")
    assert one


@pytest.mark.parametrize("way", WAYS)
def test_tshark_prints_the_same_without_the_plugin(output_of, as_nobody, without, public_capture, way):
    argv = ["tshark", "-r", public_capture, *WAYS[way]]
    assert_same(output_of(as_nobody, *argv), output_of(without, *argv))


def test_the_window_shows_the_same_without_the_plugin(output_of, as_nobody, without, public_capture):
    """sharkd: all rows, then some frames' details. Where it has no filter for a stream, it gives it any number."""
    requests = [{"method": "load", "params": {"file": str(public_capture)}}, {"method": "frames"},
                *({"method": "frame", "params": {"frame": n, "proto": True}} for n in range(1, 2000, 97))]
    stdin = "".join(json.dumps({"jsonrpc": "2.0", "id": n, **request}) + "\n" for n, request in enumerate(requests, 1))
    shown = [NO_STREAM.sub("", SUBTREE.sub("", output_of(prefix, "sharkd", "-", stdin=stdin)))
             for prefix in (as_nobody, without)]
    assert shown[0].count('"result"') == len(requests)
    assert_same(*shown)
