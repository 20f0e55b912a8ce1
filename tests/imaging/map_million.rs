//! How long a map of a million runs takes, and how much memory:
//! `cargo test --release --test imaging map_million -- --ignored --nocapture`.

use std::time::Instant;

use freemkv::base::sector::SectorRange;
use freemkv::mapfile::sector_map::SectorMap;
use freemkv::mapfile::status::Status;
use freemkv::mapfile::store::MapStore;

const RUNS: u64 = 1_000_000;

/// The line of `/proc/self/status` with the largest memory so far.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or("VmHWM unknown").replace('\t', " ")
}

#[test]
#[ignore = "a measurement; needs a release build"]
fn a_million_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("million.map");
    let size = RUNS * 2048 * 3;
    {
        let mut text = String::from("0 ? 1\n");
        for run in 0..RUNS {
            let status = ['+', '/', '?', '*'][run as usize % 4];
            text.push_str(&format!("0x{:08X}  0x{:08X}  {status}\n", run * 6144, 6144));
        }
        std::fs::write(&path, text).unwrap();
    }
    println!("before: {}", peak());

    let start = Instant::now();
    let mut store = MapStore::load(&path, size).unwrap().unwrap();
    let load = start.elapsed().as_secs_f64();
    println!("loaded in {load:.3} s; {}", peak());
    assert_eq!(store.map().totals().all_runs(), RUNS);

    let start = Instant::now();
    store.save().unwrap();
    let save = start.elapsed().as_secs_f64();
    println!("saved in {save:.3} s; together {:.3} s; {}", load + save, peak());

    let start = Instant::now();
    for run in 0..RUNS {
        store.apply(&[(SectorRange::with_len((run * 7919 % RUNS) * 3 + 1, 1), Status::Finished)]);
    }
    println!("a million scattered changes in {:.3} s", start.elapsed().as_secs_f64());

    let start = Instant::now();
    let mut at = 0;
    let mut found = 0;
    while let Some(range) = store.map().next(Status::NonTried, at) {
        at = range.end();
        found += 1;
    }
    println!("{found} runs of one status one by one in {:.3} s; {}", start.elapsed().as_secs_f64(), peak());

    let start = Instant::now();
    let mut map = SectorMap::new(RUNS * 32, RUNS * 32 * 2048);
    for unit in 0..RUNS {
        map.set(SectorRange::with_len(unit * 32, 32), Status::Finished);
    }
    assert!(map.is_finished());
    println!("a sweep in a million steps in {:.3} s", start.elapsed().as_secs_f64());
}
