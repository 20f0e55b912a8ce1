//! Sound without frames of its own: behind a hole its samples may be cut into blocks elsewhere than in the whole film.

/// Blocks with their times, milliseconds.
pub(super) type Samples = Vec<(i64, Vec<u8>)>;

/// Times are rounded, of two blocks each, milliseconds.
const ROUNDING: f64 = 2.0;

/// So much of each block may lack untold, milliseconds: samples that a lost packet of another stream may have cut.
const SINGLE_SAMPLES: f64 = 0.1;

/// Blocks by which the length of one is told.
const MANY: usize = 30;

/// Times of the whole film's blocks that are not there with all their samples; as an error, the time of one whose samples
/// are not of the film, or not of that time, and that `is_excused` for its time does not excuse.
pub(super) fn lost(whole: &Samples, got: &Samples, is_excused: impl Fn(i64) -> bool) -> Result<Vec<i64>, i64> {
    let Some(length) = length(whole) else { return Ok(Vec::new()) };
    let mut left: Vec<usize> = whole.iter().map(|(_, bytes)| bytes.len()).collect();
    for (time, bytes) in got {
        let first = whole.partition_point(|(start, _)| *start as f64 + length + ROUNDING < *time as f64);
        let near = whole.get(first..).unwrap_or_default();
        let count = 4 + near.first().map_or(0, |(_, block)| bytes.len() / block.len().max(1));
        let near = near.get(..count).unwrap_or(near);
        match place(near, length, *time, bytes) {
            Some(place) => take(&mut left[first..], near, place..place + bytes.len()),
            None if is_excused(*time) => {}
            None => return Err(*time),
        }
    }
    let few = |block: &[u8]| block.len() as f64 * SINGLE_SAMPLES / length;
    let blocks = whole.iter().zip(left).filter(|((_, block), left)| *left as f64 > few(block));
    Ok(blocks.map(|((time, _), _)| *time).collect())
}

/// Milliseconds of a block.
fn length(whole: &Samples) -> Option<f64> {
    let mut lengths: Vec<i64> = whole.windows(MANY + 1).map(|blocks| blocks[MANY].0 - blocks[0].0).collect();
    lengths.sort_unstable();
    Some(*lengths.get(lengths.len() / 2)? as f64 / MANY as f64)
}

/// Where in blocks bytes stand that are played from `time` on.
fn place(blocks: &[(i64, Vec<u8>)], length: f64, time: i64, bytes: &[u8]) -> Option<usize> {
    let joined: Vec<u8> = blocks.iter().flat_map(|(_, block)| block.iter().copied()).collect();
    let found = memchr::memmem::find_iter(&joined, bytes);
    let time_of = |place: usize| {
        let mut rest = place;
        for (start, block) in blocks {
            if rest < block.len() {
                return *start as f64 + rest as f64 / block.len() as f64 * length;
            }
            rest -= block.len();
        }
        f64::INFINITY
    };
    found.into_iter().find(|place| (time_of(*place) - time as f64).abs() <= ROUNDING)
}

/// Takes what a range of bytes covers off what is left of blocks.
fn take(left: &mut [usize], blocks: &[(i64, Vec<u8>)], range: std::ops::Range<usize>) {
    let mut start = 0;
    for (left, (_, block)) in left.iter_mut().zip(blocks) {
        let end = start + block.len();
        let covered = range.end.min(end).saturating_sub(range.start.max(start));
        *left = left.saturating_sub(covered);
        start = end;
    }
}
