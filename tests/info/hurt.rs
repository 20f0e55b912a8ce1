//! Images with holes: what is hurt of which film, and what is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// An image with a map beside it.
pub(super) struct Hurt {
    pub(super) folder: TempDir,
    pub(super) bytes: Vec<u8>,
}

impl Hurt {
    pub(super) fn new(image: &str) -> Self {
        Self { folder: TempDir::new().unwrap(), bytes: fs::read(image).unwrap() }
    }

    pub(super) fn image(&self) -> PathBuf {
        self.folder.path().join("disc.iso")
    }

    /// Zeroes these bytes, says so in the map, and asks.
    pub(super) fn without(&self, start: usize, length: usize) -> Finished {
        let mut bytes = self.bytes.clone();
        bytes[start..start + length].fill(0);
        fs::write(self.image(), &bytes).unwrap();
        let end = start + length;
        let map = format!("0 + 1\n0 {start} +\n{start} {length} -\n{end} {} +\n", bytes.len() - end);
        fs::write(self.folder.path().join("disc.iso.map"), map.replace("\n0 0 +\n", "\n")).unwrap();
        run(["info", self.image().to_str().unwrap(), "--json"])
    }
}

/// First byte in the image, and length, of the (only) extent of a file.
pub(super) fn place(image: &str, path: &str) -> (usize, usize) {
    let told = info(image, &["--files"]);
    let file = list(&told["files"]).iter().find(|f| f["path"] == path).unwrap();
    let extents = list(&file["extents"]);
    assert_eq!(extents.len(), 1);
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    (number(&extents[0]["sector"]) * 2048, number(&file["bytes"]))
}

/// Seconds since the first picture, and places in the file, of all packets of a stream file; of pictures in the order
/// of the file, with whether decoding can begin there.
fn packets(file: &Path) -> Option<Vec<(f64, usize)>> {
    let entries = ["-v", "error", "-show_entries", "packet=codec_type,pts_time,pos", "-of", "csv=p=0"];
    let output = Command::new(program("ffprobe")?).args(entries).arg(file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Some((fields[0] == "video", fields.get(1)?.parse::<f64>().ok()?, fields.get(2)?.parse().ok()?))
    });
    let rows: Vec<(bool, f64, usize)> = rows.collect();
    let first = rows.iter().filter(|r| r.0).map(|r| r.1).fold(f64::MAX, f64::min);
    Some(rows.into_iter().map(|(_, time, at)| (time - first, at)).collect())
}

#[test]
fn what_lies_in_a_hole_is_told_with_its_film_time() {
    let Some(image) = image("bd-basic") else { return };
    let (start, length) = place(&image, "BDMV/STREAM/00000.m2ts");
    let hurt = Hurt::new(&image);
    let stream = hurt.folder.path().join("stream.m2ts");
    fs::write(&stream, &hurt.bytes[start..start + length]).unwrap();
    let Some(packets) = packets(&stream) else { return };
    for eighth in 0..8 {
        let from = (length / 8 * eighth) / 2048 * 2048;
        let finished = hurt.without(start + from, 65_536);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let damage = &json(&finished)["damage"];
        assert_eq!(damage["missing_bytes"], 65_536);
        assert_eq!(list(&damage["files"]), &[serde_json::json!({"path": "BDMV/STREAM/00000.m2ts", "bytes": 65_536})]);
        assert_eq!(damage["titles"][0]["whole"], false);
        let spans = list(&damage["titles"][0]["spans"]);
        assert_eq!(spans.len(), 1);
        let (first, last) = (spans[0]["from_seconds"].as_f64().unwrap(), spans[0]["to_seconds"].as_f64().unwrap());
        assert!(last - first < 6.0, "{first} to {last} says too little");
        for (time, _) in packets.iter().filter(|(time, at)| (from..from + 65_536).contains(at) && *time >= 0.0) {
            assert!(first <= *time + 0.001 && *time <= last, "{time} is lost and not told: {first} to {last}");
        }
    }
    let text = run(["info", hurt.image().to_str().unwrap()]).stdout;
    assert!(text.contains("64.0 KiB are missing.\n  title 1 (00000) is hurt from 0:00:"), "{text}");
}

#[test]
fn holes_outside_of_the_films_leave_the_titles_whole() {
    let Some(image) = image("bd-basic") else { return };
    let sound = info(&image, &[]);
    let hurt = Hurt::new(&image);
    // Every table has a copy: the file system's in its mirror, those of the disc in BACKUP.
    let (_, film) = place(&image, "BDMV/STREAM/00000.m2ts");
    for path in ["BDMV/PLAYLIST/00000.mpls", "BDMV/CLIPINF/00000.clpi", "BDMV/index.bdmv"] {
        let (start, _) = place(&image, path);
        let told = json(&hurt.without(start, 2048));
        assert_eq!(told["exit_code"], 0, "{path}: {told}");
        assert_eq!(told["titles"], sound["titles"], "{path}");
        assert_eq!(told["damage"]["titles"][0]["whole"], true, "{path}");
        let note = told["notes"].to_string();
        assert!(note.contains(path) && note.contains("BDMV/BACKUP"), "{path}: {note}");
    }
    assert!(film > 1 << 20);
}

#[test]
fn any_64_kib_may_be_missing() {
    let Some(image) = image("bd-basic") else { return };
    let hurt = Hurt::new(&image);
    let step = hurt.bytes.len() / 40 / 2048 * 2048;
    for start in (0..20).map(|n| n * 65_536).chain((0..40).map(|n| n * step)) {
        let length = 65_536.min(hurt.bytes.len() - start);
        let finished = hurt.without(start, length);
        let told = json(&finished);
        assert_eq!(told["exit_code"], finished.code.unwrap(), "{finished:?}");
        match finished.code {
            Some(0) => assert_eq!(told["titles"][0]["duration_seconds"], 24.024, "at {start}: {told}"),
            Some(1) => assert!(told["error"]["message"].as_str().unwrap().len() > 20, "at {start}: {told}"),
            _ => panic!("at {start}: {finished:?}"),
        }
    }
}

#[test]
fn an_image_that_is_not_finished_is_hurt_from_where_it_ends() {
    let Some(image) = image("bd-multi") else { return };
    let hurt = Hurt::new(&image);
    let (start, length) = place(&image, "BDMV/STREAM/00002.m2ts");
    let (half, all) = ((start + length / 2) / 2048 * 2048, hurt.bytes.len());
    fs::write(hurt.image(), &hurt.bytes[..half]).unwrap();
    let map = hurt.folder.path().join("other.map");
    fs::write(&map, format!("0 ? 1\n0 {half} +\n{half} {} ?\n", all - half)).unwrap();
    let told = info(hurt.image().to_str().unwrap(), &["--map", map.to_str().unwrap()]);
    assert_eq!((&told["disc"]["size_bytes"], &told["damage"]["missing_bytes"]), (&all.into(), &(all - half).into()));
    let titles: BTreeMap<&str, &Value> = list(&told["titles"])
        .iter()
        .zip(list(&told["damage"]["titles"]))
        .map(|(title, damage)| (title["id"].as_str().unwrap(), damage))
        .collect();
    assert_eq!(titles["00000"]["whole"], true);
    // The first of the film's three clips is there, the second by half.
    let span = |id: &str| match list(&titles[id]["spans"]).as_slice() {
        [span] => (span["from_seconds"].as_f64().unwrap(), span["to_seconds"].as_f64().unwrap()),
        spans => panic!("{id}: {spans:?}"),
    };
    assert!((2.0..9.0).contains(&span("00001").0) && (span("00001").1 - 12.512).abs() < 0.002, "{:?}", span("00001"));
    assert_eq!(span("00010"), (0.0, 8.008));
    let text = run(["info", hurt.image().to_str().unwrap(), "--map", map.to_str().unwrap()]).stdout;
    assert!(text.contains("  whole: title 1 (00000)\n"), "{text}");
    assert!(text.contains("  title 6 (00010) is hurt from 0:00:00 to 0:00:09\n"), "{text}");
}

#[test]
fn without_its_tables_an_unfinished_image_says_how_to_go_on() {
    let Some(image) = image("bd-basic") else { return };
    let hurt = Hurt::new(&image);
    let (start, _) = place(&image, "BDMV/PLAYLIST/00000.mpls");
    let (copy, _) = place(&image, "BDMV/BACKUP/PLAYLIST/00000.mpls");
    let (from, to) = (start.min(copy), start.max(copy) + 2048);
    let finished = hurt.without(from, to - from);
    let told = json(&finished);
    assert_eq!((finished.code, &told["titles"]), (Some(1), &Value::Array(Vec::new())));
    let error = &told["error"];
    assert!(error["message"].as_str().unwrap().contains("BDMV/PLAYLIST/00000.mpls"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("freemkv patch"), "{error}");
    assert!(!list(&told["damage"]["files"]).is_empty());
}

#[test]
fn a_complete_map_says_that_nothing_is_missing() {
    let Some(image) = image("uhd-basic") else { return };
    let folder = TempDir::new().unwrap();
    let map = folder.path().join("m");
    fs::write(&map, format!("0 + 1\n0 {} +\n", fs::metadata(&image).unwrap().len())).unwrap();
    let finished = run(["info", &image, "--map", map.to_str().unwrap()]);
    assert!(finished.stdout.ends_with("\nNothing is missing.\n"), "{finished:?}");
    let damage = info(&image, &["--map", map.to_str().unwrap()])["damage"].clone();
    let whole =
        serde_json::json!({"missing_bytes": 0, "files": [], "titles": [{"number": 1, "whole": true, "spans": []}]});
    assert_eq!(damage, whole);
}
