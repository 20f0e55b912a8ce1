//! A folder of the host, or one file of it, seen as a file system.

use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::Names;
use super::extent::{Body, File};
use super::{Entry, FileSystem, FsError, Volume, path};

/// A folder of the host: a BDMV or VIDEO_TS tree that was copied there, a mounted disc.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
    volume: Volume,
}

impl Folder {
    /// The folder `root`.
    ///
    /// # Errors
    /// [`FsError::Host`] when it cannot be listed.
    pub fn open(root: &Path) -> Result<Self, FsError> {
        fs::read_dir(root).map_err(|e| host(root, e))?;
        Ok(Self { root: root.to_owned(), volume: volume("folder", root) })
    }

    /// The host's path of a path here, each name in the case the host has.
    fn resolve(&self, wanted: &str) -> Result<PathBuf, FsError> {
        let mut at = self.root.clone();
        for name in path::names(wanted) {
            if name == ".." {
                return Err(FsError::NotFound(path::for_message(wanted)));
            }
            let exact = at.join(name);
            at = if exact.symlink_metadata().is_ok() {
                exact
            } else {
                let entries = if at.is_dir() { list_host(&at)? } else { Vec::new() };
                let entry = path::find(&entries, name, |e| &e.name);
                at.join(&entry.ok_or_else(|| FsError::NotFound(path::for_message(wanted)))?.name)
            };
        }
        Ok(at)
    }
}

impl FileSystem for Folder {
    fn volume(&self) -> &Volume {
        &self.volume
    }

    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError> {
        let at = self.resolve(directory)?;
        if !at.is_dir() {
            return Err(FsError::NotADirectory(path::for_message(directory)));
        }
        let mut entries = list_host(&at)?;
        // The host's order is chance.
        entries.sort();
        Ok(entries)
    }

    fn root_identity(&self) -> u128 {
        identity(&self.root)
    }

    fn open(&self, path: &str) -> Result<File, FsError> {
        open_host(&self.resolve(path)?, path)
    }

    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        read_body(file, offset, buffer)
    }
}

/// One file of the host, alone in its root: a stream file to be muxed as it is.
#[derive(Debug)]
pub struct SingleFile {
    at: PathBuf,
    name: String,
    volume: Volume,
}

impl SingleFile {
    /// The file `at`.
    ///
    /// # Errors
    /// [`FsError::Host`] when it cannot be opened, [`FsError::NotAFile`] when it is none.
    pub fn open(at: &Path) -> Result<Self, FsError> {
        let name = path::clean(&at.file_name().unwrap_or_default().to_string_lossy());
        open_host(at, &name)?;
        Ok(Self { at: at.to_owned(), name, volume: volume("file", at) })
    }

    /// The file's name: its path in this file system.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FileSystem for SingleFile {
    fn volume(&self) -> &Volume {
        &self.volume
    }

    fn list(&self, directory: &str) -> Result<Vec<Entry>, FsError> {
        match path::names(directory).next() {
            None => Ok(vec![Entry { name: self.name.clone(), is_directory: false, identity: 0 }]),
            Some(_) => Err(FsError::NotADirectory(path::for_message(directory))),
        }
    }

    fn root_identity(&self) -> u128 {
        0
    }

    fn open(&self, path: &str) -> Result<File, FsError> {
        if path::names(path).eq([self.name.as_str()]) {
            open_host(&self.at, path)
        } else {
            Err(FsError::NotFound(path::for_message(path)))
        }
    }

    fn read_at(&self, file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
        read_body(file, offset, buffer)
    }
}

fn host(path: &Path, source: std::io::Error) -> FsError {
    FsError::Host { path: path.to_owned(), source }
}

/// Device and inode: links may lead in circles. 0 where the host does not tell.
fn identity(at: &Path) -> u128 {
    fs::metadata(at).map_or(0, |facts| u128::from(facts.dev()) << 64 | u128::from(facts.ino()))
}

fn volume(format: &str, at: &Path) -> Volume {
    let full = at.canonicalize().unwrap_or_else(|_| at.to_owned());
    let label = full.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Volume { format: format.to_owned(), label }
}

/// The names in a folder; those that are no Unicode cannot be asked for and are left out.
fn list_host(at: &Path) -> Result<Vec<Entry>, FsError> {
    let mut entries = Vec::new();
    let mut counter = Names::default();
    for entry in fs::read_dir(at).map_err(|e| host(at, e))? {
        let entry = entry.map_err(|e| host(at, e))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // Links are followed: a tree of links to the files of a disc is a disc.
        let is_directory = entry.path().is_dir();
        let identity = if is_directory { identity(&entry.path()) } else { 0 };
        counter.add(&name).map_err(|e| FsError::Unsupported(format!("{}: {e}", at.display())))?;
        entries.push(Entry { name, is_directory, identity });
    }
    Ok(entries)
}

fn open_host(at: &Path, path: &str) -> Result<File, FsError> {
    // A pipe without a writer would hold the open for ever.
    let file = fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK).open(at).map_err(|e| {
        if e.kind() == std::io::ErrorKind::NotFound { FsError::NotFound(at.display().to_string()) } else { host(at, e) }
    })?;
    let facts = file.metadata().map_err(|e| host(at, e))?;
    if !facts.is_file() {
        return Err(FsError::NotAFile(path::for_message(path)));
    }
    Ok(File { length: facts.len(), body: Body::Host(Arc::new(file)), path: path.to_owned() })
}

/// Reads a file that was opened here.
fn read_body(file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
    match &file.body {
        Body::Host(open) => read_host(open, &file.path, offset, buffer),
        _ => Err(FsError::NotFound(path::for_message(&file.path))),
    }
}

/// Reads until the buffer is full or the file ends.
fn read_host(file: &fs::File, path: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, FsError> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(&mut buffer[done..], offset.saturating_add(done as u64)) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) if done > 0 => break,
            Err(e) => return Err(host(Path::new(path), e)),
        }
    }
    Ok(done)
}

#[cfg(test)]
#[path = "tests/folder.rs"]
mod tests;
