//! What disc is in a drive: its kind, its size, and which of its sectors are data.

pub(super) mod end;
pub(super) mod media;

use tracing::debug;

use crate::base::media::Media;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::base::set::SectorSet;
use crate::drive::error::DriveError;
use crate::drive::link::{Link, Refusal};
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{answers, cdb};

/// What is in the drive.
pub(in crate::drive) struct Disc {
    pub(in crate::drive) profile: u16,
    pub(in crate::drive) media: Option<Media>,
    pub(in crate::drive) sectors: u64,
    pub(in crate::drive) data: SectorSet,
    pub(in crate::drive) unwritten: SectorSet,
}

impl Disc {
    /// Finds out what disc is in the drive. What is odd about it is added to `notes`.
    ///
    /// # Errors
    /// [`DriveError`]: it cannot be read from.
    pub(in crate::drive) fn examine(link: &mut Link, name: &str, notes: &mut Vec<String>) -> Result<Self, DriveError> {
        // Drives older than profiles refuse the command; they read CDs.
        let header = link.ask_patiently(&cdb::get_configuration(0, 8), 8).ok();
        let profile = header.and_then(|answer| answers::current_profile(&answer)).unwrap_or(0);
        let known = media::media_of_profile(profile);
        let toc = if matches!(known, Some(Media::Cd) | None) { read_toc(link) } else { None };
        if toc.as_ref().is_some_and(|toc| !toc.tracks.is_empty() && toc.tracks.iter().all(|track| !track.data)) {
            return Err(DriveError::AudioOnly { name: name.to_owned() });
        }
        let answer = link.ask_patiently(&cdb::read_capacity(), 8);
        let capacity = answer.as_ref().ok().and_then(|answer| answers::capacity(answer));
        if let Some(capacity) = capacity.filter(|c| c.block_bytes != 0 && c.block_bytes != 2048) {
            return Err(DriveError::BlockSize { name: name.to_owned(), bytes: capacity.block_bytes });
        }
        let lead_out = toc.as_ref().and_then(|toc| toc.lead_out);
        let layers = if known == Some(Media::Dvd) { dvd_sectors(link) } else { None };
        let Some(size) = media::size(capacity, known, lead_out.or(layers)) else {
            let answer = match answer {
                Ok(answer) => format!("{answer:02X?}"),
                Err(refusal) => refusal.to_string(),
            };
            return Err(DriveError::Capacity { name: name.to_owned(), answer });
        };
        notes.extend(size.note);
        // What is no CD and has no profile either is not given a name.
        let media = known.or_else(|| Some(Media::of_size(size.sectors)).filter(|media| *media == Media::Cd));
        let everything = SectorRange::new(0, size.sectors);
        let data = match toc {
            Some(toc) if media == Some(Media::Cd) && !toc.tracks.is_empty() => {
                let answer = link.ask(&cdb::read_toc(cdb::TOC_SESSIONS, 12), 12).ok();
                let session = answer.and_then(|answer| answers::first_track_of_last_session(&answer));
                media::data_sectors(&toc, session, size.sectors)
            }
            _ => [everything].into_iter().collect(),
        };
        let Some(last) = data.ranges().last() else {
            return Err(DriveError::AudioOnly { name: name.to_owned() });
        };
        if data.len() < size.sectors {
            notes.push(format!("a disc with audio tracks or several sessions: {} sectors of data", data.len()));
        }
        let (sectors, mut data, mut unwritten) = (last.end(), data, SectorSet::new());
        if let Some(start) = unwritten_from(link, profile, sectors) {
            let tail = SectorRange::new(start, sectors);
            data.remove(tail);
            unwritten.insert(tail);
            if data.is_empty() {
                return Err(DriveError::Blank { name: name.to_owned() });
            }
            notes.push(format!("the disc was never written from sector {start} on"));
        }
        Ok(Self { profile, media, sectors, data, unwritten })
    }
}

/// The size of a DVD by its physical format information.
fn dvd_sectors(link: &mut Link) -> Option<u32> {
    let answer = link.ask(&cdb::read_dvd_structure(cdb::DVD_PHYSICAL, 2052), 2052).ok()?;
    answers::dvd_sectors(&answer)
}

/// First sector of the part at the end of a recordable disc that was never written, when READ TRACK INFORMATION tells
/// of one and a read there confirms it.
fn unwritten_from(link: &mut Link, profile: u16, sectors: u64) -> Option<u64> {
    let last = u32::try_from(sectors.checked_sub(1)?).ok()?;
    if !media::is_recordable(profile) {
        return None;
    }
    let answer = link.ask(&cdb::read_track_information(last, 36), 36).ok()?;
    let start = u64::from(answers::unwritten_from(&answer)?);
    let probe = cdb::read(SectorRange::with_len(start, 1), false).filter(|_| start < sectors)?;
    let Err(Refusal::Reply(reply)) = link.ask(&probe, SECTOR_SIZE) else { return None };
    (classify(&reply) == Verdict::Fault(Fault::Blank)).then_some(start)
}

/// The table of contents. 804 bytes hold a header, 99 tracks and the lead-out.
fn read_toc(link: &mut Link) -> Option<answers::Toc> {
    match link.ask_patiently(&cdb::read_toc(cdb::TOC_TRACKS, 804), 804) {
        Ok(answer) => answers::toc(&answer),
        Err(refusal) => {
            debug!("no table of contents: {refusal}");
            None
        }
    }
}
