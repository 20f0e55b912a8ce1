//! What must hold whenever a command was cut off, and in the end.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::stage::{Stage, Verb};
use crate::support::run_program;

/// Where the bundled disc's rip lies, below the folder that is ripped into.
const RIP: &str = "rips/SCRATCHED_FILM";

/// Judges what a command left that was cut off. Returns how many bytes its map calls rescued.
pub(crate) fn after_a_cut(stage: &Stage, verb: Verb, folder: &Path) -> usize {
    match verb {
        Verb::Sweep | Verb::Patch => claims(&stage.disc, &folder.join("disc.iso")),
        Verb::Mux => {
            only_whole_films(stage, folder);
            0
        }
        Verb::Rip => {
            only_whole_films(stage, &folder.join(RIP));
            reports(&folder.join(RIP));
            claims(&stage.film_disc, &folder.join(RIP).join("SCRATCHED_FILM.iso"))
        }
        Verb::Convert => {
            let image = folder.join("disc.qcow2");
            if image.exists() {
                is_the_disc(stage, &image);
            }
            0
        }
    }
}

/// Judges what is there when all is done.
pub(crate) fn at_the_end(stage: &Stage, verb: Verb, folder: &Path) {
    let missing = "is not there though all is done";
    match verb {
        Verb::Sweep | Verb::Patch => whole(&stage.disc, &folder.join("disc.iso")),
        Verb::Mux => assert!(only_whole_films(stage, folder) == 1, "a film {missing}"),
        Verb::Rip => {
            let folder = folder.join(RIP);
            assert!(only_whole_films(stage, &folder) == 1, "a film {missing}");
            assert_eq!(reports(&folder), 3, "a report {missing}");
            whole(&stage.film_disc, &folder.join("SCRATCHED_FILM.iso"));
        }
        Verb::Convert => is_the_disc(stage, &folder.join("disc.qcow2")),
    }
}

/// Every byte that the image's map calls rescued is the disc's; how many these are. Without a map nothing is claimed.
pub(crate) fn claims(disc: &[u8], image: &Path) -> usize {
    let Ok(text) = fs::read_to_string(map_of(image)) else { return 0 };
    let content = fs::read(image).unwrap_or_default();
    let mut rescued = 0;
    for range in rescued_ranges(&text, disc.len()) {
        assert!(content.get(range.clone()) == disc.get(range.clone()), "{range:?} is claimed and wrong:\n{text}");
        rescued += range.len();
    }
    rescued
}

fn whole(disc: &[u8], image: &Path) {
    assert!(fs::read(image).unwrap() == disc, "the image differs from the disc in the end");
    assert_eq!(claims(disc, image), disc.len(), "the map does not say that all is there");
}

fn map_of(image: &Path) -> PathBuf {
    PathBuf::from(format!("{}.map", image.display()))
}

/// What a map calls rescued, in bytes. The map must be one by the ddrescue manual: a line of status, then blocks that follow
/// each other without a gap from the first byte to the last.
fn rescued_ranges(text: &str, disc: usize) -> Vec<Range<usize>> {
    assert!(text.ends_with('\n'), "the map ends within a line:\n{text}");
    let number = |word: &str| {
        let digits = word.strip_prefix("0x").unwrap_or_else(|| panic!("{word} in a map:\n{text}"));
        usize::from_str_radix(digits, 16).unwrap_or_else(|e| panic!("{word} in a map: {e}"))
    };
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let status = lines.next().unwrap_or_else(|| panic!("a map without a line of status:\n{text}"));
    assert!(status.split_whitespace().count() >= 2, "the line of status is {status}");
    let (mut at, mut rescued) = (0, Vec::new());
    for line in lines {
        let [start, size, status] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line} in a map") };
        assert_eq!(number(start), at, "a gap in the map:\n{text}");
        at += number(size);
        if status == "+" {
            rescued.push(number(start)..at);
        }
    }
    assert_eq!(at, disc, "the map ends elsewhere than the disc:\n{text}");
    rescued
}

/// How many films a folder has; each is the one that is made when nobody disturbs.
fn only_whole_films(stage: &Stage, folder: &Path) -> usize {
    let films = files(folder).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "mkv"));
    films
        .map(|film| assert!(fs::read(&film).unwrap() == stage.film, "{} is not the whole film", film.display()))
        .count()
}

/// How many reports a rip's folder has: each is whole, and what SHA256SUMS names is what lies there.
fn reports(folder: &Path) -> usize {
    let json = ["disc.json", "report.json"].map(|name| folder.join(name)).into_iter().filter(|path| path.exists());
    let mut count = 0;
    for path in json {
        let text = fs::read_to_string(&path).unwrap();
        let read = serde_json::from_str::<serde_json::Value>(&text);
        assert!(read.is_ok(), "{}: {read:?}\n{text}", path.display());
        count += 1;
    }
    if folder.join("SHA256SUMS").exists() {
        let checked =
            Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder).output().unwrap();
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        count += 1;
    }
    count
}

fn is_the_disc(stage: &Stage, image: &Path) {
    let raw = image.with_extension("raw");
    let name = |path: &Path| path.display().to_string();
    let made = run_program("qemu-img", &["convert", "-f", "qcow2", "-O", "raw", &name(image), &name(&raw)]);
    assert!(made.is_ok(), "the converted image cannot be read: {made:?}");
    let content = fs::read(&raw).unwrap();
    fs::remove_file(raw).unwrap();
    assert!(content == stage.disc, "the converted image differs from the disc");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}
