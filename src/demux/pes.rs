//! The head of a PES packet (ISO/IEC 13818-1, 2.4.3.6).

use super::timestamp;
use crate::base::bytes::{Bytes, Short};
use crate::base::time::Ticks90;

/// Bytes of the longest head: nine fixed ones and a header data field of up to 255.
pub const LONGEST_HEAD: usize = 9 + 255;

/// What the head of a PES packet says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PesHead {
    /// Byte in the file of the transport packet that it begins in; as parsed 0.
    pub position: u64,
    /// `stream_id`: 0xE0–0xEF video, 0xBD private stream 1, 0xFD extended.
    pub stream_id: u8,
    /// `stream_id_extension`: tells streams of one PID apart. 0x72 is TrueHD and 0x76 its AC-3,
    /// 0x71 is a DTS core and 0x72 its extension, 0x55–0x5F is VC-1.
    pub extension: Option<u8>,
    /// Presentation time; as parsed 33 bits, from the demultiplexer unwrapped.
    pub pts: Option<Ticks90>,
    /// Decoding time, where it differs from the presentation time.
    pub dts: Option<Ticks90>,
    /// `data_alignment_indicator`: the payload begins with the start of an access unit.
    pub aligned: bool,
    /// Payload bytes of a packet with a declared length. `None`: it lasts until the next one begins,
    /// as every video packet does (long pictures do not fit the 16-bit length, so it is not looked at there).
    pub payload_bytes: Option<u32>,
}

/// Result of looking at the first bytes of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parsed {
    /// The head, and how many bytes it takes.
    Head(PesHead, usize),
    /// The head is longer than the bytes at hand.
    Incomplete,
    /// A packet without elementary stream: padding, directories, stream maps.
    NoStream,
    /// No PES packet begins here.
    Invalid,
}

/// Parses the head at the start of `data`.
#[must_use]
pub fn parse(data: &[u8]) -> Parsed {
    match fixed(data) {
        Ok(parsed) => parsed,
        Err(_) if data.len() < LONGEST_HEAD => Parsed::Incomplete,
        Err(_) => Parsed::Invalid,
    }
}

fn fixed(data: &[u8]) -> Result<Parsed, Short> {
    let mut bytes = Bytes::new(data);
    let prefix = data.get(..3).unwrap_or(data);
    if prefix != &[0, 0, 1][..prefix.len()] {
        return Ok(Parsed::Invalid);
    }
    bytes.skip(3)?;
    let stream_id = bytes.u8()?;
    let length = u32::from(bytes.u16_be()?);
    if matches!(stream_id, 0xBC | 0xBE | 0xBF | 0xF0..=0xF2 | 0xF8 | 0xFF) {
        return Ok(Parsed::NoStream);
    }
    let [flags, fields, header_length] = bytes.array()?;
    if flags & 0xC0 != 0x80 {
        return Ok(Parsed::Invalid);
    }
    let mut header = bytes.sub(usize::from(header_length))?;
    let mut head = PesHead {
        position: 0,
        stream_id,
        extension: None,
        pts: None,
        dts: None,
        aligned: flags & 0x04 != 0,
        payload_bytes: None,
    };
    // A header field that runs past the declared length leaves the rest unset: the packet is still good.
    let _ = optional_fields(&mut header, fields, &mut head);
    let video = matches!(stream_id, 0xE0..=0xEF) || matches!(head.extension, Some(0x55..=0x5F));
    if !video {
        // A length without room for the head itself is a lie.
        head.payload_bytes = length.checked_sub(3 + u32::from(header_length));
    }
    Ok(Parsed::Head(head, bytes.position()))
}

fn optional_fields(header: &mut Bytes<'_>, fields: u8, head: &mut PesHead) -> Result<(), Short> {
    if fields & 0x80 != 0 {
        head.pts = Some(timestamp::read(header.array()?));
        if fields & 0x40 != 0 {
            head.dts = Some(timestamp::read(header.array()?));
        }
    }
    for (bit, size) in [(0x20, 6), (0x10, 3), (0x08, 1), (0x04, 1), (0x02, 2)] {
        if fields & bit != 0 {
            header.skip(size)?;
        }
    }
    if fields & 0x01 == 0 {
        return Ok(());
    }
    let extension = header.u8()?;
    if extension & 0x80 != 0 {
        header.skip(16)?;
    }
    if extension & 0x40 != 0 {
        let pack_header = header.u8()?;
        header.skip(usize::from(pack_header))?;
    }
    for bit in [0x20, 0x10] {
        if extension & bit != 0 {
            header.skip(2)?;
        }
    }
    if extension & 0x01 != 0 && header.u8()? & 0x7F != 0 {
        let id = header.u8()?;
        head.extension = (id & 0x80 == 0).then_some(id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn truehd_head_gives_stamp_and_extension() {
        let data = [0, 0, 1, 0xFD, 0x00, 0x20, 0x84, 0x81, 8, 0x21, 0, 5, 0xBF, 0x21, 0x0F, 0x81, 0x72, 0xAA];
        let Parsed::Head(head, size) = parse(&data) else { panic!("no head") };
        assert_eq!(size, 17);
        assert_eq!(head.stream_id, 0xFD);
        assert_eq!(head.extension, Some(0x72));
        assert_eq!(head.pts, Some(Ticks90::SECOND));
        assert_eq!(head.dts, None);
        assert!(head.aligned);
        assert_eq!(head.payload_bytes, Some(0x20 - 3 - 8));
    }

    #[test]
    fn video_lasts_until_the_next_packet_whatever_its_length_says() {
        let data = [0, 0, 1, 0xE0, 0x10, 0x20, 0x80, 0xC0, 10, 0x31, 0, 5, 0xBF, 0x21, 0x11, 0, 5, 0xBF, 0x21];
        let Parsed::Head(head, _) = parse(&data) else { panic!("no head") };
        assert_eq!((head.pts, head.dts, head.payload_bytes), (Some(Ticks90::SECOND), Some(Ticks90::SECOND), None));
    }

    #[test]
    fn says_when_it_is_no_packet_or_not_yet_one() {
        assert_eq!(parse(&[0, 0]), Parsed::Incomplete);
        assert_eq!(parse(&[0, 0, 1, 0xE0, 0, 0, 0x80]), Parsed::Incomplete);
        assert_eq!(parse(&[0, 1]), Parsed::Invalid);
        assert_eq!(parse(&[0, 0, 1, 0xE0, 0, 0, 0x00, 0, 0]), Parsed::Invalid);
        assert!(
            matches!(parse(&[0, 0, 1, 0xBD, 0, 4, 0x80, 0, 2, 0, 0]), Parsed::Head(h, 11) if h.payload_bytes.is_none())
        );
        assert_eq!(parse(&[0, 0, 1, 0xBE, 0, 4]), Parsed::NoStream);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail(mut data in prop::collection::vec(any::<u8>(), 0..300)) {
            for (byte, value) in data.iter_mut().zip([0, 0, 1, 0xFD]) { *byte = value; }
            if let Parsed::Head(_, size) = parse(&data) { prop_assert!(size <= data.len()); }
        }
    }
}
