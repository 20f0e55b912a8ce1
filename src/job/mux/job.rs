//! What is asked of a mux, and what comes of it for each title.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::job::files::Files;
use crate::job::titles::TitleChoice;
use crate::mux::plan::{Options, Plan};

/// What of a disc becomes films, and where they go.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which titles; `None` takes all into a folder, and the film into a file.
    pub titles: Option<TitleChoice>,
    /// Shortest title that "all" takes.
    pub min_length: Duration,
    /// Which angle, from 1.
    pub angle: usize,
    /// What is taken of a title.
    pub options: Options,
    /// The file to write; a folder when it is one or ends in `/`.
    pub output: PathBuf,
    /// Write over films that are there, and go on with too little free space.
    pub force: bool,
    /// What is read for the source: no film goes there.
    pub read: Files,
}

impl Job {
    /// Whether films go into a folder, under names of their own.
    #[must_use]
    pub fn is_into_folder(&self) -> bool {
        is_folder(&self.output)
    }

    /// Which titles are meant.
    pub(super) fn titles(&self) -> TitleChoice {
        let default = if self.is_into_folder() { TitleChoice::All } else { TitleChoice::Main };
        self.titles.clone().unwrap_or(default)
    }
}

/// A folder that is there, or a name that ends in `/`.
fn is_folder(path: &Path) -> bool {
    path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/")
}

/// A title's plan, and the file for it.
#[derive(Clone, Debug)]
pub struct Film {
    /// What it will hold.
    pub plan: Plan,
    /// Where it goes.
    pub path: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_there_or_ends_in_a_slash() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_folder(folder.path()) && is_folder(Path::new("/no/such/films/")));
        assert!(!is_folder(Path::new("/no/such/film.mkv")) && !is_folder(&folder.path().join("films")));
    }
}
