//! Transport streams that other programs made. Needs `FREEMKV_TEST_DATA` and ffprobe.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use crate::support::{program, test_data};
use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, SystemClock};
use freemkv::base::event::NoEvents;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::folder::SingleFile;
use freemkv::mux::MuxError;
use freemkv::mux::plan::{self, Options};
use freemkv::mux::report::OutputReport;
use freemkv::mux::run::{self, Settings};
use freemkv::title::loose;

/// A sample that ffprobe reads wrongly, and one that Matroska has no name for.
const MISREAD: &str = "sample_dts_hd_across_pes";
const NAMELESS: &str = "sample_dts_uhd";

pub(crate) fn mux(stream: &Path, output: &Path) -> Result<OutputReport, MuxError> {
    let fs = SingleFile::open(stream).unwrap();
    let title = loose::title(&fs, fs.name()).unwrap();
    let (missing, cancel) = (SectorSet::new(), Cancel::new());
    let plan = plan::plan(&fs, &title, &plan::Provenance::default(), &Options::default(), &missing, &cancel)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    run::run(&fs, &plan, output, &Settings::new(&missing), &NoEvents, &cancel, &clock)
}

/// What ffprobe says of the streams of a file, each once.
pub(crate) fn probed(file: &Path) -> Vec<String> {
    probed_as(file, &[])
}

/// The same of a file that is read as these options say.
pub(crate) fn probed_as(file: &Path, options: &[&str]) -> Vec<String> {
    let entries = "stream=codec_name,profile,width,height,channels,sample_rate,pix_fmt";
    let command = ["-v", "quiet", "-show_entries", entries, "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(command).args(options).arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<String> =
        text.lines().map(|l| l.trim_end_matches(',').to_owned()).filter(|l| !l.is_empty()).collect();
    lines.sort();
    lines.dedup();
    lines
}

#[test]
fn parameters_are_those_that_ffprobe_finds_in_the_stream() {
    let Some(data) = test_data() else { return };
    if program("ffprobe").is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(data.join("samples/ts")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "ts") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let output = folder.path().join(&name).with_extension("mkv");
        let muxed = mux(&path, &output);
        if name == NAMELESS {
            let error = muxed.unwrap_err().to_string();
            assert!(error.contains("DTS-UHD"), "{error}");
            continue;
        }
        let report = muxed.unwrap();
        assert!(report.is_complete() && report.tracks.iter().all(|t| t.frames > 0), "{report:?}");
        let found = probed(&output);
        match &name[..] {
            MISREAD => assert_eq!(found, ["dts,DTS-HD MA,48000,8"]),
            _ => assert_eq!(found, probed(&path), "{name}"),
        }
        count += 1;
    }
    assert!(count >= 14, "{count} samples");
}
