//! Plans and results of `mux` in words.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use super::shell;
use crate::base::human::{bytes, clock, counted, printable};
use crate::mux::plan::PlanSummary;
use crate::mux::report::{Cause, Loss, OutputReport, stretches};

/// Places of missing film that are named.
const NAMED: usize = 20;

/// A plan.
pub(crate) fn plan(plan: &PlanSummary, path: &Path) -> String {
    let mut text = format!(
        "{}: title {}, {}, at most {}, {}",
        printable(&path.display().to_string()),
        printable(&plan.title),
        clock(plan.duration_seconds),
        bytes(plan.size_estimate),
        chapters(plan.chapters.len()),
    );
    for track in &plan.tracks {
        let default = if track.default { ", default" } else { "" };
        let _ = write!(text, "\n  {} {} {} {}{default}", track.number, track.kind, track.codec, track.language);
    }
    if !plan.why.is_empty() {
        let _ = write!(text, "\n  chosen for: {}", printable(&plan.why.join(", ")));
    }
    for left_out in &plan.left_out {
        let _ = write!(text, "\n  left out: {}", printable(&left_out.line()));
    }
    for note in &plan.notes {
        let _ = write!(text, "\n  {}", printable(note));
    }
    text
}

/// A file that was written.
pub(crate) fn output(output: &OutputReport) -> String {
    let mut text = format!(
        "{}: title {}, {}, {}, {}, {}",
        printable(&output.path),
        printable(&output.title),
        clock(output.duration_seconds),
        bytes(output.bytes),
        counted(output.tracks.len(), "track", "tracks"),
        chapters(output.chapters),
    );
    for left_out in &output.left_out {
        let _ = write!(text, "\n  left out: {}", printable(&left_out.line()));
    }
    for late in &output.undecodable {
        let track =
            output.tracks.iter().find(|track| track.number == late.track).map_or("a track", |track| track.codec);
        let (from, to) = (clock(late.from_seconds), clock(late.to_seconds));
        let _ = write!(
            text,
            "\n  {track} from {from} to {to} is not there: the disc plays it from where no decoder can begin"
        );
    }
    if output.losses.is_empty() {
        return text;
    }
    let spans = stretches(output.losses.iter().map(|loss| (loss.from_seconds, loss.to_seconds)));
    let hurt: f64 = spans.iter().map(|(from, to)| to - from).sum();
    let _ = write!(text, "\n  {hurt:.1} s of the film are hurt, where the source {}:", causes(&output.losses));
    for (from, to) in spans.iter().take(NAMED) {
        let _ = write!(text, "\n    {} to {}{}", clock(*from), clock(*to), what(output, *from, *to));
    }
    if spans.len() > NAMED {
        let more = counted(spans.len() - NAMED, "more place", "more places");
        let _ = write!(text, "\n    and {more} (--json lists all)");
    }
    text
}

/// Why something is missing: `is damaged`.
fn causes(losses: &[Loss]) -> String {
    let words = |cause| match cause {
        Cause::Damaged => "is damaged",
        Cause::NotRead => "was not read yet",
        Cause::EndOfImage => "ends too early",
        Cause::Undecodable => "plays from where no decoder can begin",
    };
    let all = [Cause::Damaged, Cause::NotRead, Cause::EndOfImage, Cause::Undecodable];
    let there = all.into_iter().filter(|cause| losses.iter().any(|loss| loss.cause == *cause));
    there.map(words).collect::<Vec<_>>().join(" or ")
}

/// What can bring more of films whose source is the image `source`; `None` where nothing is missing that could be read.
pub(crate) fn next(outputs: &[OutputReport], source: &OsStr) -> Option<String> {
    let has = |cause| outputs.iter().flat_map(|output| &output.losses).any(|loss| loss.cause == cause);
    let command = if has(Cause::NotRead) || has(Cause::EndOfImage) {
        "sweep"
    } else if has(Cause::Damaged) {
        "patch"
    } else {
        return None;
    };
    Some(format!("Next: freemkv {command} DRIVE {}", shell::word(source)))
}

/// The tracks that lack something in a span: `: H.264, AC-3 eng`.
fn what(output: &OutputReport, from: f64, to: f64) -> String {
    let mut tracks: BTreeMap<usize, String> = BTreeMap::new();
    for loss in output.losses.iter().filter(|loss| loss.from_seconds < to && loss.to_seconds > from) {
        if let Some(track) = output.tracks.iter().find(|track| track.number == loss.track) {
            let name = if track.kind == "video" {
                track.codec.to_owned()
            } else {
                format!("{} {}", track.codec, track.language)
            };
            tracks.entry(track.number).or_insert(name);
        }
    }
    if tracks.is_empty() { String::new() } else { format!(": {}", tracks.into_values().collect::<Vec<_>>().join(", ")) }
}

fn chapters(count: usize) -> String {
    counted(count, "chapter", "chapters")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(track: usize, from: f64, to: f64) -> Loss {
        Loss {
            track,
            cause: Cause::Damaged,
            from_seconds: from,
            to_seconds: to,
            bytes: 65_536,
            lba: Some(1632),
            end: None,
        }
    }

    #[test]
    fn what_was_not_read_is_swept_and_what_failed_is_patched() {
        let output = |cause| OutputReport {
            path: "film.mkv".into(),
            title: "00000".into(),
            duration_seconds: 60.0,
            bytes: 1,
            tracks: Vec::new(),
            left_out: Vec::new(),
            chapters: 0,
            undecodable: Vec::new(),
            losses: vec![Loss { cause, ..loss(1, 1.0, 2.0) }],
            has_hole: true,
        };
        let next = |cause| next(&[output(cause)], OsStr::new("a disc.iso"));
        assert_eq!(next(Cause::Damaged).as_deref(), Some("Next: freemkv patch DRIVE 'a disc.iso'"));
        assert_eq!(next(Cause::NotRead).as_deref(), Some("Next: freemkv sweep DRIVE 'a disc.iso'"));
        assert_eq!(super::next(&[], OsStr::new("x")), None);
    }

    #[test]
    fn a_whole_film_is_one_line_and_a_hurt_one_names_its_minutes() {
        let mut report = OutputReport {
            path: "film.mkv".into(),
            title: "00000".into(),
            duration_seconds: 64.064,
            bytes: 6 << 20,
            tracks: Vec::new(),
            left_out: Vec::new(),
            chapters: 5,
            losses: Vec::new(),
            undecodable: Vec::new(),
            has_hole: false,
        };
        assert_eq!(output(&report), "film.mkv: title 00000, 0:01:04.1, 6.0 MiB, 0 tracks, 5 chapters");
        report.undecodable.push(Loss { cause: Cause::Undecodable, ..loss(1, 0.0, 0.125) });
        let late =
            "a track from 0:00:00.0 to 0:00:00.1 is not there: the disc plays it from where no decoder can begin";
        assert!(output(&report).ends_with(late), "{}", output(&report));
        assert!(report.is_complete());
        report.undecodable.clear();
        report.losses.push(loss(1, 29.24, 30.03));
        assert!(
            output(&report)
                .ends_with("0.8 s of the film are hurt, where the source is damaged:\n    0:00:29.2 to 0:00:30.0")
        );
    }
}
