//! HEVC (ITU-T H.265): pictures told apart, HDR messages read, hvcC built.

mod hdr;
pub mod link;
pub(in crate::codec) mod sps;

use crate::base::bits::{Bits, OutOfBits};
use crate::codec::dolby_vision::{self, DolbyVision, METADATA, WRAPPED};
use crate::codec::video::nal::annexb::AnnexB;
use crate::codec::video::nal::hevc::sps::Sps;
use crate::codec::video::nal::order::OrderCount;
use crate::codec::video::nal::rbsp;
use crate::codec::video::nal::sets::{self, Sets};
use crate::codec::video::nal::syntax::{Look, Picture, Syntax};
use crate::codec::{Codec, MasteringDisplay, TrackFacts, Video};

const LARGEST_SET: usize = 8192;
const HEADER: usize = 2;
/// Bytes that hold all of a slice header that is looked at.
const SLICE_HEAD: usize = 16;
/// Bytes that hold all of a metadata unit's header that is looked at.
const METADATA_HEAD: usize = 32;

const VPS: u8 = 32;
const SPS: u8 = 33;
const PPS: u8 = 34;
const DELIMITER: u8 = 35;
const PREFIX_SEI: u8 = 39;

const SEI_T35: u32 = 4;
const SEI_RECOVERY: u32 = 6;
const SEI_MASTERING: u32 = 137;
const SEI_LIGHT_LEVEL: u32 = 144;
/// ITU-T T.35: United States, Samsung, HDR10+ (SMPTE ST 2094-40).
const HDR10_PLUS: [u8; 6] = [0xB5, 0x00, 0x3C, 0x00, 0x01, 0x04];

#[derive(Debug)]
struct SequenceSet {
    nal: Vec<u8>,
    vps: u8,
    parsed: Sps,
}

#[derive(Debug)]
struct PictureSet {
    nal: Vec<u8>,
    sps: u8,
    /// Slices may do without a header of their own.
    dependent_slices: bool,
    /// A slice says whether its picture is shown.
    has_output_flag: bool,
    /// Bits of a slice header that mean nothing yet.
    extra_bits: u32,
}

struct SliceHead {
    first: bool,
    intra: bool,
    /// The sets it refers to, if they are there: picture set, sequence set.
    sets: Option<(u8, u8)>,
    /// Low bits of the order count, and how many these are.
    order: Option<(u32, u32)>,
}

#[derive(Debug, Default)]
pub(crate) struct Hevc {
    vps: Vec<(u8, Vec<u8>)>,
    sps: Vec<(u8, SequenceSet)>,
    pps: Vec<(u8, PictureSet)>,
    /// The sequence set that the last intra picture used.
    used: Option<u8>,
    sets: Sets,
    order: OrderCount,
    /// A recovery point message was read since the last slice.
    recovery: bool,
    scratch: Vec<u8>,
    mastering: Option<MasteringDisplay>,
    light_level: Option<(u16, u16)>,
    /// The profile that Dolby Vision metadata is made for.
    dolby_profile: Option<u8>,
    /// Units of an enhancement layer are there.
    has_enhancement: bool,
    hdr10_plus: bool,
    changed: bool,
}

/// Splits HEVC.
pub(crate) type HevcSplitter = AnnexB<Hevc>;

impl Syntax for Hevc {
    const LEADING_BY_TIME: bool = false;
    const COUNTS_PER_FRAME: u32 = 1;

    fn look(&mut self, nal: &[u8], whole: bool) -> Look {
        let kind = nal[0] >> 1 & 0x3F;
        // Units of other layers are carried along.
        let &[first, second, ref rest @ ..] = nal else { return Look::Other };
        if first & 1 != 0 || second & 0xF8 != 0 {
            return Look::Other;
        }
        match kind {
            0..=31 => self.slice(kind, second & 7, rest),
            VPS..=35 | PREFIX_SEI | 41..=44 | 48..=55 => {
                if whole {
                    self.read(kind, nal);
                }
                Look::Prefix
            }
            METADATA if whole && self.dolby_profile.is_none() => {
                rbsp::unescape(rest, METADATA_HEAD, &mut self.scratch);
                self.dolby_profile = dolby_vision::profile(&self.scratch);
                self.changed |= self.dolby_profile.is_some();
                Look::Other
            }
            WRAPPED => {
                self.changed |= !self.has_enhancement;
                self.has_enhancement = true;
                Look::Other
            }
            _ => Look::Other,
        }
    }

    fn is_delimiter(nal: &[u8]) -> bool {
        nal.first().is_some_and(|byte| byte >> 1 & 0x3F == DELIMITER)
    }

    fn take_missing(&mut self, into: &mut Vec<u8>) {
        self.sets.take_missing(into);
    }

    fn facts(&self) -> Option<TrackFacts> {
        let set = sets::get(&self.sps, self.used?)?;
        let sps = &set.parsed;
        let frame_rate = sps.vui.frame_rate;
        let video = Video {
            width: sps.width,
            height: sps.height * if sps.vui.field_seq { 2 } else { 1 },
            sample_aspect: sps.vui.aspect,
            frame_rate,
            interlaced: sps.vui.field_seq,
            top_field_first: None,
            bit_depth: sps.luma_depth,
            colour: sps.vui.colour,
            mastering: self.mastering,
            light_level: self.light_level,
            dolby_vision: self.dolby_vision(sps),
            hdr10_plus: self.hdr10_plus,
        };
        Some(TrackFacts::of_video(Codec::Hevc, self.private(set), video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {
        self.recovery = false;
        self.sets.discontinuity();
    }
}

impl Hevc {
    fn dolby_vision(&self, sps: &Sps) -> Option<DolbyVision> {
        let rate = sps.vui.frame_rate.map(|rate| (rate.num, rate.den));
        let (size, transfer) = ((sps.width, sps.height), sps.vui.colour.transfer);
        // Only profile 7 has an enhancement layer, for whichever its metadata was made.
        let profile = self.dolby_profile.map(|profile| if self.has_enhancement { 7 } else { profile });
        profile.map(|profile| DolbyVision::of(profile, self.has_enhancement, size, rate, transfer))
    }

    fn slice(&mut self, kind: u8, temporal_id_plus1: u8, rest: &[u8]) -> Look {
        let Ok(head) = self.slice_head(kind, rest) else { return Look::Other };
        // Sub-layer non-reference pictures are the even types below 16; only in the highest layer nobody needs them.
        let sps = head.sets.and_then(|(_, sps)| sets::get(&self.sps, sps));
        let highest = sps.is_none_or(|sps| temporal_id_plus1 >= sps.parsed.sub_layers);
        let reference = kind > 14 || kind & 1 == 1 || !highest;
        if !head.first {
            self.gather(&head);
            return Look::More { intra: head.intra, reference };
        }
        self.sets.begin(head.intra);
        let brings = |(pps, sps)| self.sets.has((PPS, pps)) && self.sets.has((SPS, sps));
        let has_sets = head.sets.is_some_and(brings);
        let known = head.sets.is_some();
        let recovery = std::mem::take(&mut self.recovery);
        // Pictures of the lowest layer count on that others refer to and that are shown behind their key (8.3.1).
        let counts = temporal_id_plus1 == 1 && reference && !matches!(kind, 6..=9);
        let resets = matches!(kind, 16..=20);
        let order = head.order.map(|(low, bits)| self.order.next(low, bits, resets, counts));
        self.gather(&head);
        let picture = Picture {
            closed: is_idr(kind) && known,
            recovery: (recovery || is_entry(kind)) && known,
            intra: head.intra && known,
            has_sets,
            reference,
            skipped_leading: matches!(kind, 8 | 9),
            order,
        };
        Look::First { picture, joins: false }
    }

    /// The first fields of a slice header (7.3.6.1).
    fn slice_head(&mut self, kind: u8, rest: &[u8]) -> Result<SliceHead, OutOfBits> {
        rbsp::unescape(rest, SLICE_HEAD, &mut self.scratch);
        let mut bits = Bits::new(&self.scratch);
        let first = bits.flag()?;
        // Random access pictures are intra coded by definition.
        let mut head = SliceHead { first, intra: is_entry(kind), sets: None, order: None };
        if matches!(kind, 16..=23) {
            bits.skip(1)?;
        }
        let Ok(pps_id) = u8::try_from(bits.ue()?) else { return Ok(head) };
        let Some(pps) = sets::get(&self.pps, pps_id) else { return Ok(head) };
        let Some(sps) = sets::get(&self.sps, pps.sps) else { return Ok(head) };
        head.sets = Some((pps_id, pps.sps));
        // What the rest cannot tell stays unset.
        let _ = slice_rest(&mut bits, kind, pps, &sps.parsed, &mut head);
        Ok(head)
    }

    /// Notes which sets the slice needs that its picture lacks, where decoding may begin with that.
    fn gather(&mut self, head: &SliceHead) {
        let Some((pps_id, sps_id)) = head.sets.filter(|_| self.sets.gathers()) else { return };
        let (Some(pps), Some(sps)) = (sets::get(&self.pps, pps_id), sets::get(&self.sps, sps_id)) else { return };
        if head.intra && self.used != Some(sps_id) {
            self.used = Some(sps_id);
            self.changed = true;
        }
        if let Some(vps) = sets::get(&self.vps, sps.vps) {
            self.sets.need((VPS, sps.vps), vps);
        }
        self.sets.need((SPS, sps_id), &sps.nal);
        self.sets.need((PPS, pps_id), &pps.nal);
    }

    fn read(&mut self, kind: u8, nal: &[u8]) {
        match kind {
            VPS | SPS | PPS if nal.len() <= LARGEST_SET => {
                rbsp::unescape(&nal[HEADER..], LARGEST_SET, &mut self.scratch);
                let id = match kind {
                    VPS => self.read_vps(nal),
                    SPS => self.read_sps(nal),
                    _ => self.read_pps(nal).ok().flatten(),
                };
                if let Some(id) = id {
                    self.sets.arrive((kind, id));
                }
            }
            PREFIX_SEI => self.sei(nal),
            _ => {}
        }
    }

    fn read_vps(&mut self, nal: &[u8]) -> Option<u8> {
        let id = self.scratch.first()? >> 4;
        if sets::get(&self.vps, id).is_none_or(|known| known != nal) {
            sets::put(&mut self.vps, id, nal.to_vec());
            self.changed = true;
        }
        Some(id)
    }

    fn read_sps(&mut self, nal: &[u8]) -> Option<u8> {
        if let Some((id, _)) = self.sps.iter().find(|(_, sps)| sps.nal == nal) {
            return Some(*id);
        }
        let vps = self.scratch.first()? >> 4;
        let parsed = sps::parse(&self.scratch)?;
        let id = parsed.id;
        sets::put(&mut self.sps, id, SequenceSet { nal: nal.to_vec(), vps, parsed });
        self.changed = true;
        Some(id)
    }

    fn read_pps(&mut self, nal: &[u8]) -> Result<Option<u8>, OutOfBits> {
        let mut bits = Bits::new(&self.scratch);
        let (id, sps) = (bits.ue()?, bits.ue()?);
        let Some((id, sps)) = u8::try_from(id).ok().filter(|id| *id < 64).zip(u8::try_from(sps).ok()) else {
            return Ok(None);
        };
        if sets::get(&self.pps, id).is_none_or(|known| known.nal != nal) {
            let dependent_slices = bits.flag()?;
            let has_output_flag = bits.flag()?;
            let extra_bits = bits.u(3)?;
            let set = PictureSet { nal: nal.to_vec(), sps, dependent_slices, has_output_flag, extra_bits };
            sets::put(&mut self.pps, id, set);
            self.changed = true;
        }
        Ok(Some(id))
    }

    fn sei(&mut self, nal: &[u8]) {
        rbsp::unescape(&nal[HEADER..], LARGEST_SET, &mut self.scratch);
        for (kind, body) in rbsp::sei_messages(&self.scratch) {
            match kind {
                SEI_RECOVERY => self.recovery = true,
                SEI_MASTERING if self.mastering.is_none() => {
                    self.mastering = hdr::mastering(body).ok();
                    self.changed = true;
                }
                SEI_LIGHT_LEVEL if self.light_level.is_none() => {
                    self.light_level = hdr::light_level(body).ok();
                    self.changed = true;
                }
                SEI_T35 if !self.hdr10_plus && body.starts_with(&HDR10_PLUS) => {
                    self.hdr10_plus = true;
                    self.changed = true;
                }
                _ => {}
            }
        }
    }

    /// `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 8.3.3.1), of the sequence set in use, the video set that it
    /// refers to, and the picture sets that refer to it.
    fn private(&self, used: &SequenceSet) -> Vec<u8> {
        let sps = &used.parsed;
        let mut record = vec![1];
        record.extend(sps.profile_tier_level);
        record.extend((0xF000 | sps.vui.min_spatial_segmentation).to_be_bytes());
        // Parallelism and average frame rate are not told.
        record.extend([
            0xFC,
            0xFC | sps.chroma_format,
            0xF8 | (sps.luma_depth - 8),
            0xF8 | (sps.chroma_depth - 8),
            0,
            0,
        ]);
        record.push(sps.sub_layers << 3 | u8::from(sps.nesting) << 2 | 3);
        let vps: Vec<&[u8]> = sets::get(&self.vps, used.vps).map(Vec::as_slice).into_iter().collect();
        let pps = self.pps.iter().filter(|(_, pps)| pps.sps == sps.id).map(|(_, pps)| &pps.nal[..]);
        let lists = [(VPS, vps), (SPS, vec![&used.nal[..]]), (PPS, pps.collect())];
        record.push(lists.len() as u8);
        for (kind, list) in lists {
            // Array completeness 0: the sets stay in the stream, too.
            record.push(kind);
            record.extend((list.len() as u16).to_be_bytes());
            for nal in list {
                record.extend((nal.len() as u16).to_be_bytes());
                record.extend(nal);
            }
        }
        record
    }
}

/// The fields of a slice header behind the id of the picture set, up to the order count.
fn slice_rest(
    bits: &mut Bits<'_>,
    kind: u8,
    pps: &PictureSet,
    sps: &Sps,
    head: &mut SliceHead,
) -> Result<(), OutOfBits> {
    if !head.first {
        let is_dependent = pps.dependent_slices && bits.flag()?;
        let Some(address_bits) = sps.address_bits else { return Ok(()) };
        bits.skip(address_bits)?;
        if is_dependent {
            // It goes on as the one before.
            head.intra = true;
            return Ok(());
        }
    }
    bits.skip(pps.extra_bits)?;
    head.intra |= bits.ue()? == 2;
    bits.skip(u32::from(pps.has_output_flag) + if sps.separate_planes { 2 } else { 0 })?;
    head.order = match sps.order_bits {
        Some(order_bits) if is_idr(kind) => Some((0, order_bits)),
        Some(order_bits) => Some((bits.u(order_bits)?, order_bits)),
        None => None,
    };
    Ok(())
}

/// Whether a picture of this type is one of those at which decoding can begin.
fn is_entry(kind: u8) -> bool {
    matches!(kind, 16..=21)
}

/// Whether a picture of this type begins everything from scratch.
fn is_idr(kind: u8) -> bool {
    matches!(kind, 19 | 20)
}

#[cfg(test)]
mod tests;
