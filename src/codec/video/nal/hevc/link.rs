//! Pictures of HEVC at which decoding begins though others are in front of them: those of another part of the film. Pure.
//!
//! A CRA picture in the middle of a stream counts on from the pictures in front of it. Where these are of another stream, the
//! standard has the same picture as BLA, "broken link access": it counts from scratch, and what waits to be shown is shown. An
//! end of the sequence in front of a CRA would not do: there, pictures that wait are discarded (H.265, C.5.2.2,
//! NoOutputOfPriorPicsFlag). Headers of both are the same but for the type.

use bytes::Bytes;

use crate::codec::dolby_vision::WRAPPED;
use crate::codec::{Kept, Payload};

/// Units that no other picture is needed for, behind which some may refer to pictures in front of it.
const CRA: u8 = 21;
/// The same, with pictures behind it that are shown before it.
const BLA: u8 = 16;
/// Bytes of a unit's header.
const HEADER: usize = 2;
/// In the first byte of a slice's header: pictures in front of this one that wait to be shown are discarded.
const NO_OUTPUT_OF_PRIOR: u8 = 0x40;

/// Marks a unit, and one that is wrapped in it. Whether it was one to mark.
fn mark(unit: &mut [u8]) -> bool {
    let kind = |unit: &[u8]| unit.first().map(|first| first >> 1 & 0x3F);
    let at = if kind(unit) == Some(WRAPPED) { HEADER } else { 0 };
    let Some([first, _, slice, ..]) = unit.get_mut(at..).filter(|unit| kind(unit) == Some(CRA)) else { return false };
    *first = *first & 0x81 | BLA << 1;
    *slice &= !NO_OUTPUT_OF_PRIOR;
    true
}

/// The access unit `data` with its units marked; `None` where none is to be.
fn marked(data: &Bytes, nals: &[(u32, u32)]) -> Option<Bytes> {
    let mut bytes = data.to_vec();
    let mut is_marked = false;
    for (from, to) in nals {
        is_marked |= bytes.get_mut(*from as usize..*to as usize).is_some_and(mark);
    }
    is_marked.then(|| bytes.into())
}

/// The frame as it is kept behind pictures that it does not go on from.
#[must_use]
pub fn kept(payload: Payload<'_>) -> Kept {
    match payload {
        Payload::Nals { data, nals, sets, sets_at } => {
            let marked = marked(data, nals);
            Payload::Nals { data: marked.as_ref().unwrap_or(data), nals, sets, sets_at }.into()
        }
        Payload::Bytes(bytes) => kept_bytes(bytes.to_vec()),
        Payload::Gathered(bytes) => kept_bytes(bytes.to_vec()),
    }
}

fn kept_bytes(mut bytes: Vec<u8>) -> Kept {
    mark_all(&mut bytes);
    bytes.into()
}

/// Marks units that each have their length in front.
fn mark_all(mut bytes: &mut [u8]) {
    while let Some((length, rest)) = bytes.split_first_chunk_mut::<4>() {
        let Some((unit, behind)) = rest.split_at_mut_checked(u32::from_be_bytes(*length) as usize) else { return };
        mark(unit);
        bytes = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A delimiter, two slices of a CRA, the second of which wants earlier pictures discarded, one of a layer, wrapped, and
    /// one of another kind.
    const UNITS: [&[u8]; 5] = [&[70, 1, 0x10], &[42, 1, 0xA0], &[42, 1, 0x60], &[126, 1, 43, 9, 0xC0], &[2, 1, 0xE0]];
    const MARKED: [&[u8]; 5] = [&[70, 1, 0x10], &[32, 1, 0xA0], &[32, 1, 0x20], &[126, 1, 33, 9, 0x80], &[2, 1, 0xE0]];

    fn lengths(units: &[&[u8]]) -> Vec<u8> {
        units.iter().flat_map(|unit| [&(unit.len() as u32).to_be_bytes()[..], unit].concat()).collect()
    }

    #[test]
    fn a_picture_that_others_were_in_front_of_is_marked_as_a_broken_link() {
        let data: Bytes = UNITS.concat().into();
        let mut nals = Vec::new();
        for unit in UNITS {
            let from = nals.last().map_or(0, |(_, to)| *to);
            nals.push((from, from + unit.len() as u32));
        }
        let whole = |kept: Kept| kept.pieces().iter().flat_map(|piece| piece.bytes().to_vec()).collect::<Vec<u8>>();
        let payload = Payload::Nals { data: &data, nals: &nals, sets: &[], sets_at: 0 };
        assert_eq!(whole(kept(payload)), lengths(&MARKED));
        assert_eq!(whole(kept(Payload::Bytes(&lengths(&UNITS)))), lengths(&MARKED));
        assert!(marked(&data, &nals[..1]).is_none() && marked(&data, &nals).is_some());
    }

    #[test]
    fn what_is_cut_short_stays_as_it_is() {
        for bytes in [&[42][..], &[42, 1], &[0, 0, 0, 9, 42, 1, 0xA0], &[0, 0, 0, 1, 42], &[126, 1, 42, 1]] {
            assert_eq!(kept(Payload::Bytes(bytes)).plain(), Some(bytes));
            let all: Bytes = bytes.to_vec().into();
            assert!(marked(&all, &[(0, bytes.len() as u32), (3, 99)]).is_none() || bytes.len() == 7);
        }
    }
}
