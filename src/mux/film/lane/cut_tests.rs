use proptest::prelude::*;

use super::*;

const SPAN: PartSpan =
    PartSpan { start: 90_000, end: 180_000, is_first: false, is_last: false, is_break: true, goes_on: false };

/// A picture lasts so long.
const STEP: i64 = 3000;

fn picture(time: i64, key: bool) -> Seen {
    Seen { time, duration: 0, key, leading: false, discardable: false, clear: false }
}

fn verdicts(cut: &mut Cut, span: &PartSpan, frames: &[Seen]) -> Vec<Decision> {
    frames.iter().map(|seen| cut.judge(span, seen)).collect()
}

#[test]
fn pictures_behind_in_are_decoded_from_the_key_frame_in_front_of_it() {
    use Decision::{Drop, Hold, Keep, KeepWithHeld, Replace};
    let mut cut = Cut::video(STEP);
    let spare = Seen { discardable: true, ..picture(88_000, false) };
    let rolled = [picture(80_000, true), picture(83_000, false), picture(84_000, true), picture(87_000, false), spare];
    assert_eq!(verdicts(&mut cut, &SPAN, &rolled), [Replace, Hold, Replace, Hold, Drop]);
    let shown = [picture(93_000, false), picture(89_000, false), picture(91_000, false), picture(96_000, false)];
    assert_eq!(verdicts(&mut cut, &SPAN, &shown), [KeepWithHeld, Hold, KeepWithHeld, Keep]);
    // Those that lead the next key frame have the group before.
    let leading = Seen { leading: true, ..picture(99_000, false) };
    assert_eq!(verdicts(&mut cut, &SPAN, &[picture(102_000, true), leading]), [Keep, Keep]);
}

#[test]
fn a_key_frame_at_in_needs_nothing_in_front_of_it_and_one_behind_it_does_for_those_that_lead_it() {
    use Decision::{Begin, Drop, Keep, KeepWithHeld, Replace};
    let leading = |time| Seen { leading: true, ..picture(time, false) };
    let at_in = [picture(80_000, true), picture(90_000, true), leading(87_000), picture(93_000, false)];
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &at_in), [Replace, Begin, Drop, Keep]);
    let behind = [picture(80_000, true), picture(96_000, true), leading(90_000), leading(93_000)];
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &behind), [Replace, KeepWithHeld, Keep, Keep]);
    // Less than a picture in front of it lies none.
    let near = [picture(80_000, true), picture(92_000, true), leading(89_000)];
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &near), [Replace, Begin, Drop]);
}

#[test]
fn what_cannot_be_decoded_is_lost_and_not_dropped() {
    use Decision::{Begin, Drop, Lose, Replace};
    let leading = |time| Seen { leading: true, ..picture(time, false) };
    // In front of the film there is no room for what they need.
    let first = PartSpan { is_first: true, ..SPAN };
    let frames = [picture(80_000, true), picture(91_000, false), picture(97_000, true), leading(94_000)];
    assert_eq!(verdicts(&mut Cut::video(STEP), &first, &frames), [Drop, Lose, Begin, Lose]);
    // Nothing in front of them came, or not all of it.
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &frames[1..]), [Lose, Begin, Drop]);
    let mut cut = Cut::video(STEP);
    assert_eq!(cut.judge(&SPAN, &frames[0]), Replace);
    assert!(cut.forget_roll() && !cut.forget_roll());
    assert_eq!(verdicts(&mut cut, &SPAN, &frames[1..]), [Lose, Begin, Lose]);
    // Where nothing says when a part plays, nothing of it is lost.
    let open = PartSpan::open(crate::base::time::Ticks90(90_000), true);
    assert_eq!(verdicts(&mut Cut::video(STEP), &open, &frames), [Drop, Drop, Begin, Drop]);
}

#[test]
fn leading_pictures_go_only_behind_the_first_key_frame_of_a_break() {
    use Decision::{Begin, Drop, Keep};
    let leading = Seen { leading: true, ..picture(91_000, false) };
    let frames = [picture(95_000, true), leading, picture(120_000, true), leading];
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &frames), [Begin, Drop, Keep, Keep]);
    let seamless = PartSpan { is_break: false, goes_on: true, ..SPAN };
    assert_eq!(verdicts(&mut Cut::video(STEP), &seamless, &frames), [Begin, Keep, Keep, Keep]);
}

#[test]
fn pictures_that_lead_a_key_frame_behind_out_are_kept_where_the_part_has_one_group() {
    use Decision::{Begin, Hold, Keep, KeepWithHeld};
    let leading = |time| Seen { leading: true, ..picture(time, false) };
    let frames = [picture(95_000, true), picture(180_000, true), leading(173_000), leading(176_000)];
    assert_eq!(verdicts(&mut Cut::video(STEP), &SPAN, &frames), [Begin, Hold, KeepWithHeld, Keep]);
}

#[test]
fn a_picture_behind_out_is_kept_only_for_one_in_front_of_it() {
    use Decision::{Begin, Drop, Hold, Keep, KeepWithHeld};
    let mut cut = Cut::video(STEP);
    let spare = Seen { discardable: true, ..picture(180_000, false) };
    let frames =
        [picture(90_000, true), spare, picture(183_000, false), picture(176_000, false), picture(178_000, false)];
    assert_eq!(verdicts(&mut cut, &SPAN, &frames), [Begin, Drop, Hold, KeepWithHeld, Keep]);
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
    assert_eq!(verdicts, [Decision::Lose, Decision::Join { hold: false }, Decision::Keep]);
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
