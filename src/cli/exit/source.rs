//! What is read: why it cannot be opened, or does not tell what it holds.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

use crate::base::human::{bytes, printable};
use crate::drive::DriveError;
use crate::image::container::{ContainerError, Refusal};
use crate::job::disc::DiscError;
use crate::job::files::Clash;
use crate::job::info::InfoError;
use crate::job::open::OpenError;
use crate::job::source_map::SourceMapError;
use crate::job::source_name::NameError;
use crate::mapfile::error::MapError;
use crate::os::durable;
use crate::scsi::sg_io::OpenError as NodeError;
use crate::source::file::FileError;
use crate::title::TitleError;

use super::super::words::shell;
use super::code::{ExitCode, nothing_there};
use super::failure::Failure;
use super::system;

/// A name that cannot be understood.
pub(crate) fn name(error: &NameError) -> Failure {
    let failure = Failure::of(error);
    match error {
        NameError::EmulatedContainer(..) => failure.hint("freemkv convert makes a raw image of it."),
        NameError::Format(..) => failure.hint("If it is a raw image all the same, say --format raw."),
        NameError::ReadOnly(..) => failure.hint("Let the name end in .iso or .qcow2, or say --format."),
        NameError::Emulated(_) => failure,
    }
}

/// A file that would be two things at once.
pub(crate) fn clash(error: &Clash) -> Failure {
    Failure::of(error).hint("Choose another name.")
}

/// A source that could not be opened.
pub(crate) fn opening(error: &OpenError) -> Failure {
    let failure = Failure::of(error);
    match error {
        OpenError::Drive(error) => drive(error),
        OpenError::File(FileError::Empty { .. }) => {
            failure.hint("There is nothing to read; a drive without a disc looks like that, too.")
        }
        OpenError::File(FileError::NotSeekable { .. }) => {
            failure.hint("Name a drive (/dev/sr0), an image file or a block device.")
        }
        OpenError::File(FileError::Io { cause, .. }) if nothing_there(cause) => {
            failure.hint("Is the device plugged in, with a disc in it?")
        }
        OpenError::File(FileError::Io { path, cause }) | OpenError::Medium { path, cause } => {
            unreadable(error, path, cause)
        }
        OpenError::Container(error) => container(error, failure),
        OpenError::Map(SourceMapError::Map(MapError::Read { error, .. }))
            if system::reading(error.kind()).is_some() =>
        {
            failure.maybe(system::reading(error.kind()))
        }
        OpenError::Map(_) => failure.hint("Move that map away, or give it the name of its own image with .map added."),
        OpenError::Plan { .. } => {
            failure.hint("faults= names a damage plan, or a map as freemkv and ddrescue write them.")
        }
    }
}

/// A container that is not opened.
pub(super) fn container(error: &ContainerError, failure: Failure) -> Failure {
    match error {
        ContainerError::Io { path, cause } => unreadable(error, path, cause),
        ContainerError::Refused { path, refusal } => {
            let path = shell::word(path);
            match refusal {
                Refusal::OtherContent(_) => failure.hint("If it is a raw image all the same, say --format raw."),
                Refusal::Dirty => failure.hint(format!("qemu-img check -r all {path} mends it.")),
                // What is mended is a sound image, not what the map says of it.
                Refusal::Tables(_) => failure.hint(format!("qemu-img check {path} tells more; begin a new image.")),
                Refusal::BackingFile
                | Refusal::ExternalData
                | Refusal::Encrypted
                | Refusal::Compression(_)
                | Refusal::ExtendedL2
                | Refusal::VmdkKind(_)
                | Refusal::ReadOnly(_)
                | Refusal::Version(_) => {
                    failure.hint(format!("qemu-img convert -O qcow2 {path} NEW.qcow2 makes one that can be used."))
                }
                _ => failure,
            }
        }
    }
}

/// A source that the system does not hand out.
fn unreadable(error: &(impl std::error::Error + ExitCode), path: &Path, cause: &std::io::Error) -> Failure {
    let path = printable(&path.display().to_string());
    match cause.kind() {
        ErrorKind::NotFound => Failure::saying(error, format!("{path}: there is no such file"))
            .hint("Is the name right? freemkv drives lists the optical drives."),
        ErrorKind::PermissionDenied => {
            Failure::saying(error, format!("{path} may not be read")).hint("Ask its owner, or be root.")
        }
        _ => Failure::saying(error, format!("{path}: {cause}")),
    }
}

/// A drive that cannot be used, or does not do what it is told.
pub(crate) fn drive(error: &DriveError) -> Failure {
    let failure = Failure::of(error);
    match error {
        DriveError::Blank { .. } => failure.hint("There is nothing on it to read."),
        DriveError::NotClosed { .. } => {
            failure.hint("Close it in the recorder that wrote it, or try a drive that writes discs.")
        }
        DriveError::NoMedium { tray_open: true, .. } => failure.hint("Insert a disc and close the tray."),
        DriveError::NoMedium { tray_open: false, .. } => failure.hint("Insert a disc."),
        DriveError::Incompatible { .. } => failure.hint("Try a drive that reads this type of disc."),
        DriveError::AudioOnly { .. } => failure.hint("An audio ripper such as whipper reads it."),
        DriveError::NotOptical { .. } | DriveError::Open(NodeError::NotScsi { .. }) => {
            failure.hint("freemkv drives lists the optical drives.")
        }
        DriveError::Transport { .. } => failure.hint("Unplug the drive, wait, and plug it in again."),
        DriveError::Offline { .. } => failure.hint(
            "Unplug the drive or switch it off, wait, and plug it in again; a built-in one comes back with the next start of \
             the machine.",
        ),
        DriveError::NotReady { .. } => {
            failure.hint("Take the disc out and put it in again, wait until the drive rests, and try again.")
        }
        DriveError::Busy { .. } | DriveError::Open(NodeError::Busy { .. }) => {
            failure.hint("Close the other program, or unmount the disc, and try again.")
        }
        DriveError::Gone { .. } | DriveError::Open(NodeError::Gone { .. }) => {
            failure.hint("Plug it in; freemkv drives lists the drives that are there.")
        }
        DriveError::Capacity { .. } | DriveError::Refused { .. } => {
            failure.hint("Take the disc out, put it in again, and try once more; or try another drive.")
        }
        DriveError::Stopped { .. }
        | DriveError::Mounted { .. }
        | DriveError::BlockSize { .. }
        | DriveError::Open(NodeError::Denied { .. } | NodeError::Io { .. }) => failure,
    }
}

/// A disc whose files cannot be had.
pub(crate) fn disc(error: &DiscError) -> Failure {
    let failure = Failure::of(error);
    match error {
        DiscError::Open(error) => opening(error),
        DiscError::Map(SourceMapError::Map(MapError::Read { error, .. }))
            if system::reading(error.kind()).is_some() =>
        {
            failure.maybe(system::reading(error.kind()))
        }
        DiscError::Map(SourceMapError::Map(MapError::NotAFile { .. })) => failure.hint("Name a map with --map."),
        DiscError::Map(_) => failure.hint("Name the right one with --map."),
        DiscError::NoDisc(_) => failure.hint("Name the folder that holds them."),
        DiscError::MapOfRaw { .. } => {
            failure.hint("Sweep it into an image first: freemkv sweep takes the data out, and writes a map of that.")
        }
        DiscError::NoMap(_) => failure.hint("Is the name right?"),
        DiscError::MapOfFolder(_) => failure.hint("Leave --map out."),
        DiscError::Other { .. } => failure.hint("Name a drive, a disc image, the folder of a disc or a stream file."),
        DiscError::Files { .. } => failure,
    }
}

/// A disc that cannot be described.
pub(crate) fn info(error: &InfoError, source: &OsStr) -> Failure {
    match error {
        InfoError::Root(_) => Failure::saying(error, format!("{}: {error}", printable(&source.to_string_lossy()))),
        InfoError::NoSuchTitle(_) | InfoError::Stopped => Failure::of(error),
    }
}

/// Titles that cannot be told. `source` is what the person named; `missing` bytes of its disc are known to be missing.
pub(crate) fn titles(error: &TitleError, source: &OsStr, missing: u64) -> Failure {
    let mut hint = String::new();
    if missing > 0 {
        let _ = write!(
            hint,
            "{} of the disc are missing in the image; freemkv patch may bring the tables. ",
            bytes(missing)
        );
    }
    let source = shell::word(source);
    if matches!(error, TitleError::NoDvdTitle { .. } | TitleError::DvdTable { .. }) {
        hint.push_str(
            "The VOBs of a title set can be muxed without its tables, copied out of the disc: \
             cat VTS_01_[1-9].VOB > film.vob; then freemkv mux film.vob OUT.mkv.",
        );
        return Failure::saying(error, printable(&error.to_string())).hint(hint);
    }
    let _ = write!(
        hint,
        "A stream file can be muxed by itself: freemkv info --files {source} lists those in BDMV/STREAM; \
         then freemkv mux {source} OUT.mkv --title NNNNN.m2ts."
    );
    Failure::saying(error, printable(&error.to_string())).hint(hint)
}

/// A map that is to be shown.
pub(crate) fn map(error: &MapError, path: &Path) -> Failure {
    if let MapError::Read { error: cause, .. } = error
        && let Some(hint) = system::reading(cause.kind())
    {
        return Failure::of(error).hint(hint);
    }
    let shown = printable(&path.display().to_string());
    let beside = printable(&durable::beside(path, ".map").display().to_string());
    Failure::of(error).hint(format!(
        "Is {shown} a map of freemkv or ddrescue? An image is named where its map lies beside it, as {beside}."
    ))
}
