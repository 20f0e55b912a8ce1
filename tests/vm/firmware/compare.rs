//! Whether a map tells the truth about its image.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use crate::Result;

const SECTOR: u64 = 2048;

/// Compares what the map calls rescued with the disc and prints the rest as `FIRST+COUNT STATUS`, a line each.
pub(crate) fn compare(image: &str, map: &str, disc: &str) -> Result<()> {
    let open = |path: &str| File::open(path).map_err(|e| format!("{path}: {e}"));
    let (image, disc) = (open(image)?, open(disc)?);
    let text = fs::read_to_string(map).map_err(|e| format!("{map}: {e}"))?;
    let number = |word: &str| {
        let digits = word.strip_prefix("0x").ok_or_else(|| format!("{word} in the map"))?;
        u64::from_str_radix(digits, 16).map_err(|e| format!("{word} in the map: {e}"))
    };
    let mut wrong = Vec::new();
    // The first line that is no comment tells where the run was.
    for line in text.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [position, size, status] = *words else { return Err(format!("a line of the map: {line}")) };
        let (first, count) = (number(position)? / SECTOR, number(size)? / SECTOR);
        if status == "+" {
            wrong.extend((first..first + count).filter(|sector| !alike(&image, &disc, *sector)));
        } else {
            println!("{first}+{count} {status}");
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("called rescued and differ from the disc: {wrong:?}")) }
}

fn alike(image: &File, disc: &File, sector: u64) -> bool {
    let mut bytes = [[1; SECTOR as usize], [2; SECTOR as usize]];
    let [one, two] = &mut bytes;
    let both = image.read_exact_at(one, sector * SECTOR).and_then(|()| disc.read_exact_at(two, sector * SECTOR));
    both.is_ok() && one == two
}
