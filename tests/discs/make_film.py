#!/usr/bin/env python3
"""Makes film.iso, the small Blu-ray of the demonstration and the tests, and film.json, which says what is on it.

Needs Python 3 and ffmpeg with libx264 and drawtext. Everything on the disc is generated here. The image is kept in the
repository, as another ffmpeg codes other bytes. `--folder DIR` keeps the files of the disc in DIR as well.
"""
import argparse
import hashlib
import json
import os
import tempfile

from builder import encode, m2ts, pgs, streams
from builder.disc import Clip, Disc

HERE = os.path.dirname(os.path.abspath(__file__))
TITLE, LABEL = "The Scratched Film", "SCRATCHED_FILM"
SIZE = 1280, 720
START = 600 * 90000  # clock of the first picture, 90 kHz: ten minutes, as discs have it
GOP, CRF = 24, 35
# 64 groups of 24 pictures and 2002 frames of sound both last 64.064 s, to the tick.
PICTURES, SOUNDS = 64 * GOP, 2002
MENU_PICTURES, MENU_SOUNDS = 3 * GOP, 94
CHAPTER = 13 * GOP  # pictures
CHAPTERS = [("ONE", "0x18304a"), ("TWO", "0x1d4030"), ("THREE", "0x4a3a18"), ("FOUR", "0x4a1c20"), ("FIVE", "0x38204a")]

VIDEO = streams.Stream(0x1011, streams.H264, "720p", "23.976")
ENGLISH = streams.Stream(0x1100, streams.AC3, "multi", 48, "eng")
FRENCH = streams.Stream(0x1101, streams.AC3, "stereo", 48, "fra")
SUBTITLES = streams.Stream(0x1200, streams.PGS, language="eng"), streams.Stream(0x1201, streams.PGS, language="fra")
MENU_SOUND = streams.Stream(0x1100, streams.AC3, "stereo", 48, "eng")


def text(content, size, y):
    """A drawtext filter: centred, white."""
    return f"drawtext=font=DejaVu Sans Mono:text='{content}':fontsize={size}:fontcolor=white:x=(w-tw)/2:y={y}"


def film_graph():
    """The film: a moving test picture on the colour of its chapter, with the time and the number of the picture."""
    parts = []
    for number, (name, colour) in enumerate(CHAPTERS):
        during = f"enable='between(n,{number * CHAPTER},{(number + 1) * CHAPTER - 1})'"
        parts += [f"drawbox=color={colour}:t=fill:{during}", text(f"CHAPTER {name}", 48, 36) + f":{during}"]
    parts = ",".join(parts)
    clock = text(r"%{pts\:hms}   %{frame_num}", 56, 520)
    return (f"color=c=black:s={SIZE[0]}x{SIZE[1]}:r=24000/1001[ground];testsrc2=s=640x360:r=24000/1001[moving];"
            f"[ground]{parts}[coloured];[coloured][moving]overlay=x=320:y=120,{clock}")


def menu_graph():
    """The clip of the menu: words, and a bar that runs across."""
    return (f"color=c=0x202028:s={SIZE[0]}x{SIZE[1]}:r=24000/1001[ground];color=c=0xd0a020:s=40x12:r=24000/1001[bar];"
            f"[ground]{text(TITLE, 72, 240)},{text('Menu', 40, 380)}[words];[words][bar]overlay=x='n*17':y=480")


def tones(pitches, beep):
    """A slowly rising tone in every channel, so that no two frames are alike; in one a beep with each key picture."""
    channels = [f"0.08*sin(2*PI*({pitch}*t+{0.5 + number / 4}*t*t))" for number, pitch in enumerate(pitches)]
    channels[beep] += "+0.3*sin(2*PI*1000*t)*lt(mod(t\\,1.001)\\,0.08)"
    layout = "5.1" if len(pitches) == 6 else "stereo"
    return f"aevalsrc=exprs={'|'.join(channels)}:s=48000:c={layout}:d=70"


def lines(language):
    """Subtitles: one soon after each chapter begins, one when half of it is over."""
    numbers = {"eng": "ONE TWO THREE FOUR FIVE", "fra": "UN DEUX TROIS QUATRE CINQ"}[language].split()
    said = {"eng": ("THIS IS CHAPTER {}", "HALF OF CHAPTER {} IS OVER"),
            "fra": ("VOICI LE CHAPITRE {}", "LE CHAPITRE {} EST A MOITIE FINI")}[language]
    out = []
    for chapter, number in enumerate(numbers):
        for half, sentence in enumerate(said):
            begin = START + encode.picture_time(chapter * CHAPTER + half * CHAPTER // 2 + 24)
            out.append((begin, begin + 3 * 90000, sentence.format(number), False))
    return out


def film(folder):
    """The tracks of the film."""
    return [m2ts.Track(VIDEO, encode.video(folder, "film", film_graph(), PICTURES, START, CRF, GOP)),
            m2ts.Track(ENGLISH, encode.ac3(folder, "eng", tones((220, 262, 330, 55, 392, 440), 2), SOUNDS, START, 128)),
            m2ts.Track(FRENCH, encode.ac3(folder, "fra", tones((247, 294), 0), SOUNDS, START, 80))] + [
                m2ts.Track(stream, pgs.subtitles(lines(stream.language), SIZE)) for stream in SUBTITLES]


def menu(folder):
    """The tracks of the menu's clip."""
    return [m2ts.Track(VIDEO, encode.video(folder, "menu", menu_graph(), MENU_PICTURES, START, CRF, GOP)),
            m2ts.Track(MENU_SOUND, encode.ac3(folder, "menu-sound", tones((196, 247), 0), MENU_SOUNDS, START, 80))]


def add_title(disc, name, tracks, pictures, marks):
    """Adds a clip and the playlist that plays it whole; returns what the manifest says of them."""
    one = Clip(name, [tracks], [(START, START + encode.picture_time(pictures))])
    disc.add_clip(one)
    times = [one.start + encode.picture_time(mark) // 2 for mark in marks]
    disc.add_playlist(name, [one.item()], [(0, time) for time in times])
    return {"playlist": f"{name}.mpls", "clip": f"{name}.m2ts", "duration": (one.end - one.start) / 45000,
            "chapters": [round((time - one.start) / 45000, 6) for time in times],
            "tracks": [summary(track) for track in tracks]}


def summary(track):
    """What the manifest says of a track: `frames` are pictures, frames of sound, or display sets."""
    stream, data = track.stream, [frame.data for frame in track.frames]
    out = {"pid": stream.pid, "type": stream.kind, "language": stream.language or None}
    out["frames"] = sum(part[0] == pgs.END for part in data) if stream.coding == streams.PGS else len(data)
    if stream.kind == streams.VIDEO:
        out["key_frames"] = sum(frame.key for frame in track.frames)
    out["payload_sha256"] = hashlib.sha256(b"".join(data)).hexdigest()
    return out


def make(folder):
    """The disc, and what the manifest says of its titles."""
    disc = Disc(TITLE, LABEL)
    disc.add_navigation([0], 1, "720p")
    titles = [add_title(disc, "00000", film(folder), PICTURES, range(0, PICTURES, CHAPTER)),
              add_title(disc, "00001", menu(folder), MENU_PICTURES, [0])]
    return disc, titles


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", help="keep the files of the disc here as well")
    parser.add_argument("--out", default=HERE, help="where film.iso and film.json go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        disc, titles = make(folder)
    files, built = disc.complete(), disc.volume()
    image = built.build()
    for one in titles:
        path = "BDMV/STREAM/" + one["clip"]
        one["extents"] = [{"sector": sector, "bytes": length} for sector, length in built.extents(path)]
        one["sha256"] = hashlib.sha256(files[path]).hexdigest()
    manifest = {"title": TITLE, "label": LABEL, "bytes": len(image), "sha256": hashlib.sha256(image).hexdigest(),
                "titles": titles}
    with open(os.path.join(options.out, "film.iso"), "wb") as file:
        file.write(image)
    with open(os.path.join(options.out, "film.json"), "w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=2)
        file.write("\n")
    for path, content in files.items() if options.folder else ():
        path = os.path.join(options.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)


if __name__ == "__main__":
    main()
