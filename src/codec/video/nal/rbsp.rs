//! What is inside NAL units of H.264 and H.265, and units of VC-1.

/// Copies a NAL unit without its emulation prevention bytes (clause 7.3.1) into `out`, as far as `limit` bytes.
pub(crate) fn unescape(nal: &[u8], limit: usize, out: &mut Vec<u8>) {
    out.clear();
    let mut zeros = 0;
    for byte in nal {
        if out.len() == limit {
            return;
        }
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
}

/// The messages of an unescaped SEI payload (clause 7.3.2.3): type and bytes.
pub(crate) fn sei_messages(mut rbsp: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        // What is left when only the stop bit remains.
        if rbsp.len() <= 1 {
            return None;
        }
        let mut number = || {
            let mut sum = 0u32;
            loop {
                let (byte, rest) = rbsp.split_first()?;
                rbsp = rest;
                sum = sum.saturating_add(u32::from(*byte));
                if *byte != 0xFF {
                    return Some(sum);
                }
            }
        };
        let kind = number()?;
        let size = number()? as usize;
        let (body, rest) = rbsp.split_at_checked(size)?;
        rbsp = rest;
        Some((kind, body))
    })
}

#[cfg(test)]
#[path = "rbsp_tests.rs"]
mod tests;
