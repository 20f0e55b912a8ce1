//! Room for an image before it is written, and zeros where nothing is.

use super::file::WritebackFile;
use super::strategy::OutputKind;
use super::window::ByteRange;
use crate::image::error::{ImageError, Operation};

/// What `--prealloc` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Prealloc {
    /// Nothing: the file grows as it is written.
    #[default]
    None,
    /// The length is set; it takes no room.
    Zero,
    /// The room is reserved (`fallocate`).
    Allocate,
    /// Zeros are written.
    Write,
}

/// Zeros are written in pieces of this size.
const PIECE: usize = 1 << 20;

/// Prepares the file for `size` bytes. What is there stays; a device has its room already. Says what was
/// done: a file system that reserves no room gives the length only. Ends early when `stop` says so, which hears how many
/// bytes are there.
///
/// # Errors
/// [`ImageError::Unsupported`] for a stream, or an error that is final.
pub(in crate::image) fn preallocate(
    file: &mut WritebackFile,
    size: u64,
    how: Prealloc,
    stop: &dyn Fn(u64) -> bool,
) -> Result<Prealloc, ImageError> {
    let length = file.length()?;
    match (file.kind(), how) {
        (_, Prealloc::None) => {}
        (OutputKind::Stream, _) => return Err(file.unsupported("be given room before it is written")),
        (OutputKind::BlockDevice, _) => {}
        (OutputKind::File, Prealloc::Allocate) => {
            if !file.reserve(size)? {
                return preallocate(file, size, Prealloc::Zero, stop);
            }
        }
        (OutputKind::File, Prealloc::Zero) if length < size => file.set_length(size)?,
        (OutputKind::File, Prealloc::Zero) => {}
        (OutputKind::File, Prealloc::Write) => file.write_zeros(length, size, stop)?,
    }
    Ok(how)
}

impl WritebackFile {
    /// Cuts or extends a regular file; what is new reads as zero. Zeros are written where the file system
    /// cannot extend.
    ///
    /// # Errors
    /// [`ImageError::Unsupported`] for what has no length to set, or an error that is final.
    pub fn set_length(&mut self, length: u64) -> Result<(), ImageError> {
        self.check()?;
        if self.kind() != OutputKind::File {
            return Err(self.unsupported("be given a length"));
        }
        self.flush_out()?;
        let have = self.length()?;
        match self.open()?.sink().set_len(length) {
            // What ftruncate(2) says where nothing can be extended.
            Err(e) if length > have && matches!(e.raw_os_error(), Some(libc::EPERM | libc::EOPNOTSUPP)) => {
                self.write_zeros(have, length, &|_| false)
            }
            result => result.map_err(|e| self.raise(ImageError::io_at(Operation::SetLength, self.path(), length, e))),
        }
    }

    /// Reserves room for the first `size` bytes of a regular file, which becomes so long when it is shorter.
    /// Says whether the file system does such a thing.
    ///
    /// # Errors
    /// An error that is final: a full disk.
    pub fn reserve(&mut self, size: u64) -> Result<bool, ImageError> {
        self.flush_out()?;
        match self.open()?.sink().reserve(ByteRange { offset: 0, len: size }) {
            Ok(()) => Ok(true),
            Err(e) if e.is_unsupported() => Ok(false),
            Err(e) => Err(self.raise(ImageError::io(Operation::Reserve, self.path(), e))),
        }
    }

    /// Makes `len` bytes from `offset` zero, without room for them where that can be, else by writing.
    ///
    /// # Errors
    /// An error that is final.
    pub fn zero(&mut self, offset: u64, len: u64) -> Result<(), ImageError> {
        self.flush_out()?;
        match self.open()?.sink().zero(ByteRange { offset, len }) {
            Err(e) if e.is_unsupported() => self.write_zeros(offset, offset.saturating_add(len), &|_| false),
            result => result.map_err(|e| self.raise(ImageError::io_at(Operation::Zero, self.path(), offset, e))),
        }
    }

    /// Writes zeros from `start` to `end`, unless `stop` says so before.
    ///
    /// # Errors
    /// An error that is final.
    fn write_zeros(&mut self, start: u64, end: u64, stop: &dyn Fn(u64) -> bool) -> Result<(), ImageError> {
        let mut at = start;
        // Not a static, which would lie in the program's file.
        let zeros = vec![0; PIECE];
        while at < end && !stop(at) {
            // Ends at multiples of a piece, which suits every strategy.
            let next = (at + 1).next_multiple_of(PIECE as u64).min(end);
            let len = usize::try_from(next - at).unwrap_or(PIECE).min(PIECE);
            self.write_at(at, zeros.get(..len).unwrap_or_default())?;
            at = next;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::super::fake_sink::{Call, FakeOutput};
    use super::super::strategy::WriteChoice;
    use super::*;

    const SIZE: u64 = 5 * PIECE as u64 + 2048;

    fn open(output: &FakeOutput) -> WritebackFile {
        let clock = Arc::new(output.clock.clone());
        WritebackFile::new(output.sink(), Path::new("disc.iso"), WriteChoice::Window, clock).unwrap()
    }

    fn go_on(_: u64) -> bool {
        false
    }

    #[test]
    fn each_kind_does_what_it_says_and_keeps_what_is_there() {
        let whole = ByteRange { offset: 0, len: SIZE };
        for how in [Prealloc::None, Prealloc::Zero, Prealloc::Allocate, Prealloc::Write] {
            let output = FakeOutput::new();
            let mut file = open(&output);
            file.write_at(0, &[7; 3000]).unwrap();
            assert_eq!(preallocate(&mut file, SIZE, how, &go_on).unwrap(), how);
            let length = if how == Prealloc::None { 3000 } else { SIZE };
            assert_eq!(file.length().unwrap(), length, "{how:?}");
            assert_eq!(output.count(|c| *c == Call::Reserve(whole)), usize::from(how == Prealloc::Allocate));
            assert_eq!(output.count(|c| matches!(c, Call::Write(_))) > 1, how == Prealloc::Write);
            let bytes = output.bytes();
            assert!(bytes[..3000].iter().all(|b| *b == 7) && bytes[3000..].iter().all(|b| *b == 0));
        }
    }

    #[test]
    fn a_file_system_that_reserves_nothing_gives_the_length_and_says_so() {
        let mut output = FakeOutput::new();
        output.reserves = false;
        let mut file = open(&output);
        assert_eq!(preallocate(&mut file, SIZE, Prealloc::Allocate, &go_on).unwrap(), Prealloc::Zero);
        assert_eq!(file.length().unwrap(), SIZE);
    }

    #[test]
    fn a_full_disk_shows_before_the_first_read_and_is_final() {
        let output = FakeOutput::new();
        let mut file = open(&output);
        output.set_full(true);
        assert!(preallocate(&mut file, SIZE, Prealloc::Allocate, &go_on).unwrap_err().is_disk_full());
        output.set_full(false);
        assert!(file.write_at(0, &[1]).unwrap_err().is_disk_full());
    }

    #[test]
    fn writing_zeros_stops_when_asked_to() {
        let output = FakeOutput::new();
        let mut file = open(&output);
        let asked = std::cell::Cell::new(0);
        let stop = |at| asked.replace(asked.get() + 1) == 2 && at == 2 * PIECE as u64;
        preallocate(&mut file, SIZE, Prealloc::Write, &stop).unwrap();
        assert_eq!(file.length().unwrap(), 2 * PIECE as u64);
    }

    #[test]
    fn a_file_that_cannot_be_extended_is_filled_up() {
        let mut output = FakeOutput::new();
        output.extends = false;
        let mut file = open(&output);
        file.write_at(0, &[7; 100]).unwrap();
        file.set_length(SIZE).unwrap();
        assert_eq!(output.bytes().len() as u64, SIZE);
        file.set_length(50).unwrap();
        assert_eq!(output.bytes(), [7; 50]);
    }

    #[test]
    fn zeros_are_punched_or_written() {
        for punches in [true, false] {
            let mut output = FakeOutput::new();
            output.punches = punches;
            let mut file = open(&output);
            file.write_at(0, &[7; 100_000]).unwrap();
            file.zero(2048, 50_000).unwrap();
            file.sync_all().unwrap();
            let bytes = output.bytes();
            assert!(bytes.iter().enumerate().all(|(i, b)| (*b == 0) == (2048..52_048).contains(&i)));
            assert_eq!(output.count(|c| matches!(c, Call::Zero(_))), usize::from(punches));
        }
    }

    #[test]
    fn a_device_has_its_room_and_a_stream_has_none() {
        let mut output = FakeOutput::new();
        output.facts.kind = OutputKind::BlockDevice;
        let mut file = open(&output);
        preallocate(&mut file, SIZE, Prealloc::Write, &go_on).unwrap();
        assert!(output.calls().is_empty());
        output.facts.kind = OutputKind::Stream;
        let clock = Arc::new(output.clock.clone());
        let mut file = WritebackFile::new(output.sink(), Path::new("x"), WriteChoice::Auto, clock).unwrap();
        let refused = preallocate(&mut file, SIZE, Prealloc::Zero, &go_on).unwrap_err();
        assert!(matches!(refused, ImageError::Unsupported { .. }), "{refused}");
    }
}
