//! Packs of DVD-Video through the splitters: what lies on the test discs comes out, with the times that it is shown at.

use std::sync::Arc;

use freemkv::codec::{self, Codec, MAIN, Rational, Splitter, Stamp};
use freemkv::demux::pes::{self, Parsed};
use freemkv::fs::{MemorySectors, open_disc};
use serde_json::Value;

use crate::md5;
use crate::support::Recorder;
use crate::testing::test_data;

const SECTOR: usize = 2048;
const PACK_HEAD: usize = 14;
const VIDEO: u8 = 0xE0;
const PRIVATE: u8 = 0xBD;

/// The tracks of a title of a disc, and the VOB of its title set.
fn title(disc: &str, id: &str) -> Option<(Vec<Value>, Vec<u8>)> {
    let folder = test_data()?.join("discs");
    let text = std::fs::read_to_string(folder.join(format!("{disc}.json"))).unwrap();
    let manifest: Value = serde_json::from_str(&text).unwrap();
    let title = manifest["titles"].as_array().unwrap().iter().find(|t| t["id"] == id).unwrap();
    let image = std::fs::read(folder.join(format!("{disc}.iso"))).unwrap();
    let fs = open_disc(Arc::new(MemorySectors::new(image))).unwrap();
    let set = title["source"].as_str().unwrap().split(' ').next().unwrap();
    let file = fs.open(&format!("VIDEO_TS/{set}_1.VOB")).unwrap();
    let mut vob = vec![0; usize::try_from(file.length()).unwrap()];
    assert_eq!(fs.read_at(&file, 0, &mut vob).unwrap(), vob.len());
    Some((title["tracks"].as_array().unwrap().clone(), vob))
}

/// Packets of a stream, by their id and that of the private stream: stamp and payload behind the ids.
fn packets(vob: &[u8], id: u8, private: Option<u8>) -> Vec<(Stamp, &[u8])> {
    let mut packets = Vec::new();
    for sector in vob.chunks_exact(SECTOR) {
        let mut at = PACK_HEAD;
        while let Some(packet) = sector.get(at..).filter(|rest| rest.len() > 6) {
            let size = 6 + usize::from(u16::from_be_bytes([packet[4], packet[5]]));
            let packet = &packet[..size.min(packet.len())];
            at += size;
            let Parsed::Head(head, start) = pes::parse(packet) else { continue };
            let payload = match (head.stream_id == id, private) {
                (true, None) => &packet[start..],
                (true, Some(private)) if packet[start] == private => &packet[start + 1..],
                _ => continue,
            };
            packets.push((Stamp { pts: head.pts, dts: head.dts }, payload));
        }
    }
    packets
}

fn split(codec: Codec, packets: &[(Stamp, &[u8])]) -> (Box<dyn Splitter>, Recorder) {
    let mut splitter = codec::splitter(codec).unwrap();
    let mut out = Recorder::default();
    for (stamp, payload) in packets {
        splitter.start(*stamp, None, &mut out);
        splitter.payload(payload);
        splitter.end(&mut out);
    }
    splitter.finish(&mut out);
    (splitter, out)
}

/// Times of the pictures, as they are shown, from the first on.
fn shown(out: &Recorder) -> Vec<i64> {
    let mut times: Vec<i64> = out.frames.iter().map(|f| f.pts).collect();
    times.sort_unstable();
    let first = times[0];
    times.iter().map(|time| time - first).collect()
}

#[test]
fn pictures_of_dvds_come_out_whole_and_in_time_however_few_stamps_there_are() {
    for (disc, id) in
        [("dvd-ntsc", "1"), ("dvd-ntsc", "3"), ("dvd-lpcm", "1"), ("dvd-lpcm", "2"), ("dvd-pal-multi", "1")]
    {
        let Some((tracks, vob)) = title(disc, id) else { return };
        let truth = &tracks[0];
        let all = packets(&vob, VIDEO, None);
        // Every VOBU begins with a stamp; all others are left out.
        let few = all.iter().map(|(stamp, data)| {
            let opens = data.starts_with(&[0, 0, 1, 0xB3]);
            (if opens { *stamp } else { Stamp::default() }, *data)
        });
        let few: Vec<_> = few.collect();
        let (splitter, out) = split(Codec::Mpeg2Video, &all);
        let bytes: Vec<u8> = all.iter().flat_map(|(_, data)| data.iter().copied()).collect();
        assert!(out.frames.iter().flat_map(|f| f.bytes.iter()).eq(&bytes), "{disc} {id}");
        assert_eq!(splitter.facts(MAIN).unwrap().codec, Codec::Mpeg2Video);
        let (_, derived) = split(Codec::Mpeg2Video, &few);
        for (a, b) in out.frames.iter().zip(&derived.frames) {
            assert!(a.pts.abs_diff(b.pts) <= 1, "{disc} {id}: {} {}", a.pts, b.pts);
        }
        assert_eq!((out.lost.len(), derived.lost.len()), (0, 0));
        if id == "1" && disc == "dvd-pal-multi" {
            continue;
        }
        assert_eq!(truth["units"], out.frames.len());
        let wanted: Vec<i64> = truth["pts"].as_array().unwrap().iter().map(|t| t.as_i64().unwrap()).collect();
        let times = shown(&out);
        assert!(wanted.iter().zip(&times).all(|(a, b)| a.abs_diff(*b) <= 2), "{disc} {id}: {wanted:?} {times:?}");
    }
}

#[test]
fn film_with_repeated_fields_has_the_rate_of_film() {
    let Some((_, vob)) = title("dvd-ntsc", "3") else { return };
    let (splitter, out) = split(Codec::Mpeg2Video, &packets(&vob, VIDEO, None));
    let video = splitter.facts(MAIN).unwrap().video.clone().unwrap();
    assert_eq!(video.frame_rate, Some(Rational { num: 24_000, den: 1001 }));
    assert_eq!(video.sample_aspect, Some(Rational { num: 32, den: 27 }));
    assert!(!video.interlaced);
    assert!(out.frames[0].key);
}

#[test]
fn samples_of_dvds_come_out_as_they_went_in() {
    for (disc, id, first) in [("dvd-lpcm", "1", 1), ("dvd-lpcm", "2", 1), ("dvd-lpcm", "3", 1), ("dvd-ntsc", "1", 3)] {
        let Some((tracks, vob)) = title(disc, id) else { return };
        for truth in tracks[first..].iter().filter(|track| track["codec"] == "lpcm") {
            let stream = u8::try_from(truth["stream_id"].as_u64().unwrap()).unwrap();
            let (splitter, out) = split(Codec::DvdPcm, &packets(&vob, PRIVATE, Some(stream)));
            let audio = splitter.facts(MAIN).unwrap().audio.unwrap();
            let bits = truth["bits"].as_u64().unwrap();
            assert_eq!(audio.bit_depth, u8::try_from(bits).ok(), "{disc} {id}");
            assert_eq!((&truth["channels"], &truth["rate"]), (&audio.channels.into(), &audio.sample_rate.into()));
            let width = usize::try_from(bits).unwrap() / 8;
            let mut wide = Vec::new();
            for sample in out.frames.iter().flat_map(|f| f.bytes.chunks(width)) {
                wide.resize(wide.len() + 4 - width, 0);
                wide.extend(sample);
            }
            assert_eq!(truth["samples"], wide.len() / 4 / usize::from(audio.channels));
            assert_eq!(truth["decoded_md5"], md5::hex(&wide).as_str(), "{disc} {id} {stream:#x}");
            let first = out.frames[0].pts;
            for (n, frame) in out.frames.iter().enumerate() {
                assert!((frame.pts - first).abs_diff(n as i64 * 600) <= 1);
            }
        }
    }
}
