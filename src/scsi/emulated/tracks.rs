//! What the emulated drive tells of tracks, sessions and the state of the disc, and which sectors are no data.

use super::drive::EmulatedDrive;
use super::ending::{Ending, ILLEGAL_REQUEST, allocation, give};
use super::plan::disc::{Refusable, TrackKind};
use crate::base::bytes::Bytes;
use crate::base::sector::SectorRange;
use crate::scsi::Data;
use crate::scsi::cdb;

/// Frames before the first sector of a disc: LBA 0 is at 00:02:00 (MMC-6, 4.2.3.4).
const FRAMES_BEFORE: u32 = 150;

/// A track of the disc that is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Track {
    number: u8,
    session: u8,
    start: u32,
    /// One past its last sector.
    end: u32,
    kind: TrackKind,
}

impl Track {
    /// CONTROL and ADR as a table of contents has them.
    fn control(self) -> u8 {
        if self.kind == TrackKind::Audio { 0x10 } else { 0x14 }
    }
}

impl EmulatedDrive {
    /// The tracks, ascending; one data track where the plan names none.
    fn tracks(&self) -> Vec<Track> {
        let sectors = u32::try_from(self.medium.sectors()).unwrap_or(u32::MAX);
        let planned = &self.disc.tracks;
        if planned.is_empty() {
            return vec![Track { number: 1, session: 1, start: 0, end: sectors, kind: TrackKind::Data }];
        }
        let nexts = planned.iter().skip(1).map(|next| next.start).chain([sectors]);
        let track = |((number, planned), next): ((u8, &super::plan::disc::PlannedTrack), u32)| {
            let (start, session, kind) = (planned.start, planned.session, planned.kind);
            let end = planned.sectors.map_or(next, |count| start.saturating_add(count)).min(next);
            Track { number, session, start, end, kind }
        };
        (1..=99).zip(planned).zip(nexts).map(track).collect()
    }

    /// READ TOC/PMA/ATIP, formats 0, 1 and 2.
    pub(super) fn toc(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        let format = cdb.get(2).map_or(0, |b| b & 0x0F);
        let tracks = self.tracks();
        let (Some(first), Some(last)) = (tracks.first(), tracks.last()) else {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        };
        let refused = match format {
            cdb::TOC_TRACKS => Refusable::Toc,
            cdb::TOC_SESSIONS => Refusable::Sessions,
            cdb::TOC_FULL => Refusable::FullToc,
            _ => return Ending::check(ILLEGAL_REQUEST, 0x24, 0),
        };
        if self.disc.refuses(refused) {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        }
        let (numbers, body) = match format {
            cdb::TOC_TRACKS => ([first.number, last.number], self.toc_tracks(&tracks)),
            cdb::TOC_SESSIONS => {
                let first_of_last = tracks.iter().find(|track| track.session == last.session).unwrap_or(last);
                ([1, last.session], entry(*first_of_last).to_vec())
            }
            _ => ([1, last.session], self.full_toc(&tracks)),
        };
        let mut answer = u16::try_from(body.len() + 2).unwrap_or(u16::MAX).to_be_bytes().to_vec();
        answer.extend(numbers);
        answer.extend(body);
        give(data, &answer, allocation(cdb))
    }

    fn toc_tracks(&self, tracks: &[Track]) -> Vec<u8> {
        let last = tracks.last().copied();
        let end = self.disc.said_toc.unwrap_or_else(|| last.map_or(0, |last| last.end));
        let lead_out = last.map(|last| Track { number: 0xAA, start: end, ..last });
        tracks.iter().copied().chain(lead_out).flat_map(entry).collect()
    }

    /// Per session the points A0h (with the kind of disc), A1h and A2h (lead-out), and the tracks.
    fn full_toc(&self, tracks: &[Track]) -> Vec<u8> {
        let mut body = Vec::new();
        let last_session = tracks.last().map_or(1, |track| track.session);
        for session in 1..=last_session {
            let own: Vec<Track> = tracks.iter().copied().filter(|track| track.session == session).collect();
            let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
            let point = |track: Track, point: u8, place: [u8; 3]| {
                let [minute, second, frame] = place;
                [session, track.control(), 0, point, 0, 0, 0, 0, minute, second, frame]
            };
            body.extend(point(*first, 0xA0, [first.number, self.disc.disc_type, 0]));
            body.extend(point(*last, 0xA1, [last.number, 0, 0]));
            let said = self.disc.said_toc.filter(|_| session == last_session);
            body.extend(point(*last, 0xA2, time(said.unwrap_or(last.end))));
            own.iter().for_each(|track| body.extend(point(*track, track.number, time(track.start))));
        }
        body
    }

    /// READ DISC INFORMATION, standard.
    pub(super) fn disc_information(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        if self.disc.refuses(Refusable::DiscInformation) || cdb.get(1).is_some_and(|b| b & 7 != 0) {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        }
        let tracks = self.tracks();
        let (sessions, last) = tracks.last().map_or((1, 1), |track| (track.session, track.number));
        let first_of_last = tracks.iter().find(|track| track.session == sessions).map_or(1, |track| track.number);
        let by_content = if self.blank_tail().is_some() { 1 } else { 2 };
        // The last session of a disc that is complete is; of an open one it is incomplete, of others empty.
        let state = match self.disc.status.unwrap_or(by_content) {
            2 => 0b1110,
            1 => 0b0101,
            other => other,
        };
        let state = state | u8::from(self.is_rewritable()) << 4;
        // No identification, bar code or table of powers.
        let mut answer = vec![0, 32, state, 1, sessions, first_of_last, last, 0, self.disc.disc_type];
        answer.resize(34, 0);
        give(data, &answer, allocation(cdb))
    }

    /// READ TRACK INFORMATION by address or number: the track around it. What was never written at the disc's end is told
    /// as the next writable address.
    pub(super) fn track_information(&self, cdb: &[u8], data: &mut Data<'_>) -> Ending {
        if self.disc.refuses(Refusable::TrackInformation) {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        }
        let Some(wanted) = Bytes::at(cdb, 2).and_then(|mut b| b.u32_be()).ok() else {
            return Ending::check(ILLEGAL_REQUEST, 0x24, 0);
        };
        let tracks = self.tracks();
        let by_number = cdb.get(1).is_some_and(|b| b & 3 == 1);
        let found = match cdb.get(1).map(|b| b & 3) {
            Some(0) if u64::from(wanted) < self.medium.sectors() => tracks.iter().rfind(|track| track.start <= wanted),
            Some(1) => tracks.iter().find(|track| u32::from(track.number) == wanted),
            _ => None,
        };
        // INVALID FIELD IN CDB; an address behind the disc is out of range.
        let Some(track) = found else { return Ending::check(ILLEGAL_REQUEST, if by_number { 0x24 } else { 0x21 }, 0) };
        let Track { number, session, start, end, kind } = *track;
        let is_last = tracks.last() == Some(track);
        let end = self.disc.said_tracks.filter(|_| is_last).unwrap_or(end);
        let blank = self.blank_tail().filter(|blank| *blank < end).map(|blank| blank.max(start));
        let mut answer = vec![0, 34, number, session, 0, if kind == TrackKind::Audio { 0 } else { 4 }];
        answer.push(0x01 | if blank == Some(start) { 0x40 } else { 0 });
        answer.push(u8::from(blank.is_some()));
        let free = blank.map_or(0, |blank| end - blank);
        for word in [start, blank.unwrap_or(0), free, 0, end.saturating_sub(start), 0] {
            answer.extend(word.to_be_bytes());
        }
        answer.extend([0; 4]);
        give(data, &answer, allocation(cdb))
    }

    /// Why a range cannot be read at all, if so: past the end, or in no data track.
    pub(super) fn forbidden(&self, range: SectorRange) -> Option<Ending> {
        if range.end() > self.medium.sectors() {
            // LOGICAL BLOCK ADDRESS OUT OF RANGE.
            return Some(Ending::check(ILLEGAL_REQUEST, 0x21, 0));
        }
        let mut at = range.start();
        for track in self.tracks().iter().filter(|track| track.kind == TrackKind::Data) {
            if SectorRange::new(track.start.into(), track.end.into()).contains(at) {
                at = track.end.into();
            }
        }
        let sense = self.disc.gap;
        (at < range.end()).then_some(Ending::Check { sense, information: None, transferred: 0 })
    }
}

/// A track descriptor of formats 0 and 1.
fn entry(track: Track) -> [u8; 8] {
    let [a, b, c, d] = track.start.to_be_bytes();
    [0, track.control(), track.number, 0, a, b, c, d]
}

/// Minute, second and frame of a sector.
fn time(sector: u32) -> [u8; 3] {
    let frames = sector.saturating_add(FRAMES_BEFORE);
    [frames / 4500, frames / 75 % 60, frames % 75].map(|part| u8::try_from(part).unwrap_or(u8::MAX))
}

#[cfg(test)]
#[path = "tests/tracks.rs"]
mod tests;
