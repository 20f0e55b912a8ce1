//! The whole table of what comes of a drive's answers behind a real kernel. It takes an hour or more and writes
//! `docs/drive-answers-vm.md`: `cargo test --test vm -- --ignored the_whole_table`.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use std::{env, fs};

use crate::plugged::{Came, Place, Way, plugged, run};
use crate::support;

/// What the drive says: sense data, another status, a way that fails, nothing, or less than was asked for.
const ANSWERS: [&str; 41] = [
    "01/17/01 data all",
    "01/18/00 data all",
    "02/04/00",
    "02/04/01",
    "02/04/02",
    "02/04/07",
    "02/30/00",
    "02/3A/00",
    "03/02/00",
    "03/11/05",
    "03/10/00",
    "03/57/00",
    "04/02/00",
    "04/08/00",
    "04/09/00",
    "04/3E/00",
    "04/44/00",
    "05/20/00",
    "05/21/00",
    "05/24/00",
    "05/26/00",
    "05/30/00",
    "05/63/00",
    "05/64/00",
    "05/6F/03",
    "05/6F/04",
    "06/28/00",
    "06/29/00",
    "06/2A/01",
    "07/27/00",
    "08/00/00",
    "09/80/00",
    "0B/47/00",
    "00/00/00",
    "status:08",
    "status:18",
    "status:28",
    "status:40",
    "host:07",
    "host:04",
    "hang",
];

const PLACES: [Place; 3] = [Place::Once, Place::Always, Place::Everywhere];

/// Why the way cannot carry an answer, where it cannot.
pub(crate) fn not_carried(way: Way, says: &str) -> Option<&'static str> {
    match (way, says) {
        (Way::Scsi, "host:07" | "host:04") => Some("the target core has no word for a way that fails"),
        (Way::Usb, "host:04") => Some("a bridge that answers is there"),
        _ => None,
    }
}

/// The name that files of a cell have.
pub(crate) fn name_of(says: &str, place: Place) -> String {
    let says: String = says.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{says}.{}", place.name())
}

/// The line of a script that runs the cell.
pub(crate) fn line(says: &str, place: Place) -> String {
    let options = if says == "hang" { " --timeout 8s" } else { "" };
    format!("cell {} '{}'{options}\n", name_of(says, place), place.plan(says))
}

#[test]
#[ignore = "takes an hour or more, and writes docs/drive-answers-vm.md"]
fn the_whole_table() {
    let ways = [Way::Usb, Way::Uas, Way::Scsi];
    let rows = thread::scope(|scope| {
        let runs = ways.map(|way| scope.spawn(move || rows(way)));
        runs.map(|run| run.join().expect("a table"))
    });
    let [Some(usb), Some(uas), Some(scsi)] = rows else { return };
    let kernel = usb.0.clone();
    let date = support::run_program("date", &["+%-d %B %Y"]).expect("the date");
    let mut text = format!(include_str!("table.md.in"), date = date, kernel = kernel);
    for (way, (_, rows)) in ways.into_iter().zip([usb, uas, scsi]) {
        let _ = write!(text, "\n## {}\n\n", heading(way));
        text.push_str(
            "| The drive says | where | The kernel hands up | exit | missing | s |\n|---|---|---|---|---|---|\n",
        );
        text.push_str(&rows);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/drive-answers-vm.md");
    fs::write(&path, text).expect("the document");
}

fn heading(way: Way) -> &'static str {
    match way {
        Way::Usb => "USB, Bulk-Only Transport (`usb-storage`)",
        Way::Uas => "USB Attached SCSI (`uas`)",
        Way::Scsi => "SCSI host adapter (`tcm_loop`)",
    }
}

/// The kernel's version, and the rows of the way's table.
fn rows(way: Way) -> Option<(String, String)> {
    let machine = plugged(way)?.time_limit(Duration::from_secs(4 * 3600));
    let answers = || ANSWERS.iter().flat_map(|says| PLACES.map(|place| (*says, place)));
    let only = env::var("FREEMKV_VM_CELLS").unwrap_or_default();
    let wanted = |says: &str, place| name_of(says, place).contains(&only);
    let lines = answers().filter(|(says, place)| not_carried(way, says).is_none() && wanted(says, *place));
    let script: String = lines.map(|(says, place)| line(says, place)).collect();
    let output = run(&machine, way, &format!("uname -r >/out/kernel\n{script}"));
    let mut rows = String::new();
    for (says, place) in answers().filter(|(says, place)| wanted(says, *place)) {
        if let Some(why) = not_carried(way, says) {
            if place == Place::Once {
                let _ = writeln!(rows, "| `{says}` | | not carried: {why} | | | |");
            }
            continue;
        }
        let came = Came::of(&output, &name_of(says, place));
        let missing = if came.missing.is_empty() { "–".to_owned() } else { format!("`{}`", came.missing) };
        let Came { handed, exit, seconds, .. } = came;
        let _ = writeln!(rows, "| `{says}` | {} | {handed} | {exit} | {missing} | {seconds} |", place.name());
    }
    if let Some(folder) = env::var_os("FREEMKV_VM_KEEP") {
        keep(&output.folder(), &Path::new(&folder).join(way.name()));
    }
    Some((output.text("kernel").trim().to_owned(), rows))
}

/// Keeps all that came out, for a person who looks into a cell.
fn keep(from: &Path, to: &Path) {
    let copied = fs::create_dir_all(to).and_then(|()| Command::new("cp").arg("-r").arg(from).arg(to).status());
    assert!(copied.is_ok_and(|status| status.success()), "{}", to.display());
}
