//! The grammar of damage plans as a table: for each kind of line, how often it comes and how one is made.

use crate::case::rng::Rng;

/// What lines are made for, and where earlier lines of the plan were put.
pub(crate) struct Ground {
    pub(crate) rng: Rng,
    pub(crate) sectors: u64,
    /// Sectors of a unit.
    pub(crate) unit: u64,
    /// Units that lines of this plan are about.
    pub(crate) spots: Vec<u64>,
}

impl Ground {
    pub(crate) fn units(&self) -> u64 {
        self.sectors.div_ceil(self.unit)
    }

    /// A unit: the first, one near the end, one near an earlier line's, or any.
    pub(crate) fn place(&mut self) -> u64 {
        let units = self.units();
        let unit = match self.rng.below(10) {
            0 | 1 => self.rng.below(4),
            2 => units.saturating_sub(self.rng.within(1, 3)),
            3..=6 if !self.spots.is_empty() => {
                let spot = self.rng.pick(&self.spots.clone());
                (spot + self.rng.below(9)).saturating_sub(4)
            }
            _ => self.rng.below(units),
        };
        let unit = unit.min(units - 1);
        self.spots.push(unit);
        unit
    }

    /// How many units in a row.
    pub(crate) fn length(&mut self) -> u64 {
        match self.rng.below(10) {
            0..=4 => 1,
            5..=7 => self.rng.within(2, 6),
            8 => self.rng.within(1, 1 + self.units() / 6),
            _ => self.rng.within(1, self.units()),
        }
    }

    fn chance(&mut self) -> &'static str {
        self.rng.pick(&["0", "0", "0", "0", "0.05", "0.3", "0.6", "0.9"])
    }
}

/// Makes one line.
type Maker = fn(&mut Ground) -> String;

/// A kind of line: its weight among all, and its maker.
pub(crate) const LINES: [(u64, Maker); 23] = [
    (10, bad),
    (12, bads),
    (14, recovered),
    (5, short),
    (5, blank),
    (8, answer),
    (4, zero_after),
    (3, wedge),
    (2, |g| format!("at {} notready {}", moment(g), g.rng.seconds(-1.0, 2.3))),
    (1, |g| format!("at {} notready", moment(g))),
    (1, |g| format!("at {} eject", moment(g))),
    (3, |g| format!("at {} swap other.iso", moment(g))),
    (1, |g| format!("at {} unplug", moment(g))),
    (2, capacity),
    (2, |_| "obeys 1".into()),
    (1, |_| "rewritable 1".into()),
    (2, |_| "prefix 0".into()),
    (10, setting),
    (8, reset),
    (2, |g| format!("at {} reset", moment(g))),
    (1, |g| format!("at {} refuse-settings", moment(g))),
    (4, |_| "resets silent".into()),
    (2, |_| "resets".into()),
];

/// A line of any kind.
pub(crate) fn any(ground: &mut Ground) -> String {
    let all = LINES.iter().map(|(weight, _)| weight).sum();
    let mut luck = ground.rng.below(all);
    for (weight, make) in LINES {
        if luck < weight {
            return make(ground);
        }
        luck -= weight;
    }
    unreachable!("the weights are those that were summed up")
}

fn moment(ground: &mut Ground) -> f64 {
    ground.rng.seconds(-1.7, 1.8)
}

pub(crate) fn bad(ground: &mut Ground) -> String {
    format!("bad {} {} {}", ground.place(), ground.length(), ground.chance())
}

pub(crate) fn bads(ground: &mut Ground) -> String {
    let first = ground.place() * ground.unit + ground.rng.below(ground.unit);
    let count = if ground.rng.percent(60) { 1 } else { ground.rng.within(1, 2 * ground.unit) };
    format!("bads {first} {count} {}", ground.chance())
}

/// How often a unit with effort is wrong, and in which way.
pub(crate) fn wrong(ground: &mut Ground) -> &'static str {
    ground.rng.pick(&["", " 1", " 1", " 1", " 1", " 2", " 2", " 3", " 7", " 1000", " 1 same", " 2 same", " 3 same"])
}

pub(crate) fn recovered(ground: &mut Ground) -> String {
    format!("recovered {} {}{}", ground.place(), ground.length(), wrong(ground))
}

pub(crate) fn short(ground: &mut Ground) -> String {
    let most = ground.unit - 1;
    format!("short {} {} {}", ground.place(), ground.length().min(8), ground.rng.within(0, most))
}

pub(crate) fn blank(ground: &mut Ground) -> String {
    if ground.rng.percent(25) {
        let units = ground.units();
        let count = ground.rng.within(1, 1 + units / 4);
        return format!("blank {} 99999", units.saturating_sub(count));
    }
    format!("blank {} {}", ground.place(), ground.length())
}

/// What drives answer: sense data of every key, statuses, ways to the drive that fail.
const ANSWERS: [&str; 51] = [
    "00/00/00",
    "01/17/01",
    "01/18/00",
    "02/04/01",
    "02/04/02",
    "02/04/03",
    "02/04/07",
    "02/30/01",
    "02/3A/01",
    "02/53/02",
    "03/02/00",
    "03/10/00",
    "03/11/00",
    "03/11/05",
    "03/11/06",
    "03/57/00",
    "03/73/00",
    "04/08/00",
    "04/09/01",
    "04/3E/02",
    "04/44/00",
    "05/20/00",
    "05/21/00",
    "05/24/00",
    "05/26/00",
    "05/30/00",
    "05/63/00",
    "05/64/00",
    "05/6F/03",
    "05/6F/04",
    "06/28/00",
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

pub(crate) fn answer(ground: &mut Ground) -> String {
    let times = ground.rng.pick(&["", "", " 1", " 1", " 1", " 2", " 3", " 9"]);
    let what = ground.rng.pick(&ANSWERS);
    format!("answer {} {} {what}{times}", ground.place(), ground.length().min(12))
}

/// What may start a drive again, and lose its settings: aborted commands, time-outs, resets, changed parameters.
const RESETS: [&str; 9] =
    ["06/29/00", "06/29/00", "06/29/01", "06/2A/01", "06/3F/01", "0B/00/00", "host:03", "host:07", "host:08"];

pub(crate) fn reset(ground: &mut Ground) -> String {
    let what = ground.rng.pick(&RESETS);
    format!("answer {} 1 {what} {}", ground.place(), ground.rng.within(1, 2))
}

/// Zeros before the first failure cannot be known for what they are; so there is always one.
pub(crate) fn zero_after(ground: &mut Ground) -> String {
    format!("zero-after {}", ground.rng.pick(&[1, 1, 1, 2, 3, 5, 8]))
}

pub(crate) fn wedge(ground: &mut Ground) -> String {
    let sense = ground.rng.pick(&["", "", " 05/24/00", " 03/11/00", " 04/44/00", " 02/04/01", " 09/80/00"]);
    let stuck = if ground.rng.percent(30) { " stuck" } else { "" };
    format!("wedge {} {}{sense}{stuck}", ground.rng.within(1, 8), ground.rng.seconds(-0.5, 2.0))
}

pub(crate) fn capacity(ground: &mut Ground) -> String {
    let (sectors, units) = (ground.sectors, ground.unit);
    let said = match ground.rng.below(7) {
        0 => 0,
        1 => sectors - 1,
        2 => sectors + 1,
        3 => sectors + ground.rng.within(1, 3 * units),
        4 => sectors.saturating_sub(ground.rng.within(1, 3 * units)).max(1),
        5 => ground.rng.within(1, sectors),
        _ => sectors + ground.rng.below(2 * sectors),
    };
    format!("capacity {said}")
}

/// The model of time, at the edges of what drives do.
const SETTINGS: [(&str, &[&str]); 15] = [
    ("bad_s", &["0.05", "0.3", "0.8", "1.5", "6", "40", "70"]),
    ("weak_s", &["0.05", "0.6", "2", "20", "35"]),
    ("cache_kib", &["0", "64", "512", "100000"]),
    ("redraw", &["1", "30"]),
    ("spread", &["2", "4"]),
    ("riplock", &["500"]),
    ("slow", &["0.1", "1"]),
    ("slow_mib", &["0", "4"]),
    ("cmd_ms", &["0", "20"]),
    ("rate", &["0.5", "4", "60"]),
    ("inner", &["1"]),
    ("seek_s", &["0.01", "0.5"]),
    ("stroke_s", &["0", "1"]),
    // A drive cannot lose, or keep in its cache, more together than the disc has in a unit.
    ("ecc", &["1", "2", "8", "16"]),
    ("seed", &["2", "3", "5", "8"]),
];

pub(crate) fn setting(ground: &mut Ground) -> String {
    let (name, values) = ground.rng.pick(&SETTINGS);
    let value = ground.rng.pick(values);
    let is_too_much = name == "ecc" && value.parse::<u64>().is_ok_and(|unit| unit > ground.unit);
    format!("{name} {}", if is_too_much { "1" } else { value })
}
