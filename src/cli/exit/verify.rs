//! What ends a comparison, before it begins or later.

use crate::base::human::printable;
use crate::job::source_map::SourceMapError;
use crate::job::verify::{End, Report, VerifyError};
use crate::mapfile::error::MapError;

use super::failure::Failure;
use super::own::CliError;
use super::{faults, source, system};

/// Why nothing was compared.
pub(crate) fn not_begun(error: &VerifyError) -> Failure {
    let failure = Failure::of(error);
    match error {
        VerifyError::Source(error) | VerifyError::Image(error) => source::opening(error),
        VerifyError::Map(SourceMapError::Map(MapError::Read { error, .. }))
            if system::reading(error.kind()).is_some() =>
        {
            failure.maybe(system::reading(error.kind()))
        }
        VerifyError::Map(_) => failure.hint("Name the right one with --map."),
        VerifyError::NoMap(_) => failure.hint("Is the name right?"),
        VerifyError::ImageIsDrive(_) => {
            failure.hint("Name the disc first, then the image: freemkv verify /dev/sr0 disc.iso")
        }
        VerifyError::Folder(_) => failure.hint("Name a drive, an image file or a block device."),
        VerifyError::MapOfRaw(_) => failure.hint("Leave --map out."),
    }
}

/// What ended it before all was compared, or what it found; `None` where both are the same.
pub(crate) fn ended(end: &End, report: &Report) -> Option<Failure> {
    match end {
        End::Done => None,
        End::Stopped => Some(CliError::Interrupted.into()),
        End::Fault { fault, range, outcome } => Some(faults::of_comparison(*fault, *range, outcome, &report.source)),
        End::Image { fault, range, outcome } => {
            let image = printable(&report.image.display().to_string());
            Some(faults::of_comparison(*fault, *range, outcome, &image))
        }
    }
}
