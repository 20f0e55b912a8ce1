//! Shapes of pixels that video codecs have a number for.

use crate::codec::facts::Rational;

/// By `aspect_ratio_idc` of H.264 (table E-1) and H.265 (table E.1); VC-1 shares the first fourteen.
const ASPECTS: [(u32, u32); 17] = [
    (0, 0),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

/// Width to height of a pixel; `None` for a number without meaning.
pub(crate) fn of_code(code: u32) -> Option<Rational> {
    let (num, den) = *ASPECTS.get(code as usize)?;
    of(num, den)
}

/// Width to height as written; `None` where either is 0.
pub(crate) fn of(num: u32, den: u32) -> Option<Rational> {
    (num != 0 && den != 0).then_some(Rational { num, den })
}
