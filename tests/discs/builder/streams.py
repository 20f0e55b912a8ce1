"""What the tables of a Blu-ray say of an elementary stream, in the forms of CLPI and MPLS."""
import struct
from dataclasses import dataclass

# Coding types; in the transport stream's PMT they are the stream types.
MPEG2, H264, HEVC, VC1 = 0x02, 0x1B, 0x24, 0xEA
LPCM, AC3, DTS, TRUEHD, EAC3, DTS_HD, DTS_HD_MA = 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86
PGS, MENU, TEXT = 0x90, 0x91, 0x92
VIDEO, AUDIO, GRAPHICS = "video", "audio", "graphics"

VIDEO_FORMATS = {"480i": 1, "576i": 2, "480p": 3, "1080i": 4, "720p": 5, "1080p": 6, "576p": 7, "2160p": 8}
VIDEO_RATES = {"23.976": 1, "24": 2, "25": 3, "29.97": 4, "50": 6, "59.94": 7}
AUDIO_FORMATS = {"mono": 1, "stereo": 3, "multi": 6, "combo": 12}
AUDIO_RATES = {48: 1, 96: 4, 192: 5}
ASPECTS = {"4:3": 2, "16:9": 3}


@dataclass(frozen=True)
class Stream:
    """An elementary stream. `format` and `rate` are the keys of the tables above; graphics have a language alone."""
    pid: int
    coding: int
    format: str = ""
    rate: object = None
    language: str = ""
    aspect: str = "16:9"

    @property
    def kind(self):
        """VIDEO, AUDIO or GRAPHICS."""
        if self.coding in (MPEG2, H264, HEVC, VC1):
            return VIDEO
        return GRAPHICS if self.coding in (PGS, MENU, TEXT) else AUDIO

    def _format_and_rate(self):
        if self.kind == VIDEO:
            return bytes([VIDEO_FORMATS[self.format] << 4 | VIDEO_RATES[self.rate]])
        return bytes([AUDIO_FORMATS[self.format] << 4 | AUDIO_RATES[self.rate]])

    def in_clip(self):
        """The entry of ProgramInfo: PID, and coding info of 21 bytes with an empty ISRC."""
        if self.kind == VIDEO:
            info = self._format_and_rate() + bytes([ASPECTS[self.aspect] << 4])
        elif self.kind == AUDIO:
            info = self._format_and_rate() + self.language.encode("ascii")
        elif self.coding == TEXT:
            info = b"\x01" + self.language.encode("ascii")
        else:
            info = self.language.encode("ascii")
        return struct.pack(">HBB", self.pid, 21, self.coding) + info.ljust(20, b"\0")

    def in_playlist(self, sub_path=None):
        """The entry of an STN table. `sub_path`: (its number, number of its clip), for a stream outside the clip."""
        if sub_path is None:
            where = struct.pack(">BH", 1, self.pid).ljust(9, b"\0")
        else:
            where = struct.pack(">BBBH", 2, *sub_path, self.pid).ljust(9, b"\0")
        if self.kind == GRAPHICS:
            info = (b"\x01" if self.coding == TEXT else b"") + self.language.encode("ascii")
        else:
            info = self._format_and_rate() + self.language.encode("ascii")
        return bytes([len(where)]) + where + bytes([5, self.coding]) + info.ljust(4, b"\0")
