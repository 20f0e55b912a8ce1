//! Where discs go: names, what lies there already, and files of other people.

use std::fs;

use super::rack::{FILM, LABEL, Rack};
use super::support::{SECTOR, disc_file, run};

#[test]
fn a_disc_of_the_same_name_gets_a_number() {
    let rack = Rack::new();
    let mut other = fs::read(FILM).unwrap();
    // Another pressing: a sector of the fingerprint that no file system reads.
    other[18 * SECTOR + 100] ^= 1;
    let path = rack.path("other.iso");
    fs::write(&path, &other).unwrap();
    assert_eq!(rack.rip_one(&rack.drive("one", ""), &[]).0, 0);
    let (code, second) = rack.rip_one(&rack.drive_with(&path, "two", ""), &[]);
    assert_eq!(code, 0, "{second}");
    assert_eq!(second["folder"], rack.path("rips").join(format!("{LABEL} (2)")).display().to_string());
    assert_eq!(fs::read(rack.path("rips").join(format!("{LABEL} (2)/{LABEL}.iso"))).unwrap(), other);
    assert_eq!(fs::read(rack.made("SCRATCHED_FILM.iso")).unwrap(), fs::read(FILM).unwrap());
    assert_eq!(rack.rip_one(&rack.drive_with(&path, "two", ""), &[]).1["skipped"], true);
}

#[test]
fn a_disc_that_reads_worse_than_before_is_known_again() {
    let rack = Rack::new();
    assert_eq!(rack.rip_one(&rack.drive("sound", ""), &[]).0, 0);
    let worn = rack.drive("worn", "bads 16 3 0\nbads 32 1 0\n");
    assert_eq!(rack.rip_one(&worn, &[]).1["skipped"], true);
}

#[test]
fn a_template_names_the_folder_and_the_image() {
    let rack = Rack::new();
    let (code, disc) = rack.rip_one(&rack.drive("one", ""), &["--name", "{name} [{media}]"]);
    assert_eq!(code, 0);
    let folder = rack.path("rips/The Scratched Film _bd_");
    assert_eq!(disc["folder"], folder.display().to_string());
    assert!(folder.join("The Scratched Film _bd_.iso").exists());
    let (_, again) = rack.rip_one(&rack.drive("one", ""), &[]);
    assert_eq!((&again["skipped"], &again["folder"]), (&true.into(), &disc["folder"]), "known by what is on it");
    for bad in ["film", "{label}/{name}", "{what}"] {
        assert_eq!(rack.rip(&[&rack.drive("one", "")], &["--name", bad]).code, Some(2), "{bad}");
    }
}

#[test]
fn files_of_other_people_are_left_alone() {
    let rack = Rack::new();
    let drive = rack.drive("one", "");
    fs::create_dir_all(rack.made("")).unwrap();
    fs::write(rack.made("report.json"), "mine").unwrap();
    let (code, disc) = rack.rip_one(&drive, &[]);
    assert_eq!((code, disc["folder"].as_str()), (0, rack.path("rips/SCRATCHED_FILM (2)").to_str()), "{disc}");
    assert_eq!(fs::read_dir(rack.made("")).unwrap().count(), 1);

    let own = rack.path("rips/SCRATCHED_FILM (2)");
    for name in ["report.json", "report.txt", "report.html", "SHA256SUMS", "SCRATCHED_FILM-t02.mkv"] {
        let kept = fs::read(own.join(name)).ok();
        let _ = fs::remove_file(own.join(name));
        fs::write(own.join(name), "mine").unwrap();
        let (code, disc) = rack.rip_one(&drive, &["--again", "--title", "1,2"]);
        assert_eq!((code, fs::read(own.join(name)).unwrap().as_slice()), (2, &b"mine"[..]), "{name}: {disc}");
        fs::remove_file(own.join(name)).unwrap();
        if let Some(kept) = kept {
            fs::write(own.join(name), kept).unwrap();
        }
    }
    std::os::unix::fs::symlink(rack.path("elsewhere"), own.join("SCRATCHED_FILM-t02.mkv")).unwrap();
    let (_, disc) = rack.rip_one(&drive, &["--again", "--title", "2"]);
    assert!(disc["films"][0]["complete"] == true || !rack.path("elsewhere").exists(), "{disc}");
}

#[test]
fn an_image_is_not_ripped_into_itself() {
    let rack = Rack::new();
    let damaged = rack.drive("damaged", "bad 51 1 0\n");
    assert_eq!(rack.rip_one(&damaged, &[]).0, 3);
    let image = rack.made("SCRATCHED_FILM.iso");
    let before = ["SCRATCHED_FILM.iso", "SCRATCHED_FILM.iso.map"].map(|name| fs::read(rack.made(name)).unwrap());
    let (code, disc) = rack.rip_one(image.to_str().unwrap(), &["--again"]);
    assert_eq!(code, 2, "{disc}");
    let after = ["SCRATCHED_FILM.iso", "SCRATCHED_FILM.iso.map"].map(|name| fs::read(rack.made(name)).unwrap());
    assert_eq!(before, after);
}

#[test]
fn wrong_words_are_refused() {
    let rack = Rack::new();
    let drive = rack.drive("one", "");
    let disc = disc_file(rack.folder.path(), "disc.iso", 1, 100).display().to_string();
    let rips = rack.path("rips").display().to_string();
    for words in [
        &["rip"][..],
        &["rip", &rips],
        &["rip", "--all", &drive, &rips],
        &["rip", &disc, &disc],
        &["rip", &disc, &disc, &rips],
        &["rip", &drive, &rips, "--wait=soon"],
    ] {
        let refused = run(words);
        assert_eq!(refused.code, Some(2), "{words:?}: {refused:?}");
    }
    assert!(!rack.path("rips").exists());
    assert_eq!(run(["rip", "/dev/sr97", &rips]).code, Some(4));
}
