//! How the content of a container lies.

use crate::image::lies::Lies;

/// A stretch of content that lies in one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// How it lies.
    pub lies: Lies,
    /// Bytes of it; zero only at the end.
    pub bytes: u64,
    /// Where its bytes lie as they are; `None` for data that has to be [unpacked](super::Container::unpack), and for all that is no
    /// data.
    pub place: Option<Place>,
}

/// A place in one of the files of a container.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Which of [`Container::files`](super::Container::files).
    pub file: usize,
    /// Where in it, bytes.
    pub offset: u64,
}
