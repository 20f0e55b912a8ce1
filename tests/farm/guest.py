"""The machine of `machine.py`: QEMU with two drives, a console that takes commands, and a hand that puts discs in."""
import json
import os
import shutil
import socket
import subprocess
import threading
import time

DRIVES = 2
# Takes a line, runs it, says what it said and how it ended.
AGENT = r"""#!/bin/bash
stty -F /dev/ttyS1 raw -echo
exec <>/dev/ttyS1 1>&0
echo '@@ ready'
while IFS= read -r line; do
    bash -c "$line" </dev/null 2>&1
    echo "@@ $?"
done
"""
UNIT = """[Unit]
Description=Commands of the test
After=systemd-udevd.service
[Service]
ExecStart=/bin/bash /usr/local/sbin/agent
"""


def write(root, path, text, mode=0o644):
    """A file of the root."""
    path = os.path.join(root, path.lstrip("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def furnish(root, freemkv, files):
    """Puts program, files and the agent into a root."""
    program = os.path.join(root, "usr/local/bin/freemkv")
    shutil.copyfile(freemkv, program)
    os.chmod(program, 0o755)
    for path, text in files.items():
        write(root, path, text)
    write(root, "/usr/local/sbin/agent", AGENT, 0o755)
    write(root, "/etc/systemd/system/agent.service", UNIT)
    write(root, "/etc/fstab", "/dev/vda / ext4 defaults 0 1\n")
    write(root, "/etc/hostname", "farm\n")
    wants = os.path.join(root, "etc/systemd/system/multi-user.target.wants")
    os.makedirs(wants, exist_ok=True)
    link = os.path.join(wants, "agent.service")
    if not os.path.islink(link):
        os.symlink("/etc/systemd/system/agent.service", link)


# What the kernel must have to find its root; udev loads all else.
MODULES = "virtio_pci", "virtio_blk", "crc32c_generic", "ext4"
# Debian's own initramfs takes minutes to be made.
INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /root
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs devtmpfs /dev
for module in $(/bin/busybox cat /order); do /bin/busybox insmod /modules/$module; done
until [ -e /dev/vda ]; do /bin/busybox sleep 1; done
/bin/busybox mount -t ext4 /dev/vda /root
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
"""


def initrd(root, kernel, folder):
    """An initramfs that mounts the root and hands over to it."""
    modules = os.path.join(root, "lib/modules", kernel)
    needs = {}
    with open(os.path.join(modules, "modules.dep")) as f:
        for line in f:
            name, after = line.split(":")
            needs[name] = after.split()
    path_of = {os.path.basename(path).split(".")[0]: path for path in needs}
    order = []
    for name in MODULES:
        for path in [*reversed(needs[path_of[name]]), path_of[name]] if name in path_of else []:
            if path not in order:
                order.append(path)
    made = os.path.join(folder, "initrd.root")
    for part in ("bin", "dev", "modules"):
        os.makedirs(os.path.join(made, part), exist_ok=True)
    shutil.copy(shutil.which("busybox"), os.path.join(made, "bin/busybox"))
    for path in order:
        shutil.copy(os.path.join(modules, path), os.path.join(made, "modules"))
    write(made, "order", "\n".join(map(os.path.basename, order)))
    write(made, "init", INIT, 0o755)
    out = os.path.join(folder, "initrd")
    subprocess.check_call(f"cd '{made}' && find . | busybox cpio -o -H newc >'{out}' 2>/dev/null", shell=True)
    return out


class Lines:
    """A socket of lines."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        for _ in range(100):
            try:
                self.socket.connect(path)
                break
            except OSError:
                time.sleep(0.1)
        self.file = self.socket.makefile("rb")

    def send(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def line(self):
        line = self.file.readline()
        if not line:
            raise SystemExit("the machine is gone")
        return line.decode(errors="replace").rstrip("\r\n")


class Machine:
    """A machine that is up."""

    def __init__(self, root, folder, accel):
        disk = os.path.join(folder, "disk")
        subprocess.check_call(["mkfs.ext4", "-q", "-F", "-d", root, disk, "3G"])
        boot = os.path.join(root, "boot")
        kernel = max(name for name in os.listdir(boot) if name.startswith("vmlinuz-"))
        path = lambda name: os.path.join(folder, name)
        words = ["qemu-system-x86_64", "-M", "q35", "-m", "1024", "-smp", "2", "-nodefaults", "-no-user-config", "-display", "none",
                 "-no-reboot", "-accel", accel, "-kernel", os.path.join(boot, kernel),
                 "-initrd", initrd(root, kernel.removeprefix("vmlinuz-"), folder),
                 "-append", "root=/dev/vda rw console=ttyS0 quiet no_timer_check",
                 "-serial", "file:" + path("console"), "-serial", f"unix:{path('agent')},server=on,wait=off",
                 "-qmp", f"unix:{path('qmp')},server=on,wait=off",
                 "-blockdev", json.dumps({"driver": "file", "node-name": "disk", "filename": disk}),
                 "-device", "virtio-blk-pci,drive=disk", "-device", "virtio-scsi-pci,id=scsi"]
        for number in range(DRIVES):
            words += ["-device", f"scsi-cd,bus=scsi.0,scsi-id={number},id=cd{number}"]
        self.qemu = subprocess.Popen(words)
        self.qmp, self.agent = Lines(path("qmp")), Lines(path("agent"))
        self.opened, self.answers, self.nodes = [], [], 0
        self.changed, self.asking = threading.Condition(), threading.RLock()
        # Drives whose tray the hand itself opens; who is called when another tray opens.
        self.hand, self.robot = set(), None
        self.qmp.line()
        threading.Thread(target=self._listen, daemon=True).start()
        self.ask("qmp_capabilities")
        while self.agent.line() != "@@ ready":
            pass

    def _listen(self):
        while True:
            said = json.loads(self.qmp.line())
            with self.changed:
                if "event" not in said:
                    self.answers.append(said)
                self.changed.notify_all()
            if said.get("event") != "DEVICE_TRAY_MOVED" or not said["data"]["tray-open"]:
                continue
            drive = int(said["data"]["id"].removeprefix("cd"))
            if drive in self.hand:
                continue
            self.opened.append(drive)
            if self.robot:
                threading.Thread(target=self.robot, args=(drive,), daemon=True).start()

    def ask(self, command, **arguments):
        """A command for QEMU."""
        with self.asking, self.changed:
            self.qmp.send(json.dumps({"execute": command, "arguments": arguments}))
            while not self.answers:
                self.changed.wait()
            answer = self.answers.pop(0)
        if "error" in answer:
            raise SystemExit(f"{command}: {answer['error']}")
        return answer["return"]

    def run(self, command):
        """What a command in the machine says, and how it ends."""
        self.agent.send(command.replace("\n", " "))
        said = []
        while not (line := self.agent.line()).startswith("@@ "):
            said.append(line)
        return "\n".join(said), int(line[3:])

    def insert(self, drive, image, bad=()):
        """Puts a disc in, as a hand does: the tray opens, and closes with the disc in it. Reads of `bad` sectors fail."""
        self.hand.add(drive)
        with self.asking:
            self._insert(drive, image, bad)
        # What QEMU tells of this comes before its last answer.
        self.hand.discard(drive)

    def _insert(self, drive, image, bad):
        self.nodes += 1
        node = f"disc{self.nodes}"
        self.ask("blockdev-add", **{"driver": "file", "node-name": node, "filename": image, "read-only": True})
        if bad:
            rules = [{"event": "none", "iotype": "read", "errno": 61, "once": False, "sector": sector * 4} for sector in bad]
            self.ask("blockdev-add", **{"driver": "blkdebug", "node-name": node + "bad", "image": node,
                                        "inject-error": rules, "read-only": True})
            node += "bad"
        self.ask("blockdev-open-tray", id=f"cd{drive}", force=True)
        self.ask("blockdev-remove-medium", id=f"cd{drive}")
        self.ask("blockdev-insert-medium", id=f"cd{drive}", **{"node-name": node})
        self.ask("blockdev-close-tray", id=f"cd{drive}")

    def wait(self, seconds, command):
        """Until a command in the machine succeeds; how long that took."""
        begun = time.time()
        while time.time() - begun < seconds:
            if self.run(command)[1] == 0:
                return time.time() - begun
            time.sleep(0.3)
        raise SystemExit(f"in vain for {seconds} s: {command}\n{self.run('journalctl -b --no-pager | tail -n 40')[0]}")

    def trays(self):
        """Trays that opened since this was asked last."""
        opened, self.opened = self.opened, []
        return opened

    def off(self):
        self.agent.send("systemctl poweroff")
        try:
            self.qemu.wait(60)
        except subprocess.TimeoutExpired:
            self.qemu.kill()
