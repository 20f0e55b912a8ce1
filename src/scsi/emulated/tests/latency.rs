use super::*;

fn settings(media: Media) -> Settings {
    Settings { inner: 1.0, cmd_ms: 0.0, seek_s: 0.0, stroke_s: 0.0, slow: 1.0, ..Settings::for_media(media) }
}

fn map(parts: &[(u64, u64, f32)]) -> RangeMap<u64, u32> {
    parts.iter().map(|(first, count, odds)| (*first..first + count, odds.to_bits())).collect()
}

fn mechanism(settings: Settings, units: &[(u64, u64, f32)], sectors: &[(u64, u64, f32)]) -> Mechanism {
    Mechanism::new(settings, 1 << 20, map(units), map(sectors))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn a_part_of_a_unit_costs_the_unit_once() {
    let mut m = mechanism(settings(Media::Dvd), &[], &[]);
    let unit = 32768.0 / 11e6;
    assert!(close(m.read(SectorRange::new(3, 4), false, 0.0).seconds, unit));
    assert!(close(m.read(SectorRange::new(0, 16), false, 0.0).seconds, 0.0));
    assert!(close(m.read(SectorRange::new(8, 40), false, 0.0).seconds, 2.0 * unit));
}

#[test]
fn force_unit_access_goes_past_the_cache() {
    let mut m = mechanism(settings(Media::Dvd), &[], &[]);
    let first = m.read(SectorRange::new(0, 16), false, 0.0).seconds;
    assert!(close(m.read(SectorRange::new(0, 16), true, 0.0).seconds, first));
}

#[test]
fn a_dead_unit_fails_whole_and_hands_over_what_lies_before_it() {
    let mut m = mechanism(settings(Media::Bd), &[(2, 1, 0.0)], &[]);
    let charge = m.read(SectorRange::new(40, 96), false, 0.0);
    assert_eq!((charge.failing, charge.sectors), (Some(64), 24));
    assert!(charge.seconds > 4.0);
    let inside = m.read(SectorRange::new(70, 71), false, 0.0);
    assert_eq!((inside.failing, inside.sectors), (Some(70), 0));
}

#[test]
fn without_prefix_a_failing_command_hands_over_nothing() {
    let mut m = mechanism(Settings { prefix: 0.0, ..settings(Media::Bd) }, &[(2, 1, 0.0)], &[]);
    let charge = m.read(SectorRange::new(40, 96), false, 0.0);
    assert_eq!((charge.failing, charge.sectors), (Some(64), 0));
}

#[test]
fn single_sectors_fail_only_when_they_are_asked_for() {
    let mut m = mechanism(settings(Media::Bd), &[], &[(5, 2, 0.0)]);
    assert_eq!(m.read(SectorRange::new(0, 5), true, 0.0).failing, None);
    assert_eq!(m.read(SectorRange::new(0, 32), true, 0.0).failing, Some(5));
    assert_eq!(m.read(SectorRange::new(7, 32), true, 0.0).failing, None);
}

#[test]
fn luck_comes_as_often_as_the_plan_says_and_the_same_each_time() {
    let run = || {
        let mut m = mechanism(settings(Media::Dvd), &[(0, 1, 0.3)], &[]);
        (0..1000).map(|_| m.read(SectorRange::new(0, 16), true, 0.0).failing.is_none()).collect::<Vec<_>>()
    };
    let first = run();
    let hits = first.iter().filter(|hit| **hit).count();
    assert!((240..360).contains(&hits), "{hits}");
    assert_eq!(first, run());
}

#[test]
fn with_redraw_luck_changes_with_time_only() {
    let mut m = mechanism(Settings { redraw: 20.0, ..settings(Media::Dvd) }, &[(0, 1, 0.5)], &[]);
    let mut at = |time: f64| m.read(SectorRange::new(0, 16), true, time).failing.is_none();
    for slot in 0..50 {
        let start = f64::from(slot) * 20.0 + 1.0;
        assert_eq!(at(start), at(start + 10.0));
    }
}

#[test]
fn a_failure_makes_the_drive_slow_for_a_while() {
    let slow = Settings { slow: 0.5, slow_mib: 1.0, ..settings(Media::Dvd) };
    let mut m = mechanism(slow, &[(0, 1, 0.0)], &[]);
    m.read(SectorRange::new(0, 16), false, 0.0);
    let unit = |m: &mut Mechanism, n: u64| m.read(SectorRange::with_len(n * 16, 16), false, 0.0).seconds;
    unit(&mut m, 1);
    let after = unit(&mut m, 2);
    for n in 3..40 {
        unit(&mut m, n);
    }
    assert!(close(after, 2.0 * unit(&mut m, 40)));
}

#[test]
fn a_far_hop_costs_more_than_a_near_one_and_a_short_gap_is_read_over() {
    let model = Settings { seek_s: 0.1, stroke_s: 0.1, ..settings(Media::Dvd) };
    let seconds = |from: u64, to: u64| {
        let mut m = mechanism(model, &[], &[]);
        m.read(SectorRange::with_len(from * 16, 16), false, 0.0);
        m.read(SectorRange::with_len(to * 16, 16), false, 0.0).seconds
    };
    assert!(seconds(0, 60_000) > seconds(0, 6_000));
    assert!(close(seconds(0, 3), 3.0 * 32768.0 / 11e6));
    assert!(seconds(100, 99) > 0.1);
}

#[test]
fn a_speed_that_was_set_is_not_exceeded() {
    let mut m = mechanism(settings(Media::Dvd), &[], &[]);
    m.set_speed(Some(1385));
    assert!(close(m.read(SectorRange::new(0, 16), false, 0.0).seconds, 32768.0 / 1_385_000.0));
    m.set_speed(None);
    assert!(close(m.read(SectorRange::new(16, 32), false, 0.0).seconds, 32768.0 / 11e6));
}
