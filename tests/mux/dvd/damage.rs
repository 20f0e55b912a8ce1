//! DVD-Video: what a single sector costs that is missing, and what a damaged one does.

use freemkv::base::sector::SectorRange;
use freemkv::mux::report::OutputReport;

use crate::fixtures::disc::Disc;
use crate::support::test_data;

const SECTOR: usize = 2048;
/// Pictures from one at which decoding can begin to the next, with those that lead it.
const GROUP: u64 = 18;

/// An image, and of each sector with a pack the stream that is in it: its id, of private streams the number.
struct Packs {
    image: Vec<u8>,
    packs: Vec<(usize, u8)>,
}

fn packs(disc: &str) -> Option<Packs> {
    let image = std::fs::read(test_data()?.join("discs").join(disc).with_extension("iso")).unwrap();
    let sectors = image.chunks_exact(SECTOR).enumerate();
    let stream = |sector: &[u8]| match sector[17] {
        0xBD => sector.get(23 + usize::from(sector[22])).copied(),
        id @ (0xC0..=0xE0) => Some(id),
        _ => None,
    };
    let is_pack = |sector: &[u8]| sector.starts_with(&[0, 0, 1, 0xBA]) && sector[14..17] == [0, 0, 1];
    let packs = sectors.filter(|(_, s)| is_pack(s)).filter_map(|(n, s)| Some((n, stream(s)?))).collect();
    Some(Packs { image, packs })
}

/// Of each track of a title the stream that it comes from, in the order of the film.
fn streams(disc: &Disc, title: &str) -> Vec<u8> {
    let tracks = &disc.title(title).tracks;
    tracks.iter().map(|track| track.streams.first().unwrap()).map(|s| s.sub_id.unwrap_or(s.id as u8)).collect()
}

/// Some packs of each stream of a title: not the first ones, and not the last.
fn some(packs: &Packs, streams: &[u8], each: usize) -> Vec<(usize, u8)> {
    let mut some = Vec::new();
    for stream in streams {
        let of: Vec<usize> = packs.packs.iter().filter(|(_, id)| id == stream).map(|(sector, _)| *sector).collect();
        some.extend((1..=each).filter_map(|n| of.get(of.len() * n / (each + 1))).map(|sector| (*sector, *stream)));
    }
    some
}

fn lost(whole: &OutputReport, hurt: &OutputReport) -> Vec<u64> {
    whole.tracks.iter().zip(&hurt.tracks).map(|(before, now)| before.frames - now.frames).collect()
}

#[test]
fn a_missing_sector_costs_other_tracks_no_more_than_the_frame_under_way() {
    for (disc, title) in [("dvd-subs", "1"), ("dvd-ntsc", "1"), ("dvd-lpcm", "4")] {
        let Some(packs) = packs(disc) else { return };
        let folder = tempfile::tempdir().unwrap();
        let mut muxed = Disc::memory(packs.image.clone());
        let streams = streams(&muxed, title);
        let whole = muxed.mux(title, &folder.path().join("whole.mkv")).unwrap();
        for (n, (sector, own)) in some(&packs, &streams, 2).into_iter().enumerate() {
            muxed.missing = std::iter::once(SectorRange::new(sector as u64, sector as u64 + 1)).collect();
            let hurt = muxed.mux(title, &folder.path().join(format!("{n}.mkv"))).unwrap();
            for ((track, lost), stream) in whole.tracks.iter().zip(lost(&whole, &hurt)).zip(&streams) {
                let most = match track.kind {
                    "video" => GROUP,
                    "audio" if *stream == own => 18,
                    _ => 1,
                };
                assert!(lost <= most, "{disc} {title}, sector {sector} of {own:02X}: {lost} of {track:?}");
                let is_told = hurt.losses.iter().any(|loss| loss.track == track.number);
                assert!(lost == 0 || is_told, "{disc} {title}, sector {sector}: {track:?} {:?}", hurt.losses);
            }
            assert!(hurt.losses.iter().all(|loss| loss.lba == Some(sector as u64)), "{:?}", hurt.losses);
        }
    }
}

#[test]
fn a_damaged_sector_costs_its_own_track_alone() {
    let Some(mut packs) = packs("dvd-subs") else { return };
    let folder = tempfile::tempdir().unwrap();
    let disc = Disc::memory(packs.image.clone());
    let streams = streams(&disc, "1");
    let whole = disc.mux("1", &folder.path().join("whole.mkv")).unwrap();
    // Each stream once; its payload is garbled from some way in to some way before the end.
    for (n, (sector, own)) in some(&packs, &streams, 1).into_iter().enumerate() {
        let payload = sector * SECTOR + 700..sector * SECTOR + 760;
        let good = packs.image[payload.clone()].to_vec();
        packs.image[payload.clone()].iter_mut().for_each(|byte| *byte ^= 0x5A);
        let hurt = Disc::memory(packs.image.clone()).mux("1", &folder.path().join(format!("{n}.mkv"))).unwrap();
        packs.image[payload].copy_from_slice(&good);
        for ((track, lost), stream) in whole.tracks.iter().zip(lost(&whole, &hurt)).zip(&streams) {
            let most = if *stream == own { 4 } else { 0 };
            assert!(lost <= most, "sector {sector} of {own:02X}: {lost} of {track:?}");
        }
    }
}

#[test]
fn a_cell_starts_when_its_units_say_where_no_table_names_them() {
    let Some(Packs { image, .. }) = packs("dvd-subs") else { return };
    let start = |image: &[u8]| Disc::memory(image.to_vec()).title("1").parts[0].clock.in_time();
    let right = start(&image);
    assert!(right.0 > 0);
    let find = |from: usize, magic: &[u8]| {
        from + image[from..].chunks_exact(SECTOR).position(|sector| sector.starts_with(magic)).unwrap() * SECTOR
    };
    let mut hurt = image.clone();
    // Both tables of the set lose what names its units, and the first unit its pack.
    let table = find(0, b"DVDVIDEO-VTS");
    let copy = find(table + SECTOR, &image[table..table + SECTOR]);
    for table in [table, copy] {
        let number = |at: usize| u32::from_be_bytes(image[table + at..table + at + 4].try_into().unwrap()) as usize;
        let units = table + number(0xE4) * SECTOR;
        hurt[units..units + SECTOR].fill(0);
        let first = table + number(0xC4) * SECTOR;
        if hurt[first..].starts_with(&[0, 0, 1, 0xBA]) {
            hurt[first..first + SECTOR].fill(0);
        }
    }
    assert_eq!(start(&hurt), right);
}
