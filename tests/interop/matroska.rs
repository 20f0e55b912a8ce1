//! Files from `matroska` before other programs: mkvinfo, mkvmerge, mkvextract, ffmpeg, ffprobe.
//!
//! The frames are real: ffmpeg encodes them into a Matroska file of its own, from which they are read.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};

use freemkv::base::time::Nanoseconds;
use freemkv::codec::Piece;
use freemkv::matroska::builder::{Builder, Frame};
use freemkv::matroska::element::chapters::Chapter;
use freemkv::matroska::element::segment::Segment;
use freemkv::matroska::element::track::{Audio, Colour, Flags, Kind, Mastering, Scan, Track, Video};
use freemkv::matroska::writer::Writer;

/// Public for the reader, which knows them by this path.
pub(crate) use freemkv::matroska::ids;

use crate::reading::{blocks, check, read};

const MS: u64 = 1_000_000;

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// Runs a program that must succeed and have nothing to say on standard error; gives its standard output.
fn silent(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    let silent = output.status.success() && errors.is_empty();
    assert!(silent, "{program} {arguments:?}: {}\n{errors}\n{said}", output.status);
    said
}

fn missing(programs: &[&str]) -> bool {
    programs.iter().any(|name| crate::support::program(name).is_none())
}

/// A frame as read from ffmpeg's file.
struct Taken {
    track: usize,
    milliseconds: u64,
    duration: u64,
    key: bool,
    data: Vec<u8>,
}

/// Ten seconds of H.264 with B-frames, MPEG-2, AC-3, MP2, PCM and TrueHD.
const ENCODE: &str = "-v error -nostdin -y -f lavfi -i testsrc2=s=320x240:r=24000/1001 -f lavfi -i sine=f=440:r=48000 \
    -t 10 -map 0 -map 0 -map 1 -map 1 -map 1 -map 1 -c:v:0 libx264 -preset:v:0 veryfast -c:v:1 mpeg2video -g 24 -bf 2 \
    -c:a:0 ac3 -c:a:1 mp2 -c:a:2 pcm_s16le -c:a:3 truehd -strict -2 -write_crc32 0";

fn track(stream: u32, codec_id: &str, kind: Kind) -> Track {
    Track {
        stream,
        codec_id: codec_id.into(),
        codec_private: Vec::new(),
        kind,
        default_duration: None,
        name: None,
        language: "ger".into(),
        language_bcp47: Some("de".into()),
        flags: Flags::default(),
        zlib: false,
        source_id: Some(format!("{stream:06X}")),
        additions: Vec::new(),
    }
}

/// Tracks and frames of ffmpeg's file, and a subtitle track made here.
fn source(folder: &Path) -> (Vec<Track>, Vec<Taken>) {
    let path = folder.join("ffmpeg.mkv");
    let arguments: Vec<&str> = ENCODE.split_whitespace().chain(path.to_str()).collect();
    silent("ffmpeg", &arguments);
    let file = std::fs::read(&path).unwrap();
    let (_, segment) = read(&file);
    let mut tracks = Vec::new();
    for (stream, entry) in (0x1011..).zip(segment.only(ids::TRACKS).all(ids::TRACK_ENTRY)) {
        let codec_id = entry.text(ids::CODEC_ID);
        let kind = match entry.all(ids::VIDEO).first() {
            Some(_) => Kind::Video(video()),
            None => Kind::Audio(audio(&codec_id)),
        };
        let codec_private = entry.all(ids::CODEC_PRIVATE).first().map_or_else(Vec::new, |e| e.data.to_vec());
        let default_duration = entry.find_uint(ids::DEFAULT_DURATION).map(Nanoseconds);
        tracks.push(Track { codec_private, default_duration, ..track(stream, &codec_id, kind) });
    }
    let mut frames: Vec<Taken> = blocks(&segment).into_iter().map(taken).collect();
    let mut subtitles = track(0x1200, "S_HDMV/PGS", Kind::Subtitle);
    subtitles.zlib = true;
    subtitles.flags = Flags { hearing_impaired: true, ..Flags::default() };
    for (n, data) in display_sets().into_iter().enumerate() {
        let milliseconds = 1_000 + 2_000 * n as u64;
        frames.push(Taken { track: tracks.len(), milliseconds, duration: 2_000, key: true, data });
    }
    tracks.push(subtitles);
    let frames = in_time_order(frames, tracks.len());
    (tracks, frames)
}

/// All tracks merged by time; each stays in its own order, B-frames behind the picture that they need.
fn in_time_order(frames: Vec<Taken>, tracks: usize) -> Vec<Taken> {
    let mut latest = vec![0; tracks];
    let mut keyed: Vec<(u64, Taken)> = Vec::new();
    for frame in frames {
        let time = &mut latest[frame.track];
        *time = frame.milliseconds.max(*time);
        keyed.push((*time, frame));
    }
    keyed.sort_by_key(|(time, _)| *time);
    keyed.into_iter().map(|(_, frame)| frame).collect()
}

fn taken(block: crate::reading::ReadBlock) -> Taken {
    let key = block.flags & 0x80 != 0;
    Taken { track: block.track as usize - 1, milliseconds: block.timestamp, duration: 0, key, data: block.data }
}

fn video() -> Video {
    let mastering = Mastering {
        red: (34_000, 16_000),
        green: (13_250, 34_500),
        blue: (7_500, 3_000),
        white: (15_635, 16_450),
        luminance_max: 10_000_000,
        luminance_min: 50,
    };
    let colour = Colour {
        primaries: Some(9),
        transfer: Some(16),
        matrix: Some(9),
        full_range: Some(false),
        max_cll: Some(1000),
        max_fall: Some(400),
        mastering: Some(mastering),
        ..Colour::default()
    };
    let colour = Some(colour);
    Video { pixels: (320, 240), display: Some((426, 240)), scan: Scan::Progressive, stereo_mode: None, colour }
}

fn audio(codec_id: &str) -> Audio {
    let bit_depth = if codec_id.starts_with("A_PCM") { Some(16) } else { None };
    Audio { rate: 48_000, channels: 1, bit_depth }
}

/// Four PGS display sets: a picture of 8 × 2 pixels, nothing, the picture, nothing.
fn display_sets() -> [Vec<u8>; 4] {
    let window = [1, 0, 0, 10, 0, 20, 0, 8, 0, 2];
    let palette = [0, 0, 1, 200, 128, 128, 255];
    let row = [0, 0x88, 1, 0, 0];
    let object = [&[0, 0, 0, 0xC0, 0, 0, 14, 0, 8, 0, 2][..], &row, &row].concat();
    let segment = |(kind, content): (u8, &[u8])| [&[kind][..], &(content.len() as u16).to_be_bytes(), content].concat();
    let shown = |number| {
        let composition = [1, 64, 0, 240, 0x10, 0, number, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 10, 0, 20];
        let all = [(0x16, &composition[..]), (0x17, &window), (0x14, &palette), (0x15, &object), (0x80, &[])];
        all.map(segment).concat()
    };
    let cleared = |number| {
        let composition = [1, 64, 0, 240, 0x10, 0, number, 0, 0, 0, 0];
        [(0x16, &composition[..]), (0x17, &window), (0x80, &[])].map(segment).concat()
    };
    [shown(0), cleared(1), shown(2), cleared(3)]
}

fn segment(tracks: &[Track], expected_cues: u32) -> Segment {
    let names = [(0, "Kapitel 1"), (5_000 * MS, "Kapitel 2")];
    Segment {
        identity: 0x00C0_FFEE,
        title: Some("Prüfbild".into()),
        application: "freemkv test".into(),
        tracks: tracks.to_vec(),
        chapters: names.map(|(start, name)| Chapter { start: Nanoseconds(start), name: name.into() }).into(),
        tags: vec![("TITLE".into(), "Prüfbild".into()), ("SOURCE_DISC".into(), "TEST_DISC".into())],
        expected_cues,
    }
}

fn push(writer: &mut Writer<File>, frame: &Taken) {
    let Taken { track, milliseconds, duration, key, ref data } = *frame;
    let duration = Some(Nanoseconds(duration * MS)).filter(|d| *d > Nanoseconds::ZERO);
    let halves: [&[u8]; 2] = data.split_at(data.len() / 2).into();
    let halves = halves.map(Piece::Bytes);
    let frame = Frame {
        track,
        timestamp: Nanoseconds(milliseconds * MS),
        duration,
        key,
        discardable: false,
        invisible: false,
        data: &halves,
    };
    writer.push(&frame).unwrap();
}

fn write(path: &Path, tracks: &[Track], frames: &[Taken], expected_cues: u32) {
    let mut writer = Writer::new(File::create(path).unwrap(), segment(tracks, expected_cues)).unwrap();
    frames.iter().for_each(|frame| push(&mut writer, frame));
    writer.finish().unwrap();
}

#[test]
fn other_programs_read_what_is_written_without_a_word() {
    if missing(&["ffmpeg", "ffprobe", "mkvinfo", "mkvmerge", "mkvextract"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (tracks, frames) = source(folder.path());
    for (name, expected_cues) in [("front.mkv", 200), ("end.mkv", 3)] {
        let path = folder.path().join(name);
        write(&path, &tracks, &frames, expected_cues);
        let file = std::fs::read(&path).unwrap();
        check(&file);
        assert!((read(&file).1.only(ids::INFO).float(ids::DURATION) - 10_000.0).abs() < 100.0);
        structure_is_sound(&path);
        description_is_understood(&path);
        payload_is_the_same(&folder.path().join("ffmpeg.mkv"), &path);
        seeks_land_on_keyframes(&path);

        let again = folder.path().join("again.mkv");
        write(&again, &tracks, &frames, expected_cues);
        assert!(std::fs::read(&path).unwrap() == std::fs::read(&again).unwrap(), "twice the same bytes");
    }
}

fn structure_is_sound(path: &Path) {
    let path = path.to_str().unwrap();
    let tree = silent("mkvinfo", &["-a", "-v", "-v", path]);
    for word in ["nknown element", "rror", "arning", "nvalid"] {
        assert!(!tree.contains(word), "mkvinfo says {word}");
    }
    // Into a real file: at the end mkvmerge reads its own header back, and says so when /dev/null has none.
    let copy = format!("{path}.copy");
    let merged = silent("mkvmerge", &["-o", &copy, path]);
    assert!(!merged.contains("arning") && !merged.contains("rror"), "{merged}");
    silent(
        "ffmpeg",
        &["-v", "error", "-xerror", "-nostdin", "-i", path, "-map", "0", "-c:s", "copy", "-f", "null", "-"],
    );
}

fn json(program: &str, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&silent(program, arguments)).unwrap()
}

fn description_is_understood(path: &Path) {
    let path = path.to_str().unwrap();
    let all = json("mkvmerge", &["-J", path]);
    assert_eq!((all["errors"].as_array().unwrap().len(), all["warnings"].as_array().unwrap().len()), (0, 0));
    let container = &all["container"]["properties"];
    assert_eq!(container["title"], "Prüfbild");
    let seconds = container["duration"].as_u64().unwrap() as f64 / 1e9;
    assert!((seconds - 10.0).abs() < 0.1, "{seconds}");
    assert_eq!(all["chapters"][0]["num_entries"], 2);
    let video = &all["tracks"][0]["properties"];
    assert_eq!((&video["display_dimensions"], &video["pixel_dimensions"]), (&"426x240".into(), &"320x240".into()));
    assert_eq!((&video["default_duration"], &video["language_ietf"]), (&41_708_333.into(), &"de".into()));
    assert_eq!((video["max_luminance"].as_f64(), &video["max_content_light"]), (Some(1000.0), &1000.into()));
    let subtitles = &all["tracks"][6]["properties"];
    assert_eq!(
        (&subtitles["flag_hearing_impaired"], &subtitles["content_encoding_algorithms"]),
        (&true.into(), &"0".into())
    );
    let chapters = silent("mkvextract", &[path, "chapters", "-s"]);
    assert!(chapters.contains("CHAPTER02=00:00:05.000") && chapters.contains("CHAPTER02NAME=Kapitel 2"), "{chapters}");
    let streams = json("ffprobe", &["-v", "warning", "-show_streams", "-of", "json", path]);
    assert_eq!(streams["streams"][0]["color_transfer"], "smpte2084");
    assert_eq!(streams["streams"][0]["field_order"], "progressive");
    let tags = &streams["streams"][0]["tags"];
    assert_eq!((&tags["NUMBER_OF_FRAMES"], &tags["SOURCE_ID"]), (&"240".into(), &"001011".into()));
    assert_eq!(streams["streams"][6]["codec_name"], "hdmv_pgs_subtitle");
}

fn payload_is_the_same(source: &Path, path: &Path) {
    let hashes = |path: &Path| {
        let input = ["-v", "error", "-nostdin", "-i", path.to_str().unwrap(), "-map", "0:v", "-map", "0:a"];
        let text = silent("ffmpeg", &[&input[..], &["-c", "copy", "-f", "streamhash", "-hash", "md5", "-"]].concat());
        assert_eq!(text.lines().count(), 6);
        text
    };
    assert_eq!(hashes(source), hashes(path));
    let input = ["-v", "error", "-nostdin", "-i", path.to_str().unwrap(), "-map", "0:s"];
    let subtitles = run("ffmpeg", &[&input[..], &["-c", "copy", "-f", "data", "-"]].concat());
    assert!(subtitles.stdout == display_sets().concat(), "subtitles come back from zlib as they went in");
}

/// At the time of each cue of the first video track, a player that seeks there starts with that very picture.
fn seeks_land_on_keyframes(path: &Path) {
    let file = std::fs::read(path).unwrap();
    let (_, segment) = read(&file);
    let points = segment.only(ids::CUES).all(ids::CUE_POINT);
    let mut leads = points.clone();
    leads.retain(|point| point.all(ids::CUE_TRACK_POSITIONS).iter().any(|at| at.uint(ids::CUE_TRACK) == 1));
    assert!(points.len() > leads.len(), "the other tracks have cues too");
    assert!(!leads.is_empty());
    for time in leads.iter().map(|point| point.uint(ids::CUE_TIME)) {
        let time = format!("{}.{:03}", time / 1000, time % 1000);
        let show =
            ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"];
        let interval = format!("{time}%+#1");
        let packet = silent("ffprobe", &[&show[..], &["-read_intervals", &interval, path.to_str().unwrap()]].concat());
        assert_eq!(packet.trim(), format!("{time}000,K_"));
    }
}

/// The file as it lies on the disk when the program is killed: no size, no Cues, the last cluster incomplete.
#[test]
fn a_file_cut_short_still_plays() {
    if missing(&["ffmpeg"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (tracks, frames) = source(folder.path());
    let path = folder.path().join("short.mkv");
    let mut writer = Writer::new(File::create(&path).unwrap(), segment(&tracks, 200)).unwrap();
    frames.iter().for_each(|frame| push(&mut writer, frame));
    drop(writer);
    let length = std::fs::metadata(&path).unwrap().len();
    File::options().write(true).open(&path).unwrap().set_len(length - 1000).unwrap();
    let copy = ["-v", "fatal", "-nostdin", "-i", path.to_str().unwrap(), "-map", "0:v:0", "-f", "framemd5", "-"];
    let pictures = silent("ffmpeg", &copy).lines().filter(|line| !line.starts_with('#')).count();
    assert!(pictures > 150, "{pictures} pictures");
}

/// Not a test: prints how fast clusters are built. `cargo test --release --test interop matroska -- --ignored --nocapture`
#[test]
#[ignore = "prints a number, proves nothing"]
fn throughput_of_cluster_building() {
    let tracks = [track(1, "V_MPEG4/ISO/AVC", Kind::Video(video())), track(2, "A_AC3", Kind::Audio(audio("A_AC3")))];
    let mut builder = Builder::new(segment(&tracks, 200)).unwrap();
    let (picture, sound) = (vec![7; 180_000], vec![9; 2_560]);
    let started = std::time::Instant::now();
    let mut bytes = 0;
    while bytes < 8_000_000_000 {
        let n = bytes / 200_000;
        let halves: [&[u8]; 2] = picture.split_at(90_000).into();
        let halves = halves.map(Piece::Bytes);
        let video = Frame {
            track: 0,
            timestamp: Nanoseconds(n * 41_000_000),
            duration: None,
            key: n % 24 == 0,
            discardable: false,
            invisible: false,
            data: &halves,
        };
        let audio = Frame { track: 1, key: true, data: &[Piece::Bytes(&sound)], ..video };
        for frame in [video, audio] {
            if let Some(cluster) = builder.push(&frame).unwrap() {
                bytes += cluster.len() as u64;
                builder.recycle(cluster);
            }
        }
    }
    println!("{:.1} GB/s", bytes as f64 / 1e9 / started.elapsed().as_secs_f64());
}
