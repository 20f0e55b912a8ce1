//! OSTA compressed Unicode (UDF 2.1.1).

/// Characters of `bytes`: a compression id, then 8 or 16 bits a character. 254 and 255 mark names whose
/// characters were replaced to keep them unique. `None` for another id.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let (id, text) = match bytes.split_first() {
        None => return Some(String::new()),
        Some((id, text)) => (*id, text),
    };
    match id {
        8 | 254 => Some(text.iter().map(|b| char::from(*b)).collect()),
        16 | 255 => {
            let units = text.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

/// A string in a field of fixed size, whose last byte counts the bytes used (UDF 2.1.3). What cannot be
/// understood is empty: such fields name a volume and decide nothing.
pub(super) fn decode_field(field: &[u8]) -> String {
    let Some((length, text)) = field.split_last() else { return String::new() };
    let used = text.get(..usize::from(*length)).unwrap_or_default();
    decode(used).unwrap_or_default().trim_end_matches(['\0', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_widths_are_read() {
        assert_eq!(decode(&[8, b'B', 0xe9]).as_deref(), Some("Bé"));
        assert_eq!(decode(&[16, 0x30, 0xc6, 0xd8, 0x3c, 0xdf, 0xac]).as_deref(), Some("テ🎬"));
        assert_eq!(decode(&[16, 0xd8, 0x3c, 0]).as_deref(), Some("\u{fffd}"));
        assert_eq!(decode(&[7, 1]), None);
    }

    #[test]
    fn a_field_that_counts_too_much_is_empty() {
        assert_eq!(decode_field(&[8, b'D', b'V', b'D', 0, 0, 4]), "DVD");
        assert_eq!(decode_field(&[8, b'D', 200]), "");
        assert_eq!(decode_field(&[]), "");
    }
}
