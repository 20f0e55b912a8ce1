//! Discs and images that are told for what they are.

use super::made::Maker;
use super::*;

#[test]
fn blank_and_open_discs_have_exit_code_4() {
    for (plan, words) in [
        ("profile 0009\ndisc blank\ncapacity 0\nno toc\n", "blank"),
        ("profile 0014\ndisc blank\ncapacity 0\nno track-information\ncommand AD 05/24/00\n", "blank"),
        ("profile 0041\ndisc blank\ncapacity 0\nno track-information\n", "blank"),
        ("profile 0011\ndisc open\ncapacity 0\nno track-information\ncommand AD 05/24/00\n", "never closed"),
    ] {
        let disc = Disc::new(500, if plan.contains("0009") { "cd" } else { "dvd" }, plan);
        disc.run("sweep", &[]).ends(4).says(words);
        disc.info_of_drive(&[]).ends(4).says(words);
    }
    // One that was begun and can still be added to is read as far as it goes.
    let disc = Disc::new(500, "bd", "profile 0041\ndisc open\ncapacity 0\n");
    disc.run("sweep", &[]).ends(0);
    assert!(disc.bench.is_whole());
}

#[test]
fn blocks_of_2352_bytes_are_a_note() {
    for bytes in [2340, 2352] {
        let disc = Disc::new(500, "cd", &format!("block {bytes}\n"));
        disc.run("sweep", &[]).ends(0).says("reads sectors of 2048");
        assert!(disc.bench.is_whole());
    }
}

#[test]
fn folders_tell_a_kind_of_disc() {
    let Some(maker) = Maker::new() else { return };
    for (file, kind) in [
        ("MPEGAV/AVSEQ01.DAT", "Video CD"),
        ("MPEG2/AVSEQ01.MPG", "Super Video CD"),
        ("AUDIO_TS/AUDIO_TS.IFO", "DVD-Audio"),
        ("DVD_RTAV/VR_MANGR.IFO", "DVD-VR"),
    ] {
        let disc = Disc::of(&maker.iso(&kind.replace([' ', '-'], "_").to_uppercase(), &[(file, 3000)], &[]), "cd", "");
        let told = disc.info_of_drive(&[]).ends(0);
        assert!(told.report["notes"].to_string().contains(kind), "{told:?}");
    }
}

#[test]
fn files_of_a_video_cd_are_named_as_lost() {
    let Some(maker) = Maker::new() else { return };
    let content = maker.iso("VCD", &[("MPEGAV/AVSEQ01.DAT", 900_000), ("INFO.TXT", 90)], &[]);
    // The film lies in the second track.
    let told = Disc::of(&content, "cd", "").info_of_drive(&["--files"]);
    let film =
        told.report["files"].as_array().unwrap().iter().find(|file| file["path"].as_str().unwrap().ends_with(".DAT"));
    let start = film.unwrap()["extents"][0]["sector"].as_u64().unwrap();
    let disc = Disc::of(&content, "cd", &format!("type xa\ntrack 0 data {start}\ntrack {start} form2\n"));
    let swept = disc.run("sweep", &[]).ends(3);
    assert_eq!(swept.report["left_out"][0]["kind"], "form2");
    assert!(swept.report["past_end"].to_string().contains("AVSEQ01.DAT"), "{swept:?}");
    let told = disc.info(&[]).ends(0);
    assert!(told.report["damage"]["files"].to_string().contains("AVSEQ01.DAT"), "{told:?}");
}

/// Raw sectors around the data of an image, of that mode.
fn raw(content: &[u8], mode: u8) -> Vec<u8> {
    let bcd = |n: usize| (((n / 10) << 4) | (n % 10)) as u8;
    let sector = |(lba, data): (usize, &[u8])| {
        let frames = lba + 150;
        let mut sector = vec![0xFF; 12];
        (sector[0], sector[11]) = (0, 0);
        sector.extend([bcd(frames / 4500), bcd(frames / 75 % 60), bcd(frames % 75), mode]);
        sector.extend(vec![0; if mode == 2 { 8 } else { 0 }]);
        sector.extend(data);
        sector.resize(2352, 0xEC);
        sector
    };
    content.chunks(SECTOR).enumerate().flat_map(sector).collect()
}

#[test]
fn raw_images_are_named_and_read() {
    let Some(maker) = Maker::new() else { return };
    let content = maker.iso("RAW", &[("A.BIN", 200_000)], &[]);
    for mode in [1, 2] {
        let disc = Disc::of(&raw(&content, mode), "cd", "");
        let source = disc.bench.disc.display().to_string();
        let told = Told::of(run(["info", &source, "--json", "--files"])).ends(0).says("2352");
        assert_eq!((&told.report["disc"]["label"], &told.report["files"][0]["path"]), (&"RAW".into(), &"A.BIN".into()));
        Told::of(disc.bench.run("sweep", &source, &[])).ends(0).says("2352");
        assert!(fs::read(disc.bench.out()).unwrap() == content, "mode {mode}");
    }
    // Without a file system it is named all the same.
    let disc = Disc::of(&raw(&vec![0; 40 * SECTOR], 1), "cd", "");
    let told = Told::of(run(["info", disc.bench.disc.to_str().unwrap(), "--json"])).says("2352");
    assert_ne!(told.code, Some(0));
}

#[test]
fn tracts_of_a_raw_image_are_known_to_info() {
    let Some(maker) = Maker::new() else { return };
    let content = maker.iso("FORMS", &[("FILM.DAT", 200_000), ("Z.BIN", 4000)], &[]);
    let disc = Disc::of(&raw(&content, 2), "cd", "");
    let source = disc.bench.disc.display().to_string();
    let told = Told::of(run(["info", &source, "--json", "--files"])).ends(0).leaves_out(&[]);
    let film = told.report["files"].as_array().unwrap().iter().find(|file| file["path"] == "FILM.DAT").unwrap();
    let start = film["extents"][0]["sector"].as_u64().unwrap() as usize;
    // The film becomes form 2 but for its first sector, and sound is what lies behind all.
    let mut raws = raw(&content, 2);
    for sector in start + 1..start + 90 {
        raws[sector * 2352 + 18] = 0x20;
        raws[sector * 2352 + 22] = 0x20;
    }
    raws.extend(vec![0x55; 500 * 2352]);
    fs::write(&disc.bench.disc, raws).unwrap();
    let end = (content.len() / SECTOR) as u64;
    let told = Told::of(run(["info", &source, "--json"])).ends(0);
    let told = told.leaves_out(&[(start as u64 + 1, 89, "form2"), (end, 500, "audio")]);
    assert_eq!(told.report["damage"]["files"][0]["path"], "FILM.DAT", "{told:?}");
    assert_eq!(told.report["damage"]["files"].as_array().unwrap().len(), 1, "{told:?}");
    // Sweep says the same.
    let told = Told::of(disc.bench.run("sweep", &source, &[])).ends(3);
    assert_eq!(told.report["past_end"][0]["path"], "FILM.DAT", "{told:?}");
}

#[test]
fn a_map_of_the_bytes_of_a_raw_image_is_not_taken_for_one_of_its_data() {
    let Some(maker) = Maker::new() else { return };
    let content = maker.iso("RAW", &[("A.BIN", 200_000)], &[]);
    let disc = Disc::of(&raw(&content, 1), "cd", "");
    let source = disc.bench.disc.display().to_string();
    let map = format!("{source}.map");
    fs::write(&map, format!("0 + 1\n0 100000 -\n100000 {} +\n", content.len() / SECTOR * 2352 - 100_000)).unwrap();
    Told::of(run(["info", &source, "--json", "--map", &map])).ends(2).says("raw sectors");
    let film = disc.bench.path("a.mkv");
    Told::of(run(["mux", &source, film.to_str().unwrap(), "--json", "--map", &map])).ends(2).says("raw sectors");
    // Beside the image it is told not to be used.
    Told::of(run(["info", &source, "--json"])).ends(0).says("disc.iso.map is not used");
    Told::of(disc.bench.run("sweep", &source, &[])).ends(0).says("disc.iso.map is not used");
}
