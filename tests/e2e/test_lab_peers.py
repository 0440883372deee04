# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulator judged by others: traceroute, mtr, ping, tracepath, scamper, dublin-traceroute, tcpdump and tshark."""

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulated import traceflow_lab as _traceflow_lab
from simulated import why_not
from topologies import NAMES, SEEN, File, row, truth

traceflow_lab = _traceflow_lab
PORT, DPORT = 33481, 33480
PATIENCE = 5                                            # seconds, where everybody answers: it costs none
SEARCH = os.environ["PATH"] + ":/usr/sbin:/sbin"
ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9a-f]+:[0-9a-f:]+")

CASES = [(name, version) for name in NAMES for version in (4, 6) if File(name).has(version)]


def need(*tools):
    for tool in tools:
        if shutil.which(tool, path=SEARCH) is None:
            pytest.skip(f"{tool} is not installed")


@pytest.fixture(scope="session")
def run(traceflow_lab):
    """run(topology, command, …): its standard output, whatever its exit status, as an ordinary user or as root."""

    def run_in(topology, *command, user=True, timeout=60):
        need(command[0])
        reason = why_not(user)
        if reason:
            pytest.skip(reason)
        done = traceflow_lab.run(topology, "env", f"PATH={SEARCH}", *command, user=user, timeout=timeout)
        assert "traceflow-lab:" not in done.stderr
        return done.stdout

    return run_in


def traceroute_cells(text):
    """[cell, …]: address, and what stands behind it as traceflow would print it."""
    cells = []
    for line in text.splitlines()[1:]:
        address = ADDRESS.search(line.split(maxsplit=1)[1])
        labels = re.findall(r"L=(\d+)", line)
        mark = re.search(r"!\S+", line)
        cells.append("*" if not address else address[0] + (f" {mark[0]}" if mark else "")
                     + (f" [MPLS {'/'.join(labels)}]" if labels else ""))
    return cells


# Where the kernel cannot tell whose a quote is: it goes by addresses and ports.
LOST_IN_KERNEL = {
    "nat-stateless": {"carrier", "left", "right", "merge", "dst"},
    "quote-faults": {"src-port", "dst-port", "src", "dst"},
}


def true_path(traceflow_lab, file, version):
    ports = f"{PORT}-{PORT}"
    return truth(traceflow_lab, file.name, "--to", file.destination(), "--ports", ports, version=version)[PORT][0]


def cells_for_kernel(file, path, version):
    lost = LOST_IN_KERNEL.get(file.name, ())
    nodes = [node for node, _ in path if node not in SEEN[file.name].unseen]
    cells = row(file, path, version)
    return ["*" if node in lost else cell for node, cell in zip(nodes, cells)] if lost else cells


@pytest.fixture(scope="session")
def traced(run, traceflow_lab):
    """{(name, version): (expected cells, traceroute's output)} of one flow, whose ports are given."""

    def trace(name, version):
        file, seen = File(name), SEEN[name]
        expected = cells_for_kernel(file, true_path(traceflow_lab, file, version), version)
        depth = seen.width or seen.cut or max(len(expected), 5)
        patience = "0.5" if name == "loss" or any("*" in cell for cell in expected) else PATIENCE
        return expected, run(name, "traceroute", f"-{version}", "-n", "-e", "-U", "-p", DPORT, f"--sport={PORT}", "-q",
                             8 if name == "loss" else 1, "-w", patience, "-m", depth, file.destination())

    with ThreadPoolExecutor(4) as pool:  # they wait most of the time
        return dict(zip(CASES, pool.map(trace, *zip(*CASES))))


@pytest.mark.parametrize("name, version", CASES, ids=[f"{name}-{version}" for name, version in CASES])
def test_traceroute_sees_every_topology(traced, name, version):
    """Hop by hop the path that the flow truly takes, with marks and labels."""
    expected, text = traced[name, version]
    cells = traceroute_cells(text)
    assert len(cells) == len(expected)
    assert all(cell in wanted.split(" or ") for cell, wanted in zip(cells, expected)), text


def test_traceroute_reads_extensions_behind_a_long_quote(run):
    """RFC 4884, with a length field that is not the usual 128 bytes: tshark 4.0 does not look there."""
    text = run("interface-info", "traceroute", "-4", "-n", "-e", "-q", 1, "-w", PATIENCE, "dst.example", 1400)
    assert [re.findall(r"<(.*)>", line) for line in text.splitlines()[1:]] == [
        ["2/15:00000003,00010000,0a000001,0c78652d,302f302f,33000000,000005dc"],
        ["MPLS:L=16017,E=0,S=1,T=1;2/10:00000205,08616531,37000000"], ["2/8:00000002"], []]


def columns(file, paths, version=4):
    """What may answer at each TTL."""
    shown = [row(file, path, version) for path in paths]
    return [{cell for cells in shown for cell in cells[ttl : ttl + 1]} for ttl in range(max(map(len, shown)))]


def assert_among(cells, file, paths, version=4):
    """Each answer is one that some path gives at its TTL, and the last one is the destination's."""
    allowed = columns(file, paths, version)
    assert len(cells) in {len(path) for path in paths}
    assert all(cell in choice for cell, choice in zip(cells, allowed)), (cells, allowed)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("method", [(), ("-I",), ("-T", "-p", 80), ("-T", "-p", 443), ("-T", "-p", 81)],
                         ids=lambda method: " ".join(map(str, method)) or "udp")
@pytest.mark.parametrize("name", ["diamond", "uneven-branches", "long-delay"])
def test_traceroute_by_other_ways(run, traceflow_lab, name, method, version):
    file = File(name)
    protocol = {"-I": "icmp", "-T": "tcp"}.get(method[0] if method else "", "udp")
    paths = truth(traceflow_lab, name, "--protocol", protocol, version=version)
    text = run(name, "traceroute", f"-{version}", "-n", *method, "-q", 1, "-w", PATIENCE, file.destination())
    assert_among(traceroute_cells(text), file, paths, version)


@pytest.mark.parametrize("method, expected", [
    ((), ["10.0.0.1", "10.0.1.1 !X"]),
    (("-T", "-p", 25), ["10.0.0.1", "10.0.1.1 !X"]),
    (("-T", "-p", 80), ["10.0.0.1", "10.0.1.1", "10.0.2.1", "198.51.100.1"]),
    (("-I",), ["10.0.0.1", "10.0.1.1", "10.0.2.1", "198.51.100.1"]),
])
def test_the_firewall_lets_pass_what_it_should(run, method, expected):
    text = run("firewall", "traceroute", "-4", "-n", *method, "-q", 1, "-w", PATIENCE, "www.example")
    assert traceroute_cells(text) == expected


@pytest.mark.parametrize("version", [4, 6])
def test_traceroute_finds_the_path_mtu(run, version):
    text = run("path-mtu", "traceroute", f"-{version}", "-n", "--mtu", "-q", 1, "-w", PATIENCE, "dst.example")
    sizes = [re.findall(r"F=(\d+)", line) for line in text.splitlines()[1:]]
    assert sizes == [["1500"], [], ["1400"], ["1280"]], text


@pytest.mark.parametrize("version", [4, 6])
def test_tracepath_finds_the_path_mtu(run, version):
    """It sends full packets; Linux stores what it learns per destination, so each family asks for itself."""
    text = run("path-mtu", "tracepath", f"-{version}", "-n", "dst.example")
    hops = File("path-mtu")
    assert re.findall(r"pmtu (\d+)", text) == ["1500", "1400", "1280", "1280"], text
    assert "hops 4 back 4" in text
    for ttl, node in enumerate(["edge", "core", "tunnel", "dst"], 1):
        assert re.search(rf"^ *{ttl}: +{re.escape(hops.addresses(node, version)[0])} ", text, re.M), text


@pytest.mark.parametrize("version", [4, 6])
def test_ping_is_answered_all_along(run, version):
    """Echo replies with the destination's TTL less the routers on the way back; and errors, TTL by TTL."""
    file = File("uneven-branches")
    text = run("uneven-branches", "ping", f"-{version}", "-n", "-c", 2, "-i", "0.2", "dst.example")
    assert "2 received" in text
    assert {int(ttl) for ttl in re.findall(r"ttl=(\d+)", text)} <= {64 - routers for routers in (5, 6, 7)}
    text = run("uneven-branches", "ping", f"-{version}", "-n", "-c", 1, "-t", 1, "dst.example")
    assert re.search(rf"From {file.addresses('r0', version)[0]}:? icmp_seq=1 Time (to live )?exceeded", text), text


def mtr_hops(text):
    return [hub["host"] if hub["host"] != "???" else "*" for hub in json.loads(text)["report"]["hubs"]]


@pytest.mark.parametrize("method", [(), ("--udp",), ("--tcp", "-P", 80)],
                         ids=lambda method: " ".join(map(str, method)) or "icmp")
@pytest.mark.parametrize("name, version", [("long-delay", 4), ("mpls-tunnel", 6)])
def test_mtr_sees_the_path(run, traceflow_lab, name, version, method):
    """On lines: mtr sends each probe of UDP and TCP from another port. Short intervals are root's."""
    file = File(name)
    [path] = truth(traceflow_lab, name, "--to", file.destination(), version=version)
    text = run(name, "mtr", f"-{version}", "-n", "--json", "-c", 2, "-i", "0.1", "-G", "1", *method,
               file.destination(), user=False)
    assert mtr_hops(text) == [cell.split(" [")[0] for cell in row(file, path, version)]


def test_mtr_report_of_an_ordinary_user(run):
    """With names."""
    text = run("diamond", "mtr", "-4", "--report", "-c", 1, "-G", "0.5", "dst.example")
    names = [line.split()[1] for line in text.splitlines() if "|--" in line]
    assert names[0] == "edge.isp.example" and names[2:] == ["merge.core.example", "dst.example"], text
    assert names[1] in ("left.core.example", "right.core.example")


def scamper(run, name, command):
    """The one result of a scamper command; it insists on setgroups, hence on root."""
    text = run(name, "scamper", "-O", "json", "-p", 1000, "-I", command, user=False)
    documents = [json.loads(line) for line in text.splitlines()]
    return [document for document in documents if not document["type"].startswith("cycle")][0]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("method, protocol", [
    (f"udp-paris -s {PORT} -d {DPORT}", "udp"), ("icmp-paris", "icmp"), (f"tcp -s {PORT} -d 80", "tcp")])
@pytest.mark.parametrize("name", ["diamond", "uneven-branches"])
def test_scamper_traces_one_flow(run, traceflow_lab, name, method, protocol, version):
    """The whole path of its flow, where it tells the ports; else one of the true ones."""
    file = File(name)
    destination = file.addresses("dst", version)[0]
    trace = scamper(run, name, f"trace -P {method} -w 1 {destination}")
    port = trace.get("sport", 0)
    ports = () if protocol == "icmp" else ("--ports", f"{port}-{port}", "--dport", trace["dport"])
    paths = truth(traceflow_lab, name, "--protocol", protocol, *ports, version=version)
    paths = paths[port] if ports else paths
    assert trace["stop_reason"] == "COMPLETED"
    assert [hop["addr"] for hop in trace["hops"]] in [row(file, path, version) for path in paths]


def test_scamper_finds_all_branches(run, traceflow_lab):
    """Paris traceroute's multipath detection, in a mesh: the routers of each row, between those that all flows pass."""
    file = File("meshed")
    found = scamper(run, "meshed", f"tracelb -c 99 -W 15 -w 1 -P udp-dport {file.addresses('dst', 4)[0]}")
    rows = []
    for node in found["nodes"]:
        rows.append({node["addr"]})
        rows += [{link["addr"] for link in links} for links in node["links"]]
    rows = [row for row, before in zip(rows, [None, *rows]) if row != before]
    assert rows == columns(file, truth(traceflow_lab, "meshed"))


@pytest.mark.parametrize("name", ["uneven-branches", "nat"])
def test_dublin_traceroute_sees_every_flow(run, traceflow_lab, name):
    """Source port 12345; destination ports from 33434 on tell its flows apart."""
    need("dublin-traceroute")
    flows, file = 8, File(name)
    tool = f'cd "$HOME" && dublin-traceroute -n {flows} -T 9 -D 4 dst.example >/dev/null 2>&1; cat trace.json'
    found = json.loads(run(name, "sh", "-c", tool, user=False))["flows"]
    assert len(found) == flows
    for dport, hops in found.items():
        path = truth(traceflow_lab, name, "--ports", "12345-12345", "--dport", dport)[12345][0]
        for hop, cell in zip(hops, row(file, path)):
            if dport == "33434" and hop["received"] is None:
                continue  # the first answers may come before it listens
            assert hop["received"]["ip"]["src"] == cell
        assert len(hops) >= len(path)


# ---- captures on the lab's device

SOURCE_MAC = "02:00:00:00:00:01"
CHECK = [part for name in ("ip", "udp", "tcp") for part in ("-o", f"{name}.check_checksum:TRUE")]
# What traceroute fills its packets with is of no protocol, whatever its ports are elsewhere.
CHECK += [part for name in ("udp", "tcp") for part in ("-d", f"{name}.port==1-65535,data")]

# What tcpdump has not read when it ends is lost: so it reads a mark first, in a ping.
TCPDUMP = """
capture=$1 host=$2 tools=$3
tcpdump -i tf0 -s 2000 -B 16384 -U --immediate-mode -w "$capture" 2> "$capture.log" & tcpdump=$!
until grep -qs listening "$capture.log"; do sleep 0.02; done
{commands}
ping -4 -n -q -c 1 -W 0.1 -p 7468656d61726b "$host"
until grep -qa themark "$capture"; do sleep 0.02; done
kill $tcpdump
wait $tcpdump
"""

# UDP, ICMP and TCP in both families, as far as a topology has them, large packets too; with little patience.
SESSION = """
"$tools/traceflow" -n --paths 4 --timeout 0.1 --attempts 1 --gap-limit 1 --ttl 12 "$host"
for family in 4 6; do
    traceroute -$family -n -q 2 -N 24 -w 0.1 -m 12 "$host" 1400
    traceroute -$family -n -q 2 -N 24 -w 0.1 -m 12 -I "$host"
    traceroute -$family -n -q 1 -N 24 -w 0.1 -m 12 -T -p 443 "$host"
done
timeout 0.3 bash -c "exec 3<> /dev/tcp/$host/80; echo hello >&3; exec 3>&-; sleep 0.1"
"""

# A packet of ECT(0) for each hop.
ECN_SESSION = 'traceroute -4 -n -I -t 2 -q 1 -w 5 "$host"; traceroute -4 -n -U -t 2 -q 1 -w 5 "$host"'


@pytest.fixture(scope="session")
def capture(traceflow_lab, traceflow_path, public_dir):
    """capture(topology, commands, label) -> the file of what tcpdump saw of them."""
    need("tcpdump", "traceroute", "tshark")
    folder = public_dir / "captured"
    folder.mkdir()
    folder.chmod(0o777)
    traceflow_lab.readable(traceflow_path).rename(folder / "traceflow")

    def capture_in(name, commands, label):
        file = folder / f"{name}-{label}.pcap"
        done = traceflow_lab.run(name, "env", f"PATH={SEARCH}", "sh", "-c", TCPDUMP.format(commands=commands), "sh",
                                 file, File(name).destination(), folder, timeout=120)
        log = file.with_suffix(".pcap.log").read_text()
        assert "\n0 packets dropped by kernel" in log, log + done.stderr
        return file

    return capture_in


@pytest.fixture(scope="session")
def captured(capture):
    """A capture of the long session in each topology: {name: file}."""
    with ThreadPoolExecutor(4) as pool:  # they wait most of the time
        files = pool.map(lambda name: capture(name, SESSION, "session"), NAMES)
        return dict(zip(NAMES, files))


def flagged(tshark, capture, condition):
    """The lines of packets that a display filter finds; the lab's own, not the prober's."""
    return tshark("-n", *CHECK, "-r", capture, "-Y", f"eth.src != {SOURCE_MAC} && ({condition})").splitlines()


CHECKSUMS = {"ip": "ip.checksum.status", "udp": "udp.checksum.status", "tcp": "tcp.checksum.status",
             "icmp": "icmp.checksum.status", "icmpv6": "icmpv6.checksum.status", "ext": "icmp.ext.checksum.status"}


@pytest.fixture(scope="session")
def merged(captured, public_dir):
    """All captures as one, but for quotes that are garbled by intent."""
    need("mergecap")
    whole = public_dir / "captured/merged.pcap"
    files = [file for name, file in captured.items() if name != "quote-faults"]
    subprocess.run(["mergecap", "-a", "-F", "pcap", "-w", whole, *files], check=True, timeout=60)
    return whole


def test_tcpdump_sees_what_tshark_sees(captured):
    done = subprocess.run(["tcpdump", "-nn", "-r", captured["mpls-tunnel"], "-v"], capture_output=True, text=True,
                          timeout=60)
    assert "ICMP time exceeded in-transit" in done.stdout and "MPLS" in done.stdout
    assert "bad cksum" not in done.stdout and "incorrect" not in done.stdout


def test_all_checksums_are_right(tshark, merged):
    bad = " || ".join(f"{field} == 0" for field in CHECKSUMS.values())
    assert flagged(tshark, merged, bad) == []
    for protocol, field in CHECKSUMS.items():
        assert len(flagged(tshark, merged, f"{field} == 1")) > 5, f"no {protocol} checksum was validated"


def test_nothing_is_malformed(tshark, merged):
    assert flagged(tshark, merged, "_ws.malformed || _ws.unreassembled || ip.bogus_header_length") == []


def test_garbled_quotes_are_whole_packets_all_the_same(tshark, captured):
    """Outer checksums are right; what is wrong inside is what the topology says."""
    text = tshark("-n", *CHECK, "-r", captured["quote-faults"], "-Y", f"eth.src != {SOURCE_MAC} && icmp",
                  "-T", "fields", "-E", "occurrence=f", "-e", "ip.checksum.status", "-e", "icmp.checksum.status")
    assert set(text.splitlines()) == {"1\t1"}


def test_the_checks_would_find_a_wrong_byte(tshark, merged, public_dir):
    spoiled = public_dir / "captured/spoiled.pcap"
    subprocess.run(["editcap", "-F", "pcap", "-E", "0.02", "--seed", "1", merged, spoiled], check=True, timeout=60)
    bad = " || ".join(f"{field} == 0" for field in CHECKSUMS.values())
    assert len(flagged(tshark, spoiled, bad)) > 100


def test_tshark_reads_interface_information(tshark, captured):
    """RFC 5837, by a dissector that nobody here wrote."""
    fields = [part for key in ("index", "name", "mtu", "ipv4") for part in ("-e", f"icmp.int_info.{key}")]
    text = tshark("-n", "-r", captured["interface-info"], "-Y", "icmp.length == 32 && ip.src == 10.0.0.1",
                  "-T", "fields", *fields)
    assert set(text.splitlines()) == {"3\txe-0/0/3\t1500\t10.0.0.1"}


def test_ecn_is_bleached(tshark, capture):
    """ECT(0) is sent; edge and bleach quote it, who comes behind them does not."""
    file = capture("ecn-bleaching", ECN_SESSION, "ecn")
    text = tshark("-n", "-r", file, "-Y", "icmp.type == 11 || icmp.type == 3", "-T", "fields", "-e", "ip.src",
                  "-e", "ip.dsfield.ecn")
    quoted = {line.split(",")[0]: line.split(",")[-1] for line in text.splitlines()}
    assert quoted == {"10.0.0.1": "2", "10.0.1.1": "2", "10.0.2.1": "0", "198.51.100.1": "0"}


@pytest.mark.parametrize("version", [4, 6])
def test_quotes_have_their_lengths(tshark, captured, version):
    """Of 1400 bytes: IP header and 8 bytes; 128; what makes an error of 576 bytes (ICMPv6: 1280); and a whole MTU."""
    file = File("short-quotes")
    lengths = {"bare": (28, 48), "some": (128, 128), "most": (548, 1232), "all": (1400, 1232)}
    icmp, length = ("icmp.type == 11", "ip.len") if version == 4 else ("icmpv6.type == 3", "ipv6.plen")
    text = tshark("-n", "-r", captured["short-quotes"], "-Y", icmp, "-T", "fields", "-E", "occurrence=f", "-e",
                  "ip.src" if version == 4 else "ipv6.src", "-e", length)
    largest = {}
    for line in text.splitlines():
        source, total = line.split("\t")
        quote = int(total) - (28 if version == 4 else 8)
        largest[source] = max(quote, largest.get(source, 0))
    assert largest == {file.addresses(node, version)[0]: both[version == 6] for node, both in lengths.items()}
