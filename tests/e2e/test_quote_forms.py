# SPDX-License-Identifier: GPL-2.0-or-later
"""However a router writes its error, and wherever a capture cuts it off: the same path is told, in tunnels, too."""

import json
import struct

import pytest
from scapy.layers.inet import ICMP, IP, IPOption
from scapy.layers.inet6 import (ICMPv6TimeExceeded, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop,
                                PadN)
from scapy.packet import Raw

from encapsulations import ENCAPSULATIONS, ETHERNET, OF_EITHER_VERSION, RAW, pcap_bytes
from probes import settled, udp_probe
from stockholm import checksum, probe, received

SOURCE, DESTINATION = "192.0.2.1", "198.51.100.9"
ROUTERS = ["203.0.113.1", "203.0.113.2", "203.0.113.3"]
ROUTERS6 = ["2001:db8:f::1", "2001:db8:f::2", "2001:db8:f::3"]
START_NS, STEP_NS, RTT_NS = 1_700_000_000_000_000_000, 100_000_000, 5_000_000
ROUTER_ALERT = IPOption(b"\x94\x04\x00\x00")
NOPS = [IPOption(b"\x01")] * 8


def extension():
    """RFC 4884 section 7, with an object that no report shows: of a class that nobody has."""
    head, objects = struct.pack("!BBH", 0x20, 0, 0), struct.pack("!HBB", 8, 200, 1) + b"what"
    return struct.pack("!BBH", 0x20, 0, checksum(head + objects)) + objects


def with_options(packet):
    packet = packet.copy()
    packet.options, packet.ihl, packet.len, packet.chksum = [ROUTER_ALERT], None, None, None
    return settled(packet)


def with_df(packet):
    packet = packet.copy()
    packet.flags, packet.chksum = "DF", None
    return settled(packet)


def host_order(packet):
    """The quote of a host that keeps flags and offset in its own byte order; no checksum follows."""
    data = bytearray(bytes(received(packet, 1)))
    data[6:8] = data[7::-1][:2]
    return bytes(data)


def plain_error(sent, responder, quoted, words=0, options=()):
    return settled(IP(src=responder, dst=SOURCE, ttl=250, options=list(options))
                   / ICMP(type=11, length=words) / Raw(quoted))


def padded(sent):
    return bytes(received(sent, 1)).ljust(128, b"\0")


# name: the probe as it is sent; the error that it gets
FORMS = {
    "whole": (lambda p: p, lambda p, r: plain_error(p, r, bytes(received(p, 1)))),
    "options in the error's header": (
        lambda p: p, lambda p, r: plain_error(p, r, bytes(received(p, 1))[:28], options=NOPS)),
    "options in the probe": (with_options, lambda p, r: plain_error(p, r, bytes(received(p, 1))[:32])),
    "options in both": (with_options, lambda p, r: plain_error(p, r, bytes(received(p, 1))[:32], options=NOPS)),
    "flags byte-swapped": (with_df, lambda p, r: plain_error(p, r, host_order(p)[:28])),
    "flags byte-swapped, whole": (with_df, lambda p, r: plain_error(p, r, host_order(p))),
    "RFC 4884, its length": (lambda p: p, lambda p, r: plain_error(p, r, padded(p) + extension(), words=32)),
    "RFC 4884, no length": (lambda p: p, lambda p, r: plain_error(p, r, padded(p) + extension())),
    "RFC 4884, another length": (lambda p: p, lambda p, r: plain_error(p, r, padded(p) + extension(), words=11)),
    "RFC 4884, a length beyond the end": (
        lambda p: p, lambda p, r: plain_error(p, r, padded(p) + extension(), words=255)),
    "RFC 4884, its length, options in the probe": (
        with_options, lambda p, r: plain_error(p, r, padded(p) + extension(), words=32)),
}


def exchange(form):
    sent_as, answered = FORMS[form] if form else (lambda p: p, lambda p, r: plain_error(p, r, bytes(received(p, 1))[:28]))
    for ttl, router in enumerate(ROUTERS, 1):
        packet = sent_as(probe(SOURCE, DESTINATION, 1, ttl))
        at = START_NS + ttl * STEP_NS
        yield at, bytes(packet)
        yield at + RTT_NS, bytes(answered(packet, router))


def exchange6(headers):
    """Extension headers before the UDP header of probes, hence in quotes; before ICMPv6 of errors, others."""
    for ttl, router in enumerate(ROUTERS6, 1):
        plain = udp_probe(6, 1, ttl)
        packet = plain
        if headers:
            packet = settled(IPv6(src=plain.src, dst=plain.dst, hlim=ttl, fl=plain.fl)
                             / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) / plain.payload)
        late = packet.copy()
        late.hlim = 1
        outer = IPv6(src=router, dst=packet.src, hlim=250)
        if headers:
            outer = outer / IPv6ExtHdrHopByHop() / IPv6ExtHdrFragment(m=1, id=7)
        at = START_NS + ttl * STEP_NS
        yield at, bytes(packet)
        yield at + RTT_NS, bytes(settled(outer / ICMPv6TimeExceeded() / Raw(bytes(late))))


def table(traceflow, path):
    done = traceflow("-n", "-r", path)
    return done.stdout.decode().split("\n\n")[0]


@pytest.fixture
def write(tmp_path):
    def to_file(linktype, frames):
        path = tmp_path / "forms.pcap"
        path.write_bytes(pcap_bytes(linktype, frames))
        return path

    return to_file


def shown(tshark, path):
    return tshark("-r", path, "-T", "fields", "-e", "traceflow.kind", "-e", "traceflow.path_id", "-e", "traceflow.ttl",
                  "-e", "traceflow.responder", "-e", "traceflow.responder6", "-e", "traceflow.probe_in")


@pytest.mark.parametrize("carrier", ["ethernet", "vlan", "gre", "vxlan", "nflog"])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_tells_the_path(traceflow, write, form, carrier):
    linktype, wrap = ENCAPSULATIONS[carrier]
    told = table(traceflow, write(RAW, list(exchange(None))))
    assert all(router in told for router in ROUTERS)
    frames = [(at, bytes(wrap(packet))) for at, packet in exchange(form)]
    assert table(traceflow, write(linktype, frames)) == told


@pytest.mark.parametrize("form", FORMS)
def test_the_plugin_shows_every_form(tshark, write, form):
    linktype, wrap = ENCAPSULATIONS["gre"]
    plain = shown(tshark, write(RAW, list(exchange(None))))
    assert plain.count("203.0.113.") == 3
    assert shown(tshark, write(linktype, [(at, bytes(wrap(packet))) for at, packet in exchange(form)])) == plain


@pytest.mark.parametrize("form, changed", [("whole", []), ("flags byte-swapped", ["df"]),
                                           ("flags byte-swapped, whole", ["df"])])
def test_flags_are_told(traceflow, tshark, write, form, changed):
    path = write(RAW, list(exchange(form)))
    done = traceflow("-n", "-r", path, "--format", "json")
    hops = json.loads(done.stdout)["traces"][0]["paths"][0]["hops"]
    assert [reply["changed"] for hop in hops for reply in hop["replies"]] == [changed] * len(ROUTERS)
    fields = tshark("-r", path, "-Y", "traceflow.kind == 2", "-T", "fields", "-e", "traceflow.changed")
    assert fields.split("\n")[:-1] == [",".join(changed)] * len(ROUTERS)


@pytest.mark.parametrize("sent_as, flags", [(with_df, 0x0041), (lambda p: p, 0x0040)])
def test_later_fragments_are_not_ours(traceflow, write, sent_as, flags):
    """What stands in the middle of another datagram looks like a probe's UDP header."""
    sent = sent_as(probe(SOURCE, DESTINATION, 1, 1))
    data = bytearray(bytes(received(sent, 1))[:28])
    struct.pack_into("!H", data, 6, flags)
    error = plain_error(sent, ROUTERS[0], bytes(data))
    done = traceflow("-n", "-r", write(RAW, [(START_NS, bytes(sent)), (START_NS + RTT_NS, bytes(error))]))
    assert done.returncode == 1 and ROUTERS[0] not in done.stdout.decode()


@pytest.mark.parametrize("carrier", ["vlan", "in-ipv6", "gre"])
def test_extension_headers(traceflow, tshark, write, carrier):
    linktype, wrap = OF_EITHER_VERSION[carrier]
    plain = write(RAW, list(exchange6(False)))
    told, fields = table(traceflow, plain), shown(tshark, plain)
    assert all(router in told for router in ROUTERS6)
    path = write(linktype, [(at, bytes(wrap(packet, 6))) for at, packet in exchange6(True)])
    assert table(traceflow, path) == told
    assert shown(tshark, path) == fields


@pytest.mark.parametrize("carrier", ["vlan", "vxlan"])
def test_cut_at_every_byte(traceflow, write, carrier):
    """As long as the quoted UDP header is there, the path is told; where it is not, only the probe is."""
    sent_as, answered = FORMS["RFC 4884, its length"]
    wrap = ENCAPSULATIONS[carrier][1]
    packet = sent_as(probe(SOURCE, DESTINATION, 1, 1))
    error = bytes(answered(packet, ROUTERS[0]))
    frame = bytes(wrap(error))
    at = frame.index(error)
    for length in range(len(frame) + 1):
        capture = [(START_NS, bytes(wrap(bytes(packet)))), (START_NS + RTT_NS, frame[:length])]
        done = traceflow("-n", "-r", write(ETHERNET, capture))
        is_told = length >= at + 20 + 8 + 28
        assert (ROUTERS[0] in done.stdout.decode()) == is_told, f"cut to {length} of {len(frame)} bytes"
        assert done.returncode == (0 if is_told else 1)
