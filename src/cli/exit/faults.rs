//! A drive's refusals in the middle of a run: a sentence, and what to do.

use crate::base::outcome::{Fault, Outcome};
use crate::base::sector::SectorRange;

use super::failure::Failure;

/// The failure that a fault in the middle of a run ends it with.
pub(super) fn failure(fault: Fault, range: SectorRange, outcome: &Outcome, source: &str) -> Failure {
    let at = outcome.information.unwrap_or(range.start());
    Failure::saying(&fault, sentence(fault, at, outcome, source)).hint(hint(fault, at))
}

fn sentence(fault: Fault, at: u64, outcome: &Outcome, source: &str) -> String {
    let raw = match outcome.sense {
        Some(sense) => format!("status {:02X}, sense {sense}", outcome.status),
        None => format!("status {:02X}, no sense", outcome.status),
    };
    match fault {
        Fault::NoMedium => format!("the disc was taken out of {source}"),
        Fault::NotReady => format!("{source} is not ready ({raw})"),
        Fault::Incompatible => format!("{source} cannot read this type of disc ({raw})"),
        Fault::Busy => format!("{source} is in use by another program"),
        Fault::Gone => format!("{source} is gone: unplugged, or its power failed"),
        Fault::MediumChanged => format!("the disc in {source} was changed"),
        Fault::Protected => format!(
            "sector {at} is scrambled and the drive will not hand it out without authentication; freemkv does not do that"
        ),
        Fault::Region => format!("the region of this disc and that of {source} differ ({raw})"),
        Fault::Wedged => stuck(at, outcome, source, &raw),
        Fault::SettingsLost => format!(
            "{source} lost its settings in a reset and does not take them again, so it no longer tells which data it had \
             to guess"
        ),
        Fault::Transport => format!("{source} does not answer any more ({raw})"),
        Fault::OutOfRange => format!("the disc ends before sector {at}, earlier than {source} said ({raw})"),
        Fault::WrongTrack => format!("sector {at} is no data sector ({raw})"),
        Fault::Unknown | Fault::Damage | Fault::Blank => {
            format!("{source} refused sector {at} with an answer that freemkv does not know ({raw})")
        }
    }
}

fn hint(fault: Fault, at: u64) -> String {
    let again = "What was read is saved; run the same command again to go on";
    match fault {
        Fault::NoMedium => format!("Put it back. {again}."),
        Fault::NotReady => format!("Close the tray and wait until the drive rests. {again}."),
        Fault::Incompatible => "Try another drive.".to_owned(),
        Fault::Busy => format!("Close it. {again}."),
        Fault::Gone => format!("Plug it in again. {again}."),
        Fault::MediumChanged => format!("Put the first one back. {again}."),
        Fault::Protected => "The disc is not damaged. What the drive hands out is in the image.".to_owned(),
        Fault::Region => "The disc is not damaged. Use a drive that is set to the disc's region.".to_owned(),
        Fault::Wedged => format!(
            "Switch the drive off and on again. Nothing that it said since its last error was believed. {again}."
        ),
        Fault::SettingsLost => format!("Switch the drive off and on again. {again}."),
        Fault::Transport => format!("Unplug the drive, wait, plug it in again. {again}."),
        Fault::OutOfRange => format!(
            "Its size may have been read wrong: reload the disc and run the same command again. If it ends there all the \
             same, read what it has with --only 0-{}.",
            at.saturating_sub(1)
        ),
        Fault::WrongTrack => "Only data tracks are imaged.".to_owned(),
        Fault::Unknown | Fault::Damage | Fault::Blank => format!("{again}, or leave that place out with --skip."),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::outcome::Sense;

    #[test]
    fn protection_is_told_from_damage() {
        let outcome =
            Outcome { sense: Some(Sense::new(5, 0x6f, 3)), status: 2, ..Outcome::failed(0, Fault::Protected, 0.1) };
        let failure = failure(Fault::Protected, SectorRange::new(640, 704), &outcome, "/dev/sr0");
        assert_eq!(failure.exit().code(), 6);
        assert!(failure.message.contains("sector 640") && !failure.message.contains("damage"), "{failure:?}");
    }
}
