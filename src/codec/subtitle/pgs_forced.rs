//! The forced subtitles among Blu-ray subtitles, as a stream of their own.
//!
//! A presentation composition says of each object that it shows whether it is forced: shown although subtitles are off
//! (`forced_on_flag`). What is not forced is taken out of the composition. Objects and palettes may have
//! come with a display set that is taken out altogether, so each set that comes out is an epoch of its own and brings
//! all that it needs.

use std::collections::BTreeMap;

use crate::base::bytes::{Bytes, Short};
use crate::codec::subtitle::pgs::{COMPOSITION, END, MOST_OBJECTS, OBJECT, PALETTE, SEGMENT_HEAD, WINDOWS};

/// Definitions of an epoch that are kept, bytes. The object buffer of a player holds 4 MiB decoded.
const KEPT: usize = 8 << 20;
/// State of a composition that starts an epoch.
const EPOCH_START: u8 = 0x80;
const FORCED: u8 = 0x40;
const CROPPED: u8 = 0x80;
/// Bytes of a composition in front of its objects.
const HEAD: usize = 11;
/// Bytes of an object of a composition, and more of one that is cropped.
const OBJECT_BYTES: usize = 8;
const CROP_BYTES: usize = 8;

/// A display set with forced objects only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForcedSet {
    /// The set.
    pub bytes: Vec<u8>,
    /// It shows nothing: it ends the set before.
    pub clear: bool,
}

/// Takes the display sets of a stream one by one.
#[derive(Debug, Default)]
pub struct ForcedSets {
    /// Segments that define an object of this epoch, or the entries of a palette.
    objects: BTreeMap<u16, Vec<u8>>,
    palettes: BTreeMap<u8, Vec<u8>>,
    kept: usize,
    /// Something is shown.
    shown: bool,
}

/// What a composition says.
struct Composition<'a> {
    head: [u8; HEAD],
    /// Objects that are forced, with their bytes.
    forced: Vec<(u16, &'a [u8])>,
}

impl ForcedSets {
    /// No set was seen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What becomes of the next display set; `None` when nothing of it is forced and nothing is shown that it would end.
    pub fn take(&mut self, set: &[u8]) -> Option<ForcedSet> {
        let (mut composition, mut windows) = (None, Vec::new());
        let mut bytes = Bytes::new(set);
        while let Ok((kind, segment)) = segment(&mut bytes) {
            let body = segment.get(SEGMENT_HEAD..).unwrap_or_default();
            match kind {
                COMPOSITION => {
                    let read = read_composition(body).ok()?;
                    if read.head[7] & EPOCH_START != 0 {
                        self.forget();
                    }
                    composition = Some(read);
                }
                WINDOWS => windows.extend_from_slice(segment),
                PALETTE => self.palette(body, segment),
                OBJECT => self.object(body, segment),
                _ => {}
            }
        }
        self.put(&composition?, &windows)
    }

    fn forget(&mut self) {
        (self.objects, self.palettes, self.kept) = (BTreeMap::new(), BTreeMap::new(), 0);
    }

    /// Entries are added to those that the palette has already.
    fn palette(&mut self, body: &[u8], segment: &[u8]) {
        let Some(id) = body.first() else { return };
        if self.keep(segment) {
            self.palettes.entry(*id).or_default().extend_from_slice(segment);
        }
    }

    /// The first fragment of an object takes the place of what was defined before.
    fn object(&mut self, body: &[u8], segment: &[u8]) {
        let Some(&[high, low, _version, order]) = body.first_chunk() else { return };
        let id = u16::from_be_bytes([high, low]);
        if order & 0x80 != 0 {
            self.kept -= self.objects.remove(&id).map_or(0, |old| old.len());
        }
        let has_place = self.objects.len() < MOST_OBJECTS || self.objects.contains_key(&id);
        if has_place && self.keep(segment) {
            self.objects.entry(id).or_default().extend_from_slice(segment);
        }
    }

    /// Whether there is room for a definition; an epoch with more than a player could hold is none.
    fn keep(&mut self, segment: &[u8]) -> bool {
        if self.kept + segment.len() > KEPT {
            self.forget();
            return false;
        }
        self.kept += segment.len();
        true
    }

    fn put(&mut self, composition: &Composition<'_>, windows: &[u8]) -> Option<ForcedSet> {
        let known = |(id, _): &&(u16, &[u8])| self.objects.contains_key(id);
        let objects: Vec<&(u16, &[u8])> = composition.forced.iter().filter(known).collect();
        let clear = objects.is_empty();
        if clear && !self.shown {
            return None;
        }
        self.shown = !clear;
        let mut head = composition.head;
        // State, palette update, number of objects.
        head[7] = if clear { 0 } else { EPOCH_START };
        head[8] = 0;
        head[HEAD - 1] = u8::try_from(objects.len()).ok()?;
        let length = HEAD + objects.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        let mut bytes = vec![COMPOSITION];
        bytes.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
        bytes.extend_from_slice(&head);
        objects.iter().for_each(|(_, object)| bytes.extend_from_slice(object));
        bytes.extend_from_slice(windows);
        if !clear {
            bytes.extend_from_slice(self.palettes.get(&head[9]).map_or(&[], Vec::as_slice));
            let mut ids: Vec<u16> = objects.iter().map(|(id, _)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.iter().filter_map(|id| self.objects.get(id)).for_each(|object| bytes.extend_from_slice(object));
        }
        bytes.extend_from_slice(&[END, 0, 0]);
        Some(ForcedSet { bytes, clear })
    }
}

/// The next segment, with its head.
fn segment<'a>(bytes: &mut Bytes<'a>) -> Result<(u8, &'a [u8]), Short> {
    let mut head = *bytes;
    let kind = head.u8()?;
    let length = head.u16_be()?;
    Ok((kind, bytes.take(SEGMENT_HEAD + usize::from(length))?))
}

fn read_composition(body: &[u8]) -> Result<Composition<'_>, Short> {
    let mut bytes = Bytes::new(body);
    let head = bytes.array::<HEAD>()?;
    let mut forced = Vec::new();
    for _ in 0..head[HEAD - 1] {
        let mut ahead = bytes;
        let id = ahead.u16_be()?;
        ahead.skip(1)?;
        let flags = ahead.u8()?;
        let length = OBJECT_BYTES + if flags & CROPPED != 0 { CROP_BYTES } else { 0 };
        let object = bytes.take(length)?;
        if flags & FORCED != 0 {
            forced.push((id, object));
        }
    }
    Ok(Composition { head, forced })
}

#[cfg(test)]
#[path = "pgs_forced_tests.rs"]
mod tests;
