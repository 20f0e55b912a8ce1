use std::path::Path;

use super::super::super::DiscTitles;
use super::super::read;
use crate::fs::folder::Folder;
use crate::title::navigation::How;

/// A copy of a disc that tests/discs/make_navigation.py made, to be broken.
fn disc(name: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/navigation").join(name), root.path());
    root
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::write(to, std::fs::read(from).unwrap()).unwrap();
        }
    }
}

fn open(root: &tempfile::TempDir) -> DiscTitles {
    read(&Folder::open(root.path()).unwrap(), 1).unwrap()
}

#[test]
fn programs_are_read_from_their_copies() {
    for (name, file) in [("object", "MovieObject.bdmv"), ("object", "index.bdmv"), ("java", "BDJO/00001.bdjo")] {
        let root = disc(name);
        let whole = open(&root);
        let (at, copy) = (root.path().join("BDMV").join(file), root.path().join("BDMV/BACKUP").join(file));
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::rename(&at, &copy).unwrap();
        std::fs::write(&at, b"not this").unwrap();
        let from_copy = open(&root);
        assert_eq!(from_copy.navigation, whole.navigation, "{file}");
        assert!(from_copy.problems.iter().any(|p| p.contains(file) && p.contains("BACKUP is used")), "{file}");
        // Without both it is told, and nothing is proven.
        std::fs::remove_file(copy).unwrap();
        let broken = open(&root);
        assert!(broken.problems.iter().any(|p| p.contains(file)), "{file}: {:?}", broken.problems);
        assert!(!broken.navigation.proves_absence() && broken.navigation.best("00802").is_none(), "{file}");
    }
}

#[test]
fn a_menu_that_cannot_be_read_proves_no_absence() {
    for (name, clip) in [("button", "00000"), ("sub_path", "00009")] {
        let root = disc(name);
        let whole = open(&root).navigation;
        assert!(whole.proves_absence() && whole.best("00801").is_none(), "{name}");
        assert_eq!((whole.best("00802"), whole.best("00800")), (Some(How::Button), Some(How::Number)), "{name}");
        let stream = root.path().join(format!("BDMV/STREAM/{clip}.m2ts"));
        let mut bytes = std::fs::read(&stream).unwrap();
        // Encrypted, as far as anybody can tell: the packets have no sync.
        bytes.chunks_mut(192).for_each(|packet| packet[4..].fill(0x5a));
        for broken in [bytes, Vec::new()] {
            std::fs::write(&stream, broken).unwrap();
            let found = open(&root).navigation;
            assert!(found.best("00802").is_none(), "{name}");
            assert_eq!(found.blind(), ["menus that cannot be read"], "{name}");
        }
    }
}
