# SPDX-License-Identifier: GPL-2.0-or-later
"""pcapng as it may come: both readers tell the same of it, to the frame's number and the nanosecond."""

import json
import struct
import subprocess
from pathlib import Path

import pytest
from scapy.utils import RawPcapReader

import pcapng
from encapsulations import ENCAPSULATIONS, ETHERNET
from pcapng import Writer

TOP = Path(__file__).resolve().parents[2]
CAPTURES = sorted(TOP.glob("captures/*.pcap*"))
RAW, COOKED, RADIO, USB = 101, 113, 105, 220
SECOND = 1_000_000_000
by_capture = pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)


def read_by_prober(traceflow, path, **how):
    done = traceflow("-n", "-r", path, "--format", "json", **how)
    return done.stdout.decode(), done.stderr.decode()


def read_by_tshark(tshark, path):
    return tshark("-q", "-r", path, "-z", "traceflow,json")


@pytest.fixture(scope="module")
def packets():
    """(time_ns, IP packet) of a small trace."""
    reader = RawPcapReader(str(TOP / "captures/short-quotes.pcap"))
    return [(meta.sec * SECOND + meta.usec * 1000, data) for data, meta in reader]


@pytest.fixture(scope="module")
def plain(traceflow, captures):
    """What is told of these packets, in a file without any difficulty."""
    return read_by_prober(traceflow, captures / "short-quotes.pcap")[0]


def wrapped(kind, packet):
    linktype, wrap = ENCAPSULATIONS[kind]
    return linktype, bytes(wrap(packet))


def in_order(order):
    def write(packets):
        to = Writer(order)
        return to.section() + to.interface(RAW) + b"".join(to.frame(t, p) for t, p in packets)
    return write


def several_link_types(packets):
    to = Writer()
    kinds = ["ethernet", "cooked", "ppp", "nflog", "vlan"]
    out = to.section() + b"".join(to.interface(ENCAPSULATIONS[kind][0]) for kind in kinds)
    for i, (t, p) in enumerate(packets):
        out += to.frame(t, wrapped(kinds[i % 5], p)[1], i % 5)
    return out


def interfaces_of_other_sections(packets):
    """What interface 0 is changes with the section, as does the byte order."""
    half = len(packets) // 2
    cooked = [(t, wrapped("cooked", p)[1]) for t, p in packets[half:]]
    to = Writer(">")
    return (in_order("<")(packets[:half]) + to.section(minor=2) + to.interface(COOKED, resolution=b"\x06")
            + b"".join(to.frame(t // 1000, p) for t, p in cooked))


def described_late(packets):
    to, half = Writer(), len(packets) // 2
    return (to.section() + to.interface(ETHERNET)
            + b"".join(to.frame(t, wrapped("ethernet", p)[1]) for t, p in packets[:half]) + to.interface(RAW)
            + b"".join(to.frame(t, p, 1) for t, p in packets[half:]))


def units_of(resolution):
    return (2 if resolution & 0x80 else 10) ** (resolution & 0x7f)


def at_resolution(*resolutions, offset=None):
    """Each frame by another clock. Stamps that 64 bits do not hold are what is left of them."""
    def write(packets):
        to = Writer()
        out = to.section() + b"".join(to.interface(RAW, resolution=bytes([r]), offset=offset) for r in resolutions)
        for i, (t, p) in enumerate(packets):
            interface = i % len(resolutions)
            stamp = (t - SECOND * (offset or 0)) * units_of(resolutions[interface]) // SECOND
            out += to.frame(stamp & 0xffffffffffffffff, p, interface)
        return out
    return write


def no_resolution(packets):
    to = Writer(">")
    return (to.section() + to.interface(RAW, resolution=None)
            + b"".join(to.frame(t // 1000, p) for t, p in packets))


def said_twice(packets):
    """Of options that may stand once the first one counts, and none of another length than it must have."""
    to = Writer()
    options = [(pcapng.TIME_RESOLUTION, b"\x06\x06"), (pcapng.TIME_RESOLUTION, b"\x09"), (pcapng.TIME_RESOLUTION, b"\x06"),
               (pcapng.TIME_OFFSET, to.pack("i", 9)), (pcapng.TIME_OFFSET, to.pack("q", 5)),
               (pcapng.TIME_OFFSET, to.pack("q", 7)), (0, b""), (pcapng.TIME_OFFSET, b"after the end")]
    return (to.section() + to.block(pcapng.INTERFACE, to.pack("HHI", RAW, 0, 0), options)
            + b"".join(to.frame(t - 5 * SECOND, p) for t, p in packets))


def out_of_time(packets):
    """Offsets that lead out of what can be: before 1970, beyond 2106, beyond 64 bits."""
    to, offsets = Writer(), [-10**12, 10**12, 2**63 - 1, -2**63, 0]
    return (to.section() + b"".join(to.interface(RAW, offset=offset) for offset in offsets)
            + b"".join(to.frame(t, p, i % 5) for i, (t, p) in enumerate(packets)))


def old_blocks(packets):
    to = Writer(">")
    return to.section() + to.interface(RAW) + b"".join(to.old_frame(t, p) for t, p in packets)


def old_blocks_second_interface(packets):
    to = Writer()
    return (to.section() + to.interface(ETHERNET) + to.interface(RAW)
            + b"".join(to.old_frame(t, p, 1) for t, p in packets))


def simple_blocks(snaplen):
    """They have no time, and belong to the first interface, whose snap length is all that tells theirs."""
    def write(packets):
        to = Writer()
        return (to.section() + to.interface(RAW, snaplen) + to.interface(ETHERNET, 20)
                + b"".join(to.simple_frame(p[:snaplen or None], len(p)) for _, p in packets))
    return write


def cut_by_interface(packets):
    """A packet block says itself how much of its frame it holds, whatever the snap length."""
    to, snaplens = Writer(), [56, 96, 30, 0]
    return (to.section() + b"".join(to.interface(RAW, snaplen) for snaplen in snaplens)
            + b"".join(to.frame(t, p[:snaplens[i % 4] + 20], i % 4, len(p)) for i, (t, p) in enumerate(packets)))


def more_than_there_was(packets):
    """Captured bytes beyond the frame's own length: they are read."""
    to = Writer()
    return (to.section() + to.interface(RAW)
            + b"".join(to.frame(t, p, original=max(0, len(p) - 20 * (i % 5))) for i, (t, p) in enumerate(packets)))


def other_blocks(packets):
    """Between any two frames a block of another kind, some of which have a number of their own."""
    to = Writer()
    event = to.pack("HQQIH", 0, packets[0][0], 7, 30, 1) + bytes(8)
    others = [to.block(pcapng.CUSTOM, to.pack("I", 4711) + b"a custom block"),
              to.block(pcapng.CUSTOM_UNCOPIED, to.pack("I", 4711)),
              to.block(pcapng.JOURNAL, b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=hello\n"),
              to.block(pcapng.SYSCALL, event),
              to.block(pcapng.NAMES, to.pack("HH", 1, 10) + padded_name() + to.pack("HH", 0, 0)),
              to.block(pcapng.STATISTICS, to.pack("III", 0, 0, 0)),
              to.block(pcapng.SECRETS, to.pack("II", 0x544c534b, 4) + b"\n\n\n\n"),
              to.block(0x12345, b"who knows"), to.block(0x80000001, b""), to.block(7, bytes(8))]
    out = to.section() + to.interface(RAW)
    for i, (t, p) in enumerate(packets):
        out += to.frame(t, p) + others[i % len(others)]
    return out


def padded_name():
    return pcapng.padded(bytes([192, 0, 2, 1]) + b"name\0\0")


def strange_link_types(packets):
    """Frames that neither can read, one of them longer than a packet may be elsewhere, count as frames."""
    to = Writer()
    out = to.section() + to.interface(RADIO) + to.interface(RAW) + to.interface(USB)
    out += to.frame(packets[0][0], bytes(300_000), 2)
    for i, (t, p) in enumerate(packets):
        out += to.frame(t, p, 1) + to.frame(t, p, 0) * (i % 3)
    return out


def lengths_without_padding(packets):
    to = Writer()
    cut = [(t, p + b"\0" * (i % 4)) for i, (t, p) in enumerate(packets)]
    return to.section() + to.interface(RAW) + b"".join(to.frame(t, p, padding=False) for t, p in cut)


def commented(packets):
    to = Writer(">")
    options = [(1, b"a comment"), (2, to.pack("I", 1)), (0, b"")]
    return to.section() + to.interface(RAW) + b"".join(to.frame(t, p, options=options) for t, p in packets)


# Whether what is told is also what is told of the plain file; if not, numbers or times are others.
FILES = {
    "little-endian": (in_order("<"), True),
    "big-endian": (in_order(">"), True),
    "several link types": (several_link_types, True),
    "interfaces of other sections": (interfaces_of_other_sections, True),
    "an interface described late": (described_late, True),
    "clocks of 10^-9, 10^-6": (at_resolution(9, 6), True),
    "no resolution": (no_resolution, True),
    "clocks of 1, 10^-3, 2^-10, 2^-20, 2^-30": (at_resolution(0, 3, 0x8a, 0x94, 0x9e), False),
    "clocks of 10^-10 to 10^-12": (at_resolution(10, 11, 12), False),
    "clocks of 10^-19, 2^-34, 2^-63": (at_resolution(19, 0xa2, 0xbf), False),
    "offset": (at_resolution(9, 6, offset=1_500_000_000), True),
    "negative offset": (at_resolution(9, 6, offset=-1_000_000), True),
    "options twice": (said_twice, True),
    "out of time": (out_of_time, False),
    "obsolete blocks": (old_blocks, True),
    "obsolete blocks of the second interface": (old_blocks_second_interface, True),
    "simple blocks": (simple_blocks(0), False),
    "simple blocks cut short": (simple_blocks(57), False),
    "cut by interface": (cut_by_interface, False),
    "more than there was": (more_than_there_was, True),
    "other blocks": (other_blocks, False),
    "strange link types": (strange_link_types, False),
    "lengths without padding": (lengths_without_padding, True),
    "comments": (commented, True),
}


# Clocks whose stamps 64 bits do not hold have other times in Wireshark 4.6, and what stands against the format it calls
# damaged: an empty block of the number that Darwin uses for processes, a length without its padding.
OTHERWISE_IN_4_6 = {"clocks of 10^-10 to 10^-12", "clocks of 10^-19, 2^-34, 2^-63", "other blocks", "lengths without padding"}


@pytest.mark.parametrize("name", FILES)
def test_both_readers_agree(traceflow, tshark, packets, plain, tmp_path, name):
    write, is_plain = FILES[name]
    path = tmp_path / "made.pcapng"
    path.write_bytes(write(packets))
    told, complaint = read_by_prober(traceflow, path)
    assert complaint == "" and json.loads(told)["traces"]
    assert (told == plain) == is_plain
    if name not in OTHERWISE_IN_4_6 or " 4.6." not in tshark("--version").splitlines()[0]:
        assert told == read_by_tshark(tshark, path)


@pytest.mark.parametrize("resolution", [20, 0xc0, 0xff], ids=["10^-20", "2^-64", "2^-127"])
def test_a_clock_finer_than_later_versions_read(traceflow, tshark, packets, tmp_path, resolution):
    """Wireshark 4.0 takes the last bits that fit; 4.4 refuses the file."""
    path = tmp_path / "made.pcapng"
    path.write_bytes(at_resolution(6, resolution)(packets))
    told, complaint = read_by_prober(traceflow, path)
    assert complaint == "" and json.loads(told)["traces"]
    if " 4.0." in tshark("--version").splitlines()[0]:
        assert told == read_by_tshark(tshark, path)


@by_capture
def test_from_a_pipe(traceflow, capture):
    told = read_by_prober(traceflow, capture)
    with subprocess.Popen(["cat", capture], stdout=subprocess.PIPE) as cat:
        assert read_by_prober(traceflow, "-", stdin=cat.stdout)[0] == told[0]


@by_capture
def test_either_format_tells_the_same(traceflow, capture, tmp_path):
    """pcap is libpcap's to read, pcapng our own."""
    told = read_by_prober(traceflow, capture)[0]
    assert "traces" in told
    for suffix, form in {"pcap": "nsecpcap", "pcapng": "pcapng"}.items():
        if capture.stem == "interfaces" and suffix == "pcap":
            continue                                    # it has but one link type
        copy = tmp_path / f"copy.{suffix}"
        subprocess.run(["editcap", "-F", form, capture, copy], check=True)
        assert read_by_prober(traceflow, copy)[0] == told


def test_files_one_behind_the_other(traceflow, tshark, captures, tmp_path):
    """As cat puts them, and as mergecap does, of four link types."""
    names = [captures / f"{name}.pcapng" for name in ("nat", "mpls", "interfaces", "silent-duplicate")]
    both, merged = tmp_path / "both.pcapng", tmp_path / "merged.pcapng"
    both.write_bytes(b"".join(name.read_bytes() for name in names))
    subprocess.run(["mergecap", "-w", merged, *names, captures / "short-quotes.pcap", captures / "original.pcap"], check=True)
    for path, n_traces in {both: 4, merged: 6}.items():
        told, complaint = read_by_prober(traceflow, path)
        assert len(json.loads(told)["traces"]) == n_traces and complaint == ""
        assert told == read_by_tshark(tshark, path)


def test_frames_of_strange_link_types_are_accounted_for(traceflow, packets, tmp_path):
    to, path = Writer(), tmp_path / "made.pcapng"
    strange = to.frame(0, b"radio", 1)
    path.write_bytes(to.section() + to.interface(RAW) + to.interface(RADIO) + strange + to.frame(0, bytes(20)) + strange)
    done = traceflow("-r", path)
    assert done.returncode == 1
    assert b"(3 frames, 1 malformed, 2 of link types not supported)" in done.stderr


def damaged(to, packet):
    """What is behind a good frame: its bytes, and a word of what is said."""
    good = to.frame(0, packet)
    return {
        "a frame beyond all bounds": (to.frame(0, bytes(262_145)), "262145 bytes"),
        "a frame of 4 GiB": (good[:20] + to.pack("I", 0xffffffff) + good[24:], "4294967295 bytes"),
        "an unknown interface": (to.frame(0, packet, 1), "interface 1"),
        "a block of 4 GiB": (to.pack("II", 6, 0xfffffffc), "4294967292 bytes"),
        "a block of no length": (to.pack("II", 6, 0), "0 bytes"),
        "two lengths": (good[:-4] + to.pack("I", len(good) + 4), f"{len(good) + 4} bytes"),
        "an option out of its block": (to.frame(0, packet, options=[(1, b"1234")]).replace(
            to.pack("HH", 1, 4), to.pack("HH", 1, 9)), "option"),
        "a section of another version": (to.section(minor=3), "version 1.3"),
        "a section of no byte order": (to.section().replace(to.pack("I", 0x1a2b3c4d), b"1234"), "byte order"),
        "an interface of the last section": (to.section() + good, "interface 0"),
        "a simple block without an interface": (to.section() + to.simple_frame(packet), "interface 0"),
        "bytes behind a simple frame": (to.block(pcapng.SIMPLE, to.pack("I", 4) + bytes(8)), "a frame of 4 bytes"),
        "an end inside a block": (good[:-1], "truncated"),
        "a block that is promised": (to.pack("II", 6, 0x8000000), "truncated"),
        "an end inside a block's head": (good[:7], "truncated"),
    }


DAMAGES = list(damaged(Writer(), bytes(4)))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_read_before_the_damage_is_told(traceflow, as_nobody, packets, plain, public_dir, damage, order):
    to, path = Writer(order), public_dir / "damaged.pcapng"
    bad, word = damaged(to, packets[0][1])[damage]
    path.write_bytes(in_order(order)(packets) + bad + (b"" if word == "truncated" else to.frame(0, packets[1][1])))
    done = traceflow("-n", "-r", path, "--format", "json")
    assert done.returncode == 4 and done.stdout.decode() == plain
    line, = done.stderr.decode().splitlines()
    assert line.startswith(f"traceflow: {path}: ") and word in line
    argv = [*as_nobody, "tshark", "-q", "-r", path, "-z", "traceflow,json"]
    by_tshark = subprocess.run(argv, capture_output=True, timeout=60)
    assert by_tshark.returncode != 0 and by_tshark.stdout.decode() == plain


def test_no_memory_for_bytes_that_are_not_there(traceflow_path, tmp_path):
    """128 MiB are promised, by a block that may be so long, to a process that may not have them."""
    to, path = Writer(), tmp_path / "promise.pcapng"
    path.write_bytes(to.section() + to.interface(RAW) + struct.pack("<II", 6, 128 << 20) + bytes(1000))
    limited = f"ulimit -v 100000; exec {traceflow_path} -r {path}"
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=60)
    assert done.returncode == 4 and "truncated" in done.stderr, done.stderr
