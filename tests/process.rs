//! freemkv as a process: signals, standard output, and what the system does not allow it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{SECTOR, disc_file, finish, freemkv};
use tempfile::TempDir;

/// A folder with a disc, and a drive that takes a minute for it.
fn bench() -> TempDir {
    let folder = TempDir::new().unwrap();
    let _ = disc_file(folder.path(), "disc.iso", 3, 2000);
    fs::write(folder.path().join("slow.plan"), "rate 0.07\n").unwrap();
    folder
}

const SLOW: &str = "emu:disc.iso,profile=bd,faults=slow.plan,time=real";

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// Waits until a run has begun to read: then its signals are in place.
fn begun(child: &mut Child, map: &Path) {
    while !map.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        std::thread::yield_now();
    }
}

/// Whether the process ends in its time.
fn ends(child: &mut Child, within: Duration) -> Option<i32> {
    let began = Instant::now();
    while began.elapsed() < within {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::yield_now();
    }
    None
}

#[test]
fn a_signal_that_was_ignored_at_the_start_stays_ignored() {
    let folder = bench();
    for (name, signal) in [("HUP", Signal::SIGHUP), ("INT", Signal::SIGINT)] {
        let image = format!("{name}.iso");
        let script = format!("trap '' {name}; exec \"$0\" sweep {SLOW} {image} -q");
        let mut command = Command::new("sh");
        command.current_dir(folder.path()).args(["-c", &script, env!("CARGO_BIN_EXE_freemkv")]);
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        begun(&mut child, &folder.path().join(format!("{image}.map")));
        send(&child, signal);
        // Had it been heard, TERM would be the second signal, and the sentence of the first would not be there.
        send(&child, Signal::SIGTERM);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("stopped by a signal"), "{name}: {said}");
    }
}

#[test]
fn a_report_says_that_a_signal_ended_the_run() {
    let folder = bench();
    let mut command = freemkv();
    command.current_dir(folder.path()).args(["sweep", SLOW, "out.iso", "--json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    begun(&mut child, &folder.path().join("out.iso.map"));
    send(&child, Signal::SIGTERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!([&report["command"], &report["stopped_by"]], ["sweep", "signal"]);
    assert!(report["source"].is_string() && report["exit_code"] == 130, "{report}");
}

#[test]
fn a_second_signal_ends_the_process_though_nobody_reads_what_it_says() {
    let folder = bench();
    let (reader, writer) = io::pipe().unwrap();
    let flags = OFlag::from_bits_truncate(fcntl(&writer, FcntlArg::F_GETFL).unwrap());
    fcntl(&writer, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).unwrap();
    while (&writer).write(&[b'x'; 4096]).is_ok() {}
    fcntl(&writer, FcntlArg::F_SETFL(flags)).unwrap();
    let mut command = freemkv();
    command.current_dir(folder.path()).args(["sweep", SLOW, "out.iso", "-q"]);
    let mut child = command.stdout(Stdio::null()).stderr(writer).spawn().unwrap();
    begun(&mut child, &folder.path().join("out.iso.map"));
    send(&child, Signal::SIGINT);
    // The first is heard when its sentence waits for room in the pipe, or the run has stopped; a second one ends both.
    let mut code = None;
    for _ in 0..100 {
        send(&child, Signal::SIGINT);
        code = ends(&mut child, Duration::from_millis(100));
        if code.is_some() || child.try_wait().unwrap().is_some() {
            break;
        }
    }
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    assert!(ended.is_some() && code.is_none_or(|code| code == 130), "{code:?}");
}

#[test]
fn a_product_that_cannot_be_printed_is_a_failure() {
    let folder = bench();
    let film = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");
    let done = finish(freemkv().current_dir(folder.path()).args(["sweep", "disc.iso", "done.iso", "-q"]));
    assert_eq!(done.code, Some(0), "{done:?}");
    for words in [
        &["info", film][..],
        &["info", film, "--json"],
        &["map", "show", "done.iso.map"],
        &["map", "show", "done.iso.map", "--json"],
        &["mux", film, "film.mkv", "--dry-run"],
        &["mux", film, "film.mkv", "--json"],
        &["sweep", "disc.iso", "out.iso", "--json"],
        &["sweep", "nowhere.iso", "out.iso", "--json"],
        &["completions", "bash"],
        &["help", "sweep"],
        &["--version"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = freemkv();
        let output = command.current_dir(folder.path()).args(words).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{words:?}");
    }
    assert!(folder.path().join("film.mkv").exists(), "the work was done all the same");
    // What a sweep tells a person is not what it is run for.
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut command = freemkv();
    let output =
        command.current_dir(folder.path()).args(["sweep", "disc.iso", "told.iso"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output"));
}

#[test]
fn standard_output_as_the_image_gets_no_map_and_is_written_behind_what_is_there() {
    let folder = bench();
    let path = folder.path().join("both.bin");
    fs::write(&path, "first ").unwrap();
    let out = File::options().append(true).open(&path).unwrap();
    let mut command = freemkv();
    command.current_dir(folder.path()).args(["sweep", "disc.iso", "/dev/stdout", "-q"]);
    let output = command.stdout(out).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"first ") && bytes.len() == 6 + 2000 * SECTOR);
    assert_eq!(bytes[6..], fs::read(folder.path().join("disc.iso")).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no map, no log");
    assert!(!Path::new("/dev/stdout.map").exists());
}

#[test]
fn a_process_that_may_start_no_thread_says_so() {
    if !nix::unistd::geteuid().is_root() {
        return support::skip("only root can become the user whose limit it is");
    }
    // A user of this test's own, so that nobody else's processes count.
    const USER: u32 = 61_234;
    let folder = bench();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.path().join("freemkv");
    fs::copy(env!("CARGO_BIN_EXE_freemkv"), &program).unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso"), folder.path().join("film.iso")).unwrap();
    for threads in 1..6 {
        let out = format!("out{threads}.iso");
        let film = format!("film{threads}.mkv");
        for words in [&["sweep", "disc.iso", &out, "-q"][..], &["mux", "film.iso", &film, "-q"]] {
            let mut command = Command::new("prlimit");
            command.current_dir(folder.path()).arg(format!("--nproc={threads}")).arg(&program).args(words);
            let output = command.uid(USER).gid(USER).stdin(Stdio::null()).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("panicked"), "{threads}: {said}");
            match output.status.code() {
                Some(0) => {}
                Some(1) => assert!(said.contains("thread") || said.contains("temporarily"), "{threads}: {said}"),
                code => panic!("{threads}: {code:?} {said}"),
            }
            if threads == 1 {
                assert_eq!(output.status.code(), Some(1), "one thread is not enough: {said}");
            }
        }
    }
}

#[test]
fn a_folder_for_films_is_made_with_force_too() {
    let folder = bench();
    let film = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso");
    let done = finish(freemkv().current_dir(folder.path()).args(["mux", film, "new/films/", "--force", "-q"]));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read_dir(folder.path().join("new/films")).unwrap().count(), 1);
}

#[test]
fn a_log_goes_to_a_pipe_that_is_read_and_to_no_other() {
    let folder = bench();
    let pipe = folder.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let words = ["sweep", "disc.iso", "out.iso", "-vv", "--log-file", "pipe"];
    let refused = finish(freemkv().current_dir(folder.path()).args(words));
    assert!(refused.code == Some(2) && refused.stderr.contains("pipe"), "{refused:?}");
    let mut read = File::options().read(true).write(true).open(&pipe).unwrap();
    let done = finish(freemkv().current_dir(folder.path()).args(words));
    assert_eq!(done.code, Some(0), "{done:?}");
    let flags = OFlag::from_bits_truncate(fcntl(&read, FcntlArg::F_GETFL).unwrap());
    fcntl(&read, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).unwrap();
    let mut log = Vec::new();
    let _ = read.read_to_end(&mut log);
    assert!(String::from_utf8_lossy(&log).contains("DEBUG"));
}

#[test]
fn a_film_that_is_there_is_not_called_missing_when_its_folder_cannot_be_synced() {
    if !nix::unistd::geteuid().is_root() {
        return support::skip("only root can become the user who may not read a folder");
    }
    const USER: u32 = 61_235;
    let folder = bench();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (program, films) = (folder.path().join("freemkv"), folder.path().join("films"));
    fs::copy(env!("CARGO_BIN_EXE_freemkv"), &program).unwrap();
    fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/discs/film.iso"), folder.path().join("film.iso")).unwrap();
    fs::create_dir(&films).unwrap();
    std::os::unix::fs::chown(&films, Some(USER), Some(USER)).unwrap();
    // Files can be made in it, but it cannot be opened.
    fs::set_permissions(&films, fs::Permissions::from_mode(0o300)).unwrap();
    let mut command = Command::new(&program);
    command.current_dir(folder.path()).args(["mux", "film.iso", "films/film.mkv", "-q"]).uid(USER).gid(USER);
    let done = finish(command.stdin(Stdio::null()));
    assert!(done.code == Some(1) && done.stderr.contains("is there and whole"), "{done:?}");
    assert!(films.join("film.mkv").exists() && !films.join("film.mkv.part").exists());
}
