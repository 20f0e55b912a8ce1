//! Blocks of a Matroska file, read just far enough to compare two files.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// A block: its time in milliseconds, and a hash of its bytes.
pub(crate) type Block = (i64, u64);

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const VIDEO: u32 = 0xE0;
const FLAG_INTERLACED: u32 = 0x9A;
const DEFAULT_DURATION: u32 = 0x0023_E383;
const CLUSTER: u32 = 0x1F43_B675;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
/// Flags of a SimpleBlock.
const KEY: u8 = 0x80;
const INVISIBLE: u8 = 0x08;

/// The blocks of each track, in the order of the file.
pub(crate) fn blocks(path: &Path) -> BTreeMap<u64, Vec<Block>> {
    let mut tracks: BTreeMap<u64, Vec<Block>> = BTreeMap::new();
    read(path, &mut |track, time, content, _| {
        let mut hash = DefaultHasher::new();
        content.hash(&mut hash);
        tracks.entry(track).or_default().push((time, hash.finish()));
    });
    tracks
}

/// The times and bytes of the blocks of some tracks.
pub(crate) fn contents(path: &Path, wanted: impl Fn(u64) -> bool) -> BTreeMap<u64, Vec<(i64, Vec<u8>)>> {
    let mut tracks: BTreeMap<u64, Vec<(i64, Vec<u8>)>> = BTreeMap::new();
    read(path, &mut |track, time, content, _| {
        if wanted(track) {
            tracks.entry(track).or_default().push((time, content.to_vec()));
        }
    });
    tracks
}

/// Which blocks of each track are key frames, as SimpleBlocks say.
pub(crate) fn keys(path: &Path) -> BTreeMap<u64, Vec<bool>> {
    let mut tracks: BTreeMap<u64, Vec<bool>> = BTreeMap::new();
    read(path, &mut |track, _, _, flags| tracks.entry(track).or_default().push(flags & KEY != 0));
    tracks
}

/// Nanoseconds that a frame of each track lasts, as its entry says.
pub(crate) fn default_durations(path: &Path) -> Vec<Option<u64>> {
    of_entries(path, |entry| value(entry, DEFAULT_DURATION))
}

/// What the entry of each track of pictures says of their fields: 1 there are, 2 there are none.
pub(crate) fn interlaced(path: &Path) -> Vec<Option<u64>> {
    let of_video = |entry: &[u8]| {
        let (_, video) = children(entry).find(|(id, _)| *id == VIDEO)?;
        Some(value(video, FLAG_INTERLACED))
    };
    of_entries(path, of_video).into_iter().flatten().collect()
}

/// A number in an element.
fn value(element: &[u8], wanted: u32) -> Option<u64> {
    let (_, content) = children(element).find(|(id, _)| *id == wanted)?;
    Some(content.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// What is found in the entry of each track.
fn of_entries<T>(path: &Path, find: impl Fn(&[u8]) -> T) -> Vec<T> {
    let file = std::fs::read(path).unwrap();
    let (_, segment) = children(&file).find(|(id, _)| *id == SEGMENT).unwrap();
    let (_, tracks) = children(segment).find(|(id, _)| *id == TRACKS).unwrap();
    let entries = children(tracks).filter(|(id, _)| *id == TRACK_ENTRY);
    entries.map(|(_, entry)| find(entry)).collect()
}

/// The elements that lie in this content.
fn children(mut data: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let id_width = data.first()?.leading_zeros() as usize + 1;
        let id = data[..id_width].iter().fold(0u32, |id, b| id << 8 | u32::from(*b));
        let (size, size_width) = number(&data[id_width..]);
        let (content, rest) = data[id_width + size_width..].split_at(size as usize);
        data = rest;
        Some((id, content))
    })
}

/// Which blocks of each track are not shown.
pub(crate) fn invisible(path: &Path) -> BTreeMap<u64, Vec<bool>> {
    let mut tracks: BTreeMap<u64, Vec<bool>> = BTreeMap::new();
    read(path, &mut |track, _, _, flags| tracks.entry(track).or_default().push(flags & INVISIBLE != 0));
    tracks
}

/// What is told of a block: its track, its time in milliseconds, its bytes, its flags.
type Found<'a> = dyn FnMut(u64, i64, &[u8], u8) + 'a;

fn read(path: &Path, found: &mut Found<'_>) {
    walk(&std::fs::read(path).unwrap(), &mut 0, found);
}

fn walk(data: &[u8], base: &mut i64, found: &mut Found<'_>) {
    for (id, content) in children(data) {
        match id {
            SEGMENT | CLUSTER | BLOCK_GROUP => walk(content, base, found),
            TIMESTAMP => *base = content.iter().fold(0, |t, b| t << 8 | i64::from(*b)),
            SIMPLE_BLOCK | BLOCK => {
                let (track, width) = number(content);
                let offset = i16::from_be_bytes([content[width], content[width + 1]]);
                let time = *base + i64::from(offset);
                found(track, time, &content[width + 3..], content[width + 2]);
            }
            _ => {}
        }
    }
}

fn number(data: &[u8]) -> (u64, usize) {
    let width = data[0].leading_zeros() as usize + 1;
    let first = u64::from(data[0]) & ((1 << (8 - width)) - 1);
    (data[1..width].iter().fold(first, |n, b| n << 8 | u64::from(*b)), width)
}
