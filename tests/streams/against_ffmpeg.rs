//! Frame for frame what ffprobe and ffmpeg find in the same files.

use std::path::Path;
use std::process::Command;

use freemkv::base::time::Ticks90;
use freemkv::codec::{self, Codec, MAIN, Stamp};

use crate::support::{Kept, Recorder, run};
use crate::testing::{program, test_data};

/// Whether both programs are installed; a note says what is missing.
fn ffmpeg_is_here() -> bool {
    ["ffmpeg", "ffprobe"].iter().all(|name| program(name).is_some())
}

/// A packet as ffprobe sees it.
#[derive(Debug)]
struct Packet {
    pts: Option<i64>,
    size: usize,
    key: bool,
}

fn ffprobe(file: &Path, stream: &str, format: &[&str]) -> Vec<Packet> {
    let done = Command::new("ffprobe")
        .args(["-v", "error", "-probesize", "50M", "-analyzeduration", "50M"])
        .args(format)
        .args(["-select_streams", stream, "-show_entries", "packet=pts,size,flags", "-of", "compact=p=0"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let field = |line: &str, name: &str| {
        line.split('|').find_map(|f| f.strip_prefix(name).and_then(|f| f.strip_prefix('='))).map(str::to_owned)
    };
    text.lines()
        .filter(|line| line.contains("size="))
        .map(|line| Packet {
            pts: field(line, "pts").and_then(|pts| pts.parse().ok()),
            size: field(line, "size").unwrap().parse().unwrap(),
            key: field(line, "flags").unwrap().contains('K'),
        })
        .collect()
}

/// The bytes of a stream as ffmpeg copies them.
fn copied(file: &Path, stream: &str, format: &[&str]) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin"]).args(format).arg("-i").arg(file).args(["-map", stream, "-c", "copy"]);
    command.args(["-f", "data", "-"]).output().unwrap().stdout
}

/// Runs a bare stream through the splitter of its codec.
fn split(codec: Codec, data: &[u8], packet: usize) -> (Recorder, Box<dyn codec::Splitter>) {
    let mut splitter = codec::splitter(codec).unwrap();
    let mut out = Recorder::default();
    for (i, chunk) in data.chunks(packet).enumerate() {
        splitter.start(Stamp { pts: (i == 0).then_some(Ticks90::ZERO), dts: None }, None, &mut out);
        splitter.payload(chunk);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    (out, splitter)
}

/// NAL units of length-prefixed frames that are coded picture data.
fn slices(frames: &[&Kept], slice: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for frame in frames {
        let mut rest = &frame.bytes[..];
        while let Some((size, tail)) = rest.split_at_checked(4) {
            let size = u32::from_be_bytes(size.try_into().unwrap()) as usize;
            if slice(&tail[..size]) {
                found.push(tail[..size].to_vec());
            }
            rest = &tail[size..];
        }
    }
    found
}

/// NAL units of a byte stream, by the plainest of searches.
fn plain_slices(data: &[u8], slice: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let starts: Vec<usize> = data.windows(3).enumerate().filter(|(_, w)| w == &[0, 0, 1]).map(|(i, _)| i).collect();
    let ends = starts.iter().skip(1).copied().chain([data.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let unit = &data[start + 3..end];
            let size = unit.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
            unit[..size].to_vec()
        })
        .filter(|unit| !unit.is_empty() && slice(unit))
        .collect()
}

#[test]
fn video_of_transport_streams_has_the_same_pictures_times_and_keys() {
    let Some(folder) = test_data().filter(|_| ffmpeg_is_here()) else { return };
    for name in [
        "sample_h264.ts",
        "sample_h264_dts_audio.ts",
        "sample_h264_mpeg_audio.ts",
        "sample_h264_no_access_unit_delimiters.ts",
        "sample_h265.ts",
        "sample_h265_rps_pred.ts",
    ] {
        let file = folder.join("samples/ts").join(name);
        let tracks = run(&std::fs::read(&file).unwrap(), 1 << 20);
        let track = &tracks.tracks[0];
        let frames = track.out.track(MAIN);
        let packets = ffprobe(&file, "v:0", &[]);
        assert!(!packets.is_empty());
        let theirs: Vec<_> = packets.iter().map(|p| (p.pts, p.key)).collect();
        let ours: Vec<_> = frames.iter().map(|f| (Some(f.pts), f.key)).collect();
        assert_eq!(theirs, ours, "{name}");
        let hevc = name.contains("h265");
        let slice = |nal: &[u8]| if hevc { nal[0] >> 1 & 0x3F < 32 } else { matches!(nal[0] & 0x1F, 1..=5) };
        assert_eq!(plain_slices(&copied(&file, "0:v:0", &[]), slice), slices(&frames, slice), "{name}");
    }
}

#[test]
fn dolby_audio_of_transport_streams_is_the_same_bytes() {
    let Some(folder) = test_data().filter(|_| ffmpeg_is_here()) else { return };
    for (name, codec, channels, atmos) in [
        ("sample_ac3.ts", Codec::Ac3, 6, false),
        ("sample_eac3.ts", Codec::Eac3, 6, false),
        ("sample_eac3joc.ts", Codec::Eac3, 6, true),
    ] {
        let file = folder.join("samples/ts").join(name);
        let tracks = run(&std::fs::read(&file).unwrap(), 1 << 20);
        let track = tracks.tracks.iter().find(|t| t.splitter.facts(MAIN).is_some()).expect(name);
        let frames = track.out.track(MAIN);
        let packets = ffprobe(&file, "a:0", &[]);
        // ffmpeg also gives the halves of frames at both ends of a cut file.
        let ours: Vec<usize> = frames.iter().map(|f| f.bytes.len()).collect();
        let sizes: Vec<usize> = packets.iter().map(|p| p.size).collect();
        let first = sizes.windows(ours.len()).position(|window| window == ours).expect(name);
        assert!(first <= 1 && sizes.len() - first - ours.len() <= 1, "{name}");
        for (packet, frame) in packets[first..].iter().zip(&frames) {
            // ffmpeg stamps the half frame; a stamp is of the first frame that starts in its packet.
            assert!(
                first == 1 || packet.pts.is_none_or(|pts| pts.abs_diff(frame.pts) <= 1),
                "{name}: {packet:?} {}",
                frame.pts
            );
        }
        let whole: Vec<u8> = frames.iter().flat_map(|f| f.bytes.iter().copied()).collect();
        let start: usize = sizes[..first].iter().sum();
        assert!(copied(&file, "0:a:0", &[])[start..].starts_with(&whole), "{name}");
        let facts = track.facts(MAIN);
        assert_eq!(facts.codec, codec);
        let audio = facts.audio.unwrap();
        assert_eq!((audio.channels, audio.sample_rate, audio.atmos), (channels, 48_000, atmos), "{name}");
    }
}

#[test]
fn truehd_files_have_the_same_access_units() {
    let Some(folder) = test_data().filter(|_| ffmpeg_is_here()) else { return };
    for (name, channels, rate, atmos) in [
        ("fba_176k.mlp", 2, 176_400, false),
        ("fba_192k.mlp", 6, 192_000, false),
        ("fba_192k_8ch.mlp", 8, 192_000, false),
        ("fba_2ch.mlp", 2, 48_000, false),
        ("fba_atmos_cbi.mlp", 8, 48_000, true),
        ("fba_atmos_dimtrim.mlp", 8, 48_000, true),
        ("fba_atmos_obj.mlp", 8, 48_000, true),
        ("fba_spliced.mlp", 2, 48_000, false),
    ] {
        let file = folder.join("samples/truehd").join(name);
        let data = std::fs::read(&file).unwrap();
        let (out, splitter) = split(Codec::TrueHd, &data, 1000);
        let packets = ffprobe(&file, "a:0", &["-f", "truehd"]);
        let theirs: Vec<usize> = packets.iter().map(|p| p.size).collect();
        let ours: Vec<usize> = out.frames.iter().map(|f| f.bytes.len()).collect();
        assert_eq!(theirs, ours, "{name}");
        assert!(out.bytes(MAIN) == data, "{name}");
        let keys: Vec<bool> = packets.iter().map(|p| p.key).collect();
        assert_eq!(keys, out.frames.iter().map(|f| f.key).collect::<Vec<_>>(), "{name}");
        let audio = splitter.facts(MAIN).unwrap().audio.unwrap();
        assert_eq!((audio.channels, audio.sample_rate, audio.atmos), (channels, rate, atmos), "{name}");
        assert_eq!(out.lost, []);
    }
}

#[test]
fn bare_hevc_files_have_the_same_pictures() {
    let Some(folder) = test_data().filter(|_| ffmpeg_is_here()) else { return };
    for sub in ["dolby-vision", "hdr10plus"] {
        let mut files: Vec<_> = std::fs::read_dir(folder.join("samples").join(sub))
            .unwrap()
            .map(|f| f.unwrap().path())
            .filter(|f| f.extension().is_some_and(|e| e == "hevc"))
            .collect();
        files.sort();
        for file in files {
            let data = std::fs::read(&file).unwrap();
            let slice = |nal: &[u8]| nal[0] >> 1 & 0x3F < 32;
            let truth = plain_slices(&data, slice);
            let pictures = truth.iter().filter(|nal| nal[2] & 0x80 != 0).count();
            let (out, splitter) = split(Codec::Hevc, &data, 5000);
            let frames = out.track(MAIN);
            assert_eq!(frames.len(), pictures, "{}", file.display());
            if pictures == 0 {
                continue;
            }
            assert!(slices(&frames, slice) == truth, "{}", file.display());
            let has = |wanted: u8| !plain_slices(&data, |nal| nal[0] >> 1 & 0x3F == wanted).is_empty();
            let video = splitter.facts(MAIN).unwrap().video.clone().unwrap();
            assert_eq!(video.dolby_vision.is_some(), has(62), "{}", file.display());
            assert_eq!(video.hdr10_plus, sub == "hdr10plus" && !file.ends_with("regular_bl_start_code_4.hevc"));
            let keys: Vec<bool> = ffprobe(&file, "v:0", &["-f", "hevc"]).iter().map(|p| p.key).collect();
            assert!(keys.starts_with(&frames.iter().map(|f| f.key).collect::<Vec<_>>()), "{}", file.display());
            let [width, height] = size(&file);
            assert_eq!([video.width, video.height], [width, height]);
        }
    }
}

/// Width and height as ffprobe sees them.
fn size(file: &Path) -> [u32; 2] {
    let done = Command::new("ffprobe")
        .args(["-v", "error", "-f", "hevc", "-show_entries", "stream=width,height", "-of", "csv=p=0"])
        .arg(file)
        .output()
        .unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    let (width, height) = text.trim().split_once(',').unwrap();
    [width.parse().unwrap(), height.parse().unwrap()]
}

/// A short film made by ffmpeg.
fn made(folder: &Path, name: &str, video: &[&str]) -> std::path::PathBuf {
    let path = folder.join(name);
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4"])
        .args(["-map", "0:v", "-map", "1:a", "-c:a", "eac3", "-ar", "44100"])
        .args(video)
        .args(["-f", "mpegts", "-mpegts_m2ts_mode", "1"])
        .arg(&path)
        .status();
    assert!(done.unwrap().success(), "{name}");
    path
}

#[test]
fn open_groups_and_interlaced_pictures_have_the_same_times_and_keys() {
    if !ffmpeg_is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-x264opts"];
    let x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params"];
    for (name, codec, options) in [
        ("open.m2ts", x264, "open-gop=1:bframes=3:keyint=20:bluray-compat=1:aud=1:slices=4"),
        ("mbaff.m2ts", x264, "tff=1:bframes=3:keyint=20:bluray-compat=1"),
        ("open-hevc.m2ts", x265, "open-gop=1:bframes=4:keyint=20:log-level=none"),
    ] {
        let file = made(folder.path(), name, &[&codec[..], &[options]].concat());
        let tracks = run(&std::fs::read(&file).unwrap(), 1 << 20);
        assert_eq!(tracks.losses, [], "{name}");
        let frames = tracks.tracks[0].out.track(MAIN);
        let theirs: Vec<_> = ffprobe(&file, "v:0", &[]).iter().map(|p| (p.pts, p.key)).collect();
        let ours: Vec<_> = frames.iter().map(|f| (Some(f.pts), f.key)).collect();
        assert_eq!(theirs, ours, "{name}");
        let video = tracks.tracks[0].facts(MAIN).video.clone().unwrap();
        assert_eq!(video.interlaced, name == "mbaff.m2ts");
        assert_eq!(video.frame_rate.unwrap().num, 25 * video.frame_rate.unwrap().den);
        if name.starts_with("open") {
            assert!(frames.iter().any(|f| f.leading), "{name}");
        }
        let audio = tracks.tracks[1].out.track(MAIN);
        let sizes: Vec<usize> = ffprobe(&file, "a:0", &[]).iter().map(|p| p.size).collect();
        assert_eq!(sizes, audio.iter().map(|f| f.bytes.len()).collect::<Vec<_>>(), "{name}");
        for pair in audio.windows(2) {
            assert_eq!(pair[0].pts + pair[0].duration.unwrap(), pair[1].pts);
        }
    }
}
