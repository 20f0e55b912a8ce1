//! Images in containers, made byte by byte (QEMU, docs/interop/qcow2.txt), as the target `container` takes them: pieces of a file
//! that is holes elsewhere, so that clusters of 2 MiB cost no more than those of 512 bytes.

/// What such a seed begins with; other bytes are a file as they are.
const SPARSE: &[u8] = b"SPARSE";

/// What places of pieces are counted in.
const PAGE: u64 = 512;

const ONE_USER: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;

/// qcow2 of all cluster sizes, versions and widths of refcounts, and flat vmdk.
pub fn all() -> Vec<Vec<u8>> {
    let sizes = (9..=21).map(|bits| qcow2(3, bits, 4));
    let widths = (0..=6).map(|order| qcow2(3, 12, order));
    let old = [9, 12, 16].map(|bits| qcow2(2, bits, 4));
    sizes.chain(widths).chain(old).chain(vmdk().map(|text| text.as_bytes().to_vec())).collect()
}

/// Header, refcount table, a block, L1, L2, and of content: data, zeros by a mark, nothing, compressed data, and zeros that keep
/// their place, as a preallocated image has them.
fn qcow2(version: u32, cluster_bits: u32, refcount_order: u32) -> Vec<u8> {
    let cluster = 1u64 << cluster_bits;
    let packed = deflated(b'x', cluster as usize);
    let sectors = (packed.len() as u64).div_ceil(PAGE);
    let entries = [
        ONE_USER | (5 * cluster),
        u64::from(version > 2),
        0,
        COMPRESSED | ((sectors - 1) << (70 - cluster_bits)) | (6 * cluster),
        ONE_USER | (7 * cluster) | u64::from(version > 2),
    ];
    let table = |entries: &[u64]| -> Vec<u8> { entries.iter().flat_map(|entry| entry.to_be_bytes()).collect() };
    let header = header(version, cluster_bits, refcount_order, 5 * cluster);
    let counts = match refcount_order {
        order @ 0..=2 => vec![[0xFF, 0x55, 0x11][order as usize]; 1 << order],
        order => [vec![0; (1 << (order - 3)) - 1], vec![1]].concat().repeat(8),
    };
    let tables = [header, table(&[2 * cluster]), counts, table(&[ONE_USER | (4 * cluster)]), table(&entries)];
    let mut seed = SPARSE.to_vec();
    for (number, bytes) in (0u64..).zip(tables.into_iter().chain([b"data".to_vec(), packed])) {
        seed.extend(piece(number * cluster, &bytes));
    }
    seed.extend(piece(8 * cluster, &[]));
    seed
}

/// Bytes at a place; none: the file ends there.
fn piece(at: u64, bytes: &[u8]) -> Vec<u8> {
    let numbers = [(at / PAGE) as u16, bytes.len() as u16].map(u16::to_be_bytes);
    [&numbers.concat()[..], bytes].concat()
}

fn header(version: u32, cluster_bits: u32, refcount_order: u32, size: u64) -> Vec<u8> {
    let cluster = 1u64 << cluster_bits;
    let mut header = [&b"QFI\xFB"[..], &version.to_be_bytes(), &[0; 12], &cluster_bits.to_be_bytes()].concat();
    header.extend(size.to_be_bytes());
    header.extend([0, 1].map(u32::to_be_bytes).concat());
    header.extend([3 * cluster, cluster].map(u64::to_be_bytes).concat());
    header.extend([1, 0].map(u32::to_be_bytes).concat());
    header.extend([0; 8]);
    if version > 2 {
        header.extend([0; 24]);
        header.extend([refcount_order, 104].map(u32::to_be_bytes).concat());
    }
    // No header extensions.
    header.extend([0; 8]);
    header
}

/// `count` times the same byte, which is below 144, in one block of fixed codes (RFC 1951, 3.2.6).
fn deflated(byte: u8, count: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true, true, false];
    // Codes have their first bit first.
    let mut put = |code: u32, length: u32| bits.extend((0..length).rev().map(|bit| code >> bit & 1 > 0));
    let literal = 0x30 + u32::from(byte);
    put(literal, 8);
    for _ in 0..(count - 1) / 258 {
        // Length 258, distance 1.
        put(0xC5, 8);
        put(0, 5);
    }
    (0..(count - 1) % 258).for_each(|_| put(literal, 8));
    put(0, 7);
    bits.chunks(8).map(|bits| (0..).zip(bits).map(|(at, bit)| u8::from(*bit) << at).sum()).collect()
}

/// Descriptors, whose extents lie beside them as the target puts them.
fn vmdk() -> [&'static str; 3] {
    [
        "# Disk DescriptorFile\nversion=1\nCID=1234abcd\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\n\
         RW 8 FLAT \"extent\" 0\nddb.adapterType = \"ide\"\n",
        "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n\
         RW 4 FLAT \"extent\" 0\nRDONLY 2 ZERO\nRW 1 FLAT \"extent\" 3\n",
        "# Disk DescriptorFile\nversion=1\nparentCID=ffffffff\ncreateType=\"monolithicSparse\"\n\
         RW 8 SPARSE \"extent\"\n",
    ]
}
