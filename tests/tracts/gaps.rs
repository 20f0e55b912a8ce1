//! Tracts that hold no data: gaps between sessions, audio behind data, form 2, holes that only reads find.

use super::*;

/// A data track of 1000 sectors, and another session of 600 behind a gap.
const TWO_SESSIONS: &str = "track 0 data 1000\nsession\ntrack 12400 data 600\n";
const GAP: (u64, u64, &str) = (1000, 11_400, "session_gap");

/// The same disc as drives tell of it: all they know, less and less of it, and with another word for the gap.
const TELLING: [&str; 6] = [
    "",
    "no full-toc\n",
    "no full-toc\nno sessions\n",
    "no full-toc\nno sessions\ngap 05/21/00\n",
    "gap 03/11/00\n",
    "no disc-information\n",
];

#[test]
fn a_gap_between_sessions_is_left_out_whatever_the_drive_tells_of_it() {
    for telling in TELLING {
        let disc = Disc::new(13_000, "cd", &format!("{TWO_SESSIONS}{telling}"));
        let swept = disc.run("sweep", &[]).ends(0).leaves_out(&[GAP]);
        assert_eq!(swept.report["rescued_bytes"], 1600 * SECTOR, "{telling}");
        disc.holds_just(&[0..1000, 12_400..13_000]);
        assert!(disc.map_text().contains("# Left out: sectors 1000-12399, session_gap"), "{telling}");
        let patched = disc.run("patch", &[]).ends(0).leaves_out(&[GAP]);
        assert_eq!(patched.report["failed_reads"], 0, "{telling}");
    }
}

#[test]
fn what_ddrescue_makes_of_a_tract_counts_as_left_out() {
    let Some(_) = program("ddrescue") else { return };
    for telling in ["", "no full-toc\nno sessions\n"] {
        // Ours first.
        let disc = Disc::new(13_000, "cd", &format!("{TWO_SESSIONS}{telling}"));
        disc.run("sweep", &["--only", "0-500"]).ends(3);
        assert_eq!(disc.ddrescue(&[1000..12_400]).code, Some(0));
        assert!(!disc.map_text().contains("Left out"), "ddrescue writes comments of its own");
        assert!(disc.bench.map()[1000..12_400].contains('-'));
        disc.run("patch", &[]).ends(0).leaves_out(&[GAP]);
        disc.holds_just(&[0..1000, 12_400..13_000]);
        // Theirs first: nothing but the disc itself tells.
        let disc = Disc::new(13_000, "cd", &format!("{TWO_SESSIONS}{telling}"));
        assert_eq!(disc.ddrescue(&[1000..12_400]).code, Some(0));
        disc.run("patch", &[]).ends(0).leaves_out(&[GAP]);
        disc.holds_just(&[0..1000, 12_400..13_000]);
        // Both are gone.
        disc.forget_comments();
        disc.forget_sidecar();
        disc.run("patch", &[]).ends(0).leaves_out(&[GAP]);
    }
}

/// Each kind of tract: the disc, where ddrescue gets nothing, what is left out, and the exit code.
type Kind = (usize, &'static str, &'static str, Range<usize>, (u64, u64, &'static str), i32);

const KINDS: [Kind; 5] = [
    (3000, "cd", "track 0 data 1000\ntrack 1150 audio\n", 1000..3000, (1000, 2000, "audio"), 0),
    (5000, "cd", "type xa\ntrack 0 data 1274\ntrack 1274 form2\n", 1274..5000, (1274, 3726, "form2"), 3),
    (
        9000,
        "dvd",
        "profile 0011\ntrack 0 data 3000\nsession\ntrack 6000 data\n",
        3000..6000,
        (3000, 3000, "session_gap"),
        0,
    ),
    (8000, "dvd", "answer 100 30 05/64/00\n", 1600..2080, (1600, 480, "not_data"), 0),
    (8000, "bd", "capacity 8500\nno track-information\n", 8000..8000, (8000, 500, "past_end"), 0),
];

#[test]
fn each_kind_is_handed_to_ddrescue_and_back() {
    let Some(_) = program("ddrescue") else { return };
    for (sectors, profile, plan, dead, tract, code) in KINDS {
        let disc = Disc::new(sectors, profile, plan);
        let sound = [0..dead.start, dead.end..sectors];
        disc.run("sweep", &[]).ends(code).leaves_out(&[tract]);
        disc.holds_just(&sound);
        let said = disc.info_anyhow();
        assert_eq!(disc.ddrescue(std::slice::from_ref(&dead)).code, Some(0), "{plan}");
        disc.run("patch", &[]).ends(code).leaves_out(&[tract]);
        disc.holds_just(&sound);
        assert_eq!(disc.info_anyhow(), said, "{plan}");
        // The other way round: ddrescue begins with what lies before the tract.
        let disc = Disc::new(sectors, profile, plan);
        assert_eq!(disc.ddrescue(&[dead.start / 2..sectors]).code, Some(0), "{plan}");
        disc.run("sweep", &[]);
        disc.run("patch", &["--thorough"]).ends(code).leaves_out(&[tract]);
        disc.holds_just(&sound);
    }
}

#[test]
fn audio_behind_and_before_data_is_left_out() {
    let mixed = Disc::new(3000, "cd", "track 0 data 1000\ntrack 1150 audio\n");
    mixed.run("sweep", &[]).ends(0).leaves_out(&[(1000, 2000, "audio")]);
    mixed.holds_just(&[0..1000]);
    let extra = Disc::new(15_000, "cd", "track 0 audio 2000\nsession\ntrack 13400 data\n");
    extra.run("sweep", &[]).ends(0).leaves_out(&[(0, 2000, "audio"), (2000, 11_400, "session_gap")]);
    extra.holds_just(&[13_400..15_000]);
    extra.run("patch", &[]).ends(0);
    let sound = Disc::new(3000, "cd", "track 0 audio\n");
    sound.run("sweep", &[]).ends(2).says("audio CD");
}

#[test]
fn a_track_of_form_2_is_named_and_is_a_loss() {
    for telling in ["", "type xa\n", "no full-toc\nno sessions\nno disc-information\n"] {
        let disc =
            Disc::new(5000, "cd", &format!("track 0 data 1274\ntrack 1274 form2 1000\ntrack 2274 form2\n{telling}"));
        disc.run("sweep", &[]).ends(3).leaves_out(&[(1274, 3726, "form2")]);
        disc.holds_just(&[0..1274]);
        disc.run("patch", &[]).ends(3).leaves_out(&[(1274, 3726, "form2")]);
    }
}

#[test]
fn a_hole_in_a_dvd_is_found_by_reads() {
    for (hole, place) in [
        ("answer 100 30 05/64/00\n", 1600..2080),
        ("answer 100 30 05/21/00\n", 1600..2080),
        ("answer 100 400 05/64/00\n", 1600..8000),
    ] {
        let disc = Disc::new(8000, "dvd", hole);
        let tract = (place.start as u64, place.len() as u64, "not_data");
        disc.run("sweep", &[]).ends(0).leaves_out(&[tract]).says("left out");
        disc.holds_just(&[0..place.start, place.end..8000]);
        disc.run("patch", &[]).ends(0).leaves_out(&[tract]);
    }
}

#[test]
fn a_drive_that_is_stuck_on_such_an_answer_has_no_hole() {
    for sense in ["05/21/00", "05/63/00", "05/64/00"] {
        // In the middle of the disc, after failures; and from the beginning.
        let disc = Disc::new(16_000, "dvd", &format!("bad 100 4 0\nwedge 2 60 {sense} stuck\n"));
        let swept = disc.run("sweep", &[]).ends(7).leaves_out(&[]);
        assert_eq!((&swept.report["complete"], &swept.report["sectors"]), (&false.into(), &16_000.into()), "{sense}");
        disc.bench.assert_no_false_claim();
        disc.run("patch", &[]).ends(7).leaves_out(&[]);
        let disc = Disc::new(16_000, "dvd", &format!("answer 0 1000 {sense}\n"));
        let swept = disc.run("sweep", &[]).ends(7).leaves_out(&[]);
        assert_eq!((&swept.report["complete"], &swept.report["rescued_bytes"]), (&false.into(), &0.into()), "{sense}");
    }
}

#[test]
fn damage_beside_a_hole_stays_damage() {
    let disc = Disc::new(8000, "dvd", "answer 100 30 05/64/00\nbad 98 2 0\nbad 130 3 0\n");
    let swept = disc.run("sweep", &[]).ends(3).leaves_out(&[(1600, 480, "not_data")]);
    assert!(swept.report["complete"] == false);
    let patched = disc.run("patch", &["--passes", "1"]).ends(3).leaves_out(&[(1600, 480, "not_data")]);
    assert_eq!(patched.report["rescued_bytes"], (8000 - 480 - 5 * 16) * SECTOR);
    disc.holds_just(&[0..98 * 16, 133 * 16..8000]);
}

#[test]
fn border_zones_of_a_recordable_dvd_are_left_out() {
    let disc = Disc::new(9000, "dvd", "profile 0011\ntrack 0 data 3000\nsession\ntrack 6000 data\n");
    disc.run("sweep", &[]).ends(0).leaves_out(&[(3000, 3000, "session_gap")]);
    disc.holds_just(&[0..3000, 6000..9000]);
}
