#!/usr/bin/env python3
"""Recovery on the simulated drive, against GNU ddrescue: drive time, order, what is lost.

    recovery.py judge     sweep and patch in one process on the drive's arithmetic: all scenarios in a minute
    recovery.py run       the release binary under `drivesim.py run` (minutes; needs openssl for the disc)
    recovery.py check     both, and whether they agree
    recovery.py ddrescue  makes the reference again: ddrescue by default and as an expert runs it (half an hour)
    recovery.py pictures  one SVG for each scenario: drive time against what is in

Scenarios: --media bd,dvd,cd --kinds pits,rot,... --seeds 1-3 --set KEY=VALUE (of the model, see drivesim.c).
The simulated drive is taken from $FREEMKV_TEST_DATA/drivesim, else from tests/support. ddrescue's figures for the
scenarios of the table lie in ddrescue.json.gz beside this file; figures for other settings are made when missing
and kept in the folder of --work.
"""
import argparse
import gzip
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.environ.get("FREEMKV_TEST_DATA", "")
SIM = next(d for d in (os.path.join(DATA, "drivesim"), os.path.join(ROOT, "tests/support")) if os.path.exists(os.path.join(d, "drivesim.py")))
REFERENCE = os.path.join(HERE, "ddrescue.json.gz")
MAIN = "pits scratch smudge rot band mixed partial".split()
KINDS = MAIN + "weakcore regions fringe inner".split()
UNIT = dict(bd=32, dvd=16, cd=1)
BLOCKS = dict(bd=32768, dvd=32768, cd=332800)
CLEAN = dict(bd=127.0, dvd=150.0)
WAYS = ("expert", "default")


def mean(values):
    """Geometric."""
    values = list(values)
    return math.exp(sum(math.log(max(v, 1e-9)) for v in values) / len(values)) if values else float("nan")


def sectors(media):
    return BLOCKS[media] * UNIT[media]


def clean(media):
    """Drive seconds of a sound disc: the model's arithmetic, or the issue's figure."""
    rate = dict(bd=27e6, dvd=11e6, cd=6e6)[media]
    return CLEAN.get(media) or sectors(media) * 2048 / rate * math.log(1 / 0.42) / 0.58


class Work:
    """A folder for maps, discs and what ddrescue said for settings that the reference lacks."""

    def __init__(self, folder):
        self.folder = folder or os.path.join(tempfile.gettempdir(), "freemkv-recovery")
        os.makedirs(os.path.join(self.folder, "maps"), exist_ok=True)
        self.library = os.path.join(self.folder, "drivesim.so")
        if not os.path.exists(self.library):
            subprocess.check_call(["cc", "-O2", "-shared", "-fPIC", "-o", self.library, os.path.join(SIM, "drivesim.c"), "-ldl", "-lm"])
        self.figures = None

    def map(self, media, kind, seed, sets):
        path = os.path.join(self.folder, "maps", f"{media}-{kind}-{seed}{''.join('+' + s for s in sets)}.map")
        if not os.path.exists(path):
            words = ["map", f"{media}-{kind}", "--seed", str(seed), "--blocks", str(BLOCKS[media])]
            text = subprocess.check_output([sys.executable, os.path.join(SIM, "drivesim.py"), *words, *(w for s in sets for w in ("--set", s))])
            with open(path + ".new", "wb") as f:
                f.write(text)
            os.replace(path + ".new", path)
        return path

    def hole(self, media):
        """A disc of zeros: enough to be charged for."""
        path = os.path.join(self.folder, media + ".hole")
        with open(path, "ab") as f:
            f.truncate(sectors(media) * 2048)
        return path

    def disc(self, media):
        """A disc of which every sector differs."""
        path = os.path.join(self.folder, media + ".iso")
        if not os.path.exists(path) or os.path.getsize(path) != sectors(media) * 2048:
            cipher = "openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null"
            subprocess.run(f"{cipher} | head -c {sectors(media) * 2048} > '{path}'", shell=True, check=False)
        return path

    def ddrescue(self, media, kind, seed, sets, way):
        """What ddrescue costs, from the reference, from what was made before, or made now."""
        if self.figures is None:
            self.figures = {}
            if os.path.exists(REFERENCE):
                with gzip.open(REFERENCE, "rt") as f:
                    for name, figures in json.load(f).items():
                        self.figures[name] = unpack(figures)
            self.kept = os.path.join(self.folder, "ddrescue.jsonl")
            if os.path.exists(self.kept):
                for line in open(self.kept):
                    name, figures = json.loads(line)
                    self.figures[name] = unpack(figures)
        name = " ".join([f"{media}-{kind}", str(seed), way, *sets])
        if name not in self.figures:
            self.figures[name] = run_ddrescue(self, media, kind, seed, sets, way)
            with open(self.kept, "a") as f:
                f.write(json.dumps([name, pack(self.figures[name])]) + "\n")
        return self.figures[name]


FIELDS = "drive_s commands failed seeks recoverable delivered t90 t99".split()


def pack(figures):
    """The curve as differences of tenths of a second; a point never reached is -1."""
    last, curve = 0, []
    for at in figures["curve"]:
        tenths = round(at * 10)
        curve.append(tenths - last if at else -1)
        last = tenths if at else last
    return [figures[k] for k in FIELDS] + [curve]


def unpack(figures):
    last, curve = 0, []
    for step in figures[-1]:
        last += max(step, 0)
        curve.append(last / 10 if step >= 0 else 0.0)
    return dict(zip(FIELDS, figures)) | {"curve": curve}


def run_ddrescue(work, media, kind, seed, sets, way):
    source = work.hole(media)
    folder = tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    out = os.path.join(folder, "out.json")
    env = dict(os.environ, LD_PRELOAD=work.library, DRIVESIM_SRC=source, DRIVESIM_MAP=work.map(media, kind, seed, sets),
               DRIVESIM_STATE=os.path.join(folder, "state"), DRIVESIM_OUT=out)
    word = ["ddrescue", "-q", "-S"]
    if way == "default":
        commands = [word + ["-n", "-b2048"], word + ["-d", "-r3", "-b2048"]]
    elif media == "cd":
        commands = [word + ["-d", "-b2048", "-r3"]]
    else:
        commands = [word + ["-d", "-b", str(UNIT[media] * 2048), "-c", "1", "-r3"]]
    for command in commands:
        subprocess.run(command + [source, os.path.join(folder, "i"), os.path.join(folder, "m")], env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(out) as f:
        figures = json.load(f)
    shutil.rmtree(folder)
    return figures


def judge_program(given):
    """The judge, built by cargo unless it is named."""
    if given:
        return given
    words = ["cargo", "bench", "--bench", "judge", "--no-run", "--message-format=json", "-q"]
    for line in subprocess.check_output(words, cwd=ROOT, text=True).splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "judge":
            return message["executable"]
    sys.exit("cargo built no judge")


def judge(a, work, media, kinds, seeds, sets, options=(), targets=None):
    """Figures by (kind, seed)."""
    maps = {work.map(media, k, s, sets): (k, s) for k in kinds for s in seeds}
    words = [a.judge, *options]
    if targets:
        path = os.path.join(work.folder, f"targets-{os.getpid()}")
        with open(path, "w") as f:
            f.writelines(f"{m} {targets[key]}\n" for m, key in maps.items() if key in targets)
        words += ["--targets", path]
    out = subprocess.check_output(words + [media, str(BLOCKS[media]), *maps], text=True)
    if targets:
        os.remove(path)
    return {maps[j["map"]]: j for j in map(json.loads, out.splitlines())}


def real(a, work, media, kind, seed, sets, options=()):
    """The program itself on the simulated drive: sweep, then patch."""
    folder = tempfile.mkdtemp(dir=work.folder)
    source, image = work.disc(media), os.path.join(folder, "o.img")
    ours = lambda command, *more: [a.freemkv, command, "-q", "--media", media, *more, source, image]
    words = [sys.executable, os.path.join(SIM, "drivesim.py"), "run", "--curve", "--src", source, "--map", work.map(media, kind, seed, sets),
             "--out", image, "--mapfile", image + ".map", "--", *ours("sweep"), ";", *ours("patch", *options)]
    out = subprocess.check_output(words, text=True, env=dict(os.environ, DRIVESIM_BUILD=work.folder, TMPDIR=folder))
    shutil.rmtree(folder)
    figures = json.loads(out)
    figures["delivered"] = figures["recoverable"] - figures["missed"]
    return figures


class Lines:
    """What the figures must hold, and what does not."""

    def __init__(self, slack):
        self.slack, self.broken, self.means = slack, [], {}

    def limit(self, line, name, value, most):
        if not value <= most * self.slack + 1e-9:
            self.broken.append((line, f"{name} {value:.3f} > {most:g}"))

    def add(self, key, media, kind, value):
        self.means.setdefault(key, []).append((media, kind, value))

    def mean(self, line, key, most, where=lambda media, kind: True):
        values = [v for m, k, v in self.means.get(key, []) if where(m, k)]
        if not values:
            return
        by = {m: mean(v for n, k, v in self.means[key] if n == m and where(n, k)) for m in ("bd", "dvd", "cd")}
        value = mean(values)
        mark = "ok  " if value <= most * self.slack else "FAIL"
        print(f"  {mark} line {line}: {key:28} {value:.4f} (at most {most:g})   " + " ".join(f"{m} {v:.3f}" for m, v in by.items() if v == v))


def curve_ratios(ours, others):
    """Worst ratio beyond 10 s, where, and the mean over 10 to 99 %."""
    worst, where, ratios = 0.0, 0.0, []
    for i in range(1, 199):
        theirs = [o["curve"][i] for o in others if o["curve"][i] > 0]
        if not theirs:
            continue
        mine = ours["curve"][i] or 1e9
        if (mine - 10) / min(theirs) > worst:
            worst, where = (mine - 10) / min(theirs), i / 2
        if i >= 20:
            ratios.append(mine / min(theirs))
    return worst, where, mean(ratios)


def look(lines, media, kind, seed, sets, ours, expert, default):
    """One scenario against lines 1, 2, 4 to 7."""
    name, disc = f"{media}-{kind}-{seed}", sectors(media)
    short = "bad_s=0.5" in sets and kind == "band"
    total, won = ours["drive_s"] / expert["drive_s"], ours["delivered"] - expert["delivered"]
    main = kind in MAIN
    if kind != "weakcore":
        lines.limit(1, name + " sectors short", -won, 5e-5 * disc)
    elif won < -10 * UNIT[media]:
        lines.broken.append((6, f"{name} loses {-won}"))
    lines.limit(1, name + " total", total, 1.01)
    r90 = ours["t90"] / expert["t90"]
    r99 = ours["t99"] / expert["t99"] if expert["t99"] and ours["t99"] else float("nan")
    if media != "cd" and kind in ("scratch", "smudge", "rot", "band"):
        lines.limit(2, name + " t90/clean", ours["t90"] / clean(media), 1.2)
    else:
        lines.limit(2, name + " t90", r90, 1.0)
    if expert["t99"]:
        lines.limit(2, name + " t99", r99, dict(bd=0.45, dvd=0.55).get(media, 1.1) if kind == "scratch" else 1.1)
    if kind == "band":
        if short:
            lines.limit(8, name + " seconds", ours["drive_s"], clean(media) + 100)
        else:
            lines.limit(6, name + " total", total, 0.055)
            lines.add("band total", media, kind, total)
    if main and not short:
        lines.add("total", media, kind, total)
        lines.add("t90", media, kind, r90)
        lines.add("t99", media, kind, r99)
    if kind == "partial" or media == "cd":
        lines.limit(4, name + " sectors short of default", default["delivered"] - ours["delivered"], (3e-4 if media == "cd" else 5e-5) * disc)
        if media != "cd":
            lines.limit(4, name + " time of default's", ours["drive_s"] / default["drive_s"], 0.45)
    worst, where, through = curve_ratios(ours, (expert, default))
    lines.limit(7, f"{name} curve at {where} %", worst, 1.15 if kind == "rot" else 1.05)
    lines.limit(7, name + " curve", through, 1.0)
    lines.add("curve", media, kind, through)
    return (f"{name:15} {ours['drive_s']:8.0f} {total:6.3f} {won:+6d} | {ours['t90'] / clean(media):5.2f} {r90:6.3f} {r99:6.3f} | "
            f"{ours['drive_s'] / default['drive_s']:6.3f} {ours['delivered'] - default['delivered']:+6d} | {worst:5.2f}@{where:<4} {through:.3f}")


def persistence(a, work, media, kinds, seeds, sets, lines):
    """Lines 3 and 4: when as much is in as default brings."""
    fewer = lambda k: k == "partial" or media == "cd"
    for passes, line, allowed, which in ((40, 3, 1e-4, lambda k: k in MAIN), (20, 4, None, fewer), (3, 4, None, lambda k: media == "cd")):
        wanted = [k for k in kinds if which(k)]
        targets, theirs = {}, {}
        for k in wanted:
            for s in seeds:
                d = theirs[k, s] = work.ddrescue(media, k, s, sets, "default")
                less = d["delivered"] * 1e-4 if allowed else (3e-4 if media == "cd" else 5e-5) * sectors(media)
                targets[k, s] = math.ceil(d["delivered"] - less)
        if not wanted:
            continue
        figures = judge(a, work, media, wanted, seeds, sets, ["--passes", str(passes)], targets)
        for k in wanted:
            row = []
            for s in seeds:
                at = figures[k, s]["t_target"]
                ratio = at / theirs[k, s]["drive_s"] if at else 99.0
                row.append(f"{ratio:.3f} (end {figures[k, s]['drive_s'] / theirs[k, s]['drive_s']:.2f})")
                lines.limit(line, f"{media}-{k}-{s}, {passes} passes", ratio, 0.95 if passes == 3 else 1.0 if media == "cd" or line == 4 else 0.7)
                if line == 3 and media != "cd":
                    lines.add("persistence", media, k, ratio)
            print(f"  {passes} passes {media}-{k:8}", *row)


def budget(a, work, media, seeds, sets, lines):
    """Line 9: regions with the expert's total as budget."""
    for s in seeds:
        e = work.ddrescue(media, "regions", s, sets, "expert")
        j = judge(a, work, media, ["regions"], [s], sets, ["--budget", str(e["drive_s"]), "--passes", "40"])["regions", s]
        missed = [f["recoverable"] - f["delivered"] for f in (j, e)]
        print(f"  budget {media}-regions-{s}: {missed[0]} missed of {missed[1]}: {missed[0] / max(missed[1], 1):.3f}; {j['drive_s']:.0f} s of {e['drive_s']:.0f} s")
        lines.limit(9, f"{media}-regions-{s} missed", missed[0] / max(missed[1], 1), 0.8)


def table(a, work, take):
    """Prints the table and the lines; `take(media, kinds, seeds)` gives our figures by (kind, seed)."""
    lines = Lines(a.slack)
    print(f"{'scenario':15} {'seconds':>8} total sectors | t90/clean t90   t99   | of default: s, sectors | curve worst, mean")
    for media in a.media:
        figures = take(media, a.kinds, a.seeds)
        for kind in a.kinds:
            for seed in a.seeds:
                row = look(lines, media, kind, seed, a.set, figures[kind, seed], *(work.ddrescue(media, kind, seed, a.set, w) for w in WAYS))
                if a.verbose or seed == a.seeds[0]:
                    print(row)
                if figures[kind, seed].get("lies"):
                    lines.broken.append((5, f"{media}-{kind}-{seed}: {figures[kind, seed]['lies']} sectors called rescued that differ"))
        if a.persist:
            persistence(a, work, media, a.kinds, a.seeds, a.set, lines)
        if a.persist and "regions" in a.kinds:
            budget(a, work, media, a.seeds, a.set, lines)
    lines.mean(1, "total", 0.56)
    lines.means["total without band"] = [v for v in lines.means.get("total", []) if v[1] != "band"]
    lines.mean(1, "total without band", 0.87)
    lines.mean(2, "t90", 0.58)
    lines.mean(2, "t99", 0.78)
    lines.mean(3, "persistence", 0.10)
    lines.mean(6, "band total", 0.045)
    lines.mean(7, "curve", 0.9)
    for line in sorted({n for n, _ in lines.broken}):
        print(f"line {line}: {sum(n == line for n, _ in lines.broken)} broken")
        for n, what in lines.broken:
            if n == line:
                print("   ", what)
    return not lines.broken


def check(a, work):
    """Whether judge and program agree."""
    agree = True
    for media in a.media:
        for kind in a.kinds:
            for seed in a.seeds:
                quick = judge(a, work, media, [kind], [seed], a.set)[kind, seed]
                true = real(a, work, media, kind, seed, a.set)
                # The program's clock also counts its own microseconds, so that a choice between equals may fall otherwise.
                same = all(abs(quick[k] - true[k]) <= 2 + (0.02 if k == "seeks" else 0.002) * true[k] for k in ("drive_s", "commands", "failed", "seeks"))
                same &= abs(quick["delivered"] - true["delivered"]) <= 2 * UNIT[media] and not true["lies"]
                agree &= same
                print("same  " if same else "DIFFER", f"{media}-{kind}-{seed}", *(f"{k} {quick[k]:.10g}/{true[k]:.10g}" for k in ("drive_s", "commands", "failed", "seeks", "delivered")), "lies", true["lies"])
    return agree


def make_reference(a, work):
    """Deterministic, so that the file does not change when nothing did. Figures of other seeds stay."""
    figures = {}
    if os.path.exists(REFERENCE):
        with gzip.open(REFERENCE, "rt") as f:
            figures = json.load(f)
    for media in ("bd", "dvd", "cd"):
        for kind in KINDS:
            for seed in a.seeds:
                for way in WAYS:
                    figures[f"{media}-{kind} {seed} {way}"] = pack(run_ddrescue(work, media, kind, seed, (), way))
    write_reference(figures)
    return True


def write_reference(figures):
    text = json.dumps(dict(sorted(figures.items())), separators=(",", ":"))
    held = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=held, mtime=0) as f:
        f.write(text.encode())
    with open(REFERENCE, "wb") as f:
        f.write(held.getvalue())


def picture(name, curves, most):
    """Percent of the recoverable sectors against drive time; the last tenth of the disc takes half of the height."""
    left, top, width, height = 46, 22, 520, 220
    x = lambda s: left + width * math.log1p(s / 20) / math.log1p(most / 20)
    y = lambda p: top + height * (1 - (p / 90 * 0.5 if p < 90 else 0.5 + (p - 90) / 10 * 0.5))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="280" viewBox="0 0 600 280" font-family="sans-serif" font-size="11">',
           '<rect width="600" height="280" fill="#fff"/>', f'<text x="{left}" y="14" font-weight="bold">{name}</text>']
    for p in (0, 30, 60, 90, 95, 99, 100):
        out.append(f'<path d="M{left} {y(p):.1f}h{width}" stroke="#ddd"/><text x="{left - 6}" y="{y(p) + 4:.1f}" text-anchor="end">{p}</text>')
    for s in (60, 300, 900, 3600, 14400, 36000, 144000, 360000):
        if s <= most:
            word = f"{s // 60} min" if s < 3600 else f"{s // 3600} h"
            out.append(f'<path d="M{x(s):.1f} {top}v{height}" stroke="#ddd"/><text x="{x(s):.1f}" y="{top + height + 14}" text-anchor="middle">{word}</text>')
    at = left
    for word, colour, dash, points in curves:
        steps = [f"{x(s):.0f} {y(p):.1f}" for s, p in points]
        out.append(f'<path d="M{left} {y(0):.1f}L{"L".join(steps)}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}/>')
        out.append(f'<path d="M{at} 270h18" stroke="{colour}" stroke-width="2"{dash}/><text x="{at + 22}" y="274">{word}</text>')
        at += 150
    return "\n".join(out + ["</svg>"]) + "\n"


def pictures(a, work):
    folder = a.pictures or os.path.join(ROOT, "docs/recovery")
    os.makedirs(folder, exist_ok=True)
    seed = a.seeds[0]
    for media in a.media:
        figures = judge(a, work, media, a.kinds, [seed], ())
        for kind in a.kinds:
            three = [("freemkv", "#0a58ca", "", figures[kind, seed])]
            three += [(f"ddrescue, {w}", c, d, work.ddrescue(media, kind, seed, (), w)) for w, c, d in (("expert", "#d9480f", ' stroke-dasharray="6 3"'), ("default", "#666", ' stroke-dasharray="2 3"'))]
            most = max(f["drive_s"] for _, _, _, f in three)
            curves = []
            for word, colour, dash, f in three:
                points = [(s, i / 2) for i, s in enumerate(f["curve"]) if s > 0 and (i % 4 == 0 or i >= 180)]
                points.append((f["drive_s"], 100 * f["delivered"] / f["recoverable"]))
                curves.append((word, colour, dash, points))
            with open(os.path.join(folder, f"{media}-{kind}.svg"), "w") as f:
                f.write(picture(f"{media}-{kind}, seed {seed}: per cent of the recoverable sectors against drive time", curves, most))
    return True


def seeds(text):
    out = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        out += range(int(first), int(last or first) + 1)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["judge", "run", "check", "ddrescue", "pictures"])
    p.add_argument("--media", default="bd,dvd,cd", type=lambda t: t.split(","))
    p.add_argument("--kinds", default=",".join(KINDS), type=lambda t: t.split(","))
    p.add_argument("--seeds", default="1-3", type=seeds)
    p.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    p.add_argument("--persist", action="store_true", help="lines 3, 4 and 9 too: 40 and 20 passes, and a budget")
    p.add_argument("--slack", type=float, default=1.0, help="factor on the limits; 1.1 for line 8")
    p.add_argument("--judge", default=os.environ.get("JUDGE"), help="a judge that is built already")
    p.add_argument("--freemkv", default=os.path.join(ROOT, "target/release/freemkv"))
    p.add_argument("--work", help="folder for discs and maps (3.7 GB with all discs)")
    p.add_argument("--pictures", help="folder for the pictures (docs/recovery)")
    p.add_argument("-v", "--verbose", action="store_true", help="all seeds")
    a = p.parse_args()
    work = Work(a.work)
    if a.what in ("judge", "check", "pictures"):
        a.judge = judge_program(a.judge)
    done = {
        "judge": lambda: table(a, work, lambda m, k, s: judge(a, work, m, k, s, a.set)),
        "run": lambda: table(a, work, lambda m, ks, ss: {(k, s): real(a, work, m, k, s, a.set) for k in ks for s in ss}),
        "check": lambda: check(a, work),
        "ddrescue": lambda: make_reference(a, work),
        "pictures": lambda: pictures(a, work),
    }[a.what]()
    sys.stdout.flush()
    sys.exit(0 if done else 1)


if __name__ == "__main__":
    main()
