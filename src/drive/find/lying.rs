//! What lies in a drive, as the system knows it: the drive is not asked.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::base::human::printable;
use crate::base::media::Media;
use crate::os::block::DeviceNumber;

/// Bytes of udev's record of a device; a page is more than they have.
const RECORD_MAX: usize = 64 << 10;

/// Bytes of a block of `/sys/block/.../size`.
const BLOCK: u64 = 512;

/// What the kernel says of the size while it does not know it (Linux, `sr.c`).
const UNKNOWN_BLOCKS: u64 = 0x1F_FFFF;

/// The disc in a drive. What nothing tells is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Lying {
    /// Its kind.
    pub media: Option<Media>,
    /// Its size.
    pub size_bytes: Option<u64>,
    /// The name of its volume; safe to show.
    pub label: Option<String>,
}

/// What the system knows of the disc in the drive with this number, which is not asked: the record that udev keeps, and the
/// size that the kernel has. `None` where udev keeps none, or no disc was in.
pub(super) fn by_record(root: &Path, number: DeviceNumber) -> Option<Lying> {
    let record = fs::read(root.join(format!("run/udev/data/b{number}"))).ok()?;
    let record = String::from_utf8_lossy(record.get(..RECORD_MAX).unwrap_or(&record)).into_owned();
    let value =
        |key: &str| record.lines().find_map(|line| line.strip_prefix("E:")?.strip_prefix(key)?.strip_prefix('='));
    value("ID_CDROM_MEDIA").filter(|there| *there == "1")?;
    let media =
        [("ID_CDROM_MEDIA_BD", Media::Bd), ("ID_CDROM_MEDIA_DVD", Media::Dvd), ("ID_CDROM_MEDIA_CD", Media::Cd)];
    let is_of = |key: &str| {
        // `ID_CDROM_MEDIA_BD`, `ID_CDROM_MEDIA_BD_R`, and so on.
        let all = record.lines().filter_map(|line| line.strip_prefix("E:")?.strip_suffix("=1"));
        all.into_iter().any(|name| name == key || name.strip_prefix(key).is_some_and(|rest| rest.starts_with('_')))
    };
    let label = value("ID_FS_LABEL_ENC").map(unescaped).or_else(|| value("ID_FS_LABEL").map(str::to_owned));
    Some(Lying {
        media: media.into_iter().find(|(key, _)| is_of(key)).map(|(_, media)| media),
        size_bytes: size(root, number),
        label: label.map(|label| printable(label.trim())).filter(|label| !label.is_empty()),
    })
}

/// A text in which udev writes what is not plain as `\x20`.
fn unescaped(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.strip_prefix(b"x").and_then(|hex| std::str::from_utf8(hex.get(..2)?).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'\\') {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The size of what lies in a block device, as the kernel has it; `None` for nothing, and for what it does not know.
pub(super) fn size(root: &Path, number: DeviceNumber) -> Option<u64> {
    let text = fs::read_to_string(root.join(format!("sys/dev/block/{number}/size"))).ok()?;
    let blocks: u64 = text.trim().parse().ok()?;
    (blocks != 0 && blocks != UNKNOWN_BLOCKS).then(|| blocks.saturating_mul(BLOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: DeviceNumber = DeviceNumber { major: 11, minor: 0 };

    fn machine(record: &str, blocks: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("run/udev/data/b11:0", record);
        put("sys/dev/block/11:0/size", blocks);
        root
    }

    #[test]
    fn the_record_of_udev_tells_kind_size_and_label() {
        let record = "S:cdrom\nE:ID_CDROM=1\nE:ID_CDROM_BD=1\nE:ID_CDROM_MEDIA=1\nE:ID_CDROM_MEDIA_DVD_R=1\n\
                      E:ID_FS_LABEL=MY_FILM\nE:ID_FS_LABEL_ENC=MY\\x20FILM\\x1b\nE:ID_FS_TYPE=udf\n";
        let disc = by_record(machine(record, "4000\n").path(), NUMBER).unwrap();
        let told = Lying { media: Some(Media::Dvd), size_bytes: Some(2_048_000), label: Some("MY FILM?".into()) };
        assert_eq!(disc, told);
    }

    #[test]
    fn a_drive_that_reads_blu_rays_does_not_hold_one_for_that() {
        let of = |record: &str, blocks: &str| by_record(machine(record, blocks).path(), NUMBER);
        assert_eq!(of("E:ID_CDROM=1\nE:ID_CDROM_BD=1\n", "0"), None, "it is empty");
        let unknown = of("E:ID_CDROM_BD=1\nE:ID_CDROM_MEDIA=1\nE:ID_CDROM_MEDIA_STATE=blank\n", "2097151");
        assert_eq!(unknown, Some(Lying::default()));
        assert_eq!(by_record(Path::new("/no/such/root"), NUMBER), None);
    }

    #[test]
    fn escapes_of_udev_are_undone() {
        assert_eq!(unescaped("a\\x20b\\x2f\\q\\x"), "a b/\\q\\x");
    }
}
