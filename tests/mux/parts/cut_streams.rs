//! One stream that was cut into clips anywhere, which are played on one clock (connection condition 6): the film is that of the
//! whole stream.

use std::path::Path;

use crate::fixtures::disc::Disc;
use crate::fixtures::mkv;
use crate::fixtures::packets::{self, PACKET};
use crate::misfits::{PLAYLIST, folder};
use freemkv::fs::folder::Folder;
use freemkv::mux::report::OutputReport;

/// Packets of an aligned unit, the least that a file is cut at.
const UNIT: usize = 32;
/// The clip's clock at its first and behind its last picture, ticks of 45 kHz.
const SPAN: (u32, u32) = (600 * 45_000, 600 * 45_000 + 2_882_880);

/// The clip information of the whole stream, made that of a piece of it: no entry points, another length and other times.
fn information(whole: &[u8], count: usize, (from, to): (u32, u32)) -> Vec<u8> {
    let mut made = whole.to_vec();
    let word = |at: usize| u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
    let (clocks, points) = (word(8), word(16));
    made[56..60].copy_from_slice(&(count as u32).to_be_bytes());
    made[clocks + 18..clocks + 22].copy_from_slice(&from.to_be_bytes());
    made[clocks + 22..clocks + 26].copy_from_slice(&to.to_be_bytes());
    made[points..points + 4].fill(0);
    made
}

/// Cuts the film's stream at these units into clips, which the playlist plays one behind the other.
fn cut(root: &Path, stream: &[u8], units: &[usize]) {
    let whole = std::fs::read(root.join("BDMV/CLIPINF/00000.clpi")).unwrap();
    let list = std::fs::read(root.join(PLAYLIST)).unwrap();
    let word = |at: usize| u32::from_be_bytes(list[at..at + 4].try_into().unwrap()) as usize;
    let (start, first) = (word(8), word(8) + 10);
    let length = 2 + usize::from(u16::from_be_bytes([list[first], list[first + 1]]));
    let edges: Vec<usize> = units.iter().map(|unit| unit * UNIT * PACKET).chain([stream.len()]).collect();
    let (mut body, mut at, mut time) = (vec![0, 0, 0, edges.len() as u8, 0, 0], 0, SPAN.0);
    for (n, edge) in edges.into_iter().enumerate() {
        let is_picture = |packet: &&[u8]| packets::pid(packet) == packets::VIDEO && packets::stamp(packet).is_some();
        let behind = stream[edge..].chunks_exact(PACKET).find(is_picture).and_then(packets::stamp);
        let end = behind.map_or(SPAN.1, |stamp| u32::try_from(stamp / 2).unwrap());
        let name = format!("{:05}", 100 + n);
        std::fs::write(root.join(format!("BDMV/STREAM/{name}.m2ts")), &stream[at..edge]).unwrap();
        let information = information(&whole, (edge - at) / PACKET, (time, end));
        std::fs::write(root.join(format!("BDMV/CLIPINF/{name}.clpi")), information).unwrap();
        let mut item = list[first..first + length].to_vec();
        item[2..7].copy_from_slice(name.as_bytes());
        item[12] = item[12] & 0xF0 | if n == 0 { 1 } else { 6 };
        item[14..18].copy_from_slice(&time.to_be_bytes());
        item[18..22].copy_from_slice(&end.to_be_bytes());
        body.extend(item);
        (at, time) = (edge, end);
    }
    let body = [&(body.len() as u32).to_be_bytes()[..], &body].concat();
    let mut made = [&list[..start], &body, &[0, 0, 0, 2, 0, 0]].concat();
    made[12..16].copy_from_slice(&((start + body.len()) as u32).to_be_bytes());
    made[16..20].fill(0);
    std::fs::write(root.join("BDMV/PLAYLIST/00009.mpls"), made).unwrap();
}

fn mux(root: &Path, title: &str) -> (OutputReport, std::collections::BTreeMap<u64, Vec<mkv::Block>>) {
    let output = root.join("film.mkv");
    let disc = Disc { force: true, ..Disc::files(Box::new(Folder::open(root).unwrap())) };
    (disc.mux(title, &output).unwrap(), mkv::blocks(&output))
}

#[test]
fn a_stream_that_was_cut_anywhere_is_whole_again() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let (_, whole) = mux(&root, "00000");
    let mut stream = std::fs::read(root.join("BDMV/STREAM/00000.m2ts")).unwrap();
    stream.truncate(stream.len() / (UNIT * PACKET) * UNIT * PACKET);
    let units = stream.len() / (UNIT * PACKET);
    for places in
        [vec![units / 2], vec![units / 3, units / 3 + 1, units - 20], vec![7, units / 7, units / 2, units - 5]]
    {
        cut(&root, &stream, &places);
        let (report, blocks) = mux(&root, "00009");
        assert!(report.is_complete(), "{places:?}: {report:?}");
        for (track, frames) in &whole {
            assert!(&blocks[track] == frames, "{places:?}: track {track}");
        }
    }
}

#[test]
fn what_is_missing_where_two_clips_meet_is_told_and_the_rest_is_there() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let stream = std::fs::read(root.join("BDMV/STREAM/00000.m2ts")).unwrap();
    let middle = stream.len() / (2 * UNIT * PACKET);
    cut(&root, &stream, &[middle]);
    let path = root.join("BDMV/STREAM/00100.m2ts");
    let first = std::fs::read(&path).unwrap();
    let (_, whole) = mux(&root, "00009");
    let mut zeroed = first.clone();
    zeroed[first.len() - UNIT * PACKET..].fill(0);
    // Its last unit is zero, or is not there at all.
    for damaged in [&zeroed[..], &first[..first.len() - UNIT * PACKET]] {
        std::fs::write(&path, damaged).unwrap();
        let (report, blocks) = mux(&root, "00009");
        assert!(!report.losses.is_empty(), "{report:?}");
        for (track, frames) in &whole {
            let number = usize::try_from(*track).unwrap();
            let lost: Vec<_> = report.losses.iter().filter(|loss| loss.track == number).collect();
            let is_told = |time: i64| {
                let at = time as f64 / 1000.0;
                lost.iter().any(|loss| loss.from_seconds - 0.002 <= at && at <= loss.to_seconds + 0.002)
            };
            let untold = frames.iter().filter(|frame| !blocks[track].contains(frame) && !is_told(frame.0)).count();
            assert_eq!(untold, 0, "track {track}: {report:?}");
            assert!(blocks[track].iter().all(|frame| frames.contains(frame)), "track {track}");
        }
    }
}

#[test]
fn a_wrong_count_of_packets_where_two_clips_meet_is_no_loss() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let (_, whole) = mux(&root, "00000");
    let stream = std::fs::read(root.join("BDMV/STREAM/00000.m2ts")).unwrap();
    let middle = stream.len() / (2 * UNIT * PACKET);
    cut(&root, &stream, &[middle, middle + 9]);
    let path = root.join("BDMV/CLIPINF/00100.clpi");
    let right = std::fs::read(&path).unwrap();
    let packets = (middle * UNIT) as u32;
    for count in [packets + 1, packets + 5000, u32::MAX, packets - 1, packets / 2, 1, 0] {
        let mut wrong = right.clone();
        wrong[56..60].copy_from_slice(&count.to_be_bytes());
        std::fs::write(&path, wrong).unwrap();
        let (report, blocks) = mux(&root, "00009");
        assert!(report.is_complete(), "{count} for {packets}: {report:?}");
        assert!(whole.iter().all(|(track, frames)| blocks[track] == *frames), "{count} for {packets}");
    }
    // What is really missing is told, whatever the table says.
    let stream = std::fs::read(root.join("BDMV/STREAM/00100.m2ts")).unwrap();
    std::fs::write(root.join("BDMV/STREAM/00100.m2ts"), &stream[..stream.len() - 40 * UNIT * PACKET]).unwrap();
    for count in [packets, u32::MAX] {
        let mut table = right.clone();
        table[56..60].copy_from_slice(&count.to_be_bytes());
        std::fs::write(&path, table).unwrap();
        let (report, _) = mux(&root, "00009");
        assert!(!report.losses.is_empty(), "{count} for {packets}: {report:?}");
    }
}

#[test]
fn clips_that_are_one_stream_are_so_without_their_clip_information() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let (_, whole) = mux(&root, "00000");
    let stream = std::fs::read(root.join("BDMV/STREAM/00000.m2ts")).unwrap();
    cut(&root, &stream, &[stream.len() / (2 * UNIT * PACKET)]);
    for name in ["00100", "00101"] {
        std::fs::remove_file(root.join(format!("BDMV/CLIPINF/{name}.clpi"))).unwrap();
        let (report, blocks) = mux(&root, "00009");
        assert!(report.is_complete(), "without {name}: {report:?}");
        assert!(whole.iter().all(|(track, frames)| blocks[track] == *frames), "without {name}");
    }
}
