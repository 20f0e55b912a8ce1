//! The colours of pictures: readable on white and on black, and told apart by those who see no red or no green.

use super::share::{Kind, Share};

/// Red, green, blue.
pub(super) type Rgb = [u8; 3];

/// Text and lines: grey enough for both backgrounds.
pub(super) const INK: Rgb = [0x80, 0x86, 0x8F];

/// The curve of the drive's speed.
pub(super) const CURVE: Rgb = [0x80, 0x86, 0x8F];

/// How strong a part of a cell is seen.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Contrast {
    /// What is rare, at least: a single unit among the gigabytes of a cell too.
    least: f64,
    /// From there to all of it: higher where only what is nearly all is to be strong.
    power: i32,
}

impl Contrast {
    /// For cells of neighbouring sectors.
    pub(super) const ROWS: Self = Self { least: 0.45, power: 1 };

    /// For cells of many turns: a unit is longer than a scratch is wide, so that the scratch is where nearly all turns fail.
    pub(super) const TURNS: Self = Self { least: 0.3, power: 3 };

    /// How strong a part of 0 to 1 is seen.
    fn of(self, part: f64) -> f64 {
        if part <= 0.0 { 0.0 } else { self.least + (1.0 - self.least) * part.min(1.0).powi(self.power) }
    }
}

/// The colour of a kind.
pub(super) fn of(kind: Kind) -> Rgb {
    match kind {
        Kind::Rescued => [0x5B, 0x93, 0xC4],
        Kind::NonTried => [0xA9, 0xAF, 0xB8],
        Kind::NonTrimmed => [0xF2, 0xD0, 0x24],
        Kind::NonScraped => [0xF5, 0x8A, 0x1F],
        Kind::Bad => [0xD6, 0x1F, 0x3A],
        Kind::LeftOut => [0xB7, 0x9C, 0xDB],
    }
}

/// The colour of a cell: its rescued and untried parts mixed, and what failed in it over them, stronger where more of it did.
pub(super) fn of_share(share: &Share, contrast: Contrast) -> Rgb {
    let mut colour = of(Kind::Rescued);
    for kind in [Kind::LeftOut, Kind::NonTried] {
        colour = over(colour, of(kind), contrast.of(share.part(kind)));
    }
    let failed = share.failed();
    if failed <= 0.0 {
        return colour;
    }
    let part = |kind| share.part(kind) / failed;
    let mixed = Kind::FAILED.into_iter().fold([0.0; 3], |sum: [f64; 3], kind| {
        let [r, g, b] = of(kind).map(f64::from);
        [sum[0] + r * part(kind), sum[1] + g * part(kind), sum[2] + b * part(kind)]
    });
    over(colour, mixed.map(byte), contrast.of(failed))
}

/// `above` over `below`, as strong as 0 to 1 says.
fn over(below: Rgb, above: Rgb, strength: f64) -> Rgb {
    let mix = |below: u8, above: u8| byte(f64::from(below) + (f64::from(above) - f64::from(below)) * strength);
    [mix(below[0], above[0]), mix(below[1], above[1]), mix(below[2], above[2])]
}

#[allow(clippy::cast_sign_loss, reason = "a float is cut to what a byte holds")]
fn byte(value: f64) -> u8 {
    value.round() as u8
}

/// `#5b93c4`.
pub(super) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_failure_is_seen() {
        let mut share = Share::default();
        share.add(Kind::Rescued, 1_000_000);
        assert_eq!(of_share(&share, Contrast::ROWS), of(Kind::Rescued));
        share.add(Kind::Bad, 1);
        let [r, g, b] = of_share(&share, Contrast::ROWS);
        let [good_r, ..] = of(Kind::Rescued);
        assert!(r > good_r + 50, "{r} {g} {b}");
        let mut all = Share::default();
        all.add(Kind::Bad, 5);
        assert_eq!((of_share(&all, Contrast::TURNS), hex(of(Kind::Bad)).as_str()), (of(Kind::Bad), "#d61f3a"));
    }
}
