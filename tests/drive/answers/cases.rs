//! The answers, and the plans that give them.

use super::{UNIT, UNITS};

/// How often an answer comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    Once,
    AtOneUnit,
    Everywhere,
}

impl How {
    pub(super) const ALL: [Self; 3] = [Self::Once, Self::AtOneUnit, Self::Everywhere];
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    /// As it is written in a damage plan.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) meaning: &'static str,
    /// Whether it may be about one place. What is about the drive or the disc as a whole ends a run wherever it is said.
    pub(super) is_of_a_place: bool,
    /// What else the drive is to be.
    more: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A read gets it in place of data.
    Answer,
    /// A line of the plan for units, with the number of times where it takes one.
    Units { line: &'static str, once: Option<&'static str> },
    /// Something that happens to the drive while it reads.
    Happens(&'static str),
}

impl Case {
    /// The plan in which it comes so often; `None` where there is no such thing.
    pub(super) fn plan(&self, how: How) -> Option<String> {
        let units = if how == How::Everywhere { format!("0 {UNITS}") } else { format!("{UNIT} 1") };
        let (name, more) = (self.name, self.more);
        Some(match (self.kind, how) {
            (Kind::Answer, How::Once) => format!("{more}answer {units} {name} 1\n"),
            (Kind::Answer, _) => format!("{more}answer {units} {name}\n"),
            (Kind::Units { once, .. }, How::Once) => format!("{more}{}\n", once?.replace("UNITS", &units)),
            (Kind::Units { line, .. }, _) => format!("{more}{}\n", line.replace("UNITS", &units)),
            (Kind::Happens(line), How::Once) => format!("rate 2\n{more}{line}\n"),
            (Kind::Happens(_), _) => return None,
        })
    }
}

const fn place(name: &'static str, meaning: &'static str) -> Case {
    Case { name, meaning, is_of_a_place: true, more: "", kind: Kind::Answer }
}

/// What ends a run wherever it is said.
const fn whole(name: &'static str, meaning: &'static str) -> Case {
    Case { is_of_a_place: false, ..place(name, meaning) }
}

const fn happens(name: &'static str, meaning: &'static str, line: &'static str) -> Case {
    Case { kind: Kind::Happens(line), ..whole(name, meaning) }
}

/// All of them, in the order of the page.
pub(super) fn all() -> Vec<Case> {
    [&GOOD[..], &NOT_READY, &MEDIUM, &HARDWARE, &REQUEST, &ATTENTION, &OTHERS, &STATUS, &HOST, &DRIVE].concat()
}

const GOOD: [Case; 3] = [
    Case {
        kind: Kind::Units { line: "short UNITS 5", once: None },
        ..place("GOOD, short", "5 sectors of a unit, and no word of the rest")
    },
    Case {
        kind: Kind::Units { line: "recovered UNITS", once: Some("recovered UNITS 1") },
        ..place("01/17/01", "recovered with retries; once: it was wrong the first time")
    },
    Case {
        kind: Kind::Units { line: "answer UNITS 01/18/00 data all", once: Some("answer UNITS 01/18/00 1 data all") },
        ..place("01/18/00", "recovered with error correction")
    },
];

const NOT_READY: [Case; 9] = [
    place("02/04/00", "not ready, cause not reportable"),
    place("02/04/01", "becoming ready"),
    place("02/04/02", "wants to be started"),
    place("02/04/03", "manual intervention required"),
    place("02/04/04", "format in progress"),
    place("02/06/00", "no reference position found"),
    place("02/3A/00", "no disc; TEST UNIT READY says that there is one"),
    place("02/3A/02", "the same, tray open"),
    whole("02/30/01", "cannot read medium, unknown format"),
];

const MEDIUM: [Case; 12] = [
    place("03/02/00", "no seek complete"),
    place("03/10/00", "ID CRC or ECC error"),
    place("03/11/00", "unrecovered read error"),
    place("03/11/01", "read retries exhausted"),
    place("03/11/02", "error too long to correct"),
    place("03/11/05", "L-EC uncorrectable error"),
    place("03/11/06", "CIRC unrecovered error"),
    place("03/14/01", "record not found"),
    place("03/15/00", "random positioning error"),
    place("03/57/00", "unable to recover table of contents"),
    place("03/73/00", "CD control error"),
    place("03/FF/00", "anything else of key 3"),
];

const HARDWARE: [Case; 7] = [
    place("04/02/00", "no seek complete"),
    place("04/08/00", "communication failure"),
    place("04/09/01", "tracking servo failure"),
    place("04/15/01", "mechanical positioning error"),
    place("04/3E/02", "timeout on logical unit"),
    place("04/44/00", "internal target failure"),
    place("04/99/00", "anything else of key 4"),
];

const REQUEST: [Case; 14] = [
    place("05/20/00", "invalid command operation code"),
    place("05/21/00", "address out of range, though the disc goes on"),
    place("05/24/00", "invalid field in command"),
    place("05/26/00", "invalid field in parameter list"),
    place("05/30/00", "incompatible medium"),
    place("05/63/00", "end of user area, though the disc goes on"),
    place("05/64/00", "illegal mode for this track"),
    place("05/99/00", "anything else of key 5"),
    whole("05/6F/00", "authentication failure"),
    whole("05/6F/01", "key not present"),
    whole("05/6F/02", "key not established"),
    whole("05/6F/03", "scrambled sector without authentication"),
    whole("05/6F/04", "region mismatch"),
    whole("05/6F/05", "region permanent"),
];

const ATTENTION: [Case; 5] = [
    whole("06/28/00", "the disc may have been changed"),
    place("06/29/00", "reset"),
    place("06/2A/01", "mode parameters changed"),
    place("06/2F/00", "commands cleared by another initiator"),
    place("06/3F/01", "microcode has been changed"),
];

const OTHERS: [Case; 10] = [
    place("07/27/00", "write protected"),
    Case { more: "rewritable 1\n", ..place("08/00/00", "blank, on a rewritable disc") },
    place("09/80/00", "vendor specific"),
    place("0A/00/00", "copy aborted"),
    place("0B/00/00", "aborted, no additional sense"),
    place("0B/47/00", "aborted, parity error on the way"),
    place("0B/4B/00", "aborted, data phase error"),
    place("0D/00/00", "volume overflow"),
    place("0E/1D/00", "miscompare"),
    place("00/00/00", "no sense, though the command failed"),
];

const STATUS: [Case; 6] = [
    place("status:02", "CHECK CONDITION without sense data"),
    place("status:08", "BUSY"),
    place("status:18", "RESERVATION CONFLICT"),
    place("status:28", "TASK SET FULL"),
    place("status:30", "a status that nobody uses"),
    place("status:40", "TASK ABORTED"),
];

const HOST: [Case; 9] = [
    place("host:01", "no connection"),
    place("host:02", "bus busy"),
    place("host:03", "time-out"),
    place("host:04", "bad target"),
    place("host:05", "aborted by the kernel"),
    place("host:07", "error of the adapter or the bridge"),
    place("host:08", "reset"),
    place("host:0B", "soft error of the adapter"),
    place("hang", "no answer up to the time limit"),
];

const ATTENTIONS: &str = "at 1 attention 06/29/00\nat 1 attention 06/2A/01\nat 1 attention 06/3F/01";

const DRIVE: [Case; 8] = [
    happens("disc out", "02/3A to every command", "at 1 eject"),
    happens("never ready again", "02/04/01 to every command", "at 1 notready"),
    happens("not ready for 40 s", "02/04/01 to every command", "at 1 notready 40"),
    happens("unplugged", "no device any more", "at 1 unplug"),
    happens("reset", "06/29 to the next command", "at 1 reset"),
    happens("several attentions", "06/29, 06/2A and 06/3F, one a command", ATTENTIONS),
    happens("stopped", "02/04/02 to every command, until it is started", "at 1 stop"),
    happens("settings refused", "reset, and MODE SELECT is refused", "at 1 reset\nat 1 refuse-settings"),
];
