//! MPEG-1 and MPEG-2 video (ISO/IEC 11172-2, 13818-2): field pairs joined, time counted in fields.

use crate::codec::video::mpeg_headers::{self, Coding, Scan, Sequence};
use crate::codec::video::pictures::{Look, Picture, PictureStream, Syntax};
use crate::codec::{Codec, Colour, Rational, TrackFacts, Video};

const PICTURE: u8 = 0x00;
const FIRST_SLICE: u8 = 0x01;
const LAST_SLICE: u8 = 0xAF;
const SEQUENCE: u8 = 0xB3;
const EXTENSION: u8 = 0xB5;
const SEQUENCE_END: u8 = 0xB7;
const GROUP: u8 = 0xB8;

/// A sequence header with its extensions is never larger: two or four tables of 64 bytes.
const LARGEST_HEADER: usize = 1024;
/// Frames by which film with repeated fields is told.
const FRAMES_OF_FILM: u64 = 16;
const TOP: u8 = 1;
const BOTTOM: u8 = 2;

/// A field that waits for the one of other parity.
#[derive(Clone, Copy, Debug)]
struct FirstField {
    order: u16,
    structure: u8,
}

#[derive(Debug, Default)]
pub(crate) struct MpegVideo {
    sequence: Option<Sequence>,
    /// The sequence header that is in force and its extensions, as in the stream.
    header: Vec<u8>,
    /// The first one: what a container keeps.
    private: Vec<u8>,
    /// Headers came since the last picture.
    has_sequence: bool,
    /// The same of a group, and whether that is closed.
    group: Option<bool>,
    /// Header and extension of the picture under way.
    picture: Option<(u16, Coding)>,
    scan: Option<Scan>,
    first_field: Option<FirstField>,
    interlaced: bool,
    top_field_first: Option<bool>,
    frames: u64,
    fields: u64,
    changed: bool,
}

/// Splits MPEG-1 and MPEG-2 video.
pub(crate) type MpegVideoSplitter = PictureStream<MpegVideo>;

impl Syntax for MpegVideo {
    fn look(code: u8) -> Look {
        match code {
            SEQUENCE | GROUP => Look::Head,
            PICTURE => Look::Start,
            FIRST_SLICE..=LAST_SLICE => Look::Body,
            SEQUENCE_END => Look::Tail,
            // Extensions, user data, and codes that mean nothing.
            _ => Look::Other,
        }
    }

    fn read(&mut self, code: u8, body: &[u8]) {
        match code {
            SEQUENCE => self.read_sequence(body),
            GROUP => self.group = Some(mpeg_headers::closed_group(body)),
            PICTURE => {
                self.picture = mpeg_headers::picture(body);
                self.scan = None;
            }
            EXTENSION => self.read_extension(body),
            _ => {}
        }
    }

    fn picture(&mut self) -> Option<Picture> {
        let has_sequence = std::mem::take(&mut self.has_sequence);
        let group = self.group.take();
        let (order, coding) = self.picture.take()?;
        if self.private.is_empty() {
            self.private.clone_from(&self.header);
        }
        // A decoder that begins here has the header that the container keeps.
        let begins = has_sequence || group.is_some();
        let has_header = has_sequence || (group.is_some() && self.header == self.private);
        let joins = self.joins(order, begins);
        let fields = self.count(joins);
        Some(Picture {
            key: coding == Coding::Intra && has_header && !joins,
            closed: group.unwrap_or(false),
            reference: coding != Coding::Bidirectional,
            fields,
            is_half: self.first_field.is_some(),
            joins,
            order: Some(order),
            begins: group.is_some(),
        })
    }

    fn rate(&self) -> Option<Rational> {
        self.sequence.as_ref().and_then(Sequence::rate)
    }

    fn facts(&self) -> Option<TrackFacts> {
        let sequence = self.sequence.as_ref()?;
        let (width, height) = sequence.size()?;
        let codec = if sequence.extension.is_some() { Codec::Mpeg2Video } else { Codec::Mpeg1Video };
        let video = Video {
            width,
            height,
            sample_aspect: sequence.pixel_aspect(),
            frame_rate: self.shown_rate(),
            interlaced: self.interlaced,
            top_field_first: self.top_field_first.filter(|_| self.interlaced),
            bit_depth: 8,
            colour: sequence.display.map_or(Colour::default(), |d| d.colour),
            mastering: None,
            light_level: None,
            dolby_vision: None,
            hdr10_plus: false,
        };
        Some(TrackFacts::of_video(codec, self.private.clone(), video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {
        self.has_sequence = false;
        self.group = None;
        self.picture = None;
        self.first_field = None;
    }
}

impl MpegVideo {
    fn read_sequence(&mut self, body: &[u8]) {
        let Some(sequence) = Sequence::parse(body).filter(|_| body.len() < LARGEST_HEADER) else { return };
        self.header.clear();
        self.sequence = Some(sequence);
        self.has_sequence = true;
        self.changed = true;
        self.keep(SEQUENCE, body);
    }

    fn read_extension(&mut self, body: &[u8]) {
        if self.picture.is_some() {
            self.scan = self.scan.or_else(|| mpeg_headers::scan(body));
        } else if self.has_sequence
            && self.group.is_none()
            && let Some(sequence) = &mut self.sequence
            && sequence.extend(body)
        {
            self.keep(EXTENSION, body);
        }
    }

    /// Adds a unit to the header in force.
    fn keep(&mut self, code: u8, body: &[u8]) {
        if self.header.len() + body.len() < LARGEST_HEADER {
            self.header.extend([0, 0, 1, code]);
            self.header.extend_from_slice(body);
        }
    }

    /// Whether the picture under way is the second field of the frame before.
    fn joins(&mut self, order: u16, has_heads: bool) -> bool {
        let structure = self.scan.map_or(0, |scan| scan.structure);
        let is_field = matches!(structure, TOP | BOTTOM);
        let joins = is_field
            && !has_heads
            && self.first_field.is_some_and(|first| first.order == order && first.structure != structure);
        self.first_field = (is_field && !joins).then_some(FirstField { order, structure });
        joins
    }

    /// Fields that the picture under way is shown for; counts it.
    fn count(&mut self, joins: bool) -> u32 {
        let progressive = self.sequence.and_then(|s| s.extension).is_none_or(|e| e.progressive);
        let Some(scan) = self.scan else {
            self.frames += 1;
            self.fields += 2;
            return 2;
        };
        let fields = match (scan.structure, progressive, scan.repeat_first_field, scan.top_field_first) {
            (TOP | BOTTOM, ..) => 1,
            (_, true, true, true) => 6,
            (_, true, true, false) => 4,
            (_, false, true, _) => 3,
            (_, _, false, _) => 2,
        };
        self.frames += u64::from(!joins);
        self.fields += u64::from(fields);
        let is_field = matches!(scan.structure, TOP | BOTTOM);
        if !progressive && (is_field || !scan.progressive) {
            self.interlaced = true;
            let top = if is_field { scan.structure == TOP } else { scan.top_field_first };
            self.top_field_first.get_or_insert(top);
        }
        // What the pictures show changes the facts.
        self.changed = true;
        fields
    }

    /// Frames a second as they are shown: of film with repeated fields four for five.
    fn shown_rate(&self) -> Option<Rational> {
        let rate = self.rate()?;
        let of_four = self.fields.saturating_mul(2).abs_diff(self.frames.saturating_mul(5));
        if self.frames >= FRAMES_OF_FILM && of_four * 20 <= self.frames {
            return Some(Rational { num: rate.num * 4, den: rate.den * 5 }.reduced());
        }
        Some(rate)
    }
}

#[cfg(test)]
#[path = "mpeg_video_tests.rs"]
mod tests;
