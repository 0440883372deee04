# SPDX-License-Identifier: GPL-2.0-or-later
"""pcapng written block by block, in any way that the format allows, without the project's own writer."""

import struct

SECTION, INTERFACE, OLD_PACKET, SIMPLE, NAMES, STATISTICS, PACKET, JOURNAL, SECRETS = 0x0a0d0d0a, 1, 2, 3, 4, 5, 6, 9, 10
CUSTOM, CUSTOM_UNCOPIED, SYSCALL = 0xbad, 0x40000bad, 0x204
TIME_RESOLUTION, TIME_OFFSET = 9, 14
NS = b"\x09"


def padded(data):
    return data + bytes(-len(data) % 4)


class Writer:
    """Blocks of sections of one byte order; each method returns the bytes of one."""

    def __init__(self, order="<"):
        self.order = order

    def pack(self, layout, *numbers):
        return struct.pack(self.order + layout, *numbers)

    def block(self, kind, body, options=(), padding=True):
        for code, value in options:
            body += self.pack("HH", code, len(value)) + padded(value)
        length = self.pack("I", len(padded(body) if padding else body) + 12)
        return self.pack("I", kind) + length + padded(body) + length

    def section(self, minor=0):
        return self.block(SECTION, self.pack("IHHq", 0x1a2b3c4d, 1, minor, -1))

    def interface(self, linktype, snaplen=0, resolution=NS, offset=None):
        options = [(TIME_RESOLUTION, resolution)] if resolution else []
        options += [(TIME_OFFSET, self.pack("q", offset))] if offset is not None else []
        return self.block(INTERFACE, self.pack("HHI", linktype, 0, snaplen), options)

    def frame(self, stamp, data, interface=0, original=None, **how):
        lengths = self.pack("II", len(data), len(data) if original is None else original)
        body = self.pack("III", interface, stamp >> 32, stamp & 0xffffffff) + lengths
        return self.block(PACKET, body + (padded(data) if how.get("options") else data), **how)

    def old_frame(self, stamp, data, interface=0):
        body = self.pack("HHIIII", interface, 0xffff, stamp >> 32, stamp & 0xffffffff, len(data), len(data))
        return self.block(OLD_PACKET, body + data)

    def simple_frame(self, data, original=None):
        return self.block(SIMPLE, self.pack("I", len(data) if original is None else original) + data)
