use std::io::{Read, Seek, Write};
use std::os::unix::fs::symlink;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn links_are_followed_to_their_end_whether_or_not_something_lies_there() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("far")).unwrap();
    std::fs::write(path("far/file"), "x").unwrap();
    symlink("far/file", path("one")).unwrap();
    symlink("one", path("two")).unwrap();
    symlink("far/none", path("dangling")).unwrap();
    symlink("round", path("round")).unwrap();
    symlink("/dev/null", path("null")).unwrap();
    assert_eq!(resolve(&path("two")).unwrap(), path("far/file"));
    assert_eq!(resolve(&path("dangling")).unwrap(), path("far/none"));
    assert_eq!(resolve(&path("new")).unwrap(), path("new"));
    assert_eq!(resolve(&path("null")).unwrap(), path("null"), "a device keeps the name that was given");
    assert!(resolve(&path("round")).is_err());
    assert_eq!(kind_behind(&path("null")).unwrap(), Some(Kind::CharacterDevice));
    assert_eq!(kind_at(&path("null")).unwrap(), Some(Kind::Link));
}

#[test]
fn derived_names_are_made_new_and_never_followed() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("mine"), "mine").unwrap();
    symlink("mine", path("link")).unwrap();
    symlink("none", path("dangling")).unwrap();
    nix::unistd::mkfifo(&path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for name in ["mine", "link", "dangling", "pipe", "."] {
        assert!(create_new(&path(name)).is_err(), "{name}");
        assert_eq!(open_regular(&path(name)).is_ok(), name == "mine", "{name}");
    }
    assert!(!path("none").exists());
    create_new(&path("new")).unwrap();
    assert!(open_regular(Path::new("/dev/null")).is_err());
}

#[test]
fn a_rename_to_a_free_name_replaces_nothing() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    for rename in [rename_to_free, rename_by_link] {
        std::fs::write(path("new"), "new").unwrap();
        std::fs::write(path("old"), "old").unwrap();
        symlink("nowhere", path("dangling")).unwrap();
        for taken in ["old", "dangling", "."] {
            assert!(rename(&path("new"), &path(taken)).is_err(), "{taken}");
        }
        assert_eq!(std::fs::read(path("old")).unwrap(), b"old");
        rename(&path("new"), &path("free")).unwrap();
        assert_eq!(std::fs::read(path("free")).unwrap(), b"new");
        assert!(!path("new").exists());
        std::fs::remove_file(path("free")).unwrap();
        std::fs::remove_file(path("dangling")).unwrap();
    }
}

#[test]
fn only_the_name_of_the_open_file_is_removed() {
    let folder = folder();
    let path = folder.path().join("part");
    let mine = create_new(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "another's").unwrap();
    Identity::of(&mine).unwrap().remove(&path);
    assert_eq!(std::fs::read(&path).unwrap(), b"another's");
    let theirs = open_regular(&path).unwrap();
    Identity::of(&theirs).unwrap().remove(&path);
    assert!(!path.exists());
}

#[test]
fn own_descriptors_are_known_by_name_and_share_their_position() {
    for (name, descriptor) in [("/dev/stdout", Some(1)), ("/proc/self/fd/7", Some(7)), ("/dev/fd/x", None)] {
        assert_eq!(own_descriptor(Path::new(name)), descriptor, "{name}");
    }
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"before ").unwrap();
    let mut second = duplicate(std::os::fd::AsRawFd::as_raw_fd(&file)).unwrap();
    second.write_all(b"behind").unwrap();
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "before behind");
    assert!(duplicate(-1).is_err());
}
