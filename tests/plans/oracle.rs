//! What must hold after each run, whatever the plan.

use std::fs;
use std::path::Path;

use freemkv::base::sector::SectorRange;
use freemkv::base::sector::tract::TractKind;
use freemkv::imaging::{End, Error};

use crate::case::disc::SECTOR;
use crate::case::{Command, Step, Stop};
use crate::facts::Facts;
use crate::recorder::{Attempt, Record, Wrong, hash};
use crate::runner::{Bench, Ending, Findings};

/// Bytes 2 and 3 of mode page 01h of the emulated drive: no bits, 20 retries.
const PAGE_FOUND: [u8; 2] = [0, 20];

/// What must not be.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    /// A sector is called good and is not as on the disc.
    FalseGood,
    /// A sector is called failed that the drive handed over whenever it was asked.
    FalseFailed,
    /// A sector is called failed that the drive was not asked for.
    FailedUnasked,
    /// A sector is called failed singly, and nothing says that its unit was at fault in a longer command.
    NotSingle,
    /// A sector behind the disc's end is called failed.
    BehindTheEnd,
    /// What was called good is called so no more.
    Lowered,
    /// Going on is refused without a reason.
    Refused,
    /// A run of a sound drive does not end with all of the disc.
    NotWhole,
    /// The run ended with a fault of the drive that the drive did not have.
    NoSuchFault,
    /// The report says that nothing is missing, or calls more blank than the drive did.
    Report,
    /// The drive's settings are not as they were found.
    Settings,
    /// The run does not end by itself, or with a panic.
    Endless,
    Panic,
}

/// A run and what lay there before it.
pub(crate) struct Seen<'a> {
    pub(crate) before: Vec<u8>,
    pub(crate) step: &'a Step,
    pub(crate) plan: &'a str,
    pub(crate) ending: Ending,
}

/// The statuses of the stored map, a character a sector; empty without a map.
pub(crate) fn statuses(image: &Path) -> Vec<u8> {
    let text = fs::read_to_string(format!("{}.map", image.display())).unwrap_or_default();
    let number = |s: &str| usize::from_str_radix(s.trim_start_matches("0x"), 16).unwrap();
    let mut all = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        all.resize(all.len() + number(fields[1]).div_ceil(SECTOR), fields[2].as_bytes()[0]);
    }
    all
}

/// How a run ended, in a few words.
pub(crate) fn words(ending: &Ending) -> String {
    match ending {
        Ending::Closed(error) => format!("not opened: {error}"),
        Ending::Refused(error) => format!("refused: {error}"),
        Ending::Panicked => "a panic".into(),
        Ending::Ran(report, end) => {
            let complete = if report.complete { "complete" } else { "missing" };
            match end {
                End::Fault { fault, .. } => format!("{complete}, {fault:?}"),
                End::Failed(error) => format!("{complete}, {error}"),
                End::Limit(limit) => format!("{complete}, --{}", limit.name()),
                End::Done | End::Stopped => format!("{complete}, {end:?}"),
            }
        }
    }
}

/// Judges one run.
pub(crate) fn judge(bench: &Bench<'_>, seen: &Seen<'_>, findings: &mut Findings) {
    let facts = Facts::read(seen.plan, bench.case.media);
    let after = statuses(&bench.image);
    if bench.record.lock().unwrap().endless {
        findings.fault(Kind::Endless, "the drive got more commands than any run needs".into());
    }
    ending(bench, seen, &facts, findings);
    let left = bench.record.lock().unwrap().page_left.get(2..4).map(<[u8]>::to_vec);
    if left.is_some_and(|bits| bits != PAGE_FOUND) && !seen.plan.lines().any(|line| line.starts_with("at ")) {
        findings.fault(Kind::Settings, "mode page 01h was left changed".into());
    }
    for (lba, was) in seen.before.iter().enumerate() {
        if *was == b'+' && after.get(lba) != Some(&b'+') {
            findings.fault(Kind::Lowered, format!("sector {lba} was +"));
        }
    }
    false_good(bench, seen, &after, &facts, findings);
    if !matches!(seen.step.stop, Stop::Kill { .. }) {
        false_failed(bench, seen, &after, &facts, findings);
        report(bench, seen, &after, &facts, findings);
    }
    findings.good = after.iter().filter(|status| **status == b'+').count() as u64;
}

/// The drive takes no settings from a moment on.
fn refuses_settings(plan: &str) -> bool {
    plan.lines().any(|line| line.starts_with("at ") && line.ends_with(" refuse-settings"))
}

fn false_good(bench: &Bench<'_>, seen: &Seen<'_>, after: &[u8], facts: &Facts, findings: &mut Findings) {
    let image = fs::read(&bench.image).unwrap_or_default();
    let at = |lba: usize| lba * SECTOR..(lba + 1) * SECTOR;
    let differs = |lba: usize, disc: usize| {
        let there = image.get(at(lba));
        there.is_none() || there != bench.discs[disc].get(at(lba))
    };
    let good = || (0..after.len()).filter(|lba| after[*lba] == b'+');
    let mut record = bench.record.lock().unwrap();
    let owner = record.first_disc.unwrap_or(0);
    let wrong: Vec<usize> = good().filter(|lba| differs(*lba, owner)).collect();
    if !wrong.is_empty() && good().all(|lba| !differs(lba, 1 - owner)) {
        // All of it is the other disc's: nothing of the first was kept.
        record.first_disc = Some(1 - owner);
        return;
    }
    for lba in wrong {
        if seen.before.get(lba) == Some(&b'+') {
            continue;
        }
        findings.false_good += 1;
        let bytes = hash(image.get(at(lba)).unwrap_or_default());
        let alike: Vec<&Wrong> = record.wrong.iter().filter(|w| w.lba == lba as u64 && w.hash == bytes).collect();
        // What the rule compares: a read, and a later one past the cache.
        let twice = alike.first().is_some_and(|first| alike.iter().any(|w| w.fua && w.command > first.command));
        let plans = bench.case.plans.iter();
        let by_plan = plans.map(|p| Facts::read(&p.join("\n"), bench.case.media)).any(|f| f.is_alike_twice(lba as u64));
        // A drive that never takes PER says nothing of effort, and nobody can know (docs/recovery.md).
        let unsaid = refuses_settings(seen.plan) && !record.took_per && facts.is_hard(lba as u64);
        if by_plan && twice {
            findings.alike += 1;
        } else if unsaid {
            findings.unsaid += 1;
        } else {
            let trace = trace(&record, lba as u64);
            findings.fault(Kind::FalseGood, format!("sector {lba} is + and wrong{trace}"));
        }
    }
}

fn false_failed(bench: &Bench<'_>, seen: &Seen<'_>, after: &[u8], facts: &Facts, findings: &mut Findings) {
    let record = bench.record.lock().unwrap();
    let unit = bench.case.media.ecc_unit();
    let real_end = bench.case.disc.sectors;
    let came_to_its_end = matches!(&seen.ending, Ending::Ran(_, End::Done));
    let hands_over = record.attempts.iter().any(|attempt| attempt.has_prefix);
    for (lba, status) in (0u64..).zip(after) {
        let was = seen.before.get(usize::try_from(lba).unwrap()).unwrap_or(&b'?');
        if !matches!(status, b'*' | b'/') || was == status {
            continue;
        }
        let state = char::from(*status);
        if lba >= real_end && !record.saw_another_disc {
            findings.fault(Kind::BehindTheEnd, format!("sector {lba} is {state}, the disc has {real_end}"));
            continue;
        }
        let mut asked = record.attempts.iter().filter(|attempt| attempt.covers(lba)).peekable();
        if asked.peek().is_none() {
            // Of a long command that failed, all other units have come since: this one was at fault.
            if (*was, *status) == (b'*', b'/') {
                continue;
            }
            findings.fault(Kind::FailedUnasked, format!("sector {lba} is {state} and was not asked for"));
            continue;
        }
        let first = lba / unit * unit;
        let failed: Vec<&Attempt> = asked.filter(|attempt| !attempt.is_right(lba)).collect();
        // What came with effort, or before a fault, may stand as * until the run ends with the drive still trusted.
        let unsettled = *status == b'*' && (facts.is_hard(lba) || facts.loses_trust || !came_to_its_end);
        // A unit is right or wrong as a whole.
        let with_wrong = record.attempts.iter().any(|attempt| attempt.is_wrong_in(first..first + unit));
        if failed.is_empty() && !unsettled && !with_wrong {
            findings.fault(
                Kind::FalseFailed,
                format!("sector {lba} is {state} and came whenever it was asked for{}", trace(&record, lba)),
            );
        }
        let is_at_fault = |attempt: &&Attempt| {
            let alone = attempt.start >= first && attempt.start + attempt.sectors <= first + unit;
            // A drive that hands over what comes before a fault fails at the first sector that it lacks.
            let known = attempt.has_prefix || hands_over;
            // Wrong bytes, which no other read agrees with, are as good as none.
            let wrong = attempt.start + attempt.handed > lba;
            alone || wrong || (known && (first..first + unit).contains(&attempt.fault()))
        };
        if *status == b'/' && !failed.is_empty() && !failed.iter().any(is_at_fault) {
            findings.fault(
                Kind::NotSingle,
                format!("sector {lba} is / and failed in longer commands only{}", trace(&record, lba)),
            );
        }
    }
}

/// The reads of a sector in this run, for whoever looks for the reason.
fn trace(record: &Record, lba: u64) -> String {
    let asked = record.attempts.iter().enumerate().filter(|(_, attempt)| attempt.covers(lba)).take(12);
    let told = asked.map(|(number, a)| {
        let (end, fua) = (a.start + a.sectors, if a.fua { " FUA" } else { "" });
        let came = match (a.is_right(lba), a.start + a.handed > lba) {
            (true, _) => "right",
            (false, true) => "wrong",
            (false, false) => "nothing",
        };
        let status = a.status.map_or_else(|| "not sent".into(), |(status, host)| format!("{status:02X}/{host:02X}"));
        format!("; read {number} of {}-{end}{fua}: {status}, {came}", a.start)
    });
    told.collect()
}

fn report(bench: &Bench<'_>, seen: &Seen<'_>, after: &[u8], facts: &Facts, findings: &mut Findings) {
    let Ending::Ran(report, _) = &seen.ending else { return };
    let sectors = bench.case.disc.sectors;
    let is_blank = |lba: &u64| facts.is_blank(*lba, sectors);
    // A drive that says where its disc ends is believed: another one may tell better.
    let is_past_end = |lba: &u64| {
        report.left_out.touching(SectorRange::with_len(*lba, 1)).any(|tract| tract.kind == TractKind::PastEnd)
    };
    let is_missed = |lba: &u64| *lba < sectors && !is_blank(lba) && !is_past_end(lba);
    let missing = (0u64..).zip(after).find(|(lba, status)| **status != b'+' && is_missed(lba));
    if let Some((lba, status)) = missing.filter(|_| report.complete) {
        let status = char::from(*status);
        findings.fault(Kind::Report, format!("called complete, and sector {lba} is {status} and not blank"));
    }
    let blank = (0..sectors).filter(is_blank).count() as u64;
    let said = report.totals.blank_bytes / SECTOR as u64;
    if said > blank {
        findings.fault(Kind::Report, format!("{said} sectors are called blank, the drive called {blank} so at most"));
    }
}

/// Whether a run that did not come to its end had a reason.
fn ending(bench: &Bench<'_>, seen: &Seen<'_>, facts: &Facts, findings: &mut Findings) {
    let record = bench.record.lock().unwrap();
    let drive_may_fail = facts.drive_may_fail || record.transport_failed;
    // Wrong bytes that came twice alike: in the image, or now.
    let alike = findings.false_good > 0 || facts.is_alike_anywhere();
    let cancelled = matches!(seen.step.stop, Stop::Cancel(_) | Stop::Kill { .. });
    let mut refused = |error: &dyn std::fmt::Display| findings.fault(Kind::Refused, error.to_string());
    match &seen.ending {
        Ending::Panicked => findings.fault(Kind::Panic, "a panic".into()),
        Ending::Closed(_) if facts.drive_may_fail || facts.says_capacity || cancelled => {}
        Ending::Closed(error) => refused(error),
        Ending::Refused(Error::WrongDisc { .. }) if record.saw_another_disc || sizes_differ(bench, seen.plan) => {}
        Ending::Refused(Error::WrongDisc { .. }) if end_was_hidden(bench) => {}
        Ending::Refused(Error::WrongDisc { .. } | Error::Source { .. }) if alike => {}
        Ending::Refused(Error::UnknownDisc { .. }) if record.attempts.iter().all(|attempt| attempt.right == 0) => {}
        Ending::Refused(Error::Source { .. }) if drive_may_fail => {}
        Ending::Refused(Error::Stopped) if cancelled => {}
        Ending::Refused(Error::NothingToPatch { .. }) if seen.before.is_empty() => {}
        Ending::Refused(error) => refused(error),
        Ending::Ran(_, End::Fault { fault, .. }) if !drive_may_fail && !facts.says_capacity && !alike => {
            findings.fault(Kind::NoSuchFault, format!("the run ended with {fault:?}"));
        }
        Ending::Ran(_, End::Failed(error)) => refused(error),
        Ending::Ran(_, End::Stopped) if !cancelled => {
            findings.fault(Kind::Endless, "the run was stopped from outside".into());
        }
        Ending::Ran(..) => {}
    }
}

/// A disc of another size may be in the drive, which it says before any read.
fn sizes_differ(bench: &Bench<'_>, plan: &str) -> bool {
    bench.case.other.sectors != bench.case.disc.sectors && plan.contains(" swap ")
}

/// One drive told of another size, and that the disc's end was never written. For a drive that counts right the disc may be longer
/// than the image's by more than drives differ in: then only a person can say that it is the same.
fn end_was_hidden(bench: &Bench<'_>) -> bool {
    let has = |plan: &Vec<String>, word: &str| plan.iter().any(|line| line.starts_with(word));
    bench.case.plans.iter().any(|plan| has(plan, "capacity ") && has(plan, "blank "))
}

/// After all runs, a sound drive reads the rest, cores that were left included.
pub(crate) fn ends_whole(bench: &mut Bench<'_>, findings: &mut Findings) {
    let owner = bench.record.lock().unwrap().first_disc.unwrap_or(0);
    if findings.false_good > 0 || owner != 0 {
        return;
    }
    let plan = bench.case.capacity(0).cloned().unwrap_or_default();
    // Places at which two runs have ended are asked for again when a person says so.
    let step = |command| Step {
        command,
        plan: 0,
        stop: Stop::None,
        retries: None,
        speed: None,
        fresh: command != Command::Sweep,
    };
    let before = statuses(&bench.image);
    let mut last = Ending::Panicked;
    for command in [Command::Sweep, Command::Patch { passes: 3, thorough: true, finish: false }] {
        last = bench.run(&step(command), &plan, 0);
    }
    findings.runs += 2;
    if matches!(last, Ending::Refused(Error::WrongDisc { .. })) && end_was_hidden(bench) {
        return;
    }
    let after = statuses(&bench.image);
    let whole = after.len().min(usize::try_from(bench.case.disc.sectors).unwrap());
    let missing = (0..whole).find(|lba| after[*lba] != b'+');
    // A drive that says that there is no disc, or none of any size, leaves nothing to go on with.
    let nothing = before.is_empty() && after.is_empty() && !plan.is_empty();
    let unproven = bench.discs[0][..whole * SECTOR].iter().all(|byte| *byte == 0)
        && matches!(&last, Ending::Ran(report, End::Done) if !report.complete)
        && are_left(&before, &after[..whole]);
    if (missing.is_some() && !unproven) || (whole == 0 && !nothing) {
        let (lba, how) = (missing.unwrap_or(0), words(&last));
        let trace = trace(&bench.record.lock().unwrap(), lba as u64);
        findings.fault(Kind::NotWhole, format!("sector {lba} is missing after a sound drive: {how}{trace}"));
    }
    let image = fs::read(&bench.image).unwrap_or_default();
    let same = image.get(..whole * SECTOR) == bench.discs[0].get(..whole * SECTOR);
    if missing.is_none() && !same {
        findings.fault(Kind::FalseGood, "the image differs after a sound drive".into());
    }
}

/// Whether a run after a failure left what is missing as it was. That is right where all that the disc is said to have is
/// zeros: those that come after a failure count for nothing until a sector that is not zero has been read, and there is none.
fn are_left(before: &[u8], after: &[u8]) -> bool {
    let status = |lba: usize| before.get(lba).copied().unwrap_or(b'?');
    let failed_before = before.iter().any(|status| matches!(status, b'*' | b'/' | b'-'));
    failed_before && (0..after.len()).all(|lba| after[lba] == b'+' || after[lba] == status(lba))
}
