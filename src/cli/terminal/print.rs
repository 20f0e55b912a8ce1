//! Standard output.

use std::io::{self, Write as _};
use std::sync::OnceLock;

use serde::Serialize;

use super::super::exit::CliError;

/// The first error of writing to standard output.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// One line on standard output. That it cannot be written ends nothing, but is [remembered](unwritten): the work goes on,
/// and the exit code tells in the end.
pub(crate) fn print(line: &str) {
    print_by(|out| writeln!(out, "{line}"));
}

/// A line of JSON on standard output, as [`print()`]; the text is never in memory as a whole.
pub(crate) fn print_json(value: &impl Serialize) {
    print_by(|out| {
        serde_json::to_writer(&mut *out, value)?;
        writeln!(out)
    });
}

/// Bytes on standard output, as [`print()`].
pub(crate) fn print_bytes(bytes: &[u8]) {
    print_by(|out| out.write_all(bytes));
}

/// Whatever `write` writes on standard output, as [`print()`].
pub(crate) fn print_by(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) {
    let mut out = io::BufWriter::new(io::stdout().lock());
    if let Err(error) = write(&mut out).and_then(|()| out.flush()) {
        let _ = UNWRITTEN.set(error);
    }
}

/// Why something that was printed did not arrive.
pub(crate) fn unwritten() -> Option<CliError> {
    let error = UNWRITTEN.get()?;
    Some(CliError::StandardOutput(io::Error::new(error.kind(), error.to_string())))
}
