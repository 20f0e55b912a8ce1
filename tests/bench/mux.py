#!/usr/bin/env python3
"""Muxing against `ffmpeg -c copy`, mkvmerge and `cp`: processor time, wall time, memory.

    tests/bench/mux.py [--freemkv target/release/freemkv] [--before OTHER] [--folder /tmp] [--kind avc|hevc|dvd]
                       [--gigabytes 1.0] [--rounds 7] [--items 50] [--pipe]

Makes a stream file (avc: H.264 at 35 Mb/s, AC-3, DTS and TrueHD 5.1; hevc: HEVC at 80 Mb/s, AC-3 and TrueHD 5.1; the rest
of a Blu-ray's packets are headers; dvd: MPEG-2 at 7 Mb/s, AC-3 5.1 and 2.0 and DTS as the VOB of a disc), reads it into the page cache, then runs the programs in turn, each with its output
on the disk at its end, two unmeasured rounds first. Prints medians and the ratios round by round. `--before` adds
another build of freemkv, `--items` freemkv on a playlist that plays the same stream in so many items, and `--pipe`
freemkv into a pipe to `cat`. Of a DVD freemkv takes the folder, ffmpeg (with +genpts, else it refuses) and mkvmerge the VOB
in it. Needs ffmpeg (with libx264, libx265) and mkvmerge, for DVDs dvdauthor.
"""
import argparse
import os
import shutil
import subprocess

import timed

MAKE_ITEMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "discs", "make_items.py")

QUIET = ["ffmpeg", "-v", "error", "-y"]
TRANSPORT = ["-f", "mpegts", "-mpegts_m2ts_mode", "1"]
PACKETS = {"avc": TRANSPORT, "hevc": TRANSPORT, "dvd": ["-f", "dvd", "-muxrate", "10080k", "-packetsize", "2048"]}
SIZE = {"avc": "1920x1080", "hevc": "3840x2160", "dvd": "720x480"}
SECONDS = {"avc": "20", "hevc": "8", "dvd": "60"}
RATE = {"avc": "24000/1001", "hevc": "24000/1001", "dvd": "30000/1001"}
VIDEO = {
    "avc": ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "35M", "-minrate", "35M", "-maxrate", "35M", "-bufsize", "30M"]
    + ["-x264-params", "nal-hrd=cbr:aud=1:keyint=24"],
    "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-b:v", "80M", "-pix_fmt", "yuv420p10le"]
    + ["-x265-params", "log-level=none:aud=1:repeat-headers=1:keyint=24:vbv-maxrate=80000:vbv-bufsize=80000:strict-cbr=1"],
    "dvd": ["-c:v", "mpeg2video", "-b:v", "7000k", "-minrate", "7000k", "-maxrate", "7000k", "-bufsize", "1835k", "-g", "15", "-bf", "2"]
    + ["-flags", "+cgop", "-sc_threshold", "1000000000"],
}
SOUND = {
    "avc": [["ac3", "-b:a:0", "640k"], ["dca", "-b:a:1", "1536k"], ["truehd"]],
    "hevc": [["ac3", "-b:a:0", "640k"], ["truehd"]],
    "dvd": [["ac3", "-b:a:0", "448k"], ["ac3", "-b:a:1", "192k", "-ac:a:1", "2"], ["dca", "-b:a:2", "768k"]],
}


def tracks(kind):
    """What ffmpeg is to take: it sees an AC-3 stream without a packet beside each TrueHD."""
    return ["-map", "0:v"] + [word for i in range(len(SOUND[kind])) for word in ("-map", f"0:a:{i}")]


def make(path, kind, gigabytes):
    """A stream of that size: some seconds are encoded once and repeated by copying, with clocks that go on."""
    if os.path.exists(path) and abs(os.path.getsize(path) / 1e9 / gigabytes - 1) < 0.2:
        return
    piece = path + ".piece"
    video = f"testsrc2=size={SIZE[kind]}:rate={RATE[kind]},noise=alls=40:allf=t"
    sound = "aevalsrc='" + "|".join(f"0.2*sin({200 + 90 * i}*t*6.28)" for i in range(6)) + "':c=5.1(side):s=48000"
    maps = ["-map", "0"] + ["-map", "1"] * len(SOUND[kind])
    coded = [word for i, track in enumerate(SOUND[kind]) for word in [f"-c:a:{i}"] + track]
    subprocess.check_call(QUIET + ["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound, "-t", SECONDS[kind]] + maps + VIDEO[kind] + coded
                          + ["-strict", "-2"] + PACKETS[kind] + [piece])
    rounds = max(0, round(gigabytes * 1e9 / os.path.getsize(piece)) - 1)
    subprocess.check_call(QUIET + ["-stream_loop", str(rounds), "-i", piece] + tracks(kind) + ["-c", "copy", "-strict", "-2"] + PACKETS[kind] + [path])
    os.remove(piece)


def author(path, folder):
    """A disc with this program stream, as a folder; gives its VOB, of which there is one: no more than a gigabyte."""
    vob = os.path.join(folder, "VIDEO_TS", "VTS_01_1.VOB")
    if not os.path.exists(vob):
        xml = path + ".xml"
        with open(xml, "w") as file:
            file.write('<dvdauthor jumppad="no"><vmgm/><titleset><titles><video format="ntsc" aspect="4:3"/><audio lang="en"/>'
                       f'<audio lang="fr"/><audio lang="de"/><pgc><vob file="{path}" chapters="0,1:00,5:00"/></pgc></titles></titleset></dvdauthor>')
        subprocess.check_call(["dvdauthor", "-x", xml, "-o", folder], env=dict(os.environ, VIDEO_FORMAT="NTSC"), stderr=subprocess.DEVNULL)
    return vob


def synced(command, output):
    """The command, with its output on the disk at the end."""
    return ["sh", "-c", '"$@" && sync -f "$0"', output] + command


def measure(programs, rounds, size):
    """Each program in turn: rows of user, system and wall seconds and of KiB."""
    rows = {name: [] for name in programs}
    for round_ in range(rounds + 2):
        for name, (command, output) in programs.items():
            timed.remove(*filter(None, [output]))
            timed.free_memory(size + (1 << 29))
            codes = (0, 1) if name == "mkvmerge" else (0,)
            user, system, wall, _, rss = timed.measure(command, codes=codes, to=None if output else ["cat"])
            if round_ >= 2:
                rows[name].append((user, system, wall, rss))
    timed.remove(*(output for _, output in programs.values() if output))
    return rows


def table(rows):
    print("                user s  system s  wall s  peak MiB")
    for name, runs in rows.items():
        user, system, wall, rss = (timed.median(run[k] for run in runs) for k in range(4))
        print(f"{name:<12}{user:10.2f}{system:10.2f}{wall:8.2f}{rss / 1024:10.1f}")
    ratios = {"user": lambda run: run[0], "user + system": lambda run: run[0] + run[1], "wall": lambda run: run[2]}
    for other in rows:
        if other == "freemkv":
            continue
        for what, of in ratios.items():
            if other == "cp" and what == "user":
                continue
            print(f"{what} freemkv / {other}: {timed.spread(of(ours) / of(theirs) for ours, theirs in zip(rows['freemkv'], rows[other]))}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--freemkv", default="target/release/freemkv")
    p.add_argument("--before")
    p.add_argument("--folder", default="/tmp")
    p.add_argument("--kind", choices=VIDEO, default="avc")
    p.add_argument("--gigabytes", type=float, default=1.0)
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--items", type=int)
    p.add_argument("--pipe", action="store_true")
    a = p.parse_args()
    out = os.path.join(a.folder, "bench-")
    disc = source = out + a.kind + (".mpg" if a.kind == "dvd" else ".m2ts")
    make(source, a.kind, a.gigabytes)
    flags = []
    if a.kind == "dvd":
        disc, flags = out + "dvd", ["-fflags", "+genpts"]
        source = author(source, disc)
    timed.into_cache(source)
    size = os.path.getsize(source)
    programs = {"freemkv": ([a.freemkv, "mux", disc, out + "freemkv.mkv", "-q"], out + "freemkv.mkv")}
    if a.before:
        programs["before"] = ([a.before, "mux", disc, out + "before.mkv", "-q"], out + "before.mkv")
    playing = out + "disc"
    if a.items:
        subprocess.check_call(["python3", MAKE_ITEMS, source, a.kind, str(a.items), playing])
        programs["items"] = ([a.freemkv, "mux", playing, out + "items.mkv", "--title", "00000", "-q"], out + "items.mkv")
    if a.pipe:
        programs["pipe"] = ([a.freemkv, "mux", disc, "-", "-q"], None)
    copy = QUIET + flags + ["-i", source] + tracks(a.kind) + ["-c", "copy", out + "ffmpeg.mkv"]
    programs |= {
        "ffmpeg": (synced(copy, out + "ffmpeg.mkv"), out + "ffmpeg.mkv"),
        "mkvmerge": (synced(["mkvmerge", "-q", "-o", out + "mkvmerge.mkv", source], out + "mkvmerge.mkv"), out + "mkvmerge.mkv"),
        "cp": (synced(["cp", "--reflink=never", source, out + "cp.mkv"], out + "cp.mkv"), out + "cp.mkv"),
    }
    rows = measure(programs, a.rounds, size)
    if a.items:
        shutil.rmtree(playing)
    print(f"{a.kind}, {size / 1e9:.2f} GB, {a.rounds} rounds; medians")
    table(rows)


main()
