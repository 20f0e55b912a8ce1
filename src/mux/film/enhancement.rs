//! Enhancement layers in clips of their own: what comes of them waits here for the pictures that it belongs to.

use std::collections::{BTreeMap, VecDeque};

use super::super::memory::LAYERS_AHEAD;
use super::super::plan::reading::LAYER_TAIL;
use super::lane::losses::Gap;
use crate::base::time::Ticks90;
use crate::codec::Stamp;

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
        size_of::<Self>() + bytes
    }

    /// When it is decoded, or from where on something is missing; `None`: with what came before.
    fn time(&self) -> Option<Ticks90> {
        match self {
            Self::Packet { stamp, .. } => stamp.dts.or(stamp.pts),
            Self::Missing(gap) => Some(Ticks90(gap.from)),
        }
    }
}

/// What waits for the pictures of all tracks.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// By the part of the title and the track, each in the order in which it came.
    waiting: BTreeMap<(usize, usize), VecDeque<Arrival>>,
    /// Bytes of it, and of packets that are still coming.
    bytes: usize,
}

impl Layers {
    /// Room for so many bytes more. `false`: too much waits.
    fn reserve(&mut self, bytes: usize) -> bool {
        let fits = self.bytes + bytes <= LAYERS_AHEAD;
        self.bytes += if fits { bytes } else { 0 };
        fits
    }

    /// A packet, for whose bytes there is room already, for the track `lane` in `part` of the title. `false`: too much waits.
    fn put(&mut self, lane: usize, part: usize, stamp: Stamp, mut bytes: Vec<u8>) -> bool {
        let reserved = bytes.len();
        let fits = self.reserve(size_of::<Arrival>());
        if fits {
            bytes.shrink_to_fit();
            self.waiting.entry((part, lane)).or_default().push_back(Arrival::Packet { stamp, bytes });
        } else {
            self.bytes -= reserved;
        }
        fits
    }

    /// Something is missing of the track `lane` in `part` of the title. There is always room for that: two that follow each
    /// other are one.
    fn miss(&mut self, lane: usize, part: usize, gap: Gap) {
        let waiting = self.waiting.entry((part, lane)).or_default();
        if let Some(Arrival::Missing(last)) = waiting.back_mut() {
            (last.from, last.to) = (last.from.min(gap.from), last.to.max(gap.to));
            last.bytes = last.bytes.saturating_add(gap.bytes);
            return;
        }
        let arrival = Arrival::Missing(gap);
        self.bytes += arrival.memory();
        waiting.push_back(arrival);
    }

    /// The next that came for a track in `part` and is decoded no later than `until`; what came for parts before is forgotten.
    pub(super) fn take(&mut self, lane: usize, part: usize, until: Ticks90) -> Option<Arrival> {
        while let Some(over) = self.waiting.first_entry().filter(|first| first.key().0 < part) {
            self.bytes -= over.remove().iter().map(Arrival::memory).sum::<usize>();
        }
        let waiting = self.waiting.get_mut(&(part, lane))?;
        if waiting.front()?.time().is_some_and(|time| time > until) {
            return None;
        }
        let arrival = waiting.pop_front()?;
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
        self.give_up(layers);
        if let Some(time) = stamp.pts
            && let Some(gap) = self.missing.take()
        {
            self.tell(Gap { to: time.0, ..gap }, layers);
        }
        self.last = stamp.pts.or(self.last);
        self.latest = self.latest.max(stamp.pts);
        self.open = Some((stamp, Vec::new()));
    }

    pub(super) fn payload(&mut self, bytes: &[u8], layers: &mut Layers) {
        let Some((_, packet)) = &mut self.open else { return };
        if layers.reserve(bytes.len()) {
            packet.extend_from_slice(bytes);
        } else {
            self.lost((None, 0), false, layers);
        }
    }

    /// The packet is complete.
    pub(super) fn end(&mut self, layers: &mut Layers) {
        let Some((stamp, bytes)) = self.open.take() else { return };
        let time = self.last.unwrap_or(Ticks90::MIN);
        let part = self.parts.iter().find(|(end, _)| time < *end).or(self.parts.last()).map_or(0, |(_, part)| *part);
        if !layers.put(self.lane, part, stamp, bytes) {
            self.lost((None, 0), false, layers);
        }
    }

    /// Something is missing: so many bytes from a sector on.
    pub(super) fn lost(&mut self, (lba, bytes): (Option<u64>, u64), by_hole: bool, layers: &mut Layers) {
        self.give_up(layers);
        let from = self.last.map_or(i64::MIN, |last| last.0);
        let (track, to) = (self.lane, i64::MAX);
        let new = Gap { lba, by_hole, is_at_edge: false, ..Gap::untold(track, from..to) };
        let gap = self.missing.get_or_insert(new);
        gap.bytes = gap.bytes.saturating_add(bytes);
    }

    /// Gives up the packet that is coming.
    fn give_up(&mut self, layers: &mut Layers) {
        if let Some((_, packet)) = self.open.take() {
            layers.bytes -= packet.len();
        }
    }

    /// Its part is over.
    pub(super) fn finish(&mut self, layers: &mut Layers) {
        self.end(layers);
        let end = self.parts.last().map_or(self.end, |(end, _)| self.end.min(*end));
        if self.latest.is_none_or(|latest| latest + LAYER_TAIL < end) {
            self.lost((None, 0), false, layers);
        }
        if let Some(gap) = self.missing.take() {
            self.tell(gap, layers);
        }
    }

    /// Tells of a loss in each part that it lies in.
    fn tell(&self, gap: Gap, layers: &mut Layers) {
        let mut start = i64::MIN;
        for (end, part) in &self.parts {
            if gap.from < end.0 && start < gap.to {
                layers.miss(self.lane, *part, gap);
            }
            start = end.0;
        }
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
        layer.payload(bytes, layers);
        layer.end(layers);
    }

    /// What comes out for a part: first bytes of packets, times of losses.
    fn taken(layers: &mut Layers, part: usize) -> Vec<String> {
        let arrivals = std::iter::from_fn(|| layers.take(7, part, Ticks90::MAX));
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
        layer.lost((Some(5), 2048), true, &mut layers);
        layer.lost((Some(9), 2048), true, &mut layers);
        packet(&mut layer, &mut layers, 12, &[2]);
        layer.lost((None, 1), false, &mut layers);
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
        assert!(layers.take(7, 0, Ticks90::MAX).is_some());
        packet(&mut layer, &mut layers, 5, &[1]);
        assert_eq!(taken(&mut layers, 0), ["1 to 5", "[1]"]);
        assert_eq!(layers.bytes, 0);
    }

    #[test]
    fn a_packet_without_end_is_a_loss_and_not_kept() {
        let mut layers = Layers::default();
        let mut layer = Layer::new(7, vec![(Ticks90::MAX, 0)], Ticks90::from_seconds(2));
        layer.start(stamp(1), &mut layers);
        let piece = vec![0; 1 << 20];
        for _ in 0..4 * LAYERS_AHEAD / piece.len() {
            layer.payload(&piece, &mut layers);
            let kept = layer.open.as_ref().map_or(0, |(_, packet)| packet.len());
            assert!(kept <= layers.bytes && layers.bytes <= LAYERS_AHEAD);
        }
        assert_eq!(layers.bytes, 0, "it is given up whole");
        packet(&mut layer, &mut layers, 2, &[1]);
        layer.finish(&mut layers);
        assert_eq!(taken(&mut layers, 0), ["1 to 2", "[1]"]);
    }

    #[test]
    fn what_is_not_due_waits() {
        let mut layers = Layers::default();
        let mut layer = Layer::new(7, vec![(Ticks90::MAX, 0)], Ticks90::from_seconds(9));
        (1..4).for_each(|second| packet(&mut layer, &mut layers, second, &[]));
        layer.lost((None, 1), false, &mut layers);
        packet(&mut layer, &mut layers, 9, &[]);
        let mut due = |second| std::iter::from_fn(|| layers.take(7, 0, Ticks90::from_seconds(second))).count();
        assert_eq!([0, 1, 2, 8, 9].map(&mut due), [0, 1, 1, 2, 1]);
    }
}
