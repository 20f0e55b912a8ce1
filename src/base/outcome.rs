//! What came of one read of the medium.

use std::fmt;

use super::sector::SectorRange;

/// Sense key, additional sense code and its qualifier (SPC-4, 4.5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Sense {
    /// Sense key, 0 to 15.
    pub key: u8,
    /// Additional sense code.
    pub asc: u8,
    /// Additional sense code qualifier.
    pub ascq: u8,
}

impl Sense {
    /// A sense triple.
    #[must_use]
    pub const fn new(key: u8, asc: u8, ascq: u8) -> Self {
        Self { key, asc, ascq }
    }
}

/// As the field writes it: `03/11/00`, hexadecimal.
impl fmt::Display for Sense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}/{:02X}/{:02X}", self.key, self.asc, self.ascq)
    }
}

/// What a source says in place of data, as raw as it came: for people, logs and sidecars. All of it zero: it said nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Complaint {
    /// Sense of the drive, when it sent one.
    pub sense: Option<Sense>,
    /// SCSI status byte; 0 where the source has none.
    pub status: u8,
    /// Linux host status: 0 unless the way to the drive failed.
    pub host_status: u16,
}

/// As the field writes it: `02/04/01`, else `host 03`, else `status 08`.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.sense, self.host_status, self.status) {
            (Some(sense), ..) => sense.fmt(f),
            (None, 0, 0) => f.write_str("no reason"),
            (None, 0, status) => write!(f, "status {status:02X}"),
            (None, host, _) => write!(f, "host {host:02X}"),
        }
    }
}

/// Why a read did not bring all that was asked for. Only [`Fault::Damage`] is damage of the disc.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// The medium could not be read there (03/xx, servo faults, a short transfer, EIO of an image file).
    Damage,
    /// The map of an image says that it is not in there. Said to who reads tables and files; to a copy it is [`Self::Damage`].
    NotInImage,
    /// Unwritten space of a rewritable disc (08/xx).
    Blank,
    /// The range lies past the end of the disc (05/21, 05/63).
    OutOfRange,
    /// An audio track, or an over-read past the end (05/64).
    WrongTrack,
    /// The drive refuses to hand the sector out without authentication (05/6F/00-03).
    Protected,
    /// The disc's region and the drive's differ (05/6F/04, 05).
    Region,
    /// No disc in the drive (02/3A).
    NoMedium,
    /// The drive does not become ready.
    NotReady,
    /// The drive cannot read this type of disc (02/30).
    Incompatible,
    /// The disc may have been changed (06/28).
    MediumChanged,
    /// Another program holds the drive (BUSY, TASK SET FULL, RESERVATION CONFLICT).
    Busy,
    /// The drive is gone: unplugged, or its node vanished.
    Gone,
    /// The system has given the drive up and passes nothing on to it (Linux: device state offline).
    Offline,
    /// The drive answers nothing sensible any more (wedged firmware).
    Wedged,
    /// The drive has lost its settings in a reset and does not take them again.
    SettingsLost,
    /// The way to the drive fails: host status, a check condition without sense, a time-out.
    Transport,
    /// The system does not pass the command on, for a reason of its own (ENOMEM, EINVAL).
    Unsent,
    /// Of every read a part is said not to have come, so that nothing can be believed to have (a USB bridge that miscounts).
    Residue,
    /// The drive refuses and says nothing that this program knows.
    Unknown,
}

impl Fault {
    /// Whether a drive that is well may say this of one place, again and again, while it reads all others. That it is well has
    /// to be asked; what is not among these is about the disc as a whole, or about what the drive lets anybody have.
    #[must_use]
    pub fn may_be_a_place(self) -> bool {
        matches!(
            self,
            Self::OutOfRange
                | Self::WrongTrack
                | Self::NoMedium
                | Self::NotReady
                | Self::Busy
                | Self::Gone
                | Self::Wedged
                | Self::Transport
                | Self::Unsent
                | Self::Unknown
        )
    }
}

/// What came of one read command.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    /// Sectors at the head of the request whose data is in the buffer and right, as far as the source can tell.
    pub sectors: u64,
    /// Why the rest is missing; `None` exactly when all arrived.
    pub fault: Option<Fault>,
    /// The command succeeded and brought less than was asked for: nothing is known of the rest.
    pub short: bool,
    /// Sectors at the end of the request that no command asked for, because one before them failed.
    pub unasked: u64,
    /// The drive had to work for (a part of) the data: 01/xx. The data counts as good but wants a second look.
    pub recovered: bool,
    /// The data came from the medium itself and not from a cache, as far as the source can tell.
    pub past_cache: bool,
    /// SCSI status byte; 0 where the source has none.
    pub status: u8,
    /// Linux host status: 0 where the way to the drive worked, or the source has none.
    pub host_status: u16,
    /// Sense of the drive, when it sent one.
    pub sense: Option<Sense>,
    /// Sector that the sense data names, when it is valid.
    pub information: Option<u64>,
    /// Time the command took, seconds on the source's clock.
    pub seconds: f64,
}

impl Outcome {
    /// All `sectors` arrived.
    #[must_use]
    pub fn complete(sectors: u64, seconds: f64) -> Self {
        Self {
            sectors,
            fault: None,
            short: false,
            unasked: 0,
            recovered: false,
            past_cache: false,
            status: 0,
            host_status: 0,
            sense: None,
            information: None,
            seconds,
        }
    }

    /// Only the first `sectors` arrived.
    #[must_use]
    pub fn failed(sectors: u64, fault: Fault, seconds: f64) -> Self {
        Self { fault: Some(fault), ..Self::complete(sectors, seconds) }
    }

    /// What of `range`, for which this is the outcome, a command asked for; its first sector at least.
    #[must_use]
    pub fn asked_of(&self, range: SectorRange) -> SectorRange {
        range.split_at(range.len().saturating_sub(self.unasked).max(1)).0
    }

    /// What the source said, where it said anything.
    #[must_use]
    pub fn complaint(&self) -> Complaint {
        Complaint { sense: self.sense, status: self.status, host_status: self.host_status }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sense_reads_as_the_field_writes_it() {
        assert_eq!(Sense::new(5, 0x6f, 3).to_string(), "05/6F/03");
        let said = |sense, host_status, status| Complaint { sense, status, host_status }.to_string();
        assert_eq!(said(Some(Sense::new(2, 4, 1)), 0, 2), "02/04/01");
        assert_eq!([said(None, 3, 0), said(None, 0, 8), said(None, 0, 0)], ["host 03", "status 08", "no reason"]);
    }
}
