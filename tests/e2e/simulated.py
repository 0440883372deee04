# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulated internet (traceflow-lab) as tests use it: the built program, run as an ordinary user or as root."""

import itertools
import os
import select
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TF_BUILD_DIR", TOP / "build"))
USER = 1000

# A mount namespace whose /dev/net/tun anyone may use, as on a stock Debian; the machine's own stays as it is.
WITH_TUN = "mount -t tmpfs -o mode=755 none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec \"$@\""
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
TRY = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", "exec 3<>/dev/net/tun"]


def prefix(user=True):
    """The argv prefix that makes root an ordinary user; an ordinary user stays what he is."""
    if not user or os.geteuid() != 0:
        return []
    return ["unshare", "--mount", "sh", "-c", WITH_TUN, "sh", *AS_USER]


def why_not(user=True):
    """The reason why no lab can be had here, found without the lab; None if it can."""
    if not user and os.geteuid() != 0:
        return "not root"
    try:
        done = subprocess.run([*prefix(user), *TRY], capture_output=True, text=True, timeout=60)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else "no user namespace or TAP device: " + done.stderr.strip()


# Echo requests, one after the other, each answered or not within WAIT seconds: [milliseconds or null, …]
ECHO = """
import json, socket, sys, time
address, count, wait = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
six = ":" in address
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM,
                  socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
s.connect((address, 0))
s.settimeout(wait)
times = []
for i in range(count):
    begin = time.perf_counter()
    s.send(bytes([128 if six else 8, 0, 0, 0, 0, 0, 0, i]))
    try:
        s.recv(100)
        times.append((time.perf_counter() - begin) * 1000)
    except TimeoutError:
        times.append(None)
print(json.dumps(times))
"""


class Simulated:
    """Runs traceflow-lab from a copy that anyone may read.

    A topology is the name of one that comes with the program, the path of a file, or a file's text.
    """

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "build/bin/traceflow-lab"
        self.home = folder / "home"
        self.serial = itertools.count()
        self.started = []
        self.program.parent.mkdir(parents=True)
        shutil.copy(BUILD / "bin/traceflow-lab", self.program)
        shutil.copytree(TOP / "lab/topologies", folder / "lab/topologies")
        self.home.mkdir()
        if os.geteuid() == 0:
            os.chown(self.home, USER, USER)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)

    def file(self, topology):
        """What to give to the program for a topology."""
        text = str(topology)
        if "\n" not in text:
            return str(self.readable(topology)) if "/" in text else text
        path = self.folder / f"{next(self.serial)}.topo"
        path.write_text(text)
        path.chmod(0o644)
        return str(path)

    def readable(self, path):
        """A copy of a file, or program, where anyone can read it."""
        copy = self.folder / f"{next(self.serial)}-{Path(path).name}"
        shutil.copy(path, copy)
        copy.chmod(copy.stat().st_mode | 0o555)
        return copy

    def argv(self, topology, *command, user=True, options=()):
        command = ["--", *map(str, command)] if command else []
        return [*prefix(user), str(self.program), *map(str, options), self.file(topology), *command]

    def start(self, topology, *command, user=True, options=(), **kwargs):
        """A Popen, whose pid is the lab's own; standard output and error are text pipes."""
        kwargs = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **kwargs}
        kwargs["env"] = {**os.environ, "HOME": str(self.home), "LC_ALL": "C.UTF-8", **kwargs.get("env", {})}
        lab = subprocess.Popen(self.argv(topology, *command, user=user, options=options), **kwargs)
        self.started.append(lab)
        return lab

    def close(self):
        """End what failed tests have left running."""
        for lab in self.started:
            if lab.poll() is None:
                lab.kill()
                lab.wait()

    def run(self, topology, *command, timeout=60, **kwargs):
        """A CompletedProcess, whatever its exit status; input=TEXT is standard input."""
        text = kwargs.pop("input", None)
        stdin = subprocess.DEVNULL if text is None else subprocess.PIPE
        with self.start(topology, *command, stdin=stdin, **kwargs) as lab:
            try:
                stdout, stderr = lab.communicate(text, timeout)
            except subprocess.TimeoutExpired:
                lab.kill()
                raise
        return subprocess.CompletedProcess(lab.args, lab.returncode, stdout, stderr)

    def output(self, topology, *command, **kwargs):
        """Standard output of a command that must succeed."""
        done = self.run(topology, *command, **kwargs)
        assert done.returncode == 0, f"{command}: {done.returncode}: {done.stderr}"
        return done.stdout


@pytest.fixture(scope="session")
def traceflow_lab(public_dir):
    """The program, or a skip where no ordinary user can have a lab."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    simulated = Simulated(Path(tempfile.mkdtemp(prefix="simulated-", dir=public_dir)))
    yield simulated
    simulated.close()


@pytest.fixture(params=["user", "root"])
def lab(request, traceflow_lab):
    """A test that takes this runs twice, as either kind of user: lab(…) is traceflow_lab.run, lab.start(…)."""
    user = request.param == "user"
    reason = why_not(user)
    if reason:
        pytest.skip(reason)

    class As:
        is_user = user

        def __call__(self, *args, **kwargs):
            return traceflow_lab.run(*args, user=user, **kwargs)

        def start(self, *args, **kwargs):
            return traceflow_lab.start(*args, user=user, **kwargs)

    return As()


def ready(running):
    """Wait until the command has printed a line, and return it."""
    assert select.select([running.stdout], [], [], 60)[0], "nothing printed"
    return running.stdout.readline().strip()
