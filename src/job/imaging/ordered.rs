//! A patch that asks first for what the film needs: a run of `imaging` for each part of what is missing, and one report.

use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::base::media::Media;
use crate::base::sector::set::SectorSet;
use crate::imaging::{self, End, Error, Job, Limits, Report, TriedAgain};
use crate::recovery::Forecast;
use crate::source::{Facts, Source};

use super::order::{Tier, tiers};
use crate::job::source_name::SourceName;

/// Runs a patch, part by part where the image's tables tell of parts.
///
/// # Errors
/// The run did not begin. What ends it later is in the returned [`End`].
pub(super) fn run(
    job: &Job,
    source: &mut Source,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<(Report, End), Error> {
    let parts = if job.film_first {
        events.event(Event::Phase("look at the image".to_owned()));
        let unit = unit(job, source.input().sectors().facts());
        tiers(&SourceName::of_written(&job.image, job.format), &job.map_name(), unit, cancel).unwrap_or_default()
    } else {
        Vec::new()
    };
    let parts: Vec<Tier> = parts.into_iter().filter_map(|tier| chosen(job, tier)).collect();
    let Some((last, earlier)) = parts.split_last() else {
        return imaging::run(job, source.input(), cancel, events);
    };
    let mut sum: Option<Report> = None;
    for part in earlier {
        events.event(Event::Notice(part.sentence.clone()));
        // Only behind all of it the image may be complete.
        let now = Job { only: part.sectors.clone(), hash: false, ..going_on(job, sum.as_ref()) };
        let events = behind(events, sum.as_ref());
        let (report, end) = imaging::run(&now, source.input(), cancel, &events)?;
        let report = joined(sum, report);
        if !matches!(end, End::Done) {
            return Ok((report, end));
        }
        sum = Some(report);
    }
    events.event(Event::Notice(last.sentence.clone()));
    let mut now = going_on(job, sum.as_ref());
    // What the tables do not know of is asked for too: all that no earlier part had.
    for part in earlier {
        part.sectors.ranges().iter().for_each(|range| now.skip.insert(*range));
    }
    let events = behind(events, sum.as_ref());
    let (report, end) = imaging::run(&now, source.input(), cancel, &events)?;
    Ok((joined(sum, report), end))
}

/// Who hears of a part: its progress is told as that of all parts so far.
struct Behind<'a> {
    events: &'a dyn Events,
    errors: u64,
}

fn behind<'a>(events: &'a dyn Events, sum: Option<&Report>) -> Behind<'a> {
    Behind { events, errors: sum.map_or(0, |sum| sum.failed_reads) }
}

impl Events for Behind<'_> {
    fn event(&self, event: Event) {
        self.events.event(match event {
            Event::Progress(progress) => {
                Event::Progress(Progress { errors: progress.errors + self.errors, ..progress })
            }
            event => event,
        });
    }
}

/// The ECC unit that the run will have.
fn unit(job: &Job, facts: &Facts) -> u64 {
    let media = job.media.or(facts.media).unwrap_or_else(|| Media::of_size(facts.sectors));
    job.unit.unwrap_or_else(|| media.ecc_unit()).max(1)
}

/// A part without what the person does not want; `None` where nothing is left of it.
fn chosen(job: &Job, tier: Tier) -> Option<Tier> {
    let mut sectors: SectorSet = if job.only.is_empty() { tier.sectors } else { tier.sectors.intersect(&job.only) };
    job.skip.ranges().iter().for_each(|range| sectors.remove(*range));
    (!sectors.is_empty()).then_some(Tier { sectors, ..tier })
}

/// The job behind what was done so far: limits are those of all parts together, and what was learned of the drive is known.
fn going_on(job: &Job, sum: Option<&Report>) -> Job {
    let Some(sum) = sum else { return job.clone() };
    let spent = Duration::try_from_secs_f64(sum.drive_seconds).unwrap_or(Duration::MAX);
    let limits = Limits {
        budget: job.limits.budget.map(|budget| budget.saturating_sub(spent)),
        max_errors: job.limits.max_errors.map(|most| most.saturating_sub(sum.failed_reads)),
        ..job.limits
    };
    Job { limits, times: sum.times.or(job.times), needs_rest: sum.needs_rest.or(job.needs_rest), ..job.clone() }
}

/// The report of all parts: how the image stands is told by the last, what was done by all.
fn joined(sum: Option<Report>, last: Report) -> Report {
    let Some(sum) = sum else { return last };
    let drive_seconds = sum.drive_seconds + last.drive_seconds;
    let brought = |report: &Report| report.bytes_per_second as f64 * report.drive_seconds;
    let speed = if drive_seconds > 0.0 { (brought(&sum) + brought(&last)) / drive_seconds } else { 0.0 };
    Report {
        read_commands: sum.read_commands + last.read_commands,
        failed_reads: sum.failed_reads + last.failed_reads,
        seconds: sum.seconds + last.seconds,
        drive_seconds,
        bytes_per_second: whole(speed),
        degraded: sum.degraded || last.degraded,
        durable: sum.durable && last.durable,
        protected: sum.protected || last.protected,
        chosen_complete: sum.chosen_complete && last.chosen_complete,
        tried_again: tried_in_both(sum.tried_again, last.tried_again),
        not_asked_again: sum.not_asked_again + last.not_asked_again,
        times: last.times.or(sum.times),
        needs_rest: last.needs_rest.or(sum.needs_rest),
        forecast: both(sum.forecast, last.forecast),
        ..last
    }
}

/// The first attempts of both parts. What the earlier one did not come to lies in the later one, which tells of it.
fn tried_in_both(one: Option<TriedAgain>, other: Option<TriedAgain>) -> Option<TriedAgain> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    Some(TriedAgain {
        why: one.why,
        attempts: one.attempts + other.attempts,
        worked: one.worked + other.worked,
        sectors: one.sectors + other.sectors,
        left: other.left,
    })
}

/// What asking again would bring in both parts.
fn both(one: Option<Forecast>, other: Option<Forecast>) -> Option<Forecast> {
    let (Some(one), Some(mut other)) = (one.clone(), other.clone()) else { return one.or(other) };
    let mut abandoned = one.abandoned;
    abandoned.append(&mut other.abandoned);
    Some(Forecast {
        failed_units: one.failed_units + other.failed_units,
        attempts: one.attempts + other.attempts,
        worked: one.worked + other.worked,
        failure_seconds: one.failure_seconds.max(other.failure_seconds),
        abandoned,
    })
}

/// A number that is not negative as a whole one.
#[allow(clippy::cast_sign_loss, reason = "cut at zero")]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Fresh;

    #[test]
    fn what_was_done_is_that_of_all_parts_and_limits_are_too() {
        let report = |read_commands, failed_reads, drive_seconds, bytes_per_second| Report {
            read_commands,
            failed_reads,
            drive_seconds,
            bytes_per_second,
            chosen_complete: true,
            durable: true,
            not_asked_again: 16,
            tried_again: Some(TriedAgain {
                why: Fresh::OtherDrive,
                attempts: 3,
                worked: 1,
                sectors: 32,
                left: failed_reads,
            }),
            ..Report::default()
        };
        let sum = joined(Some(report(10, 2, 30.0, 100)), report(5, 1, 10.0, 500));
        assert_eq!((sum.read_commands, sum.failed_reads, sum.drive_seconds, sum.bytes_per_second), (15, 3, 40.0, 200));
        assert_eq!(sum.not_asked_again, 32, "what no part has asked for again is told of both");
        let tried = sum.tried_again.map(|tried| (tried.attempts, tried.worked, tried.sectors, tried.left));
        assert_eq!(tried, Some((6, 2, 64, 1)));
        let second = Duration::from_secs(1);
        let limits = Limits { budget: Some(second * 100), max_errors: Some(2), give_up_after: Some(second) };
        let job = Job { limits, ..Job::new(imaging::Task::Sweep { restart: false }, "x".into()) };
        let next = going_on(&job, Some(&sum));
        let expected = Limits { budget: Some(second * 60), max_errors: Some(0), give_up_after: Some(second) };
        assert_eq!(next.limits, expected);
    }
}
