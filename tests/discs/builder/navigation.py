"""What a Blu-ray plays by itself: index.bdmv, MovieObject.bdmv, BDJO; and the disc's title in META/DL."""
import struct
from xml.sax.saxutils import escape

from .clip import block
from .streams import VIDEO_FORMATS, VIDEO_RATES

HDMV, JAVA = 1, 2  # object types of an entry
MOVIE, INTERACTIVE = 0, 1  # playback types of a title
EQUAL, NOT_EQUAL = 2, 3  # options of compares


def entry(what, playback=MOVIE, access=0):
    """An entry of the index: the number of a movie object, or the name of a Java program."""
    kind = JAVA if isinstance(what, str) else HDMV
    head = struct.pack(">IH", kind << 30 | access << 28, (playback | (kind == JAVA) << 1) << 14)
    return head + (what.encode("ascii") + b"\0" if kind == JAVA else struct.pack(">HI", what, 0))


def index(first_play, menu, titles, video="1080p", rate="23.976", version="0200"):
    """index.bdmv. `first_play`, `menu`, and each of `titles`: as for `entry`."""
    application = block(struct.pack(">BB", 0, VIDEO_FORMATS[video] << 4 | VIDEO_RATES[rate]) + bytes(32))
    out = entry(first_play) + entry(menu, INTERACTIVE) + struct.pack(">H", len(titles))
    out += b"".join(map(entry, titles))
    head = struct.pack(">4s4sII24x", b"INDX", version.encode(), 40 + len(application), 0)
    return head + application + block(out)


def command(group, sub_group, operands=(), branch=0, compare=0, setting=0):
    """A command of twelve bytes. `operands`: numbers, or registers by `register`."""
    head = len(operands) << 5 | group << 3 | sub_group
    for place, operand in enumerate(operands):
        branch |= 0 if isinstance(operand, Register) else 0x80 >> place
    words = [operand.number if isinstance(operand, Register) else operand for operand in operands]
    return struct.pack(">BBBBII", head, branch, compare, setting, *(words + [0, 0])[:2])


class Register:
    """A general register."""

    def __init__(self, number):
        self.number = number


def play_playlist(number):
    """The command that plays a playlist: its number, or the register that has it."""
    return command(0, 2, [number])


def jump_title(number):
    """The command that goes to a title; 0 is the menu."""
    return command(0, 1, [number], branch=1)


def go_to(place):
    """The command that goes on at another command of the object."""
    return command(0, 0, [place], branch=1)


def compare(how, register, value):
    """The command that passes over the next one where a comparison does not hold."""
    return command(1, 0, [register, value], compare=how)


def move(register, value):
    """The command that sets a register."""
    return command(2, 0, [register, value], setting=1)


def movie_objects(objects, version="0200"):
    """MovieObject.bdmv: each object a list of commands; all may be resumed, none masks a call."""
    out = struct.pack(">IH", 0, len(objects))
    for commands in objects:
        out += struct.pack(">HH", 0x8000, len(commands)) + b"".join(commands)
    return struct.pack(">4s4sI28x", b"MOBJ", version.encode(), 0) + block(out)


def bdj_object(playlists, plays_any=False, version="0200"):
    """A BDJO that gives a Java program leave to play `playlists` (names), and starts no application."""
    sections = [block(b"*****" + bytes(5)), block(bytes(2)),
                block(struct.pack(">I", len(playlists) << 21 | plays_any << 20)
                      + b"".join(name.encode("ascii") + b"\0" for name in playlists)),
                block(bytes(2)), bytes(4), bytes(2)]
    starts, at = [], 48
    for section in sections:
        starts.append(at)
        at += len(section)
    return struct.pack(">4s4s6I16x", b"BDJO", version.encode(), *starts) + b"".join(sections)


def disc_title(title, language="eng"):
    """META/DL/bdmt_LANGUAGE.xml: the name of the disc."""
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<disclib xmlns="urn:BDA:bdmv;disclib" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <di:discinfo xmlns:di="urn:BDA:bdmv;discinfo">
    <di:title>
      <di:name>{escape(title)}</di:name>
      <di:numSets>1</di:numSets>
      <di:setNumber>1</di:setNumber>
    </di:title>
    <di:language>{language}</di:language>
  </di:discinfo>
</disclib>
""".encode()
