//! What lies at a place of an image.

/// What an image holds at a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Lies {
    /// Bytes that were written.
    Data,
    /// Zeros, by a mark that says so.
    Zero,
    /// Nothing was ever written there; it reads as zeros.
    Hole,
    /// The image has ended.
    End,
}
