//! A first look at the disc in a drive, before anything is made of it.

use std::sync::Arc;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::media::Media;
use crate::base::outcome::Fault;
use crate::base::sector::{SECTOR_SIZE, SectorRange};
use crate::base::time::Ticks90;
use crate::drive::DriveError;
use crate::fs::{self, FsError, Sectors, SharedSource};
use crate::job::disc::Disc;
use crate::job::info::titles::size;
use crate::job::open::{self, OpenError, Opened};
use crate::job::rip::error::Trouble;
use crate::job::rip::job::{Films, Job, Keep, Wait};
use crate::job::source_name::SourceName;
use crate::job::titles::{self, NoTitles, TitleChoice, pick};
use crate::scsi::sg_io::OpenError as NodeError;
use crate::source::file::FileError;
use crate::source::{Facts, ReadRequest, SectorSource};
use crate::title::TitleError;
use crate::title::select::choose;

use super::fingerprint::Fingerprint;
use super::known::Known;
use crate::job::rip::names::Told;

/// How long a read of a table may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Time between two looks for a disc, and how long it is slept without asking whether somebody wants to stop.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const NAP: Duration = Duration::from_millis(50);

/// What is known of a disc.
pub struct Look {
    /// Which disc it is.
    pub fingerprint: Fingerprint,
    /// The kind of disc, where the drive tells.
    pub media: Option<Media>,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// What it says for its name.
    pub told: Told,
    /// What is known of the source.
    pub facts: Facts,
    /// The disc's sectors: those of the drive until they are told to [read on](Known::read_on).
    pub known: Arc<Known>,
    /// Its files; `None` where it has no file system that can be read.
    pub disc: Option<Disc>,
    /// Bytes of the films that are wanted of it, at most; the size of the disc where its tables do not tell.
    pub film_bytes: u64,
}

/// Opens a source, waiting for a disc as `job` says.
///
/// # Errors
/// It cannot be opened, no disc came in time, or somebody wants to stop.
pub fn wait(name: &SourceName, job: &Job, cancel: &Cancel, events: &dyn Events) -> Result<Opened, Trouble> {
    events.event(Event::Phase("open".to_owned()));
    let mut waited = Duration::ZERO;
    loop {
        let error = match open::open(name, cancel) {
            Ok(opened) => return Ok(opened),
            Err(error) => error,
        };
        let is_over = match job.wait {
            Wait::No => true,
            Wait::For(limit) => waited >= limit,
            Wait::Ever => false,
        };
        if cancel.is_raised() {
            return Err(Trouble::Stopped);
        }
        if is_over || !is_empty(&error) {
            return Err(Trouble::Open(error));
        }
        if waited.is_zero() {
            events.event(Event::Notice(format!("{error}: waiting for a disc.")));
            events.event(Event::Phase("wait for a disc".to_owned()));
        }
        nap(LOOK_EVERY, cancel);
        waited += LOOK_EVERY;
    }
}

/// Lets time pass, and ends early when somebody wants to stop.
pub fn nap(time: Duration, cancel: &Cancel) {
    let mut left = time;
    while !left.is_zero() && !cancel.is_raised() {
        std::thread::sleep(left.min(NAP));
        left = left.saturating_sub(NAP);
    }
}

/// Whether a disc may still come: the drive is empty, or not ready. An emulated drive is empty while its image is not there.
pub fn is_empty(error: &OpenError) -> bool {
    match error {
        OpenError::Drive(DriveError::NoMedium { .. } | DriveError::NotReady { .. } | DriveError::Gone { .. }) => true,
        OpenError::Drive(DriveError::Open(NodeError::Gone { .. })) => true,
        OpenError::Medium { cause, .. } => cause.kind() == std::io::ErrorKind::NotFound,
        OpenError::File(FileError::Io { cause, .. }) => cause.raw_os_error() == Some(libc::ENOMEDIUM),
        _ => false,
    }
}

/// Looks at the disc of a source. The drive is kept until the look is dropped, or its sectors read on from elsewhere.
///
/// # Errors
/// The drive says something that is no damage.
pub fn look(opened: Opened, job: &Job, events: &dyn Events) -> Result<Look, Trouble> {
    opened.notes.into_iter().for_each(|note| events.event(Event::Warning(note)));
    events.event(Event::Phase("look at the disc".to_owned()));
    let source = opened.source.into_sectors();
    let facts = source.facts().clone();
    let (left_out, starts) = (source.left_out().clone(), source.sessions().to_vec());
    let known = Arc::new(Known::new(Arc::new(SharedSource::new(source, TIME_LIMIT))));
    let sectors: Arc<dyn Sectors> = known.clone();
    let fingerprint = Fingerprint::take(facts.sectors, |lba| {
        let mut bytes = Box::new([0; SECTOR_SIZE]);
        match sectors.read(SectorRange::with_len(lba, 1), &mut bytes[..]) {
            (_, None) => Ok(Some(bytes)),
            (_, Some(fault)) => lost(fault),
        }
    });
    let fingerprint = fingerprint.map_err(|fault| Trouble::Source { from: facts.name.clone(), fault })?;
    let mut told = Told {
        media: facts.media.map_or_else(String::new, |media| media.name().to_owned()),
        id: fingerprint.id().chars().take(8).collect(),
        ..Told::default()
    };
    let (mut film_bytes, mut disc_files) = (facts.size_bytes, None);
    match fs::open_sessions(sectors, &starts) {
        Ok(sessions) => {
            told.label.clone_from(&sessions.files.volume().label);
            let disc = Disc {
                files: sessions.files,
                facts: Some(facts.clone()),
                missing: None,
                image_end: None,
                left_out,
                sessions: sessions.volumes,
                passed_over: sessions.passed_over,
                notes: Vec::new(),
                stream: None,
            };
            (told.name, film_bytes) = films(&disc, &job.films, facts.size_bytes);
            disc_files = Some(disc);
        }
        Err(FsError::Unreadable { fault, .. }) if lost::<()>(fault).is_err() => {
            return Err(Trouble::Source { from: facts.name.clone(), fault });
        }
        Err(error) => events.event(Event::Notice(format!("The disc does not tell its name: {error}."))),
    }
    if told.name.is_empty() {
        told.name.clone_from(&told.label);
    }
    if job.keep == Keep::Image {
        film_bytes = 0;
    }
    let (media, size_bytes) = (facts.media, facts.size_bytes);
    Ok(Look { fingerprint, media, size_bytes, told, facts, known, disc: disc_files, film_bytes })
}

/// A sector that is lost to damage, or what is no damage.
fn lost<T>(fault: Fault) -> Result<Option<T>, Fault> {
    match fault {
        Fault::Damage | Fault::NotInImage | Fault::Blank | Fault::OutOfRange | Fault::WrongTrack | Fault::Unknown => {
            Ok(None)
        }
        fault => Err(fault),
    }
}

/// What the disc calls itself, and the bytes of the films that are wanted of it.
fn films(disc: &Disc, wanted: &Films, size_bytes: u64) -> (String, u64) {
    let choice_of = wanted.titles.clone().unwrap_or(TitleChoice::All);
    let titles = match titles::read(disc, Some(&choice_of), wanted.angle) {
        Ok(titles) => titles,
        Err(NoTitles::Tables(TitleError::NoDisc | TitleError::NoDvd | TitleError::NoBluRay)) => {
            return (String::new(), 0);
        }
        Err(_) => return (String::new(), size_bytes),
    };
    let name = titles.name.clone().unwrap_or_default();
    let picked = choose(&titles.titles, &titles.navigation, &[]).and_then(|choice| {
        pick(&choice_of, &titles.titles, &choice, Ticks90::from_seconds(wanted.min_length.as_secs())).ok()
    });
    let bytes = |index: usize| titles.titles.get(index).map_or(0, |title| size(&*disc.files, title));
    let all = picked.map(|picked| picked.into_iter().map(bytes).fold(0, u64::saturating_add));
    (name, all.unwrap_or(size_bytes))
}

/// Whether the disc of a source is the one with this fingerprint; `true` where too little can be read to say no.
///
/// # Errors
/// The drive says something that is no damage.
pub fn is_still(source: &mut dyn SectorSource, fingerprint: &Fingerprint) -> Result<bool, Fault> {
    let now = fingerprint_of(source)?;
    Ok(now.samples.is_empty() || fingerprint.samples.is_empty() || now.is_same(fingerprint))
}

/// The fingerprint of the disc in a source.
///
/// # Errors
/// The drive says something that is no damage.
pub fn fingerprint_of(source: &mut dyn SectorSource) -> Result<Fingerprint, Fault> {
    Fingerprint::take(source.facts().sectors, |lba| {
        let mut bytes = Box::new([0; SECTOR_SIZE]);
        let request = ReadRequest { range: SectorRange::with_len(lba, 1), fua: false, time_limit: TIME_LIMIT };
        let outcome = source.read(&request, &mut bytes[..]);
        match outcome.fault {
            Some(fault) => lost(fault),
            None => Ok((outcome.sectors > 0).then_some(bytes)),
        }
    })
}
