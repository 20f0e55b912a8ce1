"""Interactive graphics: a menu as the composition segment that holds its buttons. It has no pictures."""
import struct

from .m2ts import Frame
from .pgs import END, segment

COMPOSITION = 0x18
NOTHING = 0xFFFF  # no object, no button


def button(number, commands):
    """A button at the upper left, without neighbours and pictures."""
    out = struct.pack(">HHBHH", number, number, 0, 0, 0) + struct.pack(">4H", *[number] * 4)
    out += struct.pack(">HHB", NOTHING, NOTHING, 0) + struct.pack(">BHHB", 0xFF, NOTHING, NOTHING, 0)
    out += struct.pack(">BHH", 0xFF, NOTHING, NOTHING)
    return out + struct.pack(">H", len(commands)) + b"".join(commands)


def page(number, buttons):
    """A page without effects; each of `buttons`, lists of commands, is a group of its own."""
    out = struct.pack(">BBQ", number, 0, 0) + bytes(4) + struct.pack(">BHHBB", 0, 0, NOTHING, 0, len(buttons))
    for place, commands in enumerate(buttons):
        out += struct.pack(">HB", place, 1) + button(place, commands)
    return out


def menu(pages, pts, screen, room=65000):
    """Frames of a menu that is there from `pts` on: pages of buttons of commands, in fragments of `room` bytes."""
    body = struct.pack(">B", 0x80) + bytes(3) + bytes([len(pages)])
    body += b"".join(page(number, buttons) for number, buttons in enumerate(pages))
    data = len(body).to_bytes(3, "big") + body
    parts = [data[at:at + room] for at in range(0, len(data), room)]
    out = []
    for number, part in enumerate(parts):
        flags = (0x80 if number == 0 else 0) | (0x40 if number == len(parts) - 1 else 0)
        head = struct.pack(">HHBHBB", *screen, 0x10, 0, 0x80, flags)
        out.append(Frame(pts, pts, segment(COMPOSITION, head + part)))
    return out + [Frame(pts, pts, segment(END, b""))]
