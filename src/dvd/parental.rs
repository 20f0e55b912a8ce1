//! Which chain of a parental block is played at which level: the masks of the disc (PTL_MAIT).

use super::TableError;
use super::table::Table;

/// Most countries that a disc has levels for.
const COUNTRIES: usize = 100;
/// Bytes of an entry of the list of countries.
const ENTRY_BYTES: usize = 8;

/// Masks of the highest level, at which everything may be played.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ParentalMasks {
    /// For each country the masks of the disc itself and of its title sets, from set 1 on.
    countries: Vec<Vec<u16>>,
}

impl ParentalMasks {
    /// Reads the table; countries whose masks lie outside of the file are left out.
    pub(super) fn read(t: &Table<'_>) -> Result<Self, TableError> {
        let (countries, sets) = (usize::from(t.u16(0)?).min(COUNTRIES), usize::from(t.u16(2)?));
        let masks = |n: usize| -> Result<Vec<u16>, TableError> {
            let start = usize::from(t.u16(8 + n * ENTRY_BYTES + 4)?);
            // Levels come from 8 down to 1, each with the masks of all sets.
            (0..=sets).map(|set| t.u16(start + 2 * set)).collect()
        };
        Ok(Self { countries: (0..countries).filter_map(|n| masks(n).ok()).collect() })
    }

    /// The mask of a title set in each country: a chain may be played that shares a bit with it.
    pub fn of(&self, set: u8) -> impl Iterator<Item = u16> {
        self.countries.iter().filter_map(move |masks| masks.get(usize::from(set)).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_masks_of_a_country_are_those_of_the_highest_level() {
        // Two countries, two sets; the masks of the second lie outside.
        let mut file = vec![0, 2, 0, 2, 0, 0, 0, 71, b'U', b'S', 0, 0, 0, 24, 0, 0, b'D', b'E', 0, 0, 0xFF, 0, 0, 0];
        for level in (1..=8u16).rev() {
            [0u16, 0x10 * level, 0x100 * level].iter().for_each(|mask| file.extend(mask.to_be_bytes()));
        }
        let masks = ParentalMasks::read(&Table::new(&file, 0, "").unwrap()).unwrap();
        let of = |set| masks.of(set).collect::<Vec<_>>();
        assert_eq!((of(0), of(1), of(2), of(3)), (vec![0], vec![0x80], vec![0x800], vec![]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let masks = ParentalMasks::read(&Table::new(&bytes, 0, "").unwrap());
            prop_assert!(masks.map_or(0, |masks| masks.of(0).count()) <= COUNTRIES);
        }
    }
}
