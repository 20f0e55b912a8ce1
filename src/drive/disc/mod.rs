//! What disc is in a drive: its kind, its size, and which of its sectors are data.

pub(super) mod end;
pub(super) mod hole;
pub(super) mod layout;
pub(super) mod media;
mod size;

use tracing::debug;

use crate::base::media::Media;
use crate::base::outcome::Fault;
use crate::base::sector::set::SectorSet;
use crate::base::sector::tract::TractKind;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::drive::error::DriveError;
use crate::drive::link::{Link, Refusal};
use crate::scsi::answers::{self, Toc};
use crate::scsi::cdb;
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::tracks::{self, DiscInformation, DiscStatus, LastSession, Session, TrackInformation};
use layout::Layout;
use size::{Claim, Witness};

pub(in crate::drive) use size::Presence;

/// Most tracks of a DVD or Blu-ray that are asked for; a CD has no more (ECMA-130).
const TRACKS_MAX: u16 = 99;

/// Bytes of a full table of contents that are taken: a header, 99 tracks and the points of 49 sessions.
const FULL_TOC_BYTES: u16 = 4 + (99 + 49 * 5) * 11;

/// First bytes of a raw sector of a CD (ECMA-130, 14): there, 2048 bytes are not the data.
const SYNC: [u8; 12] = [0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0];

/// What is in the drive.
pub(in crate::drive) struct Disc {
    pub(in crate::drive) media: Option<Media>,
    pub(in crate::drive) sectors: u64,
    /// A sentence where not all that tells of the size tells the same.
    pub(in crate::drive) size_note: Option<String>,
    pub(in crate::drive) layout: Layout,
    pub(in crate::drive) unwritten: SectorSet,
    /// The answers that all of this comes from.
    pub(in crate::drive) told: Told,
}

/// What a drive tells of a disc before a sector is read.
#[derive(Clone, Debug)]
pub(in crate::drive) struct Told {
    pub(in crate::drive) profile: u16,
    /// Sectors by READ CAPACITY, when it says a number.
    pub(in crate::drive) capacity: Option<u64>,
    /// Whether tracks may hold sectors of form 2.
    pub(in crate::drive) may_hold_form_2: bool,
    known: Option<Media>,
    claims: Vec<Claim>,
    toc: Option<Toc>,
    sessions: Option<Vec<Session>>,
    last_session: Option<LastSession>,
    tracks: Vec<TrackInformation>,
    block_bytes: u32,
}

impl Told {
    /// Whether this may be the same disc: what every drive tells, each time alike.
    pub(in crate::drive) fn is_of_same(&self, other: &Self) -> bool {
        (self.profile, self.capacity, &self.toc) == (other.profile, other.capacity, &other.toc)
    }

    /// Asks the drive.
    ///
    /// # Errors
    /// [`DriveError`]: the disc cannot be read from, and the answers say so.
    pub(in crate::drive) fn ask(link: &mut Link, name: &str) -> Result<Self, DriveError> {
        let name = || name.to_owned();
        // Drives older than profiles refuse the command; they read CDs.
        let header = link.ask_patiently(&cdb::get_configuration(0, 8), 8).ok();
        let profile = header.and_then(|answer| answers::current_profile(&answer)).unwrap_or(0);
        let known = media::media_of_profile(profile);
        let may_be_cd = matches!(known, Some(Media::Cd) | None);
        let toc = if may_be_cd { read_toc(link) } else { None };
        if toc.as_ref().is_some_and(|toc| !toc.tracks.is_empty() && toc.tracks.iter().all(|track| !track.data)) {
            return Err(DriveError::AudioOnly { name: name() });
        }
        let answer = link.ask_patiently(&cdb::read_capacity(), 8);
        let capacity = answer.as_ref().ok().and_then(|answer| answers::capacity(answer));
        let information = disc_information(link);
        let status = information.map(|told| told.status).filter(|_| media::is_recordable(profile));
        if status == Some(DiscStatus::Blank) {
            return Err(DriveError::Blank { name: name() });
        }
        let sessions = toc.as_ref().filter(|toc| toc.tracks.len() > 1).and_then(|toc| full_toc(link, toc));
        let wants_last = sessions.is_none() && toc.as_ref().is_some_and(|toc| toc.tracks.len() > 1);
        let last_session = if wants_last { last_session(link) } else { None };
        let tracks = if may_be_cd && toc.is_some() { Vec::new() } else { track_information(link, information) };
        let lead_out = toc.as_ref().and_then(|toc| toc.lead_out);
        let format = if known == Some(Media::Dvd) { dvd_sectors(link) } else { None };
        // Of a CD the last track alone: where the others end, the table of contents tells.
        let last = toc.as_ref().and_then(|toc| toc.tracks.last());
        let last = last.filter(|_| tracks.is_empty()).and_then(|track| track_of(link, track.number.into()));
        let end = end_of(&tracks).or_else(|| end_of(&last.into_iter().collect::<Vec<_>>()));
        let others = [(Witness::Toc, lead_out), (Witness::Format, format), (Witness::Tracks, end)];
        let claims = size::claims(capacity, known, others);
        if claims.is_empty() {
            if status == Some(DiscStatus::Open) {
                return Err(DriveError::NotClosed { name: name() });
            }
            let answer = match answer {
                Ok(answer) => format!("{answer:02X?}"),
                Err(refusal) => refusal.to_string(),
            };
            return Err(DriveError::Capacity { name: name(), answer });
        }
        let form_2 = |session: &Session| session.may_hold_form_2();
        let may_hold_form_2 = sessions.as_ref().is_some_and(|all| all.iter().any(form_2))
            || information.is_some_and(|told| known == Some(Media::Cd) && tracks::is_form_2_type(told.disc_type));
        Ok(Self {
            profile,
            capacity: capacity.map(|capacity| u64::from(capacity.last) + 1),
            may_hold_form_2,
            known,
            claims,
            toc,
            sessions,
            last_session,
            tracks,
            block_bytes: capacity.map_or(0, |capacity| capacity.block_bytes),
        })
    }

    /// Where tracks and sessions lie on a disc of that size.
    fn layout(&self, media: Option<Media>, sectors: u64) -> Layout {
        let spans = match (&self.sessions, &self.toc) {
            (Some(sessions), _) if media == Some(Media::Cd) => layout::of_sessions(sessions, sectors),
            (None, Some(toc)) if media == Some(Media::Cd) && !toc.tracks.is_empty() => {
                layout::of_toc(toc, self.last_session, sectors)
            }
            // One track alone says nothing that its size does not.
            _ if self.tracks.len() > 1 => layout::of_tracks(&self.tracks, sectors, media),
            _ => Vec::new(),
        };
        let layout = layout::layout(spans);
        if layout.data.is_empty() && layout.left_out.is_empty() {
            let data = [SectorRange::new(0, sectors)].into_iter().collect();
            return Layout { data, ..layout };
        }
        layout
    }
}

impl Disc {
    /// Finds out what disc is in the drive. What is odd about it is added to `notes`.
    ///
    /// # Errors
    /// [`DriveError`]: it cannot be read from.
    pub(in crate::drive) fn examine(link: &mut Link, name: &str, notes: &mut Vec<String>) -> Result<Self, DriveError> {
        let told = Told::ask(link, name)?;
        if let Some(note) = odd_blocks(link, name, told.block_bytes)? {
            notes.push(note);
        }
        let size = size::choose(&told.claims, |sector| look(link, sector));
        let Some(size) = size else {
            return Err(DriveError::Capacity { name: name.to_owned(), answer: String::new() });
        };
        notes.extend(size.note.clone());
        // What is no CD and has no profile either is not given a name.
        let media = told.known.or_else(|| Some(Media::of_size(size.sectors)).filter(|media| *media == Media::Cd));
        let mut layout = told.layout(media, size.sectors);
        if told.sessions.is_none() {
            find_gaps(link, &mut layout, size.sectors, told.may_hold_form_2);
        }
        let Some(last) = layout.data.ranges().last() else {
            return Err(DriveError::AudioOnly { name: name.to_owned() });
        };
        let sectors = last.end();
        if layout.data.len() < size.sectors {
            notes.push(format!("a disc with audio tracks or several sessions: {} sectors of data", layout.data.len()));
        }
        let mut unwritten = SectorSet::new();
        if let Some(start) = unwritten_from(link, told.profile, sectors) {
            let tail = SectorRange::new(start, sectors);
            layout.data.remove(tail);
            layout.left_out.insert(tail, TractKind::Unwritten);
            unwritten.insert(tail);
            if layout.data.is_empty() {
                return Err(DriveError::Blank { name: name.to_owned() });
            }
            notes.push(format!("the disc was never written from sector {start} on"));
        }
        Ok(Self { media, sectors, size_note: size.note, layout, unwritten, told })
    }
}

/// The end of what was written of the last track that is told of.
fn end_of(tracks: &[TrackInformation]) -> Option<u32> {
    tracks.iter().filter_map(|track| track.unwritten_from.or(track.start.checked_add(track.size))).max()
}

/// What a read of one sector says of it. A read that is right and refused says that there is none, too.
fn look(link: &mut Link, sector: u64) -> Presence {
    let Some(read) = cdb::read(SectorRange::with_len(sector, 1), false) else { return Presence::Beyond };
    match link.ask(&read, SECTOR_SIZE) {
        Ok(bytes) if bytes.len() == SECTOR_SIZE => Presence::There,
        Err(Refusal::Reply(reply)) => match classify(&reply) {
            Verdict::Fault(Fault::OutOfRange | Fault::WrongTrack) => Presence::Beyond,
            _ => Presence::Unclear,
        },
        _ => Presence::Unclear,
    }
}

/// Where no table tells of sessions: gaps that end where a data track begins, by reads in front of each.
fn find_gaps(link: &mut Link, layout: &mut Layout, sectors: u64, may_hold_form_2: bool) {
    let starts = layout.starts.clone();
    for start in starts.iter().copied().filter(|start| *start > 0) {
        let before = SectorRange::new(start - 1, start);
        if !layout.data.contains(before.start()) {
            continue;
        }
        let is_absent = |sector| (!link.is_cancelled()).then(|| look(link, sector) == Presence::Beyond);
        let Some(tract) = hole::search(before, sectors, 0, &starts, is_absent) else { continue };
        // A drive that reads nothing now is no disc of sound.
        if layout.data.ranges().iter().all(|data| data.intersect(tract) == *data) {
            continue;
        }
        let kind = layout::kind_of(tract, &starts, may_hold_form_2);
        layout.data.remove(tract);
        layout.left_out.insert(tract, kind);
        if kind == TractKind::SessionGap {
            layout.sessions.push(start);
        }
    }
}

/// Blocks that are said not to be sectors. Some drives say the length of the last read with other commands, and read
/// sectors all the same: a note. The first sectors tell; where none reads, the drive is believed.
///
/// # Errors
/// [`DriveError::BlockSize`].
fn odd_blocks(link: &mut Link, name: &str, bytes: u32) -> Result<Option<String>, DriveError> {
    if matches!(bytes, 0 | 2048) {
        return Ok(None);
    }
    let is_cd_sector = (2048..=2448).contains(&bytes);
    let reads = is_cd_sector
        && [0, 16].into_iter().any(|sector| {
            let read = cdb::read(SectorRange::with_len(sector, 1), false);
            let answer = read.and_then(|read| link.ask(&read, SECTOR_SIZE).ok());
            answer.is_some_and(|answer| answer.len() == SECTOR_SIZE && !answer.starts_with(&SYNC))
        });
    if !reads {
        return Err(DriveError::BlockSize { name: name.to_owned(), bytes });
    }
    Ok(Some(format!("the drive speaks of blocks of {bytes} bytes, and reads sectors of 2048")))
}

/// How far the disc was written. Drives that only read may not know the command.
fn disc_information(link: &mut Link) -> Option<DiscInformation> {
    let answer = link.ask(&cdb::read_disc_information(34), 34).ok()?;
    tracks::disc_information(&answer)
}

/// The full table of contents, where it has each track of the plain one. What the way to the drive has cut would take
/// tracks for gaps.
fn full_toc(link: &mut Link, plain: &Toc) -> Option<Vec<Session>> {
    let answer = link.ask(&cdb::read_toc(cdb::TOC_FULL, FULL_TOC_BYTES), FULL_TOC_BYTES.into()).ok()?;
    let sessions = tracks::full_toc(&answer)?;
    let has = |number| sessions.iter().flat_map(|session| &session.tracks).any(|track| track.number == number);
    plain.tracks.iter().all(|track| has(track.number)).then_some(sessions)
}

/// The last session, where the drive tells of no others.
fn last_session(link: &mut Link) -> Option<LastSession> {
    let answer = link.ask(&cdb::read_toc(cdb::TOC_SESSIONS, 12), 12).ok()?;
    tracks::last_session(&answer)
}

/// The tracks of a disc without a table of contents, by their numbers.
fn track_information(link: &mut Link, information: Option<DiscInformation>) -> Vec<TrackInformation> {
    let last = information.map_or(1, |told| told.last_track).clamp(1, TRACKS_MAX);
    let mut found = Vec::new();
    for number in 1..=last {
        match track_of(link, number) {
            Some(track) => found.push(track),
            None => break,
        }
    }
    found
}

fn track_of(link: &mut Link, number: u16) -> Option<TrackInformation> {
    let answer = link.ask(&cdb::read_track_information_of(number, 36), 36).ok()?;
    tracks::track_information(&answer)
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
fn read_toc(link: &mut Link) -> Option<Toc> {
    match link.ask_patiently(&cdb::read_toc(cdb::TOC_TRACKS, 804), 804) {
        Ok(answer) => answers::toc(&answer),
        Err(refusal) => {
            debug!("no table of contents: {refusal}");
            None
        }
    }
}
