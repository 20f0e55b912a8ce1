use super::*;
use crate::base::clock::SystemClock;

const SIZE: u64 = 1 << 20;

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock::new())
}

fn create(path: &Path) -> Result<ImageStore, ImageError> {
    ImageStore::create(path, Format::Raw, SIZE, WriteChoice::Auto, clock())
}

fn open(path: &Path) -> Result<ImageStore, ImageError> {
    ImageStore::open_existing(path, Format::Raw, SIZE, WriteChoice::Auto, clock())
}

#[test]
fn what_was_not_written_reads_as_zero_once_it_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso");
    assert_eq!(what_lies_at(&path).unwrap(), Here::Nothing);
    let mut image = create(&path).unwrap();
    assert!(["dontcache", "window"].contains(&image.strategy_name()));
    assert_eq!((image.was_degraded(), image.length().unwrap()), (false, 0));
    image.write_at(4096, &[7; 2048]).unwrap();
    image.write_at(0, &[1; 2048]).unwrap();
    let mark = image.mark().unwrap();
    assert_eq!(image.wait_mark(Duration::from_secs(600)).unwrap().unwrap(), mark);
    image.finish(SIZE).unwrap();
    image.sync_all().unwrap();
    drop(image);
    assert_eq!(what_lies_at(&path).unwrap(), Here::File { length: SIZE });
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes[..2048].iter().all(|b| *b == 1) && bytes[4096..6144].iter().all(|b| *b == 7));
    assert!(bytes[2048..4096].iter().chain(&bytes[6144..]).all(|b| *b == 0));
}

#[test]
fn opening_again_changes_nothing_and_creating_again_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso");
    assert!(open(&path).is_err());
    std::fs::write(&path, vec![9; 2 * 1024 * 1024]).unwrap();
    assert!(matches!(create(&path), Err(ImageError::Exists { .. })));
    let mut image = open(&path).unwrap();
    let mut sector = [0; 2048];
    image.read_at(2048, &mut sector).unwrap();
    assert_eq!(sector, [9; 2048]);
    image.write_at(0, &[1; 2048]).unwrap();
    drop(image);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 2 * 1024 * 1024);
}

#[test]
fn a_second_run_on_the_same_image_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso");
    let first = create(&path).unwrap();
    let refused = open(&path).err().unwrap();
    assert!(matches!(refused, ImageError::InUse { .. }));
    assert!(refused.to_string().contains("disc.iso"));
    drop(first);
    open(&path).unwrap();
}

#[test]
fn nothing_is_read_or_written_outside_the_disc() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("disc.iso");
    let mut image = create(&path).unwrap();
    assert!(matches!(image.write_at(SIZE - 1024, &[0; 2048]), Err(ImageError::Outside { .. })));
    assert!(matches!(image.write_at(u64::MAX, &[0; 2048]), Err(ImageError::Outside { .. })));
    image.write_at(0, &[0; 2048]).unwrap();
    // Inside the disc, behind the end of the file: it is not said to be zero.
    let refused = image.read_at(0, &mut [0; 4096]).unwrap_err();
    assert!(matches!(refused, ImageError::Outside { size: 2048, .. }), "{refused}");
    image.write_at(2048, &[0; 2048]).unwrap();
}

#[test]
fn a_folder_is_no_image_and_a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(create(folder.path()), Err(ImageError::NotAnImage { what: "a folder", .. })));
    let refused = create(&folder.path().join("no/disc.iso")).err().unwrap();
    assert!(refused.to_string().starts_with("cannot open"), "{refused}");
}

#[test]
fn a_character_device_is_a_stream_and_a_full_one_says_so() {
    let mut null = create(Path::new("/dev/null")).unwrap();
    assert_eq!((null.kind(), null.strategy_name()), (OutputKind::Stream, "plain"));
    null.write_at(0, &[0; 2048]).unwrap();
    assert!(matches!(null.write_at(0, &[0; 2048]), Err(ImageError::OutOfOrder { expected: 2048, .. })));
    assert!(null.finish(SIZE).is_err());
    null.finish(2048).unwrap();
    null.sync_all().unwrap();

    let mut full = create(Path::new("/dev/full")).unwrap();
    assert!(full.write_at(0, &[0; 2048]).unwrap_err().is_disk_full());
    assert!(full.mark().unwrap_err().is_disk_full());
}

#[test]
fn a_named_pipe_is_written_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let reader = std::thread::spawn({
        let path = path.clone();
        move || std::fs::read(path).unwrap()
    });
    let mut image = create(&path).unwrap();
    image.write_at(0, b"abc").unwrap();
    image.write_at(3, b"def").unwrap();
    drop(image);
    assert_eq!(reader.join().unwrap(), b"abcdef");
}
