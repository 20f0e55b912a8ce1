//! A map as a row of cells, each the same part of it.

use super::pieces::pieces;
use super::share::Share;
use crate::base::sector::SECTOR_BYTES;
use crate::mapfile::text::MapText;

/// The cells of a map, first byte first: `count` of them, or one a sector where there are fewer sectors. None for a map
/// that speaks of nothing.
#[must_use]
pub fn cells(text: &MapText, count: usize) -> Vec<Share> {
    let size = text.end();
    let sectors = usize::try_from(size.div_ceil(SECTOR_BYTES)).unwrap_or(usize::MAX);
    let count = count.min(sectors);
    let mut cells = vec![Share::default(); count];
    let wide = |byte: u64| u128::from(byte) * count as u128;
    for (range, kind) in pieces(text) {
        // The cell of a byte is byte * count / size, rounded down; a cell begins at the first byte that has its number.
        let number = |byte: u64| usize::try_from(wide(byte) / u128::from(size)).unwrap_or(usize::MAX);
        let begin = |cell: usize| {
            let byte = (cell as u128 * u128::from(size)).div_ceil(count as u128);
            u64::try_from(byte).unwrap_or(u64::MAX)
        };
        let (first, last) = (number(range.start), number(range.end - 1));
        for (index, cell) in cells.iter_mut().enumerate().take(last.saturating_add(1)).skip(first) {
            let part = begin(index).max(range.start)..begin(index + 1).min(range.end);
            cell.add(kind, part.end.saturating_sub(part.start));
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::super::share::Kind;
    use super::*;
    use crate::mapfile::text::parse;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_is_in_one_cell(sizes in prop::collection::vec((1u64..9000, 0usize..5), 1..20), count in 1usize..50) {
            let (mut text, mut pos) = (String::from("0 + 1\n"), 0);
            for (size, status) in sizes {
                text += &format!("{pos} {size} {}\n", ['?', '*', '/', '-', '+'][status]);
                pos += size;
            }
            let text = parse(text.as_bytes(), None).unwrap();
            let cells = cells(&text, count);
            prop_assert_eq!(cells.len(), count.min(usize::try_from(pos.div_ceil(2048)).unwrap()));
            let (least, most) = (pos / cells.len() as u64, pos.div_ceil(cells.len() as u64));
            prop_assert!(cells.iter().all(|cell| (least..=most).contains(&cell.total())));
            for kind in Kind::ALL {
                let told: u64 = cells.iter().map(|cell| cell.amount(kind)).sum();
                let there: u64 = pieces(&text).filter(|p| p.1 == kind).map(|(range, _)| range.end - range.start).sum();
                prop_assert_eq!(told, there);
            }
        }
    }

    #[test]
    fn an_empty_map_has_no_cells() {
        assert_eq!(cells(&parse(b"0 + 1\n", None).unwrap(), 80), []);
    }
}
