//! A map as pieces of one kind: its blocks, cut by the tracts that hold no data.

use std::ops::Range;

use super::share::Kind;
use crate::base::sector::{SECTOR_BYTES, SectorRange};
use crate::mapfile::status::Status;
use crate::mapfile::text::{Block, MapText};

/// The pieces of a map, in bytes, ascending.
pub fn pieces(text: &MapText) -> impl Iterator<Item = (Range<u64>, Kind)> + '_ {
    text.blocks.iter().flat_map(move |block| of_block(block, text))
}

fn of_block<'a>(block: &Block, text: &'a MapText) -> impl Iterator<Item = (Range<u64>, Kind)> + use<'a> {
    let (start, end, status) = (block.pos, block.end(), block.status);
    // What was rescued is no gap.
    let sectors = match status {
        Status::Finished => SectorRange::default(),
        _ => SectorRange::new(start / SECTOR_BYTES, end.div_ceil(SECTOR_BYTES)),
    };
    let bytes = move |sector: u64| sector.saturating_mul(SECTOR_BYTES).clamp(start, end);
    let tracts = text.left_out.within(sectors).map(move |tract| bytes(tract.range.start())..bytes(tract.range.end()));
    let mut at = start;
    let pieces = tracts.chain(std::iter::once(end..end)).flat_map(move |tract| {
        let before = at..tract.start;
        at = tract.end;
        [(before, Kind::of(status)), (tract, Kind::LeftOut)]
    });
    pieces.filter(|(range, _)| range.start < range.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapfile::text::parse;

    #[test]
    fn tracts_cut_what_is_not_rescued() {
        let text = "# Left out: sectors 1-2, audio\n0 + 1\n0 0x1000 +\n0x1000 0x1000 -\n0x2000 0x800 ?\n";
        let text = parse(text.as_bytes(), None).unwrap();
        let shown: Vec<_> = pieces(&text).map(|(range, kind)| (range.start / 2048, range.end / 2048, kind)).collect();
        assert_eq!(shown, [(0, 2, Kind::Rescued), (2, 3, Kind::LeftOut), (3, 4, Kind::Bad), (4, 5, Kind::NonTried)]);
    }
}
