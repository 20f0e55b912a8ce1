//! Pixels, and the PNG file that they become (ISO/IEC 15948).

use flate2::{Compress, Compression, FlushCompress};

use super::colour::Rgb;

/// A picture of pixels; what is not drawn on stays transparent.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    /// Red, green, blue and opacity, line by line.
    pixels: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![0; width * height * 4] }
    }

    /// Colours a pixel; one outside the picture is none.
    pub(super) fn set(&mut self, x: usize, y: usize, [r, g, b]: Rgb, opacity: u8) {
        let start = (y * self.width + x) * 4;
        if x < self.width
            && let Some(pixel) = self.pixels.get_mut(start..start + 4)
        {
            pixel.copy_from_slice(&[r, g, b, opacity]);
        }
    }

    /// Fills a rectangle.
    pub(super) fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, colour: Rgb) {
        for line in y..y.saturating_add(height).min(self.height) {
            for column in x..x.saturating_add(width).min(self.width) {
                self.set(column, line, colour, 255);
            }
        }
    }

    /// The file. Every line is written as it is (filter 0): runs of one colour are what there is to compress.
    pub(super) fn png(&self) -> Vec<u8> {
        let mut lines = Vec::with_capacity(self.pixels.len() + self.height);
        for line in self.pixels.chunks(self.width.max(1) * 4) {
            lines.push(0);
            lines.extend_from_slice(line);
        }
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes();
        // Eight bits a channel, colour with opacity, the one compression, the one filter method, no interlace.
        let header = [&number(self.width)[..], &number(self.height), &[8, 6, 0, 0, 0]].concat();
        let mut file = vec![0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n'];
        chunk(&mut file, b"IHDR", &header);
        chunk(&mut file, b"IDAT", &zlib(&lines));
        chunk(&mut file, b"IEND", &[]);
        file
    }
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    let mut crc = crc32fast::Hasher::new();
    crc.update(kind);
    crc.update(content);
    file.extend_from_slice(&u32::try_from(content.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(kind);
    file.extend_from_slice(content);
    file.extend_from_slice(&crc.finalize().to_be_bytes());
}

/// The bytes as one zlib stream.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::default(), true);
    let mut out = Vec::with_capacity(bytes.len() / 8 + 1024);
    loop {
        let rest = bytes.get(usize::try_from(compress.total_in()).unwrap_or(usize::MAX)..).unwrap_or_default();
        out.reserve(64 * 1024);
        match compress.compress_vec(rest, &mut out, FlushCompress::Finish) {
            Ok(flate2::Status::Ok | flate2::Status::BufError) => {}
            // Compressing knows no error but that of a dictionary, and there is none.
            Ok(flate2::Status::StreamEnd) | Err(_) => return out,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Width, height and pixels of a file as [`Canvas::png`] writes it.
    pub(in super::super) fn decoded(file: &[u8]) -> (usize, usize, Vec<u8>) {
        let mut at = 8;
        let (mut size, mut data) = ((0, 0), Vec::new());
        while at < file.len() {
            let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            let length = number(at);
            let content = &file[at + 8..at + 8 + length];
            assert_eq!(crc32fast::hash(&file[at + 4..at + 8 + length]), number(at + 8 + length) as u32);
            match &file[at + 4..at + 8] {
                b"IHDR" => size = (number(at + 8), number(at + 12)),
                b"IDAT" => data.extend_from_slice(content),
                kind => assert_eq!((kind, length), (&b"IEND"[..], 0)),
            }
            at += 12 + length;
        }
        let mut lines = Vec::with_capacity((size.0 * 4 + 1) * size.1);
        flate2::Decompress::new(true).decompress_vec(&data, &mut lines, flate2::FlushDecompress::Finish).unwrap();
        assert_eq!(lines.len(), (size.0 * 4 + 1) * size.1);
        let pixels = lines.chunks(size.0 * 4 + 1).flat_map(|line| line[1..].to_vec()).collect();
        (size.0, size.1, pixels)
    }

    #[test]
    fn what_is_drawn_is_in_the_file() {
        let mut canvas = Canvas::new(300, 200);
        for i in 0..200 {
            canvas.fill(i, i, 3, 1, [i as u8, 100, (i * 7) as u8]);
        }
        canvas.set(300, 0, [1; 3], 255);
        canvas.set(0, 200, [1; 3], 255);
        let file = canvas.png();
        let (width, height, pixels) = decoded(&file);
        assert_eq!((width, height), (300, 200));
        assert!(pixels == canvas.pixels);
        assert_eq!(pixels[(5 * 300 + 7) * 4..][..8], [5, 100, 35, 255, 0, 0, 0, 0]);
    }
}
