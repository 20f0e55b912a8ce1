//! Any bytes as clip information; every lookup of its entry points.
#![no_main]

use freemkv::base::time::Ticks45;
use freemkv::bluray::clip::clpi::Clip;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(clip) = Clip::parse(data) else { return };
    for map in &clip.entry_points {
        for clock in &clip.clocks {
            for time in [Ticks45::ZERO, clock.start, clock.end, Ticks45::MAX] {
                let _ = (map.at_or_before(clock, time), map.behind(clock, time, time));
                let _ = map.count_within(clock, clock.start, time);
            }
        }
    }
});
