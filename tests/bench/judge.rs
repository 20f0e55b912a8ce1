//! A sweep and a patch on the simulated drive of `tests/support/drivesim.c`, without files: milliseconds for hours of drive.
//!
//! `judge [--passes N] [--thorough] [--budget SECONDS] [--trace] [--targets FILE] MEDIA BLOCKS MAP ...` prints a line of
//! JSON for each map of `drivesim.py map`. FILE holds lines `MAP SECTORS`; `t_target` tells when that many were in.
//! It must agree with what the preload library charges the real program; `recovery.py check` compares them.
#![allow(
    clippy::expect_used,
    clippy::cast_sign_loss,
    reason = "a bench: its input is its own, and it is meant to stop at nonsense"
)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use freemkv::base::media::Media;
use freemkv::base::outcome::{Fault, Outcome};
use freemkv::base::sector::SectorRange;
use freemkv::base::sector::set::SectorSet;
use freemkv::mapfile::sector_map::SectorMap;
use freemkv::mapfile::status::{Status, StatusLine};
use freemkv::recovery::{Limits, Params, Patch, Step, Strategy, Sweep};

/// The settings of the model and what is wrong with the disc.
struct Drive {
    ecc: u64,
    set: HashMap<&'static str, f64>,
    chance: Vec<f32>,
    sector_chance: Option<Vec<f32>>,
    attempts: Vec<u32>,
    delivered: Vec<bool>,
    recoverable: u64,
    now: f64,
    head: u64,
    cache: (u64, u64),
    slow_left: f64,
    commands: u64,
    failed: u64,
    seeks: u64,
    came: u64,
    marks: [f64; 2],
    curve: [f64; 201],
    /// Moments of interest: drive time and sectors in.
    progress: Vec<(f64, u64)>,
}

const DEFAULTS: [(&str, f64); 15] = [
    ("ecc", 32.0),
    ("rate", 27.0),
    ("inner", 0.42),
    ("bad_s", 3.0),
    ("weak_s", 0.6),
    ("seek_s", 0.12),
    ("stroke_s", 0.10),
    ("cache_kib", 4096.0),
    ("slow", 0.5),
    ("slow_mib", 64.0),
    ("cmd_ms", 0.25),
    ("seed", 1.0),
    ("spread", 1.0),
    ("prefix", 1.0),
    ("redraw", 0.0),
];

impl Drive {
    fn new(text: &str, blocks: u64) -> Self {
        let mut set: HashMap<&'static str, f64> = DEFAULTS.into_iter().collect();
        let words: Vec<Vec<&str>> = text
            .lines()
            .map(|l| l.split('#').next().unwrap_or("").split_whitespace().collect())
            .filter(|w: &Vec<&str>| !w.is_empty())
            .collect();
        for w in &words {
            for (key, _) in DEFAULTS {
                if w[0] == key {
                    set.insert(key, w[1].parse().expect("a number"));
                }
            }
        }
        let ecc = set["ecc"] as u64;
        let sectors = blocks * ecc;
        let mut chance = vec![1f32; blocks as usize];
        let mut sector_chance = None;
        for w in &words {
            let number = |i: usize| w[i].parse::<f64>().expect("a number");
            let into = match w[0] {
                "bad" => &mut chance,
                "bads" => sector_chance.get_or_insert_with(|| vec![1f32; sectors as usize]),
                _ => continue,
            };
            let end = ((number(1) + number(2)) as usize).min(into.len());
            into[(number(1) as usize).min(end)..end].fill(number(3) as f32);
        }
        let mut drive = Self {
            ecc,
            set,
            chance,
            sector_chance,
            attempts: vec![0; blocks as usize],
            delivered: vec![false; sectors as usize],
            recoverable: 0,
            now: 0.0,
            head: 0,
            cache: (0, 0),
            slow_left: 0.0,
            commands: 0,
            failed: 0,
            seeks: 0,
            came: 0,
            marks: [0.0; 2],
            curve: [0.0; 201],
            progress: vec![(0.0, 0)],
        };
        drive.recoverable = (0..sectors).filter(|s| drive.can_come(*s)).count() as u64;
        drive
    }

    fn sectors(&self) -> u64 {
        self.delivered.len() as u64
    }

    fn can_come(&self, sector: u64) -> bool {
        self.chance[(sector / self.ecc) as usize] > 0.0
            && self.sector_chance.as_ref().is_none_or(|c| c[sector as usize] > 0.0)
    }

    fn coin(&self, what: u64, draw: u64) -> f64 {
        let mut x = what.wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ draw.wrapping_add(1).wrapping_mul(0xBF58_476D_1CE4_E5B9)
            ^ (self.set["seed"] as u64).wrapping_mul(0x94D0_49BB_1331_11EB);
        x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^= x >> 31;
        (x >> 11) as f64 / (1u64 << 53) as f64
    }

    fn draw(&self, unit: u64) -> u64 {
        let redraw = self.set["redraw"];
        if redraw > 0.0 { (self.now / redraw) as u64 } else { self.attempts[unit as usize].into() }
    }

    fn is_cached(&self, unit: u64, range: SectorRange) -> bool {
        if !(self.cache.0..self.cache.1).contains(&unit) {
            return false;
        }
        let Some(chances) = &self.sector_chance else { return true };
        let wanted = SectorRange::with_len(unit * self.ecc, self.ecc).intersect(range);
        (wanted.start()..wanted.end()).all(|s| chances[s as usize] >= 1.0 || self.delivered[s as usize])
    }

    fn read(&mut self, range: SectorRange) -> Outcome {
        let before = self.now;
        self.commands += 1;
        self.now += self.set["cmd_ms"] / 1e3;
        let blocks = self.chance.len() as f64;
        let unit_bytes = (self.ecc * 2048) as f64;
        let (rate, inner) = (self.set["rate"] * 1e6, self.set["inner"]);
        let mut bad = None;
        for b in range.start() / self.ecc..=(range.end() - 1) / self.ecc {
            if self.is_cached(b, range) {
                continue;
            }
            let mut speed = rate * (inner + (1.0 - inner) * b as f64 / blocks);
            if b != self.head {
                let gap = b.abs_diff(self.head) as f64;
                let skim = gap * unit_bytes / speed;
                let hop = self.set["seek_s"] + self.set["stroke_s"] * (gap / blocks).sqrt();
                self.now += if b > self.head && skim < hop { skim } else { hop };
                self.seeks += 1;
                self.cache = (b, b);
            }
            if self.slow_left > 0.0 {
                speed *= self.set["slow"];
                self.slow_left -= unit_bytes;
            }
            let p = f64::from(self.chance[b as usize]);
            let whole = SectorRange::with_len(b * self.ecc, self.ecc);
            let mut failing = None;
            if !(p >= 1.0 || (p > 0.0 && self.coin(b, self.draw(b)) < p)) {
                failing = Some(whole.start().max(range.start()));
            } else if let Some(chances) = &self.sector_chance {
                let wanted = whole.intersect(range);
                failing = (wanted.start()..wanted.end()).find(|s| {
                    let c = f64::from(chances[*s as usize]);
                    c < 1.0 && !(c > 0.0 && self.coin(s + self.chance.len() as u64, self.draw(b)) < c)
                });
            }
            self.attempts[b as usize] += 1;
            if failing.is_some() {
                let spread = self.set["spread"];
                let draw = self.coin(b + 2 * self.chance.len() as u64, self.attempts[b as usize].into());
                self.now += self.set["bad_s"] * if spread > 1.0 { spread.powf(2.0 * draw - 1.0) } else { 1.0 };
                self.failed += 1;
                self.slow_left = self.set["slow_mib"] * 1_048_576.0;
                self.head = b;
                self.cache = (b, b);
                bad = failing;
                break;
            }
            self.now += unit_bytes / speed + if p < 1.0 { self.set["weak_s"] } else { 0.0 };
            self.head = b + 1;
            self.cache.1 = b + 1;
            let most = self.set["cache_kib"] * 1024.0;
            if (self.cache.1 - self.cache.0) as f64 * unit_bytes > most {
                self.cache.0 = self.cache.1 - (most / unit_bytes) as u64;
            }
        }
        let got = match bad {
            None => range,
            Some(_) if self.set["prefix"] < 1.0 => SectorRange::new(range.start(), range.start()),
            Some(sector) => SectorRange::new(range.start(), sector),
        };
        self.hand_over(got);
        let seconds = self.now - before;
        match bad {
            None => Outcome::complete(range.len(), seconds),
            Some(_) => Outcome::failed(got.len(), Fault::Damage, seconds),
        }
    }

    fn hand_over(&mut self, got: SectorRange) {
        for s in got.start()..got.end() {
            if !std::mem::replace(&mut self.delivered[s as usize], true) {
                self.came += 1;
            }
        }
        self.progress.push((self.now, self.came));
        for (mark, share) in self.marks.iter_mut().zip([0.90, 0.99]) {
            if *mark == 0.0 && self.came as f64 >= share * self.recoverable as f64 {
                *mark = self.now;
            }
        }
        let mut i = (200.0 * self.came as f64 / self.recoverable as f64) as usize;
        while i <= 200 && self.curve[i] == 0.0 {
            self.curve[i] = self.now;
            if i == 0 {
                break;
            }
            i -= 1;
        }
    }
}

/// Runs a strategy to its end; the drive is asked for nothing else.
fn run(strategy: &mut dyn Strategy, drive: &mut Drive, map: &mut SectorMap, trace: bool) {
    let mut changes = Vec::new();
    loop {
        let now = Duration::from_secs_f64(drive.now);
        match strategy.next(now, Duration::ZERO) {
            Step::Done => break,
            Step::Pause(time) => drive.now += time.as_secs_f64(),
            Step::Read { range, .. } => {
                let before = drive.now;
                let outcome = drive.read(range);
                changes.clear();
                strategy.observe(range, &outcome, Duration::from_secs_f64(drive.now), &mut changes);
                for (range, status) in &changes {
                    map.set(*range, *status);
                }
                if trace {
                    let e = drive.ecc;
                    eprintln!(
                        "{:9.2} {:10} {:>8}.{:<2} +{:<3} got {:<3} {} {:.3}",
                        before,
                        strategy.phase(),
                        range.start() / e,
                        range.start() % e,
                        range.len(),
                        outcome.sectors,
                        if outcome.fault.is_some() { "FAIL" } else { "" },
                        outcome.seconds
                    );
                }
            }
        }
    }
}

/// The samples by which a patch knows the disc again: one sector each, as `imaging` takes them.
fn same_disc(drive: &mut Drive, map: &SectorMap) {
    let sectors = map.sectors();
    let mut wanted = vec![16, 256];
    for parts in [2, 4, 8] {
        wanted.extend((0..parts).map(|i| (sectors * (2 * i + 1)) / (2 * parts)));
    }
    let mut found = Vec::new();
    for want in wanted {
        if let Some(run) = map.next(Status::Finished, want)
            && !found.contains(&run.start())
            && found.len() < 6
        {
            found.push(run.start());
            drive.read(SectorRange::with_len(run.start(), 1));
        }
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut limits, mut trace, mut targets) = (Limits::default(), false, HashMap::new());
    let mut rest = Vec::new();
    while let Some(word) = args.next() {
        match word.as_str() {
            "--passes" => limits.passes = args.next().and_then(|n| n.parse().ok()).expect("passes"),
            "--budget" => {
                limits.budget =
                    Some(Duration::from_secs_f64(args.next().and_then(|n| n.parse().ok()).expect("seconds")));
            }
            "--thorough" => limits.thorough = true,
            "--trace" => trace = true,
            // What cargo bench adds to the arguments.
            "--bench" => {}
            "--targets" => {
                let text = std::fs::read_to_string(args.next().expect("a file")).expect("a file of targets");
                for line in text.lines() {
                    let (map, count) = line.rsplit_once(' ').expect("MAP SECTORS");
                    targets.insert(map.to_owned(), count.parse::<u64>().expect("a number"));
                }
            }
            _ => rest.push(word),
        }
    }
    let media = match rest[0].as_str() {
        "cd" => Media::Cd,
        "dvd" => Media::Dvd,
        _ => Media::Bd,
    };
    let blocks: u64 = rest[1].parse().expect("blocks");
    for path in &rest[2..] {
        let cpu = Instant::now();
        let mut drive = Drive::new(&std::fs::read_to_string(path).expect("a map"), blocks);
        let sectors = drive.sectors();
        let all: SectorSet = [SectorRange::new(0, sectors)].into_iter().collect();
        let mut map = SectorMap::new(sectors, sectors * 2048);
        let params = Params::preset(media).for_source(64);
        let mut sweep = Sweep::new(map.clone(), params.clone(), StatusLine::default(), &all);
        run(&mut sweep, &mut drive, &mut map, trace);
        let line = sweep.status_line();
        let swept = (drive.now, drive.failed);
        let mut report = serde_json::json!({});
        if map.totals().bytes(Status::Finished) < map.size_bytes() {
            same_disc(&mut drive, &map);
            // The budget counts from the start of the sweep, as that of two commands that share one.
            let left = limits.budget.map(|budget| budget.saturating_sub(Duration::from_secs_f64(drive.now)));
            let limits = Limits { budget: left, ..limits.clone() };
            let mut patch = Patch::new(map.clone(), params, line, &all, limits);
            run(&mut patch, &mut drive, &mut map, trace);
            report = serde_json::json!(
                patch
                    .forecast()
                    .map_or_else(Vec::new, |f| f.abandoned)
                    .iter()
                    .map(|s| format!("{s:?}"))
                    .collect::<Vec<_>>()
            );
        }
        let t_target =
            targets.get(path).map(|target| drive.progress.iter().find(|(_, n)| n >= target).map_or(0.0, |(t, _)| *t));
        let got = (0..sectors).filter(|s| drive.delivered[*s as usize] && drive.can_come(*s)).count();
        let line = serde_json::json!({
            "map": path, "drive_s": drive.now, "commands": drive.commands, "failed": drive.failed, "seeks": drive.seeks,
            "recoverable": drive.recoverable, "delivered": got, "t90": drive.marks[0], "t99": drive.marks[1],
            "sweep_s": swept.0, "sweep_failed": swept.1, "t_target": t_target, "stopped": report,
            "cpu_ms": cpu.elapsed().as_millis() as u64, "curve": drive.curve.to_vec(),
        });
        println!("{line}");
    }
}
