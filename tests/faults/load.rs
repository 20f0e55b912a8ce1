//! Four drives at full speed into one slow disk: each of them goes on, and the memory of all is bounded.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{disc_file, freemkv, rescued_sectors};

/// Sectors of each disc: more than a window, so that writers wait for their disk.
const SECTORS: usize = 64 << 20 >> 11;
const DRIVES: usize = 4;
/// Together they are faster than the disk.
const RATE: &str = "rate 16\nseek_s 0.001\nstroke_s 0.001\n";
/// The promise for one sweep, in KiB.
const LIMIT_KIB: u64 = 64 << 10;
/// The slowest drive may be behind the fastest by this factor when that one is done.
const FAIR: usize = 4;
const LONG: Duration = Duration::from_secs(300);

/// A program, its highest memory and what its map said when the first of all had ended.
struct Sweep {
    child: Child,
    peak_kib: u64,
    code: Option<i32>,
    rescued: usize,
}

fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
    line.unwrap_or(0)
}

/// Keeps the disk of a folder busy until the file is gone: it is never idle, as a slow one is.
fn busy(folder: &Path) -> std::thread::JoinHandle<()> {
    let path = folder.join("busy");
    File::create(&path).unwrap();
    std::thread::spawn(move || {
        let block = vec![7; 1 << 20];
        while let Ok(mut file) = File::options().write(true).open(&path) {
            let _ = file.write_all(&block).and_then(|()| file.sync_all());
        }
    })
}

#[test]
fn four_drives_share_one_busy_disk_and_none_starves() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let noise = busy(folder.path());
    let paths = |number: usize| ["disc", "iso"].map(|end| folder.path().join(format!("{number}.{end}")));
    let plan = folder.path().join("plan");
    fs::write(&plan, RATE).unwrap();
    for number in 0..DRIVES {
        let _ = disc_file(folder.path(), &format!("{number}.disc"), number as u64, SECTORS);
    }
    let mut sweeps: Vec<Sweep> = (0..DRIVES)
        .map(|number| {
            let [disc, out] = paths(number);
            let drive = format!("emu:{},profile=bd,faults={},time=real", disc.display(), plan.display());
            let mut command = freemkv();
            command.arg("sweep").arg(drive).arg(out).arg("-q");
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            Sweep { child, peak_kib: 0, code: None, rescued: SECTORS }
        })
        .collect();
    let begun = Instant::now();
    let mut first_is_done = false;
    while sweeps.iter().any(|sweep| sweep.code.is_none()) {
        assert!(begun.elapsed() < LONG, "they do not end");
        for sweep in sweeps.iter_mut().filter(|sweep| sweep.code.is_none()) {
            sweep.peak_kib = sweep.peak_kib.max(peak_kib(sweep.child.id()));
            sweep.code = sweep.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1));
        }
        if !first_is_done && sweeps.iter().any(|sweep| sweep.code.is_some()) {
            first_is_done = true;
            for (number, sweep) in sweeps.iter_mut().enumerate().filter(|(_, sweep)| sweep.code.is_none()) {
                // Bytes of the image: the map may be a second behind.
                let there = fs::metadata(&paths(number)[1]).map_or(0, |image| image.len());
                sweep.rescued = usize::try_from(there >> 11).unwrap();
            }
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    fs::remove_file(folder.path().join("busy")).unwrap();
    noise.join().unwrap();
    for (number, sweep) in sweeps.iter().enumerate() {
        let [disc, out] = paths(number);
        assert_eq!(sweep.code, Some(0), "drive {number}");
        assert!(fs::read(&disc).unwrap() == fs::read(&out).unwrap(), "drive {number}");
        assert_eq!(rescued_sectors(&out.with_extension("iso.map")).len(), SECTORS);
        assert!(sweep.peak_kib <= LIMIT_KIB, "drive {number}: {} KiB", sweep.peak_kib);
        assert!(sweep.rescued * FAIR >= SECTORS, "drive {number} had {} sectors when another was done", sweep.rescued);
    }
    let peaks: Vec<u64> = sweeps.iter().map(|sweep| sweep.peak_kib).collect();
    println!("figures: {DRIVES} drives, {:.1} s, peaks {peaks:?} KiB", begun.elapsed().as_secs_f64());
}

/// A disc of damage from end to end: what a run knows of it does not grow with the hours.
#[test]
fn a_hundred_thousand_damaged_units_leave_the_memory_flat() {
    let units: u64 = if std::env::var_os("FREEMKV_TEST_LONG").is_some() { 200_000 } else { 10_000 };
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (disc, out, plan) = (folder.path().join("disc"), folder.path().join("out.iso"), folder.path().join("plan"));
    File::create(&disc).unwrap().set_len(units * 32 * 2048).unwrap();
    // Every second unit is bad.
    let mut lines = String::from("bad_s 0.05\n");
    (0..units / 2).for_each(|unit| lines.push_str(&format!("bad {} 1 0\n", unit * 2)));
    fs::write(&plan, lines).unwrap();
    let mut command = freemkv();
    command.arg("sweep").arg(format!("emu:{},profile=bd,faults={}", disc.display(), plan.display())).arg(&out);
    command.args(["-q", "--no-drive-log"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let (mut looks, mut peak) = (Vec::new(), 0);
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        let now = peak_kib(child.id());
        if now > peak {
            peak = now;
            looks.push(now);
        }
        std::thread::park_timeout(Duration::from_millis(20));
    };
    println!("figures: {} damaged units, peak {peak} KiB", units / 2);
    // All is zeros beside failures, which the program does not believe: nothing is called rescued by mistake.
    assert!(matches!(code, Some(3 | 7)), "{code:?}");
    // The plan itself is held by the emulated drive.
    let of_the_plan = units / 2 * 150 / 1024;
    assert!(peak <= LIMIT_KIB + of_the_plan, "{peak} KiB: {looks:?}");
}
