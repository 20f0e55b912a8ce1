//! The commands that are disturbed, their discs and drives, and what each makes when nobody disturbs it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

use crate::support::{disc_bytes, finish};

/// The bundled disc: a film of 64 seconds.
const FILM_DISC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

/// Sectors of the made-up disc that is imaged: 16 MiB.
const SECTORS: usize = 8 * 1024;

/// Runs of a command that is called again until it has all: luck may be against it.
const RUNS_MAX: usize = 20;

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verb {
    Sweep,
    Patch,
    Mux,
    Rip,
    Convert,
}

/// All of them.
pub(crate) const VERBS: [Verb; 5] = [Verb::Sweep, Verb::Patch, Verb::Mux, Verb::Rip, Verb::Convert];

/// How fast the drives are.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// A command takes two or three seconds, in which a checkpoint or two are made.
    Quick,
    /// A command takes some more seconds.
    Slow,
}

/// A temporary folder in memory where there is one: what is disturbed here is freemkv, not the machine's disk.
pub(crate) fn memory_folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

/// Discs and drives.
pub(crate) struct Stage {
    folder: TempDir,
    pace: Pace,
    /// The content of the made-up disc.
    pub(crate) disc: Vec<u8>,
    /// The content of the film's disc.
    pub(crate) film_disc: Vec<u8>,
    /// The film as it is made when nobody disturbs.
    pub(crate) film: Vec<u8>,
}

impl Stage {
    pub(crate) fn new(pace: Pace) -> Self {
        let folder = memory_folder();
        let disc = disc_bytes(3, SECTORS);
        fs::write(folder.path().join("disc.iso"), &disc).unwrap();
        let stage = Self { folder, pace, disc, film_disc: fs::read(FILM_DISC).unwrap(), film: Vec::new() };
        stage.write_plans(0);
        let film = stage.path("film.mkv");
        let made = finish(stage.program().arg("mux").arg(FILM_DISC).arg(&film).arg("-q"));
        assert_eq!(made.code, Some(0), "{made:?}");
        Self { film: fs::read(film).unwrap(), ..stage }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The drives' plans. The luck of the damaged one is another for each `seed`, else what failed once would fail for ever.
    fn write_plans(&self, seed: u64) {
        let (rate, film_rate, bad) = match self.pace {
            Pace::Quick => (8, 3, 0.02),
            Pace::Slow => (4, 2, 0.05),
        };
        let drive = "inner 1\nseek_s 0.0025\nstroke_s 0.0025\nweak_s 0.0025\n";
        let damage = "bad 60 8 0.5\nbad 150 30 0.4\nbad 230 1 0.3\n";
        fs::write(self.path("disc.plan"), format!("rate {rate}\n{drive}bad_s {bad}\n{damage}seed {seed}\n")).unwrap();
        fs::write(self.path("film.plan"), format!("rate {film_rate}\n{drive}bad_s {bad}\nseed {seed}\n")).unwrap();
    }

    fn drive(&self, name: &str, time: &str) -> String {
        let image = if name == "film" { PathBuf::from(FILM_DISC) } else { self.path("disc.iso") };
        format!(
            "emu:{},profile=bd,time={time},faults={}",
            image.display(),
            self.path(&format!("{name}.plan")).display()
        )
    }

    /// The static freemkv, where `FREEMKV_STATIC_BIN` names one: as it is shipped; else the one that cargo built. Its state lies
    /// beside the discs.
    fn program(&self) -> Command {
        let built = OsString::from(env!("CARGO_BIN_EXE_freemkv"));
        let mut command = Command::new(env::var_os("FREEMKV_STATIC_BIN").unwrap_or(built));
        command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
        command.env("XDG_STATE_HOME", self.path("state"));
        command
    }

    /// Puts into an empty folder what must lie there before the command is run.
    pub(crate) fn prepare(&self, verb: Verb, folder: &Path) {
        if verb == Verb::Patch {
            let mut sweep = self.program();
            sweep.args(["sweep", &self.drive("disc", "virtual")]).arg(folder.join("disc.iso")).arg("-q");
            let swept = finish(&mut sweep);
            assert_eq!(swept.code, Some(3), "{swept:?}");
        }
    }

    /// The command, writing into the folder; `write` as after `--write`, for those that have it. Its drive's luck is `seed`.
    pub(crate) fn command(&self, verb: Verb, folder: &Path, write: &str, seed: u64) -> Command {
        self.write_plans(seed);
        let (disc, film) = (self.drive("disc", "real"), self.drive("film", "real"));
        let mut command = self.program();
        match verb {
            Verb::Sweep => command.args(["sweep", &disc]).arg(folder.join("disc.iso")).args(["--write", write]),
            Verb::Patch => {
                command.args(["patch", &disc, "--passes", "50"]).arg(folder.join("disc.iso")).args(["--write", write])
            }
            Verb::Mux => command.args(["mux", &film]).arg(folder.join("film.mkv")),
            Verb::Rip => command.args(["rip", &film]).arg(folder.join("rips")).args(["--min-length", "30s"]),
            Verb::Convert => command.arg("convert").arg(self.path("disc.iso")).arg(folder.join("disc.qcow2")),
        };
        command
    }

    /// Goes on where the command was cut off, at a drive that takes no time, until all is done. Returns how often it was called.
    pub(crate) fn go_on(&self, verb: Verb, folder: &Path) -> usize {
        // A product under its final name was judged already.
        let is_made = |name: &str| folder.join(name).exists();
        if (verb == Verb::Mux && is_made("film.mkv")) || (verb == Verb::Convert && is_made("disc.qcow2")) {
            return 0;
        }
        // The part is left to whoever ran it to delete.
        let _ = fs::remove_file(folder.join("disc.qcow2.part"));
        let mut verb = verb;
        for run in 1..=RUNS_MAX {
            let words = self.command(verb, folder, "auto", u64::try_from(run).unwrap());
            let mut command = self.program();
            command
                .args(words.get_args().map(|word| word.to_string_lossy().replace("time=real", "time=virtual")))
                .arg("-q");
            let ended = finish(&mut command);
            match (verb, ended.code) {
                (_, Some(0)) => return run,
                // The sweep is done and something is missing, or patch ran out of passes.
                (Verb::Sweep | Verb::Patch, Some(3)) => verb = Verb::Patch,
                _ => panic!("{verb:?} does not go on: {ended:?}"),
            }
        }
        panic!("{verb:?} does not end in {RUNS_MAX} runs");
    }
}
