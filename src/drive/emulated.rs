//! `emu:` sources: an image file served by the emulated drive.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::clock::{Clock, SystemClock, VirtualClock};
use crate::base::human::printable;
use crate::base::media::Media;
use crate::base::sector::{SECTOR_BYTES, SECTOR_SIZE};
use crate::scsi::emulated::{DamagePlan, EmulatedDrive, Medium};

/// What stands behind `emu:` on the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EmulatedSpec {
    /// The image that is served.
    pub image: PathBuf,
    /// The kind of disc; by its size when not given.
    pub profile: Option<Media>,
    /// A damage plan, or a ddrescue map.
    pub faults: Option<PathBuf>,
    /// Waits really take the time that they would take.
    pub real_time: bool,
}

impl EmulatedSpec {
    /// Reads `IMAGE[,profile=cd|dvd|bd|uhd][,faults=FILE][,time=virtual|real]`, without the `emu:`. A comma in a path
    /// is written `\,`; a path need not be UTF-8.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: impl AsRef<OsStr>) -> Result<Self, String> {
        let mut parts = split_at_commas(text.as_ref().as_bytes()).into_iter();
        let image = PathBuf::from(OsString::from_vec(parts.next().unwrap_or_default()));
        if image.as_os_str().is_empty() {
            return Err("emu: needs the path of an image".into());
        }
        let mut spec = Self { image, profile: None, faults: None, real_time: false };
        for part in parts {
            let shown = printable(&String::from_utf8_lossy(&part));
            let Some(at) = part.iter().position(|b| *b == b'=') else {
                return Err(format!("emu: '{shown}' is no option (a comma in a path is written \\,)"));
            };
            let (key, value) = (part.get(..at).unwrap_or_default(), part.get(at + 1..).unwrap_or_default());
            match (key, value) {
                (b"profile", b"cd") => spec.profile = Some(Media::Cd),
                (b"profile", b"dvd") => spec.profile = Some(Media::Dvd),
                (b"profile", b"bd") => spec.profile = Some(Media::Bd),
                (b"profile", b"uhd") => spec.profile = Some(Media::Uhd),
                (b"faults", file) if !file.is_empty() => {
                    spec.faults = Some(PathBuf::from(OsString::from_vec(file.to_vec())));
                }
                (b"time", b"virtual") => spec.real_time = false,
                (b"time", b"real") => spec.real_time = true,
                _ => {
                    return Err(format!(
                        "emu: '{shown}' is no option: use profile=cd|dvd|bd|uhd, faults=FILE, time=virtual|real"
                    ));
                }
            }
        }
        Ok(spec)
    }

    /// Puts the image into a drive with the faults of `plan`.
    ///
    /// # Errors
    /// The image, or one that the plan swaps in, cannot be opened.
    pub fn build(&self, plan: DamagePlan) -> io::Result<EmulatedDrive> {
        let medium = FileMedium::open(&self.image)?;
        let media = self.profile.unwrap_or_else(|| Media::of_size(medium.sectors()));
        let clock: Arc<dyn Clock> =
            if self.real_time { Arc::new(SystemClock::new()) } else { Arc::new(VirtualClock::new()) };
        let others = plan.discs().map(|name| Ok((name.to_owned(), FileMedium::open(Path::new(name))?)));
        let others = others.collect::<io::Result<Vec<_>>>()?;
        let drive = EmulatedDrive::new(Box::new(medium), media, plan, clock);
        let drive = if self.real_time { drive.in_real_time() } else { drive };
        Ok(others.into_iter().fold(drive, |drive, (name, disc)| drive.with_disc(&name, Box::new(disc))))
    }
}

fn split_at_commas(text: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = text.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        if b == b',' {
            parts.push(Vec::new());
        } else if let Some(part) = parts.last_mut() {
            let escaped = b == b'\\' && bytes.peek() == Some(&b',');
            part.push(if escaped { bytes.next().unwrap_or(b) } else { b });
        }
    }
    parts
}

/// An image file as the disc of an emulated drive.
#[derive(Debug)]
pub struct FileMedium {
    file: File,
    bytes: u64,
}

impl FileMedium {
    /// Opens an image.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file, or empty.
    pub fn open(path: &Path) -> io::Result<Self> {
        let invalid = |what| io::Error::new(io::ErrorKind::InvalidInput, what);
        if !std::fs::metadata(path)?.is_file() {
            return Err(invalid("not a regular file"));
        }
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        if bytes == 0 {
            return Err(invalid("the image is empty"));
        }
        Ok(Self { file, bytes })
    }
}

impl Medium for FileMedium {
    fn sectors(&self) -> u64 {
        self.bytes.div_ceil(SECTOR_BYTES)
    }

    fn read_at(&mut self, lba: u64, buffer: &mut [u8]) -> io::Result<()> {
        let start = lba.saturating_mul(SECTOR_BYTES);
        // The last sector of a file that ends inside it is filled up with zeros.
        let there = self.bytes.saturating_sub(start).min(buffer.len() as u64);
        if buffer.len() as u64 - there >= SECTOR_SIZE as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (data, tail) = buffer.split_at_mut(usize::try_from(there).unwrap_or_default());
        self.file.read_exact_at(data, start)?;
        tail.fill(0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    #[test]
    fn a_spec_names_image_disc_faults_and_time() {
        let spec = EmulatedSpec::parse(r"a\,b.iso,profile=uhd,faults=x\,y.map,time=real").unwrap();
        let faults = Some(PathBuf::from("x,y.map"));
        let expected =
            EmulatedSpec { image: PathBuf::from("a,b.iso"), profile: Some(Media::Uhd), faults, real_time: true };
        assert_eq!(spec, expected);
        assert_eq!(EmulatedSpec::parse("disc.iso").unwrap().profile, None);
    }

    #[test]
    fn a_wrong_spec_is_told() {
        for text in ["", ",profile=cd", "a,b", "a,profile=hd", "a,faults=", "a,time=now", "a,colour=red"] {
            assert!(EmulatedSpec::parse(text).unwrap_err().starts_with("emu:"), "{text}");
        }
    }

    #[test]
    fn an_image_is_served_with_its_last_sector_filled_up() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&[9; 5000]).unwrap();
        let mut medium = FileMedium::open(file.path()).unwrap();
        assert_eq!(medium.sectors(), 3);
        let mut buffer = vec![1; 2 * SECTOR_SIZE];
        medium.read_at(1, &mut buffer).unwrap();
        assert!(buffer[..5000 - 2048].iter().all(|b| *b == 9) && buffer[5000 - 2048..].iter().all(|b| *b == 0));
        assert!(medium.read_at(2, &mut buffer).is_err());
        assert!(FileMedium::open(Path::new("/dev/null")).is_err());
    }

    proptest! {
        #[test]
        fn no_spec_makes_a_panic(text in ".{0,60}") {
            let _ = EmulatedSpec::parse(&text);
        }
    }
}
