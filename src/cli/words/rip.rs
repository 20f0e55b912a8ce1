//! The result of the rip of a disc in words.

use std::fmt::Write as _;

use crate::base::human::{self, bytes, clock, counted, printable};
use crate::job::rip::{Film, Ripped};

/// Places of missing film that are named.
const NAMED: usize = 8;

/// What became of a disc, with what went wrong.
pub(crate) fn of(ripped: &Ripped) -> String {
    let mut text = without_errors(ripped);
    for error in &ripped.errors {
        add(&mut text, &printable(&error.message));
        error.hint.iter().for_each(|hint| add(&mut text, &printable(hint)));
    }
    text
}

/// What became of a disc; what went wrong is told elsewhere.
pub(crate) fn without_errors(ripped: &Ripped) -> String {
    let mut text = head(ripped);
    if let Some(report) = ripped.imaged() {
        let image = super::imaging::of(report, None);
        image.lines().for_each(|line| add(&mut text, line));
        if !report.complete {
            add(&mut text, super::imaging::NO_HASH);
        }
        if ripped.image.is_none() {
            add(&mut text, "The image was removed: nothing is missing, and the films were read back.");
        }
    }
    ripped.films.iter().for_each(|told| film(&mut text, told));
    ripped.notes.iter().for_each(|note| add(&mut text, &printable(note)));
    text
}

/// Which disc, and where it went.
fn head(ripped: &Ripped) -> String {
    let source = printable(&ripped.source);
    let name = ripped.name.as_ref().or(ripped.label.as_ref()).filter(|name| !name.is_empty());
    let name = name.map_or("a disc without a name".to_owned(), |name| printable(name));
    let what = match &ripped.folder {
        _ if ripped.fingerprint.is_none() => {
            return format!("{source}: no disc was ripped (exit code {})", ripped.exit_code);
        }
        None => "not begun".to_owned(),
        Some(folder) => printable(&folder.display().to_string()),
    };
    let how = match ripped.exit_code {
        _ if ripped.skipped => "skipped",
        0 => "complete",
        3 => "done, but data is missing",
        _ => "not done",
    };
    format!("{source}: {name}: {how} (exit code {}): {what}", ripped.exit_code)
}

fn film(text: &mut String, film: &Film) {
    let hurt = film.hurt();
    let seconds: f64 = hurt.iter().map(|(from, to)| to - from).sum();
    let mut line = format!(
        "{}: title {}, {}, {}, {}",
        printable(&film.path),
        printable(&film.title),
        clock(film.duration_seconds),
        bytes(film.bytes),
        counted(film.tracks.len(), "track", "tracks")
    );
    if !hurt.is_empty() {
        let _ = write!(line, "; {seconds:.1} s are hurt:");
        for (from, to) in hurt.iter().take(NAMED) {
            let _ = write!(line, " {}-{}", clock(*from), clock(*to));
        }
        if hurt.len() > NAMED {
            let _ = write!(line, " and {}", counted(hurt.len() - NAMED, "more place", "more places"));
        }
    }
    let late = film.undecodable_seconds();
    if late > 0.0 {
        let _ = write!(line, "; {late:.1} s are left out, which the disc plays from where no decoder can begin");
    }
    if !film.left_out.is_empty() {
        let tracks = counted(film.left_out.len(), "track is", "tracks are");
        let _ = write!(line, "; {tracks} left out");
    }
    add(text, &line);
}

fn add(text: &mut String, line: &str) {
    let _ = write!(text, "\n  {line}");
}

/// A batch in a line, where there was more than one disc.
pub(crate) fn batch(discs: usize, exit_code: u8, seconds: f64) -> String {
    let time = human::duration(std::time::Duration::from_secs_f64(seconds.clamp(0.0, 1e9)));
    format!("{discs} discs in {time}; exit code {exit_code}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_hurt_and_what_no_decoder_can_show_are_told_apart() {
        let mut shown = Film { path: "a.mkv".into(), title: "00001".into(), ..Film::default() };
        let text = |film: &Film| {
            let mut text = String::new();
            super::film(&mut text, film);
            text
        };
        assert_eq!(text(&shown), "\n  a.mkv: title 00001, 0:00:00.0, 0 bytes, 0 tracks");
        let loss = |from: f64, to: f64| {
            let told =
                json!({"track": 1, "cause": "", "from_seconds": from, "to_seconds": to, "bytes": 0, "lba": null});
            serde_json::from_value(told).unwrap()
        };
        shown.undecodable = vec![loss(0.0, 0.25), loss(0.0, 0.1)];
        let late = "; 0.2 s are left out, which the disc plays from where no decoder can begin";
        assert!(text(&shown).ends_with(late), "{}", text(&shown));
        shown.losses = vec![loss(2.0, 3.5)];
        assert!(text(&shown).contains("; 1.5 s are hurt: 0:00:02.0-0:00:03.5; 0.2 s"), "{}", text(&shown));
    }
}
