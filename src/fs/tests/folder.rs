use super::*;

fn tree() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("BDMV/STREAM")).unwrap();
    fs::write(root.path().join("BDMV/STREAM/00001.m2ts"), b"0123456789").unwrap();
    fs::write(root.path().join("BDMV/index.bdmv"), b"INDX").unwrap();
    root
}

#[test]
fn a_folder_is_read_in_any_case_of_its_names() {
    let root = tree();
    let folder = Folder::open(root.path()).unwrap();
    let names: Vec<_> = folder.list("bdmv").unwrap().into_iter().map(|e| (e.name, e.is_directory)).collect();
    assert_eq!(names, [("STREAM".to_owned(), true), ("index.bdmv".to_owned(), false)]);
    let file = folder.open("/bdmv//stream/00001.M2TS").unwrap();
    let mut buffer = [0; 8];
    assert_eq!((file.length(), folder.read_at(&file, 6, &mut buffer).unwrap()), (10, 4));
    assert_eq!(&buffer[..4], b"6789");
    assert!(file.extents().is_empty());
    assert_eq!(folder.read_at(&file, 11, &mut buffer).unwrap(), 0);
    assert_eq!(folder.read_whole("BDMV/index.bdmv", 4).unwrap(), b"INDX");
    assert!(matches!(folder.read_whole("BDMV/index.bdmv", 3), Err(FsError::TooLong { length: 4, .. })));
}

#[test]
fn nothing_outside_the_folder_is_reached() {
    let root = tree();
    let folder = Folder::open(&root.path().join("BDMV/STREAM")).unwrap();
    assert!(matches!(folder.open("../index.bdmv"), Err(FsError::NotFound(_))));
    assert!(matches!(folder.open("00001.m2ts/x"), Err(FsError::NotFound(_))));
    assert!(matches!(folder.list("00001.m2ts"), Err(FsError::NotADirectory(_))));
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let root = tree();
    let pipe = root.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let folder = Folder::open(root.path()).unwrap();
    assert!(matches!(folder.open("pipe"), Err(FsError::NotAFile(_))));
    assert!(matches!(folder.open("BDMV"), Err(FsError::NotAFile(_))));
    assert!(matches!(folder.open("none"), Err(FsError::NotFound(_))));
    assert!(Folder::open(&root.path().join("none")).is_err());
}

#[test]
fn a_single_file_stands_alone_in_its_root() {
    let root = tree();
    let single = SingleFile::open(&root.path().join("BDMV/STREAM/00001.m2ts")).unwrap();
    assert_eq!(single.list("").unwrap(), [Entry { name: "00001.m2ts".to_owned(), is_directory: false, identity: 0 }]);
    assert_eq!(single.read_whole(single.name(), 100).unwrap(), b"0123456789");
    assert!(matches!(single.open("other"), Err(FsError::NotFound(_))));
    assert!(matches!(SingleFile::open(root.path()), Err(FsError::NotAFile(_))));
}
