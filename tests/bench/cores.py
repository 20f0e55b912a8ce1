#!/usr/bin/env python3
"""Weak cores and the stop rule: what `patch` leaves of a core of 200 units that `patch --thorough` gets, on the simulated drive.

    cores.py [--chances 0.05,0.1] [--discs 40] [--judge FILE] [--work FOLDER]
"""
import argparse
import json
import os
import subprocess

import recovery

MODEL = dict(bd="ecc 32\nrate 27\nbad_s 4", dvd="ecc 16\nrate 11\nbad_s 3", cd="ecc 1\nrate 6\nbad_s 1.5\ncache_kib 1024")


def run(judge, media, maps, *options):
    out = subprocess.check_output([judge, *options, media, str(recovery.BLOCKS[media]), *maps], text=True)
    return [json.loads(line)["delivered"] // recovery.UNIT[media] for line in out.splitlines()]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--chances", default="0.05,0.1")
    p.add_argument("--discs", default=40, type=int)
    p.add_argument("--judge", help="a judge that is built already")
    p.add_argument("--work", help="folder for maps")
    a = p.parse_args()
    work, judge = recovery.Work(a.work), recovery.judge_program(a.judge)
    for media, model in MODEL.items():
        for chance in a.chances.split(","):
            maps = []
            for seed in range(1, a.discs + 1):
                maps.append(os.path.join(work.folder, "maps", f"{media}-core-{chance}-{seed}.map"))
                with open(maps[-1], "w") as f:
                    f.write(f"{model}\nseed {seed}\nbad {int(recovery.BLOCKS[media] * 0.4)} 200 {chance}\n")
            lost = [more - less for less, more in zip(run(judge, media, maps), run(judge, media, maps, "--thorough"))]
            print(f"{media} chance {chance}: mean {sum(lost) / len(lost):.1f} units lost, more than 10 on {sum(n > 10 for n in lost)} of {len(lost)} discs, at most {max(lost)}")


if __name__ == "__main__":
    main()
