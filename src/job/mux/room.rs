//! Looks for what would be written over, and for free space, before a film is begun.

use std::fs;

use crate::image::here::free_space_check;
use crate::mux::MuxError;

use super::error::Error;
use super::job::{Film, Job};

/// Checks that all films have a place: none goes where something is read or where another one goes, none is there
/// already, and the file system has room. Makes the folder for them.
///
/// # Errors
/// [`Error`].
pub fn make_room(films: &[Film], job: &Job) -> Result<(), Error> {
    let mut files = job.read.clone();
    films.iter().for_each(|film| files.writes(&film.path, "the film"));
    files.check()?;
    let is_there = |film: &&Film| film.path.symlink_metadata().is_ok_and(|there| there.is_file());
    if let Some(film) = films.iter().find(is_there).filter(|_| !job.force) {
        return Err(MuxError::Exists { path: film.path.clone() }.into());
    }
    if job.is_into_folder() {
        fs::create_dir_all(&job.output).map_err(|cause| Error::Folder { folder: job.output.clone(), cause })?;
    }
    if job.force { Ok(()) } else { free_space(films) }
}

/// Where the system does not tell how much is free, writing will.
fn free_space(films: &[Film]) -> Result<(), Error> {
    let needed = films.iter().map(|film| film.plan.size_estimate()).fold(0, u64::saturating_add);
    let Some(first) = films.first() else { return Ok(()) };
    match free_space_check(&first.path, needed) {
        Ok(Some(space)) if !space.is_enough() => {
            Err(Error::NoSpace { path: first.path.clone(), needed, free: space.free })
        }
        _ => Ok(()),
    }
}
