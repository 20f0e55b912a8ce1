use proptest::prelude::*;

use super::*;

const SPAN: PartSpan =
    PartSpan { start: 90_000, end: 180_000, is_first: false, is_last: false, is_break: true, goes_on: false };

fn picture(time: i64, key: bool) -> Seen {
    Seen { time, duration: 0, key, leading: false, discardable: false, clear: false }
}

fn verdicts(cut: &mut Cut, span: &PartSpan, frames: &[Seen]) -> Vec<Decision> {
    frames.iter().map(|seen| cut.judge(span, seen)).collect()
}

#[test]
fn video_starts_at_a_key_frame_in_the_part() {
    use Decision::{Drop, Keep};
    let mut cut = Cut::video();
    let frames = [picture(80_000, true), picture(89_997, false), picture(91_000, false), picture(93_000, true)];
    assert_eq!(verdicts(&mut cut, &SPAN, &frames), [Drop, Drop, Drop, Keep]);
    assert_eq!(cut.judge(&SPAN, &picture(97_000, false)), Keep);
    cut.begin();
    assert_eq!(verdicts(&mut cut, &SPAN, &[picture(97_000, false), picture(89_998, true)]), [Drop, Keep]);
}

#[test]
fn leading_pictures_go_only_behind_the_first_key_frame_of_a_break() {
    use Decision::{Drop, Keep};
    let leading = Seen { leading: true, ..picture(91_000, false) };
    let frames = [picture(95_000, true), leading, picture(120_000, true), leading];
    assert_eq!(verdicts(&mut Cut::video(), &SPAN, &frames), [Keep, Drop, Keep, Keep]);
    let seamless = PartSpan { is_break: false, goes_on: true, ..SPAN };
    assert_eq!(verdicts(&mut Cut::video(), &seamless, &frames), [Keep, Keep, Keep, Keep]);
}

#[test]
fn pictures_that_lead_a_key_frame_behind_out_are_kept_where_the_part_has_one_group() {
    use Decision::{Hold, Keep, KeepWithHeld};
    let leading = |time| Seen { leading: true, ..picture(time, false) };
    let frames = [picture(95_000, true), picture(180_000, true), leading(173_000), leading(176_000)];
    assert_eq!(verdicts(&mut Cut::video(), &SPAN, &frames), [Keep, Hold, KeepWithHeld, Keep]);
}

#[test]
fn a_picture_behind_out_is_kept_only_for_one_in_front_of_it() {
    use Decision::{Drop, Hold, Keep, KeepWithHeld};
    let mut cut = Cut::video();
    let spare = Seen { discardable: true, ..picture(180_000, false) };
    let frames =
        [picture(90_000, true), spare, picture(183_000, false), picture(176_000, false), picture(178_000, false)];
    assert_eq!(verdicts(&mut cut, &SPAN, &frames), [Keep, Drop, Hold, KeepWithHeld, Keep]);
    let many = vec![picture(200_000, false); 40];
    assert_eq!(verdicts(&mut cut, &SPAN, &many).iter().filter(|v| **v == Hold).count(), MOST_BEYOND);
}

#[test]
fn the_first_part_begins_with_the_first_whole_frame() {
    let first = PartSpan { start: 0, end: 90_000, is_first: true, is_last: false, is_break: true, goes_on: false };
    let sound = |time| Seen { duration: 2880, ..picture(time, true) };
    let frames = [sound(-2880), sound(-5), sound(-1), sound(2879), sound(89_900), sound(90_000)];
    use Decision::{Drop, Hold, Join, Keep};
    assert_eq!(verdicts(&mut Cut::audio(), &first, &frames), [Drop, Drop, Join { hold: false }, Keep, Hold, Drop]);
    assert_eq!(first.clamp(-1), 0);
}

#[test]
fn sound_that_needs_a_sync_waits_for_it() {
    let sound = |time, key| Seen { duration: 75, ..picture(time, key) };
    let frames = [sound(90_000, false), sound(90_075, true), sound(90_150, false)];
    let verdicts = verdicts(&mut Cut::audio(), &SPAN, &frames);
    assert_eq!(verdicts, [Decision::Drop, Decision::Join { hold: false }, Decision::Keep]);
}

#[test]
fn a_subtitle_over_in_is_moved_onto_it_unless_it_was_cleared() {
    let set = |time, key, clear| Seen { clear, ..picture(time, key) };
    let frames = [set(10, true, false), set(20, false, false), set(30, false, true), set(90_000, true, false)];
    use Decision::{Drop, Forget, KeepWithHeld, Replace};
    let seamless = PartSpan { is_first: false, is_last: false, is_break: false, goes_on: true, ..SPAN };
    assert_eq!(verdicts(&mut Cut::Subtitle, &seamless, &frames), [Replace, Drop, Forget, KeepWithHeld]);
    let behind_a_break = PartSpan { goes_on: false, ..seamless };
    assert_eq!(verdicts(&mut Cut::Subtitle, &behind_a_break, &frames), [Drop, Drop, Drop, KeepWithHeld]);
    assert_eq!(Cut::Subtitle.judge(&SPAN, &set(180_000, true, false)), Drop);
}

proptest! {
    /// Two parts with frames of `duration` at any phase: where they meet, neither gap nor overlap is longer
    /// than half a frame, so that no number of seams makes the sound drift.
    #[test]
    fn sound_meets_within_half_a_frame(
        duration in 10..5000i64, old_phase in 0..5000i64, new_phase in 0..5000i64, seam in 50_000..60_000i64,
    ) {
        let old = PartSpan { start: 0, end: seam, is_first: true, is_last: false, is_break: true, goes_on: false };
        let new = PartSpan { start: seam, end: seam + 50_000, is_first: false, is_last: false, is_break: false, goes_on: true };
        let frames = |phase: i64| (0..100_000 / duration).map(move |n| n * duration + phase % duration);
        let mut cut = Cut::audio();
        let mut kept: Vec<i64> = Vec::new();
        for time in frames(old_phase) {
            let seen = Seen { duration, ..picture(time, true) };
            if cut.judge(&old, &seen) != Decision::Drop { kept.push(time) }
        }
        cut.begin();
        for time in frames(seam - 10 * duration + new_phase).map(|t| t % (seam + 50_000)) {
            let seen = Seen { duration, ..picture(time, true) };
            if let Decision::Join { .. } = cut.judge(&new, &seen) {
                while kept.last().is_some_and(|last| is_surplus(last + duration, time, duration)) { kept.pop(); }
                let end = kept.last().unwrap() + duration;
                prop_assert!((time - end).abs() <= duration / 2 + 1, "{end} {time}");
                return Ok(());
            }
        }
    }
}
