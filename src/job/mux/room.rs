//! Looks for what would be written over, and for free space, before a film is begun.

use std::fs;
use std::path::{Path, PathBuf};

use crate::image::here::free_space_check;
use crate::mux::MuxError;
use crate::mux::run::judge_output;
use crate::os::names;

use super::error::Error;
use super::job::{Film, Job};

/// Checks that all films have a place, and changes nothing: none goes where something is read or where another one
/// goes, none is there already, their folder takes new files or can be made, and the file system has room.
///
/// # Errors
/// [`Error`].
pub fn judge(films: &[Film], job: &Job) -> Result<(), Error> {
    let mut files = job.read.clone();
    films.iter().for_each(|film| files.writes(&film.path, "the film"));
    files.check()?;
    films.iter().try_for_each(|film| judge_output(&film.path, job.force))?;
    films.iter().try_for_each(|film| judge_folder(film, job))?;
    if job.force { Ok(()) } else { free_space(films) }
}

/// Whether the folder of a film takes new files; one that is made for films, whether it can be made.
fn judge_folder(film: &Film, job: &Job) -> Result<(), Error> {
    if job.is_into_folder() {
        let is_there = |folder: &&Path| folder.symlink_metadata().is_ok();
        let folder = job.output.ancestors().find(is_there).unwrap_or(Path::new("."));
        return names::takes_new_files(folder).map_err(|cause| Error::Folder { folder: job.output.clone(), cause });
    }
    // What is open or there already, and no file, is written in place.
    let is_open = names::own_descriptor(&film.path).is_some();
    if is_open || !matches!(names::kind_behind(&film.path), Ok(None | Some(names::Kind::File))) {
        return Ok(());
    }
    let failed = |source| MuxError::Place { operation: "create", path: film.path.clone(), source };
    let path = names::resolve(&film.path).map_err(failed)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(names::takes_new_files(folder).map_err(failed)?)
}

/// Makes the folder for the films, where they go into one.
///
/// # Errors
/// [`Error::Folder`].
pub fn make_folder(job: &Job) -> Result<(), Error> {
    if job.is_into_folder() {
        fs::create_dir_all(&job.output).map_err(|cause| Error::Folder { folder: job.output.clone(), cause })?;
    }
    Ok(())
}

/// Where the system does not tell how much is free, writing will.
fn free_space(films: &[Film]) -> Result<(), Error> {
    let needed = films.iter().map(|film| film.plan.size_estimate()).fold(0, u64::saturating_add);
    let Some(first) = films.first() else { return Ok(()) };
    match free_space_check(&place(&first.path), needed) {
        Ok(Some(space)) if !space.is_enough() => {
            Err(Error::NoSpace { path: first.path.clone(), needed, free: space.free })
        }
        _ => Ok(()),
    }
}

/// A name in the nearest folder above that is there already: that of the films may be still to be made.
fn place(path: &Path) -> PathBuf {
    let is_there = |folder: &&Path| folder.as_os_str().is_empty() || folder.is_dir();
    let folder = path.ancestors().skip(1).find(is_there).unwrap_or(Path::new(""));
    folder.join(path.file_name().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_that_of_the_nearest_folder_that_is_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(place(&folder.path().join("new/deep/film.mkv")), folder.path().join("film.mkv"));
        assert_eq!(place(&folder.path().join("film.mkv")), folder.path().join("film.mkv"));
        assert_eq!(place(Path::new("film.mkv")), Path::new("film.mkv"));
    }
}
