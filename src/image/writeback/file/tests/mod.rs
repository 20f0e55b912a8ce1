mod marks;

use std::io::{self, Seek, SeekFrom, Write};

use proptest::prelude::*;

use super::super::fake_sink::{Call, FakeOutput};
use super::super::strategy::DontCache;
use super::super::window::{ByteRange, LARGEST, SMALLEST};
use super::*;
use crate::base::testing::skip;

const MIB: u64 = 1 << 20;
/// What sweep hands over at a time.
const BLOCK: usize = 64 * 1024;

fn open(output: &FakeOutput, choice: WriteChoice) -> WritebackFile {
    WritebackFile::new(output.sink(), Path::new("disc.iso"), choice, Arc::new(output.clock.clone())).unwrap()
}

/// Writes `len` bytes from `offset` as sweep does.
fn stream(file: &mut WritebackFile, offset: u64, len: u64) -> Result<(), ImageError> {
    (offset..offset + len).step_by(BLOCK).try_for_each(|at| file.write_at(at, &[7; BLOCK]))
}

fn assert_eio(error: &ImageError) {
    assert_eq!(error.cause().unwrap().raw_os_error(), Some(libc::EIO), "{error}");
}

#[test]
fn each_window_is_started_once_waited_for_and_dropped_and_the_bytes_arrive() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Auto);
    assert_eq!(file.strategy().name(), "window");
    for i in 0..160_u32 {
        file.write_at(u64::from(i) * BLOCK as u64, &[i as u8; BLOCK]).unwrap();
    }
    file.sync_all().unwrap();
    let bytes = output.bytes();
    assert!((0..160).all(|i| bytes[i * BLOCK..(i + 1) * BLOCK].iter().all(|b| *b == i as u8)));

    let calls = output.calls();
    let ranges = |wanted: fn(&Call) -> Option<ByteRange>| -> Vec<_> { calls.iter().filter_map(wanted).collect() };
    let started = ranges(|c| if let Call::Start(r) = c { Some(*r) } else { None });
    assert_eq!(started.iter().map(|r| r.len).collect::<Vec<_>>(), [SMALLEST, SMALLEST, 2 * MIB]);
    assert_eq!(ranges(|c| if let Call::Wait(r) = c { Some(*r) } else { None }), started);
    assert_eq!(ranges(|c| if let Call::Drop(r) = c { Some(*r) } else { None }), started);
    assert_eq!(calls.last(), Some(&Call::Sync));
}

#[test]
fn no_more_than_two_windows_are_dirty_under_any_strategy() {
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain] {
        let mut output = FakeOutput::new();
        output.keep = false;
        output.facts.dont_cache = DontCache::Yes;
        let mut file = open(&output, choice);
        stream(&mut file, 0, 400 * MIB).unwrap();
        for i in (0..2000).rev() {
            file.write_at(i * 3 * MIB, &[1; BLOCK]).unwrap();
        }
        assert!(output.most_dirty() <= 2 * LARGEST, "{choice:?}: {}", output.most_dirty());
        assert!(output.most_dirty() >= SMALLEST);
    }
}

#[test]
fn plain_uses_nothing_but_writes_and_syncs() {
    let mut output = FakeOutput::new();
    output.keep = false;
    let mut file = open(&output, WriteChoice::Plain);
    stream(&mut file, 0, 100 * MIB).unwrap();
    drop(file);
    assert!(output.calls().iter().all(|c| matches!(c, Call::Write(_) | Call::Sync | Call::Close)));
}

#[test]
fn a_wait_over_the_limit_degrades_and_a_wait_in_time_lifts_it() {
    let mut output = FakeOutput::new();
    output.keep = false;
    let mut file = open(&output, WriteChoice::Window);
    output.hold(WAIT_LIMIT + Duration::from_secs(1));
    stream(&mut file, 0, 12 * MIB).unwrap();
    assert!(file.degraded() && file.was_degraded());
    stream(&mut file, 12 * MIB, 100 * MIB).unwrap();
    let waits = |output: &FakeOutput| output.count(|c| matches!(c, Call::Wait(_)));
    assert_eq!(waits(&output), 1, "waiting stopped");
    assert!(output.count(|c| matches!(c, Call::Start(_))) > 4, "write-out is still started");

    // Both waits that were asked for are late by now and do not lift it; the next one, in time, does.
    output.clock.sleep(WAIT_LIMIT * 2);
    output.release();
    let mut offset = 112 * MIB;
    while file.degraded() {
        stream(&mut file, offset, MIB).unwrap();
        offset += MIB;
    }
    assert!(waits(&output) >= 3);
    assert!(file.was_degraded());
    file.sync_all().unwrap();
}

#[test]
fn a_network_file_system_is_written_out_but_never_waited_for_nor_dropped() {
    let mut output = FakeOutput::new();
    output.keep = false;
    output.facts.network = true;
    for choice in [WriteChoice::Window, WriteChoice::Plain] {
        let mut file = open(&output, choice);
        output.hold(WAIT_LIMIT * 2);
        stream(&mut file, 0, 100 * MIB).unwrap();
        output.release();
        assert!(!file.was_degraded());
    }
    assert!(output.count(|c| matches!(c, Call::Start(_))) > 3);
    assert_eq!(output.count(|c| matches!(c, Call::Wait(_) | Call::Drop(_) | Call::Sync)), 0);
}

#[test]
fn dropping_drains_closes_and_does_not_sync() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    stream(&mut file, 0, 6 * MIB).unwrap();
    drop(file);
    assert_eq!(output.count(|c| matches!(c, Call::Wait(_))), 2);
    assert_eq!(output.count(|c| matches!(c, Call::Sync)), 0);
    assert_eq!(output.count(|c| matches!(c, Call::Close)), 2);
}

#[test]
fn dropping_does_not_outlast_the_limit_when_the_output_hangs() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    stream(&mut file, 0, MIB).unwrap();
    output.hold(WAIT_LIMIT * 3);
    drop(file);
    assert_eq!(output.count(|c| matches!(c, Call::Close)), 0, "left to the thread that hangs");
    output.release();
}

#[test]
fn a_redundant_seek_is_no_boundary_and_a_real_one_drains() {
    let output = FakeOutput::new();
    let mut file = open(&output, WriteChoice::Window);
    file.write_all(&[1; BLOCK]).unwrap();
    assert_eq!(file.stream_position().unwrap(), BLOCK as u64);
    file.seek(SeekFrom::Start(0)).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(&[2; BLOCK]).unwrap();
    assert_eq!(output.count(|c| matches!(c, Call::Start(_))), 0);
    file.seek(SeekFrom::Start(5)).unwrap();
    file.write_all(b"head").unwrap();
    let whole = ByteRange { offset: 0, len: 2 * BLOCK as u64 };
    assert!(output.calls().ends_with(&[
        Call::Start(whole),
        Call::Wait(whole),
        Call::Drop(whole),
        Call::Write(ByteRange { offset: 5, len: 4 }),
    ]));
    assert!(file.seek(SeekFrom::Current(-100)).is_err());
    let mut head = [0; 6];
    file.read_at(4, &mut head).unwrap();
    assert_eq!(&head, b"\x01head\x01");
}

#[test]
fn a_pipe_takes_bytes_in_order_only() {
    let (mut reader, writer) = io::pipe().unwrap();
    let file = File::from(std::os::fd::OwnedFd::from(writer));
    let clock = Arc::new(crate::base::clock::VirtualClock::new());
    let mut file = WritebackFile::from_file(file, Path::new("pipe"), WriteChoice::Auto, clock).unwrap();
    assert_eq!((file.kind(), file.strategy().name()), (OutputKind::Stream, "plain"));
    file.write_at(0, b"ab").unwrap();
    assert!(matches!(file.write_at(5, b"x"), Err(ImageError::OutOfOrder { expected: 2, offset: 5, .. })));
    assert!(file.seek(SeekFrom::Start(0)).is_err());
    assert!(matches!(file.read_at(0, &mut [0]), Err(ImageError::Unsupported { .. })));
    file.write_all(b"cd").unwrap();
    let mark = file.mark().unwrap();
    assert_eq!(file.poll_mark().unwrap().unwrap(), mark);
    file.sync_all().unwrap();
    drop(file);
    let mut all = String::new();
    io::Read::read_to_string(&mut reader, &mut all).unwrap();
    assert_eq!(all, "abcd");
}

#[test]
fn a_choice_that_the_output_cannot_take_is_refused() {
    let mut output = FakeOutput::new();
    output.facts.can_write_out = false;
    output.direct = false;
    let refused = |output: &FakeOutput, choice| {
        WritebackFile::new(output.sink(), Path::new("x"), choice, Arc::new(output.clock.clone())).err()
    };
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct] {
        assert!(matches!(refused(&output, choice), Some(ImageError::Unsupported { .. })));
    }
    assert_eq!(open(&output, WriteChoice::Auto).strategy(), WriteStrategy::Plain);
    output.facts.can_write_out = true;
    let text = refused(&output, WriteChoice::Direct).unwrap().to_string();
    assert_eq!(text, "x cannot be written past the cache (--write direct)");
}

#[test]
fn small_writes_are_gathered_and_the_kernel_is_left_to_write_them_out() {
    let mut output = FakeOutput::new();
    output.facts.dont_cache = DontCache::Yes;
    let mut file = open(&output, WriteChoice::Auto);
    assert_eq!(file.strategy().name(), "dontcache");
    stream(&mut file, 0, 6 * MIB).unwrap();
    file.write_at(6 * MIB, &[1; 2048]).unwrap();
    assert_eq!(file.length().unwrap(), 6 * MIB + 2048);
    let mut last = [0; 2048];
    file.read_at(6 * MIB, &mut last).unwrap();
    assert_eq!(last, [1; 2048], "what waits is read as well");
    file.sync_all().unwrap();
    let writes: Vec<u64> =
        output.calls().iter().filter_map(|c| if let Call::Write(r) = c { Some(r.len) } else { None }).collect();
    assert_eq!(writes, [MIB, MIB, MIB, MIB, MIB, MIB, 2048]);
    assert_eq!(output.count(|c| matches!(c, Call::Start(_))), 0);
    assert_eq!(output.count(|c| matches!(c, Call::Wait(_))), 2);
    assert_eq!(output.calls().last(), Some(&Call::Sync));
}

#[test]
fn a_file_system_that_says_yes_and_means_no_is_written_in_windows_unless_a_person_insists() {
    let mut output = FakeOutput::new();
    output.facts.dont_cache = DontCache::Yes;
    output.lies = true;
    let mut file = open(&output, WriteChoice::Auto);
    stream(&mut file, 0, 12 * MIB).unwrap();
    assert_eq!(file.strategy().name(), "window");
    file.sync_all().unwrap();
    assert!(output.bytes() == vec![7; 12 << 20]);
    assert!(output.most_dirty() <= 2 * SMALLEST);

    let mut file = open(&output, WriteChoice::DontCache);
    let refused = stream(&mut file, 0, 2 * MIB).unwrap_err();
    assert!(matches!(refused, ImageError::Unsupported { .. }), "{refused}");
    assert!(file.sync_all().is_err());
}

/// Real files: what the kernel is asked for must come out the same whatever the way.
#[test]
fn every_strategy_writes_the_same_file() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    // Odd places and lengths, as after damage; memory that is not aligned.
    let writes = [(0, 70_000), (70_000, 3 * MIB + 777), (9 * MIB + 2048, 40_960), (2048, 2048), (5 * MIB, 6 * MIB)];
    let data: Vec<u8> = (0..12_u32 << 20).map(|i| (i % 251) as u8).collect();
    let mut model = vec![0; 11 << 20];
    for choice in [WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain] {
        let path = folder.path().join(format!("{choice:?}"));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        let clock = Arc::new(crate::base::clock::SystemClock::new());
        let mut file = match WritebackFile::from_file(file, &path, choice, clock) {
            Err(ImageError::Unsupported { what, .. }) => {
                skip(&format!("a file here cannot {what}"));
                continue;
            }
            opened => opened.unwrap(),
        };
        for (i, (offset, len)) in writes.into_iter().enumerate() {
            let (at, len) = (usize::try_from(offset).unwrap(), usize::try_from(len).unwrap());
            let bytes = &data[i * 1001..i * 1001 + len];
            file.write_at(offset, bytes).unwrap();
            model[at..at + len].copy_from_slice(bytes);
            if i == 2 {
                file.mark().unwrap();
            }
            let mut back = vec![0; len];
            file.read_at(offset, &mut back).unwrap();
            assert!(back == bytes);
        }
        file.sync_all().unwrap();
        assert!(std::fs::read(&path).unwrap() == model, "{choice:?}");
    }
}

#[test]
fn a_helper_that_ended_is_an_error_and_nobody_waits_for_it() {
    let mut output = FakeOutput::new();
    output.panics = true;
    let mut file = open(&output, WriteChoice::Window);
    file.mark().unwrap();
    assert!(file.wait_mark(Duration::MAX).unwrap().is_err());
    assert!(stream(&mut file, 0, 20 * MIB).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_written_where_arrives_and_every_window_is_settled_once(
        writes in prop::collection::vec((any::<bool>(), 0..12_000_usize, 1..700_000_usize, any::<u8>()), 1..30),
        choice in prop::sample::select(vec![
            WriteChoice::DontCache, WriteChoice::Window, WriteChoice::Direct, WriteChoice::Plain,
        ]),
        mark_every in 1..5_usize,
    ) {
        let mut output = FakeOutput::new();
        output.facts.dont_cache = DontCache::Yes;
        let mut file = open(&output, choice);
        // Room for the farthest seek and all writes behind it.
        let (mut model, mut length) = (vec![0; 48 << 20], 0);
        let mut position = 0;
        for (i, (seek, sector, len, byte)) in writes.into_iter().enumerate() {
            if seek {
                position = sector * 2048;
            }
            file.write_at(position as u64, &vec![byte; len]).unwrap();
            length = length.max(position + len);
            model[position..position + len].fill(byte);
            position += len;
            if i % mark_every == 0 {
                file.mark().unwrap();
            }
            if let Some(answer) = file.poll_mark() {
                answer.unwrap();
            }
        }
        file.sync_all().unwrap();
        while file.mark_under_way() {
            if let Some(answer) = file.wait_mark(Duration::MAX) {
                answer.unwrap();
            }
        }
        prop_assert!(output.bytes() == model[..length]);
        let calls = output.calls();
        let of = |wanted: fn(&Call) -> Option<ByteRange>| calls.iter().filter_map(wanted).collect::<Vec<_>>();
        let started = of(|c| if let Call::Start(r) = c { Some(*r) } else { None });
        let waited = of(|c| if let Call::Wait(r) = c { Some(*r) } else { None });
        let kernel_starts = choice == WriteChoice::DontCache;
        prop_assert_eq!(&started, if kernel_starts { &[] } else { waited.as_slice() });
        prop_assert_eq!(&of(|c| if let Call::Drop(r) = c { Some(*r) } else { None }), &waited);
        prop_assert!(output.most_dirty() <= 2 * LARGEST);
    }
}
