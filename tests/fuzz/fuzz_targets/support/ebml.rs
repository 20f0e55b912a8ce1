//! Reads a film back, by the grammar alone (RFC 8794, RFC 9559).

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const SIMPLE_BLOCK: u32 = 0xA3;
const HEAD: u32 = 0x1A45_DFA3;

/// All elements fill their parents to the byte, and each block is of a track that was described before it.
pub fn check(film: &[u8]) {
    let mut tracks = Vec::new();
    let top = elements(film);
    assert_eq!(top.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [HEAD, SEGMENT]);
    let mut blocks = 0;
    for (id, content) in elements(top[1].1) {
        match id {
            TRACKS => {
                for (_, entry) in elements(content).into_iter().filter(|(id, _)| *id == TRACK_ENTRY) {
                    let number = elements(entry).into_iter().find(|(id, _)| *id == TRACK_NUMBER);
                    tracks.push(u64::from(*number.expect("a number").1.last().expect("of one byte")));
                }
            }
            CLUSTER => {
                for (id, content) in elements(content) {
                    let block = match id {
                        SIMPLE_BLOCK => Some(content),
                        BLOCK_GROUP => {
                            elements(content).into_iter().find(|(id, _)| *id == BLOCK).map(|(_, block)| block)
                        }
                        _ => None,
                    };
                    let Some(block) = block else { continue };
                    let (track, width) = vint(block);
                    assert!(tracks.contains(&track) && block.len() >= width + 3, "a block of track {track}");
                    blocks += 1;
                }
            }
            _ => {}
        }
    }
    assert!(blocks > 0, "a film without a block");
}

fn elements(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let width = bytes[0].leading_zeros() as usize + 1;
        assert!(width <= 4 && bytes.len() > width, "an ID");
        let id = bytes[..width].iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let (size, size_width) = vint(&bytes[width..]);
        let start = width + size_width;
        let end = start + usize::try_from(size).expect("a size");
        assert!(end <= bytes.len(), "element {id:X} is longer than what holds it");
        found.push((id, &bytes[start..end]));
        bytes = &bytes[end..];
    }
    found
}

/// An integer of variable size, and how many bytes it takes.
fn vint(bytes: &[u8]) -> (u64, usize) {
    let width = bytes[0].leading_zeros() as usize + 1;
    assert!(width <= 8 && bytes.len() >= width, "a number");
    let first = u64::from(bytes[0]) & ((1 << (8 - width)) - 1);
    (bytes[1..width].iter().fold(first, |n, byte| n << 8 | u64::from(*byte)), width)
}
