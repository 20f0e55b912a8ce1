//! DVD-Video: one time or one name that is wrong, in a packet or a navigation pack, costs nothing: its neighbours tell.

use std::path::Path;

use crate::fixtures::disc::Disc;
use crate::stream_files::samples;
use crate::support::test_data;

const SECTOR: usize = 2048;
const PACK: [u8; 4] = [0, 0, 1, 0xBA];
/// Where packets begin in a pack, those of a navigation pack too.
const PACKET: usize = 14;
const PCI: usize = 0x2D;
const DSI: usize = 0x407;
const SECOND: i64 = 90_000;

fn image() -> Option<Vec<u8>> {
    Some(std::fs::read(test_data()?.join("discs/dvd-chain.iso")).unwrap())
}

/// Sectors that hold packs of which something is so.
fn packs(image: &[u8], is_wanted: impl Fn(&[u8]) -> bool) -> Vec<usize> {
    let sectors = image.chunks_exact(SECTOR).enumerate();
    sectors.filter(|(_, sector)| sector.starts_with(&PACK) && is_wanted(sector)).map(|(n, _)| n * SECTOR).collect()
}

fn is_navigation(sector: &[u8]) -> bool {
    sector[PCI - 7..].starts_with(&[0, 0, 1, 0xBF])
}

/// The film of title 3.
fn film(image: &[u8], folder: &Path) -> Vec<u8> {
    let output = folder.join("film.mkv");
    let disc = Disc { force: true, ..Disc::memory(image.to_vec()) };
    let report = disc.mux("3", &output).unwrap();
    assert!(report.is_complete(), "{report:?}");
    std::fs::read(output).unwrap()
}

/// Where the time stamps of a stream lie.
fn stamps(image: &[u8], stream: u8) -> Vec<usize> {
    let is_stamped = |sector: &[u8]| {
        let id = sector[PACKET + 3];
        let id = if id == 0xBD { sector[PACKET + 9 + usize::from(sector[PACKET + 8])] } else { id };
        sector[PACKET..PACKET + 3] == [0, 0, 1] && id == stream && sector[PACKET + 7] & 0x80 != 0
    };
    packs(image, is_stamped).into_iter().map(|pack| pack + PACKET + 9).collect()
}

/// A time stamp, so many ticks off.
fn moved(right: [u8; 5], by: i64) -> [u8; 5] {
    let [a, b, c, d, e] = right.map(i64::from);
    let time = (a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1;
    let time = (time + by).rem_euclid(1 << 33);
    let byte = |shift: u32| (time >> shift).to_le_bytes()[0];
    let tag = right[0] & 0xF0;
    [tag | (byte(30) & 7) << 1 | 1, byte(22), byte(14) | 1, byte(7), byte(0) << 1 | 1]
}

/// Makes stamps of a stream wrong, one after the other, by so much: the film stays the same.
fn contradict_stamps(image: &mut [u8], stream: u8, stamps: &[usize], offs: &[i64], whole: &[u8], folder: &Path) {
    for at in stamps.iter().copied() {
        let right: [u8; 5] = image[at..at + 5].try_into().unwrap();
        for off in offs {
            image[at..at + 5].copy_from_slice(&moved(right, *off));
            assert!(film(image, folder) == whole, "stream {stream:02X}, byte {at}, {off} ticks");
        }
        image[at..at + 5].copy_from_slice(&right);
    }
}

#[test]
fn a_wrong_stamp_of_a_packet_costs_nothing() {
    let Some(mut image) = image() else { return };
    let folder = tempfile::tempdir().unwrap();
    let whole = film(&image, folder.path());
    for stream in [0xE0, 0x80] {
        for (n, at) in stamps(&image, stream).into_iter().step_by(29).enumerate() {
            // Of pictures, the time of decoding may be right, or there may be none.
            let little = [SECOND / 2, -SECOND / 3, SECOND / 20][n % 3];
            let offs = [5 * SECOND, -3 * SECOND, 3600 * SECOND, little];
            let offs = if stream == 0xE0 { &offs[..] } else { &offs[..3] };
            contradict_stamps(&mut image, stream, &[at], offs, &whole, folder.path());
        }
    }
}

#[test]
fn nor_does_the_first_of_the_sound_of_a_vob_that_is_a_little_wrong() {
    let Some(mut image) = image() else { return };
    let folder = tempfile::tempdir().unwrap();
    let whole = film(&image, folder.path());
    let begins = packs(&image, is_navigation).into_iter().map(|pack| (pack, image[pack + DSI + 0x18..][..2].to_vec()));
    let begins = begins.fold(Vec::new(), |mut firsts: Vec<(usize, Vec<u8>)>, pack| {
        firsts.extend((firsts.last().map(|first| &first.1) != Some(&pack.1)).then_some(pack));
        firsts
    });
    for stream in [0x80, 0xC0] {
        let all = stamps(&image, stream);
        let mut firsts: Vec<usize> =
            begins.iter().filter_map(|(pack, _)| all.iter().find(|at| *at > pack).copied()).collect();
        firsts.dedup();
        assert!(firsts.len() > 1 || stream != 0x80, "{begins:?}");
        contradict_stamps(&mut image, stream, &firsts, &[-27_000, -9000, 9000, 27_000], &whole, folder.path());
    }
}

/// Makes each third navigation pack wrong, in one way after the other: the film stays the same.
fn contradict(image: &mut [u8], film: impl Fn(&[u8]) -> Vec<u8>) {
    let whole = film(image);
    for pack in packs(image, is_navigation).into_iter().step_by(3) {
        let right = image[pack..pack + SECTOR].to_vec();
        let moved = |sector: &mut [u8], at: usize, by: i64| {
            let time = u32::from_be_bytes(sector[at..at + 4].try_into().unwrap());
            sector[at..at + 4].copy_from_slice(&(i64::from(time) + by).to_be_bytes()[4..]);
        };
        for (name, changes) in [
            ("start", &[(PCI + 0x0C, 7 * SECOND)][..]),
            ("start", &[(PCI + 0x0C, -SECOND / 2)]),
            ("end", &[(PCI + 0x10, 3600 * SECOND)]),
            ("end", &[(PCI + 0x10, -SECOND / 2)]),
            ("start and end", &[(PCI + 0x0C, 7 * SECOND), (PCI + 0x10, 7 * SECOND)]),
            ("VOB", &[(DSI + 0x18, 9 << 16)]),
            ("cell", &[(DSI + 0x18, 9)]),
        ] {
            changes.iter().for_each(|(at, by)| moved(&mut image[pack..pack + SECTOR], *at, *by));
            assert!(film(image) == whole, "{name} of the navigation pack in sector {}, {changes:?}", pack / SECTOR);
            image[pack..pack + SECTOR].copy_from_slice(&right);
        }
    }
}

#[test]
fn a_navigation_pack_that_its_neighbours_contradict_costs_nothing() {
    let Some(mut image) = image() else { return };
    let folder = tempfile::tempdir().unwrap();
    contradict(&mut image, |image| film(image, folder.path()));
}

#[test]
fn nor_does_one_in_a_file_alone() {
    let Some(image) = image() else { return };
    let mut vob = Disc::memory(image).fs.read_whole("VIDEO_TS/VTS_01_1.VOB", 1 << 30).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (file, output) = (folder.path().join("film.vob"), folder.path().join("film.mkv"));
    contradict(&mut vob, |vob| {
        std::fs::write(&file, vob).unwrap();
        let report = samples::mux(&file, &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        std::fs::remove_file(&output).unwrap();
        // Where its last unit ends may be told by its sound alone.
        report.tracks.iter().flat_map(|track| track.frames.to_be_bytes()).collect()
    });
}
