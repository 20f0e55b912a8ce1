#!/usr/bin/env python3
"""Builds a disc with everything the film lacks and lets programs that are not ours read it: python3 test_builder.py

Needs ffmpeg; checks with libbluray's bd_list_titles, mkvmerge and 7z as far as they are installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
from builder import disc, encode, m2ts, pgs, playlist, streams, udf  # noqa: E402

PICTURES = 48
VIDEO = streams.Stream(0x1011, streams.H264, "720p", "23.976")
SUBTITLES = streams.Stream(0x1200, streams.PGS, language="eng")
LENGTH = encode.picture_time(PICTURES)
STARTS = 600 * 90000, 4200 * 90000


def pictures(folder, start, colour):
    """Two seconds of a test picture in front of one colour."""
    graph = (f"color=c={colour}:s=1280x720:r=24000/1001[ground];testsrc2=s=320x180:r=24000/1001[moving];"
             "[ground][moving]overlay")
    return [m2ts.Track(VIDEO, encode.video(folder, colour, graph, PICTURES, start, 30))]


def subtitles(start):
    """One line of text, a second long."""
    return [m2ts.Track(SUBTITLES, pgs.subtitles([(start + 45000, start + 135000, "OUTSIDE", True)], (1280, 720)))]


def span(start):
    """What a clock that begins at `start` shows."""
    return start, start + LENGTH


def make(folder):
    """A disc: a clip, a clip with two clocks, an angle of the first clip, subtitles in a clip of their own."""
    out = disc.Disc("Seams & Angles", "SEAMS")
    first = disc.Clip("00000", [pictures(folder, STARTS[0], "red")], [span(STARTS[0])])
    clocks = disc.Clip("00001", [pictures(folder, start, "green") for start in STARTS], [span(s) for s in STARTS])
    angle = disc.Clip("00002", [pictures(folder, STARTS[0], "blue")], [span(STARTS[0])])
    outside = disc.Clip("00003", [subtitles(STARTS[0])], [span(STARTS[0])], application=disc.ELEMENTARY)
    for one in first, clocks, angle, outside:
        out.add_clip(one)
    items = [first.item(angles=[("00002", 0)], outside=[(SUBTITLES, (0, 0))]),
             clocks.item(connection=5, stc=0), clocks.item(connection=1, stc=1, end=clocks.sequences[1].end - 45000)]
    marks = [(number, item.start) for number, item in enumerate(items)]
    path = playlist.SubPath(5, [playlist.SubItem("00003", outside.start, outside.end, 0, first.start)])
    out.add_playlist("00000", items, marks, [path])
    out.add_navigation([0], 0, "720p")
    return out


def said(*command):
    """What a program says; skips the test where it is not installed."""
    if not shutil.which(command[0]):
        raise unittest.SkipTest(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Built(unittest.TestCase):
    """A disc, as others read it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.disc = make(cls.folder)
        cls.image = os.path.join(cls.folder, "disc.iso")
        cls.volume = cls.disc.volume(max_extent=20 * udf.SECTOR)
        with open(cls.image, "wb") as file:
            file.write(cls.volume.build())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_files_in_pieces_come_out_whole(self):
        self.assertGreater(len(self.volume.extents("BDMV/STREAM/00001.m2ts")), 1)
        said("7z", "x", "-o" + os.path.join(self.folder, "out"), self.image)
        for path, content in self.disc.complete().items():
            with open(os.path.join(self.folder, "out", path), "rb") as file:
                self.assertEqual(file.read(), content, path)

    def test_the_title_has_its_items_angles_and_chapters(self):
        title = said("bd_list_titles", "-l", "-s", "0", self.image)
        for part in "duration: 00:00:05", "chapters:   3", "angles:  2", "clips:   3", "V:1 A:0  PG:1":
            self.assertIn(part, title)

    def test_each_clock_has_its_tables_and_its_pictures(self):
        path = os.path.join(self.folder, "clip.m2ts")
        with open(path, "wb") as file:
            file.write(self.disc.files["BDMV/STREAM/00001.m2ts"])
        times = said("ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of", "csv=p=0", path).split()
        times = sorted(int(line.strip(",")) for line in times)
        wanted = [start + encode.picture_time(number) for start in STARTS for number in range(PICTURES)]
        self.assertEqual(times, wanted)


if __name__ == "__main__":
    unittest.main()
