//! The image to its films.

pub(super) mod behind;
mod growing;
mod read_back;

use std::path::{Path, PathBuf};

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events};
use crate::job::disc::{self, Disc, DiscError};
use crate::job::files::Files;
use crate::job::mux::{self, Error, Film as Planned, Job as MuxJob, Plans};
use crate::job::source_name::SourceName;
use crate::mux::report::OutputReport;
use crate::os::{durable, names};
use crate::scsi::sg_io::Sharing;
use crate::title::TitleError;

use crate::job::rip::disc::place::Place;
use crate::job::rip::error::Trouble;
use crate::job::rip::job::{Job, Keep};
use crate::job::rip::report::{Film, Ripped};
use behind::Behind;
use read_back::read_back;

/// Writes the films of the image of `place`; what came of it goes into `ripped`.
pub(super) fn films(job: &Job, place: &mut Place, cancel: &Cancel, events: &dyn Events, ripped: &mut Ripped) {
    if let Err(trouble) = try_films(job, place, (cancel, events), ripped) {
        match trouble {
            trouble if is_no_film(&trouble) && job.films.titles.is_none() && job.keep != Keep::Film => {
                ripped.notes.push(format!("No film was made: {trouble}."));
            }
            trouble => ripped.troubles.push(trouble),
        }
    }
}

/// Whether the disc has no titles at all: a disc of files is ripped when its image is there.
fn is_no_film(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Disc(DiscError::Files { .. } | DiscError::Other { .. }) => true,
        Trouble::Films(error) => match error {
            Error::OtherDisc(_) | Error::NoTitles => true,
            Error::Tables { cause, .. } => matches!(cause, TitleError::NoDisc),
            _ => false,
        },
        _ => false,
    }
}

fn try_films(
    job: &Job,
    place: &mut Place,
    (cancel, events): (&Cancel, &dyn Events),
    ripped: &mut Ripped,
) -> Result<(), Trouble> {
    let name = SourceName::Image(place.image());
    let disc = disc::open(&name, None, Sharing::Exclusive, cancel, events).map_err(Trouble::Disc)?;
    ripped.notes.extend(disc.notes.iter().cloned());
    let mut mux = MuxJob {
        titles: job.films.titles.clone(),
        min_length: job.films.min_length,
        angle: job.films.angle,
        options: job.films.options.clone(),
        output: place.folder.clone(),
        force: false,
        read: Files::of_source(&name),
    };
    let Plans { films, refused } = mux::plans(&disc, &mux, cancel, events).map_err(Trouble::Films)?;
    let (ours, new): (Vec<Planned>, Vec<Planned>) = films.into_iter().partition(|film| is_ours(place, &film.path));
    // What the record does not know is a stranger's, and all of it is looked at before anything is written.
    mux::judge(&new, &mux).map_err(Trouble::Films)?;
    mux.force = true;
    mux::judge(&ours, &mux).map_err(Trouble::Films)?;
    let mut films: Vec<(Planned, bool)> =
        ours.into_iter().map(|film| (film, true)).chain(new.into_iter().map(|film| (film, false))).collect();
    films.sort_by_key(|(film, _)| film.plan.title().number);
    for (film, force) in films {
        let written = write(&disc, film, &MuxJob { force, ..mux.clone() }, place, (cancel, events))?;
        ripped.films.push(written);
    }
    ripped.troubles.extend(refused.into_iter().map(Trouble::Film));
    Ok(())
}

/// Whether a film there is one that an earlier run of this disc began.
fn is_ours(place: &Place, path: &Path) -> bool {
    path.file_name().is_some_and(|name| place.record.films.iter().any(|known| name == known.as_str()))
}

/// Writes one film and reads it back.
fn write(
    disc: &Disc,
    film: Planned,
    job: &MuxJob,
    place: &mut Place,
    (cancel, events): (&Cancel, &dyn Events),
) -> Result<Film, Trouble> {
    let path = film.path.clone();
    if !is_ours(place, &path) {
        // Before the file is there: a run that is cut off in between knows it for its own.
        place.record.films.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
        place.save()?;
    }
    let plans = Plans { films: vec![film], refused: Vec::new() };
    let written = mux::write(disc, plans, job, cancel, events);
    if let Some(error) = written.failure {
        return Err(Trouble::Film(error));
    }
    let output = written.outputs.into_iter().next().ok_or(Trouble::Stopped)?;
    let failed = |cause| Trouble::ReadBack { path: path.clone(), cause };
    let film = Film::of(&output).map_err(|e| failed(e.into()))?;
    match read_back(&path, film.bytes, cancel, events).map_err(failed)? {
        None => Err(Trouble::Stopped),
        sha256 => Ok(Film { sha256, ..film }),
    }
}

/// Takes the films that were made behind the sweep; whether there are any. They get their names, and are read back.
pub(super) fn take(
    behind: Behind,
    place: &mut Place,
    (cancel, events): (&Cancel, &dyn Events),
    ripped: &mut Ripped,
) -> bool {
    let outputs = behind.join(cancel, events);
    let taken = outputs.map_or(Ok(Vec::new()), |outputs| {
        outputs.into_iter().map(|output| named(output, place, (cancel, events))).collect::<Result<Vec<_>, _>>()
    });
    behind::forget(&place.folder.join(behind::FOLDER));
    match taken {
        Ok(films) => ripped.films = films,
        // Whatever it is, it is met again where the films are made in the usual way, and told there.
        Err(trouble) => tracing::info!("films behind the sweep: {trouble}"),
    }
    !ripped.films.is_empty()
}

/// A film that was made behind the sweep under its own name.
fn named(output: OutputReport, place: &mut Place, (cancel, events): (&Cancel, &dyn Events)) -> Result<Film, Trouble> {
    let name = PathBuf::from(&output.path).file_name().unwrap_or_default().to_owned();
    let (from, to) = (place.folder.join(behind::FOLDER).join(&name), place.folder.join(&name));
    let failed = |cause| Trouble::ReadBack { path: to.clone(), cause };
    if !is_ours(place, &to) {
        // A stranger's file of that name must not be taken for ours.
        if names::kind_at(&to).map_err(failed)?.is_some() {
            return Err(failed(std::io::ErrorKind::AlreadyExists.into()));
        }
        place.record.films.push(name.to_string_lossy().into_owned());
        place.save()?;
    }
    names::rename_to_free(&from, &to).map_err(failed)?;
    durable::sync_folder(&to).map_err(failed)?;
    let film = Film::of(&output).map_err(|e| failed(e.into()))?;
    match read_back(&to, film.bytes, cancel, events).map_err(failed)? {
        None => Err(Trouble::Stopped),
        sha256 => Ok(Film { sha256, path: to.to_string_lossy().into_owned(), ..film }),
    }
}

/// Removes the image, and what belongs to it, where only films are kept, nothing is missing and each was read back.
pub(super) fn remove_image(job: &Job, place: &Place, events: &dyn Events, ripped: &mut Ripped) {
    let is_whole = !ripped.lacks() && ripped.troubles.is_empty() && !ripped.films.is_empty();
    if job.keep != Keep::Film || !is_whole || ripped.films.iter().any(|film| film.sha256.is_none()) {
        return;
    }
    events.event(Event::Phase("remove the image".to_owned()));
    match place.remove_image() {
        Ok(()) => ripped.image = None,
        Err(trouble) => ripped.troubles.push(trouble),
    }
}
