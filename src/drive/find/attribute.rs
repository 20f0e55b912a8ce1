//! Attributes of devices in `/sys`.

use std::fs;
use std::path::Path;

use crate::base::human::printable;

/// Bytes of one attribute; a page is the most there is.
const ATTRIBUTE_MAX: usize = 4096;

/// One attribute as text, trimmed; empty when there is none.
pub(super) fn attribute(path: &Path) -> String {
    let bytes = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes.get(..ATTRIBUTE_MAX).unwrap_or(&bytes)).into_owned();
    printable(text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0'))
}
