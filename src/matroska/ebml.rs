//! The grammar under Matroska (RFC 8794): variable-size integers, elements, Void, CRC-32.

use super::ids;

/// The widest size field there is, in bytes (RFC 8794, section 6).
pub const MAX_SIZE_WIDTH: usize = 8;

/// The reserved 8-byte size that says "not known" (RFC 8794, section 6.2).
pub const UNKNOWN_SIZE: [u8; 8] = [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];

/// Bytes of an element ID.
#[must_use]
pub fn id_width(id: u32) -> usize {
    significant(u64::from(id))
}

/// The shortest size field that holds `size`. All ones at a width mean "not known", so 127 takes two bytes.
#[must_use]
pub fn size_width(size: u64) -> usize {
    (1..MAX_SIZE_WIDTH).find(|width| size < (1 << (7 * width)) - 1).unwrap_or(MAX_SIZE_WIDTH)
}

/// Appends an element ID.
pub fn put_id(out: &mut Vec<u8>, id: u32) {
    out.extend_from_slice(&id.to_be_bytes()[4 - id_width(id)..]);
}

/// Appends `size` in the shortest field.
pub fn put_size(out: &mut Vec<u8>, size: u64) {
    put_size_wide(out, size, size_width(size));
}

/// Appends `size` in a field of `width` bytes, at least [`size_width`] and at most 8.
pub fn put_size_wide(out: &mut Vec<u8>, size: u64, width: usize) {
    let width = width.clamp(size_width(size), MAX_SIZE_WIDTH);
    let marked = size | 1 << (7 * width);
    out.extend_from_slice(&marked.to_be_bytes()[MAX_SIZE_WIDTH - width..]);
}

/// `size` as the 8-byte field that a writer comes back to.
#[must_use]
pub fn size_field(size: u64) -> [u8; 8] {
    (size | 1 << 56).to_be_bytes()
}

/// Appends an unsigned integer element, in as few bytes as the value needs, at least one.
pub fn put_uint(out: &mut Vec<u8>, id: u32, value: u64) {
    let bytes = value.to_be_bytes();
    put_binary(out, id, &bytes[8 - significant(value)..]);
}

/// Appends a float element of 8 bytes.
pub fn put_float(out: &mut Vec<u8>, id: u32, value: f64) {
    put_binary(out, id, &value.to_be_bytes());
}

/// Appends a string element. NUL would end the string for a reader (RFC 8794, section 7.4), so it is left out.
pub fn put_text(out: &mut Vec<u8>, id: u32, text: &str) {
    if text.contains('\0') {
        put_binary(out, id, text.replace('\0', "").as_bytes());
    } else {
        put_binary(out, id, text.as_bytes());
    }
}

/// Appends an element that holds `data`.
pub fn put_binary(out: &mut Vec<u8>, id: u32, data: &[u8]) {
    put_id(out, id);
    put_size(out, data.len() as u64);
    out.extend_from_slice(data);
}

/// Appends an element whose content `fill` writes.
pub fn put_master(out: &mut Vec<u8>, id: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    fill(&mut content);
    put_binary(out, id, &content);
}

/// Content for a master element with a CRC-32 over it in front (RFC 8794, section 11.3.1: stored little-endian).
#[must_use]
pub fn sealed(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    put_binary(&mut out, ids::CRC_32, &crc32fast::hash(content).to_le_bytes());
    out.extend_from_slice(content);
    out
}

/// Bytes of an element with `content` bytes in it.
#[must_use]
pub fn element_len(id: u32, content: usize) -> usize {
    id_width(id) + size_width(content as u64) + content
}

/// Appends an element and then Void so that both take exactly `space` bytes; `false`, and nothing appended,
/// when the element alone is longer. One byte over is too little for a Void: the element's size field grows instead.
#[must_use]
pub fn put_fitted(out: &mut Vec<u8>, id: u32, content: &[u8], space: usize) -> bool {
    let Some(left) = space.checked_sub(element_len(id, content.len())) else { return false };
    let width = size_width(content.len() as u64);
    let (width, left) = if left == 1 { (width + 1, 0) } else { (width, left) };
    if width > MAX_SIZE_WIDTH {
        return false;
    }
    put_id(out, id);
    put_size_wide(out, content.len() as u64, width);
    out.extend_from_slice(content);
    put_void(out, left);
    true
}

/// Appends a Void element of `space` bytes in all; nothing for 0 and 1, which no element can fill.
pub fn put_void(out: &mut Vec<u8>, space: usize) {
    let width = match space {
        0 | 1 => return,
        2..=128 => 1,
        _ => MAX_SIZE_WIDTH,
    };
    let content = space - 1 - width;
    put_id(out, ids::VOID);
    put_size_wide(out, content as u64, width);
    out.resize(out.len() + content, 0);
}

/// Bytes of `value` without leading zero bytes, at least one.
fn significant(value: u64) -> usize {
    (8 - value.leading_zeros() as usize / 8).max(1)
}

#[cfg(test)]
#[path = "ebml_tests.rs"]
mod tests;
