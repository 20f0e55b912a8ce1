//! Long commands on a terminal, while its window is made wider and narrower: no line takes two rows, nothing of what was drawn
//! over is left, and a line is never the same for long.

use std::fs;

use crate::pty::{Shown, run};
use crate::room::Room;

/// A drive that takes seconds for what it cannot read, in real time.
const SLOW: &str = "rate 8\nbad_s 3\nspread 1\nbad 40 1 0\n";

fn bench() -> Room {
    let room = Room::new();
    fs::write(room.path("slow"), SLOW).unwrap();
    room
}

/// What must hold whatever the width: see above. The last words stand alone.
fn check(shown: &Shown, ends_with: &str) {
    let model = &shown.model;
    assert!(model.wrapped.is_empty(), "{:?} took more than a row", model.wrapped);
    let rows = model.rows();
    // Words that are printed may be longer than the window; they are put together again.
    let text = rows.concat();
    assert!(text.contains(ends_with), "{ends_with}: {rows:#?}");
    for line in model.drawn.iter().filter(|line| line.chars().count() > 8) {
        assert!(!rows.contains(line), "{line:?} is left: {rows:#?}");
    }
}

#[test]
fn a_rip_is_watched_at_every_width() {
    let room = bench();
    let line = "rip emu:film.iso,profile=bd,faults=slow,time=real rips --passes 1";
    let shown = run(room.command(line.split(' ')), "xterm", &[80, 20, 40, 200, 19, 60, 120, 33, 80], 6);
    assert_eq!(shown.code, Some(3), "{}", shown.bytes);
    check(&shown, "exit code 3");
    let phases = ["sweep", "retry 1/1"];
    for phase in phases {
        assert!(shown.model.drawn.iter().any(|line| line.starts_with(phase)), "{phase}: {:?}", shown.model.drawn);
    }
    assert_eq!(shown.bytes.matches("No hash was made").count(), 1, "{}", shown.bytes);
    assert!(shown.bytes.contains("\x1b[33m"), "what lacks something is yellow: {}", shown.bytes);
}

#[test]
fn a_read_that_takes_long_is_seen_at_any_width() {
    std::thread::scope(|scope| {
        for width in [20, 40, 80, 200] {
            scope.spawn(move || watched_sweep(width));
        }
    });
}

fn watched_sweep(width: usize) {
    let room = bench();
    let line = "sweep emu:film.iso,profile=bd,faults=slow,time=real out.iso";
    let shown = run(room.command(line.split(' ')), "xterm", &[width], usize::MAX);
    assert_eq!(shown.code, Some(3), "{}", shown.bytes);
    check(&shown, "Next: freemkv patch");
    let drawn = &shown.model.drawn;
    assert!(drawn.iter().all(|line| line.chars().count() < width), "{drawn:?}");
    if width == 20 {
        // Within the three seconds of one read the share does not change, and the line does.
        let share = |line: &String| line.split_whitespace().take(3).map(str::to_owned).collect::<Vec<_>>();
        let same = drawn.chunk_by(|one, other| share(one) == share(other)).map(<[String]>::len).max();
        assert!(same >= Some(3), "{drawn:?}");
    } else {
        assert!(drawn.iter().any(|line| line.contains("sector ") && line.contains(": 2 s")), "{drawn:?}");
    }
}

#[test]
fn a_terminal_that_draws_nothing_over_gets_whole_lines() {
    let room = bench();
    let line = "sweep emu:film.iso,profile=bd,faults=slow,time=real out.iso";
    let shown = run(room.command(line.split(' ')), "dumb", &[60], usize::MAX);
    assert_eq!(shown.code, Some(3), "{}", shown.bytes);
    assert!(shown.model.drawn.is_empty() && !shown.bytes.contains('\x1b'), "{}", shown.bytes);
    let progress: Vec<&str> = shown.bytes.lines().filter(|line| line.contains(" %  ")).collect();
    assert!(!progress.is_empty() && progress.iter().all(|line| line.trim_end().len() < 60), "{progress:?}");
}

#[test]
fn a_patch_and_a_verify_leave_nothing_behind() {
    let room = bench();
    let swept = room.run("sweep emu:film.iso,profile=bd,faults=slow out.iso -q");
    assert_eq!(swept.code, Some(3), "{swept:?}");
    for (line, code, end) in [
        ("patch emu:film.iso,profile=bd,faults=slow,time=real out.iso --passes 1 --hash", 3, "No hash was made"),
        ("verify emu:film.iso,profile=bd,time=real out.iso", 3, "not in the image and were not compared"),
        ("mux out.iso film.mkv", 3, "Next: freemkv patch DRIVE out.iso"),
    ] {
        let shown = run(room.command(line.split(' ')), "xterm", &[50, 20, 90, 30], 4);
        assert_eq!(shown.code, Some(code), "{line}: {}", shown.bytes);
        check(&shown, end);
    }
}
