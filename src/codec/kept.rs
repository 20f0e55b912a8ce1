//! Frames that are kept, and the pieces that they are written in.

use bytes::Bytes;

use super::frame::Payload;

/// The bytes of a frame that is kept. Pictures lie where they were gathered.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Kept {
    data: Bytes,
    units: Option<Box<Units>>,
}

/// How the NAL units of a frame lie in it, as in [`Payload::Nals`].
#[derive(Clone, PartialEq, Eq, Debug)]
struct Units {
    nals: Vec<(u32, u32)>,
    /// The length of each, as it is written.
    lengths: Vec<[u8; 4]>,
    sets: Vec<u8>,
    sets_at: usize,
}

/// A piece of a frame.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// Bytes, which are copied.
    Bytes(&'a [u8]),
    /// A range of bytes that others keep too; a long one need not be copied.
    Shared(&'a Bytes, u32, u32),
}

impl<'a> Piece<'a> {
    /// Its bytes.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Shared(all, from, to) => all.get(from as usize..to as usize).unwrap_or_default(),
        }
    }
}

impl Kept {
    /// The frame as it came.
    #[must_use]
    pub fn payload(&self) -> Payload<'_> {
        match self.units.as_deref() {
            None => Payload::Gathered(&self.data),
            Some(Units { nals, sets, sets_at, .. }) => {
                Payload::Nals { data: &self.data, nals, sets, sets_at: *sets_at }
            }
        }
    }

    /// The frame in one piece, where it is.
    #[must_use]
    pub fn plain(&self) -> Option<&[u8]> {
        self.units.is_none().then_some(&self.data[..])
    }

    /// The frame as one piece, where it is.
    #[must_use]
    pub fn piece(&self) -> Option<Piece<'_>> {
        let length = u32::try_from(self.data.len()).ok()?;
        self.units.is_none().then_some(Piece::Shared(&self.data, 0, length))
    }

    /// The frame in pieces, as [`Payload::append_to`] puts them together.
    #[must_use]
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        let Some(Units { nals, lengths, sets, sets_at }) = self.units.as_deref() else {
            return vec![self.piece().unwrap_or(Piece::Bytes(&self.data))];
        };
        let mut pieces = Vec::with_capacity(2 * nals.len() + 1);
        for (n, ((from, to), length)) in nals.iter().zip(lengths).enumerate() {
            if n == *sets_at {
                pieces.push(Piece::Bytes(sets));
            }
            pieces.extend([Piece::Bytes(length), Piece::Shared(&self.data, *from, *to)]);
        }
        pieces
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn memory(&self) -> usize {
        let units =
            self.units.as_ref().map_or(0, |units| size_of::<Units>() + units.nals.len() * 12 + units.sets.len());
        self.data.len() + units
    }
}

impl From<Vec<u8>> for Kept {
    fn from(bytes: Vec<u8>) -> Self {
        Self { data: bytes.into(), units: None }
    }
}

impl From<Payload<'_>> for Kept {
    fn from(payload: Payload<'_>) -> Self {
        let (data, nals, sets, sets_at) = match payload {
            Payload::Bytes(bytes) => return Self::from(bytes.to_vec()),
            Payload::Gathered(data) => return Self { data: Bytes::clone(data), units: None },
            Payload::Nals { data, nals, sets, sets_at } => (Bytes::clone(data), nals.to_vec(), sets.to_vec(), sets_at),
        };
        let length = |(from, to): &(u32, u32)| to.saturating_sub(*from).to_be_bytes();
        let lengths = nals.iter().map(length).collect();
        Self { data, units: Some(Box::new(Units { nals, lengths, sets, sets_at })) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_frame_in_pieces_too() {
        let data = Bytes::from_static(b"\0\0\x01first\0\0\x01second");
        let nals = [(3, 8), (11, 17)];
        let whole = |payload: Payload<'_>| {
            let mut bytes = Vec::new();
            payload.append_to(&mut bytes);
            bytes
        };
        for (sets, sets_at) in [(&b"\0\0\0\x03set"[..], 0), (b"\0\0\0\x03set", 1), (b"", 0)] {
            let payload = Payload::Nals { data: &data, nals: &nals, sets, sets_at };
            let kept = Kept::from(payload);
            assert_eq!(whole(kept.payload()), whole(payload));
            let pieces: Vec<u8> = kept.pieces().iter().flat_map(|piece| piece.bytes()).copied().collect();
            assert_eq!(pieces, whole(payload));
            assert!(kept.plain().is_none() && kept.memory() > data.len());
        }
        let kept = Kept::from(Payload::Bytes(b"sound"));
        assert_eq!((kept.plain(), kept.pieces().len()), (Some(&b"sound"[..]), 1));
        let kept = Kept::from(Payload::Gathered(&data));
        assert_eq!(whole(kept.payload()), data);
        // Its bytes are those of the frame, not a copy.
        assert!(kept.pieces().iter().map(|piece| piece.bytes().as_ptr()).eq([data.as_ptr()]));
    }
}
