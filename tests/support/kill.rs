//! kill -9 at random moments while an image is written: what the map claims is true, and going on ends with the whole disc.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{SECTOR, disc_file};
use tempfile::TempDir;

/// Kills that must have hit a running freemkv.
const KILLS: usize = 50;

/// Longer than a run takes that nobody kills, in milliseconds.
const UNDISTURBED: u64 = 300_000;

/// A drive quick enough for a test, with damage that comes back: about a second of reading in all.
const PLAN: &str =
    "seed 5\nrate 160\nseek_s 0.0025\nstroke_s 0.0025\nbad_s 0.0125\nweak_s 0.0025\nbad 300 8 0.5\nbad 900 1 0.3\n";

/// A small generator: the moments only have to differ from one to the next.
pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

/// The bytes that a map calls rescued.
pub(crate) fn claims(map: &str) -> Vec<Range<usize>> {
    let number = |field: &str| usize::from_str_radix(field.trim_start_matches("0x"), 16).unwrap();
    let range = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [start, length, "+"] => Some(number(start)..number(start) + number(length)),
        _ => None,
    };
    map.lines().filter(|line| !line.starts_with('#')).skip(1).filter_map(range).collect()
}

/// Fails when anything that a map calls rescued is not in an image as it is on the disc.
pub(crate) fn assert_claims(map: &str, image: &[u8], disc: &[u8]) {
    for range in claims(map) {
        assert!(image.get(range.clone()) == Some(&disc[range.clone()]), "a false claim in bytes {range:?}");
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

fn assert_no_false_claim(disc: &[u8], out: &Path, content: &dyn Fn(&Path) -> Vec<u8>) {
    let Ok(map) = fs::read_to_string(format!("{}.map", out.display())) else { return };
    // Before that there may be no image yet.
    if !claims(&map).is_empty() {
        assert_claims(&map, &content(out), disc);
    }
}

/// Kills sweeps and patches onto images whose names end in `extension`; `content` gets the bytes of the disc out of one, which
/// may be unfinished.
pub(crate) fn killed_it_never_lies_and_ends_whole(extension: &str, content: &dyn Fn(&Path) -> Vec<u8>) {
    let folder = TempDir::new().unwrap();
    let source = disc_file(folder.path(), "disc.iso", 3, 32 * 1024);
    let disc = fs::read(&source).unwrap();
    assert_eq!(disc.len(), 32 * 1024 * SECTOR);
    let plan = folder.path().join("plan");
    let drive = format!("emu:{},profile=bd,time=real,faults={}", source.display(), plan.display());
    let (mut moments, mut kills, mut of_patches, mut discs) = (Lcg(42), 0, 0, 0);
    while kills < KILLS {
        discs += 1;
        let out: PathBuf = folder.path().join(format!("out{discs}.{extension}"));
        let mut command = "sweep";
        loop {
            // The drive's luck is another one each time, else what failed once would fail for ever.
            fs::write(&plan, format!("{PLAN}seed {}\n", moments.below(1000))).unwrap();
            // Half of them hit sweeps, however slow the machine is, and the others patches.
            let is_next = if command == "patch" { kills < KILLS } else { kills - of_patches < KILLS / 2 };
            // Between nothing at all and about half of all the reading.
            let moment = if is_next { moments.below(550) } else { UNDISTURBED };
            let ended = run_and_kill(command, &drive, &out, moment);
            assert_no_false_claim(&disc, &out, content);
            match ended {
                None => {
                    kills += 1;
                    of_patches += usize::from(command == "patch");
                }
                Some(0) => break,
                // The sweep is done and something is missing, or patch ran out of passes.
                Some(3) => command = "patch",
                Some(code) => panic!("exit {code} from {command}"),
            }
        }
        assert!(content(&out) == disc, "the image differs");
        fs::remove_file(&out).unwrap();
    }
    println!("{kills} kills over {discs} images, {of_patches} of them of patches");
}
