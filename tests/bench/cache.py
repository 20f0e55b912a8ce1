#!/usr/bin/env python3
"""What lies between an output and its disk while it is written, and how long the output stands still.

    tests/bench/cache.py [--freemkv target/release/freemkv] [--folder /tmp] [--gibibytes 8] [--slow-mebibytes 512]

Every strategy of `freemkv sweep`, and `dd bs=1M conv=fsync`, onto this disk and onto one that takes 20 MB/s (see
throttled.py; root). The source is one hole, so that nothing is read from a disk. cachestat(2) is asked every 20 ms.
A stall is the longest time in which the output's length did not grow (looked at every 2 ms) between its first byte
and its last: that is what a reader in front of it feels, whether a write, a wait or a lack of buffers holds it up. What
comes after the last byte, the sync, is a column of its own.
"""
import argparse
import os
import subprocess
import threading
import time

import timed
from throttled import Throttled


class Watch:
    """Looks at an output until it is told to stop."""

    def __init__(self, path, size):
        self.path, self.size = path, size
        self.most, self.stall, self.whole_at = 0, 0.0, None
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.cache), threading.Thread(target=self.growth)]
        for thread in self.threads:
            thread.start()

    def cache(self):
        while not self.stop.wait(0.02):
            # Dirty pages and pages under write-out are cached ones.
            self.most = max(self.most, timed.cached(self.path)[0])

    def growth(self):
        last, since = 0, None
        while not self.stop.wait(0.002):
            try:
                length = os.stat(self.path).st_size
            except FileNotFoundError:
                continue
            now = time.monotonic()
            if length > last:
                if since is not None:
                    self.stall = max(self.stall, now - since)
                last, since = length, now
                if length >= self.size and self.whole_at is None:
                    self.whole_at = now

    def end(self):
        at = time.monotonic()
        self.stop.set()
        for thread in self.threads:
            thread.join()
        return at - (self.whole_at or at)


def one(name, command, output, size):
    timed.remove(output)
    begun = time.monotonic()
    process = subprocess.Popen(command)
    watch = Watch(output, size)
    code = process.wait()
    sync = watch.end()
    wall = time.monotonic() - begun
    if code != 0:
        return print(f"{name:<10} exit {code}")
    print(f"{name:<10}{watch.most / 2**20:12.1f}{watch.stall:10.3f}{sync:12.2f}{wall:9.1f}", flush=True)


def table(a, where, folder, size):
    source, output = (os.path.join(a.folder, "bench-hole.iso"), os.path.join(folder, "bench-out.iso"))
    with open(source, "wb") as file:
        file.truncate(size)
    print(f"{where}, {size / 2**30:g} GiB")
    print("           most cached   longest   sync after   wall\n                   MiB   stall s  last byte s      s")
    for strategy in ("dontcache", "window", "direct", "plain"):
        one(strategy, [a.freemkv, "sweep", "-q", "--write", strategy, source, output], output, size)
    one("dd", ["dd", "bs=1M", "conv=fsync", "status=none", f"if={source}", f"of={output}"], output, size)
    timed.remove(source, output)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--freemkv", default="target/release/freemkv")
    p.add_argument("--folder", default="/tmp")
    p.add_argument("--gibibytes", type=float, default=8)
    p.add_argument("--slow-mebibytes", type=int, default=512)
    a = p.parse_args()
    table(a, "this disk", a.folder, int(a.gibibytes * 2**30))
    size = a.slow_mebibytes << 20
    with Throttled(a.folder, size + (128 << 20), 20 * 10**6) as disk:
        table(a, "a disk of 20 MB/s", disk.mount, size)


main()
