//! What a patch asks for first.

use std::fs;
use std::path::Path;

use super::rack::{FILM, Rack};
use super::support::bench::json;
use super::support::{Finished, run};

/// Sectors of an ECC unit.
const UNIT: u64 = 32;

/// A unit of the film, and two behind all files: see the disc's manifest.
const OF_FILM: u64 = 60;
const OF_NO_FILE: [u64; 2] = [100, 101];

fn image(rack: &Rack, name: &str, command: &str, more: &[&str], drive: &str) -> Finished {
    let out = rack.path(name);
    let mut words = vec![command, drive, out.to_str().unwrap(), "--json"];
    words.extend(more);
    run(words)
}

/// The units of the failures that the drive log tells of patches, in their order.
fn failures(log: &Path) -> Vec<u64> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let of_patch = lines.filter(|line| line["phase"].as_str().is_some_and(|phase| phase.starts_with("retry")));
    let mut units: Vec<u64> = of_patch.filter_map(|line| Some(line["lba"].as_u64()? / UNIT)).collect();
    units.dedup();
    units
}

#[test]
fn the_film_comes_first_and_what_no_file_owns_last() {
    let rack = Rack::new();
    let plan = format!("bad {OF_FILM} 1 0\nbad {} 2 0\nbad 3 1 0\n", OF_NO_FILE[0]);
    let drive = rack.drive("damaged", &plan);
    for order in ["film", "disc"] {
        let name = format!("{order}.iso");
        assert_eq!(image(&rack, &name, "sweep", &[], &drive).code, Some(3));
        let patched = image(&rack, &name, "patch", &["--order", order, "--passes", "2"], &drive);
        assert_eq!(patched.code, Some(3), "{patched:?}");
        let report = json(&patched);
        assert_eq!(
            report["non_scraped_bytes"].as_u64().unwrap() + report["non_trimmed_bytes"].as_u64().unwrap(),
            4 * 65_536
        );
        let asked = failures(&rack.path(&format!("{name}.log.jsonl")));
        let first = |unit: u64| asked.iter().position(|asked| *asked == unit).unwrap();
        if order == "film" {
            let last_of_film = asked.iter().rposition(|unit| *unit == OF_FILM).unwrap();
            assert!(last_of_film < first(OF_NO_FILE[0]), "{asked:?}");
            assert!(patched.stderr.contains("First what the film needs"), "{patched:?}");
            assert!(patched.stderr.contains("belongs to no file"), "{patched:?}");
        } else {
            assert!(first(3) < first(OF_FILM) && first(OF_FILM) < first(OF_NO_FILE[0]), "{asked:?}");
        }
    }
}

#[test]
fn all_that_is_missing_comes_in_either_order() {
    let rack = Rack::new();
    let plan = "seed 4\nbad 60 3 0.5\nbad 100 2 0.5\n";
    let drive = rack.drive("weak", plan);
    for order in ["film", "disc"] {
        let name = format!("{order}.iso");
        assert_eq!(image(&rack, &name, "sweep", &["--hash"], &drive).code, Some(3));
        let patched = image(&rack, &name, "patch", &["--order", order, "--passes", "60", "--hash"], &drive);
        assert_eq!(patched.code, Some(0), "{patched:?}");
        assert!(json(&patched)["sha256"].is_string());
        assert_eq!(fs::read(rack.path(&name)).unwrap(), fs::read(FILM).unwrap());
    }
}
