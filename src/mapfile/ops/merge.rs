//! The map of what several maps of one disc know together.

use super::super::status::Status;
use super::super::text::Block;
use super::pairs::Alongside;

/// What is known of bytes of which several maps say this: the furthest that one of them came (`?` `*` `/` `-` `+`). What one of
/// them has is there; what one of them failed to read need not be asked for first.
#[must_use]
pub fn best(said: &[Option<Status>]) -> Status {
    said.iter().flatten().max().copied().unwrap_or(Status::NonTried)
}

/// The blocks of the merged map. Neighbours may have one status.
pub fn merged<'a>(maps: &[&'a [Block]]) -> impl Iterator<Item = Block> + use<'a> {
    let mut all = Alongside::new(maps);
    std::iter::from_fn(move || {
        let (bytes, said) = all.next()?;
        Some(Block { pos: bytes.start, size: bytes.end - bytes.start, status: best(said) })
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::text::parse;
    use super::*;

    #[test]
    fn the_furthest_that_one_came_counts() {
        let blocks = ["0 2 ?\n2 2 +\n", "0 1 *\n1 1 /\n2 1 -\n3 1 ?\n4 1 ?\n", "0 1 ?\n1 1 -\n2 4 ?\n"]
            .map(|lines| parse(format!("0 + 1\n{lines}").as_bytes(), None).unwrap().blocks);
        let maps = blocks.each_ref().map(Vec::as_slice);
        let shown: String =
            merged(&maps).flat_map(|block| (0..block.size).map(move |_| block.status.symbol())).collect();
        assert_eq!(shown, "*-++??");
        assert_eq!(merged(&[]).count(), 0);
    }
}
