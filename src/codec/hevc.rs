//! HEVC (ITU-T H.265): pictures told apart, HDR messages read, hvcC built.

use super::annexb::{self, AnnexB, Look, Picture, Syntax};
use super::dolby_vision::{self, DolbyVision, METADATA, WRAPPED};
use super::hevc_sps::{self, Sps};
use super::{Codec, MasteringDisplay, TrackFacts, Video};
use crate::base::bytes::{Bytes, Short};

const LARGEST_SET: usize = 8192;
const HEADER: usize = 2;
/// Bytes that hold all of a metadata unit's header that is looked at.
const METADATA_HEAD: usize = 32;

const VPS: u8 = 32;
const SPS: u8 = 33;
const PPS: u8 = 34;
const PREFIX_SEI: u8 = 39;

const SEI_T35: u32 = 4;
const SEI_MASTERING: u32 = 137;
const SEI_LIGHT_LEVEL: u32 = 144;
/// ITU-T T.35: United States, Samsung, HDR10+ (SMPTE ST 2094-40).
const HDR10_PLUS: [u8; 6] = [0xB5, 0x00, 0x3C, 0x00, 0x01, 0x04];

#[derive(Debug, Default)]
pub(crate) struct Hevc {
    /// VPS, SPS and PPS in this order; each by id.
    sets: [Vec<(u8, Vec<u8>)>; 3],
    sps: Option<Sps>,
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
                annexb::unescape(rest, METADATA_HEAD, &mut self.scratch);
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

    fn facts(&self) -> Option<TrackFacts> {
        let sps = self.sps.as_ref()?;
        if self.sets.iter().any(Vec::is_empty) {
            return None;
        }
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
        Some(TrackFacts::of_video(Codec::Hevc, self.private(sps), video))
    }

    fn changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn discontinuity(&mut self) {}
}

impl Hevc {
    fn dolby_vision(&self, sps: &Sps) -> Option<DolbyVision> {
        let rate = sps.vui.frame_rate.map(|rate| (rate.num, rate.den));
        let (size, transfer) = ((sps.width, sps.height), sps.vui.colour.transfer);
        self.dolby_profile.map(|profile| DolbyVision::of(profile, self.has_enhancement, size, rate, transfer))
    }

    fn slice(&self, kind: u8, temporal_id_plus1: u8, rest: &[u8]) -> Look {
        // Sub-layer non-reference pictures are the even types below 16; only in the highest layer nobody needs them.
        let highest = self.sps.as_ref().is_none_or(|sps| temporal_id_plus1 >= sps.sub_layers);
        let reference = kind > 14 || kind & 1 == 1 || !highest;
        let key = matches!(kind, 16..=21);
        match rest.first() {
            Some(byte) if byte & 0x80 != 0 => {
                let picture = Picture {
                    closed: matches!(kind, 19 | 20),
                    recovery: key,
                    // Random access pictures are intra coded by definition.
                    intra: key,
                    reference,
                    skipped_leading: matches!(kind, 8 | 9),
                };
                Look::First { picture, joins: false }
            }
            Some(_) => Look::More { intra: key, reference },
            None => Look::Other,
        }
    }

    fn read(&mut self, kind: u8, nal: &[u8]) {
        match kind {
            VPS | SPS | PPS => self.set(kind, nal),
            PREFIX_SEI => self.sei(nal),
            _ => {}
        }
    }

    fn set(&mut self, kind: u8, nal: &[u8]) {
        let list = &mut self.sets[usize::from(kind - VPS)];
        if nal.len() > LARGEST_SET || list.iter().any(|(_, known)| known == nal) {
            return;
        }
        annexb::unescape(&nal[HEADER..], LARGEST_SET, &mut self.scratch);
        let id = match kind {
            SPS => {
                let Some(sps) = hevc_sps::parse(&self.scratch) else { return };
                let id = sps.id;
                if self.sps.as_ref().is_none_or(|active| active.id == id) {
                    self.sps = Some(sps);
                }
                id
            }
            PPS => {
                let Ok(id) = crate::base::bits::Bits::new(&self.scratch).ue() else { return };
                let Some(id) = u8::try_from(id).ok().filter(|id| *id < 64) else { return };
                id
            }
            _ => match self.scratch.first() {
                Some(byte) => byte >> 4,
                None => return,
            },
        };
        match list.binary_search_by_key(&id, |(id, _)| *id) {
            Ok(at) => list[at].1 = nal.to_vec(),
            Err(at) => list.insert(at, (id, nal.to_vec())),
        }
        self.changed = true;
    }

    fn sei(&mut self, nal: &[u8]) {
        annexb::unescape(&nal[HEADER..], LARGEST_SET, &mut self.scratch);
        for (kind, body) in annexb::sei_messages(&self.scratch) {
            match kind {
                SEI_MASTERING if self.mastering.is_none() => {
                    self.mastering = mastering(body).ok();
                    self.changed = true;
                }
                SEI_LIGHT_LEVEL if self.light_level.is_none() => {
                    self.light_level = light_level(body).ok();
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

    /// `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15, 8.3.3.1).
    fn private(&self, sps: &Sps) -> Vec<u8> {
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
        record.push(self.sets.len() as u8);
        for (kind, sets) in (VPS..).zip(&self.sets) {
            // Array completeness 0: the sets stay in the stream, too.
            record.push(kind);
            record.extend((sets.len() as u16).to_be_bytes());
            for (_, nal) in sets {
                record.extend((nal.len() as u16).to_be_bytes());
                record.extend(nal);
            }
        }
        record
    }
}

/// Mastering display colour volume, D.2.28: primaries in the order green, blue, red.
fn mastering(body: &[u8]) -> Result<MasteringDisplay, Short> {
    let mut bytes = Bytes::new(body);
    let mut point = || Ok::<_, Short>((bytes.u16_be()?, bytes.u16_be()?));
    let (green, blue, red, white) = (point()?, point()?, point()?, point()?);
    let (max_luminance, min_luminance) = (bytes.u32_be()?, bytes.u32_be()?);
    Ok(MasteringDisplay { primaries: [red, green, blue], white, max_luminance, min_luminance })
}

/// Content light level, D.2.35.
fn light_level(body: &[u8]) -> Result<(u16, u16), Short> {
    let mut bytes = Bytes::new(body);
    Ok((bytes.u16_be()?, bytes.u16_be()?))
}

#[cfg(test)]
#[path = "hevc_tests.rs"]
mod tests;
