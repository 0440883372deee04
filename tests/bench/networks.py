# SPDX-License-Identifier: GPL-2.0-or-later
"""The networks of the scoreboard: what is done to which router, in the kernel lab and in the simulator."""

from dataclasses import dataclass, field

EQUAL, UNEVEN, WIDE = "1,1,1,1/1,1,1", "1,1,2,2/1,1,2", ",".join(["1"] * 16)
DST = {4: "198.51.100.1", 6: "2001:db8:d::1"}
ROUTERS_LIMITED = "icmp-rate-per-peer = 1/s\nicmp-burst-per-peer = 6\n"    # as Linux limits by default
NAT = "nat-source = 203.0.113.7 2001:db8:f:7::7\n"

# m1 translates to its own address, which all others have a route to.
NAT_BY_CONNECTIONS = """nft -f - <<'END'
add table ip bench_nat
add chain ip bench_nat post {{ type nat hook postrouting priority srcnat; }}
add rule ip bench_nat post ip saddr 192.0.2.1 meta l4proto udp snat to 10.1.0.1{ports}
END"""
NAT_WITHOUT_MEMORY = """nft -f - <<'END'
add table ip bench_nat
add chain ip bench_nat post { type filter hook postrouting priority srcnat; }
add chain ip bench_nat pre { type filter hook prerouting priority raw; }
add rule ip bench_nat post ip saddr 192.0.2.1 meta l4proto udp ip saddr set 10.1.0.1
add rule ip bench_nat pre ip daddr 10.1.0.1 ip daddr set 192.0.2.1
END"""
LIMIT_ICMP = """echo 6168 >/proc/sys/net/ipv4/icmp_ratemask
echo 1000 >/proc/sys/net/ipv4/icmp_ratelimit"""


@dataclass(frozen=True)
class Case:
    name: str
    shape: str = UNEVEN
    kernel: tuple = ()                              # options of lab/kernel up
    scripts: dict = field(default_factory=dict)     # {host: shell script}, once it is up
    keys: dict = field(default_factory=dict)        # {router: lines of the topology}; "" for every router and dst
    silent: tuple = ()                              # hosts that cannot be seen at their TTL
    hidden: tuple = ()                              # hosts that have no TTL
    stable: bool = True
    options: tuple = ()                             # of traceflow
    named: str = ""                                 # the finding that the packets prove
    may: tuple = ()                                 # findings that are no error
    fixed: int = 0                                  # so many paths, none with a hole; 0: as the command line says
    slow: bool = False                              # waits more than it works: runs may overlap


CASES = (
    Case("equal", EQUAL),
    Case("uneven"),
    Case("silent routers", kernel=("--silent", "s1b2p1", "--silent", "m1"),
         keys={"s1b2p1": "silent = yes\n", "m1": "silent = yes\n"}, silent=("s1b2p1", "m1"), slow=True),
    Case("silent destination", kernel=("--silent", "dst"), keys={"dst": "silent = yes\n"}, silent=("dst",), slow=True),
    Case("16 wide", WIDE),
    Case("polarised", kernel=("--same-seed",), keys={"": "hash-seed = 7\n"}),
    Case("NAT that repairs", scripts={"m1": NAT_BY_CONNECTIONS.format(ports="")}, keys={"m1": NAT}, may=("repaired_nat",)),
    Case("NAT that does not", scripts={"m1": NAT_WITHOUT_MEMORY}, keys={"m1": NAT + "nat-quotes = leave\n"}, named="nat"),
    Case("NAT, random ports", scripts={"m1": NAT_BY_CONNECTIONS.format(ports=":1024-65535 fully-random")},
         keys={"m1": NAT + "nat-ports = random\n"}, may=("repaired_nat",)),
    Case("rate limit, m1", scripts={"m1": LIMIT_ICMP}, keys={"m1": ROUTERS_LIMITED}, named="rate_limited", slow=True),
    Case("rate limit, all", kernel=("--rate-limit",), keys={"": ROUTERS_LIMITED}, named="rate_limited", slow=True),
    Case("16 paths, all limited", kernel=("--rate-limit",), keys={"": ROUTERS_LIMITED}, fixed=16, named="rate_limited", slow=True),
    Case("per packet", kernel=("--per-packet", "r0"), keys={"r0": "balance = packet\n"}, stable=False, named="by_packet"),
    Case("TTL that stays", kernel=("--hidden", "m1"), keys={"m1": "ttl = keep\n"}, hidden=("m1",), may=("hidden_hops",)),
    Case("half lost", kernel=("--loss", "m1:50"), keys={"m1": "loss = 50%\nloss-back = 50%\n"},
         options=("--attempts", "10"), named="loss", slow=True),
)


def hosts(shape):
    """{host: next hosts}, r0 first and dst last, named as lab/kernel names them."""
    nexts, last = {}, "r0"
    for stage, lengths in enumerate(shape.split("/"), 1):
        merge = f"m{stage}"
        branches = [[f"s{stage}b{branch}p{place}" for place in range(1, int(length) + 1)]
                    for branch, length in enumerate(lengths.split(","), 1)]
        nexts[last] = [branch[0] for branch in branches]
        for branch in branches:
            nexts.update({host: [following] for host, following in zip(branch, branch[1:] + [merge])})
        last = merge
    return {**nexts, last: ["dst"], "dst": []}


def addresses(host):
    """IPv4 and IPv6, as in lab/kernel."""
    if host == "dst":
        return DST[4], DST[6]
    if host == "r0":
        return "10.0.0.1", "2001:db8::1"
    if host[0] == "m":
        return f"10.{host[1:]}.0.1", f"2001:db8:{host[1:]}::1"
    stage, rest = host[1:].split("b")
    branch, place = rest.split("p")
    return f"10.{stage}.{branch}.{place}", f"2001:db8:{stage}:{branch}::{place}"


def topology(case):
    """The text of a case for the simulator."""
    groups = [group_of(case, host, following) for host, following in hosts(case.shape).items()]
    return "[network]\nsource = 192.0.2.1 2001:db8:a::1\n" + "".join(groups)


def group_of(case, host, following):
    is_router = host != "dst"
    everywhere = case.keys.get("", "")
    if not is_router and "hash-seed" in everywhere:
        everywhere = ""
    return (f"[{'router' if is_router else 'host'} {host}]\naddress = {' '.join(addresses(host))}\n"
            + (f"next = {' '.join(following)}\n" if is_router else "") + everywhere + case.keys.get(host, ""))
