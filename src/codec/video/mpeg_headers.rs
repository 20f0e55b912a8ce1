//! Headers of MPEG-1 and MPEG-2 video (ISO/IEC 11172-2, 2.4; 13818-2, 6.2).

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::facts::{Colour, Rational};

/// Frames a second by `frame_rate_code` (table 6-4).
const RATES: [(u32, u32); 9] =
    [(0, 1), (24_000, 1001), (24, 1), (25, 1), (30_000, 1001), (30, 1), (50, 1), (60_000, 1001), (60, 1)];

/// Height to width of a pixel in MPEG-1, times 10,000, by `pel_aspect_ratio` (11172-2, 2.4.3.2).
const PIXELS: [u32; 15] =
    [0, 10_000, 6735, 7031, 7615, 8055, 8437, 8935, 9157, 9815, 10_255, 10_695, 10_950, 11_575, 12_015];

/// Width to height of the picture in MPEG-2 by `aspect_ratio_information` (table 6-3); 1 means square pixels.
const ASPECTS: [(u32, u32); 5] = [(0, 0), (1, 1), (4, 3), (16, 9), (221, 100)];

/// The sequence header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sequence {
    pub(crate) width: u32,
    pub(crate) height: u32,
    aspect: u8,
    rate: (u32, u32),
    /// What MPEG-2 adds.
    pub(crate) extension: Option<Extension>,
    pub(crate) display: Option<Display>,
}

/// The sequence extension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Extension {
    pub(crate) progressive: bool,
    size: (u32, u32),
    rate: (u32, u32),
}

/// The sequence display extension.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Display {
    size: (u32, u32),
    pub(crate) colour: Colour,
}

impl Sequence {
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        let mut bits = Bits::new(body);
        let (width, height) = (bits.u(12).ok()?, bits.u(12).ok()?);
        let (aspect, rate) = (bits.u(4).ok()?, bits.u(4).ok()?);
        let rate = *RATES.get(rate as usize)?;
        Some(Self { width, height, aspect: aspect as u8, rate, extension: None, display: None })
    }

    /// Takes an extension that follows the header; `false`: it is no extension of a sequence.
    pub(crate) fn extend(&mut self, body: &[u8]) -> bool {
        let mut bits = Bits::new(body);
        match bits.u(4) {
            Ok(1) => self.extension = extension(&mut bits).ok().or(self.extension),
            Ok(2) => self.display = display(&mut bits).ok().or(self.display),
            _ => return false,
        }
        true
    }

    /// Pixels across and down, `None` where there are none.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let (wider, higher) = self.extension.map_or((0, 0), |e| e.size);
        let size = (self.width | wider << 12, self.height | higher << 12);
        (size.0 > 0 && size.1 > 0).then_some(size)
    }

    /// Frames a second.
    pub(crate) fn rate(&self) -> Option<Rational> {
        let (num, den) = self.extension.map_or((1, 1), |e| e.rate);
        (self.rate.0 != 0).then(|| Rational { num: self.rate.0 * num, den: self.rate.1 * den }.reduced())
    }

    /// Width to height of a pixel.
    pub(crate) fn pixel_aspect(&self) -> Option<Rational> {
        let aspect = usize::from(self.aspect);
        if self.extension.is_none() {
            let den = *PIXELS.get(aspect).filter(|den| **den > 0)?;
            return Some(Rational { num: 10_000, den }.reduced());
        }
        let (num, den) = *ASPECTS.get(aspect).filter(|(num, _)| *num > 0)?;
        if aspect == 1 {
            return Some(Rational { num: 1, den: 1 });
        }
        let coded = self.size()?;
        // The picture's shape is that of the part to be displayed, where that gives a film its usual shape: many
        // streams name a part that nobody displays.
        let of = |(width, height): (u32, u32)| Rational { num: num * height, den: den * width }.reduced();
        let shown = self.display.map(|d| d.size).filter(|(w, h)| *w > 0 && *h > 0);
        let pixel = shown.map(of).filter(|pixel| {
            let side = |pixels: u32, of_one: u32| f64::from(pixels) * f64::from(of_one);
            let shape = side(coded.0, pixel.num) / side(coded.1, pixel.den);
            [4.0 / 3.0, 16.0 / 9.0].into_iter().any(|usual| (shape / usual - 1.0_f64).abs() < 0.005)
        });
        Some(pixel.unwrap_or_else(|| of(coded)))
    }
}

fn extension(bits: &mut Bits<'_>) -> Result<Extension, OutOfBits> {
    bits.skip(8)?;
    let progressive = bits.flag()?;
    bits.skip(2)?;
    let size = (bits.u(2)?, bits.u(2)?);
    bits.skip(12 + 1 + 8 + 1)?;
    let rate = (bits.u(2)? + 1, bits.u(5)? + 1);
    Ok(Extension { progressive, size, rate })
}

fn display(bits: &mut Bits<'_>) -> Result<Display, OutOfBits> {
    bits.skip(3)?;
    let mut colour = Colour::default();
    if bits.flag()? {
        let mut code = || bits.u(8).map(|code| (code != 0 && code != 2).then_some(code as u8));
        colour.primaries = code()?;
        colour.transfer = code()?;
        colour.matrix = code()?;
    }
    let width = bits.u(14)?;
    bits.skip(1)?;
    Ok(Display { size: (width, bits.u(14)?), colour })
}

/// How a picture is coded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Coding {
    /// By itself.
    Intra,
    /// From a picture before it.
    Predicted,
    /// From pictures before and behind it; none refers to it.
    Bidirectional,
}

/// The picture header: temporal reference and coding.
pub(crate) fn picture(body: &[u8]) -> Option<(u16, Coding)> {
    let mut bits = Bits::new(body);
    let order = bits.u(10).ok()?;
    let coding = match bits.u(3).ok()? {
        1 => Coding::Intra,
        2 => Coding::Predicted,
        3 => Coding::Bidirectional,
        _ => return None,
    };
    Some((order as u16, coding))
}

/// What the picture coding extension says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Scan {
    /// `picture_structure`: 1 top field, 2 bottom field, 3 frame.
    pub(crate) structure: u8,
    pub(crate) top_field_first: bool,
    pub(crate) repeat_first_field: bool,
    pub(crate) progressive: bool,
}

/// The picture coding extension; `None` where the extension is another one.
pub(crate) fn scan(body: &[u8]) -> Option<Scan> {
    let mut bits = Bits::new(body);
    if bits.u(4) != Ok(8) {
        return None;
    }
    bits.skip(16 + 2).ok()?;
    let structure = bits.u(2).ok()? as u8;
    let top_field_first = bits.flag().ok()?;
    bits.skip(5).ok()?;
    let repeat_first_field = bits.flag().ok()?;
    bits.skip(1).ok()?;
    Some(Scan { structure, top_field_first, repeat_first_field, progressive: bits.flag().ok()? })
}

/// Of a group of pictures: whether its first pictures refer to nothing before it.
pub(crate) fn closed_group(body: &[u8]) -> bool {
    let mut bits = Bits::new(body);
    bits.skip(25).is_ok() && bits.flag() == Ok(true)
}
