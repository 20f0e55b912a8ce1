//! Pictures of a line as inline SVG: what is hurt of a disc or a film, and a curve. Pure.

use std::fmt::Write as _;

/// Columns of a strip: no picture has more, whatever there is to show.
pub(super) const COLUMNS: usize = 1000;

/// Height of a strip, and of a curve, in the same units.
const HEIGHT: usize = 24;
const CURVE_HEIGHT: f64 = 160.0;

/// What a column shows: the worst of what lies in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) enum Tone {
    /// There.
    #[default]
    Good,
    /// Nothing that anybody misses.
    Empty,
    /// Not tried.
    Untried,
    /// Failed.
    Bad,
}

impl Tone {
    /// The class that gives it its colour.
    fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Empty => "empty",
            Self::Untried => "untried",
            Self::Bad => "bad",
        }
    }
}

/// The columns of a line of which spans `from..to` (as shares of the whole) have a tone. What is narrow is still seen.
pub(super) fn columns(spans: impl IntoIterator<Item = (f64, f64, Tone)>) -> Vec<Tone> {
    let mut columns = vec![Tone::Good; COLUMNS];
    for (from, to, tone) in spans {
        let first = column(from).min(COLUMNS - 1);
        let last = column_behind(to).clamp(first + 1, COLUMNS);
        for column in columns.get_mut(first..last).unwrap_or_default() {
            *column = (*column).max(tone);
        }
    }
    columns
}

#[allow(clippy::cast_sign_loss, reason = "cut at zero")]
fn column(share: f64) -> usize {
    (share.max(0.0) * COLUMNS as f64).floor() as usize
}

#[allow(clippy::cast_sign_loss, reason = "cut at zero")]
fn column_behind(share: f64) -> usize {
    (share.max(0.0) * COLUMNS as f64).ceil() as usize
}

/// A strip of columns; `label` says what it shows to whoever does not see it.
pub(super) fn strip(columns: &[Tone], label: &str) -> String {
    let mut svg = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {COLUMNS} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\">",
        super::text::escaped(label)
    );
    let mut start = 0;
    for (index, tone) in columns.iter().enumerate() {
        if columns.get(index + 1) != Some(tone) {
            let width = index + 1 - start;
            let _ = write!(
                svg,
                "<rect class=\"{}\" x=\"{start}\" y=\"0\" width=\"{width}\" height=\"{HEIGHT}\"/>",
                tone.class()
            );
            start = index + 1;
        }
    }
    svg.push_str("</svg>");
    svg
}

/// A curve through points, `x` as a share of the whole and `y` as a share of the highest.
pub(super) fn curve(points: &[(f64, f64)], label: &str) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let (x, y) = (x.clamp(0.0, 1.0) * COLUMNS as f64, CURVE_HEIGHT * (1.0 - 0.95 * y.clamp(0.0, 1.0)));
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
    }
    format!(
        "<svg class=\"curve\" viewBox=\"0 0 {COLUMNS} {CURVE_HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{}\"><path d=\"{path}\" vector-effect=\"non-scaling-stroke\"/></svg>",
        super::text::escaped(label)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_a_column_is_seen_however_narrow_it_is() {
        let columns = columns([(0.5, 0.500_001, Tone::Bad), (0.5, 0.6, Tone::Untried), (0.999_999, 2.0, Tone::Bad)]);
        assert_eq!((columns[499], columns[500], columns[501]), (Tone::Good, Tone::Bad, Tone::Untried));
        assert_eq!((columns[599], columns[600], columns[999]), (Tone::Untried, Tone::Good, Tone::Bad));
        let svg = strip(&columns, "a <disc>");
        assert_eq!(svg.matches("<rect").count(), 5);
        assert!(svg.contains("a &lt;disc&gt;"), "{svg}");
    }

    #[test]
    fn numbers_that_make_no_sense_make_a_picture_all_the_same() {
        let strange = [(f64::NAN, f64::INFINITY, Tone::Bad), (-1.0, -0.5, Tone::Untried), (3.0, 1.0, Tone::Bad)];
        assert_eq!(columns(strange).len(), COLUMNS);
        assert!(!curve(&[(f64::NAN, f64::NAN), (2.0, -1.0)], "x").is_empty());
    }
}
