//! Line 21 for tests.

/// A byte with odd parity.
pub(super) fn odd(byte: u8) -> u8 {
    if byte.count_ones().is_multiple_of(2) { byte | 0x80 } else { byte }
}

/// A pair with odd parity.
pub(super) fn pair(first: u8, second: u8) -> [u8; 2] {
    [odd(first), odd(second)]
}

/// Pairs of plain characters.
pub(super) fn typed(text: &str) -> Vec<[u8; 2]> {
    text.as_bytes().chunks(2).map(|two| pair(two[0], two.get(1).copied().unwrap_or(0))).collect()
}

/// A control code, sent twice as on discs.
pub(super) fn twice(first: u8, second: u8) -> Vec<[u8; 2]> {
    vec![pair(first, second); 2]
}

pub(super) const POP_ON: u8 = 0x20;
pub(super) const ROLL_UP_2: u8 = 0x25;
pub(super) const ROLL_UP_3: u8 = 0x26;
pub(super) const PAINT_ON: u8 = 0x29;
pub(super) const ERASE: u8 = 0x2C;
pub(super) const RETURN: u8 = 0x2D;
pub(super) const ERASE_HIDDEN: u8 = 0x2E;
pub(super) const SHOW: u8 = 0x2F;

/// A caption that is written and then shown, as pairs.
pub(super) fn popped(text: &str) -> Vec<[u8; 2]> {
    let head = [twice(0x14, POP_ON), twice(0x14, ERASE_HIDDEN), twice(0x14, 0x70)].concat();
    [head, typed(text), twice(0x14, SHOW)].concat()
}
