//! The pages that have commands, and what they need.

use std::fs;
use std::path::Path;

use crate::markdown::{self, Part};
use crate::runs::Page;
use crate::support::{disc_file, freemkv, test_data};

/// Each page that has commands is here, and its commands are run.
macro_rules! pages {
    ($($test:ident: $page:expr;)*) => {
        $(#[test] fn $test() { $page.run(); })*

        /// Their names.
        fn listed() -> Vec<&'static str> {
            vec![$($page.name),*]
        }
    };
}

pages! {
    cleaning: Page { name: "docs/cleaning.md", programs: &[], files: dirty_film, here: &CLEANED };
    ddrescue: Page { name: "docs/ddrescue.md", programs: &["ddrescue"], files: small_film, here: &WITH_DDRESCUE };
    exit_codes: Page { name: "docs/exit-codes.md", programs: &[], files: each_ending, here: &ENDINGS };
    install: Page { name: "docs/install.md", programs: &[], files: |_| true, here: &[] };
    images: Page { name: "docs/images.md", programs: &[], files: small_film, here: &DRIVE };
    scratched_disc: Page { name: "docs/scratched-disc.md", programs: &[], files: small_film, here: &TWO_DRIVES };
    maps: Page { name: "docs/maps.md", programs: &[], files: two_scratches, here: &[] };
    dvd: Page { name: "docs/dvd.md", programs: &[], files: dvd_disc, here: &[] };
    readme: Page { name: "README.md", programs: &[], files: small_film, here: &DRIVE };
}

/// The film in the tree stands for the disc in the drive, and lies in the folder.
const DRIVE: [(&str, &str); 1] = [("/dev/sr0", "emu:disc,profile=bd,faults=plan")];

/// And in another one that reads more of it.
const TWO_DRIVES: [(&str, &str); 2] =
    [("/dev/sr0", "emu:disc,profile=bd,faults=plan"), ("/dev/sr1", "emu:disc,profile=bd,faults=other.plan")];

/// ddrescue reads the disc itself; its direct input is not for every file system.
const WITH_DDRESCUE: [(&str, &str); 3] =
    [("/dev/sr0", "emu:disc,profile=bd,faults=plan"), ("ddrescue -q -d", "ddrescue -q"), ("/dev/sr1 ", "disc ")];

/// A disc that was cleaned.
const CLEANED: [(&str, &str); 1] = [("/dev/sr0", "emu:disc,profile=bd,faults=other.plan")];

/// Drives in which something else is wrong each.
const ENDINGS: [(&str, &str); 5] = [
    ("/dev/sr0", "emu:disc,profile=bd,faults=plan"),
    ("/dev/sr1", "emu:disc,profile=bd,faults=empty.plan"),
    ("/dev/sr2", "emu:other.iso,profile=bd"),
    ("/dev/sr3", "emu:disc,profile=bd,faults=protected.plan"),
    ("/dev/sr4", "emu:disc,profile=bd,faults=stuck.plan"),
];

/// The small Blu-ray of the tree, its scratches, and what of them another drive meets.
fn small_film(folder: &Path) -> bool {
    fs::write(folder.join("other.plan"), "bad 59 1 0\nbad 80 3 0.5\n").unwrap();
    copy("film.iso", folder, "disc") && copy("film.plan", folder, "plan")
}

/// The same, when a sweep and a copy of its map were made.
fn dirty_film(folder: &Path) -> bool {
    small_film(folder);
    let swept = freemkv().current_dir(folder).args(["sweep", "-q", DRIVE[0].1, "disc.iso"]).output().unwrap();
    assert_eq!(swept.status.code(), Some(3), "{swept:?}");
    fs::copy(folder.join("disc.iso.map"), folder.join("before.map")).is_ok()
}

/// The same, a sound image, another disc, and plans for drives that end a run.
fn each_ending(folder: &Path) -> bool {
    let plans = [
        ("empty.plan", "at 0 nomedium\n"),
        ("protected.plan", "answer 4 1 05/6F/03\n"),
        ("stuck.plan", "bad 10 40 0\nwedge 1 60 stuck\n"),
    ];
    plans.iter().for_each(|(name, plan)| fs::write(folder.join(name), plan).unwrap());
    disc_file(folder, "other.iso", 1, 3328);
    small_film(folder) && copy("film.iso", folder, "sound.iso")
}

/// The same disc with two kinds of damage that do not meet.
fn two_scratches(folder: &Path) -> bool {
    fs::write(folder.join("one.plan"), "bad 20 3 0\nbad 70 1 0\n").unwrap();
    fs::write(folder.join("two.plan"), "bad 40 2 0\n").unwrap();
    copy("film.iso", folder, "film.iso")
}

/// A DVD with three titles; the page itself has the plan of its scratches.
fn dvd_disc(folder: &Path) -> bool {
    shared("dvd-ntsc.iso", folder, "disc.iso")
}

fn copy(disc: &str, folder: &Path, name: &str) -> bool {
    fs::copy(markdown::root().join("tests/discs").join(disc), folder.join(name)).unwrap();
    true
}

/// A disc of the shared test data, which may be missing.
fn shared(disc: &str, folder: &Path, name: &str) -> bool {
    let Some(data) = test_data() else { return false };
    fs::copy(data.join("discs").join(disc), folder.join(name)).unwrap();
    true
}

#[test]
fn every_page_with_commands_is_run() {
    let is_run = |part: &Part| matches!(part, Part::Block { words, .. } if words == "console" || words == "sh");
    for (name, text) in markdown::all() {
        let has_commands = markdown::parts(&text).iter().any(is_run);
        let is_listed = listed().contains(&name.as_str());
        assert_eq!(has_commands, is_listed, "{name}: tests/docs/pages.rs lists the pages with commands");
    }
}
