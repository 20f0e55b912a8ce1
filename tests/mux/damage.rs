//! A Blu-ray with holes in its stream: what is whole comes through at its time, what is not is told.
//! Needs `FREEMKV_TEST_DATA`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::support::test_data;
use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use freemkv::base::sector::SectorRange;
use freemkv::base::sector::set::SectorSet;
use freemkv::mux::plan::Options;
use freemkv::mux::report::{Loss, OutputReport};

const HOLE: u64 = 64 << 10;

/// How a stretch of the image is hurt.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Hurt {
    Zeroed,
    Flipped,
    /// The bytes are there and wrong, but the map says that they are missing.
    Mapped,
}

fn hurt(image: &[u8], at: u64, how: Hurt) -> Disc {
    let mut image = image.to_vec();
    let (from, to) = (at as usize, ((at + HOLE) as usize).min(image.len()));
    match how {
        Hurt::Zeroed => image[from..to].fill(0),
        Hurt::Flipped => image[from..to].iter_mut().for_each(|b| *b = !*b),
        Hurt::Mapped => image[from..to].fill(0xAA),
    }
    let mut disc = Disc::memory(image);
    if how == Hurt::Mapped {
        disc.missing = SectorSet::from_iter([SectorRange::new(at / 2048, (at + HOLE).div_ceil(2048))]);
    }
    disc
}

/// Where the stream of bd-basic lies in its image.
fn stream(image: &[u8]) -> (u64, u64) {
    let disc = Disc::memory(image.to_vec());
    let file = disc.fs.open("BDMV/STREAM/00000.m2ts").unwrap();
    assert_eq!(file.extents().len(), 1);
    let sectors = file.extents()[0].sectors();
    (sectors.byte_start(), file.length())
}

type Tracks = BTreeMap<u64, Vec<mkv::Block>>;

/// Every frame is one of the whole film at the same time; those that lack lie in a loss that was told.
fn compare(whole: &Tracks, got: &Tracks, report: &OutputReport, what: &str) {
    for (track, frames) in whole {
        let got = got.get(track).unwrap_or_else(|| panic!("{what}: track {track} is gone"));
        let mut next = got.iter().peekable();
        for (time, hash) in frames {
            if next.next_if(|(t, h)| t.abs_diff(*time) <= 1 && h == hash).is_some() {
                continue;
            }
            let seconds = *time as f64 / 1000.0;
            let told = report.losses.iter().any(|loss| {
                loss.track as u64 == *track && loss.from_seconds - 0.1 <= seconds && seconds <= loss.to_seconds + 0.1
            });
            assert!(told, "{what}: track {track} lacks {seconds} untold: {:?}", report.losses);
        }
        assert_eq!(next.next(), None, "{what}: track {track} has a frame that the film has not, or not then");
    }
}

#[test]
fn wherever_the_stream_is_hurt_the_rest_comes_at_its_time_and_the_loss_is_told() {
    let Some(data) = test_data() else { return };
    let image = std::fs::read(data.join("discs/bd-basic.iso")).unwrap();
    let (start, length) = stream(&image);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let mut disc = Disc::memory(image.clone());
    disc.force = true;
    disc.mux("00000", &path).unwrap();
    let whole = mkv::blocks(&path);
    // Every place in the long run; some of them here.
    let step = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { HOLE } else { 11 * HOLE };
    for (n, at) in (0..length).step_by(step as usize).enumerate() {
        for how in [Hurt::Zeroed, Hurt::Flipped, Hurt::Mapped] {
            // Not only whole sectors.
            let shift = if how == Hurt::Mapped { 0 } else { (n as u64 % 4) * 777 };
            if at + shift + HOLE > length {
                continue;
            }
            let what = format!("{how:?} at {at} + {shift}");
            let mut disc = hurt(&image, start + at + shift, how);
            disc.force = true;
            let report = disc.mux("00000", &path).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert!(!report.is_complete(), "{what}");
            compare(&whole, &mkv::blocks(&path), &report, &what);
            if n % 4 == 0 {
                playable(&path, &what);
            }
        }
    }
}

/// Tables, file system and the rest: two copies of most of it are on the disc.
#[test]
fn wherever_the_disc_is_hurt_beside_its_streams_the_film_is_right_or_refused() {
    let image = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")).unwrap();
    let (start, length) = (416 * 2048, 5_492_736);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    Disc::memory(image.clone()).mux("00000", &path).unwrap();
    let whole = mkv::blocks(&path);
    std::fs::remove_file(&path).unwrap();
    let mut right = 0;
    let beside =
        (0..image.len() as u64).step_by(HOLE as usize).filter(|at| at + HOLE <= start || *at >= start + length);
    for at in beside {
        for how in [Hurt::Zeroed, Hurt::Flipped] {
            let what = format!("{how:?} at {at}");
            let hurt = hurt(&image, at, how);
            if !hurt.titles.iter().any(|t| t.id == "00000") {
                continue;
            }
            match hurt.mux("00000", &path) {
                Ok(report) => {
                    assert!(report.is_complete() && mkv::blocks(&path) == whole, "{what}");
                    std::fs::remove_file(&path).unwrap();
                    right += 1;
                }
                Err(e) => println!("{what}: {e}"),
            }
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{what}");
        }
    }
    assert!(right >= 20, "{right} of the damaged discs still gave the film");
}

/// Single bytes anywhere in the stream: nothing can be promised of what the bytes said, but there is a file, its
/// frames are at their time, and nobody falls over it.
#[test]
fn stray_bytes_bring_nothing_down() {
    let image = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")).unwrap();
    let (start, length) = (416 * 2048, 5_492_736);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    Disc::memory(image.clone()).mux("00000", &path).unwrap();
    let times = |path: &Path| -> BTreeMap<u64, BTreeSet<i64>> {
        let times = |frames: Vec<mkv::Block>| frames.into_iter().map(|(time, _)| time).collect();
        mkv::blocks(path).into_iter().map(|(track, frames)| (track, times(frames))).collect()
    };
    let whole = times(&path);
    let mut random = 1u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    for round in 0..24 {
        let mut hurt = image.clone();
        for _ in 0..1 << (round % 12) {
            // Heads of packets are where a byte does most harm.
            let packet = start + next(length / 192) * 192;
            hurt[packet + 4 + next(if round % 2 == 0 { 20 } else { 188 })] = next(256) as u8;
        }
        let report = Disc { force: true, ..Disc::memory(hurt) }.mux("00000", &path).unwrap();
        for (track, found) in times(&path) {
            let strange = found.iter().filter(|t| !(-1..=1).any(|d| whole[&track].contains(&(*t + d)))).count();
            // A stamp may be hurt and its checksum, if it has one, right by chance.
            assert!(strange <= found.len() / 20 + 3, "round {round}, track {track}: {strange} of {}", found.len());
        }
        assert!(report.duration_seconds < 70.0, "round {round}: {report:?}");
    }
}

/// ffmpeg decodes all of it: no frame is broken in itself. That pictures it was told to refer to are not there, and
/// that some come out of turn behind the hole, is for it to say.
fn playable(path: &Path, what: &str) {
    let path = path.to_str().unwrap();
    let arguments = ["-nostdin", "-v", "error", "-i", path, "-map", "0", "-c:s", "copy", "-f", "null", "-"];
    let Some((content, text)) = disc::tool("ffmpeg", &arguments) else { return };
    let lower = text.to_lowercase();
    let broken = ["error while decoding", "invalid data", "corrupt", "concealing", "incomplete", "missing picture"];
    assert!(content && !broken.iter().any(|b| lower.contains(b)), "{what}: {text}");
}

/// A clip of two clocks, the times of one inside those of the other: what is hurt of one brings nothing of the other, and a part
/// of which nothing is left has lost its sound, too.
#[test]
fn holes_in_a_clip_of_two_clocks_cost_what_lies_in_them() {
    let Some(data) = test_data() else { return };
    let image = std::fs::read(data.join("discs/bd-seams.iso")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mkv");
    let sound = Disc { force: true, ..Disc::memory(image.clone()) };
    assert!(sound.mux("00005", &path).unwrap().is_complete());
    let whole = mkv::blocks(&path);
    let sectors = sound.fs.open("BDMV/STREAM/00007.m2ts").unwrap().extents()[0].sectors();
    for first in (sectors.start()..sectors.end() - 8).step_by(3) {
        let missing = SectorSet::from_iter([SectorRange::new(first, (first + 32).min(sectors.end()))]);
        let options = Options { without_picture: true, ..Options::default() };
        let report = Disc { force: true, missing, options, ..Disc::memory(image.clone()) }.mux("00005", &path).unwrap();
        let got = mkv::blocks(&path);
        assert!(!report.is_complete(), "{first}: {report:?}");
        let numbers: Vec<u64> = if report.tracks.len() == whole.len() { vec![1, 2] } else { vec![] };
        for track in numbers {
            let none = Vec::new();
            let (all, some) = (&whole[&track], got.get(&track).unwrap_or(&none));
            for (time, _) in all.iter().filter(|frame| !some.contains(frame)) {
                let at = *time as f64 / 1000.0;
                let told = |loss: &Loss| loss.from_seconds - 0.05 <= at && at <= loss.to_seconds + 0.05;
                let is_told = report.losses.iter().any(|loss| loss.track as u64 == track && told(loss));
                assert!(is_told, "{first}: track {track} lacks {at} untold: {:?}", report.losses);
            }
            // The last sound of the first part overlaps that of the second, where that is there.
            let odd: Vec<i64> = some.iter().filter(|frame| !all.contains(frame)).map(|frame| frame.0).collect();
            assert!(odd.iter().all(|time| track == 2 && (970..=1001).contains(time)), "{first}: {track} {odd:?}");
        }
    }
}
