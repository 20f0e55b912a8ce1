//! The tables of films: playlists, clip information, programs, IFOs. All their numbers are big-endian.

use super::disc::Disc;
use super::{Random, hurting};

/// Where tables of a Blu-ray have the places of their parts, as 32-bit numbers from the start of the file.
const ADDRESSES: std::ops::Range<usize> = 8..40;

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn put(bytes: &mut [u8], value: u64) {
    let width = bytes.len();
    bytes.copy_from_slice(&value.to_be_bytes()[8 - width..]);
}

/// A table of the disc, if it has any.
fn choose<'a>(disc: &'a mut Disc, random: &mut Random) -> Option<&'a mut [u8]> {
    if disc.tables.is_empty() {
        return None;
    }
    let (start, length, _) = random.one_of(&disc.tables).clone();
    disc.image.get_mut(start..start + length).filter(|table| table.len() > 64)
}

/// Changes a number. Two of three lie near the beginning, where places and counts are.
pub(super) fn field(disc: &mut Disc, random: &mut Random) {
    let Some(table) = choose(disc, random) else { return };
    let width = *random.one_of(&[1_usize, 2, 2, 4]);
    let room = table.len() - width;
    let reach = if random.below(3) > 0 { room.min(512) } else { room };
    let at = usize::try_from(random.below(reach as u64 + 1)).unwrap();
    let field = &mut table[at..at + width];
    let value = hurting(random, number(field), u32::try_from(width).unwrap());
    put(field, value);
}

/// Takes bytes out, or puts some in, and makes right what counts them: lengths of the parts around, and places behind. The
/// table keeps its size.
pub(super) fn shift(disc: &mut Disc, random: &mut Random) {
    let Some(table) = choose(disc, random) else { return };
    let at = 40 + usize::try_from(random.below(table.len() as u64 - 60)).unwrap();
    let count = 1 + usize::try_from(random.below(20)).unwrap();
    let is_longer = random.below(2) == 0;
    let enclosing = lengths_around(table, at);
    let moved: Vec<usize> = ADDRESSES
        .step_by(4)
        .filter(|place| (at as u64..table.len() as u64).contains(&number(&table[*place..place + 4])))
        .collect();
    let change = |value: u64| if is_longer { value + count as u64 } else { value.saturating_sub(count as u64) };
    for (place, width) in enclosing.into_iter().chain(moved.into_iter().map(|place| (place, 4))) {
        let value = change(number(&table[place..place + width]));
        put(&mut table[place..place + width], value);
    }
    let end = table.len();
    let count = count.min(end - at);
    if is_longer {
        table.copy_within(at..end - count, at + count);
    } else {
        table.copy_within(at + count.., at);
        table[end - count..].fill(0);
    }
}

/// Numbers before `at` that look like the length of a part in which it lies: what follows them and is so long ends where
/// another number says that a part ends, or where the table does. The nearest few, innermost first.
fn lengths_around(table: &[u8], at: usize) -> Vec<(usize, usize)> {
    let starts: Vec<u64> = ADDRESSES.step_by(4).map(|place| number(&table[place..place + 4])).collect();
    let mut found: Vec<(usize, usize)> = Vec::new();
    for place in (at.saturating_sub(600)..at).rev() {
        for width in [4, 2] {
            let Some(field) = table.get(place..place + width) else { continue };
            let begins = place + width;
            let ends = begins as u64 + number(field);
            let is_enclosing = begins <= at && ends > at as u64 && ends <= table.len() as u64;
            let is_known = ends == table.len() as u64 || starts.contains(&ends);
            let is_nested = found.iter().all(|(inner, width)| {
                let inner_end = (inner + width) as u64 + number(&table[*inner..inner + width]);
                *inner >= begins && inner_end <= ends
            });
            if is_enclosing && is_nested && (is_known || ends - (begins as u64) < 400) {
                found.push((place, width));
                break;
            }
        }
        if found.len() == 3 {
            break;
        }
    }
    found
}
