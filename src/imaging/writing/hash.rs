//! The SHA-256 of a complete image: as it is written when that happens in order, else of the finished file.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::base::cancel::Cancel;
use crate::base::event::Events;
use crate::base::pace::{At, Pace};
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE, SectorRange};
use crate::image::Format;
use crate::image::container::{Container, Kind};
use crate::os::durable;
use crate::source::container::ContainerSource;
use crate::source::file::FileSource;
use crate::source::{ReadRequest, SectorSource};

use crate::imaging::error::Error;

/// Reading an image back takes no longer than this a piece; it is a file.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// The hash of what was written so far, as long as it came in order from the first byte.
#[derive(Debug, Default)]
pub(in crate::imaging) struct Streamed {
    hasher: Sha256,
    next: u64,
    broken: bool,
}

impl Streamed {
    /// Takes what is written at `offset`.
    pub(in crate::imaging) fn take(&mut self, offset: u64, bytes: &[u8]) {
        if self.broken || offset != self.next {
            self.broken = true;
            return;
        }
        self.hasher.update(bytes);
        self.next = offset.saturating_add(bytes.len() as u64);
    }

    /// The hash of an image of `size` bytes, when just that was written, in order.
    pub(in crate::imaging) fn finish(self, size: u64) -> Option<String> {
        (!self.broken && self.next == size).then(|| hex(self.hasher))
    }
}

/// Reads the first `size` bytes of the disc that an image holds for their hash; `None` when it was told to stop.
///
/// # Errors
/// [`Error::Hash`].
pub(in crate::imaging) fn of_image(
    image: &Path,
    format: Format,
    size: u64,
    cancel: &Cancel,
    events: &dyn Events,
) -> Result<Option<String>, Error> {
    let failed = |cause| Error::Hash { path: image.to_owned(), cause };
    let mut source = open(image, format).map_err(failed)?;
    let (most, sectors) = (source.facts().max_sectors, size.div_ceil(SECTOR_BYTES));
    let mut buffer = vec![0; usize::try_from(most).unwrap_or(1).saturating_mul(SECTOR_SIZE)];
    let mut hasher = Sha256::new();
    let mut pace = Pace::new(events, "hash", size);
    let mut at = 0;
    while at < sectors {
        if cancel.is_raised() {
            return Ok(None);
        }
        let range = SectorRange::new(at, sectors.min(at.saturating_add(most)));
        let outcome = source.read(&ReadRequest { range, fua: false, time_limit: TIME_LIMIT }, &mut buffer);
        if outcome.sectors < range.len() {
            return Err(failed(io::Error::other(format!("sectors {range} cannot be read back"))));
        }
        let bytes = (size - range.byte_start()).min(range.bytes());
        hasher.update(buffer.get(..usize::try_from(bytes).unwrap_or(usize::MAX)).unwrap_or_default());
        at = range.end();
        let done_bytes = at.saturating_mul(SECTOR_BYTES).min(size);
        pace.tell(At { position_bytes: done_bytes, done_bytes, ..At::default() });
    }
    Ok(Some(hex(hasher)))
}

/// An image, to be read back.
fn open(image: &Path, format: Format) -> io::Result<Box<dyn SectorSource>> {
    Ok(match format {
        Format::Raw => Box::new(FileSource::open(image).map_err(io::Error::other)?),
        Format::Qcow2 => {
            let container = Container::open(image, Kind::Qcow2).map_err(io::Error::other)?;
            Box::new(ContainerSource::new(container, image).map_err(io::Error::other)?)
        }
    })
}

/// Where the hash of an image lies.
pub(in crate::imaging) fn path_for(image: &Path) -> PathBuf {
    durable::beside(image, ".sha256")
}

/// Whether a file is what [`save`] writes: one line of `sha256sum`.
pub(in crate::imaging) fn is_hash(file: &File) -> bool {
    // A name is 255 bytes long at most, and twice that when all of it is escaped.
    const LONGEST: u64 = 1024;
    let mut text = Vec::new();
    let read = file.take(LONGEST + 1).read_to_end(&mut text);
    let line = text.strip_prefix(b"\\").unwrap_or(&text);
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    read.is_ok_and(|length| length as u64 <= LONGEST)
        && line.len() > 66
        && line.iter().take(64).all(is_digit)
        && line.get(64) == Some(&b' ')
        && line.iter().position(|byte| *byte == b'\n').is_none_or(|end| end + 1 == line.len())
}

/// What `sha256sum -c` calls its standard input.
const INPUT: &str = "-";

/// Writes the file that `sha256sum -c` checks an image with: a raw one by its name, the disc that another one holds as what comes
/// from its standard input, since no file has these bytes.
///
/// # Errors
/// [`Error::Hash`].
pub(in crate::imaging) fn save(image: &Path, format: Format, sha256: &str) -> Result<(), Error> {
    let path = path_for(image);
    let line = match format {
        Format::Raw => line(sha256, image.file_name().unwrap_or(image.as_os_str())),
        Format::Qcow2 => line(sha256, OsStr::new(INPUT)),
    };
    durable::replace(&path, |file| file.write_all(&line)).map_err(|cause| Error::Hash { path, cause })
}

/// As sha256sum writes it: where the name holds a backslash or an end of line, these are escaped and the line
/// begins with a backslash (GNU coreutils, "md5sum invocation").
fn line(sha256: &str, name: &OsStr) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(name.len());
    for byte in name.as_bytes() {
        match byte {
            b'\\' => escaped.extend_from_slice(b"\\\\"),
            b'\n' => escaped.extend_from_slice(b"\\n"),
            b'\r' => escaped.extend_from_slice(b"\\r"),
            _ => escaped.push(*byte),
        }
    }
    let mark: &[u8] = if escaped.len() > name.len() { b"\\" } else { b"" };
    [mark, sha256.as_bytes(), b"  ", &escaped, b"\n"].concat()
}

fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::NoEvents;

    /// FIPS 180-4: the hash of "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn only_a_whole_image_written_in_order_has_a_streamed_hash() {
        let stream = |pieces: &[(u64, &[u8])]| {
            let mut streamed = Streamed::default();
            pieces.iter().for_each(|(offset, bytes)| streamed.take(*offset, bytes));
            streamed.finish(3)
        };
        assert_eq!(stream(&[(0, b"a"), (1, b"bc")]).as_deref(), Some(ABC));
        assert_eq!(stream(&[(0, b"a"), (2, b"c"), (1, b"b")]), None);
        assert_eq!(stream(&[(1, b"bc")]), None);
        assert_eq!(stream(&[(0, b"ab")]), None);
        assert_eq!(stream(&[(0, b"abc"), (0, b"abc")]), None);
    }

    #[test]
    fn a_file_is_hashed_as_far_as_it_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("x.iso");
        std::fs::write(&image, b"abcdef").unwrap();
        assert_eq!(of_image(&image, Format::Raw, 3, &Cancel::new(), &NoEvents).unwrap().as_deref(), Some(ABC));
        let stopped = Cancel::new();
        stopped.raise();
        assert_eq!(of_image(&image, Format::Raw, 3, &stopped, &NoEvents).unwrap(), None);
        assert!(of_image(&image, Format::Raw, 9000, &Cancel::new(), &NoEvents).is_err());
        assert!(of_image(&folder.path().join("none"), Format::Raw, 3, &Cancel::new(), &NoEvents).is_err());
        save(&image, Format::Raw, ABC).unwrap();
        assert!(is_hash(&File::open(path_for(&image)).unwrap()) && !is_hash(&File::open(&image).unwrap()));
        assert_eq!(std::fs::read_to_string(path_for(&image)).unwrap(), format!("{ABC}  x.iso\n"));
        save(&image, Format::Qcow2, ABC).unwrap();
        assert_eq!(std::fs::read_to_string(path_for(&image)).unwrap(), format!("{ABC}  -\n"));
        assert!(is_hash(&File::open(path_for(&image)).unwrap()));
    }

    #[test]
    fn odd_names_are_escaped_as_sha256sum_does() {
        assert_eq!(line("00", OsStr::new("a b.iso")), b"00  a b.iso\n");
        assert_eq!(line("00", OsStr::new("a\\b\nc")), b"\\00  a\\\\b\\nc\n");
    }
}
