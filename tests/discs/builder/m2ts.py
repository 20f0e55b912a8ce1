"""Multiplexes coded frames into a BDAV transport stream: 192-byte source packets, one program, PCR on a PID of its own."""
import heapq
import struct
from dataclasses import dataclass

from . import streams as kinds
from .clip import Entry

CLOCK = 27_000_000
PAT, PMT, PCR, SIT, NULL = 0x0000, 0x0100, 0x1001, 0x001F, 0x1FFF
SYSTEM_INTERVAL = CLOCK * 9 // 100  # between two PCRs: 100 ms at most
SIT_EVERY = 10  # of those intervals
ALIGNED_UNIT = 32  # source packets; a stream file has whole units
# How long before its decoding time a frame starts to arrive, 90 kHz.
LEADS = {kinds.VIDEO: 45000, kinds.AUDIO: 9000, kinds.GRAPHICS: 18000}
# Second byte of the extension of PES headers with stream id 0xFD: which kind of sound.
EXTENDED_IDS = {kinds.AC3: 0x71, kinds.DTS: 0x71, kinds.EAC3: 0x71, kinds.TRUEHD: 0x72, kinds.DTS_HD: 0x72, kinds.DTS_HD_MA: 0x72}


@dataclass(frozen=True)
class Frame:
    """What one PES packet carries. Times in 90 kHz; `key`: decoding can start here."""
    pts: int
    dts: int
    data: bytes
    key: bool = True


@dataclass
class Track:
    """An elementary stream and its frames in decoding order."""
    stream: kinds.Stream
    frames: list


def crc32(data):
    """The CRC of PSI sections (ISO/IEC 13818-1 annex A)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc >> 31 else crc << 1) & 0xFFFFFFFF
    return struct.pack(">I", crc)


def section(table, body):
    """A PSI section with its CRC; `body` starts behind the length."""
    head = struct.pack(">BH", table, 0xB000 | len(body) + 4)
    return head + body + crc32(head + body)


def descriptor(kind, content):
    """A descriptor: tag, length, content."""
    return bytes([kind, len(content)]) + content


def pmt(streams):
    """The program map of the only program."""
    info = descriptor(0x05, b"HDMV")
    body = struct.pack(">HBBBHH", 1, 0xC1, 0, 0, 0xE000 | PCR, 0xF000 | len(info)) + info
    for stream in streams:
        extra = b""
        if stream.kind == kinds.VIDEO:
            extra = descriptor(0x05, b"HDMV" + bytes([0xFF, stream.coding]) + stream.in_clip()[4:5] + b"\x3F")
        elif stream.coding in (kinds.AC3, kinds.EAC3):
            extra = descriptor(0x05, b"AC-3")
        body += struct.pack(">BHH", stream.coding, 0xE000 | stream.pid, 0xF000 | len(extra)) + extra
    return section(0x02, body)


def pat():
    """The program association: SIT as network, program 1."""
    return section(0x00, struct.pack(">HBBBHHHH", 1, 0xC1, 0, 0, 0, 0xE000 | SIT, 1, 0xE000 | PMT))


def sit(rate):
    """The selection information table with the peak rate in units of 400 bit/s (EN 300 468, 7.1)."""
    peak = rate * 8 // 400
    info = descriptor(0x63, struct.pack(">I", 0xC0 << 24 | peak)[0:4] + b"\xFF\xFF\xFF\xFF")
    return section(0x7F, struct.pack(">HBBBH", 0xFFFF, 0xC1, 0, 0, 0xF000 | len(info)) + info + struct.pack(">HH", 1, 0xF000))


def stamp(mark, time):
    """A time stamp of 33 bits in five bytes with its marker bits."""
    time &= (1 << 33) - 1
    return struct.pack(">BHH", mark << 4 | time >> 29 & 0x0E | 1, time >> 14 & 0xFFFE | 1, time << 1 & 0xFFFE | 1)


def pes(stream, frame):
    """A PES packet. Video has no length, as its frames may be longer than a length can say."""
    both = frame.dts != frame.pts
    header = stamp(3 if both else 2, frame.pts) + (stamp(1, frame.dts) if both else b"")
    flags, number = 0xC0 if both else 0x80, 0xBD
    if stream.kind == kinds.VIDEO:
        number = 0xE0
    elif stream.coding in EXTENDED_IDS:
        flags, number = flags | 1, 0xFD
        header += bytes([0x0F, 0x81, EXTENDED_IDS[stream.coding]])
    length = 3 + len(header) + len(frame.data)
    if stream.kind == kinds.VIDEO:
        length = 0
    elif length > 0xFFFF:
        raise ValueError(f"a frame of PID {stream.pid:#x} is too long for a PES packet")
    return struct.pack(">3sBHBBB", b"\0\0\1", number, length, 0x84, flags, len(header)) + header + frame.data


class Multiplexer:
    """Source packets as they are written, each at its arrival time."""

    def __init__(self, rate, start):
        self.out = bytearray()
        self.step = 188 * CLOCK // rate
        self.clock = start
        self.counters = {}

    @property
    def packets(self):
        """How many source packets there are."""
        return len(self.out) // 192

    def packet(self, pid, payload, start=False, field=None):
        """One source packet. `payload` may be shorter than the room; `field`: flags of the adaptation field and what follows."""
        room = 184 - (0 if field is None else 1 + len(field))
        if len(payload) < room:
            if field is None:
                field = b"" if len(payload) == 183 else b"\0"
            field = field.ljust(183 - len(payload), b"\xFF")
        counter = self.counters.get(pid, 0)
        self.counters[pid] = counter + bool(payload) & 15
        control = (0x30 if payload else 0x20) if field is not None else 0x10
        self.out += struct.pack(">IBHB", self.clock & 0x3FFFFFFF, 0x47, start << 14 | pid, control | counter)
        if field is not None:
            self.out += bytes([len(field)]) + field
        self.out += payload
        self.clock += self.step

    def table(self, pid, content):
        """A section in a packet of its own."""
        self.packet(pid, (b"\0" + content).ljust(184, b"\xFF"), True)

    def reference(self):
        """A packet with nothing but a PCR: the time at which it arrives."""
        base, extra = divmod(self.clock, 300)
        self.packet(PCR, b"", False, b"\x10" + (((base & (1 << 33) - 1) << 15) | 0x7E00 | extra).to_bytes(6, "big"))

    def frame(self, stream, frame, before):
        """A frame in as many packets as it takes; `before` is called ahead of each."""
        rest, first = pes(stream, frame), True
        while rest:
            before()
            field = b"\x40" if first and frame.key and stream.kind == kinds.VIDEO else None
            room = 184 if field is None else 182
            self.packet(stream.pid, rest[:room], first, field)
            rest, first = rest[room:], False


def multiplex(tracks, rate, application_tables=True):
    """The stream file, and {PID of a picture stream: its entries for the EP map}. `rate`: bytes of 188-byte packets a second.

    Each frame goes out as early as its lead before decoding allows, at the full rate; earlier starts go first.
    """
    queue = []
    for number, track in enumerate(tracks):
        lead = LEADS[track.stream.kind]
        starts = [(frame.dts - lead) * 300 for frame in track.frames]
        queue.append([(at, number, index) for index, at in enumerate(starts)])
    order = list(heapq.merge(*queue))
    tables = [(PAT, pat()), (PMT, pmt([track.stream for track in tracks])), (SIT, sit(rate))]
    mux = Multiplexer(rate, order[0][0])
    rounds = 0
    due = mux.clock

    def system():
        nonlocal rounds, due
        if mux.clock < due or not application_tables:
            return
        for pid, content in tables:
            if pid != SIT or rounds % SIT_EVERY == 0:
                mux.table(pid, content)
        mux.reference()
        rounds += 1
        due += SYSTEM_INTERVAL

    points = {track.stream.pid: [] for track in tracks if track.stream.kind == kinds.VIDEO}
    for at, number, index in order:
        while application_tables and due <= at:
            mux.clock = max(mux.clock, due)
            system()
        mux.clock = max(mux.clock, at)
        stream, frame = tracks[number].stream, tracks[number].frames[index]
        system()
        first = mux.packets
        mux.frame(stream, frame, system)
        if frame.key and stream.pid in points:
            points[stream.pid].append(Entry(frame.pts, first, (mux.packets - first) * 192))
    while mux.packets % ALIGNED_UNIT:
        mux.packet(NULL, b"\xFF" * 184)
    return bytes(mux.out), points
