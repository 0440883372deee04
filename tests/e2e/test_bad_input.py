# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input of every kind: one line, the offending value, the right exit status."""

import os
import shutil
import subprocess

import pytest

DST = "198.51.100.1"
USAGE, NO_ANSWER, PRIVILEGE, IO = 2, 1, 3, 4


def assert_refused(done, status, *words):
    err = done.stderr if isinstance(done.stderr, str) else done.stderr.decode()
    assert done.returncode == status, err
    assert len(err.splitlines()) == 1, err
    assert err.startswith("traceflow: ")
    for word in words:
        assert word in err, err


@pytest.mark.parametrize(
    "args, word",
    [
        (["--frobnicate", DST], "--frobnicate"),
        ([], "no destination"),
        (["--paths", "0", DST], "--paths 0"),
        (["--paths", "65536", DST], "--paths 65536"),
        (["--paths", "-1", DST], "--paths -1"),
        (["--paths", "many", DST], "--paths many"),
        (["--ttl", "0", DST], "--ttl 0"),
        (["--ttl", "256", DST], "--ttl 256"),
        (["--first-ttl", "9", "--ttl", "8", DST], "--first-ttl 9"),
        (["--attempts", "0", DST], "--attempts 0"),
        (["--gap-limit", "0", DST], "--gap-limit 0"),
        (["--srcport", "65535", DST], "--srcport 65535"),
        (["--srcport", "-1", DST], "--srcport -1"),
        (["--dstport", "65536", DST], "--dstport 65536"),
        (["--wait", "-1", DST], "--wait -1"),
        (["--wait", "nan", DST], "--wait nan"),
        (["--rate", "0", DST], "--rate 0"),
        (["--rate", "fast", DST], "--rate fast"),
        (["--wait", "1", "--rate", "1", DST], "--wait and --rate"),
        (["--timeout", "0", DST], "--timeout 0"),
        (["--timeout", "1x", DST], "--timeout 1x"),
        (["--format", "xml", DST], "--format xml"),
        (["--source", "nonsense", DST], "--source nonsense"),
        (["-w", "-", DST], "-w -"),
        (["-w", "-", "-o", "-", DST], "-w -"),
        (["-r", "a.pcap", DST], "-r a.pcap"),
        (["-r", "a.pcap", "-w", "b.pcap"], "-w b.pcap"),
        (["--targets", "list", DST], "--targets list"),
        (["--paths", "8", "--confidence", "99", DST], "--confidence 99"),
        (["--protocol", "sctp", DST], "--protocol sctp"),
        (["--tos", "high", DST], "--tos high"),
        (["-4", "-6", DST], "-4 -6"),
        (["-4", "::1"], "::1"),
        (["-6", DST], DST),
        (["--mpls", "1048576", DST], "1048576"),
        (["--mpls", "16", "-i", "any", DST], "--mpls 16"),
        (["--gateway-mac", "02:00:00:00:00:01", DST], "--gateway-mac"),
        (["0.0.0.0"], "0.0.0.0"),
        (["224.0.0.1"], "224.0.0.1"),
        (["255.255.255.255"], "255.255.255.255"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_usage(traceflow, args, word):
    assert_refused(traceflow(*args), USAGE, word)


@pytest.mark.parametrize("address", ["198.51.100.1", "2001:db8::1"])
def test_no_route(traceflow, address):
    assert_refused(traceflow(address), IO, address, "no route")


def test_names(lab, traceflow_path):
    lab.up("1")
    assert_refused(lab.exec("src", traceflow_path, "nowhere.invalid"), NO_ANSWER, "nowhere.invalid")
    if not lab.has_names():
        pytest.skip("names do not resolve in the lab here (a plain chroot, or no /etc/hosts)")
    hosts = f"/etc/netns/{lab.name}-src/hosts"
    with open(hosts, "a") as stream:
        stream.write("2001:db8::7 six.example\n")
    assert_refused(lab.exec("src", traceflow_path, "-4", "six.example"), NO_ANSWER, "six.example", "IPv4")


def test_interfaces_and_routes(lab, traceflow_path):
    lab.up("1")

    def run(*args):
        return lab.exec("src", traceflow_path, "-n", *args)

    assert_refused(run("-i", "nosuch0", DST), IO, "nosuch0")
    assert_refused(run("-i", "a-name-that-is-much-too-long", DST), IO, "a-name-that-is-much-too-long")
    assert_refused(run("--source", "203.0.113.77", DST), IO, "203.0.113.77")
    lab.exec("src", "ip", "link", "set", "lo", "down")
    assert_refused(run("-i", "lo", DST), IO, "lo", "down")
    lab.exec("src", "ip", "route", "flush", "table", "main")
    assert_refused(run(DST), IO, DST, "no route")
    lab.exec("src", "ip", "route", "add", "unreachable", "198.51.100.0/24")
    assert_refused(run(DST), IO, DST, "no route")


def test_no_privilege(as_nobody, nowhere, traceflow_path, public_dir):
    if os.geteuid() != 0:
        pytest.skip("needs root, to have something to give up")
    program = public_dir / "traceflow"
    shutil.copy(traceflow_path, program)
    done = subprocess.run([*nowhere, "sh", "-c", 'ip link set lo up; exec "$@"', "sh", *as_nobody, program, "127.0.0.1"], capture_output=True, timeout=60)
    assert_refused(done, PRIVILEGE, "privilege" if b"privilege" in done.stderr else "permission")


def test_file_capability_is_enough(lab, as_nobody, traceflow_path, public_dir):
    lab.up("1")
    program = public_dir / "traceflow-cap"
    shutil.copy(traceflow_path, program)
    granted = subprocess.run(["setcap", "cap_net_raw+ep", program], capture_output=True, text=True)
    if granted.returncode != 0:
        pytest.skip(f"file capabilities: {granted.stderr.strip()}")
    done = lab.exec("src", *as_nobody, program, "-n", DST)
    assert done.returncode == 0, done.stderr
    assert "all reach the destination" in done.stdout


@pytest.mark.parametrize(
    "content",
    [b"", b"\xd4\xc3\xb2\xa1", b"this is a text file, and no capture at all\n", bytes(64), b"\x0a\x0d\x0d\x0a" + b"\xff" * 60],
    ids=["empty", "magic only", "text", "zeros", "pcapng with an absurd block"],
)
def test_files_that_are_no_captures(traceflow, tmp_path, content):
    path = tmp_path / "file.pcap"
    path.write_bytes(content)
    assert_refused(traceflow("-r", path), IO, str(path))


def test_files_that_cannot_be_read(traceflow, tmp_path):
    assert_refused(traceflow("-r", tmp_path / "missing.pcap"), IO, "missing.pcap", "No such file")
    assert_refused(traceflow("-r", tmp_path), IO, str(tmp_path))
    assert_refused(traceflow("-r", "-", stdin=subprocess.DEVNULL), IO, "standard input")


def test_a_truncated_capture_tells_what_it_holds(traceflow, captures, tmp_path):
    for name in ("uneven-ecmp.pcapng", "short-quotes.pcap"):
        whole = (captures / name).read_bytes()
        cut = tmp_path / name
        cut.write_bytes(whole[: len(whole) * 2 // 3 + 5])
        done = traceflow("-n", "-r", cut)
        assert_refused(done, IO, name, "truncated")
        assert b"Path ID 1 | 192.0.2.254" in done.stdout


def test_a_capture_of_something_else(traceflow, captures):
    done = traceflow("-r", captures / "strangers.pcapng")
    assert_refused(done, NO_ANSWER, "strangers.pcapng", "no probe or reply")
    assert done.stdout == b""


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_link_type_that_is_unknown(traceflow, captures, tmp_path, form):
    radio = tmp_path / f"radio.{form}"
    subprocess.run(["editcap", "-F", form, "-T", "ieee-802-11", captures / "unreachable.pcap", radio], check=True)
    done = traceflow("-r", radio)
    assert_refused(done, IO, str(radio), "link type 105 (IEEE802_11) is not supported")
    assert done.stdout == b""


def test_output_that_cannot_be_written(traceflow, captures, tmp_path):
    capture = captures / "short-quotes.pcap"
    assert_refused(traceflow("-r", capture, "-o", "/dev/full"), IO, "/dev/full", "No space")
    assert_refused(traceflow("-r", capture, "-o", tmp_path / "no" / "dir"), IO, "no/dir")
    with open("/dev/full", "wb") as full:
        done = traceflow("-r", capture, stdout=full)
    assert_refused(done, IO, "standard output", "No space")


def test_one_file_cannot_be_report_and_capture(traceflow, captures, tmp_path):
    capture = tmp_path / "capture.pcap"
    shutil.copy(captures / "short-quotes.pcap", capture)
    before = capture.read_bytes()
    link = tmp_path / "link.pcap"
    link.symlink_to(capture)
    for output in (capture, link):
        assert_refused(traceflow("-r", capture, "-o", output), USAGE, str(output))
        assert_refused(traceflow("-w", capture, "-o", output, DST), USAGE, str(output))
    assert capture.read_bytes() == before
    report = tmp_path / "report"
    report.write_text("of yesterday")
    assert traceflow("-r", tmp_path / "missing", "-o", report).returncode == IO
    assert report.read_text() == "of yesterday"


def test_set_user_id_is_refused(as_nobody, traceflow_path, public_dir):
    if os.geteuid() != 0:
        pytest.skip("needs root, to make such a program")
    program = public_dir / "traceflow-setuid"
    shutil.copy(traceflow_path, program)
    program.chmod(0o4755)
    as_other = [part for part in as_nobody if "=" not in part or part.startswith("--")]
    done = subprocess.run([*as_other, program, "--version"], capture_output=True, timeout=60)
    if done.returncode == 0:
        pytest.skip("set-user-ID has no effect here (mounted nosuid)")
    assert_refused(done, PRIVILEGE, "set-user-ID")


def test_standard_output_that_held_something_keeps_it(lab, traceflow_path, tmp_path):
    """A full disk cuts a file of ours back to whole packets, but never what was not ours."""
    lab.up("1")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]).returncode != 0:
        pytest.skip("no tmpfs")
    try:
        log = disk / "log"
        log.write_bytes(b"x" * 9000)
        command = f"exec {traceflow_path} -n --paths 64 -o {tmp_path}/report -w - {DST} >>{log}"
        assert_refused(lab.exec("src", "sh", "-c", command), IO, "standard output", "No space")
        assert log.read_bytes()[:9000] == b"x" * 9000
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_file_at_its_size_limit(lab, traceflow, traceflow_path, tmp_path):
    lab.up("1")
    capture = tmp_path / "limited.pcapng"
    command = f"ulimit -f 8; exec {traceflow_path} -n --paths 64 -w {capture} {DST}"
    done = lab.exec("src", "bash", "-c", command)
    assert_refused(done, IO, str(capture), "File too large")
    assert "64 paths" in done.stdout
    assert b"Path ID 1 " in traceflow("-n", "-r", capture).stdout


def test_a_full_disk_keeps_what_was_captured(lab, traceflow, traceflow_path, tmp_path):
    lab.up("1")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs: {mounted.stderr.strip()}")
    try:
        capture = disk / "small.pcapng"
        done = lab.exec("src", traceflow_path, "-n", "--paths", 64, "-w", capture, DST)
        assert_refused(done, IO, str(capture), "No space")
        assert "64 paths" in done.stdout
        kept = traceflow("-n", "-r", capture)
        assert kept.returncode == 0 and b"Path ID 1 " in kept.stdout
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_capture_file_that_cannot_be_created(lab, traceflow_path, tmp_path):
    lab.up("1")
    done = lab.exec("src", traceflow_path, "-n", "-w", tmp_path / "no" / "dir.pcapng", DST)
    assert_refused(done, IO, "dir.pcapng", "No such file")


def test_nothing_answers(lab, traceflow_path):
    lab.up("--silent", "r0", "--silent", "m1", "--silent", "dst", "--silent", "s1b1p1", "1")
    done = lab.exec("src", traceflow_path, "-n", "--paths", 1, "--timeout", "0.1", DST)
    assert_refused(done, NO_ANSWER, DST, "nothing answered")
    assert "Path ID 1 | * |" in done.stdout
