//! What can go wrong with a container.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::refusal::Refusal;
use crate::base::human::printable;

/// A container cannot be opened.
#[derive(Clone, Debug, Error)]
pub enum ContainerError {
    /// It is not what it is taken for, or of a kind that is not read or written.
    #[error("{}: {refusal}", printable(&path.to_string_lossy()))]
    Refused {
        /// The image, or the part of it that was looked at.
        path: PathBuf,
        /// Why.
        refusal: Refusal,
    },
    /// The system refused or failed.
    #[error("{}: {cause}", printable(&path.to_string_lossy()))]
    Io {
        /// The image, or the part of it.
        path: PathBuf,
        /// What the system says.
        cause: Arc<io::Error>,
    },
}

impl ContainerError {
    pub(in crate::image) fn refused(path: &Path, refusal: Refusal) -> Self {
        Self::Refused { path: path.to_owned(), refusal }
    }

    pub(in crate::image) fn io(path: &Path, cause: io::Error) -> Self {
        Self::Io { path: path.to_owned(), cause: Arc::new(cause) }
    }
}
