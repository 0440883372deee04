# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel lab (lab/kernel) as tests use it: one object, one lab, a name of its own."""

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

KERNEL = Path(__file__).resolve().parents[2] / "lab" / "kernel"
RAW_PROBER = Path(__file__).with_name("raw_prober.py")

SRC, DST = "192.0.2.1", "198.51.100.1"
MARK = "the last frame of this capture"

_serial = itertools.count()


def why_not():
    """The reason why no namespace can be made here, or None."""
    try:
        done = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, timeout=60)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else "no network namespaces: " + done.stderr.strip()


class Lab:
    """A context manager: whatever up() built, leaving takes down."""

    def __init__(self, name=None, env=None):
        self.name = name or f"t{os.getpid()}-{next(_serial)}"
        self.env = {**os.environ, **(env or {})}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.down()

    def argv(self, *args):
        return [str(KERNEL), "-n", self.name, *map(str, args)]

    def run(self, *args, timeout=60):
        """Any subcommand; the result is looked at by the caller."""
        return subprocess.run(self.argv(*args), capture_output=True, text=True, timeout=timeout, env=self.env)

    def output(self, *args):
        """Any subcommand that must succeed; its standard output."""
        done = self.run(*args)
        assert done.returncode == 0, f"lab/kernel {' '.join(map(str, args))}: {done.stderr}"
        return done.stdout

    def up(self, *args):
        self.output("up", *args)
        return self

    def down(self):
        self.output("down")

    def exec(self, host, *command, timeout=60):
        return self.run("exec", host, *command, timeout=timeout)

    def has_names(self):
        """Whether names resolve inside: not in a plain chroot, nor where /etc/hosts does not exist."""
        return self.exec("src", "getent", "hosts", "dst.example").returncode == 0

    def hosts(self, *args):
        """{name: address}"""
        return dict(line.split() for line in self.output("hosts", *args).splitlines())

    def truth(self, *args):
        """Every real path: a set of tuples of addresses."""
        return {tuple(line.split()) for line in self.output("truth", *args).splitlines()}

    def truth_by_port(self, first, last, *args):
        """{port: tuple of addresses} (per-packet balancing: one of several)"""
        lines = self.output("truth", "--ports", f"{first}-{last}", *args).splitlines()
        return {int(port): tuple(path.split()) for port, path in (line.split(":", 1) for line in lines)}

    def probe(self, ports, ttls, destination=DST, dport=33480, wait=2):
        """Independent raw probes, one for each (port, TTL): {port: {ttl: (address, type, code)}}."""
        request = {"ports": list(ports), "ttls": list(ttls), "destination": destination, "dport": dport, "wait": wait}
        done = self.exec("src", sys.executable, str(RAW_PROBER), json.dumps(request))
        assert done.returncode == 0, done.stderr
        replies = json.loads(done.stdout)
        return {int(port): {int(ttl): tuple(reply) for ttl, reply in hops.items()} for port, hops in replies.items()}

    def probe_paths(self, ports, ttls, **how):
        """{port: tuple of addresses, None where nothing answered, as far as the first unreachable}"""
        replies = self.probe(ports, ttls, **how)
        return {port: path_of(replies.get(port, {}), ttls) for port in ports}


def prober_pid(process):
    """The ID of the prober, None if it does not run yet: "exec" starts other programs first, which come and go."""
    pid = process.pid
    try:
        while children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            pid = int(children[0])
        return pid if Path(f"/proc/{pid}/comm").read_text().startswith("traceflow") else None
    except (FileNotFoundError, ProcessLookupError):
        return None


class Capture:
    """tcpdump in a host, on one of its devices, for the length of a block: all that came and went, whoever's it was."""

    def __init__(self, lab, path, host="src", device="to-r0"):
        self.lab, self.path = lab, path
        argv = lab.argv("exec", host, "tcpdump", "-Z", "root", "-i", device, "-B", 16384, "--immediate-mode", "-U", "-w", path)
        self.tcpdump = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        assert any("listening" in line for line in self.tcpdump.stderr)
        return self

    def __exit__(self, error, *_):
        try:
            if error is None:
                wait_for_mark(self.lab, self.path)
        finally:
            self.tcpdump.terminate()
            self.tcpdump.communicate(timeout=60)


def wait_for_mark(lab, path, seconds=30):
    """Whatever src sent before, and was sent to it, is in the file: tcpdump leaves what it has not read."""
    lab.exec("src", "bash", "-c", f"echo {MARK} >/dev/udp/{DST}/9")
    end = time.monotonic() + seconds
    while MARK.encode() not in path.read_bytes():
        assert time.monotonic() < end, "tcpdump saw nothing"
        time.sleep(0.02)


def path_of(hops, ttls):
    path = []
    for ttl in ttls:
        address, icmp_type, _ = hops.get(ttl, (None, None, None))
        path.append(address)
        if icmp_type == (1 if address and ":" in address else 3):
            break
    return tuple(path)
