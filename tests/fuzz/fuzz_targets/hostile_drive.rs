//! A drive that answers anything: it is opened, looked at and read from, its settings are changed and given back.
//!
//! The input is a row of answers, each as its status, host status, length of sense data and of data (two bytes,
//! big-endian) and those bytes; when they have come to their end, they begin again.
#![no_main]

use std::io;
use std::sync::Arc;
use std::time::Duration;

use freemkv::base::clock::{Clock, VirtualClock};
use freemkv::base::sector::SectorRange;
use freemkv::drive::{Drive, DriveOptions};
use freemkv::scsi::{Data, Reply, Transport};
use freemkv::source::drive::DriveSource;
use freemkv::source::{ReadRequest, SectorSource};
use libfuzzer_sys::fuzz_target;

/// Commands that are answered; then the drive is gone.
const COMMANDS: usize = 300;

struct Hostile {
    answers: Vec<u8>,
    at: usize,
    left: usize,
    clock: VirtualClock,
}

impl Hostile {
    fn take(&mut self, count: usize) -> Vec<u8> {
        let there = count.min(self.answers.len() - self.at);
        let bytes = self.answers[self.at..self.at + there].to_vec();
        self.at = (self.at + there) % self.answers.len();
        bytes
    }
}

impl Transport for Hostile {
    fn execute(&mut self, _: &[u8], data: Data<'_>, _: Duration) -> io::Result<Reply> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::NotConnected)?;
        let head = self.take(5);
        let byte = |at: usize| head.get(at).copied().unwrap_or(0);
        let sense = self.take(byte(2).into());
        let length = u16::from_be_bytes([byte(3), byte(4)]);
        let mut residual = data.len();
        if let Data::In(buffer) = data {
            let bytes = self.take(usize::from(length).min(buffer.len()));
            buffer[..bytes.len()].copy_from_slice(&bytes);
            residual = buffer.len() - bytes.len();
        }
        let duration = Duration::from_millis(u64::from(length));
        self.clock.sleep(duration);
        let (status, host_status) = (byte(0), u16::from(byte(1)));
        Ok(Reply { status, host_status, sense, residual, duration, ..Reply::default() })
    }

    fn max_transfer(&self) -> usize {
        1 << 17
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }
}

fuzz_target!(|data: &[u8]| {
    if data.is_empty() {
        return;
    }
    let drive = Hostile { answers: data.to_vec(), at: 0, left: COMMANDS, clock: VirtualClock::new() };
    let options = DriveOptions {
        name: "hostile".into(),
        state_folder: None,
        leave_settings: false,
        lock: true,
        cancel: Default::default(),
    };
    let Ok(mut drive) = Drive::open(Box::new(drive), options) else { return };
    let sectors = drive.facts().sectors;
    let most = drive.facts().max_sectors;
    let mut buffer = vec![0; most as usize * 2048];
    for start in [0, sectors / 2, sectors.saturating_sub(most), 0] {
        let length = most.min(sectors - start.min(sectors));
        if length == 0 {
            continue;
        }
        let range = SectorRange::with_len(start, length);
        let request = ReadRequest { range, fua: start == 0, time_limit: Duration::from_secs(60) };
        let outcome = drive.read(&request, &mut buffer[..length as usize * 2048]);
        assert!(outcome.sectors <= length);
        let _ = (drive.is_well(), drive.take_incidents());
    }
    let _ = drive.is_same_medium();
    drive.give_back();
});
