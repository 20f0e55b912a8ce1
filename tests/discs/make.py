#!/usr/bin/env python3
"""Makes pictures.iso, the small data disc that the demonstration and the tests read: python3 make.py, needs xorriso.

Six pictures that any viewer opens, each from a formula, so that damage shows where it lies and no two sectors are
alike; two texts. The image is kept in the repository: other releases of xorriso write other bytes.
"""
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WIDTH, HEIGHT = 640, 512
DATE = "2024010100000000"  # of everything on the disc

README = """This disc is a made-up one: six pictures and this text.

It belongs to freemkv, which reads it through an emulated drive that treats
it as a scratched DVD. Open the pictures of the image that comes out: grey
and black bands are where data is missing.
"""


def picture(number):
    """A picture as PPM: rings, squares and slopes, each number its own. Smooth, so that git keeps it small."""
    rows = bytearray()
    cx, cy = 100 + 90 * number, 80 + 60 * number
    for y in range(HEIGHT):
        for x in range(WIDTH):
            ring = ((x - cx) ** 2 + (y - cy) ** 2) >> 10
            square = (x >> 5 ^ y >> 5) * (7 + number)
            rows += struct.pack("BBB", ring & 255, square & 255, (x * y >> 11) & 255)
    return b"P6\n# freemkv %d\n%d %d\n255\n" % (number, WIDTH, HEIGHT) + bytes(rows)


def main():
    with tempfile.TemporaryDirectory() as folder:
        def put(name, content):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)

        put("README.TXT", README.encode())
        put("LIST.TXT", "".join(f"PICTURES/{n}.PPM  {WIDTH} x {HEIGHT}\n" for n in range(1, 7)).encode())
        for number in range(1, 7):
            put(f"PICTURES/{number}.PPM", picture(number))
        out = os.path.join(HERE, "pictures.iso")
        if os.path.exists(out):
            os.remove(out)
        command = ["xorriso", "-as", "mkisofs", "-quiet", "-r", "-V", "FREEMKV_DEMO", "-no-pad", "-o", out,
                   "--modification-date=" + DATE, "--set_all_file_dates", DATE, "-graft-points", "/=" + folder]
        return subprocess.run(command, env={**os.environ, "TZ": "UTC"}, stderr=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
