//! What a run may leave, and what not.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::inject::{Fault, Seen, What, false_claims};
use super::work::Work;
use crate::support::{Finished, SECTOR, rescued_sectors, run};

/// What lies in the folder of a work when nothing went wrong: content where it is always the same.
pub(crate) type Whole = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// All regular files below a folder, but for the program's state.
fn files(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let name = below.join(entry.unwrap().file_name());
        if folder.join(&name).is_dir() {
            if name != Path::new("state") {
                files(folder, &name, found);
            }
        } else {
            found.push(name);
        }
    }
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default()
}

/// The content of a disc's image, whatever it lies in.
fn image(path: &Path, scratch: &Path) -> Vec<u8> {
    if extension(path) != "qcow2" {
        return fs::read(path).unwrap();
    }
    let raw = scratch.join("raw.iso");
    for name in ["raw.iso", "raw.iso.map", "raw.iso.map.state"] {
        let _ = fs::remove_file(scratch.join(name));
    }
    let plain = scratch.join("plain.qcow2");
    fs::copy(path, &plain).unwrap();
    let done = run(["convert", plain.to_str().unwrap(), raw.to_str().unwrap()]);
    assert_eq!(done.code, Some(0), "{done:?}");
    fs::read(raw).unwrap()
}

/// What an image's map claims of it; all of one without a map. What was read and not saved yet may lie there, or not.
fn claimed(mut bytes: Vec<u8>, path: &Path) -> Vec<u8> {
    let mut map = path.as_os_str().to_owned();
    map.push(".map");
    if Path::new(&map).exists() {
        let rescued = rescued_sectors(Path::new(&map));
        let others = bytes.chunks_mut(SECTOR).enumerate().filter(|(sector, _)| !rescued.contains(sector));
        others.for_each(|(_, bytes)| bytes.fill(0));
    }
    bytes
}

/// The content of what is always the same; of an image what its map claims of it, of a map its rescued sectors, else nothing.
pub(crate) fn whole(folder: &Path, scratch: &Path) -> Whole {
    let mut found = Vec::new();
    files(folder, Path::new(""), &mut found);
    found.into_iter().map(|name| (name.clone(), content(&folder.join(name), scratch))).collect()
}

fn content(path: &Path, scratch: &Path) -> Option<Vec<u8>> {
    match extension(path) {
        "mkv" | "sha256" => Some(fs::read(path).unwrap()),
        "iso" | "qcow2" => Some(claimed(image(path, scratch), path)),
        "map" => Some(rescued_sectors(path).iter().flat_map(|sector| sector.to_le_bytes()).collect()),
        _ => None,
    }
}

/// What is wrong with the end of a run and with what it leaves; `None` for nothing.
pub(crate) fn wrong(
    work: &Work,
    fault: &Fault,
    done: &Finished,
    seen: &Seen,
    folder: &Path,
    reference: &Whole,
) -> Option<String> {
    let scratch = folder.parent().unwrap();
    if done.stderr.contains("panicked") {
        return Some("it panicked".into());
    }
    // A way of writing that does not work at the first look is a wrong option.
    let is_refused = done.code == Some(2) && fault.kind == "sync_file_range" && done.stderr.contains("--write");
    if done.code != Some(work.code) && (done.code != Some(1) || seen.hits.is_empty()) && !is_refused {
        return Some(format!("exit {:?}", done.code));
    }
    if done.code == Some(work.code) {
        // A log or a cache that cannot be kept is no loss.
        let kept = whole(folder, scratch);
        let optional = |name: &Path| ["state", "jsonl", "tmp", "lock", "html", "txt"].contains(&extension(name));
        for (name, content) in reference {
            let may_lack = optional(name) && !kept.contains_key(name);
            if !may_lack && kept.get(name) != Some(content) {
                return Some(format!("exit {}, and {} is not as it must be", work.code, name.display()));
            }
        }
    } else if fault.is_harmless() {
        return Some("a call that was cut short or interrupted ended the run".into());
    } else if let What::Error(error) = fault.what
        && !is_refused
        && !done.stderr.contains(&words_of(error))
    {
        return Some("it does not say what failed".into());
    }
    if let Some(lie) = lies(work, folder, scratch, reference) {
        return Some(lie);
    }
    if work.has_drive && !left_in_order(&scratch.join("drive.log")) {
        return Some("the drive is not left as it was".into());
    }
    None
}

/// A claim that is not true: sectors called rescued, or half a film under its name.
pub(crate) fn lies(work: &Work, folder: &Path, scratch: &Path, reference: &Whole) -> Option<String> {
    let disc = fs::read(&work.disc).unwrap();
    let mut found = Vec::new();
    files(folder, Path::new(""), &mut found);
    for name in &found {
        let there = folder.join(name);
        if extension(name) == "mkv" && !work.is_hurt() && reference.get(name) != Some(&Some(fs::read(&there).unwrap()))
        {
            return Some(format!("{} is not the film", name.display()));
        }
        if extension(name) == "map" {
            let imaged = there.with_extension("");
            if rescued_sectors(&there).is_empty() {
                continue;
            }
            if !imaged.exists() {
                return Some(format!("{} claims what is not there", name.display()));
            }
            let count = false_claims(&disc, &image(&imaged, scratch), &there);
            if count > 0 {
                return Some(format!("{count} sectors of {} are claimed and wrong", name.display()));
            }
        }
    }
    None
}

/// Whether each drive that was opened is left as it was.
pub(crate) fn left_in_order(log: &Path) -> bool {
    let text = fs::read_to_string(log).unwrap_or_default();
    let left: Vec<&str> = text.lines().filter(|line| line.contains("the emulated drive is left")).collect();
    !left.is_empty() && left.iter().all(|line| line.ends_with("as it was"))
}

/// The same command again, without faults: what is wrong then.
pub(crate) fn wrong_again(work: &Work, arguments: &[OsString], folder: &Path, reference: &Whole) -> Option<String> {
    let mut command = crate::support::freemkv();
    command.arg(&arguments[0]);
    if arguments[0] == "mux" {
        // A film may be there and whole, and only its folder was not synced.
        command.arg("--force");
    }
    command.current_dir(folder).args(&arguments[1..]).env("XDG_STATE_HOME", folder.join("state"));
    let done = crate::support::finish(&mut command);
    if done.code != Some(work.code) {
        return Some(format!("again, without the fault: exit {:?}: {}", done.code, done.stderr));
    }
    let kept = whole(folder, folder.parent().unwrap());
    if work.is_hurt() {
        // How much of a failing unit comes depends on where a read begins; nothing may be claimed that is not there.
        let there = |name: &PathBuf| kept.contains_key(name) || extension(name) == "jsonl";
        let lacks =
            reference.keys().find(|name| !there(name)).map(|name| format!("again: {} is missing", name.display()));
        return lacks.or_else(|| lies(work, folder, folder.parent().unwrap(), reference));
    }
    for (name, content) in reference {
        if kept.get(name) != Some(content) {
            return Some(format!("again, without the fault: {} is not as it must be", name.display()));
        }
    }
    let extra = kept.keys().find(|name| !reference.contains_key(*name) && extension(name) != "jsonl");
    extra.map(|name| format!("again, without the fault: {} is left over", name.display()))
}

/// What the system says of an error, as the program hands it on: in words alone.
fn words_of(error: i32) -> String {
    let words = std::io::Error::from_raw_os_error(error).to_string();
    words.split(" (os error").next().unwrap_or_default().to_owned()
}
