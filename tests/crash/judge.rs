//! What must hold whenever a command was cut off, and in the end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::claims::{claims, rip_folder};
use crate::stage::{Stage, Verb};
use crate::support::run_program;

/// Where the bundled disc's rip lies, below the folder that is worked in.
fn rip(folder: &Path) -> PathBuf {
    rip_folder(&folder.join("rips"), "SCRATCHED_FILM")
}

/// Judges what a command left that was cut off. Returns how many bytes its map calls rescued.
pub(crate) fn after_a_cut(stage: &Stage, verb: Verb, folder: &Path) -> usize {
    match verb {
        Verb::Sweep | Verb::Patch => claims(&stage.disc, &folder.join("disc.iso")),
        Verb::Mux => {
            only_whole_films(stage, folder);
            0
        }
        Verb::Rip => {
            only_whole_films(stage, &rip(folder));
            reports(&rip(folder));
            claims(&stage.film_disc, &rip(folder).join("SCRATCHED_FILM.iso"))
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
            let (root, folder) = (folder, rip(folder));
            assert!(only_whole_films(stage, &folder) == 1, "a film {missing}: {}", told(root, &folder));
            assert_eq!(reports(&folder), 3, "a report {missing}: {}", told(root, &folder));
            whole(&stage.film_disc, &folder.join("SCRATCHED_FILM.iso"));
        }
        Verb::Convert => is_the_disc(stage, &folder.join("disc.qcow2")),
    }
}

fn whole(disc: &[u8], image: &Path) {
    assert!(fs::read(image).unwrap() == disc, "the image differs from the disc in the end");
    assert_eq!(claims(disc, image), disc.len(), "the map does not say that all is there");
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
        assert!(checked.status.success(), "{checked:?}\n{:?}", fs::read_to_string(folder.join("SHA256SUMS")));
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

/// What lies below a folder, and what a rip's record says.
fn told(root: &Path, folder: &Path) -> String {
    let tree = run_program("find", &[&root.display().to_string(), "-ls"]);
    format!("{tree:?}\n{:?}", fs::read_to_string(folder.join("disc.json")))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect()
}
