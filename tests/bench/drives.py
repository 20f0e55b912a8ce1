#!/usr/bin/env python3
"""What is lost beside the drive: the emulated one in real time, onto a throttled disk; then two of them at once.

    tests/bench/drives.py [--freemkv target/release/freemkv] [--folder /tmp] [--megabytes 600] [--rounds 3]

A sound Blu-ray at 12x from edge to edge (54 MB/s). The output lies on a loop device that takes no more than 100 MB/s
(the blkio controller of cgroup v1), so root is needed. The modelled time is what the same sweep takes on a virtual
clock: `drive_seconds` of its report. Two drives at once have sources and images of their own on one disk, not throttled; each is held against its run alone just before.
"""
import argparse
import json
import os
import subprocess
import threading

import timed
from throttled import Throttled

PLAN = "rate 54\ninner 1\n"


def sweep(freemkv, source, output, plan, clock="real"):
    """Wall seconds of one sweep, and seconds on the drive's clock."""
    timed.remove(output)
    drive = f"emu:{source},profile=bd,faults={plan},time={clock}"
    _, _, wall, said = timed.run([freemkv, "sweep", "-q", "--json", drive, output])
    report = json.loads(said)
    assert report["complete"], report
    return wall, report["drive_seconds"]


def at_once(freemkv, jobs):
    results = [None] * len(jobs)

    def work(i):
        results[i] = sweep(freemkv, *jobs[i])

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--freemkv", default="target/release/freemkv")
    p.add_argument("--folder", default="/tmp")
    p.add_argument("--megabytes", type=int, default=600)
    p.add_argument("--rounds", type=int, default=3)
    a = p.parse_args()
    place = lambda name: os.path.join(a.folder, name)
    sources = [timed.noise(place(f"bench-disc{i}.iso"), a.megabytes * 1000000 // 2**20 * 2**20) for i in (1, 2)]
    plan = place("bench-disc.plan")
    with open(plan, "w") as file:
        file.write(PLAN)
    for source in sources:
        timed.into_cache(source)

    with Throttled(a.folder, a.megabytes * 1100000 + (64 << 20), 100 * 10**6) as disk:
        output = os.path.join(disk.mount, "disc.iso")
        _, modelled = sweep(a.freemkv, sources[0], output, plan, "virtual")
        walls = [sweep(a.freemkv, sources[0], output, plan)[0] for _ in range(a.rounds)]
    lost = [100 * (wall - modelled) / wall for wall in walls]
    print(f"{a.megabytes} MB at 54 MB/s onto a disk of 100 MB/s, {a.rounds} runs: modelled {modelled:.3f} s, wall {timed.median(walls):.3f} s")
    print(f"lost: median {timed.median(lost):.2f} %, {min(lost):.2f} to {max(lost):.2f} %")

    jobs = [(source, place(f"bench-disc{i}.out"), plan) for i, source in enumerate(sources)]
    slower = []
    for _ in range(a.rounds):
        alone = [sweep(a.freemkv, *job)[0] for job in jobs]
        both = [wall for wall, _ in at_once(a.freemkv, jobs)]
        slower += [both[i] / alone[i] - 1 for i in range(2)]
        subprocess.check_call(["cmp", jobs[0][0], jobs[0][1]])
    print(f"two drives at once against each alone, {a.rounds} rounds: median {100 * timed.median(slower):+.2f} %, worst {100 * max(slower):+.2f} %")
    timed.remove(plan, *sources, *(job[1] for job in jobs))


main()
