//! The descriptor of a flat vmdk image: a text that names the files which hold the content, one behind the other
//! (VMware, Virtual Disk Format 5.0, "The Descriptor File"). Pure.

use super::qcow2_header::CONTENT_MAX;
use super::refusal::Refusal;

/// Longest descriptor that is read, bytes. One of 1024 extents has less than 100 KiB.
pub const DESCRIPTOR_MAX: usize = 256 << 10;

/// Most extents: a disc of 100 GiB in files of 2 GiB has 50.
const EXTENTS_MAX: usize = 1024;

/// Sectors of a descriptor.
const SECTOR: u64 = 512;

/// What a descriptor begins with.
const FIRST_LINE: &[u8] = b"# Disk DescriptorFile";

/// What a sparse file begins with, its descriptor inside; and what those of older ESX do.
const SPARSE: [&[u8]; 2] = [b"KDMV", b"COWD"];

/// A piece of the content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Bytes of it.
    pub bytes: u64,
    /// The file beside the descriptor, and where in it the piece begins, bytes; `None`: zeros.
    pub file: Option<(String, u64)>,
}

/// Whether a file begins as a vmdk does, flat or not.
#[must_use]
pub fn is_vmdk(head: &[u8]) -> bool {
    SPARSE.iter().any(|magic| head.starts_with(magic)) || head.starts_with(FIRST_LINE)
}

/// The extents that a descriptor names, in order; at least one, [`CONTENT_MAX`] bytes together at most. Names have no folder
/// in them.
///
/// # Errors
/// [`Refusal`].
pub fn parse(text: &[u8]) -> Result<Vec<Extent>, Refusal> {
    if SPARSE.iter().any(|magic| text.starts_with(magic)) {
        return Err(Refusal::VmdkKind("sparse".to_owned()));
    }
    if !text.starts_with(FIRST_LINE) {
        return Err(Refusal::OtherContent("vmdk"));
    }
    let text = std::str::from_utf8(text).map_err(|_| Refusal::Descriptor { line: 1, what: "is not in UTF-8" })?;
    let mut extents = Vec::new();
    let mut total: u64 = 0;
    for (index, line) in text.lines().enumerate() {
        let refuse = |what| Refusal::Descriptor { line: index + 1, what };
        let line = line.trim();
        match line.split_once('=').map(|(key, value)| (key.trim(), value.trim().trim_matches('"'))) {
            _ if line.starts_with('#') => {}
            Some(("createType", kind)) if !is_flat(kind) => return Err(Refusal::VmdkKind(kind.to_owned())),
            Some(("parentCID", parent)) if !parent.eq_ignore_ascii_case("ffffffff") => {
                return Err(Refusal::BackingFile);
            }
            Some(("parentFileNameHint", _)) => return Err(Refusal::BackingFile),
            _ if is_extent(line) => {
                let extent = extent(line).map_err(refuse)?;
                total = total.saturating_add(extent.bytes);
                extents.push(extent);
                if extents.len() > EXTENTS_MAX {
                    return Err(refuse("is one extent too many"));
                }
            }
            _ => {}
        }
    }
    match total {
        0 => Err(Refusal::Empty),
        total if total > CONTENT_MAX => Err(Refusal::TooLarge(total)),
        _ => Ok(extents),
    }
}

fn is_flat(kind: &str) -> bool {
    matches!(kind, "monolithicFlat" | "twoGbMaxExtentFlat")
}

fn is_extent(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("RW" | "RDONLY" | "NOACCESS"))
}

/// `RW 4192256 FLAT "disc-f001.vmdk" 0`.
fn extent(line: &str) -> Result<Extent, &'static str> {
    let mut words = line.split_whitespace();
    if words.next() == Some("NOACCESS") {
        return Err("names an extent that may not be read");
    }
    let sectors: u64 = words.next().and_then(|word| word.parse().ok()).ok_or("has no number of sectors")?;
    let bytes = sectors.checked_mul(SECTOR).ok_or("has too many sectors")?;
    match words.next() {
        Some("ZERO") => Ok(Extent { bytes, file: None }),
        Some("FLAT") => {
            let (_, rest) = line.split_once('"').ok_or("names no file")?;
            let (name, rest) = rest.split_once('"').ok_or("names no file")?;
            // What lies elsewhere is not the image's to pull in.
            if name.is_empty() || name.contains(['/', '\\', '\0']) || matches!(name, "." | "..") {
                return Err("names a file that does not lie beside it");
            }
            let start = match rest.split_whitespace().next() {
                None => 0,
                Some(word) => word.parse::<u64>().ok().and_then(|at| at.checked_mul(SECTOR)).ok_or("has no offset")?,
            };
            start.checked_add(bytes).ok_or("has too many sectors")?;
            Ok(Extent { bytes, file: Some((name.to_owned(), start)) })
        }
        _ => Err("names an extent that is not flat"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "# Disk DescriptorFile\nversion=1\nCID=1234abcd\nparentCID=ffffffff\n";

    fn of(rest: &str) -> Result<Vec<Extent>, Refusal> {
        parse(format!("{HEAD}{rest}").as_bytes())
    }

    #[test]
    fn extents_come_in_order_with_their_places() {
        let extents = of("createType=\"twoGbMaxExtentFlat\"\n# Extents\nRW 4 FLAT \"a disc-f001.vmdk\" 0\n\
                          RDONLY 2 ZERO\nRW 1 FLAT \"b.vmdk\" 3\nddb.adapterType = \"ide\"\n")
        .unwrap();
        let file = |name: &str, at| Some((name.to_owned(), at));
        assert_eq!(
            extents,
            [
                Extent { bytes: 2048, file: file("a disc-f001.vmdk", 0) },
                Extent { bytes: 1024, file: None },
                Extent { bytes: 512, file: file("b.vmdk", 1536) },
            ]
        );
    }

    #[test]
    fn kinds_that_are_not_flat_are_named() {
        let sparse = Err(Refusal::VmdkKind("monolithicSparse".to_owned()));
        assert_eq!(of("createType=\"monolithicSparse\"\nRW 4 SPARSE \"a.vmdk\"\n"), sparse);
        assert_eq!(parse(b"KDMV\x01\0\0\0"), Err(Refusal::VmdkKind("sparse".to_owned())));
        assert_eq!(parse(b"hello"), Err(Refusal::OtherContent("vmdk")));
        assert_eq!(of("parentFileNameHint=\"x\"\n"), Err(Refusal::BackingFile));
        assert_eq!(parse(b"# Disk DescriptorFile\nparentCID=12345678\n"), Err(Refusal::BackingFile));
        assert_eq!(of(""), Err(Refusal::Empty));
        assert_eq!(of("RW 99999999999 ZERO\n"), Err(Refusal::TooLarge(99_999_999_999 * 512)));
    }

    #[test]
    fn no_file_elsewhere_is_pulled_in() {
        for name in ["/etc/shadow", "../x", "a/b", "..", "", "a\\b"] {
            let refused = of(&format!("RW 4 FLAT \"{name}\" 0\n"));
            assert!(matches!(refused, Err(Refusal::Descriptor { line: 5, .. })), "{name}: {refused:?}");
        }
        for line in ["RW x FLAT \"a\"", "RW", "NOACCESS 4 ZERO", "RW 4 FLAT a", "RW 18446744073709551615 ZERO", "RW 4"]
        {
            assert!(matches!(of(&format!("{line}\n")), Err(Refusal::Descriptor { .. })), "{line}");
        }
    }

    proptest! {
        #[test]
        fn texts_of_no_kind_do_no_harm(text in "(RW|RDONLY|createType|[ =\"\n0-9a-zA-Z./#])*") {
            if let Ok(extents) = of(&text) {
                prop_assert!(!extents.is_empty() && extents.iter().map(|e| e.bytes).sum::<u64>() <= CONTENT_MAX);
            }
        }
    }
}
