use std::fs;
use std::os::unix::fs::symlink;

use super::*;

fn range(start: u64, end: u64) -> SectorRange {
    SectorRange::new(start, end)
}

#[test]
fn a_saved_map_comes_back_with_its_start_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso.map");
    assert!(MapStore::load(&path, 5000).unwrap().is_none());
    fs::write(&path, "# Start time:   1999-12-31 23:59:59\n0x800 * 1\n0 2048 -\n").unwrap();
    let mut store = MapStore::load(&path, 5000).unwrap().unwrap();
    assert_eq!(store.start_time(), "1999-12-31 23:59:59");
    assert_eq!(store.status().position, 0x800);
    store.apply(&[(range(0, 2), Status::Finished), (range(1, 2), Status::NonScraped)]);
    store.set_status(StatusLine { position: 4096, ..store.status() });
    store.set_command("freemkv sweep /dev/sr0 \x1b[31m".into());
    store.save().unwrap();

    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("# Command line: freemkv sweep /dev/sr0 ?[31m\n"), "{text}");
    assert!(text.contains("# Start time:   1999-12-31 23:59:59\n"), "{text}");
    assert!(
        text.ends_with("0x00000000  0x00000800  +\n0x00000800  0x00000800  /\n0x00001000  0x00000388  ?\n"),
        "{text}"
    );
    let again = MapStore::load(&path, 5000).unwrap().unwrap();
    assert_eq!((again.map(), again.status()), (store.map(), store.status()));
    assert_eq!(again.start_time(), store.start_time());
}

#[test]
fn a_new_rescue_keeps_the_time_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map");
    let store = MapStore::new(&path, SectorMap::new(2, 4096));
    store.save().unwrap();
    assert_eq!(MapStore::load(&path, 4096).unwrap().unwrap().start_time(), store.start_time());
}

#[test]
fn a_bad_map_is_an_error_with_path_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.map");
    fs::write(&path, "0 + 1\n0 5 x\n").unwrap();
    let message = MapStore::load(&path, 5000).unwrap_err().to_string();
    assert_eq!(message, format!("{}: line 2: this is no block (position, size and one of ? * / - +)", path.display()));
    let message = read(folder.path(), None).unwrap_err().to_string();
    assert!(message.starts_with(&format!("cannot read the map {}: ", folder.path().display())), "{message}");
}

#[test]
fn an_endless_file_is_no_map() {
    let error = read_at_most(Path::new("/dev/zero"), None, 1 << 20).unwrap_err();
    assert!(matches!(error, MapError::TooLong { .. }), "{error}");
}

#[test]
fn a_map_that_cannot_be_saved_says_what_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone").join("disc.map");
    let message = MapStore::new(&path, SectorMap::new(2, 4096)).save().unwrap_err().to_string();
    assert!(message.starts_with(&format!("cannot save the map {}: No such file", path.display())), "{message}");
    assert!(message.ends_with("in the image, but not in the map"), "{message}");
    let message = save_state(&path, &State::default(), &Fingerprint::default(), 0).unwrap_err().to_string();
    assert!(message.contains("disc.map.state: No such file"), "{message}");
}

#[test]
fn a_map_that_cannot_be_saved_is_the_old_one() {
    // With so long a name that there is none for a temporary file beside it, not even root can save it.
    let folder = tempfile::tempdir().unwrap();
    let (short, path) = (folder.path().join("map"), folder.path().join("m".repeat(250)));
    MapStore::new(&short, SectorMap::new(2, 4096)).save().unwrap();
    std::fs::rename(&short, &path).unwrap();
    let mut store = MapStore::load(&path, 4096).unwrap().unwrap();
    store.apply(&[(range(0, 2), Status::Finished)]);
    let message = store.save().unwrap_err().to_string();
    assert!(message.contains("too long"), "{message}");
    assert_eq!(MapStore::load(&path, 4096).unwrap().unwrap().map(), &SectorMap::new(2, 4096));
}

#[test]
fn a_link_to_a_map_is_followed_and_what_is_no_file_is_no_map() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    symlink("far.map", path("link.map")).unwrap();
    assert_eq!(file_of(&path("link.map")).unwrap(), path("far.map"));
    for no_file in [folder.path(), Path::new("/dev/null")] {
        assert!(matches!(file_of(no_file), Err(MapError::NotAFile { .. })), "{}", no_file.display());
    }
}

#[test]
fn a_state_is_told_from_a_file_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("map");
    check_state(&map).unwrap();
    save_state(&map, &State::default(), &Fingerprint::default(), 0).unwrap();
    check_state(&map).unwrap();
    for other in ["", "notes\n", "{}\n", "{\"header\":1}\n"] {
        std::fs::write(state_path(&map), other).unwrap();
        assert!(matches!(check_state(&map), Err(MapError::NotOurs { .. })), "{other}");
    }
    std::fs::remove_file(state_path(&map)).unwrap();
    symlink("elsewhere", state_path(&map)).unwrap();
    assert!(matches!(check_state(&map), Err(MapError::NotOurs { .. })));
}

#[test]
fn moving_aside_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map");
    let old = folder.path().join("map.old");
    assert!(move_aside(&path).unwrap().is_none());
    fs::write(&path, "1").unwrap();
    assert_eq!(move_aside(&path).unwrap(), Some(old.clone()));
    assert!(!exists(&path) && exists(&old));
    fs::write(&path, "2").unwrap();
    let message = move_aside(&path).unwrap_err().to_string();
    assert!(message.ends_with("map.old is there already"), "{message}");
    assert_eq!((fs::read(&path).unwrap(), fs::read(&old).unwrap()), (b"2".to_vec(), b"1".to_vec()));
    // A link that leads nowhere takes the name too.
    fs::remove_file(&old).unwrap();
    symlink("nowhere", &old).unwrap();
    assert!(move_aside(&path).is_err());
}

#[test]
fn the_state_lies_beside_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("disc.iso.map");
    let fingerprint = Fingerprint { sectors: 9, ..Fingerprint::default() };
    assert_eq!(load_state(&map, &fingerprint, 0), Err(Dropped::Missing));
    let state = State { phase: "split".into(), ..State::default() };
    save_state(&map, &state, &fingerprint, 7).unwrap();
    assert!(folder.path().join("disc.iso.map.state").exists());
    assert_eq!(load_state(&map, &fingerprint, 7), Ok(state));
    assert_eq!(load_state(&map, &fingerprint, 6), Err(Dropped::Stale));
    fs::remove_file(state_path(&map)).unwrap();
    fs::create_dir(state_path(&map)).unwrap();
    assert!(matches!(load_state(&map, &fingerprint, 7), Err(Dropped::Unreadable(_))));
}

#[test]
fn times_are_calendar_times() {
    let text = |seconds| time_text(UNIX_EPOCH + std::time::Duration::from_secs(seconds));
    // `date -u -d @N` says the same.
    assert_eq!(text(0), "1970-01-01 00:00:00 UTC");
    assert_eq!(text(951_782_400), "2000-02-29 00:00:00 UTC");
    assert_eq!(text(1_704_067_199), "2023-12-31 23:59:59 UTC");
    assert_eq!(text(4_107_542_400), "2100-03-01 00:00:00 UTC");
    assert_eq!(text(13_574_563_200), "2400-02-29 00:00:00 UTC");
}
