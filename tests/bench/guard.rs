//! What the guard costs: sweep and patch of the seven main scenarios on three media, on the emulated drive, with all of its
//! rules and with none. Prints drive seconds and their ratio; ends with 1 when they are above their limits.
//!
//! `cargo bench --bench guard [-- SEED...]`; seed 1 when none is given. `-- --each SCENARIO` (`bd-pits`) shows what each rule
//! costs by leaving it out.
#![allow(clippy::unwrap_used, reason = "a bench is meant to stop at nonsense")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::VirtualClock;
use freemkv::base::event::{Event, Events};
use freemkv::base::media::Media;
use freemkv::drive::{Drive, DriveOptions};
use freemkv::imaging::{GuardRules, Job, Task, run};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use freemkv::source::Input;

const SCENARIOS: [&str; 7] = ["pits", "scratch", "smudge", "rot", "band", "mixed", "partial"];

/// Kind of disc, its name in scenarios, ECC units: 256 MiB, 128 MiB, 160 MiB.
const MEDIA: [(Media, &str, u64); 3] = [(Media::Bd, "bd", 4096), (Media::Dvd, "dvd", 4096), (Media::Cd, "cd", 81_920)];

/// Limits of the ratio: of the mean, and of each.
const MEAN: f64 = 1.03;
const WORST: f64 = 1.10;

struct Deaf;

impl Events for Deaf {
    fn event(&self, _: Event) {}
}

/// The damage plan of a scenario.
fn plan(media: &str, scenario: &str, units: u64, seed: &str) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/drivesim.py");
    let name = format!("{media}-{scenario}");
    let output = Command::new("python3")
        .arg(script)
        .args(["map", &name, "--blocks", &units.to_string(), "--seed", seed])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Drive seconds of a sweep and a patch, and bytes that came home.
fn seconds(media: Media, units: u64, plan: &str, guard: GuardRules) -> (f64, u64) {
    let folder = tempfile::tempdir().unwrap();
    let (mut seconds, mut rescued) = (0.0, 0);
    for task in [Task::Sweep { restart: false }, Task::Patch { passes: 3, finish: false, thorough: false }] {
        let medium = Box::new(NumberedMedium { sectors: units * media.ecc_unit() });
        let plan = DamagePlan::parse(plan).unwrap();
        let emulated = EmulatedDrive::new(medium, media, plan, Arc::new(VirtualClock::new()));
        let mut drive = Drive::open(Box::new(emulated), DriveOptions::default()).unwrap();
        let plain = Job::new(task, folder.path().join("out.iso"));
        let job = Job { media: Some(media), drive_log: false, guard, ..plain };
        let (report, _) = run(&job, Input::Drive(&mut drive), &Cancel::new(), &Deaf).unwrap();
        seconds += report.drive_seconds;
        rescued = report.totals.rescued_bytes;
    }
    (seconds, rescued)
}

/// What a scenario costs without one rule after the other.
fn each(name: &str) {
    let (media, scenario) = name.split_once('-').unwrap();
    let (kind, media, units) = MEDIA.into_iter().find(|(_, name, _)| *name == media).unwrap();
    let plan = plan(media, scenario, units, "1");
    let all = GuardRules::default();
    let rules = [
        ("all", all),
        ("settings_after_reset", GuardRules { settings_after_reset: false, ..all }),
        ("known_good_check", GuardRules { known_good_check: false, ..all }),
        ("zeros", GuardRules { zeros: false, ..all }),
        ("restarts", GuardRules { restarts: false, ..all }),
        ("second_read", GuardRules { second_read: false, ..all }),
        ("unsaid_effort", GuardRules { unsaid_effort: false, ..all }),
        ("none", GuardRules::none()),
    ];
    for (without, rules) in rules {
        let (seconds, came) = seconds(kind, units, &plan, rules);
        println!("{without:24}{seconds:10.1}{came:14}");
    }
}

fn main() {
    if let Some(scenario) = std::env::args().skip_while(|argument| argument != "--each").nth(1) {
        return each(&scenario);
    }
    let seeds: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let seeds = if seeds.is_empty() { vec!["1".to_owned()] } else { seeds };
    let mut ratios: Vec<f64> = Vec::new();
    println!("{:16}{:>10}{:>10}{:>8}{:>14}", "scenario", "with, s", "none, s", "ratio", "bytes more");
    for (media, name, units) in MEDIA {
        for scenario in SCENARIOS {
            for seed in &seeds {
                let plan = plan(name, scenario, units, seed);
                let (with, came) = seconds(media, units, &plan, GuardRules::default());
                let (without, came_without) = seconds(media, units, &plan, GuardRules::none());
                let ratio = with / without;
                ratios.push(ratio);
                let more = i128::from(came) - i128::from(came_without);
                println!("{:16}{with:10.1}{without:10.1}{ratio:8.3}{more:14}", format!("{name}-{scenario} {seed}"));
            }
        }
    }
    let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
    let worst = ratios.iter().copied().fold(0.0, f64::max);
    println!("mean {mean:.3} (limit {MEAN}), worst {worst:.3} (limit {WORST})");
    std::process::exit(i32::from(mean > MEAN || worst > WORST));
}
