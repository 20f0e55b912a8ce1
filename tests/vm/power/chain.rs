//! A disk and the commands that write to it, one cut off after the other.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::progress;
use crate::claims::{claims, rip_folder};
use crate::imaging::{machine, static_freemkv};
use crate::machine::{Machine, Output};
use crate::support::{disc_bytes, run_program, skip};
use crate::write_log::{Luck, Step, WriteLog};

/// The bundled disc: a film of 64 seconds.
const FILM_DISC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

/// Sectors of the made-up disc: 16 MiB.
const SECTORS: usize = 8192;

/// Bytes of the disk: what XFS wants at least, and some more; the file is sparse.
const DISK: u64 = 320 << 20;

/// For a machine that shares its processors; one with two to itself needs a twentieth of it.
const TIME_LIMIT: Duration = Duration::from_secs(900);

/// Bytes that a log may have.
const LOG: u64 = 2 << 30;

/// Drives that take eight seconds for the sound disc, as long for the weak units of the damaged one, and four for the film's.
const DRIVE: &str = "inner 1\nseek_s 0.01\nstroke_s 0.01\nweak_s 0.02\n";
const SOUND: &str = "rate 2\n";
const DAMAGED: &str = "rate 4\nbad_s 0.1\nbad 60 8 0.5\nbad 150 30 0.4\nbad 230 1 0.3\n";
const FILM: &str = "rate 2\n";

/// Most seconds of sound reading that a cut may cost, or three times what a sync takes.
const LOST_MAX: f64 = 5.0;

/// So much longer is told than it was: a run says where it stands once a second.
const BETWEEN_LINES: f64 = 1.5;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verb {
    Sweep,
    Patch,
    Mux,
    Rip,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Patch => "patch",
            Self::Mux => "mux",
            Self::Rip => "rip",
        }
    }

    /// Milliseconds in which its power is cut, from its start.
    fn moments(self) -> (u64, u64) {
        match self {
            Self::Sweep => (500, 7000),
            Self::Patch => (500, 4000),
            Self::Mux | Self::Rip => (300, 3000),
        }
    }
}

/// What a cut left.
pub(crate) struct Found {
    /// Bytes that the map calls rescued.
    pub(crate) rescued: usize,
    /// Seconds of reading that were lost, of a sweep.
    pub(crate) lost: Option<f64>,
}

pub(crate) struct Chain {
    folder: TempDir,
    machine: Machine,
    write: &'static str,
    seed: u64,
    disc: Vec<u8>,
    film_disc: Vec<u8>,
    film: Vec<u8>,
}

impl Chain {
    /// A new disk with that file system; `None`, with a note, where it or the machine cannot be had.
    pub(crate) fn new(kind: &'static str, write: &'static str, seed: u64) -> Option<Self> {
        let machine = machine()?;
        let folder = TempDir::new_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder");
        make_disk(&folder.path().join("disk"), kind)?;
        let film = folder.path().join("film.mkv");
        let made = Command::new(static_freemkv()).args(["mux", FILM_DISC, "-q"]).arg(&film).status();
        assert!(made.is_ok_and(|status| status.success()), "the film of the bundled disc");
        let (disc, film_disc) = (disc_bytes(9, SECTORS), fs::read(FILM_DISC).expect("the bundled disc"));
        let plan = |text: &str| format!("{DRIVE}{text}").into_bytes();
        let machine = machine
            .modules(&[kind])
            .folder("discs")
            .file("discs/disc.iso", &disc)
            .file("discs/film.iso", &film_disc)
            .file("discs/sound.plan", &plan(SOUND))
            .file("discs/damaged.plan", &plan(DAMAGED))
            .file("discs/film.plan", &plan(FILM))
            .disk(&folder.path().join("disk"))
            .logged(kind, &folder.path().join("log"))
            .time_limit(TIME_LIMIT);
        Some(Self { machine, write, seed, disc, film_disc, film: fs::read(film).expect("it was made"), folder })
    }

    /// Cuts the power in these commands, in this order, and judges what each cut leaves, and the end of each command.
    pub(crate) fn run(&self, cuts: &[Verb]) -> Vec<Found> {
        let (mut luck, mut found, mut boots) = (Luck(self.seed), Vec::new(), 0);
        let began = Instant::now();
        // What the last machine was cut off in, and what it said.
        let mut before: Option<(Verb, String)> = None;
        while found.len() < cuts.len() || before.is_some() {
            boots += 1;
            assert!(boots <= 4 * cuts.len() + 1, "{} cuts: too few runs last until the power goes", found.len());
            let next = cuts.get(found.len() + usize::from(before.is_some())).copied();
            let output = self.boot(before.as_ref().map(|(verb, _)| *verb), next, &mut luck, boots);
            if let Some((verb, console)) = before.take() {
                found.push(self.judge(verb, &output, &console));
                if next != Some(verb) {
                    self.judge_end(verb, &output);
                }
            }
            if let Some(verb) = next.filter(|_| output.power_cut) {
                println!("{:.0?} after the start, {verb:?} is cut off", began.elapsed());
                self.lose(&mut luck);
                before = Some((verb, output.console));
            }
        }
        found
    }

    /// Starts the machine on the disk: what was cut off goes on to its end unless it is `next` as well; then that is cut off.
    fn boot(&self, before: Option<Verb>, next: Option<Verb>, luck: &mut Luck, boot: usize) -> Output {
        let path = |name: &str| self.folder.path().join(name);
        let mut script = format!("WRITE={}\nSEED={}{boot}\n{}", self.write, self.seed, include_str!("../guest/power"));
        if let Some(verb) = before {
            script += "keep found\n";
            if next != before {
                script += &format!("to_the_end {}\n", verb.name());
            }
        }
        if let Some(verb) = next {
            if next != before {
                script += &format!("fresh {}\n", verb.name());
            }
            let (first, last) = verb.moments();
            script += &format!("cut {} {}\n", verb.name(), 1000 * (first + luck.below(last - first)));
        }
        copy_sparse(&path("disk"), &path("base"));
        File::create(path("log")).and_then(|file| file.set_len(LOG)).expect("a sparse file");
        self.machine.run(&script)
    }

    /// What the power cut leaves of the disk: what it flushed, and some of what was written since.
    fn lose(&self, luck: &mut Luck) {
        let path = |name: &str| self.folder.path().join(name);
        let log = WriteLog::read(&path("log"));
        if !log.is_whole {
            // QEMU was killed within an entry: what it wrote to the disk itself is all there.
            return;
        }
        let sure = log.steps.iter().rposition(|step| *step == Step::Flush).unwrap_or(0);
        let disk = File::options().write(true).open(path("base")).expect("it was copied");
        log.apply(&disk, 0..sure);
        log.apply_some(&disk, sure..log.steps.len(), |limit| luck.below(limit));
        fs::rename(path("base"), path("disk")).expect("both lie in the same folder");
    }

    fn judge(&self, verb: Verb, output: &Output, console: &str) -> Found {
        let found = output.folder().join("found");
        self.only_whole_films(&found);
        let rip = rip_folder(&found.join("rips"), "SCRATCHED_FILM");
        self.only_whole_films(&rip);
        let rescued = match verb {
            Verb::Sweep | Verb::Patch => claims(&self.disc, &found.join("disc.iso")),
            Verb::Mux => 0,
            Verb::Rip => claims(&self.film_disc, &rip.join("SCRATCHED_FILM.iso")),
        };
        let lost = Some(verb).filter(|verb| *verb == Verb::Sweep).and_then(|_| progress::lost(console, rescued));
        let limit = LOST_MAX.max(3.0 * progress::sync_seconds(console)) + BETWEEN_LINES;
        assert!(lost.is_none_or(|lost| lost <= limit), "{lost:?} s of reading are lost, more than {limit}:\n{console}");
        Found { rescued, lost }
    }

    fn judge_end(&self, verb: Verb, output: &Output) {
        let end = output.folder().join("end");
        let rip = rip_folder(&end.join("rips"), "SCRATCHED_FILM");
        let is_whole = |disc: &[u8], image: &Path| {
            assert!(
                fs::read(image).is_ok_and(|image| image == disc),
                "the image differs in the end:\n{}",
                said(output)
            );
            assert_eq!(claims(disc, image), disc.len(), "the map does not say that all is there");
        };
        match verb {
            Verb::Sweep | Verb::Patch => is_whole(&self.disc, &end.join("disc.iso")),
            Verb::Mux => assert_eq!(self.only_whole_films(&end), 1, "no film in the end:\n{}", said(output)),
            Verb::Rip => {
                assert_eq!(self.only_whole_films(&rip), 1, "no film in the end:\n{}", said(output));
                is_whole(&self.film_disc, &rip.join("SCRATCHED_FILM.iso"));
            }
        }
    }

    /// How many films lie in a folder, each of which must be whole.
    fn only_whole_films(&self, folder: &Path) -> usize {
        let paths = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let films: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|kind| kind == "mkv")).collect();
        for film in &films {
            assert!(fs::read(film).is_ok_and(|film| film == self.film), "{} is not the whole film", film.display());
        }
        films.len()
    }
}

fn said(output: &Output) -> String {
    let said = if output.has("said") { output.text("said") } else { String::new() };
    format!("{said}\n{}", output.console)
}

fn make_disk(path: &Path, kind: &str) -> Option<()> {
    File::create(path).and_then(|file| file.set_len(DISK)).expect("a sparse file");
    let name = path.display().to_string();
    let options = if kind == "ext4" { ["-q", "-F"] } else { ["-q", "-f"] };
    let tool = ["/usr/sbin", "/sbin"].map(|folder| format!("{folder}/mkfs.{kind}"));
    let Some(tool) = tool.into_iter().find(|tool| Path::new(tool).exists()) else {
        skip(&format!("mkfs.{kind} is not installed"));
        return None;
    };
    let made = run_program(&tool, &[options[0], options[1], &name]);
    assert!(made.is_ok(), "{made:?}");
    Some(())
}

fn copy_sparse(from: &Path, to: &Path) {
    let copied = run_program("cp", &["--sparse=always", &from.display().to_string(), &to.display().to_string()]);
    assert!(copied.is_ok(), "{copied:?}");
}
