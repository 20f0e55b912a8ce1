//! A small reader of EBML for tests: it checks sizes and CRC-32 as it goes and knows which elements hold others.

use crate::matroska::ids::*;

/// Elements that hold elements.
const MASTERS: [u32; 28] = [
    EBML,
    SEGMENT,
    SEEK_HEAD,
    SEEK,
    INFO,
    TRACKS,
    TRACK_ENTRY,
    VIDEO,
    AUDIO,
    COLOUR,
    MASTERING_METADATA,
    CONTENT_ENCODINGS,
    CONTENT_ENCODING,
    CONTENT_COMPRESSION,
    BLOCK_ADDITION_MAPPING,
    CLUSTER,
    BLOCK_GROUP,
    CUES,
    CUE_POINT,
    CUE_TRACK_POSITIONS,
    CHAPTERS,
    EDITION_ENTRY,
    CHAPTER_ATOM,
    CHAPTER_DISPLAY,
    TAGS,
    TAG,
    TARGETS,
    SIMPLE_TAG,
];

/// One element.
#[derive(Clone, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) id: u32,
    /// Where its ID starts in the file.
    pub(crate) start: usize,
    /// Where its content starts in the file.
    pub(crate) content_start: usize,
    pub(crate) data: &'a [u8],
    pub(crate) children: Vec<Element<'a>>,
}

impl<'a> Element<'a> {
    /// The only child with this ID.
    pub(crate) fn only(&self, id: u32) -> &Element<'a> {
        let all = self.all(id);
        assert_eq!(all.len(), 1, "{id:#X} in {:#X}", self.id);
        all[0]
    }

    pub(crate) fn all(&self, id: u32) -> Vec<&Element<'a>> {
        self.children.iter().filter(|c| c.id == id).collect()
    }

    pub(crate) fn uint(&self, id: u32) -> u64 {
        self.find_uint(id).unwrap_or_else(|| panic!("no {id:#X} in {:#X}", self.id))
    }

    pub(crate) fn find_uint(&self, id: u32) -> Option<u64> {
        self.all(id).first().map(|e| e.data.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub(crate) fn float(&self, id: u32) -> f64 {
        f64::from_be_bytes(self.only(id).data.try_into().unwrap())
    }

    pub(crate) fn text(&self, id: u32) -> String {
        String::from_utf8(self.only(id).data.to_vec()).unwrap()
    }
}

/// A block, wherever it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReadBlock {
    pub(crate) track: u64,
    pub(crate) timestamp: u64,
    pub(crate) flags: u8,
    pub(crate) duration: Option<u64>,
    pub(crate) data: Vec<u8>,
    /// Where the cluster starts, from the Segment's content.
    pub(crate) cluster: u64,
    /// Where the block starts, from the cluster's content.
    pub(crate) relative: u64,
}

/// The EBML header and the Segment of a whole file; every byte must belong to an element.
pub(crate) fn read(file: &[u8]) -> (Element<'_>, Element<'_>) {
    let mut top = elements(file, 0);
    assert_eq!(top.iter().map(|e| e.id).collect::<Vec<_>>(), [EBML, SEGMENT]);
    let segment = top.remove(1);
    (top.remove(0), segment)
}

/// The elements that fill `data`, which starts at `base` in the file. One of unknown size has all that follows.
pub(crate) fn elements(data: &[u8], base: usize) -> Vec<Element<'_>> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < data.len() {
        let id_width = data[at].leading_zeros() as usize + 1;
        let id = data[at..at + id_width].iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let (size, size_width) = vint(&data[at + id_width..]);
        let content = at + id_width + size_width;
        let is_unknown = size == (1 << (7 * size_width)) - 1;
        let end = if is_unknown { data.len() } else { content + usize::try_from(size).unwrap() };
        let body = &data[content..end];
        let children = if MASTERS.contains(&id) { elements(body, base + content) } else { Vec::new() };
        if let Some(crc) = children.first().filter(|c| c.id == CRC_32) {
            assert_eq!(crc.data, crc32fast::hash(&body[6..]).to_le_bytes(), "CRC-32 of {id:#X}");
        }
        assert!(children.iter().skip(1).all(|c| c.id != CRC_32), "CRC-32 comes first");
        all.push(Element { id, start: base + at, content_start: base + content, data: body, children });
        at = end;
    }
    all
}

/// All blocks of a Segment in the order of the file.
pub(crate) fn blocks(segment: &Element<'_>) -> Vec<ReadBlock> {
    segment.all(CLUSTER).into_iter().flat_map(|cluster| cluster_blocks(segment, cluster)).collect()
}

/// The blocks of one cluster.
pub(crate) fn cluster_blocks(segment: &Element<'_>, cluster: &Element<'_>) -> Vec<ReadBlock> {
    let base = cluster.uint(TIMESTAMP);
    let place = ((cluster.start - segment.content_start) as u64, cluster.content_start);
    let simple = |e: &Element<'_>| match e.id {
        SIMPLE_BLOCK => Some(block(e, e.data, None, base, place)),
        BLOCK_GROUP => Some(block(e, e.only(BLOCK).data, e.find_uint(BLOCK_DURATION), base, place)),
        _ => None,
    };
    cluster.children.iter().filter_map(simple).collect()
}

fn block(outer: &Element<'_>, data: &[u8], duration: Option<u64>, base: u64, place: (u64, usize)) -> ReadBlock {
    let (track, width) = vint(data);
    let offset = i16::from_be_bytes([data[width], data[width + 1]]);
    ReadBlock {
        track,
        timestamp: base.checked_add_signed(offset.into()).unwrap(),
        flags: data[width + 2],
        duration,
        data: data[width + 3..].to_vec(),
        cluster: place.0,
        relative: (outer.start - place.1) as u64,
    }
}

/// A variable-size integer without its marker, and its width.
fn vint(data: &[u8]) -> (u64, usize) {
    let width = data[0].leading_zeros() as usize + 1;
    let marked = data[..width].iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    (marked & !(1 << (7 * width)), width)
}

/// Checks what must hold for every file: SeekHead and Cues point where they say, clusters keep their limits.
pub(crate) fn check(file: &[u8]) {
    let (_, segment) = read(file);
    for seek in segment.only(SEEK_HEAD).all(SEEK) {
        let [id, at] = [seek.uint(SEEK_ID), seek.uint(SEEK_POSITION)];
        let target = segment.children.iter().find(|e| (e.start - segment.content_start) as u64 == at);
        assert_eq!(target.map(|e| u64::from(e.id)), Some(id));
    }
    let sought: Vec<u64> = segment.only(SEEK_HEAD).all(SEEK).iter().map(|s| s.uint(SEEK_ID)).collect();
    for element in &segment.children {
        let named = sought.contains(&element.id.into());
        assert!(named || [SEEK_HEAD, VOID, CLUSTER].contains(&element.id), "{:#X} is not in the SeekHead", element.id);
    }
    for cluster in segment.all(CLUSTER) {
        let blocks = cluster_blocks(&segment, cluster);
        let [least, most] = [blocks.iter().map(|b| b.timestamp).min(), blocks.iter().map(|b| b.timestamp).max()];
        assert!(most.unwrap() - least.unwrap() <= 5_000);
        assert!(cluster.data.len() + 12 <= 5_000_000 || blocks.len() == 1);
    }
    check_cues(&segment);
}

fn check_cues(segment: &Element<'_>) {
    let blocks = blocks(segment);
    let Some(cues) = segment.all(CUES).into_iter().next() else { return };
    let times: Vec<u64> = cues.all(CUE_POINT).iter().map(|p| p.uint(CUE_TIME)).collect();
    assert!(times.is_sorted_by(|a, b| a < b), "one point a time, in order");
    for point in cues.all(CUE_POINT) {
        for at in point.all(CUE_TRACK_POSITIONS) {
            let place = (at.uint(CUE_CLUSTER_POSITION), at.uint(CUE_RELATIVE_POSITION));
            let block =
                blocks.iter().find(|b| (b.cluster, b.relative) == place).expect("a block at the place of a cue");
            assert_eq!((block.track, block.timestamp), (at.uint(CUE_TRACK), point.uint(CUE_TIME)));
            assert_eq!(block.duration, at.find_uint(CUE_DURATION));
        }
    }
}
