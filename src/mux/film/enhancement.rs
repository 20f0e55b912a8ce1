//! Enhancement layers in clips of their own: what comes of them waits here for the pictures that it belongs to.

use std::collections::VecDeque;

use super::super::memory::LAYERS_AHEAD;
use super::losses::Gap;
use crate::base::time::Ticks90;
use crate::codec::Stamp;

/// A layer of which nothing is shown for so long before its end has lost it: some pictures of the slowest kind.
const TAIL: Ticks90 = Ticks90(Ticks90::SECOND.0 / 8);

/// What came of a layer.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A packet; its stamps are on the title's clock.
    Packet { stamp: Stamp, bytes: Vec<u8> },
    /// Something is missing.
    Missing(Gap),
}

impl Arrival {
    fn memory(&self) -> usize {
        let bytes = match self {
            Self::Packet { bytes, .. } => bytes.len(),
            Self::Missing(_) => 0,
        };
        size_of::<Waiting>() + bytes
    }
}

/// What came, for a part of the title.
#[derive(Debug)]
struct Waiting {
    lane: usize,
    part: usize,
    arrival: Arrival,
}

/// What waits for the pictures of all tracks, in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Layers {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

impl Layers {
    /// What came for the track `lane` in `part` of the title. `false`: too much waits.
    pub(super) fn put(&mut self, lane: usize, part: usize, arrival: Arrival) -> bool {
        let more = arrival.memory();
        if self.bytes + more > LAYERS_AHEAD {
            return false;
        }
        self.bytes += more;
        self.waiting.push_back(Waiting { lane, part, arrival });
        true
    }

    /// The next that came for a track in `part`; what came for parts before is forgotten.
    pub(super) fn take(&mut self, lane: usize, part: usize) -> Option<Arrival> {
        while self.waiting.front().is_some_and(|first| first.part < part) {
            self.remove(0);
        }
        let at = self.waiting.iter().position(|waiting| (waiting.lane, waiting.part) == (lane, part))?;
        self.remove(at)
    }

    fn remove(&mut self, at: usize) -> Option<Arrival> {
        let Waiting { arrival, .. } = self.waiting.remove(at)?;
        self.bytes -= arrival.memory();
        Some(arrival)
    }
}

/// A layer that is being read.
#[derive(Debug)]
pub(super) struct Layer {
    /// The track that it belongs to.
    lane: usize,
    /// Parts of the title that it plays beside, with their ends on the title's clock; at least one.
    parts: Vec<(Ticks90, usize)>,
    /// Where it ends.
    end: Ticks90,
    /// The packet that is coming.
    open: Option<(Stamp, Vec<u8>)>,
    /// The time of the last packet that had one.
    last: Option<Ticks90>,
    /// The latest of all.
    latest: Option<Ticks90>,
    /// What is missing behind the last packet, up to where the layer goes on.
    missing: Option<Gap>,
}

impl Layer {
    /// The layer of the track `lane` where it plays beside `parts`, with their ends on the title's clock, up to `end`.
    pub(super) fn new(lane: usize, parts: Vec<(Ticks90, usize)>, end: Ticks90) -> Self {
        Self { lane, parts, end, open: None, last: None, latest: None, missing: None }
    }

    /// Whether a packet has come, or is known to be missing.
    pub(super) fn has_begun(&self) -> bool {
        self.open.is_some() || self.last.is_some() || self.missing.is_some()
    }

    /// A packet begins.
    pub(super) fn start(&mut self, stamp: Stamp, layers: &mut Layers) {
        if let (Some(gap), Some(time)) = (self.missing, stamp.pts)
            && self.tell(Gap { to: time.0, ..gap }, layers)
        {
            self.missing = None;
        }
        self.last = stamp.pts.or(self.last);
        self.latest = self.latest.max(stamp.pts);
        self.open = Some((stamp, Vec::new()));
    }

    pub(super) fn payload(&mut self, bytes: &[u8]) {
        if let Some((_, packet)) = &mut self.open {
            packet.extend_from_slice(bytes);
        }
    }

    /// The packet is complete.
    pub(super) fn end(&mut self, layers: &mut Layers) {
        let Some((stamp, bytes)) = self.open.take() else { return };
        let time = self.last.unwrap_or(Ticks90::MIN);
        let part = self.parts.iter().find(|(end, _)| time < *end).or(self.parts.last()).map_or(0, |(_, part)| *part);
        if !layers.put(self.lane, part, Arrival::Packet { stamp, bytes }) {
            self.lost(None, 0, false);
        }
    }

    /// Something is missing: `bytes` from sector `lba` on.
    pub(super) fn lost(&mut self, lba: Option<u64>, bytes: u64, by_hole: bool) {
        self.open = None;
        let from = self.last.map_or(i64::MIN, |last| last.0);
        let (track, to) = (self.lane, i64::MAX);
        let new = Gap { track, from, to, bytes: 0, lba, is_vague: false, by_hole, is_at_edge: false };
        let gap = self.missing.get_or_insert(new);
        gap.bytes = gap.bytes.saturating_add(bytes);
    }

    /// Its part is over.
    pub(super) fn finish(&mut self, layers: &mut Layers) {
        self.end(layers);
        let end = self.parts.last().map_or(self.end, |(end, _)| self.end.min(*end));
        if self.latest.is_none_or(|latest| latest + TAIL < end) {
            self.lost(None, 0, false);
        }
        if let Some(gap) = self.missing.take() {
            self.tell(gap, layers);
        }
    }

    /// Tells of a loss in each part that it lies in. `false`: too much waits.
    fn tell(&self, gap: Gap, layers: &mut Layers) -> bool {
        let mut start = i64::MIN;
        let mut is_told = true;
        for (end, part) in &self.parts {
            if gap.from < end.0 && start < gap.to {
                is_told &= layers.put(self.lane, *part, Arrival::Missing(gap));
            }
            start = end.0;
        }
        is_told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(seconds: u64) -> Stamp {
        Stamp { pts: Some(Ticks90::from_seconds(seconds)), dts: None }
    }

    fn packet(layer: &mut Layer, layers: &mut Layers, second: u64, bytes: &[u8]) {
        layer.start(stamp(second), layers);
        layer.payload(bytes);
        layer.end(layers);
    }

    /// What comes out for a part: first bytes of packets, times of losses.
    fn taken(layers: &mut Layers, part: usize) -> Vec<String> {
        let arrivals = std::iter::from_fn(|| layers.take(7, part));
        let words = arrivals.map(|arrival| match arrival {
            Arrival::Packet { bytes, .. } => format!("{bytes:?}"),
            Arrival::Missing(gap) => format!("{} to {}", gap.from / 90_000, gap.to / 90_000),
        });
        words.collect()
    }

    #[test]
    fn packets_wait_for_the_part_that_they_belong_to() {
        let (mut layers, ends) = (Layers::default(), [10, 20].map(Ticks90::from_seconds));
        let mut layer = Layer::new(7, vec![(ends[0], 3), (ends[1], 4)], ends[1]);
        packet(&mut layer, &mut layers, 9, &[1]);
        packet(&mut layer, &mut layers, 10, &[2]);
        // One that is shown earlier, though it comes later.
        packet(&mut layer, &mut layers, 8, &[3]);
        assert_eq!(taken(&mut layers, 3), ["[1]", "[3]"]);
        assert_eq!(taken(&mut layers, 5), [""; 0]);
        assert_eq!(layers.bytes, 0, "what is over is forgotten");
    }

    #[test]
    fn what_is_missing_is_told_in_each_part() {
        let (mut layers, ends) = (Layers::default(), [10, 20].map(Ticks90::from_seconds));
        let mut layer = Layer::new(7, vec![(ends[0], 0), (ends[1], 1)], ends[1]);
        packet(&mut layer, &mut layers, 8, &[1]);
        layer.lost(Some(5), 2048, true);
        layer.lost(Some(9), 2048, true);
        packet(&mut layer, &mut layers, 12, &[2]);
        layer.lost(None, 1, false);
        layer.finish(&mut layers);
        assert_eq!(taken(&mut layers, 0), ["[1]", "8 to 12"]);
        let last = format!("12 to {}", i64::MAX / 90_000);
        assert_eq!(taken(&mut layers, 1), ["8 to 12", "[2]", &last]);
    }

    #[test]
    fn a_layer_that_ends_early_has_lost_its_tail() {
        let end = Ticks90::from_seconds(10);
        for (last, lost) in [(Some(9), true), (Some(10), false), (None, true)] {
            let (mut layers, mut layer) = (Layers::default(), Layer::new(7, vec![(end, 0)], end));
            last.iter().for_each(|second| packet(&mut layer, &mut layers, *second, &[]));
            layer.finish(&mut layers);
            assert_eq!(taken(&mut layers, 0).iter().any(|word| word.contains("to")), lost, "{last:?}");
        }
    }

    #[test]
    fn too_much_is_a_loss_and_not_kept() {
        let mut layers = Layers::default();
        let mut layer = Layer::new(7, vec![(Ticks90::MAX, 0)], Ticks90::MAX);
        let large = vec![0; LAYERS_AHEAD / 2];
        for second in 0..4 {
            packet(&mut layer, &mut layers, second, &large);
        }
        assert!(layers.bytes <= LAYERS_AHEAD && layer.missing.is_some());
        assert!(layers.take(7, 0).is_some());
        packet(&mut layer, &mut layers, 5, &[1]);
        assert_eq!(taken(&mut layers, 0), ["1 to 2", "2 to 3", "3 to 5", "[1]"]);
    }
}
