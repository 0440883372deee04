# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of Wireshark's programs with the plugin under sanitizers, and whether it went well."""

import json
import os
import re
import shutil
import subprocess

NOBODY = 65534
SECONDS_MAX = 60                                        # of processor time, per run: what takes longer spins
WAIT_MAX = 600                                          # seconds: what takes longer hangs

# What no input may bring about. An abort shows in the exit status.
REPORT = re.compile(rb"AddressSanitizer|runtime error:|[Dd]issector bug|\[Malformed Packet: Traceflow|CRITICAL|"
                    rb"Warning \*\*|assertion|Exception occurred")

SHOWN = ("kind", "path_id", "ttl", "id", "evidence", "responder", "probe_in", "rtt", "quoted_ttl", "changed")


def compilers(name):
    return subprocess.run(["gcc", f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout.strip()


class Wireshark:
    """tshark and sharkd with the plugin of one build, as an ordinary user: root's would not load it."""

    def __init__(self, build, folder):
        self.traceflow = build / "bin" / "traceflow"
        home, plugins, none = folder / "home", folder / "plugins", folder / "none"
        for made in home, none:
            made.mkdir()
        shutil.copytree(build / "wireshark", plugins)
        subprocess.run(["chmod", "-R", "a+rX", plugins], check=True)
        self.prefix, self.outside = ["prlimit", f"--cpu={SECONDS_MAX}"], []
        if os.geteuid() == 0:
            os.chown(home, NOBODY, NOBODY)
            self.prefix += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            self.outside = ["unshare", "--net"]
        # An extcap program that starts under AddressSanitizer may hang between fork and exec.
        self.prefix += ["env", f"HOME={home}", "LC_ALL=C.UTF-8", f"WIRESHARK_EXTCAP_DIR={none}"]
        self.plain = [f"WIRESHARK_PLUGIN_DIR={none}"]
        self.sanitized = [
            f"WIRESHARK_PLUGIN_DIR={plugins}",
            f"LD_PRELOAD={compilers('libasan.so')} {compilers('libubsan.so')}",
            "ASAN_OPTIONS=detect_leaks=0",              # Wireshark's own are many
            "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1",
            "WIRESHARK_DEBUG_WMEM_OVERRIDE=simple",     # each block is one of malloc's,
            "G_SLICE=always-malloc",                    # which AddressSanitizer guards
            "WIRESHARK_ABORT_ON_DISSECTOR_BUG=1",
        ]
        self.statistics = self.find_statistics()

    def run(self, argv, text=None, plain=False):
        return subprocess.run([*self.prefix, *(self.plain if plain else self.sanitized), *map(str, argv)],
                              input=text, capture_output=True, timeout=WAIT_MAX)

    def fault(self, argv, text=None):
        """Why this run is a finding, or None. What fails without the plugin just as well is not ours."""
        try:
            done = self.run(argv, text)
        except subprocess.TimeoutExpired:
            return f"took more than {WAIT_MAX} s", None
        found = REPORT.search(done.stderr) or REPORT.search(done.stdout)
        if done.returncode == 0 and not found:
            return None, done
        if self.fails_without(argv, text):
            return None, None
        what = found[0].decode() if found else f"exit status {done.returncode}"
        return f"{what}\n{done.stderr.decode(errors='replace')[-4000:]}", done

    def fails_without(self, argv, text):
        own = [word for word in argv if not str(word).startswith("traceflow")]
        argv = [word for at, word in enumerate(own) if word != "-z" or own[at + 1:at + 2] == ["expert"]]
        try:
            done = self.run(argv, text, plain=True)
        except subprocess.TimeoutExpired:
            return True
        return done.returncode != 0 or REPORT.search(done.stdout) is not None

    def find_statistics(self):
        """-z with all that the plugin registers."""
        helped = self.run(["tshark", "-z", "help"])
        names = re.findall(r"^\s*(traceflow\S*)", (helped.stdout + helped.stderr).decode(), re.MULTILINE)
        assert names, "the plugin is not loaded: " + helped.stderr.decode()
        return [word for name in [*names, "expert"] for word in ("-z", name)]


# --- ways to look at a capture: (wireshark, rng, path) -> what is wrong, or None --------------------

def two_passes(wireshark, _, path):
    return wireshark.fault(["tshark", "-2", "-V", "-r", path, *wireshark.statistics])[0]


def one_pass(wireshark, rng, path):
    form = rng.choice(["pdml", "json", "text", "ek"])
    own = rng.choice([[], ["-Y", "traceflow"], ["-o", "traceflow.base_ports:1-16"], ["-d", "udp.port==33480,traceflow"]])
    return wireshark.fault(["tshark", "-r", path, "-T", form, *own, *wireshark.statistics])[0]


def window(wireshark, rng, path):
    """sharkd: rows, packets and statistics in an order that no first pass has; then the file anew."""
    columns = {f"column{n}": f"traceflow.{name}:1" for n, name in enumerate(SHOWN)}
    frame = [{"method": "frame", "params": {"frame": rng.randint(1, 300), "proto": True, "columns": True, "bytes": True}}
             for _ in range(30)]
    taps = [{"method": "tap", "params": {"tap0": name}} for name in
            ("stat:traceflow", "nstat:traceflow,hops", "expert", "seqa:tcp", "conv:UDP")]
    rows = [{"method": "frames"}, {"method": "frames", "params": columns},
            {"method": "frames", "params": {"filter": "traceflow", **columns}},
            {"method": "frames", "params": {"filter": "traceflow.kind != 1", "skip": 3, "limit": 5}}]
    again = [{"method": "setconf", "params": {"name": "traceflow.base_ports", "value": "33480,443"}},
             {"method": "load", "params": {"file": str(path)}}]
    middle = frame + taps * 2 + rows + again
    rng.shuffle(middle)
    asked = [again[1], *middle, {"method": "frames", "params": columns}]
    lines = [json.dumps({"jsonrpc": "2.0", "id": number, **request}) for number, request in enumerate(asked, 1)]
    fault, done = wireshark.fault(["sharkd", "-"], "\n".join(lines).encode() + b"\n")
    if fault or done is None:
        return fault
    answers = sum(line.startswith(b'{"jsonrpc"') for line in done.stdout.splitlines())
    return None if answers == len(asked) else f"{len(asked)} requests, {answers} answers"


def agreement(wireshark, _, path):
    """The program and the plugin print the same table; one pass and two show the same probes and replies."""
    fault, done = wireshark.fault(["tshark", "-q", "-r", path, "-z", "traceflow,paths"])
    if fault or done is None:
        return fault
    own = subprocess.run([*wireshark.outside, wireshark.traceflow, "-n", "-r", path], capture_output=True,
                         timeout=WAIT_MAX)
    if b" is not supported" in own.stderr:              # it says so where it cannot read a file's link type
        return None
    if own.stdout != done.stdout:
        return f"the tables differ\n--- traceflow {own.stderr.decode()}\n{own.stdout.decode()}\n--- tshark\n{done.stdout.decode()}"
    fields = ["-T", "fields", "-e", "frame.number", *(word for name in SHOWN for word in ("-e", f"traceflow.{name}"))]
    shown = [wireshark.run(["tshark", "-r", path, *passes, *fields]).stdout for passes in ([], ["-2"], ["-Y", "frame"])]
    return None if shown[0] == shown[1] == shown[2] else "one pass and two show different fields"


WAYS = (two_passes, two_passes, one_pass, window, window, agreement)
