//! The times that `info` tells of a hole are those of the frames that lie in it, to a frame.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::support::program;
use super::{Hurt, image, json, list, place};

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
    let entries = ["-v", "error", "-show_entries", "packet=codec_type,stream_index,pts_time,duration_time,pos,flags"];
    let output = Command::new(program("ffprobe")?).args(entries).args(["-of", "csv=p=0"]).arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let frame = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let number = |index: usize| fields.get(index)?.parse::<f64>().ok();
        let kind = fields[0];
        (kind != "subtitle").then_some(())?;
        Some(Frame {
            stream: fields.get(1)?.parse().ok()?,
            is_video: kind == "video",
            is_key: fields.get(5)?.contains('K'),
            time: number(2)?,
            duration: number(3).unwrap_or(0.0),
            at: fields.get(4)?.parse().ok()?,
        })
    };
    let mut frames: Vec<Frame> = text.lines().filter_map(frame).collect();
    let first = frames.iter().filter(|f| f.is_video).map(|f| f.time).fold(f64::MAX, f64::min);
    frames.iter_mut().for_each(|frame| frame.time -= first);
    Some(frames)
}

/// What a hole takes: frames of which a byte lies in it, or may (they end before the next one of their stream), and pictures that are shown before the next key picture.
fn truth(frames: &[Frame], from: usize, to: usize) -> (f64, f64) {
    let end = |frame: &Frame| {
        let next =
            frames.iter().filter(|other| other.stream == frame.stream && other.at > frame.at).map(|f| f.at).min();
        next.unwrap_or(usize::MAX)
    };
    let lost: Vec<&Frame> = frames.iter().filter(|frame| frame.at < to && end(frame) > from).collect();
    let start = lost.iter().map(|frame| frame.time).fold(f64::MAX, f64::min);
    let heard = lost.iter().filter(|f| !f.is_video).map(|f| f.time + f.duration).fold(0.0, f64::max);
    let key = frames.iter().filter(|f| f.is_video && f.is_key && f.at >= to).map(|f| f.time).fold(f64::MAX, f64::min);
    (start, heard.max(key))
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
            let spans = list(&told["damage"]["titles"][index]["spans"]);
            assert_eq!(spans.len(), 1, "{name} {part}: {spans:?}");
            let (first, last) = (spans[0]["from_seconds"].as_f64().unwrap(), spans[0]["to_seconds"].as_f64().unwrap());
            let (start, end) = truth(&frames, from, from + size);
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
