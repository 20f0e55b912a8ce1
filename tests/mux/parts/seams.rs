//! A disc with a clip of two clocks, a second angle, files in pieces and a part that ends inside a group of pictures,
//! built on the spot by `tests/discs`. Needs python3 and ffmpeg.

use std::path::{Path, PathBuf};

use crate::fixtures::disc::{self, Disc};
use crate::fixtures::mkv;
use crate::support::program;
use freemkv::base::sector::SectorRange;
use freemkv::base::sector::set::SectorSet;
use freemkv::fs::MemorySectors;
use freemkv::fs::open_disc;
use freemkv::title::bluray;

const BUILD: &str = "
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import test_builder
made = test_builder.make(sys.argv[2])
open(sys.argv[2] + '/disc.iso', 'wb').write(made.volume(max_extent=20 * test_builder.udf.SECTOR).build())
";

/// Ticks of 90 kHz of 1001/24000 s, as the builder rounds them; in milliseconds.
fn picture(number: u32) -> i64 {
    (f64::from(number) * 1001.0 / 24.0).round() as i64
}

fn build(folder: &Path) -> Option<PathBuf> {
    program("ffmpeg")?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs");
    let (content, text) = disc::tool("python3", &["-c", BUILD, scripts.to_str().unwrap(), folder.to_str().unwrap()])?;
    assert!(content, "{text}");
    Some(folder.join("disc.iso"))
}

#[test]
fn clocks_angles_and_parts_meet_where_the_playlist_says() {
    let folder = tempfile::tempdir().unwrap();
    let Some(image) = build(folder.path()) else { return };
    let image = std::fs::read(image).unwrap();
    let path = folder.path().join("out.mkv");
    let mut disc = Disc { force: true, ..Disc::memory(image.clone()) };
    let report = disc.mux("00000", &path).unwrap();
    assert!(report.is_complete(), "{report:?}");
    // Two seconds, two seconds, and the first second of the other clock's two with the picture that begins in it.
    let mut times: Vec<i64> = mkv::blocks(&path)[&1].iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let expected: Vec<i64> = (0..48 + 48 + 25).map(picture).collect();
    assert_eq!(times.len(), expected.len(), "{times:?}");
    assert!(times.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= 1), "{times:?}");
    assert_eq!(report.chapters, 3);
    disc::programs_take(&path);
    let first_angle = mkv::blocks(&path);

    // The second angle differs in the first part alone.
    let fs = open_disc(std::sync::Arc::new(MemorySectors::new(image.clone()))).unwrap();
    disc.titles = bluray::read(&*fs, 2).unwrap().titles;
    disc.mux("00000", &path).unwrap();
    let second_angle = mkv::blocks(&path);
    assert_ne!(second_angle[&1][..48], first_angle[&1][..48]);
    assert_eq!(second_angle[&1][48..], first_angle[&1][48..]);

    // A hole at a seam costs pictures on both sides, and nothing else changes.
    let holed = Disc { force: true, ..Disc::memory(image) };
    let clip = holed.fs.open("BDMV/STREAM/00001.m2ts").unwrap();
    let first = clip.extents()[0].sectors().start();
    let missing = SectorSet::from_iter([SectorRange::with_len(first, 8)]);
    let report = Disc { missing, ..holed }.mux("00000", &path).unwrap();
    let loss = report.losses.first().unwrap_or_else(|| panic!("{report:?}"));
    assert!(report.losses.len() == 1 && loss.lba == Some(first), "{report:?}");
    assert!((15_000..=8 * 2048).contains(&loss.bytes), "of the hole, what lies in the part: {report:?}");
    assert!((loss.from_seconds - 2.002).abs() < 0.001 && (loss.to_seconds - 3.003).abs() < 0.001, "{report:?}");
    let rest = mkv::blocks(&path);
    assert_eq!(rest[&1][..48], first_angle[&1][..48]);
    assert_eq!(rest[&1][48..], first_angle[&1][72..]);
}
