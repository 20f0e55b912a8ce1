//! A stream file alone, without the tables of a disc. Needs `FREEMKV_TEST_DATA`; the bench (ignored) a long stream.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use crate::support::test_data;
use freemkv::base::cancel::Cancel;
use freemkv::base::clock::{Clock, SystemClock};
use freemkv::base::event::NoEvents;
use freemkv::base::sector::set::SectorSet;
use freemkv::demux::m2ts::Layout;
use freemkv::fs::folder::SingleFile;
use freemkv::mux::MuxError;
use freemkv::mux::plan::{self, Options};
use freemkv::mux::report::OutputReport;
use freemkv::mux::run::{self, Settings};
use freemkv::title::{TitleError, loose};

fn mux(stream: &Path, output: &Path) -> Result<OutputReport, MuxError> {
    let fs = SingleFile::open(stream).unwrap();
    let title = loose::title(&fs, fs.name()).unwrap();
    let (missing, cancel) = (SectorSet::new(), Cancel::new());
    let plan = plan::plan(&fs, &title, &plan::Provenance::default(), &Options::default(), &missing, &cancel)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    run::run(&fs, &plan, output, &Settings::new(&missing), &NoEvents, &cancel, &clock)
}

/// The stream of bd-basic in a folder of its own.
fn stream(data: &Path, folder: &Path) -> PathBuf {
    let disc = Disc::image(data, "bd-basic");
    let path = folder.join("stream.m2ts");
    std::fs::write(&path, disc.fs.read_whole("BDMV/STREAM/00000.m2ts", 1 << 30).unwrap()).unwrap();
    path
}

#[test]
fn a_stream_alone_gives_the_frames_that_its_disc_gives() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let stream = stream(&data, folder.path());
    let [of_disc, of_stream, of_ts] = ["disc.mkv", "stream.mkv", "ts.mkv"].map(|name| folder.path().join(name));
    Disc::image(&data, "bd-basic").mux("00000", &of_disc).unwrap();
    let report = mux(&stream, &of_stream).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(mkv::blocks(&of_stream), mkv::blocks(&of_disc));
    disc::programs_take(&of_stream);
    // The same packets without arrival times, behind some garbage.
    let mut ts = vec![0x47; 100];
    std::fs::read(&stream).unwrap().chunks_exact(192).for_each(|packet| ts.extend(&packet[4..]));
    let plain = folder.path().join("stream.ts");
    std::fs::write(&plain, ts).unwrap();
    assert!(mux(&plain, &of_ts).unwrap().is_complete());
    assert_eq!(mkv::blocks(&of_ts), mkv::blocks(&of_disc));
}

#[test]
fn packets_off_the_grid_are_no_damage() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let stream = stream(&data, folder.path());
    let mut shifted = vec![0; 77];
    shifted.extend(std::fs::read(&stream).unwrap());
    std::fs::write(&stream, shifted).unwrap();
    let report = mux(&stream, &folder.path().join("out.mkv")).unwrap();
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.tracks[0].frames, 576);
}

#[test]
fn what_is_no_stream_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise.m2ts");
    for bytes in [vec![], vec![7; 100_000], vec![0x47; 100_000]] {
        std::fs::write(&path, bytes).unwrap();
        let fs = SingleFile::open(&path).unwrap();
        let error = loose::title(&fs, fs.name()).unwrap_err();
        assert!(matches!(error, TitleError::NoStream { .. }), "{error}");
    }
    assert_eq!(Layout::detect(&[]), None);
}

#[test]
fn encrypted_streams_are_refused_before_there_is_an_output() {
    let Some(data) = test_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let stream = stream(&data, folder.path());
    let clear = std::fs::read(&stream).unwrap();
    let refused = |what: &str| {
        let error = mux(&stream, &folder.path().join("out.mkv")).unwrap_err();
        assert!(matches!(error, MuxError::Scrambled { .. }), "{what}: {error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    };
    let mut marked = clear.clone();
    marked.chunks_exact_mut(192).for_each(|packet| packet[7] |= if packet[6] == 0x11 { 0x80 } else { 0 });
    std::fs::write(&stream, &marked).unwrap();
    refused("marked packets");
    // As AACS does it: all of an aligned unit but its first 16 bytes. Tables at the start are needed to come so far.
    let mut units = clear;
    units
        .chunks_exact_mut(6144)
        .skip(8)
        .for_each(|unit| unit[16..].iter_mut().for_each(|b| *b = b.wrapping_mul(37) ^ 0x5A));
    std::fs::write(&stream, &units).unwrap();
    refused("aligned units");
}

/// `cargo test --release --test mux alone -- --ignored --nocapture` with a stream of about a gigabyte in
/// `FREEMKV_BENCH_STREAM`: user time, whole time and memory, and ffmpeg's.
#[test]
#[ignore = "a bench"]
fn bench() {
    let stream = PathBuf::from(std::env::var_os("FREEMKV_BENCH_STREAM").unwrap());
    if let Some(output) = std::env::var_os("FREEMKV_BENCH_OUTPUT") {
        println!("{:?}", mux(&stream, Path::new(&output)).unwrap());
        return;
    }
    let folder = tempfile::tempdir_in(stream.parent().unwrap()).unwrap();
    let (ours, theirs) = (folder.path().join("ours.mkv"), folder.path().join("theirs.mkv"));
    let time = |command: &mut Command| {
        let done = command.output().unwrap();
        println!("{}", String::from_utf8_lossy(&done.stderr).lines().last().unwrap_or_default());
        assert!(done.status.success());
    };
    let timed = || {
        let mut command = Command::new("/usr/bin/time");
        command.args(["-f", "user %U s, system %S s, whole %e s, memory %M KiB"]);
        command
    };
    for _ in 0..3 {
        let _ = (std::fs::remove_file(&ours), std::fs::remove_file(&theirs));
        let mut us = timed();
        us.arg(std::env::current_exe().unwrap()).args(["--ignored", "bench"]).env("FREEMKV_BENCH_OUTPUT", &ours);
        time(&mut us);
        let mut ffmpeg = timed();
        ffmpeg.args(["ffmpeg", "-nostdin", "-v", "error", "-i"]).arg(&stream);
        ffmpeg.args(["-map", "0:0", "-map", "0:1", "-map", "0:3", "-c", "copy"]).arg(&theirs);
        time(&mut ffmpeg);
    }
}
