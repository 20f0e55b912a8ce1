//! The images of a conversion: the one that is read, and the one that is made.

use std::path::{Path, PathBuf};

use super::super::open::OpenError;
use super::super::source_name::SourceName;
use super::error::ConvertError;
use crate::image::Format;
use crate::image::container::{Container, Kind};
use crate::source::container::ContainerSource;
use crate::source::content::Content;

/// What is to be converted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Job {
    /// The image that is there.
    pub source: SourceName,
    /// The image that is to be; nothing may lie there.
    pub image: PathBuf,
    /// Its format.
    pub format: Format,
}

/// Opens the source, and says which file it is.
pub(super) fn open(name: &SourceName) -> Result<(Content, PathBuf), ConvertError> {
    match name {
        SourceName::Image(path) => Ok((Content::raw(path).map_err(OpenError::from)?, path.clone())),
        SourceName::Container(path, kind) => {
            let container = Container::open(path, *kind).map_err(OpenError::from)?;
            let source = ContainerSource::new(container, path).map_err(OpenError::from)?;
            Ok((Content::of_container(source), path.clone()))
        }
        SourceName::Drive(_) | SourceName::Emulated(_) => Err(ConvertError::Drive),
    }
}

/// An image that was written in that format, to be read back.
pub(super) fn written(path: &Path, format: Format) -> Result<Content, ConvertError> {
    let name = match format {
        Format::Raw => SourceName::Image(path.to_owned()),
        Format::Qcow2 => SourceName::Container(path.to_owned(), Kind::Qcow2),
    };
    open(&name).map(|(content, _)| content)
}
