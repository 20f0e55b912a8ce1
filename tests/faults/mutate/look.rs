//! All that is asked of a disc.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, SystemClock};
use freemkv::base::event::NoEvents;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::{MemorySectors, open_disc, tree};
use freemkv::job::titles::of_disc;
use freemkv::mux::plan::{self, Options, Provenance};
use freemkv::mux::run::{self, Settings};
use tempfile::TempDir;

use crate::support::finish;

/// Titles of a disc of which films are planned.
const TITLES: usize = 3;

/// Memory that the program may have, in KiB of addresses: far more than its promise, far less than what a wrong length asks for.
const ADDRESSES: &str = "2000000";

/// Its files, its titles, the plans of their films, and when it is wanted the film of the first.
pub(super) fn at(image: Vec<u8>, is_muxed: bool) {
    let Ok(disc) = open_disc(Arc::new(MemorySectors::new(image))) else { return };
    for path in tree::files(&*disc, "", 500).unwrap_or_default() {
        let Ok(file) = disc.open(&path) else { continue };
        let mut head = [0; 4096];
        let _ = disc.read_at(&file, 0, &mut head);
        let _ = disc.read_at(&file, file.length().saturating_sub(100), &mut head);
    }
    let Ok(found) = of_disc(&*disc, 1) else { return };
    let (about, options, cancel, missing) =
        (Provenance::default(), Options::default(), Cancel::new(), SectorSet::new());
    for (number, title) in found.titles.iter().take(TITLES).enumerate() {
        let Ok(plan) = plan::plan(&*disc, title, &about, &options, &missing, &cancel) else { continue };
        if is_muxed && number == 0 {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
            let settings = Settings::new(&missing);
            let _ = run::run(&*disc, &plan, Path::new("/dev/null"), &settings, &NoEvents, &cancel, &clock);
        }
    }
}

/// The program as it is shipped: within its memory, with a code of its own, and without a word of a panic.
pub(super) fn with_the_program(image: &[u8]) -> Result<(), String> {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let disc = folder.path().join("disc.iso");
    std::fs::write(&disc, image).unwrap();
    let program = std::env::var("FREEMKV_STATIC_BIN").ok().filter(|program| Path::new(program).exists());
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_freemkv").to_owned());
    let disc = disc.to_str().unwrap();
    for words in [vec!["info", disc, "--files", "-v"], vec!["mux", disc, "film.mkv", "--dry-run"]] {
        let script = "ulimit -v \"$0\"; exec timeout 60 \"$@\"";
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).args(["-c", script, ADDRESSES, &program]).args(&words);
        let done = finish(&mut command);
        if !matches!(done.code, Some(0..=6)) || done.stderr.contains("panicked") {
            return Err(format!("{} ends with {:?}: {}", words[0], done.code, done.stderr));
        }
    }
    Ok(())
}
