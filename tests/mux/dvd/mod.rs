//! DVD-Video: every title of the test discs against its manifest, damage, protection.

mod damage;
mod stamps;
mod wrap;

use freemkv::base::sector::SectorRange;
use freemkv::fs::folder::SingleFile;
use freemkv::job::titles::of_disc;
use freemkv::mux::MuxError;
use freemkv::mux::report::OutputReport;
use freemkv::title::dvd::captions;
use freemkv::title::loose;

use crate::fixtures::disc::{Disc, check, tool};
use crate::fixtures::mkv;
use crate::stream_files::samples;
use crate::support::{run, test_data};

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
fn frames_last_as_long_as_blocks_lie_apart_or_nothing_is_said() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let vob = |disc: &str, name: &str| {
        Disc::image(&data, disc).fs.read_whole(&format!("VIDEO_TS/{name}.VOB"), 1 << 30).unwrap()
    };
    let (video, film) = (vob("dvd-ntsc", "VTS_01_1"), vob("dvd-ntsc", "VTS_03_1"));
    let (file, output) = (folder.path().join("film.vob"), folder.path().join("film.mkv"));
    let (of_video, of_film, of_pal) = (Some(33_366_667), Some(41_708_333), Some(40_000_000));
    for (bytes, told) in [
        (video.clone(), of_video),
        (film.clone(), of_film),
        (vob("dvd-pal-multi", "VTS_01_1"), of_pal),
        // Files that were joined: no number holds for both.
        ([&video[..], &film].concat(), None),
        ([&film[..], &video].concat(), None),
    ] {
        std::fs::write(&file, &bytes).unwrap();
        let report = samples::mux(&file, &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(mkv::default_durations(&output)[0], told);
        std::fs::remove_file(&output).unwrap();
    }
}

#[test]
fn fields_are_told_of_pictures_though_the_first_ones_have_none() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let vob =
        |name: &str| Disc::image(&data, "dvd-ntsc").fs.read_whole(&format!("VIDEO_TS/{name}.VOB"), 1 << 30).unwrap();
    let (video, film) = (vob("VTS_01_1"), vob("VTS_03_1"));
    let (file, output) = (folder.path().join("film.vob"), folder.path().join("film.mkv"));
    // More film than is looked at before the header is written.
    let films = film.repeat(2 + (8 << 20) / film.len());
    for (bytes, told) in [(films.clone(), 2), ([&films[..], &video].concat(), 1)] {
        std::fs::write(&file, &bytes).unwrap();
        let report = samples::mux(&file, &output).unwrap();
        assert!(report.is_complete(), "{report:?}");
        assert_eq!(mkv::interlaced(&output), [Some(told)]);
        std::fs::remove_file(&output).unwrap();
    }
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
fn captions_become_text_and_stay_in_the_picture() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut disc = Disc::image(&data, "dvd-subs");
    let mut found = of_disc(&*disc.fs, 1).unwrap();
    captions::look_for(&*disc.fs, &mut found);
    let names = |id: &str| found.titles.iter().find(|title| title.id == id).unwrap().captions.names();
    assert_eq!(names("3"), ["CC1"]);
    assert!(names("1").is_empty() && found.problems.iter().all(|problem| !problem.contains("captions")));
    disc.options.captions = true;
    let file = folder.path().join("film.mkv");
    let report = disc.mux("3", &file).unwrap();
    check(&data, "dvd-subs", "3", &file);
    let text = report.tracks.last().unwrap();
    assert_eq!((text.codec, text.kind, text.frames, report.tracks.len()), ("text", "subtitle", 3, 5));
    // Shown by the second pair of the order, and until the next: frames 23, 82 and 142; the last until the end.
    let arguments = ["-nostdin", "-v", "error", "-i", file.to_str().unwrap(), "-map", "0:4", "-f", "srt", "-"];
    if let Some((content, text)) = tool("ffmpeg", &arguments) {
        let texts = [("00,767 --> 00:00:02,736", "HELLO CAPTIONS"), ("02,736 --> 00:00:04,738", "SECOND LINE")];
        let last = ("04,738 --> 00:00:06,073", "THE LAST ONE");
        let expected: Vec<String> = (1..)
            .zip(texts.into_iter().chain([last]))
            .map(|(n, (times, text))| format!("{n}\n00:00:{times}\n{text}\n\n"))
            .collect();
        assert!(content && text.trim_end() == expected.concat().trim_end(), "{text}");
    }
    // A title without any gets no track, and nothing is called missing.
    let file = folder.path().join("without.mkv");
    let report = disc.mux("1", &file).unwrap();
    check(&data, "dvd-subs", "1", &file);
    assert!(report.left_out.is_empty() && report.tracks.iter().all(|track| track.codec != "text"));
    // Nor is anything of that track missing where sectors are: it is not there.
    let packs = packs(&image("dvd-subs").unwrap());
    disc.missing.insert(SectorRange::new(packs[packs.len() / 4] as u64, packs[packs.len() / 4] as u64 + 8));
    disc.force = true;
    let report = disc.mux("1", &file).unwrap();
    let numbers: Vec<usize> = report.tracks.iter().map(|track| track.number).collect();
    assert!(!report.losses.is_empty() && report.losses.iter().all(|loss| numbers.contains(&loss.track)), "{report:?}");
    assert!(disc.plan("1").unwrap().summary().notes.iter().any(|note| note.contains("captions (CC1) go into track")));
}

#[test]
fn of_a_parental_block_the_chain_of_the_highest_level_is_played() {
    let Some(image) = image("dvd-chain") else { return };
    let find = |magic: &[u8]| image.chunks_exact(SECTOR).position(|sector| sector.starts_with(magic)).unwrap() * SECTOR;
    let (manager, set) = (find(b"DVDVIDEO-VMG"), find(b"DVDVIDEO-VTS"));
    let number = |at: usize| usize::try_from(u32::from_be_bytes(image[at..at + 4].try_into().unwrap())).unwrap();
    // Chains 3 (of title 2, a second long) and 4 become a block.
    let chains = set + number(set + 0xCC) * SECTOR;
    let with = |masks: Option<u16>| {
        let mut image = image.clone();
        for (chain, block, mask) in [(3, 0x50, 0x8000u16), (4, 0xD0, 0x0100)] {
            let entry = chains + 8 + 8 * (chain - 1);
            image[entry + 1] = block;
            image[entry + 2..entry + 4].copy_from_slice(&mask.to_be_bytes());
        }
        // The table takes the place of one that nobody needs.
        let at = number(manager + 0xD0);
        if let Some(mask) = masks {
            image[manager + 0xCC..manager + 0xD0].copy_from_slice(&u32::try_from(at).unwrap().to_be_bytes());
            let mut table = vec![0, 1, 0, 2, 0, 0, 0, 63, b'U', b'S', 0, 0, 0, 16, 0, 0, 0, 0];
            [mask, mask].iter().for_each(|mask| table.extend(mask.to_be_bytes()));
            (0..7 * 3).for_each(|_| table.extend([0xFF, 0]));
            image[manager + at * SECTOR..][..table.len()].copy_from_slice(&table);
        }
        Disc::memory(image).title("2").duration().seconds()
    };
    assert!((with(Some(0x8000)) - 1.001).abs() < 0.05);
    let longer = with(Some(0x0100));
    assert!(longer > 2.0, "{longer}");
    assert!((with(None) - longer).abs() < 0.01, "without the table the longest");
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

#[test]
fn a_stream_whose_navigation_packs_are_empty_is_taken_by_its_time_stamps() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let whole = Disc::image(&data, "dvd-ntsc");
    let file = whole.fs.open("VIDEO_TS/VTS_01_1.VOB").unwrap();
    let mut bytes = vec![0; usize::try_from(file.length()).unwrap()];
    whole.fs.read_at(&file, 0, &mut bytes).unwrap();
    for sector in bytes.chunks_exact_mut(SECTOR).filter(|sector| freemkv::dvd::nav::is_nav(sector)) {
        sector[0x2D..0x400].fill(0);
        sector[0x407..].fill(0);
    }
    std::fs::write(folder.path().join("film.mpg"), bytes).unwrap();
    let single = SingleFile::open(&folder.path().join("film.mpg")).unwrap();
    let alone = loose::title(&single, single.name()).unwrap();
    let mut disc = Disc::files(Box::new(single));
    disc.titles = vec![alone];
    let of_disc = whole.mux("1", &folder.path().join("disc.mkv")).unwrap();
    let of_file = disc.mux("film", &folder.path().join("film.mkv")).unwrap();
    let frames = |report: &OutputReport| {
        let mut frames: Vec<_> = report.tracks.iter().map(|t| (t.codec, t.frames, t.bytes)).collect();
        frames.sort_unstable();
        frames
    };
    assert_eq!(frames(&of_file), frames(&of_disc));
    assert!(of_file.losses.is_empty(), "{:?}", of_file.losses);
}

#[test]
fn a_disc_whose_own_table_is_lost_has_the_titles_of_its_sets() {
    let Some((data, mut image)) = test_data().zip(image("dvd-ntsc")) else { return };
    let folder = tempfile::tempdir().unwrap();
    for sector in image.chunks_exact_mut(SECTOR).filter(|sector| sector.starts_with(b"DVDVIDEO-VMG")) {
        sector.fill(0);
    }
    let disc = Disc::memory(image);
    let found = of_disc(&*disc.fs, 1).unwrap();
    assert!(
        found.problems[0].contains("VIDEO_TS.IFO") && found.navigation.blind().contains(&"menus that cannot be read")
    );
    assert!(disc.titles.iter().map(|title| title.id.as_str()).eq(["1", "2", "3"]));
    for title in ["1", "3"] {
        let file = folder.path().join(format!("{title}.mkv"));
        assert!(disc.mux(title, &file).unwrap().is_complete());
        check(&data, "dvd-ntsc", title, &file);
    }
}

#[test]
fn a_title_set_whose_tables_are_lost_is_missing_but_where_another_title_is_named() {
    let Some(mut image) = image("dvd-ntsc") else { return };
    let folder = tempfile::tempdir().unwrap();
    // The tables of the first set, and their copies.
    let first: Vec<u8> =
        image.chunks_exact(SECTOR).find(|sector| sector.starts_with(b"DVDVIDEO-VTS")).unwrap().to_vec();
    for sector in image.chunks_exact_mut(SECTOR).filter(|sector| **sector == first[..]) {
        sector.fill(0);
    }
    let (disc, film) = (folder.path().join("disc.iso"), folder.path().join("film.mkv"));
    std::fs::write(&disc, image).unwrap();
    let [disc, film] = [&disc, &film].map(|path| path.to_str().unwrap());
    for (title, code) in [("main", 3), ("2", 0), ("1", 2)] {
        let done = run(["mux", disc, film, "--title", title, "--force", "--json"]);
        assert_eq!(done.code, Some(code), "{title}: {done:?}");
        let report: serde_json::Value = serde_json::from_str(done.stdout.trim()).unwrap();
        if title == "main" {
            assert_eq!(report["outputs"][0]["title"], "2", "{report}");
            assert!(report["error"]["message"].as_str().unwrap().contains("title 1 is left out"), "{report}");
        }
    }
}

#[test]
fn a_picture_that_stands_is_shown_for_as_long_as_the_table_says() {
    let Some((data, mut image)) = test_data().zip(image("dvd-pal-multi")) else { return };
    let folder = tempfile::tempdir().unwrap();
    let [whole, still] = ["whole", "still"].map(|name| folder.path().join(name).with_extension("mkv"));
    let before = Disc::image(&data, "dvd-pal-multi").mux("1", &whole).unwrap();
    // The cells of the first chain of the first set: the third ends with the second episode.
    let set = image.chunks_exact(SECTOR).position(|sector| sector.starts_with(b"DVDVIDEO-VTS")).unwrap() * SECTOR;
    let at = |image: &[u8], place: usize| u32::from_be_bytes(image[place..place + 4].try_into().unwrap()) as usize;
    let table = set + at(&image, set + 0xCC) * SECTOR;
    let chain = table + at(&image, table + 12);
    let cells = chain + (at(&image, chain + 0xE8) >> 16);
    for (seconds, shown) in [(5u8, 5000i32), (255, 0)] {
        image[cells + 2 * 24 + 2] = seconds;
        let report = Disc { force: true, ..Disc::memory(image.clone()) }.mux("1", &still).unwrap();
        assert!(report.is_complete(), "{report:?}");
        assert!((report.duration_seconds - before.duration_seconds - f64::from(shown) / 1000.0).abs() < 0.01);
        let (all, moved) = (mkv::blocks(&whole), mkv::blocks(&still));
        // What is shown behind it, of the third episode, is shown later.
        let later = (175 + 143) * 40;
        let expected =
            all[&1].iter().map(|(time, hash)| (time + if *time < later { 0 } else { i64::from(shown) }, *hash));
        assert!(moved[&1].iter().copied().eq(expected), "{seconds}");
    }
}
