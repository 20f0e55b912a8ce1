//! `freemkv sweep` and `freemkv patch` on image files and on the emulated drive.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod support;

use std::fs;

use support::bench::{Bench, json};
use support::{SECTOR, disc_file, run};

#[test]
fn a_sound_image_is_copied_whole() {
    let bench = Bench::new(1000);
    let done = bench.run("sweep", bench.disc.to_str().unwrap(), &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), fs::read(&bench.disc).unwrap());
    let report = json(&done);
    assert_eq!(report["complete"], true);
    assert_eq!(report["rescued_bytes"], 1000 * SECTOR);
    assert_eq!(report["command"], "sweep");
    assert_eq!(report["exit_code"], 0);
    assert!(["dontcache", "window"].contains(&report["write_strategy"].as_str().unwrap()));
}

#[test]
fn a_source_that_ends_inside_a_sector_gives_an_image_that_does() {
    let bench = Bench::new(100);
    let bytes = fs::read(&bench.disc).unwrap();
    fs::write(&bench.disc, &bytes[..99 * SECTOR + 77]).unwrap();
    let done = bench.run("sweep", bench.disc.to_str().unwrap(), &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), &bytes[..99 * SECTOR + 77]);
}

#[test]
fn an_empty_source_is_refused() {
    let bench = Bench::new(0);
    let done = bench.run("sweep", bench.disc.to_str().unwrap(), &[]);
    assert_eq!(done.code, Some(4), "{done:?}");
    assert!(!bench.out().exists());
}

#[test]
fn dead_units_are_left_out_and_nothing_else() {
    let bench = Bench::new(32 * 256);
    let drive = bench.drive("bd", "bad 40 1 0\nbad 42 2 0\nbad 100 20 0\n");
    let swept = bench.run("sweep", &drive, &[]);
    assert_eq!(swept.code, Some(3), "{swept:?}");
    bench.assert_no_false_claim();
    let patched = bench.run("patch", &drive, &[]);
    assert_eq!(patched.code, Some(3), "{patched:?}");
    bench.assert_no_false_claim();
    let expected: String = (0..256)
        .map(|unit| {
            if unit == 40 || (42..44).contains(&unit) || (100..120).contains(&unit) { "-" } else { "+" }.repeat(32)
        })
        .collect();
    // Of a dead unit not each sector was asked for alone.
    assert_eq!(bench.map().replace(['/', '*'], "-"), expected);
    let report = json(&patched);
    let failed = ["non_scraped_bytes", "non_trimmed_bytes"].map(|key| report[key].as_u64().unwrap_or_default());
    assert_eq!(failed.iter().sum::<u64>(), 23 * 32 * SECTOR as u64);
    assert_eq!(report["media"], "bd");
    assert_eq!(report["unit_sectors"], 32);
}

#[test]
fn weak_units_come_back_with_passes() {
    let bench = Bench::new(16 * 256);
    let drive = bench.drive("dvd", "bad 50 30 0.4\nseed 3\n");
    let _ = bench.run("sweep", &drive, &[]);
    let patched = bench.run("patch", &drive, &["--passes", "60"]);
    assert_eq!(patched.code, Some(0), "{patched:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), fs::read(&bench.disc).unwrap());
}

#[test]
fn finish_marks_what_is_left_as_bad_and_patch_still_tries_it() {
    let bench = Bench::new(32 * 64);
    let drive = bench.drive("bd", "bad 10 1 0\n");
    let _ = bench.run("sweep", &drive, &[]);
    let finished = bench.run("patch", &drive, &["--finish", "--passes", "1"]);
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert_eq!(bench.map(), format!("{}{}{}", "+".repeat(320), "-".repeat(32), "+".repeat(53 * 32)));
    assert_eq!(json(&finished)["bad_bytes"], 32 * SECTOR);
    // The same disc in a drive that reads it.
    let patched = bench.run("patch", bench.disc.to_str().unwrap(), &["--media", "bd"]);
    assert_eq!(patched.code, Some(0), "{patched:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), fs::read(&bench.disc).unwrap());
}

#[test]
fn only_and_skip_choose_sectors_and_the_rest_can_come_later() {
    let bench = Bench::new(1000);
    let source = bench.disc.to_str().unwrap().to_owned();
    let part = bench.run("sweep", &source, &["--only", "100-299,500-599", "--skip", "200-249"]);
    assert_eq!(part.code, Some(3), "{part:?}");
    let map = bench.map();
    let read = |s: usize| ((100..300).contains(&s) && !(200..250).contains(&s)) || (500..600).contains(&s);
    assert!(map.chars().enumerate().all(|(s, c)| (c == '+') == read(s)), "{map}");
    let rest = bench.run("sweep", &source, &[]);
    assert_eq!(rest.code, Some(0), "{rest:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), fs::read(&bench.disc).unwrap());
}

#[test]
fn a_choice_outside_the_disc_is_wrong_usage() {
    let bench = Bench::new(100);
    let done = bench.run("sweep", bench.disc.to_str().unwrap(), &["--only", "5000-6000"]);
    assert_eq!(done.code, Some(2), "{done:?}");
    assert_eq!(json(&done)["error"]["code"], 2);
    assert!(!bench.out().exists() && !bench.path("out.iso.map").exists());
}

#[test]
fn an_image_without_a_map_is_not_written_over() {
    let bench = Bench::new(100);
    fs::write(bench.out(), b"precious").unwrap();
    let source = bench.disc.to_str().unwrap().to_owned();
    let refused = bench.run("sweep", &source, &[]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), b"precious");
    let aside = bench.run("sweep", &source, &["--restart"]);
    assert_eq!(aside.code, Some(0), "{aside:?}");
    assert_eq!(fs::read(bench.path("out.iso.old")).unwrap(), b"precious");
    let again = bench.run("sweep", &source, &["--restart"]);
    assert_eq!(again.code, Some(2), "an .old is in the way: {again:?}");
    assert_eq!(fs::read(bench.path("out.iso.old")).unwrap(), b"precious");
}

#[test]
fn another_disc_is_refused_and_nothing_is_touched() {
    let bench = Bench::new(1000);
    let drive = bench.drive("dvd", "bad 10 2 0\n");
    let _ = bench.run("sweep", &drive, &[]);
    let (image, map) = (fs::read(bench.out()).unwrap(), fs::read(bench.path("out.iso.map")).unwrap());
    let other = disc_file(bench.folder.path(), "other.iso", 8, 1000);
    // More than drives differ by about one disc.
    let larger = disc_file(bench.folder.path(), "larger.iso", 7, 1301);
    for (command, source) in [("sweep", &other), ("patch", &other), ("patch", &larger)] {
        let refused = bench.run(command, source.to_str().unwrap(), &[]);
        assert_eq!(refused.code, Some(5), "{refused:?}");
        assert_eq!(fs::read(bench.out()).unwrap(), image);
        assert_eq!(fs::read(bench.path("out.iso.map")).unwrap(), map);
    }
}

#[test]
fn patch_without_a_map_says_what_to_do() {
    let bench = Bench::new(10);
    let done = run(["patch", bench.disc.to_str().unwrap(), bench.out().to_str().unwrap()]);
    assert_eq!(done.code, Some(2));
    assert!(done.stderr.contains("freemkv sweep"), "{done:?}");
    assert!(!bench.out().exists());
}

#[test]
fn a_map_that_claims_a_missing_image_is_not_believed() {
    let bench = Bench::new(500);
    let source = bench.disc.to_str().unwrap().to_owned();
    let _ = bench.run("sweep", &source, &["--only", "0-99"]);
    fs::remove_file(bench.out()).unwrap();
    for command in ["sweep", "patch"] {
        let done = bench.run(command, &source, &[]);
        assert_eq!(done.code, Some(2), "{done:?}");
    }
    fs::write(bench.out(), b"short").unwrap();
    let done = bench.run("sweep", &source, &[]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(fs::read(bench.out()).unwrap(), b"short");
}

#[test]
fn a_drive_without_a_disc_is_told_from_damage() {
    let bench = Bench::new(3200);
    for (at, code) in [("at 0 eject", 4), ("at 0 unplug", 4)] {
        let drive = bench.drive("bd", &format!("{at}\n"));
        let done = bench.run("sweep", &drive, &[]);
        assert_eq!(done.code, Some(code), "{at}: {done:?}");
        assert!(!bench.out().exists(), "{at}");
    }
}

#[test]
fn a_disc_taken_out_in_mid_run_leaves_no_bad_sector() {
    for story in ["eject", "unplug", "notready"] {
        let bench = Bench::new(32 * 1024);
        let drive = bench.drive("bd", &format!("at 3 {story}\n"));
        let done = bench.run("sweep", &drive, &[]);
        assert_eq!(done.code, Some(4), "{story}: {done:?}");
        let map = bench.map();
        assert!(map.contains('+') && map.contains('?'), "{story}");
        assert!(!map.contains(['*', '/', '-']), "{story}: {:?}", map.find(['*', '/', '-']));
        bench.assert_no_false_claim();
        let rest = bench.run("sweep", &bench.drive("bd", ""), &[]);
        assert_eq!(rest.code, Some(0), "{story}: {rest:?}");
        assert_eq!(fs::read(bench.out()).unwrap(), fs::read(&bench.disc).unwrap());
    }
}

#[test]
fn what_comes_later_is_refused_in_one_sentence() {
    let bench = Bench::new(10);
    let container = bench.path("out.qcow2");
    let done = run(["sweep", bench.disc.to_str().unwrap(), container.to_str().unwrap()]);
    assert_eq!(done.code, Some(2));
    assert!(!container.exists());
}

#[test]
fn json_is_one_object_whatever_happens() {
    let bench = Bench::new(10);
    let missing = bench.path("nowhere.iso");
    let done = bench.run("sweep", missing.to_str().unwrap(), &[]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let report = json(&done);
    assert_eq!(report["error"]["code"], 1);
    assert!(report["error"]["message"].as_str().unwrap().contains("nowhere.iso"));
    let wrong = run(["sweep", "--json", "--unheard-of"]);
    assert_eq!(wrong.code, Some(2));
    assert_eq!(json(&wrong)["error"]["code"], 2);
}

#[test]
fn progress_json_leaves_only_json_on_standard_error() {
    let bench = Bench::new(32 * 64);
    let drive = bench.drive("bd", "bad 3 9 0\n");
    let done = bench.run("sweep", &drive, &["--progress", "json", "-v"]);
    assert_eq!(done.code, Some(3));
    let read = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let lines: Vec<serde_json::Value> = done.stderr.lines().map(read).collect();
    assert!(lines.iter().all(|line| line["event"].is_string()), "{lines:?}");
    let of_kind = |kind: &'static str| lines.iter().filter(move |line| line["event"] == kind);
    let phases: Vec<&str> = of_kind("phase").map(|line| line["phase"].as_str().unwrap()).collect();
    assert!(phases.starts_with(&["open", "sweep"]), "{phases:?}");
    let progress: Vec<_> = of_kind("progress").collect();
    let number = |line: &serde_json::Value, key: &str| line[key].as_f64().unwrap_or_else(|| panic!("{key}: {line}"));
    for line in &progress {
        assert_eq!(number(line, "total_bytes"), (32 * 64 * 2048) as f64);
        assert_eq!(number(line, "rescued_bytes") + number(line, "missing_bytes"), number(line, "total_bytes"));
        let keys = ["position_bytes", "errors", "bytes_per_second"];
        assert!(keys.iter().all(|key| line[*key].is_u64()) && line.get("seconds_left").is_some(), "{line}");
    }
    let times: Vec<f64> = progress.iter().map(|line| number(line, "elapsed_seconds")).collect();
    assert!(!times.is_empty() && times.windows(2).all(|two| two[1] - two[0] >= 0.999), "{times:?}");
}

#[test]
fn a_pipe_gets_the_disc_in_order_with_zeros_for_holes() {
    let bench = Bench::new(32 * 64);
    let drive = bench.drive("bd", "bad 3 2 0\n");
    let output = support::freemkv().args(["sweep", &drive, "/dev/stdout", "--json"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("\"exit_code\":3"), "the report is on standard error: {said}");
    let disc = fs::read(&bench.disc).unwrap();
    assert_eq!(output.stdout.len(), disc.len());
    assert_eq!(output.stdout[..3 * 32 * SECTOR], disc[..3 * 32 * SECTOR]);
    assert!(output.stdout[3 * 32 * SECTOR..5 * 32 * SECTOR].iter().all(|b| *b == 0));
    assert_eq!(output.stdout[60 * 32 * SECTOR..], disc[60 * 32 * SECTOR..]);
}

/// Whoever names the disc gets commands that suit it; an image file of no known disc is just copied.
#[test]
fn an_image_file_is_read_in_long_commands_unless_its_disc_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let disc = disc_file(folder.path(), "disc.iso", 3, 2048);
    for (more, commands) in [(&[][..], 4), (&["--media", "bd"], 32), (&["--media", "cd"], 32), (&["--unit", "16"], 32)]
    {
        let out = folder.path().join("out.iso");
        let arguments = ["sweep", disc.to_str().unwrap(), out.to_str().unwrap(), "--restart", "--json"];
        let done = run(arguments.iter().chain(more));
        let report: serde_json::Value = serde_json::from_str(done.stdout.trim()).unwrap();
        assert_eq!((done.code, &report["read_commands"]), (Some(0), &serde_json::json!(commands)), "{more:?}");
        for end in ["iso", "iso.map", "iso.map.state"] {
            let _ = std::fs::remove_file(folder.path().join(format!("out.{end}")));
        }
    }
}
