//! Discs whose clip information does not fit their streams: it is a hint, and the film is whole all the same.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::fixtures::disc::Disc;
use crate::fixtures::mkv;
use crate::fixtures::packets::{self, PACKET};
use freemkv::base::cancel::Cancel;
use freemkv::base::event::{Event, Events};
use freemkv::fs::folder::Folder;
use freemkv::fs::tree;
use freemkv::mux::MuxError;
use freemkv::mux::report::OutputReport;

const STREAM: &str = "BDMV/STREAM/00000.m2ts";
pub(crate) const PLAYLIST: &str = "BDMV/PLAYLIST/00000.mpls";
/// Where the first play item of a playlist has its IN and OUT, behind the start of the list: lengths and counts, then the
/// clip's name and flags.
const IN_TIME: usize = 10 + 14;

/// The film as a folder.
pub(crate) fn folder(root: &Path) -> PathBuf {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso");
    let disc = Disc::memory(std::fs::read(image).unwrap());
    for file in tree::files(&*disc.fs, "", 1000).unwrap() {
        let to = root.join(&file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, disc.fs.read_whole(&file, 1 << 30).unwrap()).unwrap();
    }
    root.to_owned()
}

/// Makes the playlist play this many seconds from this many on.
fn cut(root: &Path, from: u32, seconds: u32) {
    let path = root.join(PLAYLIST);
    let mut list = std::fs::read(&path).unwrap();
    let word = |list: &[u8], at: usize| u32::from_be_bytes(list[at..at + 4].try_into().unwrap());
    let at = word(&list, 8) as usize + IN_TIME;
    let start = word(&list, at) + from * 45_000;
    list[at..at + 4].copy_from_slice(&start.to_be_bytes());
    list[at + 4..at + 8].copy_from_slice(&(start + seconds * 45_000).to_be_bytes());
    std::fs::write(path, list).unwrap();
}

#[derive(Default)]
struct Warnings(Mutex<Vec<String>>);

impl Events for Warnings {
    fn event(&self, event: Event) {
        if let Event::Warning(sentence) = event {
            self.0.lock().unwrap().push(sentence);
        }
    }
}

fn mux(root: &Path) -> (OutputReport, std::collections::BTreeMap<u64, Vec<mkv::Block>>, Vec<String>) {
    let output = root.join("film.mkv");
    let warnings = Warnings::default();
    let disc = Disc { force: true, ..Disc::files(Box::new(Folder::open(root).unwrap())) };
    let report = disc.mux_told("00000", &output, &warnings, &Cancel::new()).unwrap();
    (report, mkv::blocks(&output), warnings.0.into_inner().unwrap())
}

#[test]
fn what_is_played_is_the_same_wherever_the_tables_say_that_it_lies() {
    for (from, seconds) in [(0, 60), (20, 10), (30, 30)] {
        let temporary = tempfile::tempdir().unwrap();
        let root = folder(temporary.path());
        cut(&root, from, seconds);
        let stream = std::fs::read(root.join(STREAM)).unwrap();
        let (right, whole, warnings) = mux(&root);
        assert!(right.is_complete() && warnings.is_empty(), "{from}: {right:?} {warnings:?}");
        let units = 32 * PACKET;
        let fewer = &stream[stream.len() / 8 / units * units..];
        let more = |count: usize| [packets::null(32 * count), stream.clone()].concat();
        let mut odd = vec![
            ("a unit in front", more(1)),
            ("3 MiB in front", more(512)),
            ("11 packets in front", { [packets::null(11), stream.clone()].concat() }),
        ];
        if from > 10 {
            odd.push(("the start is missing", fewer.to_vec()));
        }
        for (what, odd) in odd {
            std::fs::write(root.join(STREAM), odd).unwrap();
            let (report, blocks, warnings) = mux(&root);
            assert!(report.is_complete(), "{from} {what}: {report:?}");
            // No subtitle may begin between IN and OUT.
            for track in 1..=3 {
                let frames =
                    |of: &std::collections::BTreeMap<u64, Vec<mkv::Block>>| of.get(&track).cloned().unwrap_or_default();
                let (got, all) = (frames(&blocks), frames(&whole));
                let (count, of) = (got.len(), all.len());
                assert!(got == all, "{from} {what}: {count} of {of} frames of track {track}");
            }
            assert!(warnings.iter().all(|w| w.contains(STREAM)), "{warnings:?}");
            assert!(from == 0 || !warnings.is_empty(), "{from} {what} is not told");
        }
    }
}

#[test]
fn a_film_of_which_nothing_turns_out_to_be_played_is_refused_and_one_without_its_picture_is_not_complete() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    cut(&root, 0, 20);
    let stream = std::fs::read(root.join(STREAM)).unwrap();
    // Streams that are an hour ahead of what the title plays: all of them, or the picture alone.
    let ahead = |is_ahead: fn(u16) -> bool| {
        let mut stream = stream.clone();
        let pids: Vec<u16> = stream.chunks_exact(PACKET).map(packets::pid).collect();
        packets::restamp(&mut stream, |n, t| if is_ahead(pids[n]) { t + 3600 * 90_000 } else { t });
        std::fs::write(root.join(STREAM), stream).unwrap();
    };
    let output = root.join("none.mkv");
    ahead(|_| true);
    let disc = Disc { force: true, ..Disc::files(Box::new(Folder::open(&root).unwrap())) };
    let refused = disc.mux("00000", &output).unwrap_err();
    assert!(matches!(refused, MuxError::Nothing { .. }), "{refused}");
    assert!(!output.exists());
    ahead(|pid| pid == packets::VIDEO);
    let (report, _, _) = mux(&root);
    assert!(!report.is_complete() && report.tracks[0].frames == 0 && report.tracks[1].frames > 0, "{report:?}");
}

#[test]
fn a_first_stamp_of_sound_in_front_of_the_start_costs_no_frame_where_the_next_contradict_it() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    cut(&root, 0, 20);
    let (_, whole, _) = mux(&root);
    let stream = std::fs::read(root.join(STREAM)).unwrap();
    let is_first = |packet: &[u8]| packets::pid(packet) == packets::AUDIO && packets::stamp(packet).is_some();
    let first = stream.chunks_exact(PACKET).position(is_first).unwrap();
    // By less than some frames, 2880 ticks each, the sound itself contradicts it, not the stamps alone.
    for by in [-45_000, -3 * 2880, -2880, -1500, 3 * 2880] {
        let mut stream = stream.clone();
        packets::restamp(&mut stream, |n, t| if n == first { t + by } else { t });
        std::fs::write(root.join(STREAM), stream).unwrap();
        let (report, blocks, warnings) = mux(&root);
        assert!(report.is_complete() && warnings.len() == usize::from(by == -45_000), "{by}: {report:?} {warnings:?}");
        assert!(blocks == whole, "{by}");
    }
}

#[test]
fn clip_information_that_counts_too_many_packets_is_no_loss_and_a_cut_stream_is() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    cut(&root, 0, 20);
    let (_, whole, _) = mux(&root);
    let stream = std::fs::read(root.join(STREAM)).unwrap();
    // The film plays up to 20 s of 64: half of the stream is enough, a quarter is not.
    let part = |of: usize| stream[..stream.len() / of / (32 * PACKET) * (32 * PACKET)].to_vec();
    std::fs::write(root.join(STREAM), part(2)).unwrap();
    let (report, blocks, _) = mux(&root);
    assert!(report.is_complete() && blocks == whole, "{report:?}");
    std::fs::write(root.join(STREAM), part(5)).unwrap();
    let (report, _, _) = mux(&root);
    assert!(!report.is_complete(), "{report:?}");
}
