//! Outputs that fail, pipes, and threads that break.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use nix::sys::stat::Mode;

use super::disc::{Bench, Disc, SWEEP};
use crate::base::outcome::Fault;
use crate::imaging::{End, Error};

#[test]
fn an_output_that_fails_ends_the_reading() {
    let mut bench = Bench::new();
    bench.job.image = "/dev/full".into();
    let mut disc = Disc::new(64 * 10_000);
    let (report, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Failed(Error::Image(_))), "{end:?}");
    assert!(disc.reads < 100, "{} reads after the output failed", disc.reads);
    assert!(!report.complete && report.totals.rescued_bytes == 0, "{report:?}");
}

#[test]
fn a_map_that_cannot_be_saved_ends_the_run_with_that() {
    let mut bench = Bench::new();
    let folder = bench.path("maps");
    std::fs::create_dir(&folder).unwrap();
    bench.job.map = Some(folder.join("out.map"));
    let mut disc = Disc::new(6400).before_each_read(move |read| {
        if read == 10 {
            std::fs::remove_dir_all(&folder).unwrap();
        }
    });
    let (_, end) = bench.begun(SWEEP, &mut disc);
    assert!(matches!(end, End::Failed(Error::Map(_))), "{end:?}");
}

#[test]
fn a_map_that_cannot_be_begun_leaves_no_image() {
    let mut bench = Bench::new();
    bench.job.map = Some(bench.path("no-such-folder/out.map"));
    let error = bench.run(SWEEP, &mut Disc::new(100)).unwrap_err();
    assert!(matches!(error, Error::Map(_)), "{error:?}");
    assert!(!bench.job.image.exists());
}

#[test]
fn a_map_that_cannot_be_saved_again_is_found_before_the_disc_is_read() {
    let mut bench = Bench::new();
    let _ = bench.begun(SWEEP, &mut Disc::new(640).with(&[(320, 640)], Fault::Gone));
    // With so long a name that there is none for a temporary file beside it, not even root can save it.
    let long = bench.path(&"m".repeat(247));
    std::fs::rename(bench.path("out.iso.map"), &long).unwrap();
    bench.job.map = Some(long.clone());
    let mut disc = Disc::new(640);
    let error = bench.run(SWEEP, &mut disc).unwrap_err();
    assert!(matches!(error, Error::Map(_)), "{error:?}");
    assert!(disc.reads <= 6, "only the comparison reads");
    std::fs::rename(&long, bench.path("out.iso.map")).unwrap();
    assert_eq!(bench.map(), "0-319+ 320-639?");
}

#[test]
fn a_reader_that_breaks_loses_nothing_that_was_read() {
    let bench = Bench::new();
    let mut disc = Disc::new(6400).before_each_read(|read| assert!(read < 10, "the reader breaks"));
    let broke = catch_unwind(AssertUnwindSafe(|| bench.run(SWEEP, &mut disc)));
    assert!(broke.is_err());
    assert_eq!(bench.map(), "0-639+ 640-6399?");
    bench.assert_no_false_claim(&disc);
}

#[test]
fn force_leaves_nothing_of_what_lay_there() {
    let mut bench = Bench::new();
    std::fs::write(&bench.job.image, vec![0xEE; 2048 * 2000]).unwrap();
    let mut disc = Disc::new(1600).with(&[(320, 336)], Fault::Damage);
    let refused = bench.run(SWEEP, &mut disc).unwrap_err();
    assert!(matches!(refused, Error::Overwrite { .. }), "{refused:?}");
    bench.job.force = true;
    let _ = bench.begun(SWEEP, &mut disc);
    let image = std::fs::read(&bench.job.image).unwrap();
    assert_eq!(image.len(), 1600 * 2048);
    assert!(image[320 * 2048..336 * 2048].iter().all(|b| *b == 0));
}

/// What comes through a pipe while `disc` is swept into it.
fn through_a_pipe(bench: &mut Bench, disc: &mut Disc) -> (End, Vec<u8>) {
    let pipe = bench.path("pipe");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    bench.job.image.clone_from(&pipe);
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(pipe).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    });
    let (report, end) = bench.begun(SWEEP, disc);
    assert_eq!(report.map, None);
    assert!(!Path::new(&bench.path("pipe.map")).exists());
    (end, reader.join().unwrap())
}

#[test]
fn a_pipe_gets_zeros_for_what_is_missing_and_all_of_the_disc() {
    let mut disc = Disc::new(1600).with(&[(320, 336), (1584, 1600)], Fault::Damage);
    let (end, bytes) = through_a_pipe(&mut Bench::new(), &mut disc);
    assert!(matches!(end, End::Done), "{end:?}");
    assert_eq!(bytes.len(), 1600 * 2048);
    assert_eq!(bytes[319 * 2048..320 * 2048], disc.sector(319));
    assert!(bytes[320 * 2048..336 * 2048].iter().chain(&bytes[1584 * 2048..]).all(|b| *b == 0));
}

#[test]
fn a_pipe_of_a_stopped_run_does_not_look_whole() {
    let mut bench = Bench::new();
    let cancel = bench.cancel.clone();
    let mut disc = Disc::new(6400).before_each_read(move |read| {
        if read == 3 {
            cancel.raise();
        }
    });
    let (end, bytes) = through_a_pipe(&mut bench, &mut disc);
    assert!(matches!(end, End::Stopped), "{end:?}");
    assert_eq!(bytes.len(), 4 * 64 * 2048);
    let mut disc = Disc::new(6400).with(&[(640, 6400)], Fault::Gone);
    let (end, bytes) = through_a_pipe(&mut Bench::new(), &mut disc);
    assert!(matches!(end, End::Fault { fault: Fault::Gone, .. }), "{end:?}");
    assert_eq!(bytes.len(), 640 * 2048);
}

#[test]
fn waiting_for_the_reader_of_a_pipe_can_be_stopped() {
    let mut bench = Bench::new();
    bench.job.image = bench.path("pipe");
    nix::unistd::mkfifo(&bench.job.image, Mode::S_IRWXU).unwrap();
    bench.cancel.raise();
    let error = bench.run(SWEEP, &mut Disc::new(100)).unwrap_err();
    assert!(matches!(error, Error::Stopped), "{error:?}");
}
