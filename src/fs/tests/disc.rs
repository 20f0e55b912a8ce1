//! Whole discs that other programs wrote, when `FREEMKV_TEST_DATA` names the folder with them.

use std::sync::Arc;

use super::iso9660::Iso9660;
use super::udf::Udf;
use super::*;
use crate::base::sector::SectorRange;
use crate::base::testing::{program, test_data};
use sha2::{Digest, Sha256};

fn disc(name: &str) -> Option<Arc<dyn Sectors>> {
    let path = test_data()?.join("discs").join(name);
    Some(Arc::new(MemorySectors::new(std::fs::read(path).unwrap())))
}

fn sha256(fs: &dyn FileSystem, path: &str) -> String {
    let file = fs.open(path).unwrap();
    let (mut hash, mut buffer, mut offset) = (Sha256::new(), vec![0; 100_001], 0);
    loop {
        match fs.read_at(&file, offset, &mut buffer).unwrap() {
            0 => break,
            count => {
                hash.update(&buffer[..count]);
                offset += count as u64;
            }
        }
    }
    assert_eq!(offset, file.length(), "{path}");
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// Path, length and SHA-256.
type Hashed = (String, u64, String);

/// The label of a disc and its files, as its manifest has them.
fn manifest(name: &str) -> Option<(String, Vec<Hashed>)> {
    let path = test_data()?.join("discs").join(name);
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    let files = json["files"].as_array().unwrap().iter();
    let mut files: Vec<_> =
        files.map(|f| (text(&f["path"]), f["size"].as_u64().unwrap(), text(&f["sha256"]))).collect();
    files.sort();
    Some((text(&json["volume_label"]), files))
}

fn agrees(fs: &dyn FileSystem, manifest_name: &str) {
    let (label, expected) = manifest(manifest_name).unwrap();
    assert_eq!(fs.volume().label, label);
    let mut found: Vec<_> = tree::files(fs, "", 10_000)
        .unwrap()
        .into_iter()
        .map(|path| {
            let (length, hash) = (fs.open(&path).unwrap().length(), sha256(fs, &path));
            (path, length, hash)
        })
        .collect();
    found.sort();
    assert_eq!(found, expected, "{}", fs.volume().format);
}

#[test]
fn a_udf_data_disc_has_the_files_of_its_manifest_in_both_file_systems() {
    let Some(sectors) = disc("data-udf.iso") else { return };
    let udf = Udf::open(Arc::clone(&sectors)).unwrap();
    assert_eq!(udf.volume().format, "UDF 1.02");
    agrees(&udf, "data-udf.json");
    agrees(&Iso9660::open(sectors).unwrap(), "data-udf.json");
}

#[test]
fn a_data_cd_has_the_files_of_its_manifest() {
    let Some(sectors) = disc("data-cd.iso") else { return };
    assert!(matches!(Udf::open(Arc::clone(&sectors)), Err(FsError::Absent("UDF"))));
    let fs = open_disc(sectors).unwrap();
    assert_eq!(fs.volume().format, "ISO 9660 with Rock Ridge");
    agrees(&*fs, "data-cd.json");
}

#[test]
fn dvds_have_the_same_files_in_udf_and_iso_9660() {
    for name in ["dvd-ntsc.iso", "dvd-pal-multi.iso", "dvd-angles.iso"] {
        let Some(sectors) = disc(name) else { return };
        let udf = Udf::open(Arc::clone(&sectors)).unwrap();
        let iso = Iso9660::open(sectors).unwrap();
        let sorted = |fs: &dyn FileSystem| {
            let mut files = tree::files(fs, "", 1000).unwrap();
            files.sort();
            files
        };
        assert_eq!(sorted(&udf), sorted(&iso));
        for path in tree::files(&udf, "", 1000).unwrap() {
            let (a, b) = (udf.open(&path).unwrap(), iso.open(&path).unwrap());
            assert_eq!(a.extents(), b.extents(), "{name} {path}");
        }
        assert!(udf.open("video_ts/video_ts.ifo").is_ok());
    }
}

#[test]
fn blu_rays_are_read_through_their_metadata_partition() {
    for (name, label) in
        [("bd-basic.iso", "BD_BASIC"), ("bd-multi.iso", "BD_MULTI_TEST"), ("uhd-basic.iso", "UHD_BASIC")]
    {
        let Some(sectors) = disc(name) else { return };
        let fs = open_disc(sectors).unwrap();
        assert_eq!((fs.volume().format.as_str(), fs.volume().label.as_str()), ("UDF 2.50", label));
        let streams = fs.list("BDMV/STREAM").unwrap();
        assert!(!streams.is_empty());
        for stream in streams.iter().filter(|s| !s.is_directory) {
            let file = fs.open(&format!("BDMV/STREAM/{}", stream.name)).unwrap();
            // Every packet of a stream file starts with four bytes and the sync byte.
            let mut bytes = vec![0; file.length() as usize];
            assert_eq!(fs.read_at(&file, 0, &mut bytes).unwrap(), bytes.len());
            assert_eq!(bytes.len() % 192, 0);
            assert!(bytes.chunks(192).all(|packet| packet[4] == 0x47), "{name} {}", stream.name);
        }
        let index = fs.read_whole("bdmv/index.bdmv", 1 << 16).unwrap();
        assert_eq!(index, fs.read_whole("BDMV/BACKUP/index.bdmv", 1 << 16).unwrap());
    }
}

/// A disc of which some sectors are zero, flipped or gone.
struct Hurt {
    disc: Arc<dyn Sectors>,
    range: SectorRange,
    how: How,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum How {
    Zeroed,
    Flipped,
    Missing,
}

impl Sectors for Hurt {
    fn count(&self) -> u64 {
        self.disc.count()
    }

    fn read(&self, range: SectorRange, buffer: &mut [u8]) -> (u64, Option<Fault>) {
        let hit = range.intersect(self.range);
        if hit.is_empty() {
            return self.disc.read(range, buffer);
        }
        if self.how == How::Missing {
            let (head, _) = range.split_at(hit.start() - range.start());
            self.disc.read(head, &mut buffer[..head.bytes() as usize]);
            return (head.len(), Some(Fault::Damage));
        }
        let answer = self.disc.read(range, buffer);
        let from = (hit.byte_start() - range.byte_start()) as usize;
        let bytes = &mut buffer[from..from + hit.bytes() as usize];
        match self.how {
            How::Flipped => bytes.iter_mut().for_each(|b| *b ^= 0x10),
            _ => bytes.fill(0),
        }
        answer
    }
}

#[test]
fn any_64_kib_of_a_disc_may_be_hurt_and_its_files_are_right_or_refused() {
    for name in ["bd-basic.iso", "dvd-angles.iso", "data-udf.iso"] {
        let Some(disc) = disc(name) else { return };
        let whole = open_disc(Arc::clone(&disc)).unwrap();
        let files = tree::files(&*whole, "", 1000).unwrap();
        let extents: Vec<_> = files.iter().map(|f| whole.open(f).unwrap().extents().to_vec()).collect();
        let mut refused = 0;
        for how in [How::Zeroed, How::Flipped, How::Missing] {
            for start in (0..disc.count()).step_by(32) {
                let range = SectorRange::with_len(start, 32).intersect(SectorRange::new(0, disc.count()));
                let hurt = Arc::new(Hurt { disc: Arc::clone(&disc), range, how });
                let Ok(fs) = open_disc(hurt) else {
                    refused += 1;
                    continue;
                };
                for (path, extents) in files.iter().zip(&extents) {
                    match fs.open(path) {
                        Ok(file) => assert_eq!(file.extents(), extents, "{name} {path} {how:?} {start}"),
                        Err(_) => refused += 1,
                    }
                }
            }
        }
        eprintln!("{name}: {refused} times refused");
    }
}

#[test]
fn stream_files_are_byte_for_byte_what_libbluray_reads() {
    for (name, playlist, clips) in
        [("bd-basic.iso", "0", &["00000"][..]), ("uhd-basic.iso", "0", &["00000"]), ("bd-multi.iso", "10", &["00010"])]
    {
        let Some(sectors) = disc(name) else { return };
        let image = test_data().unwrap().join("discs").join(name);
        let Some(splice) = program("bd_splice") else { return };
        let splice = std::process::Command::new(splice).args(["-p", playlist]).arg(image).output().unwrap();
        let fs = open_disc(sectors).unwrap();
        let ours: Vec<u8> = clips
            .iter()
            .flat_map(|clip| fs.read_whole(&format!("BDMV/STREAM/{clip}.m2ts"), 1 << 26).unwrap())
            .collect();
        assert!(
            !splice.stdout.is_empty() && splice.stdout == ours,
            "{name}: {} bytes, {}",
            splice.stdout.len(),
            ours.len()
        );
    }
}
