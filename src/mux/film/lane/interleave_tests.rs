use proptest::prelude::*;

use super::*;

const WIDE: Limits = Limits { bytes: usize::MAX, span: u64::MAX };

fn drain<T>(interleaver: &mut Interleaver<T>) -> Vec<(usize, T)> {
    std::iter::from_fn(|| interleaver.pop()).collect()
}

#[test]
fn an_item_waits_for_the_lane_that_may_bring_an_earlier_one() {
    let mut two = Interleaver::new(2, WIDE);
    assert!(two.push(0, 40, 1, 'v'));
    assert!(two.push(0, 80, 1, 'w'));
    assert_eq!(drain(&mut two), []);
    assert!(two.push(1, 50, 1, 'a'));
    assert_eq!(drain(&mut two), [(0, 'v'), (1, 'a')]);
    two.end();
    assert_eq!(drain(&mut two), [(0, 'w')]);
    assert_eq!(two.held(), 0);
}

#[test]
fn equal_keys_go_by_lane() {
    let mut two = Interleaver::new(2, WIDE);
    assert!(two.push(1, 0, 1, 'a'));
    assert_eq!(drain(&mut two), [], "the lower lane may still bring its own");
    assert!(two.push(0, 0, 1, 'v'));
    assert_eq!(drain(&mut two), [(0, 'v')], "and another one");
    two.reached(0, 1);
    assert_eq!(drain(&mut two), [(1, 'a')]);
}

#[test]
fn a_lane_with_long_pauses_lets_others_pass_by_its_promise() {
    let mut two = Interleaver::new(2, WIDE);
    for key in [0, 40, 80] {
        assert!(two.push(0, key, 1, key));
    }
    two.reached(1, 50);
    assert_eq!(drain(&mut two), [(0, 0), (0, 40)]);
    assert!(two.push(1, 60, 1, 60));
    assert_eq!(drain(&mut two), [(1, 60)]);
    two.reached(1, 0);
    two.reached(1, 81);
    assert_eq!(drain(&mut two), [(0, 80)]);
}

#[test]
fn a_silent_lane_cannot_hold_more_than_the_bytes_allowed() {
    let mut two = Interleaver::new(2, Limits { bytes: 4000, span: u64::MAX });
    for key in 0..100 {
        assert!(two.push(0, key, 100, key));
        while two.pop().is_some() {}
        assert!(two.held() <= 4000);
    }
    assert!(two.held() > 3200);
}

#[test]
fn a_silent_lane_cannot_hold_more_than_the_time_allowed() {
    let mut two = Interleaver::new(2, Limits { bytes: usize::MAX, span: 300 });
    let mut out = Vec::new();
    for key in (0..=1000).step_by(100) {
        assert!(two.push(0, key, 1, key));
        out.extend(drain(&mut two).into_iter().map(|(_, key)| key));
    }
    assert_eq!(out, [0, 100, 200, 300, 400, 500, 600]);
}

#[test]
fn an_item_too_late_goes_next_and_keeps_its_place_in_the_lane() {
    let mut two = Interleaver::new(2, WIDE);
    for (lane, key) in [(0, 100), (1, 90), (1, 20), (1, 110)] {
        assert!(two.push(lane, key, 1, key));
    }
    assert_eq!(drain(&mut two), [(1, 90), (1, 20), (0, 100)]);
    assert!(!two.push(2, 0, 1, 0));
}

proptest! {
    #[test]
    fn the_order_is_that_of_time_however_items_arrive(
        lanes in prop::collection::vec(prop::collection::vec(0..50u64, 0..40), 1..5),
        arrivals in prop::collection::vec(0..5usize, 0..300),
    ) {
        let mut lanes = lanes;
        lanes.iter_mut().for_each(|keys| keys.sort_unstable());
        let mut expected: Vec<(u64, usize)> = Vec::new();
        for (lane, keys) in lanes.iter().enumerate() {
            expected.extend(keys.iter().map(|key| (*key, lane)));
        }
        expected.sort_unstable();

        let mut interleaver = Interleaver::new(lanes.len(), WIDE);
        let mut out = Vec::new();
        let mut next = vec![0; lanes.len()];
        let rest = (0..lanes.len()).flat_map(|lane| std::iter::repeat_n(lane, 40));
        for lane in arrivals.into_iter().chain(rest) {
            let Some(&key) = lanes.get(lane).and_then(|keys| keys.get(next[lane])) else { continue };
            next[lane] += 1;
            prop_assert!(interleaver.push(lane, key, 1, key));
            out.extend(drain(&mut interleaver));
        }
        interleaver.end();
        out.extend(drain(&mut interleaver));
        let out: Vec<(u64, usize)> = out.into_iter().map(|(lane, key)| (key, lane)).collect();
        prop_assert_eq!(out, expected);
    }

    #[test]
    fn nothing_is_lost_and_lanes_keep_their_order_within_any_limits(
        items in prop::collection::vec((0..4usize, any::<u64>(), 0..1000usize), 0..200),
        bytes in 0..5000usize,
        span in any::<u64>(),
    ) {
        let mut interleaver = Interleaver::new(4, Limits { bytes, span });
        let mut out = Vec::new();
        for (number, (lane, key, size)) in items.iter().enumerate() {
            prop_assert!(interleaver.push(*lane, *key, *size, number));
            out.extend(drain(&mut interleaver));
            prop_assert!(interleaver.held() <= bytes);
        }
        interleaver.end();
        out.extend(drain(&mut interleaver));
        for lane in 0..4 {
            let came: Vec<usize> = (0..items.len()).filter(|n| items[*n].0 == lane).collect();
            let left: Vec<usize> = out.iter().filter(|(l, _)| *l == lane).map(|(_, n)| *n).collect();
            prop_assert_eq!(came, left);
        }
    }
}
