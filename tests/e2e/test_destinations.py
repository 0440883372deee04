# SPDX-License-Identifier: GPL-2.0-or-later
"""Several destinations in one run of the program: each its own run, together in time, apart in every report."""

import json
import subprocess

import pytest
from scapy.all import ICMP, IP, UDP, PcapNgReader

from simulated import traceflow_lab as _traceflow_lab
from wire import wait_until

traceflow_lab = _traceflow_lab

EDGE, LEFT, MERGE, DST = "10.0.0.1", "10.0.1.1", "10.0.3.1", "198.51.100.1"


@pytest.fixture(scope="module")
def binary(traceflow_lab, traceflow_path):
    return str(traceflow_lab.readable(traceflow_path))


@pytest.fixture(scope="module")
def run(traceflow_lab, binary):
    """run(*args, topology=…): the CompletedProcess of traceflow in a simulated network."""

    def run_in(*args, topology="diamond", **kwargs):
        return traceflow_lab.run(topology, binary, "-n", *args, **{"timeout": 60, **kwargs})

    return run_in


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def destinations_of(traces):
    return [trace["destination"]["address"] for trace in traces]


def way_of(path):
    return [hop["replies"][0]["address"] if hop["replies"] else None for hop in path["hops"]]


@pytest.mark.parametrize("protocol", ["udp", "icmp", "tcp"])
def test_each_destination_has_a_run_of_its_own(run, protocol):
    targets = ["2001:db8:0:2::1", LEFT, MERGE, DST, "2001:db8:d::1"]
    done = run("--protocol", protocol, "--paths", 4, "--format", "json", *targets)
    assert done.returncode == 0, done.stderr
    traces = json.loads(done.stdout)["traces"]
    assert sorted(destinations_of(traces)) == sorted(targets)
    assert len({trace["run_id"] for trace in traces}) == len(targets)
    for trace in traces:
        assert trace["protocol"] == protocol
        assert [path["src_port"] for path in trace["paths"]] == [33481, 33482, 33483, 33484]
        for path in trace["paths"]:
            assert path["reached"] and way_of(path)[-1] == trace["destination"]["address"]
            assert None not in way_of(path)


def test_the_same_destination_twice_is_two_runs(run):
    traces = lines_of(run("--paths", 2, "--format", "ndjson", "--protocol", "tcp", DST, DST).stdout)
    assert destinations_of(traces) == [DST, DST]
    assert traces[0]["run_id"] != traces[1]["run_id"]
    assert all(path["reached"] for trace in traces for path in trace["paths"])


@pytest.mark.parametrize("report", ["vert", "horiz", "json", "ndjson"])
def test_the_capture_holds_all_of_them(traceflow_lab, binary, report):
    """Tables and lines come as runs end, and in a file's order from a file: the same, but for their order."""
    args = f"-n --format {report} --paths 3"
    script = f"{binary} {args} -w /dev/stdout -o $HOME/live {LEFT} {DST} {MERGE} >$HOME/file; cat $HOME/live; "
    script += f"echo SPLIT; {binary} {args} -r $HOME/file"
    live, again = traceflow_lab.output("diamond", "sh", "-c", script).split("SPLIT\n")
    if report == "json":
        assert live == again
    elif report == "ndjson":
        assert sorted(live.splitlines()) == sorted(again.splitlines()) and live.count("\n") == 3
    else:
        head = "traceflow to "
        assert sorted(live.split(head)[1:], key=str.strip)[0].strip()
        assert sorted(t.strip() for t in live.split(head)) == sorted(t.strip() for t in again.split(head))
        assert live.startswith(head) and live.count("\n\n" + head) == 2


def test_names_that_do_not_resolve_stop_nobody(run):
    done = run("-4", "--paths", 1, "--format", "ndjson", "nowhere.example", "dst.example", "224.0.0.1", "::1")
    assert done.returncode == 2
    assert destinations_of(lines_of(done.stdout)) == [DST]
    assert sorted(done.stderr.splitlines()) == [
        "traceflow: 224.0.0.1: not the address of one host",
        "traceflow: ::1: not an IPv4 address",
        "traceflow: nowhere.example: the name does not resolve",
    ]


def test_a_machine_without_ipv6_traces_the_rest(run):
    done = run("--paths", 1, "--format", "ndjson", DST, "2001:db8:d::1", MERGE, topology="no-ipv6")
    assert done.returncode == 4
    assert sorted(destinations_of(lines_of(done.stdout))) == [MERGE, DST]
    assert len(done.stderr.splitlines()) == 1 and "2001:db8:d::1" in done.stderr


def test_silence_is_the_status_of_the_whole(run):
    args = ["--paths", 1, "--timeout", "0.2", "--attempts", 1, "--gap-limit", 2]
    done = run(*args, "--first-ttl", 3, "--format", "ndjson", DST, EDGE, topology="silent-destination")
    assert done.returncode == 1
    assert f"traceflow: {DST}: nothing answered" in done.stderr
    assert len(lines_of(done.stdout)) == 2


def test_a_slow_destination_delays_no_other(run):
    """The first of the list is silent, and reported last."""
    args = ["--paths", 1, "--timeout", "0.5", "--attempts", 2, "--gap-limit", 3, "--format", "ndjson"]
    traces = lines_of(run(*args, DST, EDGE, "10.0.1.1", topology="silent-destination").stdout)
    assert destinations_of(traces)[-1] == DST
    assert [path["reached"] for trace in traces for path in trace["paths"]] == [True, True, False]


LIST = f"""# what to trace
{LEFT}

  {MERGE}\t# with blanks around
two words
dst.example
-n
\x1b[2J.example
{"x" * 3000}
{DST}"""  # the last line has no end


@pytest.fixture
def list_file(traceflow_lab, tmp_path):
    path = tmp_path / "targets"
    path.write_text(LIST)
    return str(traceflow_lab.readable(path))


def check_list(done):
    assert done.returncode == 1, done.stderr
    assert sorted(destinations_of(lines_of(done.stdout))) == sorted([LEFT, MERGE, DST, DST])
    errors = done.stderr.splitlines()
    assert len(errors) == 4 and all("does not resolve" in line for line in errors), errors
    assert "\x1b" not in done.stderr
    assert max(map(len, errors)) < 1100


def test_targets_from_a_file(run, list_file):
    check_list(run("-4", "--paths", 1, "--format", "ndjson", "--targets", list_file))


def test_targets_from_a_pipe(run):
    check_list(run("-4", "--paths", 1, "--format", "ndjson", "--targets", "-", input=LIST))


def test_targets_that_cannot_be_read(run, traceflow_lab):
    folder = traceflow_lab.folder
    for name, why in ((folder / "missing", "No such file"), (folder, "Is a directory")):
        done = run("--targets", name)
        assert done.returncode == 4 and done.stdout == ""
        assert len(done.stderr.splitlines()) == 1 and str(name) in done.stderr and why in done.stderr


def test_no_targets_at_all(run):
    done = run("--targets", "-", "--format", "json", input="# nothing\n\n")
    assert done.returncode == 0 and json.loads(done.stdout)["traces"] == []


def test_a_pipe_is_read_as_it_comes(traceflow_lab, binary):
    """A report is there before the next destination is named."""
    process = traceflow_lab.start("diamond", binary, "-n", "--paths", 1, "--format", "ndjson", "--targets", "-",
                                  stdin=subprocess.PIPE)
    for target in (DST, LEFT, MERGE):
        process.stdin.write(target + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["destination"]["address"] == target
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def interrupt(traceflow_lab, binary, topology, script):
    """Run a shell script in a network; $T is the program, which it ends by itself: by SIGTERM, as a shell's
    background jobs ignore SIGINT."""
    return traceflow_lab.run(topology, "sh", "-c", f"T={binary}\n{script}", timeout=60)


def test_endless_targets_end_with_an_interrupt(traceflow_lab, binary):
    script = f"""yes {MERGE} | $T -n --paths 1 --format ndjson --targets - >$HOME/out &
        until [ $(wc -l <$HOME/out) -gt 3 ]; do sleep 0.1; done
        kill -TERM $(pidof {binary}); wait $!; echo $?; cat $HOME/out"""
    done = interrupt(traceflow_lab, binary, "diamond", script)
    status, *lines = done.stdout.splitlines()
    assert status in "01" and len(lines) > 3, done.stderr  # the run under way may have had no answer yet
    assert set(destinations_of(map(json.loads, lines))) == {MERGE}


def test_an_interrupt_reports_what_is_known_of_all(traceflow_lab, binary):
    script = f"""$T -n --paths 2 --timeout 30 -w $HOME/kept {DST} 198.51.100.9 10.0.1.1 & p=$!
        until [ "$($T -n --all-paths -r $HOME/kept 2>$HOME/errors | grep -c '| 10.0.0.1 | 10.0.1.1 |')" = 6 ]; do sleep 0.1; done
        kill -TERM $p; wait $p; echo status $?"""
    done = interrupt(traceflow_lab, binary, "silent-destination", script)
    assert "status 0" in done.stdout, done.stderr
    heads = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("traceflow to")]
    assert sorted(heads) == sorted(["10.0.1.1", DST, "198.51.100.9"])
    assert done.stdout.count("Path ID 1 | 10.0.0.1 | 10.0.1.1 |") == 3


def places(data, what):
    """Every offset of some bytes."""
    at = data.find(what)
    while at >= 0:
        yield at
        at = data.find(what, at + 1)


def test_two_probers_of_many_destinations_keep_apart(traceflow_lab, binary):
    """The kernel's filter lets both in: what is another's is dropped, neither reported nor kept."""
    one = f"$T -n --paths 16 --format json {DST} {LEFT} {MERGE}"
    script = f"""T={binary}; cd $HOME
        {one} -w a.pcapng >a.json & {one} -w b.pcapng >b.json; wait
        for x in a b; do cat $x.json; echo SPLIT; $T -n --format json -r $x.pcapng; echo SPLIT; done"""
    live_a, file_a, live_b, file_b, _ = traceflow_lab.output("diamond", "sh", "-c", script).split("SPLIT\n")
    assert (live_a, live_b) == (file_a, file_b)
    runs = [{trace["run_id"] for trace in json.loads(text)["traces"]} for text in (live_a, live_b)]
    assert [len(ids) for ids in runs] == [3, 3] and not runs[0] & runs[1]
    for name, ids in zip("ab", runs):
        kept = (traceflow_lab.home / f"{name}.pcapng").read_bytes()
        tags = [kept[at + 8 : at + 12].hex() for at in places(kept, b"TFLW")]
        assert len(tags) > 100 and set(tags) == ids


def test_the_pace_is_that_of_all_together(traceflow_lab, binary):
    """And the probes of all are interleaved, once all have begun."""
    args = ["-n", "--paths", 8, "--wait", "0.02", "-w", "/dev/stdout", "-o", "/dev/null", LEFT, DST, MERGE]
    script = " ".join(map(str, [binary, *args, ">$HOME/paced.pcapng"]))
    traceflow_lab.output("diamond", "sh", "-c", script)
    packets = PcapNgReader(str(traceflow_lab.home / "paced.pcapng"))
    probes = [packet for packet in packets if UDP in packet and ICMP not in packet]
    times = [float(packet.time) for packet in probes]
    assert len(times) >= 72 and min(b - a for a, b in zip(times, times[2:])) > 0.02  # a time stamp may be a little late
    sent_to = [packet[IP].dst for packet in probes]
    begun = max(map(sent_to.index, (LEFT, DST, MERGE)))
    assert [len(set(sent_to[begun + at : begun + at + 3])) for at in (0, 3, 6)] == [3, 3, 3]


def test_destinations_by_several_interfaces(lab, traceflow_path):
    """One leaves by the loopback, one by the link: captured everywhere."""
    lab.up("1,1")
    lab.exec("src", "ip", "link", "set", "lo", "up")
    done = lab.exec("src", traceflow_path, "-n", "--paths", 2, "--format", "ndjson", "127.0.0.1", DST)
    assert done.returncode == 0, done.stderr
    assert {t["destination"]["address"]: t["paths"][0]["length"] for t in lines_of(done.stdout)} == {"127.0.0.1": 1, DST: 4}


def test_an_interface_that_goes_down_is_named_by_each(lab, traceflow, traceflow_path, tmp_path):
    lab.up("--silent", "dst", "1,1")
    capture = tmp_path / "down.pcapng"
    argv = lab.argv("exec", "src", traceflow_path, "-n", "--paths", 2, "--wait", "0.1", "--timeout", 5, "-w", capture, DST,
                    "198.51.100.2")
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: traceflow("-n", "-r", capture).stdout.count(b"Path ID 1 | 10.0.0.1") == 2)
    lab.exec("src", "ip", "link", "set", "to-r0", "down")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert out.count("Path ID 1 | 10.0.0.1") == 2
    assert 1 <= len(err.splitlines()) <= 2 and ("Network is" in err)


def test_labelled_probes_are_seen_by_the_capture(lab, traceflow_path):
    """Nobody here switches labels, so nothing answers; but what was sent is known."""
    lab.up("1,1")
    args = ["-n", "--mpls", "16001", "--mpls", "17:3:9", "--paths", 1, "--ttl", 2, "--attempts", 1, "--timeout", "0.2"]
    lab.exec("src", "ping", "-c", 1, "-W", 1, DST)  # the neighbour is known then
    done = lab.exec("src", traceflow_path, *args, "--format", "json", DST)
    assert done.returncode == 1, done.stderr
    assert [hop["sent"] for hop in json.loads(done.stdout)["traces"][0]["paths"][0]["hops"]] == [1, 1]
