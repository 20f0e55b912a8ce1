//! Runs freemkv and lets one of its system calls fail (`inject.c`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::{Finished, SECTOR, finish, installed, skip};

/// Longer than any run takes, in seconds.
pub(crate) const PATIENCE: u32 = 120;

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The kind of call, as `inject.c` calls it.
    pub(crate) kind: String,
    /// Which one of them, from 1.
    pub(crate) number: u64,
    /// All behind it, too.
    pub(crate) for_good: bool,
    pub(crate) what: What,
}

/// How a call fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Error(i32),
    Short,
    Hang,
}

impl Fault {
    /// As `inject.c` reads it.
    fn text(&self) -> String {
        let Self { kind, number, for_good, what } = self;
        let what = match what {
            What::Error(error) => error.to_string(),
            What::Short => "short".to_owned(),
            What::Hang => "hang".to_owned(),
        };
        format!("{kind}:{number}{}:{what}", if *for_good { "+" } else { "" })
    }

    /// Whether a program has nothing to complain of: it asks again, or does without.
    pub(crate) fn is_harmless(&self) -> bool {
        match self.what {
            What::Short => true,
            What::Error(libc::EINTR) => !self.for_good,
            _ => false,
        }
    }
}

/// What the injector saw of a run.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Calls below the folder, by kind.
    pub(crate) counts: BTreeMap<String, u64>,
    /// What the fault hit: names of files.
    pub(crate) hits: Vec<String>,
    /// Names anywhere that were opened for writing, made, renamed to or removed.
    pub(crate) wrote: Vec<PathBuf>,
    /// Sockets that were made.
    pub(crate) sockets: usize,
}

/// The injector, built; `None`, with a note, where it cannot be.
pub(crate) fn injector() -> Option<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
            return Err("calls are made to fail on x86-64 only".into());
        }
        let compiler = installed("cc").ok_or("cc is not installed")?;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/inject.c");
        // One that another process is writing must not be run.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        let program = folder.join("inject");
        let done = finish(Command::new(compiler).args(["-O1", "-w", "-o"]).arg(&program).arg(source));
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        let probe = folder.join("probe");
        let tried = finish(Command::new(&program).arg("none").arg(&folder).arg(&probe).args(["9", "true"]));
        let works = tried.code == Some(0);
        if works { Ok(program) } else { Err(format!("no program can be traced here: {}", tried.stderr)) }
    });
    match built {
        Ok(program) => Some(program),
        Err(why) => {
            skip(why);
            None
        }
    }
}

/// freemkv under the injector: with `fault` in calls about what lies below `folder`. `log` is a name outside of it.
pub(crate) fn command(fault: Option<&Fault>, folder: &Path, log: &Path, arguments: &[OsString]) -> Command {
    let mut command = Command::new(injector().unwrap());
    command.arg(fault.map_or("none".to_owned(), Fault::text)).arg(folder).arg(log).arg(PATIENCE.to_string());
    command.arg(env!("CARGO_BIN_EXE_freemkv")).args(arguments).stdin(Stdio::null());
    command.current_dir(folder).env_remove("NO_COLOR").env("LC_ALL", "C.UTF-8");
    command.env("XDG_STATE_HOME", folder.join("state"));
    command
}

/// Runs it to its end.
pub(crate) fn run(fault: Option<&Fault>, folder: &Path, log: &Path, arguments: &[OsString]) -> (Finished, Seen) {
    let done = finish(&mut command(fault, folder, log, arguments));
    (done, seen(log))
}

/// Reads what the injector wrote.
pub(crate) fn seen(log: &Path) -> Seen {
    let mut seen = Seen::default();
    for line in fs::read_to_string(log).unwrap_or_default().lines() {
        match line.split_once(' ') {
            Some(("count", rest)) => {
                let (kind, count) = rest.split_once(' ').unwrap();
                *seen.counts.entry(kind.to_owned()).or_default() += count.parse::<u64>().unwrap();
            }
            Some(("hit", rest)) => seen.hits.push(rest.to_owned()),
            Some(("wrote", path)) => seen.wrote.push(path.into()),
            Some(("socket", _)) => seen.sockets += 1,
            _ => {}
        }
    }
    seen
}

/// Sectors of an image that a map calls rescued and that are not as on the disc.
pub(crate) fn false_claims(disc: &[u8], image: &[u8], map: &Path) -> usize {
    let same = |sector: &usize| {
        let at = sector * SECTOR..(sector + 1) * SECTOR;
        image.get(at.clone()).is_some_and(|bytes| bytes == &disc[at])
    };
    crate::support::rescued_sectors(map).iter().filter(|sector| !same(sector)).count()
}
