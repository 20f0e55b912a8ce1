//! Discs of which a few places are answered with something about the drive, by a drive that is well: no such place ends a run,
//! none is called damage, and everything else comes home.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use freemkv::base::media::Media;
use freemkv::imaging::{End, GuardRules};

use crate::case::disc::{Content, DiscSpec};
use crate::case::rng::Rng;
use crate::case::{Case, Command, Step, Stop};
use crate::oracle::statuses;
use crate::runner::{Bench, Ending};
use crate::tally::in_parallel;

/// Seeds of an ordinary run, and of a long one.
const SEEDS: u64 = 120;
const SEEDS_LONG: u64 = 1500;

/// Seeds behind those of an ordinary run that once failed: a place that was set aside with its neighbour.
const ONCE_FAILED: [u64; 2] = [426, 621];

/// What drives answer at one place, for ever or a few times, while all else reads.
const ANSWERS: [&str; 36] = [
    "00/00/00",
    "02/04/00",
    "02/04/01",
    "02/04/02",
    "02/04/03",
    "02/04/07",
    "02/3A/00",
    "02/53/02",
    "03/57/00",
    "05/20/00",
    "05/21/00",
    "05/24/00",
    "05/26/00",
    "05/30/00",
    "05/63/00",
    "05/64/00",
    "06/29/00",
    "06/2A/01",
    "06/3F/01",
    "07/27/00",
    "08/00/00",
    "09/80/00",
    "0B/00/00",
    "0B/47/00",
    "0D/01/02",
    "0E/1D/00",
    "status:02",
    "status:08",
    "status:18",
    "status:28",
    "status:30",
    "host:01",
    "host:03",
    "host:05",
    "host:07",
    "host:08",
];

/// A place: units, and how often the answer comes; `None` is for ever.
#[derive(Debug)]
struct Place {
    first: u64,
    count: u64,
    times: Option<u32>,
}

impl Place {
    /// Whether it may be missing in the end: a run asks twice for certain, and each begins with the plan anew.
    fn may_stay(&self) -> bool {
        self.times.is_none_or(|times| times > 1)
    }
}

/// A disc, its plan, and the places.
fn case(seed: u64) -> (Case, Vec<Place>) {
    let mut rng = Rng::new(seed ^ 0x9_1ACE);
    let media = rng.pick(&[Media::Cd, Media::Dvd, Media::Bd]);
    let unit = media.ecc_unit();
    // Far more than a place covers: somewhere the drive can be seen to be well.
    let units = if media == Media::Cd { rng.within(2000, 6000) } else { rng.within(130, 300) };
    let content = rng.pick(&[Content::Full, Content::Full, Content::Tracts, Content::Sparse]);
    let disc = DiscSpec { sectors: units * unit, content, variant: 0 };
    let (mut plan, mut places) = (String::new(), Vec::new());
    for _ in 0..rng.within(1, 3) {
        // The last units are left out: an answer there may say where the disc ends.
        let first = if rng.percent(25) { 0 } else { rng.below(units - 16) };
        let count = rng.pick(&[1, 1, 2, 7]);
        let for_ever = rng.percent(70);
        let times = (!for_ever).then(|| rng.pick(&[1, 2, 9]));
        let often = times.map_or_else(String::new, |times| format!(" {times}"));
        let _ = writeln!(plan, "answer {first} {count} {}{often}", rng.pick(&ANSWERS));
        places.push(Place { first, count, times });
    }
    if rng.percent(30) {
        plan.push_str(rng.pick(&["resets\n", "resets silent\n", "prefix 0\n", "cache_kib 0\n"]));
    }
    let step = |command| Step { command, plan: 0, stop: Stop::None, retries: None, speed: None, fresh: false };
    let patch = Command::Patch { passes: 1, thorough: true, finish: false };
    let plans = vec![plan.lines().map(str::to_owned).collect()];
    let steps = [Command::Sweep, Command::Sweep, patch, patch].map(step).to_vec();
    (Case { media, disc, other: disc, plans, steps }, places)
}

/// What is wrong with what a seed came to; nothing when all is well.
fn wrong(seed: u64) -> Option<(String, String)> {
    let (case, places) = case(seed);
    let plan = case.plans[0].join("\n");
    let bench = Bench::new(&case, GuardRules::default());
    let fail = |what: &str, why: String| Some((what.to_owned(), format!("seed {seed}: {why}\n{plan}\n{places:?}")));
    for (number, step) in case.steps.iter().enumerate() {
        match bench.run(step, &plan, 0) {
            Ending::Ran(_, End::Done) => {}
            other => {
                return fail("a run ends before its end", format!("run {number}: {}", crate::oracle::words(&other)));
            }
        }
    }
    let unit = case.media.ecc_unit();
    let image = std::fs::read(&bench.image).unwrap_or_default();
    let sector = |bytes: &[u8], lba: usize| bytes.get(lba * 2048..(lba + 1) * 2048).map(<[u8]>::to_vec);
    let all = statuses(&bench.image);
    if all.len() as u64 != case.disc.sectors {
        return fail("the map is not of the disc", format!("{} sectors", all.len()));
    }
    for (lba, status) in all.into_iter().enumerate() {
        let at = lba as u64 / unit;
        let place = places.iter().rev().find(|place| (place.first..place.first + place.count).contains(&at));
        match (status, place) {
            (b'+', Some(Place { times: None, .. })) => {
                return fail("what never came is called good", format!("sector {lba}"));
            }
            (b'+', _) if sector(&image, lba) != sector(&bench.discs[0], lba) => {
                return fail("a wrong sector is called good", format!("sector {lba}"));
            }
            (b'+', _) => {}
            (b'?', Some(place)) if place.may_stay() => {}
            (b'?', _) => return fail("a sector that could be had was not read", format!("sector {lba}")),
            (status, _) => return fail("a place is called damage", format!("sector {lba} is {}", char::from(status))),
        }
    }
    None
}

#[test]
fn a_place_is_not_the_drive() {
    let seeds = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { SEEDS_LONG } else { SEEDS };
    let told = Mutex::new(BTreeMap::<String, Vec<String>>::new());
    let try_one = |seed| {
        if let Some((what, why)) = wrong(seed) {
            told.lock().unwrap().entry(what).or_default().push(why);
        }
    };
    in_parallel(0..seeds, try_one);
    ONCE_FAILED.into_iter().for_each(try_one);
    let told = told.into_inner().unwrap();
    let text = told.iter().map(|(what, all)| format!("{what}: {} seeds; {}\n", all.len(), all.join("\n  ")));
    assert!(told.is_empty(), "{}", text.collect::<String>());
}
