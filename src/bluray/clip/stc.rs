//! The clocks of a clip (`STC sequence`), and the packets that they lie on.

use crate::base::time::{Ticks45, Ticks90};

/// Bytes of a source packet: a transport packet and its arrival time.
pub const SOURCE_PACKET_BYTES: u64 = 192;

/// A stretch of the clip on one clock (`STC sequence`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StcSequence {
    /// What play items call it.
    pub stc_id: u8,
    /// PID of the clock references.
    pub pcr_pid: u16,
    /// First source packet.
    pub first_packet: u32,
    /// One past its last source packet: where the next sequence starts, or the clip ends.
    pub end_packet: u32,
    /// When the first picture or sound is presented.
    pub start: Ticks45,
    /// When the last one ends.
    pub end: Ticks45,
}

impl StcSequence {
    /// How far behind the first picture or sound a time lies; before it, less than zero. Times have 32 bits and go round
    /// after 26.5 hours, within a sequence too: what seems more than half of that away lies on the other side.
    #[must_use]
    pub fn since_start(&self, time: Ticks45) -> Ticks90 {
        let ahead = time.0.wrapping_sub(self.start.0);
        if ahead <= u32::MAX / 2 { Ticks45(ahead).into() } else { Ticks90::ZERO - Ticks45(ahead.wrapping_neg()).into() }
    }
}

/// From IN to OUT of an item. OUT may have gone round (see [`StcSequence::since_start`]); `None` where it lies before IN.
#[must_use]
pub fn played(in_time: Ticks45, out_time: Ticks45) -> Option<Ticks45> {
    let length = out_time.0.wrapping_sub(in_time.0);
    (length <= u32::MAX / 2 || in_time <= out_time).then_some(Ticks45(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_round_within_a_sequence() {
        let clock = StcSequence {
            stc_id: 0,
            pcr_pid: 0x1001,
            first_packet: 0,
            end_packet: 9,
            start: Ticks45(u32::MAX - 9),
            end: Ticks45(90),
        };
        assert_eq!(clock.since_start(Ticks45(u32::MAX)), Ticks90(18));
        assert_eq!(clock.since_start(Ticks45(90)), Ticks90(200));
        assert_eq!(clock.since_start(Ticks45(u32::MAX - 19)), Ticks90(-20));
    }

    #[test]
    fn an_end_that_went_round_is_one_and_an_end_before_the_start_is_none() {
        assert_eq!(played(Ticks45(u32::MAX - 9), Ticks45(90)), Some(Ticks45(100)));
        assert_eq!(played(Ticks45(0), Ticks45::MAX), Some(Ticks45::MAX));
        assert_eq!(played(Ticks45(27_000_000), Ticks45(26_000_000)), None);
    }
}
