use super::*;
use crate::base::event::NoEvents;
use crate::base::sector::SECTOR_SIZE;
use std::fs;
use std::path::PathBuf;

/// A folder with images of discs and their maps.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An image: a letter a sector for its content (`0` is zeros), and its statuses.
    fn image(&self, name: &str, content: &str, statuses: &str) -> Part {
        let byte = |letter: u8| if letter == b'0' { 0 } else { letter };
        let bytes: Vec<u8> = content.bytes().flat_map(|letter| [byte(letter); SECTOR_SIZE]).collect();
        fs::write(self.path(name), bytes).unwrap();
        let line = |(index, status)| format!("{} 2048 {status}\n", index * SECTOR_SIZE);
        let map: String = statuses.chars().enumerate().map(line).collect();
        fs::write(self.path(&format!("{name}.map")), format!("0 ? 1\n{map}")).unwrap();
        Part::named(&self.path(name))
    }

    fn merge(&self, parts: &[Part], force: bool) -> Result<MergeReport, Error> {
        let job = Job { parts: parts.to_vec(), image: self.path("out"), force, command: "merge".into() };
        merge(&job, &Cancel::new(), &NoEvents)
    }

    fn out(&self) -> String {
        let bytes = fs::read(self.path("out")).unwrap();
        bytes.chunks(SECTOR_SIZE).map(|sector| if sector[0] == 0 { '0' } else { char::from(sector[0]) }).collect()
    }
}

#[test]
fn each_lacks_something_and_together_they_have_more() {
    let bench = Bench::new();
    let parts = [
        bench.image("a", "ab0d00", "++-+?/"),
        bench.image("b", "abc000", "?++-??"),
        bench.image("c", "0000e0", "?+**+?"),
    ];
    // Sector 1 of c is zero, and b there: they differ.
    let told = bench.merge(&parts, false).unwrap_err();
    assert!(matches!(&told, Error::Differ { sector: 1, other, .. } if *other == bench.path("c")), "{told}");
    assert!(!bench.path("out").exists() && !bench.path("out.map").exists());
    let parts = [parts[0].clone(), parts[1].clone(), bench.image("d", "0b00e0", "?+**+?")];
    let report = bench.merge(&parts, false).unwrap();
    assert_eq!(bench.out(), "abcde0");
    let sources: Vec<_> = report.sources.iter().map(|s| (s.taken_bytes / 2048, s.compared_bytes / 2048)).collect();
    assert_eq!(sources, [(3, 0), (1, 1), (1, 1)]);
    assert_eq!((report.rescued_bytes, report.missing_bytes, report.complete), (5 * 2048, 2048, false));
    let map = store::read(&bench.path("out.map"), None).unwrap().unwrap();
    assert_eq!(
        map.blocks.iter().map(|block| (block.size / 2048, block.status.symbol())).collect::<Vec<_>>(),
        [(5, '+'), (1, '/')]
    );
    assert_eq!(fs::read_dir(bench.folder.path()).unwrap().count(), 10, "no lock and no temporary file");
    assert!(matches!(bench.merge(&parts, true), Err(Error::Exists(path)) if path == bench.path("out")));
}

#[test]
fn images_without_a_common_sector_prove_nothing() {
    let bench = Bench::new();
    let apart = [bench.image("a", "ab", "+-"), bench.image("b", "ab", "-+")];
    assert!(matches!(bench.merge(&apart, false), Err(Error::NothingInCommon(path)) if path == bench.path("b")));
    let zeros = [bench.image("c", "0b0", "++-"), bench.image("d", "00c", "+-+")];
    assert!(matches!(bench.merge(&zeros, false), Err(Error::NothingInCommon(path)) if path == bench.path("d")));
    assert!(!bench.path("out").exists());
    assert!(bench.merge(&zeros, true).unwrap().complete);
    assert_eq!(bench.out(), "0bc");
}

#[test]
fn an_image_that_is_shorter_than_its_map_is_named() {
    let bench = Bench::new();
    let parts = [bench.image("a", "abc", "+++"), bench.image("b", "ab", "+++")];
    let told = bench.merge(&parts, false).unwrap_err().to_string();
    assert!(told.ends_with("b ends before sector 2, which its map calls rescued"), "{told}");
    assert!(!bench.path("out").exists());
    assert!(matches!(bench.merge(&[Part { image: None, ..parts[0].clone() }], false), Err(Error::NoImage(_))));
}

#[test]
fn a_stop_leaves_nothing_behind() {
    let bench = Bench::new();
    let parts = vec![bench.image("a", "ab", "++"), bench.image("b", "ab", "++")];
    let cancel = Cancel::new();
    cancel.raise();
    let job = Job { parts, image: bench.path("out"), force: false, command: String::new() };
    assert!(matches!(merge(&job, &cancel, &NoEvents), Err(Error::Stopped)));
    assert!(!bench.path("out").exists() && !bench.path("out.map").exists());
}

#[test]
fn discs_of_other_sizes_and_tracts_without_data_go_together() {
    let bench = Bench::new();
    let parts = [bench.image("a", "abc", "++-"), bench.image("b", "ab00e", "++--+")];
    let map = fs::read_to_string(&parts[1].map).unwrap();
    fs::write(&parts[1].map, format!("# Left out: sectors 1-3, audio\n{map}")).unwrap();
    let report = bench.merge(&parts, false).unwrap();
    assert!(report.complete, "{report:?}");
    assert_eq!((bench.out().as_str(), report.sectors), ("ab00e", 5));
    let text = fs::read_to_string(bench.path("out.map")).unwrap();
    assert!(text.contains("# Left out: sectors 2-3, audio\n"), "what was rescued is no gap: {text}");
}
