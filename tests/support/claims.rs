//! What a map claims, held against the disc: whatever happened to a run, that must be true.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes of a sector.
const SECTOR: usize = 2048;

/// Every byte that the image's map calls rescued is the disc's; how many these are. Without a map nothing is claimed.
pub(crate) fn claims(disc: &[u8], image: &Path) -> usize {
    let (rescued, wrong) = tally(disc, image);
    assert_eq!(
        wrong,
        0,
        "bytes that are claimed and wrong:\n{}",
        fs::read_to_string(map_of(image)).unwrap_or_default()
    );
    rescued
}

/// How many bytes the image's map calls rescued, and how many of them are in sectors that are not the disc's.
pub(crate) fn tally(disc: &[u8], image: &Path) -> (usize, usize) {
    let Ok(text) = fs::read_to_string(map_of(image)) else { return (0, 0) };
    let content = fs::read(image).unwrap_or_default();
    let (mut rescued, mut wrong) = (0, 0);
    for range in rescued_ranges(&text, disc.len()) {
        rescued += range.len();
        let sectors = range.clone().step_by(SECTOR).map(|start| start..range.end.min(start + SECTOR));
        wrong += sectors.filter(|at| content.get(at.clone()) != disc.get(at.clone())).map(|at| at.len()).sum::<usize>();
    }
    (rescued, wrong)
}

/// The folder below `rips` that the disc `label` is ripped into: one that was cut off before it had its record is taken for
/// somebody else's, and the next run makes another.
pub(crate) fn rip_folder(rips: &Path, label: &str) -> PathBuf {
    let (first, second) = (rips.join(label), rips.join(format!("{label} (2)")));
    if !first.join("disc.json").exists() && second.exists() { second } else { first }
}

/// Whether the map is there and cannot be read, being empty or ending within a line.
pub(crate) fn is_torn(image: &Path) -> bool {
    fs::read_to_string(map_of(image)).is_ok_and(|text| !text.ends_with('\n') || text.lines().count() < 5)
}

fn map_of(image: &Path) -> PathBuf {
    PathBuf::from(format!("{}.map", image.display()))
}

/// What a map calls rescued, in bytes. The map must be one by the ddrescue manual: a line of status, then blocks that follow
/// each other without a gap from the first byte to the last.
fn rescued_ranges(text: &str, disc: usize) -> Vec<Range<usize>> {
    assert!(text.ends_with('\n'), "the map ends within a line:\n{text}");
    let number = |word: &str| {
        let digits = word.strip_prefix("0x").unwrap_or_else(|| panic!("{word} in a map:\n{text}"));
        usize::from_str_radix(digits, 16).unwrap_or_else(|e| panic!("{word} in a map: {e}"))
    };
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let status = lines.next().unwrap_or_else(|| panic!("a map without a line of status:\n{text}"));
    assert!(status.split_whitespace().count() >= 2, "the line of status is {status}");
    let (mut at, mut rescued) = (0, Vec::new());
    for line in lines {
        let [start, size, status] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line} in a map") };
        assert_eq!(number(start), at, "a gap in the map:\n{text}");
        at += number(size);
        if status == "+" {
            rescued.push(number(start)..at);
        }
    }
    assert_eq!(at, disc, "the map ends elsewhere than the disc:\n{text}");
    rescued
}
