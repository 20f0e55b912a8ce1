//! What is done while calls fail: each verb, as a person would call it, with what must be there in the end.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{SECTOR, disc_bytes, run};

/// Damage of every kind, and no luck: each run is to bring the same.
const DAMAGE: &str = "seed 7\nbad_s 0.2\nbad 9 2 0\nbads 1000 3 0\nrecovered 33 2\nshort 40 1 7\n";
/// More than a window of the output.
const LARGE: usize = 9 << 20;
const SMALL: usize = 3 << 20;

/// The bundled disc.
const FILM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");

/// A command, in a folder of its own.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) name: &'static str,
    /// What is run, in that folder.
    pub(crate) arguments: Vec<OsString>,
    /// Its exit code when nothing goes wrong around it.
    pub(crate) code: i32,
    /// What lies in the folder before.
    before: Option<PathBuf>,
    /// The disc that an image is of.
    pub(crate) disc: PathBuf,
    /// Whether a drive is asked, which is to be left in order.
    pub(crate) has_drive: bool,
}

impl Work {
    /// Whether the disc has places that never come.
    pub(crate) fn is_hurt(&self) -> bool {
        self.arguments.iter().any(|word| word.to_string_lossy().contains("faults="))
    }

    /// Fills an empty folder with what is there before the command.
    pub(crate) fn prepare(&self, folder: &Path) {
        if let Some(before) = &self.before {
            copy(before, folder);
        }
    }

    /// A new folder in which the command is to be run. The first is for what lies outside of what fails.
    pub(crate) fn folder(&self) -> (TempDir, PathBuf) {
        let whole = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = whole.path().join("work");
        fs::create_dir(&folder).unwrap();
        self.prepare(&folder);
        (whole, folder)
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// All that is tried; their discs and beginnings lie in `folder`.
pub(crate) fn all(folder: &Path) -> Vec<Work> {
    let path = |name: &str| folder.join(name);
    let (small, large, plan) = (path("small.disc"), path("large.disc"), path("plan"));
    fs::write(&small, disc_bytes(5, SMALL / SECTOR)).unwrap();
    fs::write(&large, disc_bytes(6, LARGE / SECTOR)).unwrap();
    fs::write(&plan, DAMAGE).unwrap();
    let lost = path("lost");
    fs::write(&lost, "bad 51 1 0\n").unwrap();
    let drive = |disc: &Path| format!("emu:{},profile=bd", disc.display());
    let hurt = format!("{},faults={}", drive(&small), plan.display());
    let mut works = Vec::new();
    let mut add = |name, line: &str, code, before: Option<PathBuf>, disc: &Path| {
        let has_drive = line.contains("emu:");
        let arguments = line.split(' ').map(OsString::from).collect();
        works.push(Work { name, arguments, code, before, disc: disc.to_owned(), has_drive });
    };
    for (name, more) in [
        ("sweep-window", "--write window"),
        ("sweep-direct", "--write direct"),
        ("sweep-plain", "--write plain --prealloc write"),
        ("sweep-allocate", "--prealloc allocate"),
    ] {
        add(name, &format!("sweep {} out.iso {more}", drive(&large)), 0, None, &large);
    }
    add("sweep-hurt", &format!("sweep {hurt} out.iso"), 3, None, &small);
    add("sweep-qcow2", &format!("sweep {hurt} out.qcow2"), 3, None, &small);
    for (name, image) in [("raw", "out.iso"), ("qcow2", "out.qcow2")] {
        let swept = path(name);
        fs::create_dir(&swept).unwrap();
        let image_there = swept.join(image);
        let done = run(["sweep", &hurt, image_there.to_str().unwrap(), "--no-drive-log"]);
        assert_eq!(done.code, Some(3), "{done:?}");
        let name = if name == "raw" { "patch" } else { "patch-qcow2" };
        add(name, &format!("patch {} {image}", drive(&small)), 0, Some(swept.clone()), &small);
        let (name, other) = if image == "out.iso" { ("convert-to", "b.qcow2") } else { ("convert-from", "b.iso") };
        add(name, &format!("convert {image} {other}"), 3, Some(swept), &small);
    }
    add("patch-hurt", &format!("patch {hurt} out.iso --passes 9 --finish"), 3, Some(path("raw")), &small);
    let film = Path::new(FILM);
    add("mux", &format!("mux {FILM} film.mkv"), 0, None, film);
    add("mux-drive", &format!("mux {} films/ --title 1,2", drive(film)), 0, None, film);
    add("rip", &format!("rip {} .", drive(film)), 0, None, film);
    add("rip-hurt", &format!("rip {},faults={} . --passes 1 --speed 2x", drive(film), lost.display()), 3, None, film);
    add("rip-qcow2", &format!("rip {} . --format qcow2", drive(film)), 0, None, film);
    works
}
