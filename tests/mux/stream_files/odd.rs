//! Stream files as people have them: joined, cut, wrapped, with holes at their ends and stamps that are wrong. Nothing of
//! the film may be missing without a word.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::fixtures::mkv::{self, Block};
use crate::fixtures::packets::{self, AUDIO, PACKET, VIDEO};
use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, SystemClock};
use freemkv::base::event::NoEvents;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::folder::SingleFile;
use freemkv::mux::plan::{self, Options};
use freemkv::mux::report::OutputReport;
use freemkv::mux::run::{self, Settings};
use freemkv::title::loose;

type Blocks = BTreeMap<u64, Vec<Block>>;

fn mux_file(stream: &Path) -> (OutputReport, Blocks) {
    let output = stream.with_extension("mkv");
    let fs = SingleFile::open(stream).unwrap();
    let title = loose::title(&fs, fs.name()).unwrap();
    let (missing, cancel) = (SectorSet::new(), Cancel::new());
    let plan = plan::plan(&fs, &title, &plan::Provenance::default(), &Options::default(), &missing, &cancel).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let settings = Settings { force: true, ..Settings::new(&missing) };
    let report = run::run(&fs, &plan, &output, &settings, &NoEvents, &cancel, &clock).unwrap();
    (report, mkv::blocks(&output))
}

fn mux(stream: &[u8]) -> (OutputReport, Blocks) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.m2ts");
    std::fs::write(&path, stream).unwrap();
    mux_file(&path)
}

/// The bytes of each track's frames.
fn frames(blocks: &Blocks) -> BTreeMap<u64, Vec<u64>> {
    blocks.iter().map(|(track, blocks)| (*track, blocks.iter().map(|block| block.1).collect())).collect()
}

/// All that is written of `stream` is what is written of `whole`, with the same times.
fn is_same(stream: &[u8], whole: &Blocks, what: &str) {
    let (report, blocks) = mux(stream);
    assert!(report.is_complete(), "{what}: {report:?}");
    assert!(blocks == *whole, "{what}");
}

#[test]
fn stamps_that_go_round_go_on() {
    let film = packets::film(6);
    let (report, whole) = mux(&film);
    assert!(report.is_complete() && (5.9..6.3).contains(&report.duration_seconds), "{report:?}");
    let first = film.chunks_exact(PACKET).find_map(packets::stamp).unwrap();
    for before in [0, 1, 9000, 90_000 * 3, 90_000 * 6 - 9000] {
        is_same(&packets::shifted(&film, (1 << 33) - first - before), &whole, &format!("{before} ticks"));
    }
}

#[test]
fn joined_files_go_on_where_the_one_before_ends() {
    let film = packets::film(4);
    let (one, whole) = mux(&film);
    let shifts = [0, -90_000, 2 * 90_000, 3600 * 90_000, (1 << 33) - 2 * 90_000, 7 << 30];
    for shift in shifts {
        let all = [film.clone(), packets::shifted(&film, shift), film.clone()].concat();
        let (report, blocks) = mux(&all);
        assert!(report.is_complete(), "{shift}: {report:?}");
        assert!((report.duration_seconds - 3.0 * one.duration_seconds).abs() < 0.3, "{shift}: {report:?}");
        for (track, frames) in frames(&whole) {
            let expected: Vec<u64> = frames.repeat(3);
            let got = &blocks[&track];
            assert_eq!(got.iter().map(|b| b.1).collect::<Vec<_>>(), expected, "{shift}, track {track}");
        }
        let mut times: Vec<i64> = blocks[&1].iter().map(|b| b.0).collect();
        times.sort_unstable();
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] > 20), "{shift}: pictures one on the other");
        assert!(blocks[&2].windows(2).all(|pair| pair[0].0 < pair[1].0), "{shift}: sound goes back");
    }
}

#[test]
fn one_stamp_that_is_wrong_costs_nothing() {
    let film = packets::film(6);
    let (_, whole) = mux(&film);
    let starts = |wanted: u16| -> Vec<usize> {
        let all = film.chunks_exact(PACKET).enumerate();
        all.filter(|(_, p)| packets::pid(p) == wanted && packets::stamp(p).is_some()).map(|(n, _)| n).collect()
    };
    for (pid, number) in [(VIDEO, 0), (VIDEO, 1), (VIDEO, 40), (AUDIO, 50), (AUDIO, 0), (AUDIO, 1)] {
        let at = starts(pid)[number];
        for by in [5, -5, 60, 3600, -3600, 40_000] {
            let mut odd = film.clone();
            packets::restamp(&mut odd, |n, t| if n == at { t + by * 90_000 } else { t });
            let (report, blocks) = mux(&odd);
            assert!(report.is_complete(), "{pid:X} {number} {by} s: {report:?}");
            assert_eq!(frames(&blocks), frames(&whole), "{pid:X} {number} {by} s");
            let last = blocks[&1].iter().map(|b| b.0).max();
            assert_eq!(last, whole[&1].iter().map(|b| b.0).max(), "{pid:X} {number} {by} s");
            if pid == AUDIO {
                assert!(blocks == whole, "{number} {by} s");
            }
        }
    }
}

#[test]
fn a_joined_file_whose_first_stamp_is_wrong_begins_where_it_does() {
    let film = packets::film(4);
    let first =
        |wanted: u16| film.chunks_exact(PACKET).position(|p| packets::pid(p) == wanted && packets::stamp(p).is_some());
    let (video, audio) = (first(VIDEO).unwrap(), first(AUDIO).unwrap());
    let joined = |wrong: Option<usize>, by: i64| {
        let mut second = film.clone();
        packets::restamp(&mut second, |n, t| t + 7 * 3600 * 90_000 + if Some(n) == wrong { by * 90_000 } else { 0 });
        mux(&[film.clone(), second].concat())
    };
    let (_, whole) = joined(None, 0);
    for wrong in [video, audio] {
        for by in [60, -3600] {
            let (report, blocks) = joined(Some(wrong), by);
            assert!(report.is_complete(), "{wrong} {by}: {report:?}");
            assert_eq!(frames(&blocks), frames(&whole), "{wrong} {by}");
        }
    }
}

#[test]
fn what_is_missing_at_an_end_is_told_and_nothing_else_is_lost() {
    let film = packets::film(4);
    let (whole, blocks) = mux(&film);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.m2ts");
    for (zeros, at_start) in [(6144 * 4, false), (70 << 20, false), (6144 * 4, true), (6144 * 12_000, true)] {
        let gap = vec![0; zeros / 6144 * 6144];
        let (front, back) = if at_start { (gap, Vec::new()) } else { (Vec::new(), gap) };
        std::fs::write(&path, [front, film.clone(), back].concat()).unwrap();
        let (report, got) = mux_file(&path);
        assert!(!report.is_complete(), "{zeros} {at_start}");
        assert!((report.duration_seconds - whole.duration_seconds).abs() < 0.1, "{zeros} {at_start}: {report:?}");
        // The packet beside a hole goes with it.
        let (all, most) = (blocks[&1].len(), got[&1].len());
        assert!(all - most <= 2, "{zeros} {at_start}: {most} of {all} pictures");
        assert!(report.losses.iter().any(|l| l.track == 1 && l.bytes > 0), "{report:?}");
    }
}

#[test]
fn empty_packets_are_no_loss_wherever_they_are() {
    let film = packets::film(3);
    let (_, whole) = mux(&film);
    let many = packets::null(32 * 1400);
    is_same(&[many.clone(), film.clone()].concat(), &whole, "in front");
    is_same(&[film.clone(), many.clone()].concat(), &whole, "behind");
    let middle = film.len() / 2 / 6144 * 6144;
    is_same(&[&film[..middle], &many, &film[middle..]].concat(), &whole, "in the middle");
}

#[test]
fn a_track_that_starts_late_is_a_track() {
    let film = packets::film(6);
    let (_, whole) = mux(&film);
    let late = film.len() / PACKET / 2;
    let without = |wanted: u16, from: usize, to: usize| -> Vec<u8> {
        let kept =
            film.chunks_exact(PACKET).enumerate().filter(|(n, p)| packets::pid(p) != wanted || !(from..to).contains(n));
        kept.flat_map(|(_, p)| p.iter().copied()).collect()
    };
    for (wanted, track) in [(AUDIO, 2), (AUDIO + 1, 3), (VIDEO, 1)] {
        let stream = without(wanted, 0, late);
        // More empty packets than are read to find out what a stream is.
        let middle = stream.len() / 3 / PACKET * PACKET;
        let stream = [&stream[..middle], &packets::null(32 * 11_200), &stream[middle..]].concat();
        let (report, blocks) = mux(&packets::aligned(stream));
        assert!(report.is_complete(), "{wanted:X}: {report:?}");
        assert_eq!(blocks.len(), whole.len(), "{wanted:X}");
        let (got, all) = (blocks[&track].len(), whole[&track].len());
        assert!(got > all / 4 && got < all, "{wanted:X}: {got} of {all}");
    }
}

#[test]
fn packets_of_all_sizes_are_taken() {
    let film = packets::film(3);
    let (_, whole) = mux(&film);
    let as_packets = |before: usize, behind: usize| -> Vec<u8> {
        let packet = |p: &[u8]| [&p[4 - before..], &b"error correction"[..behind]].concat();
        film.chunks_exact(PACKET).flat_map(packet).collect()
    };
    for (before, behind) in [(0, 0), (0, 16), (4, 0)] {
        let stream = as_packets(before, behind);
        is_same(&stream, &whole, &format!("{before} before, {behind} behind"));
        let garbage = [vec![0x47; 77], stream].concat();
        is_same(&garbage, &whole, &format!("{before} before, {behind} behind, garbage in front"));
    }
}

#[test]
fn tables_need_not_be_right_nor_come_first() {
    let film = packets::film(3);
    let (_, whole) = mux(&film);
    let mut wrong = film.clone();
    packets::tables(&mut wrong, |packet| {
        let from = 4 + 5;
        let length = usize::from(packet[from + 1] & 15) << 8 | usize::from(packet[from + 2]);
        packet[from + length..from + length + 3].iter_mut().for_each(|crc| *crc ^= 0x5A);
    });
    assert_ne!(wrong, film);
    is_same(&wrong, &whole, "checksums");
    let mut late = film.clone();
    let half = late.len() / 2 / PACKET * PACKET;
    packets::tables(&mut late[..half], |packet| packet.copy_from_slice(&packets::null(1)));
    is_same(&late, &whole, "late");
    let mut none = film;
    packets::tables(&mut none, |packet| packet.copy_from_slice(&packets::null(1)));
    let (report, blocks) = mux(&none);
    assert!(report.is_complete(), "{report:?}");
    // Languages stand in the tables, and which stream comes first.
    assert_eq!(blocks, whole);
}
