//! Commands of the person's, run by `sh` with what is known of the disc in their environment.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use crate::os::durable;

use super::disc::place::Place;
use super::error::Trouble;
use super::report::Ripped;

/// Runs a command and waits for its end. What it prints goes to standard error: standard output is the report's.
///
/// # Errors
/// [`Trouble::Command`]: it cannot be run, or ends otherwise than with 0.
pub(super) fn run(
    option: &'static str,
    command: &OsStr,
    ripped: &Ripped,
    place: Option<&Place>,
    exit_code: u8,
) -> Result<(), Trouble> {
    let failed = |how: String| Trouble::Command { option, how };
    let output = io::stderr().as_fd().try_clone_to_owned().map_or_else(|_| Stdio::null(), Stdio::from);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(output).envs(facts(ripped, place, exit_code));
    let status = shell.status().map_err(|e| failed(e.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}

/// What is told to a command.
fn facts(ripped: &Ripped, place: Option<&Place>, exit_code: u8) -> Vec<(&'static str, OsString)> {
    let text = |text: &Option<String>| OsString::from(text.clone().unwrap_or_default());
    let of_place = |file: &dyn Fn(&Place) -> OsString| place.map(file).unwrap_or_default();
    let image = ripped.image.clone().unwrap_or_default();
    let map = if image.as_os_str().is_empty() { OsString::new() } else { durable::beside(&image, ".map").into() };
    let missing = ripped.imaged().map(|report| report.totals.missing_bytes().to_string());
    let films: Vec<&str> = ripped.films.iter().map(|film| film.path.as_str()).collect();
    let message = ripped.errors.first().map(|error| error.message.clone());
    vec![
        ("FREEMKV_SOURCE", ripped.source.clone().into()),
        ("FREEMKV_FOLDER", of_place(&|place| place.folder.clone().into())),
        ("FREEMKV_LABEL", text(&ripped.label)),
        ("FREEMKV_NAME", text(&ripped.name)),
        ("FREEMKV_MEDIA", ripped.media.map_or("", crate::base::media::Media::name).into()),
        ("FREEMKV_FINGERPRINT", text(&ripped.fingerprint)),
        ("FREEMKV_IMAGE", image.into()),
        ("FREEMKV_MAP", map),
        ("FREEMKV_MISSING_BYTES", text(&missing)),
        ("FREEMKV_FILMS", films.join("\n").into()),
        ("FREEMKV_REPORT", of_place(&|place| place.folder.join("report.json").into())),
        ("FREEMKV_SKIPPED", if ripped.skipped { "1" } else { "0" }.into()),
        ("FREEMKV_MESSAGE", text(&message)),
        ("FREEMKV_EXIT_CODE", exit_code.to_string().into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_knows_the_disc_and_its_end_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("said");
        let ripped = Ripped { label: Some("THE 'CAT'".into()), ..Ripped::of("/dev/sr0") };
        let command =
            format!("printf '%s|' \"$FREEMKV_LABEL\" \"$FREEMKV_EXIT_CODE\" \"$FREEMKV_IMAGE\" > {}", path.display());
        run("--on-done", command.as_ref(), &ripped, None, 3).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "THE 'CAT'|3||");
        let failed = run("--on-done", "exit 7".as_ref(), &ripped, None, 0);
        assert!(matches!(failed, Err(Trouble::Command { how, .. }) if how.contains('7')));
    }
}
