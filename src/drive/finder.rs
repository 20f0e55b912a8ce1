//! Who can say where a drive is now.

use std::fs::File;

use super::identity::Identity;
use crate::scsi::Transport;

/// A drive that was found.
pub(super) struct Found {
    /// The way to it.
    pub(super) transport: Box<dyn Transport>,
    /// Keeps others from it, when the way alone does not.
    pub(super) guard: Option<File>,
    /// What a person calls it now.
    pub(super) name: String,
    /// The port or the bridge that it hangs on now, where the system tells.
    pub(super) way: Option<String>,
}

/// Looks once for the drive with this identity.
pub(super) type Finder = Box<dyn FnMut(&Identity) -> Option<Found> + Send>;
