# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts on one Ethernet link, in network namespaces: one sends, the other captures, and forwards nothing."""

import os
import signal
import subprocess
import time
from pathlib import Path

DEVICE = "w0"
NEAR = {4: "10.9.0.1", 6: "2001:db8:9::1"}
FAR = {4: "10.9.0.2", 6: "2001:db8:9::2"}
BEYOND = {4: "198.51.100.7", 6: "2001:db8:50::7"}      # routed by way of FAR
FAR_MAC = "02:00:00:00:00:02"
MARKER = b"the last frame"                             # of a capture: no more than 16 bytes
FAR_LINK_LOCAL = "fe80::ff:fe00:2"                     # what FAR_MAC gives (RFC 4291 appendix A)


def wait_until(condition, timeout=60):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


class Host:
    """A network namespace that lives as long as a process of ours."""

    def __init__(self):
        self.process = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        own = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{self.process.pid}/ns/net") != own)

    def argv(self, *command):
        return ["nsenter", f"--target={self.process.pid}", "--net", *map(str, command)]

    def run(self, *command, timeout=60):
        return subprocess.run(self.argv(*command), capture_output=True, text=True, timeout=timeout)

    def do(self, *lines):
        """Commands that must succeed, one a line."""
        for line in lines:
            done = self.run(*line.split())
            assert done.returncode == 0, f"{line}: {done.stderr}"

    def end(self):
        self.process.kill()
        self.process.wait()


class Wire:
    """A context manager; near has routes to BEYOND, which far takes in silence."""

    def __enter__(self):
        self.near, self.far = Host(), Host()
        try:
            self.connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.near.end()
        self.far.end()

    def connect(self):
        quick = "sysctl -qw net.ipv6.conf.default.accept_dad=0"    # addresses are usable at once
        self.near.do(quick, f"ip link add {DEVICE} type veth peer name {DEVICE} netns {self.far.process.pid}")
        self.far.do(quick, f"ip link set {DEVICE} address {FAR_MAC}")
        for host, addresses in ((self.near, NEAR), (self.far, FAR)):
            host.do("ip link set lo up", f"ip link set {DEVICE} up", f"ip addr add {addresses[4]}/24 dev {DEVICE}",
                    f"ip addr add {addresses[6]}/64 dev {DEVICE}")
        self.near.do(f"ip route add {BEYOND[4]} via {FAR[4]}", f"ip route add {BEYOND[6]} via {FAR[6]}")
        self.far.do(f"ip route add blackhole {BEYOND[4]}", f"ip route add blackhole {BEYOND[6]}")
        for address in (FAR[4], FAR[6], f"{FAR_LINK_LOCAL}%{DEVICE}"):
            wait_until(lambda to=address: self.near.run("ping", "-q", "-c", "1", "-W", "1", to).returncode == 0)

    def captured(self, path, *command):
        """Run a command at the near end; (what became of it, the capture made meanwhile at the far end)."""
        path = Path(path) / "far.pcap"
        argv = self.far.argv("tcpdump", "-Z", "root", "-i", DEVICE, "--immediate-mode", "-U", "-w", path)
        tcpdump = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True)
        try:
            line = tcpdump.stderr.readline()
            assert "listening" in line, line
            done = self.near.run(*command)
            self.wait_for_marker(path)
        finally:
            tcpdump.send_signal(signal.SIGINT)
            tcpdump.wait(timeout=60)
            tcpdump.stderr.close()
        return done, path

    def wait_for_marker(self, path):
        """All that went before it on the link is in the capture when the marker is: tcpdump leaves what it has not read."""
        self.near.run("ping", "-q", "-c", "1", "-W", "1", "-p", MARKER.hex(), FAR[4])
        wait_until(lambda: MARKER in path.read_bytes())
