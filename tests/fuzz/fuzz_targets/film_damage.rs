//! Any bytes as clip information, with holes placed in its stream file.
//!
//! The first 8 bytes are IN and OUT of a part, the next 32 two holes, the rest is the clip information.
#![no_main]

use freemkv::base::time::{Ticks45, Ticks90};
use freemkv::bluray::clip::clpi::Clip;
use freemkv::demux::m2ts::Layout;
use freemkv::title::bluray::damage::HurtClip;
use freemkv::title::clock::PartClock;
use freemkv::title::damage::Holes;
use freemkv::title::model::{Join, Packets, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((head, table)) = data.split_at_checked(40) else { return };
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let long = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
    let holes = Holes::Bytes(vec![long(8)..long(16), long(24)..long(32)]);
    let clip = Clip::parse(table).ok();
    for stc_id in [0, 1, 255] {
        let part = Part {
            pieces: Vec::new(),
            packets: Packets::Transport { layout: Layout::M2ts, on_grid: true },
            clock: PartClock::new(stc_id, Ticks45(word(0)).into()..Ticks45(word(4)).into(), Ticks90::SECOND),
            join: Join::Break,
            entry_points: 0,
        };
        let spans = HurtClip::new(&holes, clip.as_ref()).spans(&part);
        assert!(spans.iter().all(|s| part.clock.start() <= s.start && s.end <= part.clock.end()));
        assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
    }
});
