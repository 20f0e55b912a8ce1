//! `freemkv mux DISC -`: a film through a pipe.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::support::{finish, freemkv, program, run, skip};
use serde_json::Value;
use tempfile::TempDir;

fn film() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")
}

/// What `ffmpeg` reads of a film: each packet with its times, and its hash.
fn packets(film: &Path) -> String {
    let copy =
        ["-v", "error", "-nostdin", "-i", film.to_str().unwrap(), "-map", "0", "-c", "copy", "-f", "framemd5", "-"];
    let done = finish(Command::new("ffmpeg").args(copy));
    assert!(done.code == Some(0) && done.stderr.is_empty(), "{done:?}");
    done.stdout.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_film_goes_through_a_pipe_as_it_goes_into_a_file() {
    let folder = TempDir::new().unwrap();
    let output = freemkv().arg("mux").arg(film()).args(["-", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(report["exit_code"], 0);
    assert_eq!(report["outputs"][0]["bytes"], output.stdout.len() as u64, "standard output holds the film alone");
    let (piped, file) = (folder.path().join("piped.mkv"), folder.path().join("file.mkv"));
    fs::write(&piped, &output.stdout).unwrap();
    assert_eq!(run(["mux", film().to_str().unwrap(), file.to_str().unwrap(), "-q"]).code, Some(0));
    if program("ffmpeg").is_some() {
        assert!(packets(&piped) == packets(&file));
    }
    let Some(_) = program("mkvmerge") else { return };
    let known = finish(Command::new("mkvmerge").arg("-J").arg(&piped));
    let known: Value = serde_json::from_str(&known.stdout).unwrap();
    assert_eq!((&known["container"]["type"], &known["errors"]), (&"Matroska".into(), &Value::Array(Vec::new())));
    assert_eq!(known["tracks"].as_array().unwrap().len(), 5);
}

#[test]
fn a_player_knows_the_streams_before_the_film_is_over() {
    let Some(_) = program("ffprobe") else { return };
    let mut muxing = freemkv().arg("mux").arg(film()).args(["-", "-q"]).stdout(Stdio::piped()).spawn().unwrap();
    let probe = ["-v", "error", "-show_entries", "format=duration:stream=codec_name", "-of", "json", "-"];
    let known = finish(Command::new("ffprobe").args(probe).stdin(muxing.stdout.take().unwrap()));
    let _ = muxing.wait().unwrap();
    let known: Value = serde_json::from_str(&known.stdout).unwrap_or_else(|e| panic!("{e}: {known:?}"));
    let codecs: Vec<_> =
        known["streams"].as_array().unwrap().iter().map(|s| s["codec_name"].as_str().unwrap()).collect();
    assert_eq!(codecs, ["h264", "ac3", "ac3", "hdmv_pgs_subtitle", "hdmv_pgs_subtitle"]);
    assert_eq!(known["format"]["duration"], "64.064000");
}

#[test]
fn a_reader_that_leaves_is_a_failure_of_its_own() {
    let mut muxing = freemkv();
    muxing.arg("mux").arg(film()).args(["-", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut muxing = muxing.spawn().unwrap();
    let mut head = [0; 4];
    muxing.stdout.take().unwrap().read_exact(&mut head).unwrap();
    assert_eq!(head, [0x1A, 0x45, 0xDF, 0xA3]);
    let output = muxing.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.starts_with('{')).unwrap();
    let report: Value = serde_json::from_str(line).unwrap();
    assert!(report["error"]["hint"].as_str().unwrap().contains("has ended"), "{report}");
}

#[test]
fn standard_output_that_is_a_file_is_written_behind_what_is_there() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, "mine").unwrap();
    for output in ["-", "/dev/stdout"] {
        let file = File::options().append(true).open(&path).unwrap();
        let status = freemkv().arg("mux").arg(film()).args([output, "-q"]).stdout(file).status().unwrap();
        assert_eq!(status.code(), Some(0));
    }
    let bytes = fs::read(&path).unwrap();
    let (mine, films) = bytes.split_at(4);
    let (one, other) = films.split_at(films.len() / 2);
    assert!(mine == b"mine" && one == other && one.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]));
}

#[test]
fn one_film_goes_through_a_pipe_and_none_to_a_terminal() {
    let several = run(["mux", film().to_str().unwrap(), "-", "--title", "1,2", "--json"]);
    assert_eq!(several.code, Some(2));
    assert!(several.stdout.is_empty() && several.stderr.contains("\"exit_code\":2"), "{several:?}");
    let plan = run(["mux", film().to_str().unwrap(), "-", "--dry-run", "--json"]);
    let report: Value = serde_json::from_str(&plan.stdout).unwrap_or_else(|e| panic!("{e}: {plan:?}"));
    assert_eq!(report["plan"][0]["path"], "/dev/stdout");
    if program("script").is_none() {
        return skip("no terminal to write to: script is not installed");
    }
    let line = format!("'{}' mux '{}' -", env!("CARGO_BIN_EXE_freemkv"), film().display());
    let done = finish(Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()));
    assert!(done.code == Some(2) && done.stdout.contains("terminal"), "{done:?}");
}
