#!/usr/bin/env python3
"""What readers that know the disc would need on the simulated drive: a measure for the figures of recovery.py that are not reached,
not a bound (a weak unit that comes at the first attempt spares a program the failure that is charged here).

    knowing.py [--seeds 1-10] [--work FOLDER]

t90: a reader that knows the disc, reads it forward, and meets each damaged place with one failing command; places nearer
than 0.2 % of the disc are one. Each failure is followed by the slow phase; all sound units come at the first attempt.

regions: a reader that asks for each unit once, then knows which of the three regions is worth it, and spends all that is
left of the budget there. Of attempts with a chance of p, p / (1 - p) come for each that fails.
"""
import argparse

import recovery

MODEL = dict(bd=(27e6, 4.0), dvd=(11e6, 3.0), cd=(6e6, 1.5))
INNER, SLOW, SLOW_BYTES = 0.42, 0.5, 64 << 20
NEAR = 0.002


def damage(path, unit, blocks):
    """Chance by block, the smallest of its sectors; what is not listed is sound."""
    chance = {}
    for line in open(path):
        words = line.split("#")[0].split()
        if words and words[0] in ("bad", "bads"):
            first, count, p = int(words[1]), int(words[2]), float(words[3])
            k = 1 if words[0] == "bad" else unit
            for block in range(first // k, min(blocks, (first + count - 1) // k + 1)):
                chance[block] = min(p, chance.get(block, 1.0)) if words[0] == "bads" else p
    return chance


def t90(work, media, kind, seed):
    unit, blocks = recovery.UNIT[media], recovery.BLOCKS[media]
    rate, failure = MODEL[media]
    chance = damage(work.map(media, kind, seed, []), unit, blocks)
    partial = kind == "partial"
    recoverable = blocks if partial else blocks - sum(p <= 0 for p in chance.values())
    seconds, came, slow, last = 0.0, 0, 0.0, -blocks
    for block in range(blocks):
        if block in chance:
            if block - last > NEAR * blocks:
                seconds, slow = seconds + failure, SLOW_BYTES
            last = block
            came += partial
            continue
        speed = rate * (INNER + (1 - INNER) * block / blocks)
        if slow > 0:
            speed, slow = speed * SLOW, slow - unit * 2048
        seconds, came = seconds + unit * 2048 / speed, came + 1
        if came >= 0.9 * recoverable:
            break
    return seconds


def regions(work, media, seed):
    """The share of what the expert misses that is missed all the same, in the mean over the drive's luck."""
    unit, blocks = recovery.UNIT[media], recovery.BLOCKS[media]
    expert = work.ddrescue(media, "regions", seed, [], "expert")
    chances = list(damage(work.map(media, "regions", seed, []), unit, blocks).values())
    good, poor, dead = (sum(p == of for p in chances) for of in (0.6, 0.03, 0))
    failures = (expert["drive_s"] - recovery.clean(media)) / MODEL[media][1] - good * 0.4 / 0.6 - dead
    left = max(poor - failures * 0.03 / 0.97, 0)
    return left * unit / (expert["recoverable"] - expert["delivered"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seeds", default="1-10", type=recovery.seeds)
    p.add_argument("--work", help="folder for discs and maps")
    a = p.parse_args()
    work, ratios = recovery.Work(a.work), []
    for media in ("bd", "dvd", "cd"):
        for kind in recovery.MAIN:
            mine = [t90(work, media, kind, s) / work.ddrescue(media, kind, s, [], "expert")["t90"] for s in a.seeds]
            ratios += mine
            print(f"{media}-{kind:8} t90 {recovery.mean(mine):.3f} of the expert's")
        missed = [regions(work, media, s) for s in a.seeds]
        print(f"{media}-regions  missed with the expert's time {min(missed):.3f} to {max(missed):.3f}, mean {recovery.mean(missed):.3f}")
    print(f"t90, mean: {recovery.mean(ratios):.3f}")


if __name__ == "__main__":
    main()
