#!/usr/bin/env python3
"""What docs/farm.md shows of systemd, udev and cron, and a batch of drives, in a machine with two drives and a Debian 12.

    machine.py ROOT FREEMKV [systemd] [cron] [batch] [--accel kvm|tcg] [--keep FOLDER]

ROOT is what root.sh makes; FREEMKV a program that runs in it (Debian 12's libraries are there). Discs are put in by QEMU and
damaged by it. Says what was seen, and ends with 1 where it is not what the page says.
"""
import argparse
import json
import os
import re
import sys
import tempfile
import time

import guest

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
FILM = os.path.join(TREE, "tests/discs/film.iso")
LABEL = "SCRATCHED_FILM"
# A sector inside the film: unit 51 of 32 sectors.
BAD = range(51 * 32, 51 * 32 + 4)


def page():
    """The blocks of docs/farm.md: files by the path that their first line names, and the line for cron."""
    with open(os.path.join(TREE, "docs/farm.md")) as f:
        text = f.read()
    files = {}
    for block in re.findall(r"```\n(.*?)```", text, re.S):
        named = re.match(r"# (/etc/[^\s:]+)", block)
        if named:
            files[named[1]] = block
    line = re.search(r"^    (\*/10 .*)$", text, re.M)
    return files, line[1]


class Test:
    """The machine, what was expected of it, and what was not so."""

    def __init__(self, machine, folder):
        self.machine, self.folder, self.wrong = machine, folder, []

    def pressing(self, mark):
        """The film with another pressing's mark, so that it is another disc of the same name."""
        path = os.path.join(self.folder, f"pressing{mark}.iso")
        with open(FILM, "rb") as f:
            disc = bytearray(f.read())
        disc[18 * 2048 + 100] ^= mark
        with open(path, "wb") as f:
            f.write(disc)
        return path

    def holds(self, what, is_so):
        print("ok    " if is_so else "WRONG ", what, flush=True)
        if not is_so:
            self.wrong.append(what)

    def report(self, folder):
        text, code = self.machine.run(f"cat '{folder}/report.json'")
        return json.loads(text) if code == 0 else {}

    def is_idle(self, unit):
        return f"! systemctl is-active --quiet {unit} && [ \"$(systemctl show -p ActiveState --value {unit})\" != activating ]"


def systemd(test):
    """A disc that comes into a drive is ripped, and the tray opens: sound, damaged, known, two at once."""
    machine, unit = test.machine, "freemkv-rip@sr0.service"
    # systemd forgets a unit that has ended: what became of it is in the journal.
    journal = lambda: machine.run(f"journalctl -b --no-pager -u {unit} -o cat")[0]
    def one(name, image, bad, folder, code):
        machine.trays()
        before = len(journal())
        machine.insert(0, image, bad)
        took = machine.wait(120, f"test -e '/srv/rips/{folder}/report.json' && {test.is_idle(unit)}")
        report = test.report("/srv/rips/" + folder)
        test.holds(f"{name}: its report is there {took:.0f} s after it was put in", report.get("exit_code") == code)
        said = journal()[before:]
        well = "Deactivated successfully" in said and "Failed with result" not in said
        test.holds(f"{name}: the unit ended well, the program with {code}", well and f"(exit code {code})" in said)
        test.holds(f"{name}: the tray opened", machine.trays() == [0])
    one("a sound disc", test.pressing(1), (), LABEL, 0)
    one("a damaged disc", test.pressing(2), BAD, LABEL + " (2)", 3)
    before = machine.run("find /srv/rips -type f | sort | xargs sha256sum")[0]
    machine.trays()
    machine.insert(0, test.pressing(1))
    begun = time.time()
    while not machine.opened and time.time() - begun < 60:
        time.sleep(0.2)
    test.holds("a disc that was ripped already: the tray opened", machine.trays() == [0])
    machine.wait(20, test.is_idle(unit))
    test.holds("and nothing was made or changed", machine.run("find /srv/rips -type f | sort | xargs sha256sum")[0] == before)
    machine.insert(0, test.pressing(3))
    machine.insert(1, test.pressing(4))
    machine.wait(120, f"test -e '/srv/rips/{LABEL} (4)/report.json' && {test.is_idle('freemkv-rip@sr0.service')} && "
                      f"{test.is_idle('freemkv-rip@sr1.service')}")
    reports = [test.report(f"/srv/rips/{LABEL} ({number})") for number in (3, 4)]
    test.holds("two drives at once: two folders", [r.get("exit_code") for r in reports] == [0, 0])
    test.holds("each from its own drive", sorted(r.get("source", "") for r in reports) == ["/dev/sr0", "/dev/sr1"])
    print(machine.run("journalctl -b --no-pager -u 'freemkv-rip@*' -o cat | tail -n 30")[0])


def cron(test, line):
    """The line for cron, each minute: once for a disc, and without a word for an empty drive."""
    machine = test.machine
    machine.run("mv /etc/udev/rules.d/90-freemkv.rules /root/; udevadm control --reload; rm -rf /srv/rips")
    line = line.replace("*/10", "*", 1)
    machine.run(f"echo {json.dumps(line).replace('$', chr(92) + '$')} | crontab -")
    print("crontab:", machine.run("crontab -l")[0])
    machine.insert(0, test.pressing(5))
    machine.trays()
    took = machine.wait(90, f"test -e /srv/rips/{LABEL}/report.json")
    test.holds(f"cron: the report is there after {took:.0f} s", test.report(f"/srv/rips/{LABEL}").get("exit_code") == 0)
    begun = time.time()
    while not machine.opened and time.time() - begun < 20:
        time.sleep(0.2)
    test.holds("cron: the tray opened", machine.trays() == [0])
    runs = lambda: int(machine.run("journalctl -b --no-pager -t CRON | grep -c CMD")[0].split()[0])
    before = runs()
    while runs() < before + 1:
        time.sleep(2)
    time.sleep(5)
    # cron mails what a job says, and tells in the journal that there is nobody to mail it.
    said = machine.run("journalctl -b --no-pager -t CRON")[0]
    test.holds("cron: an empty drive is no word", "discarding output" not in said)
    machine.run("crontab -r; mv /root/90-freemkv.rules /etc/udev/rules.d/; udevadm control --reload")


def batch(test):
    """`--all` with two drives and a hand that puts the next disc in whenever a tray opens: five discs, one damaged."""
    machine = test.machine
    machine.run("mv /etc/udev/rules.d/90-freemkv.rules /root/; udevadm control --reload")
    waiting = [(test.pressing(mark), BAD if mark == 13 else ()) for mark in (12, 13, 14)]
    machine.insert(0, test.pressing(10))
    machine.insert(1, test.pressing(11))
    machine.trays()
    def hand(drive):
        if waiting:
            image, bad = waiting.pop(0)
            time.sleep(1)
            machine.insert(drive, image, bad)
    machine.robot = hand
    facts = "$FREEMKV_SOURCE|$FREEMKV_MISSING_BYTES|$FREEMKV_EXIT_CODE|$FREEMKV_FINGERPRINT"
    tell = lambda what: f"--on-{what} 'echo \"{what}|{facts}\" >>/root/told'"
    command = (f"freemkv rip --all /srv/batch --keep-going --wait=15s --eject {tell('free')} {tell('done')} --json "
               "--progress none >/root/report 2>/root/said")
    _, code = machine.run(command)
    machine.robot = None
    report = json.loads(machine.run("cat /root/report")[0])
    discs = report["discs"]
    by_drive = {drive: sum(disc["source"] == drive for disc in discs) for drive in ("/dev/sr0", "/dev/sr1")}
    test.holds(f"batch: five discs, from both drives ({by_drive})", len(discs) == 5 and min(by_drive.values()) >= 1)
    test.holds("batch: the worst of their exit codes", (code, report["exit_code"]) == (3, 3))
    test.holds("batch: one lacks data, four are whole", sorted(disc["exit_code"] for disc in discs) == [0, 0, 0, 0, 3])
    told = [line.split("|") for line in machine.run("cat /root/told")[0].split("\n")]
    for what in ("free", "done"):
        of_it = [line for line in told if line[0] == what]
        test.holds(f"batch: --on-{what} was told of each disc", len({line[4] for line in of_it} - {""}) == 5)
        lacking = [line for line in of_it if line[3] == "3"]
        test.holds(f"batch: --on-{what} knows what is missing", len(lacking) == 1 and int(lacking[0][2]) > 0)
    trays = machine.trays()
    test.holds(f"batch: a tray opened for each disc ({trays})", len(trays) == 5)
    # The lock: a second run has no drive.
    machine.insert(0, test.pressing(20))
    _, code = machine.run("freemkv rip /dev/sr0 /srv/locked -q & sleep 0.3; freemkv rip /dev/sr0 /srv/locked -q; code=$?; wait; exit $code")
    test.holds("a drive that another run has is busy (4)", code == 4)
    print(machine.run("cat /root/told /root/said")[0])
    machine.run("mv /root/90-freemkv.rules /etc/udev/rules.d/; udevadm control --reload")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("root")
    p.add_argument("freemkv")
    p.add_argument("what", nargs="*", default=["systemd", "cron", "batch"])
    p.add_argument("--accel", default="tcg", choices=["tcg", "kvm"])
    p.add_argument("--keep", help="a folder for the machine's disk and console")
    a = p.parse_args()
    files, line = page()
    guest.furnish(a.root, a.freemkv, files)
    with tempfile.TemporaryDirectory() as folder:
        folder = a.keep or folder
        os.makedirs(folder, exist_ok=True)
        machine = guest.Machine(a.root, folder, a.accel)
        try:
            test = Test(machine, folder)
            print(machine.run("systemctl --version | head -n 1; uname -r; dpkg-query -W cron udev")[0])
            machine.run("mkdir -p /srv/rips")
            steps = {"systemd": lambda: systemd(test), "cron": lambda: cron(test, line), "batch": lambda: batch(test)}
            for what in a.what:
                steps[what]()
        finally:
            machine.off()
    print("all as the page says" if not test.wrong else f"{len(test.wrong)} things are not as the page says")
    sys.exit(1 if test.wrong else 0)


if __name__ == "__main__":
    main()
