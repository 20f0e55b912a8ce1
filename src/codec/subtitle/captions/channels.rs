//! Which channels of captions a stream has, by the control codes in it.

use super::decoder::{checked, is_control};
use super::user_data::{Field, Pair};

const NAMES: [&str; 8] = ["CC1", "CC2", "CC3", "CC4", "T1", "T2", "T3", "T4"];

/// Channels that were seen: captions CC1 and CC2 in field 1, CC3 and CC4 in field 2, text beside the film T1 to T4
/// likewise.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Channels {
    seen: u8,
}

impl Channels {
    /// Looks at a pair.
    pub fn see(&mut self, pair: Pair) {
        let (Some(first), Some(second)) = (checked(pair.bytes[0]), checked(pair.bytes[1])) else { return };
        if !is_control(first) || !matches!(first & !0x08, 0x14 | 0x15) {
            return;
        }
        let is_text = match second {
            // How captions come to the screen, and that they are shown.
            0x20 | 0x25..=0x27 | 0x29 | 0x2F => false,
            0x2A | 0x2B => true,
            _ => return,
        };
        let channel = u8::from(first & 0x08 != 0) + if pair.field == Field::Second { 2 } else { 0 };
        self.seen |= 1 << (channel + if is_text { 4 } else { 0 });
    }

    /// Their names, ascending.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        (0..).zip(NAMES).filter(|(number, _)| self.seen >> number & 1 == 1).map(|(_, name)| name).collect()
    }

    /// Whether none was seen.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.seen == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_told_by_field_and_code() {
        let odd = |byte: u8| if byte.count_ones().is_multiple_of(2) { byte | 0x80 } else { byte };
        let mut channels = Channels::default();
        let mut see = |field, first, second| {
            channels.see(Pair { field, bytes: [odd(first), odd(second)] });
            channels.names()
        };
        // Nothing, characters, a preamble, and an order to erase say nothing.
        for (first, second) in [(0, 0), (0x41, 0x42), (0x14, 0x70), (0x14, 0x2C)] {
            assert!(see(Field::First, first, second).is_empty());
        }
        assert_eq!(see(Field::First, 0x14, 0x20), ["CC1"]);
        assert_eq!(see(Field::First, 0x1C, 0x2B), ["CC1", "T2"]);
        assert_eq!(see(Field::Second, 0x15, 0x25), ["CC1", "CC3", "T2"]);
        assert_eq!(see(Field::Second, 0x1D, 0x2F), ["CC1", "CC3", "CC4", "T2"]);
        channels.see(Pair { field: Field::First, bytes: [0x9C, 0x20] });
        assert_eq!(channels.names().len(), 4, "wrong parity says nothing");
    }
}
