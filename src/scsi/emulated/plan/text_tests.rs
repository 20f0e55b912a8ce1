use super::*;
use crate::base::media::Media;
use crate::base::sector::SectorRange;
use crate::base::sector::set::SectorSet;
use proptest::prelude::*;
use rangemap::RangeMap;

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
fn a_disc_to_swap_in_may_have_spaces_in_its_name() {
    let plan = DamagePlan::parse("at 5 swap  my other disc.iso  # comment\nat 6 swap b").unwrap();
    assert_eq!(plan.discs().collect::<Vec<_>>(), ["my other disc.iso", "b"]);
}

#[test]
fn manners_are_read_and_the_last_one_counts() {
    let text =
        "recovered 1 9 2\nshort 3 1 4\nanswer 4 1 05/6F/03\nanswer 5 1 status:18 3\nanswer 6 1 host:07\nblank 7 1\n";
    let plan = DamagePlan::parse(text).unwrap();
    let manner = |unit| plan.manner_of.get(&unit).map(|index| plan.manners[*index]);
    assert_eq!(manner(0), None);
    assert_eq!(manner(2), Some(Manner::Recovered { wrong: 2, same: false }));
    assert_eq!(manner(3), Some(Manner::Short { sectors: 4 }));
    let says = |what, times| {
        let response = Response { what, data: Handed::Head, after: Duration::ZERO };
        Some(Manner::Answer { response, times })
    };
    assert_eq!(manner(4), says(Answered::Sense(Sense::new(5, 0x6F, 3)), None));
    assert_eq!(manner(5), says(Answered::Status(0x18), Some(3)));
    assert_eq!(manner(6), says(Answered::Host(7), None));
    assert_eq!(manner(7), Some(Manner::Blank));
    let wedge = DamagePlan::parse("wedge 7 6.5 04/3E/02 stuck").unwrap().wedge.unwrap();
    assert_eq!((wedge.errors, wedge.sense, wedge.stuck), (7, Sense::new(4, 0x3E, 2), true));
}

#[test]
fn an_answer_may_bring_data_take_its_time_or_never_come() {
    let text = "answer 1 1 hang 2\nanswer 2 1 01/18/00 data all\nanswer 3 1 status:00 5 data 7 after 2.5\n\
                command any hang\ncommand a8 05/20/00 1 after 3\nat 3 attention 06/2A/01\nat 4 stop\n";
    let plan = DamagePlan::parse(text).unwrap();
    let manner = |unit| plan.manner_of.get(&unit).map(|index| plan.manners[*index]);
    let (none, after) = (Duration::ZERO, Duration::from_millis(2500));
    let says = |what, data, after, times| Some(Manner::Answer { response: Response { what, data, after }, times });
    assert_eq!(manner(1), says(Answered::Hang, Handed::Head, none, Some(2)));
    assert_eq!(manner(2), says(Answered::Sense(Sense::new(1, 0x18, 0)), Handed::All, none, None));
    assert_eq!(manner(3), says(Answered::Status(0), Handed::First(7), after, Some(5)));
    let refrains: Vec<_> = plan.refrains.iter().map(|r| (r.opcode, r.response.what, r.times)).collect();
    let refused = Answered::Sense(Sense::new(5, 0x20, 0));
    assert_eq!(refrains, [(None, Answered::Hang, None), (Some(0xA8), refused, Some(1))]);
    let happenings: Vec<_> = plan.happenings.into_iter().map(|(_, happening)| happening).collect();
    assert_eq!(happenings, [Happening::Attention(Sense::new(6, 0x2A, 1)), Happening::Stop]);
}

#[test]
fn a_wrong_line_is_named_with_its_number() {
    for (text, line) in [
        ("rate 1\n\nrecovered 5", 3),
        ("short 1 2", 1),
        ("blank 1 2 3", 1),
        ("answer 1 1 03/11", 1),
        ("answer 1 1 13/11/00", 1),
        ("answer 1 1 status:xx", 1),
        ("answer 1 1 hang soon", 1),
        ("answer 1 1 hang 1 data", 1),
        ("answer 1 1 hang 1 after x", 1),
        ("command 28", 1),
        ("command xx hang", 1),
        ("command 28 03/11/00 data all", 1),
        ("at 1 attention 6", 1),
        ("zero-after", 1),
        ("zero-after -1", 1),
        ("wedge 7", 1),
        ("wedge 7 6.5 hard", 1),
        ("at 5 swap", 1),
        ("obeys 2", 1),
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
            ("(bad|bads|at|command|ecc|rate|slow|seed|short|recovered|answer|blank|wedge|zero-after|capacity)", "[-+0-9.e]{1,9}", "[-0-9.e]{0,9}", "[01.]{0,4}"), 0..20)
    ) {
        let text: String = lines.iter().map(|(a, b, c, d)| format!("{a} {b} {c} {d}\n")).collect();
        if let Ok(plan) = DamagePlan::parse(&text) {
            let _ = plan.settings_for(Media::Cd);
        }
    }
}
