//! The result of a sweep or a patch in words.

use std::fmt::Write as _;
use std::time::Duration;

use crate::base::human::{self, counted};
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::imaging::{Fresh, Limit, Report, SetAside, TriedAgain};
use crate::mapfile::aside::Cause;
use crate::recovery::Forecast;

use super::left_out::left_out;

/// Files behind the end that are named.
const PAST_END: usize = 8;

/// Why there is no hash where one was wanted.
pub(crate) const NO_HASH: &str = "No hash was made: the image is not complete.";

/// The report in words. `next` is the command that would go on, with what it is for.
pub(crate) fn of(report: &Report, next: Option<(&str, String)>) -> String {
    let mut text = amount(report);
    let _ = write!(
        text,
        "; {} {}, {} failed, {} of drive time",
        report.read_commands,
        if report.read_commands == 1 { "read" } else { "reads" },
        report.failed_reads,
        human::duration(Duration::from_secs_f64(report.drive_seconds.max(0.0))),
    );
    if report.bytes_per_second > 0 {
        let _ = write!(text, ", {}/s", human::bytes(report.bytes_per_second));
    }
    text.push('.');
    if !report.complete {
        add_missing(&mut text, report);
        if let Some(forecast) = &report.forecast {
            add_forecast(&mut text, forecast);
        }
    }
    add_past_end(&mut text, report);
    text.push_str(&left_out(&report.left_out));
    add_set_aside(&mut text, report);
    if let Some(tried) = &report.tried_again {
        add_tried_again(&mut text, tried);
    }
    let blank_bytes = report.totals.blank_bytes;
    if blank_bytes > 0 {
        let _ =
            write!(text, "\n  {} of the disc was never written; it is zero in the image", human::bytes(blank_bytes));
    }
    if report.degraded {
        text.push_str("\n  The output was very slow at times; the memory it took was not bounded then.");
    }
    if !report.durable {
        text.push_str("\n  This file system refuses to sync (fsync): a power cut may take what the map calls rescued.");
    }
    if let Some(sha256) = &report.sha256 {
        let _ = write!(text, "\n  SHA-256 {sha256}");
    }
    if let Some((why, command)) = next {
        let _ = write!(text, "\n{why}: {command}");
    }
    text
}

/// How much of the disc is in the image.
fn amount(report: &Report) -> String {
    let totals = &report.totals;
    let size: u64 = totals.rescued_bytes + totals.missing_bytes() + totals.blank_bytes;
    let image = human::printable(&report.image.display().to_string());
    if report.complete {
        format!("{image}: complete, {}", human::bytes(size))
    } else if report.missing_places == 0 && totals.rescued_bytes + totals.blank_bytes == 0 {
        format!("{image}: nothing of the disc was read")
    } else if report.missing_places == 0 {
        let size = human::bytes(size);
        format!("{image}: {size} read, all that this drive hands out as data; files of the disc are missing")
    } else {
        let share = totals.rescued_bytes as f64 / size.max(1) as f64;
        let places = if report.missing_places == 1 { "place" } else { "places" };
        format!(
            "{image}: {:.2} % of {} read, {} missing in {} {places}",
            (share * 10_000.0).floor() / 100.0,
            human::bytes(size),
            human::bytes(totals.missing_bytes()),
            report.missing_places,
        )
    }
}

/// What a further hour of the drive would bring.
fn add_forecast(text: &mut String, forecast: &Forecast) {
    if let Some(units) = forecast.units_an_hour() {
        let (attempts, worked, left) = (forecast.attempts, forecast.worked, forecast.failed_units);
        let (units, is_few) = (units.ceil(), units.ceil() >= left as f64);
        let left = counted(left, "unit", "units");
        let came = match (worked, attempts) {
            (0, 1) => "The last attempt did not work".to_owned(),
            (1, 1) => "The last attempt worked".to_owned(),
            (0, _) => format!("None of the last {attempts} attempts worked"),
            _ => format!("{worked} of the last {attempts} attempts worked"),
        };
        let _ = match worked {
            0 if is_few => write!(text, "\n  {came}: too few to say more of the {left} left."),
            0 => write!(text, "\n  {came}: a further hour would hardly bring {units:.0} of the {left} left."),
            _ => write!(text, "\n  {came}: a further hour would bring about {units:.0} of the {left} left."),
        };
    }
    if !forecast.abandoned.is_empty() {
        let units: u64 = forecast.abandoned.iter().map(|span| span.units).sum();
        let seconds: f64 = forecast.abandoned.iter().map(|span| span.seconds).sum();
        let chance: f64 = forecast.abandoned.iter().map(|span| span.chance_below).fold(0.0, f64::max);
        let _ = write!(
            text,
            "\n  {} where nothing came, each with a chance below {:.0} %; --thorough asks them too, {} a pass.",
            counted(units, "more lies", "more lie"),
            (100.0 * chance).ceil(),
            human::duration(Duration::from_secs_f64(seconds.clamp(0.0, 1e9)))
        );
    }
}

fn add_missing(text: &mut String, report: &Report) {
    let totals = &report.totals;
    let kinds = [
        ("not tried", totals.non_tried_bytes),
        ("failed in a long read", totals.non_trimmed_bytes),
        ("failed alone", totals.non_scraped_bytes),
        ("failed, marked bad", totals.bad_bytes),
    ];
    for (what, bytes) in kinds.into_iter().filter(|(_, bytes)| *bytes > 0) {
        let _ = write!(
            text,
            "\n  {what:<24}{:>12}  ({})",
            human::bytes(bytes),
            counted(bytes.div_ceil(SECTOR_BYTES), "sector", "sectors")
        );
    }
    let named: Vec<String> = report.missing.iter().map(ToString::to_string).collect();
    if !named.is_empty() {
        let is_one = report.missing_places == 1 && report.missing.iter().all(|range| range.len() == 1);
        let _ = write!(text, "\n  {} {}", if is_one { "sector" } else { "sectors" }, named.join(", "));
        if report.missing_places > named.len() {
            let more = counted(report.missing_places - named.len(), "more place", "more places");
            let _ = write!(text, " and {more}");
        }
    }
}

/// Files that lie where nothing can be read.
fn add_past_end(text: &mut String, report: &Report) {
    for file in report.past_end.iter().take(PAST_END) {
        let (path, bytes) = (human::printable(&file.path), human::bytes(file.bytes));
        let _ =
            write!(text, "\n  {path}: {bytes} of it lie behind the end of what can be read, or in what is left out");
    }
    let more = report.past_end.len().saturating_sub(PAST_END);
    if more > 0 {
        let _ = write!(text, "\n  and {}", counted(more, "more such file", "more such files"));
    }
}

/// What a place has said that was never answered (Linux: `DID_TIME_OUT`).
const NO_ANSWER: &str = "host 03";

/// Places that are named.
const PLACES_NAMED: usize = 5;

/// Where the drive has another answer than data, and where runs ended.
fn add_set_aside(text: &mut String, report: &Report) {
    let of = |cause| report.set_aside.iter().filter(move |place| place.cause == cause).collect::<Vec<_>>();
    let skip = |first: &SetAside, all: usize| {
        let range = SectorRange::with_len(first.lba, first.sectors);
        format!("--skip {range} leaves {} out", if all == 1 { "it" } else { "the first of them" })
    };
    let answers = of(Cause::Answer);
    if let Some(first) = answers.first() {
        let sectors: u64 = answers.iter().map(|place| place.sectors).sum();
        let (named, skip) = (named_places(&answers), skip(first, answers.len()));
        let _ = write!(
            text,
            "\n  {sectors} of these sectors the drive answers with something about itself, though it reads others: {named}. \
             That is no damage, and they count as not tried. Another drive may read them, or this one when the disc was \
             cleaned; {skip}, and patch --fresh asks for all of them first."
        );
    }
    let ends = of(Cause::RunEnded);
    if let Some(first) = ends.first() {
        let (named, skip) = (named_places(&ends), skip(first, ends.len()));
        let _ = write!(
            text,
            "\n  A run has ended at {named}. The next one asks for that last. What has ended two runs is asked for only in \
             another drive, or when the disc was taken out, or by patch --fresh; {skip}."
        );
    }
    if report.not_asked_again > 0 {
        let _ = write!(
            text,
            "\n  {} of them were not asked for once more in this run, which had waited long enough for places that are never \
             answered; the next run begins with those that were asked for least often.",
            report.not_asked_again
        );
    }
}

/// Where they are, and what the drive said.
fn named_places(places: &[&SetAside]) -> String {
    let named = places.iter().take(PLACES_NAMED).map(|place| {
        let range = SectorRange::with_len(place.lba, place.sectors);
        format!("{range} ({})", if place.said == NO_ANSWER { "no answer in time" } else { &place.said })
    });
    let named: Vec<String> = named.collect();
    match places.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {}", named.join(", "), counted(more, "more place", "more places")),
    }
}

/// What cleaning, or another drive, has brought.
fn add_tried_again(text: &mut String, tried: &TriedAgain) {
    let TriedAgain { why, attempts, worked, sectors, left } = *tried;
    let why = match why {
        Fresh::Asked => "As --fresh wants",
        Fresh::OtherDrive => "The disc lies in another drive than before",
        Fresh::TakenOut => "The disc was taken out since the last run",
        Fresh::Unfinished => "An earlier run has left attempts to be made",
    };
    let places = counted(attempts, "place that had been given up was", "places that had been given up were");
    let sectors = counted(sectors, "sector", "sectors");
    let _ = write!(text, "\n  {why}: {places} asked for once more; {worked} came ({sectors}).");
    if left > 0 {
        let left = counted(left, "more was", "more were");
        let _ = write!(text, " {left} not asked for; the next run begins there.");
    }
}

/// What ended a run before all was done.
pub(crate) fn limit(limit: Limit) -> String {
    let why = match limit {
        Limit::GiveUpAfter(time) => format!("no new sector in {} of drive time", human::duration(time)),
        Limit::MaxErrors(most) => format!("more than {most} reads failed"),
        Limit::Budget(time) => format!("the drive worked for {}", human::duration(time)),
    };
    format!("Ended by --{}: {why}. What was read is saved.", limit.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sector::SectorRange;
    use crate::base::sector::set::SectorSet;
    use crate::base::sector::tract::LeftOut;
    use crate::imaging::Totals;

    fn report() -> Report {
        Report {
            command: "sweep",
            source: "emu:x".into(),
            image: "out.iso".into(),
            map: Some("out.iso.map".into()),
            media: None,
            unit_sectors: 16,
            sectors: 10_000,
            sector_size: 2048,
            left_out: LeftOut::new(),
            past_end: Vec::new(),
            lacking: SectorSet::new(),
            totals: Totals { rescued_bytes: 9_999 * 2048, non_scraped_bytes: 2048, ..Totals::default() },
            read_commands: 160,
            failed_reads: 1,
            seconds: 2.0,
            drive_seconds: 61.5,
            bytes_per_second: 333_000,
            write_strategy: "window",
            degraded: false,
            durable: true,
            complete: false,
            chosen_complete: false,
            protected: false,
            stopped_by: None,
            sha256: None,
            written_sha256: None,
            image_bytes: 10_000 * 2048,
            missing: vec![SectorRange::new(7, 8)],
            missing_places: 1,
            times: None,
            needs_rest: None,
            forecast: None,
            set_aside: Vec::new(),
            tried_again: None,
            not_asked_again: 0,
        }
    }

    #[test]
    fn a_disc_that_gave_nothing_is_not_told_as_read() {
        let told = amount(&Report { totals: Totals::default(), missing: Vec::new(), missing_places: 0, ..report() });
        assert_eq!(told, "out.iso: nothing of the disc was read");
    }

    #[test]
    fn what_a_further_hour_would_buy_is_said_as_far_as_it_is_known() {
        let words = |failed_units, attempts, worked| {
            let mut text = String::new();
            let forecast = Forecast { failed_units, attempts, worked, failure_seconds: 4.0, ..Forecast::default() };
            add_forecast(&mut text, &forecast);
            text
        };
        assert!(
            words(328, 340, 12).contains("12 of the last 340 attempts worked: a further hour would bring about 31 of")
        );
        assert!(words(9000, 3000, 0).contains("would hardly bring 1 of the 9000 units left"));
        assert!(
            words(3, 3, 0).contains("None of the last 3 attempts worked: too few to say more of the 3 units left.")
        );
        assert_eq!(words(3, 0, 0), "");
    }

    #[test]
    fn what_a_drive_answers_otherwise_is_not_worded_as_damage() {
        let place = |lba, cause| SetAside { lba, sectors: 32, cause, said: "02/04/01".into() };
        let mut set_aside = vec![place(64, Cause::Answer), place(320, Cause::RunEnded)];
        set_aside.extend((0..7).map(|i| place(1000 + 100 * i, Cause::Answer)));
        let text = of(&Report { set_aside, not_asked_again: 16, ..report() }, None);
        assert!(text.contains("16 of them were not asked for once more"), "{text}");
        assert!(text.contains("256 of these sectors") && text.contains("64-95 (02/04/01), 1000-1031"), "{text}");
        assert!(text.contains("and 3 more places. That is no damage") && text.contains("--skip 64-95"), "{text}");
        assert!(
            text.contains("A run has ended at 320-351 (02/04/01). The next") && text.contains("--skip 320-351"),
            "{text}"
        );
        let tried_again = Some(TriedAgain { why: Fresh::OtherDrive, attempts: 3, worked: 1, sectors: 32, left: 7 });
        let text = of(&Report { tried_again, ..report() }, None);
        assert!(text.contains("7 more were not asked for"), "{text}");
        assert!(text.contains("another drive than before: 3 places") && text.contains("1 came (32 sectors)"), "{text}");
    }

    #[test]
    fn says_what_is_missing_and_how_to_go_on() {
        let text = of(&report(), Some(("Next", "freemkv patch emu:x out.iso".into())));
        assert!(text.starts_with("out.iso: 99.99 % of 19.5 MiB read, 2.0 KiB missing in 1 place; "), "{text}");
        assert!(
            text.contains("failed alone") && text.contains("  sector 7\n") && text.contains("(1 sector)"),
            "{text}"
        );
        assert!(text.ends_with("Next: freemkv patch emu:x out.iso"), "{text}");
    }

    #[test]
    fn a_complete_image_gets_one_line() {
        let totals = Totals { rescued_bytes: 10_000 * 2048, ..Totals::default() };
        let text = of(&Report { complete: true, totals, missing_places: 0, missing: Vec::new(), ..report() }, None);
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("out.iso: complete, 19.5 MiB; "), "{text}");
    }
}
