//! A map on the disc as it lies: rings, cut into slices, and of each the turns of the track that pass through it.
//!
//! The rings of a picture are a hundred turns wide and more. A scratch across the tracks hits every turn at one angle, and
//! what a drive loses there is the whole unit around it; so many turns fail in the slice of the scratch, fewer beside it.

mod winding;

use std::f64::consts::TAU;

use super::disc::{Disc, Layer, OUTER_MM};
use super::pieces::pieces;
use super::share::{Kind, Share};
use crate::base::sector::SECTOR_BYTES;
use crate::mapfile::text::MapText;
use winding::Winding;

/// Where the innermost ring begins, in millimetres: within it no disc has data.
const INNER_MM: f64 = 24.0;

/// A map on a disc.
#[derive(Clone, PartialEq, Debug)]
pub struct Spiral {
    /// A grid a layer, the first one first.
    pub layers: Vec<Grid>,
}

impl Spiral {
    /// The map `text` on `disc`, each layer in `rings` rings of `slices` slices.
    #[must_use]
    pub fn new(text: &MapText, disc: &Disc, rings: usize, slices: usize) -> Self {
        let counts = |layer: &Layer| Counts::new(*layer, winding(text, layer), rings, slices);
        let mut counts: Vec<Counts> = disc.layers.iter().map(counts).collect();
        for (range, kind) in pieces(text) {
            let [start, end] = [range.start, range.end].map(|byte| byte as f64 / SECTOR_BYTES as f64);
            let from = disc.layers.partition_point(|layer| (layer.first + layer.sectors) as f64 <= start);
            for counts in counts.iter_mut().skip(from).take_while(|counts| (counts.layer.first as f64) < end) {
                counts.add(start, end, kind);
            }
        }
        Self { layers: counts.into_iter().map(Counts::finish).collect() }
    }
}

/// How a layer is wound, as its failures tell.
fn winding(text: &MapText, layer: &Layer) -> Winding {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for (range, _) in pieces(text).filter(|(_, kind)| Kind::FAILED.contains(kind)) {
        match runs.last_mut() {
            Some((_, end)) if *end == range.start => *end = range.end,
            _ => runs.push((range.start, range.end)),
        }
    }
    let sectors = layer.sectors as f64;
    let failures = runs.into_iter().filter_map(|run| {
        let [from, to] = [run.0, run.1].map(|byte| byte as f64 / SECTOR_BYTES as f64 - layer.first as f64);
        let [from, to] = [from, to].map(|sector| (0.0..=sectors).contains(&sector).then(|| layer.turns(sector)));
        let (from, to) = from.zip(to)?;
        (to - from <= 1.0).then(|| from.midpoint(to))
    });
    Winding::fit(&failures.collect::<Vec<_>>(), layer.turns(sectors))
}

/// The cells of a layer.
#[derive(Clone, PartialEq, Debug)]
pub struct Grid {
    /// Slices of each ring.
    slices: usize,
    /// Ring by ring, the innermost first.
    cells: Vec<Share>,
}

impl Grid {
    /// Number of rings.
    #[must_use]
    pub fn rings(&self) -> usize {
        self.cells.len().checked_div(self.slices).unwrap_or(0)
    }

    /// Number of slices of a ring.
    #[must_use]
    pub fn slices(&self) -> usize {
        self.slices
    }

    /// Where a ring begins, in millimetres from the middle; ring [`Grid::rings`] is where the last one ends.
    #[must_use]
    pub fn radius(&self, ring: usize) -> f64 {
        INNER_MM + (OUTER_MM - INNER_MM) * ring as f64 / self.rings().max(1) as f64
    }

    /// The slices of a ring, from the top on, clockwise.
    #[must_use]
    pub fn ring(&self, ring: usize) -> &[Share] {
        let start = ring.saturating_mul(self.slices);
        self.cells.get(start..start.saturating_add(self.slices)).unwrap_or_default()
    }

    /// The cell at a place, in millimetres to the right of the middle and below it; `None` outside the data area.
    #[must_use]
    #[allow(clippy::cast_sign_loss, reason = "both are checked to be positive")]
    pub fn at(&self, x_mm: f64, y_mm: f64) -> Option<&Share> {
        let ring = (x_mm.hypot(y_mm) - INNER_MM) / (OUTER_MM - INNER_MM) * self.rings() as f64;
        if ring < 0.0 {
            return None;
        }
        // From the top on, clockwise.
        let turn = x_mm.atan2(-y_mm).rem_euclid(TAU) / TAU;
        let slice = ((turn * self.slices as f64) as usize).min(self.slices.saturating_sub(1));
        self.ring(ring as usize).get(slice).filter(|share| !share.is_empty())
    }
}

/// Turns that pass through the cells of a layer, counted by where stretches begin and end.
struct Counts {
    layer: Layer,
    winding: Winding,
    rings: usize,
    slices: usize,
    /// For each kind, ring by ring: what changes at the beginning of each slice, and behind the last.
    changes: Vec<i64>,
}

impl Counts {
    fn new(layer: Layer, winding: Winding, rings: usize, slices: usize) -> Self {
        let (rings, slices) = (rings.max(1), slices.max(1));
        Self { layer, winding, rings, slices, changes: vec![0; Kind::ALL.len() * rings * (slices + 1)] }
    }

    /// Adds the sectors from `start` to `end`, of the whole disc, as far as they are of this layer.
    fn add(&mut self, start: f64, end: f64, kind: Kind) {
        let inside = |sector: f64| (sector - self.layer.first as f64).clamp(0.0, self.layer.sectors as f64);
        let [from, to] = [start, end].map(|sector| self.winding.real(self.layer.turns(inside(sector))));
        let (first, last) = (from.floor(), to.floor());
        if first >= last {
            return self.arc(first, from - first, to - first, kind);
        }
        self.arc(first, from - first, 1.0, kind);
        self.whole(first + 1.0, last, kind);
        self.arc(last, 0.0, to - last, kind);
    }

    /// A part of one turn, from and to parts of it.
    #[allow(clippy::cast_sign_loss, reason = "parts of a turn are positive")]
    fn arc(&mut self, turn: f64, from: f64, to: f64, kind: Kind) {
        if to <= from {
            return;
        }
        let slices = self.slices as f64;
        let first = ((from * slices) as usize).min(self.slices - 1);
        let end = ((to * slices).ceil() as usize).clamp(first + 1, self.slices);
        let ring = self.ring_of(turn + 0.5);
        self.change(kind, ring, first, 1);
        self.change(kind, ring, end, -1);
    }

    /// Whole turns, from the first to before the last.
    fn whole(&mut self, from: f64, to: f64, kind: Kind) {
        let mut at = from;
        while at < to {
            let ring = self.ring_of(at + 0.5);
            // The first turn whose middle is in another ring.
            let inner = self.radius(ring + usize::from(!self.layer.is_inward()));
            let next = (self.winding.real(self.layer.turns_to(inner)) - 0.5).ceil().clamp(at + 1.0, to);
            self.change(kind, ring, 0, (next - at) as i64);
            self.change(kind, ring, self.slices, -((next - at) as i64));
            at = next;
        }
    }

    fn radius(&self, ring: usize) -> f64 {
        INNER_MM + (OUTER_MM - INNER_MM) * ring as f64 / self.rings as f64
    }

    #[allow(clippy::cast_sign_loss, reason = "it is made positive")]
    fn ring_of(&self, turns: f64) -> usize {
        let part = (self.layer.radius_of_turn(self.winding.nominal(turns)) - INNER_MM) / (OUTER_MM - INNER_MM);
        ((part * self.rings as f64).max(0.0) as usize).min(self.rings - 1)
    }

    fn change(&mut self, kind: Kind, ring: usize, slice: usize, by: i64) {
        let index = (kind as usize * self.rings + ring) * (self.slices + 1) + slice;
        if let Some(change) = self.changes.get_mut(index) {
            *change += by;
        }
    }

    fn finish(self) -> Grid {
        let mut cells = vec![Share::default(); self.rings * self.slices];
        let rows = self.changes.chunks(self.slices + 1);
        let places = Kind::ALL.into_iter().flat_map(|kind| (0..self.rings).map(move |ring| (kind, ring)));
        for (row, (kind, ring)) in rows.zip(places) {
            let mut turns = 0;
            let cells = cells.iter_mut().skip(ring * self.slices).take(self.slices);
            for (change, cell) in row.iter().zip(cells) {
                turns += change;
                cell.add(kind, u64::try_from(turns).unwrap_or(0));
            }
        }
        Grid { slices: self.slices, cells }
    }
}

#[cfg(test)]
mod tests;
