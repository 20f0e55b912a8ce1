//! What a disc holds, and what is damaged: the report of `info`.

mod error;
pub(super) mod files;
mod hashes;
mod protection;
mod report;
mod streams;
pub(super) mod titles;

use crate::base::allowance::Sentences;
use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::base::human;
use crate::base::media::Media;
use crate::base::sector::SECTOR_BYTES;
use crate::base::sector::set::SectorSet;
use crate::fs::{FileSystem, SessionVolume};
use crate::title::DiscTitles;
use crate::title::dvd::captions;
use crate::title::select::choose;
use crate::title::{TitleError, kind, loose, survey};

use super::disc::Disc;
use super::titles::{TitleChoice, of_disc};
use files::Found;

pub use error::InfoError;
pub use report::{
    ChapterReport, DamageReport, DiscReport, ExtentReport, FileReport, HurtFile, HurtTitle, Rate, Report,
    SessionReport, Span, TitleReport, TrackReport, WayReport,
};

/// What is wanted beside the titles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Some titles alone; `None`: all.
    pub titles: Option<TitleChoice>,
    /// The files.
    pub files: bool,
    /// Their hashes.
    pub hashes: bool,
}

/// A report, and why its titles are missing where the disc has some that cannot be read.
pub struct Info {
    /// The report.
    pub report: Report,
    /// Why there are no titles.
    pub failure: Option<TitleError>,
}

/// Describes a disc.
///
/// # Errors
/// [`InfoError`].
pub fn describe(
    disc: &Disc,
    source: &str,
    wanted: &Wanted,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Info, InfoError> {
    let phase = |name: &str| events.event(Event::Phase(name.to_owned()));
    phase("titles");
    let fs = disc.files.as_ref();
    let has = Contents::of(fs)?;
    let mut notes = Sentences::default();
    notes.extend(disc.notes.iter().cloned());
    notes.extend(kind::by_folders(fs).map(|what| format!("by its folders this is {what}")));
    let (told, failure) = match (has.bluray || has.dvd).then(|| of_disc(fs, 1)) {
        None if disc.stream.is_some() => (stream(disc, &mut notes), None),
        None => (DiscTitles::default(), None),
        Some(Ok(mut titles)) => {
            if has.dvd {
                captions::look_for(fs, &mut titles);
            }
            (titles, None)
        }
        Some(Err(e)) => (DiscTitles::default(), Some(e)),
    };
    notes.extend(told.problems.iter().chain(&told.remarks).cloned());
    let signs = protection::signs(fs, has.dvd);
    let protected = !signs.is_empty();
    notes.extend(signs);
    let (mut lost, without_data) = (disc.missing_sectors(), disc.without_data());
    without_data.ranges().iter().for_each(|range| lost.insert(*range));
    let mut found = if wanted.files || disc.missing.is_some() || disc.image_end.is_some() || !without_data.is_empty() {
        phase("files");
        let lost = files::Lost { sectors: &lost, without_data: &without_data };
        files::walk(fs, wanted.files, lost, &mut notes, cancel)?
    } else {
        Found::default()
    };
    // The files of a later session are not known; that it lacks some is.
    if disc.passed_over.iter().any(|session| session.why.lies_in(&without_data)) {
        found.without_data = found.without_data.saturating_add(SECTOR_BYTES);
        found.hurt.insert(0, HurtFile { path: "/".to_owned(), bytes: SECTOR_BYTES });
    }
    if found.without_data > 0 {
        notes.push(past_end(disc, found.without_data));
    }
    let (mut files, is_hurt) = (found.files, found.without_data > 0);
    let missing_bytes = disc.missing.as_ref().map_or(0, |missing| missing.bytes).saturating_add(found.without_data);
    let damage = (disc.missing.is_some() || is_hurt).then(|| DamageReport {
        size_note: disc.missing.as_ref().and_then(|missing| missing.size_note.clone()),
        ..damage(fs, &told, (missing_bytes, &lost), found.hurt, &mut notes)
    });
    if wanted.files && wanted.hashes {
        hashes::add(fs, &mut files, &mut notes, cancel, events)?;
    }
    let choice = choose(&told.titles, &told.navigation, &[]);
    let mut titles = choice.as_ref().map_or_else(Vec::new, |choice| titles::reports(fs, &told, choice));
    if let Some(choice) = &choice {
        phase("streams");
        streams::complete(fs, &told.titles, choice, &mut titles, &lost, cancel)?;
    }
    if let (Some(wanted), None) = (&wanted.titles, &failure) {
        titles::ask_for(&mut titles, wanted, &told.titles, choice.as_ref())?;
    }
    let report = Report {
        command: "info",
        source: source.to_owned(),
        disc: disc_report(disc, &has, &told, protected),
        titles,
        files: wanted.files.then_some(files),
        damage,
        left_out: disc.left_out.clone(),
        notes: notes.finish(),
        runner_up: choice
            .and_then(|choice| choice.runner_up)
            .and_then(|index| told.titles.get(index))
            .map(|t| t.number),
        is_of_titles: wanted.titles.is_some(),
        not_followed: told.navigation.blind().to_vec(),
    };
    Ok(Info { report, failure })
}

/// What lies in the root directory.
struct Contents {
    bluray: bool,
    dvd: bool,
}

impl Contents {
    fn of(fs: &dyn FileSystem) -> Result<Self, InfoError> {
        let root = fs.list("").map_err(InfoError::Root)?;
        let has = |name: &str| root.iter().any(|e| e.is_directory && e.name.eq_ignore_ascii_case(name));
        Ok(Self { bluray: has("BDMV"), dvd: has("VIDEO_TS") })
    }
}

fn disc_report(disc: &Disc, has: &Contents, titles: &DiscTitles, protected: bool) -> DiscReport {
    let volume = disc.files.volume();
    let facts = disc.facts.as_ref();
    // A drive calls an Ultra HD disc a Blu-ray; an image file says nothing.
    let by_content = match has {
        Contents { bluray: true, .. } if titles.is_ultra_hd => Some(Media::Uhd),
        Contents { bluray: true, .. } => Some(Media::Bd),
        Contents { dvd: true, .. } => Some(Media::Dvd),
        _ => None,
    };
    let by_drive = facts.and_then(|f| f.media);
    let media = match (by_drive, by_content) {
        (Some(Media::Bd), Some(Media::Uhd)) => Some(Media::Uhd),
        (Some(media), _) => Some(media),
        (None, content) => content,
    };
    DiscReport {
        label: volume.label.clone(),
        media,
        sectors: facts.map(|f| f.sectors),
        size_bytes: facts.map(|f| f.size_bytes),
        filesystem: volume.format.clone(),
        protected,
        sessions: disc.sessions.iter().map(session).collect(),
        name: titles.name.clone(),
    }
}

fn session(session: &SessionVolume) -> SessionReport {
    let SessionVolume { start, volume } = session;
    SessionReport { lba: *start, label: volume.label.clone(), filesystem: volume.format.clone() }
}

/// A sentence for files that lie where nothing of the disc can be.
fn past_end(disc: &Disc, bytes: u64) -> String {
    let bytes = human::bytes(bytes);
    match disc.image_end.filter(|_| disc.left_out.is_empty()) {
        Some(end) => format!("the image ends before sector {end}, and {bytes} of the disc's files lie behind that"),
        None => {
            format!("{bytes} of the disc's files lie where no data can be read: behind its end or in a tract left out")
        }
    }
}

fn damage(
    fs: &dyn FileSystem,
    titles: &DiscTitles,
    (missing_bytes, lost): (u64, &SectorSet),
    files: Vec<HurtFile>,
    notes: &mut Sentences,
) -> DamageReport {
    let hurt = survey::hurt(fs, &titles.titles, lost);
    if hurt.is_joined {
        notes.push(
            "the times that titles lose are too many to be told apart: some are told as one with what is between",
        );
    }
    let titles = titles.titles.iter().zip(hurt.spans).map(|(title, spans)| HurtTitle {
        number: title.number,
        whole: spans.is_empty(),
        spans: spans
            .into_iter()
            .map(|s| Span { from_seconds: s.start.seconds(), to_seconds: s.end.seconds() })
            .collect(),
    });
    DamageReport { missing_bytes, size_note: None, files, titles: titles.collect() }
}

/// The one title of a stream file, as it tells of itself.
fn stream(disc: &Disc, notes: &mut Sentences) -> DiscTitles {
    let title = disc.stream.iter().map(|path| loose::title(disc.files.as_ref(), path));
    let titles = title.filter_map(|title| title.map_err(|e| notes.push(e.to_string())).ok());
    DiscTitles { titles: titles.collect(), ..DiscTitles::default() }
}
