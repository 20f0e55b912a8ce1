//! What the file says of a track: from what its stream proves, and where that is silent, from the disc's tables.

use crate::base::time::Nanoseconds;
use crate::codec::dolby_vision::DolbyVision;
use crate::codec::{Codec, Rational, TrackFacts, Video};
use crate::matroska::codec_id;
use crate::matroska::element::track::{Addition, Audio, Colour, FieldOrder, Flags, Kind, Mastering, Scan, Track};
use crate::title::model::Purpose;
use crate::title::{Attributes, DynamicRange, StaticHdr, frame_rate};

/// What the title knows of a track.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct About<'a> {
    /// Number of the stream, different for each track.
    pub(in crate::mux) stream: u32,
    /// PID in the transport stream.
    pub(in crate::mux) pid: u16,
    /// Bibliographic code of ISO 639-2.
    pub(in crate::mux) language: Option<&'static str>,
    /// BCP 47.
    pub(in crate::mux) bcp47: Option<&'static str>,
    pub(in crate::mux) attributes: &'a Attributes,
    /// Mastering data of the title.
    pub(in crate::mux) hdr: Option<&'a StaticHdr>,
    /// Whom the track is for.
    pub(in crate::mux) purpose: Purpose,
    /// What the disc's tables give a decoder beforehand.
    pub(in crate::mux) private: &'a [u8],
    /// The track is played unless the viewer chooses another.
    pub(in crate::mux) default: bool,
    /// Subtitles made of pictures are compressed.
    pub(in crate::mux) zlib: bool,
}

/// The entry of a track whose stream has proven `facts`.
pub(in crate::mux) fn entry(about: &About<'_>, facts: &TrackFacts) -> Track {
    let kind = match (&facts.video, facts.audio) {
        (Some(v), _) => Kind::Video(video(v, about)),
        (None, Some(a)) => Kind::Audio(Audio {
            rate: a.sample_rate,
            channels: a.channels.into(),
            bit_depth: a.bit_depth.map(Into::into),
        }),
        (None, None) => Kind::Subtitle,
    };
    Track {
        codec_private: facts.private.clone(),
        default_duration: default_duration(facts, about),
        additions: facts.video.as_ref().and_then(|v| v.dolby_vision).map(dolby_vision).into_iter().collect(),
        ..plain(about, facts.codec, kind)
    }
}

/// The configuration record, under the name that its profile has in Matroska.
fn dolby_vision(found: DolbyVision) -> Addition {
    let kind = if found.profile < 8 { *b"dvcC" } else { *b"dvvC" };
    Addition {
        kind: u32::from_be_bytes(kind),
        name: Some("Dolby Vision configuration".to_owned()),
        data: found.record().to_vec(),
    }
}

/// The entry of a subtitle track that nothing need be known of. Sub-pictures are drawn for a picture of the size `picture`.
pub(in crate::mux) fn subtitle(about: &About<'_>, codec: Codec, picture: Option<(u32, u32)>) -> Track {
    let mut track = plain(about, codec, Kind::Subtitle);
    if let (Codec::VobSub, Some((width, height))) = (codec, picture) {
        track.codec_private = [format!("size: {width}x{height}\n").as_bytes(), about.private].concat();
    }
    track
}

fn plain(about: &About<'_>, codec: Codec, kind: Kind) -> Track {
    Track {
        stream: about.stream,
        codec_id: codec_id::of(codec).unwrap_or_default().to_owned(),
        codec_private: about.private.to_vec(),
        zlib: about.zlib && matches!(codec, Codec::Pgs | Codec::VobSub),
        kind,
        default_duration: None,
        name: None,
        language: about.language.unwrap_or("und").to_owned(),
        language_bcp47: about.bcp47.map(str::to_owned),
        flags: Flags {
            default: about.default,
            forced: about.purpose.forced,
            commentary: about.purpose.commentary,
            hearing_impaired: about.purpose.hearing_impaired,
            visual_impaired: about.purpose.visual_impaired,
            original: false,
        },
        source_id: Some(format!("{:04X}", about.pid)),
        additions: Vec::new(),
    }
}

/// How long a frame lasts.
fn default_duration(facts: &TrackFacts, about: &About<'_>) -> Option<Nanoseconds> {
    let by_table = || match about.attributes {
        Attributes::Video { rate, .. } => frame_rate(*rate).map(|(num, den)| Rational { num: den, den: num }),
        _ => None,
    };
    let seconds = facts.frame_duration().or_else(by_table)?;
    Nanoseconds::from_count(seconds.num, seconds.den)
}

fn video(facts: &Video, about: &About<'_>) -> crate::matroska::element::track::Video {
    let order = facts.top_field_first.map(|top| if top { FieldOrder::TopFirst } else { FieldOrder::BottomFirst });
    crate::matroska::element::track::Video {
        pixels: (facts.width, facts.height),
        display: display(facts, about),
        scan: if facts.interlaced { Scan::Interlaced(order) } else { Scan::Progressive },
        stereo_mode: None,
        colour: colour(facts, about),
    }
}

/// Width and height in square pixels, where pixels are not: the height stays. Where the tables of the disc tell the shape
/// of the picture, players go by them, whatever the stream says.
fn display(facts: &Video, about: &About<'_>) -> Option<(u32, u32)> {
    let by_stream = || {
        let aspect = facts.sample_aspect.filter(|a| a.num != a.den)?;
        Some(Rational { num: facts.width.checked_mul(aspect.num)?, den: aspect.den })
    };
    let shape = match about.attributes {
        Attributes::Video { aspect: Some(2), .. } => Some((4, 3)),
        Attributes::Video { aspect: Some(3), .. } => Some((16, 9)),
        _ => None,
    };
    let by_table = shape.and_then(|(num, den)| Some(Rational { num: facts.height.checked_mul(num)?, den }));
    let width = by_table.or_else(by_stream)?;
    let den = u64::from(width.den);
    let width = (u64::from(width.num) + den / 2).checked_div(den)?;
    u32::try_from(width).ok().filter(|w| *w > 0 && *w != facts.width).map(|width| (width, facts.height))
}

/// Colour where anything is known of it. Both codecs of Blu-ray are 4:2:0 there.
fn colour(facts: &Video, about: &About<'_>) -> Option<Colour> {
    let (mut given, hdr) = (facts.colour, about.hdr);
    let mut is_hdr10 = given.transfer == Some(16);
    if let Attributes::Video { range: Some(range), .. } = about.attributes {
        is_hdr10 |= range.dynamic_range == DynamicRange::Hdr10;
        if range.colour_space == 2 {
            given.primaries = given.primaries.or(Some(9));
            given.matrix = given.matrix.or(Some(9));
        }
        if range.dynamic_range == DynamicRange::Hdr10 {
            given.transfer = given.transfer.or(Some(16));
        }
    }
    let mastering = facts.mastering.map(|m| Mastering {
        red: m.primaries[0],
        green: m.primaries[1],
        blue: m.primaries[2],
        white: m.white,
        luminance_max: m.max_luminance,
        luminance_min: m.min_luminance,
    });
    let hdr = hdr.filter(|_| is_hdr10);
    let light = facts.light_level.or(hdr.map(|h| (h.max_content_light, h.max_frame_average_light)));
    let light = light.filter(|(cll, fall)| *cll != 0 || *fall != 0);
    let colour = Colour {
        matrix: given.matrix,
        transfer: given.transfer,
        primaries: given.primaries,
        full_range: given.full_range,
        bits: None,
        subsampling: None,
        siting: given.chroma_location.and_then(siting),
        max_cll: light.map(|(cll, _)| cll.into()),
        max_fall: light.map(|(_, fall)| fall.into()),
        mastering: mastering.or(hdr.map(of_table)),
    };
    let described = Colour { bits: Some(facts.bit_depth), subsampling: Some((1, 1)), ..colour };
    (colour != Colour::default()).then_some(described)
}

/// Mastering data of the playlist: primaries green, blue, red; the brightest white in whole candelas.
fn of_table(hdr: &StaticHdr) -> Mastering {
    let [green, blue, red] = hdr.primaries;
    Mastering {
        red,
        green,
        blue,
        white: hdr.white,
        luminance_max: u32::from(hdr.max_luminance) * 10_000,
        luminance_min: hdr.min_luminance.into(),
    }
}

/// Matroska's siting (across, down) of a chroma sample location type of H.265: 1 at the left or top, 2 half-way.
fn siting(location: u8) -> Option<(u8, u8)> {
    match location {
        0 => Some((1, 2)),
        1 => Some((2, 2)),
        2 => Some((1, 1)),
        3 => Some((2, 1)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests/track_entry.rs"]
mod tests;
