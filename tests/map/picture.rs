//! `picture`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::bench::Bench;
use crate::support::{finish, freemkv, installed, skip};

#[test]
fn the_terminal_is_drawn_on_at_any_width_and_in_any_locale() {
    let bench = Bench::new();
    bench.map("a.map", &"+++?*/-+".repeat(300));
    for width in ["20", "40", "80", "200"] {
        for (locale, more) in [("C", None), ("C.UTF-8", None), ("C", Some("--spiral")), ("C.UTF-8", Some("--spiral"))] {
            let mut command = freemkv();
            command
                .current_dir(bench.folder.path())
                .env("LC_ALL", locale)
                .args(["map", "picture", "a.map", "--width", width]);
            let done = finish(command.args(more));
            assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
            assert_eq!(done.stdout.is_ascii(), locale == "C", "{}", done.stdout);
            assert!(!done.stdout.contains('\x1b'), "no colours outside a terminal");
            let widest = done.stdout.lines().map(|line| line.chars().count()).max().unwrap();
            // The longest words of the legend stay whole.
            assert!(widest <= width.parse::<usize>().unwrap().max(24), "{width}: {}", done.stdout);
        }
    }
    bench.run(&["map", "picture", "a.map", "--width", "19"], 2);
    let done = bench.run(&["map", "picture", "a.map", "--width", "40"], 0);
    assert!(done.stdout.starts_with("a.map: 4.7 MiB, 2.3 MiB missing in 300\nareas\n"), "{}", done.stdout);
    fs::write(bench.path("empty.map"), "").unwrap();
    assert!(bench.run(&["map", "picture", "empty.map", "--spiral"], 0).stdout.contains("nothing to draw"));
}

#[test]
fn a_real_terminal_gets_colours_unless_nobody_wants_them() {
    if installed("script").is_none() {
        return skip("script is not installed");
    }
    let bench = Bench::new();
    bench.map("a.map", "++--");
    let program = env!("CARGO_BIN_EXE_freemkv");
    for (name, value, coloured) in [("X", "", true), ("NO_COLOR", "1", false), ("TERM", "dumb", false)] {
        let mut command = Command::new("script");
        command.env("TERM", "xterm").env_remove("NO_COLOR").env("LC_ALL", "C.UTF-8").env(name, value);
        command.current_dir(bench.folder.path()).args(["-qec", &format!("{program} map picture a.map"), "/dev/null"]);
        let done = finish(&mut command);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(done.stdout.contains("\x1b[31m"), coloured, "{name}={value}: {}", done.stdout);
    }
}

#[test]
fn pictures_go_into_files() {
    let bench = Bench::new();
    bench.map("a.map", &"+++?*/-+".repeat(300));
    let report =
        bench.json(&["map", "picture", "a.map", "--png", "a.png", "--svg", "a.svg", "--spiral", "--media", "dvd"], 0);
    assert_eq!((&report["png"], &report["media"], &report["layers"]), (&"a.png".into(), &"dvd".into(), &1.into()));
    assert!(fs::read(bench.path("a.png")).unwrap().starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(fs::read_to_string(bench.path("a.svg")).unwrap().ends_with("</svg>\n"));
    assert!(bench.run(&["map", "picture", "a.map", "--png", "a.png"], 2).stderr.contains("is there already"));
    let done = bench.run(&["map", "picture", "a.map", "--png", "a.png", "--svg", "b.svg", "--force"], 0);
    assert_eq!(done.stdout, "a.png: a picture of a.map\nb.svg: a picture of a.map\n");
    for wrong in ["/dev/full", "a.map", "."] {
        bench.run(&["map", "picture", "a.map", "--png", wrong, "--force"], 2);
    }
    bench.run(&["map", "picture", "a.map", "--png", "c", "--svg", "c"], 2);
    assert_eq!(bench.run(&["map", "picture", "a.map", "--spiral", "--layers", "2", "-q"], 0).stderr, "");
}

/// A drive reads the outside of a disc faster than the inside, and that is seen.
#[test]
fn the_curve_of_the_drives_speed_is_drawn() {
    let bench = Bench::new();
    crate::support::disc_file(bench.folder.path(), "disc.iso", 7, 16_384);
    fs::write(bench.path("plan"), "bad 500 2 0\n").unwrap();
    bench.run(&["sweep", "emu:disc.iso,profile=dvd,faults=plan", "out.iso", "-q"], 3);
    let report = bench.json(&["map", "picture", "out.iso.map"], 0);
    let speeds: Vec<Option<u64>> =
        report["kilobytes_per_second"].as_array().unwrap().iter().map(serde_json::Value::as_u64).collect();
    assert_eq!(speeds.len(), 256);
    let mean = |parts: std::ops::Range<usize>| {
        let known: Vec<u64> = speeds[parts].iter().flatten().copied().collect();
        assert!(known.len() > 10, "{speeds:?}");
        known.iter().sum::<u64>() / known.len() as u64
    };
    // Behind the damage the drive reads at half its speed.
    let (inner, middle, behind) = (mean(0..16), mean(100..120), mean(140..160));
    assert!(inner > 4000 && middle > inner * 13 / 10 && behind < middle * 2 / 3, "{inner} {middle} {behind}");
    assert_eq!(report["media"], "dvd", "as the drive said, whatever the size");
    let done = bench.run(&["map", "picture", "out.iso.map", "--width", "50"], 0);
    assert!(done.stdout.contains("speed of the drive over the disc, up to") && done.stdout.contains('█'), "{done:?}");
    // What earlier runs came to stays, and a copy of a file has no speed of a drive.
    bench.run(&["patch", "emu:disc.iso,profile=dvd", "out.iso", "-q"], 0);
    assert!(!bench.json(&["map", "picture", "out.iso.map"], 0)["kilobytes_per_second"].as_array().unwrap().is_empty());
    bench.run(&["sweep", "disc.iso", "copy.iso", "-q"], 0);
    let report = bench.json(&["map", "picture", "copy.iso.map"], 0);
    assert_eq!(report["kilobytes_per_second"], serde_json::json!([]));
}

/// A decoder that is not ours reads what we write.
#[test]
fn other_programs_read_the_pictures() {
    if installed("ffprobe").is_none() {
        return skip("ffprobe is not installed");
    }
    let bench = Bench::new();
    bench.map("a.map", &"+-".repeat(3000));
    for (name, more, size) in [("rows.png", None, "1171,443"), ("disc.png", Some("--spiral"), "1020,1020")] {
        let mut words = vec!["map", "picture", "a.map", "--png", name];
        words.extend(more);
        bench.run(&words, 0);
        let path = bench.path(name);
        let told = finish(Command::new("ffprobe").args(PROBE).arg::<&Path>(&path));
        assert_eq!((told.code, told.stdout.trim(), told.stderr.as_str()), (Some(0), size, ""), "{name}");
    }
}

const PROBE: [&str; 7] = ["-v", "error", "-count_frames", "-show_entries", "stream=width,height", "-of", "csv=p=0"];
