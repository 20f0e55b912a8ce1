#!/usr/bin/env python3
"""Holds freemkv to DVDs: try_dvds.py FREEMKV DATA IMAGE... muxes every title of each image, from the image, from its folder and
from the emulated drive, and compares with

- the manifest beside the image (IMAGE with .json): `check_mkv.py --strict` of DATA/discs, which holds every stamp to 1.5 ms;
- `lsdvd -x`: length, chapters, sound and sub-pictures of each title, but where the manifest says that the tables are wrong;
- `ffmpeg -xerror`: the film decodes without a word.

Needs lsdvd, 7z, ffmpeg, mkvmerge. Exit 0: all hold."""
import ast
import json
import os
import re
import subprocess
import sys
import tempfile

FREEMKV, DATA = sys.argv[1:3]
CHECK = [sys.executable, f"{DATA}/discs/check_mkv.py", "--strict"]
LANGUAGES = {"en": "eng", "fr": "fre", "de": "ger", "es": "spa", "ja": "jpn", "it": "ita", "nl": "dut", "pt": "por", "sv": "swe", "da": "dan", "fi": "fin", "pl": "pol"}
FORMATS = {"ac3": "AC-3", "dts": "DTS", "lpcm": "LPCM", "mpeg1": "MP2", "mpeg2": "MP2", "mpeg2ext": "MP2"}
failures = []


def run(*command, **more):
    return subprocess.run([str(part) for part in command], capture_output=True, **more)


def hold(condition, what):
    print("ok  " if condition else "FAIL", what)
    if not condition:
        failures.append(what)


def lsdvd(image):
    text = run("lsdvd", "-x", "-Oy", image).stdout.decode("latin1")
    found = re.search(r"lsdvd = (\{.*\})", text, re.S)
    return ast.literal_eval(found.group(1))["track"] if found else []


def info(source):
    return json.loads(run(FREEMKV, "info", source, "--json").stdout)


def compare(image, title, other, truth):
    """What `info` says of a title, and what lsdvd does."""
    name = f"{os.path.basename(image)} title {title['number']} lsdvd"
    # Of a title of several chains lsdvd knows the first alone.
    if any(truth.get(key) for key in ("bogus", "ifo_broken", "bogus_cells", "pgcs")):
        return
    # Times of 30 in a second are counted as if they were 30; each cell is rounded.
    slack = 0.0011 * other["length"] + 0.05 * max(1, len(other["cell"]))
    near = abs(title["duration_seconds"] - other["length"]) <= slack
    # The tables round to whole units of sound, or lie: then the manifest has the truth.
    near |= abs(title["duration_seconds"] - truth.get("duration", -9)) < 0.05
    hold(near, f"{name}: {title['duration_seconds']:.3f} s, {other['length']:.3f} s")
    # What begins in the last second is no chapter.
    chapters = [chapter["length"] for chapter in other["chapter"] if chapter["length"] > 0]
    hold(len(title["chapters"]) == len(chapters) - (len(chapters) > 1 and chapters[-1] < 1), f"{name}: chapters")
    tracks = lambda kind: [track for track in title["tracks"] if track["type"] == kind]
    language = lambda stream: LANGUAGES.get(stream["langcode"])
    sound = [(FORMATS[stream["format"].strip()], language(stream)) for stream in other["audio"]]
    hold([(track["codec"], track["language"]) for track in tracks("audio")] == sound, f"{name}: sound {sound}")
    pictures = [language(stream) for stream in other["subp"]]
    own = [track["language"] for track in tracks("subtitle")]
    # lsdvd counts a stream once for each display that it is for, and numbers those of a chain that leaves some out without a gap.
    told = [track["lang"] for track in truth.get("tracks", []) if track["type"] == "subtitle"]
    hold(own in (pictures, told), f"{name}: sub-pictures {own} {pictures}")


def mux(source, title, truth, image, way, folder):
    output = os.path.join(folder, f"{way}.mkv")
    name = f"{os.path.basename(image)} title {title} from {way}"
    done = run(FREEMKV, "mux", source, output, "--title", title.split("@")[0], "--angle", title.partition("@")[2] or "1", "--force")
    hold(done.returncode == 0, f"{name}: exit {done.returncode} {done.stderr.decode()[-300:]}")
    if done.returncode:
        return
    if truth:
        # Where film and video change, no one number says how long a picture lasts: its absence is only warned of.
        check = CHECK[:-1] if os.path.basename(image) == "mixed.iso" else CHECK
        checked = run(*check, f"{os.path.splitext(image)[0]}.json", title, output)
        wrong = [line for line in checked.stdout.decode().splitlines() if "FAIL" in line or "WARN" in line]
        hold(checked.returncode == 0, f"{name}: check_mkv {wrong[:5]}")
    decoded = run("ffmpeg", "-v", "error", "-xerror", "-nostdin", "-i", output, "-map", "0:v", "-map", "0:a?", "-fps_mode:v", "passthrough", "-enc_time_base:v", "1:90000", "-f", "null", "-")
    hold(decoded.returncode == 0 and not decoded.stderr, f"{name}: ffmpeg {decoded.stderr.decode()[:200]}")
    os.unlink(output)


def main():
    for image in sys.argv[3:]:
        beside = os.path.splitext(image)[0] + ".json"
        truths = json.load(open(beside))["titles"] if os.path.exists(beside) else []
        by_id = {truth["id"]: truth for truth in truths}
        others = {str(track["ix"]): track for track in lsdvd(image)}
        titles = info(image)["titles"]
        for title in titles:
            if title["id"] in others:
                compare(image, title, others[title["id"]], by_id.get(title["id"], {}))
        with tempfile.TemporaryDirectory() as folder:
            tree = os.path.join(folder, "disc")
            run("7z", "x", "-y", f"-o{tree}", image)
            ways = {"image": image, "folder": tree, "emu": f"emu:{image},profile=dvd"}
            names = [t["id"] for t in truths if t.get("duration")] or [t["id"] for t in titles]
            names += [angle["id"] for truth in truths for angle in truth.get("angle_titles", [])]
            for name in names:
                for way, source in ways.items() if "@" not in name else [("image", image)]:
                    mux(source, name, name in by_id or "@" in name, image, way, folder)
    print(f"{len(failures)} do not hold")
    sys.exit(1 if failures else 0)


main()
