# SPDX-License-Identifier: GPL-2.0-or-later
"""What every end-to-end test starts from: the built program, tshark with the plugin, captures, a lab."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import lab as kernel_lab

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TF_BUILD_DIR", TOP / "build"))
NOBODY = 65534


@pytest.fixture(scope="session")
def public_dir():
    """A directory that anyone may read: pytest's own are its user's alone."""
    path = Path(tempfile.mkdtemp(prefix="traceflow-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def captures():
    return TOP / "captures"


@pytest.fixture(scope="session")
def traceflow_path():
    path = BUILD / "bin" / "traceflow"
    assert path.exists(), f"{path} is not built (cmake --preset release && cmake --build build)"
    return path


@pytest.fixture(scope="session")
def nowhere():
    """The argv prefix of a network namespace with nothing in it: what a test gets wrong, no packet leaves."""
    reason = kernel_lab.why_not()
    if reason and os.geteuid() == 0:
        pytest.skip(reason)  # without root no probe can be sent, and none is needed
    return ["unshare", "--net"] if os.geteuid() == 0 else []


@pytest.fixture(scope="session")
def traceflow(traceflow_path, nowhere):
    """Run the program outside any lab: traceflow(*args) -> CompletedProcess, whatever its exit status."""

    def run(*args, timeout=60, **kwargs):
        argv = [*nowhere, traceflow_path, *map(str, args)]
        return subprocess.run(argv, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **kwargs}, timeout=timeout)

    return run


@pytest.fixture(scope="session")
def as_nobody(public_dir):
    """The argv prefix that gives up root: Wireshark started as root ignores WIRESHARK_PLUGIN_DIR."""
    home = public_dir / "home"
    home.mkdir()
    plugins = public_dir / "plugins"
    shutil.copytree(BUILD / "wireshark", plugins)
    prefix = ["env", f"HOME={home}", f"WIRESHARK_PLUGIN_DIR={plugins}", "LC_ALL=C.UTF-8"]
    if os.geteuid() != 0:
        return prefix
    os.chown(home, NOBODY, NOBODY)
    subprocess.run(["chmod", "-R", "a+rX", plugins], check=True)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *prefix]


def readable(path, public_dir):
    """A copy of a file where anyone can read it."""
    copy = public_dir / Path(path).name
    shutil.copyfile(path, copy)
    copy.chmod(0o644)
    return copy


@pytest.fixture(scope="session")
def tshark(as_nobody, public_dir):
    """tshark(*args) -> standard output; a Path among the arguments is a capture to be read."""

    def run(*args, timeout=60):
        argv = [str(readable(arg, public_dir)) if isinstance(arg, Path) else str(arg) for arg in args]
        done = subprocess.run([*as_nobody, "tshark", *argv], capture_output=True, timeout=timeout)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


@pytest.fixture(scope="session")
def sharkd(as_nobody, public_dir):
    """sharkd([request…]) -> [reply…]: the window's own path. A request's `file` is made readable."""

    def run(requests, timeout=60):
        lines = []
        for number, request in enumerate(requests, 1):
            request = {"jsonrpc": "2.0", "id": number, **request}
            params = request.get("params", {})
            if "file" in params:
                params["file"] = str(readable(params["file"], public_dir))
            lines.append(json.dumps(request))
        done = subprocess.run(
            [*as_nobody, "sharkd", "-"], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=timeout
        )
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


@pytest.fixture
def lab():
    """A kernel lab of one's own, not yet up."""
    reason = kernel_lab.why_not()
    if reason:
        pytest.skip(reason)
    with kernel_lab.Lab() as made:
        yield made
