//! What drives tell of sessions, tracks and the state of a disc, decoded. As in [`super::answers`], the lengths that an
//! answer declares are believed only as far as bytes arrived.

use super::answers::Track;
use crate::base::bytes::Bytes;

/// Frames before the first sector of a disc: LBA 0 is at 00:02:00 (MMC-6, 4.2.3.4).
const FRAMES_BEFORE: u32 = 150;

/// Most sessions that are told apart; a CD has room for fewer than fifty.
const SESSIONS_MAX: usize = 99;

/// Kinds of CD by their first session (MMC-6, READ TOC/PMA/ATIP, PSEC of A0h): CD-i, and CD-ROM XA.
const CD_I: u8 = 0x10;
const CD_XA: u8 = 0x20;

/// A session of a full table of contents.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Session {
    /// Its number, from 1.
    pub number: u8,
    /// PSEC of point A0h: 00h for sound and plain data, 10h for CD-i, 20h for CD-ROM XA.
    pub disc_type: u8,
    /// Its tracks in the order of their starts.
    pub tracks: Vec<Track>,
    /// Where its lead-out starts, which is one past its last sector.
    pub lead_out: Option<u32>,
}

impl Session {
    /// Whether its tracks may hold sectors of form 2 (XA, CD-i).
    #[must_use]
    pub fn may_hold_form_2(&self) -> bool {
        is_form_2_type(self.disc_type)
    }
}

/// Whether tracks of a CD of this type may hold sectors of form 2.
#[must_use]
pub fn is_form_2_type(disc_type: u8) -> bool {
    matches!(disc_type, CD_I | CD_XA)
}

/// Decodes a full table of contents: READ TOC/PMA/ATIP, format 0010b (MMC-6). Sessions ascending by number; `None` when
/// no track arrived.
#[must_use]
pub fn full_toc(answer: &[u8]) -> Option<Vec<Session>> {
    let declared = usize::from(Bytes::new(answer).u16_be().ok()?) + 2;
    let mut bytes = Bytes::at(answer.get(..declared).unwrap_or(answer), 4).ok()?;
    let mut sessions: Vec<Session> = Vec::new();
    while let Ok(mut descriptor) = bytes.sub(11) {
        let [number, adr_control, _, point, _, _, _, _, minute, second, frame] = descriptor.array().ok()?;
        // Only ADR 1 describes tracks.
        if adr_control >> 4 != 1 || !(1..=99).contains(&number) {
            continue;
        }
        let index = match sessions.iter().position(|session| session.number == number) {
            Some(index) => index,
            None if sessions.len() >= SESSIONS_MAX => continue,
            None => {
                sessions.push(Session { number, ..Session::default() });
                sessions.len() - 1
            }
        };
        let Some(session) = sessions.get_mut(index) else { continue };
        let lba = ((u32::from(minute) * 60 + u32::from(second)) * 75 + u32::from(frame)).saturating_sub(FRAMES_BEFORE);
        match point {
            0xA0 => session.disc_type = second,
            0xA2 => session.lead_out = Some(lba),
            1..=99 if session.tracks.iter().all(|track| track.number != point) => {
                session.tracks.push(Track { number: point, data: adr_control & 0b100 != 0, start: lba });
            }
            _ => {}
        }
    }
    sessions.retain(|session| !session.tracks.is_empty());
    sessions.sort_by_key(|session| session.number);
    sessions.iter_mut().for_each(|session| session.tracks.sort_by_key(|track| track.start));
    (!sessions.is_empty()).then_some(sessions)
}

/// The last complete session, as READ TOC/PMA/ATIP, format 0001b, tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastSession {
    /// Its number, and so how many there are.
    pub sessions: u8,
    /// Number of its first track.
    pub track: u8,
}

/// Decodes READ TOC/PMA/ATIP, format 0001b (MMC-6).
#[must_use]
pub fn last_session(answer: &[u8]) -> Option<LastSession> {
    let declared = usize::from(Bytes::new(answer).u16_be().ok()?) + 2;
    let answer = answer.get(..declared).unwrap_or(answer);
    let sessions = *answer.get(3)?;
    let mut descriptor = Bytes::at(answer, 4).ok()?.sub(8).ok()?;
    let [_, _, track, _] = descriptor.array().ok()?;
    Some(LastSession { sessions, track })
}

/// How far a disc was written (MMC-6, READ DISC INFORMATION, disc status).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiscStatus {
    /// Nothing was ever written on it.
    Blank,
    /// It can still be added to.
    Open,
    /// It was closed.
    Complete,
    /// It is written here and there, as rewritable discs are.
    Other,
}

/// READ DISC INFORMATION, standard (MMC-6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiscInformation {
    /// How far the disc was written.
    pub status: DiscStatus,
    /// Number of the last track in the last session; of an open disc that is one that is not written yet.
    pub last_track: u16,
    /// As [`Session::disc_type`].
    pub disc_type: u8,
}

/// Decodes READ DISC INFORMATION; `None` when fewer than its 12 bytes arrived, or another kind of it.
#[must_use]
pub fn disc_information(answer: &[u8]) -> Option<DiscInformation> {
    let [_, _, state, _, _, _, last_track, _, disc_type, _, _, last_track_high] = Bytes::new(answer).array().ok()?;
    let status = match state & 0b11 {
        0 => DiscStatus::Blank,
        1 => DiscStatus::Open,
        2 => DiscStatus::Complete,
        _ => DiscStatus::Other,
    };
    // Another data type (track resources, POW resources) has other fields.
    (state >> 5 == 0).then_some(DiscInformation {
        status,
        last_track: u16::from_be_bytes([last_track_high, last_track]),
        disc_type,
    })
}

/// READ TRACK INFORMATION (MMC-6) of one track, or logical track of a DVD or Blu-ray.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TrackInformation {
    /// Its session.
    pub session: u16,
    /// First sector.
    pub start: u32,
    /// Sectors, those that were never written included.
    pub size: u32,
    /// Whether it is data.
    pub data: bool,
    /// From which sector on it was never written, where the drive says so clearly.
    pub unwritten_from: Option<u32>,
}

/// Decodes READ TRACK INFORMATION; `None` when fewer than its first 28 bytes arrived.
#[must_use]
pub fn track_information(answer: &[u8]) -> Option<TrackInformation> {
    let [_, _, _, session, _, mode, _, _] = Bytes::new(answer).array().ok()?;
    let mut words = Bytes::at(answer, 8).ok()?;
    let start = words.u32_be().ok()?;
    words.skip(12).ok()?;
    let size = words.u32_be().ok()?;
    let session_high = answer.get(33).copied().unwrap_or(0);
    Some(TrackInformation {
        session: u16::from_be_bytes([session_high, session]),
        start,
        size,
        data: mode & 0b100 != 0,
        unwritten_from: super::answers::unwritten_from(answer),
    })
}

#[cfg(test)]
#[path = "tracks_tests.rs"]
mod tests;
