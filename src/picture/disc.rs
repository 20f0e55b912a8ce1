//! Where sectors lie on a disc: a spiral of constant linear velocity, a layer at a time, each the other way from the one
//! before it.
//!
//! Radii and track pitches are those of ECMA-130 (CD), ECMA-267 (DVD) and the white papers of the Blu-ray Disc Association. A
//! disc may differ from them by a per cent or so (`spiral/winding.rs` looks for that), and where its layers end is not
//! in a map: they are taken to be of one size.

use crate::base::media::Media;

/// Where the data area ends at most, in millimetres.
pub const OUTER_MM: f64 = 58.0;

/// The hole in the middle, in millimetres.
pub const HOLE_MM: f64 = 7.5;

/// The edge of the disc, in millimetres.
pub const EDGE_MM: f64 = 60.0;

/// Sectors of one layer of a DVD with one layer, and with two (4.7 and 8.5 GB).
const DVD_LAYER: [u64; 2] = [2_298_496, 2_086_912];

/// Sectors of one layer of a Blu-ray of 25 GB, and of 33.4 GB.
const BD_LAYER: [u64; 2] = [12_219_392, 16_292_864];

/// Sectors of a CD of 74 minutes; those that hold more are wound closer.
const CD_LAYER: u64 = 333_000;

/// A disc as it lies.
#[derive(Clone, PartialEq, Debug)]
pub struct Disc {
    /// Its kind.
    pub media: Media,
    /// Its layers, the first one first.
    pub layers: Vec<Layer>,
}

/// A layer of a disc.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Layer {
    /// Its first sector.
    pub first: u64,
    /// Number of its sectors.
    pub sectors: u64,
    /// Where its first sector lies, millimetres from the middle.
    start_mm: f64,
    /// 1 where it goes outwards, -1 where it goes inwards.
    direction: f64,
    /// Square millimetres of radius that a sector takes: r² grows by so much.
    growth: f64,
    /// Millimetres from one turn to the next.
    pitch_mm: f64,
}

impl Disc {
    /// A disc of `sectors`, of the kind and with the layers that a person says, or else that its size suggests.
    #[must_use]
    pub fn new(sectors: u64, media: Option<Media>, layers: Option<u8>) -> Self {
        let media = media.unwrap_or_else(|| Media::of_size(sectors));
        let count = layers.map_or_else(|| layers_of_size(media, sectors), u64::from).max(1);
        let unit = media.ecc_unit();
        let each = sectors.div_ceil(count).div_ceil(unit).saturating_mul(unit).max(1);
        let capacity = capacity(media, count, each).max(each);
        let (inner_mm, pitch_mm) = track(media);
        let growth = (OUTER_MM * OUTER_MM - inner_mm * inner_mm) / capacity as f64;
        let end_mm = (inner_mm * inner_mm + growth * each as f64).sqrt();
        let layer = |index: u64| {
            let first = each.saturating_mul(index).min(sectors);
            let (start_mm, direction) = if index.is_multiple_of(2) { (inner_mm, 1.0) } else { (end_mm, -1.0) };
            Layer { first, sectors: each.min(sectors - first), start_mm, direction, growth, pitch_mm }
        };
        let layers = (0..count).map(layer).filter(|layer| layer.sectors > 0).collect();
        Self { media, layers }
    }
}

impl Layer {
    /// Millimetres from the middle to where a sector of the layer begins; `sector` counts from its first.
    #[must_use]
    pub fn radius(&self, sector: f64) -> f64 {
        (self.start_mm * self.start_mm + self.direction * self.growth * sector).max(0.0).sqrt()
    }

    /// Turns of the track from the layer's beginning to where a sector begins.
    #[must_use]
    pub fn turns(&self, sector: f64) -> f64 {
        (self.radius(sector) - self.start_mm).abs() / self.pitch_mm
    }

    /// Millimetres from the middle after so many turns.
    #[must_use]
    pub fn radius_of_turn(&self, turns: f64) -> f64 {
        self.start_mm + self.direction * turns * self.pitch_mm
    }

    /// Turns from the layer's beginning to this radius; negative in front of it.
    #[must_use]
    pub fn turns_to(&self, radius_mm: f64) -> f64 {
        (radius_mm - self.start_mm) * self.direction / self.pitch_mm
    }

    /// Whether it goes from the outside inwards.
    #[must_use]
    pub fn is_inward(&self) -> bool {
        self.direction < 0.0
    }
}

/// Inner radius of the data and track pitch, both in millimetres.
fn track(media: Media) -> (f64, f64) {
    match media {
        Media::Cd => (25.0, 0.001_6),
        Media::Dvd => (24.0, 0.000_74),
        Media::Bd | Media::Uhd => (24.0, 0.000_32),
    }
}

/// Layers of a disc of so many sectors.
fn layers_of_size(media: Media, sectors: u64) -> u64 {
    match media {
        Media::Cd => 1,
        Media::Dvd if sectors <= DVD_LAYER[0] => 1,
        Media::Dvd => 2,
        Media::Bd | Media::Uhd if sectors <= BD_LAYER[0] => 1,
        Media::Bd | Media::Uhd if sectors <= 2 * BD_LAYER[1] => 2,
        Media::Bd | Media::Uhd => sectors.div_ceil(BD_LAYER[1]).min(4),
    }
}

/// Sectors that a layer holds up to [`OUTER_MM`], where `each` has so many.
fn capacity(media: Media, layers: u64, each: u64) -> u64 {
    match media {
        Media::Cd => CD_LAYER,
        Media::Dvd if layers == 1 => DVD_LAYER[0],
        Media::Dvd => DVD_LAYER[1],
        Media::Bd | Media::Uhd if each <= BD_LAYER[0] => BD_LAYER[0],
        Media::Bd | Media::Uhd => BD_LAYER[1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_tells_the_layers() {
        let layers = |sectors| Disc::new(sectors, None, None).layers.iter().map(|l| l.sectors).collect::<Vec<_>>();
        assert_eq!(layers(300_000), [300_000]);
        assert_eq!(layers(2_298_496), [2_298_496]);
        assert_eq!(layers(4_000_000), [2_000_000, 2_000_000]);
        assert_eq!(layers(12_219_392).len(), 1);
        assert_eq!(layers(24_438_784), [12_219_392, 12_219_392]);
        assert_eq!(layers(32_000_000).len(), 2);
        assert_eq!(layers(48_878_592).len(), 3);
        assert_eq!(layers(62_500_864).len(), 4);
        assert!(layers(0).is_empty());
        let said = Disc::new(100, Some(Media::Dvd), Some(2)).layers;
        assert_eq!(said.iter().map(|layer| (layer.first, layer.sectors)).collect::<Vec<_>>(), [(0, 64), (64, 36)]);
    }

    #[test]
    fn a_full_disc_ends_at_the_edge_and_the_second_layer_comes_back() {
        let disc = Disc::new(2 * DVD_LAYER[1], None, None);
        let [out, back] = disc.layers[..] else { panic!("{disc:?}") };
        assert!((out.radius(0.0) - 24.0).abs() < 1e-9 && (out.radius(DVD_LAYER[1] as f64) - 58.0).abs() < 1e-6);
        assert!((back.radius(0.0) - 58.0).abs() < 1e-6 && (back.radius(DVD_LAYER[1] as f64) - 24.0).abs() < 1e-6);
        assert!(back.is_inward() && !out.is_inward());
        // 34 mm of turns.
        assert!((out.turns(DVD_LAYER[1] as f64) - 34.0 / 0.00074).abs() < 1e-3);
        for turns in [0.0, 100.5, 40_000.0] {
            assert!((back.turns_to(back.radius_of_turn(turns)) - turns).abs() < 1e-6);
        }
    }

    #[test]
    fn units_in_a_turn_are_as_many_as_on_real_discs() {
        // Units a turn at the inner and the outer edge: DVD 1.8 to 4.4, Blu-ray 2.1 to 5.1, CD 9 to 22.
        let per_turn = |sectors: u64, media: Media| {
            let layer = Disc::new(sectors, Some(media), Some(1)).layers[0];
            let unit = media.ecc_unit() as f64;
            let at = |sector: f64| 1.0 / (layer.turns(sector + unit) - layer.turns(sector));
            (at(0.0), at(sectors as f64 - 2.0 * unit))
        };
        for (sectors, media, inner, outer) in
            [(DVD_LAYER[0], Media::Dvd, 1.8, 4.4), (BD_LAYER[0], Media::Bd, 2.1, 5.1), (CD_LAYER, Media::Cd, 9.0, 22.0)]
        {
            let (first, last) = per_turn(sectors, media);
            assert!((first / inner - 1.0).abs() < 0.1 && (last / outer - 1.0).abs() < 0.1, "{media}: {first} {last}");
        }
    }
}
