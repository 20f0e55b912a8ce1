//! A source of one kind or the other: a drive can do more than a file.

use super::SectorSource;
use super::drive::DriveSource;

/// A source that is open.
pub enum Source {
    /// An image file or a block device.
    File(Box<dyn SectorSource>),
    /// An optical drive.
    Drive(Box<dyn DriveSource>),
}

/// A source, lent for one run.
pub enum Input<'a> {
    /// An image file or a block device.
    File(&'a mut dyn SectorSource),
    /// An optical drive.
    Drive(&'a mut dyn DriveSource),
}

impl Source {
    /// Lends it.
    pub fn input(&mut self) -> Input<'_> {
        match self {
            Self::File(file) => Input::File(file.as_mut()),
            Self::Drive(drive) => Input::Drive(drive.as_mut()),
        }
    }

    /// What there is to read of it, whatever it is.
    #[must_use]
    pub fn into_sectors(self) -> Box<dyn SectorSource> {
        match self {
            Self::File(file) => file,
            Self::Drive(drive) => drive,
        }
    }
}

impl Input<'_> {
    /// What there is to read of it, whatever it is.
    pub fn sectors(&mut self) -> &mut dyn SectorSource {
        match self {
            Self::File(file) => &mut **file,
            Self::Drive(drive) => &mut **drive,
        }
    }

    /// The drive, when it is one.
    pub fn drive(&mut self) -> Option<&mut dyn DriveSource> {
        match self {
            Self::File(_) => None,
            Self::Drive(drive) => Some(&mut **drive),
        }
    }
}
