//! Maps side by side: what each says of the same bytes.

use std::ops::Range;

use super::super::status::Status;
use super::super::text::Block;

/// A stretch of bytes of which each of two maps says one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// First byte.
    pub pos: u64,
    /// Number of bytes, at least 1.
    pub size: u64,
    /// What the first map says; `None` where it does not speak of these bytes.
    pub one: Option<Status>,
    /// What the second map says.
    pub other: Option<Status>,
}

/// Cuts what two maps speak of where either changes its mind: from the first byte that one of them has to the last. Both
/// lists are contiguous, as a map's blocks are.
pub fn side_by_side<'a>(one: &'a [Block], other: &'a [Block]) -> impl Iterator<Item = Pair> + use<'a> {
    let mut both = Alongside::new(&[one, other]);
    std::iter::from_fn(move || match both.next()? {
        (bytes, [one, other]) => {
            Some(Pair { pos: bytes.start, size: bytes.end - bytes.start, one: *one, other: *other })
        }
        _ => None,
    })
}

/// Any number of maps, cut where one of them changes its mind.
#[derive(Clone, Debug)]
pub struct Alongside<'a> {
    lists: Vec<List<'a>>,
    said: Vec<Option<Status>>,
    at: u64,
    end: u64,
}

impl<'a> Alongside<'a> {
    /// The lists of blocks of some maps; each is contiguous.
    #[must_use]
    pub fn new(maps: &[&'a [Block]]) -> Self {
        let lists = maps.iter().map(|map| List { rest: map }).collect();
        let at = maps.iter().filter_map(|blocks| blocks.first()).map(|block| block.pos).min().unwrap_or(0);
        let end = maps.iter().filter_map(|blocks| blocks.last()).map(Block::end).max().unwrap_or(0);
        Self { lists, said: vec![None; maps.len()], at, end }
    }

    /// The next stretch of bytes, and what each map says of it; `None` where it does not speak of them.
    #[allow(clippy::should_implement_trait, reason = "what is said lies in one place, and is lent")]
    pub fn next(&mut self) -> Option<(Range<u64>, &[Option<Status>])> {
        if self.at >= self.end {
            return None;
        }
        let mut until = self.end;
        for (list, said) in self.lists.iter_mut().zip(&mut self.said) {
            let (status, end) = list.at(self.at);
            *said = status;
            until = until.min(end);
        }
        let bytes = self.at..until;
        self.at = until;
        Some((bytes, &self.said))
    }
}

/// The blocks of a map that do not lie behind.
#[derive(Clone, Debug)]
struct List<'a> {
    rest: &'a [Block],
}

impl List<'_> {
    /// What the map says of the byte `pos`, and where it next says something else. Positions must ascend.
    fn at(&mut self, pos: u64) -> (Option<Status>, u64) {
        while let Some((first, rest)) = self.rest.split_first()
            && first.end() <= pos
        {
            self.rest = rest;
        }
        match self.rest.first() {
            None => (None, u64::MAX),
            Some(block) if block.pos > pos => (None, block.pos),
            Some(block) => (Some(block.status), block.end()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;
    use proptest::prelude::*;

    fn shown(one: &str, other: &str) -> String {
        let [one, other] = [one, other].map(|lines| parse(format!("0 + 1\n{lines}").as_bytes(), None).unwrap().blocks);
        let symbol = |status: Option<Status>| status.map_or('_', Status::symbol);
        let pair = |p: Pair| format!("{}+{}{}{}", p.pos, p.size, symbol(p.one), symbol(p.other));
        side_by_side(&one, &other).map(pair).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn maps_are_cut_where_either_changes() {
        assert_eq!(shown("0 10 +\n10 10 -\n", "0 5 ?\n5 10 +\n15 5 -\n"), "0+5+? 5+5++ 10+5-+ 15+5--");
    }

    #[test]
    fn what_a_map_does_not_speak_of_is_nothing() {
        assert_eq!(shown("5 5 +\n", "0 20 -\n"), "0+5_- 5+5+- 10+10_-");
        assert_eq!(shown("10 5 +\n", "20 5 +\n"), "10+5+_ 15+5__ 20+5_+");
        assert_eq!(shown("", "5 5 +\n"), "5+5_+");
        assert_eq!(shown("", ""), "");
    }

    proptest! {
        #[test]
        fn every_byte_is_told_once(one in prop::collection::vec((1u64..9, 0usize..5), 0..12),
                                   other in prop::collection::vec((1u64..9, 0usize..5), 0..12),
                                   begin in 0u64..9) {
            let blocks = |sizes: &[(u64, usize)], mut pos: u64| sizes.iter().map(|(size, status)| {
                pos += size;
                Block { pos: pos - size, size: *size, status: Status::ALL[*status] }
            }).collect::<Vec<_>>();
            let (one, other) = (blocks(&one, begin), blocks(&other, 0));
            let said = |blocks: &[Block], byte| blocks.iter().find(|b| (b.pos..b.end()).contains(&byte)).map(|b| b.status);
            let mut next = side_by_side(&one, &other).next().map_or(0, |pair| pair.pos);
            for pair in side_by_side(&one, &other) {
                prop_assert_eq!(pair.pos, next);
                prop_assert!(pair.size > 0);
                next = pair.pos + pair.size;
                for byte in pair.pos..next {
                    prop_assert_eq!((pair.one, pair.other), (said(&one, byte), said(&other, byte)));
                }
            }
            let end = [&one, &other].iter().filter_map(|blocks| blocks.last()).map(Block::end).max();
            prop_assert_eq!(next, end.unwrap_or(0));
        }
    }
}
