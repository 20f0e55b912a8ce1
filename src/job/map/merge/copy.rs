//! Copies of each byte the first image that has it, and compares it with all others that do.

use std::ops::Range;
use std::time::Duration;

use super::super::error::Error;
use super::super::extents::{CHUNK, ImageFile, is_zero};
use super::super::part::Part;
use crate::base::cancel::Cancel;
use crate::base::clock::Clock;
use crate::base::event::{Event, Events, Progress};
use crate::base::sector::SECTOR_BYTES;
use crate::image::ImageStore;
use crate::mapfile::ops::pairs::Alongside;
use crate::mapfile::status::Status;
use crate::mapfile::text::MapText;

/// Time between two reports of progress.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What was copied.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Copied {
    /// Bytes taken of each image.
    pub(super) taken: Vec<u64>,
    /// Bytes of each image that were the same in an image before it.
    pub(super) compared: Vec<u64>,
    /// Bytes of them that are not all zero: what shows that two discs are one.
    proven: Vec<u64>,
    /// Bytes taken that have no room in their file.
    pub(super) from_holes: u64,
}

impl Copied {
    /// Checks that every image had something in common with one before it, zeros apart.
    ///
    /// # Errors
    /// [`Error::NothingInCommon`].
    pub(super) fn check(&self, parts: &[Part]) -> Result<(), Error> {
        let unproven = self.proven.iter().zip(parts).skip(1).find(|(proven, _)| **proven == 0);
        match unproven {
            Some((_, part)) => Err(Error::NothingInCommon(part.image.clone().unwrap_or_else(|| part.map.clone()))),
            None => Ok(()),
        }
    }
}

/// A copy under way.
pub(super) struct Copier<'a> {
    maps: Alongside<'a>,
    images: &'a mut [ImageFile],
    clock: &'a dyn Clock,
    began: Duration,
    reported: Duration,
    progress: Progress,
    copied: Copied,
    /// What the first image has, and what another one has of the same bytes.
    buffers: [Vec<u8>; 2],
}

impl<'a> Copier<'a> {
    /// Of images whose maps say `texts`, for a disc of `size` bytes.
    pub(super) fn new(texts: &'a [MapText], images: &'a mut [ImageFile], size: u64, clock: &'a dyn Clock) -> Self {
        let maps: Vec<_> = texts.iter().map(|text| text.blocks.as_slice()).collect();
        let none = vec![0; images.len()];
        let now = clock.now();
        Self {
            maps: Alongside::new(&maps),
            images,
            clock,
            began: now,
            reported: now,
            progress: Progress { phase: "merge".to_owned(), total_bytes: size, ..Progress::default() },
            copied: Copied { taken: none.clone(), compared: none.clone(), proven: none, from_holes: 0 },
            buffers: [vec![0; CHUNK], vec![0; CHUNK]],
        }
    }

    /// Copies everything that any of the images has.
    ///
    /// # Errors
    /// [`Error::Differ`], [`Error::Read`], [`Error::ShortImage`], [`Error::Image`] or [`Error::Stopped`].
    pub(super) fn run(mut self, into: &mut ImageStore, cancel: &Cancel, events: &dyn Events) -> Result<Copied, Error> {
        let mut having = Vec::with_capacity(self.images.len());
        while let Some((bytes, said)) = self.maps.next() {
            having.clear();
            having.extend((0..).zip(said).filter(|(_, said)| **said == Some(Status::Finished)).map(|(index, _)| index));
            let mut at = bytes.start;
            while at < bytes.end {
                if cancel.is_raised() {
                    return Err(Error::Stopped);
                }
                let end = bytes.end.min(at.saturating_add(CHUNK as u64));
                // What no image has is passed over in one step.
                let end = if having.is_empty() { bytes.end } else { end };
                self.piece(at..end, &having, into)?;
                self.report(at..end, having.is_empty(), events);
                at = end;
            }
        }
        Ok(self.copied)
    }

    /// Copies a piece of no more than [`CHUNK`] bytes that the images `having` have.
    fn piece(&mut self, bytes: Range<u64>, having: &[usize], into: &mut ImageStore) -> Result<(), Error> {
        let Some((&first, others)) = having.split_first() else { return Ok(()) };
        let length = usize::try_from(bytes.end - bytes.start).unwrap_or(CHUNK).min(CHUNK);
        let [content, other_content] =
            self.buffers.each_mut().map(|buffer| buffer.get_mut(..length).unwrap_or_default());
        let taken = read(self.images, first, &bytes, content)?;
        let proves = !others.is_empty() && !is_zero(content);
        for &other in others {
            read(self.images, other, &bytes, other_content)?;
            if let Some(index) = content.iter().zip(other_content.iter()).position(|(one, other)| one != other) {
                let sector = (bytes.start + index as u64) / SECTOR_BYTES;
                let path =
                    |index: usize| self.images.get(index).map(|image| image.path().to_owned()).unwrap_or_default();
                return Err(Error::Differ { one: path(first), other: path(other), sector });
            }
            add(&mut self.copied.compared, other, length as u64);
            add(&mut self.copied.proven, other, if proves { length as u64 } else { 0 });
        }
        into.write_at(bytes.start, content)?;
        add(&mut self.copied.taken, first, length as u64);
        self.copied.from_holes += length as u64 - taken;
        Ok(())
    }

    /// Reports how far the copy is, not too often.
    fn report(&mut self, bytes: Range<u64>, is_missing: bool, events: &dyn Events) {
        let progress = &mut self.progress;
        progress.position_bytes = bytes.end;
        let length = bytes.end - bytes.start;
        *(if is_missing { &mut progress.missing_bytes } else { &mut progress.rescued_bytes }) += length;
        let now = self.clock.now();
        if now.saturating_sub(self.reported) < REPORT_EVERY && bytes.end < progress.total_bytes {
            return;
        }
        self.reported = now;
        let spent = now.saturating_sub(self.began).as_millis().max(1);
        let speed = u128::from(progress.rescued_bytes) * 1000 / spent;
        progress.bytes_per_second = u64::try_from(speed).unwrap_or(u64::MAX);
        let left = progress.total_bytes.saturating_sub(progress.position_bytes);
        progress.seconds_left = left.checked_div(progress.bytes_per_second);
        events.event(Event::Progress(progress.clone()));
    }
}

/// Reads bytes of one image; tells how many of them have room in its file.
fn read(images: &mut [ImageFile], index: usize, bytes: &Range<u64>, buffer: &mut [u8]) -> Result<u64, Error> {
    let Some(image) = images.get_mut(index) else { return Ok(0) };
    image.read_at(bytes.start, buffer)?;
    let mut room = 0;
    let mut at = bytes.start;
    while let Some(data) = image.data_in(at..bytes.end)? {
        room += data.end - data.start;
        at = data.end;
    }
    Ok(room)
}

fn add(counts: &mut [u64], index: usize, bytes: u64) {
    if let Some(count) = counts.get_mut(index) {
        *count += bytes;
    }
}
