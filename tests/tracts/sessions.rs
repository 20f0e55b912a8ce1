//! Several sessions: the last one's file system is the disc's.

use super::made::Maker;
use super::*;

fn names(told: &Told) -> Vec<&str> {
    told.report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect()
}

#[track_caller]
fn shows_both(told: &Told) {
    assert_eq!(told.report["disc"]["label"], "SECOND", "{told:?}");
    let mut names = names(told);
    names.sort_unstable();
    assert_eq!(names, ["NEW.BIN", "OLD.BIN"], "the second session takes up what the first one has");
    let labels: Vec<&str> =
        told.report["disc"]["sessions"].as_array().unwrap().iter().map(|s| s["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["FIRST", "SECOND"]);
}

#[test]
fn the_last_session_is_shown_of_drive_and_image() {
    let Some(maker) = Maker::new() else { return };
    let (content, end, start) = maker.two_sessions(&[]);
    for telling in ["", "no full-toc\n"] {
        let disc = Disc::of(&content, "cd", &format!("track 0 data {end}\nsession\ntrack {start} data\n{telling}"));
        shows_both(&disc.info_of_drive(&["--files"]).ends(0));
        disc.run("sweep", &[]).ends(0);
        let told = disc.info(&["--files", "--hash"]).ends(0);
        shows_both(&told);
        assert_eq!(told.report["damage"]["missing_bytes"], 0);
        assert_eq!(told.report["damage"]["files"], serde_json::json!([]));
        assert!(told.report["files"].as_array().unwrap().iter().all(|file| file["sha256"].is_string()));
        // Without the comments of the map, and without the sidecar as well.
        disc.forget_comments();
        shows_both(&disc.info(&["--files"]).ends(0));
        fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
        disc.forget_sidecar();
        shows_both(&disc.info(&["--files"]).ends(0));
    }
}

#[test]
fn a_gap_that_only_reads_tell_of_may_have_a_session_behind_it() {
    let Some(maker) = Maker::new() else { return };
    let (content, end, start) = maker.two_sessions(&[]);
    for gap in ["05/64/00", "05/21/00"] {
        let plan =
            format!("profile 0011\ntrack 0 data {end}\nsession\ntrack {start} data\nno track-information\ngap {gap}\n");
        let disc = Disc::of(&content, "dvd", &plan);
        disc.run("sweep", &[]).ends(0).leaves_out(&[(end as u64, 11_400, "not_data")]);
        let told = disc.info(&["--files"]).ends(0);
        shows_both(&told);
        let files = told.report["files"].as_array().unwrap();
        let new = files.iter().find(|file| file["path"] == "NEW.BIN").unwrap();
        let sector = new["extents"][0]["sector"].as_u64().unwrap();
        // A file of that session that the disc is too short for is missed.
        let disc = Disc::of(&content[..(sector as usize + 10) * SECTOR], "dvd", &plan);
        let told = disc.run("sweep", &[]).ends(3);
        assert!(told.report["past_end"].to_string().contains("NEW.BIN"), "{told:?}");
    }
}

#[test]
fn of_a_cd_extra_the_data_session_is_shown() {
    let Some(maker) = Maker::new() else { return };
    let data = maker.iso("EXTRA", &[("FILM.BIN", 40_000)], &["-C", "0,13400"]);
    let mut content = vec![0x55; 2000 * SECTOR];
    content.resize(13_400 * SECTOR, 0);
    content.extend(data);
    let disc = Disc::of(&content, "cd", "track 0 audio 2000\nsession\ntrack 13400 data\n");
    for told in [disc.info_of_drive(&["--files"]).ends(0), {
        disc.run("sweep", &[]).ends(0);
        disc.info(&["--files"]).ends(0)
    }] {
        assert_eq!((told.report["disc"]["label"].as_str(), names(&told)), (Some("EXTRA"), vec!["FILM.BIN"]));
    }
    fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
    disc.forget_sidecar();
    let told = disc.info(&["--files"]).ends(0);
    assert_eq!(told.report["disc"]["label"], "EXTRA", "found in the image alone");
}

#[test]
fn the_last_session_is_shown_of_discs_with_udf_too() {
    let Some(maker) = Maker::new() else { return };
    let (content, end, start) = maker.two_sessions(&["-udf"]);
    let told = |told: &Told| {
        assert_eq!(told.report["disc"]["label"], "SECOND", "{told:?}");
        assert!(told.report["disc"]["filesystem"].as_str().unwrap().starts_with("UDF"), "{told:?}");
        let mut names = names(told);
        names.sort_unstable();
        assert_eq!(names, ["NEW.BIN", "OLD.BIN"]);
        let labels: Vec<&str> =
            told.report["disc"]["sessions"].as_array().unwrap().iter().map(|s| s["label"].as_str().unwrap()).collect();
        assert_eq!(labels, ["FIRST", "SECOND"]);
    };
    for (profile, kind) in [("cd", ""), ("dvd", "profile 0011\n"), ("bd", "profile 0041\n")] {
        let plan = format!("{kind}track 0 data {end}\nsession\ntrack {start} data\n");
        let disc = Disc::of(&content, profile, &plan);
        told(&disc.info_of_drive(&["--files"]).ends(0));
        disc.run("sweep", &[]).ends(0);
        let image = disc.info(&["--files", "--hash"]).ends(0);
        told(&image);
        assert!(image.report["files"].as_array().unwrap().iter().all(|file| file["sha256"].is_string()));
        fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
        disc.forget_sidecar();
        told(&disc.info(&["--files"]).ends(0));
    }
}

#[test]
fn a_session_may_be_written_in_increments() {
    let Some(maker) = Maker::new() else { return };
    for revision in ["1.50", "2.00", "2.01", "2.50"] {
        let mut content = maker.iso("FIRST", &[("OLD.BIN", 50_000)], &[]);
        let (end, start) = (content.len() / SECTOR, content.len() / SECTOR + 11_400);
        let Some(second) = maker.increments("SECOND", revision, start) else { return };
        content.resize(start * SECTOR, 0);
        content.extend(second);
        let disc = Disc::of(&content, "cd", &format!("track 0 data {end}\nsession\ntrack {start} data\n"));
        let of_drive = disc.info_of_drive(&[]).ends(0);
        disc.run("sweep", &[]).ends(0);
        let of_image = disc.info(&[]).ends(0);
        fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
        disc.forget_sidecar();
        for told in [of_drive, of_image, disc.info(&[]).ends(0)] {
            assert_eq!(told.report["disc"]["label"], "SECOND", "{revision}: {told:?}");
            assert_eq!(told.report["disc"]["sessions"][0]["label"], "FIRST", "{revision}: {told:?}");
        }
        // Where its table is lost the session before it is shown, and that is said.
        let mut cut = fs::read(disc.bench.out()).unwrap();
        cut.truncate(cut.len() - SECTOR);
        fs::write(disc.bench.out(), cut).unwrap();
        let told = disc.info(&[]).ends(0).says("written in increments");
        assert_eq!(told.report["disc"]["label"], "FIRST", "{revision}: {told:?}");
    }
}

/// The same disc without ISO 9660 in the session that begins there: the recognition sequence comes first.
fn without_iso_9660(content: &mut [u8], start: usize) {
    let first = (start + 16) * SECTOR;
    let tail: Vec<u8> = content[first..first + 16 * SECTOR].to_vec();
    let sequence = tail.chunks(SECTOR).position(|sector| &sector[1..6] == b"BEA01").unwrap() * SECTOR;
    content[first..first + 16 * SECTOR].fill(0);
    content[first..first + 3 * SECTOR].copy_from_slice(&tail[sequence..sequence + 3 * SECTOR]);
}

#[test]
fn a_session_may_have_udf_alone() {
    let Some(maker) = Maker::new() else { return };
    let (content, end, start) = maker.two_sessions(&["-udf"]);
    for alone in [&[start][..], &[0], &[0, start]] {
        let mut content = content.clone();
        alone.iter().for_each(|start| without_iso_9660(&mut content, *start));
        let disc = Disc::of(&content, "cd", &format!("track 0 data {end}\nsession\ntrack {start} data\n"));
        let of_drive = disc.info_of_drive(&["--files"]).ends(0);
        disc.run("sweep", &[]).ends(0);
        let of_image = disc.info(&["--files"]).ends(0);
        fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
        disc.forget_sidecar();
        for told in [of_drive, of_image, disc.info(&["--files"]).ends(0)] {
            let sessions = told.report["disc"]["sessions"].as_array().unwrap();
            let sessions: Vec<_> =
                sessions.iter().map(|s| (s["lba"].as_u64().unwrap() as usize, s["label"].as_str().unwrap())).collect();
            assert_eq!(sessions, [(0, "FIRST"), (start, "SECOND")], "{alone:?}: {told:?}");
            assert_eq!(told.report["disc"]["label"], "SECOND", "{alone:?}: {told:?}");
        }
    }
}
