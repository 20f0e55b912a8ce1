//! Why a disc cannot be described.

use thiserror::Error;

use crate::fs::FsError;
use crate::job::titles::NoSuchTitle;

/// Why a disc cannot be described.
#[derive(Debug, Error)]
pub enum InfoError {
    /// Its root directory cannot be read.
    #[error("the root directory: {0}")]
    Root(FsError),
    /// A title that was asked for is not there.
    #[error(transparent)]
    NoSuchTitle(#[from] NoSuchTitle),
    /// The person stopped it.
    #[error("stopped by a signal")]
    Stopped,
}
