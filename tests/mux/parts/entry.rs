//! Parts that begin where decoding cannot: what is needed for it is there and not shown, or what is lost is told.

use std::path::Path;

use crate::fixtures::disc::Disc;
use crate::fixtures::mkv;
use crate::fixtures::packets::{self, PACKET};
use crate::misfits::{PLAYLIST, folder};
use crate::support::program;
use freemkv::fs::folder::Folder;
use freemkv::mux::report::{Cause, OutputReport};

/// Pictures from one at which decoding can begin to the next (`tests/discs/README.md`).
const GROUP: usize = 24;
/// The clip's clock at its first picture, ticks of 45 kHz.
const CLIP_START: u32 = 600 * 45_000;

/// Seconds, to ticks of 45 kHz, of a picture's start.
pub(crate) fn picture(number: u32) -> u32 {
    u32::try_from((u64::from(number) * 45_000 * 1001).div_ceil(24_000)).unwrap()
}

/// Makes the playlist play these pictures of the clip one behind the other: from, to, connection condition.
pub(crate) fn plays(root: &Path, items: &[(u32, u32, u8)]) {
    let path = root.join(PLAYLIST);
    let list = std::fs::read(&path).unwrap();
    let word = |at: usize| u32::from_be_bytes(list[at..at + 4].try_into().unwrap());
    let start = word(8) as usize;
    let first = start + 10;
    let length = 2 + usize::from(u16::from_be_bytes([list[first], list[first + 1]]));
    let mut body = vec![0, 0];
    body.extend((items.len() as u16).to_be_bytes());
    body.extend([0, 0]);
    for (from, to, condition) in items {
        let mut item = list[first..first + length].to_vec();
        item[12] = item[12] & 0xF0 | condition;
        item[14..18].copy_from_slice(&(CLIP_START + picture(*from)).to_be_bytes());
        item[18..22].copy_from_slice(&(CLIP_START + picture(*to)).to_be_bytes());
        body.extend(item);
    }
    let body = [&(body.len() as u32).to_be_bytes()[..], &body].concat();
    let marks = [0, 0, 0, 2, 0, 0];
    let mut made = [&list[..start], &body, &marks].concat();
    made[12..16].copy_from_slice(&((start + body.len()) as u32).to_be_bytes());
    made[16..20].fill(0);
    std::fs::write(path, made).unwrap();
}

pub(crate) fn mux(root: &Path, name: &str) -> (OutputReport, std::path::PathBuf) {
    let output = root.join(name);
    let disc = Disc { force: true, ..Disc::files(Box::new(Folder::open(root).unwrap())) };
    (disc.mux("00000", &output).unwrap(), output)
}

/// The pictures of a file that are shown, in the order of the file: their times, and a hash of each.
fn shown(path: &Path) -> Vec<mkv::Block> {
    let hidden = mkv::invisible(path).remove(&1).unwrap();
    mkv::blocks(path)
        .remove(&1)
        .unwrap()
        .into_iter()
        .zip(hidden)
        .filter(|(_, hidden)| !hidden)
        .map(|(b, _)| b)
        .collect()
}

/// What a decoder makes of each picture, in the order of showing.
pub(crate) fn decoded(path: &Path) -> Option<Vec<String>> {
    let arguments = ["-nostdin", "-v", "error", "-i"];
    let rest = ["-map", "0:v", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"];
    let done = std::process::Command::new(program("ffmpeg")?).args(arguments).arg(path).args(rest).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    Some(text.lines().filter(|l| !l.starts_with('#')).map(|l| l.rsplit(", ").next().unwrap().to_owned()).collect())
}

fn pictures_lost(report: &OutputReport) -> Vec<(Cause, i64, i64)> {
    let milliseconds = |seconds: f64| (seconds * 1000.0).round() as i64;
    let of = report.losses.iter().chain(&report.undecodable).filter(|loss| loss.track == 1);
    of.map(|loss| (loss.cause, milliseconds(loss.from_seconds), milliseconds(loss.to_seconds))).collect()
}

#[test]
fn pictures_behind_an_in_that_is_no_entry_point_are_decoded_from_the_one_in_front_of_it() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    plays(&root, &[(0, 480, 1)]);
    let (_, whole) = mux(&root, "whole.mkv");
    let all: Vec<u64> = shown(&whole).iter().map(|(_, hash)| *hash).collect();
    // A part of its own, one that goes straight on at another place, and one that has no picture to begin with at all.
    for condition in [1, 6] {
        for (from, to) in [(251, 300), (263, 264), (260, 262)] {
            plays(&root, &[(0, 48, 1), (from, to, condition), (96, 120, 1)]);
            let (report, path) = mux(&root, "film.mkv");
            assert!(report.is_complete(), "{condition} {from}: {report:?}");
            let played = shown(&path);
            let count = (to - from) as usize;
            assert_eq!(played.len(), 48 + count + 24, "{condition} {from}");
            let mut times: Vec<i64> = played.iter().map(|(time, _)| *time).collect();
            times.sort_unstable();
            let even = |n: usize| (n as f64 * 1001.0 / 24.0).round() as i64;
            assert!(times.iter().enumerate().all(|(n, time)| (time - even(n)).abs() <= 1), "{times:?}");
            // The pictures that are shown are those; the hidden ones in front of them are of their own group.
            let group = from as usize / GROUP * GROUP;
            let of_part: Vec<u64> = played[48..48 + count].iter().map(|(_, hash)| *hash).collect();
            let near = &all[group..(to as usize).next_multiple_of(GROUP) + GROUP];
            assert!(of_part.iter().all(|hash| near.contains(hash)), "{condition} {from}");
            let hidden = mkv::blocks(&path)[&1].len() - played.len();
            assert!((1..=GROUP).contains(&hidden), "{condition} {from}: {hidden} are hidden");
            let Some((of_film, of_whole)) = decoded(&path).zip(decoded(&whole)) else { continue };
            let expected = &of_whole[from as usize..to as usize];
            assert!(of_film.windows(count).any(|all| all == expected), "{condition} {from}: decoded otherwise");
        }
    }
}

#[test]
fn pictures_at_the_start_of_the_film_that_cannot_be_decoded_are_told() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    plays(&root, &[(251, 300, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    // The next group begins with picture 264.
    assert_eq!(pictures_lost(&report), [(Cause::Undecodable, 0, 542)], "{report:?}");
    assert!(report.undecodable.len() == 1 && report.is_complete(), "nothing that could be read is missing: {report:?}");
    assert_eq!(shown(&path).len(), 300 - 264);
    // Nothing of it can be decoded: it ends before the next group.
    plays(&root, &[(251, 260, 1), (0, 24, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    assert_eq!(pictures_lost(&report), [(Cause::Undecodable, 0, 375)], "{report:?}");
    assert_eq!(shown(&path).len(), 24);
}

#[test]
fn a_clip_that_begins_between_two_entry_points_is_told_to_lack_what_lies_before_the_first() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let path = root.join("BDMV/STREAM/00000.m2ts");
    let mut stream = std::fs::read(&path).unwrap();
    // The first picture's packets are gone, though nothing is missing in front of the second one.
    let starts: Vec<usize> = (0..stream.len() / PACKET)
        .filter(|n| packets::pid(&stream[n * PACKET..]) == packets::VIDEO && stream[n * PACKET + 5] & 0x40 != 0)
        .collect();
    for n in starts[0]..starts[1] {
        if packets::pid(&stream[n * PACKET..]) == packets::VIDEO {
            stream[n * PACKET..(n + 1) * PACKET].copy_from_slice(&packets::null(1));
        }
    }
    std::fs::write(&path, stream).unwrap();
    plays(&root, &[(0, 48, 1)]);
    let (report, film) = mux(&root, "film.mkv");
    assert_eq!(pictures_lost(&report), [(Cause::Undecodable, 42, 1001)], "{report:?}");
    assert_eq!(shown(&film).len(), 24);
}

#[test]
fn a_hole_in_front_of_in_costs_what_needed_it_and_is_told() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let path = root.join("BDMV/STREAM/00000.m2ts");
    let mut stream = std::fs::read(&path).unwrap();
    let of_video =
        |n: &usize| packets::pid(&stream[n * PACKET..]) == packets::VIDEO && stream[n * PACKET + 5] & 0x40 != 0;
    let starts: Vec<usize> = (0..stream.len() / PACKET).filter(of_video).collect();
    // From within the third picture of the group of 240, in the order of the stream, for half a sector.
    let from = (starts[242] + 1) * PACKET;
    stream[from..from + 12 * PACKET].fill(0);
    std::fs::write(&path, stream).unwrap();
    plays(&root, &[(0, 48, 1), (251, 300, 1)]);
    let (report, film) = mux(&root, "film.mkv");
    assert_eq!(pictures_lost(&report), [(Cause::Damaged, 2002, 2544)], "{report:?}");
    assert_eq!(shown(&film).len(), 48 + 36);
}
