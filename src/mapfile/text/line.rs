//! From bytes to the lines and numbers of a map, by the rules of GNU ddrescue 1.27.

/// Bytes of a line that count; what lies behind them is dropped, not an error.
const KEPT: usize = 127;

/// Bytes of a comment that count: ddrescue reads none.
const KEPT_OF_COMMENT: usize = 255;

/// Space as ddrescue sees it: also what a form feed or a Windows line end leaves behind.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}

/// A part of the text that means something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    /// A line with something besides blanks and comments. No leading blanks; at most 127 bytes.
    Text(&'a [u8]),
    /// A comment that begins its line, without the `#`; at most 255 bytes.
    Comment(&'a [u8]),
}

/// Cuts a stream of bytes into lines; keeps one line, however long it is, in little memory.
#[derive(Debug)]
pub(super) struct Lines {
    number: u64,
    kept: [u8; KEPT_OF_COMMENT],
    len: usize,
    comment: bool,
    after_blank: bool,
    /// A comment began where the line did, so `kept` holds the comment.
    whole: bool,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { number: 1, kept: [0; KEPT_OF_COMMENT], len: 0, comment: false, after_blank: true, whole: false }
    }

    /// Number of the line that was handed out last or is being read, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Takes the next bytes; hands each finished line to `take` with its number.
    pub(super) fn feed<E>(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(u64, Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for &byte in bytes {
            if byte == b'\n' {
                self.finish(take)?;
                self.number += 1;
            } else {
                self.push(byte);
            }
        }
        Ok(())
    }

    /// Hands out the line that no line end has closed yet.
    pub(super) fn finish<E>(&mut self, take: &mut impl FnMut(u64, Line<'_>) -> Result<(), E>) -> Result<(), E> {
        let text = &self.kept[..self.len];
        let result = match (self.whole, text.is_empty()) {
            (true, _) => take(self.number, Line::Comment(text)),
            (false, false) => take(self.number, Line::Text(text)),
            (false, true) => Ok(()),
        };
        (self.len, self.comment, self.after_blank, self.whole) = (0, false, true, false);
        result
    }

    fn push(&mut self, byte: u8) {
        let blank = is_blank(byte);
        if !self.comment {
            // `#` inside a word is a character like any other.
            if byte == b'#' && self.after_blank {
                (self.comment, self.whole) = (true, self.len == 0);
                return;
            }
            self.after_blank = blank;
        }
        let wanted = if self.comment { self.whole } else { self.len > 0 || !blank };
        let most = if self.comment { KEPT_OF_COMMENT } else { KEPT };
        if wanted && self.len < most {
            self.kept[self.len] = byte;
            self.len += 1;
        }
    }
}

/// A number as it stands in a map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Number {
    /// From -(2^63 - 1) to 2^63 - 1.
    Value(i64),
    /// Farther from zero than that.
    TooLarge,
}

/// Reads fields one behind the other, as C's `scanf` does: blanks before a field do not matter and
/// a field ends where a character no longer fits, so `0x800+` is a number and a status.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `line`, which ends at its first zero byte.
    pub(super) fn new(line: &'a [u8]) -> Self {
        Self { rest: line.split(|&b| b == 0).next().unwrap_or_default() }
    }

    /// The next character that is no blank.
    pub(super) fn symbol(&mut self) -> Option<char> {
        self.skip_blanks();
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(char::from(first))
    }

    /// A number: decimal, `0x` hexadecimal or, with a leading zero, octal. `0x` alone is 0.
    pub(super) fn number(&mut self) -> Option<Number> {
        let negative = self.sign();
        let mut radix = 10;
        let mut any = false;
        if self.rest.first() == Some(&b'0') {
            (radix, any) = (8, true);
            self.rest = &self.rest[1..];
            if matches!(self.rest.first(), Some(b'x' | b'X')) {
                radix = 16;
                self.rest = &self.rest[1..];
            }
        }
        self.digits(radix, any, negative)
    }

    /// A decimal number.
    pub(super) fn decimal(&mut self) -> Option<Number> {
        let negative = self.sign();
        self.digits(10, false, negative)
    }

    fn sign(&mut self) -> bool {
        self.skip_blanks();
        let negative = self.rest.first() == Some(&b'-');
        if negative || self.rest.first() == Some(&b'+') {
            self.rest = &self.rest[1..];
        }
        negative
    }

    fn digits(&mut self, radix: u32, mut any: bool, negative: bool) -> Option<Number> {
        let mut value: Option<i64> = Some(0);
        while let Some((&first, rest)) = self.rest.split_first() {
            let Some(digit) = char::from(first).to_digit(radix) else { break };
            value = value.and_then(|v| v.checked_mul(i64::from(radix))?.checked_add(i64::from(digit)));
            self.rest = rest;
            any = true;
        }
        any.then(|| value.map_or(Number::TooLarge, |v| Number::Value(if negative { -v } else { v })))
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.iter().take_while(|&&b| is_blank(b)).count();
        self.rest = &self.rest[blanks..];
    }
}
