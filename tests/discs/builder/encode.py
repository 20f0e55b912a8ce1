"""Coded pictures and sound from ffmpeg, one frame a unit, the same bytes each time from the same ffmpeg."""
import os
import subprocess

from .m2ts import Frame

# 23.976 pictures a second: 3753.75 ticks of 90 kHz each.
PICTURE_TICKS = 15015, 4
AC3_TICKS = 2880  # 1536 samples at 48 kHz
EXACT = ["-threads", "1", "-flags", "+bitexact", "-fflags", "+bitexact", "-map_metadata", "-1"]


def picture_time(number):
    """When picture `number` is shown, 90 kHz."""
    return (number * PICTURE_TICKS[0] + PICTURE_TICKS[1] // 2) // PICTURE_TICKS[1]


def run(arguments):
    """Runs ffmpeg, which speaks only of errors."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-filter_threads", "1", *arguments], check=True)


def units(folder, name, arguments, form):
    """Codes with `arguments` into `form`. Returns [(dts, pts, bytes)] in units of the coder."""
    coded, listed = os.path.join(folder, name), os.path.join(folder, name + ".txt")
    run([*arguments, *EXACT, "-f", "tee", f"[f={form}]{coded}|[f=framecrc]{listed}"])
    with open(coded, "rb") as file:
        content = file.read()
    out, at = [], 0
    with open(listed, encoding="ascii") as file:
        for line in file:
            if line.startswith("#"):
                continue
            _, dts, pts, _, size, *_ = (part.strip() for part in line.split(","))
            out.append((int(dts), int(pts), content[at:at + int(size)]))
            at += int(size)
    if at != len(content):
        raise ValueError(f"{name}: {len(content)} bytes, but frames of {at}")
    return out


def is_key(picture):
    """Whether a coded picture of H.264 is an IDR: a NAL unit of type 5."""
    at = picture.find(b"\0\0\1")
    while at >= 0:
        if picture[at + 3] & 0x1F == 5:
            return True
        at = picture.find(b"\0\0\1", at + 3)
    return False


def video(folder, name, graph, count, start, crf, gop=24):
    """`count` pictures of a filter graph as H.264 fit for Blu-ray, the first shown at `start`."""
    script = os.path.join(folder, name + ".graph")
    with open(script, "w", encoding="utf-8") as file:
        file.write(graph)
    options = (f"bluray-compat=1:level=4.1:slices=4:aud=1:keyint={gop}:min-keyint={gop}:scenecut=0:open-gop=0:"
               "bframes=3:ref=4:nal-hrd=vbr:vbv-maxrate=8000:"
               "vbv-bufsize=8000:colorprim=bt709:transfer=bt709:colormatrix=bt709")
    coder = ["-c:v", "libx264", "-profile:v", "high", "-preset", "slow", "-crf", str(crf), "-pix_fmt", "yuv420p"]
    made = units(folder, name, ["-filter_complex_script", script, "-frames:v", str(count), *coder,
                                "-x264-params", options], "h264")
    if len(made) != count or not made[0][2].startswith(b"\0\0\0\1\x09"):
        raise ValueError(f"{name}: {len(made)} pictures, or no delimiters")
    return [Frame(start + picture_time(pts), start + picture_time(dts), data, is_key(data)) for dts, pts, data in made]


def ac3(folder, name, source, count, start, rate):
    """`count` frames of the filter `source` as AC-3 of `rate` kbit/s, the first heard at `start`."""
    made = units(folder, name, ["-f", "lavfi", "-i", source, "-map", "0:a", "-c:a", "ac3", "-b:a", f"{rate}k"], "ac3")
    if len(made) < count:
        raise ValueError(f"{name}: only {len(made)} frames")
    times = (start + number * AC3_TICKS for number in range(count))
    return [Frame(time, time, data) for time, (_, _, data) in zip(times, made)]
