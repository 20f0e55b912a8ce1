"""Multiplexes coded frames into a BDAV transport stream: source packets of 192 bytes, one program."""
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
EXTENDED_IDS = {kinds.AC3: 0x71, kinds.DTS: 0x71, kinds.EAC3: 0x71,
                kinds.TRUEHD: 0x72, kinds.DTS_HD: 0x72, kinds.DTS_HD_MA: 0x72}


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
    info = descriptor(0x63, struct.pack(">I", 0xC0 << 24 | peak) + b"\xFF\xFF\xFF\xFF")
    head = struct.pack(">HBBBH", 0xFFFF, 0xC1, 0, 0, 0xF000 | len(info))
    return section(0x7F, head + info + struct.pack(">HH", 1, 0xF000))


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

    def __init__(self, rate, streams):
        self.out = bytearray()
        self.step = 188 * CLOCK // rate
        self.arrival = 0  # when the next packet arrives, 27 MHz
        self.offset = 0  # what the system clock is ahead of that
        self.counters = {}
        self.tables = [(PAT, pat()), (PMT, pmt(streams)), (SIT, sit(rate))]
        self.rounds = 0
        self.due = 0
        self.jumped = False

    @property
    def packets(self):
        """How many source packets there are."""
        return len(self.out) // 192

    def packet(self, pid, payload, start=False, field=None):
        """One source packet. `payload` may be shorter than the room; `field`: what its adaptation field has."""
        room = 184 - (0 if field is None else 1 + len(field))
        if len(payload) < room:
            if field is None:
                field = b"" if len(payload) == 183 else b"\0"
            field = field.ljust(183 - len(payload), b"\xFF")
        counter = self.counters.get(pid, 0)
        self.counters[pid] = counter + bool(payload) & 15
        control = (0x30 if payload else 0x20) if field is not None else 0x10
        self.out += struct.pack(">IBHB", self.arrival & 0x3FFFFFFF, 0x47, start << 14 | pid, control | counter)
        if field is not None:
            self.out += bytes([len(field)]) + field
        self.out += payload
        self.arrival += self.step

    def reference(self):
        """A packet with nothing but a PCR: the system time at which it arrives."""
        base, extra = divmod(self.arrival + self.offset, 300)
        value = ((base & (1 << 33) - 1) << 15 | 0x7E00 | extra).to_bytes(6, "big")
        self.packet(PCR, b"", False, (b"\x90" if self.jumped else b"\x10") + value)
        self.jumped = False

    def system(self):
        """The tables and the clock, if they are due."""
        if self.arrival < self.due:
            return
        for pid, content in self.tables:
            if pid != SIT or self.rounds % SIT_EVERY == 0:
                self.packet(pid, (b"\0" + content).ljust(184, b"\xFF"), True)
        self.reference()
        self.rounds += 1
        self.due += SYSTEM_INTERVAL

    def set_clock(self, time):
        """The system clock shows `time` from now on. The first setting sets the arrival clock as well."""
        if not self.out:
            self.arrival = self.due = time
        else:
            self.due = self.arrival
            self.jumped = True
        self.offset = time - self.arrival

    def wait(self, time):
        """Sends nothing but tables until the system clock shows `time`."""
        time -= self.offset
        while self.due <= time:
            self.arrival = max(self.arrival, self.due)
            self.system()
        self.arrival = max(self.arrival, time)

    def frame(self, stream, frame):
        """A frame in as many packets as it takes. Returns the number of its first packet."""
        rest, first = pes(stream, frame), None
        self.system()
        while rest:
            self.system()
            field = b"\x40" if first is None and frame.key and stream.kind == kinds.VIDEO else None
            room = 184 if field is None else 182
            self.packet(stream.pid, rest[:room], first is None, field)
            first = self.packets - 1 if first is None else first
            rest = rest[room:]
        return first


@dataclass
class Multiplex:
    """A stream file, {PID of pictures: entries for the EP map}, and the source packets at which the clocks start."""
    data: bytes
    points: dict
    clocks: list


def multiplex(sections, rate):
    """Multiplexes `sections`, lists of tracks of the same streams; each has a clock of its own, the first packets' PCR.

    Each frame goes out as early as its lead before decoding allows, at the full rate (bytes of 188-byte packets a
    second); earlier starts go first.
    """
    streams = [track.stream for track in sections[0]]
    mux = Multiplexer(rate, streams)
    points = {stream.pid: [] for stream in streams if stream.kind == kinds.VIDEO}
    clocks = []
    for tracks in sections:
        if [track.stream for track in tracks] != streams:
            raise ValueError("the sections of a clip have different streams")
        order = list(heapq.merge(*(
            [((frame.dts - LEADS[track.stream.kind]) * 300, number, index) for index, frame in enumerate(track.frames)]
            for number, track in enumerate(tracks))))
        clocks.append(mux.packets)
        mux.set_clock(order[0][0])
        for at, number, index in order:
            stream, frame = tracks[number].stream, tracks[number].frames[index]
            mux.wait(at)
            first = mux.frame(stream, frame)
            if frame.key and stream.pid in points:
                points[stream.pid].append(Entry(frame.pts, first, (mux.packets - first) * 192))
    while mux.packets % ALIGNED_UNIT:
        mux.packet(NULL, b"\xFF" * 184)
    return Multiplex(bytes(mux.out), points, clocks)
