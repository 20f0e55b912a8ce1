//! What lies in an image where its map says this or that.

use std::path::Path;

use super::error::Error;
use super::extents::{CHUNK, ImageFile, is_zero};
use crate::base::event::Events;
use crate::base::human::printable;
use crate::base::pace::{At, Pace};
use crate::mapfile::ops::missing::{Content, Figures, MissingRange, missing};
use crate::mapfile::status::Status;
use crate::mapfile::summary::{HOLES_MAX, HoleRange, Lies};
use crate::mapfile::text::MapText;

/// Looks at the image at `path`, whose map says `text`: what lies in each missing range, in order, and which rescued bytes
/// have no room in the file. Only what is missing and has room is read; how far that is goes to `events`.
///
/// # Errors
/// [`Error::NotAnImage`] or [`Error::Read`].
pub fn look(path: &Path, text: &MapText, events: &dyn Events) -> Result<(Vec<Content>, Lies), Error> {
    let mut image = ImageFile::open(path)?;
    let mut lies =
        Lies { image: printable(&path.to_string_lossy()), rescued_in_holes_bytes: 0, rescued_in_holes: Vec::new() };
    for block in text.blocks.iter().filter(|block| block.status == Status::Finished) {
        holes(&mut image, block.pos, block.end(), &mut lies)?;
    }
    let mut buffer = vec![0; CHUNK];
    let mut pace = Pace::new(events, "look at the image", Figures::of(text).bytes);
    let mut done_bytes = 0;
    let contents = missing(text).map(|range| {
        let looked = content(&mut image, range, &mut buffer, &mut |pos| {
            pace.tell(At { position_bytes: pos, done_bytes: done_bytes + (pos - range.pos), ..At::default() });
        });
        done_bytes += range.size;
        looked
    });
    Ok((contents.collect::<Result<_, _>>()?, lies))
}

/// Adds what of the bytes from `pos` to `end` has no room.
fn holes(image: &mut ImageFile, mut pos: u64, end: u64, lies: &mut Lies) -> Result<(), Error> {
    while pos < end {
        let data = image.data_in(pos..end)?.unwrap_or(end..end);
        if pos < data.start {
            lies.rescued_in_holes_bytes += data.start - pos;
            if lies.rescued_in_holes.len() < HOLES_MAX {
                lies.rescued_in_holes.push(HoleRange { position_bytes: pos, size_bytes: data.start - pos });
            }
        }
        pos = data.end;
    }
    Ok(())
}

/// What lies in a missing range. It is read only as far as it takes to know; `at_byte` hears where.
fn content(
    image: &mut ImageFile,
    range: MissingRange,
    buffer: &mut [u8],
    at_byte: &mut impl FnMut(u64),
) -> Result<Content, Error> {
    let mut at = range.pos;
    let mut any = false;
    while let Some(data) = image.data_in(at..range.end())? {
        any = true;
        let mut pos = data.start;
        while pos < data.end {
            let length = usize::try_from(data.end - pos).unwrap_or(usize::MAX).min(buffer.len());
            let part = buffer.get_mut(..length).unwrap_or_default();
            at_byte(pos);
            image.read_at(pos, part)?;
            if !is_zero(part) {
                return Ok(Content::Data);
            }
            pos += length as u64;
        }
        at = data.end;
    }
    Ok(match (any, range.end() > image.length()) {
        (_, true) => Content::PastEnd,
        (true, false) => Content::Zeros,
        (false, false) => Content::Hole,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::event::NoEvents;
    use crate::mapfile::text::parse;
    use std::os::unix::fs::FileExt;

    const MIB: u64 = 1 << 20;

    #[test]
    fn each_missing_range_has_its_content_and_rescued_holes_are_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(8 * MIB).unwrap();
        let put = |byte: u8, at: u64| file.as_file().write_all_at(&vec![byte; MIB as usize], at).unwrap();
        // Data, a hole, zeros with room, a hole that ends in data, a hole; the file ends at 8 MiB.
        put(1, 0);
        put(0, 2 * MIB);
        put(0, 4 * MIB);
        file.as_file().write_all_at(&[7], 5 * MIB - 1).unwrap();
        let map = format!(
            "0 + 1\n0 {MIB} +\n{MIB} {MIB} ?\n{} {MIB} -\n{} {} /\n{} {MIB} +\n{} {} *\n",
            2 * MIB,
            3 * MIB,
            2 * MIB,
            5 * MIB,
            6 * MIB,
            3 * MIB
        );
        let (contents, lies) = look(file.path(), &parse(map.as_bytes(), None).unwrap(), &NoEvents).unwrap();
        assert_eq!(contents, [Content::Hole, Content::Zeros, Content::Data, Content::PastEnd]);
        assert_eq!(lies.rescued_in_holes, [HoleRange { position_bytes: 5 * MIB, size_bytes: MIB }]);
        assert_eq!(lies.rescued_in_holes_bytes, MIB);
    }

    #[test]
    fn a_file_that_ends_lacks_what_its_map_calls_rescued() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![1; 4096]).unwrap();
        let (_, lies) = look(file.path(), &parse(b"0 + 1\n0 10000 +\n", None).unwrap(), &NoEvents).unwrap();
        assert_eq!(lies.rescued_in_holes, [HoleRange { position_bytes: 4096, size_bytes: 5904 }]);
        let told = look(Path::new("/dev/null"), &MapText::default(), &NoEvents).unwrap_err();
        assert!(matches!(told, Error::NotAnImage { what: "a device", .. }), "{told}");
    }
}
