# SPDX-License-Identifier: GPL-2.0-or-later
"""The shipped Wireshark profile: found where an installation puts it, its columns filled, its filters valid."""

import csv
import os
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, NOBODY, TOP, readable

PROFILE = TOP / "dissector" / "profile" / "Traceflow"
SYSTEM_DATA = "/usr/share/wireshark"


@pytest.fixture(scope="module")
def installed(as_nobody, public_dir):
    """The argv prefix for a user with no settings, whose Wireshark has our profile among its own."""
    data, home = public_dir / "data", public_dir / "profile-home"
    (data / "profiles").mkdir(parents=True)
    for entry in os.scandir(SYSTEM_DATA):
        if entry.name != "profiles":
            (data / entry.name).symlink_to(entry.path)
    shutil.copytree(PROFILE, data / "profiles" / "Traceflow")
    home.mkdir()
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    subprocess.run(["chmod", "-R", "a+rX", data], check=True)
    return [*as_nobody, "env", f"WIRESHARK_DATA_DIR={data}", f"HOME={home}"]


def test_columns(installed, captures, public_dir):
    done = subprocess.run([*installed, "tshark", "-C", "Traceflow", "-2", "-T", "tabs",
                           "-r", str(readable(captures / "silent-duplicate.pcapng", public_dir))],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == ""
    rows = [[cell.strip() for cell in line.split("\t")] for line in done.stdout.splitlines()]
    assert rows[29] == ["30", "1.002000000", "192.0.2.1", "→", "198.51.100.7", "1", "4", "", "", "32",
                        "Traceflow", "path  1 TTL  4 probe, attempt 1, reply in 32"]
    assert rows[31] == ["32", "1.004718274", "203.0.113.3", "→", "192.0.2.1", "1", "4", "203.0.113.3", "0.002718274",
                        "30", "Traceflow", "path  1 TTL  4 reply from 203.0.113.3, attempt 1, 2.72 ms"]


def filters():
    for line in (PROFILE / "colorfilters").read_text().splitlines()[1:]:
        yield re.fullmatch(r"@[^@]+@([^@]+)@(?:\[\d+,\d+,\d+\]){2}", line)[1]
    with (PROFILE / "dfilter_buttons").open() as lines:
        for row in csv.reader(lines.readlines()[1:]):
            assert row[0] == "TRUE" and len(row) == 4
            yield row[2]


def test_filters_are_valid(tshark, captures):
    every = list(filters())
    assert len(every) > 20
    tshark("-r", captures / "short-quotes.pcap", "-Y", " || ".join(f"({one})" for one in every))


def test_every_path_has_a_colour_and_probes_another_than_replies(tshark, captures):
    colours = re.findall(r"^@Traceflow: (probes|replies)[^@]*@([^@]+)@(\[[\d,]+\])",
                         (PROFILE / "colorfilters").read_text(), re.M)
    assert len({colour for _, _, colour in colours}) == len(colours) == 16
    capture = captures / "uneven-ecmp.pcapng"
    ours = tshark("-r", capture, "-Y", "traceflow").splitlines()
    coloured = tshark("-r", capture, "-Y", " || ".join(f"({expression})" for _, expression, _ in colours)).splitlines()
    assert coloured == ours and len(ours) == 128


def test_it_is_installed_where_wireshark_looks(tmp_path):
    subprocess.run(["cmake", "--install", BUILD], env={**os.environ, "DESTDIR": str(tmp_path)}, check=True,
                   capture_output=True, timeout=60)
    found = {path.name for path in tmp_path.glob("**/share/wireshark/profiles/Traceflow/*")}
    assert found == {path.name for path in PROFILE.iterdir()} == {"preferences", "colorfilters", "dfilter_buttons", "recent"}
