//! Why an image was not converted.

use crate::job::convert::ConvertError;

use super::failure::Failure;
use super::own::CliError;
use super::{imaging, source};

/// The failure for it. Nothing is left of the new image.
pub(crate) fn failed(error: &ConvertError) -> Failure {
    let failure = Failure::of(error);
    match error {
        ConvertError::Stopped => CliError::Stopped.into(),
        ConvertError::Open(error) => source::opening(error),
        ConvertError::Drive => failure.hint("freemkv sweep makes an image of it, a qcow2 image too."),
        ConvertError::Exists(_) => failure.hint("Choose another name; nothing is written over."),
        ConvertError::Unfinished(_) => failure.hint("If no other freemkv runs, delete it."),
        ConvertError::NoFile(_) => failure.hint("Give the name of a file that is not there yet."),
        ConvertError::OtherMap(_) => failure.hint("Move it away first, or choose another name."),
        ConvertError::NoSpace { .. } => failure.hint("Make room first."),
        ConvertError::FileTooLarge { .. } => {
            failure.hint("Choose a folder on another file system (FAT32 is such a one).")
        }
        ConvertError::Read { .. } => {
            failure.hint("Nothing is left of the new image. What can be read, freemkv sweep copies.")
        }
        ConvertError::Differs { .. } => failure.hint(
            "Nothing is left of the new image. Its disk or the memory is not to be trusted: look at the kernel's log.",
        ),
        ConvertError::Image(error) => imaging::writing(error),
        ConvertError::Map(_) => failure.hint("The image was not made. Look at the map beside the source."),
    }
}
