use super::*;
use proptest::prelude::*;

const FILM: Option<Rational> = Some(Rational { num: 30_000, den: 1001 });

/// Stamp, fields, and whether others refer to it.
type Coded = (Option<i64>, u32, bool);

fn run(pictures: &[Coded]) -> Vec<i64> {
    let mut timeline = Timeline::default();
    timeline.set_rate(FILM);
    let mut times = Vec::new();
    for (pts, fields, reference) in pictures {
        let stamp = Stamp { pts: pts.map(Ticks90), dts: None };
        assert!(timeline.push(Shown { stamp, fields: *fields, reference: *reference, place: None }));
        times.extend(std::iter::from_fn(|| timeline.pop()));
    }
    timeline.flush();
    times.extend(std::iter::from_fn(|| timeline.pop()));
    times.iter().map(|time| time.pts.0).collect()
}

#[test]
fn a_picture_without_stamp_comes_behind_the_one_shown_before() {
    // I P B B P B B: only the first has a stamp; film with repeated fields.
    let pictures =
        [(Some(9000), 2, true), (None, 3, true), (None, 3, false), (None, 2, false), (None, 2, true), (None, 3, false)];
    assert_eq!(run(&pictures), [9000, 19_511, 12_003, 16_508, 28_520, 24_015]);
}

#[test]
fn in_front_of_the_first_stamp_time_is_counted_backwards() {
    let pictures = [(None, 2, true), (None, 2, false), (None, 2, false), (Some(12_012), 2, true), (None, 2, false)];
    assert_eq!(run(&pictures), [6006, 0, 3003, 12_012, 9009]);
}

#[test]
fn a_reference_is_decoded_while_the_one_before_is_shown() {
    let mut timeline = Timeline::default();
    timeline.set_rate(FILM);
    for (pts, reference) in [(Some(3003), true), (None, true), (None, false)] {
        timeline.push(Shown {
            stamp: Stamp { pts: pts.map(Ticks90), dts: Some(Ticks90(0)).filter(|_| pts.is_some()) },
            fields: 2,
            reference,
            place: None,
        });
    }
    timeline.flush();
    let times: Vec<Time> = std::iter::from_fn(|| timeline.pop()).collect();
    let time = |pts, dts| Time { pts: Ticks90(pts), dts: Some(Ticks90(dts)) };
    assert_eq!(times, [time(3003, 0), time(9009, 3003), time(6006, 6006)]);
}

#[test]
fn a_stream_without_any_time_is_given_up() {
    let mut timeline = Timeline::default();
    let shown = Shown { stamp: Stamp::default(), fields: 2, reference: true, place: None };
    assert!((0..=MOST_WAITING).map(|_| timeline.push(shown)).any(|took| !took));
}

proptest! {
    /// Whatever stamps are left out, the times are those of the full stream.
    #[test]
    fn stamps_that_are_left_out_are_found(
        groups in prop::collection::vec((0usize..4, 2u32..=3), 1..12),
        left_out in prop::collection::vec(any::<bool>(), 60),
        kept in 0usize..60,
    ) {
        let mut shown: Vec<(usize, u32)> = Vec::new();
        let mut pictures: Vec<(u32, bool)> = Vec::new();
        for (between, fields) in groups {
            let first = pictures.len();
            pictures.push((fields, true));
            (0..between).for_each(|n| pictures.push((2 + n as u32 % 2, false)));
            // Those between are shown before the reference.
            shown.extend((first + 1..pictures.len()).map(|n| (n, pictures[n].0)));
            shown.push((first, fields));
        }
        let mut truth = vec![0; pictures.len()];
        let mut fields = 0;
        for (n, own) in shown {
            truth[n] = 90_000 + fields * 1500;
            fields += i64::from(own);
        }
        let kept = kept % pictures.len();
        let stamped: Vec<_> = pictures.iter().enumerate().map(|(n, (fields, reference))| {
            (Some(truth[n]).filter(|_| n == kept || !left_out[n % 60]), *fields, *reference)
        }).collect();
        let mut timeline = Timeline::default();
        timeline.set_rate(Some(Rational { num: 30, den: 1 }));
        let mut times = Vec::new();
        for (pts, fields, reference) in stamped {
            timeline.push(Shown { stamp: Stamp { pts: pts.map(Ticks90), dts: None }, fields, reference, place: None });
            times.extend(std::iter::from_fn(|| timeline.pop()).map(|time| time.pts.0));
        }
        timeline.flush();
        times.extend(std::iter::from_fn(|| timeline.pop()).map(|time| time.pts.0));
        prop_assert_eq!(times, truth);
    }
}

#[test]
fn what_is_held_at_a_hole_is_shown_by_its_place_or_not_at_all() {
    let place = |group: u64, order: u16| Some(Place { group, order });
    // Behind others shown for these fields, two references of which the second has no time of its own.
    let held = |before: &[u32], places: [Option<Place>; 2], fields: [u32; 2]| {
        let mut timeline = Timeline::default();
        timeline.set_rate(FILM);
        let mut left: u64 = before.iter().map(|fields| u64::from(*fields)).sum();
        let mut pictures = Vec::new();
        for own in before {
            pictures.push((Some(9009 - timeline.ticks(left).0), *own, None));
            left -= u64::from(*own);
        }
        pictures.extend([(Some(9009), fields[0], places[0]), (None, fields[1], places[1])]);
        for (pts, fields, place) in pictures {
            let stamp = Stamp { pts: pts.map(Ticks90), dts: None };
            timeline.push(Shown { stamp, fields, reference: true, place });
        }
        timeline.interrupt();
        std::iter::from_fn(|| timeline.pop()).skip(before.len()).map(|time| time.pts.0).collect::<Vec<_>>()
    };
    let fields = |fields: i64| 9009 + (fields * 3003 + 1) / 2;
    assert_eq!(held(&[2], [place(1, 2), place(1, 5)], [2, 2]), [9009, fields(6)]);
    // Of another group, without places.
    assert_eq!(held(&[2], [place(1, 2), place(2, 5)], [2, 2]), [9009]);
    assert_eq!(held(&[2], [None, None], [2, 2]), [9009]);
    // Film: two pictures between of 3 + 2 fields, one of 2 or 3.
    let (two, three) = ([2, 3, 2, 3], [3, 2, 3, 2]);
    assert_eq!(held(&three, [place(1, 2), place(1, 5)], [3, 2]), [9009, fields(8)]);
    assert_eq!(held(&two, [place(1, 2), place(1, 5)], [2, 3]), [9009, fields(7)]);
    assert_eq!(held(&three, [place(1, 2), place(1, 4)], [3, 3]), [9009, fields(5)]);
    assert_eq!(held(&two, [place(1, 2), place(1, 4)], [2, 2]), [9009, fields(5)]);
    // None between, whatever came before.
    assert_eq!(held(&[3], [place(1, 2), place(1, 3)], [2, 2]), [9009, fields(2)]);
    // Neither film nor video for certain.
    assert_eq!(held(&two, [place(1, 2), place(1, 5)], [2, 2]), [9009]);
    assert_eq!(held(&[2, 2, 3], [place(1, 2), place(1, 5)], [2, 3]), [9009]);
}

/// Groups of a reference and two pictures that are shown before it, of two fields each, with their stamps.
fn groups(count: i64, stamp: impl Fn(i64) -> Option<i64>) -> (Vec<Coded>, Vec<i64>) {
    let places: Vec<i64> = (0..count).flat_map(|n| [3 * n + 3, 3 * n + 1, 3 * n + 2]).collect();
    let pictures = places.iter().map(|place| (stamp(*place), 2, place % 3 == 0)).collect();
    (pictures, places.into_iter().map(|place| place * 3003).collect())
}

#[test]
fn a_stamp_that_both_its_neighbours_contradict_is_wrong() {
    for off in [1600, 30_000, 89_000, -1600, -30_000, -89_000, 90_000 * 4000] {
        // A reference and one that is shown before it; all have stamps, and one in five.
        for (wrong, every) in [(21, 1), (22, 1), (20, 5), (40, 5)] {
            let (pictures, truth) = groups(20, |place| {
                let is_stamped = place % every == 0 || place == 3;
                is_stamped.then_some(place * 3003 + if place == wrong { off } else { 0 })
            });
            assert_eq!(run(&pictures), truth, "{off} off, picture {wrong}, a stamp in {every}");
        }
    }
}

#[test]
fn time_that_passes_is_believed() {
    for off in [4000, 30_000, 900_000] {
        let moved = |place: i64| place * 3003 + if place >= 20 { off } else { 0 };
        let (pictures, truth) = groups(20, |place| Some(moved(place)));
        let truth: Vec<i64> = truth.into_iter().map(|time| moved(time / 3003)).collect();
        assert_eq!(run(&pictures), truth, "{off} off");
    }
    // The last one has no neighbour behind it.
    let (pictures, mut truth) = groups(3, |place| Some(place * 3003 + if place == 9 { 30_000 } else { 0 }));
    truth[6] += 30_000;
    assert_eq!(run(&pictures), truth);
}
