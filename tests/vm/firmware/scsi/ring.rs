//! The ring that `target_core_user` shares with its handler (`<linux/target_core_user.h>`, mailbox version 2): a mailbox,
//! a ring of entries, and the data, in one mapping. Numbers in it are the machine's own, which is little-endian here.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap};

use crate::Result;
use crate::link::Answer;

/// Offsets in the mailbox.
const RING_AT: usize = 4;
const RING_SIZE: usize = 8;
const HEAD: usize = 12;
const TAIL: usize = 64;

/// Kinds of entries, in the low three bits of their lengths.
const KIND: u32 = 7;
const COMMAND: u32 = 1;
const MANAGEMENT: u32 = 2;

/// Offsets in an entry: its identifier and flags; of a command the number of pieces, the place of the command block and
/// the pieces; of its answer; of task management.
const ID: usize = 4;
const USER_FLAGS: usize = 7;
const PIECES: usize = 8;
const BLOCK_AT: usize = 24;
const PIECE: usize = 48;
const STATUS: usize = 8;
const READ_LENGTH: usize = 12;
const SENSE: usize = 16;
const SENSE_MAX: usize = 96;
const FUNCTION: usize = 8;
const ID_COUNT: usize = 12;
const IDS: usize = 32;

/// The flag that says that `READ_LENGTH` counts.
const HAS_LENGTH: u8 = 2;

/// A part of a command's data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece {
    at: usize,
    /// Bytes.
    pub(crate) length: usize,
}

/// A command.
pub(crate) struct Request {
    /// Which its answer names.
    pub(crate) id: u16,
    /// The command block, with what lies behind it.
    pub(crate) cdb: [u8; 16],
    /// Where its data lies.
    pub(crate) pieces: Vec<Piece>,
}

/// What the kernel has put into the ring.
pub(crate) enum Entry {
    Command(Request),
    Management { function: u8, ids: Vec<u16> },
    Padding,
}

/// The mapping.
pub(crate) struct Ring {
    base: NonNull<c_void>,
    size: usize,
    device: File,
    /// Where the next entry lies that was not read yet.
    next: usize,
}

impl Ring {
    /// Maps the ring of a UIO device.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let device =
            File::options().read(true).write(true).open(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let size = format!("/sys/class/uio/{name}/maps/map0/size");
        let text = fs::read_to_string(&size).map_err(|e| format!("{size}: {e}"))?;
        let digits = text.trim().trim_start_matches("0x");
        let size = usize::from_str_radix(digits, 16).map_err(|e| format!("{size}: {e}"))?;
        let length = NonZeroUsize::new(size).filter(|size| size.get() > TAIL + 4).ok_or("the ring is empty")?;
        let protection = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a new mapping at an address that the kernel picks, of the size that the device says it has.
        let base = unsafe { mmap(None, length, protection, MapFlags::MAP_SHARED, &device, 0) };
        let base = base.map_err(|e| format!("{}: {e}", path.display()))?;
        let mut ring = Self { base, size, device, next: 0 };
        ring.next = ring.load(TAIL)?;
        Ok(ring)
    }

    /// Bytes of the ring proper.
    pub(crate) fn length(&self) -> usize {
        self.load(RING_SIZE).unwrap_or_default()
    }

    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }

    /// Takes the kernel's call.
    pub(crate) fn acknowledge(&mut self) -> Result<()> {
        self.device.read_exact(&mut [0; 4]).map_err(|e| format!("the ring: {e}"))
    }

    /// Tells the kernel that there are answers.
    pub(crate) fn tell(&mut self) -> Result<()> {
        self.device.write_all(&[0; 4]).map_err(|e| format!("the ring: {e}"))
    }

    /// The next entry that the kernel has put in.
    pub(crate) fn next(&mut self) -> Result<Option<Entry>> {
        if self.next == self.load(HEAD)? {
            return Ok(None);
        }
        let at = self.entry(self.next)?;
        let (kind, length) = self.header(at)?;
        self.next = (self.next + length) % self.length().max(1);
        Ok(Some(match kind {
            COMMAND => Entry::Command(self.request(at)?),
            MANAGEMENT => {
                let count = self.word(at + ID_COUNT)?;
                let ids = (0..count).map(|index| self.bytes(at + IDS + 2 * index).map(u16::from_le_bytes));
                Entry::Management { function: self.bytes::<1>(at + FUNCTION)?[0], ids: ids.collect::<Result<_>>()? }
            }
            _ => Entry::Padding,
        }))
    }

    fn request(&self, at: usize) -> Result<Request> {
        let count = self.word(at + PIECES)?;
        let long = |at| self.bytes(at).map(|bytes| usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX));
        let piece = |index| {
            let at = at + PIECE + 16 * index;
            Ok(Piece { at: long(at)?, length: long(at + 8)? })
        };
        Ok(Request {
            id: u16::from_le_bytes(self.bytes(at + ID)?),
            cdb: self.bytes(long(at + BLOCK_AT)?)?,
            pieces: (0..count).map(piece).collect::<Result<_>>()?,
        })
    }

    /// Answers a command. The answer goes into the oldest entry, whosever it was: it names the command, and answers may
    /// overtake each other.
    pub(crate) fn complete(&mut self, id: u16, answer: &Answer) -> Result<()> {
        self.pass_others()?;
        let tail = self.load(TAIL)?;
        let at = self.entry(tail)?;
        let (_, length) = self.header(at)?;
        // Nothing at all cannot be said with GOOD: 0 bytes are taken for all of them.
        let has_length = answer.bytes > 0 || answer.reply.status == 0;
        self.put(at + ID, &id.to_le_bytes())?;
        self.put(at + USER_FLAGS, &[if has_length { HAS_LENGTH } else { 0 }])?;
        self.put(at + STATUS, &[answer.reply.status, 0, 0, 0])?;
        self.put(at + READ_LENGTH, &u32::try_from(answer.bytes).unwrap_or(u32::MAX).to_le_bytes())?;
        let mut sense = answer.reply.sense.clone();
        sense.resize(SENSE_MAX, 0);
        self.put(at + SENSE, &sense)?;
        self.store(TAIL, (tail + length) % self.length().max(1))?;
        self.pass_others()
    }

    /// Entries without an answer are only passed over.
    fn pass_others(&mut self) -> Result<()> {
        loop {
            let tail = self.load(TAIL)?;
            if tail == self.next {
                return Ok(());
            }
            let (kind, length) = self.header(self.entry(tail)?)?;
            if kind == COMMAND {
                return Ok(());
            }
            self.store(TAIL, (tail + length) % self.length().max(1))?;
        }
    }

    /// Collects the data that came with a command.
    pub(crate) fn gather(&self, pieces: &[Piece], mut data: &mut [u8]) -> Result<()> {
        for piece in pieces {
            let (part, rest) = data.split_at_mut_checked(piece.length).ok_or("pieces longer than their sum")?;
            self.get(piece.at, part)?;
            data = rest;
        }
        Ok(())
    }

    /// Lays data out in the pieces of a command.
    pub(crate) fn scatter(&self, mut data: &[u8], pieces: &[Piece]) -> Result<()> {
        for piece in pieces {
            let (part, rest) = data.split_at(piece.length.min(data.len()));
            self.put(piece.at, part)?;
            data = rest;
        }
        Ok(())
    }

    fn entry(&self, at: usize) -> Result<usize> {
        Ok(self.word(RING_AT)? + at)
    }

    /// Kind and length of an entry.
    fn header(&self, at: usize) -> Result<(u32, usize)> {
        let word = u32::from_le_bytes(self.bytes(at)?);
        let length = (word & !KIND) as usize;
        if length == 0 { Err("an entry of no length".into()) } else { Ok((word & KIND, length)) }
    }

    fn word(&self, at: usize) -> Result<usize> {
        self.bytes(at).map(|bytes| u32::from_le_bytes(bytes) as usize)
    }

    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.get(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Where `length` bytes from `at` on lie, when all of them do.
    fn place(&self, at: usize, length: usize) -> Result<*mut u8> {
        at.checked_add(length).filter(|end| *end <= self.size).ok_or("the ring names a place outside itself")?;
        Ok(self.base.as_ptr().cast::<u8>().wrapping_add(at))
    }

    fn get(&self, at: usize, bytes: &mut [u8]) -> Result<()> {
        let from = self.place(at, bytes.len())?;
        // SAFETY: `place` checked that the range lies in the mapping, which lives as long as the program. The kernel
        // leaves what it has handed over alone until it is answered.
        unsafe { std::ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), bytes.len()) };
        Ok(())
    }

    fn put(&self, at: usize, bytes: &[u8]) -> Result<()> {
        let to = self.place(at, bytes.len())?;
        // SAFETY: as in `get`; what is not answered yet is the handler's to write.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// One of the mailbox's numbers, which both sides change.
    fn number(&self, at: usize) -> Result<&AtomicU32> {
        let place = self.place(at, 4)?.cast::<u32>();
        // SAFETY: `place` checked the range; the mapping begins at a page and every offset here is a multiple of four.
        Ok(unsafe { AtomicU32::from_ptr(place) })
    }

    fn load(&self, at: usize) -> Result<usize> {
        Ok(self.number(at)?.load(Ordering::Acquire) as usize)
    }

    fn store(&self, at: usize, value: usize) -> Result<()> {
        self.number(at)?.store(u32::try_from(value).map_err(|e| e.to_string())?, Ordering::Release);
        Ok(())
    }
}
