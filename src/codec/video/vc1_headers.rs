//! Headers of VC-1, advanced profile (SMPTE ST 421, 6.1, 6.2, 7.1), without their emulation prevention bytes.

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::facts::{Colour, Rational};
use crate::codec::video::aspect;

const ADVANCED: u32 = 3;
/// Frames a second by `FRAMERATENR` and what they are divided by, by `FRAMERATEDR`.
const RATES: [u32; 8] = [0, 24_000, 25_000, 30_000, 50_000, 60_000, 48_000, 72_000];
const DIVISORS: [u32; 3] = [0, 1000, 1001];
/// `ASPECT_RATIO` up to which it is a number of a table, and the one that is followed by numbers of its own.
const LAST_PIXELS: u32 = 13;
const OWN_PIXELS: u32 = 15;

/// The sequence header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sequence {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pulldown: bool,
    pub(crate) interlace: bool,
    counts_frames: bool,
    /// Whole pictures, sent as fields.
    segmented: bool,
    pub(crate) pixel_aspect: Option<Rational>,
    pub(crate) frame_rate: Option<Rational>,
    pub(crate) colour: Colour,
}

impl Sequence {
    /// `None` for another profile, too.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        sequence(&mut Bits::new(body)).ok().flatten()
    }

    /// Whether pictures may consist of two fields that were not filmed at once.
    pub(crate) fn has_fields(&self) -> bool {
        self.interlace && !self.segmented
    }
}

fn sequence(bits: &mut Bits<'_>) -> Result<Option<Sequence>, OutOfBits> {
    if bits.u(2)? != ADVANCED {
        return Ok(None);
    }
    bits.skip(3 + 2 + 3 + 5 + 1)?;
    let (width, height) = (2 * (bits.u(12)? + 1), 2 * (bits.u(12)? + 1));
    let (pulldown, interlace, counts_frames) = (bits.flag()?, bits.flag()?, bits.flag()?);
    bits.skip(2)?;
    let segmented = bits.flag()?;
    let mut sequence = Sequence {
        width,
        height,
        pulldown,
        interlace,
        counts_frames,
        segmented,
        pixel_aspect: None,
        frame_rate: None,
        colour: Colour::default(),
    };
    if bits.flag()? {
        // What the rest cannot tell stays unset.
        let _ = display(bits, &mut sequence);
    }
    Ok(Some(sequence))
}

fn display(bits: &mut Bits<'_>, sequence: &mut Sequence) -> Result<(), OutOfBits> {
    let (width, height) = (bits.u(14)? + 1, bits.u(14)? + 1);
    let shown = Rational { num: sequence.height * width, den: sequence.width * height };
    sequence.pixel_aspect = Some(shown.reduced());
    if bits.flag()? {
        let told = match bits.u(4)? {
            OWN_PIXELS => aspect::of(bits.u(8)? + 1, bits.u(8)? + 1),
            code => aspect::of_code(code).filter(|_| code <= LAST_PIXELS),
        };
        sequence.pixel_aspect = told.map(Rational::reduced).or(sequence.pixel_aspect);
    }
    if bits.flag()? {
        let rate = if bits.flag()? {
            Rational { num: bits.u(16)? + 1, den: 32 }
        } else {
            let at = |table: &[u32], code: u32| table.get(code as usize).copied().unwrap_or(0);
            Rational { num: at(&RATES, bits.u(8)?), den: at(&DIVISORS, bits.u(4)?) }
        };
        sequence.frame_rate = (rate.num > 0 && rate.den > 0).then(|| rate.reduced());
    }
    if bits.flag()? {
        let mut code = || bits.u(8).map(|code| (code != 0 && code != 2).then_some(code as u8));
        let (primaries, transfer, matrix) = (code()?, code()?, code()?);
        sequence.colour = Colour { primaries, transfer, matrix, ..Colour::default() };
    }
    Ok(())
}

/// Of an entry point header: whether the pictures behind it refer to nothing before it.
pub(crate) fn closed_entry(body: &[u8]) -> bool {
    let mut bits = Bits::new(body);
    bits.skip(1).is_ok() && bits.flag() == Ok(true)
}

/// What the header of a frame says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// It is, or its first field is, coded by itself and others may refer to it.
    pub(crate) intra: bool,
    /// Other pictures may refer to it.
    pub(crate) reference: bool,
    /// Its fields were not filmed at once.
    pub(crate) interlaced: bool,
    pub(crate) top_field_first: bool,
    /// How long it is shown, in fields.
    pub(crate) fields: u32,
}

/// The header of a frame of `sequence` (7.1.1).
pub(crate) fn frame(body: &[u8], sequence: &Sequence) -> Option<Frame> {
    parse_frame(&mut Bits::new(body), sequence).ok()
}

fn parse_frame(bits: &mut Bits<'_>, sequence: &Sequence) -> Result<Frame, OutOfBits> {
    let interlaced = sequence.interlace && bits.flag()?;
    let by_fields = interlaced && bits.flag()?;
    let (intra, reference) = if by_fields {
        // I/I, I/P, P/I, P/P; above these B and BI.
        let kinds = bits.u(3)?;
        (kinds < 2, kinds < 4)
    } else {
        let mut ones = 0;
        while ones < 4 && bits.flag()? {
            ones += 1;
        }
        // P, B, I, BI, skipped.
        (ones == 2, !matches!(ones, 1 | 3))
    };
    if sequence.counts_frames {
        bits.skip(8)?;
    }
    let (mut fields, mut top_field_first) = (2, true);
    if sequence.pulldown {
        if sequence.has_fields() {
            top_field_first = bits.flag()?;
            fields += u32::from(bits.flag()?);
        } else {
            fields += 2 * bits.u(2)?;
        }
    }
    let interlaced = interlaced && sequence.has_fields();
    Ok(Frame { intra, reference, interlaced, top_field_first, fields })
}
