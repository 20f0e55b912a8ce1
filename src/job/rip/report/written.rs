//! The files of a folder that tell of the rip: `report.json`, `report.txt`, `report.html`, `SHA256SUMS`.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use crate::os::durable;

use super::Ripped;
use super::html::{self, Shown};
use crate::job::rip::disc::place::check_ours;
use crate::job::rip::error::Trouble;

/// Each file, and what tells that one that lies there already is ours.
const FILES: [(&str, &str); 4] = [
    ("report.json", "{\"command\":\"rip\""),
    ("report.txt", "freemkv rip\n"),
    ("report.html", html::BEGINNING),
    ("SHA256SUMS", "# SHA-256, by freemkv\n"),
];

/// Checks that the reports have their places, before the disc is begun.
///
/// # Errors
/// [`Trouble::InTheWay`].
pub(in crate::job::rip) fn check(folder: &Path) -> Result<(), Trouble> {
    FILES.iter().try_for_each(|(name, beginning)| check_ours(&folder.join(name), beginning.as_bytes()))
}

/// Writes the reports; `words` is the report in words, `shown` what the page shows of the image.
///
/// # Errors
/// [`Trouble::Report`]: the first that could not be written. The others are tried all the same.
pub(in crate::job::rip) fn write(folder: &Path, ripped: &Ripped, words: &str, shown: &Shown) -> Result<(), Trouble> {
    let [_, (_, title), _, (_, head)] = FILES;
    let sums = sums(ripped);
    let texts = [
        serde_json::to_string(ripped).map(|json| Some(json + "\n")),
        Ok(Some(format!("{title}{words}\n"))),
        Ok(Some(html::page(ripped, shown))),
        // sha256sum fails on a file without a hash, and nothing is wrong.
        Ok((!sums.is_empty()).then(|| format!("{head}{sums}"))),
    ];
    let written = FILES.iter().zip(texts).map(|((name, beginning), text)| {
        let path = folder.join(name);
        check_ours(&path, beginning.as_bytes())?;
        let written = text.map_err(io::Error::from).and_then(|text| match text {
            Some(text) => durable::replace(&path, |file| file.write_all(text.as_bytes())),
            None => remove(&path),
        });
        written.map_err(|cause| Trouble::Report { path, cause })
    });
    written.fold(Ok(()), Result::and)
}

/// Removes what an earlier run wrote, and what is true no more.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The hashes that are known, as `sha256sum -c` reads them.
fn sums(ripped: &Ripped) -> String {
    let name = |path: PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let image = ripped.image.clone().zip(ripped.imaged().and_then(|report| report.sha256.clone()));
    let films = ripped.films.iter().filter_map(|film| Some((PathBuf::from(&film.path), film.sha256.clone()?)));
    image.into_iter().chain(films).fold(String::new(), |mut text, (path, hash)| {
        let _ = writeln!(text, "{hash}  {}", name(path));
        text
    })
}
