//! Transport packets of the bundled film, to be changed as the streams of people are.

use std::path::Path;

use super::disc::Disc;

/// Bytes of a packet with its arrival time.
pub(crate) const PACKET: usize = 192;
pub(crate) const VIDEO: u16 = 0x1011;
pub(crate) const AUDIO: u16 = 0x1100;

const WRAP: i64 = 1 << 33;

/// The first seconds of the film: up to the first picture that is stamped behind them.
pub(crate) fn film(seconds: i64) -> Vec<u8> {
    let image = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/discs/film.iso");
    let disc = Disc::memory(std::fs::read(image).unwrap());
    let mut stream = disc.fs.read_whole("BDMV/STREAM/00000.m2ts", 1 << 30).unwrap();
    let first = stream.chunks_exact(PACKET).find_map(|p| stamp(p).filter(|_| pid(p) == VIDEO)).unwrap();
    let is_behind = |p: &[u8]| pid(p) == VIDEO && stamp(p).is_some_and(|pts| pts > first + seconds * 90_000);
    let end = stream.chunks_exact(PACKET).position(is_behind).unwrap();
    stream.truncate(end * PACKET);
    aligned(stream)
}

/// Null packets up to the end of an aligned unit.
pub(crate) fn aligned(mut stream: Vec<u8>) -> Vec<u8> {
    let missing = stream.len().next_multiple_of(32 * PACKET) - stream.len();
    stream.extend(null(missing / PACKET));
    stream
}

/// Null packets.
pub(crate) fn null(count: usize) -> Vec<u8> {
    let mut packet = [0xFF; PACKET];
    packet[..8].copy_from_slice(&[0, 0, 0, 0, 0x47, 0x1F, 0xFF, 0x10]);
    packet.repeat(count)
}

pub(crate) fn pid(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[5], packet[6]]) & 0x1FFF
}

/// Where a PES packet begins in a packet.
pub(crate) fn pes(packet: &[u8]) -> Option<usize> {
    let from = 4 + if packet[7] & 0x20 != 0 { 5 + usize::from(packet[8]) } else { 4 };
    (packet[5] & 0x40 != 0 && packet.get(from..from + 3) == Some(&[0, 0, 1])).then_some(from)
}

/// The presentation time in a packet.
pub(crate) fn stamp(packet: &[u8]) -> Option<i64> {
    let at = pes(packet).filter(|at| packet[at + 7] & 0x80 != 0)?;
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| i64::from(packet[at + 9 + n]));
    Some((a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1)
}

/// Gives every time stamp another value, by its packet and itself.
pub(crate) fn restamp(stream: &mut [u8], new: impl Fn(usize, i64) -> i64) {
    for (n, packet) in stream.chunks_exact_mut(PACKET).enumerate() {
        let Some(pes) = pes(packet) else { continue };
        let flags = packet[pes + 7] >> 6;
        let fields = [(flags & 2 != 0, pes + 9, flags << 4), (flags & 1 != 0, pes + 14, 0x10)];
        for (_, at, tag) in fields.into_iter().filter(|field| field.0) {
            let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| i64::from(packet[at + n]));
            let old = (a >> 1 & 7) << 30 | b << 22 | c >> 1 << 15 | d << 7 | e >> 1;
            let t = new(n, old).rem_euclid(WRAP).unsigned_abs();
            let byte = |shift: u32| (t >> shift).to_le_bytes()[0];
            let field = [tag | (byte(30) & 7) << 1 | 1, byte(22), byte(14) | 1, byte(7), byte(0) << 1 | 1];
            packet[at..at + 5].copy_from_slice(&field);
        }
    }
}

/// The same, all stamps moved by this many ticks.
pub(crate) fn shifted(stream: &[u8], by: i64) -> Vec<u8> {
    let mut stream = stream.to_vec();
    restamp(&mut stream, |_, t| t + by);
    stream
}

/// Changes the packets of tables: PAT and PMT.
pub(crate) fn tables(stream: &mut [u8], change: impl Fn(&mut [u8])) {
    stream.chunks_exact_mut(PACKET).filter(|p| matches!(pid(p), 0 | 0x100)).for_each(change);
}

/// A stream to be wrapped.
#[derive(Clone)]
pub(crate) struct Elementary {
    pub(crate) pid: u16,
    /// The type in the table of the program.
    pub(crate) kind: u8,
    /// `stream_id` of its packets, and the extension of that.
    pub(crate) id: u8,
    pub(crate) extension: Option<u8>,
    /// Descriptors in the table, tags and lengths included.
    pub(crate) descriptors: Vec<u8>,
    /// Its PES packets, with their times.
    pub(crate) packets: Vec<(Option<i64>, Vec<u8>)>,
}

/// A transport stream of these, in the order of their times.
pub(crate) fn wrapped(streams: &[Elementary]) -> Vec<u8> {
    let table = |table: u8, number: u16, body: &[u8]| {
        let mut section = vec![table, 0xB0, (body.len() + 9) as u8];
        section.extend(number.to_be_bytes());
        section.extend([0xC1, 0, 0]);
        section.extend(body);
        section.extend(crc(&section).to_be_bytes());
        [&[0][..], &section].concat()
    };
    let mut map = vec![0xFF, 0xFF, 0xF0, 0];
    for stream in streams {
        map.push(stream.kind);
        map.extend((0xE000 | stream.pid).to_be_bytes());
        map.extend([0xF0, stream.descriptors.len() as u8]);
        map.extend(&stream.descriptors);
    }
    let mut out = Vec::new();
    put(&mut out, 0, &mut 0, &table(0, 1, &[0, 1, 0xE1, 0]));
    put(&mut out, 0x100, &mut 0, &table(2, 1, &map));
    let mut order: Vec<(i64, usize, usize)> = Vec::new();
    for (number, stream) in streams.iter().enumerate() {
        let mut last = i64::MIN;
        for (n, (pts, _)) in stream.packets.iter().enumerate() {
            last = pts.unwrap_or(last);
            order.push((last, number, n));
        }
    }
    order.sort_unstable();
    let mut counters = vec![0; streams.len()];
    for (_, number, n) in order {
        let stream = &streams[number];
        let (pts, payload) = &stream.packets[n];
        put(&mut out, stream.pid, &mut counters[number], &pes_packet(stream, *pts, payload));
    }
    aligned(out)
}

fn pes_packet(stream: &Elementary, pts: Option<i64>, payload: &[u8]) -> Vec<u8> {
    let mut fields = Vec::new();
    if let Some(t) = pts {
        let byte = |shift: u32| (t >> shift).to_le_bytes()[0];
        fields.extend([0x21 | (byte(30) & 7) << 1, byte(22), byte(14) | 1, byte(7), byte(0) << 1 | 1]);
    }
    if let Some(extension) = stream.extension {
        fields.extend([0x0F, 0x81, extension]);
    }
    let flags = if pts.is_some() { 0x80 } else { 0 } | u8::from(stream.extension.is_some());
    let length = 3 + fields.len() + payload.len();
    let length = if stream.id & 0xF0 == 0xE0 { 0 } else { u16::try_from(length).unwrap() };
    let head = [&[0, 0, 1, stream.id][..], &length.to_be_bytes(), &[0x84, flags, fields.len() as u8]].concat();
    [&head[..], &fields, payload].concat()
}

/// Puts bytes into packets; the last one is filled up in front.
fn put(out: &mut Vec<u8>, pid: u16, counter: &mut u8, bytes: &[u8]) {
    for (n, part) in bytes.chunks(184).enumerate() {
        let [high, low] = pid.to_be_bytes();
        let (start, fill) = (if n == 0 { 0x40 } else { 0 }, 184 - part.len());
        let control = if fill > 0 { 0x30 } else { 0x10 } | *counter;
        out.extend([0, 0, 0, 0, 0x47, high | start, low, control]);
        if fill > 0 {
            out.push(fill as u8 - 1);
            out.extend([0].iter().chain([0xFF; 182].iter()).take(fill - 1));
        }
        out.extend(part);
        *counter = (*counter + 1) & 0x0F;
    }
}

/// The checksum of tables (ISO/IEC 13818-1, annex A).
fn crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04C1_1DB7 } else { 0 })
    })
}
