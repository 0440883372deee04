# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin registers with Wireshark, by Wireshark's own lists: all of it is ours, once, and nothing else changes."""

import re
import subprocess
from collections import Counter

import pytest

from conftest import TOP

REPORTS = ["fields", "values", "protocols", "heuristic-decodes", "decodes", "dissector-tables", "plugins", "currentprefs"]
STATISTICS = {"traceflow,paths", "traceflow,hops", "traceflow,tree", "traceflow,json"}
FIELDS = {"kind", "path_id", "ttl", "id", "evidence", "run_id", "attempt", "responder", "responder6", "reply_in", "probe_in",
          "rtt", "quoted_ttl", "quoted_len", "changed", "mpls.label"}
EXPERTS = {"repeated_probe", "duplicate_reply", "no_probe", "quote_changed", "forged"}


@pytest.fixture(scope="module")
def lists(as_nobody, public_dir):
    """{"with" or "without": {report: lines}}; whatever is said on standard error is a fault."""
    empty, extcap = public_dir / "registers-nothing", public_dir / "no-extcap"
    for folder in empty, extcap:
        folder.mkdir()

    def report(option, *prefix):
        argv = [*as_nobody, f"WIRESHARK_EXTCAP_DIR={extcap}", *prefix, "tshark", *option]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and (done.stderr == "" or option[0] == "-z"), done.stderr
        return (done.stdout + done.stderr).splitlines()

    options = {name: ("-G", name) for name in REPORTS} | {"statistics": ("-z", "help")}
    return {"with": {name: report(option) for name, option in options.items()},
            "without": {name: report(option, f"WIRESHARK_PLUGIN_DIR={empty}") for name, option in options.items()}}


@pytest.fixture(scope="module")
def fields(lists):
    """[(name, filter name, type, blurb)] of ours"""
    rows = [line.split("\t") for line in lists["with"]["fields"] if line.startswith("F\t")]
    return [(row[1], row[2], row[3], row[7] if len(row) > 7 else "") for row in rows if row[4] == "traceflow"]


@pytest.mark.parametrize("name", [*REPORTS, "statistics"])
def test_all_that_is_added_is_ours(lists, name):
    added = Counter(lists["with"][name]) - Counter(lists["without"][name])
    gone = Counter(lists["without"][name]) - Counter(lists["with"][name])
    known = ("#", "") if name == "currentprefs" else ()      # descriptions of preferences, over several lines
    assert all("traceflow" in line.lower() or line.startswith(known) for line in added), added
    assert not gone


def test_the_plugin_is_named_with_its_version(lists):
    version = re.search(r"VERSION (\S+)", (TOP / "CMakeLists.txt").read_text().partition("project(")[2])[1]
    rows = [line.split("\t") for line in lists["with"]["plugins"] if "traceflow" in line]
    assert [[word.strip() for word in row[:3]] for row in rows] == [["traceflow.so", version, "dissector"]]


def test_the_protocol_is_registered_once(lists):
    rows = [line.split("\t") for line in lists["with"]["protocols"] if "traceflow" in line]
    assert [row[:3] for row in rows] == [["Stockholm Traceroute", "Traceflow", "traceflow"]]


def test_no_filter_name_is_there_twice(fields):
    assert [name for name, count in Counter(field[1] for field in fields).items() if count > 1] == []


def test_filter_names_follow_the_custom(fields):
    """Below the protocol's, in small letters; a description says more than the name does."""
    assert [field for field in fields if not re.fullmatch(r"traceflow(\.[a-z][a-z0-9_]*)+", field[1])] == []
    assert [field for field in fields if not field[0] or field[0] == field[3]] == []


def test_every_promised_field_is_there(fields):
    names = {field[1].removeprefix("traceflow.") for field in fields}
    assert FIELDS | EXPERTS <= names


def test_every_promised_statistic_is_there(lists):
    assert {line.strip() for line in lists["with"]["statistics"] if "traceflow" in line} == STATISTICS


def test_preferences_have_defaults(lists):
    ours = [line for line in lists["with"]["currentprefs"] if re.match(r"#?traceflow\.", line)]
    assert "#traceflow.base_ports: 33480,33452" in ours
    assert all(line.startswith("#") for line in ours), "a # says that the value is the default"


def test_the_payload_heuristic_can_be_switched_off(lists):
    assert ["udp", "traceflow", "T"] in [line.split("\t")[:3] for line in lists["with"]["heuristic-decodes"]]


def test_decode_as_knows_the_protocol(tshark, captures):
    shown = tshark("-r", captures / "original.pcap", "-d", "udp.port==33452,traceflow", "-T", "fields", "-e", "traceflow.kind")
    assert "1" in shown.split()
