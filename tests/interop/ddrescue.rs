//! Half-done images and maps handed over between freemkv and GNU ddrescue, both ways.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Finished, SECTOR, disc_file, finish, program, run};
use tempfile::TempDir;

const SECTORS: usize = 4096;

/// Dead sectors of the damaged disc: single ones, pieces of ECC units, whole units, across unit borders. The last sector
/// is sound: for `ddrescue -H` the disc ends behind the last one that is.
const DEAD: [(usize, usize); 6] = [(5, 1), (700, 3), (1024, 32), (1500, 100), (2047, 2), (4080, 8)];

struct Handover {
    folder: TempDir,
    disc: PathBuf,
}

impl Handover {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let disc = disc_file(folder.path(), "disc.iso", 11, SECTORS);
        Self { folder, disc }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A map whose bad sectors are dead, for `ddrescue -H` and for the emulated drive alike.
    fn faults(&self) -> PathBuf {
        let mut text = String::from("0x0 + 1\n");
        let mut at = 0;
        for (first, count) in DEAD {
            if first > at {
                text.push_str(&format!("0x{:X} 0x{:X} +\n", at * SECTOR, (first - at) * SECTOR));
            }
            text.push_str(&format!("0x{:X} 0x{:X} -\n", first * SECTOR, count * SECTOR));
            at = first + count;
        }
        if at < SECTORS {
            text.push_str(&format!("0x{:X} 0x{:X} +\n", at * SECTOR, (SECTORS - at) * SECTOR));
        }
        let path = self.path("faults.map");
        fs::write(&path, text).unwrap();
        path
    }

    fn emulated(&self, profile: &str) -> String {
        format!("emu:{},profile={profile},faults={}", self.disc.display(), self.faults().display())
    }

    fn freemkv(&self, command: &str, source: &str, more: &[&str]) -> Finished {
        let out = self.path("out.iso");
        let mut arguments = vec![command, source, out.to_str().unwrap(), "-q"];
        arguments.extend(more);
        run(arguments)
    }

    fn ddrescue(&self, more: &[&str]) -> Finished {
        let mut command = Command::new("ddrescue");
        command.args(["-q", "-b2048"]).args(more);
        command.arg(&self.disc).arg(self.path("out.iso")).arg(self.path("out.iso.map"));
        finish(&mut command)
    }

    fn assert_all_sound_sectors_are_there(&self) {
        let (disc, image) = (fs::read(&self.disc).unwrap(), fs::read(self.path("out.iso")).unwrap());
        let rescued = rescued(&self.path("out.iso.map"));
        for (sector, rescued) in rescued.into_iter().enumerate() {
            let dead = DEAD.iter().any(|(first, count)| (*first..first + count).contains(&sector));
            assert_eq!(rescued, !dead, "sector {sector}");
            let at = sector * SECTOR..(sector + 1) * SECTOR;
            assert!(dead || disc[at.clone()] == image[at], "sector {sector} differs");
        }
    }
}

/// Which sectors a map calls rescued.
fn rescued(map: &Path) -> Vec<bool> {
    let mut sectors = vec![false; SECTORS];
    let text = fs::read_to_string(map).unwrap();
    for line in text.lines().filter(|l| !l.starts_with('#')).skip(1) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |s: &str| usize::from_str_radix(s.trim_start_matches("0x"), 16).unwrap() / SECTOR;
        if fields[2] == "+" {
            sectors[number(fields[0])..number(fields[0]) + number(fields[1])].fill(true);
        }
    }
    sectors
}

#[test]
fn ddrescue_finishes_what_freemkv_began() {
    let Some(_) = program("ddrescue") else { return };
    let h = Handover::new();
    let begun = h.freemkv("sweep", h.disc.to_str().unwrap(), &["--only", "300-1999"]);
    assert_eq!(begun.code, Some(3), "{begun:?}");
    let finished = h.ddrescue(&[]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(fs::read(h.path("out.iso")).unwrap(), fs::read(&h.disc).unwrap());
    assert!(rescued(&h.path("out.iso.map")).iter().all(|r| *r));
}

#[test]
fn freemkv_finishes_what_ddrescue_began() {
    let Some(_) = program("ddrescue") else { return };
    for command in ["sweep", "patch"] {
        let h = Handover::new();
        let begun = h.ddrescue(&["-i", "600000", "-s", "3000000"]);
        assert_eq!(begun.code, Some(0), "{begun:?}");
        let finished = h.freemkv(command, h.disc.to_str().unwrap(), &[]);
        assert_eq!(finished.code, Some(0), "{command}: {finished:?}");
        assert_eq!(fs::read(h.path("out.iso")).unwrap(), fs::read(&h.disc).unwrap());
    }
}

#[test]
fn both_get_the_same_from_the_same_faults() {
    let Some(_) = program("ddrescue") else { return };
    let by_ddrescue = Handover::new();
    let faults = by_ddrescue.faults();
    let done = by_ddrescue.ddrescue(&["-r2", "-H", faults.to_str().unwrap()]);
    assert_eq!(done.code, Some(0), "{done:?}");
    by_ddrescue.assert_all_sound_sectors_are_there();
    for profile in ["cd", "dvd", "bd"] {
        let by_freemkv = Handover::new();
        let drive = by_freemkv.emulated(profile);
        let _ = by_freemkv.freemkv("sweep", &drive, &[]);
        let done = by_freemkv.freemkv("patch", &drive, &[]);
        assert_eq!(done.code, Some(3), "{profile}: {done:?}");
        by_freemkv.assert_all_sound_sectors_are_there();
    }
}

#[test]
fn ddrescue_goes_on_from_a_sweep_of_a_damaged_disc() {
    let Some(_) = program("ddrescue") else { return };
    for profile in ["dvd", "bd"] {
        let h = Handover::new();
        let swept = h.freemkv("sweep", &h.emulated(profile), &[]);
        assert_eq!(swept.code, Some(3), "{swept:?}");
        let faults = h.faults();
        let done = h.ddrescue(&["-r1", "-H", faults.to_str().unwrap()]);
        assert_eq!(done.code, Some(0), "{profile}: {done:?}");
        h.assert_all_sound_sectors_are_there();
    }
}

#[test]
fn freemkv_goes_on_from_any_phase_of_ddrescue() {
    let Some(_) = program("ddrescue") else { return };
    // Copying only; copying and trimming; all but retries; with sector size 512, so that
    // statuses change inside a sector of the disc.
    for options in [&["-n", "-N"][..], &["-n"], &["-r0"], &["-n", "-N", "-b512"]] {
        let h = Handover::new();
        let faults = h.faults();
        let mut all = options.to_vec();
        all.extend(["-H", faults.to_str().unwrap()]);
        let begun = h.ddrescue(&all);
        assert_eq!(begun.code, Some(0), "{begun:?}");
        let done = h.freemkv("patch", &h.emulated("bd"), &[]);
        assert_eq!(done.code, Some(3), "{options:?}: {done:?}");
        h.assert_all_sound_sectors_are_there();
    }
}
