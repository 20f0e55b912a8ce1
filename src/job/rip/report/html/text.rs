//! Text of discs in HTML.

/// Text that no browser takes for anything else, and that reorders nothing behind it.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in crate::base::human::printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_on_a_disc_becomes_an_element() {
        assert_eq!(escaped("<script>\"a\" & 'b'\n"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;?");
    }
}
