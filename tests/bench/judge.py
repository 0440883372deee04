# SPDX-License-Identifier: GPL-2.0-or-later
"""A trace's JSON against the truth of its own flows."""

from dataclasses import dataclass, field


@dataclass
class Truth:
    """What the network really is: paths are tuples of addresses from TTL 1 on, None for what cannot be seen there."""
    by_port: dict       # {source port: set of paths}; several where packets are balanced
    pairs: set          # (TTL, address) that flows can find
    whole: set          # every real path

    def possible(self, port):
        return self.by_port.get(port, set())


@dataclass
class Verdict:
    false_links: list = field(default_factory=list)
    false_paths: list = field(default_factory=list)
    false_inferences: list = field(default_factory=list)    # paths that are false by hops that were inferred, not observed
    too_long: int = 0       # paths whose end was lost: the destination answered a higher TTL only
    holes: int = 0          # cells that were asked, and stayed without the answer that their flow's way has there
    missed: set = field(default_factory=set)
    names: set = field(default_factory=set)
    stable: bool = True
    distinct: int = 0
    probes: int = 0


def seen_path(path, silent=(), hidden=()):
    """A real path as a prober may see it."""
    return tuple(None if address in silent else address for address in path if address not in hidden)


def make_truth(by_port, everything, silent=(), hidden=()):
    ports = {port: {seen_path(path, silent, hidden) for path in paths} for port, paths in by_port.items()}
    whole = {seen_path(path, silent, hidden) for path in everything}
    pairs = {(ttl, address) for path in whole for ttl, address in enumerate(path, 1) if address}
    return Truth(ports, pairs, whole)


def judge(trace, truth):
    ports = {path["path_id"]: path["src_port"] for path in trace["paths"]}
    verdict = Verdict(
        stable=trace.get("stable", True) is not False,
        distinct=trace["distinct_paths"] or 0,
        names={finding["kind"] for finding in trace.get("findings", [])},
        probes=sum(hop["sent"] for path in trace["paths"] for hop in path["hops"]),
        missed=truth.pairs - observed_pairs(trace),
    )
    verdict.holes = sum(is_hole(hop, truth.possible(path["src_port"])) for path in trace["paths"] for hop in path["hops"])
    verdict.false_links = [(link["from"], link["to"], path_id) for link in trace["links"]
                           for path_id in link["path_ids"] if not has_link(truth.possible(ports[path_id]), link)]
    if verdict.stable:
        for path in trace["paths"]:
            judge_path(verdict, path, truth.possible(path["src_port"]))
    elif verdict.distinct:
        verdict.false_paths = ["no path is stable, and yet some are counted"]
    return verdict


def judge_path(verdict, path, possible):
    """A path that is not stable is not said to be one."""
    if not path.get("stable", True):
        return
    observed = [real for real in possible if agrees(path, real, observed_at)]
    whole = [real for real in observed if agrees(path, real, told_at)]
    if not observed:
        verdict.false_paths.append(path["path_id"])
    elif not whole:
        verdict.false_inferences.append(path["path_id"])
    elif is_ended(path) and all(path["length"] > len(real) for real in whole):
        verdict.too_long += 1


def observed_pairs(trace):
    return {(hop["ttl"], reply["address"]) for path in trace["paths"] for hop in path["hops"] for reply in hop["replies"]}


def has_link(paths, link):
    return any((link["from"], link["to"]) in zip(path, path[1:]) for path in paths)


def is_hole(hop, paths):
    return hop["sent"] > 0 and not hop["replies"] and all(hop["ttl"] <= len(real) and at(real, hop["ttl"]) for real in paths)


def is_ended(path):
    return path["reached"] or path.get("reach_inferred")


def agrees(path, real, said_at):
    """Whether everything that a row says is so on a real path."""
    ends = path["reached"] or (said_at is told_at and path.get("reach_inferred"))
    if ends and path["length"] < len(real):
        return False
    return all(address == at(real, hop["ttl"]) for hop in path["hops"] for address in said_at(hop))


def observed_at(hop):
    return [reply["address"] for reply in hop["replies"]]


def told_at(hop):
    return observed_at(hop) + ([hop["inferred"]] if hop["inferred"] else [])


def at(real, ttl):
    """Behind its end a flow meets the destination again and again."""
    return real[min(ttl, len(real)) - 1]
