//! Lines that are longer than a terminal is wide.

/// Columns that a text takes at most: what is no ASCII may be wide.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// The same text with no line longer than `width` columns, as far as its words are no longer. What a line is carried on with is
/// set in by two columns more than its beginning.
pub(super) fn lines(text: &str, width: usize) -> String {
    text.split('\n').map(|line| wrapped(line, width)).collect::<Vec<_>>().join("\n")
}

fn wrapped(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let text = line.trim_start_matches(' ');
    let indent = (line.len() - text.len()).min(width / 2);
    words(text.split(' '), " ", (indent, (indent + 2).min(width / 2)), width)
}

/// Words put into lines of `width` columns, with `between` behind each but the last of all; the first line and the others begin
/// behind so many columns.
pub(super) fn words<'a>(
    words: impl IntoIterator<Item = &'a str>,
    between: &str,
    (first, other): (usize, usize),
    width: usize,
) -> String {
    // What stays at the end of a line, such as a comma.
    let behind = columns(between.trim_end());
    let mut out = " ".repeat(first);
    let (mut used, mut is_begun) = (first, false);
    for word in words {
        let length = columns(word);
        if is_begun {
            out.push_str(between);
            used += columns(between);
        }
        if is_begun && used + length + behind > width {
            out.truncate(out.trim_end().len());
            out.push('\n');
            out.push_str(&" ".repeat(other));
            used = other;
        }
        out.push_str(word);
        used += length;
        is_begun = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_line_goes_on_set_in() {
        assert_eq!(lines("short\n  one two three four", 12), "short\n  one two\n    three\n    four");
        assert_eq!(lines("averylongword it is", 8), "averylongword\n  it is");
        assert_eq!(words(["1234", "1234", "1"], ", ", (0, 0), 10), "1234,\n1234, 1", "commas need room, too");
        assert_eq!(words(["AC-3 eng", "AC-3 fre", "PGS"], ", ", (0, 4), 20), "AC-3 eng, AC-3 fre,\n    PGS");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_is_too_long(text in "( {1,3}[a-zé]{1,4}){1,20}", width in 20usize..80) {
            let told = lines(&text, width);
            prop_assert!(told.lines().all(|line| columns(line) <= width), "{told}");
            prop_assert_eq!(told.split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());
        }
    }
}
