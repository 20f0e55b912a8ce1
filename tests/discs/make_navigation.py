#!/usr/bin/env python3
"""Makes the folders of `navigation/`: discs of which only their own programs tell the film.

Each has one film of four clips as four playlists in four orders. The one that looks best (00800: clips in ascending
order, and more chapters) is not the film; 00802 is. Only tables and the menu are real: a clip is a stream file of some
packets, whatever time its tables say it has. Needs Python 3 and nothing else; writes the same bytes each time.
"""
import os
import shutil

from builder import m2ts, menus, navigation, playlist, streams
from builder.disc import ELEMENTARY, MENU, Clip, Disc
from builder.navigation import Register

HERE = os.path.dirname(os.path.abspath(__file__))
START, HALF_HOUR, SECONDS = 600 * 90000, 1800 * 90000, 3 * 90000
SCREEN = 1920, 1080
VIDEO = streams.Stream(0x1011, streams.H264, "1080p", "23.976")
SOUND = streams.Stream(0x1100, streams.AC3, "multi", 48, "eng")
BUTTONS = streams.Stream(0x1400, streams.MENU, language="eng")
ORDERS = {"00800": (1, 2, 3, 4), "00801": (2, 1, 4, 3), "00802": (3, 1, 4, 2), "00803": (4, 3, 2, 1)}
FILM, WRONG = 802, 800
FOREVER = 2, 0  # still mode of a picture that stands until the viewer acts


def clip(name, length, buttons=None):
    """A clip of this many ticks with hardly anything in it; `buttons`: the commands of each, a menu."""
    tracks = [m2ts.Track(VIDEO, [m2ts.Frame(START, START, b"\0\0\1\x09\x10")]),
              m2ts.Track(SOUND, [m2ts.Frame(START, START, b"\x0b\x77")])]
    return Clip(name, [tracks + menu(buttons)], [(START, START + length)], application=MENU if buttons else 1)


def menu(buttons):
    """The track of a menu: in fragments, though it is short, as readers must join them."""
    return [m2ts.Track(BUTTONS, menus.menu([buttons], START, SCREEN, room=40))] if buttons else []


def disc(name, first_play, top_menu, titles, objects, buttons=None, outside=None):
    """A disc with the four playlists, and 00000: a logo, or a menu that waits, with `buttons` in its clip or `outside` it."""
    out = Disc(f"Navigation: {name}", name.upper())
    clips = {number: clip(f"{number:05}", HALF_HOUR) for number in range(1, 5)}
    opening, more, paths = clip("00000", SECONDS, buttons), {}, []
    if outside:
        own = Clip("00009", [menu(outside)], [(START, START + SECONDS)], application=ELEMENTARY)
        out.add_clip(own)
        more = {"outside": [(BUTTONS, (0, 0))]}
        paths = [playlist.SubPath(3, [playlist.SubItem("00009", own.start, own.end, 0, opening.start)])]
    for one in [opening, *clips.values()]:
        out.add_clip(one)
    still = FOREVER if buttons or outside else (0, 0)
    out.add_playlist("00000", [opening.item(still=still, **more)], [(0, opening.start)], paths)
    for number, order in ORDERS.items():
        items = [clips[part].item(connection=5 if place else 1) for place, part in enumerate(order)]
        chapters = 3 if number == f"{WRONG:05}" else 1
        marks = [(place, item.start + chapter * 45000 * 300) for place, item in enumerate(items)
                 for chapter in range(chapters)]
        out.add_playlist(number, items, marks)
    out.files["BDMV/index.bdmv"] = navigation.index(first_play, top_menu, titles)
    out.files["BDMV/MovieObject.bdmv"] = navigation.movie_objects(objects)
    return out


def by_object():
    """The logo, then title 1, whose object plays the film."""
    play, jump = navigation.play_playlist, navigation.jump_title
    return disc("object", 0, 1, [2], [[play(0), jump(1)], [jump(1)], [play(FILM), jump(0)]])


def by_button(name, where):
    """A menu. Its second button sets the register that the object of title 1 plays from; without it the wrong one plays."""
    number = Register(100)
    title = [navigation.compare(navigation.EQUAL, number, 0), navigation.move(number, WRONG),
             navigation.play_playlist(number), navigation.move(number, 0), navigation.jump_title(0)]
    buttons = [[navigation.command(0, 0)], [navigation.move(number, FILM), navigation.jump_title(1)]]
    waiting = [navigation.play_playlist(0), navigation.go_to(0)]
    return disc(name, 0, 1, [2], [[navigation.jump_title(0)], waiting, title], **{where: buttons})


def by_table():
    """Java programs. The table of title 1 has the film, that of title 2 leave to play all."""
    out = disc("java", "00000", "00000", ["00001", "00002"], [])
    for name, playlists, plays_any in [("00000", ["00000"], False), ("00001", ["00000", f"{FILM:05}"], False),
                                       ("00002", [], True)]:
        out.files[f"BDMV/BDJO/{name}.bdjo"] = navigation.bdj_object(playlists, plays_any)
    return out


def main():
    root = os.path.join(HERE, "navigation")
    shutil.rmtree(root, ignore_errors=True)
    for one in by_object(), by_button("button", "buttons"), by_button("sub_path", "outside"), by_table():
        for path, content in one.files.items():
            path = os.path.join(root, one.label.lower(), path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)


if __name__ == "__main__":
    main()
