//! Several drives, and several discs in one.

use std::fs;

use super::rack::{FILM, LABEL, Rack, report_in};
use super::support::bench::json;
use super::support::{SECTOR, disc_bytes};

/// The film with another pressing's mark and another name.
fn pressing(rack: &Rack, mark: u8, label: &str) -> String {
    let mut disc = fs::read(FILM).unwrap();
    disc[18 * SECTOR + 100] ^= mark;
    let path = rack.path(&format!("{label}.iso"));
    fs::write(&path, disc).unwrap();
    path.display().to_string()
}

#[test]
fn of_three_drives_one_hangs_and_one_has_its_disc_changed() {
    let rack = Rack::new();
    let [hangs, changed] = [pressing(&rack, 1, "hangs"), pressing(&rack, 2, "changed")];
    fs::write(rack.path("other.iso"), disc_bytes(9, 3328)).unwrap();
    let drives = [
        rack.drive("sound", ""),
        rack.drive_with(hangs.as_ref(), "wedged", "bad 40 30 0\nwedge 2 100000 05/24/00 stuck\n"),
        rack.drive_with(
            changed.as_ref(),
            "swapped",
            &format!("rate 2\ninner 1\nat 2 swap {}\n", rack.path("other.iso").display()),
        ),
    ];
    let drives: Vec<&str> = drives.iter().map(String::as_str).collect();
    let done = rack.rip(&drives, &[]);
    let report = json(&done);
    // The worst in the order 1 7 5 4 6 2 3 0.
    assert_eq!((done.code, &report["exit_code"]), (Some(7), &7.into()), "{done:?}");
    let discs = report["discs"].as_array().unwrap();
    for (drive, code) in drives.iter().zip([0, 7, 5]) {
        let disc = discs.iter().find(|disc| disc["source"] == *drive).unwrap();
        assert_eq!(disc["exit_code"], code, "{disc}");
        let kept = report_in(disc["folder"].as_str().unwrap().as_ref());
        assert_eq!((&kept["exit_code"], &kept["source"]), (&code.into(), &disc["source"]));
    }
    let mut folders: Vec<_> =
        fs::read_dir(rack.path("rips")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, [LABEL.to_owned(), format!("{LABEL} (2)"), format!("{LABEL} (3)")]);
    assert_eq!(discs.iter().filter(|disc| disc["films"][0]["complete"] == true).count(), 1);
}

#[test]
fn a_drive_takes_one_disc_after_the_other() {
    let rack = Rack::new();
    // The command that is run when the drive is free changes the disc, as a robot or a person would; behind the last one
    // the drive stays empty.
    for (number, mark) in [(1, 1u8), (2, 2), (3, 3)] {
        let disc = pressing(&rack, mark, "next");
        fs::rename(&disc, rack.path(&format!("next{number}"))).unwrap();
    }
    fs::rename(rack.path("next1"), rack.path("in.iso")).unwrap();
    let folder = rack.folder.path().display();
    let robot = format!(
        "cd {folder} && rm in.iso && if [ -e next2 ]; then mv next2 in.iso; elif [ -e next3 ]; then mv next3 in.iso; fi"
    );
    let drive = format!("emu:{},profile=bd", rack.path("in.iso").display());
    let done = rack.rip(&[&drive], &["--keep-going", "--wait=2s", "--on-free", &robot]);
    let report = json(&done);
    assert_eq!(done.code, Some(0), "{done:?}");
    let discs = report["discs"].as_array().unwrap();
    assert_eq!(discs.len(), 3, "{report}");
    for disc in discs {
        assert_eq!((&disc["exit_code"], &disc["films"][0]["complete"]), (&0.into(), &true.into()), "{disc}");
    }
    assert_eq!(fs::read_dir(rack.path("rips")).unwrap().count(), 3);
}

#[test]
fn the_next_disc_is_read_while_films_of_the_one_before_are_not_done() {
    let rack = Rack::new();
    for (number, mark) in [(1, 1u8), (2, 2)] {
        fs::rename(pressing(&rack, mark, "next"), rack.path(&format!("next{number}"))).unwrap();
    }
    fs::rename(rack.path("next1"), rack.path("in.iso")).unwrap();
    let folder = rack.folder.path().display();
    let robot =
        format!("cd {folder} && rm in.iso && if [ -e next2 ]; then mv next2 in.iso; else touch second_is_read; fi");
    // The first disc is not done before the second one has left the drive.
    let wait = format!(
        "cd {folder}; n=0; until [ -e second_is_read ] || [ $n -ge 1200 ]; do sleep 0.05; n=$((n + 1)); done; \
         [ -e second_is_read ]"
    );
    let drive = format!("emu:{},profile=bd", rack.path("in.iso").display());
    let done = rack.rip(&[&drive], &["--keep-going", "--wait=1s", "--on-free", &robot, "--on-done", &wait]);
    let report = json(&done);
    assert_eq!((done.code, report["discs"].as_array().map(Vec::len)), (Some(0), Some(2)), "{done:?}");
}

#[test]
fn a_drive_whose_disc_is_not_changed_does_not_rip_it_for_ever() {
    let rack = Rack::new();
    let done = rack.rip(&[&rack.drive("one", "")], &["--keep-going", "--wait=1s"]);
    let report = json(&done);
    assert_eq!((done.code, report["discs"].as_array().map(Vec::len)), (Some(0), Some(1)), "{done:?}");
}

#[test]
fn lines_of_progress_name_the_source() {
    let rack = Rack::new();
    let [one, two] = [pressing(&rack, 1, "one"), pressing(&rack, 2, "two")];
    let drives = [one, two].map(|disc| format!("emu:{disc},profile=bd"));
    let done = rack.rip(&[&drives[0], &drives[1]], &["--progress", "json"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let lines: Vec<serde_json::Value> = done.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for source in ["one.iso", "two.iso"] {
        let of_it = |phase: &str| lines.iter().any(|line| line["source"] == source && line["phase"] == phase);
        assert!(of_it("sweep"), "{source}: {lines:?}");
    }
    let films = lines.iter().any(|line| line["source"] == "one.iso films" && line["phase"] == "mux");
    assert!(films, "{lines:?}");
}
