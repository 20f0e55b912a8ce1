//! AVC (ITU-T H.264): pictures told apart, field pairs joined, avcC built.

pub(in crate::codec) mod sps;

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::video::nal::annexb::AnnexB;
use crate::codec::video::nal::h264::sps::Sps;
use crate::codec::video::nal::order::OrderCount;
use crate::codec::video::nal::rbsp;
use crate::codec::video::nal::sets::{self, Sets};
use crate::codec::video::nal::syntax::{Look, Picture, Syntax};
use crate::codec::{Codec, Rational, TrackFacts, Video};

const DELIMITER: u8 = 9;
const SPS: u8 = 7;
const PPS: u8 = 8;
const SEI: u8 = 6;

const SEI_TIMING: u32 = 1;
const SEI_RECOVERY: u32 = 6;

/// Parameter sets larger than this are not believed.
const LARGEST_SET: usize = 4096;
/// Bytes that hold all of a slice header that is looked at.
const SLICE_HEAD: usize = 24;

#[derive(Debug)]
struct SequenceSet {
    nal: Vec<u8>,
    parsed: Sps,
}

#[derive(Debug)]
struct PictureSet {
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
    sps: Vec<(u8, SequenceSet)>,
    pps: Vec<(u8, PictureSet)>,
    scratch: Vec<u8>,
    /// A recovery point message was read since the last slice.
    recovery: bool,
    /// `pic_struct` of the next picture.
    structure: Option<u8>,
    first_field: Option<FirstField>,
    order: OrderCount,
    /// The sequence set that the last intra picture used.
    used: Option<u8>,
    sets: Sets,
    /// Fields that were filmed one after the other were seen.
    interlaced: bool,
    top_field_first: Option<bool>,
    changed: bool,
}

struct SliceHead {
    first: bool,
    intra: bool,
    frame_num: u32,
    /// `Some(bottom)` of a field.
    field: Option<bool>,
    /// The sets it refers to, if they are there: picture set, sequence set.
    sets: Option<(u8, u8)>,
    /// Low bits of the order count, and how many these are.
    order: Option<(u32, u32)>,
}

/// Splits AVC.
pub(crate) type H264Splitter = AnnexB<H264>;

impl Syntax for H264 {
    const LEADING_BY_TIME: bool = true;
    const COUNTS_PER_FRAME: u32 = 2;

    fn look(&mut self, nal: &[u8], whole: bool) -> Look {
        let reference = nal[0] & 0x60 != 0;
        match nal[0] & 0x1F {
            kind @ (1 | 2 | 5) => self.slice(nal, kind == 5, reference),
            kind @ (SEI..=DELIMITER | 14..=18) => {
                match kind {
                    SEI if whole => self.sei(nal),
                    SPS if whole => self.read_sps(nal),
                    PPS if whole => self.read_pps(nal),
                    _ => {}
                }
                Look::Prefix
            }
            _ => Look::Other,
        }
    }

    fn is_delimiter(nal: &[u8]) -> bool {
        nal.first().is_some_and(|byte| byte & 0x1F == DELIMITER)
    }

    fn take_missing(&mut self, into: &mut Vec<u8>) {
        self.sets.take_missing(into);
    }

    fn facts(&self) -> Option<TrackFacts> {
        let sps = sets::get(&self.sps, self.used?)?;
        let mut video = video(&sps.parsed);
        video.interlaced = self.interlaced;
        video.top_field_first = self.top_field_first;
        Some(TrackFacts::of_video(Codec::Avc, self.private(sps)?, video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {
        self.first_field = None;
        self.recovery = false;
        self.structure = None;
        self.sets.discontinuity();
    }
}

impl H264 {
    fn slice(&mut self, nal: &[u8], idr: bool, reference: bool) -> Look {
        let Ok(head) = self.slice_head(nal, idr) else { return Look::Other };
        if !head.first {
            self.gather(&head);
            return Look::More { intra: head.intra, reference };
        }
        let joins = !idr
            && matches!((self.first_field, head.field), (Some(first), Some(bottom))
                if first.bottom != bottom && first.frame_num == head.frame_num);
        let recovery = std::mem::take(&mut self.recovery);
        let structure = self.structure.take();
        self.first_field = match head.field {
            Some(bottom) if !joins => Some(FirstField { frame_num: head.frame_num, bottom }),
            _ => None,
        };
        if !joins {
            self.sets.begin(head.intra);
            self.see_fields(&head, structure);
        }
        let known = head.sets.is_some();
        let brings = |(pps, sps)| self.sets.has((PPS, pps)) && self.sets.has((SPS, sps));
        let has_sets = head.sets.is_some_and(brings);
        self.gather(&head);
        let order = head.order.filter(|_| !joins).map(|(low, bits)| self.order.next(low, bits, idr, reference));
        let picture = Picture {
            closed: idr && known,
            recovery: recovery && known,
            intra: head.intra && known,
            has_sets,
            reference,
            skipped_leading: false,
            order,
        };
        Look::First { picture, joins }
    }

    /// Notes which sets the slice needs that its picture lacks, where decoding may begin with that.
    fn gather(&mut self, head: &SliceHead) {
        let Some((pps_id, sps_id)) = head.sets.filter(|_| self.sets.gathers()) else { return };
        if head.intra && self.used != Some(sps_id) {
            self.used = Some(sps_id);
            self.changed = true;
        }
        if let (Some(sps), Some(pps)) = (sets::get(&self.sps, sps_id), sets::get(&self.pps, pps_id)) {
            self.sets.need((SPS, sps_id), &sps.nal);
            self.sets.need((PPS, pps_id), &pps.nal);
        }
    }

    /// Whether a picture consists of two fields, and which of them comes first (`pic_struct`, table D-1).
    fn see_fields(&mut self, head: &SliceHead, structure: Option<u8>) {
        let sps = head.sets.and_then(|(_, sps)| sets::get(&self.sps, sps)).map(|sps| &sps.parsed);
        let Some(sps) = sps.filter(|sps| !sps.frames_only) else { return };
        let (seen, top) = match (head.field, structure) {
            (Some(bottom), _) => (true, Some(!bottom)),
            (None, Some(structure @ 3..=6)) => (true, Some(structure % 2 == 1)),
            (None, Some(_)) => (false, None),
            (None, None) => (sps.adaptive_fields, None),
        };
        self.changed |= seen && (!self.interlaced || (self.top_field_first.is_none() && top.is_some()));
        self.interlaced |= seen;
        self.top_field_first = self.top_field_first.or(top);
    }

    /// The first fields of a slice header (7.3.3).
    fn slice_head(&mut self, nal: &[u8], idr: bool) -> Result<SliceHead, OutOfBits> {
        rbsp::unescape(&nal[1..], SLICE_HEAD, &mut self.scratch);
        let mut bits = Bits::new(&self.scratch);
        let first = bits.ue()? == 0;
        let intra = matches!(bits.ue()? % 5, 2 | 4);
        let mut head = SliceHead { first, intra, frame_num: 0, field: None, sets: None, order: None };
        let pps = bits.ue()?;
        let Some((pps_id, pps)) = self.pps.iter().find(|(id, _)| u32::from(*id) == pps) else { return Ok(head) };
        let Some(sps) = sets::get(&self.sps, pps.sps).map(|sps| &sps.parsed) else { return Ok(head) };
        head.sets = Some((*pps_id, pps.sps));
        if sps.separate_planes {
            bits.skip(2)?;
        }
        head.frame_num = bits.u(sps.frame_num_bits)?;
        if !sps.frames_only && bits.flag()? {
            head.field = Some(bits.flag()?);
        }
        if let Some(order_bits) = sps.order_bits
            && (!idr || bits.ue().is_ok())
        {
            head.order = bits.u(order_bits).ok().map(|low| (low, order_bits));
        }
        Ok(head)
    }

    fn sei(&mut self, nal: &[u8]) {
        rbsp::unescape(&nal[1..], LARGEST_SET, &mut self.scratch);
        // Messages come in front of the slice that says which set they mean: there is hardly ever more than one.
        let set = self.used.and_then(|id| sets::get(&self.sps, id)).or(self.sps.first().map(|(_, set)| set));
        let before = set.and_then(|set| set.parsed.vui.timing_bits);
        for (kind, body) in rbsp::sei_messages(&self.scratch) {
            match (kind, before) {
                (SEI_RECOVERY, _) => self.recovery = true,
                (SEI_TIMING, Some(before)) => {
                    let mut bits = Bits::new(body);
                    self.structure = bits.skip(before).and_then(|()| bits.u(4)).ok().map(|code| code as u8);
                }
                _ => {}
            }
        }
    }

    fn read_sps(&mut self, nal: &[u8]) {
        if nal.len() > LARGEST_SET {
            return;
        }
        if let Some((id, _)) = self.sps.iter().find(|(_, sps)| sps.nal == nal) {
            return self.sets.arrive((SPS, *id));
        }
        rbsp::unescape(&nal[1..], LARGEST_SET, &mut self.scratch);
        let Some(parsed) = sps::parse(&self.scratch) else { return };
        let id = parsed.id;
        sets::put(&mut self.sps, id, SequenceSet { nal: nal.to_vec(), parsed });
        self.sets.arrive((SPS, id));
        self.changed = true;
    }

    fn read_pps(&mut self, nal: &[u8]) {
        if nal.len() > LARGEST_SET {
            return;
        }
        rbsp::unescape(&nal[1..], SLICE_HEAD, &mut self.scratch);
        let mut bits = Bits::new(&self.scratch);
        let (Ok(id), Ok(sps)) = (bits.ue(), bits.ue()) else { return };
        let (Ok(id), Ok(sps)) = (u8::try_from(id), u8::try_from(sps)) else { return };
        self.sets.arrive((PPS, id));
        if !self.pps.iter().any(|(known, pps)| *known == id && pps.nal == nal) {
            sets::put(&mut self.pps, id, PictureSet { nal: nal.to_vec(), sps });
            self.changed = true;
        }
    }

    /// `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 5.3.3.1), of the sequence set in use and the picture sets
    /// that refer to it.
    fn private(&self, used: &SequenceSet) -> Option<Vec<u8>> {
        let [profile, compatibility, level] = *used.nal.get(1..4)?.first_chunk()?;
        let mut record = vec![1, profile, compatibility, level, 0xFC | 3, 0xE0 | 1];
        put_set(&mut record, &used.nal);
        let pps = self.pps.iter().map(|(_, pps)| pps).filter(|pps| pps.sps == used.parsed.id);
        let pps: Vec<_> = pps.take(255).collect();
        record.push(pps.len() as u8);
        for set in pps {
            put_set(&mut record, &set.nal);
        }
        if matches!(profile, 100 | 110 | 122 | 144) {
            let (luma, chroma) = (used.parsed.luma_depth - 8, used.parsed.chroma_depth - 8);
            record.extend([0xFC | used.parsed.chroma_format & 3, 0xF8 | luma & 7, 0xF8 | chroma & 7, 0]);
        }
        Some(record)
    }
}

fn put_set(record: &mut Vec<u8>, nal: &[u8]) {
    record.extend((nal.len() as u16).to_be_bytes());
    record.extend(nal);
}

fn video(sps: &Sps) -> Video {
    Video {
        width: sps.width,
        height: sps.height,
        sample_aspect: sps.vui.aspect,
        frame_rate: sps.vui.frame_rate.map(Rational::reduced),
        interlaced: false,
        top_field_first: None,
        bit_depth: sps.luma_depth,
        colour: sps.vui.colour,
        mastering: None,
        light_level: None,
        dolby_vision: None,
        hdr10_plus: false,
    }
}

#[cfg(test)]
mod tests;
