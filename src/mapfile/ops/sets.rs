//! The finished bytes of maps as sets: and, or, xor, and the opposite of one.
//!
//! The rules are those of GNU ddrescuelog 1.27 where both maps speak of the same bytes: the first map keeps its statuses, what
//! becomes finished is `+`, and what was finished in the first and is no more becomes `-`. Bytes that only one map speaks of are
//! not tried in the other, as its manual's "finished in both" and "finished in either" want; the program leaves them as they are.

use super::super::status::Status;
use super::super::text::Block;
use super::pairs::side_by_side;

/// What is asked of two maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Finished is what is finished in both.
    And,
    /// Finished is what is finished in either.
    Or,
    /// Finished is what is finished in one and not in the other.
    Xor,
}

impl Operation {
    /// The status of bytes that have these statuses in the two maps.
    #[must_use]
    pub fn of(self, one: Status, other: Status) -> Status {
        let finished = [one, other].map(|status| status == Status::Finished);
        let is_finished = match self {
            Self::And => finished == [true; 2],
            Self::Or => finished != [false; 2],
            Self::Xor => finished[0] != finished[1],
        };
        match (is_finished, finished[0]) {
            (true, _) => Status::Finished,
            (false, true) => Status::Bad,
            (false, false) => one,
        }
    }
}

/// The blocks of the map that an operation on two maps brings, from the first byte that one of them speaks of to the last.
/// Neighbours may have one status.
pub fn combined<'a>(
    operation: Operation,
    one: &'a [Block],
    other: &'a [Block],
) -> impl Iterator<Item = Block> + use<'a> {
    let status = |status: Option<Status>| status.unwrap_or(Status::NonTried);
    side_by_side(one, other).map(move |pair| Block {
        pos: pair.pos,
        size: pair.size,
        status: operation.of(status(pair.one), status(pair.other)),
    })
}

/// The blocks of the opposite of a map: what is finished becomes `-`, everything else `+`. Neighbours may have one status.
pub fn inverted(blocks: &[Block]) -> impl Iterator<Item = Block> + use<'_> {
    blocks.iter().map(|block| Block {
        status: if block.status == Status::Finished { Status::Bad } else { Status::Finished },
        ..*block
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;

    fn blocks(lines: &str) -> Vec<Block> {
        parse(format!("0 + 1\n{lines}").as_bytes(), None).unwrap().blocks
    }

    fn statuses(blocks: impl Iterator<Item = Block>) -> String {
        blocks.flat_map(|block| (0..block.size).map(move |_| block.status.symbol())).collect()
    }

    #[test]
    fn the_first_map_keeps_what_is_not_decided() {
        let one = blocks("0 2 +\n2 2 -\n4 2 ?\n6 2 *\n8 2 /\n");
        let other = blocks("0 1 +\n1 1 -\n2 1 +\n3 1 ?\n4 1 +\n5 1 -\n6 1 +\n7 1 -\n8 1 +\n9 1 /\n");
        let of = |operation| statuses(combined(operation, &one, &other));
        assert_eq!(of(Operation::And), "+---??**//");
        assert_eq!(of(Operation::Or), "+++-+?+*+/");
        assert_eq!(of(Operation::Xor), "-++-+?+*+/");
        assert_eq!(statuses(inverted(&one)), "--++++++++");
    }

    #[test]
    fn bytes_that_one_map_does_not_speak_of_are_not_tried_in_it() {
        let (short, long) = (blocks("0 2 +\n"), blocks("0 3 +\n3 1 -\n"));
        let of = |operation, one: &[Block], other: &[Block]| statuses(combined(operation, one, other));
        assert_eq!(of(Operation::And, &long, &short), "++--");
        assert_eq!(of(Operation::And, &short, &long), "++??");
        assert_eq!(of(Operation::Or, &short, &long), "+++?");
        assert_eq!(of(Operation::Xor, &short, &long), "--+?");
    }
}
