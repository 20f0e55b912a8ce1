//! Where pairs of caption bytes lie among coded pictures: user data of MPEG-2 groups of pictures as on DVD, and those of
//! ATSC A/53 (part 4, 6.2.3), which H.264 and HEVC have in SEI messages too.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::codec::Payload;
use crate::codec::video::nal::rbsp;

static START_CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(&[0, 0, 1]));
const USER_DATA: u8 = 0xB2;
const DVD: [u8; 4] = [b'C', b'C', 1, 0xF8];
const ATSC: [u8; 5] = [b'G', b'A', b'9', b'4', 3];
/// In front of the same in an SEI message: United States, ATSC (ITU-T T.35).
const T35_ATSC: [u8; 3] = [0xB5, 0x00, 0x31];
const SEI_T35: u32 = 4;
/// Bytes of an SEI unit that are looked at: captions of a picture take 70.
const SEI_BYTES: usize = 4096;
/// Most pairs of a group of pictures: a second of both fields is 60.
const MOST_PAIRS: usize = 256;

/// A field of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The first.
    First,
    /// The second.
    Second,
}

/// Two bytes of line 21, each with its parity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The field that they are in.
    pub field: Field,
    /// The bytes.
    pub bytes: [u8; 2],
}

/// What the pairs of one unit belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// All pictures of the group that begins with it, in the order in which they are shown, a frame each.
    Group,
    /// One picture.
    Picture,
}

/// How a stream carries user data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    /// Units with start codes.
    Mpeg,
    /// SEI messages of H.264.
    Avc,
    /// SEI messages of HEVC.
    Hevc,
}

/// The pairs in the bytes of one or more units of MPEG-1 or MPEG-2 video; the first unit may be cut in front, the last
/// behind.
#[must_use]
pub fn of_units(data: &[u8]) -> Option<(Scope, Vec<Pair>)> {
    let mut found: Option<(Scope, Vec<Pair>)> = None;
    let mut codes = START_CODE.find_iter(data).peekable();
    while let Some(at) = codes.next() {
        if data.get(at + 3) == Some(&USER_DATA) {
            let end = codes.peek().copied().unwrap_or(data.len());
            add(&mut found, of_body(data.get(at + 4..end).unwrap_or_default()));
        }
    }
    found
}

/// The pairs in a coded picture.
pub(crate) fn of_picture(carrier: Carrier, payload: &Payload<'_>) -> Option<(Scope, Vec<Pair>)> {
    let (data, nals) = match payload {
        Payload::Bytes(bytes) => return (carrier == Carrier::Mpeg).then(|| of_units(bytes)).flatten(),
        Payload::Gathered(bytes) => return (carrier == Carrier::Mpeg).then(|| of_units(bytes)).flatten(),
        Payload::Nals { data, nals, .. } => (data, nals),
    };
    let mut found = None;
    let mut rbsp = Vec::new();
    for (from, to) in *nals {
        let unit = data.get(*from as usize..*to as usize).unwrap_or_default();
        let body = match (carrier, unit) {
            (Carrier::Avc, [head, body @ ..]) if head & 0x1F == 6 => body,
            (Carrier::Hevc, [head, _, body @ ..]) if head >> 1 & 0x3F == 39 => body,
            _ => continue,
        };
        rbsp::unescape(body, SEI_BYTES, &mut rbsp);
        for (kind, message) in rbsp::sei_messages(&rbsp) {
            if kind == SEI_T35
                && let Some(body) = message.strip_prefix(&T35_ATSC)
            {
                add(&mut found, of_body(body));
            }
        }
    }
    found
}

/// Both fields of a picture may have units of their own. Where a stream has both kinds, a unit counts that came first.
fn add(found: &mut Option<(Scope, Vec<Pair>)>, more: Option<(Scope, Vec<Pair>)>) {
    let Some((scope, pairs)) = more else { return };
    match found {
        None => *found = Some((scope, pairs)),
        Some((known, all)) if *known == scope && all.len() < MOST_PAIRS => all.extend(pairs),
        Some(_) => {}
    }
}

fn of_body(body: &[u8]) -> Option<(Scope, Vec<Pair>)> {
    if let Some(rest) = body.strip_prefix(&DVD) {
        return Some((Scope::Group, of_dvd(rest.get(1..)?)));
    }
    let (flags, rest) = body.strip_prefix(&ATSC)?.split_first()?;
    // process_cc_data_flag; behind the count lies a byte that means nothing.
    let has_pairs = flags & 0x40 != 0;
    has_pairs.then(|| (Scope::Picture, of_atsc(usize::from(flags & 0x1F), rest.get(1..).unwrap_or_default())))
}

/// Behind a byte with a count, which is not always right: for each field a byte that marks it, and two of its line.
fn of_dvd(data: &[u8]) -> Vec<Pair> {
    let pair = |triple: &[u8]| match triple {
        [0xFF, a, b] => Some(Pair { field: Field::First, bytes: [*a, *b] }),
        [0xFE, a, b] => Some(Pair { field: Field::Second, bytes: [*a, *b] }),
        _ => None,
    };
    data.chunks_exact(3).map_while(pair).take(MOST_PAIRS).collect()
}

fn of_atsc(count: usize, data: &[u8]) -> Vec<Pair> {
    let pair = |triple: &[u8]| match triple {
        // cc_valid and cc_type: those of line 21.
        [mark, a, b] if mark & 0x07 == 4 => Some(Pair { field: Field::First, bytes: [*a, *b] }),
        [mark, a, b] if mark & 0x07 == 5 => Some(Pair { field: Field::Second, bytes: [*a, *b] }),
        _ => None,
    };
    data.chunks_exact(3).take(count).filter_map(pair).collect()
}

#[cfg(test)]
#[path = "tests/user_data.rs"]
mod tests;
