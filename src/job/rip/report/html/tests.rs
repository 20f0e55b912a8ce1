use super::*;
use crate::imaging::Report;
use crate::job::rip::report::{Film, Loss, Speed, Told, Track};

fn ripped() -> Ripped {
    let loss = |track, from_seconds, to_seconds| Loss {
        track,
        cause: "damaged".into(),
        from_seconds,
        to_seconds,
        bytes: 65_536,
        lba: Some(400),
    };
    let film = Film {
        path: "/rips/CAT/CAT-t01.mkv".into(),
        title: "00800".into(),
        duration_seconds: 100.0,
        bytes: 5000,
        tracks: vec![Track { number: 1, codec: "H.264".into(), kind: "video".into(), ..Track::default() }],
        losses: vec![loss(1, 50.0, 52.0)],
        sha256: Some("0a0b".into()),
        ..Film::default()
    };
    let missing = vec![SectorRange::new(400, 432)];
    let sweep = Report { sectors: 1000, missing, missing_places: 1, ..Report::default() };
    let speed = |position_bytes, bytes_per_second| Speed { position_bytes, bytes_per_second };
    Ripped {
        label: Some("<script>alert(1)</script>".into()),
        sectors: Some(1000),
        sweep: Some(sweep),
        films: vec![film],
        speed: vec![speed(0, 2_000_000), speed(1_000_000, 4_000_000)],
        errors: vec![Told { code: 7, message: "the drive <hangs>".into(), hint: None }],
        exit_code: 7,
        ..Ripped::of("/dev/sr0\" onload=\"x")
    }
}

#[test]
fn the_page_asks_nobody_and_runs_nothing() {
    let shown = Shown { disc: String::new(), failed: vec![SectorRange::new(400, 432)], untried: Vec::new() };
    let page = page(&ripped(), &shown);
    assert!(page.starts_with(BEGINNING) && page.contains("default-src 'none'"));
    for word in ["http://", "https://", "src=", "url(", "<script", "<link", "@import", "href"] {
        assert!(!page.contains(word), "{word}: {page}");
    }
    assert!(page.contains("&lt;script&gt;") && page.contains("the drive &lt;hangs&gt;"));
    assert!(page.contains("sr0&quot; onload"), "no attribute is made of a name");
}

#[test]
fn what_is_hurt_is_seen_where_it_lies() {
    let shown = Shown {
        disc: String::new(),
        failed: vec![SectorRange::new(400, 432)],
        untried: vec![SectorRange::new(900, 1000)],
    };
    let page = page(&ripped(), &shown);
    // The disc: sectors 400 to 431 of a thousand; the film: 50 to 52 of a hundred seconds.
    assert!(page.contains("<rect class=\"bad\" x=\"400\" y=\"0\" width=\"32\""), "{page}");
    assert!(page.contains("<rect class=\"untried\" x=\"900\" y=\"0\" width=\"100\""), "{page}");
    assert!(page.contains("<rect class=\"bad\" x=\"500\" y=\"0\" width=\"20\""), "{page}");
    assert!(page.contains("Missing: sectors 400-431.") && page.contains("0:00:50.0–0:00:52.0"), "{page}");
    assert!(page.contains("M0.0 84.0L") && page.contains("3.8 MiB/s"), "the curve: {page}");
}

#[test]
fn only_a_film_that_lacks_nothing_is_called_whole() {
    let mut ripped = ripped();
    let mut told = |change: &dyn Fn(&mut Film)| {
        let mut film = Film { complete: true, ..Film::default() };
        change(&mut film);
        ripped.films = vec![film];
        page(&ripped, &Shown::default())
    };
    assert!(told(&|_| ()).contains("Whole."));
    let empty = serde_json::json!({"codec": "PGS", "language": "eng", "reason": "empty"});
    assert!(told(&|film| film.left_out = vec![empty.clone()]).contains("Whole."), "nothing of it was on the disc");
    let lacks = told(&|film| {
        film.left_out = vec![empty.clone()];
        film.complete = false;
    });
    assert!(lacks.contains("1 track is left out.") && !lacks.contains("Whole."), "{lacks}");
    let late = told(&|film| {
        let cause = "undecodable".into();
        film.undecodable = vec![Loss { track: 1, cause, from_seconds: 0.0, to_seconds: 0.25, bytes: 0, lba: None }];
    });
    assert!(late.contains("0.2 s are left out") && !late.contains("Whole."), "{late}");
}

#[test]
fn a_disc_of_which_nothing_is_known_has_a_page_too() {
    let page = page(&Ripped::of("x"), &Shown::default());
    assert!(page.contains("A disc without a name") && page.ends_with("</html>\n"));
}
