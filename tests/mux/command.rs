//! `freemkv mux`, as a person runs it, on the bundled Blu-ray.
//!
//! What the files hold is looked at more closely in `bluray.rs` and `damage.rs`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fixtures::packets;
use super::misfits;
use super::support::{self, Finished, program, run};
use serde_json::Value;
use tempfile::TempDir;

fn film() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso")
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(finished.stdout.trim()).unwrap_or_else(|e| panic!("{e}: {finished:?}"))
}

fn mux(source: &str, output: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["mux", source, text(output), "--json"];
    arguments.extend(more);
    run(arguments)
}

#[test]
fn the_film_of_a_disc_becomes_a_file() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("film.mkv");
    let done = mux(text(&film()), &out, &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let report = json(&done);
    let output = &report["outputs"][0];
    assert_eq!(output["title"], "00000");
    assert_eq!(output["chapters"], 5);
    assert!((output["duration_seconds"].as_f64().unwrap() - 64.064).abs() < 0.05, "{output}");
    assert_eq!(output["tracks"].as_array().unwrap().len(), 5);
    assert_eq!(output["losses"], Value::Array(Vec::new()));
    assert_eq!(output["bytes"], fs::metadata(&out).unwrap().len());
    assert!(!folder.path().join("film.mkv.part").exists());
    let Some(_) = program("ffmpeg") else { return };
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-xerror", "-i", text(&out), "-map", "0:v", "-map", "0:a", "-f", "null", "-"])
        .output()
        .unwrap();
    assert!(decoded.status.success() && decoded.stderr.is_empty(), "{decoded:?}");
}

#[test]
fn the_same_disc_gives_the_same_bytes_whatever_it_comes_through() {
    let folder = TempDir::new().unwrap();
    let (image, drive) = (folder.path().join("image.mkv"), folder.path().join("drive.mkv"));
    assert_eq!(mux(text(&film()), &image, &[]).code, Some(0));
    let done = mux(&format!("emu:{},profile=bd", film().display()), &drive, &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(fs::read(&image).unwrap() == fs::read(&drive).unwrap());
}

#[test]
fn holes_are_told_with_film_time_and_the_rest_is_there() {
    let folder = TempDir::new().unwrap();
    let (image, out) = (folder.path().join("film.iso"), folder.path().join("film.mkv"));
    let faults = folder.path().join("faults.plan");
    // Two dead units in the middle of the film.
    fs::write(&faults, "bad 51 1 0\nbad 59 1 0\n").unwrap();
    let drive = format!("emu:{},profile=bd,faults={}", film().display(), faults.display());
    for command in ["sweep", "patch"] {
        let done = run([command, &drive, text(&image), "-q"]);
        assert_eq!(done.code, Some(3), "{done:?}");
    }
    let done = mux(text(&image), &out, &[]);
    assert_eq!(done.code, Some(3), "{done:?}");
    let report = json(&done);
    let output = &report["outputs"][0];
    let losses = output["losses"].as_array().unwrap();
    assert!(!losses.is_empty());
    for loss in losses {
        let (from, to) = (loss["from_seconds"].as_f64().unwrap(), loss["to_seconds"].as_f64().unwrap());
        assert!(from < to, "{loss}");
        // The manifest of the disc: damage lies between 28.7 s and 37.1 s.
        assert!((28.0..38.0).contains(&from) && (28.0..38.0).contains(&to), "{loss}");
        assert!(loss["lba"].as_u64().unwrap() >= 51 * 32, "{loss}");
    }
    assert!((output["duration_seconds"].as_f64().unwrap() - 64.064).abs() < 0.05, "{output}");
    // The drive itself, read now, lacks the same.
    let live = folder.path().join("live.mkv");
    let done = mux(&drive, &live, &[]);
    assert_eq!(done.code, Some(3), "{done:?}");
    let Some(_) = program("ffmpeg") else { return };
    let decoded = Command::new("ffmpeg").args(["-v", "error", "-i", text(&out), "-f", "null", "-"]).status().unwrap();
    assert!(decoded.success());
}

#[test]
fn losses_tell_why_and_what_can_bring_more() {
    let folder = TempDir::new().unwrap();
    let image = folder.path().join("film.iso");
    let bytes = fs::read(film()).unwrap();
    let causes = |done: &Finished| -> Vec<String> {
        let losses = json(done)["outputs"][0]["losses"].as_array().unwrap().clone();
        losses.iter().map(|loss| loss["cause"].as_str().unwrap().to_owned()).collect()
    };
    // Two places of the film in the map: one was tried, one was not; and an image that ends too early, without a map.
    let (unit, length) = (65_536, bytes.len());
    let places = |status: char| {
        let (from, to) = (51 * unit, 52 * unit);
        format!("0 + 1\n0 {from} +\n{from} {unit} {status}\n{to} {} +\n", length - to)
    };
    for (map, kept, cause, next) in [
        (Some(places('-')), length, "damaged", "patch"),
        (Some(places('?')), length, "not_read", "sweep"),
        (None, length / 5 * 4, "end_of_image", "sweep"),
    ] {
        fs::write(&image, &bytes[..kept]).unwrap();
        let beside = folder.path().join("film.iso.map");
        let _ = fs::remove_file(&beside);
        map.iter().for_each(|map| fs::write(&beside, map).unwrap());
        let out = folder.path().join(format!("{cause}.mkv"));
        let done = mux(text(&image), &out, &[]);
        assert_eq!(done.code, Some(3), "{cause}: {done:?}");
        let found = causes(&done);
        assert!(!found.is_empty() && found.iter().all(|found| found == cause), "{cause}: {found:?}");
        let told = run(["mux", text(&image), text(&out), "--force"]);
        assert!(told.stdout.contains(&format!("Next: freemkv {next} DRIVE ")), "{told:?}");
    }
    // Of one hole a part was tried, and another was not: both are told, of the same times.
    let (from, half) = (51 * unit, unit / 2);
    let map = format!(
        "0 + 1\n0 {from} +\n{from} {half} -\n{} {half} ?\n{} {} +\n",
        from + half,
        from + unit,
        length - from - unit
    );
    fs::write(&image, &bytes).unwrap();
    fs::write(folder.path().join("film.iso.map"), map).unwrap();
    let done = mux(text(&image), &folder.path().join("both.mkv"), &["--force"]);
    let losses = json(&done)["outputs"][0]["losses"].as_array().unwrap().clone();
    let of = |cause: &str| -> Vec<_> {
        let of = losses.iter().filter(|loss| loss["cause"] == cause && loss["track"] == 1);
        of.map(|loss| (loss["from_seconds"].clone(), loss["to_seconds"].clone(), loss["bytes"].clone())).collect()
    };
    assert!(of("damaged").len() == 1 && of("damaged") == of("not_read"), "{losses:?}");
    assert_eq!(of("damaged")[0].2, half);
}

#[test]
fn choices_that_match_nowhere_are_refused_with_what_there_is() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("film.mkv");
    for (option, value, there) in [
        ("--audio", "jpn", "there is"),
        ("--subs", "jpn", "there is"),
        ("--angle", "2", "there is one"),
        ("--title", "00077", "there is 00001"),
    ] {
        let refused = mux(text(&film()), &out, &[option, value]);
        assert_eq!(refused.code, Some(2), "{option}: {refused:?}");
        let told = json(&refused)["error"]["message"].as_str().unwrap().to_owned();
        assert!(told.contains(there), "{option}: {told}");
        assert!(!out.exists());
    }
    let none = mux(text(&film()), &out, &["--audio", "none", "--subs", "none", "--title", "00000"]);
    assert_eq!(none.code, Some(0), "{none:?}");
    assert_eq!(json(&none)["outputs"][0]["tracks"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_there_is_not_written_over_unasked() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("film.mkv");
    fs::write(&out, b"precious").unwrap();
    let refused = mux(text(&film()), &out, &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(json(&refused)["error"]["code"], 2);
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    assert_eq!(mux(text(&film()), &out, &["--force"]).code, Some(0));
    assert!(fs::metadata(&out).unwrap().len() > 1 << 20);
}

#[test]
fn a_folder_gets_each_title_under_the_name_of_the_disc() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("films/");
    let done = mux(text(&film()), &out, &["--title", "1,2"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let mut names: Vec<String> =
        fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["SCRATCHED_FILM-t01.mkv", "SCRATCHED_FILM-t02.mkv"]);
    let both = mux(text(&film()), &folder.path().join("one.mkv"), &["--title", "1,2"]);
    assert_eq!(both.code, Some(2), "two titles into one file: {both:?}");
}

#[test]
fn of_all_titles_one_that_cannot_be_muxed_does_not_keep_the_others_back() {
    let temporary = TempDir::new().unwrap();
    let root = misfits::folder(temporary.path());
    let clip = root.join("BDMV/STREAM/00001.m2ts");
    let mut stream = fs::read(&clip).unwrap();
    let pictures = stream.chunks_exact_mut(packets::PACKET).filter(|packet| packets::pid(packet) == packets::VIDEO);
    pictures.for_each(|packet| packet.copy_from_slice(&packets::null(1)));
    fs::write(&clip, stream).unwrap();
    let out = root.join("films/");
    let all = ["--title", "all", "--min-length", "1s"];
    let planned = mux(text(&root), &out, &[&all[..], &["--dry-run"]].concat());
    assert_eq!(planned.code, Some(1), "{planned:?}");
    assert_eq!(json(&planned)["plan"].as_array().unwrap().len(), 1);
    let done = mux(text(&root), &out, &all);
    assert_eq!(done.code, Some(1), "{done:?}");
    let report = json(&done);
    assert_eq!(report["outputs"].as_array().unwrap().len(), 1);
    assert_eq!(report["outputs"][0]["title"], "00000");
    assert!(report["error"]["message"].as_str().unwrap().contains("the picture of title 00001"), "{report}");
    // Named, it keeps them back; with --force it is written without its picture, which is told.
    let named = mux(text(&root), &root.join("named/"), &["--title", "1,2"]);
    assert_eq!((named.code, json(&named)["outputs"].as_array().map(Vec::len).unwrap_or(0)), (Some(1), 0), "{named:?}");
    let forced = mux(text(&root), &root.join("forced/"), &["--title", "2", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced:?}");
    let left_out = &json(&forced)["outputs"][0]["left_out"][0];
    assert_eq!((&left_out["pid"], &left_out["reason"]), (&0x1011.into(), &"empty".into()));
}

#[test]
fn titles_are_named_by_number_playlist_or_stream_file() {
    let folder = TempDir::new().unwrap();
    for (wish, title, chapters) in [("2", "00001", 1), ("00001.mpls", "00001", 1), ("00001.m2ts", "00001", 0)] {
        let out = folder.path().join(format!("{wish}.mkv"));
        let done = mux(text(&film()), &out, &["--title", wish]);
        assert_eq!(done.code, Some(0), "{wish}: {done:?}");
        let report = json(&done);
        assert_eq!(report["outputs"][0]["title"], title);
        assert_eq!(report["outputs"][0]["chapters"], chapters, "{wish}");
    }
    for wish in ["3", "00009.mpls", "none"] {
        let done = mux(text(&film()), &folder.path().join("no.mkv"), &["--title", wish]);
        assert_eq!(done.code, Some(2), "{wish}: {done:?}");
    }
    assert!(!folder.path().join("no.mkv").exists());
}

#[test]
fn tracks_and_chapters_can_be_chosen() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("film.mkv");
    let done = mux(text(&film()), &out, &["--audio", "fr", "--subs", "none", "--no-chapters"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let report = json(&done);
    let tracks = report["outputs"][0]["tracks"].as_array().unwrap();
    let kinds: Vec<_> = tracks.iter().map(|t| (t["kind"].as_str().unwrap(), t["language"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("video", "und"), ("audio", "fre")]);
    assert_eq!(report["outputs"][0]["chapters"], 0);
    let wrong = mux(text(&film()), &out, &["--audio", "klingonese"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("films/");
    let done = mux(text(&film()), &out, &["--dry-run"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let plan = &json(&done)["plan"][0];
    assert!(plan["path"].as_str().unwrap().ends_with("SCRATCHED_FILM-t01.mkv"), "{plan}");
    assert_eq!(plan["chapters"].as_array().unwrap().len(), 5);
    assert!(!out.exists());
    let there = folder.path().join("film.mkv");
    fs::write(&there, "mine").unwrap();
    nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    fs::write(folder.path().join("other.mkv.part"), "notes").unwrap();
    std::os::unix::fs::symlink("no/such/film.mkv", folder.path().join("link.mkv")).unwrap();
    for (output, force, code) in [
        ("film.mkv", false, 2),
        ("film.mkv", true, 0),
        ("pipe", true, 2),
        ("no/such.mkv", false, 1),
        ("link.mkv", true, 1),
        ("film.mkv/such.mkv", false, 1),
        ("film.mkv/films/", false, 1),
        ("other.mkv", true, 2),
        ("new/films/", false, 0),
        ("free.mkv", false, 0),
    ] {
        let run = |more: &[&str]| {
            let force = if force { &["--force"][..] } else { &[] };
            mux(text(&film()), &folder.path().join(output), &[force, more].concat())
        };
        let dry = run(&["--dry-run"]);
        assert_eq!(dry.code, Some(code), "the output is judged too: {output} {dry:?}");
        assert_eq!(fs::read(&there).unwrap(), b"mine", "{output}");
        assert!(!folder.path().join("new").exists() && !folder.path().join("free.mkv").exists());
        // As without it.
        if code != 0 {
            let real = run(&[]);
            assert_eq!(real.code, dry.code, "{output} {real:?}");
        }
    }
}

#[test]
fn what_is_no_film_is_refused_in_a_sentence() {
    let folder = TempDir::new().unwrap();
    let noise = support::disc_file(folder.path(), "noise.iso", 5, 600);
    let stream = support::disc_file(folder.path(), "noise.m2ts", 5, 600);
    let out = folder.path().join("no.mkv");
    for (source, code) in [(text(&noise), 1), (text(&stream), 1), ("/nowhere.iso", 1), (text(folder.path()), 2)] {
        let done = mux(source, &out, &[]);
        assert_eq!(done.code, Some(code), "{source}: {done:?}");
        assert!(json(&done)["error"]["message"].is_string());
        assert!(!out.exists() && !folder.path().join("no.mkv.part").exists(), "{source}");
    }
}

#[test]
fn progress_json_is_json_here_too() {
    let folder = TempDir::new().unwrap();
    let done = mux(text(&film()), &folder.path().join("film.mkv"), &["--progress", "json"]);
    assert_eq!(done.code, Some(0));
    for line in done.stderr.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        assert!(value["event"].is_string(), "{line}");
    }
}
