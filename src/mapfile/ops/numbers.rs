//! Block numbers of a map, as `badblocks` and `ddrescuelog -l` list them.

use std::num::NonZeroU64;
use std::ops::Range;

use super::super::status::Status;
use super::super::text::Block;

/// The numbers of the blocks of `size` bytes of which any byte has one of the statuses `wanted`, as ascending ranges that do
/// not touch the same number twice.
pub fn block_numbers<'a>(
    blocks: &'a [Block],
    size: NonZeroU64,
    wanted: &'a [Status],
) -> impl Iterator<Item = Range<u64>> + use<'a> {
    let mut next = 0;
    let is_wanted = |block: &&Block| wanted.contains(&block.status) && block.size > 0;
    blocks.iter().filter(is_wanted).filter_map(move |block| {
        let numbers = (block.pos / size).max(next)..block.end().div_ceil(size.get());
        next = next.max(numbers.end);
        (!numbers.is_empty()).then_some(numbers)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;

    #[test]
    fn a_block_is_listed_once_when_any_of_it_is_wanted() {
        let blocks = parse(b"0 + 1\n0 100 +\n100 5000 -\n5100 100 ?\n5200 2000 /\n", None).unwrap().blocks;
        let of = |statuses: &[Status]| {
            let numbers = block_numbers(&blocks, NonZeroU64::new(2048).unwrap(), statuses);
            numbers.flatten().collect::<Vec<_>>()
        };
        assert_eq!(of(&[Status::Finished]), [0]);
        assert_eq!(of(&[Status::Bad]), [0, 1, 2]);
        assert_eq!(of(&[Status::Bad, Status::NonTried, Status::NonScraped]), [0, 1, 2, 3]);
        assert_eq!(of(&[Status::NonTried]), [2]);
        assert_eq!(of(&[]), Vec::<u64>::new());
    }
}
