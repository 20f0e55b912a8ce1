//! Seeds out of streams: pieces of them, and the elementary streams in them.

use std::io;

use freemkv::demux::m2ts::{self, Layout};
use freemkv::demux::pes::PesHead;
use freemkv::demux::{Loss, Sink, ps, psi};
use freemkv::dvd::nav;

use super::{BYTES, SECTOR, Seeds, piece};

/// A discontinuity at no packet (`support::split`).
const NEVER: u8 = 16;

impl Seeds {
    pub fn program_stream(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut demux = ps::Demux::new(0);
        demux.push(&bytes[..bytes.len().min(1 << 20)], &mut Packets::default());
        let seen: Vec<(u8, Option<u8>)> = demux.seen().collect();
        for at in [0, bytes.len() / 3 / SECTOR * SECTOR] {
            let some = &bytes[at..bytes.len().min(at + 14 * SECTOR)];
            self.add("ps", [&[1, 255, 3, 3][..], some].concat())?;
            self.add("film", [&[6, 2][..], some].concat())?;
            self.add("written", some.to_vec())?;
        }
        for sector in bytes.chunks_exact(SECTOR).filter(|sector| nav::is_nav(sector)).step_by(7) {
            self.add("dvd_nav", sector.to_vec())?;
        }
        for (id, private) in seen {
            let target = match (id, private) {
                (0xE0..=0xEF, _) => "mpeg_video",
                (0xC0..=0xCF, _) => "mp2",
                (_, Some(0x20..=0x3F)) => "vobsub",
                (_, Some(0x80..=0x87)) => "ac3",
                (_, Some(0x88..=0x8F)) => "dts",
                (_, Some(0xA0..=0xA7)) => "lpcm",
                _ => continue,
            };
            let mut demux = ps::Demux::new(0);
            let _ = demux.select(id, private);
            let mut packets = Packets::default();
            demux.push(bytes, &mut packets);
            self.packets(target, &packets.all)?;
            if target == "mpeg_video" {
                self.captions(&joined(&packets.all))?;
            }
        }
        Ok(())
    }

    /// The captions of groups of pictures, as `captions` takes them.
    fn captions(&mut self, mut pictures: &[u8]) -> io::Result<()> {
        const START: &[u8] = b"\0\0\x01";
        const HEAD: &[u8] = b"\0\0\x01\xB2CC\x01\xF8";
        let mut seed = Vec::new();
        while let Some(at) = pictures.windows(HEAD.len()).position(|bytes| bytes == HEAD) {
            pictures = &pictures[at + HEAD.len()..];
            let end = pictures.windows(START.len()).position(|bytes| bytes == START).unwrap_or(pictures.len());
            let user_data = &pictures[..end.min(255)];
            if seed.len() + user_data.len() < BYTES {
                seed.extend([0, user_data.len() as u8]);
                seed.extend_from_slice(user_data);
            }
        }
        if seed.is_empty() { Ok(()) } else { self.add("captions", seed) }
    }

    pub fn transport_stream(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(layout) = Layout::detect(bytes) else { return Ok(()) };
        let control = [(Layout::M2ts, 63), (Layout::Ts, 64), (Layout::Ts204, 65)];
        let control = control.iter().find(|(known, _)| *known == layout).map_or(63, |(_, control)| *control);
        for at in [0, bytes.len() / 3 / layout.stride() * layout.stride()] {
            let some = &bytes[at..bytes.len().min(at + 150 * layout.stride())];
            self.add("ts", [&[control][..], &some[..some.len().min(BYTES)]].concat())?;
            self.add("film", [&[9, 3][..], some].concat())?;
            self.add("written", some.to_vec())?;
            self.add("psi", some[..some.len().min(BYTES)].to_vec())?;
        }
        let Some(program) = psi::scan(bytes, layout) else { return Ok(()) };
        let read = |pids: &[u16]| {
            let mut demux = m2ts::Demux::new(layout, 0);
            let mut packets = Packets::default();
            pids.iter().for_each(|pid| {
                let _ = demux.select(*pid);
            });
            demux.push(bytes, &mut packets);
            demux.finish(&mut packets);
            packets.all
        };
        for stream in &program.streams {
            let target = match stream.stream_type {
                0x01 | 0x02 => "mpeg_video",
                0x03 | 0x04 => "mp2",
                0x1B => "avc",
                0x24 => "hevc",
                0xEA => "vc1",
                0x80 => "lpcm",
                0x81 => "ac3",
                0x84 | 0x87 | 0xA1 => "eac3",
                0x83 => "truehd",
                0x82 | 0x85 | 0x86 | 0x8A | 0xA2 => "dts",
                0x90 => "pgs",
                0x91 => "interactive",
                0x92 => "textst",
                _ => continue,
            };
            let packets = read(&[stream.pid]);
            match target {
                "interactive" => self.add(target, limited(&joined(&packets)))?,
                _ => self.packets(target, &packets)?,
            }
            if target == "pgs" {
                self.sets(&joined(&packets))?;
            }
        }
        let layers: Vec<u16> = [0x1011, 0x1015].into();
        if layers.iter().all(|pid| program.streams.iter().any(|stream| stream.pid == *pid)) {
            self.layers(&read(&layers))?;
        }
        Ok(())
    }

    /// Packets as `support::split` cuts them: all of one length, where they are.
    fn packets(&mut self, target: &'static str, packets: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let Some((_, first)) = packets.first() else { return Ok(()) };
        let cut = if packets.iter().take(8).all(|(_, p)| p.len() == first.len()) { first.len() } else { 1000 };
        let bytes = limited(&joined(packets));
        for cut in [cut, 188] {
            self.add(target, [&control(cut)[..], &bytes].concat())?;
        }
        Ok(())
    }

    /// Display sets, as `pgs_forced` takes them.
    fn sets(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let (mut set, mut seed) = (Vec::new(), Vec::new());
        while let [kind, high, low, ..] = bytes {
            let length = 3 + usize::from(u16::from_be_bytes([*high, *low]));
            let Some((segment, rest)) = bytes.split_at_checked(length) else { break };
            set.extend_from_slice(segment);
            bytes = rest;
            if *kind == 0x80 {
                if seed.len() + set.len() < BYTES {
                    seed.extend(piece(&set));
                }
                set.clear();
            }
        }
        self.add("pgs_forced", seed)
    }

    /// Packets of both layers of Dolby Vision, as `layers` takes them.
    fn layers(&mut self, packets: &[(u8, Vec<u8>)]) -> io::Result<()> {
        let mut seed = Vec::new();
        for (number, (slot, packet)) in (0u8..40).zip(packets) {
            seed.extend([if *slot == 0 { 2 } else { 5 }, number / 2]);
            seed.extend(piece(&packet[..packet.len().min(3000)]));
        }
        self.add("layers", seed)
    }
}

fn limited(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len().min(BYTES)].to_vec()
}

fn joined(packets: &[(u8, Vec<u8>)]) -> Vec<u8> {
    packets.iter().flat_map(|(_, packet)| packet.iter().copied()).collect()
}

/// The bytes with which `support::split` cuts into packets of `cut` bytes.
fn control(cut: usize) -> [u8; 4] {
    let rest = (cut - 1 + 10_000 - usize::from(NEVER) * 343) % 5000;
    [NEVER, (rest / 49) as u8, (rest % 49 / 7) as u8, (rest % 7) as u8]
}

/// Gathers packets with their slots.
#[derive(Default)]
struct Packets {
    all: Vec<(u8, Vec<u8>)>,
    open: [Option<Vec<u8>>; 2],
}

impl Sink for Packets {
    fn start(&mut self, slot: u8, _: &PesHead) {
        self.open[usize::from(slot)] = Some(Vec::new());
    }

    fn payload(&mut self, slot: u8, bytes: &[u8]) {
        self.open[usize::from(slot)].iter_mut().for_each(|open| open.extend_from_slice(bytes));
    }

    fn end(&mut self, slot: u8) {
        self.all.extend(self.open[usize::from(slot)].take().map(|packet| (slot, packet)));
    }

    fn lost(&mut self, slot: u8, _: Loss) {
        self.open[usize::from(slot)] = None;
    }
}
