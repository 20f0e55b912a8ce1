//! What a disc holds, in words.

use std::fmt::Write as _;

use crate::base::human::{self, printable};
use crate::base::media::Media;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::job::info::{DamageReport, FileReport, Report, Span, TitleReport};
use crate::title::select::Role;

use super::left_out::left_out;
use super::related::{clock, named, reason, some, twins};
use super::{title, wrap};

/// Most titles that are judged one by one, unless all are asked for.
const JUDGED: usize = 6;

/// The report in words; with `all`, every title and every reason. Of titles that were asked for alone, all there is. `width`:
/// columns of the terminal that it is for, if any; no line is longer, the table's tracks go on below themselves.
pub(crate) fn of(report: &Report, all: bool, width: Option<usize>) -> String {
    let text = in_lines(report, all, width);
    width.map_or_else(|| text.clone(), |width| wrap::lines(&text, width))
}

fn in_lines(report: &Report, all: bool, width: Option<usize>) -> String {
    let mut text = disc(report);
    if report.is_of_titles {
        report.titles.iter().filter(|t| t.is_asked_for).for_each(|t| text.push_str(&title::of(report, t)));
        return text;
    }
    let shown: Vec<&TitleReport> = report.titles.iter().filter(|t| all || stands_for_itself(t)).collect();
    if !shown.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(&shown, width));
        text.push('\n');
        judgements(&mut text, report, &shown, all);
        groups(&mut text, report);
    }
    if let Some(damage) = &report.damage {
        text.push('\n');
        add_damage(&mut text, damage, report);
    }
    if let Some(list) = &report.files {
        text.push('\n');
        list.iter().for_each(|f| text.push_str(&file(f, all)));
    }
    text
}

/// Whether it is more than another title over again.
fn stands_for_itself(title: &TitleReport) -> bool {
    !matches!(title.role, Role::DuplicateOf(_) | Role::ShuffleOf(_))
}

/// `BD_BASIC: Blu-ray, UDF 2.50, 10.9 MiB (5600 sectors)`.
fn disc(report: &Report) -> String {
    let disc = &report.disc;
    let label = if disc.label.is_empty() { &report.source } else { &disc.label };
    let media = disc.media.map(|media| match media {
        Media::Cd => "CD",
        Media::Dvd => "DVD",
        Media::Bd => "Blu-ray",
        Media::Uhd => "Ultra HD Blu-ray",
    });
    let mut facts: Vec<String> = media.map(str::to_owned).into_iter().collect();
    facts.push(printable(&disc.filesystem));
    if let Some((bytes, sectors)) = disc.size_bytes.zip(disc.sectors) {
        facts.push(format!("{} ({sectors} sectors)", human::bytes(bytes)));
    }
    let mut text = format!("{}: {}", printable(label), facts.join(", "));
    if let Some(name) = disc.name.as_ref().filter(|name| **name != disc.label) {
        let _ = write!(text, "\n\"{}\"", printable(name));
    }
    if let [earlier @ .., last] = &disc.sessions[..] {
        let before = if earlier.is_empty() { "" } else { "; before it:" };
        let _ = write!(text, "\nThe last of its sessions that can be read, from sector {} on{before}", last.lba);
        for session in earlier {
            let _ = write!(
                text,
                "\n  {}, {}, from sector {} on",
                printable(&session.label),
                printable(&session.filesystem),
                session.lba
            );
        }
    }
    text.push_str(&left_out(&report.left_out));
    text
}

/// A line a title; the film has a star.
fn table(titles: &[&TitleReport], columns: Option<usize>) -> String {
    let head = ["", "#", "id", "length", "size", "chapters", "tracks"].map(str::to_owned);
    let row = |t: &&TitleReport| {
        let mark = if t.main { "*" } else { "" };
        let mut tracks = tracks(t);
        if t.angles > 1 {
            let _ = write!(tracks, "; {} angles", t.angles);
        }
        let (number, chapters) = (t.number.to_string(), t.chapters.len().to_string());
        let size = human::bytes(t.size_bytes);
        [mark.to_owned(), number, printable(&t.id), clock(t.duration_seconds), size, chapters, tracks]
    };
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(titles.iter().map(row)).collect();
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |cells: &[String; 7]| {
        let [mark, number, id, length, size, chapters, tracks] = cells;
        let [w0, w1, w2, w3, w4, w5, _] = widths;
        let line = format!("{mark:w0$} {number:>w1$}  {id:w2$}  {length:>w3$}  {size:>w4$}  {chapters:>w5$}  ");
        (line + &below(tracks, w0 + w1 + w2 + w3 + w4 + w5 + 11, columns)).trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The tracks in the last column, which begins behind `before` others: what does not fit goes on below. Where too little is
/// left for that, they have lines of their own.
fn below(tracks: &str, before: usize, columns: Option<usize>) -> String {
    const LEAST: usize = 24;
    const SET_IN: usize = 6;
    let Some(width) = columns.filter(|width| before + wrap::columns(tracks) > *width) else { return tracks.to_owned() };
    if width < before + LEAST {
        return format!("\n{}", wrap::words(tracks.split(", "), ", ", (SET_IN, SET_IN), width));
    }
    wrap::words(tracks.split(", "), ", ", (0, 0), width - before).replace('\n', &format!("\n{}", " ".repeat(before)))
}

/// `H.264 1080p, AC-3 5.1 eng, PGS eng fre`: subtitles of one kind together.
fn tracks(title: &TitleReport) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut codec_before = None;
    for track in &title.tracks {
        let codec = (track.kind == "subtitle").then_some(track.codec.as_str());
        match (words.last_mut(), track.language) {
            (Some(last), Some(language)) if codec.is_some() && codec == codec_before => {
                last.push(' ');
                last.push_str(language);
            }
            _ => words.push(track.words.clone()),
        }
        codec_before = codec;
    }
    words.join(", ")
}

/// Why the film is the film, and the others are not.
fn judgements(text: &mut String, report: &Report, shown: &[&TitleReport], all: bool) {
    for title in shown.iter().filter(|t| t.main) {
        let _ = write!(text, "\nTitle {} is the film: {}.", named(title), title.reason);
    }
    let others = shown.iter().filter(|t| !t.main);
    if all || shown.len() <= JUDGED {
        others.for_each(|t| {
            let _ = write!(text, "\nTitle {} is not: {}.", named(t), reason(t));
        });
    } else if let Some(next) = report.titles.iter().find(|t| Some(t.number) == report.runner_up) {
        let _ = write!(text, "\nTitle {} comes next: {}. (-v judges all.)", named(next), reason(next));
    }
}

/// What plays others, or others over again, or more than there is: a line each.
fn groups(text: &mut String, report: &Report) {
    for title in &report.titles {
        twins(report, title).iter().for_each(|line| {
            let _ = write!(text, "\n{line}");
        });
    }
}

fn add_damage(text: &mut String, damage: &DamageReport, report: &Report) {
    let size = damage
        .size_note
        .as_ref()
        .map(|note| format!(" Its size, as told when it was read: {note}."))
        .unwrap_or_default();
    if damage.missing_bytes == 0 {
        // By another size it is not whole.
        let nothing = if size.is_empty() { "Nothing" } else { "Nothing of these sectors" };
        let _ = write!(text, "\n{nothing} is missing.{size}");
        return;
    }
    let _ = write!(text, "\n{} are missing.{size}", human::bytes(damage.missing_bytes));
    let mut whole = Vec::new();
    for (hurt, title) in damage.titles.iter().zip(&report.titles).filter(|(_, t)| stands_for_itself(t)) {
        if hurt.whole {
            whole.push(named(title));
            continue;
        }
        let spans: Vec<String> = hurt.spans.iter().map(span).collect();
        let _ = write!(text, "\n  title {} is hurt {}", named(title), some(&spans, "times"));
    }
    if !whole.is_empty() {
        let _ = write!(text, "\n  whole: title {}", some(&whole, "titles"));
    }
    let files: Vec<String> =
        damage.files.iter().map(|f| format!("{} ({})", printable(&f.path), human::bytes(f.bytes))).collect();
    match files.as_slice() {
        [] => text.push_str("\n  no file that is known lies there"),
        files => {
            let _ = write!(text, "\n  files: {}", some(files, "files"));
        }
    }
}

/// `from 0:12:03 to 0:12:09`, widened to whole seconds.
fn span(span: &Span) -> String {
    format!("from {} to {}", clock(span.from_seconds), clock(span.to_seconds.ceil()))
}

/// `4321098  BDMV/index.bdmv`, the hash between them where there is one; with `places`, where it lies.
fn file(file: &FileReport, places: bool) -> String {
    let hash = file.sha256.as_ref().map_or_else(String::new, |hash| format!("{hash}  "));
    let mut text = format!("\n{:>14}  {hash}{}", file.bytes, printable(&file.path));
    if places && !file.extents.is_empty() {
        let sectors = file.extents.iter().map(|extent| match extent.sector {
            Some(first) => SectorRange::with_len(first, extent.bytes.div_ceil(SECTOR_BYTES)).to_string(),
            None => "zeros".to_owned(),
        });
        let _ = write!(text, "\n{:>14}  in sectors {}", "", some(&sectors.collect::<Vec<_>>(), "pieces"));
    }
    text
}

#[cfg(test)]
#[path = "info_tests.rs"]
mod tests;
