//! A disc to be muxed, and other programs to judge the file.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::support::program;
use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, SystemClock};
use freemkv::base::event::{Events, NoEvents};
use freemkv::base::set::SectorSet;
use freemkv::fs::folder::Folder;
use freemkv::fs::{FileSystem, MemorySectors, Sectors, SharedSource, open_disc};
use freemkv::job::titles::of_disc;
use freemkv::mux::MuxError;
use freemkv::mux::plan::{self, Options, Plan};
use freemkv::mux::report::OutputReport;
use freemkv::mux::run::{self, Settings};
use freemkv::source::SectorSource;
use freemkv::source::file::FileSource;
use freemkv::title::model::Title;

/// A disc with its titles, and how it is muxed.
pub(crate) struct Disc {
    pub(crate) fs: Box<dyn FileSystem>,
    pub(crate) titles: Vec<Title>,
    pub(crate) label: String,
    pub(crate) missing: SectorSet,
    pub(crate) options: Options,
    pub(crate) block_bytes: u64,
    pub(crate) force: bool,
}

impl Disc {
    pub(crate) fn image(data: &Path, name: &str) -> Self {
        let path = data.join("discs").join(name).with_extension("iso");
        Self::source(Box::new(FileSource::open(&path).unwrap()))
    }

    pub(crate) fn source(source: Box<dyn SectorSource>) -> Self {
        Self::sectors(Arc::new(SharedSource::new(source, Duration::from_secs(60))))
    }

    pub(crate) fn memory(image: Vec<u8>) -> Self {
        Self::sectors(Arc::new(MemorySectors::new(image)))
    }

    /// A disc whose file system or tables cannot be read has no titles.
    pub(crate) fn sectors(sectors: Arc<dyn Sectors>) -> Self {
        match open_disc(sectors) {
            Ok(fs) => Self::files(fs),
            Err(e) => {
                println!("no disc: {e}");
                Self::files(Box::new(Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap()))
            }
        }
    }

    pub(crate) fn files(fs: Box<dyn FileSystem>) -> Self {
        let titles = of_disc(&*fs, 1).map(|disc| disc.titles).unwrap_or_default();
        let label = fs.volume().label.clone();
        let (missing, options) = (SectorSet::new(), Options::default());
        Self { fs, titles, label, missing, options, block_bytes: 6 << 20, force: false }
    }

    pub(crate) fn title(&self, id: &str) -> &Title {
        self.titles.iter().find(|t| t.id == id).unwrap()
    }

    pub(crate) fn plan(&self, id: &str) -> Result<Plan, MuxError> {
        let about = plan::Provenance { label: self.label.clone(), number: 1, ..plan::Provenance::default() };
        plan::plan(&*self.fs, self.title(id), &about, &self.options, &self.missing, &Cancel::new())
    }

    pub(crate) fn mux(&self, id: &str, output: &Path) -> Result<OutputReport, MuxError> {
        self.mux_told(id, output, &NoEvents, &Cancel::new())
    }

    pub(crate) fn mux_told(
        &self,
        id: &str,
        output: &Path,
        events: &dyn Events,
        cancel: &Cancel,
    ) -> Result<OutputReport, MuxError> {
        let settings = Settings { force: self.force, block_bytes: self.block_bytes, ..Settings::new(&self.missing) };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        run::run(&*self.fs, &self.plan(id)?, output, &settings, events, cancel, &clock)
    }
}

/// Runs a program: whether it was content, its output and complaints. `None`, with a note, where it is missing.
pub(crate) fn tool(name: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let done = Command::new(program(name)?).args(arguments).output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    Some((done.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

/// Holds a file to the manifest of a disc, strictly, and before mkvmerge and ffmpeg.
pub(crate) fn check(data: &Path, disc: &str, title: &str, file: &Path) {
    judge(data, disc, title, file);
    programs_take(file);
}

/// Holds a file to the manifest of a disc, strictly. A decoder may complain of it: pictures before a cut are not there.
pub(crate) fn judge(data: &Path, disc: &str, title: &str, file: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/check_mkv.py");
    let manifest = data.join("discs").join(disc).with_extension("json");
    let [script, manifest, file_name] = [&script, &manifest, file].map(|p| p.to_str().unwrap());
    // The script calls them.
    let programs = ["ffmpeg", "ffprobe", "mkvmerge"].iter().all(|name| program(name).is_some());
    let content = || tool("python3", &[script, "--strict", manifest, title, file_name]);
    if let Some((content, text)) = programs.then(content).flatten() {
        assert!(content, "{text}");
    }
}

/// mkvmerge and ffmpeg read the file without a complaint.
pub(crate) fn programs_take(file: &Path) {
    let file = file.to_str().unwrap();
    let again = format!("{file}.again");
    if let Some((content, text)) = tool("mkvmerge", &["-o", &again, file]) {
        assert!(content && !text.contains("Warning"), "{text}");
    }
    let decode = ["-nostdin", "-v", "error", "-xerror", "-i", file, "-map", "0", "-c:s", "copy", "-f", "null", "-"];
    if let Some((content, text)) = tool("ffmpeg", &decode) {
        assert!(content && text.is_empty(), "{text}");
    }
}
