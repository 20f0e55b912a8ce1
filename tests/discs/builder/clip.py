"""Clip information (CLPI): when a clip starts and ends, what streams it has, and where its key pictures lie."""
import struct
from dataclasses import dataclass

COARSE_PTS, FINE_PTS, COARSE_PACKET = 19, 9, 17  # shifts of the EP map, PTS in 90 kHz
# The size of a key picture in steps: class n means it ends before these many bytes behind its entry.
SIZE_CLASSES = ((1, 131072), (2, 262144), (3, 393216), (4, 589824), (5, 917504), (6, 1310720))


@dataclass(frozen=True)
class Entry:
    """A point to enter the clip at: PTS (90 kHz), number of the source packet, bytes to the end of the key picture."""
    pts: int
    packet: int
    size: int = 0


@dataclass(frozen=True)
class Sequence:
    """A stretch of a clip with one clock. Times in 45 kHz."""
    packet: int
    start: int
    end: int
    pcr_pid: int = 0x1001


def block(content):
    """A table with its length before it."""
    return struct.pack(">I", len(content)) + content


def sequence_info(sequences, first_id=0):
    """One arrival clock with these sequences of the system clock."""
    out = struct.pack(">BBIBB", 0, 1, 0, len(sequences), first_id)
    for one in sequences:
        out += struct.pack(">HIII", one.pcr_pid, one.packet, one.start, one.end)
    return block(out)


def program_info(streams, pmt_pid=0x0100):
    """One program from the first packet on."""
    out = struct.pack(">BBIHBB", 0, 1, 0, pmt_pid, len(streams), 0)
    return block(out + b"".join(stream.in_clip() for stream in streams))


def _size_class(size):
    return next((number for number, limit in SIZE_CLASSES if size < limit), 7)


def stream_points(entries):
    """Coarse and fine entries of one stream. Returns (coarse count, fine count, both tables behind their offset)."""
    coarse, fine, last = [], [], None
    for number, entry in enumerate(entries):
        group = entry.pts >> COARSE_PTS, entry.packet >> COARSE_PACKET
        if group != last:
            coarse.append(struct.pack(">II", number << 14 | group[0] & 0x3FFF, entry.packet))
            last = group
        fine.append(struct.pack(">I", _size_class(entry.size) << 28 | (entry.pts >> FINE_PTS & 0x7FF) << 17
                                | entry.packet & 0x1FFFF))
    table = struct.pack(">I", 4 + 8 * len(coarse)) + b"".join(coarse) + b"".join(fine)
    return len(coarse), len(fine), table


def ep_map(points):
    """The EP map of `points`: {PID: entries}. Streams of pictures have type 1."""
    address = 2 + 12 * len(points)
    heads, tables = b"", b""
    for pid, entries in points.items():
        coarse, fine, table = stream_points(entries)
        packed = 1 << 34 | coarse << 18 | fine
        heads += struct.pack(">H", pid) + packed.to_bytes(6, "big") + struct.pack(">I", address + len(tables))
        tables += table
    return struct.pack(">BB", 0, len(points)) + heads + tables


def clip_info(packets, rate, application=1):
    """ClipInfo. `packets`: source packets of the stream file, `rate`: bytes a second of its 188-byte packets."""
    kind = struct.pack(">HB4s", 30, 0x80, b"HDMV").ljust(32, b"\0")
    return block(struct.pack(">HBBIII", 0, 1, application, 0, rate, packets) + bytes(128) + kind)


def clpi(packets, rate, sequences, streams, points, version="0200", application=1):
    """A whole CLPI file. `points` is empty for a clip without an EP map."""
    info = clip_info(packets, rate, application)
    tables = [sequence_info(sequences), program_info(streams),
              block(struct.pack(">H", 1) + ep_map(points)) if points else block(b""), block(b"")]
    at, starts = 40 + len(info), []
    for table in tables:
        starts.append(at)
        at += len(table)
    return struct.pack(">4s4s5I12x", b"HDMV", version.encode(), *starts, 0) + info + b"".join(tables)
