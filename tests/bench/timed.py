"""What the measurements share: runs with their processor time, the page cache of a file, medians."""
import ctypes
import os
import statistics
import subprocess
import sys
import time

CACHESTAT = 451
PAGE = os.sysconf("SC_PAGE_SIZE")
libc = ctypes.CDLL(None, use_errno=True)


class Range(ctypes.Structure):
    _fields_ = [("offset", ctypes.c_uint64), ("length", ctypes.c_uint64)]


class Pages(ctypes.Structure):
    """`struct cachestat` of linux/mman.h, in pages."""

    _fields_ = [(name, ctypes.c_uint64) for name in ("cached", "dirty", "writeback", "evicted", "recently_evicted")]


def cached(path):
    """Bytes of a file that are cached (dirty and under write-out among them), dirty, and under write-out: cachestat(2)."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return 0, 0, 0
    try:
        pages = Pages()
        if libc.syscall(CACHESTAT, fd, ctypes.byref(Range(0, 0)), ctypes.byref(pages), 0) != 0:
            sys.exit(f"cachestat: {os.strerror(ctypes.get_errno())} (Linux 6.5 has it)")
    finally:
        os.close(fd)
    return pages.cached * PAGE, pages.dirty * PAGE, pages.writeback * PAGE


def into_cache(path):
    """Reads a file until all of it is cached."""
    for _ in range(3):
        subprocess.check_call(["cat", path], stdout=subprocess.DEVNULL)
        if cached(path)[0] >= os.path.getsize(path):
            return
    sys.exit(f"{path} does not stay in the page cache: too little memory?")


def noise(path, size):
    """A file of that many random bytes, made once."""
    if os.path.exists(path) and os.path.getsize(path) == size:
        return path
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
    return path


def remove(*paths):
    for path in paths:
        for end in ("", ".map", ".map.state", ".log.jsonl"):
            if os.path.exists(path + end):
                os.remove(path + end)
    os.sync()


def run(command, *, codes=(0,)):
    """User, system and wall seconds of one run, and what it printed."""
    return measure(command, codes=codes)[:4]


def measure(command, *, codes=(0,), to=None):
    """The same, and the largest resident size in KiB. `to`: where its standard output goes instead, a command that reads it."""
    reader = to and subprocess.Popen(to, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    start = time.monotonic()
    if reader:
        process = subprocess.Popen(command, stdout=reader.stdin, stderr=subprocess.PIPE)
        reader.stdin.close()
        said = process.stderr.read()
        reader.wait()
    else:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        sys.exit(f"{command[0]}: exit {process.returncode}: {said.decode(errors='replace')}")
    return usage.ru_utime, usage.ru_stime, wall, said, usage.ru_maxrss


def median(values):
    return statistics.median(list(values))


def spread(ratios):
    ratios = sorted(ratios)
    return f"median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f}"


def free_memory(count):
    """Takes this many bytes of memory and gives them back, so that the next program gets pages that the machine really has: in
    a virtual machine the first one to use a page pays for it, many times what a copy costs. In a process of its own: what
    this one ever held would count as its children's."""
    take = "import mmap; mmap.mmap(-1, {}, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE).close()"
    subprocess.check_call([sys.executable, "-c", take.format(count)])
