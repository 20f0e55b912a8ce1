//! `docs/drive-answers.md`: what becomes of every answer that a drive gives to a read, made by runs of the program on the
//! emulated drive. To renew it after a change that is meant: `tests/generate`.

mod cases;
mod page;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::bench::{Bench, json};
use cases::{Case, How};
use page::{Cell, Words};

/// Units of the disc here, 16 sectors each: room for known-good places and for damage to be passed.
const UNITS: usize = 64;

/// The unit with the answer, in the middle of the disc.
const UNIT: usize = 30;

/// Where the page lies.
const PAGE: &str = "docs/drive-answers.md";

#[test]
fn the_page_of_answers_is_what_the_program_does() {
    let made = page::write(cells());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("FREEMKV_RENEW").is_some() {
        std::fs::write(&path, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    let different = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
    assert_eq!(different, None, "{PAGE} is old, or the program has changed: renew it with tests/generate");
    assert_eq!(made.lines().count(), kept.lines().count(), "{PAGE} is old: renew it with tests/generate");
}

/// No answer of one place ends a rescue, and none makes a bad sector of a sound one.
#[test]
fn a_place_costs_itself_and_nothing_else() {
    for (case, cells) in cells() {
        let Some(Some(cell)) = cells.get(1).filter(|_| case.is_of_a_place) else { continue };
        assert!(matches!(cell.code, 0 | 3), "{}: {} {:?}", case.name, cell.code, cell.words);
        let outside = cell.map.chars().enumerate().find(|(i, status)| i / 16 != UNIT && *status != '+');
        assert_eq!(outside, None, "{}", case.name);
    }
}

/// A case and what came of it in each of its ways.
type Row = (Case, Vec<Option<Cell>>);

/// All of them, made once.
fn cells() -> &'static [Row] {
    static CELLS: OnceLock<Vec<Row>> = OnceLock::new();
    CELLS.get_or_init(run_all)
}

/// Every case in its ways, run side by side.
fn run_all() -> Vec<Row> {
    let cases = cases::all();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*case, How::ALL.map(|how| case.plan(how).map(|plan| run(&plan))).into()));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let mut done: Vec<Row> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    done.sort_by_key(|(case, _)| cases.iter().position(|other| other.name == case.name));
    done
}

/// A sweep with a drive that has this plan and, where data is missing behind it, a patch of one pass.
fn run(plan: &str) -> Cell {
    let bench = Bench::new(16 * UNITS);
    let drive = bench.drive("dvd", plan);
    let mut done = bench.run("sweep", &drive, &["--no-drive-log"]);
    if done.code == Some(3) {
        done = bench.run("patch", &drive, &["--no-drive-log", "--passes", "1"]);
    }
    let map = if bench.path("out.iso.map").exists() {
        bench.assert_no_false_claim();
        bench.map()
    } else {
        String::new()
    };
    let report = json(&done);
    let name = format!("emu:{}", bench.disc.display());
    let plainly = |text: &serde_json::Value| {
        let text = text.as_str()?.replace(&format!("{name} (FREEMKV EMULATED DRIVE 1.00)"), "DRIVE");
        Some(page::in_general(&text.replace(&name, "DRIVE")))
    };
    let words = plainly(&report["error"]["message"])
        .map(|message| Words { message, hint: plainly(&report["error"]["hint"]).unwrap_or_default() });
    let aside = report["set_aside"].as_array().cloned().unwrap_or_default();
    let mut aside: BTreeSet<String> =
        aside.iter().filter_map(|place| Some(place["cause"].as_str()?.replace('_', " "))).collect();
    if report["left_out"].as_array().is_some_and(|tracts| !tracts.is_empty()) {
        aside.insert("left out".to_owned());
    }
    Cell { code: done.code.unwrap(), map, words, aside }
}
