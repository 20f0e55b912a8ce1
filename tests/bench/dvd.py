#!/usr/bin/env python3
"""What becomes of DVDs: freemkv, ffmpeg and mkvmerge beside the ground truth of the test discs.

    tests/bench/dvd.py [--freemkv target/release/freemkv] [--data $FREEMKV_TEST_DATA] [--folder /tmp]

freemkv takes a title of the image. ffmpeg and mkvmerge know nothing of titles (ffmpeg before 7.0 has no demultiplexer for
DVDs): they take the VOBs of the title's set, one behind the other. ffmpeg gets what helps it: +genpts, a long look at the
start, and LPCM, which it cannot copy, decoded. Prints a table: how far the length is off, pictures, tracks, languages,
sub-pictures and chapters of those that the title has, and pictures of the title within half a frame of whose time none is shown. Needs ffmpeg and mkvmerge.
"""
import argparse
import bisect
import json
import os
import subprocess

TITLES = [
    ("dvd-ntsc", "1", "AC-3, LPCM, sub-pictures"),
    ("dvd-ntsc", "3", "film, fields repeated"),
    ("dvd-pal-multi", "1", "all of three episodes"),
    ("dvd-pal-multi", "3", "one of them"),
    ("dvd-angles", "1", "angles, interleaved"),
    ("dvd-chain", "3", "three chains"),
    ("dvd-lpcm", "1", "LPCM, 16 to 24 bits"),
    ("dvd-lpcm", "4", "sound late, early, with a hole"),
    ("dvd-lpcm", "5", "clocks that jump"),
    ("dvd-subs", "1", "many tracks"),
]
QUIET = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-fflags", "+genpts", "-probesize", "200M", "-analyzeduration", "200M"]


def vobs(freemkv, image, number, path):
    """The title VOBs of a set, one behind the other."""
    files = json.loads(subprocess.check_output([freemkv, "info", image, "--files", "--json"]))["files"]
    with open(image, "rb") as disc, open(path, "wb") as out:
        for file in sorted(files, key=lambda file: file["path"]):
            name = file["path"].split("/")[-1]
            if name.startswith(f"VTS_{number:02}_") and name.endswith(".VOB") and name[7] != "0":
                for extent in file["extents"]:
                    disc.seek(extent["sector"] * 2048)
                    out.write(disc.read(extent["bytes"]))


def by_ffmpeg(vob, out):
    probe = ["ffprobe", "-v", "quiet", "-probesize", "200M", "-analyzeduration", "200M", "-show_entries", "stream=codec_type,codec_name"]
    streams = subprocess.check_output(probe + ["-of", "csv=p=0", vob], text=True).split()
    audio = [line.split(",")[0] for line in streams if line.endswith("audio")]
    decoded = [word for n, codec in enumerate(audio) if codec == "pcm_dvd" for word in (f"-c:a:{n}", "pcm_s24le")]
    maps = ["-map", "0:v", "-map", "0:a?", "-map", "0:s?", "-c", "copy"]
    return subprocess.run(QUIET + ["-i", vob] + maps + decoded + ["-strict", "-2", out], stderr=subprocess.DEVNULL).returncode == 0


def by_mkvmerge(vob, out):
    return subprocess.run(["mkvmerge", "-q", "-o", out, vob], stdout=subprocess.DEVNULL).returncode < 2


def frames(film):
    """Times of the frames of each track, milliseconds."""
    probe = ["ffprobe", "-v", "quiet", "-show_entries", "packet=stream_index,pts_time", "-of", "csv=p=0", film]
    found = {}
    for line in subprocess.check_output(probe, text=True).split():
        track, time = line.split(",")[:2]
        if time != "N/A":
            found.setdefault(int(track), []).append(float(time) * 1000)
    return found


def measured(truth, film):
    """The cells of a row."""
    about = json.loads(subprocess.check_output(["mkvmerge", "-J", film]))
    times = frames(film)
    video, *others = truth["tracks"]
    pictures = sorted(times.get(0, []))
    first = pictures[0] if pictures else 0
    frame = 40 if video["fps"] == "25" else 1001 / 30
    wrong = 0
    for pts in (pts / 90 for pts in video["pts"]):
        near = bisect.bisect_left(pictures, first + pts - frame / 2)
        wrong += near == len(pictures) or pictures[near] > first + pts + frame / 2
    length = max(time for track in times.values() for time in track) / 1000 if times else 0
    wanted = [track for track in others if not track.get("optional")]
    languages = [track["properties"].get("language") for track in about["tracks"][1:]]
    kept = 0
    for track in wanted:
        if track.get("lang") in languages:
            languages.remove(track["lang"])
            kept += 1
    pictured = sum(track["units"] for track in wanted if track["type"] == "subtitle")
    shown = sum(len(times.get(track["id"], [])) for track in about["tracks"] if track["type"] == "subtitles")
    chapters = sum(found["num_entries"] for found in about["chapters"])
    of = lambda found, all_of: f"{found} of {all_of}" if all_of else "–"
    off = length - truth["duration"]
    counted = f"{len(pictures)} for {len(video['pts'])}"
    return ["0" if abs(off) < 0.05 else f"{off:+.1f} s", counted, of(len(about["tracks"]), len(wanted) + 1), of(kept, len(wanted)), of(shown, pictured),
            of(chapters, len(truth["chapters"])), of(wrong, len(video["pts"]))]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--freemkv", default="target/release/freemkv")
    arguments.add_argument("--data", default=os.environ.get("FREEMKV_TEST_DATA", "."))
    arguments.add_argument("--folder", default="/tmp")
    given = arguments.parse_args()
    vob, film = (os.path.join(given.folder, name) for name in ("bench-dvd.vob", "bench-dvd.mkv"))
    print("| title | program | length off | pictures | tracks | languages | sub-pictures | chapters | pictures missed |")
    print("|" + "---|" * 9)
    for disc, title, what in TITLES:
        image = os.path.join(given.data, "discs", disc + ".iso")
        manifest = json.load(open(os.path.join(given.data, "discs", disc + ".json")))
        truth = next(found for found in manifest["titles"] if found["id"] == title)
        vobs(given.freemkv, image, int(truth["source"][4:6]), vob)
        for program, run in [
            ("freemkv", lambda: subprocess.run([given.freemkv, "mux", image, film, "--title", title, "-q", "--force"]).returncode == 0),
            ("ffmpeg", lambda: by_ffmpeg(vob, film)),
            ("mkvmerge", lambda: by_mkvmerge(vob, film)),
        ]:
            if os.path.exists(film):
                os.remove(film)
            cells = measured(truth, film) if run() else ["fails"] + [""] * 6
            name = f"{disc} {title}: {what}" if program == "freemkv" else ""
            print("| " + " | ".join([name, program] + cells) + " |", flush=True)
    for path in (vob, film):
        if os.path.exists(path):
            os.remove(path)


main()
