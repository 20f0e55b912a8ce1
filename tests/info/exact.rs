//! The times that `info` tells of a hole are those of the frames that lie in it, to a frame.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::hurt::{Hurt, place};
use super::support::program;
use super::{image, json, list};

const SECTOR: usize = 2048;

/// A frame of a stream file, as ffprobe tells of it.
#[derive(Debug)]
struct Frame {
    stream: usize,
    is_video: bool,
    is_key: bool,
    time: f64,
    duration: f64,
    at: usize,
}

/// All pictures and audio frames of a stream file; times from its first picture on.
fn frames(file: &Path) -> Option<Vec<Frame>> {
    let entries = "packet=codec_type,stream_index,pts_time,duration_time,pos,flags";
    let arguments = ["-v", "error", "-fflags", "+genpts", "-show_entries", entries, "-of", "csv=p=0"];
    let output = Command::new(program("ffprobe")?).args(arguments).arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut last: BTreeMap<usize, usize> = BTreeMap::new();
    let mut frame = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |index: usize| fields.get(index)?.parse::<f64>().ok();
        let kind = fields[0];
        matches!(kind, "video" | "audio").then_some(())?;
        let stream = fields.get(1)?.parse().ok()?;
        // One that begins in the same packet as the one before it has no place of its own.
        let at = fields.get(4)?.parse().ok().or_else(|| last.get(&stream).copied())?;
        last.insert(stream, at);
        Some(Frame {
            stream,
            is_video: kind == "video",
            is_key: fields.get(5)?.contains('K'),
            time: number(2)?,
            duration: number(3).unwrap_or(0.0),
            at,
        })
    };
    let mut frames: Vec<Frame> = text.lines().filter_map(&mut frame).collect();
    let first = frames.iter().filter(|f| f.is_video).map(|f| f.time).fold(f64::MAX, f64::min);
    frames.iter_mut().for_each(|frame| frame.time -= first);
    Some(frames)
}

/// What a hole takes: frames of which a byte lies in it, or may (they end where the next one of their stream begins, or within
/// `tail` bytes of where the packet begins that has that), and pictures that are shown before the next key picture.
fn truth(frames: &[Frame], (from, to): (usize, usize), tail: usize) -> (f64, f64) {
    let reaches_in = |(number, frame): (usize, &Frame)| {
        let next = frames.iter().skip(number + 1).find(|other| other.stream == frame.stream);
        // Of those that begin in one packet the last one alone reaches into the next.
        let end = match next {
            Some(next) if next.at == frame.at => frame.at + 1,
            next => next.map_or(usize::MAX, |next| next.at + tail),
        };
        frame.at < to && end > from
    };
    let lost: Vec<&Frame> =
        frames.iter().enumerate().filter(|numbered| reaches_in(*numbered)).map(|(_, frame)| frame).collect();
    let start = lost.iter().map(|frame| frame.time).fold(f64::MAX, f64::min);
    let heard = lost.iter().filter(|f| !f.is_video).map(|f| f.time + f.duration).fold(0.0, f64::max);
    let key = frames.iter().filter(|f| f.is_video && f.is_key && f.at >= to).map(|f| f.time).fold(f64::MAX, f64::min);
    (start, heard.max(key))
}

/// The one span of a title that is told to be hurt, seconds.
fn span(told: &Value, title: usize) -> (f64, f64) {
    match list(&told["damage"]["titles"][title]["spans"]).as_slice() {
        [span] => (span["from_seconds"].as_f64().unwrap(), span["to_seconds"].as_f64().unwrap()),
        spans => panic!("{spans:?}"),
    }
}

#[test]
fn the_times_of_a_hole_are_those_of_its_frames() {
    let mut compared = 0;
    for (name, path) in [
        ("bd-basic", "BDMV/STREAM/00000.m2ts"),
        ("uhd-basic", "BDMV/STREAM/00000.m2ts"),
        ("bd-multi", "BDMV/STREAM/00010.m2ts"),
    ] {
        let Some(image) = image(name) else { return };
        let (start, length) = place(&image, path);
        let hurt = Hurt::new(&image);
        let stream = hurt.folder.path().join("stream.m2ts");
        fs::write(&stream, &hurt.bytes[start..start + length]).unwrap();
        let Some(frames) = frames(&stream) else { return };
        for part in 2..9 {
            let from = (length / 12 * part) / 2048 * 2048;
            let size = 2048 * (1 + 3 * (part % 4));
            let told = json(&hurt.without(start + from, size));
            let index = list(&told["titles"]).iter().position(|title| {
                // The title that plays the clip alone, from its start.
                title["clips"] == serde_json::json!([path[12..17]]) && title["duration_seconds"].as_f64() > Some(5.0)
            });
            let Some(index) = index else { panic!("no title plays {path} alone: {told}") };
            let (first, last) = span(&told, index);
            let (start, end) = truth(&frames, (from, from + size), 0);
            if end == f64::MAX {
                continue;
            }
            compared += 1;
            assert!((first - start).abs() < 0.050, "{name} {part}: {first}-{last} told, {start}-{end} true");
            assert!((last - end).abs() < 0.050, "{name} {part}: {first}-{last} told, {start}-{end} true");
        }
    }
    assert!(compared > 12, "{compared} holes");
}

#[test]
fn the_times_of_a_hole_of_a_dvd_are_those_of_its_frames() {
    let mut compared = 0;
    for (name, vob, title) in [
        ("dvd-ntsc", "VTS_01_1", 0),
        ("dvd-ntsc", "VTS_02_1", 1),
        ("dvd-ntsc", "VTS_03_1", 2),
        ("dvd-subs", "VTS_01_1", 0),
        ("dvd-lpcm", "VTS_01_1", 0),
    ] {
        let Some(image) = image(name) else { return };
        let (start, length) = place(&image, &format!("VIDEO_TS/{vob}.VOB"));
        let hurt = Hurt::new(&image);
        let stream = hurt.folder.path().join("stream.vob");
        fs::write(&stream, &hurt.bytes[start..start + length]).unwrap();
        let Some(frames) = frames(&stream) else { return };
        for part in 1..12 {
            let from = (length / 13 * part) / SECTOR * SECTOR;
            let size = SECTOR * (1 + 5 * (part % 4));
            // A frame may end in the pack in which the next one begins.
            let [(begin, end), (earlier, later)] = [0, SECTOR].map(|tail| truth(&frames, (from, from + size), tail));
            if end == f64::MAX {
                continue;
            }
            let (first, last) = span(&json(&hurt.without(start + from, size)), title);
            compared += 1;
            let told = format!("{name} {vob} {part}: {first}-{last} told, {begin}-{end} true, or {earlier}-{later}");
            assert!(earlier - 0.050 < first && first < begin + 0.050, "{told}");
            assert!(end - 0.050 < last && last < later + 0.050, "{told}");
        }
    }
    assert!(compared > 30, "{compared} holes");
}
