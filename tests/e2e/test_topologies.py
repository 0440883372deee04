# SPDX-License-Identifier: GPL-2.0-or-later
"""Each topology shows its phenomenon: the file, the truth, the table beside it and the prober's table agree."""

import json
import os
import re

import pytest

from simulated import traceflow_lab as _traceflow_lab
from topologies import BASE_PORT, FOLDER, NAMES, SEEN, File, parse_table, row, rows, split_tables, truth, without_run

traceflow_lab = _traceflow_lab


@pytest.fixture(scope="session")
def run(traceflow_lab, traceflow_path):
    """run(topology, command, …): standard output of a command in which `traceflow` is the built one."""
    tools = traceflow_lab.folder / "tools"
    tools.mkdir()
    traceflow_lab.readable(traceflow_path).rename(tools / "traceflow")
    path = f"{tools}:{os.environ['PATH']}"

    def run_in(topology, *command, **kwargs):
        return traceflow_lab.output(topology, "env", f"PATH={path}", *command, timeout=60, **kwargs)

    return run_in


def true_paths(traceflow_lab, file, n_paths):
    """{port: path} of the table's command; of a balancer of packets, one of several."""
    ports = f"{BASE_PORT + 1}-{BASE_PORT + n_paths}"
    paths = truth(traceflow_lab, file.name, "--to", file.destination(), "--ports", ports)
    return {port: path[0] for port, path in paths.items()}


def n_paths_of(command):
    return int(re.search(r"--paths (\d+)", " ".join(command))[1])


def test_each_has_a_table_and_an_expectation():
    assert set(NAMES) == set(SEEN) == {path.stem for path in FOLDER.glob("*.table")}
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_file_says_what_it_is(name):
    """A comment that says what is to be seen, a drawing, the command; then what the network is called."""
    file = File(name)
    head = file.text.split("\n[network]\n")[0]
    assert all(line.startswith("#") and (len(line) <= 119 or "traceflow-lab" in line)
               for line in head.rstrip().splitlines())
    assert "──" in head
    assert "traceflow -n --paths" in " ".join(file.command())
    assert file.groups["network"]["description"]
    assert file.groups["network"]["source-name"] == "laptop.example" or name == "uneven-branches"
    for node in file.nodes.values():
        for address in re.findall(r"\d+\.\d+\.\d+\.\d+", node["address"]):
            assert re.match(r"10\.|172\.16\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.", address)
        for address in re.findall(r"\b[0-9a-f]+:[0-9a-f:]+", node["address"]):
            assert address.startswith("2001:db8:")
        assert node.get("name", "x.example").endswith(".example")


@pytest.mark.parametrize("name", NAMES)
def test_check_accepts_it(traceflow_lab, name):
    done = traceflow_lab.run(name, options=["--check"], user=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("name", NAMES)
def test_truth_follows_the_file(traceflow_lab, name, version):
    """Every step of every path is a next hop that the file gives; paths are as many as were counted by hand."""
    file = File(name)
    if not file.has(version):
        done = traceflow_lab.run(name, options=["--truth", f"-{version}"][: 1 + (version == 6)], user=False)
        assert done.returncode == 2 and f"no IPv{version} address" in done.stderr
        return
    paths = truth(traceflow_lab, name, "--to", file.destination(), version=version)
    assert len(paths) == (SEEN[name].paths or len(paths))
    for path in paths:
        for (node, address), (after, _) in zip(path, path[1:]):
            if node is not None:
                assert (after or "generate") in file.next_of(node)
                assert address == file.addresses(node, version)[0]


@pytest.mark.parametrize("name", NAMES)
def test_table_follows_the_truth(traceflow_lab, name):
    """The table in the file is what a perfect prober shows of the true paths."""
    file = File(name)
    command = " ".join(file.command())
    paths = true_paths(traceflow_lab, file, n_paths_of(file.command()))
    expected = rows(file, paths)
    tables = split_tables(file.table())
    assert len(tables) == len(expected)
    for text, of_port in zip(tables, expected):
        heading, shown, _ = parse_table(text)
        assert f"source ports {min(of_port)}-{max(of_port)}, destination port {BASE_PORT}" in heading
        if list(shown) == [0]:
            assert all(cells == shown[0] for cells in of_port.values())
            continue
        assert all(cells == of_port[BASE_PORT + path_id] for path_id, cells in shown.items())
        if "--dedup" in command:
            assert sorted(shown.values()) == sorted(map(list, {tuple(cells) for cells in of_port.values()}))
        else:
            assert len(shown) == len(of_port)


def assert_same_table(got, want):
    """Byte for byte, but for cells where chance decides."""
    if " or " not in want:
        assert got == want
        return
    (got_heading, got_rows, got_summary), (heading, want_rows, summary) = parse_table(got), parse_table(want)
    assert (got_heading, got_summary, got_rows.keys()) == (heading, summary, want_rows.keys())
    for path_id, cells in want_rows.items():
        assert len(got_rows[path_id]) == len(cells)
        assert all(one in cell.split(" or ") for one, cell in zip(got_rows[path_id], cells))
    for column, cell in enumerate(want_rows[1]):
        assert {cells[column] for cells in got_rows.values()} == set(cell.split(" or "))


@pytest.mark.parametrize("name", NAMES)
def test_prober_prints_the_table(run, name):
    file = File(name)
    got = split_tables(without_run(run(name, *file.command())))
    want = split_tables(without_run(file.table()))
    assert len(got) == len(want)
    for one, other in zip(got, want):
        assert_same_table(one, other)


# ---- what the table does not tell


def trace_of(run, name, *command):
    """The one trace of the JSON report, of the table's command if no other is given."""
    traces = json.loads(run(name, *(command or File(name).command()), "--format", "json"))["traces"]
    assert len(traces) == 1
    return traces[0]


def replies_of(trace):
    """The replies of each hop of each path."""
    return [[hop["replies"] for hop in path["hops"]] for path in trace["paths"]]


def label(value, tc, bottom):
    return {"label": value, "tc": tc, "bottom": bottom, "ttl": 1}


# Of each reply along each path. A router's own packets begin with TTL 255, a host's with 64; each router on the way
# back takes one.
REPLIES = [
    ("diamond", "quoted_ttl", [1, 1, 1, 1]),
    ("diamond", "reply_ttl", [255, 254, 253, 61]),
    ("diamond", "changed", [[]] * 4),
    ("dscp-remarking", "changed", [[], [], ["tos"], ["tos"]]),
    ("ecn-bleaching", "changed", [[]] * 4),
    ("destination-nat", "icmp", [{"type": 11, "code": 0}] * 3 + [{"type": 3, "code": 3}]),
    ("destination-nat", "changed", [[]] * 4),
    ("firewall", "icmp", [{"type": 11, "code": 0}, {"type": 3, "code": 13}]),
    ("hidden-hops", "quoted_ttl", [1, 1, 1]),
    ("hidden-hops", "reply_ttl", [255, 254, 62]),
    ("mpls-compat", "mpls", [[], [label(30001, 0, True)], [label(30002, 0, True)], [], []]),
    ("mpls-no-copy", "quoted_ttl", [1, 1, 2, 1, 1]),
    ("mpls-tunnel", "quoted_ttl", [1, 1, 2, 3, 1, 1]),
    ("mpls-tunnel", "mpls", [[], [label(16001, 0, True)], [label(16002, 5, False), label(24005, 0, True)],
                             [label(16003, 0, True)], [], []]),
    ("nat", "changed", [[]] * 5),
    ("nat-random-ports", "changed", [[]] * 5),
    ("nat-stateless", "changed", [[], *[["src", "checksum"]] * 4]),
    ("quote-faults", "changed", [["ident"], ["src_port"], ["ident"], [], ["ident"], ["dst_port"], ["src"], ["dst"], [],
                                 ["length"], []]),
    ("short-quotes", "quoted_len", [28, 44, 44, 44, 44]),
    ("short-quotes", "evidence", ["matched", "tag", "tag", "tag", "tag"]),
]


@pytest.mark.parametrize("name, key, values", REPLIES, ids=[f"{case[0]} {case[1]}" for case in REPLIES])
def test_replies_say(run, name, key, values):
    for hops in replies_of(trace_of(run, name)):
        assert [replies[0][key] for replies in hops] == values
        assert all(reply[key] == value for replies, value in zip(hops, values) for reply in replies)


def test_a_long_delay_is_measured(run):
    """50 to 60 ms each way, and 0.2 ms before; a busy machine adds, and nothing subtracts."""
    near, far = [], []
    for first, *others in replies_of(trace_of(run, "long-delay")):
        near += [reply["rtt_ms"] for reply in first]
        far += [reply["rtt_ms"] for replies in others for reply in replies]
    assert 0.4 <= min(near) < 100.4 <= min(far)


def test_a_mesh_has_crossing_links(run):
    file = File("meshed")
    names = {file.addresses(node, 4)[0]: node for node in file.nodes}
    links = {(names[link["from"]], names[link["to"]]) for link in trace_of(run, "meshed")["links"]}
    assert links == {("edge", "l1"), ("edge", "r1"), ("l1", "l2"), ("l1", "r2"), ("r1", "l2"), ("r1", "r2"),
                     ("l2", "merge"), ("r2", "merge"), ("merge", "dst")}


# ---- what is true of more than one table


def test_other_seeds_undo_the_polarisation(traceflow_lab):
    text = File("polarised").text.replace("hash-seed = 7", "hash-seed = 8", 1)
    assert len(truth(traceflow_lab, text)) == 4


def test_weights_are_shares(traceflow_lab):
    """3 of 4 flows; the standard deviation of 4096 of them is under 0.7 %."""
    paths = truth(traceflow_lab, "weighted", "--ports", "20000-24095")
    thick = sum(path[0][1][0] == "thick" for path in paths.values())
    assert 0.72 < thick / len(paths) < 0.78


def test_destinations_take_branches_and_flows_do_not(traceflow_lab):
    branches = {}
    for host in ("www", "mail", "ns1", "ns2"):
        paths = truth(traceflow_lab, "per-destination", "--to", host)
        assert len(paths) == 1
        branches[host] = paths[0][1][0]
    assert set(branches.values()) == {"left", "right"}


@pytest.mark.parametrize("number", [0, 31415, 99999])
def test_every_destination_of_the_internet_has_paths_of_its_own(run, traceflow_lab, number):
    name = f"d{number}.internet.example"
    paths = truth(traceflow_lab, "internet", "--to", name, "--ports", "33481-33484")
    trace = trace_of(run, "internet", "traceflow", "-n", "--paths", "4", name)
    for path in trace["paths"]:
        seen = [hop["replies"][0]["address"] for hop in path["hops"]]
        assert seen == [address for _, address in paths[path["src_port"]][0]]
        assert path["reached"]
