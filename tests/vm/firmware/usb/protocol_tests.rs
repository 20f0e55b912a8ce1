//! Both protocols at the device's side of the pipes, over a drive with a small disc.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use super::cable::Transfer;
use super::transfers::{Done, Pipes};
use super::{Attached, BulkOnly, Protocol};
use crate::journal::Journal;
use crate::link::Firmware;

const DISC: usize = 64 * 2048;
const STALL: i32 = -32;
const TEST_UNIT_READY: [u8; 6] = [0; 6];

fn read(lba: u8, count: u8) -> [u8; 10] {
    [0x28, 0, 0, 0, 0, lba, 0, 0, count, 0]
}

/// A drive whose disc holds in each byte the number of its sector.
fn firmware(plan: &str) -> (TempDir, Firmware) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    fs::write(path("disc"), (0..DISC).map(|at| (at / 2048) as u8).collect::<Vec<_>>()).unwrap();
    fs::write(path("plan"), format!("rate 100000\nseek_s 0\nstroke_s 0\nbad_s 0\ncmd_ms 0\n{plan}")).unwrap();
    let mut firmware =
        Firmware::new(&format!("{},profile=bd", path("disc")), Journal::open(&path("log")).unwrap()).unwrap();
    assert!(firmware.word(&["plan", &path("plan")]).unwrap());
    (folder, firmware)
}

fn wait(pipes: &mut Pipes, endpoint: u32, sequence: u32, length: usize) {
    pipes.wait(Transfer { sequence, is_in: true, endpoint, flags: 1, length, setup: [0; 8], data: Vec::new() });
}

/// Long after whatever is due.
fn give(protocol: &mut dyn Protocol, pipes: &mut Pipes, firmware: &Firmware) -> Vec<Done> {
    protocol.give(pipes, firmware.now() + Duration::from_secs(60));
    pipes.done()
}

/// A command block wrapper.
fn wrapper(tag: u8, cdb: &[u8], expected: u32, is_in: bool) -> Vec<u8> {
    let mut bytes = [&b"USBC"[..], &[tag, 0, 0, 0], &expected.to_le_bytes()].concat();
    bytes.extend([u8::from(is_in) << 7, 0, cdb.len() as u8]);
    bytes.extend(cdb);
    bytes.resize(31, 0);
    bytes
}

/// Sends a command and asks for its data and its status, as the kernel does: what came, the status wrapper, and whether
/// the pipe was halted in between.
fn bulk(device: &mut BulkOnly, firmware: &mut Firmware, cdb: &[u8], expected: u32) -> (Vec<u8>, Vec<u8>, bool) {
    let mut pipes = Pipes::default();
    device.came(2, &wrapper(7, cdb, expected, true), firmware);
    let (mut data, mut halted) = (Vec::new(), false);
    if expected > 0 {
        wait(&mut pipes, 1, 1, expected as usize);
        let done = give(device, &mut pipes, firmware);
        (data, halted) = (done[0].data.clone(), done[0].status == STALL);
        pipes.clear_halt(1);
    }
    wait(&mut pipes, 1, 2, 13);
    let mut done = give(device, &mut pipes, firmware);
    if done[0].status == STALL {
        halted = true;
        pipes.clear_halt(1);
        wait(&mut pipes, 1, 3, 13);
        done = give(device, &mut pipes, firmware);
    }
    assert_eq!((done.len(), done[0].status, &done[0].data[..8]), (1, 0, &b"USBS\x07\0\0\0"[..]));
    (data, done[0].data[8..].to_vec(), halted)
}

#[test]
fn bulk_only_tells_data_residue_and_status() {
    let (_folder, mut firmware) = firmware("bads 10 1 0\nanswer 1 1 host:07");
    let mut device = BulkOnly::default();
    // The unit attention of its first moment, which is asked for with a command of its own.
    assert_eq!(bulk(&mut device, &mut firmware, &TEST_UNIT_READY, 0).1, [0, 0, 0, 0, 1]);
    let (sense, status, _) = bulk(&mut device, &mut firmware, &[3, 0, 0, 0, 18, 0], 18);
    assert_eq!((sense[2], sense[12], status), (6, 0x29, vec![0; 5]));

    let (data, status, halted) = bulk(&mut device, &mut firmware, &read(4, 2), 4096);
    assert_eq!((data, status, halted), ([vec![4; 2048], vec![5; 2048]].concat(), vec![0; 5], false));

    // Two sectors before the bad one: the transfer ends short, and the pipe is halted where nothing comes.
    let (data, status, halted) = bulk(&mut device, &mut firmware, &read(8, 4), 8192);
    assert_eq!((data.len(), status, halted), (4096, vec![0, 0x10, 0, 0, 1], false));
    let (data, status, halted) = bulk(&mut device, &mut firmware, &read(10, 1), 2048);
    assert_eq!((data.len(), status, halted), (0, vec![0, 8, 0, 0, 1], true));

    let (_, status, _) = bulk(&mut device, &mut firmware, &read(32, 1), 2048);
    assert_eq!(status[4], 2, "a way that fails is a phase error");
    assert!(device.claim(Some(512)));
    assert_eq!(bulk(&mut device, &mut firmware, &read(4, 1), 2048).1, [0, 2, 0, 0, 0]);
}

#[test]
fn bulk_only_takes_settings_and_forgets_a_command_that_hangs() {
    let (_folder, mut firmware) = firmware("answer 1 1 hang");
    let mut device = BulkOnly::default();
    bulk(&mut device, &mut firmware, &TEST_UNIT_READY, 0);
    let page = [0, 0, 0, 0, 0, 0, 0, 0, 1, 10, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0];
    device.came(2, &wrapper(7, &[0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0], 20, false), &mut firmware);
    device.came(2, &page, &mut firmware);
    let mut pipes = Pipes::default();
    wait(&mut pipes, 1, 1, 13);
    assert_eq!(give(&mut device, &mut pipes, &firmware)[0].data[8..], [0; 5]);
    let now = bulk(&mut device, &mut firmware, &[0x5A, 8, 1, 0, 0, 0, 0, 0, 20, 0], 20).0;
    assert_eq!(now[8..], page[8..]);

    device.came(2, &wrapper(9, &read(32, 1), 2048, true), &mut firmware);
    wait(&mut pipes, 1, 2, 2048);
    assert_eq!((give(&mut device, &mut pipes, &firmware), device.due()), (Vec::new(), Vec::new()));
    assert!(pipes.take_back(2) && !pipes.take_back(2));
    device.reset();
    assert_eq!(bulk(&mut device, &mut firmware, &read(4, 1), 2048).1, [0; 5]);
}

/// A command unit.
fn command_unit(tag: u8, cdb: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 16];
    (bytes[0], bytes[3]) = (1, tag);
    bytes.extend(cdb);
    bytes.resize(32, 0);
    bytes
}

/// Sends a command and asks on both pipes as long as something comes: the units, and the data.
fn attached(device: &mut Attached, firmware: &mut Firmware, cdb: &[u8], list: &[u8]) -> (Vec<Vec<u8>>, Vec<u8>) {
    device.came(1, &command_unit(3, cdb), firmware);
    let (mut pipes, mut units, mut data) = (Pipes::default(), Vec::new(), Vec::new());
    wait(&mut pipes, 1, 1, 64);
    loop {
        let done = give(device, &mut pipes, firmware);
        if done.is_empty() {
            return (units, data);
        }
        for done in done {
            match done.sequence {
                1 => {
                    match done.data[0] {
                        6 => wait(&mut pipes, 2, 2, 65536),
                        7 => device.came(2, list, firmware),
                        _ => {}
                    }
                    units.push(done.data);
                    wait(&mut pipes, 1, 1, 64);
                }
                _ => data = done.data,
            }
        }
    }
}

#[test]
fn attached_scsi_calls_for_data_and_ends_with_sense() {
    let (_folder, mut firmware) = firmware("bads 10 1 0\nanswer 1 1 host:04");
    let mut device = Attached::default();
    let (units, _) = attached(&mut device, &mut firmware, &TEST_UNIT_READY, &[]);
    assert_eq!((units.len(), units[0][..8].to_vec()), (1, vec![3, 0, 0, 3, 0, 0, 2, 0]));
    assert_eq!((units[0][15], units[0][16 + 2], units[0][16 + 12]), (18, 6, 0x29));

    let (units, data) = attached(&mut device, &mut firmware, &read(4, 2), &[]);
    assert_eq!(data, [vec![4; 2048], vec![5; 2048]].concat());
    assert_eq!(units.iter().map(|unit| unit[0]).collect::<Vec<_>>(), [6, 3]);
    assert_eq!((units[1].len(), units[1][6]), (16, 0));

    let (units, data) = attached(&mut device, &mut firmware, &read(8, 4), &[]);
    assert_eq!((data.len(), units[1][6], units[1][16 + 2]), (4096, 2, 3));
    let (units, data) = attached(&mut device, &mut firmware, &read(10, 1), &[]);
    assert_eq!((data.len(), units.len(), units[0][6]), (0, 1, 2));

    let page = [0, 0, 0, 0, 0, 0, 0, 0, 1, 10, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0];
    let (units, _) = attached(&mut device, &mut firmware, &[0x55, 0x10, 0, 0, 0, 0, 0, 0, 20, 0], &page);
    assert_eq!(units.iter().map(|unit| (unit[0], unit.get(6).copied())).collect::<Vec<_>>(), [(7, None), (3, Some(0))]);
    let (_, now) = attached(&mut device, &mut firmware, &[0x5A, 8, 1, 0, 0, 0, 0, 0, 20, 0], &[]);
    assert_eq!(now[8..], page[8..]);

    let (units, _) = attached(&mut device, &mut firmware, &read(32, 1), &[]);
    assert_eq!(units, [[4, 0, 0, 3, 0, 0, 0, 9]], "no such logical unit");
}
