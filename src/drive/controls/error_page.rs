//! Mode page 01h: read, kept, changed, and given back.
//!
//! The page belongs to the drive, not to this program: a drive left changed hides or shows errors to whoever comes
//! next. So the page as it was is kept in a file while it is changed. Whoever ends without restoring it (killed, or
//! the drive was unplugged) leaves the file, and the next run restores the page before it reads it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use tracing::debug;

use crate::drive::link::{COMMAND_LIMIT, Link, Refusal};
use crate::os::durable;
use crate::scsi::sense::{Verdict, classify};
use crate::scsi::{Data, answers, cdb};

/// First line of a kept page.
const HEADING: &str = "freemkv kept error page 1";

/// More than any such file has.
const FILE_MAX: u64 = 4096;

/// MODE SENSE answers that are accepted: header, block descriptors and page.
const ANSWER_MAX: u16 = 252;

/// PER in byte 2: recovered errors are reported, so that marginal sectors can be seen.
const PER: u8 = 0b100;

/// RC in byte 2: the drive keeps the data flowing and may make it up.
const RC: u8 = 0b1_0000;

/// Where the read retry count is.
const RETRIES: usize = 3;

/// Mode page 01h of a drive, as it was found and as it is now.
pub(in crate::drive) struct ErrorPage {
    original: Vec<u8>,
    present: Vec<u8>,
    kept: Option<PathBuf>,
}

impl ErrorPage {
    /// Reads the page and sets PER in it. Everything else in it stays: not every combination of bits is allowed.
    ///
    /// `kept` is the file for the page while it is changed; a page that an earlier run left there is restored first.
    /// `None` when the drive has no such page.
    pub(in crate::drive) fn take(link: &mut Link, kept: Option<PathBuf>, notes: &mut Vec<String>) -> Option<Self> {
        if let Some(path) = &kept {
            restore_left_over(link, path);
        }
        let original = read_patiently(link)?;
        let bits = *original.get(2)?;
        if bits & RC != 0 {
            notes.push("the drive was left in a state in which it may hide read errors (RC in mode page 01h)".into());
        }
        let mut page = Self { present: original.clone(), original, kept };
        notes.extend(page.report_recovered(link));
        Some(page)
    }

    /// Sets PER. A sentence when the page as it was found cannot be kept.
    pub(in crate::drive) fn report_recovered(&mut self, link: &mut Link) -> Option<String> {
        let bits = *self.present.get(2)?;
        if bits & PER != 0 {
            return None;
        }
        let problem = self.keep_first();
        if self.change(link, 2, bits | PER) {
            // What the drive makes of it counts: some take a page and leave bits of it out.
            self.present = read_back(link).unwrap_or_else(|| std::mem::take(&mut self.present));
        }
        problem
    }

    /// Sets the read retry count, `None` as it was found. Whether the drive says that it has it now.
    pub(in crate::drive) fn set_retries(&mut self, link: &mut Link, count: Option<u8>) -> bool {
        let Some(before) = self.original.get(RETRIES).copied() else { return false };
        let count = count.unwrap_or(before);
        if self.present.get(RETRIES) == Some(&count) {
            return true;
        }
        let _ = self.keep_first();
        let changed = self.change(link, RETRIES, count);
        if self.present == self.original {
            self.forget();
        }
        let there = if changed { read_back(link) } else { None };
        let taken = there.as_ref().is_some_and(|page| page.get(RETRIES) == Some(&count));
        self.present = there.unwrap_or_else(|| std::mem::take(&mut self.present));
        taken
    }

    /// Changes one byte of the page.
    fn change(&mut self, link: &mut Link, index: usize, value: u8) -> bool {
        let mut wanted = self.present.clone();
        if let Some(byte) = wanted.get_mut(index) {
            *byte = value;
        }
        if select_patiently(link, &wanted) {
            self.present = wanted;
            return true;
        }
        debug!("the drive refuses a changed error page");
        if self.present == self.original {
            self.forget();
        }
        false
    }

    /// Keeps the original page, before anything is changed; what went wrong, as a sentence.
    fn keep_first(&self) -> Option<String> {
        let path = self.kept.as_ref().filter(|_| self.present == self.original)?;
        // A page that could not be given back in its time is still owed to the drive.
        if load(path).is_some() {
            return None;
        }
        let problem = keep(path, &self.original).err()?;
        Some(format!("the drive's settings cannot be kept in {}: {problem}", path.display()))
    }

    /// Whether the drive has the page as it was set last; when not, it is sent again and read back.
    pub(in crate::drive) fn stands(&self, link: &mut Link) -> bool {
        let is_there = |link: &mut Link| read_patiently(link).is_some_and(|page| page == self.present);
        is_there(link) || (select_patiently(link, &self.present) && is_there(link))
    }

    /// Gives the drive its page back. When that fails the kept page stays for the next run.
    pub(in crate::drive) fn restore(&mut self, link: &mut Link) -> bool {
        if self.present != self.original {
            if !select_patiently(link, &self.original) {
                return false;
            }
            self.present = self.original.clone();
            self.forget();
        }
        true
    }

    fn forget(&self) {
        if let Some(path) = &self.kept {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// MODE SENSE for the page.
fn read(link: &mut Link) -> Result<Vec<u8>, Refusal> {
    link.ask(&cdb::mode_sense(cdb::ERROR_PAGE, ANSWER_MAX), ANSWER_MAX.into())
}

/// The page as the drive has it, or nothing: behind a unit attention it may have lost what was set just before.
fn read_back(link: &mut Link) -> Option<Vec<u8>> {
    let restarts = link.restarts();
    let answer = read(link).ok()?;
    if link.restarts() == restarts { answers::mode_page(&answer, cdb::ERROR_PAGE) } else { None }
}

/// The page, asked for once more unless the drive refuses, as something passing may be in the way.
fn read_patiently(link: &mut Link) -> Option<Vec<u8>> {
    let answer = match read(link) {
        Err(Refusal::Reply(reply)) if classify(&reply) != Verdict::Refused => read(link),
        answer => answer,
    };
    answers::mode_page(&answer.ok()?, cdb::ERROR_PAGE)
}

/// Restores the page that an earlier run could not.
fn restore_left_over(link: &mut Link, path: &Path) {
    if let Some(page) = load(path) {
        debug!("restoring the error page that an earlier run left in {}", path.display());
        if select_patiently(link, &page) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Sets a page; once more unless the drive refuses it, as something passing may be in the way.
fn select_patiently(link: &mut Link, page: &[u8]) -> bool {
    match select(link, page) {
        Some(Verdict::Refused) => false,
        verdict if is_done(verdict) => true,
        _ => is_done(select(link, page)),
    }
}

fn is_done(verdict: Option<Verdict>) -> bool {
    matches!(verdict, Some(Verdict::Good | Verdict::Short | Verdict::Recovered))
}

/// Sends a page; what became of it, if it got through to the drive.
fn select(link: &mut Link, page: &[u8]) -> Option<Verdict> {
    let list = answers::mode_parameters(page);
    let length = u16::try_from(list.len()).ok()?;
    let reply = link.send(&cdb::mode_select(length), Data::Out(&list), COMMAND_LIMIT);
    reply.ok().map(|reply| classify(&reply))
}

fn keep(path: &Path, page: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    durable::replace(path, |file| {
        let bytes: Vec<String> = page.iter().map(|byte| format!("{byte:02X}")).collect();
        writeln!(file, "{HEADING}\n{}", bytes.join(" "))
    })
}

fn load(path: &Path) -> Option<Vec<u8>> {
    let mut text = String::new();
    File::open(path).ok()?.take(FILE_MAX).read_to_string(&mut text).ok()?;
    parse(&text)
}

/// Reads a kept page; `None` for anything but a whole page 01h.
fn parse(text: &str) -> Option<Vec<u8>> {
    let (heading, bytes) = text.split_once('\n')?;
    let page: Vec<u8> =
        bytes.split_ascii_whitespace().map(|byte| u8::from_str_radix(byte, 16)).collect::<Result<_, _>>().ok()?;
    let whole = matches!(*page.as_slice(), [code, length, ..] if code & 0x7F == cdb::ERROR_PAGE
        && page.len() == usize::from(length) + 2 && page.len() > 2);
    (heading == HEADING && whole).then_some(page)
}

/// The name of the file that keeps the page of a drive: its identity with nothing in it that means something to a
/// file system.
pub(in crate::drive) fn file_name(identity: &str) -> String {
    let safe = identity.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' });
    // Some identities begin with a dot or are very long.
    format!("drive-{}.page01", safe.take(100).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_is_kept_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join(file_name("A/../B  C"));
        keep(&path, &[0x81, 4, 0, 20, 0, 0]).unwrap();
        assert_eq!(load(&path), Some(vec![0x81, 4, 0, 20, 0, 0]));
        assert_eq!(path.file_name().unwrap(), "drive-A-..-B--C.page01");
    }

    #[test]
    fn a_file_that_is_not_a_whole_page_is_left_alone() {
        for text in ["", "x\n01 01 00", &format!("{HEADING}\n01 02 00"), &format!("{HEADING}\n02 01 00")] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("{HEADING}\n01 00")), None);
        assert_eq!(parse(&format!("{HEADING}\n01 01 XY")), None);
    }

    proptest! {
        #[test]
        fn no_kept_file_makes_a_panic(text in "(?s).{0,80}", bytes in "[0-9A-F ]{0,60}") {
            let _ = parse(&text);
            let _ = parse(&format!("{HEADING}\n{bytes}\n"));
            prop_assert!(!file_name(&text).contains('/'));
        }
    }
}
