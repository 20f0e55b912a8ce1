//! AVC (ITU-T H.264): pictures told apart, field pairs joined, avcC built.

use h264_reader::nal::sps::{ChromaFormat, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::BitReader;

use super::annexb::{self, AnnexB, Look, Picture, Syntax};
use super::{Codec, Colour, Rational, TrackFacts, Video};
use crate::base::bits::{Bits, OutOfBits};

/// Parameter sets larger than this are not believed.
const LARGEST_SET: usize = 4096;
/// Bytes that hold all of a slice header that is looked at.
const SLICE_HEAD: usize = 24;

#[derive(Debug)]
struct Sps {
    nal: Vec<u8>,
    parsed: SeqParameterSet,
}

#[derive(Debug)]
struct Pps {
    nal: Vec<u8>,
    sps: u8,
}

/// A field that waits for the one of other parity.
#[derive(Clone, Copy, Debug)]
struct FirstField {
    frame_num: u32,
    bottom: bool,
}

#[derive(Debug, Default)]
pub(crate) struct H264 {
    sps: Vec<(u8, Sps)>,
    pps: Vec<(u8, Pps)>,
    scratch: Vec<u8>,
    /// A recovery point message was read since the last slice.
    recovery: bool,
    first_field: Option<FirstField>,
    top_field_first: Option<bool>,
    changed: bool,
}

struct SliceHead {
    first: bool,
    intra: bool,
    frame_num: u32,
    /// `Some(bottom)` of a field.
    field: Option<bool>,
}

/// Splits AVC.
pub(crate) type H264Splitter = AnnexB<H264>;

impl Syntax for H264 {
    const LEADING_BY_TIME: bool = true;

    fn look(&mut self, nal: &[u8], whole: bool) -> Look {
        let reference = nal[0] & 0x60 != 0;
        match nal[0] & 0x1F {
            kind @ (1 | 2 | 5) => self.slice(nal, kind == 5, reference),
            kind @ (6..=9 | 14..=18) => {
                match kind {
                    6 if whole => self.sei(nal),
                    7 if whole => self.read_sps(nal),
                    8 if whole => self.read_pps(nal),
                    _ => {}
                }
                Look::Prefix
            }
            _ => Look::Other,
        }
    }

    fn facts(&self) -> Option<TrackFacts> {
        let (_, first) = self.pps.first()?;
        let (_, sps) = self.sps.iter().find(|(id, _)| *id == first.sps)?;
        let mut video = video(&sps.parsed)?;
        video.top_field_first = self.top_field_first;
        Some(TrackFacts::of_video(Codec::Avc, self.private(sps)?, video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {
        self.first_field = None;
        self.recovery = false;
    }
}

impl H264 {
    fn slice(&mut self, nal: &[u8], idr: bool, reference: bool) -> Look {
        let Ok(head) = self.slice_head(nal) else { return Look::Other };
        if !head.first {
            return Look::More { intra: head.intra, reference };
        }
        let joins = !idr
            && matches!((self.first_field, head.field), (Some(first), Some(bottom))
                if first.bottom != bottom && first.frame_num == head.frame_num);
        let recovery = std::mem::take(&mut self.recovery);
        self.first_field = match head.field {
            Some(bottom) if !joins => {
                self.changed |= self.top_field_first.is_none();
                self.top_field_first.get_or_insert(!bottom);
                Some(FirstField { frame_num: head.frame_num, bottom })
            }
            _ => None,
        };
        let picture = Picture { closed: idr, recovery, intra: head.intra, reference, skipped_leading: false };
        Look::First { picture, joins }
    }

    /// The first fields of a slice header (7.3.3).
    fn slice_head(&mut self, nal: &[u8]) -> Result<SliceHead, OutOfBits> {
        annexb::unescape(&nal[1..], SLICE_HEAD, &mut self.scratch);
        let mut bits = Bits::new(&self.scratch);
        let first = bits.ue()? == 0;
        let intra = matches!(bits.ue()? % 5, 2 | 4);
        let mut head = SliceHead { first, intra, frame_num: 0, field: None };
        let pps = bits.ue()?;
        let sps = self.pps.iter().find(|(id, _)| u32::from(*id) == pps).map(|(_, pps)| pps.sps);
        let Some((_, sps)) = self.sps.iter().find(|(id, _)| Some(*id) == sps) else { return Ok(head) };
        if sps.parsed.chroma_info.separate_colour_plane_flag {
            bits.skip(2)?;
        }
        head.frame_num = bits.u(u32::from(sps.parsed.log2_max_frame_num()))?;
        if sps.parsed.frame_mbs_flags != FrameMbsFlags::Frames && bits.flag()? {
            head.field = Some(bits.flag()?);
        }
        Ok(head)
    }

    fn sei(&mut self, nal: &[u8]) {
        annexb::unescape(&nal[1..], LARGEST_SET, &mut self.scratch);
        self.recovery |= annexb::sei_messages(&self.scratch).any(|(kind, _)| kind == 6);
    }

    fn read_sps(&mut self, nal: &[u8]) {
        if nal.len() > LARGEST_SET || self.sps.iter().any(|(_, sps)| sps.nal == nal) {
            return;
        }
        annexb::unescape(&nal[1..], LARGEST_SET, &mut self.scratch);
        let Ok(parsed) = SeqParameterSet::from_bits(BitReader::new(&self.scratch[..])) else { return };
        let id = parsed.seq_parameter_set_id.id();
        put(&mut self.sps, id, Sps { nal: nal.to_vec(), parsed });
        self.changed = true;
    }

    fn read_pps(&mut self, nal: &[u8]) {
        if nal.len() > LARGEST_SET || self.pps.iter().any(|(_, pps)| pps.nal == nal) {
            return;
        }
        annexb::unescape(&nal[1..], SLICE_HEAD, &mut self.scratch);
        let mut bits = Bits::new(&self.scratch);
        let (Ok(id), Ok(sps)) = (bits.ue(), bits.ue()) else { return };
        if let (Ok(id), Ok(sps)) = (u8::try_from(id), u8::try_from(sps)) {
            put(&mut self.pps, id, Pps { nal: nal.to_vec(), sps });
            self.changed = true;
        }
    }

    /// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1).
    fn private(&self, active: &Sps) -> Option<Vec<u8>> {
        let [profile, compatibility, level] = *active.nal.get(1..4)?.first_chunk()?;
        let mut record = vec![1, profile, compatibility, level, 0xFC | 3];
        let sps: Vec<_> = self.sps.iter().take(31).collect();
        record.push(0xE0 | sps.len() as u8);
        for (_, set) in sps {
            put_set(&mut record, &set.nal);
        }
        let pps: Vec<_> = self.pps.iter().take(255).collect();
        record.push(pps.len() as u8);
        for (_, set) in pps {
            put_set(&mut record, &set.nal);
        }
        if matches!(profile, 100 | 110 | 122 | 144) {
            let chroma = &active.parsed.chroma_info;
            let format = chroma.chroma_format.to_u32() as u8;
            record.extend([
                0xFC | format & 3,
                0xF8 | chroma.bit_depth_luma_minus8 & 7,
                0xF8 | chroma.bit_depth_chroma_minus8 & 7,
                0,
            ]);
        }
        Some(record)
    }
}

/// Puts a set in its place by id, the list in order of id.
fn put<T>(list: &mut Vec<(u8, T)>, id: u8, set: T) {
    match list.binary_search_by_key(&id, |(id, _)| *id) {
        Ok(at) => list[at].1 = set,
        Err(at) => list.insert(at, (id, set)),
    }
}

fn put_set(record: &mut Vec<u8>, nal: &[u8]) {
    record.extend((nal.len() as u16).to_be_bytes());
    record.extend(nal);
}

fn video(sps: &SeqParameterSet) -> Option<Video> {
    if matches!(sps.chroma_info.chroma_format, ChromaFormat::Invalid(_)) {
        return None;
    }
    let (width, height) = sps.pixel_dimensions().ok().filter(|(w, h)| *w > 0 && *h > 0)?;
    let vui = sps.vui_parameters.as_ref();
    let aspect = vui.and_then(|v| v.aspect_ratio_info.as_ref()).and_then(|a| a.get());
    let rate = vui.and_then(|v| v.timing_info.as_ref()).and_then(|t| {
        // A tick is a field (E.2.1).
        let den = t.num_units_in_tick.checked_mul(2)?;
        (den != 0 && t.time_scale != 0).then_some(Rational { num: t.time_scale, den })
    });
    let signal = vui.and_then(|v| v.video_signal_type.as_ref());
    let described = signal.and_then(|s| s.colour_description.as_ref());
    let specified = |code: u8| (code != 2 && code != 0).then_some(code);
    Some(Video {
        width,
        height,
        sample_aspect: aspect
            .filter(|(num, den)| *num != 0 && *den != 0)
            .map(|(num, den)| Rational { num: num.into(), den: den.into() }),
        frame_rate: rate.map(Rational::reduced),
        interlaced: sps.frame_mbs_flags != FrameMbsFlags::Frames,
        top_field_first: None,
        bit_depth: 8 + sps.chroma_info.bit_depth_luma_minus8,
        colour: Colour {
            primaries: described.and_then(|d| specified(d.colour_primaries)),
            transfer: described.and_then(|d| specified(d.transfer_characteristics)),
            // 0 is RGB here.
            matrix: described.map(|d| d.matrix_coefficients).filter(|m| *m != 2),
            full_range: signal.map(|s| s.video_full_range_flag),
            chroma_location: vui
                .and_then(|v| v.chroma_loc_info.as_ref())
                .and_then(|c| u8::try_from(c.chroma_sample_loc_type_top_field).ok())
                .filter(|c| *c <= 5),
        },
        mastering: None,
        light_level: None,
        dolby_vision: None,
        hdr10_plus: false,
    })
}

#[cfg(test)]
#[path = "h264_tests.rs"]
mod tests;
