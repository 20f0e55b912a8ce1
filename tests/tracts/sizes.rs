//! Sizes that are told wrong, and what decides: what the disc's own file system, its tracks or the map have behind the end.

use super::made::Maker;
use super::*;

#[test]
fn the_largest_size_that_reads_confirm_is_imaged() {
    for (profile, plan) in [
        ("dvd", "capacity 1000\n"),
        ("dvd", "capacity 3150\n"),
        ("dvd", "capacity 0\n"),
        ("dvd", "said format 9000\n"),
        ("cd", "capacity 1000\n"),
        ("cd", "capacity 2998\nsaid toc 3002\n"),
        ("cd", "said toc 2000\n"),
        ("bd", "capacity 1000\n"),
        ("bd", "capacity 0\nprofile 0041\n"),
        ("bd", "said tracks 10000\n"),
    ] {
        let disc = Disc::new(3000, profile, plan);
        let told = disc.run("sweep", &[]).ends(0);
        assert_eq!(told.report["sectors"], 3000, "{profile} {plan}: {told:?}");
        assert!(disc.bench.is_whole(), "{profile} {plan}");
        disc.run("patch", &[]).ends(0);
    }
}

#[test]
fn a_disc_that_ends_before_all_that_is_told_is_whole_where_nothing_lies_behind() {
    let nothing_tells = "no track-information\n";
    for capacity in [3003, 3300, 100_000] {
        let disc = Disc::new(3000, "bd", &format!("capacity {capacity}\n{nothing_tells}"));
        disc.run("sweep", &[])
            .ends(0)
            .leaves_out(&[(3000, capacity - 3000, "past_end")])
            .says("The disc ends before sector 3000");
        disc.holds_just(&[0..3000]);
        disc.run("patch", &[]).ends(0);
    }
}

#[test]
fn a_file_behind_the_end_is_named() {
    let Some(maker) = Maker::new() else { return };
    let files = [("A.BIN", 300_000), ("B.BIN", 300_000), ("C/D.BIN", 300_000)];
    let whole = maker.iso("WHOLE", &files, &[]);
    let cut = &whole[..whole.len() - 260 * SECTOR];
    for (profile, plan) in [("dvd", ""), ("cd", "said toc 9000\n"), ("bd", "capacity 20000\nno track-information\n")] {
        let disc = Disc::of(cut, profile, plan);
        let told = disc.run("sweep", &[]).ends(3);
        let named: Vec<&str> =
            told.report["past_end"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
        assert!(!named.is_empty() && named.iter().all(|name| name.ends_with(".BIN")), "{told:?}");
        assert_eq!(told.report["complete"], false);
        let told = disc.info(&[]).ends(0);
        assert!(told.report["damage"]["missing_bytes"].as_u64().unwrap() > 0, "{told:?}");
        disc.run("patch", &[]).ends(3);
    }
    // What is behind the last file does not matter.
    let padded = Disc::of(&whole[..whole.len() - 100 * SECTOR], "cd", "");
    let told = padded.run("sweep", &[]).ends(0);
    assert_eq!(told.report["past_end"], serde_json::json!([]), "the 150 sectors behind the files are padding");
}

#[test]
fn an_image_that_was_cut_is_not_whole() {
    let Some(maker) = Maker::new() else { return };
    let whole = maker.iso("WHOLE", &[("A.BIN", 900_000), ("B.BIN", 900_000)], &[]);
    let disc = Disc::of(&whole, "cd", "");
    disc.run("sweep", &[]).ends(0);
    let told = disc.info(&[]).ends(0);
    assert_eq!(told.report["damage"]["missing_bytes"], 0);
    for with_map in [true, false] {
        fs::write(disc.bench.out(), &whole[..1_000_001]).unwrap();
        if !with_map {
            fs::remove_file(disc.bench.path("out.iso.map")).unwrap();
            disc.forget_sidecar();
        }
        let told = disc.info(&[]).ends(0);
        assert!(told.report["damage"]["missing_bytes"].as_u64().unwrap() > 700_000, "{told:?}");
        assert_eq!(told.report["damage"]["files"][0]["path"], "B.BIN", "{told:?}");
        assert_eq!(told.report["damage"]["files"].as_array().unwrap().len(), 1, "A.BIN lies before the cut");
    }
}

#[test]
fn a_data_track_behind_the_end_is_missing() {
    let disc = Disc::new(5000, "cd", "track 0 data 1000\nsession\ntrack 12400 data\nsaid toc 13000\n");
    let told = disc.run("sweep", &[]).ends(3).leaves_out(&[(1000, 11_400, "session_gap")]);
    assert_eq!(told.report["non_tried_bytes"], 600 * SECTOR);
    disc.holds_just(&[0..1000]);
    disc.run("patch", &[]).ends(3);
}

#[test]
fn a_file_of_the_last_session_behind_the_end_of_an_image_is_named() {
    let Some(maker) = Maker::new() else { return };
    let (content, _, start) = maker.two_sessions(&["-no-pad"]);
    let disc = Disc::new(1, "cd", "");
    let source = disc.bench.path("cut.iso");
    let sweep = |bytes: usize| {
        fs::write(&source, &content[..bytes]).unwrap();
        let out = disc.bench.path(&format!("{bytes}.iso"));
        let done = run(["sweep", source.to_str().unwrap(), out.to_str().unwrap(), "--json", "--hash"]);
        (Told::of(done), disc.bench.path(&format!("{bytes}.iso.sha256")).exists())
    };
    let (whole, has_hash) = sweep(content.len());
    assert!(whole.ends(0).report["sha256"].is_string() && has_hash);
    let (cut, has_hash) = sweep(content.len() - 10 * SECTOR);
    let cut = cut.ends(3).says("No hash was made");
    assert_eq!(cut.report["past_end"][0]["path"], "NEW.BIN", "{cut:?}");
    assert_eq!((&cut.report["complete"], &cut.report["sha256"], has_hash), (&false.into(), &Value::Null, false));
    // Not only its files are behind the end: its directories.
    let (cut, _) = sweep((start + 19) * SECTOR);
    assert_eq!(cut.ends(3).report["past_end"][0]["path"], "/");
    let out = disc.bench.path(&format!("{}.iso", (start + 19) * SECTOR));
    let told = Told::of(run(["info", out.to_str().unwrap(), "--json"])).ends(0).says("is passed over");
    assert_eq!(told.report["damage"]["files"][0]["path"], "/", "{told:?}");
}

#[test]
fn what_went_into_a_pipe_is_told_not_to_be_looked_through() {
    let disc = Disc::new(3000, "dvd", "");
    let mut command = support::freemkv();
    command.args(["sweep", &disc.bench.drive("dvd", ""), "/dev/stdout"]);
    let done = finish(&mut command);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("cannot be looked through afterwards"), "{}", done.stderr);
    let told = disc.run("sweep", &[]).ends(0);
    assert!(!told.words.contains("looked through"), "{told:?}");
}
