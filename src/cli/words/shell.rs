//! Words of a command that can be pasted into a shell.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use crate::base::human;

/// A name as one word of a shell. What is no text, or would steer the terminal, is written as bytes.
pub(crate) fn word(name: impl AsRef<OsStr>) -> String {
    let name = name.as_ref();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    match name.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if human::printable(text) == text => format!("'{}'", text.replace('\'', "'\\''")),
        _ => {
            let byte = |b: &u8| if plain(char::from(*b)) { char::from(*b).into() } else { format!("\\x{b:02X}") };
            format!("$'{}'", name.as_bytes().iter().map(byte).collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_can_be_pasted() {
        assert_eq!(word("/media/a b/it's.iso"), "'/media/a b/it'\\''s.iso'");
        assert_eq!(word("emu:tests/discs/d.iso,faults=x.plan"), "emu:tests/discs/d.iso,faults=x.plan");
        assert_eq!(word(OsStr::from_bytes(b"a\xFF'b\n")), "$'a\\xFF\\x27b\\x0A'");
    }
}
