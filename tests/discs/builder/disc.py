"""A Blu-ray as a set of files: clips and playlists go in, the tables and the volume come out."""
from . import clip, m2ts, navigation, playlist, udf

RATE = 1_500_000  # bytes of 188-byte packets a second at which a stream arrives, unless told otherwise
# Application types of clips.
MOVIE, MENU, TEXT, ELEMENTARY = 1, 5, 6, 7


class Clip:
    """A clip: its stream file and its clip information. `start` and `end` are those of its first clock, 45 kHz."""

    def __init__(self, name, sections, spans, rate=RATE, application=MOVIE):
        """`sections`: lists of tracks, one for each clock; `spans`: [(start, end)] of what each shows, 90 kHz."""
        made = m2ts.multiplex(sections, rate)
        self.name, self.data = name, made.data
        self.streams = [track.stream for track in sections[0]]
        self.sequences = [clip.Sequence(packet, start // 2, end // 2)
                          for packet, (start, end) in zip(made.clocks, spans, strict=True)]
        self.start, self.end = self.sequences[0].start, self.sequences[0].end
        self.info = clip.clpi(len(made.data) // 192, rate, self.sequences, self.streams, made.points,
                              application=application)

    def item(self, start=None, end=None, **more):
        """A play item of this clip, whole unless told otherwise; `more` as for `playlist.Item`."""
        stc = self.sequences[more.get("stc", 0)]
        return playlist.Item(self.name, stc.start if start is None else start, stc.end if end is None else end,
                             self.streams, **more)


class Disc:
    """The files of a disc by path."""

    def __init__(self, title, label):
        self.title, self.label = title, label
        self.files = {}

    def add_clip(self, one):
        """Adds a clip's two files."""
        self.files[f"BDMV/STREAM/{one.name}.m2ts"] = one.data
        self.files[f"BDMV/CLIPINF/{one.name}.clpi"] = one.info

    def add_playlist(self, name, items, marks, sub_paths=()):
        """Adds a playlist; the arguments are those of `playlist.mpls`."""
        self.files[f"BDMV/PLAYLIST/{name}.mpls"] = playlist.mpls(items, marks, sub_paths)

    def add_navigation(self, playlists, menu, video="1080p", rate="23.976"):
        """Adds index and movie objects: a title for each of `playlists` (numbers), then the menu, then title 1."""
        objects = [[navigation.play_playlist(number), navigation.jump_title(0)] for number in playlists]
        objects.append([navigation.play_playlist(menu), navigation.jump_title(1)])
        titles = list(range(len(playlists)))
        self.files["BDMV/index.bdmv"] = navigation.index(0, len(playlists), titles, video, rate)
        self.files["BDMV/MovieObject.bdmv"] = navigation.movie_objects(objects)

    def complete(self):
        """Every file in the order in which they lie on the disc: tables, title, streams, copies of the tables."""
        files = dict(self.files)
        files["BDMV/META/DL/bdmt_eng.xml"] = navigation.disc_title(self.title)
        for path in [path for path in files if path.endswith((".bdmv", ".mpls", ".clpi"))]:
            files[path.replace("BDMV/", "BDMV/BACKUP/", 1)] = files[path]
        return dict(sorted(files.items(), key=lambda file: ("BACKUP" in file[0], file[0].endswith(".m2ts"))))

    def volume(self, max_extent=udf.MAX_EXTENT):
        """The volume to be built. Stream files start at ECC units and have pieces of `max_extent` bytes."""
        out = udf.Volume(self.label)
        for name in "BDMV/BDJO", "BDMV/JAR", "BDMV/AUXDATA", "CERTIFICATE/BACKUP":
            out.directory(name)
        for path, content in self.complete().items():
            if path.endswith(".m2ts"):
                out.add(path, content, udf.REALTIME, udf.UNIT, max_extent)
            else:
                out.add(path, content)
        return out
