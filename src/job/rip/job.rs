//! What is asked of a rip.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::imaging;
use crate::job::titles::TitleChoice;
use crate::mux::plan::Options;

use super::names::Template;

/// What of a disc stays in its folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Keep {
    /// The image and the films.
    #[default]
    Both,
    /// The image; no film is made.
    Image,
    /// The films; the image goes when nothing is missing and each film was read back.
    Film,
}

/// How long a drive is waited for that has no disc.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Wait {
    /// Not at all.
    #[default]
    No,
    /// At most so long.
    For(Duration),
    /// Until somebody stops the program.
    Ever,
}

/// A rip as a person asks for it; every disc of a batch is ripped so.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// The folder in which each disc gets a folder of its own.
    pub folder: PathBuf,
    /// How that is called.
    pub name: Template,
    /// What stays in it.
    pub keep: Keep,
    /// Rip a disc that was ripped already: what is missing is asked for again, films are made again.
    pub again: bool,
    /// Whether a drive without a disc is waited for.
    pub wait: Wait,
    /// Take one disc after the other until none comes any more.
    pub keep_going: bool,
    /// Retry passes of the patch; none is made with 0.
    pub passes: u32,
    /// Open the tray when the drive has done its part.
    pub eject: bool,
    /// A command for `sh` that is run as soon as the drive is free.
    pub on_free: Option<OsString>,
    /// A command for `sh` that is run behind everything, whatever came of it.
    pub on_done: Option<OsString>,
    /// Which titles become films.
    pub films: Films,
    /// How the image is made; its task, image, map and hash are the rip's own. Its budget is that of sweep and patch
    /// together.
    pub imaging: imaging::Job,
}

/// Which titles become films, and what is taken of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Films {
    /// Which titles; `None` takes all where the disc has any.
    pub titles: Option<TitleChoice>,
    /// Shortest title that "all" takes.
    pub min_length: Duration,
    /// Which angle, from 1.
    pub angle: usize,
    /// What is taken of a title.
    pub options: Options,
}

impl Films {
    /// The choice as a text: two that are equal make the same films of a disc.
    #[must_use]
    pub fn text(&self, keep: Keep) -> String {
        // Of an image alone nothing is chosen.
        if keep == Keep::Image { "image".to_owned() } else { format!("{self:?}") }
    }
}
