//! Arithmetic on units.

use crate::base::sector::SectorRange;
use crate::recovery::unit::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn pieces_tile_a_range_and_none_crosses_a_boundary(unit in 1u64..40, start in 0u64..200, len in 1u64..200) {
        let u = Unit::new(unit);
        let range = SectorRange::with_len(start, len);
        let (mut rest, mut pieces) = (range, 0);
        while !rest.is_empty() {
            let piece = u.first_piece(rest);
            prop_assert!(!piece.is_empty() && u.count(piece) == 1);
            prop_assert_eq!(piece.start(), rest.start());
            rest = SectorRange::new(piece.end(), rest.end());
            pieces += 1;
        }
        prop_assert_eq!(pieces, u.count(range));
    }
}

#[test]
fn boundaries_saturate_at_the_end_of_the_address_space() {
    let u = Unit::new(32);
    assert_eq!(u.ceil(u64::MAX - 3), u64::MAX);
    assert_eq!(u.ceil(33), 64);
    assert_eq!(u.floor(33), 32);
    assert!(u.around(u64::MAX).contains(u64::MAX - 1));
}
