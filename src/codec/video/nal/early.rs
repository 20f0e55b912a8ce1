//! Pictures at the start of a stream, or behind a loss, that wait until it is known when they are shown.

use crate::base::time::Ticks90;
use crate::codec::Kept;
use crate::codec::arena::Stamp;
use crate::codec::facts::Rational;
use crate::codec::video::nal::order::{Order, OrderClock};
use crate::codec::video::nal::syntax::Picture;

/// Pictures that may wait, and their bytes; with more, the stream has no times.
const MOST_PICTURES: usize = 64;
const MOST_BYTES: usize = 12 << 20;
/// Pictures with stamps of their own that are waited for: two tell how far pictures lie apart.
const STAMPED: usize = 2;

/// A picture that waits.
#[derive(Debug)]
pub(crate) struct Early {
    pub(crate) picture: Picture,
    pub(crate) key: bool,
    pub(crate) stamp: Stamp,
    /// When it is shown, once that is known.
    pub(crate) pts: Option<Ticks90>,
    pub(crate) bytes: Kept,
}

/// Bytes of memory that these take.
pub(crate) fn memory(waiting: &[Early]) -> usize {
    waiting.iter().map(|early| size_of::<Early>() + early.bytes.memory()).sum()
}

/// Whether as much is known of their times as will be.
pub(crate) fn are_ready(waiting: &[Early]) -> bool {
    let stamped = waiting.iter().filter(|early| early.stamp.pts.is_some()).count();
    stamped >= STAMPED || waiting.len() >= MOST_PICTURES || memory(waiting) > MOST_BYTES
}

/// Finds the times of those in front of the first that has one. `false`: none has one.
pub(crate) fn find_times(waiting: &mut [Early], clock: &OrderClock, rate: Option<Rational>, per_frame: u32) -> bool {
    let known = waiting.iter().enumerate().find_map(|(n, early)| Some((n, early.pts?)));
    let Some((known, pts)) = known else { return false };
    let (front, behind) = waiting.split_at_mut(known);
    let Some(first) = behind.first() else { return false };
    let orders: Vec<Option<Order>> = front.iter().map(|early| early.picture.order).collect();
    let (times, step) = clock.before(&orders, (first.picture.order, pts), rate, per_frame);
    let decoded = first.stamp.dts.or(first.stamp.pts);
    for (early, (time, away)) in front.iter_mut().zip(times.into_iter().zip((1..=known as i64).rev())) {
        early.pts = Some(time);
        early.stamp.dts = early.stamp.dts.or(decoded.map(|dts| dts - step.times(away)));
    }
    true
}
