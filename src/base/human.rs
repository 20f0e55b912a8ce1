//! Sizes, durations and foreign text as people read and write them.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Serialize, Serializer};

/// `1.5 GiB`, `64 KiB`, `12 bytes`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} {}", if count == 1 { "byte" } else { "bytes" });
    }
    let mut value = count as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would be printed as 1024.0.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = if value < 99.95 { 1 } else { 0 };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// `42 s`, `3 min 20 s`, `2 h 5 min`.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `1 track`, `2 tracks`: how many, with the word for one or for several.
#[must_use]
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, several: &str) -> String {
    format!("{count} {}", if count == N::from(1) { one } else { several })
}

/// A sentence without the numbers that the standard library puts behind what the system says: `Permission denied (os error
/// 13)`. What has no words has its number there too: `Unknown error 523`.
#[must_use]
pub fn without_error_numbers(text: &str) -> String {
    const HEAD: &str = " (os error ";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(HEAD) {
        out.push_str(before);
        rest = match behind.split_once(')') {
            Some((number, behind)) if number.parse::<u32>().is_ok() => behind,
            _ => {
                out.push_str(HEAD);
                behind
            }
        };
    }
    out + rest
}

/// A place in a film: `1:02:03.4`. One before its start is the start.
#[must_use]
pub fn clock(seconds: f64) -> String {
    // Tenths, rounded once, so that no 60.0 seconds are shown.
    let tenths = (seconds.max(0.0) * 10.0).round();
    let minutes = (tenths / 600.0).floor();
    format!("{}:{:02}:{:04.1}", (minutes / 60.0).floor(), minutes % 60.0, (tenths % 600.0) / 10.0)
}

/// Reads a size: a whole number, or one with `KiB MiB GiB kB MB GB` or `s` (sectors of 2048 bytes).
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim_start() {
        "" => 1,
        "s" => 2048,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(format!("'{text}' is no size: use a whole number, alone or with KiB MiB GiB kB MB GB s")),
    };
    let number: u64 = number.parse().map_err(|_| format!("'{text}' is no size: it must begin with a whole number"))?;
    number.checked_mul(factor).ok_or_else(|| format!("'{text}' is too large"))
}

/// Reads a duration: a whole number followed by `s`, `m` or `h`.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(format!("'{text}' is no duration: write it as 90s, 15m or 2h")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("'{text}' is no duration: it must begin with a whole number"))?;
    number.checked_mul(factor).map(Duration::from_secs).ok_or_else(|| format!("'{text}' is too long"))
}

/// Text from a disc, a drive or a map, made safe for a terminal: control characters become `?`,
/// and so do characters that reorder or hide what follows them.
#[must_use]
pub fn printable(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hidden(c) { '?' } else { c }).collect()
}

/// For `serialize_with`: a path as text. Names of files need not be UTF-8, JSON must; what is not becomes U+FFFD.
///
/// # Errors
/// What the serializer says.
pub fn path_text<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// The same for an optional path and for a list of them.
///
/// # Errors
/// What the serializer says.
pub fn paths_text<S: Serializer, P: TextPaths>(paths: &P, serializer: S) -> Result<S::Ok, S::Error> {
    paths.text().serialize(serializer)
}

/// What [`paths_text`] takes.
pub trait TextPaths {
    /// The same with text in the place of each path.
    type Text: Serialize;
    /// Makes it.
    fn text(&self) -> Self::Text;
}

impl TextPaths for Option<PathBuf> {
    type Text = Option<String>;
    fn text(&self) -> Self::Text {
        self.as_ref().map(|path| path.display().to_string())
    }
}

impl TextPaths for Vec<PathBuf> {
    type Text = Vec<String>;
    fn text(&self) -> Self::Text {
        self.iter().map(|path| path.display().to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_film_are_hours_minutes_seconds() {
        assert_eq!([0.0, 3723.44, 59.96, -1.0].map(clock), ["0:00:00.0", "1:02:03.4", "0:01:00.0", "0:00:00.0"]);
    }

    #[test]
    fn words_of_the_system_need_no_number() {
        let denied = std::io::Error::from_raw_os_error(13);
        let text = format!("a: {denied}; b: {denied}, c (os error of old)");
        assert_eq!(without_error_numbers(&text), "a: Permission denied; b: Permission denied, c (os error of old)");
        assert_eq!(
            (counted(1, "track", "tracks"), counted(0, "track", "tracks")),
            ("1 track".into(), "0 tracks".into())
        );
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(2048), "2.0 KiB");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MiB");
        assert_eq!(bytes(25_025_314_816), "23.3 GiB");
        assert_eq!(bytes(u64::MAX), "16.0 EiB");
        assert_eq!(parse_bytes("16s"), Ok(32768));
        assert_eq!(parse_bytes("2 GiB"), Ok(2 << 30));
        assert_eq!(parse_bytes("1kB"), Ok(1000));
        for bad in ["", "KiB", "1kb", "-1", "1.5GiB", "99999999999GiB"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration(Duration::from_millis(59_900)), "59 s");
        assert_eq!(duration(Duration::from_secs(3700)), "1 h 1 min");
        assert_eq!(parse_duration("15m"), Ok(Duration::from_secs(900)));
        for bad in ["", "15", "m", "1d", "99999999999999999999h"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(printable("A\x1b[31mB\u{202e}C\n"), "A?[31mB?C?");
        assert_eq!(printable("Amélie"), "Amélie");
    }
}
