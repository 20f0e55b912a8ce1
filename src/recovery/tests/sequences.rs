//! What the strategies do on a few discs that fit on a page. Numbers are ECC units.

use super::disc::Disc;
use super::random::params;
use super::rescue::Rescue;
use crate::mapfile::status::{Phase, StatusLine};

const UNIT: u64 = 16;

/// A disc of 1000 units of which these are dead, swept by commands of 4 units.
fn disc(dead: impl IntoIterator<Item = usize>) -> Rescue {
    let mut disc = Disc::new(UNIT, 1000 * UNIT);
    for unit in dead {
        disc.units[unit] = 0.0;
    }
    let mut params = params(UNIT, 64);
    params.hot_zone = 8 * UNIT;
    Rescue::new(disc, params)
}

/// The commands so far, and forgets them: neighbours that worked are one entry `a-b`, a failure
/// is `!a`, or `!a+n` after n units that came; commands past the cache are `a^`.
fn told(rescue: &mut Rescue) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut open: Option<(u64, u64)> = None;
    for c in rescue.commands.drain(..) {
        let (start, end) = (c.range.start() / UNIT, c.range.end() / UNIT);
        if c.delivered == c.range.len() && !c.fua {
            open = match open {
                Some((a, b)) if b == start => Some((a, end)),
                _ => {
                    words.extend(open.map(|(a, b)| format!("{a}-{b}")));
                    Some((start, end))
                }
            };
            continue;
        }
        words.extend(open.take().map(|(a, b)| format!("{a}-{b}")));
        let mark = if c.delivered == c.range.len() { "" } else { "!" };
        let came = if c.delivered > 0 && !mark.is_empty() { format!("+{}", c.delivered / UNIT) } else { String::new() };
        words.push(format!("{mark}{start}{came}{}", if c.fua { "^" } else { "" }));
    }
    words.extend(open.map(|(a, b)| format!("{a}-{b}")));
    words.join(" ")
}

#[test]
fn a_sweep_leaves_a_solid_band_by_growing_jumps() {
    let mut rescue = disc(100..150);
    rescue.sweep(usize::MAX);
    // The long command fails as a whole, 4 units; jumps of 1, 4, 16 and then the cap of 20 units.
    assert_eq!(told(&mut rescue), "0-100 !100 !105 !110 !127 !148 169-1000");
    assert_eq!(rescue.line, StatusLine { position: 0, phase: Phase::Copying, pass: 2 });
}

#[test]
fn a_patch_returns_to_the_band_in_strides_and_reads_its_core_last() {
    let mut rescue = disc(100..150);
    rescue.sweep(usize::MAX);
    rescue.commands.clear();
    rescue.patch(1, 11);
    // Strides of 8, then 16 (it meets 149 at once), then from 2 again; the rest forward; the
    // four units of the long command one by one; one retry.
    assert_eq!(told(&mut rescue), "161-169 !149 159-161");
    rescue.patch(1, usize::MAX);
    let dead = |range: std::ops::Range<u64>, mark| range.map(|u| format!("!{u}{mark}")).collect::<Vec<_>>().join(" ");
    let core: Vec<String> = (104..148).filter(|u| ![105, 110, 127].contains(u)).map(|u| format!("!{u}")).collect();
    let (split, retry) = (dead(100..104, ""), dead(100..150, "^"));
    assert_eq!(told(&mut rescue), format!("151-159 150-151 {} {split} {retry}", core.join(" ")));
    assert_eq!(rescue.line, StatusLine { position: 0, phase: Phase::Finished, pass: 1 });
}

#[test]
fn a_comb_is_crossed_in_few_failures_and_then_read_from_its_far_end() {
    let mut rescue = disc((100..140).step_by(4));
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "0-100 !100 105-108 !108 113-116 !116 121-124 !124 129-132 !132 137-1000");
    rescue.patch(1, usize::MAX);
    let retry = "!100^ !104^ !108^ !112^ !116^ !120^ !124^ !128^ !132^ !136^";
    let delimit = "133-136 !136 125-128 !128 117-120 !120 109-112 !112 !104";
    assert_eq!(told(&mut rescue), format!("{delimit} !100 101-104 {retry}"));
}

#[test]
fn a_prefix_tells_which_unit_failed_and_those_behind_it_were_not_tried() {
    let mut rescue = disc([502]);
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "0-500 !500+2 504-1000");
    rescue.patch(1, usize::MAX);
    assert_eq!(told(&mut rescue), "503-504 !502 !502^");
}

#[test]
fn an_interrupted_sweep_goes_on_at_its_position_and_a_finished_one_begins_again() {
    let mut rescue = disc([200, 700]);
    rescue.sweep(60);
    assert_eq!(told(&mut rescue), "0-200 !200 205-217");
    assert_eq!(rescue.line, StatusLine { position: 217 * UNIT * 2048, phase: Phase::Copying, pass: 1 });
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "217-697 !697+3 702-1000");
    rescue.sweep(usize::MAX);
    assert_eq!(told(&mut rescue), "204-205 701-702");
    assert_eq!(rescue.line, StatusLine { position: 0, phase: Phase::Trimming, pass: 1 });
}

#[test]
fn an_interrupted_patch_goes_on_in_its_pass() {
    let mut rescue = disc([10, 20, 30]);
    rescue.sweep(usize::MAX);
    rescue.patch(0, usize::MAX);
    rescue.commands.clear();
    rescue.patch(2, 4);
    assert_eq!(told(&mut rescue), "!10^ !20^ !30^ !10^");
    assert_eq!(rescue.line, StatusLine { position: 11 * UNIT * 2048, phase: Phase::Scraping, pass: 2 });
    rescue.patch(2, usize::MAX);
    assert_eq!(told(&mut rescue), "!20^ !30^");
    rescue.patch(1, usize::MAX);
    assert_eq!(told(&mut rescue), "!10^ !20^ !30^", "asked again, a patch tries again");
}
