//! A number for the content of a title, from which all identifiers of its file come.

/// FNV-1a over 128 bits: each byte is XORed into the state, which is then multiplied by the prime, modulo 2^128.
/// No secret and no proof against forgery; just the same number for the same content, on every machine.
#[derive(Clone, Copy, Debug)]
pub(in crate::mux) struct Identity(u128);

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

impl Identity {
    pub(in crate::mux) fn new() -> Self {
        Self(OFFSET)
    }

    /// Mixes bytes in.
    pub(in crate::mux) fn bytes(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(PRIME);
        }
        self
    }

    /// Mixes a number in, as eight bytes, the highest first.
    pub(in crate::mux) fn number(self, number: u64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// Mixes a text in, its length first, so that neighbours cannot run into each other.
    pub(in crate::mux) fn text(self, text: &str) -> Self {
        self.number(text.len() as u64).bytes(text.as_bytes())
    }

    pub(in crate::mux) fn value(self) -> u128 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_published_function() {
        assert_eq!(Identity::new().bytes(b"a").value(), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(Identity::new().bytes(b"foobar").value(), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn neighbours_do_not_run_into_each_other() {
        assert_ne!(Identity::new().text("ab").text("c").value(), Identity::new().text("a").text("bc").value());
    }
}
