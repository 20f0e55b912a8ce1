use super::*;
use crate::bluray::clip::ep_map::EntryPoint;
use crate::bluray::fixture::Clpi;
use crate::bluray::stream_info::{Attributes, Coding, DynamicRange, HevcRange, VideoFormat};
use proptest::prelude::*;

#[test]
fn clocks_and_streams_are_read() {
    let clip = Clip::parse(&Clpi::film().build()).unwrap();
    assert_eq!((clip.packets, clip.bytes_per_second, clip.application), (300_000, 6_000_000, 1));
    let clocks: Vec<_> = clip.clocks.iter().map(|c| (c.stc_id, c.first_packet, c.end_packet, c.end.0)).collect();
    assert_eq!(clocks, [(0, 0, 200_000, 3 << 19), (1, 200_000, 300_000, 2 << 19)]);
    assert_eq!(clip.clock(1), Some(&clip.clocks[1]));
    assert_eq!(clip.clock(2), None);
    let video = clip.stream(0x1011).unwrap();
    assert_eq!(
        video.info.attributes,
        Attributes::Video {
            format: VideoFormat::P2160,
            rate: 1,
            aspect: Some(3),
            range: Some(HevcRange { dynamic_range: DynamicRange::Hdr10, colour_space: 2, hdr10_plus: true }),
        }
    );
    let audio = clip.stream(0x1100).unwrap();
    assert_eq!(audio.info.coding, Coding::Ac3);
    assert_eq!(audio.info.attributes.language().unwrap().code().as_deref(), Some("deu"));
}

#[test]
fn entry_points_join_coarse_and_fine() {
    let clip = Clip::parse(&Clpi::film().build()).unwrap();
    assert_eq!(clip.entry_points_error, None);
    let map = clip.entry_points_of(0x1011).unwrap();
    let points: Vec<_> = map.points.iter().map(|p| (p.time.0, p.packet)).collect();
    assert_eq!(
        points,
        [
            (2 << 18, 100),
            ((2 << 18) + (1000 << 8), 90_000),
            (4 << 18, 131_072 + 9_000),
            ((4 << 18) + (500 << 8), 131_072 + 60_000),
            (2 << 18, 131_072 + 70_000),
            ((2 << 18) + (2 << 8), 131_072 + 90_000),
        ]
    );
    assert_eq!(map.points[1].offset(), 90_000 * 192);
}

#[test]
fn lookups_stay_on_their_clock() {
    let clip = Clip::parse(&Clpi::film().build()).unwrap();
    let map = clip.entry_points_of(0x1011).unwrap();
    let (first, second) = (&clip.clocks[0], &clip.clocks[1]);
    assert_eq!(map.on(first).len(), 4);
    let packet = |p: Option<EntryPoint>| p.map(|p| p.packet);
    assert_eq!(packet(map.at_or_before(first, Ticks45(2 << 18))), Some(100));
    assert_eq!(packet(map.at_or_before(first, Ticks45((2 << 18) - 1))), None);
    assert_eq!(packet(map.at_or_before(first, Ticks45(u32::MAX / 2))), Some(131_072 + 60_000));
    assert_eq!(packet(map.at_or_before(second, Ticks45(u32::MAX / 2))), Some(131_072 + 90_000));
    assert_eq!(packet(map.behind(first, Ticks45(1 << 18), Ticks45(1 << 18))), Some(90_000));
    assert_eq!(packet(map.behind(first, Ticks45(u32::MAX / 2), Ticks45::ZERO)), None);
    assert_eq!(map.count_within(first, Ticks45(2 << 18), Ticks45(4 << 18)), 2);
    assert_eq!(map.count_within(second, Ticks45(0), Ticks45(u32::MAX / 2)), 2);
    assert_eq!(map.count_within(second, Ticks45(9), Ticks45(3)), 0);
}

#[test]
fn broken_entry_points_cost_only_the_lookups() {
    let mut clpi = Clpi::film();
    clpi.coarse[0].0 = 1;
    let clip = Clip::parse(&clpi.build()).unwrap();
    assert!(clip.entry_points.is_empty());
    let told = clip.entry_points_error.unwrap();
    assert_eq!(told.problem, "a fine entry point that no coarse one covers");
}

proptest! {
    #[test]
    fn no_change_of_a_clip_brings_the_parser_down(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>(), time: u32) {
        let (half, time) = (Ticks45(time / 2), Ticks45(time));
        let mut file = Clpi::film().build();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        for bytes in [&file[..], &file[..cut.index(file.len())]] {
            let Ok(clip) = Clip::parse(bytes) else { continue };
            for map in &clip.entry_points {
                for clock in &clip.clocks {
                    let _ = (map.at_or_before(clock, time), map.behind(clock, time, half), map.count_within(clock, half, time));
                }
            }
        }
    }
}
