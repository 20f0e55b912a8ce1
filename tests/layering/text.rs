//! Rust source as words: enough of its grammar to tell code from comments and literals.

/// The text with every comment and every string, byte and character literal turned to spaces. Lines stay lines.
pub(crate) fn blank(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    out
}

/// Where the comment or literal that starts here ends; `at` when none does.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = |ahead: usize| chars.get(at + ahead).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(chars[at - 1]);
    match chars[at] {
        '/' if next(1) == '/' => (at..chars.len()).find(|i| chars[*i] == '\n').unwrap_or(chars.len()),
        '/' if next(1) == '*' => block_comment_end(chars, at),
        '"' => string_end(chars, at),
        'r' if !in_word || matches!(chars[at - 1], 'b' | 'c') => raw_string_end(chars, at),
        '\'' => char_end(chars, at),
        _ => at,
    }
}

/// Block comments nest (Rust reference, "Comments").
fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    i
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

/// `r"…"`, `r#"…"#` and so on; `at` when this `r` starts a word.
fn raw_string_end(chars: &[char], at: usize) -> usize {
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + 1 + hashes) != Some(&'"') {
        return at;
    }
    let closes = |i: usize| chars[i] == '"' && (1..=hashes).all(|ahead| chars.get(i + ahead) == Some(&'#'));
    (at + 2 + hashes..chars.len()).find(|i| closes(*i)).map_or(chars.len(), |i| i + 1 + hashes)
}

/// A character, not a lifetime: it is closed behind one character or one escape.
fn char_end(chars: &[char], at: usize) -> usize {
    match (chars.get(at + 1), chars.get(at + 2)) {
        // What is escaped may itself be a quote.
        (Some('\\'), _) => (at + 3..chars.len()).find(|i| chars[*i] == '\'').map_or(chars.len(), |i| i + 1),
        (Some(_), Some('\'')) => at + 3,
        _ => at,
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words and signs of blanked text, each with its line, counted from 1. `::` is one sign.
pub(crate) fn tokens(blanked: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (number, line) in blanked.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, behind) = rest.split_at(length);
            tokens.push((number + 1, token));
            rest = behind.trim_start();
        }
    }
    tokens
}

#[test]
fn comments_and_literals_are_no_code() {
    let words = |source: &str| {
        let blanked = blank(source);
        assert_eq!(blanked.lines().count(), source.lines().count());
        tokens(&blanked).iter().map(|(_, token)| *token).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(words("a // b\nc /* d /* e\n */ f */ g"), "a c g");
    assert_eq!(words(r#"a "b \" c" d"#), "a d");
    assert_eq!(words(r##"a r#"b " c"# d b"e" br"f\" g"##), "a d b b g");
    assert_eq!(words(r"a 'b' '\'' '\n' '\u{1F}' c"), "a c");
    assert_eq!(
        words("fn f<'a>(x: &'a str, y: &'static u8) {}"),
        "fn f < ' a > ( x : & ' a str , y : & ' static u8 ) { }"
    );
    assert_eq!(words("r#type bar\"x\""), "r # type bar");
    assert_eq!(words("\"unterminated\nuse crate::x;"), "");
}
