# SPDX-License-Identifier: GPL-2.0-or-later
"""What the documents promise: options in help and manual page, links that lead somewhere."""

import re
import subprocess
from pathlib import Path

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


def test_the_lab_page_lists_every_topology():
    page = (TOP / "lab/README.md").read_text()
    listed = set(re.findall(r"\| \[([\w-]+)\]\(topologies/", page))
    assert listed and listed == {path.stem for path in TOP.glob("lab/topologies/*.topo")}


def test_the_lab_page_shows_a_topology_that_works(tmp_path):
    example = re.search(r"```\n(# balanced.*?)```", (TOP / "lab/README.md").read_text(), re.DOTALL).group(1)
    (tmp_path / "example.topo").write_text(example)
    subprocess.run([BUILD / "bin" / "traceflow-lab", "--check", tmp_path / "example.topo"], check=True, timeout=10)
