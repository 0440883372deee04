# SPDX-License-Identifier: GPL-2.0-or-later
"""Random packets: of a million that come as near to ours as chance will have it, none is claimed; nor of randpkt's."""

import subprocess

import pytest

from foreign import noise

COUNT, SEED = 1_000_000, 1
RANDPKT = {"frames": 500, "bytes": 400}


@pytest.fixture(scope="module")
def million(public_dir):
    path = public_dir / "million.pcap"
    noise.write(path, COUNT, SEED)
    path.chmod(0o644)
    yield path
    path.unlink()


def randpkt_types():
    """What this randpkt can make, by its own account."""
    try:
        told = subprocess.run(["randpkt", "-h"], capture_output=True, text=True, timeout=10)
    except FileNotFoundError:
        return []
    lines = (told.stdout + told.stderr).partition("Types:")[2].splitlines()
    return [line.split()[0] for line in lines if line.startswith("\t")]


def test_a_million_random_packets_by_the_program(traceflow, million):
    done = traceflow("-n", "-r", million)
    assert done.stdout == b""
    assert f"{COUNT} not ours" in done.stderr.decode().replace(",", "")


def test_a_million_random_packets_by_the_plugin(tshark, million):
    claimed = tshark("-r", str(million), "-Y", "traceflow", "-T", "fields", "-e", "frame.number", timeout=240)
    assert claimed.split() == []


def test_randpkt_is_asked_for_every_type():
    assert {"icmp", "udp", "ip", "ipv6", "tcp", "dns"} <= set(randpkt_types())


@pytest.mark.parametrize("kind", randpkt_types())
def test_randpkt(tshark, traceflow, tmp_path, kind):
    path = tmp_path / f"{kind}.pcap"
    count = RANDPKT["frames"]
    subprocess.run(["randpkt", "-b", str(RANDPKT["bytes"]), "-c", str(count), "-t", kind, path], check=True, timeout=60)
    assert tshark("-r", path, "-Y", "traceflow") == ""
    assert traceflow("-n", "-r", path).stdout == b""
