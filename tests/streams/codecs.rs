//! Clips of codecs that free authoring tools do not make: what the manifests say of them comes out.

use std::sync::Arc;

use freemkv::codec::{self, Characters, Codec, Enhancement, MAIN, Splitter, Stamp};
use freemkv::demux::m2ts::{Demux, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink};
use freemkv::fs::{MemorySectors, open_disc};
use serde_json::Value;

use crate::md5;
use crate::support::{Recorder, Track, Tracks};
use crate::testing::test_data;

/// A stream file of a disc.
fn clip(disc: &str, name: &str) -> Option<Vec<u8>> {
    let image = std::fs::read(test_data()?.join(format!("discs/{disc}.iso"))).unwrap();
    let fs = open_disc(Arc::new(MemorySectors::new(image))).unwrap();
    Some(fs.read_whole(&format!("BDMV/STREAM/{name}.m2ts"), 64 << 20).unwrap())
}

/// The tracks of a title.
fn tracks(disc: &str, id: &str) -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(test_data()?.join(format!("discs/{disc}.json"))).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let title = manifest["titles"].as_array().unwrap().iter().find(|t| t["id"] == id).unwrap();
    Some(title["tracks"].as_array().unwrap().clone())
}

fn pid(track: &Value) -> u16 {
    u16::try_from(track["pid"].as_u64().unwrap()).unwrap()
}

/// One stream of a clip through the splitter of `codec`.
fn run(data: &[u8], pid: u16, codec: Codec) -> Track {
    let mut demux = Demux::new(Layout::M2ts, 0);
    demux.select(pid).unwrap();
    let splitter = codec::splitter(codec).unwrap();
    let mut tracks = Tracks { tracks: vec![Track { pid, splitter, out: Recorder::default() }], losses: Vec::new() };
    demux.push(data, &mut tracks);
    demux.finish(&mut tracks);
    tracks.finish();
    assert_eq!(tracks.losses, []);
    tracks.tracks.pop().unwrap()
}

/// Times in the order of showing, from the first on.
fn shown(out: &Recorder) -> Value {
    let mut times: Vec<i64> = out.frames.iter().map(|f| f.pts).collect();
    times.sort_unstable();
    times.iter().map(|time| time - times[0]).collect()
}

fn sums(units: impl Iterator<Item = Vec<u8>>) -> String {
    units.map(|unit| md5::hex(&unit)[..8].to_owned()).collect()
}

#[test]
fn every_sample_of_blu_ray_comes_out() {
    for title in ["00001", "00002"] {
        let (Some(truths), Some(data)) = (tracks("bd-codecs", title), clip("bd-codecs", title)) else { return };
        for truth in &truths[1..] {
            let track = run(&data, pid(truth), Codec::Pcm);
            let audio = track.facts(MAIN).audio.unwrap();
            assert_eq!((&truth["channels"], &truth["rate"]), (&audio.channels.into(), &audio.sample_rate.into()));
            let width = usize::from(audio.bit_depth.unwrap()) / 8;
            let mut wide = Vec::new();
            for sample in track.out.frames.iter().flat_map(|f| f.bytes.chunks(width)) {
                wide.resize(wide.len() + 4 - width, 0);
                wide.extend(sample);
            }
            assert_eq!(truth["samples"], wide.len() / 4 / usize::from(audio.channels));
            assert_eq!(truth["decoded_md5"], md5::hex(&wide).as_str(), "{title} {:#x}", pid(truth));
        }
    }
}

#[test]
fn pictures_of_mpeg_2_and_vc_1_come_out_with_their_times() {
    for (title, codec) in [("00005", Codec::Mpeg2Video), ("00006", Codec::Vc1), ("00009", Codec::Vc1)] {
        let (Some(truths), Some(data)) = (tracks("bd-codecs", title), clip("bd-codecs", title)) else { return };
        let truth = &truths[0];
        let track = run(&data, pid(truth), codec);
        assert_eq!(truth["units"], track.out.frames.len());
        assert_eq!(truth["pts"], shown(&track.out));
        let facts = track.facts(MAIN);
        let video = facts.video.as_ref().unwrap();
        assert_eq!((&truth["width"], &truth["height"]), (&video.width.into(), &video.height.into()));
        assert_eq!(truth["interlaced"], video.interlaced);
        let rate = video.frame_rate.map(|rate| format!("{}/{}", rate.num, rate.den));
        assert_eq!(truth["fps"].as_str(), rate.as_deref());
        let keys = track.out.frames.iter().filter(|f| f.key).count();
        assert!(keys > 0 && keys < track.out.frames.len() && track.out.frames[0].key || title == "00009", "{title}");
        if codec == Codec::Vc1 {
            let whole = track.out.bytes(MAIN);
            let starts: Vec<usize> = memchr::memmem::find_iter(&whole, &[0, 0, 1]).chain([whole.len()]).collect();
            let units = starts.windows(2).map(|pair| &whole[pair[0]..pair[1]]);
            let coded: Vec<u8> = units
                .filter(|unit| matches!(unit[3], 0x0B..=0x0D))
                .flat_map(|unit| &unit[..=unit.iter().rposition(|b| *b != 0).unwrap()])
                .copied()
                .collect();
            assert_eq!(truth["vcl_md5"], md5::hex(&coded).as_str());
        }
    }
}

#[test]
fn text_comes_out_as_text_and_as_segments() {
    let (Some(truths), Some(data)) = (tracks("bd-codecs", "00007"), clip("bd-codecs", "00107")) else { return };
    let truth = &truths[2];
    let text = run(&data, pid(truth), Codec::Text(Characters::Utf8));
    let lines: Value = text
        .out
        .frames
        .iter()
        .map(|f| std::str::from_utf8(&f.bytes).unwrap().split('\n').collect::<Vec<_>>())
        .collect();
    assert_eq!(truth["text"], lines);
    let durations: Value = text.out.frames.iter().map(|f| f.duration.unwrap()).collect();
    assert_eq!(truth["durations"], durations);
    let starts: Vec<i64> = text.out.frames.iter().map(|f| f.pts).collect();
    let wanted: Vec<i64> = truth["pts"].as_array().unwrap().iter().map(|t| t.as_i64().unwrap()).collect();
    assert!(starts.iter().zip(&wanted).all(|(a, b)| a - starts[0] == b - wanted[0]), "{starts:?}");
    let segments = run(&data, pid(truth), Codec::TextSt);
    assert_eq!(truth["unit_md5"], sums(segments.out.frames.iter().map(|f| f.bytes.clone())).as_str());
    let style: String = segments.facts(MAIN).private.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(truth["style_hex"], style.as_str());
}

/// Both streams of a picture.
struct Layers {
    splitter: Box<dyn Splitter>,
    out: Recorder,
}

const BASE: u8 = 0;

impl Sink for Layers {
    fn start(&mut self, stream: u8, head: &PesHead) {
        let stamp = Stamp { pts: head.pts, dts: head.dts };
        match stream {
            BASE => self.splitter.start(stamp, head.extension, &mut self.out),
            _ => self.splitter.enhancement(Enhancement::Start(stamp), &mut self.out),
        }
    }

    fn payload(&mut self, stream: u8, bytes: &[u8]) {
        match stream {
            BASE => self.splitter.payload(bytes),
            _ => self.splitter.enhancement(Enhancement::Payload(bytes), &mut self.out),
        }
    }

    fn end(&mut self, stream: u8) {
        match stream {
            BASE => self.splitter.end(&mut self.out),
            _ => self.splitter.enhancement(Enhancement::End, &mut self.out),
        }
    }

    fn lost(&mut self, stream: u8, loss: Loss) {
        panic!("stream {stream}: {loss:?}");
    }
}

/// The units of a frame without their lengths.
fn units(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    while let Some((size, rest)) = bytes.split_first_chunk() {
        let (unit, rest) = rest.split_at(u32::from_be_bytes(*size) as usize);
        units.push(unit);
        bytes = rest;
    }
    units
}

fn kind(unit: &[u8]) -> u8 {
    unit[0] >> 1 & 0x3F
}

fn of_kind(frames: &Recorder, wanted: u8) -> String {
    let metadata =
        |bytes: &[u8]| units(bytes).into_iter().filter(|unit| kind(unit) == wanted).collect::<Vec<_>>().concat();
    sums(frames.frames.iter().map(|f| metadata(&f.bytes)))
}

#[test]
fn both_layers_of_dolby_vision_are_in_every_frame() {
    let (Some(truths), Some(data)) = (tracks("uhd-dv", "00001"), clip("uhd-dv", "00001")) else { return };
    let truth = &truths[0]["dovi"];
    let splitter = codec::layered_splitter(Codec::Hevc).unwrap();
    let mut layers = Layers { splitter, out: Recorder::default() };
    let mut demux = Demux::new(Layout::M2ts, 0);
    for (stream, pid) in [0x1011, 0x1015].into_iter().enumerate() {
        assert_eq!(demux.select(pid).map(usize::from), Some(stream));
    }
    demux.push(&data, &mut layers);
    demux.finish(&mut layers);
    layers.splitter.finish(&mut layers.out);
    assert_eq!(truths[0]["units"], layers.out.frames.len());
    assert_eq!(truth["rpu_md5"], of_kind(&layers.out, 62).as_str());
    let slices = layers.out.frames.iter().map(|frame| {
        let wrapped = units(&frame.bytes).into_iter().filter(|unit| kind(unit) == 63).map(|unit| &unit[2..]);
        wrapped.filter(|unit| kind(unit) < 32).collect::<Vec<_>>().concat()
    });
    assert_eq!(truth["el_vcl_md5"], sums(slices).as_str());
    assert!(layers.out.frames.iter().all(|f| units(&f.bytes).last().is_some_and(|unit| kind(unit) == 62)));
    let found = layers.splitter.facts(MAIN).unwrap().video.as_ref().unwrap().dolby_vision.unwrap();
    assert_eq!((&truth["profile"], &truth["level"]), (&found.profile.into(), &found.level.into()));
    assert_eq!((&truth["compat"], found.has_enhancement), (&found.compatibility.into(), true));
}

#[test]
fn metadata_in_the_one_stream_shows_its_profile() {
    let (Some(truths), Some(data)) = (tracks("uhd-dv", "00002"), clip("uhd-dv", "00002")) else { return };
    let truth = &truths[0]["dovi"];
    let track = run(&data, 0x1011, Codec::Hevc);
    assert_eq!(truth["rpu_md5"], of_kind(&track.out, 62).as_str());
    let video = track.facts(MAIN).video.as_ref().unwrap();
    let found = video.dolby_vision.unwrap();
    assert_eq!((&truth["profile"], &truth["level"]), (&found.profile.into(), &found.level.into()));
    assert_eq!((&truth["compat"], found.has_enhancement), (&found.compatibility.into(), false));
    assert!(video.hdr10_plus);
}

#[test]
fn samples_of_other_projects_show_what_they_carry() {
    let Some(folder) = test_data() else { return };
    let video = |name: &str| {
        let data = std::fs::read(folder.join("samples").join(name)).unwrap();
        let mut splitter = codec::splitter(Codec::Hevc).unwrap();
        let mut out = Recorder::default();
        splitter.start(Stamp { pts: Some(freemkv::base::time::Ticks90::ZERO), dts: None }, None, &mut out);
        splitter.payload(&data);
        splitter.finish(&mut out);
        splitter.facts(MAIN).unwrap().video.clone().unwrap()
    };
    let carried = |name: &str| video(name).dolby_vision.map(|found| (found.profile, found.has_enhancement));
    assert_eq!(carried("dolby-vision/no_aud_muxed.hevc"), Some((7, true)));
    assert_eq!(carried("dolby-vision/regular_start_code_4_muxed_el.hevc"), Some((7, true)));
    assert_eq!(carried("dolby-vision/regular.hevc"), Some((8, false)));
    assert_eq!(carried("dolby-vision/sei-suffix-muxed-rpu.hevc"), Some((7, false)));
    assert_eq!(carried("dolby-vision/no_aud_bl.hevc"), None);
    assert!(video("hdr10plus/regular.hevc").hdr10_plus);
    assert!(!video("hdr10plus/regular_bl_start_code_4.hevc").hdr10_plus);
}
