//! Pictures as SVG files, with a legend; transparent, in colours that suit a light page and a dark one.

use std::f64::consts::TAU;
use std::fmt::Write as _;

use super::colour::{self, CURVE, Contrast, INK};
use super::disc::{EDGE_MM, HOLE_MM};
use super::share::{Kind, Share};
use super::spiral::{Grid, Spiral};

/// Cells in a line of a picture in rows.
pub const COLUMNS: usize = 128;
/// Lines of a picture in rows.
pub const ROWS: usize = 48;
/// Units of a cell, and of a line.
const CELL: f64 = 7.0;

/// Units of a disc from edge to edge: five a millimetre.
const DISC: f64 = 600.0;
const PER_MM: f64 = DISC / (2.0 * EDGE_MM);
/// Rings and slices: cells of a millimetre or less.
pub const RINGS: usize = 102;
/// Slices of a ring.
pub const SLICES: usize = 480;

/// Units that a cell goes on under the next one.
const OVERLAP: f64 = 1.5;

const CURVE_HEIGHT: f64 = 60.0;
const LINE: f64 = 18.0;
const MARGIN: f64 = 10.0;

/// A map in rows: `cells`, the first at the top left. `title` is the first line; `speeds` are the drive's, evenly over the
/// map, if they are known.
#[must_use]
pub fn rows(title: &str, cells: &[Share], speeds: &[Option<u32>]) -> String {
    let width = COLUMNS as f64 * CELL;
    let colour = |cell: &Share| colour_of(cell, Contrast::ROWS);
    // Cells touch: edges that are made smooth would let a hair of the page through.
    let mut body = String::from("<g shape-rendering=\"crispEdges\">\n");
    for (line, row) in cells.chunks(COLUMNS).enumerate() {
        let mut at = 0;
        for run in row.chunk_by(|one, other| colour(one) == colour(other)) {
            if let Some(colour) = run.first().and_then(colour) {
                let (x, y, wide) = (at as f64 * CELL, line as f64 * CELL, run.len() as f64 * CELL);
                let _ = writeln!(body, "<path d=\"M{x} {y}h{wide}v{}h-{wide}z\" fill=\"{colour}\"/>", CELL - 1.0);
            }
            at += run.len();
        }
    }
    body.push_str("</g>\n");
    let height = cells.len().div_ceil(COLUMNS).max(1) as f64 * CELL;
    page(title, &body, width, height, cells.iter(), speeds)
}

/// A map as the disc lies, its layers side by side.
#[must_use]
pub fn spiral(title: &str, spiral: &Spiral, speeds: &[Option<u32>]) -> String {
    let mut body = String::new();
    for (index, grid) in spiral.layers.iter().enumerate() {
        let left = index as f64 * (DISC + MARGIN);
        let _ = writeln!(body, "<g transform=\"translate({} {})\">", left + DISC / 2.0, DISC / 2.0);
        disc(&mut body, grid);
        body.push_str("</g>\n");
    }
    let count = spiral.layers.len().max(1) as f64;
    let cells = spiral.layers.iter().flat_map(|grid| (0..grid.rings()).flat_map(|ring| grid.ring(ring)));
    page(title, &body, count * (DISC + MARGIN) - MARGIN, DISC, cells, speeds)
}

fn colour_of(share: &Share, contrast: Contrast) -> Option<String> {
    (!share.is_empty()).then(|| colour::hex(colour::of_share(share, contrast)))
}

/// The disc, and on it the cells of a layer, runs of one colour as one.
fn disc(body: &mut String, grid: &Grid) {
    let colour = |cell: &Share| colour_of(cell, Contrast::TURNS);
    let ring = |inner: f64, outer: f64| (inner * PER_MM, outer * PER_MM);
    let (hole, edge) = ring(HOLE_MM, EDGE_MM);
    let _ = writeln!(
        body,
        "<path d=\"{}{}\" fill=\"{}\" fill-opacity=\".2\" fill-rule=\"evenodd\"/>",
        circle(edge),
        circle(hole),
        colour::hex(INK)
    );
    for index in 0..grid.rings() {
        let (inner, outer) = ring(grid.radius(index), grid.radius(index + 1));
        // Drawn under the next ring: else a hair of the page shines through between the two.
        let outer = outer + OVERLAP;
        let mut at = 0;
        for run in grid.ring(index).chunk_by(|one, other| colour(one) == colour(other)) {
            if let Some(colour) = run.first().and_then(colour) {
                let path = match run.len() == grid.slices() {
                    true => format!("{}{}", circle(outer), circle(inner)),
                    false => slice(inner, outer, at, at + run.len(), grid.slices()),
                };
                let _ = writeln!(body, "<path d=\"{path}\" fill=\"{colour}\" fill-rule=\"evenodd\"/>");
            }
            at += run.len();
        }
    }
}

fn circle(radius: f64) -> String {
    format!("M0 -{radius:.1}A{radius:.1} {radius:.1} 0 1 1 -.01 -{radius:.1}z")
}

/// A part of a ring, from slice `from` to before slice `to` of `slices`.
fn slice(inner: f64, outer: f64, from: usize, to: usize, slices: usize) -> String {
    let turn = |slice: usize| slice as f64 / slices.max(1) as f64 * TAU;
    let overlap = if to < slices { OVERLAP / outer } else { 0.0 };
    let point = |radius: f64, angle: f64| {
        let (sin, cos) = angle.sin_cos();
        format!("{:.1} {:.1}", radius * sin, -radius * cos)
    };
    let large = u8::from((to - from) * 2 > slices);
    format!(
        "M{}A{outer:.1} {outer:.1} 0 {large} 1 {}L{}A{inner:.1} {inner:.1} 0 {large} 0 {}z",
        point(outer, turn(from)),
        point(outer, turn(to) + overlap),
        point(inner, turn(to) + overlap),
        point(inner, turn(from))
    )
}

/// The file: title, picture, curve, and a legend of what is in it.
fn page<'a>(
    title: &str,
    body: &str,
    width: f64,
    height: f64,
    cells: impl Iterator<Item = &'a Share>,
    speeds: &[Option<u32>],
) -> String {
    let all = cells.fold([0; Kind::ALL.len()], |mut all, cell| {
        Kind::ALL.into_iter().zip(&mut all).for_each(|(kind, sum)| *sum |= cell.amount(kind));
        all
    });
    let known = speeds.iter().any(Option::is_some);
    let curve_top = LINE + height + MARGIN;
    let legend_top = curve_top + if known { CURVE_HEIGHT + LINE + MARGIN } else { 0.0 };
    let (full_width, full_height) = (width + 2.0 * MARGIN, legend_top + LINE + 2.0 * MARGIN);
    let ink = colour::hex(INK);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{full_width}\" height=\"{full_height}\" \
         viewBox=\"-{MARGIN} -{MARGIN} {full_width} {full_height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <text y=\"10\" fill=\"{ink}\">{}</text>\n<g transform=\"translate(0 {LINE})\">\n{body}</g>\n",
        escaped(title)
    );
    if known {
        curve(&mut svg, speeds, width, curve_top);
    }
    let mut x = 0.0;
    for (kind, _) in Kind::ALL.into_iter().zip(all).filter(|(_, any)| *any > 0) {
        let (y, words) = (legend_top, kind.words());
        let colour = colour::hex(colour::of(kind));
        let _ = writeln!(svg, "<path d=\"M{x} {y}h12v12h-12z\" fill=\"{colour}\"/>");
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" fill=\"{ink}\">{words}</text>", x + 17.0, y + 10.0);
        x += 40.0 + 6.5 * words.len() as f64;
    }
    svg.push_str("</svg>\n");
    svg
}

/// The drive's speed over the disc, with the highest named.
fn curve(svg: &mut String, speeds: &[Option<u32>], width: f64, top: f64) {
    let most = speeds.iter().flatten().max().copied().unwrap_or(0);
    let step = width / speeds.len().max(1) as f64;
    let mut path = String::new();
    let mut drawing = false;
    for (index, speed) in speeds.iter().enumerate() {
        if let Some(speed) = speed {
            let (x, y) =
                ((index as f64 + 0.5) * step, CURVE_HEIGHT * (1.0 - f64::from(*speed) / f64::from(most.max(1))));
            // A point by itself is a dot.
            let _ = if drawing { write!(path, "L{x:.1} {y:.1}") } else { write!(path, "M{x:.1} {y:.1}h.1") };
        }
        drawing = speed.is_some();
    }
    let (ink, line) = (colour::hex(INK), colour::hex(CURVE));
    let _ = writeln!(
        svg,
        "<g transform=\"translate(0 {})\"><path d=\"M0 {CURVE_HEIGHT}h{width}\" stroke=\"{ink}\"/>\
         <path d=\"{path}\" stroke=\"{line}\" stroke-width=\"1.5\" stroke-linecap=\"round\" fill=\"none\"/>\
         <text y=\"-4\" fill=\"{ink}\">speed of the drive, up to {most} kB/s</text></g>",
        top + LINE
    );
}

/// Text in XML. Characters that XML does not have are not in printable text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::disc::Disc;
    use super::*;
    use crate::mapfile::text::parse;

    /// Whether every element is closed, by a reader that is not ours.
    fn is_sound(svg: &str) -> bool {
        let mut reader = quick_xml::Reader::from_str(svg);
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    #[test]
    fn runs_of_one_colour_are_one_shape_and_the_legend_has_what_is_there() {
        let mut cells = vec![Share::default(); COLUMNS * 2];
        cells.iter_mut().for_each(|cell| cell.add(Kind::Rescued, 1));
        cells[5].add(Kind::Bad, 1);
        let svg = rows("a<b>&c", &cells, &[]);
        assert!(is_sound(&svg), "{svg}");
        let body = svg.split("</g>").next().unwrap();
        assert_eq!(body.matches("<path").count(), 4, "before, there, behind, the second line");
        assert!(svg.contains(">a&lt;b&gt;&amp;c<") && svg.contains(">bad<") && !svg.contains(">not tried<"));
        let with_curve = rows("x", &cells, &[Some(100), None, Some(3000), Some(2000)]);
        assert!(is_sound(&with_curve) && with_curve.contains("up to 3000 kB/s"), "{with_curve}");
    }

    #[test]
    fn a_whole_ring_is_one_shape() {
        let text = parse(format!("0 + 1\n0 {} +\n", 2_298_496_u64 * 2048).as_bytes(), None).unwrap();
        let disc = Disc::new(2_298_496, None, None);
        let svg = spiral("x", &Spiral::new(&text, &disc, 10, 36), &[]);
        assert!(is_sound(&svg));
        // The disc, ten rings (the first and the last may be cut where the track begins and ends), the legend.
        assert!((12..=14).contains(&svg.matches("<path").count()), "{svg}");
    }
}
