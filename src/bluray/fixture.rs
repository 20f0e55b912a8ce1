//! Tables made by hand, for tests.

/// A block with its length in front.
fn block<const N: usize>(body: Vec<u8>) -> Vec<u8> {
    let mut bytes = (body.len() as u64).to_be_bytes()[8 - N..].to_vec();
    bytes.extend(body);
    bytes
}

/// Where `needle` first lies.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|w| w == needle).unwrap()
}

/// A play item.
#[derive(Clone)]
pub(crate) struct Item {
    pub(crate) clip: &'static str,
    pub(crate) connection: u8,
    pub(crate) stc: u8,
    pub(crate) times: (u32, u32),
    pub(crate) angles: Vec<&'static str>,
    pub(crate) still: (u8, u16),
    pub(crate) streams: Vec<u8>,
}

impl Item {
    pub(crate) fn new(clip: &'static str, connection: u8, times: (u32, u32)) -> Self {
        Self { clip, connection, stc: 0, times, angles: Vec::new(), still: (0, 0), streams: film_streams() }
    }

    fn build(&self, padding: usize) -> Vec<u8> {
        let mut b = self.clip.as_bytes().to_vec();
        b.extend(b"M2TS");
        b.extend([0, self.connection | if self.angles.is_empty() { 0 } else { 0x10 }, self.stc]);
        b.extend(self.times.0.to_be_bytes());
        b.extend(self.times.1.to_be_bytes());
        b.extend([0; 9]);
        b.push(self.still.0);
        b.extend(self.still.1.to_be_bytes());
        if !self.angles.is_empty() {
            b.extend([self.angles.len() as u8 + 1, 0]);
            for angle in &self.angles {
                b.extend(angle.as_bytes());
                b.extend(b"M2TS\0");
            }
        }
        b.extend(&self.streams);
        b.extend(vec![0xee; padding]);
        block::<2>(b)
    }
}

/// A stream entry: origin, attributes.
fn stream(origin: &[u8], attributes: &[u8]) -> Vec<u8> {
    [block::<1>(origin.to_vec()), block::<1>(attributes.to_vec())].concat()
}

/// A table with one stream of most kinds.
pub(crate) fn film_streams() -> Vec<u8> {
    let mut t = vec![0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0];
    t.extend(stream(&[1, 0x10, 0x11, 0, 0, 0, 0, 0, 0], &[0x1b, 0x61, 0, 0, 0]));
    t.extend(stream(&[1, 0x11, 0x00], &[0x83, 0x61, b'e', b'n', b'g']));
    t.extend(stream(&[2, 0, 0, 0x12, 0x00], &[0x90, b'f', b'r', b'a', 0]));
    t.extend(stream(&[1, 0x1a, 0x00], &[0xa1, 0x31, b'e', b'n', b'g']));
    t.extend([1, 0, 0, 0]);
    t.extend(stream(&[3, 1, 0x1b, 0x00], &[0x1b, 0x31]));
    t.extend([1, 0, 0, 0]);
    t.extend([0, 0]);
    t.extend(stream(&[1, 0x10, 0x15], &[0x24, 0x81, 0x22, 0x40]));
    block::<2>(t)
}

/// A table with one video stream and an audio stream of each language.
pub(crate) fn plain_streams(languages: &[&str]) -> Vec<u8> {
    let mut t = vec![0, 0, 1, languages.len() as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    t.extend(stream(&[1, 0x10, 0x11], &[0x1b, 0x61]));
    for (index, language) in languages.iter().enumerate() {
        let mut attributes = vec![0x81, 0x61];
        attributes.extend(language.as_bytes());
        t.extend(stream(&[1, 0x11, index as u8], &attributes));
    }
    block::<2>(t)
}

/// A playlist.
#[derive(Clone)]
pub(crate) struct Mpls {
    pub(crate) items: Vec<Item>,
    /// Kind, item, time.
    pub(crate) marks: Vec<(u8, u16, u32)>,
    pub(crate) sub_path: bool,
    pub(crate) extension: bool,
    /// Bytes that nobody knows, behind every block that may grow.
    pub(crate) padding: usize,
}

impl Mpls {
    pub(crate) fn new(items: Vec<Item>, marks: Vec<(u8, u16, u32)>) -> Self {
        Self { items, marks, sub_path: false, extension: false, padding: 0 }
    }

    /// Two items, a chapter, a link mark, a sub-path with subtitles.
    pub(crate) fn film() -> Self {
        let mut items = vec![Item::new("00001", 1, (45_000, 90_000)), Item::new("00002", 5, (90_000, 180_000))];
        items[1].stc = 1;
        Self { sub_path: true, ..Self::new(items, vec![(1, 0, 45_000), (2, 1, 100_000)]) }
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let mut file = b"MPLS0200".to_vec();
        file.resize(40, 0);
        file.extend(block::<4>([vec![0, 1, 0, 0], vec![0; 10 + self.padding]].concat()));
        let start = file.len() as u32;
        file[8..12].copy_from_slice(&start.to_be_bytes());
        let mut list = vec![0, 0];
        list.extend((self.items.len() as u16).to_be_bytes());
        list.extend(u16::from(self.sub_path).to_be_bytes());
        self.items.iter().for_each(|i| list.extend(i.build(self.padding)));
        if self.sub_path {
            list.extend(sub_path(self.padding));
        }
        list.extend(vec![0xee; self.padding]);
        file.extend(block::<4>(list));
        let start = file.len() as u32;
        file[12..16].copy_from_slice(&start.to_be_bytes());
        let mut marks = (self.marks.len() as u16).to_be_bytes().to_vec();
        for (kind, item, time) in &self.marks {
            marks.extend([0, *kind]);
            marks.extend(item.to_be_bytes());
            marks.extend(time.to_be_bytes());
            marks.extend([0xff, 0xff, 0, 0, 0, 0]);
        }
        file.extend(block::<4>(marks));
        if self.extension {
            let start = file.len() as u32;
            file[16..20].copy_from_slice(&start.to_be_bytes());
            file.extend(extension());
        }
        file
    }
}

fn sub_path(padding: usize) -> Vec<u8> {
    let mut item = b"00009M2TS".to_vec();
    item.extend([0, 0, 0, 5 << 1, 0]);
    item.extend(1000u32.to_be_bytes());
    item.extend(2000u32.to_be_bytes());
    item.extend([0, 1]);
    item.extend(90_000u32.to_be_bytes());
    item.extend(vec![0xee; padding]);
    let mut path = vec![0, 5, 0, 1, 0, 1];
    path.extend(block::<2>(item));
    path.extend(vec![0xee; padding]);
    block::<4>(path)
}

fn extension() -> Vec<u8> {
    let paths = block::<4>([vec![0, 1], sub_path(0)].concat());
    let mut hdr = vec![1, 0, 0, 0, 0x10, 0, 0, 0];
    [1u16, 2, 3, 4, 5, 6, 7, 8, 1000, 50, 1000, 400].iter().for_each(|n| hdr.extend(n.to_be_bytes()));
    let hdr = block::<4>(hdr);
    // Length, start of the data, count, then two entries.
    let data = 4 + 4 + 4 + 2 * 12;
    let mut b = (data as u32).to_be_bytes().to_vec();
    b.extend([0, 0, 0, 2]);
    for (kind, from, length) in [([0, 2, 0, 2], data, paths.len()), ([0, 3, 0, 5], data + paths.len(), hdr.len())] {
        b.extend(kind);
        b.extend((from as u32).to_be_bytes());
        b.extend((length as u32).to_be_bytes());
    }
    b.extend(paths);
    b.extend(hdr);
    block::<4>(b)
}

/// Clip information with two clocks, one program and entry points for the video.
pub(crate) struct Clpi {
    pub(crate) packets: u32,
    /// First packet, start, end.
    pub(crate) clocks: Vec<(u32, u32, u32)>,
    /// Coarse: first fine entry, time bits, packet.
    pub(crate) coarse: Vec<(u32, u32, u32)>,
    /// Fine: time bits, packet bits.
    pub(crate) fine: Vec<(u32, u32)>,
}

impl Clpi {
    pub(crate) fn film() -> Self {
        Self {
            packets: 300_000,
            clocks: vec![(0, 1 << 19, 3 << 19), (200_000, 1 << 19, 2 << 19)],
            coarse: vec![(0, 2, 0), (2, 4, 131_072), (4, 2, 131_072)],
            fine: vec![(0, 100), (1000, 90_000), (0, 9_000), (500, 60_000), (0, 70_000), (2, 90_000)],
        }
    }

    pub(crate) fn build(&self) -> Vec<u8> {
        let mut file = b"HDMV0200".to_vec();
        file.resize(40, 0);
        let mut info = vec![0, 0, 1, 1, 0, 0, 0, 0];
        info.extend(6_000_000u32.to_be_bytes());
        info.extend(self.packets.to_be_bytes());
        info.extend([0; 128]);
        file.extend(block::<4>(info));
        let place = |file: &mut Vec<u8>, pointer: usize, part: Vec<u8>| {
            let start = file.len() as u32;
            file[pointer..pointer + 4].copy_from_slice(&start.to_be_bytes());
            file.extend(block::<4>(part));
        };
        let mut sequences = vec![0, 1, 0, 0, 0, 0, self.clocks.len() as u8, 0];
        for (packet, start, end) in &self.clocks {
            sequences.extend([0x10, 0x01]);
            [packet, start, end].iter().for_each(|n| sequences.extend(n.to_be_bytes()));
        }
        place(&mut file, 8, sequences);
        let mut program = vec![0, 1, 0, 0, 0, 0, 0x01, 0x00, 2, 0];
        program.extend([0x10, 0x11]);
        program.extend(block::<1>([vec![0x24, 0x81, 0x30, 0x12, 0x80], vec![0; 16]].concat()));
        program.extend([0x11, 0x00]);
        program.extend(block::<1>([vec![0x81, 0x61], b"deu".to_vec(), vec![0; 16]].concat()));
        place(&mut file, 12, program);
        place(&mut file, 16, self.entry_points());
        file
    }

    fn entry_points(&self) -> Vec<u8> {
        let mut part = vec![0, 1, 0, 1];
        part.extend([0x10, 0x11]);
        let bits = 1u64 << 34 | (self.coarse.len() as u64) << 18 | self.fine.len() as u64;
        part.extend(&bits.to_be_bytes()[2..]);
        part.extend(14u32.to_be_bytes());
        part.extend((4 + 8 * self.coarse.len() as u32).to_be_bytes());
        for (fine, time, packet) in &self.coarse {
            part.extend((fine << 14 | time).to_be_bytes());
            part.extend(packet.to_be_bytes());
        }
        for (time, packet) in &self.fine {
            part.extend((1 << 31 | time << 17 | packet).to_be_bytes());
        }
        part
    }
}

/// Movie objects: the commands of each.
pub(crate) fn movie_objects(objects: &[Vec<[u8; 12]>]) -> Vec<u8> {
    let mut file = b"MOBJ0200".to_vec();
    file.resize(40, 0);
    let mut body = vec![0; 4];
    body.extend((objects.len() as u16).to_be_bytes());
    for commands in objects {
        body.extend([0x80, 0]);
        body.extend((commands.len() as u16).to_be_bytes());
        body.extend(commands.concat());
    }
    file.extend(block::<4>(body));
    file
}

/// A BD-J object that may play `playlists`, or any.
pub(crate) fn bdj_object(playlists: &[&str], any: bool) -> Vec<u8> {
    let mut file = b"BDJO0200".to_vec();
    file.resize(48, 0);
    file.extend(block::<4>(b"*****\x10\0\0\0\0".to_vec()));
    file.extend(block::<4>([vec![1, 0], vec![0; 12]].concat()));
    let mut table = ((playlists.len() as u32) << 21 | u32::from(any) << 20).to_be_bytes().to_vec();
    playlists.iter().for_each(|name| table.extend([name.as_bytes(), &[0]].concat()));
    file.extend(block::<4>(table));
    file
}

/// A button's number and its commands.
pub(crate) type Button = (u16, Vec<[u8; 12]>);

/// A menu's composition, its fragments joined: the buttons of each page.
pub(crate) fn menu(pages: &[Vec<Button>]) -> Vec<u8> {
    let mut body = vec![0x80, 0, 0, 0, pages.len() as u8];
    for (id, buttons) in (0u8..).zip(pages) {
        body.extend([id, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        // An effect with a window, a plain and a cropped object; none on the way out.
        body.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2]);
        body.extend([[0; 8], [0, 0, 0, 0x80, 0, 0, 0, 0], [0; 8]].concat());
        body.extend([0, 0]);
        body.extend([0, 0, 0, 0xff, 0xff, 0]);
        body.push(buttons.len() as u8);
        for (number, commands) in buttons {
            body.extend([0xff, 0xff, 1]);
            body.extend(number.to_be_bytes());
            body.extend([0; 2 + 1 + 4 + 8 + 5 + 6 + 5]);
            body.extend((commands.len() as u16).to_be_bytes());
            body.extend(commands.concat());
        }
    }
    block::<3>(body)
}

/// The segments of a composition, each with `most` bytes of it.
pub(crate) fn menu_segments(joined: &[u8], most: usize) -> Vec<u8> {
    let last = joined.chunks(most).count() - 1;
    let mut segments = Vec::new();
    for (index, fragment) in joined.chunks(most).enumerate() {
        let sequence = if index == 0 { 0x80 } else { 0 } | if index == last { 0x40 } else { 0 };
        let head = [0x07, 0x80, 0x04, 0x38, 0x10, 0, 0, 0x80, sequence];
        segments.push(0x18);
        segments.extend(block::<2>([&head[..], fragment].concat()));
    }
    segments
}
