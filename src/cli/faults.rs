//! What a drive's refusals mean for a person: a sentence, what to do, an exit code.

use crate::base::human::duration;
use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;
use crate::imaging::Limit;

use super::exit::{Exit, Failure};

/// The failure that a fault in the middle of a run ends it with.
pub(super) fn failure(fault: Fault, range: SectorRange, outcome: &Outcome, source: &str) -> Failure {
    let at = outcome.information.unwrap_or(range.start());
    let raw = match outcome.sense {
        Some(sense) => format!("status {:02X}, sense {sense}", outcome.status),
        None => format!("status {:02X}, no sense", outcome.status),
    };
    let again = "What was read is saved; run the same command again to go on";
    match fault {
        Fault::NoMedium => Failure::new(Exit::NotReady, format!("the disc was taken out of {source}"))
            .hint(format!("Put it back. {again}.")),
        Fault::NotReady => Failure::new(Exit::NotReady, format!("{source} is not ready ({raw})"))
            .hint(format!("Close the tray and wait until the drive rests. {again}.")),
        Fault::Incompatible => Failure::new(Exit::NotReady, format!("{source} cannot read this type of disc ({raw})"))
            .hint("Try another drive."),
        Fault::Busy => Failure::new(Exit::NotReady, format!("{source} is in use by another program"))
            .hint(format!("Close it. {again}.")),
        Fault::Gone => Failure::new(Exit::NotReady, format!("{source} is gone: unplugged, or its power failed"))
            .hint(format!("Plug it in again. {again}.")),
        Fault::MediumChanged => Failure::new(Exit::WrongDisc, format!("the disc in {source} was changed"))
            .hint(format!("Put the first one back. {again}.")),
        Fault::Protected => Failure::new(
            Exit::Protected,
            format!("sector {at} is scrambled and the drive will not hand it out without authentication; freemkv does not do that"),
        )
        .hint("The disc is not damaged. What the drive hands out is in the image."),
        Fault::Region => {
            Failure::new(Exit::Protected, format!("the region of this disc and that of {source} differ ({raw})"))
                .hint("The disc is not damaged. Use a drive that is set to the disc's region.")
        }
        Fault::Wedged => Failure::new(Exit::Wedged, stuck(at, outcome, source, &raw))
            .hint(format!("Switch the drive off and on again. Nothing that it said since its last error was believed. {again}.")),
        Fault::SettingsLost => Failure::new(Exit::Wedged, format!("{source} lost its settings in a reset and does not take them again, so it no longer tells which data it had to guess"))
            .hint(format!("Switch the drive off and on again. {again}.")),
        Fault::Transport => Failure::new(Exit::Wedged, format!("{source} does not answer any more ({raw})"))
            .hint(format!("Unplug the drive, wait, plug it in again. {again}.")),
        Fault::OutOfRange => Failure::new(Exit::Failed, format!("the disc ends before sector {at}, earlier than {source} said ({raw})"))
            .hint(format!("Its size may have been read wrong: reload the disc and run the same command again. If it ends there all the same, read what it has with --only 0-{}.", at.saturating_sub(1))),
        Fault::WrongTrack => Failure::new(Exit::Failed, format!("sector {at} is no data sector ({raw})"))
            .hint("Only data tracks are imaged."),
        Fault::Unknown | Fault::Damage | Fault::Blank => {
            Failure::new(Exit::Failed, format!("{source} refused sector {at} with an answer that freemkv does not know ({raw})"))
                .hint(format!("{again}, or leave that place out with --skip."))
        }
    }
}

/// How a drive shows that it has stopped reading.
fn stuck(at: u64, outcome: &Outcome, source: &str, raw: &str) -> String {
    match (outcome.fault, outcome.sense.map(|sense| sense.key)) {
        (None, _) => format!("{source} hands out wrong data: sector {at} differs from what it read there before"),
        (Some(_), Some(5)) => {
            format!("{source} has stopped reading: it refuses sector {at} as a wrong command ({raw})")
        }
        _ => format!("{source} has stopped reading: sector {at}, which it could read, fails now ({raw})"),
    }
}

/// What ended a run before all was done.
pub(super) fn limit(limit: Limit) -> String {
    let why = match limit {
        Limit::GiveUpAfter(time) => format!("no sector came home for {}", duration(time)),
        Limit::MaxErrors(most) => format!("more than {most} reads failed"),
        Limit::Budget(time) => format!("the drive was at work for {}", duration(time)),
    };
    format!("Ended by --{}: {why}. What was read is saved.", limit.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::Sense;

    #[test]
    fn protection_is_told_from_damage() {
        let outcome =
            Outcome { sense: Some(Sense::new(5, 0x6f, 3)), status: 2, ..Outcome::failed(0, Fault::Protected, 0.1) };
        let failure = failure(Fault::Protected, SectorRange::new(640, 704), &outcome, "/dev/sr0");
        assert_eq!(failure.exit, Exit::Protected);
        assert!(failure.message.contains("sector 640") && !failure.message.contains("damage"), "{failure}");
    }

    #[test]
    fn every_fault_has_its_exit_code() {
        let outcome = Outcome::failed(0, Fault::Gone, 0.0);
        let code = |fault| failure(fault, SectorRange::new(0, 1), &outcome, "drive").exit.code();
        assert_eq!([Fault::NoMedium, Fault::NotReady, Fault::Busy, Fault::Gone].map(code), [4; 4]);
        assert_eq!([Fault::Wedged, Fault::Transport, Fault::SettingsLost].map(code), [7; 3]);
        assert_eq!([Fault::Protected, Fault::Region].map(code), [6; 2]);
        assert_eq!(code(Fault::MediumChanged), 5);
        assert_eq!([Fault::OutOfRange, Fault::WrongTrack, Fault::Unknown].map(code), [1; 3]);
    }
}
