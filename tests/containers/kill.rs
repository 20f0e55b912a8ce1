//! kill -9 at random moments while a qcow2 image is written: what the map claims is true, the image is sound, and going on ends
//! with the whole disc.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{assert_sound, qemu_img};
use crate::support::{SECTOR, disc_file, program};
use tempfile::TempDir;

/// Kills that must have hit a running freemkv.
const KILLS: usize = 50;

/// Longer than a run takes that nobody kills, in milliseconds.
const UNDISTURBED: u64 = 300_000;

/// A drive quick enough for a test, with damage that comes back: about a second of reading in all.
const PLAN: &str =
    "seed 5\nrate 160\nseek_s 0.0025\nstroke_s 0.0025\nbad_s 0.0125\nweak_s 0.0025\nbad 300 8 0.5\nbad 900 1 0.3\n";

/// A small generator: the moments only have to differ from kill to kill.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

/// Runs freemkv and kills it after that many milliseconds. Returns its exit code, when it was quicker.
fn run_and_kill(command: &str, drive: &str, out: &Path, moment: u64) -> Option<i32> {
    // A limit of 0 would be none.
    let moment = format!("{}.{:03}1", moment / 1000, moment % 1000);
    let mut timeout = Command::new("timeout");
    timeout.args(["--signal=KILL", &moment, env!("CARGO_BIN_EXE_freemkv"), command, drive]).arg(out);
    if command == "patch" {
        timeout.args(["--passes", "50"]);
    }
    let status = timeout.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    // `timeout` dies by the signal that it sends.
    status.code().filter(|code| *code != 128 + 9)
}

fn assert_no_false_claim(disc: &[u8], out: &Path) {
    let Ok(map) = fs::read_to_string(out.with_extension("qcow2.map")) else { return };
    let lines: Vec<&str> = map.lines().filter(|l| !l.starts_with('#')).skip(1).filter(|l| l.ends_with('+')).collect();
    if lines.is_empty() {
        return;
    }
    let name = out.to_str().unwrap();
    assert_sound(name);
    let raw = out.with_extension("raw");
    qemu_img(&["convert", "-f", "qcow2", "-O", "raw", name, raw.to_str().unwrap()]);
    let image = fs::read(raw).unwrap();
    for line in lines {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |s: &str| usize::from_str_radix(s.trim_start_matches("0x"), 16).unwrap();
        let range = number(fields[0])..number(fields[0]) + number(fields[1]);
        assert!(disc[range.clone()] == image[range], "a false claim in {line}");
    }
}

#[test]
fn killed_fifty_times_it_never_lies_and_ends_whole() {
    if program("qemu-img").is_none() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let source = disc_file(folder.path(), "disc.iso", 3, 32 * 1024);
    let disc = fs::read(&source).unwrap();
    assert_eq!(disc.len(), 32 * 1024 * SECTOR);
    let plan = folder.path().join("plan");
    let drive = format!("emu:{},profile=bd,time=real,faults={}", source.display(), plan.display());
    let (mut moments, mut kills, mut discs) = (Lcg(42), 0, 0);
    while kills < KILLS {
        discs += 1;
        let out = folder.path().join(format!("out{discs}.qcow2"));
        let mut command = "sweep";
        loop {
            // The drive's luck is another one each time, else what failed once would fail for ever.
            fs::write(&plan, format!("{PLAN}seed {}\n", moments.below(1000))).unwrap();
            // Between nothing at all and about half of all the reading.
            let moment = if kills < KILLS { moments.below(550) } else { UNDISTURBED };
            let ended = run_and_kill(command, &drive, &out, moment);
            assert_no_false_claim(&disc, &out);
            match ended {
                None => kills += 1,
                Some(0) => break,
                // The sweep is done and something is missing, or patch ran out of passes.
                Some(3) => command = "patch",
                Some(code) => panic!("exit {code} from {command}"),
            }
        }
        qemu_img(&["compare", "-f", "raw", "-F", "qcow2", source.to_str().unwrap(), out.to_str().unwrap()]);
        fs::remove_file(&out).unwrap();
    }
    println!("{kills} kills over {discs} images");
}
