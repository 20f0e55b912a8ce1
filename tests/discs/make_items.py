#!/usr/bin/env python3
"""Makes a folder as of a Blu-ray whose one playlist plays a stream file of tests/bench/mux.py in pieces, for that bench.

    tests/discs/make_items.py STREAM avc|hevc ITEMS FOLDER

It has as much of the tables as a player needs; the stream file in it is a link to STREAM.
"""
import mmap
import os
import sys

from builder import clip, playlist, streams

PACKET, SYNC_AT = 192, 4
VIDEO, SOUND = 0x1011, 0x1100
RATE = 10_000_000


def keys(source):
    """The packets at which pictures begin that need no other: (PTS in 90 kHz, number of the packet)."""
    found = []
    with open(source, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        high, low = 0x40 | VIDEO >> 8, VIDEO & 0xFF
        for at in range(SYNC_AT, len(data) - PACKET + SYNC_AT + 1, PACKET):
            # A packet of pictures that begins one, with an adaptation field that says: random access.
            if data[at + 1] == high and data[at + 2] == low and data[at + 3] & 0x20 and data[at + 5] & 0x40:
                pes = at + 5 + data[at + 4]
                a, b, c, d, e = data[pes + 9 : pes + 14]
                found.append(((a >> 1 & 7) << 30 | b << 22 | (c >> 1) << 15 | d << 7 | e >> 1, at // PACKET))
    return found


def tracks(kind):
    """The streams of a file of the bench, for the tables."""
    video = {"avc": (streams.H264, "1080p"), "hevc": (streams.HEVC, "2160p")}[kind]
    sound = {"avc": (streams.AC3, streams.DTS, streams.TRUEHD), "hevc": (streams.AC3, streams.TRUEHD)}[kind]
    return [streams.Stream(VIDEO, *video, "23.976")] + [
        streams.Stream(SOUND + n, coding, "multi", 48, "eng") for n, coding in enumerate(sound)]


def folder(source, kind, items, path):
    """Makes the folder `path`, whose playlist 00000 plays `source` in so many items."""
    entries, what = keys(source), tracks(kind)
    times = [pts // 2 for pts, _ in entries]
    clock = clip.Sequence(0, times[0], times[-1])
    table = clip.clpi(os.path.getsize(source) // PACKET, RATE, [clock], what,
                      {VIDEO: [clip.Entry(pts, packet) for pts, packet in entries]})
    edges = [times[(len(times) - 1) * n // items] for n in range(items + 1)]
    parts = [playlist.Item("00000", start, end, what, connection=6 if n else 1)
             for n, (start, end) in enumerate(zip(edges, edges[1:]))]
    for name, content in (("CLIPINF/00000.clpi", table), ("PLAYLIST/00000.mpls", playlist.mpls(parts, [(0, times[0])]))):
        place = os.path.join(path, "BDMV", name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as file:
            file.write(content)
    stream = os.path.join(path, "BDMV", "STREAM", "00000.m2ts")
    os.makedirs(os.path.dirname(stream), exist_ok=True)
    if os.path.exists(stream):
        os.remove(stream)
    os.link(source, stream)


folder(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
