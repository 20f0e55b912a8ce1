//! Why a drive cannot be used: each state that cannot be read from has its own name.

use thiserror::Error;

use super::link::{Refusal, Unready};
use super::user::User;
use crate::base::outcome::{Fault, Sense};
use crate::scsi::sg_io::OpenError;

/// Why a drive cannot be used.
#[derive(Debug, Error)]
pub enum DriveError {
    /// Its node cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Its disc is mounted.
    #[error("{name}: its disc is mounted at {at}; unmount it first: umount '{at}'")]
    Mounted {
        /// The drive.
        name: String,
        /// Where.
        at: String,
    },
    /// It is a SCSI device, but no optical drive.
    #[error("{name}: not an optical drive (SCSI device type {device_type:02X}h)")]
    NotOptical {
        /// The device.
        name: String,
        /// Peripheral device type (SPC-4, INQUIRY).
        device_type: u8,
    },
    /// No disc is in it.
    #[error("{name}: {}", if *.tray_open { "the tray is open" } else { "no disc in the drive" })]
    NoMedium {
        /// The drive.
        name: String,
        /// Whether the drive says that its tray is open.
        tray_open: bool,
    },
    /// The disc is of a type that the drive cannot read.
    #[error("{name}: the drive cannot read this type of disc")]
    Incompatible {
        /// The drive.
        name: String,
    },
    /// It does not become ready.
    #[error("{name}: the drive does not become ready{}", .sense.map_or_else(String::new, |s| format!(" (sense {s})")))]
    NotReady {
        /// The drive.
        name: String,
        /// What it says last.
        sense: Option<Sense>,
    },
    /// Another program uses it.
    #[error("{name}: in use by {}", .user.as_ref().map_or_else(|| "another program".into(), ToString::to_string))]
    Busy {
        /// The drive.
        name: String,
        /// Who, when that can be found out.
        user: Option<User>,
    },
    /// It is gone.
    #[error("{name}: the drive is gone; was it unplugged?")]
    Gone {
        /// The drive.
        name: String,
    },
    /// The system has given it up.
    #[error("{name}: the system has taken the drive offline, since it did not answer any more")]
    Offline {
        /// The drive.
        name: String,
    },
    /// It cannot be reached.
    #[error("{name}: the drive does not answer; check its cable or adapter")]
    Transport {
        /// The drive.
        name: String,
    },
    /// Nothing was ever written on the disc.
    #[error("{name}: the disc is blank")]
    Blank {
        /// The drive.
        name: String,
    },
    /// Something was written on the disc, and it was never closed, so that nobody knows how far.
    #[error("{name}: the disc was never closed (finalised), and the drive does not tell how far it was written")]
    NotClosed {
        /// The drive.
        name: String,
    },
    /// The disc holds sound only.
    #[error("{name}: an audio CD: it has no data track to image")]
    AudioOnly {
        /// The drive.
        name: String,
    },
    /// The disc's blocks are not sectors.
    #[error("{name}: blocks of {bytes} bytes; only discs with 2048 are supported")]
    BlockSize {
        /// The drive.
        name: String,
        /// Bytes in a block.
        bytes: u32,
    },
    /// The size of the disc cannot be found out.
    #[error("{name}: the drive does not tell the size of the disc ({answer})")]
    Capacity {
        /// The drive.
        name: String,
        /// What it says.
        answer: String,
    },
    /// It refuses what every drive knows.
    #[error("{name}: {command} failed ({answer})")]
    Refused {
        /// The drive.
        name: String,
        /// The command.
        command: &'static str,
        /// What it says.
        answer: String,
    },
    /// Somebody wants to stop.
    #[error("{name}: stopped while waiting for the drive")]
    Stopped {
        /// The drive.
        name: String,
    },
}

impl DriveError {
    /// What it is to a read, for callers that decide by kind; `None` where it is nothing of that.
    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Open(OpenError::Busy { .. }) | Self::Mounted { .. } | Self::Busy { .. } => Some(Fault::Busy),
            Self::Open(OpenError::Gone { .. }) | Self::Gone { .. } => Some(Fault::Gone),
            Self::NoMedium { .. } => Some(Fault::NoMedium),
            Self::Incompatible { .. } => Some(Fault::Incompatible),
            Self::NotReady { .. } => Some(Fault::NotReady),
            Self::Transport { .. } => Some(Fault::Transport),
            Self::Offline { .. } => Some(Fault::Offline),
            Self::AudioOnly { .. } => Some(Fault::WrongTrack),
            Self::Blank { .. } | Self::NotClosed { .. } => Some(Fault::Blank),
            _ => None,
        }
    }

    pub(super) fn unready(name: &str, unready: Unready) -> Self {
        let (name, sense) = (name.to_owned(), unready.sense);
        match unready.fault {
            // MEDIUM NOT PRESENT - TRAY OPEN.
            Fault::NoMedium => Self::NoMedium { name, tray_open: sense.is_some_and(|s| s.ascq == 2) },
            Fault::Incompatible => Self::Incompatible { name },
            Fault::Busy => Self::Busy { name, user: None },
            Fault::Gone => Self::Gone { name },
            Fault::Transport => Self::Transport { name },
            Fault::Offline => Self::Offline { name },
            _ => Self::NotReady { name, sense },
        }
    }
}

/// The error of a command that every drive should answer.
pub(super) fn refused(name: &str, command: &'static str, refusal: &Refusal) -> DriveError {
    match refusal {
        Refusal::Fault(fault @ (Fault::Gone | Fault::Offline | Fault::Busy | Fault::Transport | Fault::NoMedium)) => {
            DriveError::unready(name, Unready { fault: *fault, sense: None })
        }
        _ => DriveError::Refused { name: name.to_owned(), command, answer: refusal.to_string() },
    }
}
