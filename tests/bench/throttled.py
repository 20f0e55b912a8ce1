"""A disk that takes no more than this many bytes a second. Needs root, losetup, mkfs.ext4 and the blkio controller."""
import os
import subprocess
import sys

LIMIT = "/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device"


class Throttled:
    """An ext4 file system on a loop device with direct I/O, so that nothing is cached below it; gone at the end."""

    def __init__(self, folder, size, bytes_per_second):
        self.backing = os.path.join(folder, "bench-throttled.img")
        self.mount = os.path.join(folder, "bench-throttled")
        self.size, self.rate = size // 2**20 * 2**20, bytes_per_second
        self.device = self.number = None

    def __enter__(self):
        if not os.path.exists(LIMIT):
            sys.exit(f"{LIMIT} is missing: this needs cgroup v1 with blkio and root")
        # Written, not only given a length: what is measured shall not be the search for room below.
        with open(self.backing, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, self.size)
        self.device = subprocess.check_output(
            ["losetup", "--find", "--show", "--direct-io=on", self.backing], text=True).strip()
        try:
            subprocess.check_call(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", self.device])
            os.makedirs(self.mount, exist_ok=True)
            subprocess.check_call(["mount", self.device, self.mount])
            with open(f"/sys/block/{os.path.basename(self.device)}/dev") as file:
                self.number = file.read().strip()
            self.limit(self.rate)
        except BaseException:
            self.__exit__()
            raise
        return self

    def limit(self, rate):
        with open(LIMIT, "w") as file:
            file.write(f"{self.number} {rate}")

    def __exit__(self, *_):
        if self.number:
            self.limit(0)
        subprocess.call(["umount", self.mount], stderr=subprocess.DEVNULL)
        subprocess.call(["losetup", "--detach", self.device])
        os.remove(self.backing)
        if os.path.isdir(self.mount):
            os.rmdir(self.mount)
