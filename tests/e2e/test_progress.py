# SPDX-License-Identifier: GPL-2.0-or-later
"""The progress line: on a terminal's standard error only, never wider than it, gone before anything else is printed."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

import pytest

from simulated import traceflow_lab as _traceflow_lab

traceflow_lab = _traceflow_lab

DST = "198.51.100.1"
SLOW = ["-n", "--paths", "2", "--timeout", "0.6", "--attempts", "2", "--gap-limit", "3"]
ERASE = "\r\x1b[K"


@pytest.fixture(scope="module")
def binary(traceflow_lab, traceflow_path):
    return str(traceflow_lab.readable(traceflow_path))


def read_all(fd, into):
    try:
        while data := os.read(fd, 4096):
            into.append(data)
    except OSError:  # a pseudo terminal's end
        pass


@pytest.fixture
def on_terminal(traceflow_lab, binary):
    """on_terminal(*args, columns=80): (what the terminal got, standard output if it is not on the terminal)"""

    def run(*args, columns=80, stdout=subprocess.PIPE, topology="silent-destination", **kwargs):
        master, slave = pty.openpty()
        os.fchmod(slave, 0o666)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        got = []
        reader = threading.Thread(target=read_all, args=(master, got))
        env = {"TERM": "xterm", **kwargs.get("env", {})}
        with traceflow_lab.start(topology, binary, *args, stderr=slave, env=env,
                                 stdout=slave if stdout is None else stdout) as process:
            reader.start()
            out, _ = process.communicate(timeout=60)
        os.close(slave)
        reader.join(timeout=60)
        os.close(master)
        return b"".join(got).decode(), out

    return run


def shown(text):
    """The progress lines in a terminal's text, erasures left out."""
    return [line for line in re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", text) if line]


def test_it_tells_what_is_going_on_and_goes_away(on_terminal):
    text, out = on_terminal(*SLOW, DST)
    lines = shown(text)
    assert len(lines) >= 2
    assert all(re.match(rf"{DST}: \d+ sent, \d+ answered, [12] paths?(, TTL \d+)?(; .*)?$", line) for line in lines), lines
    assert text.endswith(ERASE) and text.replace("\x1b[K", "").strip("\r").count("\n") == 0
    assert "Path ID 1 | 10.0.0.1" in out and "\x1b" not in out


def test_it_never_garbles_the_report_beside_it(on_terminal):
    text, _ = on_terminal(*SLOW, DST, stdout=None)
    progress, report = text.replace("\r\n", "\n").split(ERASE + "traceflow to ", 1)
    assert shown(progress + ERASE)
    assert "\r" not in report and "\x1b" not in report
    assert re.search(r"^Path ID 1 \| 10\.0\.0\.1 \| 10\.0\.1\.1 \|", report, re.M)


@pytest.mark.parametrize("columns", [1, 20, 40])
def test_narrow_terminals(on_terminal, columns):
    lines = [line for line in re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", on_terminal(*SLOW, DST, columns=columns)[0])]
    assert len(lines) >= 2 and max(map(len, lines)) < max(columns, 2)


def test_of_several_destinations(on_terminal):
    text, _ = on_terminal(*SLOW, DST, "10.0.0.1")
    assert any(re.match(r"1 done, 1 under way: \d+ sent, ", line) for line in shown(text)), shown(text)


def test_errors_have_lines_of_their_own(on_terminal):
    text, _ = on_terminal(*SLOW, "--first-ttl", "3", DST)
    assert text.replace("\r\n", "\n").split(ERASE)[-1].startswith(f"traceflow: {DST}: nothing answered")


@pytest.mark.parametrize("args, env", [(["-q"], {}), (["--quiet"], {}), ([], {"TERM": "dumb"})])
def test_quiet(on_terminal, args, env):
    text, out = on_terminal(*args, *SLOW, DST, env=env)
    assert text == "" and "Path ID 1 | 10.0.0.1" in out


def test_no_control_characters_beside_debug_lines(on_terminal):
    text, _ = on_terminal("--debug", *SLOW, DST)
    assert "sent to" in text and "\x1b" not in text


def test_nothing_in_a_pipe(traceflow_lab, binary):
    done = traceflow_lab.run("silent-destination", binary, *SLOW, DST)
    assert done.returncode == 0 and done.stderr == ""
