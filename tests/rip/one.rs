//! One disc: sound, damaged, ripped again, cut off, another one in its place.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::rack::{FILM, LABEL, OPTIONS, Rack, report_in};
use super::support::{freemkv, run_program, test_data};

#[test]
fn a_sound_disc_becomes_image_film_and_reports() {
    let rack = Rack::new();
    let drive = rack.drive("sound", "");
    let said = rack.path("said").display().to_string();
    let facts = "$FREEMKV_LABEL|$FREEMKV_MEDIA|$FREEMKV_MISSING_BYTES|$FREEMKV_EXIT_CODE|$FREEMKV_FILMS|$FREEMKV_IMAGE";
    let tell = |what: &str| format!("echo \"{what} {facts}\" >> {said}");
    let (code, disc) = rack.rip_one(&drive, &["--on-free", &tell("free"), "--on-done", &tell("done")]);
    assert_eq!(code, 0, "{disc}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    assert_eq!((&disc["label"], &disc["name"]), (&LABEL.into(), &"The Scratched Film".into()));
    assert_eq!((&disc["films"][0]["complete"], &disc["patch"]), (&true.into(), &serde_json::Value::Null));
    let sums =
        run_program("sh", &["-c", &format!("cd {} && sha256sum -c SHA256SUMS", rack.made("").display())]).unwrap();
    assert_eq!(sums.matches(": OK").count(), 2, "{sums}");
    let kept = report_in(&rack.made(""));
    assert_eq!((&kept["exit_code"], &kept["films"]), (&0.into(), &disc["films"]));
    let words = fs::read_to_string(rack.made("report.txt")).unwrap();
    assert!(words.starts_with("freemkv rip\n") && words.contains("complete, 6.5 MiB"), "{words}");
    let (film, image) = (rack.made("SCRATCHED_FILM-t01.mkv"), rack.made("SCRATCHED_FILM.iso"));
    let expected = format!(
        "free {LABEL}|bd|0|0||{image}\ndone {LABEL}|bd|0|0|{film}|{image}\n",
        film = film.display(),
        image = image.display()
    );
    assert_eq!(rack.text("said"), expected);
}

#[test]
fn a_damaged_disc_is_patched_and_what_is_missing_is_told() {
    let rack = Rack::new();
    let drive = rack.drive("damaged", "seed 3\nbad 51 1 0\nbad 63 2 0.6\n");
    let (code, disc) = rack.rip_one(&drive, &["--passes", "20"]);
    assert_eq!(code, 3, "{disc}");
    assert_eq!(
        disc["patch"]["non_scraped_bytes"].as_u64().unwrap() + disc["patch"]["non_trimmed_bytes"].as_u64().unwrap(),
        65_536
    );
    assert_eq!(disc["films"][0]["complete"], false);
    assert!(!disc["films"][0]["losses"].as_array().unwrap().is_empty());
    assert_eq!((&disc["errors"], &disc["patch"]["sha256"]), (&serde_json::json!([]), &serde_json::Value::Null));
    // Only what is there has a hash.
    assert!(!fs::read_to_string(rack.made("SHA256SUMS")).unwrap().contains(".iso\n"));

    let (code, again) = rack.rip_one(&drive, &[]);
    assert_eq!((code, &again["skipped"]), (3, &true.into()), "done is done, and its exit code says what is missing");
    assert_eq!(again["sweep"], serde_json::Value::Null);
    assert_eq!(report_in(&rack.made(""))["skipped"], false, "the report of the rip stays");

    let cleaned = rack.drive("cleaned", "");
    let (code, whole) = rack.rip_one(&cleaned, &["--again"]);
    assert_eq!((code, &whole["films"][0]["complete"]), (0, &true.into()), "{whole}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    assert_eq!(fs::read_dir(rack.path("rips")).unwrap().count(), 1);
}

#[test]
fn passes_and_budget_bound_the_patch() {
    let rack = Rack::new();
    let drive = rack.drive("damaged", "seed 3\nbad 51 1 0\nbad 63 2 0.6\n");
    let (code, disc) = rack.rip_one(&drive, &["--passes", "0"]);
    assert_eq!((code, &disc["patch"]), (3, &serde_json::Value::Null), "{disc}");
    let (code, disc) = rack.rip_one(&drive, &["--again", "--budget", "5s", "--passes", "100"]);
    let seconds = ["sweep", "patch"].map(|step| disc[step]["drive_seconds"].as_f64().unwrap());
    assert_eq!((code, &disc["patch"]["stopped_by"]), (3, &"budget".into()), "{disc}");
    // The read under way is not cut off.
    assert!(seconds.iter().sum::<f64>() < 40.0, "{seconds:?}");
}

#[test]
fn only_films_are_kept_when_nothing_is_missing() {
    let rack = Rack::new();
    let damaged = rack.drive("damaged", "bad 51 1 0\n");
    let (code, _) = rack.rip_one(&damaged, &["--keep", "film"]);
    assert!(code == 3 && rack.made("SCRATCHED_FILM.iso").exists(), "what is missing may still be read into it");
    let (code, disc) = rack.rip_one(&rack.drive("cleaned", ""), &["--keep", "film", "--again"]);
    assert_eq!((code, &disc["image"]), (0, &serde_json::Value::Null), "{disc}");
    for name in ["SCRATCHED_FILM.iso", "SCRATCHED_FILM.iso.map", "SCRATCHED_FILM.iso.map.state"] {
        assert!(!rack.made(name).exists(), "{name}");
    }
    assert!(rack.made("SCRATCHED_FILM-t01.mkv").exists());
    let (code, again) = rack.rip_one(&rack.drive("cleaned", ""), &["--keep", "film"]);
    assert_eq!((code, &again["skipped"]), (0, &true.into()));
    let (code, image) = rack.rip_one(&rack.drive("cleaned", ""), &["--keep", "image", "--again"]);
    assert_eq!((code, &image["films"]), (0, &serde_json::json!([])), "{image}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
}

#[test]
fn another_choice_of_titles_is_made_of_the_image_that_is_there() {
    let rack = Rack::new();
    let drive = rack.drive("sound", "");
    assert_eq!(rack.rip_one(&drive, &[]).0, 0);
    let (code, disc) = rack.rip_one(&drive, &["--title", "2"]);
    assert_eq!((code, &disc["sweep"]["read_commands"], &disc["films"][0]["title"]), (0, &0.into(), &"00001".into()));
    assert!(rack.made("SCRATCHED_FILM-t01.mkv").exists() && rack.made("SCRATCHED_FILM-t02.mkv").exists());
    assert_eq!(rack.rip_one(&drive, &["--title", "9"]).0, 2, "there is no such title");
}

#[test]
fn a_disc_of_files_has_no_film_and_lacks_nothing() {
    let rack = Rack::new();
    let disc = super::support::disc_file(rack.folder.path(), "files.iso", 5, 500);
    let (code, report) = rack.rip_one(&format!("emu:{}", disc.display()), &[]);
    assert_eq!((code, &report["films"]), (0, &serde_json::json!([])), "{report}");
    assert!(report["notes"][0].as_str().unwrap().starts_with("No film was made"), "{report}");
    assert_eq!(fs::read(rack.path("rips/DISC/DISC.iso")).unwrap(), fs::read(&disc).unwrap());
    let (code, _) = rack.rip_one(&format!("emu:{}", disc.display()), &["--title", "main", "--again"]);
    assert_eq!(code, 1, "who names a title wants one");
}

#[test]
fn a_dvd_of_which_a_title_set_cannot_be_read_lacks_something() {
    let Some(mut image) = test_data().map(|data| fs::read(data.join("discs/dvd-ntsc.iso")).unwrap()) else { return };
    // The tables of the first title set, and their copies.
    let first = image.chunks_exact(2048).find(|sector| sector.starts_with(b"DVDVIDEO-VTS")).unwrap().to_vec();
    image.chunks_exact_mut(2048).filter(|sector| **sector == first[..]).for_each(|sector| sector.fill(0));
    let rack = Rack::new();
    fs::write(rack.path("disc.iso"), image).unwrap();
    let source = format!("emu:{}", rack.path("disc.iso").display());
    let (code, disc) = rack.rip_one(&source, &[]);
    assert_eq!((code, &disc["sweep"]["complete"]), (3, &true.into()), "{disc}");
    assert_eq!((&disc["films"][0]["title"], &disc["films"][0]["complete"]), (&"2".into(), &true.into()), "{disc}");
    assert!(disc["errors"][0]["message"].as_str().unwrap().contains("title 1 is left out"), "{disc}");
}

#[test]
fn a_run_that_was_killed_is_gone_on_with() {
    let rack = Rack::new();
    let plan = "rate 2\ninner 1\nseek_s 0.01\nstroke_s 0.01\n";
    let drive = format!("{},time=real", rack.drive("slow", plan));
    let mut command = freemkv();
    command.arg("rip").arg(&drive).arg(rack.path("rips")).args(OPTIONS).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    // The map says that something is on the disk: about a second into a sweep of three and a half.
    let is_begun = |map: &Path| fs::read_to_string(map).is_ok_and(|map| map.lines().any(|line| line.ends_with('+')));
    while !is_begun(&rack.made("SCRATCHED_FILM.iso.map")) {
        assert!(child.try_wait().unwrap().is_none(), "it was too quick to be killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (code, disc) = rack.rip_one(&rack.drive("sound", ""), &[]);
    assert_eq!(code, 0, "{disc}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    let read = disc["sweep"]["read_commands"].as_u64().unwrap();
    let whole = Rack::new();
    let all = whole.rip_one(&whole.drive("sound", ""), &[]).1["sweep"]["read_commands"].as_u64().unwrap();
    assert!(read < all, "{read} of {all} reads: it went on");
    assert_eq!(fs::read_dir(rack.path("rips")).unwrap().count(), 1);
}

#[test]
fn a_signal_stops_it_and_the_same_command_goes_on() {
    let rack = Rack::new();
    let drive = format!("{},time=real", rack.drive("slow", "rate 1\ninner 1\n"));
    let said = format!("echo $FREEMKV_EXIT_CODE > {}", rack.path("said").display());
    let mut command = freemkv();
    command.arg("rip").arg(&drive).arg(rack.path("rips")).args(OPTIONS).args(["--json", "--on-done", &said]);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Its image is begun, and takes seconds.
    while !rack.made("SCRATCHED_FILM.iso").exists() {
        assert_eq!(running.try_wait().unwrap(), None, "it ended before its image was begun");
        std::thread::yield_now();
    }
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));
    assert!(!rack.made("SHA256SUMS").exists(), "nothing has a hash yet");
    assert_eq!(rack.text("said"), "130\n");
    let (code, disc) = rack.rip_one(&rack.drive("sound", ""), &[]);
    assert_eq!(code, 0, "{disc}");
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
}

#[test]
fn a_disc_that_is_changed_under_way_is_the_wrong_one() {
    let rack = Rack::new();
    let other = super::support::disc_file(rack.folder.path(), "other.iso", 5, 3328);
    let drive = rack.drive("swapped", &format!("rate 2\ninner 1\nat 2 swap {}\n", other.display()));
    let (code, disc) = rack.rip_one(&drive, &[]);
    assert_eq!((code, &disc["errors"][0]["code"], &disc["films"]), (5, &5.into(), &serde_json::json!([])), "{disc}");
    assert_eq!(report_in(&rack.made(""))["exit_code"], 5);
    // Without a hash sha256sum -c would fail on it.
    assert!(!rack.made("SHA256SUMS").exists());
    let (code, _) = rack.rip_one(&rack.drive("sound", ""), &[]);
    assert_eq!(code, 0, "and the right one goes on");
    assert!(rack.made("SHA256SUMS").exists());
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
}

#[test]
fn without_a_disc_nothing_is_made_and_on_done_is_told() {
    let rack = Rack::new();
    let drive = rack.drive("empty", "at 0 eject\n");
    let said = format!("echo \"$FREEMKV_EXIT_CODE $FREEMKV_MESSAGE\" > {}", rack.path("said").display());
    let (code, disc) = rack.rip_one(&drive, &["--on-done", &said]);
    assert_eq!((code, &disc["folder"]), (4, &serde_json::Value::Null), "{disc}");
    assert!(rack.text("said").starts_with("4 ") && rack.text("said").contains("no disc"), "{}", rack.text("said"));
    assert!(!rack.path("rips").exists());
    assert_eq!(rack.rip_one(&drive, &["--wait=1s"]).0, 4, "none came in time");
}

#[test]
fn a_command_that_fails_is_told_and_spoils_nothing() {
    let rack = Rack::new();
    let drive = rack.drive("sound", "");
    let (code, disc) = rack.rip_one(&drive, &["--on-free", "exit 9", "--on-done", "exit 8"]);
    assert_eq!((code, disc["errors"].as_array().unwrap().len()), (1, 2), "{disc}");
    assert!(
        disc["films"][0]["complete"] == true && disc["errors"][0]["message"].as_str().unwrap().contains("--on-free")
    );
    assert_eq!(rack.rip_one(&drive, &[]).1["skipped"], true, "the disc is done all the same");
}
