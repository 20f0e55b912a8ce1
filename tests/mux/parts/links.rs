//! Pictures of HEVC at which decoding can begin, and which go on from others where these are there (CRA), behind pictures that
//! they do not go on from: a decoder shows what the parts show. Needs python3 and ffmpeg with libx265.

use std::path::{Path, PathBuf};

use crate::fixtures::disc::{self, Disc};
use crate::parts::entry::decoded;
use crate::support::program;

const BUILD: &str = r#"
import os, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from builder import disc, encode, m2ts, streams
from builder.m2ts import Frame
VIDEO = streams.Stream(0x1011, streams.HEVC, "720p", "23.976")
COUNT, GROUP, START = 72, 24, 600 * 90000

def types(data):
    parts = data.split(b"\0\0\1")[1:]
    return [part[0] >> 1 & 63 for part in parts]

def pictures(folder, name, colour):
    options = (f"keyint={GROUP}:min-keyint={GROUP}:open-gop=1:repeat-headers=1:aud=1:bframes=4:b-adapt=0:scenecut=0:"
               "log-level=error:info=0:pools=none:frame-threads=1")
    graph = f"color=c={colour}:s=320x180:r=24000/1001[g];testsrc2=s=160x90:r=24000/1001[m];[g][m]overlay"
    made = encode.units(folder, name, ["-filter_complex", graph, "-frames:v", str(COUNT), "-pix_fmt", "yuv420p", "-c:v",
                        "libx265", "-preset", "superfast", "-crf", "30", "-x265-params", options], "hevc")
    first = min(pts for _, pts, _ in made)
    return [(pts - first, dts - first, data) for dts, pts, data in made]

def clip(name, made, start):
    key = lambda data: any(16 <= kind <= 21 for kind in types(data))
    time = encode.picture_time
    frames = [Frame(start + time(pts), start + time(dts), data, key(data)) for pts, dts, data in made]
    times = [frame.pts for frame in frames]
    return disc.Clip(name, [[m2ts.Track(VIDEO, frames)]], [(min(times), max(times) + 3754)])

folder = sys.argv[2]
one, other = pictures(folder, "one", "red"), pictures(folder, "other", "blue")
if 21 not in types(one[GROUP - 5][2]) + sum((types(data) for _, _, data in one[1:]), []):
    sys.exit("no CRA")
first, second = clip("00000", one, START), clip("00001", other, 3 * START)
tail = clip("00002", [(p, d, data) for p, d, data in other if p >= GROUP], 5 * START)
out = disc.Disc("Links", "LINKS")
for each in first, second, tail:
    out.add_clip(each)
at = lambda clip, number: clip.start + encode.picture_time(number) // 2
lists = [
    [first.item()], [second.item()],
    [first.item(), second.item(at(second, GROUP)), first.item(at(first, 2 * GROUP))],
    [first.item(), tail.item(connection=5), tail.item(connection=5)],
]
for number, items in enumerate(lists):
    out.add_playlist(f"{number:05}", items, [(0, items[0].start)])
out.add_navigation([0], 0, "720p")
open(folder + "/disc.iso", "wb").write(out.volume().build())
"#;

fn build(folder: &Path) -> Option<PathBuf> {
    program("ffmpeg")?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs");
    let (content, text) = disc::tool("python3", &["-c", BUILD, scripts.to_str().unwrap(), folder.to_str().unwrap()])?;
    if text.contains("Unknown encoder") {
        println!("skipped: ffmpeg has no libx265");
        return None;
    }
    assert!(content, "{text}");
    Some(folder.join("disc.iso"))
}

#[test]
fn a_part_that_begins_where_another_stream_would_go_on_is_shown_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let Some(image) = build(folder.path()) else { return };
    let disc = Disc { force: true, ..Disc::memory(std::fs::read(image).unwrap()) };
    let shown = |title: &str| {
        let path = folder.path().join(format!("{title}.mkv"));
        let report = disc.mux(title, &path).unwrap();
        assert!(report.is_complete() && report.undecodable.is_empty(), "{title}: {report:?}");
        disc::programs_take(&path);
        decoded(&path).unwrap()
    };
    let (first, second) = (shown("00000"), shown("00001"));
    assert_eq!((first.len(), second.len()), (72, 72));
    let cut = [&first[..], &second[24..], &first[48..]].concat();
    assert!(shown("00002") == cut, "parts that are entered in their middle");
    let clean = [&first[..], &second[24..], &second[24..]].concat();
    assert!(shown("00003") == clean, "a clip that begins so, and is played twice");
}
