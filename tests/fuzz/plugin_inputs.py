# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs for the plugin: what is made of a capture, chosen by a random number generator."""

import dataclasses
import subprocess

import plugin_frames as frames_of
from plugin_frames import S

RANDPKT_TYPES = ("arp", "dns", "eth", "icmp", "ip", "ipv6", "llc", "tcp", "udp", "sctp", "tr", "fddi", "syslog")
FRAMES_MAX = 3000                                       # an input stays a matter of a second


def do(*argv):
    subprocess.run(list(map(str, argv)), check=True, capture_output=True, timeout=60)


class Maker:
    """Makes one input after the other out of `captures`, in the directory `scratch`."""

    def __init__(self, captures, scratch):
        self.scratch = scratch
        self.files = sorted(captures)
        self.frames = {path: frames_of.read(path, scratch) for path in self.files}

    def make(self, rng, path):
        """A capture at `path`; returns the name of its recipe."""
        recipe = rng.choice(RECIPES)
        recipe(self, rng, path)
        return recipe.__name__

    def source(self, rng):
        return rng.choice(self.files)

    def some_frames(self, rng):
        """A capture's frames; of a long one, a part."""
        frames = []
        while not frames:
            frames = self.frames[self.source(rng)]
        start = rng.randrange(max(1, len(frames) - FRAMES_MAX))
        return frames[start:start + FRAMES_MAX]


def spoilt(maker, rng, path):
    do("editcap", "-E", rng.choice((0.001, 0.005, 0.02, 0.05, 0.2)), "--seed", rng.randrange(1 << 31),
       *rng.choice(((), ("-o", 14), ("-o", 42))), maker.source(rng), path)


def snapped(maker, rng, path):
    """Every length at which something is cut off: from inside the link layer to behind the tag."""
    do("editcap", "-s", rng.randrange(1, 160), maker.source(rng), path)


def chopped(maker, rng, path):
    do("editcap", "-C", rng.choice((-1, 1)) * rng.randrange(1, 40), *rng.choice(((), ("-L",))), maker.source(rng), path)


def shifted(maker, rng, path):
    do("editcap", "-t", rng.choice(("-3600", "-1.5", "0.7", "1000000000", "-1700000000", "2400000000")), maker.source(rng), path)


def random_packets(maker, rng, path):
    do("randpkt", "-b", rng.choice((60, 200, 1500)), "-c", 300, "-t", rng.choice(RANDPKT_TYPES), path)


def merged(maker, rng, path):
    do("mergecap", *rng.choice(((), ("-a",))), "-w", path, *(maker.source(rng) for _ in range(rng.randint(2, 4))))


def reordered(maker, rng, path):
    shuffled(maker, rng, maker.scratch / "unordered.pcap")
    do("reordercap", maker.scratch / "unordered.pcap", path)


def shuffled(maker, rng, path):
    frames = list(maker.some_frames(rng))
    rng.shuffle(frames)
    frames_of.write(path, frames)


def backwards(maker, rng, path):
    frames_of.write(path, maker.some_frames(rng)[::-1])


def repeated(maker, rng, path):
    """Each frame up to three times, also long after: duplicates, late replies, repeated probes."""
    frames = [dataclasses.replace(frame, time_ns=frame.time_ns + rng.choice((0, 1, S, 600 * S)))
              for frame in maker.some_frames(rng) for _ in range(rng.randint(1, 3))]
    frames_of.write(path, frames)


def thinned(maker, rng, path):
    """Probes without replies, replies without probes."""
    frames_of.write(path, [frame for frame in maker.some_frames(rng) if rng.random() < 0.5])


def mutated_quotes(maker, rng, path):
    """The capture as it is, so that there are probes to answer, and among it five spoilt replies for each."""
    frames = []
    for frame in maker.some_frames(rng):
        frames.append(frame)
        if frames_of.quote_at(frame) is not None and len(frames) < FRAMES_MAX:
            frames += (frames_of.mutant(rng, frame) for _ in range(5))
    frames_of.write(path, frames)


def mutated_frames(maker, rng, path):
    frames_of.write(path, [frames_of.mutant(rng, frame) if rng.random() < 0.5 else frame
                           for frame in maker.some_frames(rng)])


def wrapped_frames(maker, rng, path):
    frames_of.write(path, [frames_of.wrapped(rng, frame) for frame in maker.some_frames(rng)])


RECIPES = (spoilt, spoilt, snapped, chopped, shifted, random_packets, merged, reordered, shuffled, backwards, repeated,
           thinned, mutated_quotes, mutated_quotes, mutated_quotes, mutated_frames, wrapped_frames)
