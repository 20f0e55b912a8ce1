//! A drive's refusals in the middle of a run: a sentence with the place where it happened, and what to do.

use crate::base::outcome::{Fault, Outcome, Sense};
use crate::base::sector::SectorRange;

use super::failure::Failure;

/// Sense data of a drive whose tray is open (MMC-6, MEDIUM NOT PRESENT - TRAY OPEN).
const TRAY_OPEN: Sense = Sense::new(2, 0x3A, 2);

/// The failure that a fault in the middle of a run ends it with. `range` is what was read, empty where that is nothing.
pub(super) fn failure(fault: Fault, range: SectorRange, outcome: &Outcome, source: &str) -> Failure {
    let at = outcome.information.unwrap_or(range.start());
    said_of(fault, range, outcome, source).hint(hint(fault, at, range, outcome))
}

/// The same of a comparison, which saves nothing.
pub(super) fn of_comparison(fault: Fault, range: SectorRange, outcome: &Outcome, source: &str) -> Failure {
    let at = outcome.information.unwrap_or(range.start());
    let next = match fault {
        // What a rescue leaves out there is no advice here.
        Fault::Protected | Fault::OutOfRange | Fault::WrongTrack => "What was compared so far is in the report.".into(),
        _ => next_step(fault, at, outcome),
    };
    said_of(fault, range, outcome, source).hint(next)
}

/// What a drive says while its disc is looked at, before anything was read for good.
pub(super) fn of_look(fault: Fault, source: &str) -> Failure {
    let outcome = Outcome::failed(0, fault, 0.0);
    let message = format!("{}, while its disc was looked at", about_drive(fault, &outcome, source));
    Failure::saying(&fault, message).hint(next_step(fault, 0, &outcome) + " Then run the same command again.")
}

/// What happened, with its place and what the drive said.
fn said_of(fault: Fault, range: SectorRange, outcome: &Outcome, source: &str) -> Failure {
    let at = outcome.information.unwrap_or(range.start());
    let said = said(outcome).map_or_else(String::new, |said| format!(" ({said})"));
    let message = match about_sector(fault, at, outcome, source) {
        Some(sentence) => format!("{sentence}{said}"),
        None => format!("{}{}{said}", about_drive(fault, outcome, source), place(range)),
    };
    Failure::saying(&fault, message)
}

/// The numbers of an answer, for whoever looks further; `None` where the drive said nothing.
fn said(outcome: &Outcome) -> Option<String> {
    match (outcome.sense, outcome.status, outcome.host_status) {
        (None, 0, 0) => None,
        (None, _, host) if host != 0 => Some(format!("host status {host:02X}, no answer of the drive")),
        (None, status, _) => Some(format!("status {status:02X}, no sense")),
        (Some(sense), status, _) => Some(format!("status {status:02X}, sense {sense}")),
    }
}

/// What was being read.
fn place(range: SectorRange) -> String {
    match range.len() {
        0 => String::new(),
        1 => format!(", reading sector {range}"),
        _ => format!(", reading sectors {range}"),
    }
}

/// A sentence that names the sector itself, for what is said of one.
fn about_sector(fault: Fault, at: u64, outcome: &Outcome, source: &str) -> Option<String> {
    Some(match fault {
        Fault::Protected => format!(
            "sector {at} is scrambled and the drive will not hand it out without authentication; freemkv does not do that"
        ),
        Fault::Wedged => stuck(at, outcome, source)?,
        Fault::OutOfRange => format!("the disc ends before sector {at}, earlier than {source} said"),
        Fault::WrongTrack => format!("sector {at} is no data sector"),
        Fault::Unknown | Fault::Damage | Fault::NotInImage | Fault::Blank => {
            format!("{source} has no data for sector {at}, but an answer of its own")
        }
        _ => return None,
    })
}

/// How a drive shows in one sector that it has stopped reading.
fn stuck(at: u64, outcome: &Outcome, source: &str) -> Option<String> {
    // Out of range, end of user area, not in this track: said of a sector that is there.
    let is_absent = |sense: Sense| sense.key == 5 && matches!(sense.asc, 0x21 | 0x63 | 0x64);
    match (outcome.fault, outcome.sense.map(|sense| sense.key)) {
        (Some(_), _) if outcome.sense.is_some_and(is_absent) => Some(format!(
            "{source} has stopped reading: it says that sector {at} is not there, and the same of others that are"
        )),
        (None, _) => Some(format!("{source} hands out wrong data: sector {at} differs from what it read there before")),
        (Some(_), Some(5)) => Some(format!("{source} has stopped reading: it refuses sector {at} as a wrong command")),
        (Some(_), Some(_)) => {
            Some(format!("{source} has stopped reading: sector {at}, which it could read, fails now"))
        }
        (Some(_), None) => None,
    }
}

/// A sentence about the drive, or about its disc as a whole.
fn about_drive(fault: Fault, outcome: &Outcome, source: &str) -> String {
    match fault {
        Fault::NoMedium if outcome.sense == Some(TRAY_OPEN) => format!("the disc is out: the tray of {source} is open"),
        Fault::NoMedium => format!("the disc was taken out of {source}"),
        Fault::NotReady => format!("{source} is not ready"),
        Fault::Incompatible => format!("{source} cannot read this type of disc"),
        Fault::Busy => format!("{source} is in use by another program"),
        Fault::Gone => format!("{source} is gone: unplugged, or its power failed"),
        Fault::Offline => format!("the system has taken {source} offline, since it did not answer any more"),
        Fault::MediumChanged => format!("the disc in {source} was changed"),
        Fault::Region => format!("the region of this disc and that of {source} differ"),
        Fault::SettingsLost => format!(
            "{source} lost its settings in a reset and does not take them again, so it no longer tells which data it had \
             to guess"
        ),
        Fault::Transport => format!("{source} does not answer any more"),
        Fault::Unsent => format!("the system does not pass reads on to {source}"),
        Fault::Residue => format!("the adapter of {source} says of every read that a part of it did not arrive"),
        Fault::Wedged => format!("{source} has stopped reading"),
        Fault::Protected
        | Fault::OutOfRange
        | Fault::WrongTrack
        | Fault::Unknown
        | Fault::Damage
        | Fault::NotInImage
        | Fault::Blank => {
            format!("{source} refuses")
        }
    }
}

/// What to do: the next step, how to go on, and how to go on without that place.
fn hint(fault: Fault, at: u64, range: SectorRange, outcome: &Outcome) -> String {
    let mut hint = next_step(fault, at, outcome);
    hint.push_str(" What was read is saved; run the same command again to go on.");
    if !range.is_empty() {
        let (first, last) = (range.start(), range.end().saturating_sub(1));
        hint.push_str(&format!(" If it ends here again, leave this place out: --skip {first}-{last}"));
    }
    hint
}

fn next_step(fault: Fault, at: u64, outcome: &Outcome) -> String {
    match fault {
        Fault::NoMedium if outcome.sense == Some(TRAY_OPEN) => "Put the disc back and close the tray.",
        Fault::NoMedium => "Put the disc back.",
        Fault::NotReady => "Wait until the drive rests; if it does not, switch it off and on.",
        Fault::Incompatible => "Try another drive.",
        Fault::Busy => "Close the other program.",
        Fault::Gone => "Plug it in again.",
        Fault::Offline => {
            "Unplug the drive or switch it off, wait, plug it in again; one that is built in comes back with the next start \
             of the machine, or with: echo running > /sys/block/srN/device/state"
        }
        Fault::MediumChanged => "Put the first one back.",
        Fault::Protected => "The disc is not damaged. What the drive hands out is in the image.",
        Fault::Region => "The disc is not damaged. Use a drive that is set to the disc's region.",
        Fault::Wedged => "Switch the drive off and on again. Nothing that it said since its last error was believed.",
        Fault::SettingsLost => "Switch the drive off and on again.",
        Fault::Transport => "Unplug the drive, wait, plug it in again; look at its cable and adapter.",
        Fault::Unsent => "Look at the kernel's log; free some memory, or plug the drive in elsewhere.",
        Fault::Residue => {
            "Use another adapter, or SATA. usb-storage can be told to ignore it (quirks=VENDOR:PRODUCT:r, as lsusb names them), \
             but then nobody notices data that really did not arrive."
        }
        Fault::OutOfRange if at == 0 => "Its size may have been read wrong: reload the disc.",
        Fault::OutOfRange => {
            return format!(
                "Its size may have been read wrong: reload the disc. If it ends there all the same, read what it has with \
                 --only 0-{}.",
                at.saturating_sub(1)
            );
        }
        Fault::WrongTrack => "Only data tracks are imaged.",
        Fault::Unknown | Fault::Damage | Fault::NotInImage | Fault::Blank => "Try once more, or another drive.",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> SectorRange {
        SectorRange::new(640, 704)
    }

    /// All that a drive may say.
    const ALL: [Fault; 19] = [
        Fault::Damage,
        Fault::Blank,
        Fault::OutOfRange,
        Fault::WrongTrack,
        Fault::Protected,
        Fault::Region,
        Fault::NoMedium,
        Fault::NotReady,
        Fault::Incompatible,
        Fault::MediumChanged,
        Fault::Busy,
        Fault::Gone,
        Fault::Offline,
        Fault::Wedged,
        Fault::SettingsLost,
        Fault::Transport,
        Fault::Unsent,
        Fault::Residue,
        Fault::Unknown,
    ];

    fn of(fault: Fault, sense: Option<Sense>) -> Failure {
        let status = if sense.is_some() { 2 } else { 0 };
        let outcome = Outcome { sense, status, ..Outcome::failed(0, fault, 0.1) };
        failure(fault, place(), &outcome, "/dev/sr0")
    }

    #[test]
    fn protection_is_told_from_damage() {
        let failure = of(Fault::Protected, Some(Sense::new(5, 0x6f, 3)));
        assert_eq!(failure.exit().code(), 6);
        assert!(failure.message.contains("sector 640") && !failure.message.contains("damage"), "{failure:?}");
    }

    #[test]
    fn every_ending_names_its_place_and_how_to_leave_it_out() {
        for fault in ALL {
            let failure = of(fault, None);
            assert!(failure.message.contains("640"), "{failure:?}");
            assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains("--skip 640-703")), "{failure:?}");
        }
        let nowhere = failure(Fault::Wedged, SectorRange::default(), &Outcome::failed(0, Fault::Wedged, 0.0), "x");
        assert!(
            nowhere.hint.is_some_and(|hint| !hint.contains("--skip")),
            "without a place there is none to leave out"
        );
    }

    #[test]
    fn gone_dead_and_offline_have_their_own_words() {
        let mut words: Vec<String> = ALL.map(|fault| of(fault, None).message).into();
        words.sort_unstable();
        words.dedup();
        // Three are said in the same words: none of them ends a run but as an answer that nobody knows.
        assert_eq!(words.len(), ALL.len() - 2, "{words:?}");
    }

    #[test]
    fn the_tray_is_to_be_closed_when_it_is_open() {
        let closes = |fault, sense| of(fault, sense).hint.unwrap().to_lowercase().contains("close the tray");
        assert!(closes(Fault::NoMedium, Some(TRAY_OPEN)));
        assert!(!closes(Fault::NoMedium, Some(Sense::new(2, 0x3A, 1))));
        assert!(ALL.iter().all(|fault| !closes(*fault, None)));
    }

    #[test]
    fn a_way_that_failed_is_told_by_its_number() {
        let outcome = Outcome { host_status: 7, ..Outcome::failed(0, Fault::Transport, 0.1) };
        assert!(failure(Fault::Transport, place(), &outcome, "x").message.contains("host status 07"));
    }
}
