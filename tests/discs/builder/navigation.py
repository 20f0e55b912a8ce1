"""The files that start a Blu-ray: index.bdmv, MovieObject.bdmv, and the disc's title in META/DL."""
import struct
from xml.sax.saxutils import escape

from .clip import block
from .streams import VIDEO_FORMATS, VIDEO_RATES

HDMV = 1 << 30  # object type of an entry, in its top two bits
INTERACTIVE = 1 << 14  # playback type of a title, in its top two bits; 0 is a movie


def index(first_play, menu, titles, video="1080p", rate="23.976", version="0200"):
    """index.bdmv. `first_play`, `menu`: numbers of movie objects; `titles`: a list of them."""
    application = block(struct.pack(">BB", 0, VIDEO_FORMATS[video] << 4 | VIDEO_RATES[rate]) + bytes(32))
    out = struct.pack(">IHHI", HDMV, 0, first_play, 0) + struct.pack(">IHHI", HDMV, INTERACTIVE, menu, 0)
    out += struct.pack(">H", len(titles))
    for number in titles:
        out += struct.pack(">IHHI", HDMV, 0, number, 0)
    head = struct.pack(">4s4sII24x", b"INDX", version.encode(), 40 + len(application), 0)
    return head + application + block(out)


def play_playlist(number):
    """The command that plays a playlist."""
    return struct.pack(">III", 0x22800000, number, 0)


def jump_title(number):
    """The command that goes to a title; 0 is the menu."""
    return struct.pack(">III", 0x21810000, number, 0)


def movie_objects(objects, version="0200"):
    """MovieObject.bdmv: each object a list of commands; all may be resumed, none masks a call."""
    out = struct.pack(">IH", 0, len(objects))
    for commands in objects:
        out += struct.pack(">HH", 0x8000, len(commands)) + b"".join(commands)
    return struct.pack(">4s4sI28x", b"MOBJ", version.encode(), 0) + block(out)


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
