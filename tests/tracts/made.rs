//! Discs that other programs make.

use std::path::PathBuf;

use super::*;
use tempfile::TempDir;

/// A folder for what is made.
pub(super) struct Maker {
    folder: TempDir,
}

impl Maker {
    /// `None`, with a note, without the program that makes file systems.
    pub(super) fn new() -> Option<Self> {
        program("genisoimage")?;
        Some(Self { folder: TempDir::new().unwrap() })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file system named `label` of these files, each of so many bytes; `more` goes to the program.
    pub(super) fn iso(&self, label: &str, files: &[(&str, usize)], more: &[&str]) -> Vec<u8> {
        let root = self.path(label);
        for (index, (name, bytes)) in files.iter().enumerate() {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let content = support::disc_bytes(index as u64 + 77, bytes.div_ceil(SECTOR));
            fs::write(file, &content[..*bytes]).unwrap();
        }
        let out = self.path(&format!("{label}.iso"));
        let mut command = Command::new("genisoimage");
        command.args(["-quiet", "-J", "-r", "-V", label]).args(more).arg("-o").arg(&out).arg(&root);
        let made = finish(&mut command);
        assert_eq!(made.code, Some(0), "{made:?}");
        fs::read(out).unwrap()
    }

    /// A UDF volume that is written in increments and begins at that sector; `None`, with a note, without the program.
    pub(super) fn increments(&self, label: &str, revision: &str, start: usize) -> Option<Vec<u8>> {
        let out = self.path(&format!("{label}-{revision}.udf"));
        let mut command = Command::new(program("mkudffs")?);
        command.args(["--media-type=cdr", "--vat", "--new-file"]).arg(format!("--udfrev={revision}"));
        command.arg(format!("--label={label}")).arg(format!("--startblock={start}")).arg(&out).arg("300000");
        let made = finish(&mut command);
        assert_eq!(made.code, Some(0), "{made:?}");
        Some(fs::read(out).unwrap())
    }

    /// Two sessions: the second one goes on from the first. The disc, where the first one ends, and where the second begins.
    pub(super) fn two_sessions(&self, more: &[&str]) -> (Vec<u8>, usize, usize) {
        let mut disc = self.iso("FIRST", &[("OLD.BIN", 50_000)], more);
        let end = disc.len() / SECTOR;
        let start = end + 11_400;
        let old = self.path("FIRST.iso");
        let place = format!("0,{start}");
        let second =
            self.iso("SECOND", &[("NEW.BIN", 60_000)], &[&["-C", &place, "-M", old.to_str().unwrap()], more].concat());
        disc.resize(start * SECTOR, 0);
        disc.extend(second);
        (disc, end, start)
    }
}
