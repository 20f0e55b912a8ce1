//! Characters of captions (CTA-608-E, tables 49 to 51).

/// A character of the standard set, 0x20 to 0x7F: ASCII but for ten places.
pub(super) fn standard(byte: u8) -> char {
    match byte {
        0x27 => '’',
        0x2A => 'á',
        0x5C => 'é',
        0x5E => 'í',
        0x5F => 'ó',
        0x60 => 'ú',
        0x7B => 'ç',
        0x7C => '÷',
        0x7D => 'Ñ',
        0x7E => 'ñ',
        0x7F => '█',
        _ => char::from(byte),
    }
}

const SPECIAL: [char; 16] = ['®', '°', '½', '¿', '™', '¢', '£', '♪', 'à', ' ', 'è', 'â', 'ê', 'î', 'ô', 'û'];

/// A special character, by the low four bits of its code. The tenth is a space that one sees the picture through.
pub(super) fn special(code: u8) -> char {
    SPECIAL.get(usize::from(code & 0x0F)).copied().unwrap_or(' ')
}

const SPANISH_AND_FRENCH: [char; 32] = [
    'Á', 'É', 'Ó', 'Ú', 'Ü', 'ü', '‘', '¡', '*', '\'', '—', '©', '℠', '•', '“', '”', 'À', 'Â', 'Ç', 'È', 'Ê', 'Ë', 'ë',
    'Î', 'Ï', 'ï', 'Ô', 'Ù', 'ù', 'Û', '«', '»',
];

const PORTUGUESE_AND_GERMAN: [char; 32] = [
    'Ã', 'ã', 'Í', 'Ì', 'ì', 'Ò', 'ò', 'Õ', 'õ', '{', '}', '\\', '^', '_', '|', '~', 'Ä', 'ä', 'Ö', 'ö', 'ß', '¥', '¤',
    '│', 'Å', 'å', 'Ø', 'ø', '┌', '┐', '└', '┘',
];

/// An extended character, by the low five bits of its code; `is_second` says which of the two sets.
pub(super) fn extended(is_second: bool, code: u8) -> char {
    let set = if is_second { &PORTUGUESE_AND_GERMAN } else { &SPANISH_AND_FRENCH };
    set.get(usize::from(code & 0x1F)).copied().unwrap_or(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_that_are_not_ascii_are_those_of_the_table() {
        let text: String = (0x20..0x80).map(standard).collect();
        let expected =
            " !\"#$%&’()á+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[é]íóúabcdefghijklmnopqrstuvwxyzç÷Ññ█";
        assert_eq!(text, expected);
    }

    #[test]
    fn each_code_of_the_other_sets_has_its_character() {
        assert_eq!((special(0x37), special(0x3F), special(0x39)), ('♪', 'û', ' '));
        assert_eq!((extended(false, 0x20), extended(false, 0x3F)), ('Á', '»'));
        assert_eq!((extended(true, 0x34), extended(true, 0x2D), extended(true, 0x3F)), ('ß', '_', '┘'));
        let all: std::collections::BTreeSet<char> =
            (0..32).flat_map(|c| [extended(false, c), extended(true, c)]).collect();
        assert_eq!(all.len(), 64, "no two are the same");
    }
}
