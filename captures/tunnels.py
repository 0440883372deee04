# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs each of whose paths was captured in another form: encapsulated, or on an interface of its own."""

import dataclasses

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, Dot1Q, Ether
from scapy.layers.ppp import PPPoE
from scapy.packet import Raw

import capfile
from capfile import S, US, cooked, ethernet, raw_ip
from network import GATEWAY, START_NS, TARGET, Fate, Node, Run
from sample import pcapng

TUNNEL = ("203.0.113.251", "203.0.113.252")             # its two ends
TUNNEL6 = ("2001:db8:0:fe::1", "2001:db8:0:fe::2")


def vlan_mpls(packet, outgoing):
    labels = MPLS(label=24001, cos=0, s=0, ttl=64) / MPLS(label=24002, cos=0, s=1, ttl=64)
    tagged = Dot1Q(vlan=100, type=0x8847) / labels
    return bytes(Ether(**capfile.ends(outgoing), type=0x8100) / tagged / Raw(packet))


def pppoe(packet, outgoing):
    # Scapy's PPP would leave the protocol's first byte away, which PPPoE does not (RFC 2516 section 7).
    session = PPPoE(sessionid=17) / Raw(b"\x00\x21" + packet)
    return bytes(Ether(**capfile.ends(outgoing), type=0x8864) / session)


def between(ends, outgoing):
    src, dst = ends if outgoing else reversed(ends)
    return {"src": src, "dst": dst}


def gre(packet, outgoing):
    """With a key, hence 8 bytes (RFC 2890)."""
    outer = IP(**between(TUNNEL, outgoing), ttl=255, id=0, flags="DF")
    return ethernet(bytes(outer / GRE(key_present=1, key=7, proto=0x800) / Raw(packet)), outgoing)


def ip_in_ip(packet, outgoing):
    outer = IP(**between(TUNNEL, outgoing), ttl=64, id=0x1234, flags=0, proto=4)
    return ethernet(bytes(outer / Raw(packet)), outgoing)


def ip_in_ipv6(packet, outgoing):
    outer = IPv6(**between(TUNNEL6, outgoing), hlim=64, nh=4)
    return ethernet(bytes(outer / Raw(packet)), outgoing)


TUNNELS = {1: (vlan_mpls, "VLAN 100, MPLS 24001/24002"), 2: (pppoe, "PPPoE session 17"),
           3: (gre, "GRE over IPv4, key 7"), 4: (ip_in_ip, "IPv4 in IPv4"), 5: (ip_in_ipv6, "IPv4 in IPv6")}
INTERFACES = {1: (ethernet, "Ethernet"), 2: (cooked, "Linux cooked"), 3: (raw_ip, "raw IP")}
capfile.LINK_TYPES.update({link: 1 for link, _ in TUNNELS.values()})


def run_through(links, run_id, start_ns):
    """A run whose path N is captured in the form of links[N]: (link, what its first probe's comment says)."""
    branches = [Node("203.0.113.1"), Node("203.0.113.2", quote_len=28)]
    last = Node("203.0.113.9", mpls=((16001, 0, 1, 1),))
    run = Run({path: [GATEWAY, branches[path % 2], last, TARGET] for path in links}, run_id, start_ns)
    for i, (ttl, path) in enumerate((ttl, path) for ttl in range(1, 5) for path in links):
        link, what = links[path]
        first = len(run.frames)
        run.ask(i * 400 * US, path, ttl, fate=Fate(note=what if ttl == 1 else None))
        run.frames[first:] = [dataclasses.replace(frame, link=link) for frame in run.frames[first:]]
    return run


def tunnels():
    """Every path is seen in an encapsulation of its own."""
    run = run_through(TUNNELS, 0x369dea0f, START_NS + 16 * 3600 * S)
    return pcapng("tunnels", ethernet, run, "five encapsulations on one interface")


def interfaces():
    """Every path is seen on an interface of its own, each with another link type."""
    run = run_through(INTERFACES, 0x5bd1e995, START_NS + 17 * 3600 * S)
    return pcapng("interfaces", ethernet, run, "three interfaces with three link types")
