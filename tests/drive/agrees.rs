//! The emulated drive and the preload library that other programs are measured with must be the same drive: same
//! luck, same sectors handed over, same seconds. Else no comparison of programs would mean anything.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use freemkv::base::clock::{Clock, VirtualClock};
use freemkv::base::media::Media;
use freemkv::base::sector::{SECTOR_SIZE, SectorRange};
use freemkv::scsi::emulated::{DamagePlan, EmulatedDrive, NumberedMedium};
use freemkv::scsi::{Data, Transport, cdb};

/// Reads what its arguments say, `START COUNT` in sectors, and prints how many sectors came.
const READER: &str = "
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
for line in open(sys.argv[2]):
    start, count = map(int, line.split())
    try:
        print(len(os.pread(fd, count * 2048, start * 2048)) // 2048)
    except OSError:
        print(0)
";

const SECTORS: u64 = 20_000;

/// Reads in an order that jumps, comes back and repeats.
fn reads(ecc: u64) -> Vec<(u64, u64)> {
    let mut x: u64 = 42;
    let mut next = |below: u64| {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) % below
    };
    let mut at = 0;
    let random = (0..600).map(|_| {
        at = if next(4) == 0 { next(SECTORS - 64) } else { (at + next(3) * ecc).min(SECTORS - 64) };
        (at, 1 + next(64))
    });
    random.collect()
}

/// The preload library's answers, and its seconds.
fn reference(source: &Path, folder: &Path, plan: &str, reads: &[(u64, u64)]) -> (Vec<u64>, f64) {
    let path = |name: &str| folder.join(name);
    fs::write(path("plan"), plan).unwrap();
    fs::write(path("reader.py"), READER).unwrap();
    fs::File::create(path("disc")).unwrap().set_len(SECTORS * SECTOR_SIZE as u64).unwrap();
    let lines: String = reads.iter().map(|(start, count)| format!("{start} {count}\n")).collect();
    fs::write(path("reads"), lines).unwrap();
    let built = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(path("drive.so"))
        .arg(source)
        .args(["-ldl", "-lm"])
        .status()
        .unwrap();
    assert!(built.success());
    let output = Command::new("python3")
        .arg(path("reader.py"))
        .arg(path("disc"))
        .arg(path("reads"))
        .env("LD_PRELOAD", path("drive.so"))
        .env("DRIVESIM_SRC", path("disc"))
        .env("DRIVESIM_MAP", path("plan"))
        .env("DRIVESIM_OUT", path("out.json"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = String::from_utf8(output.stdout).unwrap().lines().map(|l| l.parse().unwrap()).collect();
    let report: serde_json::Value = serde_json::from_slice(&fs::read(path("out.json")).unwrap()).unwrap();
    (counts, report["drive_s"].as_f64().unwrap())
}

/// The same from the emulated drive.
fn emulated(plan: &str, reads: &[(u64, u64)]) -> (Vec<u64>, f64) {
    let clock = VirtualClock::new();
    let plan = DamagePlan::parse(plan).unwrap();
    let medium = Box::new(NumberedMedium { sectors: SECTORS });
    let mut drive = EmulatedDrive::new(medium, Media::Bd, plan, Arc::new(clock.clone()));
    let mut buffer = vec![0; 64 * SECTOR_SIZE];
    let counts = reads.iter().map(|(start, count)| {
        let buffer = &mut buffer[..*count as usize * SECTOR_SIZE];
        let cdb = cdb::read(SectorRange::with_len(*start, *count), false).unwrap();
        let reply = drive.execute(&cdb, Data::In(buffer), Duration::MAX).unwrap();
        count - (reply.residual / SECTOR_SIZE) as u64
    });
    (counts.collect(), clock.now().as_secs_f64())
}

#[test]
fn luck_sectors_and_seconds_are_those_of_the_preload_library() {
    let Some(data) = crate::support::test_data() else { return };
    if ["cc", "python3"].iter().any(|name| crate::support::program(name).is_none()) {
        return;
    }
    let source = data.join("drivesim/drivesim.c");
    for plan in [
        "ecc 32\nrate 27\nbad_s 4\nseed 3\nbad 10 5 0\nbad 40 100 0.4\nbad 300 200 0.8\n",
        "ecc 16\nrate 11\nseed 9\nbad 100 30 0.2\nbads 5000 300 0.5\nbads 9000 40 0\nbads 9010 3 0.9\n",
        "ecc 1\nrate 6\nbad_s 1.5\ncache_kib 1024\nbad 1000 500 0.7\nbads 4000 800 0.9\n",
        "ecc 32\nspread 2\nprefix 0\nredraw 20\nseed 5\nbad 40 100 0.4\nbads 12000 300 0.6\n",
    ] {
        let folder = tempfile::tempdir().unwrap();
        // Defaults of the reference that differ by kind of disc are written out.
        let plan = format!("bad_s 3\nrate 27\ncache_kib 4096\n{plan}");
        let ecc = if plan.contains("ecc 1\n") { 1 } else { 32 };
        let reads = reads(ecc);
        let (counts, seconds) = reference(&source, folder.path(), &plan, &reads);
        assert!(reads.iter().zip(&counts).any(|((_, asked), came)| came < asked), "nothing failed: {plan}");
        let (ours, our_seconds) = emulated(&plan, &reads);
        let first_difference = counts.iter().zip(&ours).position(|(a, b)| a != b);
        assert_eq!(first_difference, None, "{plan}");
        assert!((seconds - our_seconds).abs() < 0.01, "{plan}: {seconds} and {our_seconds}");
    }
}
