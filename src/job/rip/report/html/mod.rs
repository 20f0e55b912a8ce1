//! `report.html`: one file that asks nobody for anything, dark or light as the reader likes it. Pure: what it shows is handed
//! in, text comes out.

mod films;
mod strip;
mod text;

use std::fmt::Write as _;
use std::time::Duration;

use crate::base::human::{bytes, duration};
use crate::base::media::Media;
use crate::base::sector::SectorRange;

use crate::job::rip::report::Ripped;
use strip::{Tone, columns, curve, strip};
use text::escaped;

/// What the file begins with, by which it is known as ours.
pub(in crate::job::rip) const BEGINNING: &str = "<!DOCTYPE html>\n<!-- freemkv rip -->\n";

/// How it looks.
const STYLE: &str = include_str!("style.css");

/// Places that are named.
const NAMED: usize = 20;

/// What is shown of the image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(in crate::job::rip) struct Shown {
    /// Ranges that were tried in vain.
    pub(in crate::job::rip) failed: Vec<SectorRange>,
    /// Ranges that were not tried.
    pub(in crate::job::rip) untried: Vec<SectorRange>,
    /// The disc as it lies, an SVG; empty where there is none.
    pub(in crate::job::rip) disc: String,
}

/// The page for a disc.
pub(in crate::job::rip) fn page(ripped: &Ripped, shown: &Shown) -> String {
    let title = ripped.name.as_ref().or(ripped.label.as_ref()).filter(|name| !name.is_empty());
    let title = escaped(title.map_or("A disc without a name", String::as_str));
    let mut page = format!(
        "{BEGINNING}<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<style>\n{STYLE}</style></head><body>\n\
         <h1>{title}</h1>\n"
    );
    head(&mut page, ripped);
    disc(&mut page, ripped, shown);
    speed(&mut page, ripped);
    films::films(&mut page, &ripped.films);
    sums(&mut page, ripped);
    let _ = write!(page, "<p class=\"dim\">freemkv {}</p>\n</body></html>\n", env!("CARGO_PKG_VERSION"));
    page
}

/// What came of it, in a sentence, and what went wrong.
fn head(page: &mut String, ripped: &Ripped) {
    let (class, verdict) = match ripped.exit_code {
        0 => ("whole", "Complete: nothing is missing."),
        3 => ("lacks", "Done, but data is missing."),
        _ => ("failed", "Not done."),
    };
    let _ = writeln!(
        page,
        "<p class=\"verdict {class}\">{verdict} <span class=\"dim\">Exit code {}</span></p>",
        ripped.exit_code
    );
    for error in &ripped.errors {
        let hint = error.hint.as_deref().unwrap_or_default();
        let _ = writeln!(page, "<p>{} <span class=\"dim\">{}</span></p>", escaped(&error.message), escaped(hint));
    }
    ripped.notes.iter().for_each(|note| {
        let _ = writeln!(page, "<p class=\"dim\">{}</p>", escaped(note));
    });
    let size = ripped.sectors.map_or(0, |sectors| sectors.saturating_mul(crate::base::sector::SECTOR_BYTES));
    let rows = [
        ("Source", Some(ripped.source.clone())),
        ("Folder", ripped.folder.as_ref().map(|folder| folder.display().to_string())),
        ("Label", ripped.label.clone()),
        ("Disc", Some(format!("{} {}", media(ripped.media), bytes(size)))),
        ("Fingerprint", ripped.fingerprint.clone()),
        ("Time", Some(duration(Duration::try_from_secs_f64(ripped.seconds).unwrap_or_default()))),
    ];
    page.push_str("<table>");
    for (name, value) in rows.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let _ = write!(page, "<tr><th>{name}</th><td class=\"long\">{}</td></tr>", escaped(value.trim()));
    }
    page.push_str("</table>\n");
}

/// A kind of disc in words.
fn media(media: Option<Media>) -> &'static str {
    match media {
        Some(Media::Cd) => "CD,",
        Some(Media::Dvd) => "DVD,",
        Some(Media::Bd) => "Blu-ray,",
        Some(Media::Uhd) => "Ultra HD Blu-ray,",
        None => "",
    }
}

/// The disc from its first sector to its last.
fn disc(page: &mut String, ripped: &Ripped, shown: &Shown) {
    let Some(report) = ripped.imaged() else { return };
    let whole = report.sectors.max(1) as f64;
    let share = |range: &SectorRange, tone| (range.start() as f64 / whole, range.end() as f64 / whole, tone);
    let spans = shown.failed.iter().map(|range| share(range, Tone::Bad));
    let spans = spans.chain(shown.untried.iter().map(|range| share(range, Tone::Untried)));
    let left_out = report.left_out.tracts().iter().map(|tract| share(&tract.range, Tone::Empty));
    let columns = columns(spans.chain(left_out));
    let totals = &report.totals;
    let _ = write!(
        page,
        "<h2>Disc</h2>\n<figure>{}<figcaption class=\"ends\"><span>sector 0</span><span>{}</span></figcaption></figure>\n\
         <p class=\"dim\"><i class=\"good\"></i>read<i class=\"untried\"></i>not tried<i class=\"bad\"></i>failed\
         <i class=\"empty\"></i>no data</p>\n",
        strip(&columns, "The disc, and what of it is missing"),
        report.sectors.saturating_sub(1)
    );
    let rows = [
        ("Read", totals.rescued_bytes),
        ("Not tried", totals.non_tried_bytes),
        ("Failed", totals.non_trimmed_bytes + totals.non_scraped_bytes + totals.bad_bytes),
        ("Never written", totals.blank_bytes),
    ];
    if !shown.disc.is_empty() {
        let _ = writeln!(page, "<figure class=\"disc\">{}</figure>", shown.disc.trim());
    }
    page.push_str("<table>");
    for (name, amount) in rows.into_iter().filter(|(_, amount)| *amount > 0) {
        let _ = write!(page, "<tr><th>{name}</th><td class=\"number\">{}</td></tr>", bytes(amount));
    }
    for (name, report) in [("Sweep", &ripped.sweep), ("Patch", &ripped.patch)] {
        let Some(report) = report else { continue };
        let time = duration(Duration::try_from_secs_f64(report.drive_seconds).unwrap_or_default());
        let _ = write!(
            page,
            "<tr><th>{name}</th><td class=\"number\">{} reads, {} failed, {time} of drive time</td></tr>",
            report.read_commands, report.failed_reads
        );
    }
    page.push_str("</table>\n");
    if !report.missing.is_empty() {
        let named: Vec<String> = report.missing.iter().take(NAMED).map(ToString::to_string).collect();
        let more = report.missing_places.saturating_sub(named.len());
        let more = if more > 0 { format!(" and {more} more places") } else { String::new() };
        let _ = writeln!(page, "<p>Missing: sectors {}{more}.</p>", named.join(", "));
    }
}

/// How fast the drive was over the disc.
fn speed(page: &mut String, ripped: &Ripped) {
    let (Some(fastest), Some(size)) = (
        ripped.speed.iter().map(|speed| speed.bytes_per_second).max().filter(|fastest| *fastest > 0),
        ripped
            .sectors
            .map(|sectors| sectors.saturating_mul(crate::base::sector::SECTOR_BYTES))
            .filter(|size| *size > 0),
    ) else {
        return;
    };
    if ripped.speed.len() < 2 {
        return;
    }
    let point = |speed: &crate::job::rip::report::Speed| {
        (speed.position_bytes as f64 / size as f64, speed.bytes_per_second as f64 / fastest as f64)
    };
    let points: Vec<(f64, f64)> = ripped.speed.iter().map(point).collect();
    let _ = writeln!(
        page,
        "<h2>Speed of the drive</h2>\n<figure>{}<figcaption>from the first sector to the last; at most {}/s</figcaption></figure>",
        curve(&points, "The speed of the drive over the disc"),
        bytes(fastest)
    );
}

/// Hashes.
fn sums(page: &mut String, ripped: &Ripped) {
    let image = ripped.image.as_ref().zip(ripped.imaged().and_then(|report| report.sha256.clone()));
    let image = image.map(|(path, hash)| (path.display().to_string(), hash));
    let films = ripped.films.iter().filter_map(|film| Some((film.path.clone(), film.sha256.clone()?)));
    let all: Vec<(String, String)> = image.into_iter().chain(films).collect();
    if all.is_empty() {
        return;
    }
    page.push_str("<h2>SHA-256</h2>\n<table>");
    for (path, hash) in all {
        let name = path.rsplit('/').next().unwrap_or(&path);
        let _ =
            write!(page, "<tr><td class=\"long\">{}</td><td><code>{}</code></td></tr>", escaped(name), escaped(&hash));
    }
    page.push_str("</table>\n");
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
