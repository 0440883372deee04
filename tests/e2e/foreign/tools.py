# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's programs in the kernel lab, one capture of each, as near to our ports and sizes as they can be told.

Each is bounded in count and time, and sends from src to dst, hosts of a lab of its own: nothing leaves it.
"""

import dataclasses
import queue
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lab as kernel_lab

PEER = Path(__file__).with_name("peer.py")
DST, DST6 = kernel_lab.DST, "2001:db8:d::1"
SHAPE = "1,2,2"
SECONDS_MAX = 4                                         # a command that goes on has sent enough
LABS = 4                                                # they wait most of the time
WITH_PORTS = ("--sport=33481", "-p", 33480)
SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclasses.dataclass(frozen=True)
class Tool:
    """Commands for src, and one for dst that serves them and prints a line when it is ready."""
    name: str
    commands: tuple
    server: tuple = ()

    def programs(self):
        return {command[0] for command in (*self.commands, *([self.server] if self.server else []))}


def tool(name, *commands, server=()):
    return Tool(name, commands, server)


def traceroutes():
    """traceroute.db is Debian's traceroute, whatever the alternative of that name is."""
    quick = ("traceroute.db", "-n", "-q", 1, "-w", "0.3", "-m", 8)
    yield tool("traceroute", (*quick, DST), (*quick, "-U", *WITH_PORTS, DST, 44), (*quick, "-U", "-p", 33452, DST, 38),
               (*quick, "-U", "--sport=33453", "-p", 33452, DST, 38), (*quick, "-p", 33440, DST),
               (*quick, "-p", 33470, DST, 44))
    yield tool("traceroute-6", (*quick, "-6", DST6), (*quick, "-6", "-U", *WITH_PORTS, DST6, 64),
               (*quick, "-6", "-p", 33475, DST6, 64), (*quick, "-6", "-I", DST6), (*quick, "-6", "-T", *WITH_PORTS, DST6))
    yield tool("traceroute-icmp", (*quick, "-I", DST), (*quick, "-I", DST, 44))
    yield tool("traceroute-tcp", (*quick, "-T", DST), (*quick, "-T", *WITH_PORTS, DST),
               (*quick, "-T", "--sport=33481", "-p", 443, "-O", "timestamps", DST))
    yield tool("traceroute-paris", (*quick, "-U", "--sport=33482", "-p", 33480, "-N", 1, DST, 44),
               (*quick, "-U", "-p", 33452, "--fwmark=0", DST))
    yield tool("inetutils-traceroute", ("inetutils-traceroute", "-q", 1, "-w", 1, "-m", 8, "-p", 33478, DST))
    yield tool("tracepath", ("tracepath", "-n", "-p", 33478, DST), ("tracepath", "-n", "-6", "-p", 33478, DST6))


def tcp_traceroutes():
    yield tool("tcptraceroute", ("tcptraceroute.mt", "-n", "-q", 1, "-w", 1, DST, 443),
               ("tcptraceroute.mt", "-n", "-q", 1, "-w", 1, "-p", 33481, DST, 33480))
    yield tool("lft", ("lft", "-n", DST), ("lft", "-n", "-u", "-d", 33480, "-s", 33481, DST), ("lft", "-n", "-u", DST),
               ("lft", "-n", "-p", DST))


def multipath_tracers():
    dublin = ("dublin-traceroute", "--max-ttl=6", "--delay=1")
    yield tool("dublin-traceroute", (*dublin, "--npaths=4", DST),
               (*dublin, "--npaths=3", "--sport=33481", "--dport=33480", DST),
               (*dublin, "--npaths=3", "--sport=33480", "--dport=33450", DST))
    methods = {
        "udp-paris": "trace -P udp-paris -w 1 -s 33481 -d 33480", "udp": "trace -P udp -w 1 -d 33478",
        "icmp-paris": "trace -P icmp-paris -w 1", "tcp": "trace -P tcp -w 1 -s 33481 -d 443",
        "tracelb": "tracelb -P udp-sport -w 1 -W 15 -s 33481 -d 33480", "tracelb-icmp": "tracelb -P icmp-echo -w 1 -W 15",
        "tracelb-dport": "tracelb -P udp-dport -w 1 -W 15 -s 33481 -d 33478",
    }
    for name, method in methods.items():
        yield tool(f"scamper-{name}", ("scamper", "-c", method, "-p", 200, "-i", DST))
    yield tool("scamper-6", *(("scamper", "-c", methods[name], "-p", 200, "-i", DST6) for name in methods if "-" not in name),
               ("scamper", "-c", "trace -P udp-paris -w 1 -s 33481 -d 33480", "-p", 200, "-i", DST6))


def mtrs():
    report = ("mtr", "-n", "-r", "-c", 2, "-i", "0.2", "-G", "0.3", "-m", 8)
    yield tool("mtr-udp", (*report, "-u", DST), (*report, "-u", "-P", 33480, "-L", 33481, "-s", 44, DST))
    yield tool("mtr-icmp", (*report, DST), (*report, "-s", 44, DST))
    yield tool("mtr-tcp", (*report, "-T", "-P", 443, DST))
    yield tool("mtr-6", (*report, "-6", DST6), (*report, "-6", "-u", "-P", 33480, DST6))


def pings():
    """As long as our echo requests, with our identifiers, and with a pattern that begins as our tag does."""
    ping = ("ping", "-n", "-c", 3, "-i", "0.05", "-W", 1)
    near = (*ping, "-s", 16, "-e", 33481)
    pattern = ("-p", "54464c5701000001")
    yield tool("ping", (*ping, DST), (*near, DST), (*near, *pattern, DST), (*near, "-t", 2, DST),
               (*near, "-t", 1, *pattern, DST), (*ping, "-s", 1400, *pattern, DST))
    yield tool("ping-6", (*ping, "-6", DST6), (*near, "-6", *pattern, DST6), (*near, "-6", "-t", 2, *pattern, DST6))


def everyday_traffic():
    """Services on their ports and on ours, asked from ports of ours."""
    dig = ("dig", "+tries=1", "+time=1", "-b", f"{kernel_lab.SRC}#33485")
    yield tool("dns", (*dig, f"@{DST}", "www.example.com"), (*dig, "-p", 33480, f"@{DST}", "www.example.com"),
               (*dig, f"@{DST}", "TXT", "33480.example.com"), server=("python3", PEER, "dns", 53, 33480))
    ask = ("python3", PEER, "ask-ntp", DST)
    yield tool("ntp", (*ask, 123, 123), (*ask, 33481, 123), (*ask, 33481, 33480),
               server=("python3", PEER, "ntp", 123, 33480))
    url = f"http://{DST}:33480/"
    yield tool("http", ("curl", "-s", "-m", 3, "--local-port", "33481-33490", url), ("curl", "-s", "-m", 3, f"{url}none"),
               server=("python3", PEER, "http", 33480))
    iperf = ("iperf3", "-c", DST, "-p", 33480, "--cport", 33481)
    server = ("iperf3", "-s", "-p", 33480, "--forceflush")
    yield tool("iperf3-udp", (*iperf, "-t", 1, "-u", "-b", "100k", "-l", 16),
               (*iperf, "-t", 1, "-u", "-b", "100k", "-l", 10, "-R"), server=server)
    yield tool("iperf3-tcp", (*iperf, "-n", "200K"), server=server)


TOOLS = {made.name: made for maker in (traceroutes, tcp_traceroutes, multipath_tracers, mtrs, pings, everyday_traffic)
         for made in maker()}


def why_not(wanted):
    """The reason why a tool cannot run here, or None."""
    missing = [program for program in sorted(wanted.programs()) if not shutil.which(program, path=SEARCH)]
    return f"not installed: {', '.join(missing)}" if missing else None


class Background:
    """A command in a host of the lab, from its first line on until the end of the block."""

    def __init__(self, lab, host, *command):
        self.process = subprocess.Popen(lab.argv("exec", host, *command), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        line = self.process.stdout.readline()
        while "listening" not in line.lower():
            assert line, "it ended before it was ready"
            line = self.process.stdout.readline()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=10)


def run_commands(lab, wanted, folder):
    for command in wanted.commands:
        argv = lab.argv("exec", "src", "env", f"PATH={SEARCH}", "timeout", SECONDS_MAX, *command)
        subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def capture(lab, wanted, path):
    """One tool, in a lab that is up: all that came and went at src."""
    folder = path.with_suffix(".d")                     # dublin-traceroute writes where it stands
    folder.mkdir()
    with kernel_lab.Capture(lab, path):
        if wanted.server:
            with Background(lab, "dst", *wanted.server):
                run_commands(lab, wanted, folder)
        else:
            run_commands(lab, wanted, folder)
    return path


def capture_all(folder, names=tuple(TOOLS)):
    """{name: file} of the tools that can run here."""
    labs = queue.SimpleQueue()
    made = [kernel_lab.Lab() for _ in range(LABS)]

    def build(lab):
        labs.put(lab.up(SHAPE))

    def one(name):
        lab = labs.get()
        try:
            return name, capture(lab, TOOLS[name], folder / f"{name}.pcap")
        finally:
            labs.put(lab)

    try:
        with ThreadPoolExecutor(LABS) as pool:
            list(pool.map(build, made))
            return dict(pool.map(one, [name for name in names if not why_not(TOOLS[name])]))
    finally:
        for lab in made:
            lab.down()
