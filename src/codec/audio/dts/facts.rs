//! What a DTS stream is, from its cores and asset descriptors.

use crate::codec::audio::dts::asset::{Asset, Coding};
use crate::codec::audio::dts::core_frame::Core;
use crate::codec::{Audio, Codec, TrackFacts};

/// Facts of a stream: of all of it, and of the cores in it where there is more.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// All of the stream.
    pub(crate) main: Option<TrackFacts>,
    /// The cores alone.
    pub(crate) core: Option<TrackFacts>,
}

impl Facts {
    /// Names a stream that is not split.
    pub(crate) fn name(&mut self, codec: Codec) {
        self.main.get_or_insert_with(|| TrackFacts::of_name(codec));
    }

    /// Learns from a frame of `samples`, of which `rate` are a second. The most that any frame shows is the fact.
    pub(crate) fn learn(&mut self, core: Option<Core>, asset: Option<Asset>, samples: u32, rate: u32) {
        let inner = core.map(|core| Audio {
            sample_rate: if core.double_rate { core.rate * 2 } else { core.rate },
            channels: core.channels + u8::from(core.extra_channel),
            bit_depth: core.bit_depth,
            frame_samples: Some(if core.double_rate { samples * 2 } else { samples }),
            atmos: false,
        });
        let told = |told: Option<u32>, known: Option<u32>| told.or(known);
        let own_rate = told(asset.and_then(|a| a.rate), inner.map(|i| i.sample_rate)).unwrap_or(rate);
        let channels = asset.and_then(|a| a.channels).or(inner.map(|i| i.channels));
        if let Some(channels) = channels {
            let audio = Audio {
                sample_rate: own_rate,
                channels,
                bit_depth: asset.and_then(|a| a.bit_depth).or(inner.and_then(|i| i.bit_depth)),
                frame_samples: scaled(samples, own_rate, rate),
                atmos: false,
            };
            raise(&mut self.main, codec(core.is_some(), asset), audio);
        }
        if let (Some(inner), Some(_)) = (inner, asset) {
            raise(&mut self.core, Codec::Dts, inner);
        }
    }
}

/// Samples of a frame at another rate, where that is a whole number.
fn scaled(samples: u32, rate: u32, base: u32) -> Option<u32> {
    let product = u64::from(samples) * u64::from(rate);
    let base = u64::from(base.max(1));
    if product.is_multiple_of(base) { u32::try_from(product / base).ok() } else { None }
}

fn codec(has_core: bool, asset: Option<Asset>) -> Codec {
    match asset.map(|asset| asset.coding) {
        Some(Coding::Lossless) if has_core => Codec::DtsHdMaster,
        Some(Coding::Lossless) => Codec::DtsLossless,
        Some(Coding::LowRate) if !has_core => Codec::DtsExpress,
        Some(_) => Codec::DtsHdHighResolution,
        None => Codec::Dts,
    }
}

/// Sets facts, or raises what a later frame shows to be more.
fn raise(facts: &mut Option<TrackFacts>, codec: Codec, audio: Audio) {
    let facts = facts.get_or_insert_with(|| TrackFacts::of_audio(codec, audio));
    if facts.codec == Codec::Dts {
        facts.codec = codec;
    }
    if let Some(known) = &mut facts.audio {
        if audio.sample_rate > known.sample_rate {
            (known.sample_rate, known.frame_samples) = (audio.sample_rate, audio.frame_samples);
        }
        known.channels = known.channels.max(audio.channels);
        known.bit_depth = known.bit_depth.max(audio.bit_depth);
    }
}
