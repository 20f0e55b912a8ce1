//! The kinds of containers, by name and by their first bytes.

use std::fmt;
use std::path::Path;

use super::qcow2_header;
use super::vmdk_descriptor;

/// A kind of container.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// QEMU's.
    Qcow2,
    /// VMware's.
    Vmdk,
}

impl Kind {
    /// Bytes of a file that tell what it is.
    pub const HEAD: usize = 512;

    /// What the name of a file says.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        [Self::Qcow2, Self::Vmdk].into_iter().find(|kind| extension.eq_ignore_ascii_case(kind.name()))
    }

    /// What the first bytes of a file say; [`Kind::HEAD`] of them are enough.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Option<Self> {
        if head.starts_with(&qcow2_header::MAGIC) {
            return Some(Self::Qcow2);
        }
        vmdk_descriptor::is_vmdk(head).then_some(Self::Vmdk)
    }

    /// As names end in it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Qcow2 => "qcow2",
            Self::Vmdk => "vmdk",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_name_and_by_its_head() {
        for (name, kind) in [
            ("disc.qcow2", Some(Kind::Qcow2)),
            ("DISC.QCOW2", Some(Kind::Qcow2)),
            ("/x/disc.Vmdk", Some(Kind::Vmdk)),
            ("disc.iso", None),
            ("qcow2", None),
            (".qcow2", None),
        ] {
            assert_eq!(Kind::of_name(Path::new(name)), kind, "{name}");
        }
        assert_eq!(Kind::of_head(b"QFI\xFB\0\0\0\x03"), Some(Kind::Qcow2));
        assert_eq!(Kind::of_head(b"KDMV\x01\0\0\0"), Some(Kind::Vmdk));
        assert_eq!(Kind::of_head(b"# Disk DescriptorFile\nversion=1\n"), Some(Kind::Vmdk));
        assert_eq!(Kind::of_head(b"QFI"), None);
        assert_eq!(Kind::of_head(&[0; 512]), None);
    }
}
