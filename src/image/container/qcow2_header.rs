//! The header of a qcow2 image, and whether its tables can be where it says (QEMU, docs/interop/qcow2.txt). Pure.

use super::refusal::Refusal;
use crate::base::bytes::{Bytes, Short};

/// What a qcow2 image begins with.
pub const MAGIC: [u8; 4] = *b"QFI\xFB";

/// Bytes of a file that hold all that is looked at here.
pub const HEADER_BYTES: usize = 112;

/// Most bytes of an image's content: no disc has as many, and tables of more would not fit the memory.
pub const CONTENT_MAX: u64 = 1 << 40;

/// Most bytes of the L1 table and of the refcount table, as QEMU has them.
const L1_BYTES_MAX: u64 = 32 << 20;
const REFCOUNT_TABLE_BYTES_MAX: u64 = 8 << 20;

/// Bits of clusters: 512 bytes to 2 MiB.
const CLUSTER_BITS: std::ops::RangeInclusive<u32> = 9..=21;

/// Incompatible features.
const DIRTY: u64 = 1;
const CORRUPT: u64 = 1 << 1;
const EXTERNAL_DATA: u64 = 1 << 2;
const COMPRESSION_TYPE: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;

/// What clusters that are written have: 64 KiB, with refcounts of 16 bits. Other images are read.
pub const CLUSTER_BITS_WRITTEN: u32 = 16;
const REFCOUNT_ORDER_WRITTEN: u32 = 4;

/// What the header of an image says, as far as it can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Qcow2Header {
    /// 2 or 3.
    pub version: u32,
    /// Clusters have 2 to this power bytes: 9 to 21.
    pub cluster_bits: u32,
    /// Bytes of content; not zero, at most [`CONTENT_MAX`].
    pub size: u64,
    /// Where the L1 table lies.
    pub l1_offset: u64,
    /// Entries of the L1 table; enough for the content.
    pub l1_entries: u32,
    /// Where the refcount table lies.
    pub refcount_table_offset: u64,
    /// Clusters of the refcount table.
    pub refcount_table_clusters: u32,
    /// Refcounts have 2 to this power bits.
    pub refcount_order: u32,
    /// Internal snapshots.
    pub snapshots: u32,
    /// Features that whoever writes must clear.
    pub autoclear: u64,
}

/// What the fixed fields say.
struct Fields {
    header: Qcow2Header,
    backing_file_offset: u64,
    encryption: u32,
    incompatible: u64,
    header_length: u32,
    compression: u8,
}

impl Qcow2Header {
    /// Reads the header from the first bytes of a file of `file_bytes`.
    ///
    /// # Errors
    /// [`Refusal`]: it is none, it makes no sense, or the image is of a kind that is not read.
    pub fn parse(head: &[u8], file_bytes: u64) -> Result<Self, Refusal> {
        if !head.starts_with(&MAGIC) {
            return Err(Refusal::OtherContent("qcow2"));
        }
        let fields = fields(head)?;
        refuse_features(&fields)?;
        let Fields { header, header_length, .. } = fields;
        header.check_fields(header_length)?;
        header.check_places(file_bytes)?;
        Ok(header)
    }

    /// Bytes of a cluster.
    #[must_use]
    pub fn cluster_bytes(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// Bytes of content that one L2 table maps.
    fn content_of_l2(&self) -> u64 {
        self.cluster_bytes() * (self.cluster_bytes() / 8)
    }

    /// Whether images like this one are written: as this program makes them, so that no table moves while it is written and
    /// nothing that was allocated is ever freed.
    ///
    /// # Errors
    /// [`Refusal::ReadOnly`].
    pub fn check_writable(&self, size: u64) -> Result<(), Refusal> {
        let refuse = |what| Err(Refusal::ReadOnly(what));
        if self.version != 3 {
            return refuse("it is of version 2");
        }
        if self.cluster_bits != CLUSTER_BITS_WRITTEN {
            return refuse("its clusters are not of 64 KiB");
        }
        if self.refcount_order != REFCOUNT_ORDER_WRITTEN {
            return refuse("its refcounts are not of 16 bits");
        }
        if self.snapshots > 0 {
            return refuse("it has snapshots");
        }
        if self.autoclear > 0 {
            return refuse("it has bitmaps");
        }
        if u64::from(self.l1_entries).saturating_mul(self.content_of_l2()) < size {
            return refuse("its L1 table is too small for the disc");
        }
        // A refcount block counts 32,768 clusters; twice the content leaves room for tables and for what was leaked.
        let counted = u64::from(self.refcount_table_clusters) * (self.cluster_bytes() / 8) * (1 << 15);
        if counted.saturating_mul(self.cluster_bytes()) < size.saturating_mul(2) {
            return refuse("its refcount table is too small for the disc");
        }
        Ok(())
    }

    fn check_fields(&self, header_length: u32) -> Result<(), Refusal> {
        let field = |name, value: u64| Err(Refusal::Field(name, value));
        if !CLUSTER_BITS.contains(&self.cluster_bits) {
            return field("the exponent of the cluster size", self.cluster_bits.into());
        }
        if self.refcount_order > 6 {
            return field("the exponent of the refcount width", self.refcount_order.into());
        }
        if u64::from(header_length) > self.cluster_bytes() || header_length < 72 {
            return field("the length of the header", header_length.into());
        }
        if self.size == 0 {
            return Err(Refusal::Empty);
        }
        if self.size > CONTENT_MAX {
            return Err(Refusal::TooLarge(self.size));
        }
        Ok(())
    }

    /// Whether the tables lie inside the file, and are as large as the content needs.
    fn check_places(&self, file_bytes: u64) -> Result<(), Refusal> {
        let entries = u64::from(self.l1_entries);
        if entries < self.size.div_ceil(self.content_of_l2()) || entries * 8 > L1_BYTES_MAX {
            return Err(Refusal::Field("the size of the L1 table", entries));
        }
        let table = u64::from(self.refcount_table_clusters) * self.cluster_bytes();
        if table == 0 || table > REFCOUNT_TABLE_BYTES_MAX {
            return Err(Refusal::Field("the size of the refcount table", self.refcount_table_clusters.into()));
        }
        for (offset, bytes, place, name) in [
            (self.l1_offset, entries * 8, "the offset of the L1 table", "L1 table"),
            (self.refcount_table_offset, table, "the offset of the refcount table", "refcount table"),
        ] {
            if offset == 0 || offset % self.cluster_bytes() > 0 {
                return Err(Refusal::Field(place, offset));
            }
            // The last cluster of a file may be cut where nothing follows in it.
            let end = offset.checked_add(bytes).ok_or(Refusal::Field(place, offset))?;
            if end > file_bytes.next_multiple_of(self.cluster_bytes()) {
                return Err(Refusal::Cut(name));
            }
        }
        Ok(())
    }
}

fn fields(head: &[u8]) -> Result<Fields, Refusal> {
    let cut = |_: Short| Refusal::Cut("header");
    let mut bytes = Bytes::at(head, MAGIC.len()).map_err(cut)?;
    let version = bytes.u32_be().map_err(cut)?;
    if !matches!(version, 2 | 3) {
        return Err(Refusal::Version(version));
    }
    let read = |bytes: &mut Bytes<'_>| -> Result<Fields, Short> {
        let backing_file_offset = bytes.u64_be()?;
        bytes.skip(4)?;
        let cluster_bits = bytes.u32_be()?;
        let size = bytes.u64_be()?;
        let encryption = bytes.u32_be()?;
        let l1_entries = bytes.u32_be()?;
        let l1_offset = bytes.u64_be()?;
        let refcount_table_offset = bytes.u64_be()?;
        let refcount_table_clusters = bytes.u32_be()?;
        let snapshots = bytes.u32_be()?;
        bytes.skip(8)?;
        let mut fields = Fields {
            header: Qcow2Header {
                version,
                cluster_bits,
                size,
                l1_offset,
                l1_entries,
                refcount_table_offset,
                refcount_table_clusters,
                refcount_order: 4,
                snapshots,
                autoclear: 0,
            },
            backing_file_offset,
            encryption,
            incompatible: 0,
            header_length: 72,
            compression: 0,
        };
        if version == 3 {
            fields.incompatible = bytes.u64_be()?;
            bytes.skip(8)?;
            fields.header.autoclear = bytes.u64_be()?;
            fields.header.refcount_order = bytes.u32_be()?;
            fields.header_length = bytes.u32_be()?;
            if fields.header_length > 104 {
                fields.compression = bytes.u8()?;
            }
        }
        Ok(fields)
    };
    let fields = read(&mut bytes).map_err(cut)?;
    if version == 3 && fields.header_length < 104 {
        return Err(Refusal::Field("the length of the header", fields.header_length.into()));
    }
    Ok(fields)
}

fn refuse_features(fields: &Fields) -> Result<(), Refusal> {
    let bits = fields.incompatible;
    let known = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;
    match fields.compression {
        _ if fields.backing_file_offset != 0 => Err(Refusal::BackingFile),
        _ if fields.encryption != 0 => Err(Refusal::Encrypted),
        _ if bits & CORRUPT > 0 => Err(Refusal::Corrupt),
        _ if bits & EXTERNAL_DATA > 0 => Err(Refusal::ExternalData),
        _ if bits & EXTENDED_L2 > 0 => Err(Refusal::ExtendedL2),
        1 => Err(Refusal::Compression("zstd")),
        compression if bits & COMPRESSION_TYPE > 0 || compression > 0 => Err(Refusal::Compression("something unknown")),
        _ if bits & !known > 0 => Err(Refusal::UnknownFeatures(bits & !known)),
        _ if bits & DIRTY > 0 => Err(Refusal::Dirty),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "qcow2_header_tests.rs"]
mod tests;
