use super::*;
use crate::base::sector::SectorRange;
use proptest::prelude::*;

fn chance(map: &RangeMap<u64, u32>, at: u64) -> f32 {
    map.get(&at).map_or(1.0, |bits| f32::from_bits(*bits))
}

#[test]
fn settings_comments_and_damage_are_read() {
    let text = "# a scratch\nseed 7\necc 16   # sectors\n\nbad 10 5 0\nbad 12 1 0.5\nbads 3 2 0.25\n";
    let plan = DamagePlan::parse(text).unwrap();
    assert_eq!([9, 10, 12, 14, 15].map(|b| chance(&plan.units, b)), [1.0, 0.0, 0.5, 0.0, 1.0]);
    assert_eq!([2, 3, 4, 5].map(|s| chance(&plan.sectors, s)), [1.0, 0.25, 0.25, 1.0]);
    let settings = plan.settings_for(Media::Bd);
    assert_eq!((settings.seed, settings.ecc, settings.rate), (7.0, 16.0, 27.0));
}

#[test]
fn what_the_plan_leaves_open_comes_from_the_kind_of_disc() {
    let settings = DamagePlan::sound().settings_for(Media::Dvd);
    assert_eq!((settings.ecc, settings.rate), (16.0, 11.0));
}

#[test]
fn happenings_are_read() {
    let plan = DamagePlan::parse("at 0 nomedium\nat 1.5 notready\nat 2 notready 20\nat 9 unplug").unwrap();
    let seconds = Duration::from_secs;
    assert_eq!(
        plan.happenings,
        [
            (seconds(0), Happening::Eject),
            (Duration::from_millis(1500), Happening::NotReady(None)),
            (seconds(2), Happening::NotReady(Some(seconds(20)))),
            (seconds(9), Happening::Unplug),
        ]
    );
}

#[test]
fn a_wrong_line_is_named_with_its_number() {
    for (text, line) in [
        ("rate 1\n\nrecovered 5 2", 3),
        ("short 1 2 3", 1),
        ("zero-after 64", 1),
        ("wedge 7 6.5", 1),
        ("at 5 swap other.iso", 1),
        ("at 5 explode", 1),
        ("at -1 eject", 1),
        ("at 1e300 eject", 1),
        ("bad 1 2", 1),
        ("bad 1 2 3", 1),
        ("bad 1.5 2 0", 1),
        ("bad -1 2 0", 1),
        ("bads 0 1 nan", 1),
        ("rate 0", 1),
        ("rate inf", 1),
        ("colour 3", 1),
        ("hello", 1),
    ] {
        let error = DamagePlan::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(!error.what.is_empty());
    }
}

#[test]
fn dead_sectors_make_a_plan() {
    let set: SectorSet = [SectorRange::new(4, 6), SectorRange::new(9, 10)].into_iter().collect();
    let plan = DamagePlan::dead(&set);
    assert_eq!([3, 4, 5, 6, 9].map(|s| chance(&plan.sectors, s)), [1.0, 0.0, 0.0, 1.0, 0.0]);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(?s).{0,200}") {
        let _ = DamagePlan::parse(&text);
    }

    #[test]
    fn nearly_right_text_makes_no_panic_either(
        lines in prop::collection::vec(
            ("(bad|bads|at|ecc|rate|slow|seed)", "[-+0-9.e]{1,9}", "[-0-9.e]{0,9}", "[01.]{0,4}"), 0..20)
    ) {
        let text: String = lines.iter().map(|(a, b, c, d)| format!("{a} {b} {c} {d}\n")).collect();
        if let Ok(plan) = DamagePlan::parse(&text) {
            let _ = plan.settings_for(Media::Cd);
        }
    }
}
