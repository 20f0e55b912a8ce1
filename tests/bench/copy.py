#!/usr/bin/env python3
"""An image onto the same disk: `freemkv sweep` against `dd` and `ddrescue`.

    tests/bench/copy.py [--freemkv target/release/freemkv] [--folder /tmp] [--gibibytes 4] [--rounds 7] [--write auto]
                        [--before OTHER]

The source lies in the page cache before each run, and cachestat(2) says so; memory for the copy is free and was used
just before, since in a virtual machine the first to use a page pays for it; each run ends with the copy on the disk.
The programs run in turn, two unmeasured rounds first. Prints medians and the ratios round by round. `--before` adds another
build of freemkv. Needs ddrescue.
"""
import argparse
import os

import timed


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--freemkv", default="target/release/freemkv")
    p.add_argument("--folder", default="/tmp")
    p.add_argument("--gibibytes", type=float, default=4)
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--write", default="auto")
    p.add_argument("--before")
    a = p.parse_args()
    source, output = (os.path.join(a.folder, name) for name in ("bench-source.iso", "bench-copy.iso"))
    timed.noise(source, int(a.gibibytes * 2**30))
    programs = {
        "freemkv": [a.freemkv, "sweep", "-q", "--write", a.write, source, output],
        "dd": ["dd", "bs=1M", "conv=fsync", "status=none", f"if={source}", f"of={output}"],
        "ddrescue": ["sh", "-c", 'ddrescue -q -b2048 "$1" "$2" "$2.map" && sync -f "$2"', "sh", source, output],
    }
    if a.before:
        programs["before"] = [a.before] + programs["freemkv"][1:]
    rows = {name: [] for name in programs}
    for round_ in range(a.rounds + 2):
        for name, command in programs.items():
            timed.remove(output)
            timed.into_cache(source)
            timed.free_memory(int(a.gibibytes * 2**30) + (1 << 30))
            user, system, wall, _ = timed.run(command)
            if round_ >= 2:
                rows[name].append((user, system, user + system, wall))
    timed.remove(output, source)
    print(f"{a.gibibytes:g} GiB, {a.rounds} rounds, --write {a.write}; medians")
    print("            user s  system s   CPU s  wall s")
    for name, runs in rows.items():
        user, system, cpu, wall = (timed.median(run[k] for run in runs) for k in range(4))
        print(f"{name:<10}{user:8.2f}{system:10.2f}{cpu:8.2f}{wall:8.2f}")
    for other in list(programs)[1:]:
        for k, what in ((3, "wall"), (2, "CPU")):
            ratios = [ours[k] / theirs[k] for ours, theirs in zip(rows["freemkv"], rows[other])]
            of_medians = timed.median(run[k] for run in rows["freemkv"]) / timed.median(run[k] for run in rows[other])
            print(f"{what} freemkv / {other}: of medians {of_medians:.2f}; round by round {timed.spread(ratios)}")


main()
