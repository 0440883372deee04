# SPDX-License-Identifier: GPL-2.0-or-later
"""The peers of traceflow: how each is asked, and its answer as rows of {TTL: address}."""

import json
import re
import shutil
from dataclasses import dataclass, field

from networks import DST

FLOWS = range(33481, 33545)
LIMIT_S = 30            # then a peer is cut off


@dataclass
class Answer:
    rows: list = field(default_factory=list)        # {TTL: address}, each as one path is printed
    pairs: set = field(default_factory=set)         # (TTL, address)
    links: set = field(default_factory=set)         # (address, address)


def of_rows(rows):
    """Neighbouring hops of a row are printed as a link."""
    pairs = {pair for row in rows for pair in row.items()}
    links = {(address, row[ttl + 1]) for row in rows for ttl, address in row.items() if ttl + 1 in row}
    return Answer(rows, pairs, links)


def scamper_documents(text, kind):
    documents = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [document for document in documents if document["type"] == kind]


def read_scamper_traces(text):
    return of_rows([{hop["probe_ttl"]: hop["addr"] for hop in trace.get("hops", [])}
                    for trace in scamper_documents(text, "trace")])


def read_tracelb(text):
    """Its links go from a node to sets of addresses, one behind the other: only the first set is next to it."""
    answer = Answer()
    nexts, first = {}, None
    for node in scamper_documents(text, "tracelb")[0].get("nodes", []):
        if first is None:
            first = node["addr"]
            answer.pairs.add((1, first))
        for distance, group in enumerate(node["links"]):
            for link in group:
                answer.pairs |= {(probe["ttl"], link["addr"]) for probe in link.get("probes", ())
                                 if probe["replyc"]}
            if distance == 0 and len(node["links"]) == 1:
                nexts[node["addr"]] = [link["addr"] for link in group]
    answer.links = {(address, following) for address in nexts for following in nexts[address]}
    answer.rows = list(walks(nexts, first, {})) if first else []
    return answer


def walks(nexts, address, row):
    """Every way through the graph, as it is drawn."""
    row = {**row, len(row) + 1: address}
    if address not in nexts or len(row) > 30:
        yield row
        return
    for following in nexts[address]:
        yield from walks(nexts, following, row)


def read_dublin(text):
    flows = json.loads(text)["flows"].values()
    return of_rows([until_last([(hop["sent"]["ip"]["ttl"], hop["received"]["ip"]["src"], hop["is_last"])
                                for hop in flow if hop.get("received")]) for flow in flows])


def until_last(hops):
    row = {}
    for ttl, address, is_last in sorted(hops):
        row[ttl] = address
        if is_last:
            break
    return row


def read_mtr(text):
    return of_rows([{hub["count"]: hub["host"] for hub in json.loads(text)["report"]["hubs"] if hub["host"] != "???"}])


def read_traceroute(text):
    hops = re.findall(r"^ *(\d+) +([0-9.]+) ", text, re.MULTILINE)
    return of_rows([{int(ttl): address for ttl, address in hops}])


def scamper_flows(destination):
    traces = [f"trace -P udp-paris -s {port} -d 33480 {destination}" for port in FLOWS]
    return ["scamper", "-O", "json", "-p", "10000"] + [word for trace in traces for word in ("-I", trace)]


# name: (command for a destination, reader of what it prints)
PEERS = {
    "scamper tracelb": (lambda to: ["scamper", "-O", "json", "-I", f"tracelb -P udp-sport -W 15 {to}"], read_tracelb),
    "scamper trace x 64": (scamper_flows, read_scamper_traces),
    "dublin-traceroute -n 64": (
        lambda to: ["sh", "-c", f"dublin-traceroute -n 64 -D 0 -T 12 {to} >&2; cat trace.json"], read_dublin),
    "mtr -u -c 10": (lambda to: ["mtr", "-u", "-n", "-c", "10", "--json", to], read_mtr),
    "traceroute -U": (lambda to: ["traceroute", "-U", "-n", "-q", "1", to], read_traceroute),
}


def missing(name):
    program = name.split()[0]
    return "" if shutil.which(program) else f"{program} is not installed"


def is_real(row, path):
    """Whether everything that a row shows is so on a path."""
    return all(ttl <= len(path) and path[ttl - 1] == address for ttl, address in row)


def judge_peer(answer, truth):
    """(pairs, real paths shown whole, false paths, false links), by all real paths: peers choose ports of their own."""
    links = {link for path in truth.whole for link in zip(path, path[1:])}
    whole = {tuple((ttl, address) for ttl, address in enumerate(path, 1) if address) for path in truth.whole}
    rows = {tuple(sorted(row.items())) for row in answer.rows}
    false = [row for row in rows if not any(is_real(row, path) for path in truth.whole)]
    return len(answer.pairs & truth.pairs), len(rows & whole), len(false), len(answer.links - links)


HEAD = ("case", "tool", "pairs", "of", "paths", "of", "false paths", "false links", "wall")
WIDTHS = (21, 24, 5, 4, 5, 4, 11, 11, 10)


def print_line(cells):
    print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, WIDTHS)).rstrip(), flush=True)


def ask(stage, truth, tool, command, read):
    """One line: what a tool says of a stage's network, once."""
    begin = [stage.case.name, tool]
    done = stage.run(LIMIT_S, list(map(str, command)))
    if done.status is None:
        return begin + [""] * 6 + [f"cut off after {LIMIT_S} s"]
    try:
        pairs, paths, false_paths, false_links = judge_peer(read(done.stdout), truth)
    except (ValueError, LookupError, TypeError):
        return begin + [""] * 6 + [f"status {done.status}, and nothing that can be read"]
    return begin + [pairs, len(truth.pairs), paths, len(truth.whole), false_paths, false_links, f"{done.seconds:.3f} s"]


def read_traceflow(text):
    trace = json.loads(text)["traces"][0]
    if trace.get("stable", True) is False:
        answer = of_rows([])
    else:
        answer = of_rows([row_of(path) for path in trace["paths"]])
    answer.pairs = {(hop["ttl"], reply["address"]) for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]}
    answer.links = {(link["from"], link["to"]) for link in trace["links"]}
    return answer


def row_of(path):
    told = ((hop["ttl"], hop["replies"][0]["address"] if hop["replies"] else hop["inferred"]) for hop in path["hops"])
    return {ttl: address for ttl, address in told if address}


def compare(stage, truth, traceflow):
    """One line for each tool that is here; a peer is asked once, and not for longer than LIMIT_S."""
    print_line(ask(stage, truth, "traceflow", [*traceflow, DST[4]], read_traceflow))
    for name, (command, read) in PEERS.items():
        reason = missing(name)
        print_line([stage.case.name, name] + [""] * 6 + [reason] if reason
                   else ask(stage, truth, name, command(DST[4]), read))
