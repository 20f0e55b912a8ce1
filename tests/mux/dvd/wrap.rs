//! DVD-Video: clocks go round after 26.5 hours, and those of navigation packs after half of that. Where they do costs nothing.

use std::collections::BTreeMap;
use std::path::Path;

use crate::fixtures::disc::Disc;
use crate::fixtures::mkv::{Block, blocks};
use crate::stream_files::samples;
use crate::support::test_data;

const SECTOR: usize = 2048;
const PACK: [u8; 4] = [0, 0, 1, 0xBA];
const PCI: usize = 0x2D;
const DSI: usize = 0x407;
/// Times of a navigation pack, of 32 bits.
const TIMES: [usize; 6] = [PCI + 0x0C, PCI + 0x10, PCI + 0x14, DSI, DSI + 0x2C, DSI + 0x30];

fn word(sector: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(sector[at..at + 4].try_into().unwrap())
}

fn is_navigation(sector: &[u8]) -> bool {
    sector.starts_with(&PACK) && sector[PCI - 7..].starts_with(&[0, 0, 1, 0xBF])
}

/// Moves a time stamp (ISO/IEC 13818-1, 2.4.3.7).
fn move_stamp(bytes: &mut [u8], by: i64) {
    let [a, b, c, d, e] = <[u8; 5]>::try_from(&bytes[..5]).unwrap().map(i64::from);
    let time = ((a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1) + by;
    let byte = |shift: u32| (time.rem_euclid(1 << 33) >> shift).to_le_bytes()[0];
    let moved = [(bytes[0] & 0xF0) | (byte(30) & 7) << 1 | 1, byte(22), byte(14) | 1, byte(7), byte(0) << 1 | 1];
    bytes[..5].copy_from_slice(&moved);
}

/// Moves the clock of a pack (2.5.3.4).
fn move_clock(bytes: &mut [u8], by: i64) {
    let bits = bytes[..6].iter().fold(0i64, |bits, byte| bits << 8 | i64::from(*byte));
    let time = ((bits >> 43 & 7) << 30 | (bits >> 27 & 0x7FFF) << 15 | bits >> 11 & 0x7FFF) + by;
    let time = time.rem_euclid(1 << 33);
    let rest = bits & !(7 << 43 | 0x7FFF << 27 | 0x7FFF << 11);
    let moved = rest | (time >> 30) << 43 | (time >> 15 & 0x7FFF) << 27 | (time & 0x7FFF) << 11;
    bytes[..6].copy_from_slice(&moved.to_be_bytes()[2..]);
}

/// Moves all times of an image or a VOB; a sequence ends at 0 where none does.
fn moved(bytes: &[u8], by: i64) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for sector in bytes.chunks_exact_mut(SECTOR).filter(|sector| sector.starts_with(&PACK)) {
        move_clock(&mut sector[4..], by);
        if is_navigation(sector) {
            for at in TIMES {
                let time = match word(sector, at) {
                    0 if at == PCI + 0x14 => 0,
                    time => i64::from(time) + by,
                };
                sector[at..at + 4].copy_from_slice(&time.to_be_bytes()[4..]);
            }
            continue;
        }
        let mut at = 14;
        while at + 9 < SECTOR && sector[at..at + 3] == [0, 0, 1] {
            let (id, length) = (sector[at + 3], usize::from(u16::from_be_bytes([sector[at + 4], sector[at + 5]])));
            let flags = if matches!(id, 0xBD | 0xC0..=0xEF) { sector[at + 7] } else { 0 };
            if flags & 0x80 != 0 {
                move_stamp(&mut sector[at + 9..], by);
            }
            if flags & 0x40 != 0 {
                move_stamp(&mut sector[at + 14..], by);
            }
            at += 6 + length;
        }
    }
    bytes
}

/// When each unit begins that is the first or the second of its cell.
fn starts(bytes: &[u8]) -> Vec<i64> {
    let navigation = bytes.chunks_exact(SECTOR).filter(|sector| is_navigation(sector));
    let units: Vec<(u32, i64)> =
        navigation.map(|sector| (word(sector, DSI + 0x18), i64::from(word(sector, PCI + 0x0C)))).collect();
    let turns = units.windows(2).filter(|pair| pair[0].0 != pair[1].0).flat_map(|pair| [pair[0].1, pair[1].1]);
    let mut starts: Vec<i64> = turns.collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// What comes of it when its clock goes round as some unit begins, a little before or after, is what comes of it as it is.
fn goes_round(bytes: &[u8], film: impl Fn(&[u8]) -> BTreeMap<u64, Vec<Block>>) {
    let whole = film(bytes);
    let starts = starts(bytes);
    assert!(starts.len() > 4, "{starts:?}");
    for (n, start) in starts.into_iter().enumerate() {
        // Not 0: as the end of a sequence that means none.
        let off = [1, -1440, 20_000][n % 3];
        for turn in [1 << 33, 1 << 32] {
            assert!(film(&moved(bytes, turn - start + off)) == whole, "{turn} at {start}, {off} ticks off");
        }
    }
}

fn titles(name: &str, titles: &[&str]) {
    let Some(data) = test_data() else { return };
    let image = std::fs::read(data.join(format!("discs/{name}.iso"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("film.mkv");
    for title in titles {
        goes_round(&image, |image| {
            let disc = Disc { force: true, ..Disc::memory(image.to_vec()) };
            let report = disc.mux(title, &output).unwrap();
            assert!(report.is_complete(), "{report:?}");
            frames(&output)
        });
    }
}

#[test]
fn a_clock_that_goes_round_between_cells_costs_nothing() {
    titles("dvd-chain", &["3"]);
    titles("dvd-pal-multi", &["4"]);
}

#[test]
fn nor_does_it_in_a_file_alone() {
    let Some(data) = test_data() else { return };
    let vob = Disc::image(&data, "dvd-chain").fs.read_whole("VIDEO_TS/VTS_01_1.VOB", 1 << 30).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, output) = (folder.path().join("film.vob"), folder.path().join("film.mkv"));
    goes_round(&vob, |vob| {
        std::fs::write(&file, vob).unwrap();
        let report = samples::mux(&file, &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        frames(&output)
    });
}

/// Times and hashes of all frames of a film, which is removed.
fn frames(film: &Path) -> BTreeMap<u64, Vec<Block>> {
    let blocks = blocks(film);
    std::fs::remove_file(film).unwrap();
    blocks
}
