"""Presentation graphics: subtitles of a built-in 5 x 7 font as display sets of segments."""
import struct

from .m2ts import Frame

PALETTE, OBJECT, COMPOSITION, WINDOW, END = 0x14, 0x15, 0x16, 0x17, 0x80
EPOCH_START, NORMAL = 0x80, 0x00
SCALE, BORDER = 5, 2  # screen pixels of a font pixel, font pixels around the text
INK, PAPER = 1, 2
COLOURS = {INK: (235, 128, 128, 255), PAPER: (16, 128, 128, 160)}  # Y, Cr, Cb, opacity

# Seven rows of five pixels for each character, the leftmost in bit 4.
ROWS = """
A 0E11111F111111 B 1E11111E11111E C 0E11101010110E D 1E11111111111E E 1F10101E10101F F 1F10101E101010
G 0E11101711110F H 1111111F111111 I 0E04040404040E J 0702020202120C K 11121418141211 L 1010101010101F
M 111B1515111111 N 11111915131111 O 0E11111111110E P 1E11111E101010 Q 0E11111115120D R 1E11111E141211
S 0F10100E01011E T 1F040404040404 U 1111111111110E V 11111111110A04 W 1111111515150A X 11110A040A1111
Y 1111110A040404 Z 1F01020408101F 0 0E11131519110E 1 040C040404040E 2 0E11010204081F 3 1F02040201110E
4 02060A121F0202 5 1F101E0101110E 6 0608101E11110E 7 1F010204080808 8 0E11110E11110E 9 0E11110F01020C
. 00000000000C0C , 0000000C0C0408 - 0000001F000000 ' 0C040800000000 ! 04040404000004 ? 0E110102040004
: 000C0C000C0C00
""".split()
FONT = {" ": bytes(7), **{char: bytes.fromhex(rows) for char, rows in zip(ROWS[::2], ROWS[1::2])}}


def picture(text):
    """`text` as rows of palette indices, all of one length."""
    width = (6 * len(text) - 1 + 2 * BORDER) * SCALE
    blank = [[PAPER] * width for _ in range(BORDER * SCALE)]
    rows = list(blank)
    for line in range(7):
        dots = [0] * BORDER
        for char in text:
            dots += [FONT[char][line] >> bit & 1 for bit in (4, 3, 2, 1, 0)] + [0]
        dots += [0] * (BORDER - 1)
        rows += [[INK if dot else PAPER for dot in dots for _ in range(SCALE)]] * SCALE
    return rows + blank


def run_lengths(rows):
    """The pixels of an object, coded line by line."""
    out = bytearray()
    for row in rows:
        at = 0
        while at < len(row):
            colour, end = row[at], at + 1
            while end < len(row) and row[end] == colour and end - at < 0x3FFF:
                end += 1
            run, at = end - at, end
            if colour and run < 3:
                out += bytes([colour]) * run
                continue
            flag = 0x80 if colour else 0
            out += bytes([0, flag | run] if run < 64 else [0, flag | 0x40 | run >> 8, run & 255])
            if colour:
                out.append(colour)
        out += b"\0\0"
    return bytes(out)


def segment(kind, content):
    """A segment: type, length, content."""
    return struct.pack(">BH", kind, len(content)) + content


def object_segments(rows, room=65000):
    """An object as one segment or several that follow each other."""
    data = struct.pack(">HH", len(rows[0]), len(rows)) + run_lengths(rows)
    parts = [data[at:at + room] for at in range(0, len(data), room)]
    out = []
    for number, part in enumerate(parts):
        flags = (0x80 if number == 0 else 0) | (0x40 if number == len(parts) - 1 else 0)
        head = struct.pack(">HBB", 0, 0, flags) + (len(data).to_bytes(3, "big") if number == 0 else b"")
        out.append(segment(OBJECT, head + part))
    return out


def ticks(pixels, rate):
    """How long the decoder needs for this many pixels, 90 kHz."""
    return -(-pixels * 90000 // rate)


def show(text, pts, number, screen, forced=False):
    """A display set that puts `text` near the lower edge at `pts`: frames, one a segment, and the window it used."""
    rows = picture(text)
    width, height = len(rows[0]), len(rows)
    window = (screen[0] - width) // 2, screen[1] - height - screen[1] // 12, width, height
    decode, fill = ticks(width * height, 16_000_000), ticks(width * height, 32_000_000)
    start = pts - max(decode, ticks(screen[0] * screen[1], 32_000_000)) - fill
    composition = struct.pack(">HHBHBBBB", *screen, 0x10, number, EPOCH_START, 0, 0, 1)
    composition += struct.pack(">HBBHH", 0, 0, 0x40 if forced else 0, window[0], window[1])
    palette = b"\0\0" + b"".join(bytes([index, *colour]) for index, colour in COLOURS.items())
    out = [Frame(pts, start, segment(COMPOSITION, composition)),
           Frame(pts - fill, start, segment(WINDOW, struct.pack(">BBHHHH", 1, 0, *window))),
           Frame(start, start, segment(PALETTE, palette))]
    out += [Frame(start + decode, start, part) for part in object_segments(rows)]
    return out + [Frame(start + decode, start + decode, segment(END, b""))], window


def clear(pts, number, screen, window):
    """A display set that takes everything away at `pts`."""
    fill = ticks(window[2] * window[3], 32_000_000)
    composition = struct.pack(">HHBHBBBB", *screen, 0x10, number, NORMAL, 0, 0, 0)
    return [Frame(pts, pts - fill, segment(COMPOSITION, composition)),
            Frame(pts - fill, pts - fill, segment(WINDOW, struct.pack(">BBHHHH", 1, 0, *window))),
            Frame(pts - fill, pts - fill, segment(END, b""))]


def subtitles(lines, screen):
    """Frames of `lines`: [(start, end, text, forced)], 90 kHz, in order and apart."""
    frames = []
    for number, (start, end, text, forced) in enumerate(lines):
        sets, window = show(text, start, 2 * number, screen, forced)
        frames += sets + clear(end, 2 * number + 1, screen, window)
    return frames
