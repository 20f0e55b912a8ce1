//! `disc.json`: which disc a folder is of, and how far its rip has come. It is written before anything else is, so that a
//! run that was cut off is known again.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::os::{durable, names};

use super::fingerprint::Fingerprint;

/// What the file begins with; another number is another program's.
const FORMAT: &str = "freemkv disc 1";

/// Bytes of a record that is believed.
const RECORD_MAX: u64 = 1 << 20;

/// What is known of the disc of a folder.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    format: String,
    /// Name of the disc's volume.
    pub label: String,
    /// The disc.
    pub fingerprint: Fingerprint,
    /// What the image is called in the folder.
    pub image: String,
    /// Which titles were asked for, as [`Films::text`](crate::job::rip::Films::text) says it.
    #[serde(default)]
    pub wanted: String,
    /// Files of the folder that are films of this disc, begun or whole.
    #[serde(default)]
    pub films: Vec<String>,
    /// The exit code of the last run that had done all it could; `None` where one was cut off or failed.
    #[serde(default)]
    pub exit_code: Option<u8>,
}

impl Record {
    /// Of a disc of which nothing is done yet.
    #[must_use]
    pub fn new(label: String, fingerprint: Fingerprint, image: String) -> Self {
        Self { format: FORMAT.to_owned(), label, fingerprint, image, ..Self::default() }
    }

    /// The record in a folder; `None` where none of ours lies there.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let mut text = String::new();
        names::open_regular(&path(folder)).ok()?.take(RECORD_MAX).read_to_string(&mut text).ok()?;
        let record: Self = serde_json::from_str(&text).ok()?;
        // A name out of a file must not lead out of the folder.
        let is_plain = |name: &String| Path::new(name).file_name().is_some_and(|own| own == name.as_str());
        let is_ours = record.format == FORMAT && is_plain(&record.image) && record.films.iter().all(is_plain);
        is_ours.then_some(record)
    }

    /// Writes it into a folder.
    ///
    /// # Errors
    /// What the file system says.
    pub fn save(&self, folder: &Path) -> io::Result<()> {
        durable::replace(&path(folder), |file| {
            serde_json::to_writer_pretty(&mut *file, self)?;
            file.write_all(b"\n")
        })
    }
}

/// Where it lies.
#[must_use]
pub fn path(folder: &Path) -> PathBuf {
    folder.join("disc.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written_and_a_stranger_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Record::read(folder.path()), None);
        let mut record = Record::new("CAT".into(), Fingerprint { sectors: 9, samples: Vec::new() }, "CAT.iso".into());
        (record.films, record.exit_code) = (vec!["CAT-t01.mkv".into()], Some(3));
        record.save(folder.path()).unwrap();
        assert_eq!(Record::read(folder.path()), Some(record.clone()));
        for text in ["{}", "mine", "{\"format\":\"freemkv disc 9\"}"] {
            std::fs::write(path(folder.path()), text).unwrap();
            assert_eq!(Record::read(folder.path()), None, "{text}");
        }
        record.films.push("../elsewhere.mkv".into());
        record.save(folder.path()).unwrap();
        assert_eq!(Record::read(folder.path()), None, "no name leads out of the folder");
    }
}
