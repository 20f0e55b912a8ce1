#!/usr/bin/env python3
"""Muxing against `ffmpeg -c copy`: processor time, wall time, memory.

    tests/bench/mux.py [--freemkv target/release/freemkv] [--folder /tmp] [--gigabytes 1.0] [--pairs 7]

Makes a stream file (H.264 at 35 Mb/s, AC-3 5.1, TrueHD 5.1, the rest of a Blu-ray's packets are headers), reads it
into the page cache, then runs both programs in turn, two unmeasured pairs first, and prints medians and the ratio
pair by pair. Needs ffmpeg.
"""
import argparse
import os
import subprocess

import timed


def make(path, gigabytes):
    """A stream of that size: half a minute is encoded once and repeated by copying, with clocks that go on."""
    if os.path.exists(path) and abs(os.path.getsize(path) / 1e9 / gigabytes - 1) < 0.2:
        return
    piece, quiet = path + ".piece.m2ts", ["ffmpeg", "-v", "error", "-y"]
    packets = ["-f", "mpegts", "-mpegts_m2ts_mode", "1"]
    video = "testsrc2=size=1920x1080:rate=24000/1001,noise=alls=40:allf=t"
    sound = "aevalsrc='" + "|".join(f"0.2*sin({200 + 90 * i}*t*6.28)" for i in range(6)) + "':c=5.1:s=48000"
    subprocess.check_call(
        quiet + ["-f", "lavfi", "-i", video, "-f", "lavfi", "-i", sound, "-t", "20", "-map", "0", "-map", "1", "-map", "1"]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "35M", "-minrate", "35M", "-maxrate", "35M", "-bufsize", "30M"]
        + ["-x264-params", "nal-hrd=cbr:aud=1:keyint=24", "-c:a:0", "ac3", "-b:a:0", "640k", "-c:a:1", "truehd", "-strict", "-2"]
        + packets + [piece])
    rounds = max(0, round(gigabytes * 1e9 / os.path.getsize(piece)) - 1)
    subprocess.check_call(
        quiet + ["-stream_loop", str(rounds), "-i", piece, "-map", "0:v", "-map", "0:a:0", "-map", "0:a:1", "-c", "copy", "-strict", "-2"] + packets + [path])
    os.remove(piece)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--freemkv", default="target/release/freemkv")
    p.add_argument("--folder", default="/tmp")
    p.add_argument("--gigabytes", type=float, default=1.0)
    p.add_argument("--pairs", type=int, default=7)
    a = p.parse_args()
    source, ours, theirs = (os.path.join(a.folder, name) for name in ("bench.m2ts", "bench-freemkv.mkv", "bench-ffmpeg.mkv"))
    make(source, a.gigabytes)
    subprocess.check_call(["cat", source], stdout=subprocess.DEVNULL)
    freemkv = [a.freemkv, "mux", source, ours, "--force", "-q"]
    ffmpeg = ["ffmpeg", "-v", "error", "-y", "-i", source, "-map", "0:v", "-map", "0:a:0", "-map", "0:a:1", "-c", "copy", theirs]
    rows = []
    for i in range(a.pairs + 2):
        pair = timed.measure(freemkv), timed.measure(ffmpeg)
        if i >= 2:
            rows.append(pair)
    for output in (ours, theirs):
        os.remove(output)
    size = os.path.getsize(source) / 1e9
    print(f"{size:.2f} GB, {len(rows)} pairs; medians")
    print("                user s  system s  wall s  peak MiB")
    for name, side in (("freemkv", 0), ("ffmpeg", 1)):
        user, system, wall, rss = (timed.median(row[side][k] for row in rows) for k in (0, 1, 2, 4))
        print(f"{name:<12}{user:10.2f}{system:10.2f}{wall:8.2f}{rss / 1024:10.1f}")
    for k, name in ((0, "user"), (2, "wall")):
        print(f"{name} freemkv / ffmpeg: {timed.spread(row[0][k] / row[1][k] for row in rows)}")


main()
