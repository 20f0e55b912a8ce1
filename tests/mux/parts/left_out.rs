//! Titles of several parts of which not all can be in one film: a logo of another size, a trailer of another codec, a file that
//! is not there. They are left out and named, and the others are as they are without them.

use std::path::Path;

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use crate::support::program;
use freemkv::fs::folder::Folder;
use freemkv::mux::plan::left_out::{LeftOut, Reason};
use freemkv::mux::report::OutputReport;

/// A disc of three clips of two seconds, with sound, and playlists of them: the film alone; a logo in front; a trailer behind
/// and between; the picture on another PID and with another rate in the table; sound and subtitles outside.
const BUILD: &str = r#"
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import subprocess
from builder import disc, encode, m2ts, playlist, streams
folder, START = sys.argv[2], 600 * 90000
SOUND = streams.Stream(0x1100, streams.AC3, "stereo", 48, "eng")
OUTSIDE = streams.Stream(0x1101, streams.AC3, "stereo", 48, "fra")
LENGTH = encode.picture_time(48)

def sound(stream, tone):
    return m2ts.Track(stream, encode.ac3(folder, f"{tone}.ac3", f"sine={tone}:r=48000:d=3", 62, START, 96))

def h264(name, size, form, colour, pid=0x1011, rate="23.976"):
    graph = f"color=c={colour}:s={size}:r=24000/1001,drawbox=x=n*4:y=9:w=40:h=40:color=white:t=fill"
    graph = graph.replace("x=n*4", "x=t*40")
    return [m2ts.Track(streams.Stream(pid, streams.H264, form, rate), encode.video(folder, name, graph, 48, START, 30)),
            sound(SOUND, 300 + len(name) * 50)]

def mpeg2():
    made = encode.units(folder, "trailer", ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=24000/1001:d=3", "-map", "0:v", "-frames:v", "48",
                        "-c:v", "mpeg2video", "-bf", "0", "-g", "12", "-b:v", "2M"], "mpeg2video")
    frames = [m2ts.Frame(START + encode.picture_time(n), START + encode.picture_time(n), data, n % 12 == 0)
              for n, (_, _, data) in enumerate(made)]
    return [m2ts.Track(streams.Stream(0x1011, streams.MPEG2, "720p", "23.976"), frames), sound(SOUND, 900)]

out = disc.Disc("Parts", "PARTS")
span = [(START, START + LENGTH)]
first, second = (disc.Clip(f"0000{n}", [h264("film" + n * "x", "1280x720", "720p", colour)], span)
                 for n, colour in ((1, "red"), (2, "green")))
logo = disc.Clip("00003", [h264("logo", "720x480", "480p", "blue")], span)
trailer = disc.Clip("00004", [mpeg2()], span)
moved = disc.Clip("00005", [h264("moved", "1280x720", "720p", "gray", 0x1012, "24")], span)
outside = disc.Clip("00006", [[sound(OUTSIDE, 700)]], span, application=disc.ELEMENTARY)
lying = disc.Clip("00007", [h264("lying", "720x480", "720p", "white")], span)
for clip in first, second, logo, trailer, moved, outside, lying:
    out.add_clip(clip)

def add(name, clips, paths=(), **more):
    items = [clip.item(connection=1, **more) for clip in clips]
    out.add_playlist(name, items, [(n, item.start) for n, item in enumerate(items)], paths)

add("00010", [first, second])
add("00011", [logo, first, second])
add("00012", [first, trailer, second, trailer])
add("00013", [first, moved, second])
add("00014", [lying, first, second])
path = playlist.SubPath(5, [playlist.SubItem("00006", outside.start, outside.end, 1, first.start)])
add("00015", [logo, first], [path], outside=[(OUTSIDE, (0, 0))])
out.add_navigation([10], 10, "720p")
for name, content in out.complete().items():
    import os
    os.makedirs(os.path.dirname(f"{folder}/disc/{name}"), exist_ok=True)
    open(f"{folder}/disc/{name}", "wb").write(content)
"#;

fn build(folder: &Path) -> Option<Disc> {
    program("ffmpeg")?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs");
    let arguments = ["-c", BUILD, scripts.to_str().unwrap(), folder.to_str().unwrap()];
    let (content, text) = disc::tool("python3", &arguments)?;
    assert!(content, "{text}");
    Some(open(folder))
}

fn open(folder: &Path) -> Disc {
    Disc { force: true, ..Disc::files(Box::new(Folder::open(&folder.join("disc")).unwrap())) }
}

/// The stretches that are left out: why, which clip, from when to when.
fn left_out(report: &OutputReport) -> Vec<(Reason, String, f64, f64)> {
    let of = |l: &LeftOut| {
        let stretch = l.stretch.clone()?;
        let tenths = |seconds: f64| (seconds * 10.0).round() / 10.0;
        Some((l.reason, stretch.clip, tenths(stretch.from_seconds), tenths(stretch.to_seconds)))
    };
    report.left_out.iter().filter_map(of).collect()
}

#[test]
fn what_does_not_fit_is_left_out_and_named_with_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disc) = build(folder.path()) else { return };
    let path = folder.path().join("film.mkv");
    let whole = disc.mux("00010", &path).unwrap();
    assert!(whole.is_complete() && whole.chapters == 2, "{whole:?}");
    let film = mkv::blocks(&path);
    let (other, clip) = (Reason::OtherPicture, |name: &str| name.to_owned());
    for (title, expected) in [
        ("00011", vec![(other, clip("00003"), 0.0, 2.0)]),
        ("00012", vec![(other, clip("00004"), 2.0, 4.0), (other, clip("00004"), 6.0, 8.0)]),
        // The tables call it 720 lines; its own pictures have 480.
        ("00014", vec![(other, clip("00007"), 0.0, 2.0)]),
    ] {
        let report = disc.mux(title, &path).unwrap();
        assert_eq!(left_out(&report), expected, "{title}");
        assert!(!report.is_complete() && report.losses.is_empty(), "{title}: {report:?}");
        assert!(mkv::blocks(&path) == film, "{title}");
        assert_eq!((report.chapters, report.tracks.len()), (2, 2), "{title}");
        disc::programs_take(&path);
    }
}

#[test]
fn changes_within_the_codec_stay_in_one_track() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disc) = build(folder.path()) else { return };
    let path = folder.path().join("film.mkv");
    let report = disc.mux("00013", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.tracks.iter().map(|t| t.frames).collect::<Vec<_>>()[0], 3 * 48, "{report:?}");
    assert_eq!(report.tracks.len(), 2, "{report:?}");
    disc::programs_take(&path);
}

#[test]
fn what_plays_beside_moves_with_the_film() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disc) = build(folder.path()) else { return };
    let path = folder.path().join("film.mkv");
    // Two parts as long: the first is the film, and the sub-path plays beside the second.
    let report = disc.mux("00015", &path).unwrap();
    assert_eq!(left_out(&report)[0].1, "00001", "{report:?}");
    // Without the logo's file it is the other.
    std::fs::remove_file(folder.path().join("disc/BDMV/STREAM/00003.m2ts")).unwrap();
    let report = open(folder.path()).mux("00015", &path).unwrap();
    assert_eq!(left_out(&report), [(Reason::NoFile, "00003".to_owned(), 0.0, 2.0)]);
    let blocks = mkv::blocks(&path);
    let (beside, own) = (&blocks[&3], &blocks[&2]);
    assert_eq!(beside.len(), own.len(), "{report:?}");
    assert!(beside.iter().zip(own).all(|(a, b)| (a.0 - b.0).abs() <= 1), "{report:?}");
}

#[test]
fn files_that_are_not_there_cost_their_times_and_tracks_alone() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disc) = build(folder.path()) else { return };
    let path = folder.path().join("film.mkv");
    let remove = |name: &str| std::fs::remove_file(folder.path().join("disc/BDMV/STREAM").join(name)).unwrap();
    drop(disc);
    remove("00002.m2ts");
    let report = open(folder.path()).mux("00010", &path).unwrap();
    assert_eq!(left_out(&report), [(Reason::NoFile, "00002".to_owned(), 2.0, 4.0)]);
    assert_eq!(report.tracks[0].frames, 48);
    // A sub-path without its file is a track that is left out.
    remove("00006.m2ts");
    remove("00003.m2ts");
    let report = open(folder.path()).mux("00015", &path).unwrap();
    let reasons: Vec<_> = report.left_out.iter().map(|l| (l.pid, l.reason)).collect();
    assert!(reasons.contains(&(0x1101, Reason::NoFile)), "{report:?}");
    // Nothing is there: no film.
    remove("00001.m2ts");
    let refused = open(folder.path()).mux("00010", &path).unwrap_err().to_string();
    assert!(refused.contains("00001.m2ts"), "{refused}");
}
