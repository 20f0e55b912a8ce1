//! Pictures as PNG files; transparent where nothing is, so that they suit a light page and a dark one.

use super::canvas::Canvas;
use super::colour::{self, CURVE, Contrast, INK};
use super::disc::{EDGE_MM, HOLE_MM};
use super::share::Share;
use super::spiral::{Grid, Spiral};

/// Cells in a line of a picture in rows.
pub const COLUMNS: usize = 128;
/// Lines of a picture in rows.
pub const ROWS: usize = 48;
/// Pixels of a cell, and of the gap to the next one.
const CELL: usize = 8;
const GAP: usize = 1;

/// Pixels of a disc from edge to edge.
const DISC: usize = 1000;
/// Rings and slices that suit them: about a pixel each.
pub const RINGS: usize = 290;
/// Slices of a ring.
pub const SLICES: usize = 1440;
/// Points of a pixel's side that are looked at: edges get smooth.
const SAMPLES: usize = 2;

/// Pixels of the curve of speed.
const CURVE_HEIGHT: usize = 90;
const MARGIN: usize = 10;

/// A map in rows: `cells`, the first at the top left. `speeds` are the drive's, evenly over the map, if they are known.
#[must_use]
pub fn rows(cells: &[Share], speeds: &[Option<u32>]) -> Vec<u8> {
    let width = 2 * MARGIN + COLUMNS * (CELL + GAP) - GAP;
    let lines = cells.len().div_ceil(COLUMNS).max(1);
    let curve_top = 2 * MARGIN + lines * (CELL + GAP);
    let mut canvas = Canvas::new(width, curve_top + curve_room(speeds));
    for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        let [x, y] = [index % COLUMNS, index / COLUMNS].map(|place| MARGIN + place * (CELL + GAP));
        canvas.fill(x, y, CELL, CELL, colour::of_share(cell, Contrast::ROWS));
    }
    curve(&mut canvas, speeds, width, curve_top);
    canvas.png()
}

/// A map as the disc lies, its layers side by side.
#[must_use]
pub fn spiral(spiral: &Spiral, speeds: &[Option<u32>]) -> Vec<u8> {
    discs(spiral, speeds, DISC)
}

/// The same with discs of `size` pixels from edge to edge.
fn discs(spiral: &Spiral, speeds: &[Option<u32>], size: usize) -> Vec<u8> {
    let width = (size + MARGIN) * spiral.layers.len().max(1) + MARGIN;
    let curve_top = size + 2 * MARGIN;
    let mut canvas = Canvas::new(width, curve_top + curve_room(speeds));
    for (index, grid) in spiral.layers.iter().enumerate() {
        draw(&mut canvas, grid, MARGIN + index * (size + MARGIN), size);
    }
    curve(&mut canvas, speeds, width, curve_top);
    canvas.png()
}

/// One layer, its left edge at pixel `left`.
fn draw(canvas: &mut Canvas, grid: &Grid, left: usize, size: usize) {
    for y in 0..size {
        for x in 0..size {
            let (colour, opacity) = pixel(grid, x, y, size as f64 / (2.0 * EDGE_MM));
            if opacity > 0 {
                canvas.set(left + x, MARGIN + y, colour, opacity);
            }
        }
    }
}

/// The colour of a pixel, and how much of it the disc covers.
fn pixel(grid: &Grid, x: usize, y: usize, per_mm: f64) -> (colour::Rgb, u8) {
    let (mut sum, mut seen) = ([0_u32; 3], 0_u32);
    let mut opacity = 0;
    for sample in 0..SAMPLES * SAMPLES {
        let [dx, dy] = [sample % SAMPLES, sample / SAMPLES].map(|part| (part as f64 + 0.5) / SAMPLES as f64);
        let [x_mm, y_mm] = [x as f64 + dx, y as f64 + dy].map(|place| place / per_mm - EDGE_MM);
        let radius = x_mm.hypot(y_mm);
        let (colour, weight) = match grid.at(x_mm, y_mm) {
            Some(share) => (colour::of_share(share, Contrast::TURNS), 255),
            // The disc where it has no data.
            None if (HOLE_MM..=EDGE_MM).contains(&radius) => (INK, 50),
            None => continue,
        };
        seen += weight;
        opacity += weight;
        for (sum, part) in sum.iter_mut().zip(colour) {
            *sum += u32::from(part) * weight;
        }
    }
    let byte = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    let samples = u32::try_from(SAMPLES * SAMPLES).unwrap_or(1);
    (sum.map(|sum| byte(sum.checked_div(seen).unwrap_or(0))), byte(opacity / samples))
}

fn curve_room(speeds: &[Option<u32>]) -> usize {
    if speeds.iter().any(Option::is_some) { CURVE_HEIGHT + MARGIN } else { 0 }
}

/// The drive's speed as columns over a line, the fastest as high as there is room.
fn curve(canvas: &mut Canvas, speeds: &[Option<u32>], width: usize, top: usize) {
    let Some(most) = speeds.iter().flatten().max().copied().filter(|most| *most > 0) else { return };
    let width = width - 2 * MARGIN;
    for x in 0..width {
        let Some(Some(speed)) = speeds.get(x * speeds.len() / width) else { continue };
        let height = (u64::from(*speed) * CURVE_HEIGHT as u64 / u64::from(most)).max(1);
        let height = usize::try_from(height).unwrap_or(CURVE_HEIGHT).min(CURVE_HEIGHT);
        canvas.fill(MARGIN + x, top + CURVE_HEIGHT - height, 1, height, CURVE);
    }
    canvas.fill(MARGIN, top + CURVE_HEIGHT, width, 1, INK);
}

#[cfg(test)]
mod tests {
    use super::super::canvas::tests::decoded;
    use super::super::disc::Disc;
    use super::super::share::Kind;
    use super::*;
    use crate::mapfile::text::parse;

    fn share(kind: Kind) -> Share {
        let mut share = Share::default();
        share.add(kind, 1);
        share
    }

    #[test]
    fn cells_lie_in_rows_and_the_curve_below_them() {
        let mut cells = vec![share(Kind::Rescued); COLUMNS + 2];
        cells[COLUMNS + 1] = share(Kind::Bad);
        let (width, height, pixels) = decoded(&rows(&cells, &[]));
        let pixel = |x: usize, y: usize| &pixels[(y * width + x) * 4..][..3];
        assert_eq!((width, height), (20 + COLUMNS * 9 - 1, 20 + 18));
        assert_eq!(pixel(10 + 9 + 3, 10 + 9 + 3), colour::of(Kind::Bad));
        assert_eq!(pixel(10 + 3, 10 + 3), colour::of(Kind::Rescued));
        assert_eq!(pixel(10 + 18 + 3, 10 + 9 + 3), [0; 3], "nothing behind the end");
        let (_, taller, pixels) = decoded(&rows(&cells, &[Some(100), None, Some(50)]));
        assert_eq!(taller, height + CURVE_HEIGHT + MARGIN);
        let is_drawn = |x: usize, up: usize| pixels[((38 + CURVE_HEIGHT - up) * width + x) * 4 + 3] > 0;
        assert!(is_drawn(15, 88) && !is_drawn(width / 2, 2) && is_drawn(width - 15, 40) && !is_drawn(width - 15, 50));
    }

    #[test]
    fn layers_lie_side_by_side_with_a_hole_in_each() {
        let disc = Disc::new(4_000_000, None, None);
        let text = parse(format!("0 + 1\n0 {} +\n", 4_000_000_u64 * 2048).as_bytes(), None).unwrap();
        const SIZE: usize = 240;
        let (width, height, pixels) = decoded(&discs(&Spiral::new(&text, &disc, 60, 90), &[], SIZE));
        assert_eq!((width, height), (2 * SIZE + 3 * MARGIN, SIZE + 2 * MARGIN));
        for left in [MARGIN, SIZE + 2 * MARGIN] {
            let pixel = |x: usize, y: usize| &pixels[((MARGIN + y) * width + left + x) * 4..][..4];
            assert_eq!(pixel(SIZE / 2, SIZE / 2), [0; 4], "the hole");
            assert_eq!(pixel(SIZE / 2, 40)[..3], colour::of(Kind::Rescued));
            assert_eq!(pixel(SIZE / 2, 90)[3], 50, "within the data area");
            assert_eq!(pixel(0, 0), [0; 4], "outside");
        }
    }
}
