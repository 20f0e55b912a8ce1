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
