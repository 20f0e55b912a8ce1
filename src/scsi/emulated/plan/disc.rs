//! The part of a plan that says what kind of disc is in: its tracks and sessions, how far it was written, and what the drive
//! says of its size.
//!
//! ```text
//! track LBA KIND [SECTORS]   a track begins there: data, audio or form2 (READ is refused in the last two). It ends where the
//!                            next one begins, or after so many sectors; what lies between tracks is no data
//! session                    the tracks behind this line are of another session
//! gap SENSE                  what READ is answered where no data is; 05/64/00 by itself
//! disc STATUS                blank, open, complete or other: READ DISC INFORMATION
//! type KIND                  cd, cdi or xa: the kind of CD in READ DISC INFORMATION and the full table of contents
//! profile NUMBER             the profile in GET CONFIGURATION, four hexadecimal digits
//! block BYTES                the block length in READ CAPACITY
//! said WHO SECTORS           where toc (lead-out), format (physical format of a DVD) or tracks (READ TRACK INFORMATION) say
//!                            that the disc ends; for READ CAPACITY there is `capacity`
//! no WHAT                    the drive does not know toc, sessions, full-toc, disc-information, track-information
//! ```

use crate::base::outcome::Sense;
use crate::scsi::emulated::medium::TrackLayout;

/// Most tracks of a disc (ECMA-130).
const TRACKS_MAX: usize = 99;

/// What a track holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum TrackKind {
    Data,
    Audio,
    /// Sectors of 2324 bytes; a data track by the table of contents.
    Form2,
}

/// A track, as the plan names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) struct PlannedTrack {
    pub(in crate::scsi::emulated) start: u32,
    /// `None`: up to the next one.
    pub(in crate::scsi::emulated) sectors: Option<u32>,
    pub(in crate::scsi::emulated) kind: TrackKind,
    pub(in crate::scsi::emulated) session: u8,
}

/// What a drive may not know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::scsi::emulated) enum Refusable {
    Toc,
    Sessions,
    FullToc,
    DiscInformation,
    TrackInformation,
}

const REFUSABLE: [(&str, Refusable); 5] = [
    ("toc", Refusable::Toc),
    ("sessions", Refusable::Sessions),
    ("full-toc", Refusable::FullToc),
    ("disc-information", Refusable::DiscInformation),
    ("track-information", Refusable::TrackInformation),
];

/// Disc status in READ DISC INFORMATION, and PSEC of A0h.
const STATUS: [(&str, u8); 4] = [("blank", 0), ("open", 1), ("complete", 2), ("other", 3)];
const TYPES: [(&str, u8); 3] = [("cd", 0), ("cdi", 0x10), ("xa", 0x20)];

/// What kind of disc is in.
#[derive(Clone, Debug)]
pub(in crate::scsi::emulated) struct DiscPlan {
    /// Ascending.
    pub(in crate::scsi::emulated) tracks: Vec<PlannedTrack>,
    pub(in crate::scsi::emulated) gap: Sense,
    /// `None`: complete, or open where the end was never written.
    pub(in crate::scsi::emulated) status: Option<u8>,
    pub(in crate::scsi::emulated) disc_type: u8,
    pub(in crate::scsi::emulated) profile: Option<u16>,
    pub(in crate::scsi::emulated) block: Option<u32>,
    pub(in crate::scsi::emulated) said_toc: Option<u32>,
    pub(in crate::scsi::emulated) said_format: Option<u32>,
    pub(in crate::scsi::emulated) said_tracks: Option<u32>,
    refused: Vec<Refusable>,
    /// The session of the next track.
    session: u8,
}

impl Default for DiscPlan {
    fn default() -> Self {
        Self {
            tracks: Vec::new(),
            // ILLEGAL MODE FOR THIS TRACK.
            gap: Sense::new(5, 0x64, 0),
            status: None,
            disc_type: 0,
            profile: None,
            block: None,
            said_toc: None,
            said_format: None,
            said_tracks: None,
            refused: Vec::new(),
            session: 1,
        }
    }
}

impl DiscPlan {
    /// These tracks in place of all others, in one session.
    pub(in crate::scsi::emulated) fn set_tracks(&mut self, tracks: &[TrackLayout]) {
        let track = |track: &TrackLayout| PlannedTrack {
            start: track.start,
            sectors: None,
            kind: if track.data { TrackKind::Data } else { TrackKind::Audio },
            session: 1,
        };
        self.tracks = tracks.iter().map(track).collect();
    }

    pub(in crate::scsi::emulated) fn refuses(&self, what: Refusable) -> bool {
        self.refused.contains(&what)
    }

    /// Takes a line; `None` where it is none of these.
    pub(in crate::scsi::emulated) fn line(
        &mut self,
        words: &[&str],
        sense: impl Fn(&str) -> Result<Sense, String>,
    ) -> Option<Result<(), String>> {
        Some(match *words {
            ["track", start, kind] => self.track(start, kind, None),
            ["track", start, kind, sectors] => self.track(start, kind, Some(sectors)),
            ["session"] if self.session < u8::try_from(TRACKS_MAX).unwrap_or(u8::MAX) => {
                self.session += u8::from(!self.tracks.is_empty());
                Ok(())
            }
            ["gap", text] => sense(text).map(|sense| self.gap = sense),
            ["disc", word] => one_of(&STATUS, word).map(|status| self.status = Some(status)),
            ["type", word] => one_of(&TYPES, word).map(|disc_type| self.disc_type = disc_type),
            ["profile", digits] => u16::from_str_radix(digits, 16)
                .map(|profile| self.profile = Some(profile))
                .map_err(|_| "'profile' wants four hexadecimal digits".to_owned()),
            ["block", bytes] => number(bytes).map(|bytes| self.block = Some(bytes)),
            ["said", who, sectors] => number(sectors).and_then(|sectors| self.say(who, sectors)),
            ["no", what] => one_of(&REFUSABLE, what).map(|what| self.refused.push(what)),
            ["track" | "session" | "gap" | "disc" | "type" | "profile" | "block" | "said" | "no", ..] => {
                Err(format!("'{}' wants other words behind it", words.first().unwrap_or(&"")))
            }
            _ => return None,
        })
    }

    fn track(&mut self, start: &str, kind: &str, sectors: Option<&str>) -> Result<(), String> {
        let kinds = [("data", TrackKind::Data), ("audio", TrackKind::Audio), ("form2", TrackKind::Form2)];
        let sectors = sectors.map(number).transpose()?;
        let track = PlannedTrack { start: number(start)?, sectors, kind: one_of(&kinds, kind)?, session: self.session };
        if self.tracks.len() >= TRACKS_MAX || self.tracks.last().is_some_and(|last| last.start >= track.start) {
            return Err("tracks go up, and there are 99 at most".to_owned());
        }
        self.tracks.push(track);
        Ok(())
    }

    fn say(&mut self, who: &str, sectors: u32) -> Result<(), String> {
        let said = match who {
            "toc" => &mut self.said_toc,
            "format" => &mut self.said_format,
            "tracks" => &mut self.said_tracks,
            _ => return Err("after 'said' comes toc, format or tracks".to_owned()),
        };
        *said = Some(sectors);
        Ok(())
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a sector or count of a disc is a whole number of 32 bits".to_owned())
}

fn one_of<T: Copy>(known: &[(&str, T)], word: &str) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == word);
    let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    found.map(|(_, value)| *value).ok_or_else(|| format!("one of these is wanted: {}", names()))
}
