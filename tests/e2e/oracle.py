# SPDX-License-Identifier: GPL-2.0-or-later
"""What each frame of a capture must say, decoded a second time, from docs/WIRE.md's text alone, for tests only.

It shares no code with the C project, and is simpler: it knows Ethernet, and networks that treat quotes as the lab's
do. Where a packet does not say which TTL it answers, it says nothing of the TTL.
"""

import ipaddress
import struct
from dataclasses import dataclass, field

from scapy.utils import RawPcapNgReader

from stockholm import MAGIC, checksum, key

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
ECHO = {ICMP: (8, 0), ICMPV6: (128, 129)}                               # request, reply
ERRORS = {ICMP: (3, 11, 12), ICMPV6: (1, 2, 3, 4)}
PORT_UNREACHABLE = {ICMP: (3, 3), ICMPV6: (1, 4)}
SYN, RST, ACK = 0x02, 0x04, 0x10
MAX_ATTEMPTS = 32
PROBE, HOP, DESTINATION = "1", "2", "3"                                 # traceflow.kind


# --- headers -------------------------------------------------------------------------------------

@dataclass
class Packet:
    """An IP header, and all that follows of the packet; of a quote, as far as it goes."""
    version: int
    src: str
    dst: str
    ttl: int
    tos: int
    protocol: int
    length: int                         # of the packet, as its header has it
    ident: int                          # None over IPv6
    df: bool
    label: int
    payload: bytes
    captured: int                       # bytes from the IP header on


def address(data):
    return str(ipaddress.ip_address(data))


def ip_packet(data):
    """The Packet that begins data; its payload ends where the header says, or with the data."""
    if data[0] >> 4 == 4:
        head = (data[0] & 15) * 4
        length, ident, fragment = struct.unpack("!HHH", data[2:8])
        return Packet(4, address(data[12:16]), address(data[16:20]), data[8], data[1], data[9], length, ident,
                      bool(fragment & 0x4000), 0, data[head:length], min(len(data), length))
    first, length = struct.unpack("!IH", data[:6])
    return Packet(6, address(data[8:24]), address(data[24:40]), data[7], first >> 20 & 0xff, data[6], 40 + length,
                  None, False, first & 0xfffff, data[40:40 + length], min(len(data), 40 + length))


def ethernet_packet(data):
    """The Packet in a frame; None if it holds none."""
    return ip_packet(data[14:]) if data[12:14] in (b"\x08\x00", b"\x86\xdd") else None


def frames(capture):
    """(number, time in nanoseconds, bytes) of each frame."""
    for number, (data, meta) in enumerate(RawPcapNgReader(str(capture)), 1):
        assert meta.tsresol == 1_000_000_000, "the lab's captures are in nanoseconds"
        yield number, meta.tshigh << 32 | meta.tslow, data


# --- what a probe says ---------------------------------------------------------------------------

@dataclass
class Probe:
    """What the start of a probe says of itself: whole, or as quoted."""
    flow: tuple                         # protocol, source, destination, their ports or (identifier, 0)
    checksum: int                       # None: not quoted
    path: int = None                    # these by the tag, or by TCP's sequence number
    ttl: int = None
    attempt: int = None
    run_id: int = None
    packet: Packet = None
    frame: int = None
    time_ns: int = None


def tag_of(probe, payload):
    """Take over what the tag says."""
    if payload[:4] == MAGIC and len(payload) >= 16 and payload[4] == 1:
        probe.attempt, probe.path, probe.run_id, probe_id = struct.unpack("!xxxxxBHIH", payload[:14])
        probe.ttl = probe_id & 0xff


def said_by(packet, base):
    """The Probe that a packet, or the quote of one, may be; None if it is of no such kind."""
    data, protocol = packet.payload, packet.protocol
    if len(data) < 8:
        return None
    ends = (protocol, packet.src, packet.dst)
    if protocol == UDP:
        sport, dport, _, total = struct.unpack("!HHHH", data[:8])
        probe = Probe((*ends, sport, dport), total, packet=packet)
        tag_of(probe, data[8:])
        return probe
    if protocol in ECHO:
        if data[0] != ECHO[protocol][0]:
            return None
        total, ident, sequence = struct.unpack("!HHH", data[2:8])
        probe = Probe((*ends, ident, 0), total, ident - base, sequence & 0xff, packet=packet)
        tag_of(probe, data[8:])
        return probe
    if protocol == TCP:
        sport, dport, sequence = struct.unpack("!HHI", data[:8])
        total = struct.unpack("!H", data[16:18])[0] if len(data) >= 18 else None
        return Probe((*ends, sport, dport), total, sport - base, sequence >> 16 & 0xff, packet=packet)
    return None


def is_probe(probe):
    """Whether a whole packet is one, by its key."""
    packet = probe.packet
    if packet.protocol == TCP:
        return take_syn(probe)
    if probe.run_id is None:
        return False
    attempt = probe.attempt if packet.protocol == UDP else 0
    return probe.checksum == key(probe.run_id, probe.path, attempt)


def take_syn(probe):
    """The run ID is in the time stamp, the attempt is the one whose key is in the sequence number."""
    data = probe.packet.payload
    if len(data) != 32 or data[13] != SYN or data[20:24] != b"\x01\x01\x08\x0a":
        return False
    run_id, = struct.unpack("!I", data[24:28])
    low, = struct.unpack("!H", data[6:8])
    attempts = [n for n in range(MAX_ATTEMPTS) if key(run_id, probe.path, n) == low]
    if not attempts:
        return False
    probe.run_id, probe.attempt = run_id, attempts[0]
    return True


# --- what an ICMP error holds --------------------------------------------------------------------

@dataclass
class Error:
    kind: tuple                         # type and code
    quote: Packet
    quoted_len: int
    labels: list = field(default_factory=list)


def extension_at(message, unit):
    """Where the extension structure begins (RFC 4884 section 5), if there is one."""
    offset = message[5 if unit == 4 else 4] * unit or 128
    rest = message[8 + offset:]
    if len(rest) >= 4 and rest[0] >> 4 == 2 and checksum(rest) == 0:
        return offset
    return None


def labels_in(extension):
    """The labels of the MPLS objects (RFC 4950)."""
    labels, at = [], 4
    while at + 4 <= len(extension):
        length, kind, subtype = struct.unpack("!HBB", extension[at:at + 4])
        if (kind, subtype) == (1, 1):
            body = extension[at + 4:at + length]
            labels += [entry >> 12 for entry, in struct.iter_unpack("!I", body)]
        at += max(length, 4)
    return labels


def error_in(packet):
    """The Error that a packet is; None if it is none."""
    message = packet.payload
    if packet.protocol not in ERRORS or len(message) < 36 or message[0] not in ERRORS[packet.protocol]:
        return None
    at = extension_at(message, 4 if packet.protocol == ICMP else 8)
    quoted = message[8:] if at is None else message[8:8 + at]
    quote = ip_packet(quoted)
    labels = [] if at is None else labels_in(message[8 + at:])
    return Error((message[0], message[1]), quote, quote.captured, labels)


# --- the whole capture ---------------------------------------------------------------------------

def changed_fields(quote, probe):
    """The names of quoted fields that differ from the probe as captured."""
    now, then = quote.packet, probe.packet
    pairs = [("tos", now.tos, then.tos), ("length", now.length, then.length), ("ident", now.ident, then.ident),
             ("df", now.df, then.df), ("src", now.src, then.src), ("dst", now.dst, then.dst),
             ("src_port", quote.flow[3], probe.flow[3]), ("dst_port", quote.flow[4], probe.flow[4]),
             ("checksum", probe.checksum if quote.checksum is None else quote.checksum, probe.checksum),
             ("flow_label", now.label, then.label)]
    return ",".join(name for name, after, before in pairs if after != before)


class Oracle:
    """Reads frames in their order: say(…) is what each must show."""

    def __init__(self, base=33480):
        self.base = base
        self.probes = {}                # (path, TTL, attempt): the newest Probe
        self.answered = set()           # their frames

    def say(self, number, time_ns, data):
        """{field: value} of a frame of ours, its values as tshark prints them; {} of another."""
        packet = ethernet_packet(data)
        if packet is None:
            return {}
        error = error_in(packet)
        if error:
            quote = said_by(error.quote, self.base)
            probe = quote and self.quoted_probe(quote)
            return self.of_error(packet, error, quote, probe, time_ns) if probe else {}
        probe = said_by(packet, self.base)
        if probe and is_probe(probe):
            probe.frame, probe.time_ns = number, time_ns
            self.probes[probe.path, probe.ttl, probe.attempt] = probe
            return {"kind": PROBE, **self.common(probe, packet)}
        if packet.protocol == TCP and packet.payload[13] == ACK:
            return self.of_bare_acknowledgement(packet, time_ns)
        probe = self.answered_probe(packet)
        return self.of_reply(packet, DESTINATION, probe, time_ns) if probe else {}

    def quoted_probe(self, quote):
        """By the tag; else by flow and what else the first 8 bytes hold."""
        if quote.run_id is not None:
            return self.probes.get((quote.path, quote.ttl, quote.attempt))
        fits = [probe for probe in self.probes.values() if self.fits(quote, probe)]
        return max(fits, key=lambda probe: probe.frame, default=None)

    def fits(self, quote, probe):
        if quote.flow[0] == TCP:
            same = quote.packet.payload[:8] == probe.packet.payload[:8]
            return same or self.behind_nat(quote, probe)
        if quote.flow[0] == UDP and quote.packet.ident is not None:
            return (quote.flow, quote.checksum, quote.packet.ident) == (probe.flow, probe.checksum, probe.packet.ident)
        return quote.packet.payload[:8] == probe.packet.payload[:8]

    @staticmethod
    def behind_nat(quote, probe):
        """One port may be another's, not the sequence number."""
        return quote.packet.payload[4:8] == probe.packet.payload[4:8]

    def answered_probe(self, packet):
        """The probe that an answer of the probed protocol itself names."""
        data = packet.payload
        if packet.protocol in ECHO and len(data) >= 24 and data[0] == ECHO[packet.protocol][1]:
            answer = Probe((), None)
            tag_of(answer, data[8:])
            return self.probes.get((answer.path, answer.ttl, answer.attempt))
        if packet.protocol == TCP and data[13] & (SYN | RST) and data[13] & ACK:
            return self.acknowledged_probe(packet)
        return None

    def acknowledged_probe(self, packet):
        number, = struct.unpack("!I", packet.payload[8:12])
        sequence = struct.pack("!I", (number - 1) & 0xffffffff)
        fits = [probe for probe in self.probes.values()
                if probe.flow[0] == TCP and probe.packet.payload[4:8] == sequence]
        return fits[0] if fits else None

    def common(self, probe, shown):
        """shown is the packet whose Identification is."""
        said = {"path_id": str(probe.path), "ttl": str(probe.ttl), "run_id": f"0x{probe.run_id:08x}",
                "attempt": str(probe.attempt)}
        if shown is not None and shown.ident is not None:
            said["id"] = f"0x{shown.ident:04x}"
        return said

    def of_reply(self, packet, kind, probe, time_ns, quote=None):
        rtt_ns = time_ns - probe.time_ns
        self.answered.add(probe.frame)
        responder = "responder" if packet.version == 4 else "responder6"
        # An answer without a quote shows no Identification: its own is not the probe's.
        return {"kind": kind, **self.common(probe, quote), responder: packet.src, "probe_in": str(probe.frame),
                "rtt": f"{rtt_ns // 10**9}.{rtt_ns % 10**9:09d}"}

    def of_bare_acknowledgement(self, packet, time_ns):
        """It acknowledges an earlier SYN than the one that it answers: that is the only open one, or unknown."""
        earlier = self.acknowledged_probe(packet)
        if earlier is None:
            return {}
        meant = [probe for probe in self.probes.values() if probe.flow == earlier.flow and probe is not earlier
                 and probe.frame not in self.answered]
        if len(meant) == 1:
            return self.of_reply(packet, DESTINATION, meant[0], time_ns)
        said = self.of_reply(packet, DESTINATION, earlier, time_ns)
        return {name: value for name, value in said.items() if name not in ("ttl", "attempt", "probe_in", "rtt")}

    def of_error(self, packet, error, quote, probe, time_ns):
        kind = DESTINATION if error.kind == PORT_UNREACHABLE[packet.protocol] else HOP
        said = self.of_reply(packet, kind, probe, time_ns, error.quote)
        said["quoted_ttl"] = str(error.quote.ttl)
        said["quoted_len"] = str(error.quoted_len)
        said["changed"] = changed_fields(quote, probe)
        said["mpls.label"] = ",".join(map(str, error.labels))
        return {name: value for name, value in said.items() if value}


def read(capture, base=33480):
    """{frame number: {field: value}} of every frame."""
    oracle = Oracle(base)
    return {number: oracle.say(number, time_ns, data) for number, time_ns, data in frames(capture)}
