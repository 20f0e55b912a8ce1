//! Times at the edges of a film: what lies behind OUT, the last sound, subtitles over IN and OUT.

use std::path::Path;
use std::process::Command;

use crate::fixtures::mkv;
use crate::misfits::folder;
use crate::parts::entry::{mux, picture, plays};
use crate::support::program;

/// Milliseconds of a picture's start.
fn shown_at(number: u32) -> i64 {
    (f64::from(number) * 1001.0 / 24.0).round() as i64
}

/// Milliseconds of so many ticks of 45 kHz.
fn milliseconds(ticks: u32) -> f64 {
    f64::from(ticks) / 45.0
}

/// Times of the pictures of a file in milliseconds, ascending: those that are shown, and those that are not.
fn pictures(path: &Path) -> (Vec<i64>, Vec<i64>) {
    let hidden = mkv::invisible(path).remove(&1).unwrap();
    let times: Vec<i64> = mkv::blocks(path).remove(&1).unwrap().into_iter().map(|(time, _)| time).collect();
    let of = |is_hidden: bool| {
        let mut of: Vec<i64> = times.iter().zip(&hidden).filter(|(_, h)| **h == is_hidden).map(|(t, _)| *t).collect();
        of.sort_unstable();
        of
    };
    (of(false), of(true))
}

/// The groups of the film are a key picture, the fourth behind it, the second, the first, the third, and on so.
#[test]
fn pictures_behind_the_films_end_keep_their_times_and_it_is_no_longer_for_them() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    plays(&root, &[(0, 50, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    assert!(report.is_complete(), "{report:?}");
    let (shown, hidden) = pictures(&path);
    assert_eq!(shown, (0..50).map(shown_at).collect::<Vec<_>>());
    assert_eq!(hidden, [shown_at(50), shown_at(52)]);
    // The last sound begins in front of OUT, and ends the film where it ends behind it.
    let (out, frame) = (milliseconds(picture(50)), 32.0);
    for track in [2, 3] {
        let last = *mkv::blocks(&path)[&track].iter().map(|(time, _)| time).max().unwrap() as f64;
        assert!(last < out && last + frame >= out - 1.0, "{track}: {last} of {out}");
        assert!((report.duration_seconds * 1000.0 - (last + frame)).abs() < 1.5, "{report:?}");
    }
    // In front of another part they lie in front of its first picture, and the sound of both meets.
    plays(&root, &[(0, 50, 1), (240, 288, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    let (shown, hidden) = pictures(&path);
    assert_eq!(shown.len(), 98);
    assert!(
        hidden.len() == 2 && hidden.iter().all(|time| (1..=2).contains(&(shown[50] - time))),
        "{hidden:?} {shown:?}"
    );
    let sound: Vec<i64> = mkv::blocks(&path)[&2].iter().map(|(time, _)| *time).collect();
    assert!(sound.windows(2).all(|two| (two[1] - two[0] - 32).abs() <= 17), "{report:?}");
}

#[test]
fn a_film_that_ends_with_its_clip_ends_with_the_last_picture_or_sound() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    plays(&root, &[(1440, 1536, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    assert!(report.is_complete(), "{report:?}");
    let (shown, hidden) = pictures(&path);
    assert_eq!((shown.len(), hidden.len(), *shown.last().unwrap()), (96, 0, shown_at(95)));
    assert!((report.duration_seconds * 1000.0 - milliseconds(picture(96))).abs() < 17.0, "{report:?}");
}

/// Texts are shown from 1.001 s and from 7.508 s on, three seconds each, and cleared.
#[test]
fn a_subtitle_over_in_belongs_to_what_is_not_played_and_one_over_out_ends_there() {
    let temporary = tempfile::tempdir().unwrap();
    let root = folder(temporary.path());
    let subtitles = |path: &Path| -> Option<Vec<(f64, Option<f64>)>> {
        let entries = [
            "-v",
            "error",
            "-select_streams",
            "s:0",
            "-show_entries",
            "packet=pts_time,duration_time",
            "-of",
            "csv=p=0",
        ];
        let done = Command::new(program("ffprobe")?).args(entries).arg(path).output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let line = |line: &str| line.split_once(',').map(|(at, long)| (at.parse().unwrap(), long.parse().ok()));
        Some(text.lines().filter_map(line).collect())
    };
    let near = |a: f64, b: f64| (a - b).abs() < 0.002;
    // From 2.002 s to 8.508 s.
    plays(&root, &[(48, 204, 1)]);
    let (report, path) = mux(&root, "film.mkv");
    assert!(report.is_complete(), "{report:?}");
    let Some(found) = subtitles(&path) else { return };
    let (clear, second) = (found[0], found[1]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(near(clear.0, 4.001 - 2.002) && clear.1.is_none(), "the end of the first alone: {found:?}");
    assert!(near(second.0, 7.508 - 2.002) && near(second.1.unwrap(), 8.508 - 7.508), "{found:?}");
    // Where a clip goes straight on, nothing of it ends.
    plays(&root, &[(0, 48, 1), (48, 204, 6), (204, 300, 5)]);
    let (report, path) = mux(&root, "film.mkv");
    assert!(report.is_complete(), "{report:?}");
    let found = subtitles(&path).unwrap();
    let shown: Vec<f64> = found.iter().filter_map(|(_, long)| *long).collect();
    assert!(found.len() == 4 && shown.len() == 2 && shown.iter().all(|long| near(*long, 3.0)), "{found:?}");
}
