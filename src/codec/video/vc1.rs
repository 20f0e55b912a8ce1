//! VC-1, advanced profile (SMPTE ST 421, annex G): frames with both their fields, entry points as keys.

use crate::codec::video::nal::rbsp::unescape;
use crate::codec::video::pictures::{Look, Picture, PictureStream, Syntax};
use crate::codec::video::vc1_headers::{self, Sequence};
use crate::codec::{Codec, Rational, TrackFacts, Video};

const END: u8 = 0x0A;
const SLICE: u8 = 0x0B;
const FIELD: u8 = 0x0C;
const FRAME: u8 = 0x0D;
const ENTRY: u8 = 0x0E;
const SEQUENCE: u8 = 0x0F;

/// A sequence header is never larger, nor an entry point header.
const LARGEST_HEADER: usize = 256;
/// Bytes that hold all of a frame's header that is looked at.
const FRAME_HEAD: usize = 8;
/// `BITMAPINFOHEADER` without what follows it.
const BITMAP_INFO: u32 = 40;

#[derive(Debug, Default)]
pub(crate) struct Vc1 {
    sequence: Option<Sequence>,
    /// Sequence and entry point header in force, with their start codes, as in the stream.
    headers: [Vec<u8>; 2],
    /// The first ones: what a container keeps.
    first: Option<[Vec<u8>; 2]>,
    has_sequence: bool,
    /// An entry point came since the last picture, and whether it is closed.
    entry: Option<bool>,
    frame: Option<vc1_headers::Frame>,
    interlaced: bool,
    top_field_first: Option<bool>,
    scratch: Vec<u8>,
    changed: bool,
}

/// Splits VC-1.
pub(crate) type Vc1Splitter = PictureStream<Vc1>;

impl Syntax for Vc1 {
    fn look(code: u8) -> Look {
        match code {
            SEQUENCE | ENTRY => Look::Head,
            FRAME => Look::Start,
            SLICE | FIELD => Look::Body,
            END => Look::Tail,
            // User data.
            _ => Look::Other,
        }
    }

    fn read(&mut self, code: u8, body: &[u8]) {
        match code {
            SEQUENCE => self.read_sequence(body),
            ENTRY => self.read_entry(body),
            FRAME => {
                unescape(body, FRAME_HEAD, &mut self.scratch);
                self.frame = self.sequence.as_ref().and_then(|sequence| vc1_headers::frame(&self.scratch, sequence));
            }
            _ => {}
        }
    }

    fn picture(&mut self) -> Option<Picture> {
        let has_sequence = std::mem::take(&mut self.has_sequence);
        let entry = self.entry.take();
        let frame = self.frame.take()?;
        if self.first.is_none() && self.headers.iter().all(|header| !header.is_empty()) {
            self.first = Some(self.headers.clone());
            self.changed = true;
        }
        if frame.interlaced && self.top_field_first.is_none() {
            self.interlaced = true;
            self.top_field_first = Some(frame.top_field_first);
            self.changed = true;
        }
        // A decoder that begins here has the header that the container keeps.
        let has_header = has_sequence || self.first.as_ref().is_some_and(|first| first[0] == self.headers[0]);
        Some(Picture {
            key: frame.intra && entry.is_some() && has_header,
            closed: entry.unwrap_or(false),
            reference: frame.reference,
            fields: frame.fields,
            is_half: false,
            joins: false,
            order: None,
            begins: false,
        })
    }

    fn rate(&self) -> Option<Rational> {
        self.sequence.and_then(|sequence| sequence.frame_rate)
    }

    fn facts(&self) -> Option<TrackFacts> {
        let sequence = self.sequence.as_ref()?;
        let video = Video {
            width: sequence.width,
            height: sequence.height,
            sample_aspect: sequence.pixel_aspect,
            frame_rate: sequence.frame_rate,
            interlaced: self.interlaced,
            top_field_first: self.top_field_first,
            bit_depth: 8,
            colour: sequence.colour,
            mastering: None,
            light_level: None,
            dolby_vision: None,
            hdr10_plus: false,
        };
        Some(TrackFacts::of_video(Codec::Vc1, private(sequence, self.first.as_ref()?), video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {
        self.has_sequence = false;
        self.entry = None;
        self.frame = None;
    }
}

impl Vc1 {
    fn read_sequence(&mut self, body: &[u8]) {
        if body.len() > LARGEST_HEADER {
            return;
        }
        unescape(body, LARGEST_HEADER, &mut self.scratch);
        let Some(sequence) = Sequence::parse(&self.scratch) else { return };
        self.sequence = Some(sequence);
        self.has_sequence = true;
        self.headers = [with_code(SEQUENCE, body), Vec::new()];
    }

    fn read_entry(&mut self, body: &[u8]) {
        if body.len() > LARGEST_HEADER || self.sequence.is_none() {
            return;
        }
        unescape(body, LARGEST_HEADER, &mut self.scratch);
        self.entry = Some(vc1_headers::closed_entry(&self.scratch));
        self.headers[1] = with_code(ENTRY, body);
    }
}

fn with_code(code: u8, body: &[u8]) -> Vec<u8> {
    [&[0, 0, 1, code], body].concat()
}

/// `BITMAPINFOHEADER`, whose size counts what follows it: a byte that is zero, and the headers as in the stream.
fn private(sequence: &Sequence, headers: &[Vec<u8>; 2]) -> Vec<u8> {
    let headers = headers.concat();
    let size = BITMAP_INFO + 1 + headers.len() as u32;
    let mut private = Vec::with_capacity(size as usize);
    for number in [size, sequence.width, sequence.height] {
        private.extend(number.to_le_bytes());
    }
    // Planes and bits a pixel.
    private.extend([1, 0, 24, 0]);
    private.extend(b"WVC1");
    private.extend((sequence.width * sequence.height * 3).to_le_bytes());
    // Pixels a metre, colours.
    private.extend([0; 16]);
    private.push(0);
    private.extend(headers);
    private
}

#[cfg(test)]
#[path = "vc1_tests.rs"]
mod tests;
