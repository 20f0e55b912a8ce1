//! DVD-Video: every title of the test discs against its manifest, damage, protection.

use freemkv::base::sector::SectorRange;
use freemkv::fs::folder::SingleFile;
use freemkv::mux::MuxError;
use freemkv::mux::report::OutputReport;
use freemkv::title::loose;

use super::disc::{Disc, check};
use super::support::test_data;

const SECTOR: usize = 2048;
const PACK: [u8; 4] = [0, 0, 1, 0xBA];

fn image(name: &str) -> Option<Vec<u8>> {
    let path = test_data()?.join("discs").join(name).with_extension("iso");
    Some(std::fs::read(path).unwrap())
}

/// Sectors of an image that hold packs of streams, not of navigation.
fn packs(image: &[u8]) -> Vec<usize> {
    let sectors = image.chunks_exact(SECTOR).enumerate();
    sectors.filter(|(_, s)| s.starts_with(&PACK) && s[14..18] != [0, 0, 1, 0xBB]).map(|(number, _)| number).collect()
}

/// Muxes titles and holds them to the manifest.
fn agree(disc: &str, titles: &[&str]) {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let muxed = Disc::image(&data, disc);
    for title in titles {
        let file = folder.path().join(format!("{title}.mkv"));
        let report = muxed.mux(title, &file).unwrap();
        assert!(report.losses.is_empty(), "{disc} {title}: {:?}", report.losses);
        check(&data, disc, title, &file);
    }
}

#[test]
fn titles_and_pulldown_come_out_as_the_manifest_says() {
    agree("dvd-ntsc", &["1", "2", "3"]);
}

#[test]
fn titles_that_share_cells_come_out_as_the_manifest_says() {
    agree("dvd-pal-multi", &["1", "2", "3", "4", "5"]);
}

#[test]
fn one_of_mixed_angles_comes_out_as_the_manifest_says() {
    agree("dvd-angles", &["1"]);
}

#[test]
fn samples_and_clocks_that_jump_come_out_as_the_manifest_says() {
    agree("dvd-lpcm", &["1", "2", "3", "4", "5"]);
}

#[test]
fn many_tracks_palettes_and_captions_come_out_as_the_manifest_says() {
    agree("dvd-subs", &["1", "2", "3"]);
}

#[test]
fn chains_repeated_cells_and_backup_tables_come_out_as_the_manifest_says() {
    agree("dvd-chain", &["1", "2", "3", "4"]);
}

#[test]
fn scrambled_packs_are_refused_before_there_is_an_output() {
    let Some(mut image) = image("dvd-ntsc") else { return };
    // As on a disc with CSS, two of three packs.
    for (n, number) in packs(&image).into_iter().enumerate() {
        if n % 3 != 0 {
            image[number * SECTOR + 0x14] |= 0x10;
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("film.mkv");
    let error = Disc::memory(image).mux("1", &output).unwrap_err();
    assert!(matches!(error, MuxError::Scrambled { .. }), "{error}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[test]
fn missing_sectors_cost_what_lies_in_them_and_are_told() {
    let Some(image) = image("dvd-ntsc") else { return };
    let folder = tempfile::tempdir().unwrap();
    let whole = Disc::memory(image.clone()).mux("1", &folder.path().join("whole.mkv")).unwrap();
    let all = packs(&image);
    let hole = SectorRange::new(all[all.len() / 8] as u64, all[all.len() / 8] as u64 + 32);
    let mut disc = Disc::memory(image);
    disc.missing.insert(hole);
    let report = disc.mux("1", &folder.path().join("hurt.mkv")).unwrap();
    assert!(report.losses.iter().all(|loss| loss.lba.is_some_and(|lba| hole.contains(lba))), "{:?}", report.losses);
    assert!(report.losses.iter().any(|loss| loss.track == 1));
    for (before, now) in whole.tracks.iter().zip(&report.tracks) {
        assert!(now.frames <= before.frames && now.frames + 40 >= before.frames, "{before:?} {now:?}");
    }
    assert!((whole.duration_seconds - report.duration_seconds).abs() < 0.1);
}

#[test]
fn a_vob_alone_gives_what_its_disc_gives() {
    let Some(data) = test_data() else { return };
    for (disc, vob, title) in
        [("dvd-ntsc", "VTS_01_1", "1"), ("dvd-lpcm", "VTS_05_1", "5"), ("dvd-angles", "VTS_01_1", "1")]
    {
        let folder = tempfile::tempdir().unwrap();
        let whole = Disc::image(&data, disc);
        let file = whole.fs.open(&format!("VIDEO_TS/{vob}.VOB")).unwrap();
        let mut bytes = vec![0; usize::try_from(file.length()).unwrap()];
        assert_eq!(whole.fs.read_at(&file, 0, &mut bytes).unwrap(), bytes.len());
        std::fs::write(folder.path().join("film.vob"), bytes).unwrap();
        let single = SingleFile::open(&folder.path().join("film.vob")).unwrap();
        let alone = loose::title(&single, single.name()).unwrap();
        let mut disc = Disc::files(Box::new(single));
        disc.titles = vec![alone];
        let of_disc = whole.mux(title, &folder.path().join("disc.mkv")).unwrap();
        let of_file = disc.mux("film", &folder.path().join("film.mkv")).unwrap();
        // Tracks of files come in the order of their ids.
        let frames = |report: &OutputReport| {
            let mut frames: Vec<_> = report.tracks.iter().map(|t| (t.codec, t.frames, t.bytes)).collect();
            frames.sort_unstable();
            frames
        };
        assert_eq!(frames(&of_file), frames(&of_disc));
        assert!(of_file.losses.is_empty() && (of_file.duration_seconds - of_disc.duration_seconds).abs() < 0.05);
    }
}
