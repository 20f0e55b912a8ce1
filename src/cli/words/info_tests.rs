use super::*;
use crate::base::sector::tract::LeftOut;
use crate::job::info::{ChapterReport, DiscReport, HurtFile, HurtTitle, TrackReport, WayReport};

fn track(kind: &'static str, codec: &str, language: Option<&'static str>, words: &str) -> TrackReport {
    TrackReport { kind, codec: codec.into(), language, words: words.into(), ..TrackReport::default() }
}

fn title(number: usize, id: &str, seconds: f64, role: Role) -> TitleReport {
    let tracks = vec![
        track("video", "H.264", None, "H.264 1080p"),
        track("audio", "AC-3", Some("eng"), "AC-3 5.1 eng"),
        track("subtitle", "PGS", Some("eng"), "PGS eng"),
        track("subtitle", "PGS", Some("fre"), "PGS fre"),
        track("subtitle", "text", Some("fre"), "text fre"),
    ];
    TitleReport {
        number,
        id: id.into(),
        name: None,
        angles: 1,
        clips: Vec::new(),
        played_by: Vec::new(),
        duration_seconds: seconds,
        size_bytes: 23_000_000_000,
        main: number == 2,
        reason: format!("reason of {number} +1"),
        group: None,
        duplicate_of: None,
        chapters: vec![ChapterReport { start_seconds: 0.0, name: None }; 12],
        tracks,
        role,
        is_asked_for: true,
    }
}

fn report(titles: Vec<TitleReport>) -> Report {
    Report {
        command: "info",
        source: "film.iso".into(),
        disc: DiscReport {
            label: "FILM\x1b[2J".into(),
            media: Some(Media::Bd),
            sectors: Some(12_000_000),
            size_bytes: Some(24_576_000_000),
            filesystem: "UDF 2.50".into(),
            protected: false,
            sessions: Vec::new(),
            name: Some("The \x1b[31mFilm".into()),
        },
        titles,
        files: None,
        damage: None,
        left_out: LeftOut::new(),
        notes: Vec::new(),
        runner_up: Some(1),
        is_of_titles: false,
        not_followed: Vec::new(),
    }
}

fn titles() -> Vec<TitleReport> {
    vec![
        title(1, "00001", 59.99, Role::Own),
        title(2, "00800", 6543.2, Role::Own),
        title(3, "00801", 6543.2, Role::DuplicateOf(1)),
        title(4, "00802", 6543.2, Role::ShuffleOf(1)),
        title(5, "00900", 90.0, Role::PlayAll(vec![0, 1])),
    ]
}

#[test]
fn a_disc_is_a_line_and_a_table_with_reasons() {
    let expected = "\
FILM?[2J: Blu-ray, UDF 2.50, 22.9 GiB (12000000 sectors)
\"The ?[31mFilm\"

  #  id      length      size  chapters  tracks
  1  00001  0:00:59  21.4 GiB        12  H.264 1080p, AC-3 5.1 eng, PGS eng fre, text fre
* 2  00800  1:49:03  21.4 GiB        12  H.264 1080p, AC-3 5.1 eng, PGS eng fre, text fre
  5  00900  0:01:30  21.4 GiB        12  H.264 1080p, AC-3 5.1 eng, PGS eng fre, text fre; 3 angles

Title 2 (00800) is the film: reason of 2 +1.
Title 1 (00001) is not: reason of 1 +1.
Title 5 (00900) is not: reason of 5 +1.
The same as title 2 (00800): 00801.
The parts of title 2 (00800) in another order: 00802.
Title 5 (00900) plays 1 (00001), 2 (00800) one after the other.";
    let mut titles = titles();
    titles[4].angles = 3;
    assert_eq!(of(&report(titles), false, None), expected);
}

#[test]
fn a_title_larger_than_its_disc_is_explained() {
    let mut titles = titles();
    titles[0].size_bytes = 25_000_000_000;
    let text = of(&report(titles), false, None);
    let line = "Title 1 (00001) is larger than the disc (23.3 GiB of 22.9 GiB): it plays some of it more than once.";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_title_that_is_asked_for_is_told_with_all_its_tables_say() {
    let mut titles = titles();
    let asked = &mut titles[1];
    asked.name = Some("The Film".into());
    asked.angles = 2;
    asked.clips = ["00010", "00011", "00011", "00012"].map(str::to_owned).to_vec();
    asked.played_by =
        vec![WayReport { title: "first play".into(), how: "direct" }, WayReport { title: "2".into(), how: "button" }];
    asked.chapters = vec![ChapterReport { start_seconds: 3723.0045, name: None }];
    titles.iter_mut().for_each(|title| title.is_asked_for = title.number == 2);
    let mut report = report(titles);
    report.is_of_titles = true;
    let expected = "

Title 2 (00800): 1:49:03, 21.4 GiB, 2 angles
  \"The Film\"
  it is the film: reason of 2 +1
  played: when the disc is inserted, by itself; as title 2, by a button of the menu
  The same as title 2 (00800): 00801.
  The parts of title 2 (00800) in another order: 00802.
  clips: 00010, 00011 (2 times), 00012
  track 1: video H.264 1080p
  track 2: audio AC-3 5.1 eng
  track 3: subtitle PGS eng
  track 4: subtitle PGS fre
  track 5: subtitle text fre
  chapter 1: 1:02:03.005";
    assert!(of(&report, false, None).ends_with(expected), "{}", of(&report, false, None));
    report.titles[1].is_asked_for = false;
    report.titles[3].is_asked_for = true;
    let text = of(&report, false, None);
    assert!(
        text.contains("\n  it is not the film: reason of 4 +1\n  played: no program of the disc plays it\n"),
        "{text}"
    );
    assert!(text.contains("\n  The parts of title 2 (00800) in another order.\n"), "{text}");
    report.not_followed = vec!["a Java program"];
    assert!(of(&report, false, None).contains("played: no way to it is found; not followed: a Java program"));
}

#[test]
fn hundreds_of_twins_are_one_line_unless_all_are_asked_for() {
    let mut many = titles();
    many.extend((6..300).map(|n| title(n, &format!("{n:05}"), 6543.2, Role::ShuffleOf(1))));
    let report = report(many);
    let short = of(&report, false, None);
    assert!(short.lines().count() < 20, "{short}");
    assert!(
        short.contains("in another order: 00802, 00006, 00007, 00008, 00009, 00010, 00011, 00012 and 287 more titles.")
    );
    let long = of(&report, true, None);
    assert!(long.contains("299  00299") && long.contains("Title 299 (00299) is not"), "{long}");
}

#[test]
fn among_many_titles_only_the_next_best_is_judged() {
    let mut many = titles();
    many.extend((6..12).map(|n| title(n, &format!("{n:05}"), 60.0, Role::Own)));
    let text = of(&report(many), false, None);
    assert!(text.contains("\nTitle 1 (00001) comes next: reason of 1 +1. (-v judges all.)"), "{text}");
    assert!(!text.contains("is not"), "{text}");
}

#[test]
fn damage_is_told_in_times_that_hold_all_of_it() {
    let mut report = report(titles());
    let spans =
        vec![Span { from_seconds: 723.9, to_seconds: 728.01 }, Span { from_seconds: 3600.0, to_seconds: 3601.0 }];
    let hurt = |number, spans: Vec<Span>| HurtTitle { number, whole: spans.is_empty(), spans };
    report.damage = Some(DamageReport {
        missing_bytes: 65_536,
        size_note: None,
        files: vec![HurtFile { path: "BDMV/STREAM/00001.m2ts".into(), bytes: 61_440 }],
        titles: vec![hurt(1, vec![]), hurt(2, spans.clone()), hurt(3, spans.clone()), hurt(4, spans), hurt(5, vec![])],
    });
    let text = of(&report, false, None);
    let expected = "

64.0 KiB are missing.
  title 2 (00800) is hurt from 0:12:03 to 0:12:09, from 1:00:00 to 1:00:01
  whole: title 1 (00001), 5 (00900)
  files: BDMV/STREAM/00001.m2ts (60.0 KiB)";
    assert!(text.ends_with(expected), "{text}");
    report.damage = Some(DamageReport { missing_bytes: 0, size_note: None, files: vec![], titles: vec![] });
    assert!(of(&report, false, None).ends_with("\n\nNothing is missing."));
}

#[test]
fn a_size_that_not_all_agreed_on_is_told_with_what_is_missing() {
    let mut report = report(Vec::new());
    for (missing_bytes, words) in [(0, "Nothing of these sectors is missing"), (4096, "4.0 KiB are missing")] {
        let size_note = Some("the drive says 1000, the table of contents 1002 sectors; taking 1002".to_owned());
        report.damage = Some(DamageReport { missing_bytes, size_note, files: vec![], titles: vec![] });
        let text = of(&report, false, None);
        let told = format!(
            "{words}. Its size, as told when it was read: the drive says 1000, the table of contents 1002 sectors;"
        );
        assert!(text.contains(&told), "{text}");
    }
}

#[test]
fn files_are_listed_with_their_hashes() {
    let mut report = report(Vec::new());
    let file = |path: &str, sha256: Option<&str>| FileReport {
        path: path.into(),
        bytes: 1234,
        sha256: sha256.map(str::to_owned),
        extents: Vec::new(),
    };
    report.files = Some(vec![file("a/b\n", Some("abcd")), file("c", None)]);
    assert!(of(&report, false, None).ends_with("\n\n          1234  abcd  a/b?\n          1234  c"));
}

#[test]
fn a_table_wraps_at_its_columns_and_everything_else_at_words() {
    let mut titles = titles();
    for _ in 0..10 {
        titles[1].tracks.push(track("audio", "AC-3", Some("ger"), "AC-3 5.1 ger"));
    }
    let report = report(titles);
    let plain = of(&report, true, None);
    for width in [40, 60, 80, 132, 200] {
        let text = of(&report, true, Some(width));
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= width, "{width}: {text}");
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), plain.split_whitespace().collect::<Vec<_>>());
    }
    let text = of(&report, true, Some(80));
    let below = format!("\n{}AC-3 5.1 ger", " ".repeat(41));
    assert!(text.contains(&below), "the tracks go on in their column: {text}");
}
