//! Dolby Vision whose enhancement layer lies in a clip of its own: the film is the same as where both lie in one.

use std::path::{Path, PathBuf};

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use crate::fixtures::packets::{self, PACKET};
use crate::support::test_data;
use freemkv::fs::folder::Folder;
use freemkv::fs::tree;
use freemkv::mux::plan::left_out::Reason;

/// PID of the enhancement layer.
const LAYER: u16 = 0x1015;
/// The layer's clip.
const CLIP: &str = "BDMV/STREAM/00099.m2ts";

/// The disc as a folder.
fn folder(data: &Path, root: &Path) -> PathBuf {
    let disc = Disc::image(data, "uhd-dv");
    for file in tree::files(&*disc.fs, "", 1000).unwrap() {
        let to = root.join(&file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, disc.fs.read_whole(&file, 1 << 30).unwrap()).unwrap();
    }
    root.to_owned()
}

fn without(stream: &[u8], unwanted: impl Fn(u16) -> bool) -> Vec<u8> {
    let kept = stream.chunks_exact(PACKET).filter(|packet| !unwanted(packets::pid(packet)));
    packets::aligned(kept.flatten().copied().collect())
}

/// Puts the layer of clip 00001 into a clip of its own, on a clock that is `ahead` ticks of 45 kHz ahead.
fn separate(root: &Path, ahead: u32) {
    let clip = root.join("BDMV/STREAM/00001.m2ts");
    let both = std::fs::read(&clip).unwrap();
    std::fs::write(&clip, without(&both, |pid| pid == LAYER)).unwrap();
    let layer = without(&both, |pid| pid >= 0x1010 && pid != LAYER);
    std::fs::write(root.join(CLIP), packets::shifted(&layer, 2 * i64::from(ahead))).unwrap();
    for name in ["00001", "00005"] {
        for place in ["PLAYLIST", "BACKUP/PLAYLIST"] {
            let path = root.join(format!("BDMV/{place}/{name}.mpls"));
            std::fs::write(&path, outside(std::fs::read(&path).unwrap(), ahead)).unwrap();
        }
    }
}

/// A playlist whose sub-path has the clip of the layer, and whose stream tables say so.
fn outside(mut list: Vec<u8>, ahead: u32) -> Vec<u8> {
    let places = |list: &[u8], what: &[u8]| -> Vec<usize> {
        (0..list.len() - what.len()).filter(|at| list[*at..].starts_with(what)).collect()
    };
    // A stream of the clip that a sub-path plays, by its number; then a stream of the clip of the sub-path.
    for at in places(&list, &[9, 4, 0, 0x10, 0x15, 0]) {
        list[at..at + 6].copy_from_slice(&[9, 2, 0, 0, 0x10, 0x15]);
    }
    let clips = places(&list, b"00001M2TS");
    for at in &clips[clips.len() / 2..] {
        list[*at..at + 5].copy_from_slice(b"00099");
        // Behind the name and the flags, IN and OUT.
        for at in [at + 14, at + 18] {
            let time = u32::from_be_bytes(list[at..at + 4].try_into().unwrap()) + ahead;
            list[at..at + 4].copy_from_slice(&time.to_be_bytes());
        }
    }
    list
}

fn open(root: &Path) -> Disc {
    Disc { force: true, ..Disc::files(Box::new(Folder::open(root).unwrap())) }
}

#[test]
fn a_layer_in_its_own_clip_goes_into_the_track_of_the_base_layer() {
    let Some(data) = test_data() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(&data, temporary.path());
    let output = root.join("film.mkv");
    let mux = |title: &str| {
        let report = open(&root).mux(title, &output).unwrap();
        assert!(report.is_complete(), "{title}: {report:?}");
        mkv::blocks(&output)
    };
    let together = ["00001", "00005"].map(mux);
    for ahead in [0, 4_500_001] {
        let root = folder(&data, temporary.path());
        separate(&root, ahead);
        for (title, together) in ["00001", "00005"].into_iter().zip(&together) {
            assert!(mux(title) == *together, "{title}, {ahead}");
            disc::judge(&data, "uhd-dv", title, &output);
        }
        std::fs::remove_file(root.join(CLIP)).unwrap();
    }
}

#[test]
fn what_is_missing_of_the_layer_is_told_and_the_base_layer_is_whole() {
    let Some(data) = test_data() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(&data, temporary.path());
    let output = root.join("film.mkv");
    separate(&root, 0);
    let whole = open(&root).mux("00001", &output).unwrap();
    let film = mkv::blocks(&output);
    // Some packets in the middle are not there, then half of the clip, then all of it.
    let layer = std::fs::read(root.join(CLIP)).unwrap();
    let middle = layer.len() / 2 / PACKET * PACKET;
    let mut odd = layer.clone();
    odd[middle..middle + 20 * PACKET].fill(0);
    std::fs::write(root.join(CLIP), &odd).unwrap();
    let report = open(&root).mux("00001", &output).unwrap();
    assert!(!report.losses.is_empty() && report.losses.iter().all(|loss| loss.track == 1), "{report:?}");
    let blocks = mkv::blocks(&output);
    assert_eq!(report.tracks[0].frames, whole.tracks[0].frames);
    assert!((2..=4).all(|track| blocks[&track] == film[&track]));
    let same = blocks[&1].iter().zip(&film[&1]).filter(|(a, b)| a == b).count();
    assert!((10..blocks[&1].len()).contains(&same), "{same} pictures are as they were");
    std::fs::write(root.join(CLIP), &layer[..middle]).unwrap();
    let report = open(&root).mux("00001", &output).unwrap();
    assert!(!report.is_complete() && report.tracks[0].frames == whole.tracks[0].frames, "{report:?}");
    std::fs::write(root.join(CLIP), packets::null(3200)).unwrap();
    let report = open(&root).mux("00001", &output).unwrap();
    let lacking: Vec<_> = report.left_out.iter().map(|l| (l.pid, l.reason)).collect();
    assert_eq!(lacking, [(LAYER, Reason::Empty)], "{report:?}");
    std::fs::remove_file(root.join(CLIP)).unwrap();
    let report = open(&root).mux("00001", &output).unwrap();
    let lacking: Vec<_> = report.left_out.iter().map(|l| (l.pid, l.reason)).collect();
    assert_eq!(lacking, [(LAYER, Reason::NoFile)], "{report:?}");
}

/// Plays the pictures of clip 00001, and nothing else of it, `times` times on one clock.
fn lengthen(root: &Path, times: u32) {
    let clip = root.join("BDMV/STREAM/00001.m2ts");
    let pictures = without(&std::fs::read(&clip).unwrap(), |pid| (0x1100..0x1F00).contains(&pid));
    // 24 pictures, 24000 of them in 1001 seconds.
    let mut long: Vec<u8> = (0..times).flat_map(|n| packets::shifted(&pictures, 90_090 * i64::from(n))).collect();
    let mut counters = std::collections::BTreeMap::new();
    for packet in long.chunks_exact_mut(PACKET).filter(|packet| packet[7] & 0x10 != 0) {
        let counter: &mut u8 = counters.entry(packets::pid(packet)).or_default();
        packet[7] = packet[7] & 0xF0 | *counter;
        *counter = (*counter + 1) & 0x0F;
    }
    std::fs::write(&clip, long).unwrap();
    let list = root.join("BDMV/PLAYLIST/00001.mpls");
    let mut bytes = std::fs::read(&list).unwrap();
    let clips: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"00001M2TS")).collect();
    for (n, at) in clips.iter().enumerate() {
        // OUT of a play item, and of an item of a sub-path.
        let at = at + if n < clips.len() / 2 { 16 } else { 18 };
        let out = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) + 45_045 * (times - 1);
        bytes[at..at + 4].copy_from_slice(&out.to_be_bytes());
    }
    std::fs::write(list, bytes).unwrap();
}

#[test]
fn of_a_layer_that_is_read_far_ahead_nothing_is_lost() {
    let Some(data) = test_data() else { return };
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(&data, temporary.path());
    let output = root.join("film.mkv");
    lengthen(&root, 8);
    let mux = || {
        let report = open(&root).mux("00001", &output).unwrap();
        assert!(report.is_complete() && report.tracks[0].frames == 192, "{report:?}");
        mkv::blocks(&output)
    };
    let together = mux();
    separate(&root, 0);
    assert!(mux() == together);
}
