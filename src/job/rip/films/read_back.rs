//! A film, read back from the disk: its bytes for their hash, and its elements for whether they are all there.

use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::base::cancel::Cancel;
use crate::base::event::{Event, Events, Progress};
use crate::matroska::ids;
use crate::os::block::forget_pages;
use crate::os::io::pread_exact;

use crate::job::rip::disc::fingerprint::hex;

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;

/// Bytes between two reports of progress.
const REPORT_BYTES: u64 = 64 << 20;

/// The SHA-256 of a film of `bytes` bytes; `None` when it was told to stop. What the system still has of it in memory is
/// forgotten first, so that it is the disk that is asked.
///
/// # Errors
/// It cannot be read, has another length, or its elements do not fill it.
pub(super) fn read_back(path: &Path, bytes: u64, cancel: &Cancel, events: &dyn Events) -> io::Result<Option<String>> {
    events.event(Event::Phase("read back".to_owned()));
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length != bytes {
        return Err(wrong(format!("it has {length} bytes, and {bytes} were written")));
    }
    forget_pages(&file, 0, length);
    walk(&file, length)?;
    let (mut hasher, mut buffer, mut at) = (Sha256::new(), vec![0; BLOCK], 0);
    while at < length {
        if cancel.is_raised() {
            return Ok(None);
        }
        let rest = usize::try_from(length - at).unwrap_or(usize::MAX).min(BLOCK);
        let piece = buffer.get_mut(..rest).unwrap_or_default();
        pread_exact(&file, piece, at)?;
        hasher.update(&*piece);
        let next = at + rest as u64;
        if at / REPORT_BYTES != next / REPORT_BYTES {
            let progress =
                Progress { position_bytes: next, rescued_bytes: next, total_bytes: length, ..Progress::default() };
            events.event(Event::Progress(Progress { phase: "read back".to_owned(), ..progress }));
        }
        at = next;
    }
    Ok(Some(hex(&hasher.finalize())))
}

/// Goes from element to element (RFC 8794): a header, and a segment whose elements end where the file does.
fn walk(file: &File, length: u64) -> io::Result<()> {
    let header = element(file, 0, length)?;
    if header.id != ids::EBML {
        return Err(wrong("it does not begin as a Matroska file".to_owned()));
    }
    let segment = element(file, header.end, length)?;
    if segment.id != ids::SEGMENT || segment.end != length {
        return Err(wrong("its segment does not fill it".to_owned()));
    }
    let (mut at, mut clusters) = (segment.content, 0);
    while at < length {
        let element = element(file, at, length)?;
        clusters += u64::from(element.id == ids::CLUSTER);
        at = element.end;
    }
    if clusters == 0 { Err(wrong("it holds no frames".to_owned())) } else { Ok(()) }
}

/// Where an element lies.
struct Element {
    id: u32,
    content: u64,
    end: u64,
}

/// The element that begins at `at` and ends before `limit`.
fn element(file: &File, at: u64, limit: u64) -> io::Result<Element> {
    // An ID of four bytes and a size of eight.
    let mut head = [0; 12];
    let there = usize::try_from(limit.saturating_sub(at)).unwrap_or(usize::MAX).min(head.len());
    pread_exact(file, head.get_mut(..there).unwrap_or_default(), at)?;
    let damaged = || wrong(format!("there is no element at byte {at}"));
    let (id_bytes, id) = number(&head, 4, false).ok_or_else(damaged)?;
    let rest = head.get(id_bytes..).unwrap_or_default();
    let (size_bytes, size) = number(rest, 8, true).ok_or_else(damaged)?;
    let content = at + (id_bytes + size_bytes) as u64;
    let end = content.checked_add(size).filter(|end| *end <= limit).ok_or_else(damaged)?;
    Ok(Element { id: u32::try_from(id).map_err(|_| damaged())?, content, end })
}

/// A number of variable length (RFC 8794, section 4), with or without its marker: its length in bytes, and it.
fn number(bytes: &[u8], most: usize, without_marker: bool) -> Option<(usize, u64)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > most {
        return None;
    }
    let value = bytes.get(..length)?.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let marker = 1u64 << (7 * length);
    Some((length, if without_marker { value & (marker - 1) } else { value }))
}

fn wrong(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::NoEvents;

    fn check(bytes: &[u8], written: u64) -> io::Result<Option<String>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        read_back(file.path(), written, &Cancel::new(), &NoEvents)
    }

    #[test]
    fn a_film_is_read_back_only_when_all_of_it_is_there() {
        // A header of one byte, and a segment with a cluster of two and a void element of one.
        let film = [
            &[0x1A, 0x45, 0xDF, 0xA3, 0x81, 0x00][..],
            &[0x18, 0x53, 0x80, 0x67, 0x8A],
            &[0x1F, 0x43, 0xB6, 0x75, 0x82, 1, 2],
            &[0xEC, 0x81, 0],
        ]
        .concat();
        let length = film.len() as u64;
        let hash = hex(&Sha256::digest(&film));
        assert_eq!(check(&film, length).unwrap(), Some(hash));
        assert!(check(&film, length + 1).is_err());
        assert!(check(&film[..film.len() - 1], length - 1).is_err(), "the segment says that there is more");
        let changed = |at: usize, to: u8| {
            let mut film = film.clone();
            film[at] = to;
            check(&film, length)
        };
        assert!(changed(0, 0).is_err() && changed(15, 0x84).is_err() && changed(11, 0xEC).is_err());
        assert!(check(&[], 0).is_err());
    }
}
