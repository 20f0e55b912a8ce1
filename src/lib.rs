//! freemkv: images optical discs, damaged ones too, and turns their titles into Matroska.
//!
//! Folders are layers, listed here from the bottom up; a layer uses only lower ones. `docs/ARCHITECTURE.md` draws the
//! picture, `tests/layering.rs` holds the code to it.
//!
//! # What is stable
//!
//! The program is a thin shell around this library, and the library is there for the program first. What others may build
//! on, and what changes only with a new version number that says so:
//!
//! - [`job`]: the verbs, each from the name of a source to its report: [`job::imaging`] (sweep and patch), [`job::mux`],
//!   [`job::info`]. The fields of reports are the keys of the JSON objects that the program prints.
//! - [`imaging::Job`], [`imaging::Task`], [`imaging::End`] and [`imaging::Report`]: what a sweep or a patch is asked and
//!   what it answers.
//! - [`image::writeback::file::WritebackFile`]: a file as [`std::io::Write`] and [`std::io::Seek`] that keeps little of itself in memory
//!   and tells every error of writing.
//! - [`mapfile::text`] and [`mapfile::store`]: maps as ddrescue writes them.
//! - [`base`], as far as the above need it: [`base::cancel`], [`base::event`], sectors and sets of them.
//!
//! Everything else is public for tests and may change with any version.
//!
//! # Example
//!
//! A DVD with a scratch, on the emulated drive: the sweep leaves out what costs time, the patch fetches all of it that a
//! drive can read, and the map says what is still missing.
//!
//! ```
//! use freemkv::base::{cancel::Cancel, event::NoEvents, sector::SectorRange};
//! use freemkv::imaging::{End, Job, Task};
//! use freemkv::job::imaging;
//! use freemkv::job::source_name::{FormatChoice, SourceName};
//! use freemkv::job::wanted::Wanted;
//! use freemkv::mapfile::store;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let path = |name: &str| folder.path().join(name);
//! std::fs::write(path("disc.iso"), vec![7; 640 * 2048])?;
//! // From ECC unit 3 on, two units of 16 sectors that no read brings.
//! std::fs::write(path("scratch"), "bad 3 2 0\n")?;
//! let source = format!("emu:{},profile=dvd,faults={}", path("disc.iso").display(), path("scratch").display());
//! let name = SourceName::parse(source, FormatChoice::ByName)?;
//!
//! for task in [Task::Sweep { restart: false }, Task::Patch { passes: 1, finish: false, thorough: false }] {
//!     let job = Job::new(task, path("copy.iso"));
//!     let (report, end) = imaging::run(&name, &job, &Wanted::default(), false, &Cancel::new(), &NoEvents)?;
//!     assert!(matches!(end, End::Done) && !report.complete);
//! }
//!
//! let map = store::read(&path("copy.iso.map"), None)?.expect("a sweep leaves a map");
//! assert_eq!(map.missing(640 * 2048).ranges(), [SectorRange::new(48, 80)]);
//! assert_eq!(std::fs::read(path("copy.iso"))?[80 * 2048..], vec![7; 560 * 2048]);
//! # Ok(())
//! # }
//! ```

// 0: imports nothing.
pub mod base;

// 1: the system, and parsers that take bytes.
pub mod bluray;
pub mod codec;
pub mod demux;
pub mod dvd;
pub mod os;
pub mod pipeline;
pub mod scsi;

// 1 too, but its store writes files.
pub mod mapfile;

// 2: how to read a bad disc, the file that it becomes, the file that a film becomes, pictures of maps.
pub mod image;
pub mod matroska;
pub mod picture;
pub mod recovery;

// 3: what has sectors to read.
pub mod source;

// 4: a drive, and the files of a disc.
pub mod drive;
pub mod fs;

// 5: titles.
pub mod title;

// 6: sweep and patch; films.
pub mod imaging;
pub mod mux;

// 7: the verbs.
pub mod job;

// 8: the command line.
pub mod cli;
