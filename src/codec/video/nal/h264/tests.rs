use super::*;
use crate::base::time::Ticks90;
use crate::codec::recorder::{Kept, Recorder, split};
use crate::codec::{Lost, MAIN, Splitter, Stamp};
use proptest::prelude::*;

/// Writes bits into a NAL unit.
#[derive(Default)]
struct Writer {
    bits: Vec<bool>,
}

impl Writer {
    fn u(mut self, width: u32, value: u32) -> Self {
        self.bits.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        self
    }

    fn ue(self, value: u32) -> Self {
        let width = 32 - (value + 1).leading_zeros();
        self.u(width - 1, 0).u(width, value + 1)
    }

    /// The unit with its header byte and stop bit, escaped.
    fn nal(mut self, header: u8) -> Vec<u8> {
        self.bits.push(true);
        let mut nal = vec![header];
        for chunk in self.bits.chunks(8) {
            let byte = chunk.iter().enumerate().fold(0, |byte, (i, bit)| byte | u8::from(*bit) << (7 - i));
            if nal.ends_with(&[0, 0]) && byte <= 3 {
                nal.push(3);
            }
            nal.push(byte);
        }
        nal
    }
}

fn sps(frames_only: bool) -> Vec<u8> {
    let head = Writer::default().u(8, 77).u(8, 0).u(8, 40).ue(0).ue(0).ue(2).ue(1).u(1, 0).ue(119);
    let map_units = if frames_only { 67 } else { 33 };
    let size = head.ue(map_units).u(1, u32::from(frames_only));
    let size = if frames_only { size } else { size.u(1, 0) };
    // Cropped to 1080 lines; no VUI.
    let crop = if frames_only { 4 } else { 2 };
    size.u(1, 1).u(1, 1).ue(0).ue(0).ue(0).ue(crop).u(1, 0).nal(0x67)
}

fn pps() -> Vec<u8> {
    Writer::default().ue(0).ue(0).u(2, 0).nal(0x68)
}

const AUD: &[u8] = &[0x09, 0xF0];
const P: u32 = 5;
const I: u32 = 7;

fn slice(header: u8, first: u32, kind: u32, frame_num: u32, field: Option<bool>) -> Vec<u8> {
    let mut writer = Writer::default().ue(first).ue(kind).ue(0).u(4, frame_num);
    if let Some(bottom) = field {
        writer = writer.u(1, 1).u(1, u32::from(bottom));
    }
    writer.u(32, 0xDEAD_BEEF).nal(header)
}

fn recovery() -> Vec<u8> {
    vec![0x06, 6, 1, 0xC4, 0x80]
}

fn annexb(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter()
        .enumerate()
        .flat_map(|(i, nal)| [if i == 0 { &[0, 0, 0, 1][..] } else { &[0, 0, 1] }, nal].concat())
        .collect()
}

fn prefixed(nals: &[&[u8]]) -> Vec<u8> {
    nals.iter().flat_map(|nal| [&(nal.len() as u32).to_be_bytes()[..], nal].concat()).collect()
}

fn feed(units: &[(i64, Vec<u8>)], out: &mut Recorder) -> H264Splitter {
    let mut splitter = H264Splitter::new();
    for (pts, data) in units {
        packet(&mut splitter, *pts, data, out);
    }
    splitter.finish(out);
    splitter
}

fn packet(splitter: &mut H264Splitter, pts: i64, data: &[u8], out: &mut Recorder) {
    splitter.start(Stamp { pts: Some(Ticks90(pts)), dts: None }, None, out);
    splitter.payload(data);
    splitter.end(out);
}

fn times(frames: &[Kept]) -> Vec<i64> {
    frames.iter().map(|f| f.pts).collect()
}

#[test]
fn pictures_end_where_the_next_begins_and_lose_no_byte() {
    let idr = [AUD, &sps(true), &pps(), &slice(0x65, 0, I, 0, None), &slice(0x65, 50, I, 0, None)].map(<[u8]>::to_vec);
    let idr: Vec<&[u8]> = idr.iter().map(Vec::as_slice).collect();
    let b = slice(0x01, 0, 6, 1, None);
    let mut out = Recorder::default();
    // Zeros behind a unit belong to nobody.
    let first = [annexb(&idr), vec![0; 7]].concat();
    let splitter = feed(&[(1000, first), (4000, annexb(&[AUD, &b]))], &mut out);
    assert_eq!(times(&out.frames), [1000, 4000]);
    assert_eq!(out.frames[0].bytes, prefixed(&idr));
    assert_eq!(out.frames[1].bytes, prefixed(&[AUD, &b]));
    assert_eq!((out.frames[0].key, out.frames[0].discardable), (true, false));
    assert_eq!((out.frames[1].key, out.frames[1].discardable), (false, true));
    let facts = splitter.facts(MAIN).unwrap();
    let video = facts.video.as_ref().unwrap();
    assert_eq!((video.width, video.height, video.interlaced), (1920, 1080, false));
    let mut record = vec![1, 77, 0, 40, 0xFF, 0xE1, 0, sps(true).len() as u8];
    record.extend(sps(true));
    record.extend([1, 0, pps().len() as u8]);
    record.extend(pps());
    assert_eq!(facts.private, record);
}

#[test]
fn two_fields_are_one_frame_with_the_stamp_of_the_first() {
    let field = |header, num, bottom| slice(header, 0, if header == 0x65 { I } else { P }, num, Some(bottom));
    let units = [
        (0, annexb(&[AUD, &sps(false), &pps(), &field(0x65, 0, false)])),
        (1800, annexb(&[AUD, &field(0x61, 0, true)])),
        (3600, annexb(&[AUD, &field(0x61, 1, false)])),
        (5400, annexb(&[AUD, &field(0x61, 1, true)])),
        // Same parity again: a lone field, and the next frame.
        (7200, annexb(&[AUD, &field(0x61, 2, false)])),
        (9000, annexb(&[AUD, &field(0x61, 3, false)])),
    ];
    let mut out = Recorder::default();
    let splitter = feed(&units, &mut out);
    assert_eq!(times(&out.frames), [0, 3600, 7200, 9000]);
    let video = splitter.facts(MAIN).unwrap().video.clone().unwrap();
    assert_eq!((video.height, video.interlaced, video.top_field_first), (1080, true, Some(true)));
}

#[test]
fn pictures_are_told_apart_without_delimiters_and_within_one_packet() {
    let parts = [sps(true), pps(), slice(0x65, 0, I, 0, None), slice(0x65, 9, I, 0, None), slice(0x61, 0, P, 1, None)];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let mut out = Recorder::default();
    feed(&[(0, annexb(&parts))], &mut out);
    assert_eq!(out.frames.len(), 2);
    assert_eq!(out.frames[1].bytes, prefixed(&parts[4..]));
}

/// IDR, P, then an open key frame with a leading picture, then P.
fn open_gop() -> Vec<(i64, Vec<u8>)> {
    let open_key = [AUD, &recovery(), &slice(0x61, 0, I, 2, None)].map(<[u8]>::to_vec);
    let open_key: Vec<&[u8]> = open_key.iter().map(Vec::as_slice).collect();
    vec![
        (0, annexb(&[AUD, &sps(true), &pps(), &slice(0x65, 0, I, 0, None)])),
        (3600, annexb(&[AUD, &slice(0x61, 0, P, 1, None)])),
        (10_800, annexb(&open_key)),
        (7200, annexb(&[AUD, &slice(0x01, 0, 6, 3, None)])),
        (14_400, annexb(&[AUD, &slice(0x61, 0, P, 3, None)])),
    ]
}

#[test]
fn a_recovery_point_with_intra_slices_is_a_key_and_what_precedes_it_in_time_leads() {
    let mut out = Recorder::default();
    feed(&open_gop(), &mut out);
    let keys: Vec<bool> = out.frames.iter().map(|f| f.key).collect();
    let leading: Vec<bool> = out.frames.iter().map(|f| f.leading).collect();
    assert_eq!(keys, [true, false, true, false, false]);
    assert_eq!(leading, [false, false, false, true, false]);
}

#[test]
fn behind_a_loss_it_goes_on_at_a_key_without_its_leading_pictures() {
    let units = open_gop();
    let mut splitter = H264Splitter::new();
    let mut out = Recorder::default();
    packet(&mut splitter, 0, &units[0].1, &mut out);
    // The unit under way is cut: the one before it is whole, it is not.
    splitter.start(Stamp { pts: Some(Ticks90(3600)), dts: None }, None, &mut out);
    splitter.payload(&units[1].1[..12]);
    splitter.discontinuity(&mut out);
    for (pts, data) in &units[1..] {
        packet(&mut splitter, *pts, data, &mut out);
    }
    splitter.finish(&mut out);
    assert_eq!(times(&out.frames), [0, 10_800, 14_400]);
    assert_eq!(out.lost, [Lost { track: MAIN, from: Some(Ticks90(0)), until: Some(Ticks90(10_800)) }]);
}

/// A sequence set of another size under another id.
fn other_sps() -> Vec<u8> {
    let head = Writer::default().u(8, 77).u(8, 0).u(8, 30).ue(1).ue(0).ue(2).ue(1).u(1, 0).ue(19).ue(9);
    head.u(1, 1).u(1, 1).u(1, 0).u(1, 0).nal(0x67)
}

#[test]
fn a_set_that_no_slice_uses_counts_for_nothing() {
    let other_pps = Writer::default().ue(1).ue(1).u(2, 0).nal(0x68);
    let parts = [other_sps(), other_pps, sps(true), pps(), slice(0x65, 0, I, 0, None)];
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let mut out = Recorder::default();
    let facts = feed(&[(0, annexb(&parts))], &mut out).facts(MAIN).cloned().unwrap();
    assert_eq!(facts.video.map(|video| video.width), Some(1920));
    assert_eq!(facts.private[5..8], [0xE1, 0, sps(true).len() as u8]);
    assert_eq!(facts.private[8..][..sps(true).len()], sps(true));
}

#[test]
fn a_key_frame_has_the_sets_that_it_needs_behind_its_delimiter() {
    let changed = Writer::default().ue(0).ue(0).u(2, 3).nal(0x68);
    let key = |num| slice(0x65, 0, I, num, None);
    let units = [
        (0, annexb(&[AUD, &sps(true), &pps(), &key(0)])),
        (3600, annexb(&[AUD, &changed, &slice(0x61, 0, P, 1, None)])),
        (7200, annexb(&[AUD, &key(0)])),
        (10_800, annexb(&[&sps(true), &key(0)])),
    ];
    let mut out = Recorder::default();
    feed(&units, &mut out);
    assert_eq!(out.frames[1].bytes, prefixed(&[AUD, &changed, &slice(0x61, 0, P, 1, None)]));
    assert_eq!(out.frames[2].bytes, prefixed(&[AUD, &sps(true), &changed, &key(0)]));
    assert_eq!(out.frames[3].bytes, prefixed(&[&changed, &sps(true), &key(0)]));
}

#[test]
fn an_intra_picture_with_sets_opens_a_stream_that_marks_no_entry() {
    let open = |num| annexb(&[AUD, &sps(true), &pps(), &slice(0x61, 0, I, num, None)]);
    let bare = annexb(&[AUD, &slice(0x61, 0, I, 1, None)]);
    let units = [
        (0, annexb(&[AUD, &slice(0x61, 0, P, 0, None)])),
        (7200, open(0)),
        (3600, annexb(&[AUD, &slice(0x01, 0, 6, 1, None)])),
        (10_800, bare),
        (14_400, annexb(&[AUD, &sps(true), &pps(), &slice(0x65, 0, I, 0, None)])),
        (18_000, open(1)),
    ];
    let mut out = Recorder::default();
    feed(&units, &mut out);
    assert_eq!(times(&out.frames), [7200, 3600, 10_800, 14_400, 18_000]);
    // Once the stream has marked an entry, it is believed to mark all.
    assert_eq!(out.frames.iter().map(|f| f.key).collect::<Vec<_>>(), [true, false, false, true, false]);
    assert!(out.frames[1].leading);
}

#[test]
fn only_pictures_that_are_interlaced_make_a_track_interlaced() {
    let whole = |header, num| {
        // field_pic_flag 0.
        Writer::default().ue(0).ue(I).ue(0).u(4, num).u(1, 0).u(32, 0xDEAD_BEEF).nal(header)
    };
    let video = |picture: &[u8]| {
        let mut out = Recorder::default();
        let splitter = feed(&[(0, annexb(&[AUD, &sps(false), &pps(), picture]))], &mut out);
        splitter.facts(MAIN).and_then(|facts| facts.video.clone()).unwrap()
    };
    assert_eq!((video(&whole(0x65, 0)).height, video(&whole(0x65, 0)).interlaced), (1080, false));
    assert!(video(&slice(0x65, 0, I, 0, Some(true))).interlaced);
}

#[test]
fn no_track_without_parameter_sets() {
    let mut out = Recorder::default();
    let splitter = feed(&[(0, annexb(&[AUD, &slice(0x65, 0, I, 0, None)]))], &mut out);
    assert_eq!((&out.frames[..], &out.lost[..]), (&[][..], &[][..]));
    assert_eq!(out.undecodable, [Lost { track: MAIN, from: Some(Ticks90(0)), until: None }]);
    assert_eq!(splitter.facts(MAIN), None);
}

proptest! {
    #[test]
    fn the_cut_does_not_matter_even_in_damaged_streams(
        flips in prop::collection::vec((0usize..500, any::<u8>()), 0..6),
        a in 1usize..80, b in 1usize..80,
    ) {
        let mut data: Vec<u8> = open_gop().into_iter().flat_map(|(_, unit)| unit).collect::<Vec<_>>().repeat(3);
        let size = data.len();
        for (at, value) in flips { data[at % size] ^= value; }
        let run = |packet| split(&mut H264Splitter::new(), &data, packet);
        prop_assert_eq!(run(a), run(b));
    }

    #[test]
    fn mutated_parameter_sets_do_no_harm(tail in prop::collection::vec(any::<u8>(), 0..60), high in any::<bool>()) {
        let mut data = vec![0, 0, 1, 0x67, if high { 100 } else { 77 }, 0, 40];
        data.extend(&tail);
        data.extend(annexb(&[&pps(), &slice(0x65, 0, I, 0, None)]));
        split(&mut H264Splitter::new(), &data, 1000);
    }
}
