//! The bundled film, from every kind of source: right, the same bytes each time, and nothing left when it ends early.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use freemkv::base::cancel::Cancel;
use freemkv::base::event::{Event, Events};
use freemkv::base::sector::SectorRange;
use freemkv::base::sector::set::SectorSet;
use freemkv::drive::emulated::EmulatedSpec;
use freemkv::drive::{Drive, DriveOptions};
use freemkv::fs::folder::Folder;
use freemkv::fs::{FileSystem, tree};
use freemkv::mux::MuxError;
use freemkv::mux::plan::{Options, Selection};
use freemkv::scsi::emulated::DamagePlan;

/// Sectors of an ECC unit.
const UNIT: u64 = 32;

fn image() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")
}

fn film() -> Disc {
    Disc::memory(std::fs::read(image()).unwrap())
}

/// The film in the emulated drive.
fn in_drive(plan: DamagePlan) -> Disc {
    let spec = EmulatedSpec { image: image(), profile: None, faults: None, real_time: false };
    let drive = Drive::open(Box::new(spec.build(plan).unwrap()), DriveOptions::default()).unwrap();
    Disc::source(Box::new(drive))
}

fn bytes(disc: &Disc, folder: &Path) -> Vec<u8> {
    let path = folder.join("film.mkv");
    let report = disc.mux("00000", &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(report.bytes, bytes.len() as u64);
    std::fs::remove_file(path).unwrap();
    bytes
}

#[test]
fn the_report_says_what_the_disc_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    let report = film().mux("00000", &path).unwrap();
    let tracks: Vec<_> =
        report.tracks.iter().map(|t| (t.number, t.codec, &t.language[..], t.frames, t.default)).collect();
    let expected = [
        (1, "H.264", "und", 1536, true),
        (2, "AC-3", "eng", 2002, true),
        (3, "AC-3", "fre", 2002, false),
        (4, "PGS", "eng", 20, false),
        (5, "PGS", "fre", 20, false),
    ];
    assert_eq!(tracks, expected);
    assert!((report.duration_seconds - 64.064).abs() < 1e-3, "{report:?}");
    assert_eq!((report.chapters, &report.title[..], report.is_complete()), (5, "00000", true));
    let json = serde_json::to_value(&report).unwrap();
    for key in ["path", "title", "duration_seconds", "bytes", "tracks", "chapters", "losses"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(mkv::blocks(&path)[&1].len(), 1536);
}

#[test]
fn the_same_disc_gives_the_same_bytes_whatever_the_source_and_the_size_of_reads() {
    let folder = tempfile::tempdir().unwrap();
    let expected = bytes(&film(), folder.path());
    for block_bytes in [1, 6144 * 7, 1 << 20] {
        let disc = Disc { block_bytes, ..film() };
        assert!(bytes(&disc, folder.path()) == expected, "blocks of {block_bytes}");
    }
    assert!(bytes(&in_drive(DamagePlan::sound()), folder.path()) == expected, "from a drive");
}

#[test]
fn a_folder_gives_the_frames_that_its_disc_gives() {
    let disc = film();
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    for file in tree::files(&*disc.fs, "", 1000).unwrap() {
        let to = tree.join(&file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, disc.fs.read_whole(&file, 1 << 30).unwrap()).unwrap();
    }
    let [of_disc, of_folder] = ["disc.mkv", "folder.mkv"].map(|name| folder.path().join(name));
    disc.mux("00000", &of_disc).unwrap();
    let files: Box<dyn FileSystem> = Box::new(Folder::open(&tree).unwrap());
    assert!(Disc::files(files).mux("00000", &of_folder).unwrap().is_complete());
    assert_eq!(mkv::blocks(&of_folder), mkv::blocks(&of_disc));
}

/// What lies in two ECC units of the film is said in the README beside the disc; a picture at 30.030 s, where decoding
/// could go on, begins in the first of them.
#[test]
fn dead_units_of_a_drive_cost_what_lies_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    let dead: SectorSet = [51, 59].map(|unit| SectorRange::with_len(unit * UNIT, UNIT)).into_iter().collect();
    let report = in_drive(DamagePlan::dead(&dead)).mux("00000", &path).unwrap();
    let losses: Vec<_> =
        report.losses.iter().map(|l| (l.track, l.from_seconds, l.to_seconds, l.lba, l.bytes)).collect();
    let expected = [
        (1, 29.24, 31.031, 51),
        (2, 28.77, 29.57, 51),
        (3, 28.77, 29.57, 51),
        (1, 35.24, 37.037, 59),
        (2, 34.82, 35.62, 59),
        (3, 34.82, 35.62, 59),
    ];
    let mut av: Vec<_> = losses.iter().filter(|l| l.0 <= 3).collect();
    av.sort_by_key(|l| (l.3, l.0));
    assert_eq!(av.len(), expected.len(), "{losses:?}");
    for (found, expected) in av.iter().zip(expected) {
        let close = |a: f64, b: f64| (a - b).abs() < 0.04;
        assert!(found.0 == expected.0 && close(found.1, expected.1) && close(found.2, expected.2), "{found:?}");
        assert_eq!((found.3, found.4), (Some(expected.3 * UNIT), 65_536));
    }
    let of_drive = std::fs::read(&path).unwrap();

    // An image whose map says the same gives the same file.
    let mapped = Disc { missing: dead, force: true, ..film() };
    let by_map = mapped.mux("00000", &path).unwrap();
    assert_eq!(by_map.losses, report.losses);
    assert!(std::fs::read(&path).unwrap() == of_drive);
}

#[test]
fn a_drive_that_goes_away_ends_the_run_and_leaves_nothing() {
    let plan = DamagePlan::parse("at 60 unplug").unwrap();
    let disc = in_drive(plan);
    let folder = tempfile::tempdir().unwrap();
    let mut failure = None;
    for n in 0..1000 {
        // The drive's time goes on until it is gone, in the middle of one of the films.
        let path = folder.path().join(format!("{n}.mkv"));
        if let Err(e) = disc.mux("00000", &path) {
            failure = Some(e);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), n);
            break;
        }
    }
    assert!(matches!(failure, Some(MuxError::Read(_))), "{failure:?}");
}

/// Raises a flag at the third telling, and remembers what it was told.
struct Impatient {
    cancel: Cancel,
    after: u64,
    count: AtomicU64,
    last: Mutex<Option<Event>>,
}

impl Events for Impatient {
    fn event(&self, event: Event) {
        if matches!(event, Event::Progress(_)) && self.count.fetch_add(1, Ordering::SeqCst) + 1 >= self.after {
            self.cancel.raise();
        }
        *self.last.lock().unwrap() = Some(event);
    }
}

#[test]
fn stopping_leaves_nothing_and_progress_is_told_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    let disc = film();
    let run = |after| {
        let events = Impatient { cancel: Cancel::new(), after, count: AtomicU64::new(0), last: Mutex::new(None) };
        let result = disc.mux_told("00000", &path, &events, &events.cancel);
        (result, events)
    };
    let (stopped, _) = run(1);
    assert!(matches!(stopped, Err(MuxError::Stopped)), "{stopped:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let (done, events) = run(u64::MAX);
    done.unwrap();
    let Some(Event::Progress(last)) = events.last.lock().unwrap().take() else { panic!("nothing told") };
    // All packets that the clip has; those that fill up its last aligned unit do not count.
    assert_eq!((&last.phase[..], last.position_bytes), ("mux", 5_491_968));
    assert_eq!((last.total_bytes, last.rescued_bytes, last.missing_bytes), (5_491_968, 5_491_968, 0));
}

#[test]
fn an_existing_file_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(film().mux("00000", &path), Err(MuxError::Exists { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[test]
fn languages_choose_tracks_and_no_chapters_are_no_chapters() {
    let only = |languages: &[&str]| Selection::Languages(languages.iter().map(|l| (*l).to_owned()).collect());
    let options =
        Options { audio: only(&["fr"]), subtitles: only(&["eng", "deu"]), chapters: false, ..Options::default() };
    let plan = Disc { options, ..film() }.plan("00000").unwrap();
    let summary = plan.summary();
    let tracks: Vec<_> = summary.tracks.iter().map(|t| (t.kind, &t.language[..], t.default)).collect();
    assert_eq!(tracks, [("video", "und", true), ("audio", "fre", true), ("subtitle", "eng", false)]);
    assert_eq!((&summary.file_name[..], summary.chapters.len()), ("SCRATCHED_FILM-t01.mkv", 0));
    let silent = Options { audio: Selection::None, subtitles: Selection::None, ..Options::default() };
    assert_eq!(Disc { options: silent, ..film() }.plan("00000").unwrap().summary().tracks.len(), 1);
}

#[test]
fn other_programs_take_the_film() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mkv");
    film().mux("00000", &path).unwrap();
    disc::programs_take(&path);
}
