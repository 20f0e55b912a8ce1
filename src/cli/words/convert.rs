//! The result of a conversion in words.

use crate::base::human::{bytes, printable};
use crate::job::convert::ConvertReport;

/// The report in words.
pub(crate) fn of(report: &ConvertReport) -> String {
    let image = printable(&report.image.to_string_lossy());
    let (size, data) = (bytes(report.size_bytes), bytes(report.data_bytes));
    let mut text = format!("{image}: {size}, {data} of it data, the rest holes; read back and the same");
    if report.bytes_per_second > 0 {
        text.push_str(&format!(", {}/s", bytes(report.bytes_per_second)));
    }
    text.push('.');
    if report.missing_bytes > 0 {
        let missing = bytes(report.missing_bytes);
        text.push_str(&format!("\n  {missing} are missing in {}, as its map says; the map went along.", report.source));
    }
    if !report.durable {
        text.push_str("\n  This file system refuses to sync (fsync): a power cut may take what was written.");
    }
    text
}
