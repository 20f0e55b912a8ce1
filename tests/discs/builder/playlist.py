"""Playlists (MPLS): play items with angles, sub-paths, marks. Times in 45 kHz."""
import struct
from dataclasses import dataclass, field

from . import streams as kinds
from .clip import block


@dataclass
class Item:
    """A play item. `angles`: further clips, each with its STC id; `outside`: [(stream, (sub-path, its clip))]."""
    clip: str
    start: int
    end: int
    streams: list
    connection: int = 1
    stc: int = 0
    angles: list = field(default_factory=list)
    outside: list = field(default_factory=list)
    still: tuple = (0, 0)  # mode, seconds


@dataclass
class SubItem:
    """A play item of a sub-path: plays from `sync` (a time of main item `item`)."""
    clip: str
    start: int
    end: int
    item: int = 0
    sync: int = 0
    connection: int = 1
    stc: int = 0


@dataclass
class SubPath:
    """A sub-path; kind 5 is graphics and sound outside the clip, 3 a menu."""
    kind: int
    items: list
    repeat: bool = False


def stream_table(item):
    """The STN table of an item: counts of each kind, then the entries in the same order."""
    entries = [(stream, None) for stream in item.streams] + item.outside
    groups = [[], [], [], []]  # video, audio, presentation graphics and text, interactive graphics
    for stream, where in entries:
        place = {kinds.VIDEO: 0, kinds.AUDIO: 1, kinds.GRAPHICS: 3 if stream.coding == kinds.MENU else 2}[stream.kind]
        groups[place].append(stream.in_playlist(where))
    out = struct.pack(">H8B4x", 0, *map(len, groups), 0, 0, 0, 0) + b"".join(sum(groups, []))
    return struct.pack(">H", len(out)) + out


def play_item(item):
    """A PlayItem with its length."""
    multi = bool(item.angles)
    out = item.clip.encode() + b"M2TS" + struct.pack(">HB", multi << 4 | item.connection, item.stc)
    out += struct.pack(">II", item.start, item.end) + bytes(8) + struct.pack(">BBH", 0, *item.still)
    if multi:
        out += bytes([1 + len(item.angles), 0])
        for clip, stc in item.angles:
            out += clip.encode() + b"M2TS" + bytes([stc])
    out += stream_table(item)
    return struct.pack(">H", len(out)) + out


def sub_path(path):
    """A SubPath with its length."""
    out = struct.pack(">BBHBB", 0, path.kind, path.repeat, 0, len(path.items))
    for item in path.items:
        one = item.clip.encode() + b"M2TS" + struct.pack(">IBII", item.connection << 1, item.stc, item.start, item.end)
        one += struct.pack(">HI", item.item, item.sync)
        out += struct.pack(">H", len(one)) + one
    return block(out)


def mpls(items, marks, sub_paths=(), version="0200", kind=1):
    """A whole MPLS file. `marks`: [(item, time)] of chapters, or (item, time, mark type); `kind`: 1 plays in order."""
    application = block(struct.pack(">BBHQH", 0, kind, 0, 0, 0))
    body = struct.pack(">HHH", 0, len(items), len(sub_paths))
    body += b"".join(map(play_item, items)) + b"".join(map(sub_path, sub_paths))
    body = block(body)
    out = struct.pack(">H", len(marks))
    for item, time, *mark in marks:
        out += struct.pack(">BBHIHI", 0, mark[0] if mark else 1, item, time, 0xFFFF, 0)
    start = 40 + len(application)
    head = struct.pack(">4s4sIII20x", b"MPLS", version.encode(), start, start + len(body), 0)
    return head + application + body + block(out)
