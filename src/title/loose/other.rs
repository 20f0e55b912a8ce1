//! What a file is that is no transport stream, by its first bytes.

/// The kind of a file, where its first bytes tell.
pub(super) fn kind(head: &[u8]) -> Option<&'static str> {
    let starts = |bytes: &[u8]| head.starts_with(bytes);
    let at = |at: usize, bytes: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(bytes));
    let after_start_code = |head: &[u8]| match head {
        [0, 0, 0, 1, byte, ..] | [0, 0, 1, byte, ..] => Some(*byte),
        _ => None,
    };
    Some(match head {
        [] => "an empty file",
        _ if starts(&[0x1A, 0x45, 0xDF, 0xA3]) => "a Matroska or WebM file",
        _ if at(4, b"ftyp") => "an MP4 file",
        _ if starts(b"RIFF") => "a RIFF file (AVI or WAVE)",
        _ if starts(&[0x30, 0x26, 0xB2, 0x75]) => "an ASF file (WMV)",
        _ if starts(b"FLV") => "a Flash video",
        _ if starts(b"OggS") => "an Ogg file",
        _ if starts(b"fLaC") => "FLAC sound",
        _ if starts(b"MPLS") => "a playlist of a Blu-ray",
        _ if starts(b"HDMV") => "clip information of a Blu-ray",
        _ if starts(b"DVDVIDEO") => "a table of a DVD",
        _ if starts(b"PG") => "a file of PGS subtitles",
        _ if starts(&[0x0B, 0x77]) => "AC-3 sound without a container",
        _ if starts(&[0x7F, 0xFE, 0x80, 0x01]) => "DTS sound without a container",
        _ if at(4, &[0xF8, 0x72, 0x6F]) => "TrueHD or MLP sound without a container",
        _ => match after_start_code(head)? {
            0xBA => "a program stream (of a DVD, say)",
            0xB3 => "MPEG video without a container",
            byte if starts(&[0, 0, 0, 1]) && matches!(byte, 0x40 | 0x42 | 0x44 | 0x46) => {
                "H.265 video without a container"
            }
            byte if matches!(byte & 0x9F, 7 | 9) => "H.264 video without a container",
            0x0F => "VC-1 video without a container",
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (head, expected) in [
            (&[0x1A, 0x45, 0xDF, 0xA3][..], "a Matroska or WebM file"),
            (b"\0\0\0\x20ftypisom", "an MP4 file"),
            (&[0, 0, 1, 0xBA, 0x44], "a program stream (of a DVD, say)"),
            (&[0, 0, 0, 1, 0x67], "H.264 video without a container"),
            (&[0, 0, 0, 1, 0x09, 0x10], "H.264 video without a container"),
            (&[0, 0, 0, 1, 0x40, 1], "H.265 video without a container"),
            (&[0x80, 0x20, 1, 2, 0xF8, 0x72, 0x6F, 0xBB], "TrueHD or MLP sound without a container"),
            (b"PG\0\0", "a file of PGS subtitles"),
        ] {
            assert_eq!(kind(head), Some(expected));
        }
        assert_eq!((kind(&[7; 100]), kind(&[0, 0, 1])), (None, None));
    }
}
