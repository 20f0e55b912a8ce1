#!/usr/bin/env python3
"""DVDs that the test data does not hold: more_dvds.py DATA WORK OUT [NAME...] makes OUT/NAME.iso and OUT/NAME.json, by the
authoring modules of DATA/discs/author (which need ffmpeg, dvdauthor, genisoimage). try_dvds.py holds freemkv to them."""
import os
import struct
import sys

DATA, WORK, OUT = (os.path.abspath(path) for path in sys.argv[1:4])
sys.path[:0] = [f"{DATA}/discs/author", f"{DATA}/discs"]

from bdlib import manifest  # noqa: E402
from dvdlib import Vts, author, master  # noqa: E402
from dvdmux import Vob, audio_track, lpcm_track, spu, text_bitmap  # noqa: E402
from dvdx import Ifo, angle_block, cell_flags, p16, p32, title_table, titles, u32  # noqa: E402
from sources import audio, mpeg2  # noqa: E402

NTSC = ("30000/1001", 3003, "352x240", "NTSC")
PAL = ("25", 3600, "352x288", "PAL")
PALETTE = [(16 + 13 * n, 128 + 7 * n, 128 - 5 * n) for n in range(16)]


def vob(tag, frames, norm=NTSC, dar="4/3", tracks=(("ac3", 2),), subs=(), tone=400):
    """One VOB, as authored: pictures, sound, sub-pictures as (stream, seconds, text)."""
    rate, ticks, size, _ = norm
    seconds = frames * ticks / 90000
    mpeg2(f"{tag}.m2v", size, rate, frames, tag, kbps=400, maxk=2500, gop=15, dar=dar, end=True)
    made = []
    for n, (codec, channels) in enumerate(tracks):
        if codec.startswith("lpcm"):
            made.append(lpcm_track(n, channels, seconds, tone + 90 * n, bits=int(codec[4:])))
            continue
        path = f"{tag}.{n}.{codec}"
        if isinstance(channels, tuple):
            # The first part has fewer channels than the rest.
            parts = []
            for k, count in enumerate(channels):
                audio(f"{path}.{k}", codec, count, seconds * (1, 3)[k] / 4, tone + 90 * n + 30 * k, (192, 384)[k])
                parts.append(open(f"{path}.{k}", "rb").read())
            open(path, "wb").write(b"".join(parts))
        else:
            audio(path, codec, channels, seconds, tone + 90 * n)
        made.append(audio_track(path, codec, n))
    shown = {}
    for stream, at, text in subs:
        unit = spu(text_bitmap(text, 20), 20, 180, (0, 1, 2, 3), (0, 15, 15, 15), stop=60)
        shown.setdefault(stream, []).append((int(at * 90000), unit))
    return Vob(f"{tag}.m2v", ticks, made, [{"id": s, "units": u} for s, u in shown.items()]).write(f"{tag}.mpg")


def titleset(pgcs, aspect="4:3", norm="ntsc", extra="", menus=""):
    return f'<titleset>{menus}<titles><video format="{norm}" aspect="{aspect}"/>{extra}{"".join(pgcs)}</titles></titleset>'


def pgc(*vobs, pre="", post=""):
    files = "".join(f'<vob file="{name}.mpg" chapters="{chapters}"/>' for name, chapters in vobs)
    return f"<pgc>{f'<pre>{pre}</pre>' if pre else ''}{files}{f'<post>{post}</post>' if post else ''}</pgc>"


def make(name, *sets, vmgm="<vmgm/>", norm="NTSC"):
    open(f"{name}.xml", "w").write(f'<dvdauthor jumppad="no">{vmgm}{"".join(sets)}</dvdauthor>')
    author(f"{name}.xml", name, norm)


def finish(name, vobs, roles, angles=None):
    label = name.upper()
    found = titles(name, vobs, roles)
    if angles:
        # Where a block has fewer, a player takes the first; the truth that is made here would take none.
        found[0]["angle_titles"] = found[0]["angle_titles"][:angles - 1]
    master(name, f"{OUT}/{name}.iso", label)
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", label, "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


def with_commands(body, pre=(), post=(), cell=()):
    """A chain with these commands behind its tables."""
    body = bytearray(body)
    body += b"\0" * (len(body) & 1)
    p16(body, 0xE4, len(body))
    count = len(pre) + len(post) + len(cell)
    head = struct.pack(">HHHH", len(pre), len(post), len(cell), 7 + 8 * count)
    return bytes(body) + head + b"".join([*pre, *post, *cell])


def entry(ifo, number, block, mask):
    """Puts chain `number` into a block of chains, with a parental mask."""
    at = u32(ifo.b, 0xCC) * 2048 + 8 + 8 * (number - 1)
    ifo.b[at + 1] = block
    p16(ifo.b, at + 2, mask)
    ifo.save()


def parental_table(name, sets, highest, others):
    """One country; the masks of level 8, and those of all others. It takes the place of the copies of attributes."""
    for kind in ("IFO", "BUP"):
        path = f"{name}/VIDEO_TS/VIDEO_TS.{kind}"
        b = bytearray(open(path, "rb").read())
        masks = lambda mask: struct.pack(f">{sets + 1}H", 0, *[mask] * sets)
        table = b"\0\1" + struct.pack(">HI", sets, 15 + 16 * (sets + 1)) + b"US\0\0\0\x10\0\0" + masks(highest) + masks(others) * 7
        at = u32(b, 0xD0)
        p32(b, 0xCC, at)
        p32(b, 0xD0, 0)
        b[at * 2048:at * 2048 + 2048] = table.ljust(2048, b"\0")
        open(path, "wb").write(b)


def angles(name):
    """Two blocks of angles, one of three in interleaved units, one of two that lie one behind the other."""
    lengths = [("intro", 45), ("one", 60), ("two", 60), ("three", 60), ("middle", 30), ("near", 45), ("far", 45), ("end", 45)]
    vobs = {(1, n): vob(f"{name}.{tag}", frames, tone=300 + 50 * n) for n, (tag, frames) in enumerate(lengths, 1)}
    hidden = '<cell start="0" end="-1" chapter="0" program="0"/>'
    parts = ""
    for tag, _ in lengths:
        inside = f">{hidden}</vob>" if tag in ("two", "three", "far") else ' chapters="0"/>'
        parts += f'<vob file="{name}.{tag}.mpg"{inside}'
    make(name, titleset([f"<pgc>{parts}</pgc>"], extra='<audio lang="en"/>'))
    angle_block(name, 1, [2, 3, 4], per_unit=(2, 2, 2), seamless=True)
    angle_block(name, 1, [6, 7])
    title_table(name, [(1, 1, 5, None, 3)])
    finish(name, vobs, ["two blocks of angles"], angles=2)


def post(name):
    """A title of three chains that post commands join; the field for the next chain is empty."""
    vobs = {(1, n): vob(f"{name}.{n}", 45, tone=300 + 70 * n) for n in (1, 2, 3)}
    make(name, titleset([pgc((f"{name}.1", "0"), (f"{name}.2", "0"), (f"{name}.3", "0"))] + [pgc((f"{name}.1", "0"))] * 2, extra='<audio lang="en"/>'))
    ifo = Ifo(name, 1)
    link = lambda chain: bytes([0x20, 4, 0, 0, 0, 0, 0, chain])
    menu = bytes([0x30, 8, 0, 0, 1, 0x42, 0, 0])
    # What the next field would say is what the check needs: it is taken out of the finished image.
    chains = [with_commands(ifo.pgc([(1, 1)], [1], nxt=3), post=[link(3)]), with_commands(ifo.pgc([(3, 1)], [1]), post=[menu]),
              with_commands(ifo.pgc([(2, 1)], [1], nxt=2), post=[link(2)])]
    ifo.tables(chains, [[(1, 1), (3, 1), (2, 1)]])
    title_table(name, [(1, 1, 3, None, 1)])
    found = titles(name, vobs, ["three chains by post commands"])
    table = u32(ifo.b, 0xCC) * 2048
    for n in (0, 2):
        p16(ifo.b, table + u32(ifo.b, table + 12 + 8 * n) + 0x9C, 0)
    ifo.save()
    master(name, f"{OUT}/{name}.iso", "POST")
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", "POST", "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


def parental(name):
    """A block of three chains: the longest is for children, the one of the highest level is the second."""
    vobs = {(1, n): vob(f"{name}.{n}", frames, tone=300 + 70 * n) for n, frames in ((1, 90), (2, 60), (3, 45))}
    make(name, titleset([pgc((f"{name}.1", "0"), (f"{name}.2", "0"), (f"{name}.3", "0"))] + [pgc((f"{name}.1", "0"))] * 2, extra='<audio lang="en"/>'))
    ifo = Ifo(name, 1)
    of = {n: ifo.pgc([(n, 1)], [1]) for n in (1, 2, 3)}
    # The truth is that of a title which begins with the right chain.
    ifo.tables([of[2], of[1], of[3]], [[(1, 1)]])
    title_table(name, [(1, 1, 1, None, 1)])
    found = titles(name, vobs, ["the chain of the highest level"])
    ifo.tables([of[1], of[2], of[3]], [[(1, 1)]])
    for number, block, mask in ((1, 0x50, 0x3000), (2, 0x90, 0x8000), (3, 0xD0, 0x0800)):
        entry(ifo, number, block, mask)
    parental_table(name, 1, 0xC000, 0x3800)
    master(name, f"{OUT}/{name}.iso", "PARENTAL")
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", "PARENTAL", "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


def shapes(name):
    """The tables say 16:9, the stream 4:3; sound of two channels that turns into six; sub-pictures for each display."""
    subs = [(0, 0.3, "wide"), (1, 0.3, "letter"), (2, 0.3, "pan"), (0, 1.6, "wide again")]
    vobs = {(1, 1): vob(f"{name}.1", 120, dar="4/3", tracks=(("ac3", (2, 6)), ("mp2", 2)), subs=subs)}
    # The authoring program would write the shape of the tables into the stream.
    make(name, titleset([pgc((f"{name}.1", "0,0:02"))], extra='<audio lang="en"/><audio lang="de"/><subpicture lang="en"/>'))
    ifo = Ifo(name, 1)
    ifo.b[0x200] |= 0x0C
    ifo.b[0x205] = ifo.b[0x205] & 0xF8 | 1                    # two channels
    displays = {0: 0x80000000 | 0 << 16 | 1 << 8 | 2}
    ifo.tables([ifo.pgc([(1, 1), (1, 2)], [1, 2], pal=PALETTE, sctl=displays)], [[(1, 1), (1, 2)]])
    finish(name, vobs, ["shapes and channels"])


def pal(name):
    """25 pictures a second: samples of 20 and 24 bits, DTS, MPEG audio; chapters that share a cell with another title."""
    tracks = (("lpcm20", 2), ("lpcm24", 2), ("dts", 2), ("mp2", 2))
    vobs = {(1, n): vob(f"{name}.{n}", 50, norm=PAL, tracks=tracks, tone=250 + 60 * n) for n in (1, 2)}
    langs = "".join(f'<audio lang="{lang}"/>' for lang in ("sv", "da", "fi", "pl"))
    make(name, titleset([pgc((f"{name}.1", "0"), (f"{name}.2", "0")), pgc((f"{name}.1", "0"))], norm="pal", extra=langs), norm="PAL")
    ifo = Ifo(name, 1)
    ifo.tables([ifo.pgc([(1, 1), (2, 1)], [1, 2]), ifo.pgc([(2, 1), (1, 1), (2, 1)], [1, 2, 3])], [[(1, 1), (1, 2)], [(2, 1), (2, 2), (2, 3)]])
    title_table(name, [(1, 1, 2, None, 1), (1, 2, 3, None, 1)])
    finish(name, vobs, ["25 a second", "cells again"])


def pieces(name):
    """VOBs over three files, cut at any sector; between the cells of the layer break stands no seamless flag."""
    vobs = {(1, n): vob(f"{name}.{n}", 60, tone=300 + 70 * n) for n in (1, 2)}
    make(name, titleset([pgc((f"{name}.1", "0,0:01"), (f"{name}.2", "0"))], extra='<audio lang="en"/>'))
    ifo = Ifo(name, 1)
    cells = [ifo.cell[1, 1], cell_flags(ifo.cell[1, 2], clear=0x08), ifo.cell[2, 1]]
    ifo.tables([ifo.pgc(cells, [1, 2, 3])], [[(1, 1), (1, 2), (1, 3)]])
    folder = f"{name}/VIDEO_TS/VTS_01_"
    data = open(folder + "1.VOB", "rb").read()
    cuts = [0, len(data) // 6144 * 2048 + 2048, len(data) // 4096 * 2048 + 6144, len(data)]
    for n, (start, end) in enumerate(zip(cuts, cuts[1:]), 1):
        open(f"{folder}{n}.VOB", "wb").write(data[start:end])
    finish(name, vobs, ["three files"])


def registers(name):
    """A menu whose button sets a register before it jumps to a title that sends the player on to another by it, and a title
    that is a menu itself: a still with buttons."""
    from dvdlib import menu
    vobs = {(1, n): vob(f"{name}.{n}", frames, tone=300 + 70 * n) for n, frames in ((1, 60), (2, 90), (3, 75))}
    menu(f"{name}.menu.mpg", "720x480", "30000/1001", "NTSC", ["Film"])
    button = '<button name="b0">{ g4 = 2; jump title 1; }</button>'
    vmgm = f'<vmgm><menus><video format="ntsc" aspect="4:3"/><pgc entry="title"><vob file="{name}.menu.mpg" pause="inf"/>{button}</pgc></menus></vmgm>'
    turn = "if (g4 eq 2) jump title 2; if (g4 eq 3) jump title 3;"
    make(name, titleset([pgc((f"{name}.1", "0"), pre=turn), pgc((f"{name}.2", "0"), post="call vmgm menu;"), pgc((f"{name}.3", "0"))],
                        extra='<audio lang="en"/>'), vmgm=vmgm)
    finish(name, vobs, ["a turn-off", "the film", "nobody comes here"])


def inside(name):
    """Buttons in a title: the first is a still that leads to the second; nothing leads to the third, which is longer."""
    from dvdlib import menu
    vobs = {(1, n): vob(f"{name}.{n}", frames, norm=("30000/1001", 3003, "720x480", "NTSC"), tone=300 + 70 * n) for n, frames in ((2, 60), (3, 75))}
    menu(f"{name}.menu.mpg", "720x480", "30000/1001", "NTSC", ["Film"])
    first = f'<pgc pause="inf"><vob file="{name}.menu.mpg" pause="inf"/><button name="b0">jump title 2;</button></pgc>'
    fpc = "<fpc>jump title 1;</fpc>"
    open(f"{name}.xml", "w").write(f'<dvdauthor jumppad="no"><vmgm>{fpc}</vmgm>' + titleset([first, pgc((f"{name}.2", "0")), pgc((f"{name}.3", "0"))]) + "</dvdauthor>")
    author(f"{name}.xml", name, "NTSC")
    master(name, f"{OUT}/{name}.iso", "INSIDE")
    # What is looked at here is what `info` tells of the ways to the titles.
    if os.path.exists(f"{OUT}/{name}.json"):
        os.unlink(f"{OUT}/{name}.json")


def mpeg1(name):
    """MPEG-1 pictures, by another multiplexer."""
    import subprocess
    seconds = 60 * 1001 / 30000
    source = ["-f", "lavfi", "-i", f"testsrc2=s=352x240:r=30000/1001:d={seconds + 1}", "-f", "lavfi", "-i", f"sine=500:r=48000:d={seconds}"]
    coded = ["-frames:v", "60", "-c:v", "mpeg1video", "-b:v", "900k", "-maxrate", "1000k", "-bufsize", "327680", "-g", "15", "-bf", "2", "-flags", "+cgop", "-sc_threshold", "1000000000", "-c:a", "ac3", "-ac", "2"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *coded, "-f", "dvd", "-muxrate", "10080k", f"{name}.1.mpg"], check=True)
    make(name, titleset([pgc((f"{name}.1", "0"))], extra='<audio lang="en"/>'))
    master(name, f"{OUT}/{name}.iso", "MPEG1")
    # The readers that make manifests know MPEG-2 alone.
    if os.path.exists(f"{OUT}/{name}.json"):
        os.unlink(f"{OUT}/{name}.json")


def shared(name):
    """Two openings of one film: its body is a chain that the table counts to the first title. It leads on to a third one, with
    which it is not one film."""
    vobs = {(1, n): vob(f"{name}.{n}", frames, tone=300 + 70 * n) for n, frames in enumerate((45, 60, 105, 75), 1)}
    make(name, titleset([pgc(*[(f"{name}.{n}", "0,0:01") for n in (1, 2, 3, 4)])] + [pgc((f"{name}.1", "0"))] * 3, extra='<audio lang="en"/>'))
    ifo = Ifo(name, 1)
    chains = [ifo.pgc([(n, 1), (n, 2)], [1, 2], nxt=following) for n, following in ((1, 3), (2, 3), (3, 0), (4, 0))]
    ifo.tables(chains, [[(1, 1), (3, 1), (3, 2)], [(2, 1), (2, 2)], [(4, 1), (4, 2)]])
    title_table(name, [(1, 1, 3, None, 1), (1, 2, 2, None, 1), (1, 3, 2, None, 1)])
    found = titles(name, vobs, ["one opening", "the other", "what comes next"])
    table = u32(ifo.b, 0xCC) * 2048
    p16(ifo.b, table + u32(ifo.b, table + 12 + 8 * 2) + 0x9C, 4)
    ifo.save()
    master(name, f"{OUT}/{name}.iso", "SHARED")
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", "SHARED", "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


def film(name):
    """As films are: 16:9, sub-pictures for three displays, forced ones, comments, captions, chapters in two chains that a cell
    command joins, the layer break, VOBs over several files, a menu behind the end, the film again as one of two episodes."""
    from dvdmux import add_captions, cc_pairs
    subs = {0: "wide", 1: "letter", 2: "pan", 4: "signs"}
    vobs = {}
    for n, frames in ((1, 150), (2, 120), (3, 90)):
        tag = f"{name}.{n}"
        mpeg2(f"{tag}.raw.m2v", "720x480", "30000/1001", frames, tag, kbps=700, maxk=3000, gop=15, dar="16/9", interlace=n == 2, end=True)
        pairs = cc_pairs([f"CAPTION {n}"], frames, [20])
        open(f"{tag}.m2v", "wb").write(add_captions(open(f"{tag}.raw.m2v", "rb").read(), pairs))
        made = []
        for k, (codec, channels) in enumerate((("ac3", 6), ("dts", 6), ("ac3", 2), ("lpcm24", 2))):
            seconds = frames * 1001 / 30000
            if codec == "lpcm24":
                made.append(lpcm_track(k, channels, seconds, 300 + 30 * n, bits=24))
                continue
            audio(f"{tag}.{k}.{codec}", codec, channels, seconds, 250 + 40 * k + 70 * n)
            made.append(audio_track(f"{tag}.{k}.{codec}", codec, k))
        shown = []
        for stream, text in subs.items():
            units = [spu(text_bitmap(f"{text} {n}.{k}", 24), 60, 400, (0, 1 + stream, 2, 3), (0, 15, 15, 15), stop=70, forced=stream == 4) for k in range(2)]
            shown.append({"id": stream, "units": [(18000 + 108000 * k, unit) for k, unit in enumerate(units)]})
        vobs[1, n] = Vob(f"{tag}.m2v", 3003, made, shown).write(f"{tag}.mpg")
    extra = "".join(f'<audio lang="{lang}" content="{kind}"/>' for lang, kind in (("en", "normal"), ("de", "normal"), ("en", "comments1"), ("fr", "normal")))
    extra += '<subpicture lang="en"/><subpicture lang="de" content="forced"/>'
    make(name, titleset([pgc((f"{name}.1", "0,0:02"), (f"{name}.2", "0,0:02"), (f"{name}.3", "0,0:01"))] + [pgc((f"{name}.1", "0"))] * 4, aspect="16:9", extra=extra))
    ifo = Ifo(name, 1)
    ifo.b[0x201] |= 0x80                                      # line 21 of field 1
    audio_streams = {k: 0x8000 | k << 8 for k in range(4)}
    displays = {0: 0x80000000 | 0 << 16 | 1 << 8 | 2, 1: 0x80000000 | 4 << 16 | 4 << 8 | 4}
    of = lambda cells, programs, nxt=0: ifo.pgc(cells, programs, nxt=nxt, pal=PALETTE, actl=audio_streams, sctl=displays)
    link = bytes([0x20, 4, 0, 0, 0, 0, 0, 2])
    breaks = cell_flags(ifo.cell[1, 2], clear=0x08)
    last = bytearray(breaks[0])
    last[3] = 1                                               # its command
    menu = bytes([0x30, 8, 0, 0, 1, 0x42, 0, 0])
    chains = [with_commands(of([(1, 1), (bytes(last), breaks[1])], [1, 2], nxt=2), cell=[link]),
              with_commands(of([(2, 1), (2, 2), (3, 1), (3, 2)], [1, 2, 3]), post=[menu]), of([(1, 1), (1, 2)], [1, 2]), of([(2, 1), (2, 2)], [1])]
    parts = [[(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)], [(3, 1), (3, 2)], [(4, 1)]]
    ifo.tables(chains, parts)
    title_table(name, [(1, n, len(found), None, 1) for n, found in enumerate(parts, 1)])
    folder = f"{name}/VIDEO_TS/VTS_01_"
    found = titles(name, vobs, ["the film", "an episode", "another"])
    data = open(folder + "1.VOB", "rb").read()
    step = len(data) // 4 // 2048 * 2048 + 2048
    for n, start in enumerate(range(0, len(data), step), 1):
        open(f"{folder}{n}.VOB", "wb").write(data[start:start + step])
    master(name, f"{OUT}/{name}.iso", "FILM")
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", "FILM", "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


def mixed(name):
    """Film with repeated fields, video, and film again, in one stream."""
    from dvdlib import mplex, titles as titles_of
    from sources import pulldown
    ES, seconds = b"", 0
    for n, (frames, is_film) in enumerate(((72, True), (75, False), (48, True))):
        tag = f"{name}.{n}"
        mpeg2(f"{tag}.raw", "720x480", "24000/1001" if is_film else "30000/1001", frames, tag, kbps=900, gop=12, maxk=3000, interlace=not is_film, film=is_film)
        if is_film:
            pulldown(f"{tag}.raw", f"{tag}.m2v")
        ES += open(f"{tag}.m2v" if is_film else f"{tag}.raw", "rb").read()
        seconds += frames * 1001 / (24000 if is_film else 30000)
    open(f"{name}.m2v", "wb").write(ES + b"\0\0\1\xb7")
    audio(f"{name}.ac3", "ac3", 2, seconds, 500)
    mplex(f"{name}.mpg", f"{name}.m2v", [f"{name}.ac3"])
    make(name, titleset([pgc((name, "0,0:03"))], aspect="16:9", extra='<audio lang="en"/>'))
    master(name, f"{OUT}/{name}.iso", "MIXED")
    found = titles_of(name, {(1, 1): {"v": f"{name}.m2v", "a": {0x80: f"{name}.ac3"}}}, ["film and video"])
    manifest(f"{OUT}/{name}.json", f"{OUT}/{name}.iso", "MIXED", "dvd-video", "ISO 9660 + UDF 1.02 bridge", found)


DISCS = {f.__name__: f for f in (angles, post, parental, shapes, pal, pieces, registers, inside, mpeg1, shared, film, mixed)}

if __name__ == "__main__":
    os.makedirs(WORK, exist_ok=True)
    os.makedirs(OUT, exist_ok=True)
    os.chdir(WORK)
    for which in sys.argv[4:] or DISCS:
        DISCS[which](which)
        print(which)
