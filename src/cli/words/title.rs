//! One title in words: all that its tables say, and why it is the film or not.

use std::fmt::Write as _;

use super::related::{clock, named, reason, twins};
use crate::base::human::{self, printable};
use crate::job::info::{Report, TitleReport, WayReport};
use crate::title::select::Role;

/// A title, after an empty line.
pub(super) fn of(report: &Report, title: &TitleReport) -> String {
    let mut text =
        format!("\n\nTitle {}: {}, {}", named(title), clock(title.duration_seconds), human::bytes(title.size_bytes));
    if title.angles > 1 {
        let _ = write!(text, ", {} angles", title.angles);
    }
    if let Some(name) = &title.name {
        let _ = write!(text, "\n  \"{}\"", printable(name));
    }
    let is = if title.main { "it is the film" } else { "it is not the film" };
    let _ = write!(text, "\n  {is}: {}", reason(title));
    let _ = write!(text, "\n  {}", played(report, title));
    beside(report, title).iter().for_each(|line| {
        let _ = write!(text, "\n  {line}");
    });
    let _ = write!(text, "\n  clips: {}", clips(&title.clips));
    for (number, track) in (1..).zip(&title.tracks) {
        let _ = write!(text, "\n  track {number}: {} {}", track.kind, track.words);
    }
    for (number, chapter) in (1..).zip(&title.chapters) {
        let name = chapter.name.as_ref().map_or_else(String::new, |name| format!(" \"{}\"", printable(name)));
        let _ = write!(text, "\n  chapter {number}: {}{name}", precise(chapter.start_seconds));
    }
    text
}

/// How the disc's programs play it.
fn played(report: &Report, title: &TitleReport) -> String {
    if !title.played_by.is_empty() {
        return format!("played: {}", title.played_by.iter().map(way).collect::<Vec<_>>().join("; "));
    }
    match report.not_followed.as_slice() {
        [] => "played: no program of the disc plays it".to_owned(),
        why => format!("played: no way to it is found; not followed: {}", why.join(", ")),
    }
}

fn way(way: &WayReport) -> String {
    let title = match way.title.as_str() {
        "first play" => "when the disc is inserted".to_owned(),
        "menu" => "in the menu".to_owned(),
        number => format!("as title {number}"),
    };
    let how = match way.how {
        "direct" => "by itself",
        "button" => "by a button of the menu",
        "number" => "when the viewer asks for its number",
        "listed" => "by a program that has it in its list",
        _ => "if a setting of the player is so: proves nothing",
    };
    format!("{title}, {how}")
}

/// What it is beside other titles, and they beside it.
fn beside(report: &Report, title: &TitleReport) -> Vec<String> {
    let other = |index: &usize| report.titles.get(*index).map_or_else(String::new, named);
    let own = match &title.role {
        Role::DuplicateOf(of) => Some(format!("The same as title {}.", other(of))),
        Role::ShuffleOf(of) => Some(format!("The parts of title {} in another order.", other(of))),
        Role::Repetition => Some("Plays the same part over and over.".to_owned()),
        Role::Own | Role::PlayAll(_) => None,
    };
    own.into_iter().chain(twins(report, title)).collect()
}

/// Clips in order; a row of the same is named once.
fn clips(clips: &[String]) -> String {
    let runs = clips.chunk_by(|a, b| a == b).map(|run| match run {
        [one] => printable(one),
        [one, ..] => format!("{} ({} times)", printable(one), run.len()),
        [] => String::new(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

/// `1:23:45.678`.
fn precise(seconds: f64) -> String {
    let thousandths = (seconds.max(0.0) * 1000.0).round();
    format!("{}.{:03.0}", clock(thousandths / 1000.0), thousandths % 1000.0)
}
