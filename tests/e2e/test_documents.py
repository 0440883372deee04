# SPDX-License-Identifier: GPL-2.0-or-later
"""What the documents promise: options in help and manual page, links that lead somewhere."""

import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from conftest import BUILD

TOP = Path(__file__).resolve().parents[2]


def test_help_and_manual_name_the_same_options(traceflow):
    help_text = traceflow("--help").stdout.decode()
    manual = (TOP / "docs/traceflow.1").read_text().replace("\\-", "-")
    in_help = set(re.findall(r"--[a-z][a-z-]+", help_text))
    in_manual = set(re.findall(r"--[a-z][a-z-]+", manual))
    assert in_help and in_help == in_manual


def test_help_goes_to_standard_output_and_fits_a_terminal(traceflow):
    done = traceflow("--help")
    assert done.returncode == 0 and done.stderr == b""
    assert max(map(len, done.stdout.decode().splitlines())) <= 110


def test_version(traceflow):
    version = re.search(r"VERSION (\d+\.\d+\.\d+)", (TOP / "CMakeLists.txt").read_text()).group(1)
    assert traceflow("--version").stdout.decode() == f"traceflow {version}\n"
    assert f"traceflow {version}" in (TOP / "docs/traceflow.1").read_text()


def test_links_lead_somewhere():
    for page in [TOP / "README.md", *TOP.glob("docs/*.md"), *TOP.glob("captures/*.md"), *TOP.glob("lab/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page}: {target}"


@pytest.mark.parametrize("folder", ["core", "dissector", "prober"])
def test_every_file_has_its_room(folder):
    rows = re.findall(r"^\| ((?:`[^`]+` ?)+)\|", (TOP / "docs/ARCHITECTURE.md").read_text(), re.M)
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    files = {path.stem for path in (TOP / folder).glob("*.[ch]")}
    assert files and [file for file in files if not any(fnmatch(file, name) for name in named)] == []


def test_the_lab_page_lists_every_topology():
    page = (TOP / "lab/README.md").read_text()
    listed = set(re.findall(r"\| \[([\w-]+)\]\(topologies/", page))
    assert listed and listed == {path.stem for path in TOP.glob("lab/topologies/*.topo")}


def test_the_lab_page_shows_a_topology_that_works(tmp_path):
    example = re.search(r"```\n(# balanced.*?)```", (TOP / "lab/README.md").read_text(), re.DOTALL).group(1)
    (tmp_path / "example.topo").write_text(example)
    subprocess.run([BUILD / "bin" / "traceflow-lab", "--check", tmp_path / "example.topo"], check=True, timeout=60)


@pytest.fixture(scope="module")
def analysts_page():
    """{what a table's first column names: the rest of its row} of docs/WIRESHARK.md, filters to try left out"""
    rows = {}
    for line in (TOP / "docs/WIRESHARK.md").read_text().partition("## Filters to try")[0].splitlines():
        first, _, rest = line.removeprefix("| ").partition(" | ")
        if re.fullmatch(r"(`[^`]+`(, )?)+", first):
            rows |= {name: rest for name in re.findall(r"`([^`]+)`", first)}
    return rows


def listed(tshark, report):
    return [line.split("\t") for line in tshark("-G", report).splitlines()]


def preferences(tshark):
    """{name: default}"""
    return dict(re.findall(r"^#(traceflow\.\w+): (.*)$", tshark("-G", "defaultprefs"), re.M))


def test_the_analysts_page_lists_all_that_the_plugin_has(analysts_page, tshark, as_nobody):
    fields = {row[2] for row in listed(tshark, "fields") if row[0] == "F" and row[2].startswith("traceflow.")}
    known = subprocess.run([*as_nobody, "tshark", "-z", "help"], capture_output=True, text=True, timeout=60)
    statistics = set(re.findall(r"traceflow,\w+", known.stdout + known.stderr))
    assert fields and statistics and set(analysts_page) == fields | statistics | set(preferences(tshark))


def test_the_analysts_page_has_the_values_and_defaults(analysts_page, tshark):
    for row in listed(tshark, "values"):
        if row[0] == "V" and row[1].startswith("traceflow."):
            assert f"{row[2]} {row[3].lower()}" in analysts_page[row[1]]
    for name, default in preferences(tshark).items():
        assert analysts_page[name].startswith(f"{default} |")


def test_the_analysts_page_has_the_severities(analysts_page):
    """As registered: no list of Wireshark's has them."""
    sources = "".join(path.read_text() for path in TOP.glob("dissector/*.c"))
    registered = re.findall(r'"(traceflow\.[\w.]+)", PI_\w+, PI_(\w+),', sources)
    assert len(registered) > 30
    for name, severity in registered:
        assert analysts_page[name].startswith({"WARN": "warning", "NOTE": "note", "CHAT": "chat"}[severity])


def test_filters_of_the_analysts_page_are_valid(tshark, captures):
    section = (TOP / "docs/WIRESHARK.md").read_text().partition("## Filters to try")[2]
    filters = re.findall(r"^\| `([^`]+)`", section, re.M)
    assert len(filters) > 10
    tshark("-r", captures / "short-quotes.pcap", "-Y", " || ".join(f"({one})" for one in filters))


def test_examples_of_the_analysts_page_show_something(tshark, captures):
    examples = re.findall(r"^    tshark ((?:.*\\\n)*.*)", (TOP / "docs/WIRESHARK.md").read_text(), re.M)
    assert len(examples) > 3
    for example in examples:
        words = shlex.split(example.replace("\\\n", " "))
        assert tshark(*(captures / Path(word).name if "/" in word else word for word in words)).strip(), example


def output_on_page(block):
    """A block of a page as (words of the command, lines): columns are aligned there, hence blanks do not count."""
    command, _, printed = block.replace("\\\n", " ").partition("\n")
    return shlex.split(command), [line.split() for line in printed.splitlines()]


PAGES = sorted(path for path in TOP.glob("captures/*.md") if path.stem != "README")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_of_captures_say_what_tshark_prints(tshark, captures, page):
    """The frames that a page shows, and for all that it says to look at, that it is there to be seen."""
    text = page.read_text()
    capture, = captures.glob(f"{page.stem}.pcap*")
    for block in re.findall(r"```\n\$ tshark (.*?)```", text, re.DOTALL):
        words, printed = output_on_page(block)
        assert words[:2] == ["-r", f"captures/{capture.name}"]
        assert [line.split() for line in tshark("-r", capture, *words[2:]).splitlines()] == printed
    look_at = text.partition("## Look at")[2].partition("## Frames")[0]
    for field in re.findall(r"`([^`]*traceflow[^`]*)`", look_at):
        assert (tshark("-2", "-r", capture, "-Y", field) != "") == (page.stem != "strangers"), field
