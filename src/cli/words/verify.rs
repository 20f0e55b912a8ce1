//! What a comparison has found, in words.

use std::fmt::Write as _;
use std::time::Duration;

use crate::base::human::{self, printable};
use crate::job::verify::{FileInside, Report, Stretches};

use super::left_out::left_out;

/// Ranges and files of each kind that are named.
const NAMED: usize = 10;

/// The report in words; `is_same`: nothing differs, and nothing was left uncompared.
pub(crate) fn of(report: &Report, is_same: bool) -> String {
    let image = printable(&report.image.display().to_string());
    let compared = human::bytes(report.compared_bytes);
    let what = if report.sampled { "a sample" } else { "all of it" };
    let mut text = match (is_same, report.differing_sectors) {
        (true, _) => format!("{image}: the same as {}; {what} was compared, {compared}", report.source),
        (false, 0) => format!("{image}: what was compared is the same as {}, {compared}; not all was", report.source),
        (false, _) => format!("{image}: differs from {}; {compared} were compared", report.source),
    };
    let reads = if report.read_commands == 1 { "read" } else { "reads" };
    let time = human::duration(Duration::from_secs_f64(report.seconds.max(0.0)));
    let _ = write!(text, "; {} {reads}, {} failed, {time}.", report.read_commands, report.failed_reads);
    add(&mut text, ["differs", "differ"], report.differing_sectors, &report.differing);
    add_files(&mut text, &report.differing_files);
    add(&mut text, ["could not be read"; 2], report.unread_sectors, &report.unread);
    add_files(&mut text, &report.unread_files);
    let not_there = ["is not in the image and was not compared", "are not in the image and were not compared"];
    add(&mut text, not_there, report.not_in_image_sectors, &report.not_in_image);
    text.push_str(&left_out(&report.left_out));
    for note in &report.notes {
        let _ = write!(text, "\n  {}", printable(note));
    }
    text
}

/// Ranges of one kind, with what is said of one sector and of several.
fn add(text: &mut String, [one, several]: [&str; 2], sectors: u64, ranges: &Stretches) {
    if sectors == 0 {
        return;
    }
    let named: Vec<String> = ranges.ranges().take(NAMED).map(|range| range.to_string()).collect();
    let more = ranges.ranges().len().saturating_sub(NAMED);
    let what = if sectors == 1 { format!("sector {one}") } else { format!("sectors {several}") };
    let _ = write!(text, "\n  {sectors} {what}: {}", named.join(", "));
    if more > 0 {
        let _ = write!(text, " and {more} more {}", if more == 1 { "place" } else { "places" });
    }
}

fn add_files(text: &mut String, files: &[FileInside]) {
    for file in files.iter().take(NAMED) {
        let _ = write!(text, "\n    {} ({})", printable(&file.path), human::bytes(file.bytes));
    }
    let more = files.len().saturating_sub(NAMED);
    if more > 0 {
        let _ = write!(text, "\n    and {more} more {}", if more == 1 { "file" } else { "files" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SectorRange;
    use crate::base::sector::set::SectorSet;

    #[test]
    fn what_differs_is_named_with_its_files() {
        let set: SectorSet = [SectorRange::new(16, 17)].into_iter().collect();
        let report = Report {
            source: "disc.iso".into(),
            image: "copy.iso".into(),
            compared_bytes: 4096,
            differing: Stretches::of(&set),
            differing_sectors: 1,
            differing_files: vec![FileInside { path: "a\x1b.txt".into(), bytes: 2048 }],
            read_commands: 1,
            ..Report::default()
        };
        assert_eq!(
            of(&report, false),
            "copy.iso: differs from disc.iso; 4.0 KiB were compared; 1 read, 0 failed, 0 s.\n  1 sector differs: 16\n    \
             a?.txt (2.0 KiB)"
        );
    }
}
