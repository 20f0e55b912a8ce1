//! Streams that begin late, or behind a long stretch that cannot be read: looked for at places all over the title.

use std::ops::Range;

use super::super::super::MuxError;
use super::super::super::input::walk::unit;
use super::super::super::memory::SUB_PATHS;
use super::probe::{self, Effort, Proof, Sought};
use crate::base::cancel::Cancel;
use crate::base::sector::set::SectorSet;
use crate::fs::FileSystem;
use crate::title::model::{Part, Piece, Title};
use crate::title::streams::Origin;

/// Places that are looked at.
const PLACES: u64 = 64;
/// Read at each: some seconds of sound, and of most films a group of pictures.
const PLACE_BYTES: u64 = 4 << 20;

/// A stretch of the bytes of one path.
struct Stretch<'a> {
    origin: Origin,
    number: usize,
    part: &'a Part,
    piece: &'a Piece,
    bytes: Range<u64>,
}

/// The streams to look for in a part of a path, each with its index among all.
pub(in crate::mux) type Asked<'a> = dyn Fn(Origin, usize, &[Option<Proof>]) -> Vec<(usize, Sought)> + 'a;

/// How many bytes of a path were read before.
pub(in crate::mux) type Read<'a> = dyn Fn(Origin) -> u64 + 'a;

/// What is found of `count` streams; nothing is looked for in a path whose bytes were `read` already, all of them. Where
/// nothing is known of any stream, the tables may be wrong about where they lie.
///
/// # Errors
/// As [`probe::probe`].
pub(in crate::mux) fn find(
    fs: &dyn FileSystem,
    title: &Title,
    (count, read, nothing_known): (usize, &Read<'_>, bool),
    asked: &Asked<'_>,
    missing: &SectorSet,
    cancel: &Cancel,
) -> Result<Vec<Option<Proof>>, MuxError> {
    let mut found: Vec<Option<Proof>> = vec![None; count];
    let mut rounds = Vec::new();
    for (origin, parts) in paths(title) {
        let round = stretches(fs, (origin, parts), false)?;
        if read(origin) < bytes(&round) {
            rounds.push((round, false));
        }
    }
    // What the tables say of a file's bytes is a hint.
    if nothing_known {
        let main = (Origin::Main, &title.parts[..]);
        let whole = stretches(fs, main, true)?;
        if bytes(&whole) > bytes(&stretches(fs, main, false)?) {
            rounds.push((whole, true));
        }
    }
    let all = rounds
        .iter()
        .flat_map(|(round, is_last)| places(bytes(round)).filter_map(|place| Some((at(round, place)?, *is_last))));
    for ((stretch, at), is_last) in all {
        if is_last && found.iter().any(Option::is_some) {
            break;
        }
        let asked = asked(stretch.origin, stretch.number, &found);
        if asked.is_empty() {
            continue;
        }
        let start = (stretch.bytes.start + at).next_multiple_of(unit(stretch.part.packets)).min(stretch.bytes.end);
        let piece = Piece { bytes: Some(start..stretch.bytes.end), ..stretch.piece.clone() };
        let (indices, streams): (Vec<usize>, Vec<_>) = asked.into_iter().unzip();
        let effort = Effort { least: 1, most: PLACE_BYTES };
        let probed = probe::probe_piece(fs, stretch.part, &piece, &streams, missing, effort, cancel)?;
        for (index, proof) in indices.into_iter().zip(probed.proofs) {
            if proof.facts.iter().any(Option::is_some)
                && let Some(place) = found.get_mut(index)
            {
                *place = Some(proof);
            }
        }
    }
    Ok(found)
}

/// The paths of a title, those that are read.
fn paths(title: &Title) -> impl Iterator<Item = (Origin, &[Part])> {
    let beside = title.sub_paths.iter().take(SUB_PATHS).map(|path| (Origin::SubPath(path.number), &path.parts[..]));
    std::iter::once((Origin::Main, &title.parts[..])).chain(beside)
}

/// The bytes of a path by its tables, or all of its files.
fn stretches<'a>(
    fs: &dyn FileSystem,
    (origin, parts): (Origin, &'a [Part]),
    whole: bool,
) -> Result<Vec<Stretch<'a>>, MuxError> {
    let mut all = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        for piece in &part.pieces {
            let length = fs.open(&piece.path)?.length();
            let bytes = piece.bytes.clone().filter(|_| !whole).unwrap_or(0..length);
            let bytes = bytes.start.min(length)..bytes.end.min(length).max(bytes.start.min(length));
            all.push(Stretch { origin, number, part, piece, bytes });
        }
    }
    Ok(all)
}

fn bytes(stretches: &[Stretch<'_>]) -> u64 {
    stretches.iter().map(|s| s.bytes.end - s.bytes.start).sum()
}

/// Places among this many bytes: near the end, where what begins late still is; in the middle; in the middle of the halves;
/// and on so.
fn places(total: u64) -> impl Iterator<Item = u64> {
    let end = total.saturating_sub(PLACE_BYTES);
    let middles = (1..PLACES).map(move |n| {
        let bits = u64::BITS - n.leading_zeros();
        let within = 2 * (n - (1 << (bits - 1))) + 1;
        u64::try_from((u128::from(total) * u128::from(within)) >> bits).unwrap_or(0)
    });
    std::iter::once(end).chain(middles)
}

/// The stretch that a place lies in, and where in it.
fn at<'a, 'b>(stretches: &'b [Stretch<'a>], mut place: u64) -> Option<(&'b Stretch<'a>, u64)> {
    for stretch in stretches {
        let length = stretch.bytes.end - stretch.bytes.start;
        if place < length {
            return Some((stretch, place));
        }
        place -= length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_begin_at_the_end_and_lie_ever_closer() {
        let total = 1 << 30;
        let found: Vec<u64> = places(total).collect();
        assert_eq!(found[..4], [total - PLACE_BYTES, total / 2, total / 4, total / 4 * 3]);
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= total / 32));
        assert_eq!((found.len() as u64, places(0).max()), (PLACES, Some(0)));
    }
}
